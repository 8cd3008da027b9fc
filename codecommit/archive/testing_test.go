package archive_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"

	"github.com/codesuite-go/codesuite/codecommit"
	"github.com/codesuite-go/codesuite/codecommit/archive"
	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
	"github.com/codesuite-go/codesuite/internal/gittest"
	"github.com/codesuite-go/codesuite/internal/leaktest"
)

// formats are the kinds of archives.
var formats = []struct {
	name string
	of   func(*archive.Archiver, string) *archive.Archive
}{
	{"zip", (*archive.Archiver).Zip},
	{"tar", (*archive.Archiver).Tar},
	{"tar.gz", (*archive.Archiver).TarGz},
}

// with returns the options as a function that sets them.
func with(options archive.Options) func(*archive.Options) {
	return func(o *archive.Options) { *o = options }
}

// tight returns an Archiver that holds a sixteenth of what it holds otherwise: 1 MiB
// of blobs that wait, and as much of those that occur again.
func tight(cc *codecommit.Repository, optFns ...func(*archive.Options)) *archive.Archiver {
	a := archive.New(cc, optFns...)
	a.SetLimits(1<<20, 1<<20)
	return a
}

// bytesInfo makes the archive in memory and describes it.
func bytesInfo(t testing.TB, ar *archive.Archive) ([]byte, *archive.Info, error) {
	t.Helper()
	var buf bytes.Buffer
	info, err := ar.Write(t.Context(), &buf)
	return buf.Bytes(), info, err
}

// madeOnce returns a function that returns a copy of the repository that
// create makes, which runs once. The copies hold their objects in a pack, and
// have an index and no files in the work tree.
func madeOnce(create func(testing.TB) *gittest.Repo) func(testing.TB) *gittest.Repo {
	var once sync.Once
	var bundle []byte
	return func(t testing.TB) *gittest.Repo {
		t.Helper()
		once.Do(func() { bundle = create(t).Output(nil, "bundle", "create", "--quiet", "-", "--all") })
		r := gittest.New(t)
		file := filepath.Join(t.TempDir(), "bundle")
		if err := os.WriteFile(file, bundle, 0o666); err != nil {
			t.Fatal(err)
		}
		r.Git("fetch", "--quiet", "--update-head-ok", file, "+refs/*:refs/*")
		r.Git("read-tree", "HEAD")
		return r
	}
}

// serveFS serves files and returns the repository as seen through the API.
func serveFS(t testing.TB, fsys fs.FS) (*codecommittest.Server, *codecommit.Repository) {
	t.Helper()
	server := codecommittest.NewServer(t, codecommittest.FS("staging", fsys))
	return server, codecommit.Open(server.Config(), "staging")
}

// files returns files with the names and contents.
func files(contents map[string]string) fstest.MapFS {
	fsys := make(fstest.MapFS)
	for name, content := range contents {
		fsys[name] = &fstest.MapFile{Data: []byte(content), Mode: 0o644}
	}
	return fsys
}

// noise returns n bytes that do not compress and depend on the seed.
func noise(seed string, n int) string {
	b := make([]byte, n)
	x := uint64(14695981039346656037)
	for _, c := range []byte(seed) {
		x = (x ^ uint64(c)) * 1099511628211
	}
	for i := range b {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		b[i] = byte(x >> 24)
	}
	return string(b)
}

// longNoise returns n bytes that are longer than what a compressor remembers.
func longNoise(seed string, n int) string {
	const size = 256 << 10
	return strings.Repeat(noise(seed, size), n/size+1)[:n]
}

func TestMain(m *testing.M) { leaktest.Main(m, "codesuite/codecommit/archive") }

// leakless runs do and fails the test if do leaves a goroutine behind.
func leakless(t *testing.T, do func()) {
	t.Helper()
	leaktest.During(t, do, "codesuite/codecommit", "klauspost/pgzip")
}

// tampered is the SDK's client with changed replies.
type tampered struct {
	codecommit.API
	differences func(*awscodecommit.GetDifferencesOutput)
	folder      func(path string, out *awscodecommit.GetFolderOutput)
}

func (a *tampered) GetDifferences(ctx context.Context, in *awscodecommit.GetDifferencesInput, optFns ...func(*awscodecommit.Options)) (*awscodecommit.GetDifferencesOutput, error) {
	out, err := a.API.GetDifferences(ctx, in, optFns...)
	if err == nil && a.differences != nil {
		a.differences(out)
	}
	return out, err
}

func (a *tampered) GetFolder(ctx context.Context, in *awscodecommit.GetFolderInput, optFns ...func(*awscodecommit.Options)) (*awscodecommit.GetFolderOutput, error) {
	out, err := a.API.GetFolder(ctx, in, optFns...)
	if err == nil && a.folder != nil {
		a.folder(*in.FolderPath, out)
	}
	return out, err
}

// client returns the SDK's client for the server.
func client(server *codecommittest.Server) *awscodecommit.Client {
	return awscodecommit.NewFromConfig(server.Config())
}

// recorder is a writer that keeps what it gets.
type recorder struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (r *recorder) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.buf.Write(p)
}

func (r *recorder) bytes() []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	return bytes.Clone(r.buf.Bytes())
}

// checkError checks an error for its class and for what its message names.
func checkError(t *testing.T, err, is error, names ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	if is != nil && !errors.Is(err, is) {
		t.Errorf("error %q is not %q", err, is)
	}
	for _, name := range names {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("error %q does not contain %q", err, name)
		}
	}
}

// incomplete checks that data is not a whole archive for those who read it.
func incomplete(t *testing.T, format string, data []byte) {
	t.Helper()
	if members, err := readArchive(format, data); err == nil {
		t.Errorf("a complete %s archive of %d members was written", format, members)
	}
}

// git runs git with environment variables in the repository.
func gitEnv(t testing.TB, r *gittest.Repo, env []string, args ...string) string {
	t.Helper()
	out, err := gittest.Run(r.Dir, nil, env, args...)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// noTemporaryFiles checks that the folder holds these names alone.
func noTemporaryFiles(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s holds %q, want %q", filepath.Base(dir), got, want)
	}
}

var errTest = errors.New("the error of the test")

// failingWriter fails after n bytes.
type failingWriter struct{ n int }

func (w *failingWriter) Write(p []byte) (int, error) {
	if len(p) > w.n {
		n := w.n
		w.n = 0
		return n, errTest
	}
	w.n -= len(p)
	return len(p), nil
}

var _ io.Writer = (*failingWriter)(nil)
