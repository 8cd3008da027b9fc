package archive_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/codesuite-go/codesuite/codecommit/archive"
	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
)

func TestSave(t *testing.T) {
	t.Parallel()
	_, cc := serveFS(t, files(noisyFiles(20, 1000)))
	for _, format := range formats {
		t.Run(format.name, func(t *testing.T) {
			t.Parallel()
			a := format.of(archive.New(cc), "main")
			want, err := a.Bytes(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			check := func(name string) {
				t.Helper()
				got, err := os.ReadFile(filepath.Join(dir, name))
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(got, want) {
					t.Errorf("%s has other bytes than Bytes returns", name)
				}
			}
			info, err := a.Save(t.Context(), filepath.Join(dir, "new"))
			if err != nil {
				t.Fatal(err)
			}
			if info.Bytes != int64(len(want)) {
				t.Errorf("Info.Bytes is %d, want %d", info.Bytes, len(want))
			}
			check("new")
			noTemporaryFiles(t, dir, "new")

			if err := os.WriteFile(filepath.Join(dir, "old"), []byte("old"), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := a.Save(t.Context(), filepath.Join(dir, "old")); err != nil {
				t.Fatal(err)
			}
			check("old")
			if info, err := os.Stat(filepath.Join(dir, "old")); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("the file that was replaced has the permissions %v (%v), want 0600", info.Mode().Perm(), err)
			}

			if err := os.Symlink("old", filepath.Join(dir, "link")); err != nil {
				t.Skip(err)
			}
			if err := os.WriteFile(filepath.Join(dir, "old"), []byte("old"), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := a.Save(t.Context(), filepath.Join(dir, "link")); err != nil {
				t.Fatal(err)
			}
			check("old")
			if target, err := os.Readlink(filepath.Join(dir, "link")); err != nil || target != "old" {
				t.Errorf("the link now leads to %q (%v)", target, err)
			}
			noTemporaryFiles(t, dir, "link", "new", "old")
			testDanglingLinks(t, dir, a)
			check("sub/made")
			noTemporaryFiles(t, dir, "dangling", "link", "loop", "new", "old", "sub", "through")

			// As long as a name may be.
			long := strings.Repeat("n", 255)
			if _, err := a.Save(t.Context(), filepath.Join(dir, long)); err != nil {
				t.Errorf("a file with a long name: %v", err)
			}
		})
	}
}

// testDanglingLinks saves through links to a file that is not there yet.
func testDanglingLinks(t *testing.T, dir string, a *archive.Archive) {
	t.Helper()
	if err := os.Mkdir(filepath.Join(dir, "sub"), 0o777); err != nil {
		t.Fatal(err)
	}
	for name, to := range map[string]string{"dangling": "through/../sub/made", "through": "sub", "loop": "loop"} {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	// By "through/.." the system means the folder above sub.
	if _, err := a.Save(t.Context(), filepath.Join(dir, "dangling")); err != nil {
		t.Fatal(err)
	}
	if to, err := os.Readlink(filepath.Join(dir, "dangling")); err != nil || to != "through/../sub/made" {
		t.Errorf("the link now leads to %q (%v)", to, err)
	}
	_, err := a.Save(t.Context(), filepath.Join(dir, "loop"))
	checkError(t, err, nil, filepath.Join(dir, "loop"), "links")
}

// TestSaveInTheWorkingFolder is not parallel: it changes to another folder.
func TestSaveInTheWorkingFolder(t *testing.T) {
	_, cc := serveFS(t, files(map[string]string{"a": "a"}))
	t.Chdir(t.TempDir())
	if _, err := archive.New(cc).Tar("main").Save(t.Context(), "repo.tar"); err != nil {
		t.Fatal(err)
	}
	noTemporaryFiles(t, ".", "repo.tar")
}

func TestSaveFails(t *testing.T) {
	t.Parallel()
	server, cc := serveFS(t, files(noisyFiles(50, 1000)))
	dir := t.TempDir()
	old := filepath.Join(dir, "old")
	if err := os.WriteFile(old, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o777); err != nil {
		t.Fatal(err)
	}
	a := archive.New(cc)
	save := func(ctx context.Context, a *archive.Archive, path string, is error, names ...string) {
		t.Helper()
		leakless(t, func() {
			_, err := a.Save(ctx, path)
			checkError(t, err, is, names...)
		})
		noTemporaryFiles(t, dir, "folder", "old")
		if got, err := os.ReadFile(old); err != nil || string(got) != "old" {
			t.Errorf("the old file holds %q (%v)", got, err)
		}
	}
	calls := server.Count()
	save(t.Context(), a.Zip("main"), filepath.Join(dir, "folder"), nil, filepath.Join(dir, "folder"), "regular file")
	save(t.Context(), a.Zip("main"), filepath.Join(dir, "missing", "repo.zip"), fs.ErrNotExist, filepath.Join(dir, "missing"))
	save(t.Context(), a.Zip("main"), filepath.Join(old, "repo.zip"), syscall.ENOTDIR, old)
	save(t.Context(), a.Zip("main"), os.DevNull, nil, os.DevNull, "Write")
	save(t.Context(), a.Zip("main"), "", nil, `""`)
	save(t.Context(), a.Zip("main"), filepath.Join(dir, "new")+"/", nil, filepath.Join(dir, "new"))
	if n := server.Count() - calls; n > 0 {
		t.Errorf("%d calls were made for files that cannot be written", n)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, format := range formats {
		for _, path := range []string{old, filepath.Join(dir, "new")} {
			save(t.Context(), format.of(a, "missing"), path, fs.ErrNotExist, "missing")
			save(ctx, format.of(a, "main"), path, context.Canceled)
		}
	}
	server.SetFaults(codecommittest.Faults{CorruptBlobs: func(id string) bool { return strings.HasPrefix(id, "1") }})
	for _, format := range formats {
		save(t.Context(), format.of(a, "main"), old, nil, "damaged")
	}
}

// TestSaveOnAFullDisk mounts a small file system, where that is allowed.
func TestSaveOnAFullDisk(t *testing.T) {
	dir := t.TempDir()
	mount, err := exec.LookPath("mount")
	if err != nil {
		t.Skip(err)
	}
	if out, err := exec.CommandContext(t.Context(), mount, "-t", "tmpfs", "-o", "size=256k", "tmpfs", dir).CombinedOutput(); err != nil {
		t.Skipf("mount: %v: %s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", dir).CombinedOutput(); err != nil {
			t.Errorf("umount: %v: %s", err, out)
		}
	})
	_, cc := serveFS(t, files(noisyFiles(60, 10_000)))
	old := filepath.Join(dir, "old")
	if err := os.WriteFile(old, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, format := range formats {
		leakless(t, func() {
			_, err := format.of(archive.New(cc), "main").Save(t.Context(), old)
			checkError(t, err, syscall.ENOSPC, old)
		})
		noTemporaryFiles(t, dir, "old")
		if got, err := os.ReadFile(old); err != nil || string(got) != "old" {
			t.Errorf("the old file holds %q (%v)", got, err)
		}
	}
}

// TestSaveInAReadOnlyFolder needs a user who is bound by permissions.
func TestSaveInAReadOnlyFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	if file, err := os.Create(filepath.Join(dir, "probe")); err == nil {
		file.Close()
		t.Skip("this user may write everywhere")
	}
	_, cc := serveFS(t, files(map[string]string{"a": "a"}))
	file := filepath.Join(dir, "repo.zip")
	_, err := archive.New(cc).Zip("main").Save(t.Context(), file)
	checkError(t, err, fs.ErrPermission, file)
	var pathErr *fs.PathError
	if !errors.As(err, &pathErr) || pathErr.Path != dir {
		t.Errorf("error %v is not a PathError of the folder", err)
	}
}
