package archive_test

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/codecommit"
	"github.com/codesuite-go/codesuite/codecommit/archive"
	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
	"github.com/codesuite-go/codesuite/internal/gittest"
)

// corrupt are the faults that damage one blob.
func corrupt(id string) codecommittest.Faults {
	return codecommittest.Faults{CorruptBlobs: func(got string) bool { return got == id }}
}

// TestNew makes archivers that cannot work: the first call says so.
func TestNew(t *testing.T) {
	t.Parallel()
	server, cc := serveFS(t, files(map[string]string{"a": "a"}))
	for _, tt := range []struct {
		name  string
		a     *archive.Archiver
		names []string
	}{
		{"no repository", archive.New(nil), []string{"nil"}},
		{"level", archive.New(cc, with(archive.Options{Level: 10})), []string{"Level", "10"}},
		{"negative level", archive.New(cc, with(archive.Options{Level: -2})), []string{"Level", "-2"}},
		{"time", archive.New(cc, with(archive.Options{ModTime: time.Unix(-1, 0)})), []string{"ModTime", "1970"}},
		{"concurrency", archive.New(cc, with(archive.Options{Concurrency: -3})), []string{"Concurrency", "-3"}},
	} {
		dir := t.TempDir()
		_, err := tt.a.Zip("main").Bytes(t.Context())
		checkError(t, err, nil, tt.names...)
		_, err = tt.a.Zip("main").Save(t.Context(), filepath.Join(dir, "file"))
		checkError(t, err, nil, tt.names...)
		noTemporaryFiles(t, dir)
	}
	if n := server.Count(); n > 0 {
		t.Errorf("%d calls were made", n)
	}
	if _, err := archive.New(cc, nil).Zip("main").Bytes(t.Context()); err != nil {
		t.Errorf("a function that is nil: %v", err)
	}
	a := archive.New(cc, func(o *archive.Options) {
		if o.Concurrency != archive.DefaultConcurrency {
			t.Errorf("a function of the user finds the concurrency %d", o.Concurrency)
		}
	})
	if _, info, err := bytesInfo(t, a.Zip("main")); err != nil || info.Files != 1 {
		t.Errorf("got %+v, %v", info, err)
	}
}

func TestLevels(t *testing.T) {
	t.Parallel()
	r := gittest.New(t)
	r.Write("text", strings.Repeat("some text that compresses well\n", 3000)+noise("noise", 20_000))
	r.Write("empty", "")
	r.Commit("Files")
	_, cc := serve(t, r.Dir)
	sizes := map[int]int{}
	for _, level := range []int{archive.NoCompression, 1, 6, 9, 0} {
		for _, format := range formats {
			data, err := format.of(archive.New(cc, with(archive.Options{Level: level})), "main").Bytes(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			switch format.name {
			case "tar":
				sameTar(t, r.Output(nil, "archive", "--format=tar", "main"), data)
			case "tar.gz":
				cmd := exec.CommandContext(t.Context(), "gzip", "-dc")
				cmd.Stdin = bytes.NewReader(data)
				tar, err := cmd.Output()
				if err != nil {
					t.Fatal(err)
				}
				sameTar(t, r.Output(nil, "archive", "--format=tar", "main"), tar)
			case "zip":
				sizes[level] = len(data)
				want := "-6"
				if level == archive.NoCompression {
					want = "-0"
				}
				if diff := cmp.Diff(zipMembers(t, r.Output(nil, "archive", "--format=zip", want, "main")), zipMembers(t, data)); diff != "" {
					t.Errorf("level %d: members mismatch (-want +got):\n%.2000s", level, diff)
				}
				z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
				if err != nil {
					t.Fatal(err)
				}
				if stored := z.File[1].Method == zip.Store; stored != (level == archive.NoCompression) {
					t.Errorf("level %d: the method is %d", level, z.File[1].Method)
				}
				again, _ := zipOf(t, cc, "main", with(archive.Options{Level: level}), withBase(t, data))
				if !bytes.Equal(again, data) {
					t.Errorf("level %d: with itself as the base, the archive is another", level)
				}
			}
		}
	}
	if sizes[0] != sizes[6] || sizes[1] == sizes[9] || sizes[archive.NoCompression] <= sizes[1] {
		t.Errorf("the sizes by level are %v", sizes)
	}
}

func TestModTime(t *testing.T) {
	t.Parallel()
	r := everyShape(t)
	_, cc := serve(t, r.Dir)
	tree := r.Git("rev-parse", "main^{tree}")
	for _, seconds := range []string{"0", "1234567890", "8589934592"} {
		// A commit of this time has the same archive but for its ID.
		id := gitEnv(t, r, []string{"GIT_COMMITTER_DATE=@" + seconds + " +0000"}, "commit-tree", tree, "-m", "time")
		when, err := time.Parse(time.RFC3339, r.Git("show", "--no-patch", "--format=%cI", id))
		if err != nil {
			t.Fatal(err)
		}
		got, err := archive.New(cc, with(archive.Options{ModTime: when})).Tar("main").Bytes(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		want := r.Output(nil, "archive", "--format=tar", id)
		sameTar(t, bytes.ReplaceAll(want, []byte(id), []byte(r.Git("rev-parse", "main"))), got)
	}
}

// TestKeepUnconverted archives a file in an encoding that is not known.
func TestKeepUnconverted(t *testing.T) {
	t.Parallel()
	r := gittest.New(t)
	r.Write(".gitattributes", "*.w text eol=crlf working-tree-encoding=UTF-7\n*.u working-tree-encoding=none-such\n*.j working-tree-encoding=Shift_JIS\n")
	r.Git("add", ".gitattributes")
	for name, content := range map[string]string{"a.w": "gr\u00fcn\n", "sub/b.w": "a+b\n", "c.u": "gr\u00fcn\n", "plain.j": "ASCII\n", "kana.j": "\u30c6\u30b9\u30c8\n"} {
		r.Git("update-index", "--add", "--cacheinfo", "100644,"+r.Blob(content)+","+name)
	}
	r.Git("commit", "--quiet", "--message=Encodings")
	_, cc := serve(t, r.Dir)
	for _, format := range formats {
		_, err := format.of(archive.New(cc), "main").Bytes(t.Context())
		checkError(t, err, nil, `.w"`, "UTF-7", "KeepUnconverted")
		_, info, err := bytesInfo(t, format.of(archive.New(cc, with(archive.Options{KeepUnconverted: true})), "main"))
		if err != nil {
			t.Fatal(err)
		}
		want := []archive.Unconverted{{Path: "a.w", Encoding: "UTF-7"}, {Path: "sub/b.w", Encoding: "UTF-7"}}
		if diff := cmp.Diff(want, info.Unconverted); diff != "" {
			t.Errorf("Info.Unconverted mismatch (-want +got):\n%s", diff)
		}
	}
	paths := archive.Options{Paths: []string{"c.u", "plain.j", "kana.j"}}
	got, err := archive.New(cc, with(paths)).Tar("main").Bytes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	sameTar(t, r.Output(nil, "archive", "--format=tar", "main", "c.u", "plain.j", "kana.j"), got)
	data, _ := zipOf(t, cc, "main", with(archive.Options{KeepUnconverted: true}))
	for _, m := range zipMembers(t, data) {
		if m.Name == "a.w" && m.Content != "gr\u00fcn\r\n" { // all but the encoding
			t.Errorf("a.w is %q", m.Content)
		}
	}
}

// TestLargeUnconverted archives a file that is too large for the API and in an
// encoding that is not known.
func TestLargeUnconverted(t *testing.T) {
	t.Parallel()
	content := strings.Repeat("gr\u00fcn\n", codecommit.MaxBlobSize/6)
	_, cc := serveFS(t, files(map[string]string{".gitattributes": "large working-tree-encoding=UTF-7\n", "large": content}))
	options := archive.Options{KeepUnconverted: true, LargeBlob: func(context.Context, archive.BlobRef) (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(content)), nil
	}}
	data, info, err := bytesInfo(t, archive.New(cc, with(options)).Zip("main"))
	if err != nil {
		t.Fatal(err)
	}
	want := []archive.Unconverted{{Path: "large", Encoding: "UTF-7"}}
	if diff := cmp.Diff(want, info.Unconverted); diff != "" {
		t.Errorf("Info.Unconverted mismatch (-want +got):\n%s", diff)
	}
	if m := zipMembers(t, data); m[2].Content != content {
		t.Error("the content is another")
	}
	options.KeepUnconverted = false
	_, err = archive.New(cc, with(options)).Zip("main").Bytes(t.Context())
	checkError(t, err, nil, `"large"`, "UTF-7")
}
