//go:build unix

package main_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
)

// The server does not answer for the files; the signal comes while the command
// waits.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	repo := sampleRepo(t)
	for _, tt := range []struct {
		name   string
		signal os.Signal
		during string // the operation
		args   []string
		want   string
	}{
		{"Ctrl-C", os.Interrupt, "GetBlob", []string{"-o", "a.zip"}, "a.zip is not written"},
		{"Ctrl-C on a file that is there", os.Interrupt, "GetBlob", []string{"-o", "old.tar"}, "old.tar is not written"},
		{"Ctrl-C while the files are listed", os.Interrupt, "GetDifferences", []string{"-o", "a.zip"}, "a.zip is not written"},
		{"Ctrl-C to standard output", os.Interrupt, "GetBlob", nil, "the output is not complete"},
		{"SIGTERM", syscall.SIGTERM, "GetBlob", []string{"-o", "a.tar.gz"}, "a.tar.gz is not written"},
		{"SIGHUP", syscall.SIGHUP, "GetBlob", []string{"-o", "a.tar"}, "a.tar is not written"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := codecommittest.NewServer(t, codecommittest.Git("staging", repo.Dir))
			dir := t.TempDir()
			old := filepath.Join(dir, "old.tar")
			if err := os.WriteFile(old, []byte("old"), 0o600); err != nil {
				t.Fatal(err)
			}
			cmd := atServer(command(t, dir, append([]string{"-repo", "staging"}, tt.args...)...), server)
			var stdout, stderr bytes.Buffer
			cmd.Stdout, cmd.Stderr = &stdout, &stderr

			arrived := make(chan struct{})
			var once sync.Once
			server.OnCall(func(operation string) {
				if operation == tt.during {
					server.SetFaults(codecommittest.Faults{Latency: time.Hour})
					once.Do(func() { close(arrived) })
				}
			})
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			<-arrived
			if err := cmd.Process.Signal(tt.signal); err != nil {
				t.Fatal(err)
			}
			got := wait(t, cmd, &stdout, &stderr)
			if want := "archive: interrupted: " + tt.want + "\n"; got.status != 130 || got.stderr != want {
				t.Errorf("exit status %d, standard error %q, want 130 and %q", got.status, got.stderr, want)
			}
			wantFiles(t, dir, "old.tar")
			if data, err := os.ReadFile(old); err != nil || string(data) != "old" {
				t.Errorf("the old file is %q, %v", data, err)
			}
		})
	}
}

// A job in the background, or one of nohup, is not ended by what its shell
// makes it ignore.
func TestIgnoredSignal(t *testing.T) {
	t.Parallel()
	repo := sampleRepo(t)
	server := codecommittest.NewServer(t, codecommittest.Git("staging", repo.Dir))
	dir := t.TempDir()
	cmd := atServer(command(t, dir, "-repo", "staging", "-o", "a.tar"), server)
	shell := exec.CommandContext(t.Context(), "sh", append([]string{"-c", `trap "" HUP; exec "$@"`, "sh", binary.Path(t)}, cmd.Args[1:]...)...)
	shell.Dir, shell.Env = cmd.Dir, cmd.Env
	var stdout, stderr bytes.Buffer
	shell.Stdout, shell.Stderr = &stdout, &stderr
	arrived := make(chan struct{})
	signaled := make(chan struct{})
	var once sync.Once
	server.OnCall(func(string) {
		once.Do(func() { close(arrived) })
		<-signaled
	})
	if err := shell.Start(); err != nil {
		t.Fatal(err)
	}
	<-arrived
	if err := shell.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	close(signaled)
	if got := wait(t, shell, &stdout, &stderr); got.status != 0 {
		t.Errorf("exit status %d: %s", got.status, got.stderr)
	}
	wantFiles(t, dir, "a.tar")
}

func TestFullDisk(t *testing.T) {
	t.Parallel()
	repo := sampleRepo(t)
	repo.Write("noise", noise(1<<20))
	repo.Commit("Noise")
	disk := t.TempDir()
	if out, err := exec.CommandContext(t.Context(), "mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", disk).CombinedOutput(); err != nil {
		t.Skipf("no small disk can be made: %s", out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", disk).CombinedOutput(); err != nil {
			t.Errorf("umount: %v: %s", err, out)
		}
	})
	got := execute(t, command(t, repo.Dir, "-o", filepath.Join(disk, "a.zip")))
	if got.status != 1 || !strings.Contains(got.stderr, "no space left on device") {
		t.Errorf("exit status %d, standard error %q", got.status, got.stderr)
	}
	wantFiles(t, disk)
}

// noise returns what does not compress, the same each time.
func noise(n int) string {
	b := make([]byte, n)
	x := uint64(1)
	for i := range b {
		x = x*6364136223846793005 + 1442695040888963407
		b[i] = byte(x >> 56)
	}
	return string(b)
}
