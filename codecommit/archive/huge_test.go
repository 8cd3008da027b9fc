package archive_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/codesuite-go/codesuite/codecommit/archive"
	"github.com/codesuite-go/codesuite/internal/gittest"
)

// TestManyFiles archives 100,000 files, more than a zip archive without its
// 64-bit extension can hold.
func TestManyFiles(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long")
	}
	n := 100_000
	if raceEnabled {
		n = 10_000
	}
	r := gittest.New(t)
	var in bytes.Buffer
	fmt.Fprint(&in, "commit refs/heads/main\ncommitter C <c@example.com> 1700000000 +0000\ndata 0\n")
	for i := range n {
		content := fmt.Sprint("content ", i%5000)
		fmt.Fprintf(&in, "M 100644 inline d%d/e%d/f%d\ndata %d\n%s\n", i%97, i%11, i, len(content), content)
	}
	r.Output(in.Bytes(), "fast-import", "--quiet")
	_, cc := serve(t, r.Dir)
	got, err := archive.New(cc).Tar("main").Bytes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	sameTar(t, r.Output(nil, "archive", "--format=tar", "main"), got)

	var out bytes.Buffer
	info, err := archive.New(cc).Zip("main").Write(t.Context(), &out)
	if err != nil {
		t.Fatal(err)
	}
	got = out.Bytes()
	if info.Files != n {
		t.Errorf("Info.Files is %d, want %d", info.Files, n)
	}
	if most := 5000 + n/1000 + 5; info.Calls > most {
		t.Errorf("%d calls, want at most %d", info.Calls, most)
	}
	z, err := zip.NewReader(bytes.NewReader(got), int64(len(got)))
	if err != nil {
		t.Fatal(err)
	}
	gits := r.Output(nil, "archive", "--format=zip", "main")
	want, err := zip.NewReader(bytes.NewReader(gits), int64(len(gits)))
	if err != nil {
		t.Fatal(err)
	}
	if len(want.File) != len(z.File) {
		t.Errorf("%d members, want %d", len(z.File), len(want.File))
	}
	checkUnzip(t, got)
	if python, err := exec.LookPath("python3"); err == nil {
		file := filepath.Join(t.TempDir(), "many.zip")
		if err := os.WriteFile(file, got, 0o666); err != nil {
			t.Fatal(err)
		}
		script := "import sys,zipfile; z=zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; print(len(z.namelist()))"
		out, err := exec.CommandContext(t.Context(), python, "-c", script, file).CombinedOutput()
		if err != nil || string(out) != fmt.Sprintln(len(z.File)) {
			t.Errorf("Python's zipfile: %v\n%s", err, out)
		}
	}
}
