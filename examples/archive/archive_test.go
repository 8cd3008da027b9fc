package main_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
	"github.com/codesuite-go/codesuite/internal/gittest"
)

func TestTarIsGits(t *testing.T) {
	t.Parallel()
	repo := sampleRepo(t)
	server := codecommittest.NewServer(t, codecommittest.Git("staging", repo.Dir))
	extra := filepath.Join(t.TempDir(), "configure")
	if err := os.WriteFile(extra, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name      string
		args      []string
		git       []string
		wantFiles int
	}{
		{name: "default branch", wantFiles: 7},
		{name: "tag", args: []string{"v1.0"}, git: []string{"v1.0"}, wantFiles: 6},
		{name: "branch with a slash", args: []string{"feature/login"}, git: []string{"feature/login"}, wantFiles: 6},
		{name: "full reference", args: []string{"refs/tags/v1.0"}, git: []string{"refs/tags/v1.0"}, wantFiles: 6},
		{name: "prefix", args: []string{"-prefix", "p/q/"}, git: []string{"--prefix=p/q/", "HEAD"}, wantFiles: 7},
		{name: "paths", args: []string{"HEAD", "docs", "bin/run"}, git: []string{"HEAD", "docs", "bin/run"}, wantFiles: 4},
		{name: "pattern", args: []string{"HEAD", "*.md"}, git: []string{"HEAD", "*.md"}, wantFiles: 3},
		{name: "all but a folder", args: []string{"HEAD", ":!docs"}, git: []string{"HEAD", ":!docs"}, wantFiles: 4},
		{name: "added files", args: []string{"-prefix=p/", "-add-file", extra, "-prefix=q/", "-add-virtual-file", "v/x:a:b", "-add-virtual-file", `"ww:y":c`, "HEAD"},
			git: []string{"--prefix=p/", "--add-file=" + extra, "--prefix=q/", "--add-virtual-file=v/x:a:b", `--add-virtual-file="ww:y":c`, "HEAD"}, wantFiles: 10},
		{name: "options behind operands", args: []string{"v1.0", "--format", "tar", "docs", "-prefix=p/"}, git: []string{"--prefix=p/", "v1.0", "docs"}, wantFiles: 3},
		{name: "operand like an option", args: []string{"-concurrency=1", "--", "HEAD", "-dash"}, git: []string{"HEAD", "--", "-dash"}, wantFiles: 1},
	} {
		if tt.git == nil {
			tt.git = []string{"HEAD"}
		}
		want := string(repo.Output(nil, append([]string{"archive", "--format=tar"}, tt.git...)...))
		check := func(t *testing.T, got outcome) {
			t.Helper()
			if got.status != 0 {
				t.Fatalf("exit status %d: %s", got.status, got.stderr)
			}
			if got.stdout != want {
				t.Errorf("the archive, of %d bytes, is not that of git, of %d bytes", len(got.stdout), len(want))
			}
			commit := repo.Git("rev-parse", slices.DeleteFunc(slices.Clone(tt.git), func(s string) bool {
				return strings.HasPrefix(s, "-")
			})[0]+"^{commit}")
			pattern := fmt.Sprintf(`^archive: commit %s: %d files?, %d bytes, \d+ calls in [\d.]+m?s\n$`, commit, tt.wantFiles, len(want))
			if !regexp.MustCompile(pattern).MatchString(got.stderr) {
				t.Errorf("standard error is %q, want it to match %s", got.stderr, pattern)
			}
		}
		t.Run("local/"+tt.name, func(t *testing.T) {
			t.Parallel()
			check(t, execute(t, command(t, t.TempDir(), append([]string{"-local", repo.Dir}, tt.args...)...)))
		})
		t.Run("here/"+tt.name, func(t *testing.T) {
			t.Parallel()
			check(t, execute(t, command(t, repo.Dir, tt.args...)))
		})
		t.Run("repo/"+tt.name, func(t *testing.T) {
			t.Parallel()
			check(t, execute(t, atServer(command(t, t.TempDir(), append([]string{"-repo", "staging"}, tt.args...)...), server)))
		})
	}
}

// TestLargeFiles archives files over the API's limit.
func TestLargeFiles(t *testing.T) {
	t.Parallel()
	repo := gittest.New(t)
	repo.Write("a/large", strings.Repeat("x", 6<<20+1))
	repo.Write("b/large", strings.Repeat("y", 7<<20))
	repo.Write("small", "small")
	repo.Commit("Large")
	want := string(repo.Output(nil, "archive", "--format=tar", "HEAD"))
	server := codecommittest.NewServer(t, codecommittest.Git("staging", repo.Dir))
	tipsOnly := codecommittest.NewServer(t, codecommittest.Git("staging", repo.Dir))
	tipsOnly.SetGitProtocol(codecommittest.GitProtocol{TipsOnly: true})
	for _, tt := range []struct {
		name   string
		server *codecommittest.Server
		args   []string
		note   string
	}{
		{"local", nil, []string{"-local", repo.Dir, "-large", "git"}, `fetched 2 files over 6 MB by Git's protocol: \d+ bytes in 2 requests`},
		{"repo", server, []string{"-repo", "staging"}, `fetched 2 files over 6 MB by Git's protocol: \d+ bytes in 2 requests`},
		{"whole commit", tipsOnly, []string{"-repo", "staging"}, `fetched the whole commit, for its files over 6 MB, by Git's protocol: \d+ bytes in 3 requests`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cmd := command(t, t.TempDir(), tt.args...)
			if tt.server != nil {
				atServer(cmd, tt.server)
			}
			got := execute(t, cmd)
			if got.status != 0 || got.stdout != want {
				t.Fatalf("exit status %d, %d bytes, want the %d of git: %s", got.status, len(got.stdout), len(want), got.stderr)
			}
			if !regexp.MustCompile(`^archive: note: ` + tt.note + `\narchive: commit [^\n]*\n$`).MatchString(got.stderr) {
				t.Errorf("standard error is %q", got.stderr)
			}
		})
	}
}

// TestOptions checks what git on this machine may not know.
func TestOptions(t *testing.T) {
	t.Parallel()
	repo := sampleRepo(t)
	for _, flag := range []string{"-list", "-l"} {
		if got := execute(t, command(t, t.TempDir(), flag)); got.status != 0 || got.stdout != string(repo.Output(nil, "archive", "--list")) {
			t.Errorf("%s: exit status %d, standard output %q", flag, got.status, got.stdout)
		}
	}
	sizes := make(map[string]int)
	for _, level := range []string{"-0", "-1", "-9"} {
		got := execute(t, command(t, repo.Dir, "-format=zip", level))
		if got.status != 0 {
			t.Fatalf("%s: %s", level, got.stderr)
		}
		sizes[level] = len(got.stdout)
	}
	if sizes["-0"] <= sizes["-1"] {
		t.Errorf("the sizes by level are %v", sizes)
	}
	for _, when := range []string{"@1500000000", "2017-07-14T02:40:00Z", "2017-07-14 04:40:00 +0200"} {
		got := execute(t, command(t, repo.Dir, "-mtime", when))
		if got.status != 0 {
			t.Fatalf("%s: %s", when, got.stderr)
		}
		r := tar.NewReader(strings.NewReader(got.stdout))
		for {
			h, err := r.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if h.Typeflag != tar.TypeXGlobalHeader && h.ModTime.Unix() != 1500000000 {
				t.Errorf("-mtime %q: %s has the time %v", when, h.Name, h.ModTime)
			}
		}
	}
	// A folder of a commit.
	got := execute(t, command(t, repo.Dir, "-format=zip", "HEAD:docs"))
	z, err := zip.NewReader(strings.NewReader(got.stdout), int64(len(got.stdout)))
	if err != nil {
		t.Fatalf("%v: %s", err, got.stderr)
	}
	var names []string
	for _, f := range z.File {
		names = append(names, f.Name)
	}
	if diff := cmp.Diff([]string{"a guide.md", "link", "schön.md"}, names); diff != "" || z.Comment != "" {
		t.Errorf("members of HEAD:docs mismatch (-want +got):\n%s", diff)
	}
	// An encoding that is not known.
	repo.Write(".gitattributes", "a.w working-tree-encoding=UTF-7\n")
	repo.Git("add", ".gitattributes")
	repo.Git("update-index", "--add", "--cacheinfo", "100644,"+repo.Blob("grün\n")+",a.w")
	repo.Git("commit", "--quiet", "--message=Encoding")
	if got := execute(t, command(t, repo.Dir)); got.status != 1 || !strings.Contains(got.stderr, "UTF-7") {
		t.Errorf("exit status %d: %s", got.status, got.stderr)
	}
	if got := execute(t, command(t, repo.Dir, "-keep-unconverted")); got.status != 0 || !strings.Contains(got.stderr, "note: 1 file is in UTF-8") {
		t.Errorf("exit status %d: %s", got.status, got.stderr)
	}
}

func TestFormats(t *testing.T) {
	t.Parallel()
	repo := sampleRepo(t)
	for _, tt := range []struct {
		args []string // with the file last
		want string
	}{
		{[]string{"-o", "a.zip"}, "zip"},
		{[]string{"-o", "A.ZIP"}, "zip"},
		{[]string{"-o", "a.tar"}, "tar"},
		{[]string{"-o", "a.tar.gz"}, "gzip"},
		{[]string{"-o", "a.tgz"}, "gzip"},
		{[]string{"-format", "zip", "-o", "a.tar"}, "zip"},
		{[]string{"-format", "tar.gz", "-o", "a"}, "gzip"},
		{[]string{"-format=tgz", "-o", "a"}, "gzip"},
	} {
		t.Run(strings.Join(tt.args, " "), func(t *testing.T) {
			t.Parallel()
			dir, name := t.TempDir(), tt.args[len(tt.args)-1]
			if got := execute(t, command(t, dir, append([]string{"-local", repo.Dir}, tt.args...)...)); got.status != 0 || got.stdout != "" {
				t.Fatalf("exit status %d, standard output %q, standard error %q", got.status, got.stdout, got.stderr)
			}
			wantFiles(t, dir, name)
			data, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			if got := formatOf(data); got != tt.want {
				t.Errorf("the format is %s, want %s", got, tt.want)
			}
		})
	}
}

func formatOf(data []byte) string {
	switch {
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		return "zip"
	case bytes.HasPrefix(data, []byte("\x1f\x8b")):
		return "gzip"
	case len(data) > 262 && string(data[257:262]) == "ustar":
		return "tar"
	}
	return "unknown"
}

func TestZipHasGitsContent(t *testing.T) {
	t.Parallel()
	repo := sampleRepo(t)
	file := filepath.Join(t.TempDir(), "repo.zip")
	if got := execute(t, command(t, repo.Dir, "-o", file, "HEAD")); got.status != 0 {
		t.Fatalf("exit status %d: %s", got.status, got.stderr)
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(zipContent(t, repo.Output(nil, "archive", "--format=zip", "HEAD")), zipContent(t, got)); diff != "" {
		t.Errorf("zip mismatch (-want +got):\n%s", diff)
	}
}

// zipContent returns the comment, and name, mode and content of each member.
func zipContent(t *testing.T, data []byte) []string {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	content := []string{r.Comment}
	for _, f := range r.File {
		rc, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(rc)
		if err != nil {
			t.Fatal(err)
		}
		content = append(content, fmt.Sprintf("%s %v %q", f.Name, f.Mode(), b))
	}
	return content
}

// A checkout of a CI service is detached, and often shallow.
func TestDetachedHead(t *testing.T) {
	t.Parallel()
	repo := sampleRepo(t)
	repo.Git("checkout", "--quiet", "--detach", "HEAD~1")
	want := repo.Output(nil, "archive", "--format=tar", "HEAD")
	for _, args := range [][]string{nil, {"HEAD"}} {
		if got := execute(t, command(t, repo.Dir, args...)); got.status != 0 || got.stdout != string(want) {
			t.Errorf("%q: exit status %d, %d bytes, want %d: %s", args, got.status, len(got.stdout), len(want), got.stderr)
		}
	}
}

// Git sets these for hooks.
func TestEnvironmentOfGit(t *testing.T) {
	t.Parallel()
	repo, other := sampleRepo(t), gittest.New(t)
	cmd := command(t, repo.Dir)
	cmd.Env = append(cmd.Env, "GIT_DIR="+filepath.Join(other.Dir, ".git"), "GIT_WORK_TREE="+other.Dir)
	want := repo.Output(nil, "archive", "--format=tar", "HEAD")
	if got := execute(t, cmd); got.status != 0 || got.stdout != string(want) {
		t.Errorf("exit status %d, %d bytes, want %d: %s", got.status, len(got.stdout), len(want), got.stderr)
	}
}

func TestReplacesFile(t *testing.T) {
	t.Parallel()
	repo, dir := sampleRepo(t), t.TempDir()
	file := filepath.Join(dir, "a.tar")
	if err := os.WriteFile(file, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := execute(t, command(t, repo.Dir, "-o", file, "nope")); got.status != 1 {
		t.Fatalf("exit status %d: %s", got.status, got.stderr)
	}
	if data, _ := os.ReadFile(file); string(data) != "old" {
		t.Errorf("a failure replaced the file: %d bytes", len(data))
	}
	if got := execute(t, command(t, repo.Dir, "-o", file)); got.status != 0 {
		t.Fatalf("exit status %d: %s", got.status, got.stderr)
	}
	if data, _ := os.ReadFile(file); !bytes.Equal(data, repo.Output(nil, "archive", "HEAD")) {
		t.Errorf("the file is not the archive: %d bytes", len(data))
	}
	wantFiles(t, dir, "a.tar")
}

// The policy in README.md allows each operation that is called, and no other.
func TestPolicy(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(readme), "```json\n")
	text, _, _ = strings.Cut(text, "```")
	var policy struct{ Statement []struct{ Action []string } }
	if err := json.Unmarshal([]byte(text), &policy); err != nil {
		t.Fatal(err)
	}
	var allowed []string
	for _, action := range policy.Statement[0].Action {
		allowed = append(allowed, strings.TrimPrefix(action, "codecommit:"))
	}
	slices.Sort(allowed)

	repo := sampleRepo(t)
	server := codecommittest.NewServer(t, codecommittest.Git("staging", repo.Dir))
	for _, reference := range []string{"HEAD", "main", "v1.0", "refs/tags/v1.0", repo.Git("rev-parse", "HEAD")} {
		if got := execute(t, atServer(command(t, repo.Dir, "-repo", "staging", reference), server)); got.status != 0 {
			t.Fatalf("exit status %d: %s", got.status, got.stderr)
		}
	}
	repo.Write("large", strings.Repeat("x", 6<<20+1))
	repo.Commit("Large")
	if got := execute(t, atServer(command(t, repo.Dir, "-repo", "staging"), server)); got.status != 0 {
		t.Fatalf("exit status %d: %s", got.status, got.stderr)
	}
	// The listing leaves something out: each folder is listed.
	server.SetFaults(codecommittest.Faults{TruncateListing: 3})
	if got := execute(t, atServer(command(t, repo.Dir, "-repo", "staging"), server)); got.status != 0 {
		t.Fatalf("exit status %d: %s", got.status, got.stderr)
	}
	called := slices.Sorted(maps.Keys(server.Calls()))
	if diff := cmp.Diff(called, allowed); diff != "" {
		t.Errorf("operations mismatch (-called +allowed):\n%s", diff)
	}
}

func TestBase(t *testing.T) {
	t.Parallel()
	repo, dir := sampleRepo(t), t.TempDir()
	server := codecommittest.NewServer(t, codecommittest.Git("staging", repo.Dir))
	execZip := func(args ...string) outcome {
		t.Helper()
		server.ResetCalls()
		got := execute(t, atServer(command(t, dir, append([]string{"-repo", "staging"}, args...)...), server))
		if got.status != 0 {
			t.Fatalf("exit status %d: %s", got.status, got.stderr)
		}
		return got
	}
	read := func(name string) []byte {
		t.Helper()
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}

	execZip("-o", "whole.zip")
	execZip("-o", "a.zip", "v1.0")
	got := execZip("-base", "a.zip", "-o", "a.zip", "HEAD")
	if !bytes.Equal(read("a.zip"), read("whole.zip")) {
		t.Error("with a base the archive has other bytes")
	}
	if n := server.Count("GetBlob"); n != 1 {
		t.Errorf("%d blobs fetched, want the one that changed", n)
	}
	if want := "7 files (6 from the base)"; !strings.Contains(got.stderr, want) {
		t.Errorf("standard error is %q, want it to tell %q", got.stderr, want)
	}

	other := gittest.New(t)
	other.Write("other", "of another repository")
	other.Commit("Other")
	if got := execute(t, command(t, other.Dir, "-o", filepath.Join(dir, "other.zip"))); got.status != 0 {
		t.Fatalf("exit status %d: %s", got.status, got.stderr)
	}
	got = execZip("-base", "other.zip", "-o", "b.zip")
	if !bytes.Equal(read("b.zip"), read("whole.zip")) {
		t.Error("with a base that does not fit the archive has other bytes")
	}
	if !strings.HasPrefix(got.stderr, "archive: note: the base is of no use: ") {
		t.Errorf("standard error is %q, want a note", got.stderr)
	}
}
