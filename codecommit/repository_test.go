package codecommit_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"

	"github.com/codesuite-go/codesuite/codecommit"
	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
)

// What is wrong with the arguments of New is the error of the first call, and of
// every other.
func TestInvalidArguments(t *testing.T) {
	t.Parallel()
	api := new(fakeAPI)
	tests := map[string]struct {
		repo *codecommit.Repository
		want string
	}{
		"no API":                {codecommit.New(nil, "staging"), "the API given to New is nil"},
		"no client":             {codecommit.New((*awscodecommit.Client)(nil), "staging"), "the API given to New is nil"},
		"no name":               {codecommit.New(api, ""), "the name of the repository is empty"},
		"no name, opened":       {codecommit.Open(aws.Config{}, ""), "the name of the repository is empty"},
		"no option function":    {codecommit.New(api, "staging", nil), "an option function is nil"},
		"no function in With":   {codecommit.New(api, "staging").With(nil), "an option function is nil"},
		"stays with other ones": {codecommit.New(nil, "staging").With(func(*codecommit.Options) {}), "the API given to New is nil"},
	}
	for name, test := range tests {
		for method, call := range map[string]func() error{
			"Resolve":       func() error { _, err := test.repo.Resolve(t.Context(), "main"); return err },
			"FS":            func() error { _, err := test.repo.FS(t.Context(), unknownID); return err },
			"Folder":        func() error { _, err := test.repo.Folder(t.Context(), unknownID, ""); return err },
			"Blob":          func() error { _, err := test.repo.Blob(t.Context(), emptyBlobID); return err },
			"DefaultBranch": func() error { _, err := test.repo.DefaultBranch(t.Context()); return err },
			"Branches":      func() error { return first(test.repo.Branches(t.Context())) },
			"Changes":       func() error { return first(test.repo.Changes(t.Context(), "", unknownID)) },
		} {
			var e *codecommit.Error
			if err := call(); !errors.As(err, &e) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%s: %s: error %v, want an *Error with %q", name, method, err, test.want)
			}
		}
	}
}

// first returns the error of the first element.
func first[T any](seq iter.Seq2[T, error]) error {
	for _, err := range seq {
		return err
	}
	return nil
}

// The user's functions see the package's own values and have the last word.
func TestOptionFunctionsRunLast(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		failures := 1
		r := codecommit.New(blobAPI(func(context.Context) error {
			if failures--; failures >= 0 {
				return apiError("ThrottlingException")
			}
			return nil
		}), "staging", func(o *codecommit.Options) {
			if o.Logger == nil {
				t.Error("the function sees no default Logger")
			}
			o.Logger = slog.New(slog.NewTextHandler(&log, nil))
		}, func(o *codecommit.Options) { o.Logger = o.Logger.With("of", "the test") })
		if _, err := r.Blob(t.Context(), emptyBlobID); err != nil {
			t.Error(err)
		}
		if !strings.Contains(log.String(), `of="the test"`) {
			t.Errorf("log %q", log.String())
		}
	})
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
