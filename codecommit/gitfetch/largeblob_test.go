package gitfetch_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/codecommit"
	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
	"github.com/codesuite-go/codesuite/codecommit/gitfetch"
	"github.com/codesuite-go/codesuite/internal/gitobj"
	"github.com/codesuite-go/codesuite/internal/gittest"
	"github.com/codesuite-go/codesuite/internal/leaktest"
)

func TestMain(m *testing.M) { leaktest.Main(m, "codesuite/codecommit/gitfetch") }

// world is a server with a repository that has large files which share most of
// their content, so that git makes deltas of them.
type world struct {
	server  *codecommittest.Server
	commit  string
	content map[string]string // of large files, by path
}

func newWorld(t *testing.T) *world {
	t.Helper()
	shared := strings.Repeat("one line of many, number 17\n", 40_000)
	w := &world{content: map[string]string{
		"a.bin":     shared + "a",
		"b/b.bin":   "b" + shared,
		"b/c.bin":   shared[:500_000] + "c" + shared[500_000:],
		"b/d/e.bin": "e",
	}}
	files := fstest.MapFS{"small": {Data: []byte("small")}}
	for name, content := range w.content {
		files[name] = &fstest.MapFile{Data: []byte(content)}
	}
	w.server = codecommittest.NewServer(t, codecommittest.FS("staging", files))
	commit, err := codecommit.Open(w.server.Config(), "staging").Resolve(t.Context(), "main")
	if err != nil {
		t.Fatal(err)
	}
	w.commit = commit.ID
	return w
}

// ref names a file and all others.
func (w *world) ref(name string) codecommit.BlobRef {
	ref := codecommit.BlobRef{Repository: "staging", Commit: w.commit, Path: name, ID: gitobj.BlobID([]byte(w.content[name]))}
	for _, other := range []string{"a.bin", "b/b.bin", "b/c.bin", "b/d/e.bin"} {
		if other != name {
			ref.Others = append(ref.Others, gitobj.BlobID([]byte(w.content[other])))
		}
	}
	return ref
}

// quick lets the tests try again without long waits, and fetches records fetches.
func quick(fetches *[]gitfetch.Fetch) func(*gitfetch.Options) {
	var mu sync.Mutex
	return func(o *gitfetch.Options) {
		o.MaxElapsed = 20 * time.Second
		o.OnFetch = func(f gitfetch.Fetch) {
			mu.Lock()
			defer mu.Unlock()
			f.Elapsed = 0
			f.Bytes = min(f.Bytes, 1)
			*fetches = append(*fetches, f)
		}
	}
}

// read reads the file.
func read(ctx context.Context, large func(context.Context, codecommit.BlobRef) (io.ReadCloser, error), ref codecommit.BlobRef) (string, error) {
	body, err := large(ctx, ref)
	if err != nil {
		return "", err
	}
	content, err := io.ReadAll(body)
	return string(content), errors.Join(err, body.Close())
}

// TestLargeBlob fetches files from servers that offer less and less.
func TestLargeBlob(t *testing.T) {
	t.Parallel()
	const inCommit = 9 // objects: a commit, three trees, five blobs
	for _, tt := range []struct {
		name     string
		protocol codecommittest.GitProtocol
		blobs    int
		objects  int
		requests int
		fetches  int // that the server counts
	}{
		{"all", codecommittest.GitProtocol{}, 4, 4, 2, 1},
		{"no filter", codecommittest.GitProtocol{NoFilter: true}, 4, 4, 2, 1},
		{"no format", codecommittest.GitProtocol{NoFormat: true}, 4, 4, 2, 1},
		{"version 0, no format", codecommittest.GitProtocol{Version0: true, NoFormat: true}, 4, 4, 2, 1},
		{"tips only", codecommittest.GitProtocol{TipsOnly: true}, 0, inCommit, 3, 2},
		{"commits only", codecommittest.GitProtocol{CommitsOnly: true}, 0, inCommit, 3, 2},
		{"version 0, commits only", codecommittest.GitProtocol{Version0: true, CommitsOnly: true}, 0, inCommit, 2, 1},
		{"bad request", codecommittest.GitProtocol{Status: func(n int) int {
			if n == 1 {
				return http.StatusBadRequest
			}
			return 0
		}}, 0, inCommit, 3, 2},
		{"no shallow", codecommittest.GitProtocol{TipsOnly: true, NoShallow: true}, 0, inCommit, 3, 2},
		{"version 0", codecommittest.GitProtocol{Version0: true}, 4, 4, 2, 1},
		{"version 0, tips only", codecommittest.GitProtocol{Version0: true, TipsOnly: true}, 0, inCommit, 2, 1},
		{"version 0, nothing else", codecommittest.GitProtocol{Version0: true, TipsOnly: true, NoShallow: true, NoFilter: true}, 0, inCommit, 2, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.server.SetGitProtocol(tt.protocol)
			var fetches []gitfetch.Fetch
			large := gitfetch.LargeBlob(w.server.Config(), quick(&fetches))
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			for name, want := range w.content {
				got, err := read(ctx, large, w.ref(name))
				if err != nil {
					t.Fatal(err)
				}
				if got != want {
					t.Errorf("%s has %d bytes that are not the %d of the file", name, len(got), len(want))
				}
			}
			want := []gitfetch.Fetch{{
				Repository: "staging", Commit: w.commit, Blobs: tt.blobs, Objects: tt.objects, Bytes: 1, Requests: tt.requests,
			}}
			if diff := cmp.Diff(want, fetches); diff != "" {
				t.Errorf("fetches mismatch (-want +got):\n%s", diff)
			}
			if n := w.server.Count("GitPull"); n != tt.fetches {
				t.Errorf("the server counts %d fetches, want %d", n, tt.fetches)
			}
		})
	}
}

// TestOldCommit fetches a file of a commit that no branch or tag leads to directly, from
// servers that give commits alone.
func TestOldCommit(t *testing.T) {
	t.Parallel()
	gittest.Need(t)
	r := gittest.New(t)
	r.Write("large", "content")
	commit := r.Commit("first")
	r.Write("large", "other")
	r.Commit("second")
	server := codecommittest.NewServer(t, codecommittest.Git("staging", r.Dir))
	for _, protocol := range []codecommittest.GitProtocol{
		{CommitsOnly: true}, {Version0: true, CommitsOnly: true}, {Version0: true, CommitsOnly: true, NoShallow: true},
	} {
		server.SetGitProtocol(protocol)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		ref := codecommit.BlobRef{Repository: "staging", Commit: commit, Path: "large", ID: gitobj.BlobID([]byte("content"))}
		got, err := read(ctx, gitfetch.LargeBlob(server.Config()), ref)
		if err != nil || got != "content" {
			t.Errorf("%+v: got %q, %v", protocol, got, err)
		}
	}
}

// TestSignsAnew: credentials that change, or whose signature expires, while a fetch is
// tried again are asked for again, and sign with the time of the request.
func TestSignsAnew(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.server.SetGitProtocol(codecommittest.GitProtocol{Status: func(n int) int {
		if n < 3 {
			return http.StatusServiceUnavailable
		}
		return 0
	}})
	cfg := w.server.Config()
	var users, stamps []string
	client := &http.Client{}
	cfg.HTTPClient = clientFunc(func(r *http.Request) (*http.Response, error) {
		user, password, _ := r.BasicAuth()
		users, stamps = append(users, user), append(stamps, password[:15])
		return client.Do(r)
	})
	retrieved := 0
	cfg.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		retrieved++
		return aws.Credentials{AccessKeyID: fmt.Sprint("key-", retrieved), SecretAccessKey: "test", SessionToken: "to/k+e%n=="}, nil
	})
	start := time.Now().UTC().Add(-10 * time.Minute).Truncate(time.Second)
	requests := 0
	large := gitfetch.LargeBlob(cfg, func(o *gitfetch.Options) {
		o.Now = func() time.Time {
			requests++
			return start.Add(time.Duration(requests) * 4 * time.Minute)
		}
	})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if _, err := read(ctx, large, w.ref("a.bin")); err != nil {
		t.Fatal(err)
	}
	var wantUsers, wantStamps []string
	for i := 1; i <= 4; i++ { // the description, and three fetches
		wantUsers = append(wantUsers, fmt.Sprintf("key-%d%%to/k+e%%n==", i))
		wantStamps = append(wantStamps, start.Add(time.Duration(i)*4*time.Minute).Format("20060102T150405"))
	}
	if diff := cmp.Diff([][]string{wantUsers, wantStamps}, [][]string{users, stamps}); diff != "" {
		t.Errorf("users and times of the signatures mismatch (-want +got):\n%s", diff)
	}
}

// TestTemporaryFiles is not parallel: it looks at the folder of temporary files.
func TestTemporaryFiles(t *testing.T) {
	w := newWorld(t)
	empty := func(when string, dir string) {
		t.Helper()
		// The end of a context is seen by another goroutine.
		for end := time.Now().Add(5 * time.Second); ; time.Sleep(time.Millisecond) {
			entries, err := os.ReadDir(dir)
			if err != nil {
				t.Fatal(err)
			}
			if len(entries) == 0 {
				return
			}
			if time.Now().After(end) {
				t.Fatalf("%s the folder holds %v", when, entries)
			}
		}
	}
	dir := t.TempDir()
	large := gitfetch.LargeBlob(w.server.Config(), func(o *gitfetch.Options) { o.TempDir = dir })
	ctx, cancel := context.WithCancel(t.Context())
	body, err := large(ctx, w.ref("b/c.bin"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(body, make([]byte, 100)); err != nil {
		t.Fatal(err)
	}
	cancel()
	body.Close()
	empty("behind the context", dir)
	if _, err := large(ctx, w.ref("a.bin")); !errors.Is(err, context.Canceled) {
		t.Errorf("behind the context: error %v", err)
	}

	// A context that cannot end shares nothing.
	if _, err := read(context.Background(), large, w.ref("a.bin")); err != nil {
		t.Error(err)
	}
	empty("behind the reader", dir)

	w.server.SetGitProtocol(codecommittest.GitProtocol{Cut: func(int) int64 { return 5000 }})
	ctx, cancel = context.WithCancel(t.Context())
	defer cancel()
	impatient := gitfetch.LargeBlob(w.server.Config(), func(o *gitfetch.Options) { o.TempDir, o.MaxElapsed = dir, time.Nanosecond })
	if _, err := impatient(ctx, w.ref("a.bin")); err == nil {
		t.Error("a pack that was cut is no error")
	}
	cancel()
	empty("behind the error", dir)
}

func TestBrokenConnection(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		protocol codecommittest.GitProtocol
	}{
		{"cut", codecommittest.GitProtocol{Cut: func(n int) int64 {
			if n < 4 {
				return int64(n * n * 20)
			}
			return 0
		}}},
		{"status", codecommittest.GitProtocol{Status: func(n int) int {
			if n < 4 {
				return []int{http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable}[n-1]
			}
			return 0
		}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.server.SetGitProtocol(tt.protocol)
			var fetches []gitfetch.Fetch
			large := gitfetch.LargeBlob(w.server.Config(), quick(&fetches))
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			got, err := read(ctx, large, w.ref("a.bin"))
			if err != nil {
				t.Fatal(err)
			}
			if got != w.content["a.bin"] {
				t.Error("got other content")
			}
			if len(fetches) != 1 || fetches[0].Requests != 5 {
				t.Errorf("got %+v, want one fetch with 5 requests", fetches)
			}
		})
	}
}

func TestLargeBlobFails(t *testing.T) {
	t.Parallel()
	const unknown = "0123456789012345678901234567890123456789"
	for _, tt := range []struct {
		name     string
		protocol codecommittest.GitProtocol
		faults   codecommittest.Faults
		config   func(*aws.Config)
		optFn    func(*gitfetch.Options)
		ref      func(*codecommit.BlobRef)
		is       error
		want     []string
	}{
		{name: "permission", faults: codecommittest.Faults{Deny: []string{"GitPull"}}, is: fs.ErrPermission,
			want: []string{"IAM action codecommit:GitPull", "staging", "403"}},
		{name: "expired", optFn: func(o *gitfetch.Options) {
			o.Now = func() time.Time { return time.Now().Add(-16 * time.Minute) }
		}, is: fs.ErrPermission, want: []string{"expired", "clock"}},
		{name: "wrong secret", config: func(cfg *aws.Config) {
			cfg.Credentials = keys("AKIDEXAMPLE", "other secret", "").Credentials
		}, is: fs.ErrPermission, want: []string{"does not match"}},
		{name: "no repository", ref: func(r *codecommit.BlobRef) { r.Repository = "none" }, is: fs.ErrNotExist, want: []string{"none", "404"}},
		{name: "SHA-256", protocol: codecommittest.GitProtocol{Format: "sha256"}, want: []string{"sha256 object IDs"}},
		{name: "SHA-256, version 0", protocol: codecommittest.GitProtocol{Format: "sha256", Version0: true}, want: []string{"sha256 object IDs"}},
		{name: "unknown commit", ref: func(r *codecommit.BlobRef) { r.ID, r.Commit = unknown, unknown }, want: []string{unknown, "the server says"}},
		{name: "commit without a reference", protocol: codecommittest.GitProtocol{Version0: true, TipsOnly: true},
			ref: func(r *codecommit.BlobRef) { r.Commit = unknown }, want: []string{"no branch or tag leads"}},
		{name: "blob of another commit", protocol: codecommittest.GitProtocol{TipsOnly: true},
			ref: func(r *codecommit.BlobRef) { r.ID = unknown }, want: []string{"lacks the blob " + unknown}},
		{name: "no ID", ref: func(r *codecommit.BlobRef) { r.ID = "main" }, want: []string{`"main" is not an object ID`}},
		{name: "no commit ID", ref: func(r *codecommit.BlobRef) { r.Commit = "main" }, want: []string{`"main" is not an object ID`}},
		{name: "size", optFn: func(o *gitfetch.Options) { o.MaxSize = 100_000 }, want: []string{"100000 bytes", "Options.MaxSize"}},
		{name: "temporary folder", optFn: func(o *gitfetch.Options) { o.TempDir = "does/not/exist" }, is: fs.ErrNotExist, want: []string{"temporary file"}},
		{name: "always cut", protocol: codecommittest.GitProtocol{Cut: func(int) int64 { return 300 }},
			optFn: func(o *gitfetch.Options) { o.MaxElapsed = 300 * time.Millisecond },
			want:  []string{"connection broke", "given up after", "MaxElapsed"}},
		{name: "none of these"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.server.SetGitProtocol(tt.protocol)
			w.server.SetFaults(tt.faults)
			cfg, ref := w.server.Config(), w.ref("a.bin")
			if tt.config != nil {
				tt.config(&cfg)
			}
			if tt.ref != nil {
				tt.ref(&ref)
			}
			optFn := tt.optFn
			if optFn == nil {
				optFn = func(*gitfetch.Options) {}
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			_, err := read(ctx, gitfetch.LargeBlob(cfg, optFn), ref)
			if tt.want == nil {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			var failed *gitfetch.Error
			if !errors.As(err, &failed) || failed.Repository != ref.Repository || failed.Commit != ref.Commit {
				t.Fatalf("error %v: got %+v", err, failed)
			}
			if tt.is != nil && !errors.Is(err, tt.is) {
				t.Errorf("error %q is not %q", err, tt.is)
			}
			for _, text := range tt.want {
				if !strings.Contains(err.Error(), text) {
					t.Errorf("error %q lacks %q", err, text)
				}
			}
		})
	}
}

// TestContextEnds ends the context at various points of a fetch.
func TestContextEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.server.SetFaults(codecommittest.Faults{Latency: 2 * time.Millisecond})
	for i := range 20 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i)*2*time.Millisecond)
		_, err := read(ctx, gitfetch.LargeBlob(w.server.Config()), w.ref("a.bin"))
		if err != nil && !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("after %d ms: %v", 2*i, err)
		}
		cancel()
	}
}

// TestNoSecrets looks for the credentials in errors of servers that repeat what
// they got.
func TestNoSecrets(t *testing.T) {
	t.Parallel()
	cfg := keys("AKIDEXAMPLE", "s3cr3t", "t0ken")
	cfg.BaseEndpoint = aws.String("http://127.0.0.1")
	cfg.HTTPClient = clientFunc(func(r *http.Request) (*http.Response, error) {
		user, password, _ := r.BasicAuth()
		text := fmt.Sprintf("bad %s %s\x1b[31m", user, password)
		return &http.Response{StatusCode: 400, Body: io.NopCloser(strings.NewReader(text)), Request: r}, nil
	})
	w := newWorld(t)
	_, err := read(t.Context(), gitfetch.LargeBlob(cfg), w.ref("a.bin"))
	if err == nil || !strings.Contains(err.Error(), "bad [redacted]") {
		t.Fatalf("error %v", err)
	}
	for _, secret := range []string{"t0ken", "s3cr3t", "AKIDEXAMPLE", "\x1b", time.Now().UTC().Format("20060102T")} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("error %q has %q", err, secret)
		}
	}
}

// TestSecretsOfTheClient: an HTTP client of the caller repeats the request in its
// error.
func TestSecretsOfTheClient(t *testing.T) {
	t.Parallel()
	cfg := keys("AKIDEXAMPLE", "s3cr3t", "t0ken")
	cfg.BaseEndpoint = aws.String("http://127.0.0.1")
	errTest := errors.New("the error of the test")
	cfg.HTTPClient = clientFunc(func(r *http.Request) (*http.Response, error) {
		user, password, _ := r.BasicAuth()
		return nil, fmt.Errorf("sent %s %s %s: %w", r.Header.Get("Authorization"), user, password, errTest)
	})
	_, err := read(t.Context(), gitfetch.LargeBlob(cfg), newWorld(t).ref("a.bin"))
	if !errors.Is(err, errTest) || !strings.Contains(err.Error(), "sent Basic [redacted]") {
		t.Fatalf("error %v", err)
	}
	for _, secret := range []string{"t0ken", "AKIDEXAMPLE", time.Now().UTC().Format("20060102T")} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("error %q has %q", err, secret)
		}
	}
}

// TestContentEncoding: a gateway compresses replies although the request forbids it.
func TestContentEncoding(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]string{
		http.StatusOK:        `Content-Encoding "gzip", which was not asked for`,
		http.StatusForbidden: "403 Forbidden",
	} {
		cfg := keys("AKIDEXAMPLE", "s3cr3t", "t0ken")
		cfg.BaseEndpoint = aws.String("http://127.0.0.1")
		cfg.HTTPClient = clientFunc(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: status, Header: http.Header{"Content-Encoding": {"gzip"}}, Body: io.NopCloser(strings.NewReader("\x1f\x8bzipped")), Request: r}, nil
		})
		_, err := read(t.Context(), gitfetch.LargeBlob(cfg), newWorld(t).ref("a.bin"))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "zipped") {
			t.Errorf("status %d: error %v", status, err)
		}
	}
}

type clientFunc func(*http.Request) (*http.Response, error)

func (f clientFunc) Do(r *http.Request) (*http.Response, error) { return f(r) }

// TestConcurrent fetches with many archives at once.
func TestConcurrent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	large := gitfetch.LargeBlob(w.server.Config())
	var running sync.WaitGroup
	for range 4 {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		for name, want := range w.content {
			running.Go(func() {
				got, err := read(ctx, large, w.ref(name))
				if err != nil || got != want {
					t.Errorf("%s: %d bytes, %v", name, len(got), err)
				}
			})
		}
	}
	running.Wait()
	if n := w.server.Count("GitPull"); n != 4 {
		t.Errorf("%d fetches, want one for each of 4 contexts", n)
	}
}
