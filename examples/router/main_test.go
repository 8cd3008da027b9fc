package main_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// runtimeAPI is the part of Lambda's runtime API that a function uses. It
// hands out one invocation after the other.
type runtimeAPI struct {
	payloads chan string
	results  chan result
}

// result is what the function posted for an invocation.
type result struct{ kind, body string }

func (a *runtimeAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	const prefix = "/2018-06-01/runtime/"
	path, ok := strings.CutPrefix(r.URL.Path, prefix)
	body, err := io.ReadAll(r.Body)
	switch {
	case !ok || err != nil:
		http.Error(w, "not found", http.StatusNotFound)
	case path == "invocation/next" && r.Method == http.MethodGet:
		select {
		case payload := <-a.payloads:
			w.Header().Set("Lambda-Runtime-Aws-Request-Id", "request-1")
			w.Header().Set("Lambda-Runtime-Deadline-Ms", fmt.Sprint(time.Now().Add(time.Minute).UnixMilli()))
			w.Header().Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:eu-central-1:111122223333:function:router")
			_, _ = io.WriteString(w, payload)
		case <-r.Context().Done():
		}
	case path == "invocation/request-1/response", path == "invocation/request-1/error", path == "init/error":
		w.WriteHeader(http.StatusAccepted)
		a.results <- result{path[strings.LastIndexByte(path, '/')+1:], string(body)}
	default:
		http.Error(w, "not found", http.StatusNotFound)
	}
}

func TestRouter(t *testing.T) {
	t.Parallel()
	binary := filepath.Join(t.TempDir(), "bootstrap")
	if runtime.GOOS == "windows" {
		binary += ".exe"
	}
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}

	api := &runtimeAPI{payloads: make(chan string), results: make(chan result, 1)}
	server := httptest.NewServer(api) // on 127.0.0.1, any port
	ctx, cancel := context.WithCancel(t.Context())
	var log bytes.Buffer // to be read when the program has ended
	program := exec.CommandContext(ctx, binary)
	program.Env = append(os.Environ(), "AWS_LAMBDA_RUNTIME_API="+strings.TrimPrefix(server.URL, "http://"))
	program.Stderr = &log
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	exited := make(chan struct{})
	go func() {
		_ = program.Wait()
		close(exited)
	}()
	t.Cleanup(func() {
		cancel()
		<-exited
		server.Close()
		if t.Failed() {
			t.Logf("log of the program:\n%s", &log)
		}
	})

	invoke := func(payload string) result {
		t.Helper()
		select {
		case api.payloads <- payload:
		case <-exited:
			t.Fatal("the program has ended")
		case <-time.After(time.Minute):
			t.Fatal("the program asks for no invocation")
		}
		select {
		case r := <-api.results:
			return r
		case <-exited:
			t.Fatal("the program has ended")
		case <-time.After(time.Minute):
			t.Fatal("the program does not answer")
		}
		return result{}
	}

	const pullRequest = `{"version":"0","id":"1","detail-type":"CodeCommit Pull Request State Change","source":"aws.codecommit","account":"111122223333","time":"2026-03-02T09:01:17Z","region":"eu-central-1","detail":{"event":"pullRequestCreated","pullRequestId":"42","repositoryNames":["web"],"isMerged":"False"}}`
	const trigger = `{"Records":[{"eventSource":"aws:codecommit","eventId":"e","eventName":"ReferenceChanges","eventSourceARN":"arn:aws:codecommit:eu-central-1:111122223333:web","codecommit":{"references":[{"ref":"refs/heads/main","commit":"5b1c4d0"}]}}]}`
	const pipeline = `{\"detail-type\":\"CodePipeline Pipeline Execution State Change\",\"source\":\"aws.codepipeline\",\"detail\":{\"pipeline\":\"web\",\"execution-id\":\"8f0c\",\"state\":\"FAILED\",\"version\":6.0}}`
	const failed = `"msg":"message failed","messageID":"m-2"`
	message := func(id, body string) string {
		return `{"messageId":"` + id + `","eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:eu-central-1:111122223333:q","body":"` + body + `"}`
	}
	var lines []string // that the log must have
	for _, test := range []struct {
		name, payload string
		want          result
		log           []string // lines
	}{
		{"pull request", pullRequest, result{"response", "null"}, []string{`"msg":"pull request","repository":"web","id":"42","event":"pullRequestCreated"`}},
		{"delivered again", pullRequest, result{"response", "null"}, nil},
		{"trigger", trigger, result{"response", "null"}, []string{`"msg":"push","repository":"web","ref":"refs/heads/main","action":"updated","commit":"5b1c4d0"`}},
		{"queue", `{"Records":[` + message("m-1", pipeline) + `,` + message("m-2", "{broken") + `]}`,
			result{"response", `{"batchItemFailures":[{"itemIdentifier":"m-2"}]}`}, []string{`"msg":"pipeline","pipeline":"web","execution":"8f0c","state":"FAILED"`, failed}},
		{"queue, delivered again", `{"Records":[` + message("m-1", pipeline) + `,` + message("m-2", "{broken") + `]}`,
			result{"response", `{"batchItemFailures":[{"itemIdentifier":"m-2"}]}`}, []string{failed}},
		{"other event", `{"id":"9","source":"aws.events","detail-type":"Scheduled Event","detail":{}}`, result{"response", "null"}, []string{`"msg":"no handler","event":"Scheduled Event"`}},
	} {
		if got := invoke(test.payload); got != test.want {
			t.Errorf("%s: got %+v, want %+v", test.name, got, test.want)
		}
		lines = append(lines, test.log...)
	}
	if got := invoke(`{"detail-type":5`); got.kind != "error" || !strings.Contains(got.body, "events: decode: ") {
		t.Errorf("broken payload: got %+v", got)
	}

	lines = append(lines, `"errorType":"DecodeError"`) // aws-lambda-go logs the error

	cancel()
	<-exited
	logged := strings.Split(strings.TrimSpace(log.String()), "\n")
	for i := range max(len(lines), len(logged)) {
		if i >= len(lines) || i >= len(logged) || !strings.Contains(logged[i], lines[i]) {
			t.Fatalf("line %d of the log differs, want these lines:\n%s", i+1, strings.Join(lines, "\n"))
		}
	}
}
