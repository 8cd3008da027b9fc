package main_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/codesuite-go/codesuite/examples/internal/terminaltest"
)

func TestNoArchiveToTerminal(t *testing.T) {
	t.Parallel()
	repo := sampleRepo(t)
	for _, args := range [][]string{nil, {"-o", "-"}, {"-format=zip", "-o", "/dev/stdout"}} {
		terminal := terminaltest.New(t)
		cmd := command(t, repo.Dir, args...)
		cmd.Stdout = terminal.File
		got := execute(t, cmd)
		if got.status != 2 || !strings.Contains(got.stderr, "is a terminal") {
			t.Errorf("%q: exit status %d, standard error %q", args, got.status, got.stderr)
		}
		if s := terminal.Shown(); s != "" {
			t.Errorf("%q: the terminal shows %q", args, s)
		}
	}
}

func TestProgressBar(t *testing.T) {
	t.Parallel()
	repo := sampleRepo(t)
	for _, tt := range []struct {
		name, terminal string
		args           []string
		bar            bool
	}{
		{"terminal", "xterm", nil, true},
		{"terminal without cursor", "dumb", nil, false},
		{"log", "xterm", []string{"-v"}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			terminal := terminaltest.New(t)
			file := filepath.Join(t.TempDir(), "a.zip")
			cmd := command(t, repo.Dir, append([]string{"-o", file}, tt.args...)...)
			cmd.Env = append(cmd.Env, "TERM="+tt.terminal)
			cmd.Stderr = terminal.File
			if err := cmd.Run(); err != nil {
				t.Fatalf("%v: %s", err, terminal.Shown())
			}
			text := terminal.Shown()
			if got := strings.Contains(text, "Listing files") && strings.Contains(text, "\r"); got != tt.bar {
				t.Errorf("progress shown: %v, want %v: %q", got, tt.bar, text)
			}
			lines := strings.Split(strings.TrimSuffix(text, "\r\n"), "\r")
			if last := strings.TrimSpace(lines[len(lines)-1]); !strings.HasPrefix(last, "archive: commit ") {
				t.Errorf("the last line is %q", last)
			}
		})
	}
}

// TestProgressBarOfManyFiles archives more files than one report of the listing
// tells, with folders, so that the members are more than the files.
func TestProgressBarOfManyFiles(t *testing.T) {
	t.Parallel()
	repo := sampleRepo(t)
	for i := range 2300 {
		repo.Write(fmt.Sprintf("many/%02d/%04d", i%30, i), fmt.Sprint(i))
	}
	repo.Commit("Many")
	terminal := terminaltest.New(t)
	cmd := command(t, repo.Dir, "-o", filepath.Join(t.TempDir(), "a.zip"))
	cmd.Env = append(cmd.Env, "TERM=xterm")
	cmd.Stderr = terminal.File
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %s", err, terminal.Shown())
	}
	text := terminal.Shown()
	percents := regexp.MustCompile(`Archiving +(-?\d+)%`).FindAllStringSubmatch(text, -1)
	last := 0
	for _, m := range percents {
		n, err := strconv.Atoi(m[1])
		if err != nil || n < last || n > 100 {
			t.Errorf("the bar shows %s%% after %d%%", m[1], last)
		}
		last = max(last, n)
	}
	if len(percents) == 0 {
		t.Errorf("the bar shows no share: %.300q", text)
	}
}

// Ctrl-C on a terminal reaches the whole group of processes, so also what runs
// for the command.
func TestInterruptOfGroup(t *testing.T) {
	t.Parallel()
	repo := sampleRepo(t)
	for i := range 2000 {
		repo.Write(fmt.Sprintf("many/%04d", i), noise(1000+i))
	}
	repo.Commit("Many")
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	// Nobody reads more than the first byte: the archive cannot end.
	cmd := command(t, repo.Dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = write, &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	write.Close()
	if _, err := io.ReadFull(read, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	got := wait(t, cmd, new(bytes.Buffer), &stderr)
	if got.status != 130 {
		t.Errorf("exit status %d, standard error %q", got.status, got.stderr)
	}
	if out, err := exec.CommandContext(t.Context(), "pgrep", "-g", fmt.Sprint(cmd.Process.Pid)).Output(); err == nil {
		t.Errorf("processes are left: %s", out)
	}
}
