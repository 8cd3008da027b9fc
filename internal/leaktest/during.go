package leaktest

import (
	"bytes"
	"context"
	"fmt"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

var labels atomic.Int64

// During runs do and fails the test if a goroutine that do has started still
// runs in one of the packages after do has returned. A package is told by the
// end of its path, such as "codesuite/codecommit", with all below it. During
// works beside parallel tests: goroutines inherit the label of the one that
// starts them.
func During(t testing.TB, do func(), packages ...string) {
	t.Helper()
	label := strconv.FormatInt(labels.Add(1), 10)
	pprof.Do(context.Background(), pprof.Labels("leaktest", label), func(context.Context) { do() })
	for end := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		left := labelled(t, label, packages)
		if len(left) == 0 {
			return
		}
		if time.Now().After(end) {
			t.Errorf("goroutines are left behind:\n%s", strings.Join(left, "\n\n"))
			return
		}
	}
}

// labelled returns the stacks of the goroutines that have the label and a
// function of the packages.
func labelled(t testing.TB, label string, packages []string) []string {
	t.Helper()
	var profile bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&profile, 1); err != nil {
		t.Fatal(err)
	}
	var left []string
	for stack := range strings.SplitSeq(profile.String(), "\n\n") {
		if strings.Contains(stack, fmt.Sprintf(`"leaktest":"%s"`, label)) &&
			slices.ContainsFunc(packages, func(p string) bool { return strings.Contains(stack, p) }) {
			left = append(left, stack)
		}
	}
	return left
}
