package action_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/internal/s3test"
	"github.com/codesuite-go/codesuite/pipeline/action"
)

// An artifact that is one file is read as it is, also where it is an archive,
// and beside Input, in any order; it is downloaded once.
func TestOpenInput(t *testing.T) {
	t.Parallel()
	for name, artifact := range map[string][]byte{
		"text":   []byte("Resources: {}\n"),
		"empty":  nil,
		"zip":    zipOf(t, tree...),
		"tar":    tarOf(t, tree...),
		"tar.gz": gzipOf(t, tarOf(t, tree...)),
		"gzip":   gzipOf(t, []byte("text")),
	} {
		for _, inputFirst := range []bool{false, true} {
			s := newS3(t)
			s.Put(bucket, sourceKey, artifact)
			dir := t.TempDir()
			job := newJob(t, s, details(), func(o *action.JobOptions) { o.TempDir = dir })
			isArchive := name == "zip" || name == "tar" || name == "tar.gz"
			input := func() {
				fsys, err := job.Input(t.Context(), "Source")
				if (err == nil) != isArchive || errors.Is(err, action.ErrNotArchive) == isArchive {
					t.Errorf("%s: Input: %v", name, err)
				}
				if isArchive {
					if diff := cmp.Diff(wantTree, look(t, fsys)); diff != "" {
						t.Errorf("%s: content (-want +got):\n%s", name, diff)
					}
				}
			}
			if inputFirst {
				input()
			}
			file, err := job.OpenInput(t.Context(), "Source")
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if !inputFirst {
				input()
			}
			if got, err := io.ReadAll(file); err != nil || !bytes.Equal(got, artifact) {
				t.Errorf("%s: %d bytes, %v, want %d", name, len(got), err, len(artifact))
			}
			info, err := file.Stat()
			if err != nil || info.Name() != "D0YHsJn" || info.Size() != int64(len(artifact)) || info.Mode() != 0o644 {
				t.Errorf("%s: %v, %v", name, info, err)
			}
			want := 1
			if inputFirst && name == "tar.gz" { // whose file was given up for the unpacked one
				want = 2
			}
			if n := s.Count("GetObject"); n != want && len(artifact) > 0 {
				t.Errorf("%s: %d calls of GetObject, want %d", name, n, want)
			}
			if err := job.Close(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
				t.Errorf("%s: temporary files are left: %v, %v", name, left, err)
			}
		}
	}
}

// Open files of one artifact have an offset each.
func TestOpenInputTwice(t *testing.T) {
	t.Parallel()
	s := newS3(t)
	s.Put(bucket, sourceKey, []byte("0123456789"))
	job := newJob(t, s, details())
	for range 2 {
		file, err := job.OpenInput(t.Context(), "Source")
		if err != nil {
			t.Fatal(err)
		}
		buf := make([]byte, 3)
		if _, err := file.(io.ReaderAt).ReadAt(buf, 7); err != nil || string(buf) != "789" {
			t.Errorf("ReadAt: %q, %v", buf, err)
		}
		if _, err := file.(io.Seeker).Seek(-4, io.SeekEnd); err != nil {
			t.Error(err)
		}
		if rest, err := io.ReadAll(file); err != nil || string(rest) != "6789" {
			t.Errorf("after Seek: %q, %v", rest, err)
		}
		if err := file.Close(); err != nil {
			t.Error(err)
		}
		if _, err := file.Read(buf); !errors.Is(err, fs.ErrClosed) {
			t.Errorf("after Close: %v", err)
		}
	}
	if n := s.Count("GetObject"); n != 1 {
		t.Errorf("%d calls of GetObject", n)
	}
	job.Close()
	if _, err := job.OpenInput(t.Context(), "Source"); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("after Close of the job: %v", err)
	}
}

func TestOpenInputErrors(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, artifact, code string
		want                 action.FailureType
		text                 string
	}{
		{"wrong name", "Sauce", "", action.FailureTypeConfigurationError, `"Source"`},
		{"missing", "Source", "", action.FailureTypeRevisionUnavailable, sourceKey},
		{"denied", "Source", "AccessDenied", action.FailureTypePermissionError, "s3:ListBucket"},
	} {
		s := newS3(t)
		s.SetFail(func(s3test.Request) string { return tt.code })
		_, err := newJob(t, s, details()).OpenInput(t.Context(), tt.artifact)
		if failureType(err) != tt.want || !strings.Contains(err.Error(), tt.text) {
			t.Errorf("%s: error %v", tt.name, err)
		}
	}
}

func TestPutOutputFile(t *testing.T) {
	t.Parallel()
	large := noise(t, 20<<20)["noise"].Data
	for name, content := range map[string][]byte{"empty": nil, "small": []byte("Resources: {}\n"), "large": large} {
		s := newS3(t)
		d := details()
		d.EncryptionKey = "key-1"
		if err := newJob(t, s, d).PutOutputFile(t.Context(), "Built", bytes.NewReader(content)); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		o := s.Get(bucket, builtKey)
		if o == nil || !bytes.Equal(o.Body, content) {
			t.Fatalf("%s: another object than what was put", name)
		}
		if o.ContentType != "application/octet-stream" || o.Encryption != "aws:kms" || o.KMSKeyID != "key-1" {
			t.Errorf("%s: type %q, encryption %q with key %q", name, o.ContentType, o.Encryption, o.KMSKeyID)
		}
	}
}

func TestPutOutputFileFails(t *testing.T) {
	t.Parallel()
	errDisk := errors.New("disk on fire")
	s := newS3(t)
	job := newJob(t, s, details(), func(o *action.JobOptions) { o.Limits.Download = 10 << 20 })
	noise := noise(t, 11<<20)["noise"].Data
	for _, tt := range []struct {
		name    string
		content io.Reader
		want    string
	}{
		{"nil", nil, "no content"},
		{"broken", io.MultiReader(bytes.NewReader(noise[:9<<20]), iotest.ErrReader(errDisk)), "disk on fire"},
		{"ends early", io.MultiReader(bytes.NewReader(noise[:9<<20]), iotest.ErrReader(io.ErrUnexpectedEOF)), "unexpected EOF"},
		{"too large", bytes.NewReader(noise), "Limits.Download"},
	} {
		err := job.PutOutputFile(t.Context(), "Built", tt.content)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v", tt.name, err)
		}
		if s.Get(bucket, builtKey) != nil || s.Uploads() > 0 {
			t.Errorf("%s: an object, or %d uploads, are left", tt.name, s.Uploads())
		}
	}
	if err := job.PutOutputFile(t.Context(), "Built", strings.NewReader("x")); err != nil {
		t.Errorf("after the failures: %v", err)
	}
	if err := job.PutOutput(t.Context(), "Built", content()); err == nil {
		t.Error("an artifact was put twice")
	}
}
