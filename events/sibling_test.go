package events_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/codesuite-go/codesuite/events"
	"github.com/google/go-cmp/cmp"
)

// invocation returns the record of a call that a destination of a function gets.
func invocation(condition, payload string) string {
	return `{"version":"1.0","timestamp":"2026-03-02T10:20:00.123Z","requestContext":{"requestId":"r-1","functionArn":"arn:aws:lambda:eu-central-1:111122223333:function:ci:$LATEST",` +
		`"condition":"` + condition + `","approximateInvokeCount":3},"requestPayload":` + payload +
		`,"responseContext":{"statusCode":200,"executedVersion":"$LATEST","functionError":"Unhandled"},"responsePayload":{"errorMessage":"boom"}}`
}

// The default payload of EventBridge Scheduler is a scheduled event as that of a
// rule.
func TestScheduler(t *testing.T) {
	t.Parallel()
	const payload = `{"version":"0","id":"53d2f7d8","detail-type":"Scheduled Event","source":"aws.scheduler","account":"111122223333",` +
		`"time":"2026-03-02T02:00:00Z","region":"eu-central-1","resources":["arn:aws:scheduler:eu-central-1:111122223333:schedule/builds/every-night"],"detail":"{}"}`
	e := decode[*events.ScheduledEvent](t, payload)
	group, name, ok := e.Schedule()
	if group != "builds" || name != "every-night" || !ok || e.Rule() != "" || string(e.Detail) != `"{}"` || e.Problems() != nil {
		t.Errorf("group %q, name %q, %t, rule %q, detail %s", group, name, ok, e.Rule(), e.Detail)
	}
	checkRoundTrip(t, e)
	var mux events.Mux
	handled := 0
	on[*events.ScheduledEvent](t, &mux, func(context.Context, events.Event) error { handled++; return nil })
	if _, err := mux.Invoke(t.Context(), []byte(payload)); err != nil || handled != 1 {
		t.Errorf("handled %d, %v", handled, err)
	}
	for arn, want := range map[string]string{
		"arn:aws:events:eu-central-1:111122223333:rule/nightly":               "  false",
		"arn:aws-cn:scheduler:cn-north-1:111122223333:schedule/default/a.b_c": "default a.b_c true",
		"arn:aws:scheduler:eu-central-1:111122223333:schedule/default":        "default  false",
		"": "  false",
	} {
		group, name, ok := (&events.ScheduledEvent{Header: events.Header{Resources: []string{arn}}}).Schedule()
		if got := fmt.Sprint(group, " ", name, " ", ok); got != want {
			t.Errorf("%s: got %q, want %q", arn, got, want)
		}
	}
}

func TestDeploymentHook(t *testing.T) {
	t.Parallel()
	for _, payload := range []string{
		`{"DeploymentId":"d-7XKWPQR2J","LifecycleEventHookExecutionId":"eyJlbmNyeXB0ZWQ"}`,
		`{"LifecycleEventHookExecutionId":"eyJlbmNyeXB0ZWQ","DeploymentId":"d-7XKWPQR2J"}`,
	} {
		e := decode[*events.DeploymentHook](t, payload)
		if e.DeploymentID != "d-7XKWPQR2J" || e.HookExecutionID != "eyJlbmNyeXB0ZWQ" || e.Name() != "CodeDeploy Lifecycle Event Hook" {
			t.Errorf("got %+v", e)
		}
		if key := e.IdempotencyKey(); !strings.HasPrefix(key, "deployment-hook|d-7XKWPQR2J|") || strings.Contains(key, "eyJ") {
			t.Errorf("key %s", key)
		}
		checkRoundTrip(t, e)
	}
}

// A destination of a function gets the event that the function was called with.
func TestInvocationRecords(t *testing.T) {
	t.Parallel()
	want := &events.LambdaDelivery{
		Time: "2026-03-02T10:20:00.123Z", RequestID: "r-1", FunctionARN: "arn:aws:lambda:eu-central-1:111122223333:function:ci:$LATEST",
		Condition: "RetriesExhausted", InvokeCount: 3, FunctionError: "Unhandled",
	}
	for name, payload := range map[string]string{
		"alone":     invocation("RetriesExhausted", stageEvent("1")),
		"in SNS":    records(snsRecord("n", invocation("RetriesExhausted", stageEvent("1")))),
		"in SQS":    records(sqsRecord("q", "q", "", invocation("RetriesExhausted", stageEvent("1")))),
		"of a text": invocation("RetriesExhausted", quote(stageEvent("1"))),
		"of a list": invocation("RetriesExhausted", "["+stageEvent("1")+"]"),
		"of SNS":    invocation("RetriesExhausted", records(snsRecord("n", stageEvent("1")))),
		"of itself": invocation("Success", invocation("RetriesExhausted", stageEvent("1"))),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := decode[*events.StageExecutionStateChange](t, payload)
			if diff := cmp.Diff(want, e.Delivery.Lambda); diff != "" || e.Stage == "" {
				t.Errorf("delivery (-want +got):\n%s", diff)
			}
			if e.IdempotencyKey() != decode[*events.StageExecutionStateChange](t, stageEvent("1")).IdempotencyKey() {
				t.Errorf("key %s", e.IdempotencyKey())
			}
		})
	}
	for name, payload := range map[string]string{
		"no payload":            invocation("RetriesExhausted", "null"),
		"no context":            `{"requestPayload":` + stageEvent("1") + `}`,
		"request of an API":     `{"requestContext":{"http":{}},"body":"x"}`,
		"through a rule":        `{"source":"lambda","detail-type":"Lambda Function Invocation Result - Failure","detail":` + invocation("RetriesExhausted", stageEvent("1")) + `}`,
		"text that is no event": records(sqsRecord("q", "q", "", `{"requestContext":{},"requestPayload":"no JSON"}`)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			decode[*events.Unknown](t, payload)
		})
	}
	// A function that failed was not one of the queue's.
	var mux events.Mux
	if response, err := mux.Invoke(t.Context(), []byte(invocation("RetriesExhausted", records(sqsRecord("q", "q", "", stageEvent("1")))))); err != nil || string(response) != "null" {
		t.Errorf("got %s, %v", response, err)
	}
}

// A text in a JSON string is opened, however deep.
func TestQuotedMessages(t *testing.T) {
	t.Parallel()
	event := stageEvent("1")
	for name, payload := range map[string]string{
		"SQS":            records(sqsRecord("q", "q", "", quote(event))),
		"SNS":            records(snsRecord("n", quote(event))),
		"SNS in SQS":     records(sqsRecord("q", "q", "", quote(snsMessage("n", quote(quote(event)))))),
		"quoted records": records(sqsRecord("q", "q", "", quote(records(snsRecord("n", event))))),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			decode[*events.StageExecutionStateChange](t, payload)
		})
	}
	for body, want := range map[string]string{
		`"Deployment d-1 is FAILURE"`: `Deployment d-1 is FAILURE`,
		`"a" and "b"`:                 `"a" and "b"`,
		`"cut`:                        `"cut`,
	} {
		if e := decode[*events.Unknown](t, records(sqsRecord("q", "q", "", body))); e.Text != want {
			t.Errorf("%s: text %q, want %q", body, e.Text, want)
		}
	}
}

// Two writes of one key differ, also for servers without sequencers.
func TestS3KeysWithoutSequencer(t *testing.T) {
	t.Parallel()
	record := func(time, etag string, size int) string {
		return fmt.Sprintf(`{"eventSource":"aws:s3","awsRegion":"us-east-1","eventTime":"%s","eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"in"},"object":{"key":"web.zip","size":%d,"eTag":"%s"}}}`, time, size, etag)
	}
	const at = "2026-05-06T07:08:09.120450"
	seen := map[string]bool{}
	for _, r := range []string{record(at, "e1", 10), record(at, "e2", 10), record(at, "e1", 11), record("2026-05-06T07:08:10.120450", "e1", 10)} {
		seen[decode[*events.S3Notification](t, records(r)).IdempotencyKey()] = true
	}
	again := decode[*events.S3Notification](t, records(record(at, "e1", 10)))
	if len(seen) != 4 || !seen[again.IdempotencyKey()] {
		t.Errorf("keys %v", seen)
	}
	if got, err := again.Time.Time(); err != nil || !got.Equal(time.Date(2026, 5, 6, 7, 8, 9, 120450000, time.UTC)) {
		t.Errorf("time %v, %v", got, err)
	}
}

// Events without attempt and time are told apart by their ID.
func TestKeysWithoutTime(t *testing.T) {
	t.Parallel()
	a := &events.PipelineExecutionStateChange{Header: events.Header{ID: "1"}, Pipeline: "p", ExecutionID: "x", State: events.PipelineFailed}
	b := &events.PipelineExecutionStateChange{Header: events.Header{ID: "2"}, Pipeline: "p", ExecutionID: "x", State: events.PipelineFailed}
	if a.IdempotencyKey() == b.IdempotencyKey() {
		t.Errorf("both have the key %s", a.IdempotencyKey())
	}
}

func TestConsoleURLs(t *testing.T) {
	t.Parallel()
	header := func(region string) events.Header { return events.Header{Account: "111122223333", Region: region} }
	for _, test := range []struct {
		e    interface{ ConsoleURL() string }
		want string
	}{
		{&events.PipelineExecutionStateChange{Header: header("eu-central-1"), Pipeline: "web", ExecutionID: "x-1"}, "https://eu-central-1.console.aws.amazon.com/codesuite/codepipeline/pipelines/web/executions/x-1/timeline?region=eu-central-1"},
		{&events.StageExecutionStateChange{Header: header("cn-northwest-1"), Pipeline: "web", ExecutionID: "x-1"}, "https://cn-northwest-1.console.amazonaws.cn/codesuite/codepipeline/pipelines/web/executions/x-1/timeline?region=cn-northwest-1"},
		{&events.ActionExecutionStateChange{Header: header("us-gov-east-1"), Pipeline: "web", ExecutionID: "x-1"}, "https://us-gov-east-1.console.amazonaws-us-gov.com/codesuite/codepipeline/pipelines/web/executions/x-1/timeline?region=us-gov-east-1"},
		{&events.BuildStateChange{Header: header("eusc-de-east-1"), Project: "app", BuildARN: "arn:aws-eusc:codebuild:eusc-de-east-1:111122223333:build/app:u-1"}, "https://eusc-de-east-1.console.amazonaws-eusc.eu/codesuite/codebuild/111122223333/projects/app/build/app:u-1?region=eusc-de-east-1"},
		{&events.BuildPhaseChange{Header: header("us-iso-east-1"), Project: "app", BuildARN: "b"}, ""},
		{&events.PullRequestStateChange{Header: header("us-east-2"), RepositoryNames: []string{"site"}, PullRequestID: "42"}, "https://us-east-2.console.aws.amazon.com/codesuite/codecommit/repositories/site/pull-requests/42/details?region=us-east-2"},
		{&events.PullRequestStateChange{Header: header("us-east-2"), PullRequestID: "42"}, ""},
		{&events.PullRequestComment{Header: header("us-east-2"), PullRequestID: "42", Comment: events.Comment{RepositoryName: "site"}}, "https://us-east-2.console.aws.amazon.com/codesuite/codecommit/repositories/site/pull-requests/42/details?region=us-east-2"},
		{&events.CommitComment{Header: header("us-east-2"), Comment: events.Comment{RepositoryName: "site", AfterCommitID: "ab12"}}, "https://us-east-2.console.aws.amazon.com/codesuite/codecommit/repositories/site/commit/ab12?region=us-east-2"},
	} {
		if got := test.e.ConsoleURL(); got != test.want {
			t.Errorf("%T: got %s, want %s", test.e, got, test.want)
		}
	}
}

func TestDedupOptions(t *testing.T) {
	t.Parallel()
	for want, option := range map[string]func(*events.DedupOptions){
		"DedupOptions.Lease is -1s: it must not be negative": func(o *events.DedupOptions) { o.Lease = -time.Second },
		"DedupOptions.Keep is -1s: it must not be negative":  func(o *events.DedupOptions) { o.Keep = -time.Second },
	} {
		handler := events.Dedup(&events.MemoryStore{}, option)(func(context.Context, events.Event) error {
			t.Error("the event was handled")
			return nil
		})
		if err := handler(t.Context(), &events.StageExecutionStateChange{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// The problems of an event are logged, and change nothing else.
func TestMuxLogsProblems(t *testing.T) {
	t.Parallel()
	payload := []byte(pipelineEvent("Stage", `"stage":"Build","version":6.5`))
	for _, logged := range []bool{true, false} {
		var log strings.Builder
		var mux events.Mux
		if logged {
			mux.Logger = newLogger(&log)
		}
		handled := 0
		on[*events.StageExecutionStateChange](t, &mux, func(context.Context, events.Event) error { handled++; return nil })
		if _, err := mux.Invoke(t.Context(), payload); err != nil || handled != 1 {
			t.Errorf("handled %d, %v", handled, err)
		}
		if strings.Contains(log.String(), "detail.version: want a whole number") != logged {
			t.Errorf("logged %s", log.String())
		}
	}
}
