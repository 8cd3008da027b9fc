//go:build unix

package archive_test

import (
	"io/fs"
	"os"
	"path/filepath"
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
