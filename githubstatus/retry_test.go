package githubstatus_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/codesuite-go/codesuite/githubstatus"
	"github.com/codesuite-go/codesuite/internal/githubtest"
)

const secondary = `{"message":"You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}`

// What is tried again, and how long after.
func TestRetries(t *testing.T) {
	t.Parallel()
	reset := func(after time.Duration) string { // the clock of synctest starts in 2000
		return strconv.FormatInt(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).Add(after).Unix(), 10)
	}
	ok := reply(201, `{}`)
	tests := []struct {
		name    string
		replies []func(*http.Request) (*http.Response, error)
		min     time.Duration // until it succeeds
		max     time.Duration
	}{
		{"502", replies(reply(502, `{}`), ok), 0, time.Second},
		{"500, 503, 504", replies(reply(500, ``), reply(503, `<`), reply(504, `{}`), ok), 0, 4 * time.Second},
		{"503 with Retry-After", replies(reply(503, `{}`, "Retry-After", "20"), ok), 20 * time.Second, 21 * time.Second},
		{"connection reset", replies(failure(syscall.ECONNRESET), ok), 0, time.Second},
		{"no reply", replies(failure(io.EOF), failure(io.ErrUnexpectedEOF), ok), 0, 2 * time.Second},
		{"dial error", replies(failure(&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}), ok), 0, time.Second},
		{"error of an Auth's transport", replies(failure(errors.New("could not refresh token")), ok), 0, time.Second},
		{"too slow", replies(slowly(time.Hour, ok), ok), 15 * time.Second, 16 * time.Second},
		{"403 with Retry-After", replies(reply(403, secondary, "Retry-After", "7"), ok), 7 * time.Second, 8 * time.Second},
		{"429 with Retry-After", replies(reply(429, `{}`, "Retry-After", "90"), ok), 90 * time.Second, 91 * time.Second},
		{"Retry-After 0", replies(reply(429, `{}`, "Retry-After", "0"), ok), time.Second, 2 * time.Second},
		{"Retry-After with a date", replies(reply(429, `{}`, "Retry-After", "Sat, 01 Jan 2000 00:01:30 GMT"), ok), 90 * time.Second, 91 * time.Second},
		{"Retry-After by the server's clock", replies(reply(429, `{}`, "Retry-After", "Mon, 06 Jan 2020 00:01:30 GMT",
			"Date", "Mon, 06 Jan 2020 00:01:00 GMT"), ok), 30 * time.Second, 31 * time.Second},
		{"Retry-After is nonsense", replies(reply(429, `{}`, "Retry-After", "soon"), ok), time.Minute, 61 * time.Second},
		{"Retry-After before reset", replies(reply(403, `{}`, "Retry-After", "5", "X-Ratelimit-Remaining", "0", "X-Ratelimit-Reset", reset(time.Minute)), ok), 5 * time.Second, 6 * time.Second},
		{"primary limit", replies(reply(403, `{"message":"API rate limit exceeded for installation ID 1."}`,
			"X-Ratelimit-Remaining", "0", "X-Ratelimit-Reset", reset(200*time.Second)), ok), 200 * time.Second, 201 * time.Second},
		{"primary limit by the server's clock", replies(reply(429, `{}`, "X-Ratelimit-Remaining", "0",
			"X-Ratelimit-Reset", "1578268860", "Date", "Mon, 06 Jan 2020 00:00:00 GMT"), ok), time.Minute, 61 * time.Second},
		{"reset has passed", replies(reply(403, `{}`, "X-Ratelimit-Remaining", "0", "X-Ratelimit-Reset", "1"), ok), time.Second, 2 * time.Second},
		{"reset is nonsense", replies(reply(403, `{}`, "X-Ratelimit-Remaining", "0", "X-Ratelimit-Reset", "x"), ok), time.Minute, 61 * time.Second},
		{"secondary limit", replies(reply(403, secondary, "X-Ratelimit-Remaining", "4000"), ok), time.Minute, 61 * time.Second},
		{"secondary limit twice", replies(reply(403, secondary), reply(429, secondary), ok), 180 * time.Second, 182 * time.Second},
		{"abuse detection", replies(reply(403, `{"message":"You have triggered an abuse detection mechanism."}`), ok), time.Minute, 61 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &script{replies: tt.replies}
				want := len(tt.replies)
				start := time.Now()
				if err := scripted(s).Set(t.Context(), commit, success("ci")); err != nil {
					t.Fatal(err)
				}
				if took := time.Since(start); took < tt.min || took > tt.max {
					t.Errorf("it took %v, want %v to %v", took, tt.min, tt.max)
				}
				if s.count() != want {
					t.Errorf("%d requests, want %d", s.count(), want)
				}
				for _, body := range s.bodies {
					if body != s.bodies[0] || body == "" {
						t.Errorf("the requests' bodies are %q", s.bodies)
					}
				}
			})
		})
	}
}

// What is not tried again.
func TestNoRetries(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]func(*http.Request) (*http.Response, error){
		"400":       reply(400, `{"message":"Problems parsing JSON"}`),
		"403":       reply(403, `{"message":"Resource not accessible by integration"}`, "X-Ratelimit-Remaining", "4000"),
		"404":       reply(404, `{}`),
		"422":       reply(422, `{}`),
		"501":       reply(501, `{}`),
		"301":       reply(301, `{}`),
		"no host":   failure(&net.DNSError{Err: "no such host", Name: "git.example.com", IsNotFound: true}),
		"401 fixed": reply(401, `{}`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &script{replies: replies(first, reply(201, `{}`))}
			if err := scripted(s).Set(t.Context(), commit, success("ci")); err == nil || asError(t, err).Temporary() {
				t.Errorf("error %v, want one that is not temporary", err)
			}
			if s.count() != 1 {
				t.Errorf("%d requests, want 1", s.count())
			}
		})
	}
}

func TestRetriesEnd(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		reply    func(*http.Request) (*http.Response, error)
		attempts int
		max      time.Duration
	}{
		{"server errors", reply(502, `{}`), 10, 122 * time.Second},
		{"connections", failure(io.EOF), 10, 122 * time.Second},
		{"unknown errors", failure(errors.New("no key")), 3, 2 * time.Second},
		{"no reply", slowly(time.Hour, reply(201, `{}`)), 10, 272 * time.Second},
		{"an hour's rate limit", reply(429, `{}`, "Retry-After", "3600"), 1, 0},
		{"repeated rate limit", reply(403, secondary), 3, 182 * time.Second}, // 1 + 2 minutes; another 4 are too much
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				s := &script{replies: replies(tt.reply)}
				e := asError(t, scripted(s).Set(t.Context(), commit, success("ci")))
				if s.count() != tt.attempts || e.Attempts != tt.attempts || !e.Temporary() {
					t.Errorf("%d requests, want %d, and %v", s.count(), tt.attempts, e)
				}
				if took := time.Since(start); took > tt.max {
					t.Errorf("it took %v, want at most %v", took, tt.max)
				}
				if errors.Is(e, context.DeadlineExceeded) {
					t.Errorf("there was no deadline: %v", e)
				}
			})
		})
	}
}

// If there is no time for another attempt, the error comes at once.
func TestDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{replies: replies(reply(403, secondary))}
		client := scripted(s)
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		for i := range 2 { // the second one finds that the limit still holds, without a request
			start := time.Now()
			err := client.Set(ctx, commit, success(fmt.Sprint("ci/", i)))
			e := asError(t, err)
			if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, githubstatus.ErrRateLimited) {
				t.Errorf("error %v, want a rate limit and the deadline", err)
			}
			if took := time.Since(start); took != 0 {
				t.Errorf("it took %v", took)
			}
			if want := time.Date(2000, 1, 1, 0, 1, 0, 0, time.UTC); !e.RetryAt.Equal(want) {
				t.Errorf("RetryAt is %v, want %v", e.RetryAt, want)
			}
			if !strings.Contains(err.Error(), "2000-01-01T00:01:0") {
				t.Errorf("the error does not say when to try again: %v", err)
			}
			if e.Attempts != 1-i {
				t.Errorf("%d attempts, want %d", e.Attempts, 1-i)
			}
		}
		if s.count() != 1 {
			t.Errorf("%d requests, want 1", s.count())
		}
		// It ends by itself.
		time.Sleep(2 * time.Minute)
		s.replies = replies(reply(201, `{}`))
		if err := client.Set(t.Context(), commit, success("ci")); err != nil {
			t.Error(err)
		}
	})
}

// Within the context's deadline there is no MaxElapsed.
func TestLongDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{replies: replies(reply(429, `{}`, "Retry-After", "3000"), reply(201, `{}`))}
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		if err := scripted(s).Set(ctx, commit, success("ci")); err != nil {
			t.Error(err)
		}
	})
}

func TestCancel(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]func(*http.Request) (*http.Response, error){
		"while waiting": reply(502, `{}`, "Retry-After", "60"),
		"while calling": slowly(time.Hour, reply(201, `{}`)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &script{replies: replies(first)}
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(10*time.Second, cancel)
				start := time.Now()
				err := scripted(s).Set(ctx, commit, success("ci"))
				if !errors.Is(err, context.Canceled) {
					t.Errorf("error %v, want context.Canceled", err)
				}
				if took := time.Since(start); took != 10*time.Second {
					t.Errorf("it took %v, want 10s", took)
				}
			})
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := &script{replies: replies(reply(201, `{}`))}
	if err := scripted(s).Set(ctx, commit, success("ci")); !errors.Is(err, context.Canceled) || s.count() != 0 {
		t.Errorf("error %v after %d requests, want context.Canceled after none", err, s.count())
	}
}

// Nobody calls while a rate limit holds that another call has met.
func TestRateLimitIsShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{replies: replies(reply(429, `{}`, "Retry-After", "100"), reply(201, `{}`))}
		client := scripted(s)
		done := make(chan error)
		for i := range 5 {
			go func() { done <- client.Set(t.Context(), commit, success(fmt.Sprint("ci/", i))) }()
		}
		for range 5 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if s.count() != 6 {
			t.Errorf("%d requests, want 6", s.count())
		}
		for _, at := range s.at[1:] {
			if wait := at.Sub(s.at[0]); wait < 100*time.Second {
				t.Errorf("a request %v after the rate limit of 100s", wait)
			}
		}
	})
}

// Over real connections: two errors, a lost connection and a reply that is
// lost after GitHub has stored the status.
func TestRetriesOverHTTP(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	server.SetFaults(githubtest.Fail(502), githubtest.Drop(), githubtest.DropAfterStore())
	var log bytes.Buffer
	client := newClient(server, func(o *githubstatus.Options) { o.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
	if err := client.Set(t.Context(), commit, success("ci")); err != nil {
		t.Fatal(err)
	}
	if n := len(server.Statuses("octo/hello", sha)); n != 2 {
		t.Errorf("%d statuses, want that of the lost reply and another", n)
	}
	if n := strings.Count(log.String(), `set status \"ci\" of octo/hello@`+sha); n != 3 {
		t.Errorf("%d lines about retries, want 3:\n%s", n, log.String())
	}
}

func TestTimeoutOverHTTP(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	server.SetFaults(githubtest.Slow(time.Hour))
	client := newClient(server, func(o *githubstatus.Options) { o.Timeout = 50 * time.Millisecond })
	if err := client.Set(t.Context(), commit, success("ci")); err != nil {
		t.Fatal(err)
	}
	if n := server.Count("POST"); n < 2 {
		t.Errorf("%d requests, want more than the slow one", n)
	}
}

// An untrusted certificate does not get better, and the token is not sent.
func TestCertificate(t *testing.T) {
	t.Parallel()
	calls := 0
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		calls++
		w.WriteHeader(http.StatusCreated)
	}))
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.StartTLS()
	t.Cleanup(server.Close)
	set := func(httpClient *http.Client) error {
		return githubstatus.New(githubstatus.Token("t"), func(o *githubstatus.Options) {
			o.BaseURL, o.HTTPClient = server.URL+"/api/v3", httpClient
		}).Set(t.Context(), commit, success("ci"))
	}
	err := set(nil)
	var unknown x509.UnknownAuthorityError
	if !errors.As(err, &unknown) || !strings.Contains(err.Error(), "HTTPClient") || calls != 0 {
		t.Errorf("error %v after %d calls, want the unknown authority and what to do", err, calls)
	}
	if err := set(server.Client()); err != nil {
		t.Errorf("with the server's CA: %v", err)
	}
}

// A negative MaxElapsed lets a call wait for as long as GitHub says.
func TestNoMaxElapsed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{replies: replies(reply(403, "{}", "Retry-After", "7200"), reply(201, "{}"))}
		err := scripted(s, func(o *githubstatus.Options) { o.MaxElapsed = -1 }).Set(t.Context(), commit, success("ci"))
		if err != nil || s.count() != 2 {
			t.Errorf("error %v after %d requests", err, s.count())
		}
	})
}
