// Package leaktest finds goroutines that outlive the tests of a package.
package leaktest

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// patience is how long goroutines may take to end.
const patience = 5 * time.Second

// Main runs the tests and ends the program. It fails if a goroutine is left
// with a function of the package in its stack. Name the package by the end of its
// path, such as "codesuite/codecommit".
func Main(m *testing.M, pkg string) {
	code := m.Run()
	if leaked := leaked(pkg+".", patience); code == 0 && leaked != "" {
		fmt.Fprintf(os.Stderr, "goroutines of the package are left:\n%s\n", leaked)
		code = 1
	}
	os.Exit(code)
}

func leaked(function string, patience time.Duration) string {
	for end := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		buf := make([]byte, 1<<20)
		var leaked []string
		for stack := range strings.SplitSeq(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
			if strings.Contains(stack, function) {
				leaked = append(leaked, stack)
			}
		}
		if len(leaked) == 0 || time.Now().After(end) {
			return strings.Join(leaked, "\n\n")
		}
	}
}
