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
		{name: "501", reached: true, err: httpError(http.StatusNotImplemented, apiError("NotImplemented"))},
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
				r := codecommit.New(blobAPI(func(context.Context) error { calls++; return err }), "staging",
					func(o *codecommit.Options) { o.MaxElapsed = -1 })
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

func TestRetriesEndWithMaxElapsed(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		maxElapsed time.Duration
		latest     time.Duration // of the last attempt
		least      int           // calls
	}{
		"default":      {0, 5 * time.Minute, 20},
		"a minute":     {time.Minute, time.Minute, 7},
		"a nanosecond": {1, 0, 1},
	}
	for name, test := range tests {
		for kind, failure := range map[string]error{
			"throttled":    apiError("ThrottlingException"),
			"server error": httpError(http.StatusInternalServerError, apiError("InternalFailure")),
		} {
			t.Run(name+" "+kind, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					var calls int
					start := time.Now()
					var last time.Duration
					r := codecommit.New(blobAPI(func(context.Context) error {
						calls, last = calls+1, time.Since(start)
						return failure
					}), "staging", func(o *codecommit.Options) { o.MaxElapsed = test.maxElapsed })
					_, err := r.Blob(t.Context(), emptyBlobID)
					var e *codecommit.Error
					if !errors.Is(err, failure) || !errors.As(err, &e) || !strings.Contains(err.Error(), "Options.MaxElapsed") {
						t.Errorf("error %v, want an *Error with the service's and the option's name", err)
					}
					if last > test.latest || time.Since(start) > test.latest || calls < test.least {
						t.Errorf("%d calls, the last after %v, the error after %v", calls, last, time.Since(start))
					}
				})
			})
		}
	}
}

// Waiting for a turn while others are throttled does not count.
func TestMaxElapsedCountsFromTheFirstAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		r := codecommit.New(blobAPI(func(context.Context) error {
			if calls++; calls == 1 || calls == 3 {
				return apiError("ThrottlingException") // lowers the limit to one call
			}
			time.Sleep(10 * time.Minute)
			return nil
		}), "staging")
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() {
				if _, err := r.Blob(t.Context(), emptyBlobID); err != nil {
					t.Error(err)
				}
			})
			time.Sleep(time.Second)
		}
		wg.Wait()
	})
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
