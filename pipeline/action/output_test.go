package action_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/internal/s3test"
	"github.com/codesuite-go/codesuite/pipeline/action"
)

// content is what the tests below put.
func content() fstest.MapFS {
	return fstest.MapFS{
		"README.md":    {Data: []byte("# Hello\n")},
		"bin":          {Mode: fs.ModeDir | 0o755},
		"bin/run":      {Data: []byte("#!/bin/sh\n"), Mode: 0o755},
		"bin/self":     {Data: []byte("run"), Mode: link},
		"docs/a b.txt": {Data: []byte("ä\n"), Mode: 0o600},
		"empty":        {Mode: fs.ModeDir | 0o700},
		"setuid":       {Mode: fs.ModeSetuid | 0o755},
	}
}

var wantContent = map[string]string{
	"README.md":    "-rw-r--r-- # Hello\n",
	"bin":          "drwxr-xr-x ",
	"bin/run":      "-rwxr-xr-x #!/bin/sh\n",
	"bin/self":     "Lrwxrwxrwx run",
	"docs":         "dr-xr-xr-x ",
	"docs/a b.txt": "-rw------- ä\n",
	"empty":        "drwx------ ",
	"setuid":       "-rwxr-xr-x ",
}

// noise is content that does not compress.
func noise(tb testing.TB, size int) fstest.MapFS {
	tb.Helper()
	data := make([]byte, size)
	rand.NewChaCha8([32]byte{}).Read(data)
	return fstest.MapFS{"noise": {Data: data, Mode: 0o644}}
}

// checkPut reads what was put.
func checkPut(t *testing.T, s *s3test.Server, want fstest.MapFS) {
	t.Helper()
	o := s.Get(bucket, builtKey)
	if o == nil {
		t.Fatal("there is no object")
	}
	zr, err := zip.NewReader(bytes.NewReader(o.Body), int64(len(o.Body)))
	if err != nil {
		t.Fatal(err)
	}
	for name, file := range want {
		got, err := fs.ReadFile(zr, name)
		if err != nil || !bytes.Equal(got, file.Data) {
			t.Errorf("%s: %d bytes, %v, want %d", name, len(got), err, len(file.Data))
		}
	}
	if n := s.Uploads(); n > 0 {
		t.Errorf("%d uploads were left behind", n)
	}
}

func TestPutOutput(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"", "arn:aws:kms:us-east-1:111122223333:key/8d0e0a5e"} {
		s := newS3(t)
		d := details()
		d.EncryptionKey = key
		if err := newJob(t, s, d).PutOutput(t.Context(), "Built", content()); err != nil {
			t.Fatal(err)
		}
		o := s.Get(bucket, builtKey)
		if o == nil {
			t.Fatal("there is no object")
		}
		first := bytes.Clone(o.Body)
		o.Body = nil
		if diff := cmp.Diff(&s3test.Object{ContentType: "application/zip", Encryption: "aws:kms", KMSKeyID: key}, o); diff != "" {
			t.Errorf("object (-want +got):\n%s", diff)
		}
		for _, r := range s.Requests() {
			if r.AccessKeyID != "ASIAJOB1" {
				t.Errorf("%s was signed with %s", r.Operation, r.AccessKeyID)
			}
		}

		// What was put can be read as an input artifact, and put again, with
		// the same bytes.
		d.Inputs[0].Key = builtKey
		job := newJob(t, s, d)
		fsys, err := job.Input(t.Context(), "Source")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(wantContent, look(t, fsys)); diff != "" {
			t.Errorf("content (-want +got):\n%s", diff)
		}
		if err := job.PutOutput(t.Context(), "Built", fsys); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first, s.Get(bucket, builtKey).Body) {
			t.Error("the same content gave other bytes")
		}
	}
}

func TestPutOutputOfFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, data := range map[string]string{"b": "2", "a/c": "3", "a.txt": "1"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("a", filepath.Join(dir, "link")); err != nil {
		t.Skip(err)
	}
	s := newS3(t)
	if err := newJob(t, s, details()).PutOutput(t.Context(), "Built", os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	body := s.Get(bucket, builtKey).Body
	zr, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range zr.File {
		names = append(names, f.Name)
		if !f.Modified.Equal(zr.File[0].Modified) || f.Modified.Year() != 1980 {
			t.Errorf("%s is of %v", f.Name, f.Modified)
		}
	}
	if diff := cmp.Diff([]string{"a/", "a/c", "a.txt", "b", "link"}, names); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
}

func TestPutLargeOutput(t *testing.T) {
	t.Parallel()
	s := newS3(t)
	d := details()
	d.EncryptionKey = "key-1"
	large := noise(t, 40<<20)
	if err := newJob(t, s, d).PutOutput(t.Context(), "Built", large); err != nil {
		t.Fatal(err)
	}
	checkPut(t, s, large)
	o := s.Get(bucket, builtKey)
	if o.Parts < 5 || o.Encryption != "aws:kms" || o.KMSKeyID != "key-1" {
		t.Errorf("%d parts, encryption %q with key %q", o.Parts, o.Encryption, o.KMSKeyID)
	}
}

// failingFS fails in the middle of a file.
type failingFS struct {
	fs.FS
	err   error
	after int64
}

func (f failingFS) Open(name string) (fs.File, error) {
	file, err := f.FS.Open(name)
	if err != nil || name == "." {
		return file, err
	}
	return failingFile{file, io.MultiReader(io.LimitReader(file, f.after), iotest.ErrReader(f.err))}, nil
}

type failingFile struct {
	fs.File
	r io.Reader
}

func (f failingFile) Read(p []byte) (int, error) { return f.r.Read(p) }

// Whatever fails, there is neither an object nor half an upload.
func TestPutOutputFails(t *testing.T) {
	t.Parallel()
	errDisk := errors.New("disk on fire")
	for _, size := range []int{1 << 10, 30 << 20} {
		large := noise(t, size)
		tests := []struct {
			name    string
			content fs.FS
			code    string
			want    error
			typ     action.FailureType
			panics  bool
		}{
			{name: "content", content: failingFS{large, errDisk, int64(size) - 10}, want: errDisk},
			{name: "panic", content: panickingFS{large}, panics: true},
			{name: "denied", content: large, code: "AccessDenied", typ: action.FailureTypePermissionError},
			{name: "down", content: large, code: "SlowDown", typ: action.FailureTypeSystemUnavailable},
			{name: "lost", content: large, code: "drop", typ: action.FailureTypeSystemUnavailable},
		}
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				t.Parallel()
				s := newS3(t)
				s.SetFail(func(r s3test.Request) string {
					if r.Operation == "PutObject" || r.Operation == "UploadPart" && r.Part != "1" {
						return tt.code
					}
					return ""
				})
				job := newJob(t, s, details())
				err := func() (err error) {
					defer func() {
						if v := recover(); (v != nil) != tt.panics {
							t.Errorf("panic %v", v)
						}
					}()
					return job.PutOutput(t.Context(), "Built", tt.content)
				}()
				switch {
				case tt.panics:
				case err == nil:
					t.Error("no error")
				case tt.want != nil && !errors.Is(err, tt.want):
					t.Errorf("error %v, want %v", err, tt.want)
				case failureType(err) != tt.typ:
					t.Errorf("failure type %q, want %q (%v)", failureType(err), tt.typ, err)
				}
				if s.Get(bucket, builtKey) != nil {
					t.Error("there is an object")
				}
				if n := s.Uploads(); n > 0 {
					t.Errorf("%d uploads were left behind", n)
				}
				// It can be put again.
				s.SetFail(nil)
				if err := job.PutOutput(t.Context(), "Built", large); err != nil {
					t.Fatal(err)
				}
				checkPut(t, s, large)
			})
		}
	}
}

type panickingFS struct{ fs.FS }

func (f panickingFS) Open(name string) (fs.File, error) {
	if name != "." {
		panic("content on fire")
	}
	return f.FS.Open(name)
}

func TestPutOutputCanceled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	stopped := errors.New("stopped")
	s := newS3(t)
	s.SetFail(func(r s3test.Request) string {
		if r.Part == "2" {
			cancel(stopped)
			return "SlowDown"
		}
		return ""
	})
	err := newJob(t, s, details()).PutOutput(ctx, "Built", noise(t, 60<<20))
	if err == nil || !errors.Is(err, context.Canceled) && !errors.Is(err, stopped) {
		t.Errorf("error %v", err)
	}
	if s.Get(bucket, builtKey) != nil || s.Uploads() > 0 {
		t.Errorf("an object, or %d uploads, were left behind", s.Uploads())
	}
}

// noLinks hides ReadLink.
type noLinks struct{ fs.FS }

func TestPutOutputRefuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		content fs.FS
		want    string
	}{
		{"device", fstest.MapFS{"a": {Mode: fs.ModeDevice}}, "neither a file"},
		{"backslash", fstest.MapFS{`a\b`: {}}, "backslash"},
		{"link that cannot be read", noLinks{content()}, "the target of a link"},
		{"no folder", fstest.MapFS{}, ""},
	} {
		s := newS3(t)
		err := newJob(t, s, details()).PutOutput(t.Context(), "Built", tt.content)
		if tt.want == "" {
			if err != nil {
				t.Errorf("%s: %v", tt.name, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v", tt.name, err)
		}
		if s.Get(bucket, builtKey) != nil {
			t.Errorf("%s: there is an object", tt.name)
		}
	}
}

func TestPutOutputNames(t *testing.T) {
	t.Parallel()
	s := newS3(t)
	job := newJob(t, s, details())
	err := job.PutOutput(t.Context(), "Build", content())
	if failureType(err) != action.FailureTypeConfigurationError || !strings.Contains(err.Error(), `"Build"`) || !strings.Contains(err.Error(), `"Built"`) {
		t.Errorf("error %v", err)
	}
	var wg sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		wg.Go(func() { errs[i] = job.PutOutput(t.Context(), "Built", content()) })
	}
	wg.Wait()
	failed := 0
	for _, err := range errs {
		if err != nil {
			failed++
		}
	}
	if failed != 3 || s.Count("PutObject") != 1 {
		t.Errorf("%d of 4 failed, %d were put: %v", failed, s.Count("PutObject"), errs)
	}
}

// An error of the content is one, also where it is what ends a reader.
func TestPutOutputOfContentThatFailsWithEOF(t *testing.T) {
	t.Parallel()
	random := make([]byte, 20<<20)
	rand.NewChaCha8([32]byte{}).Read(random)
	for name, size := range map[string]int{"whole": 100, "in parts": len(random)} {
		for _, want := range []error{io.EOF, io.ErrUnexpectedEOF, fs.ErrNotExist} {
			s := newS3(t)
			job := newJob(t, s, details())
			content := unopenableFS{fstest.MapFS{"a": {Data: random[:size]}, "b": {}}, "b", want}
			if err := job.PutOutput(t.Context(), "Built", content); !errors.Is(err, want) {
				t.Errorf("%s: error %v, want %v", name, err, want)
			}
			if s.Get(bucket, builtKey) != nil || s.Uploads() != 0 {
				t.Errorf("%s, %v: an artifact without all files is there", name, want)
			}
		}
	}
}

// unopenableFS cannot open one file.
type unopenableFS struct {
	fs.FS
	name string
	err  error
}

func (f unopenableFS) Open(name string) (fs.File, error) {
	if name == f.name {
		return nil, f.err
	}
	return f.FS.Open(name)
}

func TestPutOutputOfNothing(t *testing.T) {
	t.Parallel()
	s := newS3(t)
	if err := newJob(t, s, details()).PutOutput(t.Context(), "Built", nil); err == nil || !strings.Contains(err.Error(), "no content") {
		t.Errorf("error %v", err)
	}
}
