package main_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
	"github.com/codesuite-go/codesuite/internal/gittest"
)

func TestFailures(t *testing.T) {
	t.Parallel()
	repo := sampleRepo(t)
	empty := gittest.New(t)
	large := gittest.New(t)
	large.Write("small", "small")
	large.Write("a/large", strings.Repeat("x", 6<<20+1))
	large.Write("b/large", strings.Repeat("y", 6<<20+1))
	large.Commit("Large")
	server := codecommittest.NewServer(t, codecommittest.Git("staging", repo.Dir), codecommittest.Git("empty", empty.Dir))
	denied := codecommittest.NewServer(t, codecommittest.Git("staging", repo.Dir))
	denied.SetFaults(codecommittest.Faults{Deny: []string{"GetBlob"}})
	noPull := codecommittest.NewServer(t, codecommittest.Git("large", large.Dir))
	noPull.SetFaults(codecommittest.Faults{Deny: []string{"GitPull"}})
	damaged := codecommittest.NewServer(t, codecommittest.Git("staging", repo.Dir))
	damaged.SetFaults(codecommittest.Faults{CorruptBlobs: func(string) bool { return true }})
	refusing := func(code string) *codecommittest.Server {
		s := codecommittest.NewServer(t, codecommittest.Git("staging", repo.Dir))
		s.SetFaults(codecommittest.Faults{Fail: func(string) string { return code }})
		return s
	}

	for _, tt := range []struct {
		name   string
		server *codecommittest.Server
		env    []string
		args   []string
		status int
		want   []string // in standard error, a line each
	}{
		{name: "unknown reference", args: []string{"-local", repo.Dir, "nope"}, status: 1, want: []string{`resolve "nope"`}},
		{name: "abbreviated commit ID", args: []string{"-local", repo.Dir, "abcdef1"}, status: 1, want: []string{"abbreviated"}},
		{name: "expression", args: []string{"-local", repo.Dir, "main~1"}, status: 1, want: []string{"expressions"}},
		{name: "empty repository", args: []string{"-local", empty.Dir}, status: 1, want: []string{"empty"}},
		{name: "unknown path", args: []string{"-local", repo.Dir, "HEAD", "docs", "no/such"}, status: 1, want: []string{"no/such"}},
		{name: "path upward", args: []string{"-local", repo.Dir, "HEAD", "../x"}, status: 1, want: []string{`"../x"`}},
		{name: "unsupported magic", args: []string{"-local", repo.Dir, "HEAD", ":(attr:x)docs"}, status: 1, want: []string{`"attr:x" is not supported`}},
		{name: "pattern without a match", args: []string{"-local", repo.Dir, "HEAD", "*.none"}, status: 1, want: []string{`"*.none"`}},
		{name: "folder that is a file", args: []string{"-local", repo.Dir, "HEAD:README.md"}, status: 1, want: []string{`"README.md" is not a folder`}},
		{name: "prefix upward", args: []string{"-local", repo.Dir, "-prefix", "../"}, status: 1, want: []string{`"../"`}},
		{name: "no git repository", args: []string{"-local", t.TempDir()}, status: 1, want: []string{"not a git repository"}},
		{name: "no folder", args: []string{"-local", filepath.Join(t.TempDir(), "nope")}, status: 1, want: []string{"nope"}},
		{name: "files over the limit", args: []string{"-local", large.Dir}, status: 1, want: []string{`"a/large"`, `"b/large"`}},
		{name: "files over the limit of CodeCommit", server: noPull, args: []string{"-repo", "large", "-large", "fail"}, status: 1, want: []string{`"a/large"`, `"b/large"`}},
		{name: "no permission for files over the limit", server: noPull, args: []string{"-repo", "large"}, status: 1, want: []string{"allow the IAM action codecommit:GitPull"}},
		{name: "unknown repository", server: server, args: []string{"-repo", "nope"}, status: 1, want: []string{"check the name, the Region and the account"}},
		{name: "empty repository of CodeCommit", server: server, args: []string{"-repo", "empty"}, status: 1, want: []string{"empty"}},
		{name: "denied", server: denied, args: []string{"-repo", "staging"}, status: 1, want: []string{"allow the IAM action codecommit:GetBlob"}},
		{name: "damaged", server: damaged, args: []string{"-repo", "staging"}, status: 1, want: []string{"damaged"}},
		{name: "unknown key", server: refusing("UnrecognizedClientException"), args: []string{"-repo", "staging"}, status: 1, want: []string{"Region is enabled"}},
		{name: "wrong secret", server: refusing("InvalidSignatureException"), args: []string{"-repo", "staging"}, status: 1, want: []string{"secret access key"}},
		{name: "expired credentials", server: refusing("ExpiredTokenException"), args: []string{"-repo", "staging"}, status: 1, want: []string{"aws sso login"}},
		{name: "Region that does not exist", args: []string{"-repo", "staging", "-region", "no-such-region-1"}, status: 1, want: []string{"check the name of the Region"},
			env: []string{"AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=test", "AWS_MAX_ATTEMPTS=1"}},
		{name: "no credentials", args: []string{"-repo", "staging", "-region", "us-east-1"}, status: 1, want: []string{"no AWS credentials"}},
		{name: "no Region", args: []string{"-repo", "staging"}, status: 1, want: []string{"no AWS Region"}},
		{name: "no such profile", args: []string{"-repo", "staging", "-profile", "nope"}, status: 1, want: []string{"nope"}},
		{
			name: "nobody answers", args: []string{"-repo", "staging"}, status: 1, want: []string{"connection refused"},
			env: []string{"AWS_ENDPOINT_URL_CODECOMMIT=http://127.0.0.1:1", "AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=test", "AWS_MAX_ATTEMPTS=1"},
		},
		{name: "no folder for the output", args: []string{"-local", repo.Dir, "-o", "no/such/a.zip"}, status: 1, want: []string{"there is no folder no/such"}},
		{name: "base that is not there", args: []string{"-local", repo.Dir, "-format", "zip", "-base", "nope.zip"}, status: 1, want: []string{"-base nope.zip"}},

		{name: "output is a folder", args: []string{"-local", repo.Dir, "-format", "zip", "-o", repo.Dir}, status: 2, want: []string{"is a folder"}},
		{name: "output without a format", args: []string{"-local", repo.Dir, "-o", "archive"}, status: 2, want: []string{"-format"}},
		{name: "unknown format", args: []string{"-format", "rar"}, status: 2, want: []string{"zip, tar and tar.gz"}},
		{name: "unknown option", args: []string{"-nope"}, status: 2, want: []string{"-nope"}},
		{name: "unknown option behind operands", args: []string{"HEAD", "docs", "-nope"}, status: 2, want: []string{"-nope"}},
		{name: "both sources", args: []string{"-local", repo.Dir, "-repo", "staging"}, status: 2, want: []string{"-local and -repo"}},
		{name: "Region without repository", args: []string{"-region", "us-east-1"}, status: 2, want: []string{"need -repo"}},
		{name: "unknown source of large files", args: []string{"-large", "s3"}, status: 2, want: []string{"-large s3: it is git or fail"}},
		{name: "no concurrency", args: []string{"-concurrency", "0"}, status: 2, want: []string{"-concurrency 0"}},
		{name: "concurrency that is no number", args: []string{"-concurrency", "many"}, status: 2, want: []string{"many"}},
		{name: "empty reference", args: []string{""}, status: 2, want: []string{"reference is empty"}},
		{name: "empty repository name", args: []string{"-repo", ""}, status: 2, want: []string{"-repo is empty"}},
		{name: "level of a tar archive", args: []string{"-9", "-o", "a.tar"}, status: 2, want: []string{"not with tar"}},
		{name: "added file that is not there", args: []string{"-add-file", "nope"}, status: 2, want: []string{"nope"}},
		{name: "added folder", args: []string{"-add-file", repo.Dir}, status: 2, want: []string{"regular file"}},
		{name: "virtual file without a colon", args: []string{"-add-virtual-file", "x"}, status: 2, want: []string{"colon"}},
		{name: "virtual file without a path", args: []string{"-add-virtual-file", ":x"}, status: 2, want: []string{"path"}},
		{name: "time in words", args: []string{"-mtime", "yesterday"}, status: 2, want: []string{"2025-03-01T11:30:00Z"}},
		{name: "base of a tar archive", args: []string{"-base", "a.zip", "-o", "a.tar"}, status: 2, want: []string{"-base works with zip"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			args := tt.args
			if !strings.Contains(strings.Join(args, " "), "-o ") && tt.status == 1 {
				args = append([]string{"-o", "a.zip"}, args...)
			}
			cmd := command(t, dir, args...)
			cmd.Env = append(cmd.Env, tt.env...)
			if tt.server != nil {
				atServer(cmd, tt.server)
			}
			got := execute(t, cmd)
			if got.status != tt.status {
				t.Errorf("exit status %d, want %d", got.status, tt.status)
			}
			if got.stdout != "" {
				t.Errorf("standard output has %d bytes", len(got.stdout))
			}
			lines := strings.Split(strings.TrimSuffix(got.stderr, "\n"), "\n")
			if len(lines) != len(tt.want) {
				t.Fatalf("standard error has %d lines, want %d:\n%s", len(lines), len(tt.want), got.stderr)
			}
			for i, line := range lines {
				if !strings.HasPrefix(line, "archive: ") || !strings.Contains(line, tt.want[i]) {
					t.Errorf("standard error is %q, want it to start with %q and tell %q", line, "archive: ", tt.want[i])
				}
			}
			wantFiles(t, dir)
		})
	}
}

func TestManual(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"-h"}, {"--help"}, {"HEAD", "-h"}} {
		got := execute(t, command(t, t.TempDir(), args...))
		if got.status != 0 || got.stderr != "" {
			t.Errorf("%q: exit status %d, standard error %q", args, got.status, got.stderr)
		}
		for _, want := range []string{"SYNOPSIS", "EXIT STATUS", "-concurrency N", "-base FILE", "-add-virtual-file PATH:CONTENT", "-mtime TIME", "codecommit:GetDifferences", "-large git|fail", "codecommit:GitPull"} {
			if !strings.Contains(got.stdout, want) {
				t.Errorf("%q: the manual does not tell %q", args, want)
			}
		}
		for i, line := range strings.Split(got.stdout, "\n") {
			if len(line) > 80 {
				t.Errorf("%q: line %d has %d characters", args, i+1, len(line))
			}
		}
	}
}

func TestFullDevice(t *testing.T) {
	t.Parallel()
	const device = "/dev/full"
	if _, err := os.Stat(device); err != nil {
		t.Skip("there is no " + device)
	}
	repo := sampleRepo(t)
	full, err := os.OpenFile(device, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	toStdout := command(t, repo.Dir)
	toStdout.Stdout = full
	for name, cmd := range map[string]outcome{
		"standard output": execute(t, toStdout),
		"file":            execute(t, command(t, repo.Dir, "-format=zip", "-o", device)),
	} {
		if cmd.status != 1 || !strings.Contains(cmd.stderr, "no space left on device") {
			t.Errorf("%s: exit status %d, standard error %q", name, cmd.status, cmd.stderr)
		}
	}
	if info, err := os.Stat(device); err != nil || info.Mode().IsRegular() {
		t.Errorf("%s is gone", device)
	}
}
