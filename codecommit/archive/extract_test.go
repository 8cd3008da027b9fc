package archive_test

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/codecommit/archive"
)

// extractors are programs that people extract archives with.
var extractors = []struct {
	name    string
	program string
	args    []string // FILE is the archive; the working folder is where it goes
	formats []string
	lossy   bool // makes neither links nor execute bits
}{
	{"unzip", "unzip", []string{"-q", "FILE"}, []string{"zip"}, false},
	{"tar", "tar", []string{"-xf", "FILE"}, []string{"tar", "tar.gz"}, false},
	{"bsdtar", "bsdtar", []string{"-xf", "FILE"}, []string{"zip", "tar", "tar.gz"}, false},
	{"Python zipfile", "python3", []string{"-c", "import sys,zipfile; z=zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; z.extractall('.')", "FILE"}, []string{"zip"}, true},
	{"Python tarfile", "python3", []string{"-c", "import sys,tarfile; t=tarfile.open(sys.argv[1]); t.extraction_filter=getattr(tarfile,'fully_trusted_filter',None); t.extractall('.')", "FILE"}, []string{"tar", "tar.gz"}, false},
}

// TestExtract extracts archives and compares what comes out with what comes
// out of git's.
func TestExtract(t *testing.T) {
	t.Parallel()
	r := everyShape(t)
	// Names that not all programs, or file systems of other systems, know.
	r.Git("rm", "--quiet", "--cached", "newline\nhere", "tab\there", "quo'te\"s")
	r.Git("commit", "--quiet", "--message=Usual names")
	_, cc := serve(t, r.Dir)
	want := extracted(t, r.Output(nil, "archive", "--format=tar", "--prefix=p/", "main"), "tar", "tar", "-xf", "FILE")
	for _, format := range formats {
		data, err := format.of(archive.New(cc, with(archive.Options{Prefix: "p/"})), "main").Bytes(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range extractors {
			if !strings.Contains(" "+strings.Join(x.formats, " ")+" ", " "+format.name+" ") {
				continue
			}
			t.Run(x.name+"/"+format.name, func(t *testing.T) {
				t.Parallel()
				got := extracted(t, data, format.name, append([]string{x.program}, x.args...)...)
				if !x.lossy {
					if diff := cmp.Diff(want, got); diff != "" {
						t.Errorf("what was extracted is not what git's tar holds (-want +got):\n%.2000s", diff)
					}
					return
				}
				if len(got) != len(want) {
					t.Errorf("%d files were extracted, want %d", len(got), len(want))
				}
				for name, w := range want {
					if strings.HasPrefix(w, "file") && strings.SplitN(got[name], " ", 2)[1] != strings.SplitN(w, " ", 2)[1] {
						t.Errorf("%s: got %.50q, want %.50q", name, got[name], w)
					}
				}
			})
		}
	}
}

// extracted extracts an archive and describes the files that come out.
func extracted(t *testing.T, data []byte, format string, command ...string) map[string]string {
	t.Helper()
	program, err := exec.LookPath(command[0])
	if err != nil {
		t.Skip(err)
	}
	dir := t.TempDir()
	file := filepath.Join(t.TempDir(), "archive."+format)
	if err := os.WriteFile(file, data, 0o666); err != nil {
		t.Fatal(err)
	}
	args := make([]string, len(command)-1)
	for i, arg := range command[1:] {
		args[i] = strings.ReplaceAll(arg, "FILE", file)
	}
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "LC_ALL=C.UTF-8")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%.2000s", command[0], err, out)
	}
	files := make(map[string]string)
	err = filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || name == dir {
			return err
		}
		rel, err := filepath.Rel(dir, name)
		if err != nil {
			return err
		}
		switch {
		case d.IsDir():
			files[rel] = "folder"
		case d.Type() == fs.ModeSymlink:
			target, err := os.Readlink(name)
			if err != nil {
				return err
			}
			files[rel] = "link " + target
		default:
			info, err := d.Info()
			if err != nil {
				return err
			}
			content, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			kind := "file "
			if info.Mode()&0o100 != 0 {
				kind = "file! "
			}
			files[rel] = kind + string(bytes.TrimSpace(content))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
