package action_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/internal/s3test"
	"github.com/codesuite-go/codesuite/pipeline/action"
)

// tree is what the archives of the tests below hold.
var tree = []entry{
	{name: "README.md", content: "# Hello\n", mode: 0o644},
	{name: "bin/", mode: fs.ModeDir | 0o755},
	{name: "bin/run", content: "#!/bin/sh\n", mode: 0o755},
	{name: "bin/self", content: "run", mode: fs.ModeSymlink | 0o777},
	{name: "bin/up", content: "../docs/a b.txt", mode: fs.ModeSymlink | 0o777},
	{name: "docs/a b.txt", content: "ä\n", mode: 0o600},
	{name: "docs/here", content: ".", mode: fs.ModeSymlink | 0o777},
	{name: "empty/", mode: fs.ModeDir | 0o700},
	{name: "empty.txt", mode: 0o444},
	{name: "gone", content: "not/there", mode: fs.ModeSymlink | 0o777},
	{name: "loop", content: "loop", mode: fs.ModeSymlink | 0o777},
}

var wantTree = map[string]string{
	"README.md":    "-rw-r--r-- # Hello\n",
	"bin":          "drwxr-xr-x ",
	"bin/run":      "-rwxr-xr-x #!/bin/sh\n",
	"bin/self":     "Lrwxrwxrwx run",
	"bin/up":       "Lrwxrwxrwx ../docs/a b.txt",
	"docs":         "drwxr-xr-x ",
	"docs/a b.txt": "-rw------- ä\n",
	"docs/here":    "Lrwxrwxrwx .",
	"empty":        "drwx------ ",
	"empty.txt":    "-r--r--r-- ",
	"gone":         "Lrwxrwxrwx not/there",
	"loop":         "Lrwxrwxrwx loop",
}

func TestInput(t *testing.T) {
	t.Parallel()
	for name, archive := range map[string][]byte{
		"zip":    zipOf(t, tree...),
		"tar":    tarOf(t, tree...),
		"tar.gz": gzipOf(t, tarOf(t, tree...)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newS3(t)
			s.Put(bucket, sourceKey, archive)
			fsys, err := newJob(t, s, details()).Input(t.Context(), "Source")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(wantTree, look(t, fsys)); diff != "" {
				t.Errorf("content (-want +got):\n%s", diff)
			}
			for _, name := range []string{"gone", "loop", "README.md/x", "bin/self/x", "nowhere"} {
				if _, err := fsys.Open(name); err == nil {
					t.Errorf("Open(%q) succeeded", name)
				}
			}
			if err := fstest.TestFS(withoutBroken{fsys.(linkFS)}, "README.md", "bin/run", "bin/self", "bin/up", "docs/a b.txt", "empty", "empty.txt"); err != nil {
				t.Error(err)
			}
			followed, err := fs.ReadFile(fsys, "docs/here/here/../here/a b.txt")
			if !errors.Is(err, fs.ErrInvalid) {
				t.Errorf("name that is not valid: %q, %v", followed, err)
			}
			followed, err = fs.ReadFile(fsys, "docs/here/here/a b.txt")
			if err != nil || string(followed) != "ä\n" {
				t.Errorf("through links: %q, %v", followed, err)
			}
			info, err := fs.Stat(fsys, "README.md")
			if err != nil || info.ModTime().Unix() != 1_700_000_000 {
				t.Errorf("modification time %v, %v", info.ModTime(), err)
			}
			dir := t.TempDir()
			root, err := fs.Sub(fsys, "docs")
			if err != nil {
				t.Fatal(err)
			}
			if err := os.CopyFS(filepath.Join(dir, "copy"), root); err != nil {
				t.Errorf("CopyFS: %v", err)
			}
			for _, r := range s.Requests() {
				if r.AccessKeyID != "ASIAJOB1" || r.Header.Get("X-Amz-Security-Token") != "job-session-token-1" {
					t.Errorf("%s was signed with %s", r.Operation, r.AccessKeyID)
				}
			}
		})
	}
}

type linkFS interface {
	fs.ReadDirFS
	fs.ReadLinkFS
	fs.ReadFileFS
	fs.StatFS
}

// withoutBroken hides the links that lead nowhere from fstest.TestFS, which
// opens all links.
type withoutBroken struct{ linkFS }

func (f withoutBroken) ReadDir(name string) ([]fs.DirEntry, error) {
	list, err := f.linkFS.ReadDir(name)
	return slices.DeleteFunc(list, func(d fs.DirEntry) bool { return d.Name() == "gone" || d.Name() == "loop" }), err
}

func (f withoutBroken) Open(name string) (fs.File, error) {
	file, err := f.linkFS.Open(name)
	if dir, ok := file.(fs.ReadDirFile); ok {
		return folderWithoutBroken{dir}, err
	}
	return file, err
}

type folderWithoutBroken struct{ fs.ReadDirFile }

func (f folderWithoutBroken) ReadDir(n int) ([]fs.DirEntry, error) {
	list, err := f.ReadDirFile.ReadDir(n)
	return slices.DeleteFunc(list, func(d fs.DirEntry) bool { return d.Name() == "gone" || d.Name() == "loop" }), err
}

func TestInputOfEmptyArchives(t *testing.T) {
	t.Parallel()
	for name, archive := range map[string][]byte{
		"zip": zipOf(t), "tar": tarOf(t), "tar.gz": gzipOf(t, tarOf(t)), "tar of GNU": make([]byte, 10240),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newS3(t)
			s.Put(bucket, sourceKey, archive)
			fsys, err := newJob(t, s, details()).Input(t.Context(), "Source")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(map[string]string{}, look(t, fsys)); diff != "" {
				t.Errorf("content (-want +got):\n%s", diff)
			}
		})
	}
}

// What is asked for by several at once is downloaded once.
func TestInputTwice(t *testing.T) {
	t.Parallel()
	s := newS3(t)
	s.Put(bucket, sourceKey, zipOf(t, tree...))
	job := newJob(t, s, details())
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			fsys, err := job.Input(t.Context(), "Source")
			if err != nil {
				t.Error(err)
				return
			}
			if _, err := fs.ReadFile(fsys, "bin/run"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := s.Count("GetObject"); n != 1 {
		t.Errorf("%d calls of GetObject", n)
	}
}

// A large artifact comes in ranges, and parts whose connection is lost are
// got again.
func TestLargeInput(t *testing.T) {
	t.Parallel()
	random := rand.NewChaCha8([32]byte{})
	large := make([]byte, 40<<20)
	random.Read(large)
	s := newS3(t)
	s.Put(bucket, sourceKey, tarOf(t, entry{name: "large", content: string(large), mode: 0o644}))
	var mu sync.Mutex
	drops := 3
	s.SetFail(func(r s3test.Request) string {
		mu.Lock()
		defer mu.Unlock()
		if drops > 0 {
			drops--
			return "drop"
		}
		return ""
	})
	dir := t.TempDir()
	job := newJob(t, s, details(), func(o *action.JobOptions) { o.TempDir = dir })
	fsys, err := job.Input(t.Context(), "Source")
	if err != nil {
		t.Fatal(err)
	}
	got, err := fs.ReadFile(fsys, "large")
	if err != nil || !bytes.Equal(got, large) {
		t.Errorf("content differs: %d bytes, %v", len(got), err)
	}
	file, err := fsys.Open("large")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	part := make([]byte, 100)
	if _, err := file.(io.ReaderAt).ReadAt(part, 30<<20); err != nil || !bytes.Equal(part, large[30<<20:][:100]) {
		t.Errorf("ReadAt: %v", err)
	}
	if n := s.Count("GetObject"); n < 6 {
		t.Errorf("%d calls of GetObject", n)
	}
	if err := job.Close(); err != nil {
		t.Error(err)
	}
	if _, err := fs.ReadFile(fsys, "large"); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
	if _, err := job.Input(t.Context(), "Source"); err == nil {
		t.Error("Input after Close succeeded")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("temporary files are left: %v, %v", left, err)
	}
}

func TestInputErrors(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		artifact string
		code     string // that S3 fails with
		key      string // of the artifact store
		want     action.FailureType
		text     []string
	}{
		{name: "wrong name", artifact: "Sauce", want: action.FailureTypeConfigurationError, text: []string{`"Sauce"`, `"Source"`}},
		{name: "missing", artifact: "Source", want: action.FailureTypeRevisionUnavailable, text: []string{bucket, sourceKey, "NoSuchKey"}},
		{name: "denied", artifact: "Source", code: "AccessDenied", want: action.FailureTypePermissionError, text: []string{"s3:ListBucket"}},
		{name: "key denied", artifact: "Source", code: "AccessDenied: User: x is not authorized to perform: kms:Decrypt on resource: y",
			want: action.FailureTypePermissionError, text: []string{"policy of the KMS key", "kms:Decrypt and kms:GenerateDataKey"}},
		{name: "key disabled", artifact: "Source", code: "KMS.DisabledException", key: "arn:aws:kms:us-east-1:111122223333:key/1",
			want: action.FailureTypePermissionError, text: []string{"arn:aws:kms:us-east-1:111122223333:key/1", "disabled"}},
		{name: "throttled", artifact: "Source", code: "SlowDown", want: action.FailureTypeSystemUnavailable},
		{name: "wrong clock", artifact: "Source", code: "RequestTimeTooSkewed", want: action.FailureTypeSystemUnavailable, text: []string{"clock"}},
		{name: "in Glacier", artifact: "Source", code: "InvalidObjectState", want: action.FailureTypeRevisionUnavailable, text: []string{"lifecycle rule", "restore it"}},
		{name: "replaced", artifact: "Source", code: "PreconditionFailed", want: action.FailureTypeRevisionUnavailable, text: []string{"replaced while it was downloaded"}},
		{name: "other Region", artifact: "Source", code: "PermanentRedirect", want: action.FailureTypeConfigurationError, text: []string{"Region"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newS3(t)
			s.SetFail(func(s3test.Request) string { return tt.code })
			d := details()
			d.EncryptionKey = tt.key
			_, err := newJob(t, s, d).Input(t.Context(), tt.artifact)
			if got := failureType(err); got != tt.want {
				t.Errorf("failure type %q, want %q (%v)", got, tt.want, err)
			}
			for _, text := range tt.text {
				if !strings.Contains(err.Error(), text) {
					t.Errorf("the error does not tell %s: %v", text, err)
				}
			}
		})
	}
}

func TestInputWithoutS3(t *testing.T) {
	t.Parallel()
	_, err := action.NewJob(details()).Input(t.Context(), "Source")
	if failureType(err) != action.FailureTypeConfigurationError || !strings.Contains(err.Error(), "JobOptions.S3") {
		t.Errorf("error %v", err)
	}
}

// The clients of jobs share connections: each with its own would leave one
// behind for every job.
func TestJobsShareConnections(t *testing.T) {
	t.Parallel()
	s := newS3(t)
	s.Put(bucket, sourceKey, zipOf(t, tree...))
	clients := action.S3(s.Config(), s3test.PathStyle)
	for i := range 10 {
		d := details()
		d.Credentials.AccessKeyID = fmt.Sprint("ASIAJOB", i)
		job := newJob(t, s, d, func(o *action.JobOptions) { o.S3 = clients })
		if _, err := job.Input(t.Context(), "Source"); err != nil {
			t.Fatal(err)
		}
	}
	connections, keys := make(map[string]bool), make(map[string]bool)
	for _, r := range s.Requests() {
		connections[r.RemoteAddr], keys[r.AccessKeyID] = true, true
	}
	if len(connections) > 2 || len(keys) != 10 {
		t.Errorf("%d connections and %d access keys for 10 jobs, want hardly more than 1, and 10", len(connections), len(keys))
	}
}
