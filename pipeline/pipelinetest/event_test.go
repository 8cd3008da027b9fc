package pipelinetest_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

func decode[E events.Event](t testing.TB, payload []byte) E {
	t.Helper()
	event, err := events.Decode(payload)
	if err != nil {
		t.Fatal(err)
	}
	e, ok := event.(E)
	if !ok {
		t.Fatalf("event %s is a %T", payload, event)
	}
	return e
}

// The JSON is that of the service's samples, which write versions and attempts
// as 7.0.
func TestEventJSON(t *testing.T) {
	t.Parallel()
	p := app()
	p.Version = 7
	p.ArtifactBucket = "bucket"
	server, _ := newServer(t, p)
	id, err := server.StartExecution("app", pipelinetest.Trigger{Type: "CloudWatchEvent"},
		pipelinetest.SourceRevision{Action: "Source", Revision: pipelinetest.Revision{ID: commit, Message: "a < b"}})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		server.Advance()
	}
	all := server.Events()
	run := decode[*events.ActionExecutionStateChange](t, all[3])
	replace := func(payload []byte) string {
		var header struct{ ID string }
		if err := json.Unmarshal(payload, &header); err != nil {
			t.Fatal(err)
		}
		return strings.NewReplacer(header.ID, "EVENT", id, "EXECUTION", run.ActionExecutionID, "ACTION", run.OutputArtifacts[0].Key, "KEY").Replace(string(payload))
	}
	const head = `"source":"aws.codepipeline","account":"111122223333","time":"2026-05-07T13:22:34Z","region":"us-east-1",` +
		`"resources":["arn:aws:codepipeline:us-east-1:111122223333:app"],"detail":{"pipeline":"app","execution-id":"EXECUTION","start-time":"2026-05-07T13:22:34.629Z",`
	const tail = `"version":7.0,"pipeline-execution-attempt":1.0}}`
	const actionType = `"region":"us-east-1","type":{"owner":"ThirdParty","provider":"GitHub","category":"Source","version":"1"},`
	for i, want := range []string{
		`{"version":"0","id":"EVENT","detail-type":"CodePipeline Pipeline Execution State Change",` + head +
			`"execution-trigger":{"trigger-type":"CloudWatchEvent","trigger-detail":"arn:aws:events:us-east-1:111122223333:rule/codepipeline-app"},"state":"STARTED",` + tail,
		`{"version":"0","id":"EVENT","detail-type":"CodePipeline Stage Execution State Change",` + head + `"stage":"Source","state":"STARTED",` + tail,
		`{"version":"0","id":"EVENT","detail-type":"CodePipeline Action Execution State Change",` + head +
			`"stage":"Source","action-execution-id":"ACTION","action":"Source","state":"STARTED",` + actionType + tail,
		`{"version":"0","id":"EVENT","detail-type":"CodePipeline Action Execution State Change",` + head +
			`"stage":"Source","execution-result":{"external-execution-url":"https://github.com/octo/app/commit/` + commit + `","external-execution-summary":"a < b","external-execution-id":"` + commit + `"},` +
			`"output-artifacts":[{"name":"SourceArtifact","s3location":{"bucket":"bucket","key":"KEY"}}],"action-execution-id":"ACTION","action":"Source","state":"SUCCEEDED",` + actionType + tail,
	} {
		diff(t, "event", want, replace(all[i]))
	}
}

func TestEventsOfFailure(t *testing.T) {
	t.Parallel()
	p := app()
	p.Stages[1].Actions[0].Run = func(pipelinetest.ActionRun) pipelinetest.Outcome {
		return pipelinetest.Outcome{State: pipelinetest.StateFailed, ExternalID: "app-build:1", ErrorCode: "ConfigurationError", ErrorMessage: "no such project"}
	}
	server, client := newServer(t, p)
	id := begin(t, server, "app")
	server.Settle()
	all := server.Events()
	failed := decode[*events.ActionExecutionStateChange](t, all[len(all)-3])
	diff(t, "result", &events.ExecutionResult{
		ExternalExecutionID: "app-build:1",
		URL:                 "https://console.aws.amazon.com/codebuild/home?region=us-east-1#/builds/app-build:1/view/new",
		Summary:             "Build terminated with state: FAILED",
		ErrorCode:           "ConfigurationError",
	}, failed.Result)
	if len(failed.InputArtifacts) != 1 || failed.InputArtifacts[0].Name != "SourceArtifact" || failed.OutputArtifacts != nil {
		t.Errorf("event %+v", failed)
	}
	seen := len(all)
	if err := retry(t.Context(), client, "app", "Build", id, "ALL_ACTIONS"); err != nil {
		t.Fatal(err)
	}
	resumed := decode[*events.PipelineExecutionStateChange](t, server.Events()[seen])
	if resumed.State != events.PipelineResumed || resumed.Attempt != 2 || !resumed.Supersedes(decode[*events.PipelineExecutionStateChange](t, all[seen-1])) {
		t.Errorf("event %+v", resumed)
	}
	stage := decode[*events.StageExecutionStateChange](t, server.Events()[seen+1])
	if stage.State != events.StageResumed || stage.LastRetryTime != "2026-05-07T13:22:34.629Z" || stage.StartTime != "" || stage.Attempt != 2 {
		t.Errorf("event %+v", stage)
	}
}

// A trigger with a commit is told by the events after STARTED.
func TestTrigger(t *testing.T) {
	t.Parallel()
	connection := pipelinetest.Connection{ProviderType: "GitLab"}
	p := app()
	p.Stages[0].Actions[0] = pipelinetest.ConnectionSource("Source", connection, "group/sub/app", "main")
	server, client := newServer(t, p)
	arn := p.Stages[0].Actions[0].Configuration["ConnectionArn"]
	trigger := pipelinetest.Trigger{
		ProviderType: "GitLab", FullRepositoryName: "group/sub/app", Tag: "v1", CommitID: commit, CommitMessage: "Update README.md", ConnectionARN: arn,
		AuthorID: "Mary Major", AuthorDisplayName: "Mary Major", AuthorEmail: "mary@example.com", AuthorDate: start,
	}
	id, err := server.StartExecution("app", trigger)
	if err != nil {
		t.Fatal(err)
	}
	server.Settle()
	all := server.Events()
	diff(t, "first trigger", &events.ExecutionTrigger{Type: "WebhookV2", Detail: arn}, decode[*events.PipelineExecutionStateChange](t, all[0]).Trigger)
	diff(t, "last trigger", &events.ExecutionTrigger{
		ProviderType: "GitLab", FullRepositoryName: "group/sub/app", Tag: "v1", CommitID: commit, CommitMessage: "Update README.md", ConnectionARN: arn,
		AuthorID: "Mary Major", AuthorDisplayName: "Mary Major", AuthorEmail: "mary@example.com", AuthorDate: "2026-05-07T13:22:34Z",
	}, decode[*events.PipelineExecutionStateChange](t, all[len(all)-1]).Trigger)
	if got := get(t, client, "app", id).Trigger; got.TriggerType != "WebhookV2" || *got.TriggerDetail != arn {
		t.Errorf("trigger %+v", got)
	}

	for kind, want := range map[string]string{
		"":                     "arn:aws:iam::111122223333:user/test",
		"CreatePipeline":       "arn:aws:iam::111122223333:user/test",
		"Webhook":              arn,
		"CloudWatchEvent":      "arn:aws:events:us-east-1:111122223333:rule/codepipeline-app",
		"PollForSourceChanges": "Source",
	} {
		id, err := server.StartExecution("app", pipelinetest.Trigger{Type: kind})
		if err != nil {
			t.Fatal(err)
		}
		if got := *get(t, client, "app", id).Trigger.TriggerDetail; got != want {
			t.Errorf("detail of %q is %s, want %s", kind, got, want)
		}
	}
	for _, trigger := range []pipelinetest.Trigger{{Type: "Cron"}, {Type: "ManualRollback"}} {
		if _, err := server.StartExecution("app", trigger); err == nil {
			t.Errorf("start by %s", trigger.Type)
		}
	}
	if _, err := server.StartExecution("other", pipelinetest.Trigger{}); err == nil {
		t.Error("start of a pipeline that does not exist")
	}
	if _, err := server.StartExecution("app", pipelinetest.Trigger{}, pipelinetest.SourceRevision{Action: "Compile"}); err == nil {
		t.Error("start with a revision of an action that is no source")
	}
}

// The functions that get events may use the server.
func TestOnEvent(t *testing.T) {
	t.Parallel()
	server, client := newServer(t, app(), short("next"))
	var got [][]byte
	server.OnEvent(func(payload []byte) {
		got = append(got, payload)
		if e, ok := decode[events.Event](t, payload).(*events.PipelineExecutionStateChange); ok && e.Pipeline == "app" {
			get(t, client, "app", e.ExecutionID)
			if e.State == events.PipelineSucceeded {
				begin(t, server, "next")
			}
		}
		payload[0] = 'x' // is a copy
	})
	begin(t, server, "app")
	if len(got) != 1 {
		t.Errorf("%d events at the start", len(got))
	}
	server.Settle()
	for i := range got {
		got[i][0] = '{'
	}
	diff(t, "events", server.Events(), got)
	if last := state(t, got[len(got)-1]); last != "Approve/Approve STARTED" {
		t.Errorf("last event %s", last)
	}
	server.OnEvent(nil)
	if n := len(got); server.Advance() || len(got) != n {
		t.Error("an event came after all")
	}
}

func TestDelivery(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		delivery pipelinetest.Delivery
		least    int // events
	}{
		{pipelinetest.Delivery{}, 32},
		{pipelinetest.Delivery{DuplicateRate: 1}, 64},
		{pipelinetest.Delivery{Reorder: 1, Seed: 1}, 32},
		{pipelinetest.Delivery{DuplicateRate: 0.5, Reorder: 5, Seed: 2}, 40},
	} {
		server, _ := newServer(t, app())
		server.SetDelivery(test.delivery)
		var got []string
		server.OnEvent(func(payload []byte) { got = append(got, string(payload)) })
		for range 2 {
			begin(t, server, "app")
			for server.Advance() {
			}
		}
		early := len(got)
		server.FlushEvents()
		var all []string
		for _, payload := range server.Events() {
			all = append(all, string(payload))
		}
		if len(got) < test.least || test.delivery.Reorder == 0 && early != len(got) {
			t.Errorf("%+v: %d events early, %d late", test.delivery, early, len(got))
		}
		diff(t, "events", slices.Sorted(slices.Values(all)), slices.Compact(slices.Sorted(slices.Values(got))))
		moved := false
		for i, payload := range got {
			overtaken := make(map[string]bool)
			for _, before := range got[:i] {
				if slices.Index(all, before) > slices.Index(all, payload) {
					overtaken[before] = true
					moved = true
				}
			}
			if len(overtaken) > test.delivery.Reorder {
				t.Errorf("%+v: event %d is overtaken by %d", test.delivery, i, len(overtaken))
			}
		}
		if moved != (test.delivery.Reorder > 0) {
			t.Errorf("%+v: order %v", test.delivery, moved)
		}
	}
}

// Two runs of a test see the same.
func TestDeliveryRepeats(t *testing.T) {
	t.Parallel()
	var runs [2][][]byte
	for i := range runs {
		server, _ := newServer(t, app())
		server.SetDelivery(pipelinetest.Delivery{DuplicateRate: 0.3, Reorder: 3, Seed: 7})
		server.OnEvent(func(payload []byte) { runs[i] = append(runs[i], payload) })
		begin(t, server, "app")
		server.Settle()
	}
	if !slices.EqualFunc(runs[0], runs[1], bytes.Equal) {
		t.Error("the events differ")
	}
}

// Events that are not reordered any more do not wait for those held back.
func TestDeliveryChanged(t *testing.T) {
	t.Parallel()
	server, _ := newServer(t, app())
	var got [][]byte
	server.OnEvent(func(payload []byte) { got = append(got, payload) })
	server.SetDelivery(pipelinetest.Delivery{Reorder: 1000})
	begin(t, server, "app")
	server.Advance()
	held := len(server.Events()) - len(got)
	if held == 0 {
		t.Fatal("no event is held back")
	}
	server.SetDelivery(pipelinetest.Delivery{})
	for range 3 {
		server.Advance()
		if events := server.Events(); len(got) != len(events)-held || !bytes.Equal(got[len(got)-1], events[len(events)-1]) {
			t.Fatalf("%d events, want %d and the newest at the end", len(got), len(events)-held)
		}
	}
	server.FlushEvents()
	if len(got) != len(server.Events()) {
		t.Errorf("%d events, want %d", len(got), len(server.Events()))
	}
}
