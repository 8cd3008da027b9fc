package action_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/codesuite-go/codesuite/internal/s3test"
	"github.com/codesuite-go/codesuite/pipeline/action"
)

const (
	bucket    = "codepipeline-us-east-1-111122223333"
	sourceKey = "my-pipeline/SourceArti/D0YHsJn"
	builtKey  = "my-pipeline/BuildArtif/3xW2qLm"
)

// roleKey is the access key of the program itself, which must never touch an
// artifact.
const roleKey = "AKIDEXAMPLE"

func details() action.Details {
	return action.Details{
		ID:      "f42b1a3e-6c1d-4b8e-9d3c-0123456789ab",
		Inputs:  []action.Artifact{{Name: "Source", Bucket: bucket, Key: sourceKey}},
		Outputs: []action.Artifact{{Name: "Built", Bucket: bucket, Key: builtKey}},
		Credentials: action.Credentials{
			AccessKeyID: "ASIAJOB1", SecretAccessKey: "job-secret-key-1", SessionToken: "job-session-token-1",
		},
	}
}

// newS3 starts a server that refuses the credentials of the program.
func newS3(tb testing.TB) *s3test.Server {
	s := s3test.NewServer(tb)
	s.Refuse(roleKey, "AccessDenied")
	return s
}

func newJob(tb testing.TB, s *s3test.Server, d action.Details, optFns ...func(*action.JobOptions)) *action.Job {
	dir := tb.TempDir()
	job := action.NewJob(d, append([]func(*action.JobOptions){func(o *action.JobOptions) {
		o.S3 = action.S3(s.Config(), s3test.PathStyle)
		o.TempDir = dir
	}}, optFns...)...)
	tb.Cleanup(func() { job.Close() })
	return job
}

// entry is an entry of an archive, as the writers below take it.
type entry struct {
	name    string
	content string // of a link: its target
	mode    fs.FileMode
	hard    string // target of a hard link
}

func zipOf(tb testing.TB, entries ...entry) []byte {
	tb.Helper()
	var buf bytes.Buffer
	zw := zip.NewWriter(&buf)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate, Modified: time.Unix(1_700_000_000, 0)}
		h.SetMode(e.mode)
		w, err := zw.CreateHeader(h)
		if err != nil {
			tb.Fatal(err)
		}
		if _, err := io.WriteString(w, e.content); err != nil {
			tb.Fatal(err)
		}
	}
	if err := zw.Close(); err != nil {
		tb.Fatal(err)
	}
	return buf.Bytes()
}

func tarOf(tb testing.TB, entries ...entry) []byte {
	tb.Helper()
	var buf bytes.Buffer
	tw := tar.NewWriter(&buf)
	for _, e := range entries {
		h := &tar.Header{Name: e.name, Mode: int64(e.mode.Perm()), ModTime: time.Unix(1_700_000_000, 0)}
		content := ""
		switch {
		case e.hard != "":
			h.Typeflag, h.Linkname = tar.TypeLink, e.hard
		case e.mode&fs.ModeCharDevice != 0:
			h.Typeflag = tar.TypeChar
		case e.mode&fs.ModeNamedPipe != 0:
			h.Typeflag = tar.TypeFifo
		case e.mode.IsDir():
			h.Typeflag = tar.TypeDir
		case e.mode&fs.ModeSymlink != 0:
			h.Typeflag, h.Linkname = tar.TypeSymlink, e.content
		default:
			h.Typeflag, h.Size, content = tar.TypeReg, int64(len(e.content)), e.content
		}
		if err := tw.WriteHeader(h); err != nil {
			tb.Fatal(err)
		}
		if _, err := io.WriteString(tw, content); err != nil {
			tb.Fatal(err)
		}
	}
	if err := tw.Close(); err != nil {
		tb.Fatal(err)
	}
	return buf.Bytes()
}

func gzipOf(tb testing.TB, data []byte) []byte {
	tb.Helper()
	var buf bytes.Buffer
	zw := gzip.NewWriter(&buf)
	if _, err := zw.Write(data); err != nil {
		tb.Fatal(err)
	}
	if err := zw.Close(); err != nil {
		tb.Fatal(err)
	}
	return buf.Bytes()
}

// look returns all that is in a file system: mode, and content or target.
func look(tb testing.TB, fsys fs.FS) map[string]string {
	tb.Helper()
	found := make(map[string]string)
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || name == "." {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		var content string
		switch {
		case info.Mode().IsRegular():
			data, err := fs.ReadFile(fsys, name)
			if err != nil {
				return err
			}
			content = string(data)
		case info.Mode()&fs.ModeSymlink != 0:
			if content, err = fs.ReadLink(fsys, name); err != nil {
				return err
			}
		}
		found[name] = info.Mode().String() + " " + content
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	return found
}

// failureType returns the type of the failure in the chain of an error.
func failureType(err error) action.FailureType {
	if f := (*action.Failure)(nil); errors.As(err, &f) {
		return f.Type
	}
	return ""
}

// logBuffer collects what is logged.
type logBuffer struct {
	mu  sync.Mutex
	buf strings.Builder
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func (b *logBuffer) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(b, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

func handler(f func(ctx context.Context, job *action.Job) (*action.Result, error)) action.Handler {
	return action.HandlerFunc(f)
}

func nothing(context.Context, *action.Job) (*action.Result, error) { return nil, nil }
