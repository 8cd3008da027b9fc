package main_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
)

// manyFiles is the number of files of TestManyFiles; CODESUITE_BRANCH_FILES is
// another one.
const manyFiles = 1200

// A new branch of many files, three of which have changed, costs few calls of
// CodeCommit: its first commit starts from the archive of its own last one.
func TestManyFiles(t *testing.T) {
	t.Parallel()
	count := manyFiles
	if text := os.Getenv("CODESUITE_BRANCH_FILES"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		count = n
	}
	random := rand.New(rand.NewPCG(3, 5))
	files := make(fstest.MapFS)
	for i := range count {
		data := make([]byte, 2000+random.IntN(18000))
		for j := range data {
			data[j] = "abcdefghijklmnopqrstuvwxyz \n"[random.IntN(28)]
		}
		files[fmt.Sprintf("src/p%d/f%d.go", i/10, i)] = &fstest.MapFile{Data: data}
	}
	w := newWorld(t, "s3")
	f := w.start()
	push := func(files fstest.MapFS) (calls map[string]int, took time.Duration) {
		t.Helper()
		id, err := w.git.Commit(repository, "big", files)
		if err != nil {
			t.Fatal(err)
		}
		e := w.moved("big", id)
		w.git.ResetCalls()
		start := time.Now()
		if result := f.InvokeWithin(t, e.eventBridge(), 5*time.Minute); result.Failed {
			t.Fatal(result.Body)
		}
		took, calls = time.Since(start), w.git.Calls()
		w.pipelines.Settle()
		return calls, took
	}
	calls, took := push(files)
	t.Logf("%d files: %v calls, %s, peak memory so far %s", count, calls, took.Round(10*time.Millisecond), peakMemory(f.PID()))
	f.Stop()
	f = w.start() // a fresh instance, as Lambda may have
	changed := maps.Clone(files)
	for i := range 3 {
		changed[fmt.Sprintf("src/p%d/f%d.go", i, 10*i)] = &fstest.MapFile{Data: fmt.Appendf(nil, "changed %d\n", i)}
	}
	calls, took = push(changed)
	total := 0
	for _, n := range calls {
		total += n
	}
	t.Logf("3 of them changed: %d calls %v, %s, peak memory %s", total, calls, took.Round(10*time.Millisecond), peakMemory(f.PID()))
	if total > 20 {
		t.Errorf("%d calls of CodeCommit for 3 changed files, want at most 20: %v", total, calls)
	}
	if got := w.runs("big"); len(got) != 2 {
		t.Errorf("%d executions, want 2", len(got))
	}
}

// Where the pages of a listing are slow, the archive walks through folders too,
// which its role must allow.
func TestSlowListing(t *testing.T) {
	t.Parallel()
	files := make(fstest.MapFS)
	for i := range 200 {
		files[fmt.Sprintf("p%d/f%d.go", i/5, i)] = &fstest.MapFile{Data: fmt.Appendf(nil, "package p // %d\n", i)}
	}
	w := newWorld(t, "s3")
	w.git.SetFaults(codecommittest.Faults{PageSize: 5, SlowPages: 50 * time.Millisecond})
	id, err := w.git.Commit(repository, "slow", files)
	if err != nil {
		t.Fatal(err)
	}
	w.deliver(w.start(), w.moved("slow", id).eventBridge())
	if w.git.Count("GetFolder") == 0 {
		t.Error("no folder was listed")
	}
	w.git.SetFaults(codecommittest.Faults{})
	w.pipelines.Settle()
	if got := w.runs("slow"); len(got) != 1 {
		t.Errorf("%d executions, want 1", len(got))
	}
}

// peakMemory returns the most memory that the process has had, as far as the
// system tells.
func peakMemory(pid int) string {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return "unknown"
	}
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}
