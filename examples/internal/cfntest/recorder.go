package cfntest

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Recorder passes the requests of a function on to the server of a test, and
// notes the actions that IAM would ask the role of the function for. A test that
// calls the server itself does so without the Recorder.
type Recorder struct {
	URL string // for AWS_ENDPOINT_URL_…

	service string // as in the names of the actions
	mu      sync.Mutex
	refuse  func(*http.Request) bool
	actions map[string]bool
}

// NewRecorder starts a Recorder before the server with the URL. It ends with the
// test. The service is as in the names of its actions: "codecommit", "s3".
func NewRecorder(t testing.TB, service, server string) *Recorder {
	t.Helper()
	target, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	r := &Recorder{service: service, actions: make(map[string]bool)}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) { // The Host stays: it is signed.
			p.Out.URL.Scheme, p.Out.URL.Host = target.Scheme, target.Host
		},
		ModifyResponse: func(reply *http.Response) error {
			if service == "s3" && reply.StatusCode == http.StatusNotFound {
				r.note("s3:ListBucket") // without it, S3 does not tell that an object is missing
			}
			return nil
		},
		// A connection that the server drops is dropped, and no reply of its own.
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	}
	listener := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		r.note(r.needed(request)...)
		r.mu.Lock()
		refused := r.refuse != nil && r.refuse(request)
		r.mu.Unlock()
		if refused {
			_, _ = io.Copy(io.Discard, request.Body) // or the client could lose the reply while it still sends
			w.WriteHeader(http.StatusForbidden)
			return
		}
		proxy.ServeHTTP(w, request)
	}))
	t.Cleanup(listener.Close)
	r.URL = listener.URL
	return r
}

// Refuse denies the requests from now on for which the function is true. A nil
// function denies none.
func (r *Recorder) Refuse(refuse func(*http.Request) bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refuse = refuse
}

// Actions returns the actions that the requests so far needed, sorted.
func (r *Recorder) Actions() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Sorted(maps.Keys(r.actions))
}

func (r *Recorder) note(actions ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, action := range actions {
		r.actions[action] = true
	}
}

// needed returns the actions that a request needs.
func (r *Recorder) needed(request *http.Request) []string {
	if r.service == "s3" {
		return []string{objectAction(request)}
	}
	if r.service == "ec2" { // which has the query protocol
		form, _ := url.ParseQuery(string(body(request)))
		return []string{r.service + ":" + form.Get("Action")}
	}
	_, operation, _ := strings.Cut(request.Header.Get("X-Amz-Target"), ".")
	actions := []string{r.service + ":" + operation}
	if operation == "CreatePipeline" || operation == "UpdatePipeline" {
		actions = append(actions, "iam:PassRole")
		var in struct{ Tags []any }
		if json.Unmarshal(body(request), &in) == nil && len(in.Tags) > 0 {
			actions = append(actions, r.service+":TagResource")
		}
	}
	return actions
}

// body returns the body of the request, which stays there.
func body(request *http.Request) []byte {
	body, _ := io.ReadAll(request.Body)
	request.Body = io.NopCloser(bytes.NewReader(body))
	return body
}

// objectAction returns the action of a request to S3.
func objectAction(request *http.Request) string {
	query := request.URL.Query()
	_, key, _ := strings.Cut(strings.TrimPrefix(request.URL.Path, "/"), "/")
	version := ""
	if query.Has("versionId") {
		version = "Version"
	}
	switch {
	case request.Method == http.MethodDelete && query.Has("uploadId"):
		return "s3:AbortMultipartUpload"
	case request.Method == http.MethodDelete:
		return "s3:DeleteObject" + version
	case request.Method == http.MethodPost && query.Has("delete"):
		if bytes.Contains(body(request), []byte("<VersionId>")) {
			version = "Version"
		}
		return "s3:DeleteObject" + version
	case request.Method == http.MethodPut, request.Method == http.MethodPost:
		return "s3:PutObject"
	case key == "" && query.Has("versions"):
		return "s3:ListBucketVersions"
	case key == "":
		return "s3:ListBucket"
	}
	return "s3:GetObject" + version
}
