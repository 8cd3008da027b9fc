package githubstatus_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/codesuite-go/codesuite/githubstatus"
	"github.com/codesuite-go/codesuite/internal/githubtest"
)

// prints returns v as every verb of fmt, JSON and slog show it.
func prints(v any) string {
	var b strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%X"} {
		fmt.Fprintf(&b, verb+"\n", v)
	}
	data, _ := json.Marshal(v)
	b.Write(data)
	slog.New(slog.NewTextHandler(&b, nil)).Info("x", "v", v)
	slog.New(slog.NewJSONHandler(&b, nil)).Info("x", "v", v)
	return b.String()
}

// leaks reports whether the text shows the token: in letters of any case, in
// hexadecimal digits, or in base64 after a user name of GitHub.
func leaks(text, token string) bool {
	lower := strings.ToLower(text)
	inBase64 := base64.StdEncoding.EncodeToString([]byte("x-access-token:" + token))
	return strings.Contains(lower, strings.ToLower(token)) || strings.Contains(lower, fmt.Sprintf("%x", token)) ||
		strings.Contains(text, inBase64[20:len(inBase64)-4])
}

func TestPrintingShowsNoSecret(t *testing.T) {
	t.Parallel()
	const token = "s3cr3t/of+nobody="
	server := newServer(t)
	server.AddToken(token)
	source := githubstatus.TokenSource(func(context.Context) (string, error) { return token, nil })
	for name, auth := range map[string]githubstatus.Auth{
		"Token":       githubstatus.Token(token),
		"TokenSource": source,
		"Transport":   githubstatus.Transport(headerTransport{token}),
	} {
		client := githubstatus.New(auth, func(o *githubstatus.Options) { o.BaseURL = server.URL() })
		if err := client.Set(t.Context(), commit, success(name)); err != nil {
			t.Fatal(err)
		}
		for _, v := range []any{auth, &auth, client, struct{ Auth githubstatus.Auth }{auth}} {
			if text := prints(v); leaks(text, token) {
				t.Errorf("%s: %T shows the token:\n%s", name, v, text)
			}
		}
	}
}

// headerTransport is an Auth's transport that holds its secret openly.
type headerTransport struct{ token string }

func (h headerTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+h.token)
	return http.DefaultTransport.RoundTrip(r)
}

func TestErrorsShowNoSecret(t *testing.T) {
	t.Parallel()
	for _, token := range []string{"s3cr3t-of-nobody", "ghp_0123456789abcdefABCDEF", "eyJhbGciOi.eyJpc3MiOj.c2ln"} {
		for _, status := range []int{200, 301, 400, 401, 403, 404, 422, 429, 502} {
			t.Run(fmt.Sprint(token, " ", status), func(t *testing.T) {
				t.Parallel()
				server := newServer(t)
				server.SetDown(githubtest.EchoAuthorization(status))
				var log bytes.Buffer
				client := githubstatus.New(githubstatus.Token(token), func(o *githubstatus.Options) {
					o.BaseURL, o.MaxAttempts, o.MaxElapsed = server.URL(), 2, 10*time.Second
					o.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
				})
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				err := client.Set(ctx, commit, success("ci"))
				if err == nil {
					t.Fatal("no error")
				}
				for e := err; e != nil; e = errors.Unwrap(e) {
					if text := prints(e); leaks(text, token) {
						t.Errorf("%T shows the token:\n%s", e, text)
					}
				}
				if leaks(log.String(), token) {
					t.Errorf("the log shows the token:\n%s", log.String())
				}
			})
		}
	}
}

// Of a GitHub App the client does not know the token, so it goes by the looks.
func TestErrorsShowNoSecretOfTransport(t *testing.T) {
	t.Parallel()
	const token = "ghs_0123456789abcdefABCDEF"
	server := newServer(t)
	server.SetDown(githubtest.EchoAuthorization(403))
	client := githubstatus.New(githubstatus.Transport(headerTransport{token}), func(o *githubstatus.Options) {
		o.BaseURL = server.URL()
	})
	if err := client.Set(t.Context(), commit, success("ci")); leaks(prints(err), token) {
		t.Errorf("the error shows the token: %v", err)
	}
}

func TestConnectionErrorsShowNoSecret(t *testing.T) {
	t.Parallel()
	const token = "s3cr3t-of-nobody"
	for _, cause := range []error{
		fmt.Errorf(`invalid proxy address "http://user:%s@proxy:bad": parse error`, token),
		fmt.Errorf("sent Authorization: Bearer %s", token),
		fmt.Errorf("%w of %s", context.Canceled, token),
		fmt.Errorf("sent %x", token),
		fmt.Errorf("sent %s", strings.ToUpper(token)),
		fmt.Errorf("sent %s", base64.StdEncoding.EncodeToString([]byte("x-access-token:"+token))),
	} {
		s := &script{replies: replies(failure(cause))}
		client := githubstatus.New(githubstatus.Token(token), func(o *githubstatus.Options) {
			o.HTTPClient, o.MaxAttempts = &http.Client{Transport: s}, 1
		})
		err := client.Set(t.Context(), commit, success("ci"))
		if err == nil || errors.Is(err, cause) {
			t.Fatalf("error %v, want one without the cause", err)
		}
		for e := err; e != nil; e = errors.Unwrap(e) {
			if leaks(prints(e), token) {
				t.Errorf("%T shows the token: %v", e, e)
			}
		}
		if errors.Is(err, context.Canceled) != errors.Is(cause, context.Canceled) {
			t.Errorf("error %v, cause %v: one is context.Canceled", err, cause)
		}
	}
}

func TestBaseURLErrorsShowNoSecret(t *testing.T) {
	t.Parallel()
	for _, base := range []string{"https://u:hunter2@git.example.com/api/v3", "https://hunter2:%zz@x", "http://x?hunter2", "ftp://u:hunter2@x"} {
		client := githubstatus.New(githubstatus.Token("t"), func(o *githubstatus.Options) { o.BaseURL = base })
		if err := client.Set(t.Context(), commit, success("ci")); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("error %v, want one without the password", err)
		}
	}
	if _, err := githubstatus.BaseURL("https://u:hunter2@git.example.com"); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("error %v, want one without the password", err)
	}
}
