package archive_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/codesuite-go/codesuite/codecommit/archive"
	"github.com/codesuite-go/codesuite/internal/gittest"
)

// TestManyFiles archives many files. CODESUITE_MANY_FILES is how many, instead
// of 6,000; over 65,535 a zip archive needs its 64-bit extension, which
// TestManyMembers always tests.
func TestManyFiles(t *testing.T) {
	t.Parallel()
	n := 6000
	if s := os.Getenv("CODESUITE_MANY_FILES"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	r := gittest.New(t)
	var in bytes.Buffer
	fmt.Fprint(&in, "commit refs/heads/main\ncommitter C <c@example.com> 1700000000 +0000\ndata 0\n")
	for i := range n {
		content := fmt.Sprint("content ", i%700)
		fmt.Fprintf(&in, "M 100644 inline d%d/e%d/f%d\ndata %d\n%s\n", i%97, i%11, i, len(content), content)
	}
	r.Output(in.Bytes(), "fast-import", "--quiet")
	server, cc := serve(t, r.Dir)
	got, err := archive.New(cc).Tar("main").Bytes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	sameTar(t, r.Output(nil, "archive", "--format=tar", "main"), got)

	server.ResetCalls()
	var out bytes.Buffer
	info, err := archive.New(cc).Zip("main").Write(t.Context(), &out)
	if err != nil {
		t.Fatal(err)
	}
	got = out.Bytes()
	if info.Files != n {
		t.Errorf("Info.Files is %d, want %d", info.Files, n)
	}
	// On a slow machine, folders are walked as well.
	if calls := server.Calls(); calls["GetBlob"] > 700 || calls["GetDifferences"] > n/1000+1 {
		t.Errorf("calls %v, want at most 700 for blobs and %d pages", calls, n/1000+1)
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
	checkZipTools(t, got, len(z.File))
}

// TestManyMembers makes a zip archive of more members than the format can
// count without its 64-bit extension.
func TestManyMembers(t *testing.T) {
	t.Parallel()
	_, cc := serveFS(t, files(map[string]string{"a": "a"}))
	const n = 1<<16 + 1
	extra := make([]archive.File, n)
	for i := range extra {
		extra[i].Name = fmt.Sprintf("extra/%d", i)
	}
	data, err := archive.New(cc, with(archive.Options{Extra: extra})).Zip("main").Bytes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	if len(z.File) != n+1 || z.File[n].Name != extra[n-1].Name {
		t.Errorf("%d members, want %d", len(z.File), n+1)
	}
	checkUnzip(t, data)
}

// checkZipTools reads a zip archive of n members with the programs that are
// there.
func checkZipTools(t *testing.T, data []byte, n int) {
	t.Helper()
	checkUnzip(t, data)
	if python, err := exec.LookPath("python3"); err == nil {
		file := filepath.Join(t.TempDir(), "many.zip")
		if err := os.WriteFile(file, data, 0o666); err != nil {
			t.Fatal(err)
		}
		script := "import sys,zipfile; z=zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; print(len(z.namelist()))"
		out, err := exec.CommandContext(t.Context(), python, "-c", script, file).CombinedOutput()
		if err != nil || string(out) != fmt.Sprintln(n) {
			t.Errorf("Python's zipfile: %v\n%s", err, out)
		}
	}
}
