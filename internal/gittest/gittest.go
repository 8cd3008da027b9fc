// Package gittest makes git repositories for tests, with the git program.
package gittest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// date is the committer date of the commits that tests make. Their author date is an
// older one in another time zone.
const date = "2024-02-29T12:34:56+01:00"

// Repo is a repository with a work tree.
type Repo struct {
	t   testing.TB
	Dir string
}

// Need skips the test on a machine without the git program.
func Need(t testing.TB) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("the git program is not there")
	}
}

// New returns an empty repository whose branch is main. It skips the test on a
// machine without git.
func New(t testing.TB) *Repo {
	t.Helper()
	Need(t)
	r := &Repo{t: t, Dir: t.TempDir()}
	r.Git("init", "--quiet", "--initial-branch=main")
	return r
}

// Env is the environment for git: the user's configuration does not count, and
// no file is flushed to the disk, which would take most of the time.
func Env() []string {
	var env []string
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "GIT_") {
			env = append(env, e)
		}
	}
	return append(env, "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull, "GIT_ATTR_NOSYSTEM=1",
		"GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=core.fsync", "GIT_CONFIG_VALUE_0=none",
		"HOME="+os.DevNull, "XDG_CONFIG_HOME="+os.DevNull, "TZ=UTC", "LC_ALL=C.UTF-8", "COLUMNS=80",
		"GIT_AUTHOR_NAME=Ann Author", "GIT_AUTHOR_EMAIL=ann@example.com", "GIT_AUTHOR_DATE=2023-01-02T03:04:05-08:00",
		"GIT_COMMITTER_NAME=Carl Committer", "GIT_COMMITTER_EMAIL=carl@example.com", "GIT_COMMITTER_DATE="+date)
}

// Run runs git in the folder, with the input and, besides [Env], the
// environment variables env, and returns its output as it is.
func Run(dir string, input []byte, env []string, args ...string) ([]byte, error) {
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Env, cmd.Stdin = dir, append(Env(), env...), bytes.NewReader(input)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("git %s: %w\n%s", strings.Join(args, " "), err, stderr.Bytes())
	}
	return out, err
}

// Git runs git in the repository and returns its output without the white space
// around it.
func (r *Repo) Git(args ...string) string {
	r.t.Helper()
	return strings.TrimSpace(string(r.Output(nil, args...)))
}

// Output runs git with the input and returns its output as it is.
func (r *Repo) Output(input []byte, args ...string) []byte {
	r.t.Helper()
	out, err := Run(r.Dir, input, nil, args...)
	if err != nil {
		r.t.Fatal(err)
	}
	return out
}

// Write writes a file of the work tree, with the folders above it.
func (r *Repo) Write(name, content string) {
	r.t.Helper()
	file := filepath.Join(r.Dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o666); err != nil {
		r.t.Fatal(err)
	}
}

// Blob stores content and returns its object ID.
func (r *Repo) Blob(content string) string {
	r.t.Helper()
	return strings.TrimSpace(string(r.Output([]byte(content), "hash-object", "-w", "--stdin")))
}

// Commit commits the whole work tree and returns the commit ID.
func (r *Repo) Commit(message string) string {
	r.t.Helper()
	r.Git("add", "--all", "--force")
	r.Git("commit", "--quiet", "--allow-empty", "--message="+message)
	return r.Git("rev-parse", "HEAD")
}

// CommitTree stores a commit of the tree and returns its ID.
func (r *Repo) CommitTree(tree, message string, parents ...string) string {
	r.t.Helper()
	args := []string{"commit-tree", tree, "-m", message}
	for _, p := range parents {
		args = append(args, "-p", p)
	}
	return r.Git(args...)
}
