package main_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/codesuite-go/codesuite/examples/internal/cfntest"
	"github.com/codesuite-go/codesuite/examples/internal/lambdatest"
)

func TestRouter(t *testing.T) {
	t.Parallel()
	// The endpoint of every service of AWS.
	aws := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("the function calls AWS, which its role does not allow: %s %s %s", r.Method, r.URL, r.Header.Get("X-Amz-Target"))
	}))
	t.Cleanup(aws.Close)
	function := lambdatest.Start(t, lambdatest.Build(t), "AWS_ENDPOINT_URL="+aws.URL,
		"AWS_REGION=eu-central-1", "AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=secret")
	if allowed := cfntest.Read(t, "template.yaml", nil).Calls(t, "Router"); len(allowed) > 0 {
		t.Errorf("the role allows the program %q, and it calls nothing", allowed)
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
		want          lambdatest.Result
		log           []string // lines
	}{
		{"pull request", pullRequest, lambdatest.Result{Body: "null"}, []string{`"msg":"pull request","repository":"web","id":"42","event":"pullRequestCreated"`}},
		{"delivered again", pullRequest, lambdatest.Result{Body: "null"}, nil},
		{"trigger", trigger, lambdatest.Result{Body: "null"}, []string{`"msg":"push","repository":"web","ref":"refs/heads/main","action":"updated","commit":"5b1c4d0"`}},
		{"queue", `{"Records":[` + message("m-1", pipeline) + `,` + message("m-2", "{broken") + `]}`,
			lambdatest.Result{Body: `{"batchItemFailures":[{"itemIdentifier":"m-2"}]}`}, []string{`"msg":"pipeline","pipeline":"web","execution":"8f0c","state":"FAILED"`, failed}},
		{"queue, delivered again", `{"Records":[` + message("m-1", pipeline) + `,` + message("m-2", "{broken") + `]}`,
			lambdatest.Result{Body: `{"batchItemFailures":[{"itemIdentifier":"m-2"}]}`}, []string{failed}},
		{"other event", `{"id":"9","source":"aws.events","detail-type":"Scheduled Event","detail":{}}`, lambdatest.Result{Body: "null"}, []string{`"msg":"no handler","event":"Scheduled Event"`}},
	} {
		if got := function.Invoke(t, test.payload); got != test.want {
			t.Errorf("%s: got %+v, want %+v", test.name, got, test.want)
		}
		lines = append(lines, test.log...)
	}
	if got := function.Invoke(t, `{"detail-type":5`); !got.Failed || !strings.Contains(got.Body, "events: decode: ") {
		t.Errorf("broken payload: got %+v", got)
	}

	lines = append(lines, `"errorType":"DecodeError"`) // aws-lambda-go logs the error

	logged := strings.Split(strings.TrimSpace(function.Stop()), "\n")
	for i := range max(len(lines), len(logged)) {
		if i >= len(lines) || i >= len(logged) || !strings.Contains(logged[i], lines[i]) {
			t.Fatalf("line %d of the log differs, want these lines:\n%s", i+1, strings.Join(lines, "\n"))
		}
	}
}
