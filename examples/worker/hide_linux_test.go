package main_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// TestHidden has a command look for the environment of the worker.
func TestHidden(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var user *syscall.Credential
	file := definition(t, `cat /proc/$PPID/environ && exit 3; test -r /proc/self/environ`, nil)
	if os.Getuid() == 0 { // who may read everything
		user = &syscall.Credential{Uid: 65534, Gid: 65534}
		for path, mode := range map[string]os.FileMode{w.dir: os.ModeSticky | 0o777, filepath.Dir(w.dir): 0o755, filepath.Dir(file): 0o755, filepath.Dir(filepath.Dir(file)): 0o755, file: 0o644} {
			if err := os.Chmod(path, mode); err != nil {
				t.Fatal(err)
			}
		}
	}
	id := w.add(t, pipelinetest.JobSpec{}, nil)
	p := w.startAs(t, user, file)
	if job := w.ended(t, id); job.Status != pipelinetest.JobStatusSucceeded {
		t.Errorf("the job is %s: %+v", job.Status, job.Result)
	}
	p.stop(t)
	if log := p.stdout.String(); strings.Contains(log, "secret-of-the-worker") || !strings.Contains(log, "ermission denied") {
		t.Errorf("the command read the environment of the worker: %s", log)
	}
}
