package codecommit_test

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/codecommit"
	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
)

// emptyBlobID is the ID of the blob without content.
const emptyBlobID = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"

// blobAPI returns an API whose GetBlob fails with the function's error.
func blobAPI(f func(context.Context) error) *fakeAPI {
	return &fakeAPI{getBlob: func(ctx context.Context, _ *awscodecommit.GetBlobInput) (*awscodecommit.GetBlobOutput, error) {
		if err := f(ctx); err != nil {
			return nil, err
		}
		return &awscodecommit.GetBlobOutput{Content: []byte{}}, nil
	}}
}

// sleep is time.Sleep with a context.
func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// gauge is a service that refuses more than so many calls at once.
type gauge struct {
	mu                  sync.Mutex
	capacity            int
	inFlight, max       int
	answered, throttled int
}

func (g *gauge) call(ctx context.Context) error {
	g.mu.Lock()
	g.inFlight++
	g.max = max(g.max, g.inFlight)
	refuse := g.inFlight > g.capacity
	g.mu.Unlock()
	took := 20 * time.Millisecond
	if refuse {
		took = time.Millisecond
	}
	err := sleep(ctx, took)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.inFlight--
	if refuse {
		g.throttled++
		return apiError("ThrottlingException")
	}
	g.answered++
	return err
}

// reset sets the capacity and returns what was seen since the last reset.
func (g *gauge) reset(capacity int) (maxInFlight, answered, throttled int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	maxInFlight, answered, throttled = g.max, g.answered, g.throttled
	g.capacity, g.max, g.answered, g.throttled = capacity, 0, 0, 0
	return
}

func TestThrottling(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const workers = 64
		service := &gauge{capacity: workers}
		r := codecommit.New(blobAPI(service.call), "staging")
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for range workers {
			wg.Go(func() {
				for ctx.Err() == nil {
					if _, err := r.Blob(ctx, emptyBlobID); err != nil && !errors.Is(err, context.Canceled) {
						t.Error(err)
					}
				}
			})
		}
		time.Sleep(time.Second)
		if inFlight, _, throttled := service.reset(10); inFlight != workers || throttled != 0 {
			t.Errorf("unthrottled: %d calls in flight, %d throttled, want %d, 0", inFlight, throttled, workers)
		}
		time.Sleep(20 * time.Second) // to settle
		service.reset(10)
		time.Sleep(time.Minute)
		inFlight, answered, throttled := service.reset(workers)
		t.Logf("10 allowed: %d calls in flight at most, %d answered, %d throttled", inFlight, answered, throttled)
		if inFlight > 20 {
			t.Errorf("%d calls in flight where 10 are allowed", inFlight)
		}
		if possible := 10 * int(time.Minute/(20*time.Millisecond)); answered < possible*2/3 {
			t.Errorf("%d calls answered of %d possible", answered, possible)
		}
		if throttled > answered/10 {
			t.Errorf("%d calls throttled, %d answered", throttled, answered)
		}
		time.Sleep(20 * time.Second)
		service.reset(workers)
		time.Sleep(time.Second)
		if inFlight, _, throttled := service.reset(0); inFlight != workers || throttled != 0 {
			t.Errorf("recovered: %d calls in flight, %d throttled, want %d, 0", inFlight, throttled, workers)
		}
		// The service refuses everything: calls go on one by one, and all of
		// them end with the context.
		time.Sleep(5 * time.Minute)
		service.reset(0)
		time.Sleep(5 * time.Minute)
		if inFlight, _, _ := service.reset(0); inFlight != 1 {
			t.Errorf("%d calls in flight to a service that takes none", inFlight)
		}
		cancel()
		wg.Wait()

		// No slot is lost.
		service.reset(workers)
		for range 3 {
			if _, err := r.Blob(t.Context(), emptyBlobID); err != nil {
				t.Error(err)
			}
		}
	})
}

func TestThrottlingSharedByWith(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service := &gauge{capacity: 1}
		r := codecommit.New(blobAPI(service.call), "staging")
		other := r.With(func(o *codecommit.Options) { o.SkipVerify = true })
		var wg sync.WaitGroup
		work := func(r *codecommit.Repository) {
			wg.Go(func() {
				for range 500 {
					if _, err := r.Blob(t.Context(), emptyBlobID); err != nil {
						t.Error(err)
					}
				}
			})
		}
		for range 4 {
			work(r)
		}
		time.Sleep(time.Second)
		service.reset(1)
		for range 4 {
			work(other)
		}
		wg.Wait()
		if inFlight, _, _ := service.reset(1); inFlight > 3 {
			t.Errorf("%d calls in flight where one is allowed", inFlight)
		}
	})
}

func TestCancelWhileWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		throttle := true
		hold := make(chan struct{})
		r := codecommit.New(blobAPI(func(context.Context) error {
			if throttle {
				throttle = false
				return apiError("ThrottlingException")
			}
			<-hold
			return nil
		}), "staging")
		var wg sync.WaitGroup
		wg.Go(func() { // lowers the limit to 1, and then holds it
			if _, err := r.Blob(t.Context(), emptyBlobID); err != nil {
				t.Error(err)
			}
		})
		time.Sleep(time.Minute)
		ctx, cancel := context.WithCancel(t.Context())
		start := time.Now()
		for i := range 10 {
			wg.Go(func() {
				ctx := ctx
				if i%2 == 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, time.Second)
					defer cancel()
				}
				_, err := r.Blob(ctx, emptyBlobID)
				want := context.Canceled
				if i%2 == 0 {
					want = context.DeadlineExceeded
				}
				var callErr *codecommit.Error
				if !errors.Is(err, want) || !errors.As(err, &callErr) || callErr.Operation != "GetBlob" {
					t.Errorf("waiting call: %v, want an Error that wraps %v", err, want)
				}
			})
		}
		waits := make(chan error)
		go func() { // waits on, behind those that give up
			_, err := r.Blob(t.Context(), emptyBlobID)
			waits <- err
		}()
		time.Sleep(2 * time.Second)
		cancel()
		synctest.Wait()
		if got := time.Since(start); got != 2*time.Second {
			t.Errorf("the calls ended after %v", got)
		}
		// The one that waits gets the slot, at the moment that it is free.
		close(hold)
		if err := <-waits; err != nil {
			t.Error(err)
		}
		wg.Wait()
	})
}

// httpError is the error of a reply with the status.
func httpError(status int, err error) error {
	return &awshttp.ResponseError{ResponseError: &smithyhttp.ResponseError{
		Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status}}, Err: err,
	}}
}

func TestRetries(t *testing.T) {
	t.Parallel()
	lost := &smithyhttp.RequestSendError{Err: &url.Error{Op: "Post", URL: "https://codecommit", Err: &net.OpError{Op: "read", Err: syscall.ECONNRESET}}}
	denied := httpError(http.StatusBadRequest, apiError("AccessDeniedException"))
	tests := []struct {
		name    string
		reached bool // an earlier call was answered
		err     error
		retried bool
	}{
		{name: "throttling", err: apiError("ThrottlingException"), retried: true},
		{name: "throttling in other words", err: httpError(http.StatusBadRequest, apiError("RequestLimitExceeded")), retried: true},
		{name: "429", err: httpError(http.StatusTooManyRequests, apiError("Whatever")), retried: true},
		{name: "500", err: httpError(http.StatusInternalServerError, apiError("InternalFailure")), retried: true},
		{name: "503 of a proxy", err: httpError(http.StatusServiceUnavailable, &smithy.DeserializationError{Err: errors.New("<html>")}), retried: true},
		{name: "connection lost", reached: true, err: lost, retried: true},
		{name: "truncated", reached: true, err: httpError(http.StatusOK, &smithy.DeserializationError{Err: io.ErrUnexpectedEOF}), retried: true},
		{name: "truncated, the first reply", err: httpError(http.StatusOK, &smithy.DeserializationError{Err: io.ErrUnexpectedEOF}), retried: true},

		{name: "never reached", err: lost},
		{name: "never reached, quota spent", err: errors.Join(lost, errors.New("retry quota exceeded"))},
		{name: "encryption with 500", reached: true, err: httpError(http.StatusInternalServerError, apiError("EncryptionIntegrityChecksFailedException"))},
		{name: "key disabled", err: httpError(http.StatusBadRequest, apiError("EncryptionKeyDisabledException"))},
		{name: "denied", reached: true, err: denied},
		{name: "403 of a proxy", reached: true, err: httpError(http.StatusForbidden, errors.New("<html>"))},
		{name: "no such blob", reached: true, err: apiError("BlobIdDoesNotExistException")},
		{name: "nonsense", reached: true, err: httpError(http.StatusOK, &smithy.DeserializationError{Err: errors.New("invalid character")})},
		{name: "no certificate", err: &url.Error{Op: "Post", Err: x509.UnknownAuthorityError{}}},
		{name: "some other error", reached: true, err: errors.New("no credentials")},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				failures := 0
				var seen []codecommit.Call
				r := codecommit.New(blobAPI(func(context.Context) error {
					if failures > 0 {
						failures--
						return test.err
					}
					return nil
				}), "staging", func(o *codecommit.Options) { o.OnCall = func(c codecommit.Call) { seen = append(seen, c) } })
				if test.reached {
					if _, err := r.Blob(t.Context(), emptyBlobID); err != nil {
						t.Fatal(err)
					}
				}
				failures, seen = 5, nil
				_, err := r.Blob(t.Context(), emptyBlobID)
				want := 1
				if test.retried {
					want = 6
				}
				if len(seen) != want || (err == nil) != test.retried {
					t.Errorf("%d calls, %v, want %d calls", len(seen), err, want)
				}
				if err != nil && !errors.Is(err, test.err) {
					t.Errorf("error %v does not wrap %v", err, test.err)
				}
			})
		})
	}
}

func TestRetriesEndWithTheContext(t *testing.T) {
	t.Parallel()
	for name, err := range map[string]error{
		"throttled":    apiError("ThrottlingException"),
		"server error": httpError(http.StatusInternalServerError, apiError("InternalFailure")),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				calls := 0
				r := codecommit.New(blobAPI(func(context.Context) error { calls++; return err }), "staging")
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				start := time.Now()
				_, got := r.Blob(ctx, emptyBlobID)
				if !errors.Is(got, context.DeadlineExceeded) || !errors.Is(got, err) {
					t.Errorf("error %v, want the service's and the context's", got)
				}
				if took := time.Since(start); took != time.Hour {
					t.Errorf("it took %v", took)
				}
				if calls < 100 || calls > 2000 { // about one in 10 s
					t.Errorf("%d calls in an hour", calls)
				}
			})
		})
	}
}

func TestContextErrors(t *testing.T) {
	t.Parallel()
	s := codecommittest.NewServer(t, codecommittest.FS("staging", fstest.MapFS{"file": {Data: []byte("content")}}))
	s.SetFaults(codecommittest.Faults{Latency: time.Minute})
	r := open(s, "staging")
	calls := map[string]func(context.Context) error{
		"Resolve": func(ctx context.Context) error { _, err := r.Resolve(ctx, "main"); return err },
		"Folder":  func(ctx context.Context) error { _, err := r.Folder(ctx, unknownID, ""); return err },
		"Blob":    func(ctx context.Context) error { _, err := r.Blob(ctx, unknownID); return err },
		"FS":      func(ctx context.Context) error { _, err := r.FS(ctx, "main"); return err },
		"Changes": func(ctx context.Context) error {
			for _, err := range r.Changes(ctx, "", "main") {
				return err
			}
			return nil
		},
		"DefaultBranch": func(ctx context.Context) error { _, err := r.DefaultBranch(ctx); return err },
	}
	for name, call := range calls {
		canceled, cancel := context.WithCancel(t.Context())
		time.AfterFunc(20*time.Millisecond, cancel)
		if err := call(canceled); !errors.Is(err, context.Canceled) || !errors.As(err, new(*codecommit.Error)) {
			t.Errorf("%s: %v, want an Error that wraps context.Canceled", name, err)
		}
		if err := call(canceled); !errors.Is(err, context.Canceled) || !errors.As(err, new(*codecommit.Error)) {
			t.Errorf("%s with a context that has ended: %v", name, err)
		}
		timeout, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		if err := call(timeout); !errors.Is(err, context.DeadlineExceeded) || !errors.As(err, new(*codecommit.Error)) {
			t.Errorf("%s: %v, want an Error that wraps context.DeadlineExceeded", name, err)
		}
		cancel()
	}
}

func TestNoService(t *testing.T) {
	t.Parallel()
	s := codecommittest.NewServer(t, codecommittest.FS("staging", fstest.MapFS{}))
	cfg := s.Config()
	s.Close()
	r := codecommit.Open(cfg, "staging")
	var wg sync.WaitGroup
	for range 200 { // more than the SDK's quota of retries
		wg.Go(func() {
			_, err := r.Resolve(t.Context(), "main")
			if !errors.Is(err, syscall.ECONNREFUSED) {
				t.Errorf("error %v, want that the connection was refused", err)
			}
		})
	}
	wg.Wait()
}

func TestCalls(t *testing.T) {
	t.Parallel()
	s := codecommittest.NewServer(t, codecommittest.FS("staging", fstest.MapFS{"file": {Data: []byte("content")}}))
	var failures atomic.Int32
	s.SetFaults(codecommittest.Faults{Fail: func(string) string {
		if failures.Add(-1) >= 0 {
			return "ThrottlingException"
		}
		return ""
	}})
	tests := []struct {
		failures int32
		want     []codecommit.Call // without Err
	}{
		{0, []codecommit.Call{{Operation: "GetBranch", Attempts: 1}, {Operation: "GetCommit", Attempts: 1}}},
		{2, []codecommit.Call{{Operation: "GetBranch", Attempts: 3, Throttled: 2}, {Operation: "GetCommit", Attempts: 1}}},
		{5, []codecommit.Call{{Operation: "GetBranch", Attempts: 3, Throttled: 3}, {Operation: "GetBranch", Attempts: 3, Throttled: 2}, {Operation: "GetCommit", Attempts: 1}}},
	}
	for _, test := range tests {
		var got []codecommit.Call
		r := open(s, "staging", func(o *codecommit.Options) {
			o.OnCall = func(c codecommit.Call) {
				if (c.Err != nil) != (c.Throttled == 3) {
					t.Errorf("call %+v", c)
				}
				c.Err = nil
				got = append(got, c)
			}
		})
		failures.Store(test.failures)
		if _, err := r.Resolve(t.Context(), "main"); err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%d failures: calls (-want +got):\n%s", test.failures, diff)
		}
	}
}

func TestUnreliableService(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{}
	for i := range 40 {
		files[fmt.Sprintf("dir%d/file%d", i%4, i)] = &fstest.MapFile{Data: make([]byte, i*3000)}
	}
	s := codecommittest.NewServer(t, codecommittest.FS("staging", files))
	s.SetFaults(codecommittest.Faults{ErrorRate: 0.1, DropRate: 0.1, TruncateRate: 0.2, Rate: 500, Seed: 1})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	fsys, err := open(s, "staging").FS(ctx, "main")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for name, file := range files {
		wg.Go(func() {
			if content, err := fs.ReadFile(fsys, name); err != nil || len(content) != len(file.Data) {
				t.Errorf("%s: %d bytes, %v", name, len(content), err)
			}
		})
	}
	wg.Wait()
}

func TestConnectionsAreReused(t *testing.T) {
	t.Parallel()
	const workers, calls = 64, 10
	files := fstest.MapFS{}
	for i := range workers {
		files[fmt.Sprint(i)] = &fstest.MapFile{Data: fmt.Append(nil, i)}
	}
	s := codecommittest.NewServer(t, codecommittest.FS("staging", files))
	s.SetFaults(codecommittest.Faults{Latency: 2 * time.Millisecond})
	var dialed atomic.Int32
	cfg := s.Config()
	cfg.HTTPClient = awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		dial := t.DialContext
		t.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
			dialed.Add(1)
			return dial(ctx, network, address)
		}
	})
	r := codecommit.Open(cfg, "staging")
	folder, err := r.Folder(t.Context(), "main", "")
	if err != nil {
		t.Fatal(err)
	}
	s.ResetCalls()
	var wg sync.WaitGroup
	for _, e := range folder.Entries {
		wg.Go(func() {
			for range calls {
				if _, err := r.Blob(t.Context(), e.ID); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if got := dialed.Load(); got > 2*workers {
		t.Errorf("%d connections for %d calls at once", got, workers)
	}
	if got := s.Count(); got != workers*calls {
		t.Errorf("%d attempts for %d calls", got, workers*calls)
	}
}

func TestOpenKeepsAnHTTPClient(t *testing.T) {
	t.Parallel()
	s := codecommittest.NewServer(t, codecommittest.FS("staging", fstest.MapFS{"file": {Data: []byte("content")}}))
	var requests atomic.Int32
	cfg := s.Config()
	cfg.HTTPClient = clientFunc(func(req *http.Request) (*http.Response, error) {
		requests.Add(1)
		return http.DefaultClient.Do(req)
	})
	r := codecommit.Open(cfg, "staging")
	if r.Name() != "staging" {
		t.Errorf("Name() = %q", r.Name())
	}
	if _, err := r.Resolve(t.Context(), "main"); err != nil {
		t.Fatal(err)
	}
	if got := requests.Load(); got != 2 {
		t.Errorf("%d requests of the client, want 2", got)
	}
}

type clientFunc func(*http.Request) (*http.Response, error)

func (f clientFunc) Do(req *http.Request) (*http.Response, error) { return f(req) }

var _ aws.HTTPClient = clientFunc(nil)

// readerFunc is an io.Reader.
type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// TestRequestBodyEnds does what net/http does: it looks for the end of the
// request's body when all of it has been sent, perhaps not before the reply is
// being read. An error closes the connection.
func TestRequestBodyEnds(t *testing.T) {
	t.Parallel()
	cfg := aws.Config{Region: "us-east-1", Credentials: aws.AnonymousCredentials{}}
	looked := false
	cfg.HTTPClient = clientFunc(func(req *http.Request) (*http.Response, error) {
		if _, err := io.CopyN(io.Discard, req.Body, req.ContentLength); err != nil {
			return nil, err
		}
		reply := strings.NewReader(`{"content":""}`)
		body := readerFunc(func(p []byte) (int, error) {
			looked = true
			if n, err := io.Copy(io.Discard, req.Body); n != 0 || err != nil {
				t.Errorf("behind the end of the request's body: %d bytes, %v", n, err)
			}
			return reply.Read(p)
		})
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(body), ContentLength: -1}, nil
	})
	if _, err := codecommit.Open(cfg, "staging").Blob(t.Context(), emptyBlobID); err != nil {
		t.Error(err)
	}
	if !looked {
		t.Error("nobody read the reply")
	}
}
