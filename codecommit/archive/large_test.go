package archive_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/codecommit"
	"github.com/codesuite-go/codesuite/codecommit/archive"
	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
	"github.com/codesuite-go/codesuite/internal/gittest"
)

// largeFiles returns a repository with files over the API's limit, one of them
// twice, and what it holds.
var largeFiles = sync.OnceValue(func() map[string]string {
	big := longNoise("big", codecommit.MaxBlobSize+1)
	contents := noisyFiles(20, 1000)
	contents["big/first"] = big
	contents["big/second"] = longNoise("second", codecommit.MaxBlobSize+4096)
	contents["again"] = big
	contents["zeros"] = strings.Repeat("\x00", codecommit.MaxBlobSize+100)
	return contents
})

func tooLargePaths(t *testing.T, err error) []string {
	t.Helper()
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		t.Fatalf("error %v does not wrap one for each file", err)
	}
	var paths []string
	for _, err := range joined.Unwrap() {
		var tooLarge *archive.TooLargeError
		if !errors.As(err, &tooLarge) {
			t.Fatalf("error %v is not a TooLargeError", err)
		}
		if tooLarge.Limit != codecommit.MaxBlobSize || len(tooLarge.BlobID) != 40 {
			t.Errorf("got %+v", tooLarge)
		}
		paths = append(paths, tooLarge.Path)
	}
	return paths
}

func TestTooLarge(t *testing.T) {
	t.Parallel()
	all := []string{"again", "big/first", "big/second", "zeros"}
	server, cc := serveFS(t, files(largeFiles()))
	for _, tt := range []struct {
		name    string
		options archive.Options
		faults  codecommittest.Faults
		want    []string
	}{
		{name: "all", want: all},
		{name: "one call at a time", options: archive.Options{Concurrency: 1}, want: all},
		{name: "selected", options: archive.Options{Paths: []string{"big", "dir01"}}, want: []string{"big/first", "big/second"}},
		{name: "small pages", faults: codecommittest.Faults{PageSize: 1}, want: all},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server.SetFaults(tt.faults)
			for _, format := range formats {
				var out recorder
				leakless(t, func() {
					_, err := format.of(archive.New(cc, with(tt.options)), "main").Write(t.Context(), &out)
					checkError(t, err, codecommit.ErrTooLarge, "6291456 bytes", `"big/first"`, "set Options.LargeBlob")
					if diff := cmp.Diff(tt.want, tooLargePaths(t, err)); diff != "" {
						t.Errorf("paths mismatch (-want +got):\n%s", diff)
					}
				})
				incomplete(t, format.name, out.bytes())
			}
		})
	}
	t.Run("not selected", func(t *testing.T) {
		server.SetFaults(codecommittest.Faults{})
		if _, err := archive.New(cc, with(archive.Options{Paths: []string{"dir01"}})).Tar("main").Write(t.Context(), io.Discard); err != nil {
			t.Error(err)
		}
	})
}

// TestTooLargeBeforeTheListEnds lets all blobs arrive before the last page of
// the listing does.
func TestTooLargeBeforeTheListEnds(t *testing.T) {
	t.Parallel()
	contents := map[string]string{"a": "a", "z": "a"}
	for _, name := range []string{"b", "c", "d", "e"} {
		contents[name] = strings.Repeat(name, codecommit.MaxBlobSize+1)
	}
	server, cc := serveFS(t, files(contents))
	server.SetFaults(codecommittest.Faults{PageSize: 5})
	var answered atomic.Int64
	cc = cc.With(func(o *codecommit.Options) {
		o.OnCall = func(c codecommit.Call) {
			if c.Operation == "GetBlob" {
				answered.Add(1)
			}
		}
	})
	server.OnCall(func(op string) {
		if op == "GetDifferences" && server.Count(op) == 2 {
			for answered.Load() < 5 && t.Context().Err() == nil {
				time.Sleep(time.Millisecond)
			}
		}
	})
	for range 5 {
		answered.Store(0)
		server.ResetCalls()
		_, err := archive.New(cc).Tar("main").Write(t.Context(), io.Discard)
		if diff := cmp.Diff([]string{"b", "c", "d", "e"}, tooLargePaths(t, err)); diff != "" {
			t.Fatalf("paths mismatch (-want +got):\n%s", diff)
		}
	}
}

// closeCounter counts how often it is closed.
type closeCounter struct {
	io.Reader
	closed *atomic.Int64
}

func (c closeCounter) Close() error {
	c.closed.Add(1)
	return nil
}

func largeRepo(t *testing.T) *gittest.Repo {
	t.Helper()
	r := gittest.New(t)
	for name, content := range largeFiles() {
		r.Write(name, content)
	}
	r.Write("exactly", longNoise("exactly", codecommit.MaxBlobSize))
	r.Git("add", "--all", "--force")
	r.Git("update-index", "--chmod=+x", "big/first")
	r.Git("-c", "core.compression=1", "commit", "--quiet", "--message=Large")
	return r
}

func TestLargeBlob(t *testing.T) {
	t.Parallel()
	r := largeRepo(t)
	_, cc := serve(t, r.Dir)
	commit := r.Git("rev-parse", "HEAD")
	for _, format := range formats {
		t.Run(format.name, func(t *testing.T) {
			var opened, closed atomic.Int64
			var refs []archive.BlobRef
			options := archive.Options{Prefix: "p/", Level: 1, LargeBlob: func(ctx context.Context, ref archive.BlobRef) (io.ReadCloser, error) {
				opened.Add(1)
				refs = append(refs, ref)
				return closeCounter{bytes.NewReader(r.Output(nil, "cat-file", "blob", ref.ID)), &closed}, nil
			}}
			var got []byte
			leakless(t, func() {
				var err error
				if got, err = format.of(archive.New(cc, with(options)), "main").Bytes(t.Context()); err != nil {
					t.Fatal(err)
				}
			})
			var paths []string
			for _, ref := range refs {
				paths = append(paths, ref.Path)
				if ref.Commit != commit || ref.Repository != "staging" || ref.ID != r.Git("rev-parse", "HEAD:"+ref.Path) {
					t.Errorf("got %+v", ref)
				}
			}
			if diff := cmp.Diff([]string{"again", "big/first", "big/second", "zeros"}, paths); diff != "" {
				t.Errorf("paths mismatch (-want +got):\n%s", diff)
			}
			// The first one is the blob of "again" and "big/first".
			all := []string{r.Git("rev-parse", "HEAD:again"), r.Git("rev-parse", "HEAD:big/second"), r.Git("rev-parse", "HEAD:zeros")}
			if diff := cmp.Diff(all, append([]string{refs[0].ID}, refs[0].Others...)); diff != "" {
				t.Errorf("the first call knows other files (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(all[2:], refs[2].Others); diff != "" {
				t.Errorf("the third call knows other files (-want +got):\n%s", diff)
			}
			if opened.Load() != closed.Load() {
				t.Errorf("%d readers opened, %d closed", opened.Load(), closed.Load())
			}
			switch format.name {
			case "tar":
				sameTar(t, r.Output(nil, "archive", "--format=tar", "--prefix=p/", "main"), got)
			case "zip":
				want := r.Output(nil, "archive", "--format=zip", "--prefix=p/", "main")
				if diff := cmp.Diff(zipMembers(t, want), zipMembers(t, got)); diff != "" {
					t.Errorf("members mismatch (-want +got):\n%.2000s", diff)
				}
				checkUnzip(t, got)
			case "tar.gz":
				cmd := exec.CommandContext(t.Context(), "gzip", "-dc")
				cmd.Stdin = bytes.NewReader(got)
				tar, err := cmd.Output()
				if err != nil {
					t.Fatal(err)
				}
				sameTar(t, r.Output(nil, "archive", "--format=tar", "--prefix=p/", "main"), tar)
			}
		})
	}
}

// checkUnzip tests an archive with unzip, where there is one.
func checkUnzip(t *testing.T, data []byte) {
	t.Helper()
	unzip, err := exec.LookPath("unzip")
	if err != nil {
		return
	}
	file := filepath.Join(t.TempDir(), "test.zip")
	if err := os.WriteFile(file, data, 0o666); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), unzip, "-tq", file).CombinedOutput(); err != nil {
		t.Errorf("unzip: %v\n%s", err, out)
	}
}

// TestLargeBlobFails is not parallel: it looks at the folder of temporary
// files.
func TestLargeBlobFails(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	_, cc := serveFS(t, files(largeFiles()))
	for _, tt := range []struct {
		name  string
		large func(ctx context.Context, cancel func(), content string) (io.Reader, error)
		is    error
		names []string
		wrong bool // content
	}{
		{name: "error", is: errTest, names: []string{`"again"`, "LargeBlob"},
			large: func(context.Context, func(), string) (io.Reader, error) { return nil, errTest }},
		{name: "no reader", names: []string{`"again"`, "LargeBlob"},
			large: func(context.Context, func(), string) (io.Reader, error) { return nil, nil }},
		{name: "error of the reader", is: errTest, names: []string{`"again"`, "LargeBlob"},
			large: func(_ context.Context, _ func(), content string) (io.Reader, error) {
				return io.MultiReader(strings.NewReader(content[:5_000_000]), errorReader{}), nil
			}},
		{name: "truncated", names: []string{`"again"`}, wrong: true,
			large: func(_ context.Context, _ func(), content string) (io.Reader, error) {
				return strings.NewReader(content[:len(content)-1]), nil
			}},
		{name: "empty", names: []string{`"again"`}, wrong: true,
			large: func(context.Context, func(), string) (io.Reader, error) { return strings.NewReader(""), nil }},
		{name: "too much", names: []string{`"again"`}, wrong: true,
			large: func(_ context.Context, _ func(), content string) (io.Reader, error) {
				return strings.NewReader(content + "x"), nil
			}},
		{name: "flipped bit", names: []string{`"again"`}, wrong: true,
			large: func(_ context.Context, _ func(), content string) (io.Reader, error) {
				b := []byte(content)
				b[len(b)/2] ^= 1
				return bytes.NewReader(b), nil
			}},
		{name: "context ends", is: context.Canceled,
			large: func(ctx context.Context, cancel func(), content string) (io.Reader, error) {
				return io.MultiReader(strings.NewReader(content[:100_000]), readerFunc(func([]byte) (int, error) {
					cancel()
					<-ctx.Done()
					return 1, nil
				}), strings.NewReader(content[100_001:])), nil
			}},
	} {
		for _, format := range formats {
			t.Run(tt.name+"/"+format.name, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				var opened, closed atomic.Int64
				options := archive.Options{LargeBlob: func(ctx context.Context, ref archive.BlobRef) (io.ReadCloser, error) {
					r, err := tt.large(ctx, cancel, largeFiles()[ref.Path])
					if r == nil {
						return nil, err
					}
					opened.Add(1)
					return closeCounter{r, &closed}, err
				}}
				var out recorder
				leakless(t, func() {
					_, err := format.of(archive.New(cc, with(options)), "main").Write(ctx, &out)
					checkError(t, err, tt.is, tt.names...)
					var integrity *archive.IntegrityError
					if errors.As(err, &integrity) != tt.wrong || tt.wrong && integrity.Path != "again" {
						t.Errorf("error %v: got %+v", err, integrity)
					}
				})
				incomplete(t, format.name, out.bytes())
				if opened.Load() != closed.Load() {
					t.Errorf("%d readers opened, %d closed", opened.Load(), closed.Load())
				}
				noTemporaryFiles(t, temp)
			})
		}
	}
}

type errorReader struct{}

func (errorReader) Read([]byte) (int, error) { return 0, errTest }

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// TestTooLargeWhenRepliesAreCut retries replies that break off, also those
// that say that a file is too large.
func TestTooLargeWhenRepliesAreCut(t *testing.T) {
	t.Parallel()
	contents := map[string]string{"small": "small"}
	for _, name := range []string{"a", "b", "c", "d"} {
		contents[name] = strings.Repeat(name, codecommit.MaxBlobSize+1)
	}
	server, cc := serveFS(t, files(contents))
	for seed := range uint64(10) {
		server.SetFaults(codecommittest.Faults{TruncateRate: 0.3, Seed: seed})
		_, err := archive.New(cc).Tar("main").Write(t.Context(), io.Discard)
		var tooLarge *archive.TooLargeError
		if !errors.As(err, &tooLarge) {
			t.Fatalf("error %v is not a TooLargeError", err)
		}
		if got := tooLargePaths(t, err); !slices.Equal(got, []string{"a", "b", "c", "d"}) {
			t.Errorf("got paths %q", got)
		}
	}
}
