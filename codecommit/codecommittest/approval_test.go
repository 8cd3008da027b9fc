package codecommittest_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	"github.com/aws/aws-sdk-go-v2/service/codecommit/types"

	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
)

// rule returns the content of an approval rule.
func rule(needed int, members ...string) string {
	pool := ""
	if len(members) > 0 {
		pool = fmt.Sprintf(`,"ApprovalPoolMembers":["%s"]`, strings.Join(members, `","`))
	}
	return fmt.Sprintf(`{"Version":"2018-11-08","Statements":[{"Type":"Approvers","NumberOfApprovalsNeeded":%d%s}]}`, needed, pool)
}

func (w *world) createRule(name, content string) (*types.ApprovalRule, error) {
	out, err := w.client.CreatePullRequestApprovalRule(w.Context(), &awscodecommit.CreatePullRequestApprovalRuleInput{
		PullRequestId: aws.String("1"), ApprovalRuleName: &name, ApprovalRuleContent: &content,
	})
	if err != nil {
		return nil, err
	}
	return out.ApprovalRule, nil
}

func (w *world) approve(arn, revision string, state types.ApprovalState) error {
	_, err := w.as(arn).UpdatePullRequestApprovalState(w.Context(), &awscodecommit.UpdatePullRequestApprovalStateInput{
		PullRequestId: aws.String("1"), RevisionId: &revision, ApprovalState: state,
	})
	return err
}

func (w *world) evaluate(revision string) string {
	w.Helper()
	out, err := w.client.EvaluatePullRequestApprovalRules(w.Context(), &awscodecommit.EvaluatePullRequestApprovalRulesInput{PullRequestId: aws.String("1"), RevisionId: &revision})
	if err != nil {
		w.Fatal(err)
	}
	e := out.Evaluation
	return fmt.Sprintf("approved=%t overridden=%t satisfied=%q not=%q", e.Approved, e.Overridden, e.ApprovalRulesSatisfied, e.ApprovalRulesNotSatisfied)
}

func (w *world) override(status types.OverrideStatus, revision string) error {
	_, err := w.as(grace).OverridePullRequestApprovalRules(w.Context(), &awscodecommit.OverridePullRequestApprovalRulesInput{PullRequestId: aws.String("1"), RevisionId: &revision, OverrideStatus: status})
	return err
}

func TestApprovals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	revision := *w.open(w.client, "topic").RevisionId
	if got, want := w.evaluate(revision), `approved=true overridden=false satisfied=[] not=[]`; got != want {
		t.Errorf("without rules: %s, want %s", got, want)
	}
	created, err := w.createRule("Two of us", rule(2))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.createRule("Review", rule(1, "CodeCommitApprovers:111122223333:Review/*")); err != nil {
		t.Fatal(err)
	}
	rules := w.get(aws.String("1")).ApprovalRules
	if len(rules) != 2 || *rules[0].ApprovalRuleId != *created.ApprovalRuleId || *rules[0].RuleContentSha256 != *created.RuleContentSha256 || *rules[0].LastModifiedUser != codecommittest.DefaultCaller {
		t.Errorf("rules of the pull request: %+v", rules)
	}
	for _, step := range []struct {
		arn   string
		state types.ApprovalState
		want  string
	}{
		{ada, "REVOKE", `approved=false overridden=false satisfied=[] not=["Two of us" "Review"]`}, // of nothing
		{ada, "APPROVE", `approved=false overridden=false satisfied=[] not=["Two of us" "Review"]`},
		{ada, "APPROVE", `approved=false overridden=false satisfied=[] not=["Two of us" "Review"]`},
		{grace, "APPROVE", `approved=true overridden=false satisfied=["Two of us" "Review"] not=[]`},
		{ada, "REVOKE", `approved=false overridden=false satisfied=["Review"] not=["Two of us"]`},
	} {
		if err := w.approve(step.arn, revision, step.state); err != nil {
			t.Errorf("%s by %s: %v", step.state, name(step.arn), err)
		}
		if got := w.evaluate(revision); got != step.want {
			t.Errorf("%s by %s: %s, want %s", step.state, name(step.arn), got, step.want)
		}
	}
	states, err := w.client.GetPullRequestApprovalStates(t.Context(), &awscodecommit.GetPullRequestApprovalStatesInput{PullRequestId: aws.String("1"), RevisionId: &revision})
	if err != nil || len(states.Approvals) != 1 || *states.Approvals[0].UserArn != grace || states.Approvals[0].ApprovalState != "APPROVE" {
		t.Errorf("states %+v, %v", states, err)
	}

	overridden := func() string {
		t.Helper()
		out, err := w.client.GetPullRequestOverrideState(t.Context(), &awscodecommit.GetPullRequestOverrideStateInput{PullRequestId: aws.String("1"), RevisionId: &revision})
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(out.Overridden, aws.ToString(out.Overrider))
	}
	for _, step := range []struct {
		status     types.OverrideStatus
		code, want string
	}{
		{"REVOKE", "", "false"},
		{"OVERRIDE", "", "true" + grace},
		{"OVERRIDE", "OverrideAlreadySetException", "true" + grace},
		{"REVOKE", "", "false"},
		{"OVERRIDE", "", "true" + grace},
	} {
		if err := w.override(step.status, revision); step.code != "" {
			wantError(t, string(step.status), err, step.code)
		} else if err != nil {
			t.Errorf("%s: %v", step.status, err)
		}
		if got := overridden(); got != step.want {
			t.Errorf("after %s: %s, want %s", step.status, got, step.want)
		}
	}
	if got, want := w.evaluate(revision), `approved=true overridden=true satisfied=["Review"] not=["Two of us"]`; got != want {
		t.Errorf("overridden: %s, want %s", got, want)
	}

	// A push makes a revision that nobody has approved.
	w.commit("topic", "a", "3\n")
	wantError(t, "approval of an old revision", w.approve(ada, revision, "APPROVE"), "RevisionNotCurrentException")
	wantError(t, "override of an old revision", w.override("REVOKE", revision), "RevisionNotCurrentException")
	_, err = w.client.EvaluatePullRequestApprovalRules(t.Context(), &awscodecommit.EvaluatePullRequestApprovalRulesInput{PullRequestId: aws.String("1"), RevisionId: &revision})
	wantError(t, "evaluation of an old revision", err, "RevisionNotCurrentException")
	if got := overridden(); got != "true"+grace {
		t.Errorf("the old revision's override: %s", got)
	}
	revision = *w.get(aws.String("1")).RevisionId
	if got, want := w.evaluate(revision), `approved=false overridden=false satisfied=[] not=["Two of us" "Review"]`; got != want {
		t.Errorf("after a push: %s, want %s", got, want)
	}

	wantError(t, "the author's approval", w.approve(codecommittest.DefaultCaller, revision, "APPROVE"), "PullRequestCannotBeApprovedByAuthorException")
	wantError(t, "a bad state", w.approve(ada, revision, "MAYBE"), "InvalidApprovalStateException")
	wantError(t, "a bad revision", w.approve(ada, "x", "APPROVE"), "InvalidRevisionIdException")
	wantError(t, "no revision", w.approve(ada, "", "APPROVE"), "RevisionIdRequiredException")
	wantError(t, "a bad override", w.override("MAYBE", revision), "InvalidOverrideStatusException")
	for i := range 200 {
		if err := w.approve(fmt.Sprintf("arn:aws:iam::111122223333:user/u%d", i), revision, "APPROVE"); err != nil {
			t.Fatal(err)
		}
	}
	wantError(t, "one too many", w.approve(ada, revision, "APPROVE"), "MaximumNumberOfApprovalsExceededException")
	if _, err := w.client.UpdatePullRequestStatus(t.Context(), &awscodecommit.UpdatePullRequestStatusInput{PullRequestId: aws.String("1"), PullRequestStatus: "CLOSED"}); err != nil {
		t.Fatal(err)
	}
	wantError(t, "approval of a closed one", w.approve(ada, revision, "APPROVE"), "PullRequestAlreadyClosedException")
	wantError(t, "override of a closed one", w.override("OVERRIDE", revision), "PullRequestAlreadyClosedException")

	same(t, "first events", []string{
		"pullRequestApprovalRuleCreated 1 topic Open merged=false developer Two of us", "pullRequestApprovalRuleCreated 1 topic Open merged=false developer Review",
		"pullRequestApprovalStateChanged 1 topic Open merged=false ada APPROVE", "pullRequestApprovalStateChanged 1 topic Open merged=false grace APPROVE",
		"pullRequestApprovalStateChanged 1 topic Open merged=false ada REVOKE", "pullRequestApprovalRuleOverridden 1 topic Open merged=false grace OVERRIDE",
		"pullRequestApprovalRuleOverridden 1 topic Open merged=false grace REVOKE",
	}, withoutCommit(w.events()[2:9], w.topic))
}

// withoutCommit removes a commit from lines of events.
func withoutCommit(lines []string, id string) []string {
	var list []string
	for _, line := range lines {
		list = append(list, strings.Replace(line, " "+id[:4], "", 1))
	}
	return list
}

func TestApprovalRules(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.open(w.client, "topic")
	created, err := w.createRule("rule", rule(1))
	if err != nil {
		t.Fatal(err)
	}
	update := func(name, content string, sha256 *string) (*types.ApprovalRule, error) {
		out, err := w.as(ada).UpdatePullRequestApprovalRuleContent(t.Context(), &awscodecommit.UpdatePullRequestApprovalRuleContentInput{
			PullRequestId: aws.String("1"), ApprovalRuleName: &name, NewRuleContent: &content, ExistingRuleContentSha256: sha256,
		})
		if err != nil {
			return nil, err
		}
		return out.ApprovalRule, nil
	}
	updated, err := update("rule", rule(2), created.RuleContentSha256)
	if err != nil || *updated.ApprovalRuleId != *created.ApprovalRuleId || *updated.ApprovalRuleContent != rule(2) || *updated.LastModifiedUser != ada {
		t.Errorf("updated %+v, %v", updated, err)
	}
	_, err = update("rule", rule(3), created.RuleContentSha256)
	wantError(t, "an outdated hash", err, "InvalidRuleContentSha256Exception")
	_, err = update("none", rule(3), nil)
	wantError(t, "an unknown rule", err, "ApprovalRuleDoesNotExistException")
	_, err = update("rule", "", nil)
	wantError(t, "no content", err, "ApprovalRuleContentRequiredException")
	for _, test := range []struct{ name, content, want string }{
		{"", rule(1), "ApprovalRuleNameRequiredException"},
		{"a/b", rule(1), "InvalidApprovalRuleNameException"},
		{strings.Repeat("n", 101), rule(1), "InvalidApprovalRuleNameException"},
		{"rule", rule(1), "ApprovalRuleNameAlreadyExistsException"},
		{"r", "{", "InvalidApprovalRuleContentException"},
		{"r", rule(1) + "{}", "InvalidApprovalRuleContentException"},
		{"r", rule(0), "InvalidApprovalRuleContentException"},
		{"r", rule(1, "somebody"), "InvalidApprovalRuleContentException"},
		{"r", rule(1, "CodeCommitApprovers:111122223333"), "InvalidApprovalRuleContentException"},
		{"r", rule(1, strings.Repeat("p", 3000)), "InvalidApprovalRuleContentException"},
		{"r", rule(1, strings.Split(strings.Repeat("arn:aws:iam::1:user/a ", 51), " ")[:51]...), "InvalidApprovalRuleContentException"},
		{"r", strings.Replace(rule(1), "2018-11-08", "2020-01-01", 1), "InvalidApprovalRuleContentException"},
		{"r", strings.Replace(rule(1), `"Approvers"`, `"Readers"`, 1), "InvalidApprovalRuleContentException"},
		{"r", strings.Replace(rule(1), `"Statements"`, `"DestinationReferences":["refs/heads/main"],"Statements"`, 1), "InvalidApprovalRuleContentException"},
		{"r", `{"Version":"2018-11-08","Statements":[]}`, "InvalidApprovalRuleContentException"},
	} {
		_, err := w.createRule(test.name, test.content)
		wantError(t, fmt.Sprintf("rule %q %s", test.name, test.content), err, test.want)
	}
	for i := range 29 {
		if _, err := w.createRule(fmt.Sprint("more ", i), rule(1)); err != nil {
			t.Fatal(err)
		}
	}
	_, err = w.createRule("one too many", rule(1))
	wantError(t, "the 31st rule", err, "NumberOfRulesExceededException")
	remove := func() *string {
		t.Helper()
		out, err := w.client.DeletePullRequestApprovalRule(t.Context(), &awscodecommit.DeletePullRequestApprovalRuleInput{PullRequestId: aws.String("1"), ApprovalRuleName: aws.String("rule")})
		if err != nil {
			t.Fatal(err)
		}
		return out.ApprovalRuleId
	}
	if id := remove(); id == nil || *id != *created.ApprovalRuleId {
		t.Errorf("deleted %v", id)
	}
	if id := remove(); id != nil {
		t.Errorf("deleted %s again", *id)
	}
	lines := w.events()
	same(t, "last event", []string{"pullRequestApprovalRuleDeleted 1 topic Open merged=false developer rule"}, withoutCommit(lines[len(lines)-1:], w.topic))
}

// Members of an approval pool, as the user guide describes them.
func TestApprovalPools(t *testing.T) {
	t.Parallel()
	const (
		session   = "arn:aws:sts::111122223333:assumed-role/Review/grace"
		federated = "arn:aws:sts::111122223333:federated-user/ada"
		china     = "arn:aws-cn:iam::111122223333:user/ada"
	)
	for _, test := range []struct {
		member, arn string
		want        bool
	}{
		{ada, ada, true},
		{ada, federated, false},
		{"arn:aws:sts::111122223333:assumed-role/Review/*", session, true},
		{"arn:aws:sts::111122223333:assumed-role/Review/g?ace", session, true},
		{"arn:aws:sts::111122223333:assumed-role/Rev/*", session, false},
		{"arn:aws:iam::111122223333:role/Review", session, false},
		{"CodeCommitApprovers:111122223333:ada", ada, true},
		{"CodeCommitApprovers:111122223333:ada", federated, true},
		{"CodeCommitApprovers:111122223333:ada", china, true},
		{"CodeCommitApprovers:444455556666:ada", ada, false},
		{"CodeCommitApprovers:111122223333:grace", session, false},
		{"CodeCommitApprovers:111122223333:*grace", session, true},
		{"CodeCommitApprovers:111122223333:Review/*", session, true},
		{"CodeCommitApprovers:111122223333:[Rr]eview/*", session, false}, // no other wildcards
	} {
		w := newWorld(t)
		revision := *w.open(w.client, "topic").RevisionId
		if _, err := w.createRule("pool", rule(1, test.member)); err != nil {
			t.Fatal(err)
		}
		if err := w.approve(test.arn, revision, "APPROVE"); err != nil {
			t.Fatal(err)
		}
		if got := strings.HasPrefix(w.evaluate(revision), "approved=true"); got != test.want {
			t.Errorf("pool %s, approved by %s: %t, want %t", test.member, test.arn, got, test.want)
		}
	}
}

// A rule that is accepted can be evaluated; one that is not is the caller's fault.
func FuzzApprovalRule(f *testing.F) {
	f.Add(rule(1), ada)
	f.Add(rule(2, "CodeCommitApprovers:111122223333:*/[x", "arn:aws:sts::1:assumed-role/a\\\\/*"), grace)
	f.Add(`{"Version":"2018-11-08","Statements":[{"Type":"Approvers","NumberOfApprovalsNeeded":1,"ApprovalPoolMembers":null}]}`, ada)
	f.Add(`{"Version":`, "arn:::::")
	server := codecommittest.NewServer(f, codecommittest.FS("app", fstest.MapFS{"a": {Data: []byte("1\n")}}))
	if _, err := server.Commit("app", "topic", fstest.MapFS{"a": {Data: []byte("2\n")}}); err != nil {
		f.Fatal(err)
	}
	revision := ""
	f.Fuzz(func(t *testing.T, content, arn string) {
		w := &world{T: t, server: server, client: newClient(server)}
		if revision == "" {
			revision = *w.open(w.client, "topic").RevisionId
		}
		if _, err := w.createRule("rule", content); err != nil {
			if c := code(err); c != "InvalidApprovalRuleContentException" && c != "ApprovalRuleContentRequiredException" {
				t.Fatal(err)
			}
			return
		}
		for _, state := range []types.ApprovalState{"APPROVE", "REVOKE"} {
			if err := w.approve(arn, revision, state); err != nil {
				t.Fatal(err)
			}
			w.evaluate(revision)
		}
		if _, err := w.client.DeletePullRequestApprovalRule(t.Context(), &awscodecommit.DeletePullRequestApprovalRuleInput{PullRequestId: aws.String("1"), ApprovalRuleName: aws.String("rule")}); err != nil {
			t.Fatal(err)
		}
	})
}
