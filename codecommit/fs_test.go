package codecommit_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/codecommit"
	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
)

// newFSRepo returns a repository with the shapes that matter to an FS. It is
// checked out in its folder.
func newFSRepo(t testing.TB) *gitRepo {
	t.Helper()
	g := newGitRepo(t)
	g.write("README.md", "# Staging\n", 0o644)
	g.write("a", "file a", 0o644)
	g.write("a-b", "", 0o644)
	g.write("a.d/x", "x in a.d", 0o644)
	g.write("a0", "zero", 0o644)
	g.write("bin/run.sh", "#!/bin/sh\n", 0o755)
	g.write("docs/guide/one.md", "one", 0o644)
	g.write("docs/guide/two words.md", "two", 0o644)
	g.write("docs/süß.md", "sweet", 0o644)
	g.write("same/one/f", "same content", 0o644)
	g.write("same/two/f", "same content", 0o644)
	g.write("deep/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/leaf", "leaf", 0o644)
	g.symlink("README.md", "readme")
	g.symlink("../README.md", "docs/up")
	g.symlink("docs/guide", "guide")
	g.symlink("guide/one.md", "through-link")
	g.symlink("../guide/../up", "docs/there-and-back")
	g.symlink("./docs//guide/./", "slashes")
	g.symlink("..", "bin/root")
	g.symlink("deep/1/2", "same/../short")
	g.commit("A tree with links")
	return g
}

// newBadLinksRepo returns a repository with links that lead nowhere.
func newBadLinksRepo(t testing.TB) *gitRepo {
	t.Helper()
	g := newGitRepo(t)
	g.write("file", "content", 0o644)
	g.write("dir/file", "content", 0o644)
	g.symlink("nowhere", "dangling")
	g.symlink("/etc/hosts", "absolute")
	g.symlink("../outside", "escape")
	g.symlink("dir/../../"+filepath.Base(g.dir)+"/file", "escape-and-back")
	g.symlink("loop-b", "loop-a")
	g.symlink("loop-a", "loop-b")
	g.symlink("self/x", "self")
	g.symlink("file/", "file-slash")
	g.symlink("file/..", "file-up")
	g.symlink(strings.Repeat("./", 2000)+"file", "long-target")
	g.symlink("file", "chain0")
	for i := range 45 {
		g.symlink(fmt.Sprintf("chain%d", i), fmt.Sprintf("chain%d", i+1))
	}
	g.commit("Links that lead nowhere")
	// No file system takes these.
	for name, target := range map[string]string{"empty": "", "too-long": strings.Repeat("./", 3000) + "file"} {
		g.git("update-index", "--add", "--cacheinfo", "120000,"+g.gitInput(target, "hash-object", "-w", "--stdin")+","+name)
	}
	g.git("commit", "-q", "--amend", "--no-edit")
	return g
}

func newFS(t testing.TB, r *codecommit.Repository, specifier string) *codecommit.FS {
	t.Helper()
	fsys, err := r.FS(t.Context(), specifier)
	if err != nil {
		t.Fatal(err)
	}
	return fsys
}

func mustSub(t testing.TB, fsys fs.FS, dir string) fs.FS {
	t.Helper()
	sub, err := fs.Sub(fsys, dir)
	if err != nil {
		t.Fatal(err)
	}
	return sub
}

func TestFSConforms(t *testing.T) {
	t.Parallel()
	g := newFSRepo(t)
	fsys := newFS(t, open(codecommittest.NewServer(t, codecommittest.Git("staging", g.dir)), "staging"), "main")

	if err := fstest.TestFS(fsys, "README.md", "a", "a-b", "a.d/x", "a0", "bin/run.sh", "bin/root", "docs/guide/one.md",
		"docs/up", "through-link", "slashes", "deep/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/leaf"); err != nil {
		t.Error(err)
	}
	for _, dir := range []string{"docs", "docs/guide", "bin", "guide", "slashes", "bin/root/docs"} {
		sub := mustSub(t, fsys, dir)
		if _, ok := sub.(*codecommit.FS); !ok {
			t.Errorf("Sub(%q) is a %T", dir, sub)
		}
		expected, err := fs.ReadDir(fsys, dir)
		if err != nil {
			t.Fatal(err)
		}
		if err := fstest.TestFS(sub, expected[0].Name()); err != nil {
			t.Errorf("Sub(%q): %v", dir, err)
		}
	}
}

// describe returns what a user sees of the file system, as text: names, types,
// permissions, link targets, content and where links lead.
func describe(t *testing.T, fsys fs.FS) []string {
	t.Helper()
	var lines []string
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name == ".git" {
			return fs.SkipDir
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		size := info.Size()
		if d.IsDir() {
			size = 0
		}
		line := fmt.Sprintf("%s %v %d", name, info.Mode(), size)
		if d.Type() == fs.ModeSymlink {
			target, err := fs.ReadLink(fsys, name)
			if err != nil {
				return err
			}
			line += " -> " + target
		}
		followed, err := fs.Stat(fsys, name)
		if err != nil {
			return err
		}
		line += fmt.Sprintf(" = %s %v", followed.Name(), followed.Mode())
		if followed.Mode().IsRegular() {
			content, err := fs.ReadFile(fsys, name)
			if err != nil {
				return err
			}
			line += fmt.Sprintf(" %q", content)
		} else {
			entries, err := fs.ReadDir(fsys, name)
			if err != nil {
				return err
			}
			for _, e := range entries {
				if e.Name() != ".git" {
					line += fmt.Sprintf(" %q", e.Name())
				}
			}
		}
		lines = append(lines, line)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

func TestFSIsLikeACheckout(t *testing.T) {
	t.Parallel()
	g := newFSRepo(t)
	// The modes of a checkout depend on the umask.
	err := filepath.WalkDir(g.dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.Type() == fs.ModeSymlink {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		perm := fs.FileMode(0o644)
		if info.Mode()&0o100 != 0 {
			perm = 0o755
		}
		return os.Chmod(name, perm)
	})
	if err != nil {
		t.Fatal(err)
	}
	r := open(codecommittest.NewServer(t, codecommittest.Git("staging", g.dir)), "staging")
	want, got := describe(t, os.DirFS(g.dir)), describe(t, newFS(t, r, "main"))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("FS differs from a checkout (-want +got):\n%s", diff)
	}
}

func TestFSInfo(t *testing.T) {
	t.Parallel()
	g := newGitRepo(t)
	g.write("file", "12345", 0o644)
	g.write("dir/run", "1234567", 0o755)
	g.symlink("dir/run", "link")
	g.git("add", "-A")
	const submodule = "1234567890123456789012345678901234567890"
	g.git("update-index", "--add", "--cacheinfo", "160000,"+submodule+",vendor")
	g.git("commit", "-q", "-m", "All types")
	g.git("tag", "v1")
	r := open(codecommittest.NewServer(t, codecommittest.Git("staging", g.dir)), "staging")
	fsys := newFS(t, r, "v1")

	if want := g.git("rev-parse", "HEAD"); fsys.Commit().ID != want {
		t.Errorf("Commit().ID = %s, want %s", fsys.Commit().ID, want)
	}
	modTime := time.Unix(1500000000, 0)
	type row struct {
		Name  string
		Size  int64
		Mode  fs.FileMode
		Entry codecommit.Entry
	}
	id := func(path string) string { return g.git("rev-parse", "HEAD:"+path) }
	run := codecommit.Entry{Path: "dir/run", Mode: codecommit.ModeExecutable, ID: id("dir/run")}
	tests := []struct {
		name        string
		stat, lstat row
	}{
		{name: ".", stat: row{".", 0, fs.ModeDir | 0o755, codecommit.Entry{Mode: codecommit.ModeFolder, ID: id("")}}},
		{name: "dir", stat: row{"dir", 0, fs.ModeDir | 0o755, codecommit.Entry{Path: "dir", Mode: codecommit.ModeFolder, ID: id("dir")}}},
		{name: "dir/run", stat: row{"run", 7, 0o755, run}},
		{name: "file", stat: row{"file", 5, 0o644, codecommit.Entry{Path: "file", Mode: codecommit.ModeFile, ID: id("file")}}},
		{name: "link", stat: row{"link", 7, 0o755, run},
			lstat: row{"link", 7, fs.ModeSymlink | 0o777, codecommit.Entry{Path: "link", Mode: codecommit.ModeSymlink, ID: id("link")}}},
		{name: "vendor", stat: row{"vendor", 0, fs.ModeDir | 0o755, codecommit.Entry{Path: "vendor", Mode: codecommit.ModeSubmodule, ID: submodule}}},
	}
	for _, test := range tests {
		if test.lstat.Name == "" {
			test.lstat = test.stat
		}
		for op, want := range map[string]row{"Stat": test.stat, "Lstat": test.lstat} {
			get := fsys.Stat
			if op == "Lstat" {
				get = fsys.Lstat
			}
			info, err := get(test.name)
			if err != nil {
				t.Errorf("%s(%q): %v", op, test.name, err)
				continue
			}
			entry, _ := info.Sys().(codecommit.Entry)
			got := row{info.Name(), info.Size(), info.Mode(), entry}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s(%q) (-want +got):\n%s", op, test.name, diff)
			}
			if !info.ModTime().Equal(modTime) {
				t.Errorf("%s(%q).ModTime() = %v, want %v", op, test.name, info.ModTime(), modTime)
			}
			if info.IsDir() != info.Mode().IsDir() {
				t.Errorf("%s(%q).IsDir() = %v", op, test.name, info.IsDir())
			}
		}
	}

	if list, err := fsys.ReadDir("vendor"); err != nil || len(list) != 0 {
		t.Errorf("ReadDir of a submodule = %v, %v, want an empty folder", list, err)
	}
	if _, err := fsys.Stat("vendor/file"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Stat in a submodule: %v, want fs.ErrNotExist", err)
	}
	list, err := fsys.ReadDir("dir")
	if err != nil {
		t.Fatal(err)
	}
	info, err := list[0].Info()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(list[0], " / ", info), "- run / -rwxr-xr-x 7 2017-07-14 08:10:00 run"; got != want {
		t.Errorf("formatted: %q, want %q", got, want)
	}
}

func TestFSErrors(t *testing.T) {
	t.Parallel()
	g := newBadLinksRepo(t)
	r := open(codecommittest.NewServer(t, codecommittest.Git("staging", g.dir)), "staging")
	fsys := newFS(t, r, "main")

	ops := map[string]func(string) error{
		"open":     func(name string) error { _, err := fsys.Open(name); return err },
		"stat":     func(name string) error { _, err := fsys.Stat(name); return err },
		"lstat":    func(name string) error { _, err := fsys.Lstat(name); return err },
		"readfile": func(name string) error { _, err := fsys.ReadFile(name); return err },
		"readdir":  func(name string) error { _, err := fsys.ReadDir(name); return err },
		"readlink": func(name string) error { _, err := fsys.ReadLink(name); return err },
		"sub":      func(name string) error { _, err := fsys.Sub(name); return err },
	}
	following := []string{"open", "stat", "readfile", "readdir", "sub"}
	all := append([]string{"lstat", "readlink"}, following...)
	tests := []struct {
		name string
		ops  []string
		want error // nil for any error but the known ones
	}{
		{"", all, fs.ErrInvalid},
		{"/", all, fs.ErrInvalid},
		{"/file", all, fs.ErrInvalid},
		{"file/", all, fs.ErrInvalid},
		{"./file", all, fs.ErrInvalid},
		{"dir/../file", all, fs.ErrInvalid},
		{"../file", all, fs.ErrInvalid},
		{"dir//file", all, fs.ErrInvalid},
		{"\xff", all, fs.ErrInvalid},
		{"nope", all, fs.ErrNotExist},
		{"dir/nope", all, fs.ErrNotExist},
		{"nope/nope", all, fs.ErrNotExist},
		{"dir\\file", all, fs.ErrNotExist},
		{"file/x", all, fs.ErrNotExist},
		{"dangling", following, fs.ErrNotExist},
		{"dangling/x", all, fs.ErrNotExist},
		{"absolute", following, fs.ErrNotExist},
		{"escape", following, fs.ErrNotExist},
		{"escape-and-back", following, fs.ErrNotExist},
		{"file-slash", following, fs.ErrNotExist},
		{"file-up", following, fs.ErrNotExist},
		{"empty", following, fs.ErrNotExist},
		{"too-long", following, fs.ErrInvalid},
		{"loop-a", following, nil},
		{"loop-a/x", all, nil},
		{"self", following, nil},
		{"chain45", following, nil},
		{"dir", []string{"readfile", "readlink"}, fs.ErrInvalid},
		{".", []string{"readfile", "readlink"}, fs.ErrInvalid},
		{"file", []string{"readdir", "readlink", "sub"}, fs.ErrInvalid},
		{"chain3", []string{"readdir", "sub"}, fs.ErrInvalid},
	}
	for _, test := range tests {
		for _, op := range test.ops {
			err := ops[op](test.name)
			var pathErr *fs.PathError
			if !errors.As(err, &pathErr) || pathErr.Op != op || pathErr.Path != test.name {
				t.Errorf("%s %q: %v (%T), want a PathError of %s", op, test.name, err, err, op)
				continue
			}
			for _, class := range []error{fs.ErrInvalid, fs.ErrNotExist} {
				if errors.Is(err, class) != (class == test.want) {
					t.Errorf("%s %q: %v, want %v", op, test.name, err, test.want)
				}
			}
		}
	}

	for name, want := range map[string]string{"dangling": "nowhere", "absolute": "/etc/hosts", "loop-a": "loop-b", "file-slash": "file/"} {
		if got, err := fsys.ReadLink(name); got != want || err != nil {
			t.Errorf("ReadLink(%q) = %q, %v, want %q", name, got, err, want)
		}
		if info, err := fsys.Lstat(name); err != nil || info.Mode().Type() != fs.ModeSymlink || info.Size() != int64(len(want)) {
			t.Errorf("Lstat(%q) = %v, %v, want a link", name, info, err)
		}
	}
	if got, err := fsys.ReadFile("long-target"); string(got) != "content" || err != nil { // 4004 bytes are fine
		t.Errorf("ReadFile through a long link = %q, %v", got, err)
	}
	if got, err := fsys.ReadLink("too-long"); len(got) != 6004 || err != nil {
		t.Errorf("ReadLink of a long link = %d bytes, %v", len(got), err)
	}
	for name, want := range map[string]string{
		"escape":   "open escape: a link leads out of the repository: file does not exist",
		"absolute": `open absolute: the link "absolute" leads out of the repository: file does not exist`,
		"empty":    `open empty: the link "empty" has no target: file does not exist`,
		"too-long": `open too-long: the target of the link "too-long" has 6004 bytes: invalid argument`,
		"loop-a":   "open loop-a: too many links",
		"nope":     "open nope: file does not exist",
	} {
		if _, err := fsys.Open(name); err == nil || err.Error() != want {
			t.Errorf("Open(%q): %v, want %q", name, err, want)
		}
	}
	if _, err := fsys.ReadDir("file"); err == nil || err.Error() != "readdir file: not a folder" {
		t.Errorf("ReadDir of a file: %v", err)
	}
	if got, err := fsys.ReadFile("chain40"); err == nil || got != nil {
		t.Errorf("ReadFile through 41 links = %q, %v, want an error", got, err)
	}
	if got, err := fsys.ReadFile("chain39"); string(got) != "content" {
		t.Errorf("ReadFile through 40 links = %q, %v", got, err)
	}
	if _, err := r.FS(t.Context(), "nope"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("FS of an unknown reference: %v, want fs.ErrNotExist", err)
	}
}

func TestFSSub(t *testing.T) {
	t.Parallel()
	g := newFSRepo(t)
	s := codecommittest.NewServer(t, codecommittest.Git("staging", g.dir))
	fsys := newFS(t, open(s, "staging"), "main")
	sub := mustSub(t, fsys, "docs")

	// A link may lead out of the folder, but not out of the repository.
	if got, err := fs.ReadFile(sub, "up"); string(got) != "# Staging\n" || err != nil {
		t.Errorf("ReadFile = %q, %v", got, err)
	}
	if got, err := fs.ReadFile(mustSub(t, sub, "guide"), "one.md"); string(got) != "one" || err != nil {
		t.Errorf("ReadFile = %q, %v", got, err)
	}
	if _, err := fs.ReadFile(sub, "README.md"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("ReadFile of what is outside: %v, want fs.ErrNotExist", err)
	}
	var pathErr *fs.PathError
	if _, err := fs.Stat(sub, "guide/nope"); !errors.As(err, &pathErr) || pathErr.Path != "guide/nope" {
		t.Errorf("Stat: %v, want the path as seen from the folder", err)
	}
	if got := sub.(*codecommit.FS).Commit().ID; got != fsys.Commit().ID {
		t.Errorf("Commit().ID = %s, want %s", got, fsys.Commit().ID)
	}
	if same, err := fsys.Sub("."); err != nil || fstestRead(t, same, "a") != "file a" {
		t.Errorf("Sub(.): %v", err)
	}
	if got := s.Count("GetFolder"); got != 3 { // the root, docs, docs/guide
		t.Errorf("%d calls of GetFolder, want 3: a sub-FS shares the listings", got)
	}
}

func fstestRead(t *testing.T, fsys fs.FS, name string) string {
	t.Helper()
	content, err := fs.ReadFile(fsys, name)
	if err != nil {
		t.Error(err)
	}
	return string(content)
}
