//go:build unix

package main

import (
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestFolders has many workers start and end at once, next to what killed ones
// have left.
func TestFolders(t *testing.T) {
	t.Parallel()
	parent := t.TempDir()
	logger := slog.New(slog.DiscardHandler)
	for range 3 {
		f, err := openFolder(t.Context(), parent, logger)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Join(f.path, "job-1", "closed"), 0o700); err != nil {
			t.Fatal(err)
		}
		f.lock.Close() // as when a process is killed
	}
	var workers sync.WaitGroup
	for range 8 {
		workers.Go(func() {
			for range 100 {
				f, err := openFolder(t.Context(), parent, logger)
				if err != nil {
					t.Error(err)
					return
				}
				f.removeLeft(t.Context())
				if err := os.Mkdir(filepath.Join(f.path, "job-1"), 0o700); err != nil {
					t.Error(err)
				}
				f.close()
			}
		})
	}
	workers.Wait()
	left, err := os.ReadDir(parent)
	if err != nil || len(left) != 0 {
		t.Errorf("%d folders are left, %v", len(left), err)
	}
}

// plant makes files below dir: "name/" is a folder, "name -> target" a link,
// "name|" a pipe, and anything else a file.
func plant(t *testing.T, dir string, mode fs.FileMode, names ...string) {
	t.Helper()
	for _, name := range names {
		var err error
		if link, target, ok := strings.Cut(name, " -> "); ok {
			err = os.Symlink(target, filepath.Join(dir, link))
		} else if pipe, ok := strings.CutSuffix(name, "|"); ok {
			err = syscall.Mkfifo(filepath.Join(dir, pipe), 0o600)
		} else if strings.HasSuffix(name, "/") {
			err = os.MkdirAll(filepath.Join(dir, name), mode)
		} else {
			err = os.WriteFile(filepath.Join(dir, name), []byte("content"), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// tree returns the files below dir in the notation of plant.
func tree(t *testing.T, dir string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		switch {
		case d.IsDir():
			name += "/"
		case d.Type() == fs.ModeSymlink:
			target, _ := os.Readlink(path)
			name += " -> " + target
		case d.Type() == fs.ModeNamedPipe:
			name += "|"
		}
		names = append(names, name)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// TestFoldersOfOthers has folders in a shared directory that look like those of
// killed workers.
func TestFoldersOfOthers(t *testing.T) {
	t.Parallel()
	const name = "codesuite-worker-1"
	for _, test := range []struct {
		name  string
		mode  fs.FileMode
		files []string
		owner int // of the folder; only root can give it away
		want  []string
	}{
		{name: "of a killed worker", mode: 0o700, files: []string{name + "/", name + "/lock", name + "/job-1/", name + "/job-1/file"}, want: []string{"victim/", "victim/file", "victim/lock"}},
		{name: "of a killed worker, with a link", mode: 0o700, files: []string{name + "/", name + "/lock", name + "/job-1/", name + "/job-1/link -> ../../victim", name + "/job-2 -> ../victim"}, want: []string{"victim/", "victim/file", "victim/lock"}},
		{name: "a link", mode: 0o700, files: []string{name + " -> victim"}, want: []string{name + " -> victim", "victim/", "victim/file", "victim/lock"}},
		{name: "an absolute link", mode: 0o700, files: []string{name + " -> /nonexistent"}, want: []string{name + " -> /nonexistent", "victim/", "victim/file", "victim/lock"}},
		{name: "a file", mode: 0o700, files: []string{name}, want: []string{name, "victim/", "victim/file", "victim/lock"}},
		{name: "a pipe", mode: 0o700, files: []string{name + "|"}, want: []string{name + "|", "victim/", "victim/file", "victim/lock"}},
		{name: "that others may enter", mode: 0o711, files: []string{name + "/", name + "/lock"}, want: []string{name + "/", name + "/lock", "victim/", "victim/file", "victim/lock"}},
		{name: "of another user", mode: 0o700, owner: 65534, files: []string{name + "/", name + "/lock"}, want: []string{name + "/", name + "/lock", "victim/", "victim/file", "victim/lock"}},
		{name: "whose lock is a pipe", mode: 0o700, files: []string{name + "/", name + "/lock|"}, want: []string{name + "/", name + "/lock|", "victim/", "victim/file", "victim/lock"}},
		{name: "whose lock is a link", mode: 0o700, files: []string{name + "/", name + "/other", name + "/lock -> other"}, want: []string{name + "/", name + "/lock -> other", name + "/other", "victim/", "victim/file", "victim/lock"}},
		{name: "whose lock is a folder", mode: 0o700, files: []string{name + "/", name + "/lock/"}, want: []string{name + "/", name + "/lock/", "victim/", "victim/file", "victim/lock"}},
		{name: "without a lock", mode: 0o700, files: []string{name + "/", name + "/file"}, want: []string{name + "/", name + "/file", "victim/", "victim/file", "victim/lock"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if test.owner != 0 && os.Geteuid() != 0 {
				t.Skip("only root can give a folder away")
			}
			parent := t.TempDir()
			plant(t, parent, 0o700, "victim/", "victim/file", "victim/lock")
			plant(t, parent, test.mode, test.files...)
			if test.owner != 0 {
				if err := os.Chown(filepath.Join(parent, name), test.owner, test.owner); err != nil {
					t.Fatal(err)
				}
			}
			f, err := openFolder(t.Context(), parent, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			f.removeLeft(t.Context())
			f.close()
			if diff := cmp.Diff(test.want, tree(t, parent)); diff != "" {
				t.Errorf("what is left (-want +got):\n%s", diff)
			}
		})
	}
}

// A folder in which everybody may rename everything is no place for jobs.
func TestFolderWithoutStickyBit(t *testing.T) {
	t.Parallel()
	parent := t.TempDir()
	for _, test := range []struct {
		mode fs.FileMode
		want string
	}{{0o777, "chmod +t"}, {fs.ModeSticky | 0o777, ""}, {0o755, ""}} {
		if err := os.Chmod(parent, test.mode); err != nil {
			t.Fatal(err)
		}
		f, err := openFolder(t.Context(), parent, slog.New(slog.DiscardHandler))
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v: error %v, want one with %q", test.mode, err, test.want)
		}
		if f != nil {
			f.close()
		}
	}
}
