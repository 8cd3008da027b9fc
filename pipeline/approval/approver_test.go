package approval_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/pipeline"
	"github.com/codesuite-go/codesuite/pipeline/approval"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// rule decides as a test says.
type rule struct {
	judge func(*pipeline.Approval) (approval.Decision, string, error)
}

func (rule) Name() string { return "test" }

func (r rule) Judge(_ context.Context, a *pipeline.Approval, _ time.Time) (approval.Decision, string, error) {
	return r.judge(a)
}

func decides(d approval.Decision, reason string) rule {
	return rule{func(*pipeline.Approval) (approval.Decision, string, error) { return d, reason, nil }}
}

// slowly approves after something else has happened.
func slowly(meanwhile func()) rule {
	return rule{func(*pipeline.Approval) (approval.Decision, string, error) {
		meanwhile()
		return approval.DecisionApprove, "green", nil
	}}
}

// world is a CodePipeline server with the pipeline "shop", whose approval "Release"
// waits, and what an Approver has reported.
type world struct {
	*testing.T
	server *pipelinetest.Server
	client *pipeline.Client
	log    bytes.Buffer

	mu      sync.Mutex
	now     time.Time
	reports []string
	err     error // of the next report
}

func newWorld(t *testing.T, change ...func(*pipelinetest.Pipeline)) *world {
	t.Helper()
	release := pipelinetest.ApprovalAction("Release")
	release.Configuration = map[string]string{"CustomData": "Please look"}
	p := pipelinetest.Pipeline{Name: "shop", Stages: []pipelinetest.Stage{
		{Name: "Source", Actions: []pipelinetest.Action{pipelinetest.GitHubSource("App", "octo", "app", "main")}},
		{Name: "Production", Actions: []pipelinetest.Action{release}},
	}}
	for _, c := range change {
		c(&p)
	}
	other := p
	other.Name = "other"
	w := &world{T: t, server: pipelinetest.NewServer(t, p, other), now: time.Now()}
	w.client = pipeline.Open(w.server.Config())
	return w
}

// approver returns an Approver of the pipeline with the rules.
func (w *world) approver(rules ...approval.Rule) *approval.Approver {
	return approval.New(w.client, []approval.Policy{{Pipeline: "shop", Stage: "Production", Rules: rules}}, w.options)
}

func (w *world) options(o *approval.Options) {
	o.Account, o.Region = "111122223333", "us-east-1"
	o.Report = w.report
	o.Now = func() time.Time { w.mu.Lock(); defer w.mu.Unlock(); return w.now }
	o.Logger = slog.New(slog.NewTextHandler(&w.log, nil))
}

func (w *world) report(_ context.Context, r approval.Report) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		err := w.err
		w.err = nil
		return err
	}
	text := fmt.Sprintf("%s/%s %.7s", r.Approval.Stage, r.Approval.Action, r.Approval.Execution.Revisions[0].ID)
	if r.Answer != nil {
		text += fmt.Sprintf(" answered %q by %q: %s (%s)", r.Answer.Verdict, r.Answer.By, r.Answer.Summary, r.Approval.CustomData)
	}
	for _, o := range r.Opinions {
		text += fmt.Sprintf("; %s %s: %s", o.Rule, o.Decision, o.Reason)
	}
	w.reports = append(w.reports, text)
	return nil
}

// start starts an execution of a commit, up to its approval.
func (w *world) start(name, sha string) (id string) {
	w.Helper()
	id, err := w.server.StartExecution(name, pipelinetest.Trigger{}, pipelinetest.SourceRevision{Action: "App", Revision: pipelinetest.Revision{ID: sha}})
	if err != nil {
		w.Fatal(err)
	}
	w.server.Settle()
	return id
}

// waiting returns the approval of the execution.
func (w *world) waiting(name, id string) *pipeline.Approval {
	w.Helper()
	for a, err := range w.client.Approvals(w.Context(), name) {
		if err != nil {
			w.Fatal(err)
		}
		if a.ExecutionID == id {
			return a
		}
	}
	w.Fatalf("the execution %s of %s has no approval that waits", id, name)
	return nil
}

// request is the notification of an approval.
func request(a *pipeline.Approval) *events.ApprovalRequest {
	return &events.ApprovalRequest{Region: "us-east-1", Pipeline: a.Pipeline, Stage: a.Stage, Action: a.Action, Token: a.Token}
}

// status is the status of the execution.
func (w *world) status(name, id string) pipeline.Status {
	w.Helper()
	w.server.Settle()
	e, err := w.client.Execution(w.Context(), name, id)
	if err != nil {
		w.Fatal(err)
	}
	return e.Status
}

func (w *world) wantStatus(id string, want pipeline.Status) {
	w.Helper()
	if got := w.status("shop", id); got != want {
		w.Errorf("the execution is %s, want %s", got, want)
	}
}

func (w *world) wantReports(want ...string) {
	w.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if !slices.Equal(w.reports, want) {
		w.Errorf("reports\n%s\nwant\n%s", strings.Join(w.reports, "\n"), strings.Join(want, "\n"))
	}
	w.reports = nil
}

// answers delivers the events of approvals that have ended.
func (w *world) answers(a *approval.Approver) error {
	w.Helper()
	mux := new(events.Mux)
	if err := a.Register(mux); err != nil {
		w.Fatal(err)
	}
	var errs []error
	for _, payload := range w.server.Events() {
		_, err := mux.Invoke(w.Context(), payload)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func TestApproves(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.start("shop", shaA)
	a := w.approver(decides(approval.DecisionApprove, "all is\n \x1b[31mwell\u202e"), decides(approval.DecisionApprove, "and open"))
	event := request(w.waiting("shop", id))
	for range 2 { // it may come twice
		if err := a.Request(t.Context(), event); err != nil {
			t.Fatal(err)
		}
	}
	w.wantStatus(id, pipeline.StatusSucceeded)
	w.wantReports()
	if err := w.answers(a); err != nil {
		t.Error(err)
	}
	w.wantReports(`Production/Release aaaaaaa answered "Approved" by "arn:aws:iam::111122223333:user/test": Approved by rule. test: all is well. test: and open (Please look)`)
}

func TestWaitsThenApproves(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.start("shop", shaA)
	window := &approval.Window{From: 9 * time.Hour, To: 16 * time.Hour}
	a := w.approver(window, decides(approval.DecisionApprove, "fine"))
	w.now = at(t, "2026-03-02T08:59:59Z")
	if err := a.Request(t.Context(), request(w.waiting("shop", id))); err != nil {
		t.Fatal(err)
	}
	w.wantReports("Production/Release aaaaaaa; window wait: the change window is closed until Mon 2026-03-02 09:00 UTC; test approve: fine")
	if err := a.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.wantStatus(id, pipeline.StatusInProgress)
	w.wantReports() // it was told once
	w.now = at(t, "2026-03-02T09:00:00Z")
	if err := a.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.wantStatus(id, pipeline.StatusSucceeded)
}

// A window that closes while another rule reads GitHub is closed for the answer.
func TestWindowClosesMeanwhile(t *testing.T) {
	t.Parallel()
	type embedded struct{ *approval.Window }
	window := &approval.Window{From: 9 * time.Hour, To: 16 * time.Hour}
	for name, rule := range map[string]approval.Rule{"window": window, "embedded": embedded{window}} {
		w := newWorld(t)
		id := w.start("shop", shaA)
		w.now = at(t, "2026-03-02T15:59:59Z")
		a := w.approver(rule, slowly(func() {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.now = at(t, "2026-03-02T16:00:00Z")
		}))
		if err := a.Request(t.Context(), request(w.waiting("shop", id))); err != nil {
			t.Fatal(name, err)
		}
		w.wantStatus(id, pipeline.StatusInProgress)
		w.wantReports("Production/Release aaaaaaa; window wait: the change window is closed until Tue 2026-03-03 09:00 UTC; test approve: green")
		w.now = at(t, "2026-03-03T09:00:00Z")
		if err := w.approver(rule, decides(approval.DecisionApprove, "green")).Sweep(t.Context()); err != nil {
			t.Fatal(name, err)
		}
		w.wantStatus(id, pipeline.StatusSucceeded)
	}
}

// All rules of all policies must approve; one that rejects is enough.
func TestCombination(t *testing.T) {
	t.Parallel()
	yes, wait, no := decides(approval.DecisionApprove, "yes"), decides(approval.DecisionWait, "wait"), decides(approval.DecisionReject, "no")
	odd, broken := decides("maybe", "?"), rule{func(*pipeline.Approval) (approval.Decision, string, error) {
		return approval.DecisionApprove, "yes", errors.New("broken")
	}}
	for _, tt := range []struct {
		name          string
		first, second []approval.Rule
		want          pipeline.Status
		fails         bool
	}{
		{"all", []approval.Rule{yes, yes}, []approval.Rule{yes}, pipeline.StatusSucceeded, false},
		{"one waits", []approval.Rule{yes, wait}, []approval.Rule{yes}, pipeline.StatusInProgress, false},
		{"another policy waits", []approval.Rule{yes}, []approval.Rule{wait}, pipeline.StatusInProgress, false},
		{"one rejects", []approval.Rule{wait, yes}, []approval.Rule{no}, pipeline.StatusFailed, false},
		{"one rejects, another fails", []approval.Rule{broken, no}, []approval.Rule{yes}, pipeline.StatusFailed, true},
		{"no known decision", []approval.Rule{odd}, []approval.Rule{yes}, pipeline.StatusInProgress, false},
		{"an error does not approve", []approval.Rule{broken}, []approval.Rule{yes}, pipeline.StatusInProgress, true},
	} {
		w := newWorld(t)
		id := w.start("shop", shaA)
		a := approval.New(w.client, []approval.Policy{
			{Pipeline: "shop", Rules: tt.first}, {Pipeline: "shop", Stage: "Production", Action: "Release", Rules: tt.second},
			{Pipeline: "shop", Stage: "Staging", Rules: []approval.Rule{no}}, {Pipeline: "shop", Action: "Other", Rules: []approval.Rule{no}}, {Pipeline: "other", Rules: []approval.Rule{no}},
		}, w.options)
		if err := a.Sweep(t.Context()); (err != nil) != tt.fails {
			t.Errorf("%s: %v", tt.name, err)
		}
		if got := w.status("shop", id); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

// An event that nobody of AWS sent answers nothing that the rules would not.
func TestForgedRequests(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, others := w.start("shop", shaA), w.start("other", shaB)
	asked := 0
	a := w.approver(rule{func(*pipeline.Approval) (approval.Decision, string, error) {
		asked++
		return approval.DecisionApprove, "yes", nil
	}})
	real := w.waiting("shop", id)
	foreign := w.waiting("other", others)
	for _, tt := range []struct {
		name   string
		change func(*events.ApprovalRequest)
		want   string // "" is no error
	}{
		{"another token", func(e *events.ApprovalRequest) { e.Token = events.NewSecret("00000000-0000-4000-8000-000000000000") }, ""},
		{"a token of another pipeline", func(e *events.ApprovalRequest) { e.Token = foreign.Token }, ""},
		{"no token", func(e *events.ApprovalRequest) { e.Token = events.Secret{} }, "no token"},
		{"another stage", func(e *events.ApprovalRequest) { e.Stage = "Staging" }, ""},
		{"another action", func(e *events.ApprovalRequest) { e.Action = "Approve" }, ""},
		{"a pipeline without a policy", func(e *events.ApprovalRequest) { e.Pipeline, e.Token = "other", foreign.Token }, ""},
		{"another Region", func(e *events.ApprovalRequest) { e.Region = "eu-west-1" }, "another account or Region"},
		{"no Region", func(e *events.ApprovalRequest) { e.Region = "" }, "another account or Region"},
	} {
		event := request(real)
		tt.change(event)
		err := a.Request(t.Context(), event)
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
	if err := a.Request(t.Context(), nil); err == nil {
		t.Error("no event is no error")
	}
	if asked != 0 {
		t.Errorf("the rules were asked %d times", asked)
	}
	w.wantStatus(id, pipeline.StatusInProgress)
	if got := w.status("other", others); got != pipeline.StatusInProgress {
		t.Errorf("the other execution is %s", got)
	}
	w.wantReports()
	if strings.Contains(w.log.String(), real.Token.Reveal()) {
		t.Errorf("the token is in the log:\n%s", &w.log)
	}
}

// An old request does not answer a newer one.
func TestOldRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.start("shop", shaA)
	old := request(w.waiting("shop", first))
	if err := w.server.Finish(first, "Production", "Release", pipelinetest.Outcome{}); err != nil {
		t.Fatal(err)
	}
	second := w.start("shop", shaB)
	if err := w.approver(decides(approval.DecisionApprove, "yes")).Request(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	w.wantStatus(second, pipeline.StatusInProgress)
	w.wantReports()
}

// Two executions of a parallel pipeline wait at once. Each is judged by its own
// revision.
func TestParallel(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(p *pipelinetest.Pipeline) { p.ExecutionMode = "PARALLEL" })
	good, bad := w.start("shop", shaA), w.start("shop", shaB)
	a := w.approver(rule{func(a *pipeline.Approval) (approval.Decision, string, error) {
		if a.Execution.Revisions[0].ID == shaA {
			return approval.DecisionApprove, "good", nil
		}
		return approval.DecisionWait, "bad", nil
	}})
	if err := a.Request(t.Context(), request(w.waiting("shop", bad))); err != nil {
		t.Fatal(err)
	}
	w.wantStatus(good, pipeline.StatusInProgress)
	w.wantReports("Production/Release bbbbbbb; test wait: bad")
	if err := a.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.wantStatus(good, pipeline.StatusSucceeded)
	w.wantStatus(bad, pipeline.StatusInProgress)
}

// Somebody answers, or stops the execution, while the rules are asked.
func TestOvertaken(t *testing.T) {
	t.Parallel()
	for name, overtake := range map[string]func(w *world, id string) error{
		"approved": func(w *world, id string) error {
			return w.server.Finish(id, "Production", "Release", pipelinetest.Outcome{})
		},
		"rejected": func(w *world, id string) error {
			return w.server.Finish(id, "Production", "Release", pipelinetest.Outcome{State: pipelinetest.StateFailed, Summary: "no"})
		},
		"stopped": func(w *world, id string) error {
			return w.client.Stop(w.Context(), "shop", id, func(o *pipeline.StopOptions) { o.Abandon = true })
		},
	} {
		w := newWorld(t)
		id := w.start("shop", shaA)
		a := w.approver(rule{func(*pipeline.Approval) (approval.Decision, string, error) {
			return approval.DecisionApprove, "yes", overtake(w, id)
		}})
		if err := a.Request(t.Context(), request(w.waiting("shop", id))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := a.Sweep(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Several instances handle the same events at once, and calls and replies get lost:
// each approval is answered once, and as the rules say.
func TestDoublesAndLosses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(p *pipelinetest.Pipeline) { p.ExecutionMode = "PARALLEL" })
	good, bad := w.start("shop", shaA), w.start("shop", shaB)
	requests := []*events.ApprovalRequest{request(w.waiting("shop", good)), request(w.waiting("shop", bad))}
	w.server.SetFaults(pipelinetest.Faults{LateErrorRate: 0.2, LateDropRate: 0.2, ThrottleRate: 0.1, Seed: 18})
	var wg sync.WaitGroup
	for range 4 {
		a := approval.New(pipeline.Open(w.server.Config()), []approval.Policy{{Pipeline: "shop", Rules: []approval.Rule{rule{func(a *pipeline.Approval) (approval.Decision, string, error) {
			if a.Execution.Revisions[0].ID == shaA {
				return approval.DecisionApprove, "good", nil
			}
			return approval.DecisionReject, "bad", nil
		}}}}})
		wg.Go(func() {
			for _, r := range requests {
				for try := 0; try < 50; try++ {
					if err := a.Request(t.Context(), r); err == nil {
						break
					} else if try == 49 {
						t.Error(err)
					}
				}
			}
		})
	}
	wg.Wait()
	w.server.SetFaults(pipelinetest.Faults{})
	w.wantStatus(good, pipeline.StatusSucceeded)
	w.wantStatus(bad, pipeline.StatusFailed)
}

// A failed call is an error, and one pipeline does not keep others from being
// looked at.
func TestSweepErrors(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.start("shop", shaA)
	yes := []approval.Rule{decides(approval.DecisionApprove, "yes")}
	a := approval.New(w.client, []approval.Policy{{Pipeline: "missing", Rules: yes}, {Pipeline: "shop", Rules: yes}}, w.options)
	if err := a.Sweep(t.Context()); err == nil || !strings.Contains(err.Error(), "missing") {
		t.Errorf("got %v, want an error about the missing pipeline", err)
	}
	w.wantStatus(id, pipeline.StatusSucceeded)

	id = w.start("shop", shaA)
	event := request(w.waiting("shop", id))
	for _, operation := range []string{"GetPipelineState", "PutApprovalResult"} {
		w.server.SetFaults(pipelinetest.Faults{Deny: []string{operation}})
		for name, err := range map[string]error{"request": a.Request(t.Context(), event), "sweep": a.Sweep(t.Context())} {
			if err == nil || !strings.Contains(err.Error(), "codepipeline:"+operation) {
				t.Errorf("%s without %s: %v", name, operation, err)
			}
		}
	}
}

func TestAnswered(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.approver(decides(approval.DecisionWait, "wait"))
	rejected := w.start("shop", shaA)
	if err := w.client.Reject(t.Context(), w.waiting("shop", rejected), "Not today"); err != nil {
		t.Fatal(err)
	}
	w.server.Settle()
	stopped := w.start("shop", shaB)
	if err := w.client.Stop(t.Context(), "shop", stopped, func(o *pipeline.StopOptions) { o.Abandon = true }); err != nil {
		t.Fatal(err)
	}
	w.server.Settle()
	w.start("other", shaB)
	w.err = errors.New("the topic is gone")
	if err := w.answers(a); err == nil || !strings.Contains(err.Error(), "the topic is gone") {
		t.Errorf("a report that failed: %v", err)
	}
	w.reports = nil
	if err := w.answers(a); err != nil {
		t.Error(err)
	}
	w.wantReports(`Production/Release aaaaaaa answered "Rejected" by "arn:aws:iam::111122223333:user/test": Not today (Please look)`, `Production/Release bbbbbbb answered "" by "":  (Please look)`)
}

// An approval that nobody answers in time fails, and nobody has rejected it.
func TestExpired(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.start("shop", shaA)
	later := time.Now().Add(8 * 24 * time.Hour)
	w.server.SetClock(func() time.Time { return later })
	w.wantStatus(id, pipeline.StatusFailed)
	var got []approval.Answer
	a := approval.New(w.client, []approval.Policy{{Pipeline: "shop", Rules: []approval.Rule{decides(approval.DecisionWait, "wait")}}}, func(o *approval.Options) {
		o.Report = func(_ context.Context, r approval.Report) error {
			got = append(got, *r.Answer)
			return nil
		}
	})
	if err := w.answers(a); err != nil {
		t.Fatal(err)
	}
	want := []approval.Answer{{Expired: true, At: later, Summary: "The approval was not given within 168h0m0s"}}
	if diff := cmp.Diff(want, got, cmpopts.EquateApproxTime(time.Second)); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
}

func TestForgedAnswers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.start("shop", shaA)
	a := w.approver(decides(approval.DecisionWait, "wait"))
	real := w.waiting("shop", id)
	event := func(change func(*events.ActionExecutionStateChange)) *events.ActionExecutionStateChange {
		e := &events.ActionExecutionStateChange{
			Header: events.Header{Account: "111122223333", Region: "us-east-1"}, Pipeline: "shop", ExecutionID: id, Stage: "Production", Action: "Release",
			ActionExecutionID: real.ActionExecutionID, State: events.ActionSucceeded, Type: events.ActionType{Category: "Approval", Owner: "AWS", Provider: "Manual", Version: "1"},
		}
		change(e)
		return e
	}
	for _, tt := range []struct {
		name   string
		change func(*events.ActionExecutionStateChange)
		want   string // "" is no error
	}{
		{"it waits", func(*events.ActionExecutionStateChange) {}, "still waits"},
		{"another account", func(e *events.ActionExecutionStateChange) { e.Account = "444455556666" }, "another account or Region"},
		{"another Region", func(e *events.ActionExecutionStateChange) { e.Region = "eu-west-1" }, "another account or Region"},
		{"another execution", func(e *events.ActionExecutionStateChange) { e.ExecutionID = "00000000-0000-4000-8000-000000000000" }, ""},
		{"another run", func(e *events.ActionExecutionStateChange) { e.ActionExecutionID = "x" }, ""},
		{"another stage", func(e *events.ActionExecutionStateChange) { e.Stage = "Staging" }, ""},
		{"no approval", func(e *events.ActionExecutionStateChange) { e.Type.Category = "Build" }, ""},
		{"it began", func(e *events.ActionExecutionStateChange) { e.State = events.ActionStarted }, ""},
		{"a pipeline without a policy", func(e *events.ActionExecutionStateChange) { e.Pipeline = "other" }, ""},
	} {
		err := a.Answered(t.Context(), event(tt.change))
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
	w.wantReports()
	if !errors.Is(a.Answered(t.Context(), event(func(e *events.ActionExecutionStateChange) { e.Account = "" })), approval.ErrForeign) {
		t.Error("no account is not that of another")
	}
}

func TestNewErrors(t *testing.T) {
	t.Parallel()
	client := pipeline.New(awscodepipeline.New(awscodepipeline.Options{Region: "us-east-1"}))
	yes := []approval.Rule{decides(approval.DecisionApprove, "yes")}
	for _, tt := range []struct {
		name     string
		approver *approval.Approver
		want     string
	}{
		{"nil", nil, "does not come from New"},
		{"zero", &approval.Approver{}, "does not come from New"},
		{"no pipelines", approval.New(nil, []approval.Policy{{Pipeline: "shop", Rules: yes}}), "pipelines is nil"},
		{"no policies", approval.New(client, nil), "no policies"},
		{"no name", approval.New(client, []approval.Policy{{Rules: yes}}), "Pipeline is empty"},
		{"no rules", approval.New(client, []approval.Policy{{Pipeline: "shop"}}), "no rules"},
		{"no rule", approval.New(client, []approval.Policy{{Pipeline: "shop", Rules: []approval.Rule{nil}}}), "a rule is nil"},
		{"a bad rule", approval.New(client, []approval.Policy{{Pipeline: "shop", Rules: []approval.Rule{&approval.Window{From: -1}}}}), `policy number 1 (pipeline "shop"): window: Window.From`},
	} {
		for method, err := range map[string]error{
			"Request":  tt.approver.Request(t.Context(), &events.ApprovalRequest{}),
			"Answered": tt.approver.Answered(t.Context(), &events.ActionExecutionStateChange{}),
			"Sweep":    tt.approver.Sweep(t.Context()),
			"Register": tt.approver.Register(new(events.Mux)),
		} {
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%s of %s: %v, want %q", method, tt.name, err, tt.want)
			}
		}
	}
}

// The notification of CodePipeline goes through a Mux, as SNS delivers it.
func TestRegister(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.start("shop", shaA)
	mux := new(events.Mux)
	if err := w.approver(decides(approval.DecisionApprove, "yes")).Register(mux); err != nil {
		t.Fatal(err)
	}
	token := w.waiting("shop", id).Token.Reveal()
	message, _ := json.Marshal(fmt.Sprintf(`{"region":"us-east-1","consoleLink":"https://example.com","approval":{"pipelineName":"shop","stageName":"Production","actionName":"Release","token":%q,"expires":"2026-12-07T20:22Z","externalEntityLink":null,"approvalReviewLink":"https://example.com","customData":null}}`, token))
	payload := fmt.Sprintf(`{"Records":[{"EventSource":"aws:sns","EventVersion":"1.0","EventSubscriptionArn":"arn:aws:sns:us-east-1:111122223333:approvals:1","Sns":{"Type":"Notification","MessageId":"1","TopicArn":"arn:aws:sns:us-east-1:111122223333:approvals","Subject":"APPROVAL NEEDED","Message":%s,"Timestamp":"2026-11-30T20:22:00.000Z"}}]}`, message)
	if _, err := mux.Invoke(t.Context(), []byte(payload)); err != nil {
		t.Fatal(err)
	}
	w.wantStatus(id, pipeline.StatusSucceeded)
	id = w.start("shop", shaB)
	if _, err := mux.Invoke(t.Context(), []byte(`{"source":"aws.scheduler","detail-type":"Scheduled Event","detail":"{}"}`)); err != nil {
		t.Fatal(err)
	}
	w.wantStatus(id, pipeline.StatusSucceeded)
}
