package codecommittest_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
	"github.com/codesuite-go/codesuite/internal/gittest"
)

// people are the author and committer of what git commits.
var people = []string{
	"GIT_AUTHOR_NAME=Ada Lovelace", "GIT_AUTHOR_EMAIL=ada@example.com", "GIT_AUTHOR_DATE=1484167798 -0800",
	"GIT_COMMITTER_NAME=Grace Hopper", "GIT_COMMITTER_EMAIL=grace@example.com", "GIT_COMMITTER_DATE=1484167800 +0530",
}

// repository is a repository that git makes and reads, as an oracle.
type repository struct {
	testing.TB
	dir string
}

// newRepository makes a repository with a work tree and without commits.
func newRepository(t testing.TB, args ...string) repository {
	t.Helper()
	gittest.Need(t)
	r := repository{t, t.TempDir()}
	r.git(append([]string{"init", "-q", "-b", "main"}, args...)...)
	return r
}

// git runs git and returns its output without the newline at the end.
func (r repository) git(args ...string) string {
	r.Helper()
	return strings.TrimSuffix(r.run("", args...), "\n")
}

// run runs git with the input and returns its output.
func (r repository) run(stdin string, args ...string) string {
	r.Helper()
	out, err := gittest.Run(r.dir, []byte(stdin), people, args...)
	if err != nil {
		r.Fatal(err)
	}
	return string(out)
}

// write writes a file of the work tree.
func (r repository) write(name, content string, mode os.FileMode) {
	r.Helper()
	name = filepath.Join(r.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		r.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), mode); err != nil {
		r.Fatal(err)
	}
}

// commit commits the work tree and returns the commit's ID.
func (r repository) commit(message string) string {
	r.Helper()
	r.git("add", "-A")
	r.git("commit", "-q", "--allow-empty", "-m", message)
	return r.git("rev-parse", "HEAD")
}

// files are of every shape that a work tree can have.
func (r repository) files() {
	r.Helper()
	for name, content := range map[string]string{
		"README.md":              "hello\n",
		"empty":                  "",
		"a/b":                    "1",
		"a-b":                    "2",
		"a.b":                    "3",
		"a0":                     "1", // the content of a/b
		"docs/with space.txt":    "space",
		"docs/quote\"'\t.txt":    "quote",
		"docs/ünïcode/日本":        "unicode",
		"docs/<html>&.txt":       "html",
		"docs/back\\slash":       "backslash",
		"-dash/--":               "dash",
		"binary":                 "\x00\x01\xff\xfe",
		"d/e/e/p/l/y/n/e/s/t/ed": "deep",
		"24K":                    strings.Repeat("0123456789abcdef", 24<<10/16),
		"24K+1":                  strings.Repeat("0123456789abcdef", 24<<10/16) + "!",
		"300K":                   strings.Repeat("0123456789abcde\n", 300<<10/16) + "\xff",
		strings.Repeat("n", 200): "long name",
	} {
		r.write(name, content, 0o644)
	}
	r.write("bin/run", "#!/bin/sh\n", 0o755)
	for name, target := range map[string]string{"link": "docs", "bin/up": "../../outside", "dangling": "nowhere"} {
		if err := os.Symlink(target, filepath.Join(r.dir, filepath.FromSlash(name))); err != nil {
			r.Fatal(err)
		}
	}
	r.git("update-index", "--add", "--cacheinfo", "160000,"+strings.Repeat("1", 40)+",vendor/module")
	if err := os.MkdirAll(filepath.Join(r.dir, "vendor", "module"), 0o755); err != nil { // or add -A deletes it
		r.Fatal(err)
	}
}

func newClient(s *codecommittest.Server) *awscodecommit.Client {
	return awscodecommit.NewFromConfig(s.Config())
}

// wantError checks that the error is an error reply with the code.
func wantError(t *testing.T, what string, err error, code string) {
	t.Helper()
	var e smithy.APIError
	if !errors.As(err, &e) || e.ErrorCode() != code {
		t.Errorf("%s: error %v, want %s", what, err, code)
	} else if e.ErrorMessage() == "" {
		t.Errorf("%s: %s has no message", what, code)
	}
}

func TestStartErrors(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{"a": {}}
	sha256 := newRepository(t, "--object-format=sha256")
	plain := t.TempDir()
	for name, test := range map[string]struct {
		repos []codecommittest.Repo
		want  string
	}{
		"no name":        {[]codecommittest.Repo{codecommittest.FS("", files)}, `repository ""`},
		"a bad name":     {[]codecommittest.Repo{codecommittest.FS("a/b", files)}, `repository "a/b"`},
		"a name in .git": {[]codecommittest.Repo{codecommittest.FS("a.git", files)}, `repository "a.git"`},
		"a long name":    {[]codecommittest.Repo{codecommittest.FS(strings.Repeat("n", 101), files)}, "1 to 100"},
		"twice":          {[]codecommittest.Repo{codecommittest.FS("a", files), codecommittest.FS("a", files)}, `repository "a": two`},
		"no folder":      {[]codecommittest.Repo{codecommittest.Git("a", filepath.Join(plain, "none"))}, "none"},
		"no repository":  {[]codecommittest.Repo{codecommittest.FS("a", files), codecommittest.Git("b", plain)}, `repository "b": git: fatal: not a git repository`},
		"SHA-256":        {[]codecommittest.Repo{codecommittest.Git("a", sha256.dir)}, "sha256"},
		"an odd file":    {[]codecommittest.Repo{codecommittest.FS("a", fstest.MapFS{"d/pipe": {Mode: os.ModeNamedPipe}})}, "d/pipe"},
		"no link reader": {[]codecommittest.Repo{codecommittest.FS("a", noLinks{fstest.MapFS{"l": {Data: []byte("t"), Mode: os.ModeSymlink}}})}, "l: invalid"},
	} {
		s, err := codecommittest.Start(test.repos...)
		if err == nil {
			s.Close()
			t.Errorf("%s: no error", name)
			continue
		}
		if !strings.HasPrefix(err.Error(), "codecommittest: ") || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %q lacks %q", name, err, test.want)
		}
	}
}

// noLinks hides that a file system can read links.
type noLinks struct{ fsys fstest.MapFS }

func (f noLinks) Open(name string) (fs.File, error) { return f.fsys.Open(name) }

func TestCounts(t *testing.T) {
	t.Parallel()
	s := codecommittest.NewServer(t, codecommittest.FS("app", fstest.MapFS{"a": {Data: []byte("1")}}))
	client := newClient(s)
	get := func(branch string) {
		client.GetBranch(t.Context(), &awscodecommit.GetBranchInput{RepositoryName: aws.String("app"), BranchName: &branch})
	}
	get("main")
	get("none")
	client.ListRepositories(t.Context(), &awscodecommit.ListRepositoriesInput{})
	client.ListFileCommitHistory(t.Context(), &awscodecommit.ListFileCommitHistoryInput{RepositoryName: aws.String("app"), FilePath: aws.String("a")})
	if diff := cmp.Diff(map[string]int{"GetBranch": 2, "ListRepositories": 1}, s.Calls()); diff != "" {
		t.Errorf("Calls mismatch (-want +got):\n%s", diff)
	}
	for _, test := range []struct {
		operations []string
		want       int
	}{
		{nil, 3},
		{[]string{"GetBranch"}, 2},
		{[]string{"GetBranch", "ListRepositories", "GetBlob"}, 3},
		{[]string{"GetBlob"}, 0},
	} {
		if got := s.Count(test.operations...); got != test.want {
			t.Errorf("Count(%q) = %d, want %d", test.operations, got, test.want)
		}
	}
	s.ResetCalls()
	if got := s.Count(); got != 0 {
		t.Errorf("after ResetCalls, Count = %d", got)
	}
}

// Not parallel, so that the goroutines of other tests are not there.
func TestClose(t *testing.T) {
	r := newRepository(t)
	r.files()
	r.commit("files")
	s, err := codecommittest.Start(codecommittest.Git("app", r.dir))
	if err != nil {
		t.Fatal(err)
	}
	client := newClient(s)
	if _, err := client.GetFile(t.Context(), &awscodecommit.GetFileInput{RepositoryName: aws.String("app"), FilePath: aws.String("300K")}); err != nil {
		t.Fatal(err)
	}
	// Two calls wait while the server closes.
	arrived := make(chan struct{}, 2)
	s.OnCall(func(string) { arrived <- struct{}{} })
	s.SetFaults(codecommittest.Faults{Latency: time.Hour})
	done := make(chan error, 2)
	for range 2 {
		go func() {
			_, err := client.GetBlob(context.Background(), &awscodecommit.GetBlobInput{
				RepositoryName: aws.String("app"), BlobId: aws.String(strings.Repeat("1", 40)),
			}, func(o *awscodecommit.Options) { o.Retryer = aws.NopRetryer{} })
			done <- err
		}()
	}
	<-arrived
	<-arrived
	s.Close()
	for range 2 {
		if err := <-done; err == nil {
			t.Error("a call that waited got a reply")
		}
	}
	if conn, err := net.Dial("tcp", strings.TrimPrefix(s.URL(), "http://")); err == nil {
		conn.Close()
		t.Error("the port is still open")
	}
	s.Close()
	for {
		stacks := make([]byte, 1<<20)
		stacks = stacks[:runtime.Stack(stacks, true)]
		if !bytes.Contains(stacks, []byte("awsjson.")) && !bytes.Contains(stacks, []byte("exec.(*Cmd)")) {
			break
		}
		if t.Context().Err() != nil {
			t.Fatalf("goroutines are left:\n%s", stacks)
		}
		runtime.Gosched()
	}
}

// A program without a test starts a server, too.
func TestStartTwice(t *testing.T) {
	t.Parallel()
	a, err := codecommittest.Start()
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	b, err := codecommittest.Start()
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if a.URL() == b.URL() {
		t.Errorf("two servers have the address %s", a.URL())
	}
	out, err := newClient(b).ListRepositories(t.Context(), &awscodecommit.ListRepositoriesInput{})
	if err != nil || len(out.Repositories) != 0 {
		t.Errorf("ListRepositories = %v, %v", out, err)
	}
}

// code returns the code of an error of the service, or the error's text.
func code(err error) string {
	var failure smithy.APIError
	if errors.As(err, &failure) {
		return failure.ErrorCode()
	}
	return err.Error()
}
