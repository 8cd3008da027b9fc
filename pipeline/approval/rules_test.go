package approval_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/pipeline"
	"github.com/codesuite-go/codesuite/pipeline/approval"
)

const (
	shaA = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	shaB = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
)

// waiting is an approval of an execution with these sources.
func waiting(sources ...pipeline.Revision) *pipeline.Approval {
	e := &pipeline.Execution{Pipeline: "shop", ID: "e-1", Type: pipeline.ExecutionStandard}
	for _, r := range sources {
		r.Stage = "Source"
		e.Revisions = append(e.Revisions, r)
		e.Actions = append(e.Actions, pipeline.ActionExecution{
			Stage: "Source", Action: r.Action, Type: events.ActionType{Category: "Source", Owner: "AWS", Provider: "CodeStarSourceConnection", Version: "1"},
		})
	}
	return &pipeline.Approval{Pipeline: "shop", Stage: "Production", Action: "Release", ExecutionID: "e-1", Execution: e}
}

func onGitHub(action, repository, sha string) pipeline.Revision {
	return pipeline.Revision{Action: action, Provider: events.ProviderGitHub, Host: "github.com", Repository: repository, ID: sha, Branch: "main"}
}

var (
	app   = onGitHub("App", "octo/app", shaA)
	infra = onGitHub("Infra", "octo/infra", shaB)
	repo  = pipeline.Revision{Action: "Repo", Provider: events.ProviderCodeCommit, Region: "us-east-1", Repository: "shop", ID: shaA, Branch: "main"}
	file  = pipeline.Revision{Action: "File", Provider: events.ProviderS3, Repository: "bucket/key.zip", ID: "v1"}
)

// reader reads what a test says.
type reader struct {
	provider events.Provider
	checks   map[string][]approval.StatusCheck // by repository
	pulls    map[string]*approval.PullRequest  // by repository
	members  []string                          // "team login"
	err      error
}

func (r reader) Reads(s approval.Subject) bool { return s.Provider == r.provider }

func (r reader) StatusChecks(_ context.Context, s approval.Subject) ([]approval.StatusCheck, error) {
	return r.checks[s.Repository], r.err
}

func (r reader) PullRequest(_ context.Context, s approval.Subject) (*approval.PullRequest, error) {
	return r.pulls[s.Repository], r.err
}

func (r reader) Member(_ context.Context, _ approval.Subject, team, login string) (bool, error) {
	if team == "octo/broken" {
		return false, errors.New("the team is broken")
	}
	return slices.Contains(r.members, team+" "+login), nil
}

func checks(list ...string) map[string][]approval.StatusCheck {
	out := make(map[string][]approval.StatusCheck)
	for _, text := range list {
		f := strings.Fields(text) // repository, context, state
		c := approval.StatusCheck{Context: f[1], State: approval.CheckState(f[2])}
		if len(f) > 3 {
			c.AppID = int64(len(f[3]))
		}
		out[f[0]] = append(out[f[0]], c)
	}
	return out
}

func required(contexts ...string) (list []approval.RequiredStatus) {
	for _, c := range contexts {
		list = append(list, approval.RequiredStatus{Context: c})
	}
	return list
}

func TestStatuses(t *testing.T) {
	t.Parallel()
	rollback := waiting(app)
	rollback.Execution.Type = pipeline.ExecutionRollback
	custom := waiting(app)
	custom.Execution.Actions[0].Type.Owner = "Custom"
	nobodys := waiting(app)
	nobodys.Execution.Revisions[0].Action = ""
	noExecution := waiting(app)
	noExecution.Execution = nil
	green := checks("octo/app build passed", "octo/app lint passed")
	for _, tt := range []struct {
		name     string
		approval *pipeline.Approval
		rule     approval.Statuses
		checks   map[string][]approval.StatusCheck
		want     approval.Decision
		reason   string
	}{
		{"green", waiting(app), approval.Statuses{}, green, approval.DecisionApprove, "2 passed, none pending or failed"},
		{"none", waiting(app), approval.Statuses{}, nil, approval.DecisionWait, "source action App (octo/app@aaaaaaa) has no status"},
		{"pending", waiting(app), approval.Statuses{}, checks("octo/app build passed", "octo/app lint pending"), approval.DecisionWait, "pending on source action App (octo/app@aaaaaaa): lint"},
		{"failed waits", waiting(app), approval.Statuses{}, checks("octo/app build failed", "octo/app lint pending"), approval.DecisionWait, "failed on source action App (octo/app@aaaaaaa): build"},
		{"failed rejects", waiting(app), approval.Statuses{OnFailure: approval.DecisionReject}, checks("octo/app build failed"), approval.DecisionReject, "failed on source action App (octo/app@aaaaaaa): build"},
		{"pending does not reject", waiting(app), approval.Statuses{OnFailure: approval.DecisionReject}, checks("octo/app build pending"), approval.DecisionWait, "pending on source action App (octo/app@aaaaaaa): build"},
		{"an unknown state is a failure", waiting(app), approval.Statuses{}, checks("octo/app build fine"), approval.DecisionWait, "failed on source action App (octo/app@aaaaaaa): build"},
		{"required", waiting(app), approval.Statuses{Required: required("Build", "lint")}, green, approval.DecisionApprove, "2 passed, none pending or failed"},
		{"required is missing", waiting(app), approval.Statuses{Required: required("build", "test")}, green, approval.DecisionWait, "missing on source action App (octo/app@aaaaaaa): test"},
		{"required, another fails", waiting(app), approval.Statuses{Required: required("build")}, checks("octo/app build passed", "octo/app lint failed"), approval.DecisionWait, "failed on source action App (octo/app@aaaaaaa): lint"},
		{"required of an App", waiting(app), approval.Statuses{Required: []approval.RequiredStatus{{Context: "build", AppID: 2}}}, checks("octo/app build passed xx"), approval.DecisionApprove, "1 passed, none pending or failed"},
		{"required of an App, set by somebody", waiting(app), approval.Statuses{Required: []approval.RequiredStatus{{Context: "build", AppID: 2}}}, checks("octo/app build passed", "octo/app build passed xxx"), approval.DecisionWait, "missing on source action App (octo/app@aaaaaaa): build"},
		{"status and check run of one name", waiting(app), approval.Statuses{Required: required("build")}, checks("octo/app build passed", "octo/app build failed x"), approval.DecisionWait, "failed on source action App (octo/app@aaaaaaa): build"},
		{"ignored", waiting(app), approval.Statuses{Ignore: []string{"Preview/*"}}, checks("octo/app build passed", "octo/app preview/eu failed", "octo/app preview/us pending"), approval.DecisionApprove, "1 passed, none pending or failed"},
		{"ignored and required", waiting(app), approval.Statuses{Ignore: []string{"preview/*"}, Required: required("preview/eu")}, checks("octo/app preview/eu failed"), approval.DecisionWait, "failed on source action App (octo/app@aaaaaaa): preview/eu"},
		{"all ignored", waiting(app), approval.Statuses{Ignore: []string{"*view/*"}}, checks("octo/app preview/eu passed"), approval.DecisionWait, "source action App (octo/app@aaaaaaa) has no status"},
		{"its own", waiting(app), approval.Statuses{}, checks("octo/app build passed", "octo/app codepipeline/shop pending", "octo/app codepipeline/Shop~0a1b2c pending", "octo/app codepipeline/shop/Production pending"), approval.DecisionApprove, "1 passed, none pending or failed"},
		{"its own alone", waiting(app), approval.Statuses{}, checks("octo/app codepipeline/shop passed"), approval.DecisionWait, "source action App (octo/app@aaaaaaa) has no status"},
		{"that of another pipeline", waiting(app), approval.Statuses{}, checks("octo/app codepipeline/shop2 pending"), approval.DecisionWait, "pending on source action App (octo/app@aaaaaaa): codepipeline/shop2"},
		{"many", waiting(app), approval.Statuses{}, checks("octo/app a failed", "octo/app b failed", "octo/app c failed", "octo/app d failed", "octo/app e failed", "octo/app f failed", "octo/app g failed"), approval.DecisionWait, "failed on source action App (octo/app@aaaaaaa): a, b, c, d, e and 2 more"},
		{"two sources", waiting(app, infra), approval.Statuses{}, checks("octo/app build passed", "octo/infra plan passed"), approval.DecisionApprove, "2 passed, none pending or failed"},
		{"two sources, one without", waiting(app, infra), approval.Statuses{}, green, approval.DecisionWait, "source action Infra (octo/infra@bbbbbbb) has no status"},
		{"two sources, one counts", waiting(app, infra), approval.Statuses{Sources: []string{"App"}}, green, approval.DecisionApprove, "2 passed, none pending or failed"},
		{"a source that is not there", waiting(app), approval.Statuses{Sources: []string{"App", "Infra"}}, green, approval.DecisionWait, "the execution has no revision of a source action Infra"},
		{"a source without statuses", waiting(app, file), approval.Statuses{}, green, approval.DecisionWait, "source action File (bucket/key.zip@v1) is of S3, of which no statuses can be read: name the sources that count"},
		{"CodeCommit", waiting(repo), approval.Statuses{}, green, approval.DecisionWait, "source action Repo (shop@aaaaaaa) is of CodeCommit, of which no statuses can be read: name the sources that count"},
		{"custom source", custom, approval.Statuses{}, green, approval.DecisionWait, "source action App is a custom action, which may say anything of what it fetched"},
		{"rollback", rollback, approval.Statuses{}, green, approval.DecisionWait, "the execution is a rollback, whose sources no rule looks up"},
		{"a revision of nobody", nobodys, approval.Statuses{}, green, approval.DecisionWait, "the source action of the revision \"" + shaA + "\" is not known"},
		{"no sources", waiting(), approval.Statuses{}, green, approval.DecisionWait, "the source revisions of the execution are not known"},
		{"no execution", noExecution, approval.Statuses{}, green, approval.DecisionWait, "the source revisions of the execution are not known"},
		{"no ID", waiting(onGitHub("App", "octo/app", "")), approval.Statuses{}, green, approval.DecisionWait, "the revision of source action App is not known"},
	} {
		tt.rule.Readers = []approval.StatusReader{reader{provider: events.ProviderGitHub, checks: tt.checks}}
		decision, reason, err := tt.rule.Judge(t.Context(), tt.approval, time.Now())
		if err != nil || decision != tt.want || reason != tt.reason {
			t.Errorf("%s: got %s, %q, %v, want %s, %q", tt.name, decision, reason, err, tt.want, tt.reason)
		}
	}
}

func TestReviews(t *testing.T) {
	t.Parallel()
	pull := func(approvers, objectors string) *approval.PullRequest {
		return &approval.PullRequest{Name: "pull request 12", Author: "Mona", Approvers: strings.Fields(approvers), Objectors: strings.Fields(objectors)}
	}
	session := func(name string) string { return "arn:aws:sts::111122223333:assumed-role/" + name }
	onCodeCommit := func(change func(*approval.PullRequest)) *approval.PullRequest {
		p := &approval.PullRequest{Name: "pull request 5", Author: session("Dev/mona"), Approvers: []string{session("Lead/lisa"), session("CI/robot")}, RulesSatisfied: []string{"one lead"}}
		if change != nil {
			change(p)
		}
		return p
	}
	unknown := pull("lisa", "")
	unknown.Author = ""
	owners := []string{"octo/owners"}
	for _, tt := range []struct {
		name   string
		source pipeline.Revision
		rule   approval.Reviews
		pull   *approval.PullRequest
		want   approval.Decision
		reason string
	}{
		{"approved", app, approval.Reviews{Reviewers: []string{"lisa"}}, pull("LISA", ""), approval.DecisionApprove, "pull request 12 is approved by LISA"},
		{"no pull request", app, approval.Reviews{Reviewers: []string{"lisa"}}, nil, approval.DecisionWait, "source action App (octo/app@aaaaaaa): the commit is not that of the merge of a pull request"},
		{"no pull request rejects", app, approval.Reviews{Reviewers: []string{"lisa"}, OnFailure: approval.DecisionReject}, nil, approval.DecisionReject, "source action App (octo/app@aaaaaaa): the commit is not that of the merge of a pull request"},
		{"by others", app, approval.Reviews{Reviewers: []string{"lisa"}}, pull("bart homer", ""), approval.DecisionWait, "source action App (octo/app@aaaaaaa): pull request 12 has 0 of 1 approvals"},
		{"by the author", app, approval.Reviews{Reviewers: []string{"mona"}}, pull("mona", ""), approval.DecisionWait, "source action App (octo/app@aaaaaaa): pull request 12 has 0 of 1 approvals"},
		{"by the author of the team", app, approval.Reviews{Reviewers: owners}, pull("MONA", ""), approval.DecisionWait, "source action App (octo/app@aaaaaaa): pull request 12 has 0 of 1 approvals"},
		{"an unknown author", app, approval.Reviews{Reviewers: []string{"lisa"}}, unknown, approval.DecisionWait, "source action App (octo/app@aaaaaaa): the author of pull request 12 is not known"},
		{"two", app, approval.Reviews{Approvals: 2, Reviewers: []string{"lisa", "bart"}}, pull("lisa bart", ""), approval.DecisionApprove, "pull request 12 is approved by lisa, bart"},
		{"one of two", app, approval.Reviews{Approvals: 2, Reviewers: []string{"lisa", "bart"}}, pull("lisa homer", ""), approval.DecisionWait, "source action App (octo/app@aaaaaaa): pull request 12 has 1 of 2 approvals (lisa)"},
		{"one twice", app, approval.Reviews{Approvals: 2, Reviewers: []string{"lisa", "bart"}}, pull("lisa Lisa", ""), approval.DecisionWait, "source action App (octo/app@aaaaaaa): pull request 12 has 1 of 2 approvals (lisa)"},
		{"of a team", app, approval.Reviews{Reviewers: owners}, pull("bart lisa", ""), approval.DecisionApprove, "pull request 12 is approved by lisa"},
		{"two of a team and a login", app, approval.Reviews{Approvals: 2, Reviewers: []string{"octo/owners", "bart"}}, pull("bart lisa", ""), approval.DecisionApprove, "pull request 12 is approved by bart, lisa"},
		{"a reviewer wants changes", app, approval.Reviews{Reviewers: []string{"lisa", "bart"}}, pull("lisa", "bart"), approval.DecisionWait, "source action App (octo/app@aaaaaaa): bart wants changes of pull request 12"},
		{"somebody wants changes", app, approval.Reviews{Reviewers: []string{"lisa"}}, pull("lisa", "bart"), approval.DecisionApprove, "pull request 12 is approved by lisa"},
		{"GitHub without reviewers", app, approval.Reviews{}, pull("lisa", ""), approval.DecisionWait, "source action App (octo/app@aaaaaaa): pull request 12 has 0 of 1 approvals"},
		{"GitHub with reviewers on CodeCommit alone", app, approval.Reviews{Reviewers: []string{"arn:*"}}, pull("lisa", ""), approval.DecisionWait, "source action App (octo/app@aaaaaaa): pull request 12 has 0 of 1 approvals"},
		{"CodeCommit", repo, approval.Reviews{}, onCodeCommit(nil), approval.DecisionApprove, "pull request 5 is approved by " + session("Lead/lisa") + ", " + session("CI/robot")},
		{"CodeCommit, a role", repo, approval.Reviews{Reviewers: []string{session("CI/*")}}, onCodeCommit(nil), approval.DecisionApprove, "pull request 5 is approved by " + session("CI/robot")},
		{"CodeCommit, another role", repo, approval.Reviews{Reviewers: []string{session("Boss/*")}}, onCodeCommit(nil), approval.DecisionWait, "source action Repo (shop@aaaaaaa): pull request 5 has 0 of 1 approvals"},
		{"CodeCommit, names of GitHub", repo, approval.Reviews{Reviewers: []string{"lisa"}}, onCodeCommit(nil), approval.DecisionApprove, "pull request 5 is approved by " + session("Lead/lisa") + ", " + session("CI/robot")},
		{"CodeCommit, overridden", repo, approval.Reviews{}, onCodeCommit(func(p *approval.PullRequest) { p.RulesOverridden = true }), approval.DecisionWait, "source action Repo (shop@aaaaaaa): the approval rules of pull request 5 are overridden"},
		{"CodeCommit, not satisfied", repo, approval.Reviews{OnFailure: approval.DecisionReject}, onCodeCommit(func(p *approval.PullRequest) { p.RulesNotSatisfied = []string{"two leads"} }), approval.DecisionReject, "source action Repo (shop@aaaaaaa): approval rules of pull request 5 are not satisfied: two leads"},
		{"CodeCommit, no rule", repo, approval.Reviews{}, onCodeCommit(func(p *approval.PullRequest) { p.RulesSatisfied = nil }), approval.DecisionWait, "source action Repo (shop@aaaaaaa): pull request 5 has no approval rule"},
		{"S3", file, approval.Reviews{}, nil, approval.DecisionWait, "source action File (bucket/key.zip@v1) is of S3, of which no pull requests can be read: name the sources that count"},
	} {
		pulls := map[string]*approval.PullRequest{"octo/app": tt.pull, "shop": tt.pull}
		members := []string{"octo/owners lisa", "octo/owners MONA"}
		tt.rule.Readers = []approval.PullRequestReader{
			reader{provider: events.ProviderGitHub, pulls: pulls, members: members}, reader{provider: events.ProviderCodeCommit, pulls: pulls},
		}
		decision, reason, err := tt.rule.Judge(t.Context(), waiting(tt.source), time.Now())
		if err != nil || decision != tt.want || reason != tt.reason {
			t.Errorf("%s: got %s, %q, %v, want %s, %q", tt.name, decision, reason, err, tt.want, tt.reason)
		}
	}
}

// What cannot be read never approves and never rejects.
func TestRuleErrors(t *testing.T) {
	t.Parallel()
	down := errors.New("GitHub is down")
	broken := reader{provider: events.ProviderGitHub, err: down}
	green := reader{provider: events.ProviderGitHub, pulls: map[string]*approval.PullRequest{"octo/app": {Author: "mona", Approvers: []string{"lisa"}}}}
	objected := reader{provider: events.ProviderGitHub, pulls: map[string]*approval.PullRequest{"octo/app": {Author: "mona", Objectors: []string{"lisa"}}}}
	statuses := func(r reader) []approval.StatusReader { return []approval.StatusReader{r} }
	pulls := func(r reader) []approval.PullRequestReader { return []approval.PullRequestReader{r} }
	for _, tt := range []struct {
		name string
		rule approval.Rule
		want string
	}{
		{"statuses", &approval.Statuses{Readers: statuses(broken), OnFailure: approval.DecisionReject}, "is down"},
		{"pull request", &approval.Reviews{Readers: pulls(broken), OnFailure: approval.DecisionReject}, "is down"},
		{"team of an approver", &approval.Reviews{Readers: pulls(green), Reviewers: []string{"octo/broken"}, OnFailure: approval.DecisionReject}, "team is broken"},
		{"team of an objector", &approval.Reviews{Readers: pulls(objected), Reviewers: []string{"octo/broken"}, OnFailure: approval.DecisionReject}, "team is broken"},
		{"no reader of statuses", &approval.Statuses{}, "Readers is empty"},
		{"no reader of pull requests", &approval.Reviews{}, "Readers is empty"},
		{"approve on failure", &approval.Statuses{Readers: statuses(green), OnFailure: approval.DecisionApprove}, "set it to wait or reject"},
		{"approve on failure of reviews", &approval.Reviews{Readers: pulls(green), OnFailure: "approve"}, "set it to wait or reject"},
		{"an empty required context", &approval.Statuses{Readers: statuses(green), Required: required(" ")}, "Required"},
		{"everything is ignored", &approval.Statuses{Readers: statuses(green), Ignore: []string{"*"}}, "nothing would count"},
		{"negative approvals", &approval.Reviews{Readers: pulls(green), Approvals: -1}, "set it to 1 or more"},
		{"too few reviewers", &approval.Reviews{Readers: pulls(green), Approvals: 2, Reviewers: []string{"lisa"}}, "only 1 Reviewers"},
		{"an e-mail address", &approval.Reviews{Readers: pulls(green), Reviewers: []string{"lisa@example.com"}}, "neither a login"},
		{"a team with @", &approval.Reviews{Readers: pulls(green), Reviewers: []string{"@octo/owners"}}, "neither a login"},
		{"half a team", &approval.Reviews{Readers: pulls(green), Reviewers: []string{"octo/"}}, "neither a login"},
		{"a role", &approval.Reviews{Readers: pulls(green), Reviewers: []string{"arn:aws:iam::111122223333:role/Lead"}}, "assumed-role"},
	} {
		decision, _, err := tt.rule.Judge(t.Context(), waiting(app), time.Now())
		if decision != approval.DecisionWait || err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %s, %v, want an error with %q", tt.name, decision, err, tt.want)
		}
	}
}
