package main_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
	"github.com/codesuite-go/codesuite/examples/internal/program"
	"github.com/codesuite-go/codesuite/internal/gittest"
)

var binary *program.Program // the compiled command

func TestMain(m *testing.M) {
	flag.Parse()
	program.Main(m, "archive", &binary)
}

// command returns the command, to be run in the folder, without anything that
// this machine knows of AWS.
func command(t *testing.T, dir string, args ...string) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute) // it must never hang
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, binary.Path(t), args...)
	cmd.Dir = dir
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "AWS_") || strings.HasPrefix(v, "GIT_")
	})
	cmd.Env = append(cmd.Env, "HOME="+t.TempDir(), "AWS_EC2_METADATA_DISABLED=true")
	return cmd
}

// atServer lets the command take the server for AWS.
func atServer(cmd *exec.Cmd, server *codecommittest.Server) *exec.Cmd {
	cmd.Env = append(cmd.Env, "AWS_ENDPOINT_URL_CODECOMMIT="+server.URL(), "AWS_REGION=us-east-1",
		"AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=test")
	return cmd
}

type outcome struct {
	status         int
	stdout, stderr string
}

func execute(t *testing.T, cmd *exec.Cmd) outcome {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if cmd.Stdout == nil {
		cmd.Stdout = &stdout
	}
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return wait(t, cmd, &stdout, &stderr)
}

func wait(t *testing.T, cmd *exec.Cmd, stdout, stderr *bytes.Buffer) outcome {
	t.Helper()
	if err := cmd.Wait(); err != nil && !errors.As(err, new(*exec.ExitError)) {
		t.Fatal(err)
	}
	return outcome{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// sampleRepo returns a repository with a few files of each kind.
func sampleRepo(t *testing.T) *gittest.Repo {
	t.Helper()
	r := gittest.New(t)
	r.Write("README.md", "# Sample\n")
	r.Write("bin/run", "#!/bin/sh\n")
	r.Write("docs/a guide.md", strings.Repeat("a line of a guide\n", 1000))
	r.Write("docs/schön.md", "not ASCII")
	r.Write("-dash", "leading dash")
	r.Git("add", "--all")
	r.Git("update-index", "--chmod=+x", "bin/run")
	r.Git("update-index", "--add", "--cacheinfo", "120000,"+r.Blob("../README.md")+",docs/link")
	r.Git("commit", "--quiet", "--message=First")
	r.Git("tag", "--annotate", "--message=one", "v1.0")
	r.Git("branch", "feature/login")
	r.Write("later", "after the tag")
	r.Git("add", "later")
	r.Git("commit", "--quiet", "--message=Second")
	return r
}

// wantFiles fails the test if the folder holds other files.
func wantFiles(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s holds %q, want %q", dir, got, want)
	}
}

// TestStart checks that a start of the command does no work for what most runs do
// not need, such as the server behind -local: what the packages of this module
// allocate before main.
func TestStart(t *testing.T) {
	t.Parallel()
	cmd := command(t, t.TempDir(), "-h")
	cmd.Env = append(cmd.Env, "GODEBUG=inittrace=1")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	packages := 0
	for line := range strings.Lines(stderr.String()) {
		// Such as "init PACKAGE @10 ms, 0.029 ms clock, 6688 bytes, 66 allocs".
		fields := strings.Fields(line)
		if len(fields) != 11 || fields[0] != "init" || !strings.HasPrefix(fields[1], "github.com/codesuite-go/codesuite/") {
			continue
		}
		packages++
		if n, err := strconv.Atoi(fields[7]); err != nil || n > 32<<10 {
			t.Errorf("package %s allocates %s bytes at the start (%v)", fields[1], fields[7], err)
		}
	}
	if packages == 0 {
		t.Errorf("the program tells nothing of its start: %s", stderr.String())
	}
}
