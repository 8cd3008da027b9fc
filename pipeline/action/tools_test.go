package action_test

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// workTree writes the files of the test into a new folder.
func workTree(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, e := range tree {
		path := filepath.Join(dir, filepath.FromSlash(e.name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		var err error
		switch {
		case e.mode.IsDir():
			if err = os.MkdirAll(path, 0o755); err == nil {
				err = os.Chmod(path, e.mode.Perm())
			}
		case e.mode&fs.ModeSymlink != 0:
			err = os.Symlink(e.content, path)
		default:
			if err = os.WriteFile(path, []byte(e.content), 0o644); err == nil {
				err = os.Chmod(path, e.mode.Perm())
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// run runs a program that may not be installed.
func run(t *testing.T, dir, name string, args ...string) []byte {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Skip(err)
	}
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "LC_ALL=C.UTF-8",
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, stderr.Bytes())
	}
	return out
}

// Archives that programs made are read as what they were made of.
func TestInputOfPrograms(t *testing.T) {
	t.Parallel()
	gitArchive := func(format string) func(*testing.T, string) []byte {
		return func(t *testing.T, dir string) []byte {
			run(t, dir, "git", "init", "-q")
			run(t, dir, "git", "add", "-A")
			run(t, dir, "git", "commit", "-q", "-m", "x")
			return run(t, dir, "git", "archive", "--format="+format, "HEAD")
		}
	}
	// git keeps neither empty folders nor all permissions.
	asGit := func(want map[string]string) {
		delete(want, "empty")
		for name, text := range want {
			text = strings.Replace(text, "-rw-------", "-rw-r--r--", 1)
			want[name] = strings.Replace(text, "-r--r--r--", "-rw-r--r--", 1)
		}
	}
	// As tar does by default, git takes group permissions away with tar.umask.
	normal := func(got map[string]string) {
		for name, text := range got {
			text = strings.Replace(text, "-rw-rw-r--", "-rw-r--r--", 1)
			text = strings.Replace(text, "-rw-rw-rw-", "-rw-r--r--", 1)
			text = strings.Replace(text, "-rwxrwxr-x", "-rwxr-xr-x", 1)
			text = strings.Replace(text, "drwxrwxrwx", "drwxr-xr-x", 1)
			got[name] = strings.Replace(text, "drwxrwxr-x", "drwxr-xr-x", 1)
		}
	}
	file := func(name string, args ...string) func(*testing.T, string) []byte {
		return func(t *testing.T, dir string) []byte {
			out := filepath.Join(t.TempDir(), "archive")
			for i := range args {
				args[i] = strings.ReplaceAll(args[i], "OUT", out)
			}
			run(t, dir, name, args...)
			for _, path := range []string{out, out + ".zip"} {
				if data, err := os.ReadFile(path); err == nil {
					return data
				}
			}
			t.Fatal("no archive")
			return nil
		}
	}
	for _, tt := range []struct {
		name string
		make func(*testing.T, string) []byte
		git  bool
	}{
		{name: "tar", make: file("tar", "-cf", "OUT", ".")},
		{name: "tar of pax", make: file("tar", "--format=pax", "-cf", "OUT", ".")},
		{name: "tar of ustar", make: file("tar", "--format=ustar", "-cf", "OUT", ".")},
		{name: "tar.gz", make: file("tar", "-czf", "OUT", ".")},
		{name: "zip", make: file("zip", "-q", "-r", "-y", "OUT", ".")},
		{name: "git tar", make: gitArchive("tar"), git: true},
		{name: "git tar.gz", make: gitArchive("tar.gz"), git: true},
		{name: "git zip", make: gitArchive("zip"), git: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := workTree(t)
			want := look(t, os.DirFS(dir))
			s := newS3(t)
			s.Put(bucket, sourceKey, tt.make(t, dir))
			fsys, err := newJob(t, s, details()).Input(t.Context(), "Source")
			if err != nil {
				t.Fatal(err)
			}
			got := look(t, fsys)
			if tt.git {
				asGit(want)
				normal(got)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("content (-want +got):\n%s", diff)
			}
		})
	}
}

// What is put can be read by other programs.
func TestOutputForPrograms(t *testing.T) {
	t.Parallel()
	s := newS3(t)
	if err := newJob(t, s, details()).PutOutput(t.Context(), "Built", os.DirFS(workTree(t))); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "built.zip")
	if err := os.WriteFile(path, s.Get(bucket, builtKey).Body, 0o644); err != nil {
		t.Fatal(err)
	}
	t.Run("unzip", func(t *testing.T) {
		dir := t.TempDir()
		run(t, dir, "unzip", "-q", path)
		if diff := cmp.Diff(wantTree, look(t, os.DirFS(dir))); diff != "" {
			t.Errorf("content (-want +got):\n%s", diff)
		}
	})
	t.Run("python", func(t *testing.T) {
		out := run(t, t.TempDir(), "python3", "-c", `
import sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
assert z.testzip() is None
for i in z.infolist():
    print(oct(i.external_attr >> 16), i.filename, i.date_time[:3])
`, path)
		want := `0o100644 README.md (1980, 2, 1)
0o40755 bin/ (1980, 2, 1)
0o100755 bin/run (1980, 2, 1)
0o120777 bin/self (1980, 2, 1)
0o120777 bin/up (1980, 2, 1)
0o40755 docs/ (1980, 2, 1)
0o100600 docs/a b.txt (1980, 2, 1)
0o120777 docs/here (1980, 2, 1)
0o40700 empty/ (1980, 2, 1)
0o100444 empty.txt (1980, 2, 1)
0o120777 gone (1980, 2, 1)
0o120777 loop (1980, 2, 1)
`
		if diff := cmp.Diff(want, string(out)); diff != "" {
			t.Errorf("entries (-want +got):\n%s", diff)
		}
	})
}

func readFile(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
