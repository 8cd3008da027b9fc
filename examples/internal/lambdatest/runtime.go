package lambdatest

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// Result is what a function posted for an invocation.
type Result struct {
	Failed bool // the function returned an error or did not start
	Body   string
}

type invocation struct {
	payload string
	timeout time.Duration
}

// runtimeAPI is the part of Lambda's runtime API that a function uses.
type runtimeAPI struct {
	invocations chan invocation
	results     chan Result
}

func (a *runtimeAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, ok := strings.CutPrefix(r.URL.Path, "/2018-06-01/runtime/")
	body, err := io.ReadAll(r.Body)
	switch {
	case !ok || err != nil:
		http.Error(w, "not found", http.StatusNotFound)
	case path == "invocation/next" && r.Method == http.MethodGet:
		select {
		case invocation := <-a.invocations:
			w.Header().Set("Lambda-Runtime-Aws-Request-Id", "request-1")
			w.Header().Set("Lambda-Runtime-Deadline-Ms", fmt.Sprint(time.Now().Add(invocation.timeout).UnixMilli()))
			w.Header().Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:111122223333:function:under-test")
			_, _ = io.WriteString(w, invocation.payload)
		case <-r.Context().Done():
		}
	case path == "invocation/request-1/response", path == "invocation/request-1/error", path == "init/error":
		w.WriteHeader(http.StatusAccepted)
		a.results <- Result{Failed: strings.HasSuffix(path, "/error"), Body: string(body)}
	default:
		http.Error(w, "not found", http.StatusNotFound)
	}
}
