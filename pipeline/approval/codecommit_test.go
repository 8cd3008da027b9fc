package approval_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	"github.com/aws/aws-sdk-go-v2/service/codecommit/types"
	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
	"github.com/codesuite-go/codesuite/pipeline"
	"github.com/codesuite-go/codesuite/pipeline/approval"
)

const (
	account = "111122223333"
	mona    = "arn:aws:iam::111122223333:user/mona"
	lisa    = "arn:aws:iam::111122223333:user/lisa"
)

// repositoryWorld is a CodeCommit server with the repository "shop".
type repositoryWorld struct {
	*testing.T
	server     *codecommittest.Server
	mona, lisa *awscodecommit.Client
	files      int
}

func newRepository(t *testing.T) *repositoryWorld {
	t.Helper()
	server := codecommittest.NewServer(t, codecommittest.FS("shop", fstest.MapFS{"README": {Data: []byte("shop\n")}}))
	return &repositoryWorld{
		T: t, server: server, mona: awscodecommit.NewFromConfig(server.ConfigAs(mona)), lisa: awscodecommit.NewFromConfig(server.ConfigAs(lisa)),
	}
}

// open opens a pull request of a new branch with a commit.
func (w *repositoryWorld) open() *types.PullRequest {
	w.Helper()
	w.files++
	branch := fmt.Sprint("topic-", w.files)
	files := fstest.MapFS{"README": {Data: []byte("shop\n")}}
	for i := range w.files {
		files[fmt.Sprint("file-", i)] = &fstest.MapFile{Data: []byte("x\n")}
	}
	if _, err := w.server.Commit("shop", branch, files); err != nil {
		w.Fatal(err)
	}
	out, err := w.mona.CreatePullRequest(w.Context(), &awscodecommit.CreatePullRequestInput{
		Title: aws.String("Add " + branch), Targets: []types.Target{{RepositoryName: aws.String("shop"), SourceReference: &branch}},
	})
	if err != nil {
		w.Fatal(err)
	}
	return out.PullRequest
}

func (w *repositoryWorld) rule(p *types.PullRequest, name string, approvals int) {
	w.Helper()
	content := fmt.Sprintf(`{"Version":"2018-11-08","Statements":[{"Type":"Approvers","NumberOfApprovalsNeeded":%d}]}`, approvals)
	_, err := w.mona.CreatePullRequestApprovalRule(w.Context(), &awscodecommit.CreatePullRequestApprovalRuleInput{
		PullRequestId: p.PullRequestId, ApprovalRuleName: &name, ApprovalRuleContent: &content,
	})
	if err != nil {
		w.Fatal(err)
	}
}

func (w *repositoryWorld) approve(p *types.PullRequest) {
	w.Helper()
	_, err := w.lisa.UpdatePullRequestApprovalState(w.Context(), &awscodecommit.UpdatePullRequestApprovalStateInput{
		PullRequestId: p.PullRequestId, RevisionId: p.RevisionId, ApprovalState: types.ApprovalStateApprove,
	})
	if err != nil {
		w.Fatal(err)
	}
}

// squash merges the pull request and returns the commit.
func (w *repositoryWorld) squash(p *types.PullRequest) string {
	w.Helper()
	out, err := w.mona.MergePullRequestBySquash(w.Context(), &awscodecommit.MergePullRequestBySquashInput{PullRequestId: p.PullRequestId, RepositoryName: aws.String("shop")})
	if err != nil {
		w.Fatal(err)
	}
	return aws.ToString(out.PullRequest.PullRequestTargets[0].MergeMetadata.MergeCommitId)
}

func (w *repositoryWorld) source(commit string) approval.Subject {
	r := repo
	r.ID = commit
	return approval.Subject{Revision: r}
}

func TestCodeCommit(t *testing.T) {
	t.Parallel()
	w := newRepository(t)
	reader := approval.NewCodeCommit(w.mona, account, "us-east-1")
	want := func(commit string, want *approval.PullRequest) {
		t.Helper()
		got, err := reader.PullRequest(t.Context(), w.source(commit))
		if err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("pull request of %s (-want +got):\n%s", commit, diff)
		}
	}
	pull := func(p *types.PullRequest) *approval.PullRequest {
		id := *p.PullRequestId
		return &approval.PullRequest{
			Name: "pull request " + id, Author: mona, RulesSatisfied: []string{}, RulesNotSatisfied: []string{},
			URL: "https://us-east-1.console.aws.amazon.com/codesuite/codecommit/repositories/shop/pull-requests/" + id + "/details?region=us-east-1",
		}
	}
	w.open() // stays open

	p := w.open()
	w.rule(p, "one", 1)
	w.approve(p)
	approved := pull(p)
	approved.Approvers, approved.RulesSatisfied = []string{lisa}, []string{"one"}
	commit := w.squash(p)
	want(commit, approved)

	if p = w.open(); true {
		_, err := w.mona.UpdatePullRequestStatus(t.Context(), &awscodecommit.UpdatePullRequestStatusInput{PullRequestId: p.PullRequestId, PullRequestStatus: types.PullRequestStatusEnumClosed})
		if err != nil {
			t.Fatal(err)
		}
	}
	want(*p.PullRequestTargets[0].SourceCommit, nil) // closed, not merged

	p = w.open()
	w.rule(p, "two", 2)
	_, err := w.lisa.OverridePullRequestApprovalRules(t.Context(), &awscodecommit.OverridePullRequestApprovalRulesInput{
		PullRequestId: p.PullRequestId, RevisionId: p.RevisionId, OverrideStatus: types.OverrideStatusOverride,
	})
	if err != nil {
		t.Fatal(err)
	}
	overridden := pull(p)
	overridden.RulesNotSatisfied, overridden.RulesOverridden = []string{"two"}, true
	want(w.squash(p), overridden)

	p = w.open()
	want(w.squash(p), pull(p)) // without a rule
	want(shaA, nil)
	want(commit, approved) // still

	// The merge went to another branch than that of the source.
	s := w.source(commit)
	s.Branch = "release"
	if got, err := reader.PullRequest(t.Context(), s); got != nil || err != nil {
		t.Errorf("of another branch: %v, %v", got, err)
	}
}

// listed is CodeCommit with a list of pull requests.
type listed struct {
	approval.CodeCommitAPI
	pages [][]string
	reads *[]string
}

func (l listed) ListPullRequests(_ context.Context, in *awscodecommit.ListPullRequestsInput, _ ...func(*awscodecommit.Options)) (*awscodecommit.ListPullRequestsOutput, error) {
	page := 0
	if in.NextToken != nil {
		fmt.Sscan(*in.NextToken, &page)
	}
	out := &awscodecommit.ListPullRequestsOutput{PullRequestIds: l.pages[page]}
	if page++; page < len(l.pages) {
		out.NextToken = aws.String(fmt.Sprint(page))
	}
	return out, nil
}

func (l listed) GetPullRequest(_ context.Context, in *awscodecommit.GetPullRequestInput, _ ...func(*awscodecommit.Options)) (*awscodecommit.GetPullRequestOutput, error) {
	*l.reads = append(*l.reads, *in.PullRequestId)
	// One that was not merged, whatever commit it names.
	target := types.PullRequestTarget{
		RepositoryName: aws.String(repo.Repository), DestinationReference: aws.String("refs/heads/main"), MergeMetadata: &types.MergeMetadata{MergeCommitId: aws.String(repo.ID)},
	}
	return &awscodecommit.GetPullRequestOutput{PullRequest: &types.PullRequest{PullRequestId: in.PullRequestId, PullRequestTargets: []types.PullRequestTarget{target}}}, nil
}

func TestCodeCommitOrder(t *testing.T) {
	t.Parallel()
	var reads []string
	reader := approval.NewCodeCommit(listed{pages: [][]string{{"9", "100"}, {"11"}}, reads: &reads}, account, "us-east-1")
	if got, err := reader.PullRequest(t.Context(), approval.Subject{Revision: repo}); got != nil || err != nil {
		t.Errorf("got %v, %v", got, err)
	}
	if diff := cmp.Diff([]string{"100", "11", "9"}, reads); diff != "" {
		t.Errorf("pull requests that were read (-want +got):\n%s", diff)
	}
	// Too many to say that there is none.
	var ids []string
	for i := range 201 {
		ids = append(ids, fmt.Sprint(i))
	}
	reads = nil
	reader = approval.NewCodeCommit(listed{pages: [][]string{ids[:100], ids[100:]}, reads: &reads}, account, "us-east-1")
	if _, err := reader.PullRequest(t.Context(), approval.Subject{Revision: repo}); err == nil || !strings.Contains(err.Error(), "older ones are not read") || len(reads) != 200 {
		t.Errorf("%d were read: %v", len(reads), err)
	}
}

func TestCodeCommitErrors(t *testing.T) {
	t.Parallel()
	w := newRepository(t)
	there := w.source(shaA)
	elsewhere, foreign, missing := there, there, there
	elsewhere.Region = "eu-west-1"
	foreign.Run = pipeline.ActionExecution{RoleARN: "arn:aws:iam::444455556666:role/source"}
	missing.Repository = "other"
	own := there
	own.Run = pipeline.ActionExecution{RoleARN: "arn:aws:iam::" + account + ":role/source"}
	reader := approval.NewCodeCommit(w.mona, account, "us-east-1")
	for _, tt := range []struct {
		name   string
		reader *approval.CodeCommit
		source approval.Subject
		want   string
	}{
		{"another Region", reader, elsewhere, `is in Region "eu-west-1"`},
		{"a role of another account", reader, foreign, "a role of another account"},
		{"no repository", reader, missing, "approval: list pull requests"},
		{"no API", approval.NewCodeCommit(nil, account, "us-east-1"), there, "is nil"},
		{"no account", approval.NewCodeCommit(w.mona, "", "us-east-1"), there, "no account"},
	} {
		got, err := tt.reader.PullRequest(t.Context(), tt.source)
		if got != nil || err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, %v, want an error with %q", tt.name, got, err, tt.want)
		}
	}
	if got, err := reader.PullRequest(t.Context(), own); got != nil || err != nil {
		t.Errorf("a role of the account: %v, %v", got, err)
	}
	for _, operation := range []string{"ListPullRequests", "GetPullRequest", "GetPullRequestApprovalStates", "EvaluatePullRequestApprovalRules"} {
		commit := w.squash(w.open())
		w.server.SetFaults(codecommittest.Faults{Deny: []string{operation}})
		got, err := reader.PullRequest(t.Context(), w.source(commit))
		if got != nil || err == nil || !strings.Contains(err.Error(), "codecommit:"+operation) {
			t.Errorf("%s is denied: got %v, %v", operation, got, err)
		}
		w.server.SetFaults(codecommittest.Faults{})
	}
	if member, err := reader.Member(t.Context(), there, "octo/owners", "lisa"); member || err == nil {
		t.Errorf("a team: %t, %v", member, err)
	}
}
