package awsjson_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

type echoInput struct {
	Name   *string   `json:"name"`
	Number *int32    `json:"number,omitempty"`
	List   []string  `json:"list"`
	Items  []item    `json:"items"`
	Item   *item     `json:"item"`
	Raw    io.Reader // not a member
}

type item struct {
	Key *string `json:"key"`
}

// text is a Body; a negative size breaks off.
type text struct {
	content string
	cut     bool
	closed  chan struct{}
}

func (b *text) Len() int64 { return int64(len(b.content)) }

func (b *text) WriteTo(w io.Writer) (int64, error) {
	if b.cut {
		n, _ := io.WriteString(w, b.content[:len(b.content)/2])
		return int64(n), errors.New("lost the rest")
	}
	n, err := io.WriteString(w, b.content)
	return int64(n), err
}

func (b *text) Close() error {
	close(b.closed)
	return nil
}

// newService returns a service and a function that calls it.
func newService(t *testing.T, operations map[string]awsjson.Operation) (*awsjson.Service, func(operation, body string) (int, string, error)) {
	t.Helper()
	service := awsjson.NewService("example", "Example_20260101", operations)
	server, err := awsjson.Listen(service)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		server.Close()
		server.Wait()
	})
	return service, func(operation, body string) (int, string, error) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Amz-Target", operation)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return 0, "", err
		}
		defer resp.Body.Close()
		data, err := io.ReadAll(resp.Body)
		return resp.StatusCode, string(data), err
	}
}

func echo(_ context.Context, in *echoInput) (*echoInput, error) { return in, nil }

// A service may accept larger requests.
func TestLimitRequests(t *testing.T) {
	t.Parallel()
	service := awsjson.NewService("test", "Test_1", map[string]awsjson.Operation{
		"Size": func(_ context.Context, body []byte) (any, error) { return len(body), nil },
	})
	service.LimitRequests(2 * awsjson.MaxRequest)
	for _, test := range []struct{ size, status int }{{2 * awsjson.MaxRequest, 200}, {2*awsjson.MaxRequest + 1, 413}} {
		r := httptest.NewRequest("POST", "/", strings.NewReader(strings.Repeat(" ", test.size)))
		r.Header.Set("X-Amz-Target", "Test_1.Size")
		w := httptest.NewRecorder()
		service.ServeHTTP(w, r)
		if w.Code != test.status {
			t.Errorf("%d bytes: status %d, want %d", test.size, w.Code, test.status)
		}
	}
}

func TestDispatch(t *testing.T) {
	t.Parallel()
	done := make(chan struct{})
	operations := map[string]awsjson.Operation{
		"Echo": awsjson.Op(echo),
		"Fail": awsjson.Op(func(context.Context, *struct{}) (any, error) {
			return nil, fmt.Errorf("wrapped: %w", awsjson.Errorf("ExampleException", "no %s", "luck"))
		}),
		"Break":  awsjson.Op(func(context.Context, *struct{}) (any, error) { return nil, errors.New("broken") }),
		"Absurd": awsjson.Op(func(context.Context, *struct{}) (any, error) { return func() {}, nil }),
		"Text":   awsjson.Op(func(context.Context, *struct{}) (*text, error) { return &text{`{"a":"<&>"}`, false, done}, nil }),
	}
	service, call := newService(t, operations)
	for _, test := range []struct {
		target, body string
		status       int
		want         string
	}{
		{"Example_20260101.Echo", `{}`, 200, `{"name":null,"list":null,"items":null,"item":null,"Raw":null}` + "\n"},
		{"Example_20260101.Echo", ` {"name":"<a>&","number":-1,"list":[],"items":[{"key":"k","Key":"no"},{}],"item":{"key":null},"Name":"no"} `, 200,
			`{"name":"<a>&","number":-1,"list":[],"items":[{"key":"k"},{"key":null}],"item":{"key":null},"Raw":null}` + "\n"},
		{"Example_20260101.Fail", `{}`, 400, `{"__type":"ExampleException","message":"no luck"}` + "\n"},
		{"Example_20260101.Break", `{}`, 500, `{"__type":"InternalFailure","message":"broken"}` + "\n"},
		{"Example_20260101.Absurd", `{}`, 500, `{"__type":"InternalFailure","message":"json: unsupported type: func()"}`},
		{"Example_20260101.Text", `{}`, 200, `{"a":"<&>"}`},
		{"Example_20260101.echo", `{}`, 400, `{"__type":"UnknownOperationException","message":"the test server has no operation with the target \"Example_20260101.echo\""}` + "\n"},
		{"Other_20260101.Echo", `{}`, 400, `{"__type":"UnknownOperationException","message":"the test server has no operation with the target \"Other_20260101.Echo\""}` + "\n"},
		{"", `{}`, 400, `{"__type":"UnknownOperationException","message":"the test server has no operation with the target \"\""}` + "\n"},
		{"Example_20260101.Echo", ``, 400, `{"__type":"SerializationException","message":"the request has no body"}` + "\n"},
		{"Example_20260101.Echo", `{"number":"1"}`, 400, `{"__type":"SerializationException","message":"member number: a JSON string where int32 belongs"}` + "\n"},
		{"Example_20260101.Echo", `{"number":1.5}`, 400, `{"__type":"SerializationException","message":"member number: a JSON number 1.5 where int32 belongs"}` + "\n"},
		{"Example_20260101.Echo", `{"items":[{},{"key":1}]}`, 400, `{"__type":"SerializationException","message":"member items[1].key: a JSON number where string belongs"}` + "\n"},
		{"Example_20260101.Echo", `{"name":"a"}}`, 400, `{"__type":"SerializationException","message":"invalid character '}' after top-level value"}` + "\n"},
	} {
		status, got, err := call(test.target, test.body)
		if err != nil || status != test.status || got != test.want {
			t.Errorf("%s %s: %d %s, %v, want %d %s", test.target, test.body, status, got, err, test.status, test.want)
		}
	}
	<-done
	if diff := cmp.Diff(map[string]int{"Echo": 7, "Fail": 1, "Break": 1, "Absurd": 1, "Text": 1}, service.Calls()); diff != "" {
		t.Errorf("calls mismatch (-want +got):\n%s", diff)
	}
}

func TestMethodAndSize(t *testing.T) {
	t.Parallel()
	service := awsjson.NewService("example", "Example", map[string]awsjson.Operation{"Echo": awsjson.Op(echo)})
	for _, test := range []struct {
		method, body string
		status       int
		want         string
	}{
		{"GET", ``, 404, "UnknownOperationException"},
		{"PUT", `{}`, 404, "UnknownOperationException"},
		{"POST", `{"name":"` + strings.Repeat("n", awsjson.MaxRequest-11) + `"}`, 200, ""},
		{"POST", `{"name":"` + strings.Repeat("n", awsjson.MaxRequest-10) + `"}`, 413, "RequestEntityTooLargeException"},
	} {
		r := httptest.NewRequest(test.method, "/", strings.NewReader(test.body))
		r.Header.Set("X-Amz-Target", "Example.Echo")
		w := httptest.NewRecorder()
		service.ServeHTTP(w, r)
		var reply struct {
			Type string `json:"__type"`
		}
		if err := json.Unmarshal(w.Body.Bytes(), &reply); err != nil {
			t.Errorf("%s of %d bytes: %v", test.method, len(test.body), err)
		}
		if w.Code != test.status || reply.Type != test.want {
			t.Errorf("%s of %d bytes: %d %s, want %d %s", test.method, len(test.body), w.Code, reply.Type, test.status, test.want)
		}
	}
}

// A body that breaks off ends the connection, so that nobody takes it for
// complete.
func TestBodyBreaksOff(t *testing.T) {
	t.Parallel()
	done := make(chan struct{})
	_, call := newService(t, map[string]awsjson.Operation{
		"Text": awsjson.Op(func(context.Context, *struct{}) (*text, error) {
			return &text{strings.Repeat("x", 100_000), true, done}, nil
		}),
	})
	if _, got, err := call("Example_20260101.Text", `{}`); err == nil {
		t.Errorf("%d bytes without an error", len(got))
	}
	<-done
}

// Faults that come late let the operation run, and close what it returned.
func TestLateFaults(t *testing.T) {
	t.Parallel()
	ran := 0
	var closed chan struct{}
	service, call := newService(t, map[string]awsjson.Operation{
		"Echo": awsjson.Op(func(context.Context, *struct{}) (any, error) { ran++; return struct{}{}, nil }),
		"Text": awsjson.Op(func(context.Context, *struct{}) (*text, error) { return &text{`{}`, false, closed}, nil }),
		"Fail": awsjson.Op(func(context.Context, *struct{}) (any, error) {
			return nil, awsjson.Errorf("ExampleException", "no luck")
		}),
	})
	const failure = `{"__type":"InternalFailure","message":"the test server was told to fail some calls"}` + "\n"
	for _, test := range []struct {
		faults    awsjson.Faults
		operation string
		status    int // 0 if the connection is closed
		want      string
	}{
		{awsjson.Faults{LateErrorRate: 1}, "Echo", 500, failure},
		{awsjson.Faults{LateErrorRate: 1}, "Text", 500, failure},
		{awsjson.Faults{LateErrorRate: 1}, "Fail", 400, `{"__type":"ExampleException","message":"no luck"}` + "\n"},
		{awsjson.Faults{LateDropRate: 1}, "Echo", 0, ""},
		{awsjson.Faults{LateDropRate: 1}, "Text", 0, ""},
		{awsjson.Faults{ThrottleRate: 1}, "Echo", 400, `{"__type":"ThrottlingException","message":"Rate exceeded"}` + "\n"},
		{awsjson.Faults{ErrorRate: 1, LateErrorRate: 1}, "Echo", 500, failure},
	} {
		service.SetFaults(test.faults)
		closed = make(chan struct{})
		status, got, err := call("Example_20260101."+test.operation, `{}`)
		if status != test.status || got != test.want || (err != nil) != (test.status == 0) {
			t.Errorf("%s with %+v: %d %s, %v", test.operation, test.faults, status, got, err)
		}
		if test.operation == "Text" {
			<-closed
		}
	}
	if ran != 2 {
		t.Errorf("the operation ran %d times, want 2", ran)
	}
}

// A server of several services tells them apart by the target, and replies in
// the version of the protocol that the call has.
func TestServices(t *testing.T) {
	t.Parallel()
	answer := func(text string) map[string]awsjson.Operation {
		return map[string]awsjson.Operation{"Who": awsjson.Op(func(context.Context, *struct{}) (string, error) { return text, nil })}
	}
	first := awsjson.NewService("first", "First", answer("1"))
	second := awsjson.NewService("second", "Second", answer("2"))
	server, err := awsjson.Listen(first, second)
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	for _, test := range []struct{ target, contentType, want string }{
		{"First.Who", "application/x-amz-json-1.1", "application/x-amz-json-1.1 \"1\"\n"},
		{"Second.Who", "application/x-amz-json-1.0", "application/x-amz-json-1.0 \"2\"\n"},
		{"Second.Who", "", "application/x-amz-json-1.1 \"2\"\n"},
		{"Third.Who", "application/x-amz-json-1.0", `application/x-amz-json-1.0 {"__type":"UnknownOperationException","message":"the test server has no operation with the target \"Third.Who\""}` + "\n"},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Amz-Target", test.target)
		req.Header.Set("Content-Type", test.contentType)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if got := resp.Header.Get("Content-Type") + " " + string(body); got != test.want || err != nil {
			t.Errorf("%s: %s, %v, want %s", test.target, got, err, test.want)
		}
	}
	if n := len(second.Calls()); n != 1 || second.Calls()["Who"] != 2 || first.Calls()["Who"] != 1 {
		t.Errorf("calls %v and %v", first.Calls(), second.Calls())
	}
}

func TestCloseEndsCalls(t *testing.T) {
	t.Parallel()
	running := make(chan struct{})
	service := awsjson.NewService("example", "Example", map[string]awsjson.Operation{
		"Wait": awsjson.Op(func(ctx context.Context, _ *struct{}) (any, error) {
			close(running)
			<-ctx.Done()
			return nil, ctx.Err()
		}),
		"Echo": awsjson.Op(echo),
	})
	server, err := awsjson.Listen(service)
	if err != nil {
		t.Fatal(err)
	}
	arrived := make(chan struct{}, 1)
	var wg sync.WaitGroup
	post := func(operation string) {
		wg.Go(func() {
			req, _ := http.NewRequest(http.MethodPost, server.URL, strings.NewReader("{}"))
			req.Header.Set("X-Amz-Target", "Example."+operation)
			if resp, err := http.DefaultClient.Do(req); err == nil {
				resp.Body.Close()
				t.Errorf("%s got the reply %s", operation, resp.Status)
			}
		})
	}
	post("Wait")
	<-running
	service.SetFaults(awsjson.Faults{Latency: time.Hour})
	service.OnCall(func(string) { arrived <- struct{}{} })
	post("Echo")
	<-arrived
	server.Close()
	server.Wait()
	wg.Wait()
	server.Close()
}

func TestRequestIDs(t *testing.T) {
	t.Parallel()
	service := awsjson.NewService("example", "Example", nil)
	seen := make(map[string]bool)
	for range 100 {
		w := httptest.NewRecorder()
		service.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/", nil))
		id := w.Header().Get("X-Amzn-RequestId")
		if len(id) != 36 || strings.Count(id, "-") != 4 || id[14] != '4' || !strings.ContainsRune("89ab", rune(id[19])) || seen[id] {
			t.Errorf("request ID %q", id)
		}
		seen[id] = true
	}
}

// Decoding takes what encoding/json takes, but matches names exactly.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{`{}`, `{"name":"a","number":1,"list":["b"],"items":[{"key":"c"}],"item":{"key":null}}`, `{"items":null}`, `{"items":[null]}`, `[]`, `null`, `{"name":1}`, `{"name":"\ud800"}`, ``} {
		f.Add([]byte(s))
	}
	service := awsjson.NewService("example", "Example", map[string]awsjson.Operation{"Echo": awsjson.Op(echo)})
	f.Fuzz(func(t *testing.T, body []byte) {
		r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
		r.Header.Set("X-Amz-Target", "Example.Echo")
		w := httptest.NewRecorder()
		service.ServeHTTP(w, r)
		if w.Code != http.StatusOK && w.Code != http.StatusBadRequest || !json.Valid(w.Body.Bytes()) {
			t.Fatalf("reply %d %s", w.Code, w.Body)
		}
		if (w.Code == http.StatusOK) && !json.Valid(body) {
			t.Errorf("%q was accepted", body)
		}
		if w.Code != http.StatusOK {
			return
		}
		again := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(w.Body.Bytes()))
		again.Header.Set("X-Amz-Target", "Example.Echo")
		w2 := httptest.NewRecorder()
		service.ServeHTTP(w2, again)
		if diff := cmp.Diff(w.Body.String(), w2.Body.String()); diff != "" {
			t.Errorf("mismatch after a round trip (-want +got):\n%s", diff)
		}
	})
}
