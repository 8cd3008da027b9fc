package gitfetch

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
)

// remoteOf returns the remote for a server, with the credentials "access-key-id" and
// "session-token-of-a-role".
func remoteOf(t *testing.T, url string, client aws.HTTPClient) *remote {
	t.Helper()
	cfg := aws.Config{Region: "us-east-1", BaseEndpoint: &url, HTTPClient: client, Credentials: aws.CredentialsProviderFunc(
		func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "access-key-id", SecretAccessKey: "secret", SessionToken: "session-token-of-a-role"}, nil
		})}
	target, err := newTarget(t.Context(), cfg, "staging", "")
	if err != nil {
		t.Fatal(err)
	}
	o, err := newOptions([]func(*Options){func(o *Options) { o.MaxElapsed = time.Nanosecond }})
	if err != nil {
		t.Fatal(err)
	}
	return newRemote(target, cfg, &o)
}

// TestSilentRefusal fetches from a server that sends a status and half a text.
func TestSilentRefusal(t *testing.T) {
	t.Parallel()
	stop := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "100")
		w.WriteHeader(http.StatusForbidden)
		io.WriteString(w, "half a")
		http.NewResponseController(w).Flush()
		<-stop
	}))
	defer server.Close()
	defer close(stop)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	r := remoteOf(t, server.URL, nil)
	r.silence = 2 * time.Second // the head may be late on a busy machine
	_, _, err := r.fetch(ctx, objectID{1}, []objectID{{2}})
	var status *statusError
	if ctx.Err() != nil || !errors.As(err, &status) || status.status != http.StatusForbidden || status.text != "half a" {
		t.Errorf("error %v", err)
	}
}

// TestRedirects: nobody but the endpoint gets the credentials.
func TestRedirects(t *testing.T) {
	t.Parallel()
	var got atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { got.Add(1) }))
	defer other.Close()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL+r.URL.Path, http.StatusTemporaryRedirect)
	}))
	defer server.Close()
	for name, client := range map[string]aws.HTTPClient{
		"none": nil, "of the SDK": awshttp.NewBuildableClient(), "of net/http": &http.Client{}, "default": http.DefaultClient,
	} {
		_, _, err := remoteOf(t, server.URL, client).fetch(t.Context(), objectID{1}, []objectID{{2}})
		var status *statusError
		if !errors.As(err, &status) || status.status != http.StatusTemporaryRedirect || got.Load() > 0 {
			t.Errorf("client %s: error %v, and another server got %d requests", name, err, got.Load())
		}
	}
	if http.DefaultClient.CheckRedirect != nil {
		t.Error("the client of the configuration has changed")
	}
}

// TestEchoedCredentials: a server repeats the request, in all that it can say.
func TestEchoedCredentials(t *testing.T) {
	t.Parallel()
	for name, reply := range map[string]func(http.ResponseWriter, string){
		"status": func(w http.ResponseWriter, echo string) { http.Error(w, echo, http.StatusBadRequest) },
		"error":  func(w http.ResponseWriter, echo string) { io.WriteString(w, line("ERR %s", echo)) },
		"reference": func(w http.ResponseWriter, echo string) {
			io.WriteString(w, line("%s HEAD\x00side-band-64k\n", echo)+flush)
		},
		"band": func(w http.ResponseWriter, echo string) {
			io.WriteString(w, line("packfile\n")+line("\x03%s", echo)+flush)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if name == "band" && r.Method == http.MethodGet {
					io.WriteString(w, line("version 2\n")+line("fetch=shallow\n")+flush)
					return
				}
				header := r.Header.Get("Authorization")
				plain, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(header, "Basic "))
				reply(w, "you sent "+header+" "+string(plain))
			}))
			defer server.Close()
			_, _, err := remoteOf(t, server.URL, nil).fetch(t.Context(), objectID{1}, []objectID{{2}})
			if err == nil || !strings.Contains(err.Error(), "you sent") {
				t.Fatalf("error %v", err)
			}
			encoded := base64.StdEncoding.EncodeToString([]byte("access-key-id%session-token"))[:30]
			for _, secret := range []string{encoded, "session-token", "access-key-id"} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("the error shows %q: %v", secret, err)
				}
			}
		})
	}
}

// TestEndlessReply: what a server sends besides the pack has a limit.
func TestEndlessReply(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ start, repeated string }{
		"progress":   {line("packfile\n"), line("\x02%s", strings.Repeat("x", 60000))},
		"keep-alive": {line("packfile\n"), strings.Repeat(line("\x01"), 10000)},
		"empty":      {line("packfile\n"), strings.Repeat("0004", 10000)},
		"sections":   {"", strings.Repeat(line("shallow-info\n")+delimiter, 3000)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			endless := &repeating{text: []byte(tt.repeated), limit: 2 * maxBeside}
			band, err := (&service{version: 2}).pack(io.MultiReader(strings.NewReader(tt.start), endless))
			if err == nil {
				_, err = io.Copy(io.Discard, band)
			}
			if err == nil || !strings.Contains(err.Error(), "besides the pack") || temporary(err) {
				t.Errorf("error %v", err)
			}
		})
	}
}

// repeating reads as the text over and over, up to about limit bytes.
type repeating struct {
	text  []byte
	rest  bytes.Reader
	limit int
}

func (r *repeating) Read(p []byte) (int, error) {
	if r.rest.Len() == 0 {
		if r.limit -= len(r.text); r.limit < 0 {
			return 0, io.EOF
		}
		r.rest.Reset(r.text)
	}
	return r.rest.Read(p)
}
