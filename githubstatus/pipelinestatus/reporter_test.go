package pipelinestatus_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/events/pattern"
	"github.com/codesuite-go/codesuite/githubstatus"
	"github.com/codesuite-go/codesuite/githubstatus/pipelinestatus"
	"github.com/codesuite-go/codesuite/pipeline"
)

// fake is a CodePipeline with at most one execution, and records statuses.
type fake struct {
	execution *pipeline.Execution // nil does not exist
	err       error

	mu  sync.Mutex
	set []string // "octo/hello@aaaa codepipeline/app pending Running"
	log bytes.Buffer
}

func newFake() *fake { return &fake{} }

func (f *fake) Execution(_ context.Context, _, _ string) (*pipeline.Execution, error) {
	if f.err != nil {
		return nil, f.err
	}
	if f.execution == nil {
		return nil, fmt.Errorf("not there: %w", fs.ErrNotExist)
	}
	return f.execution, nil
}

func (f *fake) Set(_ context.Context, c githubstatus.Commit, s githubstatus.Status) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.set = append(f.set, fmt.Sprintf("%s/%s@%.4s %s %s %s", c.Owner, c.Repo, c.SHA, s.Context, s.State, s.Description))
	return nil
}

func (f *fake) reporter(optFns ...func(*pipelinestatus.Options)) *pipelinestatus.Reporter {
	return pipelinestatus.New(f, f, append([]func(*pipelinestatus.Options){func(o *pipelinestatus.Options) {
		o.Logger = slog.New(slog.NewTextHandler(&f.log, nil))
	}}, optFns...)...)
}

func (f *fake) check(t *testing.T, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, f.set); diff != "" {
		t.Errorf("statuses (-want +got):\n%s", diff)
	}
}

var onHello = pipeline.Revision{Stage: "Source", Action: "Src", Provider: events.ProviderGitHub, Host: "github.com", Repository: "octo/hello", ID: commitA}

func change(state string, changes ...func(*events.PipelineExecutionStateChange)) *events.PipelineExecutionStateChange {
	e := &events.PipelineExecutionStateChange{
		Header:   events.Header{Account: "111122223333", Region: "eu-central-1", Time: "2026-03-01T12:00:00Z"},
		Pipeline: "app", ExecutionID: "1", State: events.PipelineState(state), Attempt: 1,
	}
	for _, change := range changes {
		change(e)
	}
	return e
}

func triggered(e *events.PipelineExecutionStateChange) {
	e.Trigger = &events.ExecutionTrigger{ProviderType: "GitHub", FullRepositoryName: "octo/hello", CommitID: commitA}
}

// No state that ends something is pending, on any level, and without the API only a
// success is not believed.
func TestTerminalStates(t *testing.T) {
	t.Parallel()
	all := func(o *pipelinestatus.Options) { o.Stages, o.Actions = true, true }
	for state, want := range pipelinestatus.DefaultStates() {
		pipelineState, stageState, actionState := events.PipelineState(state), events.StageState(state), events.ActionState(state)
		// The levels that have the state, and end with it.
		ends := map[string]bool{
			"codepipeline/app":            pipelineState.Terminal(),
			"codepipeline/app/Build":      stageState.Terminal(),
			"codepipeline/app/Build/Test": actionState.Terminal(),
		}
		if terminal := want != githubstatus.StatePending; slices.Contains(slices.Collect(maps.Values(ends)), true) != terminal {
			t.Errorf("%s is %s, it ends %v", state, want, ends)
		}
		for _, status := range []pipeline.Status{pipeline.StatusInProgress, pipeline.StatusStopping, "Unheard"} {
			for level, deliver := range map[string]func(*pipelinestatus.Reporter) error{
				"codepipeline/app": func(r *pipelinestatus.Reporter) error { return r.Report(t.Context(), change(state)) },
				"codepipeline/app/Build": func(r *pipelinestatus.Reporter) error {
					return r.ReportStage(t.Context(), &events.StageExecutionStateChange{
						Header: change("").Header, Pipeline: "app", ExecutionID: "1", Stage: "Build", State: stageState, Attempt: 1,
					})
				},
				"codepipeline/app/Build/Test": func(r *pipelinestatus.Reporter) error {
					return r.ReportAction(t.Context(), &events.ActionExecutionStateChange{
						Header: change("").Header, Pipeline: "app", ExecutionID: "1", Stage: "Build", Action: "Test", State: actionState, Attempt: 1,
					})
				},
			} {
				if !ends[level] {
					continue
				}
				f := &fake{execution: &pipeline.Execution{Status: status, Revisions: []pipeline.Revision{onHello}}}
				err := deliver(f.reporter(all))
				if want == githubstatus.StateSuccess { // which the API has to confirm
					if err == nil || githubstatus.Permanent(err) || len(f.set) > 0 {
						t.Errorf("%s of %s with the API at %s: %q, %v", state, level, status, f.set, err)
					}
					continue
				}
				if err != nil {
					t.Error(err)
				}
				last := ""
				if len(f.set) > 0 {
					last = f.set[len(f.set)-1]
				}
				if !strings.HasPrefix(last, fmt.Sprintf("octo/hello@aaaa %s %s ", level, want)) {
					t.Errorf("%s of %s with the API at %s: %q", state, level, status, f.set)
				}
			}
		}
	}
}

func TestEvents(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 3, 1, 11, 55, 48, 0, time.UTC)
	run := func(stage, action string, status pipeline.ActionStatus, fns ...func(*pipeline.ActionExecution)) pipeline.ActionExecution {
		a := pipeline.ActionExecution{ID: stage + action, Stage: stage, Action: action, Status: status, Started: start, Updated: start.Add(4*time.Minute + 12*time.Second)}
		for _, fn := range fns {
			fn(&a)
		}
		return a
	}
	execution := func(status pipeline.Status, actions ...pipeline.ActionExecution) *pipeline.Execution {
		return &pipeline.Execution{Pipeline: "app", ID: "1", Status: status, Actions: actions, Revisions: []pipeline.Revision{onHello}}
	}
	for _, test := range []struct {
		name      string
		execution *pipeline.Execution
		options   func(*pipelinestatus.Options)
		events    []*events.PipelineExecutionStateChange
		want      []string
		log       string
	}{
		{
			name: "success with its duration", execution: execution(pipeline.StatusSucceeded, run("Build", "Test", pipeline.ActionSucceeded)),
			events: []*events.PipelineExecutionStateChange{change("SUCCEEDED")},
			want:   []string{"octo/hello@aaaa codepipeline/app success Succeeded in 4m12s"},
		},
		{
			name: "success after hours", execution: execution(pipeline.StatusSucceeded, run("Deploy", "Review", pipeline.ActionSucceeded, func(a *pipeline.ActionExecution) {
				a.Updated = a.Started.Add(2*time.Hour + 5*time.Minute + 59*time.Second)
			})),
			events: []*events.PipelineExecutionStateChange{change("SUCCEEDED")},
			want:   []string{"octo/hello@aaaa codepipeline/app success Succeeded in 2h5m"},
		},
		{
			name: "success after days", execution: execution(pipeline.StatusSucceeded, run("Deploy", "Review", pipeline.ActionSucceeded, func(a *pipeline.ActionExecution) {
				a.Updated = a.Started.Add(76*time.Hour + 5*time.Minute)
			})),
			events: []*events.PipelineExecutionStateChange{change("SUCCEEDED")},
			want:   []string{"octo/hello@aaaa codepipeline/app success Succeeded in 3d4h"},
		},
		{
			name: "late start sets the end", execution: execution(pipeline.StatusSucceeded),
			events: []*events.PipelineExecutionStateChange{change("STARTED")},
			want:   []string{"octo/hello@aaaa codepipeline/app success Succeeded"},
		},
		{
			name: "the event is ahead of the API", execution: execution(pipeline.StatusInProgress),
			events: []*events.PipelineExecutionStateChange{change("FAILED"), change("STARTED"), change("STOPPING")},
			want: []string{
				"octo/hello@aaaa codepipeline/app failure Failed",
				"octo/hello@aaaa codepipeline/app failure Failed",
				"octo/hello@aaaa codepipeline/app failure Failed",
			},
		},
		{
			name: "late failure of an attempt before the retry", execution: execution(pipeline.StatusInProgress,
				run("Build", "Test", pipeline.ActionInProgress, func(a *pipeline.ActionExecution) { a.Started = start.Add(time.Hour) })),
			events: []*events.PipelineExecutionStateChange{change("FAILED")},
			want:   []string{"octo/hello@aaaa codepipeline/app pending Running"},
		},
		{
			name: "retry", execution: execution(pipeline.StatusInProgress, run("Build", "Test", pipeline.ActionFailed)),
			events: []*events.PipelineExecutionStateChange{change("FAILED"), change("RESUMED", func(e *events.PipelineExecutionStateChange) { e.Attempt = 2 }), change("FAILED")},
			want: []string{
				"octo/hello@aaaa codepipeline/app failure Build/Test failed",
				"octo/hello@aaaa codepipeline/app pending Running again after a retry",
				"octo/hello@aaaa codepipeline/app pending Running again after a retry",
			},
		},
		{
			name: "failure with a message", execution: execution(pipeline.StatusFailed,
				run("Build", "Lint", pipeline.ActionSucceeded),
				run("Build", "Unit tests", pipeline.ActionFailed, func(a *pipeline.ActionExecution) {
					a.ErrorCode, a.ErrorMessage, a.Summary = "JobFailed", "2 tests\n failed", "Build terminated with state: FAILED"
				})),
			events: []*events.PipelineExecutionStateChange{change("FAILED")},
			want:   []string{"octo/hello@aaaa codepipeline/app failure Build/Unit tests failed: 2 tests failed"},
		},
		{
			name: "failure without the message", execution: execution(pipeline.StatusFailed,
				run("Build", "Test", pipeline.ActionFailed, func(a *pipeline.ActionExecution) { a.Summary = "arn:aws:iam::111122223333:role/x" })),
			options: func(o *pipelinestatus.Options) {
				o.Description = func(s pipelinestatus.Subject, text string) string {
					return s.Pipeline + ": " + strings.Split(text, ":")[0]
				}
			},
			events: []*events.PipelineExecutionStateChange{change("FAILED")},
			want:   []string{"octo/hello@aaaa codepipeline/app failure app: Build/Test failed"},
		},
		{
			name: "several failures", execution: execution(pipeline.StatusFailed,
				run("Build", "A", pipeline.ActionFailed, func(a *pipeline.ActionExecution) { a.ErrorCode = "JobFailed" }),
				run("Build", "B", pipeline.ActionFailed)),
			events: []*events.PipelineExecutionStateChange{change("FAILED")},
			want:   []string{"octo/hello@aaaa codepipeline/app failure (2 failed) Build/A failed: JobFailed"},
		},
		{
			name: "failure that only the notification tells", execution: execution(pipeline.StatusInProgress),
			events: []*events.PipelineExecutionStateChange{change("FAILED", func(e *events.PipelineExecutionStateChange) {
				e.FailedStage = "Deploy"
				e.FailedActions = []events.FailedAction{{Action: "Fleet", AdditionalInformation: "Deployment d-1 failed"}}
			})},
			want: []string{"octo/hello@aaaa codepipeline/app failure Deploy/Fleet failed: Deployment d-1 failed"},
		},
		{
			name: "reason of the stop from an earlier event", execution: execution(pipeline.StatusStopped),
			events: []*events.PipelineExecutionStateChange{
				change("STOPPING", func(e *events.PipelineExecutionStateChange) { e.StopComments = "wrong branch" }), change("STOPPED"),
			},
			want: []string{
				"octo/hello@aaaa codepipeline/app error Stopped: wrong branch",
				"octo/hello@aaaa codepipeline/app error Stopped: wrong branch",
			},
		},
		{
			name: "no source action has ended", execution: &pipeline.Execution{Status: pipeline.StatusInProgress},
			events: []*events.PipelineExecutionStateChange{change("STARTED")},
			log:    "no commit on GitHub",
		},
		{
			name: "source failed", execution: &pipeline.Execution{Status: pipeline.StatusFailed},
			events: []*events.PipelineExecutionStateChange{change("FAILED")},
			log:    "no commit on GitHub",
		},
		{
			name: "one source of two failed", execution: execution(pipeline.StatusFailed,
				run("Source", "Lib", pipeline.ActionFailed, func(a *pipeline.ActionExecution) { a.ErrorMessage = "no such branch" })),
			events: []*events.PipelineExecutionStateChange{change("FAILED")},
			want:   []string{"octo/hello@aaaa codepipeline/app failure Source/Lib failed: no such branch"},
		},
		{
			name: "trigger, then superseded before the source", execution: &pipeline.Execution{Status: pipeline.StatusInProgress},
			// The last event does not repeat the commit.
			events: []*events.PipelineExecutionStateChange{change("STARTED", triggered), change("SUPERSEDED")},
			want: []string{
				"octo/hello@aaaa codepipeline/app pending Running",
				"octo/hello@aaaa codepipeline/app error Superseded by a newer execution",
			},
		},
		{
			name: "trigger, but wait for the source", execution: &pipeline.Execution{Status: pipeline.StatusInProgress},
			options: func(o *pipelinestatus.Options) { o.WaitForSource = true },
			events:  []*events.PipelineExecutionStateChange{change("STARTED", triggered), change("SUPERSEDED", triggered)},
			want:    []string{"octo/hello@aaaa codepipeline/app error Superseded by a newer execution"},
		},
		{
			name: "trigger of another provider", execution: &pipeline.Execution{Status: pipeline.StatusInProgress},
			events: []*events.PipelineExecutionStateChange{change("STARTED", triggered, func(e *events.PipelineExecutionStateChange) { e.Trigger.ProviderType = "GitLab" })},
			log:    "no commit on GitHub",
		},
		{
			name: "trigger with an abbreviated commit", execution: &pipeline.Execution{Status: pipeline.StatusInProgress},
			events: []*events.PipelineExecutionStateChange{change("STARTED", triggered, func(e *events.PipelineExecutionStateChange) { e.Trigger.CommitID = "abcdefg" })},
			log:    "no commit on GitHub",
		},
		{
			name: "trigger and source tell one commit", execution: execution(pipeline.StatusInProgress),
			events: []*events.PipelineExecutionStateChange{change("STARTED", triggered)},
			want:   []string{"octo/hello@aaaa codepipeline/app pending Running"},
		},
		{
			name:    "all events are trusted", // as they are all there is
			options: func(o *pipelinestatus.Options) { o.TrustEvents = true },
			events:  []*events.PipelineExecutionStateChange{change("STARTED", triggered), change("CANCELED")},
			want: []string{
				"octo/hello@aaaa codepipeline/app pending Running",
				"octo/hello@aaaa codepipeline/app error Canceled: the pipeline was changed or the execution was ended",
			},
			log: "does not exist",
		},
		{
			name: "state of the future", execution: execution(pipeline.StatusInProgress),
			events: []*events.PipelineExecutionStateChange{change("HIBERNATED")},
			log:    "HIBERNATED",
		},
		{
			name: "status of the future", execution: execution("Hibernated"),
			events: []*events.PipelineExecutionStateChange{change("STARTED"), change("FAILED")},
			want:   []string{"octo/hello@aaaa codepipeline/app failure Failed"},
		},
		{
			name: "event without a time", execution: execution(pipeline.StatusInProgress, run("Build", "Test", pipeline.ActionInProgress)),
			events: []*events.PipelineExecutionStateChange{change("FAILED", func(e *events.PipelineExecutionStateChange) { e.Time, e.Attempt = "", 0 })},
			want:   []string{"octo/hello@aaaa codepipeline/app failure Failed"},
		},
		{
			name: "provider that is not known", execution: &pipeline.Execution{Status: pipeline.StatusSucceeded, Revisions: []pipeline.Revision{{URL: "https://git.example.net/x"}}},
			events: []*events.PipelineExecutionStateChange{change("SUCCEEDED")},
			log:    "https://git.example.net/x",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := &fake{execution: test.execution}
			if test.options == nil {
				test.options = func(*pipelinestatus.Options) {}
			}
			r := f.reporter(test.options)
			for _, e := range test.events {
				if err := r.Report(t.Context(), e); err != nil {
					t.Errorf("%s: %v", e.State, err)
				}
			}
			f.check(t, test.want...)
			if !strings.Contains(f.log.String(), test.log) {
				t.Errorf("the log does not have %q:\n%s", test.log, f.log.String())
			}
		})
	}
}

// What the trigger names is on the host of the source of the same connection.
func TestTriggerHost(t *testing.T) {
	t.Parallel()
	corp := pipeline.Revision{Provider: events.ProviderGitHubEnterpriseServer, Host: gheHost, Repository: "octo/hello", ID: commitB, ConnectionARN: "arn:1"}
	f := &fake{execution: &pipeline.Execution{Status: pipeline.StatusInProgress, Revisions: []pipeline.Revision{corp}}}
	r := f.reporter(func(o *pipelinestatus.Options) { o.Host = "Git.Example.com" })
	err := r.Report(t.Context(), change("STARTED", triggered, func(e *events.PipelineExecutionStateChange) {
		e.Trigger.ProviderType, e.Trigger.ConnectionARN = "GitHubEnterpriseServer", "arn:1"
	}))
	if err != nil {
		t.Error(err)
	}
	f.check(t, "octo/hello@bbbb codepipeline/app pending Running", "octo/hello@aaaa codepipeline/app pending Running")
}

// A host is not taken from a source without a connection.
func TestTriggerWithoutConnection(t *testing.T) {
	t.Parallel()
	f := &fake{execution: &pipeline.Execution{Status: pipeline.StatusInProgress, Revisions: []pipeline.Revision{onHello}}}
	err := f.reporter().Report(t.Context(), change("STARTED", triggered, func(e *events.PipelineExecutionStateChange) {
		e.Trigger.ProviderType, e.Trigger.FullRepositoryName = "GitHubEnterpriseServer", "corp/app"
	}))
	if err != nil {
		t.Error(err)
	}
	f.check(t, "octo/hello@aaaa codepipeline/app pending Running")
}

func TestBadRepository(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "hello", "/hello", "octo/", "octo/sub/hello"} {
		bad := pipeline.Revision{Action: "Src", Provider: events.ProviderGitHub, Repository: name, ID: commitA}
		f := &fake{execution: &pipeline.Execution{Status: pipeline.StatusSucceeded, Revisions: []pipeline.Revision{bad, onHello}}}
		err := f.reporter().Report(t.Context(), change("SUCCEEDED"))
		if !errors.Is(err, githubstatus.ErrInvalid) || !githubstatus.Permanent(err) || !strings.Contains(err.Error(), "source action Src") {
			t.Errorf("%q: error %v, want a permanent ErrInvalid that names the source action", name, err)
		}
		f.check(t, "octo/hello@aaaa codepipeline/app success Succeeded")
	}
}

// A Reporter that lives on forgets executions, and works nonetheless.
func TestManyExecutions(t *testing.T) {
	t.Parallel()
	f := &fake{execution: &pipeline.Execution{Status: pipeline.StatusSucceeded, Revisions: []pipeline.Revision{onHello}}}
	r := f.reporter()
	for i := range 1200 {
		if err := r.Report(t.Context(), change("SUCCEEDED", func(e *events.PipelineExecutionStateChange) { e.ExecutionID = fmt.Sprint(i) })); err != nil {
			t.Fatal(err)
		}
	}
	if len(f.set) != 1200 {
		t.Errorf("%d statuses, want 1200", len(f.set))
	}
}

func TestOptionErrors(t *testing.T) {
	t.Parallel()
	states := func(s map[string]githubstatus.State) func(*pipelinestatus.Options) {
		return func(o *pipelinestatus.Options) { o.States = s }
	}
	for _, test := range []struct {
		name   string
		option func(*pipelinestatus.Options)
		want   string // in the error; "" for none
	}{
		{"terminal state pending", states(map[string]githubstatus.State{"SUPERSEDED": githubstatus.StatePending}), "SUPERSEDED"},
		{"terminal state left out", states(map[string]githubstatus.State{"STOPPED": pipelinestatus.Skip}), "STOPPED"},
		{"success before the end", states(map[string]githubstatus.State{"STARTED": githubstatus.StateSuccess}), "has not ended"},
		{"API spelling", states(map[string]githubstatus.State{"Cancelled": githubstatus.StateError}), "CANCELED"},
		{"no state", states(map[string]githubstatus.State{"FAILED": ""}), "failure"},
		{"no state of GitHub", states(map[string]githubstatus.State{"FAILED": "neutral"}), "neutral"},
		{"nothing pending, much left out", states(map[string]githubstatus.State{
			"STARTED": pipelinestatus.Skip, "RESUMED": pipelinestatus.Skip, "STOPPING": pipelinestatus.Skip, "SUPERSEDED": pipelinestatus.Skip,
		}), ""},
		{"stopping as an error", states(map[string]githubstatus.State{"STOPPING": githubstatus.StateError}), ""},
		{"host with a scheme", func(o *pipelinestatus.Options) { o.Host = "https://git.example.com" }, "Host: "},
		{"hosts with a path", func(o *pipelinestatus.Options) { o.Hosts = githubstatus.Hosts{"git.example.com/api": nil} }, "Hosts: "},
		{"connection to nowhere", func(o *pipelinestatus.Options) { o.Connections = map[string]string{"arn:x": ""} }, "arn:x"},
	} {
		r := newFake().reporter(test.option)
		var mux events.Mux
		_, patternErr := r.Pattern(pattern.Matcher{})
		for _, err := range []error{r.Register(&mux), patternErr} {
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("%s: error %v, want %q", test.name, err, test.want)
			}
		}
		err := r.Report(t.Context(), change("STARTED"))
		if test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: Report: error %v, want %q", test.name, err, test.want)
		}
	}
	f := newFake()
	codeCommit := &events.ActionExecutionStateChange{
		Pipeline: "app", ExecutionID: "1", State: events.ActionSucceeded, Type: events.ActionType{Category: "Source"},
		Result: &events.ExecutionResult{
			ExternalExecutionID: commitA,
			URL:                 "https://eu-central-1.console.aws.amazon.com/codecommit/home#/repository/app/commit/" + commitA,
		},
	}
	if err := f.reporter().ReportAction(t.Context(), codeCommit); err != nil {
		t.Error(err)
	}
	for name, err := range map[string]error{
		"no executions, action": pipelinestatus.New(nil, f).ReportAction(t.Context(), codeCommit),
		"no executions, stage":  pipelinestatus.New(nil, f).ReportStage(t.Context(), &events.StageExecutionStateChange{}),
		"no executions":         pipelinestatus.New(nil, f).Report(t.Context(), change("STARTED")),
		"no statuses":           pipelinestatus.New(f, nil).Report(t.Context(), change("STARTED")),
		"zero reporter":         new(pipelinestatus.Reporter).Report(t.Context(), change("STARTED")),
		"zero reporter, stage":  new(pipelinestatus.Reporter).ReportStage(t.Context(), &events.StageExecutionStateChange{}),
		"zero reporter, action": new(pipelinestatus.Reporter).ReportAction(t.Context(), codeCommit),
		"zero reporter, mux":    new(pipelinestatus.Reporter).Register(new(events.Mux)),
		"nil reporter":          (*pipelinestatus.Reporter)(nil).Report(t.Context(), change("STARTED")),
		"nil client":            pipelinestatus.New(&fake{execution: &pipeline.Execution{Status: pipeline.StatusSucceeded, Revisions: []pipeline.Revision{onHello}}}, (*githubstatus.Client)(nil)).Report(t.Context(), change("STARTED")),
		"nil event":             f.reporter().Report(t.Context(), nil),
		"nil stage event":       f.reporter().ReportStage(t.Context(), nil),
		"nil action":            f.reporter().ReportAction(t.Context(), nil),
		"empty event":           f.reporter().Report(t.Context(), &events.PipelineExecutionStateChange{State: "STARTED"}),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// Events of one pipeline are handled one after another; who waits gives up with
// its context.
func TestWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &fake{execution: &pipeline.Execution{Status: pipeline.StatusInProgress, Revisions: []pipeline.Revision{onHello}}}
		slow := &slowStatuses{fake: f, release: make(chan struct{})}
		r := pipelinestatus.New(f, slow)
		var wg sync.WaitGroup
		wg.Go(func() {
			if err := r.Report(t.Context(), change("STARTED")); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := r.Report(ctx, change("FAILED")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v, want that of the context", err)
		}
		// Whoever is at it has heard of the event nonetheless.
		close(slow.release)
		wg.Wait()
		f.check(t, "octo/hello@aaaa codepipeline/app pending Running", "octo/hello@aaaa codepipeline/app failure Failed")
	})
}

// slowStatuses sets nothing before it is released.
type slowStatuses struct {
	*fake
	release chan struct{}
}

func (s *slowStatuses) Set(ctx context.Context, c githubstatus.Commit, status githubstatus.Status) error {
	<-s.release
	return s.fake.Set(ctx, c, status)
}

func TestDefaultContext(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 100)
	for _, test := range []struct {
		subject pipelinestatus.Subject
		want    string
	}{
		{pipelinestatus.Subject{Pipeline: "app"}, "codepipeline/app"},
		{pipelinestatus.Subject{Pipeline: "app", Stage: "Build"}, "codepipeline/app/Build"},
		{pipelinestatus.Subject{Pipeline: "app", Stage: "Build", Action: "Test"}, "codepipeline/app/Build/Test"},
		{pipelinestatus.Subject{Pipeline: "app", Rollback: true}, "codepipeline/app (rollback)"},
	} {
		if got := pipelinestatus.DefaultContext(test.subject); got != test.want {
			t.Errorf("DefaultContext(%+v) is %q, want %q", test.subject, got, test.want)
		}
	}
	a := pipelinestatus.DefaultContext(pipelinestatus.Subject{Pipeline: long, Stage: long, Action: long + "a"})
	b := pipelinestatus.DefaultContext(pipelinestatus.Subject{Pipeline: long, Stage: long, Action: long + "b"})
	if len(a) != 255 || len(b) != 255 || a == b {
		t.Errorf("long contexts %q and %q", a, b)
	}
}
