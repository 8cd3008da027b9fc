//go:build unix

package archive_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/codesuite-go/codesuite/codecommit/archive"
)

// TestSavedPermissions is not parallel: it changes the umask of the process.
func TestSavedPermissions(t *testing.T) {
	_, cc := serveFS(t, files(map[string]string{"a": "a"}))
	for _, umask := range []int{0o022, 0o077, 0o002} {
		func() {
			defer syscall.Umask(syscall.Umask(umask))
			file := filepath.Join(t.TempDir(), "repo.zip")
			if _, err := archive.New(cc).Zip("main").Save(t.Context(), file); err != nil {
				t.Fatal(err)
			}
			info, err := os.Stat(file)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := info.Mode().Perm(), fs.FileMode(0o666&^umask); got != want {
				t.Errorf("with the umask %03o the file has the permissions %03o, want %03o", umask, got, want)
			}
			for _, perm := range []fs.FileMode{0o600, 0o444, 0o666, 0o750} {
				if err := os.Chmod(file, perm); err != nil {
					t.Fatal(err)
				}
				if _, err := archive.New(cc).Zip("main").Save(t.Context(), file); err != nil {
					t.Fatal(err)
				}
				if info, err = os.Stat(file); err != nil {
					t.Fatal(err)
				}
				if got := info.Mode().Perm(); got != perm {
					t.Errorf("with the umask %03o a file of the permissions %03o gets %03o", umask, perm, got)
				}
			}
		}()
	}
}

// TestSaveAboveLinkedFolder saves where ".." comes after a link to a folder: it is
// the folder above the one to which the link leads.
func TestSaveAboveLinkedFolder(t *testing.T) {
	t.Parallel()
	_, cc := serveFS(t, files(map[string]string{"a": "a"}))
	for _, test := range []struct {
		name  string
		links map[string]string // in the folder top
		path  string
		want  string // the file that is replaced or made
	}{
		{name: "in a link", links: map[string]string{"sub": "../other/deep", "out.zip": "sub/../real.zip"}, path: "top/out.zip", want: "other/real.zip"},
		{name: "in a link to a link", links: map[string]string{"sub": "../other/deep", "out.zip": "sub/../next.zip"}, path: "top/out.zip", want: "other/far/real.zip"},
		{name: "in a link to a new file", links: map[string]string{"sub": "../other/deep", "out.zip": "sub/../new.zip"}, path: "top/out.zip", want: "other/new.zip"},
		{name: "in the path", links: map[string]string{"sub": "../other/deep"}, path: "top/sub/../real.zip", want: "other/real.zip"},
		{name: "in the path to a new file", links: map[string]string{"sub": "../other/deep"}, path: "top/sub/../new.zip", want: "other/new.zip"},
		{name: "in the path of a link", links: map[string]string{"sub": "../other/deep"}, path: "top/sub/../next.zip", want: "other/far/real.zip"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			for _, dir := range []string{"top", "other/deep", "other/far/deeper"} {
				if err := os.MkdirAll(filepath.Join(root, dir), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			old := []string{"top/real.zip", "other/real.zip", "other/far/real.zip", "real.zip"}
			for _, name := range old {
				if err := os.WriteFile(filepath.Join(root, name), []byte("old"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			links := map[string]string{"other/via": "far/deeper", "other/next.zip": "via/../real.zip"}
			for name, to := range test.links {
				links["top/"+name] = to
			}
			for name, to := range links {
				if err := os.Symlink(to, filepath.Join(root, name)); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := archive.New(cc).Zip("main").Save(t.Context(), root+"/"+test.path); err != nil {
				t.Fatal(err)
			}
			if data, err := os.ReadFile(filepath.Join(root, test.want)); err != nil || !strings.HasPrefix(string(data), "PK") {
				t.Errorf("%s is no archive: %q, %v", test.want, data, err)
			}
			for _, name := range old {
				if data, err := os.ReadFile(filepath.Join(root, name)); name != test.want && (err != nil || string(data) != "old") {
					t.Errorf("%s was changed: %q, %v", name, data, err)
				}
			}
		})
	}
}
