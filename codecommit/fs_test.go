package codecommit_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
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
		"loop-a":   "open loop-a: too many links on the way",
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

func TestFSCalls(t *testing.T) {
	t.Parallel()
	g := newFSRepo(t)
	s := codecommittest.NewServer(t, codecommittest.Git("staging", g.dir))
	r := open(s, "staging")
	tests := []struct {
		name    string
		do      func(*codecommit.FS) error
		folders int
		blobs   int
	}{
		{"nothing", func(*codecommit.FS) error { return nil }, 0, 0},
		{"Open root", func(f *codecommit.FS) error { _, err := f.Open("."); return err }, 0, 0},
		{"Stat root", func(f *codecommit.FS) error { _, err := f.Stat("."); return err }, 0, 0},
		{"ReadDir root", func(f *codecommit.FS) error { _, err := f.ReadDir("."); return err }, 1, 0},
		{"Open file", func(f *codecommit.FS) error { _, err := f.Open("a"); return err }, 1, 0},
		{"Stat folder", func(f *codecommit.FS) error { _, err := f.Stat("docs/guide"); return err }, 2, 0},
		{"Stat, ReadFile", func(f *codecommit.FS) error {
			_, err := f.Stat("docs/guide/one.md")
			_, err2 := f.ReadFile("docs/guide/one.md")
			return errors.Join(err, err2)
		}, 3, 1},
		{"through a link", func(f *codecommit.FS) error { _, err := f.ReadFile("guide/one.md"); return err }, 3, 2},
		{"same tree twice", func(f *codecommit.FS) error {
			_, err := f.ReadFile("same/one/f")
			content, err2 := f.ReadFile("same/two/f")
			if string(content) != "same content" {
				err2 = fmt.Errorf("got %q", content)
			}
			info, err3 := f.Stat("same/two/f")
			if err3 == nil && info.Sys().(codecommit.Entry).Path != "same/two/f" {
				err3 = fmt.Errorf("the entry is %v", info.Sys())
			}
			return errors.Join(err, err2, err3)
		}, 3, 1},
		{"does not exist", func(f *codecommit.FS) error {
			if _, err := f.Stat("docs/nope/nope"); !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("got %v", err)
			}
			return nil
		}, 2, 0},
		{"WalkDir", func(f *codecommit.FS) error {
			return fs.WalkDir(f, ".", func(_ string, _ fs.DirEntry, err error) error { return err })
		}, 25, 0}, // 26 folders, two of them the same tree
	}
	for _, test := range tests {
		fsys := newFS(t, r, "main")
		s.ResetCalls()
		for range 3 { // the second and third time for nothing
			if err := test.do(fsys); err != nil {
				t.Errorf("%s: %v", test.name, err)
			}
		}
		want := map[string]int{}
		if test.folders > 0 {
			want["GetFolder"] = test.folders
		}
		if test.blobs > 0 {
			want["GetBlob"] = test.blobs
		}
		if diff := cmp.Diff(want, s.Calls()); diff != "" {
			t.Errorf("%s: calls (-want +got):\n%s", test.name, diff)
		}
	}
}

func TestFSConcurrentUse(t *testing.T) {
	t.Parallel()
	g := newFSRepo(t)
	s := codecommittest.NewServer(t, codecommittest.Git("staging", g.dir))
	s.SetFaults(codecommittest.Faults{Latency: 5 * time.Millisecond})
	fsys := newFS(t, open(s, "staging"), "main")
	s.ResetCalls()

	var wg sync.WaitGroup
	for i := range 32 {
		wg.Go(func() {
			sub := fs.FS(fsys)
			if i%2 == 0 {
				sub = mustSub(t, fsys, "docs")
			}
			err := fs.WalkDir(sub, ".", func(name string, d fs.DirEntry, err error) error {
				if err != nil || d.IsDir() {
					return err
				}
				if info, err := fs.Stat(sub, name); err != nil || info.IsDir() {
					return err
				}
				_, err = fs.ReadFile(sub, name)
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := s.Count("GetFolder"); got != 25 {
		t.Errorf("%d calls of GetFolder for 25 trees", got)
	}
	blobs := map[string]bool{}
	for _, line := range strings.Split(g.git("ls-tree", "-r", "HEAD"), "\n") {
		blobs[strings.Fields(line)[2]] = true
	}
	if got := s.Count("GetBlob"); got > len(blobs) {
		t.Errorf("%d calls of GetBlob for %d blobs", got, len(blobs))
	}
}

func TestFSTooLarge(t *testing.T) {
	t.Parallel()
	s := codecommittest.NewServer(t, codecommittest.FS("staging", fstest.MapFS{
		"limit": {Data: make([]byte, codecommit.MaxBlobSize)},
		"large": {Data: make([]byte, codecommit.MaxBlobSize+1)},
		"other": {Data: []byte("other")},
	}))
	fsys := newFS(t, open(s, "staging"), "main")
	if info, err := fsys.Stat("limit"); err != nil || info.Size() != codecommit.MaxBlobSize {
		t.Errorf("Stat(limit) = %v, %v", info, err)
	}
	for range 2 {
		info, err := fsys.Stat("large")
		if err != nil || info.Size() != -1 {
			t.Errorf("Stat(large) = %v, %v, want the size -1", info, err)
		}
	}
	if got := s.Count("GetBlob"); got != 2 {
		t.Errorf("%d calls of GetBlob, want 2", got)
	}
	_, err := fsys.ReadFile("large")
	checkPathError(t, err, "readfile", "large", codecommit.ErrTooLarge)
	f, err := fsys.Open("large")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	_, err = f.Read(make([]byte, 10))
	checkPathError(t, err, "read", "large", codecommit.ErrTooLarge)
	if list, err := fsys.ReadDir("."); err != nil || len(list) != 3 {
		t.Errorf("ReadDir = %v, %v", list, err)
	}
}

func checkPathError(t *testing.T, err error, op, name string, target error) {
	t.Helper()
	pathErr, ok := err.(*fs.PathError)
	if !ok || pathErr.Op != op || pathErr.Path != name || !errors.Is(err, target) {
		t.Errorf("error %v (%T), want a PathError of %s %s that is %v", err, err, op, name, target)
	}
}

func TestFSContext(t *testing.T) {
	t.Parallel()
	s := codecommittest.NewServer(t, codecommittest.FS("staging", fstest.MapFS{"dir/file": {Data: []byte("content")}}))
	ctx, cancel := context.WithCancel(t.Context())
	fsys, err := open(s, "staging").FS(ctx, "main")
	if err != nil {
		t.Fatal(err)
	}
	file, err := fsys.Open("dir/file")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	dir, err := fsys.Open("dir")
	if err != nil {
		t.Fatal(err)
	}
	list, err := fsys.ReadDir("dir")
	if err != nil {
		t.Fatal(err)
	}
	cancel()

	_, err = fsys.Stat(".")
	checkPathError(t, err, "stat", ".", context.Canceled)
	_, err = fsys.ReadFile("dir/file")
	checkPathError(t, err, "readfile", "dir/file", context.Canceled)
	_, err = file.Read(make([]byte, 1))
	checkPathError(t, err, "read", "dir/file", context.Canceled)
	_, err = file.Stat()
	checkPathError(t, err, "stat", "dir/file", context.Canceled)
	_, err = dir.Stat()
	checkPathError(t, err, "stat", "dir", context.Canceled)
	_, err = dir.(fs.ReadDirFile).ReadDir(-1)
	checkPathError(t, err, "readdir", "dir", context.Canceled)
	_, err = list[0].Info()
	checkPathError(t, err, "lstat", "dir/file", context.Canceled)
	if err := errors.Join(file.Close(), dir.Close()); err != nil {
		t.Error(err)
	}
}

func TestFSFailedCallIsNotKept(t *testing.T) {
	t.Parallel()
	s := codecommittest.NewServer(t, codecommittest.FS("staging", fstest.MapFS{"dir/file": {Data: []byte("content")}}))
	fsys := newFS(t, open(s, "staging"), "main")

	s.SetFaults(codecommittest.Faults{Deny: []string{"GetFolder"}})
	_, err := fsys.ReadFile("dir/file")
	checkPathError(t, err, "readfile", "dir/file", fs.ErrPermission)
	if !strings.Contains(err.Error(), "codecommit:GetFolder") {
		t.Errorf("error %q does not name the IAM action", err)
	}
	s.SetFaults(codecommittest.Faults{Deny: []string{"GetBlob"}})
	_, err = fsys.ReadFile("dir/file")
	checkPathError(t, err, "readfile", "dir/file", fs.ErrPermission)
	_, err = fsys.Stat("dir/file")
	checkPathError(t, err, "stat", "dir/file", fs.ErrPermission)
	s.SetFaults(codecommittest.Faults{})
	if content, err := fsys.ReadFile("dir/file"); string(content) != "content" || err != nil {
		t.Errorf("ReadFile = %q, %v", content, err)
	}
}

// TestFSPanic checks that an API that panics leaves nobody waiting.
func TestFSPanic(t *testing.T) {
	t.Parallel()
	s := codecommittest.NewServer(t, codecommittest.FS("staging", fstest.MapFS{"file": {Data: []byte("content")}}))
	shaky := true
	api := folderFunc{awscodecommit.NewFromConfig(s.Config()), func(string, *awscodecommit.GetFolderOutput) {
		if shaky {
			panic("told to")
		}
	}}
	fsys := newFS(t, codecommit.New(api, "staging"), "main")
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic is lost")
			}
		}()
		fsys.ReadDir(".")
	}()
	shaky = false
	if list, err := fsys.ReadDir("."); len(list) != 1 || err != nil {
		t.Errorf("ReadDir = %v, %v", list, err)
	}
}

// folderFunc is the SDK's client with a changed GetFolder.
type folderFunc struct {
	codecommit.API
	change func(path string, out *awscodecommit.GetFolderOutput)
}

func (f folderFunc) GetFolder(ctx context.Context, in *awscodecommit.GetFolderInput, optFns ...func(*awscodecommit.Options)) (*awscodecommit.GetFolderOutput, error) {
	out, err := f.API.GetFolder(ctx, in, optFns...)
	if err == nil {
		f.change(*in.FolderPath, out)
	}
	return out, err
}

func TestFSProof(t *testing.T) {
	t.Parallel()
	s := codecommittest.NewServer(t, codecommittest.FS("staging", fstest.MapFS{
		"one/file": {Data: []byte("one")},
		"two/file": {Data: []byte("two")},
	}))
	client := awscodecommit.NewFromConfig(s.Config())
	var two *awscodecommit.GetFolderOutput
	api := folderFunc{client, func(path string, out *awscodecommit.GetFolderOutput) {
		switch path {
		case "two":
			two = out
		case "one": // another folder, which is proven by itself
			*out = *two
		}
	}}
	fsys := newFS(t, codecommit.New(api, "staging"), "main")
	if _, err := fsys.ReadDir("two"); err != nil {
		t.Fatal(err)
	}
	_, err := fsys.ReadFile("one/file")
	var integrityErr *codecommit.IntegrityError
	if !errors.As(err, &integrityErr) || integrityErr.Path != "one" || integrityErr.Got != *two.TreeId {
		t.Errorf("ReadFile from another folder: %v, want an IntegrityError of one", err)
	}
	skip := codecommit.New(api, "staging", func(o *codecommit.Options) { o.SkipVerify = true })
	if content, err := newFS(t, skip, "main").ReadFile("one/file"); string(content) != "two" || err != nil {
		t.Errorf("ReadFile without a proof = %q, %v", content, err)
	}

	s.SetFaults(codecommittest.Faults{CorruptBlobs: func(string) bool { return true }})
	_, err = newFS(t, open(s, "staging"), "main").ReadFile("two/file")
	if !errors.As(err, &integrityErr) || integrityErr.Path != "two/file" {
		t.Errorf("ReadFile of a damaged blob: %v, want an IntegrityError of two/file", err)
	}
	checkPathError(t, err, "readfile", "two/file", integrityErr)
}

func TestFSDuplicateNames(t *testing.T) {
	t.Parallel()
	g := newGitRepo(t)
	blob := g.gitInput("x", "hash-object", "-w", "--stdin")
	inner := g.gitInput("100644 blob "+blob+"\tx\n", "mktree")
	tree := g.gitInput("100644 blob "+blob+"\ta\n040000 tree "+inner+"\ta\n", "mktree")
	g.git("update-ref", "refs/heads/main", g.git("commit-tree", "-m", "x", tree))
	r := open(codecommittest.NewServer(t, codecommittest.Git("staging", g.dir)), "staging")
	fsys := newFS(t, r, "main")
	if _, err := fsys.ReadDir("."); err == nil || !strings.Contains(err.Error(), `"a" twice`) {
		t.Errorf("ReadDir of a folder with a name twice: %v", err)
	}
}

func TestFSFile(t *testing.T) {
	t.Parallel()
	s := codecommittest.NewServer(t, codecommittest.FS("staging", fstest.MapFS{
		"file": {Data: []byte("0123456789")}, "dir/a": {}, "dir/b": {}, "dir/c": {},
	}))
	fsys := newFS(t, open(s, "staging"), "main")

	f, err := fsys.Open("file")
	if err != nil {
		t.Fatal(err)
	}
	seeker := f.(io.Seeker)
	at := f.(io.ReaderAt)
	if n, err := seeker.Seek(-3, io.SeekEnd); n != 7 || err != nil {
		t.Errorf("Seek = %d, %v", n, err)
	}
	if got, err := io.ReadAll(f); string(got) != "789" || err != nil {
		t.Errorf("ReadAll = %q, %v", got, err)
	}
	_, err = seeker.Seek(-1, io.SeekStart)
	checkPathError(t, err, "seek", "file", fs.ErrInvalid)
	_, err = at.ReadAt(make([]byte, 1), -1)
	checkPathError(t, err, "read", "file", fs.ErrInvalid)
	if n, err := at.ReadAt(make([]byte, 5), 8); n != 2 || err != io.EOF {
		t.Errorf("ReadAt at the end = %d, %v, want 2, EOF", n, err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	_, err = f.Read(make([]byte, 1))
	checkPathError(t, err, "read", "file", fs.ErrClosed)
	_, err = at.ReadAt(make([]byte, 1), 0)
	checkPathError(t, err, "read", "file", fs.ErrClosed)
	_, err = seeker.Seek(0, io.SeekStart)
	checkPathError(t, err, "seek", "file", fs.ErrClosed)
	_, err = f.Stat()
	checkPathError(t, err, "stat", "file", fs.ErrClosed)
	checkPathError(t, f.Close(), "close", "file", fs.ErrClosed)

	d, err := fsys.Open("dir")
	if err != nil {
		t.Fatal(err)
	}
	_, err = d.Read(make([]byte, 1))
	checkPathError(t, err, "read", "dir", fs.ErrInvalid)
	list, err := d.(fs.ReadDirFile).ReadDir(2)
	if len(list) != 2 || err != nil {
		t.Errorf("ReadDir(2) = %v, %v", list, err)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	_, err = d.(fs.ReadDirFile).ReadDir(2)
	checkPathError(t, err, "readdir", "dir", fs.ErrClosed)
	_, err = d.Stat()
	checkPathError(t, err, "stat", "dir", fs.ErrClosed)
	checkPathError(t, d.Close(), "close", "dir", fs.ErrClosed)
}

func TestFSOverHTTP(t *testing.T) {
	t.Parallel()
	s := codecommittest.NewServer(t, codecommittest.FS("site", fstest.MapFS{
		"index.html":    {Data: []byte("<h1>Index</h1>")},
		"css/style.css": {Data: []byte("body { margin: 0 }")},
		"noindex/a.txt": {Data: []byte("a")},
	}))
	handler := http.FileServer(http.FS(newFS(t, open(s, "site"), "main")))
	get := func(path string, header ...string) *http.Response {
		req := httptest.NewRequest(http.MethodGet, path, nil)
		if len(header) > 0 {
			req.Header.Set(header[0], header[1])
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, req)
		return w.Result()
	}
	body := func(resp *http.Response) string {
		data, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Error(err)
		}
		return string(data)
	}
	if resp := get("/"); resp.StatusCode != http.StatusOK || body(resp) != "<h1>Index</h1>" {
		t.Errorf("GET /: %s", resp.Status)
	}
	resp := get("/css/style.css", "Range", "bytes=5-11")
	if got := body(resp); resp.StatusCode != http.StatusPartialContent || got != "{ margi" {
		t.Errorf("GET of a range: %s %q", resp.Status, got)
	}
	if resp := get("/css/style.css", "If-Modified-Since", resp.Header.Get("Last-Modified")); resp.StatusCode != http.StatusNotModified {
		t.Errorf("GET of what is known: %s", resp.Status)
	}
	for _, path := range []string{"/nope", "/css/style.css/x", "/nope/x"} {
		if resp := get(path); resp.StatusCode != http.StatusNotFound {
			t.Errorf("GET %s: %s", path, resp.Status)
		}
	}
	if resp := get("/noindex/"); !strings.Contains(body(resp), "a.txt") {
		t.Errorf("GET of a folder: %s", resp.Status)
	}
}
