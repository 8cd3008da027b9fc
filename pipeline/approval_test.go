package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/internal/awsjson"
	"github.com/codesuite-go/codesuite/pipeline"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// began is the time of the server's clock in tests of approvals.
var began = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// reviewed has an approval before each of two deployments.
func reviewed(mode string) pipelinetest.Pipeline {
	p := webPipeline()
	p.ExecutionMode = mode
	ask, sign := pipelinetest.ApprovalAction("Ask"), pipelinetest.ApprovalAction("Sign")
	ask.Configuration = map[string]string{"CustomData": "Look at #{variables.Environment}", "ExternalEntityLink": "https://staging.example.com"}
	ask.Timeout = 90 * time.Minute
	p.Stages = append(p.Stages[:1:1],
		pipelinetest.Stage{Name: "Review", Actions: []pipelinetest.Action{ask, sign}},
		pipelinetest.Stage{Name: "Deploy", Actions: []pipelinetest.Action{pipelinetest.CodeDeployAction("Rollout", "web", "production", "CheckoutArtifact")}},
	)
	return p
}

// newReview starts a server whose time the returned function passes.
func newReview(t *testing.T, mode string) (*pipelinetest.Server, *pipeline.Client, func(time.Duration)) {
	t.Helper()
	server, client := newServer(t, reviewed(mode))
	now := began
	server.SetClock(func() time.Time { return now })
	return server, client, func(d time.Duration) {
		now = now.Add(d)
		server.SetClock(func() time.Time { return now })
		server.Settle()
	}
}

func pending(t *testing.T, client *pipeline.Client, optFns ...func(*pipeline.ApprovalsOptions)) []*pipeline.Approval {
	t.Helper()
	var list []*pipeline.Approval
	for a, err := range client.Approvals(t.Context(), web, optFns...) {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, a)
	}
	return list
}

func TestApprovals(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"SUPERSEDED", "QUEUED", "PARALLEL"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			server, client, pass := newReview(t, mode)
			if got := pending(t, client); len(got) != 0 {
				t.Fatalf("%d approvals before the first execution", len(got))
			}
			ids := []string{start(t, client, web), start(t, client, web)}
			pass(time.Minute)
			waiting := ids[:1] // one is in a stage at a time
			if mode == "PARALLEL" {
				waiting = []string{ids[1], ids[0]}
			}
			server.ResetCalls()
			got := pending(t, client, func(o *pipeline.ApprovalsOptions) { o.Within = -1 })
			calls := map[string]int{"GetPipeline": 1, "GetPipelineState": 1, "GetPipelineExecution": 1, "ListActionExecutions": 1}
			if mode == "PARALLEL" {
				calls = map[string]int{"GetPipeline": 1, "ListPipelineExecutions": 1, "GetPipelineExecution": 2, "ListActionExecutions": 2}
			}
			if diff := cmp.Diff(calls, server.Calls()); diff != "" {
				t.Errorf("calls mismatch (-want +got):\n%s", diff)
			}
			describe := func(a *pipeline.Approval) string {
				return fmt.Sprintf("%s %s/%s %t %q %q %s %s %.7s", a.ExecutionID, a.Stage, a.Action, a.Token.IsZero(), a.CustomData, a.ExternalEntityLink,
					a.Since.Sub(began), a.Expires.Sub(a.Since), a.Execution.Revisions[0].ID)
			}
			var lines, want []string
			for _, a := range got {
				lines = append(lines, describe(a))
			}
			for _, id := range waiting {
				want = append(want,
					id+` Review/Ask false "Look at staging" "https://staging.example.com" 1m0s 1h30m0s `+got[0].Execution.Revisions[0].ID[:7],
					id+` Review/Sign false "" "" 1m0s 168h0m0s `+got[0].Execution.Revisions[0].ID[:7])
			}
			if diff := cmp.Diff(want, lines); diff != "" {
				t.Errorf("approvals mismatch (-want +got):\n%s", diff)
			}
			for i, a := range got {
				if err := client.Approve(t.Context(), a, "Looks good"); err != nil {
					t.Errorf("approval %d: %v", i, err)
				}
			}
			server.Settle()
			for _, id := range waiting {
				e := get(t, client, web, id)
				if e.Status != pipeline.StatusSucceeded || e.Actions[1].Summary != "Looks good" {
					t.Errorf("%s: %s, %q", id, e.Status, e.Actions[1].Summary)
				}
			}
			left := 2 // those of the execution that waited for the stage
			if mode == "PARALLEL" {
				left = 0
			}
			if got := pending(t, client, func(o *pipeline.ApprovalsOptions) { o.Within = -1 }); len(got) != left {
				t.Errorf("%d approvals at the end, want %d", len(got), left)
			}
		})
	}
}

// A pipeline without approvals costs one call.
func TestApprovalsNone(t *testing.T) {
	t.Parallel()
	server, client := newServer(t, webPipeline())
	start(t, client, web)
	server.ResetCalls()
	if got := pending(t, client); len(got) != 0 || server.Count() != 1 {
		t.Errorf("%d approvals after %d calls", len(got), server.Count())
	}
	for _, err := range client.Approvals(t.Context(), "other") {
		if !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("error %v", err)
		}
	}
}

// In the mode PARALLEL, the list is read back only so far.
func TestApprovalsWithin(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	p := reviewed("PARALLEL")
	for i := range p.Stages[1].Actions {
		p.Stages[1].Actions[i].Timeout = 60 * day
	}
	server, client := newServer(t, p)
	for _, ago := range []time.Duration{61 * day, 50 * day, 2 * day} {
		server.SetClock(func() time.Time { return time.Now().Add(-ago) })
		start(t, client, web)
		server.Settle()
	}
	for within, want := range map[time.Duration]int{0: 4, -1: 6, 3 * day: 2} {
		if got := pending(t, client, func(o *pipeline.ApprovalsOptions) { o.Within = within }); len(got) != want {
			t.Errorf("within %s: %d approvals, want %d", within, len(got), want)
		}
	}
	for range client.Approvals(t.Context(), web) {
		break
	}
}

// request is the approval as SNS delivers it.
func request(a *pipeline.Approval) *events.ApprovalRequest {
	return &events.ApprovalRequest{
		Region: "us-east-1", Pipeline: a.Pipeline, Stage: a.Stage, Action: a.Action, Token: a.Token,
		Expires: events.NewTimestamp(a.Expires.Truncate(time.Minute)), CustomData: a.CustomData, ExternalEntityLink: a.ExternalEntityLink,
	}
}

func TestFindApproval(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"QUEUED", "PARALLEL"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			server, client := newServer(t, reviewed(mode)) // with the time of today: FindApproval looks back 60 days
			start(t, client, web)
			server.Settle()
			start(t, client, web)
			server.Settle()
			all := pending(t, client)
			if len(all) < 2 {
				t.Fatalf("%d approvals", len(all))
			}
			ignore := cmp.Comparer(func(a, b events.Secret) bool { return a.Equal(b) })
			for _, want := range all {
				for name, a := range map[string]*pipeline.Approval{
					"request": pipeline.ApprovalOf(request(want)),
					"run":     {Pipeline: web, Stage: want.Stage, Action: want.Action, ActionExecutionID: want.ActionExecutionID},
					"event":   {Pipeline: web, Stage: want.Stage, Action: want.Action, ExecutionID: want.ExecutionID},
					"whole":   want,
				} {
					got, err := client.FindApproval(t.Context(), a)
					if err != nil {
						t.Errorf("%s: %v", name, err)
						continue
					}
					if diff := cmp.Diff(want, got, ignore); diff != "" {
						t.Errorf("%s mismatch (-want +got):\n%s", name, diff)
					}
				}
			}
			a := all[0]
			if err := client.Reject(t.Context(), a, "Not on a Friday"); err != nil {
				t.Fatal(err)
			}
			var answered *pipeline.AnsweredError
			_, err := client.FindApproval(t.Context(), pipeline.ApprovalOf(request(a)))
			if !errors.As(err, &answered) || !errors.Is(err, pipeline.ErrApprovalOver) {
				t.Fatalf("error %v", err)
			}
			if answered.Verdict != pipeline.VerdictRejected || answered.By != "arn:aws:iam::111122223333:user/test" || answered.Summary != "Not on a Friday" || answered.At.IsZero() {
				t.Errorf("answer %+v", answered)
			}
			const text = `pipeline: find approval "Review/Ask" of web: the approval was answered already: Rejected by arn:aws:iam::111122223333:user/test at `
			if !strings.HasPrefix(err.Error(), text) || !strings.HasSuffix(err.Error(), `: "Not on a Friday"`) {
				t.Errorf("error %v", err)
			}
		})
	}
	_, client := newServer(t, reviewed(""))
	for _, a := range []*pipeline.Approval{nil, {}, pipeline.ApprovalOf(nil), {Pipeline: web, Stage: "Review", Action: "Ask"}} {
		if _, err := client.FindApproval(t.Context(), a); err == nil || !strings.Contains(err.Error(), "must not be empty") {
			t.Errorf("%+v: error %v", a, err)
		}
	}
}

// A request may come by SNS before the state has its token.
func TestFindApprovalEarly(t *testing.T) {
	t.Parallel()
	const token = "22222222-aaaa-4bbb-8ccc-000000000001"
	for _, test := range []struct {
		mode  string
		found bool
	}{{"QUEUED", true}, {"PARALLEL", false}} {
		running := execution("InProgress")
		running["pipelineExecution"].(object)["executionMode"] = test.mode
		w := newWire(t, map[string]func(object) (any, error){
			"GetPipeline": reply(object{"pipeline": object{"name": web, "executionMode": test.mode, "stages": []object{{"name": "Review", "actions": []object{
				{"name": "Ask", "actionTypeId": object{"category": "Approval", "owner": "AWS", "provider": "Manual", "version": "1"}},
			}}}}}),
			"GetPipelineState": reply(object{"stageStates": []object{
				{"stageName": "Gone", "latestExecution": object{"pipelineExecutionId": run1, "status": "InProgress"}},
				{"stageName": "Review", "latestExecution": object{"pipelineExecutionId": run1, "status": "InProgress"},
					"actionStates": []object{{"actionName": "Ask", "latestExecution": object{"actionExecutionId": "r1", "status": "InProgress"}}}},
			}}),
			"GetPipelineExecution":   reply(running),
			"ListPipelineExecutions": reply(object{"pipelineExecutionSummaries": []object{{"pipelineExecutionId": run1, "status": "InProgress"}}}),
			"ListActionExecutions":   reply(actions(action("r1", "Review", "Ask", "InProgress", 0, actionType("Approval/AWS/Manual")))),
		})
		a, err := w.open().FindApproval(t.Context(), &pipeline.Approval{Pipeline: web, Stage: "Review", Action: "Ask", Token: events.NewSecret(token)})
		if test.found && (err != nil || a.ActionExecutionID != "r1" || a.Token.Reveal() != token) {
			t.Errorf("%s: %+v, %v", test.mode, a, err)
		}
		if !test.found && err == nil {
			t.Errorf("%s: %+v", test.mode, a)
		}
	}
}

// The same answer may be given any number of times, another one is an error that
// says who answered.
func TestAnswerTwice(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"SUPERSEDED", "PARALLEL"} {
		for _, first := range []pipeline.Verdict{pipeline.VerdictApproved, pipeline.VerdictRejected} {
			t.Run(mode+" "+string(first), func(t *testing.T) {
				t.Parallel()
				server, client, pass := newReview(t, mode)
				start(t, client, web)
				pass(time.Minute)
				a := pending(t, client, func(o *pipeline.ApprovalsOptions) { o.Within = -1 })[0]
				same, other := client.Approve, client.Reject
				if first == pipeline.VerdictRejected {
					same, other = other, same
				}
				// The first reply is lost, and the SDK sends the request again.
				server.SetFaults(pipelinetest.Faults{LateDropRate: 1})
				server.OnCall(func(string) {
					if server.Count("PutApprovalResult") > 1 {
						server.SetFaults(pipelinetest.Faults{})
					}
				})
				for _, answer := range []*pipeline.Approval{a, a, pipeline.ApprovalOf(request(a))} {
					if err := same(t.Context(), answer, "First"); err != nil {
						t.Fatal(err)
					}
				}
				for _, answer := range []*pipeline.Approval{a, pipeline.ApprovalOf(request(a))} {
					err := other(t.Context(), answer, "Second")
					var answered *pipeline.AnsweredError
					if !errors.As(err, &answered) || !errors.Is(err, pipeline.ErrApprovalOver) || answered.Verdict != first || answered.Summary != "First" || !answered.At.Equal(began.Add(time.Minute)) {
						t.Errorf("error %v", err)
					}
				}
			})
		}
	}
}

// An approval that waits no longer is an error that says why.
func TestApprovalOver(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		end  func(t *testing.T, client *pipeline.Client, pass func(time.Duration), a *pipeline.Approval)
		want string
	}{
		{"expired", func(_ *testing.T, _ *pipeline.Client, pass func(time.Duration), _ *pipeline.Approval) {
			pass(90 * time.Minute)
		}, "it has expired, as nobody answered from 2026-03-02T09:01:00Z to 2026-03-02T10:31:00Z; retry the stage"},
		{"stopped", func(t *testing.T, client *pipeline.Client, _ func(time.Duration), a *pipeline.Approval) {
			if err := client.Stop(t.Context(), web, a.ExecutionID, func(o *pipeline.StopOptions) { o.Abandon = true }); err != nil {
				t.Fatal(err)
			}
		}, "its execution was stopped at 2026-03-02T09:01:00Z"},
		{"another token", func(_ *testing.T, _ *pipeline.Client, _ func(time.Duration), a *pipeline.Approval) {
			a.Token, a.ActionExecutionID = events.NewSecret(run1), ""
		}, "another request of the action waits, with another token; take it from Client.Approvals"},
		{"no such token", func(_ *testing.T, _ *pipeline.Client, pass func(time.Duration), a *pipeline.Approval) {
			pass(8 * 24 * time.Hour)
			a.Token, a.ActionExecutionID = events.NewSecret(run1), ""
		}, "no request of the action has this token"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, client, pass := newReview(t, "")
			start(t, client, web)
			pass(time.Minute)
			a := pending(t, client)[0]
			test.end(t, client, pass, a)
			for name, answer := range map[string]func(context.Context, *pipeline.Approval, string) error{"Approve": client.Approve, "Reject": client.Reject} {
				err := answer(t.Context(), a, "Late")
				var answered *pipeline.AnsweredError
				if !errors.Is(err, pipeline.ErrApprovalOver) || errors.As(err, &answered) || !strings.Contains(err.Error(), test.want) {
					t.Errorf("%s: error %v, want %q", name, err, test.want)
				}
				if a.Token.Reveal() != "" && strings.Contains(err.Error(), a.Token.Reveal()) {
					t.Errorf("%s: the error tells the token: %v", name, err)
				}
			}
		})
	}
}

// The service may not show the tokens of approvals outside the mode PARALLEL.
func TestAnswerWithoutExternalID(t *testing.T) {
	t.Parallel()
	approval := func(id, status string, started int, more ...object) object {
		return action(id, "Review", "Ask", status, started, append(more, actionType("Approval/AWS/Manual"))...)
	}
	const token = "22222222-aaaa-4bbb-8ccc-000000000001"
	for _, test := range []struct {
		name string
		code string
		list object
		want string // of Approve
	}{
		{"approved", "ApprovalAlreadyCompletedException", actions(approval("r2", "Succeeded", 9), approval("r1", "Failed", 1, object{"updatedBy": "arn:1"})), ""},
		{"rejected", "ApprovalAlreadyCompletedException", actions(approval("r1", "Failed", 1, object{"updatedBy": "arn:1"})), "answered already: Rejected by arn:1"},
		{"not known", "ApprovalAlreadyCompletedException", actions(), "no request of the action has this token"},
		{"another one's", "ApprovalAlreadyCompletedException", actions(approval("r1", "Succeeded", 1, result("other", "", ""))), "no request of the action has this token"},
		{"not valid", "InvalidApprovalTokenException", actions(approval("r1", "Succeeded", 1)), "no request of the action has this token"},
	} {
		w := newWire(t, map[string]func(object) (any, error){"PutApprovalResult": refuse(test.code), "ListActionExecutions": reply(test.list)})
		a := &pipeline.Approval{Pipeline: web, Stage: "Review", Action: "Ask", Token: events.NewSecret(token)}
		err := w.open().Approve(t.Context(), a, "")
		if test.want == "" && err != nil || test.want != "" && (err == nil || !errors.Is(err, pipeline.ErrApprovalOver) || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: error %v, want %q", test.name, err, test.want)
		}
	}
}

// The search for an approval whose execution is not known ends.
func TestAnswerSearchIsBounded(t *testing.T) {
	t.Parallel()
	n := 0
	w := newWire(t, map[string]func(object) (any, error){
		"PutApprovalResult": refuse("InvalidApprovalTokenException"),
		"ListActionExecutions": func(object) (any, error) {
			n++
			return object{"actionExecutionDetails": []object{action(fmt.Sprint("b", n), "Build", "Compile", "Succeeded", n)}, "nextToken": fmt.Sprint(n)}, nil
		},
	})
	a := &pipeline.Approval{Pipeline: web, Stage: "Review", Action: "Ask", Token: events.NewSecret(run1)}
	if err := w.open().Approve(t.Context(), a, ""); !errors.Is(err, pipeline.ErrApprovalOver) || n != 10 {
		t.Errorf("error %v after %d pages", err, n)
	}
}

func TestAnswerRequest(t *testing.T) {
	t.Parallel()
	var requests []object
	w := newWire(t, map[string]func(object) (any, error){
		"PutApprovalResult": record(&requests, reply(object{"approvedAt": 1700000000})),
	})
	a := &pipeline.Approval{Pipeline: web, Stage: "Review", Action: "Ask", Token: events.NewSecret(run1)}
	if err := w.open().Approve(t.Context(), a, strings.Repeat("é", 600)); err != nil {
		t.Fatal(err)
	}
	if err := w.open().Reject(t.Context(), a, ""); err != nil {
		t.Fatal(err)
	}
	whole := func(status, summary string) object {
		return object{"pipelineName": web, "stageName": "Review", "actionName": "Ask", "token": run1, "result": object{"status": status, "summary": summary}}
	}
	want := []object{whole("Approved", strings.Repeat("é", 511)+"…"), whole("Rejected", "")}
	if diff := cmp.Diff(want, requests); diff != "" {
		t.Errorf("requests mismatch (-want +got):\n%s", diff)
	}
	for _, a := range []*pipeline.Approval{nil, {}, {Pipeline: web, Stage: "Review", Action: "Ask"}} {
		if err := w.open().Approve(t.Context(), a, ""); err == nil || !strings.Contains(err.Error(), "the token of the approval must not be empty") {
			t.Errorf("%+v: error %v", a, err)
		}
	}
	// An answer that the service refuses otherwise is that error.
	w = newWire(t, map[string]func(object) (any, error){"PutApprovalResult": func(object) (any, error) {
		return nil, awsjson.Errorf("ActionNotFoundException", "told by the test")
	}})
	if err := w.open().Approve(t.Context(), a, ""); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v", err)
	}
}

// Each call that is denied is an error that names the IAM action, and an execution that
// vanishes or ends between two calls has no approvals.
func TestApprovalsFailures(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"QUEUED", "PARALLEL"} {
		p := guarded(mode)
		p.Stages = append(p.Stages, reviewed(mode).Stages[1])
		p.Stages[2], p.Stages[3] = p.Stages[3], p.Stages[2]
		server, client := newServer(t, p)
		id := start(t, client, web)
		server.Settle()
		a := pending(t, client)[0]
		reads := map[string]func() error{
			"Approvals": func() (err error) {
				for _, err = range client.Approvals(t.Context(), web) {
				}
				return err
			},
			"FindApproval": func() error {
				_, err := client.FindApproval(t.Context(), a)
				return err
			},
			"Details": func() error {
				_, err := client.Details(t.Context(), web, id)
				return err
			},
		}
		for name, calls := range map[string][]string{
			"Approvals":    {"GetPipeline", "GetPipelineExecution", "ListActionExecutions", map[string]string{"QUEUED": "GetPipelineState", "PARALLEL": "ListPipelineExecutions"}[mode]},
			"FindApproval": {"GetPipeline", "GetPipelineExecution", "ListActionExecutions"},
			"Details":      {"GetPipeline", "GetPipelineExecution", "ListActionExecutions", "ListRuleExecutions"},
		} {
			for _, operation := range calls {
				server.SetFaults(pipelinetest.Faults{Deny: []string{operation}})
				if err := reads[name](); !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), "allow the IAM action codepipeline:"+operation) {
					t.Errorf("%s: %s without %s: error %v", mode, name, operation, err)
				}
			}
		}
		for operation, code := range map[string]string{"ListActionExecutions": "PipelineExecutionNotFoundException", "GetPipelineExecution": "PipelineExecutionNotFoundException"} {
			server.SetFaults(pipelinetest.Faults{Fail: func(called string) string {
				if called == operation {
					return code
				}
				return ""
			}})
			if got := pending(t, client); len(got) != 0 {
				t.Errorf("%s: %d approvals of an execution that has vanished", mode, len(got))
			}
		}
		server.SetFaults(pipelinetest.Faults{})
		server.OnCall(func(operation string) {
			if operation == "GetPipelineExecution" {
				server.OnCall(nil)
				if err := client.Stop(t.Context(), web, id, func(o *pipeline.StopOptions) { o.Abandon = true }); err != nil {
					t.Error(err)
				}
				server.Settle()
			}
		})
		if got := pending(t, client); len(got) != 0 {
			t.Errorf("%s: %d approvals of an execution that has ended", mode, len(got))
		}
	}
}
