package codecommit_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
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
		}, 4, 0}, // and the listing, for 26 folders
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
		if test.name == "WalkDir" {
			want["GetDifferences"] = 1
		}
		if diff := cmp.Diff(want, s.Calls()); diff != "" {
			t.Errorf("%s: calls (-want +got):\n%s", test.name, diff)
		}
	}
}

// An FS keeps the content that was used last, 16 MiB of it.
func TestFSKeepsRecentContent(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{}
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		files[name] = &fstest.MapFile{Data: bytes.Repeat([]byte(name), 4<<20)} // four fit
	}
	s := codecommittest.NewServer(t, codecommittest.FS("staging", files))
	fsys := newFS(t, open(s, "staging"), "main")
	for _, read := range []struct {
		names string
		calls int
	}{{"abcd", 4}, {"aa", 0}, {"e", 1}, {"acde", 0}, {"b", 1}, {"cdeb", 0}, {"a", 1}} {
		s.ResetCalls()
		for _, name := range strings.Split(read.names, "") {
			if content, err := fsys.ReadFile(name); err != nil || len(content) != 4<<20 {
				t.Errorf("%s: %d bytes, %v", name, len(content), err)
			}
		}
		if got := s.Count("GetBlob"); got != read.calls {
			t.Errorf("reading %q: %d calls of GetBlob, want %d", read.names, got, read.calls)
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
	if got := s.Count("GetFolder"); got > 25 {
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
