package pipelinestatus_test

import (
	"context"
	"encoding/json"
	"errors"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/githubstatus"
	"github.com/codesuite-go/codesuite/githubstatus/pipelinestatus"
	"github.com/codesuite-go/codesuite/pipeline"
)

// from changes where an event comes from.
func from(account, region string) func(*events.PipelineExecutionStateChange) {
	return func(e *events.PipelineExecutionStateChange) { e.Account, e.Region = account, region }
}

// sourceEvent is the event of a source action that has fetched the commit.
func sourceEvent(repository, url, commit string) *events.ActionExecutionStateChange {
	return &events.ActionExecutionStateChange{
		Header: change("").Header, Pipeline: "app", ExecutionID: "1", Stage: "Source", Action: "Src", State: events.ActionSucceeded, Attempt: 1,
		Type:   events.ActionType{Owner: "AWS", Category: "Source", Provider: "CodeStarSourceConnection", Version: "1"},
		Result: &events.ExecutionResult{ExternalExecutionID: commit, URL: url, Summary: `{"ProviderType":"GitHub","CommitMessage":"Fix it"}`},
	}
}

// with returns a setter whose newest status is that.
func (f *fake) with(newest githubstatus.State) *newestStatuses { return &newestStatuses{f, newest} }

// Events of an execution that the API does not have end a pending status, and do
// nothing else.
func TestForgedEvents(t *testing.T) {
	t.Parallel()
	const repository = "octo/hello"
	for _, test := range []struct {
		name   string
		newest githubstatus.State
		events []*events.PipelineExecutionStateChange
		want   []string
	}{
		{name: "success of nothing", events: []*events.PipelineExecutionStateChange{change("SUCCEEDED", triggered)}},
		{name: "start of nothing", events: []*events.PipelineExecutionStateChange{change("STARTED", triggered)}},
		{name: "success over a failure", newest: githubstatus.StateFailure, events: []*events.PipelineExecutionStateChange{change("SUCCEEDED", triggered)}},
		{name: "failure over a success", newest: githubstatus.StateSuccess, events: []*events.PipelineExecutionStateChange{change("FAILED", triggered)}},
		{
			name: "success of a pending one", newest: githubstatus.StatePending, events: []*events.PipelineExecutionStateChange{change("SUCCEEDED", triggered)},
			want: []string{"octo/hello@aaaa codepipeline/app error Ended, with an unknown result: the execution does not exist any more"},
		},
		{
			name: "end of a pending one", newest: githubstatus.StatePending, events: []*events.PipelineExecutionStateChange{change("CANCELED", triggered)},
			want: []string{"octo/hello@aaaa codepipeline/app error Canceled: the pipeline was changed or the execution was ended"},
		},
	} {
		f := newFake()
		r := pipelinestatus.New(f, f.with(test.newest))
		for _, event := range test.events {
			if err := r.Report(t.Context(), event); err != nil {
				t.Errorf("%s: %v", test.name, err)
			}
		}
		t.Log(test.name)
		f.check(t, test.want...)

		// The same by the event of a source action, after that of the end.
		f = newFake()
		r = pipelinestatus.New(f, f.with(test.newest))
		for _, event := range test.events {
			if err := r.Report(t.Context(), change(string(event.State))); err != nil {
				t.Errorf("%s: %v", test.name, err)
			}
		}
		url := "https://eu-central-1.console.aws.amazon.com/codesuite/settings/connections/redirect?connectionArn=" + connectionARN +
			"&referenceType=COMMIT&FullRepositoryId=" + repository + "&Commit=" + commitA
		if err := r.ReportAction(t.Context(), sourceEvent(repository, url, commitA)); err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		f.check(t, test.want...)
	}
}

// Events cannot make an execution that runs, its stage or its action a success: the
// API has to say so, and until then the error asks for the event again.
func TestForgedSuccess(t *testing.T) {
	t.Parallel()
	header := change("").Header
	all := func(o *pipelinestatus.Options) { o.Stages, o.Actions = true, true }
	for _, test := range []struct {
		name   string
		report func(context.Context, *pipelinestatus.Reporter) error
		want   []string // when the API says the same
	}{
		{"execution", func(ctx context.Context, r *pipelinestatus.Reporter) error { return r.Report(ctx, change("SUCCEEDED")) }, []string{
			"octo/hello@aaaa codepipeline/app success Succeeded", "octo/hello@aaaa codepipeline/app/Build success Succeeded",
			"octo/hello@aaaa codepipeline/app/Build/Make success Succeeded",
		}},
		{"stage", func(ctx context.Context, r *pipelinestatus.Reporter) error {
			return r.ReportStage(ctx, &events.StageExecutionStateChange{Header: header, Pipeline: "app", ExecutionID: "1", Stage: "Build", State: events.StageSucceeded, Attempt: 1})
		}, []string{"octo/hello@aaaa codepipeline/app/Build success Succeeded"}},
		{"action", func(ctx context.Context, r *pipelinestatus.Reporter) error {
			return r.ReportAction(ctx, &events.ActionExecutionStateChange{Header: header, Pipeline: "app", ExecutionID: "1", Stage: "Build", Action: "Make", ActionExecutionID: "a", State: events.ActionSucceeded, Attempt: 1})
		}, []string{"octo/hello@aaaa codepipeline/app/Build/Make success Succeeded"}},
	} {
		run := pipeline.ActionExecution{ID: "a", Stage: "Build", Action: "Make", Status: pipeline.ActionInProgress}
		f := &fake{execution: &pipeline.Execution{
			Status: pipeline.StatusInProgress, Revisions: []pipeline.Revision{onHello}, Actions: []pipeline.ActionExecution{run},
		}}
		r := f.reporter(all)
		if err := test.report(t.Context(), r); err == nil || githubstatus.Permanent(err) {
			t.Errorf("%s: error %v, want one that may pass", test.name, err)
		}
		f.check(t)
		run.Status = pipeline.ActionSucceeded
		f.execution = &pipeline.Execution{
			Status: pipeline.StatusSucceeded, Revisions: []pipeline.Revision{onHello}, Actions: []pipeline.ActionExecution{run},
		}
		if err := test.report(t.Context(), r); err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		f.check(t, test.want...)
	}
}

// A pipeline that was deleted while its execution ran.
func TestPipelineDeleted(t *testing.T) {
	t.Parallel()
	f := &fake{execution: &pipeline.Execution{Status: pipeline.StatusInProgress}}
	r := f.reporter() // without a way to read statuses
	if err := r.Report(t.Context(), change("STARTED", triggered)); err != nil {
		t.Error(err)
	}
	f.execution = nil
	if err := r.Report(t.Context(), change("CANCELED")); err != nil {
		t.Error(err)
	}
	f.check(t, "octo/hello@aaaa codepipeline/app pending Running",
		"octo/hello@aaaa codepipeline/app error Canceled: the pipeline was changed or the execution was ended")
	if !strings.Contains(f.log.String(), "does not exist") {
		t.Errorf("log %s", &f.log)
	}
}

// An event of a real execution cannot make another commit a success.
func TestForgedCommit(t *testing.T) {
	t.Parallel()
	other := func(e *events.PipelineExecutionStateChange) {
		e.Trigger = &events.ExecutionTrigger{ProviderType: "GitHub", FullRepositoryName: "octo/victim", CommitID: commitB}
	}
	for newest, want := range map[githubstatus.State][]string{
		githubstatus.StateFailure: nil,
		"":                        nil,
		githubstatus.StatePending: {"octo/victim@bbbb codepipeline/app error Ended: the execution was about another commit"},
	} {
		f := &fake{execution: &pipeline.Execution{Status: pipeline.StatusSucceeded, Revisions: []pipeline.Revision{onHello}}}
		r := pipelinestatus.New(f, f.with(newest))
		if err := r.Report(t.Context(), change("SUCCEEDED", other)); err != nil {
			t.Error(err)
		}
		f.check(t, append([]string{"octo/hello@aaaa codepipeline/app success Succeeded"}, want...)...)
	}
	// While the API says that the execution runs, it may not know the commit yet.
	f := &fake{execution: &pipeline.Execution{Status: pipeline.StatusInProgress}}
	err := f.reporter().Report(t.Context(), change("SUCCEEDED", other))
	if err == nil || githubstatus.Permanent(err) {
		t.Errorf("error %v, want one that may pass", err)
	}
	f.check(t)
}

// Events of other accounts and Regions are errors, unless there is a client for
// them.
func TestForeignEvents(t *testing.T) {
	t.Parallel()
	execution := func() *fake {
		return &fake{execution: &pipeline.Execution{Status: pipeline.StatusSucceeded, Revisions: []pipeline.Revision{onHello}}}
	}
	home := regional{execution(), "eu-central-1"}
	other := execution()
	r := pipelinestatus.New(home, home, func(o *pipelinestatus.Options) {
		o.Account = "111122223333"
		o.Others = map[pipelinestatus.Origin]pipelinestatus.Executions{{Account: "444455556666", Region: "us-east-1"}: other}
		o.Context = func(s pipelinestatus.Subject) string { return s.Account + "/" + s.Region + "/" + s.Pipeline }
	})
	for _, test := range []struct {
		account, region string
		foreign         bool
	}{
		{"111122223333", "eu-central-1", false},
		{"444455556666", "us-east-1", false},
		{"444455556666", "eu-central-1", true},
		{"111122223333", "us-east-1", true},
		{"999999999999", "eu-central-1", true},
		{"", "", true},
	} {
		err := r.Report(t.Context(), change("SUCCEEDED", from(test.account, test.region)))
		if errors.Is(err, pipelinestatus.ErrForeign) != test.foreign || githubstatus.Permanent(err) != test.foreign || !test.foreign && err != nil {
			t.Errorf("%s in %s: error %v, want a foreign event %v", test.account, test.region, err, test.foreign)
		}
	}
	home.check(t, "octo/hello@aaaa 111122223333/eu-central-1/app success Succeeded", "octo/hello@aaaa 444455556666/us-east-1/app success Succeeded")

	for want, option := range map[string]func(*pipelinestatus.Options){
		"Account: ": func(o *pipelinestatus.Options) { o.Account = "prod" },
		"Others: ": func(o *pipelinestatus.Options) {
			o.Others = map[pipelinestatus.Origin]pipelinestatus.Executions{{Account: "444455556666"}: other}
		},
		"are nil": func(o *pipelinestatus.Options) {
			o.Others = map[pipelinestatus.Origin]pipelinestatus.Executions{{Account: "444455556666", Region: "us-east-1"}: nil}
		},
	} {
		if err := home.reporter(option).Report(t.Context(), change("STARTED")); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// regional knows its Region, as a *pipeline.Client does.
type regional struct {
	*fake
	region string
}

func (r regional) Region() string { return r.region }

// The revision of a source event is a hint: if its URL is of an unknown form, or
// missing, the API has the repository.
func TestUnknownRevisionURL(t *testing.T) {
	t.Parallel()
	for _, url := range []string{
		"", "https://git.example.com/octo/hello/commit/" + commitA,
		"https://eu-central-1.console.aws.amazon.com/codesuite/settings/codeconnections/redirect?x=y",
		"https://eu-central-1.console.aws.amazon.com/codesuite/settings/111122223333/eu-central-1/codestar-connections/connections/1",
	} {
		f := &fake{execution: &pipeline.Execution{Status: pipeline.StatusInProgress, Revisions: []pipeline.Revision{onHello}}}
		if err := f.reporter().ReportAction(t.Context(), sourceEvent("", url, commitA)); err != nil {
			t.Errorf("%q: %v", url, err)
		}
		f.check(t, "octo/hello@aaaa codepipeline/app pending Running")
	}
}

// The type of the action decides on the provider, not the URL.
func TestProviderIsTheActions(t *testing.T) {
	t.Parallel()
	f := &fake{execution: &pipeline.Execution{Status: pipeline.StatusInProgress}}
	event := sourceEvent("", "https://github.com/octo/hello/commit/"+commitA, commitA)
	event.Type.Provider, event.Result.Summary = "S3", "Amazon S3 version id: x"
	if err := f.reporter().ReportAction(t.Context(), event); err != nil {
		t.Error(err)
	}
	f.check(t)
}

// Sources are chosen by repository, branch and action, and one that is left out
// needs no client.
func TestInclude(t *testing.T) {
	t.Parallel()
	shared := pipeline.Revision{
		Stage: "Source", Action: "Shared", Provider: events.ProviderGitHubEnterpriseServer, Host: "git.example.com",
		Repository: "corp/shared", ID: commitB, Branch: "main",
	}
	hello := onHello
	hello.Branch = "release"
	for name, test := range map[string]struct {
		include func(pipeline.Revision) bool
		fails   bool
		want    []string
	}{
		"all":        {nil, true, []string{"octo/hello@aaaa codepipeline/app success Succeeded"}},
		"repository": {func(r pipeline.Revision) bool { return r.Repository == "octo/hello" }, false, []string{"octo/hello@aaaa codepipeline/app success Succeeded"}},
		"branch":     {func(r pipeline.Revision) bool { return r.Branch == "release" }, false, []string{"octo/hello@aaaa codepipeline/app success Succeeded"}},
		"action":     {func(r pipeline.Revision) bool { return r.Action == "Src" }, false, []string{"octo/hello@aaaa codepipeline/app success Succeeded"}},
		"none":       {func(pipeline.Revision) bool { return false }, false, nil},
	} {
		f := &fake{execution: &pipeline.Execution{Status: pipeline.StatusSucceeded, Revisions: []pipeline.Revision{hello, shared}}}
		err := f.reporter(func(o *pipelinestatus.Options) { o.Include = test.include }).Report(t.Context(), change("SUCCEEDED"))
		if (err != nil) != test.fails {
			t.Errorf("%s: error %v", name, err)
		}
		t.Log(name)
		f.check(t, test.want...)
	}
}

// The subject has the commit, its repository and its branch.
func TestSubject(t *testing.T) {
	t.Parallel()
	hello := onHello
	hello.Branch = "release"
	f := &fake{execution: &pipeline.Execution{Status: pipeline.StatusSucceeded, Revisions: []pipeline.Revision{hello}}}
	var got []pipelinestatus.Subject
	r := f.reporter(func(o *pipelinestatus.Options) {
		o.Context = func(s pipelinestatus.Subject) string {
			got = append(got, s)
			return s.Repository + " " + s.Branch
		}
	})
	if err := r.Report(t.Context(), change("SUCCEEDED")); err != nil {
		t.Error(err)
	}
	want := pipelinestatus.Subject{
		Account: "111122223333", Region: "eu-central-1", Pipeline: "app", ExecutionID: "1",
		Host: "github.com", Repository: "octo/hello", Branch: "release", Commit: commitA,
	}
	if len(got) == 0 {
		t.Fatal("no subject")
	}
	if diff := cmp.Diff(want, got[0]); diff != "" {
		t.Errorf("subject (-want +got):\n%s", diff)
	}
	f.check(t, "octo/hello@aaaa octo/hello release success Succeeded")
}

// The host of a connection is the option's, whatever its provider.
func TestConnectionsOption(t *testing.T) {
	t.Parallel()
	for _, provider := range []events.Provider{events.ProviderGitHub, events.ProviderGitHubEnterpriseServer, ""} {
		revision := onHello
		revision.Provider, revision.ConnectionARN = provider, connectionARN
		f := &fake{execution: &pipeline.Execution{Status: pipeline.StatusSucceeded, Revisions: []pipeline.Revision{revision}}}
		enterprise := newFake()
		r := f.reporter(func(o *pipelinestatus.Options) {
			o.Connections = map[string]string{connectionARN: "octocorp.ghe.com"}
			o.Hosts = githubstatus.Hosts{"octocorp.ghe.com": enterprise}
		})
		if err := r.Report(t.Context(), change("SUCCEEDED")); err != nil {
			t.Error(err)
		}
		f.check(t)
		enterprise.check(t, "octo/hello@aaaa codepipeline/app success Succeeded")
	}
}

// Pipelines whose names differ in case have contexts that differ to GitHub.
func TestContextsDifferInCase(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, name := range []string{"web", "Web", "WEB", "wEb"} {
		for _, subject := range []pipelinestatus.Subject{{Pipeline: name}, {Project: name}, {Pipeline: name, Stage: "Build"}} {
			context := strings.ToLower(pipelinestatus.DefaultContext(subject))
			if other, ok := seen[context]; ok {
				t.Errorf("%+v has the context of %s: %s", subject, other, context)
			}
			seen[context] = name
		}
	}
	if got := pipelinestatus.DefaultContext(pipelinestatus.Subject{Pipeline: "Web"}); !strings.HasPrefix(got, "codepipeline/Web~") || len(got) != 23 {
		t.Errorf("context %q", got)
	}
}

// A wrapper that can read statuses is asked, whatever it wraps.
func TestWrapperWithNewest(t *testing.T) {
	t.Parallel()
	f := newFake()
	var setter githubstatus.NewestStatus = wrapper{f.with(githubstatus.StatePending)}
	r := pipelinestatus.New(f, setter)
	if err := r.Report(t.Context(), change("FAILED", triggered)); err != nil {
		t.Error(err)
	}
	f.check(t, "octo/hello@aaaa codepipeline/app failure Failed")
}

// wrapper wraps a Setter that can read statuses.
type wrapper struct{ next githubstatus.NewestStatus }

func (w wrapper) Set(ctx context.Context, c githubstatus.Commit, s githubstatus.Status) error {
	return w.next.Set(ctx, c, s)
}

func (w wrapper) Newest(ctx context.Context, c githubstatus.Commit, name string) (githubstatus.Status, bool, error) {
	return w.next.Newest(ctx, c, name)
}

// What a Reporter remembers of events does not hold their payloads.
func TestMemoryOfPayloads(t *testing.T) {
	f := &fake{execution: &pipeline.Execution{Status: pipeline.StatusSucceeded}}
	r := pipelinestatus.New(f, f, func(o *pipelinestatus.Options) { o.Stages, o.Actions = true, true })
	var mux events.Mux
	if err := r.Register(&mux); err != nil {
		t.Fatal(err)
	}
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	for i := range 100 {
		for _, detail := range []map[string]any{
			{"detail-type": "CodePipeline Pipeline Execution State Change"},
			{"detail-type": "CodePipeline Stage Execution State Change", "stage": "Build"},
			{"detail-type": "CodePipeline Action Execution State Change", "stage": "Build", "action": "Test"},
		} {
			inner := map[string]any{
				"pipeline": "app", "execution-id": strings.Repeat("x", i+1), "state": "STARTED", "stage": detail["stage"], "action": detail["action"],
				"type":             map[string]any{"category": "Build"},
				"ballast":          strings.Repeat("y", 1<<20),
				"start":            "2026-03-01T12:00:00Z",
				"execution-result": map[string]any{"external-execution-summary": strings.Repeat("z", 1<<18)},
			}
			payload, err := json.Marshal(map[string]any{
				"source": "aws.codepipeline", "detail-type": detail["detail-type"], "account": "111122223333", "region": "eu-central-1",
				"time": "2026-03-01T12:00:00Z", "detail": inner,
			})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := mux.Invoke(t.Context(), payload); err != nil {
				t.Fatal(err)
			}
		}
	}
	if grown := int64(heap()) - int64(before); grown > 8<<20 {
		t.Errorf("100 executions hold %d bytes", grown)
	}
	runtime.KeepAlive(r)
}
