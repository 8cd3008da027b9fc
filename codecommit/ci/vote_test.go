package ci_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	awscodebuild "github.com/aws/aws-sdk-go-v2/service/codebuild"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	"github.com/aws/aws-sdk-go-v2/service/codecommit/types"
	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/codecommit/ci"
	"github.com/codesuite-go/codesuite/codecommit/ci/citest"
	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
	"github.com/codesuite-go/codesuite/events"
)

// approvals returns who approves the current revision of the pull request.
func (w *world) approvals(id string) []string {
	w.Helper()
	out, err := w.client.GetPullRequestApprovalStates(w.Context(), &awscodecommit.GetPullRequestApprovalStatesInput{
		PullRequestId: &id, RevisionId: w.request(id).RevisionId,
	})
	if err != nil {
		w.Fatal(err)
	}
	var list []string
	for _, a := range out.Approvals {
		if a.ApprovalState == types.ApprovalStateApprove {
			list = append(list, *a.UserArn)
		}
	}
	return list
}

func (w *world) request(id string) *types.PullRequest {
	w.Helper()
	out, err := w.client.GetPullRequest(w.Context(), &awscodecommit.GetPullRequestInput{PullRequestId: &id})
	if err != nil {
		w.Fatal(err)
	}
	return out.PullRequest
}

// rule gives the pull request an approval rule with the member of its pool.
func (w *world) rule(id, name, member string) {
	w.Helper()
	content := fmt.Sprintf(`{"Version":"2018-11-08","Statements":[{"Type":"Approvers","NumberOfApprovalsNeeded":1,"ApprovalPoolMembers":[%q]}]}`, member)
	_, err := w.client.CreatePullRequestApprovalRule(w.Context(), &awscodecommit.CreatePullRequestApprovalRuleInput{
		PullRequestId: &id, ApprovalRuleName: &name, ApprovalRuleContent: &content,
	})
	if err != nil {
		w.Fatal(err)
	}
}

// retry runs the first build again, to its end.
func (w *world) retry() {
	w.Helper()
	client := awscodebuild.NewFromConfig(w.builds.Config())
	if _, err := client.RetryBuild(w.Context(), &awscodebuild.RetryBuildInput{Id: &w.builds.Builds()[0].ID}); err != nil {
		w.Fatal(err)
	}
	w.settle()
}

// commentHas checks the last comment.
func (w *world) commentHas(id string, want ...string) {
	w.Helper()
	comments := w.comments(id)
	for _, text := range want {
		if len(comments) == 0 || !strings.Contains(comments[len(comments)-1], text) {
			w.Errorf("the comment lacks %q:\n%s", text, comments)
		}
	}
}

var approving = func() ci.Flow {
	f := review
	f.Approve = true
	return f
}()

// The member of a pool that the note names is the one that counts.
const botPool = "arn:aws:sts::111122223333:assumed-role/ci/*"

func TestApprove(t *testing.T) {
	t.Parallel()
	w := newWorld(t, []ci.Flow{approving}, nil, project(failing(2)))
	w.push("feature", "a", "1")
	id := w.open("feature")
	w.rule(id, "built", botPool)
	w.rule(id, "seen", "arn:aws:sts::111122223333:assumed-role/other/*")
	all := w.settleAll()
	if d := cmp.Diff([]string{botARN}, w.approvals(id)); d != "" {
		t.Errorf("after success (-want +got):\n%s", d)
	}
	note := "Approval: Approved by `" + botARN + "`. An approval rule counts it if its pool has `" + botPool + "`. Approval rules that are not satisfied yet: `seen`."
	w.commentHas(id, "\n\n"+note+"\n\ncodesuite · ")

	// The same events again change nothing, in the comment neither.
	before := w.comments(id)
	for _, payload := range all {
		w.invoke(payload)
	}
	w.take()
	if d := cmp.Diff(before, w.comments(id)); d != "" {
		t.Errorf("after the events came again (-want +got):\n%s", d)
	}

	w.retry() // the second build fails
	if got := w.approvals(id); len(got) != 0 {
		t.Errorf("after a failure %v approve", got)
	}
	w.retry()
	if got := w.approvals(id); len(got) != 1 {
		t.Errorf("after another success %v approve", got)
	}
	w.commentHas(id, note)

	// A newer revision is approved by its own build alone.
	w.push("feature", "a", "2")
	votes := w.commits.Count("UpdatePullRequestApprovalState")
	for _, payload := range all {
		w.invoke(payload)
	}
	if n := w.commits.Count("UpdatePullRequestApprovalState") - votes; n != 0 {
		t.Errorf("%d votes on the older revision", n)
	}
	if got := w.approvals(id); len(got) != 0 {
		t.Errorf("before its build has ended %v approve the newer revision", got)
	}
	w.settle()
	if got := w.approvals(id); len(got) != 1 {
		t.Errorf("%v approve the newer revision", got)
	}
}

// Without Approve nobody votes.
func TestApproveIsOff(t *testing.T) {
	t.Parallel()
	w := newWorld(t, []ci.Flow{review}, nil)
	w.push("feature", "a", "1")
	w.open("feature")
	w.settle()
	if n := w.commits.Count("UpdatePullRequestApprovalState", "EvaluatePullRequestApprovalRules", "MergePullRequestByFastForward"); n != 0 {
		t.Errorf("%d calls", n)
	}
}

// All flows that approve have to succeed, in whatever order they end.
func TestApproveOfSeveralFlows(t *testing.T) {
	t.Parallel()
	second := approving
	second.Name, second.Project = "lint", "app-lint"
	for _, test := range []struct {
		name    string
		first   int // ends first
		failure bool
		want    int
	}{{"both succeed", 0, false, 1}, {"both succeed, the other way round", 1, false, 1}, {"the second fails", 0, true, 0}, {"the first fails", 1, true, 0}} {
		w := newWorld(t, []ci.Flow{approving, second}, nil, hold("app-review"), hold("app-lint"))
		w.push("feature", "a", "1")
		id := w.open("feature")
		w.settle()
		builds := w.builds.Builds()
		outcomes := []citest.Outcome{{}, {}}
		if test.failure {
			outcomes[1].Status = citest.StatusFailed
		}
		order := []int{test.first, 1 - test.first}
		for i, n := range order {
			if got := w.approvals(id); len(got) != 0 {
				t.Errorf("%s: %v approve after %d builds", test.name, got, i)
			}
			if err := w.builds.Finish(builds[n].ID, outcomes[n]); err != nil {
				t.Fatal(err)
			}
			w.settle()
		}
		if got := w.approvals(id); len(got) != test.want {
			t.Errorf("%s: %v approve", test.name, got)
		}
	}
}

// Every error that the service's model has for a vote: what the comment says, and
// whether the event comes again.
func TestVoteErrors(t *testing.T) {
	t.Parallel()
	const again = "the event comes again"
	merging := approving
	merging.Merge = events.MergeOptionFastForward
	for _, test := range []struct{ operation, code, want string }{
		{"UpdatePullRequestApprovalState", "PullRequestCannotBeApprovedByAuthorException", "create pull requests with another role"},
		{"UpdatePullRequestApprovalState", "MaximumNumberOfApprovalsExceededException", "somebody has to revoke one"},
		{"UpdatePullRequestApprovalState", "InvalidRevisionIdException", "run the build again"},
		{"UpdatePullRequestApprovalState", "EncryptionKeyAccessDeniedException", "allow it in the policy of the key"},
		{"UpdatePullRequestApprovalState", "EncryptionKeyDisabledException", "enable it"},
		{"UpdatePullRequestApprovalState", "EncryptionKeyNotFoundException", "KMS key of the repository is gone"},
		{"UpdatePullRequestApprovalState", "EncryptionKeyUnavailableException", again},
		{"UpdatePullRequestApprovalState", "EncryptionIntegrityChecksFailedException", again},
		{"UpdatePullRequestApprovalState", "AccessDeniedException", "allow its role the IAM action codecommit:UpdatePullRequestApprovalState"},
		{"UpdatePullRequestApprovalState", "PullRequestAlreadyClosedException", ""},
		{"UpdatePullRequestApprovalState", "PullRequestDoesNotExistException", ""},
		{"UpdatePullRequestApprovalState", "RevisionNotCurrentException", ""},
		{"EvaluatePullRequestApprovalRules", "RevisionNotCurrentException", ""},
		{"EvaluatePullRequestApprovalRules", "AccessDeniedException", "allow its role the IAM action codecommit:EvaluatePullRequestApprovalRules"},
		{"MergePullRequestByFastForward", "TipOfSourceReferenceIsDifferentException", ""},
		{"MergePullRequestByFastForward", "ReferenceDoesNotExistException", ""},
		{"MergePullRequestByFastForward", "RepositoryDoesNotExistException", ""},
		{"MergePullRequestByFastForward", "PullRequestApprovalRulesNotSatisfiedException", "an approval rule is not satisfied"},
		{"MergePullRequestByFastForward", "ManualMergeRequiredException", "it has conflicts or cannot be merged in this way"},
		{"MergePullRequestByFastForward", "TipsDivergenceExceededException", "merge them with git"},
		{"MergePullRequestByFastForward", "MaximumFileContentToLoadExceededException", "merge the branches with git"},
		{"MergePullRequestByFastForward", "MaximumItemsToCompareExceededException", "merge the branches with git"},
		{"MergePullRequestByFastForward", "FileContentSizeLimitExceededException", "merge the branches with git"},
		{"MergePullRequestByFastForward", "FolderContentSizeLimitExceededException", "merge the branches with git"},
		{"MergePullRequestByFastForward", "RepositoryNotAssociatedWithPullRequestException", "of another repository"},
		{"MergePullRequestByFastForward", "ConcurrentReferenceUpdateException", again},
	} {
		t.Run(test.operation+" "+test.code, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, []ci.Flow{merging}, nil)
			w.commits.SetFaults(codecommittest.Faults{Fail: func(operation string) string {
				if operation == test.operation {
					return test.code
				}
				return ""
			}})
			w.push("feature", "a", "1")
			id := w.open("feature")
			var failures []error
			for more := true; more; {
				for payloads := w.take(); len(payloads) > 0; payloads = w.take() {
					for _, payload := range payloads {
						if _, err := w.mux.Invoke(t.Context(), payload); err != nil {
							failures = append(failures, err)
						}
					}
				}
				more = w.builds.Advance()
			}
			denied := test.code == "AccessDeniedException"
			if (len(failures) > 0) != (test.want == again || denied) {
				t.Errorf("the events' errors are %v", failures)
			}
			for _, err := range failures {
				var e *ci.Error
				if !errors.As(err, &e) || e.Operation != test.operation {
					t.Error(err)
				}
			}
			w.wantTold("result", id, "build 1 SUCCEEDED")
			if test.want != again && test.want != "" {
				w.commentHas(id, test.want)
			}
			if n := w.request(id).PullRequestStatus; test.operation != "UpdatePullRequestApprovalState" && n != types.PullRequestStatusEnumOpen {
				t.Errorf("the pull request is %s", n)
			}
		})
	}
}

// A role cannot approve its own pull request, which the comment tells.
func TestApproveOwnPullRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t, []ci.Flow{approving}, nil)
	w.client = awscodecommit.NewFromConfig(w.commits.ConfigAs(botARN))
	w.push("feature", "a", "1")
	id := w.open("feature")
	w.settle()
	w.commentHas(id, "**succeeded**", "Approval: The role of this function has created the pull request")
	if got := w.approvals(id); len(got) != 0 {
		t.Errorf("%v approve", got)
	}
}

func TestMerge(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		merge  events.MergeOption
		change func(w *world, id string) // before the build ends
		merged bool
		note   string
	}{
		{"fast-forward", events.MergeOptionFastForward, nil, true, "Merged."},
		{"squash", events.MergeOptionSquash, nil, true, "Merged."},
		{"three-way", events.MergeOptionThreeWay, nil, true, "Merged."},
		{"by a rule that counts the builds", events.MergeOptionFastForward, func(w *world, id string) { w.rule(id, "built", botPool) }, true, "All approval rules are satisfied. Merged."},
		{"a rule that is not satisfied", events.MergeOptionFastForward, func(w *world, id string) { w.rule(id, "seen", developerARN) }, false, "Approval rules that are not satisfied yet: `seen`."},
		{"a rule that is overridden", events.MergeOptionFastForward, func(w *world, id string) {
			w.rule(id, "seen", "arn:aws:iam::111122223333:user/nobody")
			_, err := w.client.OverridePullRequestApprovalRules(w.Context(), &awscodecommit.OverridePullRequestApprovalRulesInput{
				PullRequestId: &id, RevisionId: w.request(id).RevisionId, OverrideStatus: types.OverrideStatusOverride})
			if err != nil {
				w.Fatal(err)
			}
		}, true, "The approval rules are overridden. Merged."},
		{"a conflict", events.MergeOptionSquash, func(w *world, _ string) { w.push("main", "a", "3") }, false, "It was not merged, as it has conflicts"},
		{"no fast-forward", events.MergeOptionFastForward, func(w *world, _ string) { w.push("main", "b", "3") }, false, "or cannot be merged in this way"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			flow := approving
			flow.Merge = test.merge
			w := newWorld(t, []ci.Flow{flow}, nil, hold("app-review"))
			commit := w.push("feature", "a", "1")
			id := w.open("feature")
			w.settle()
			if test.change != nil {
				test.change(w, id)
			}
			if err := w.builds.Finish(w.builds.Builds()[0].ID, citest.Outcome{}); err != nil {
				t.Fatal(err)
			}
			w.settle()
			merged := w.request(id).PullRequestTargets[0].MergeMetadata
			if merged.IsMerged != test.merged || merged.IsMerged && string(merged.MergeOption) != string(test.merge) {
				t.Errorf("merged: %+v", *merged)
			}
			if test.merge == events.MergeOptionFastForward && test.merged && w.head("main") != commit {
				t.Errorf("main is at %s, the build was of %s", w.head("main"), commit)
			}
			w.commentHas(id, "**succeeded**", test.note)
		})
	}
}

// A push in the moment of the merge is not merged: its build has not ended.
func TestMergeIsPinned(t *testing.T) {
	t.Parallel()
	flow := approving
	flow.Merge = events.MergeOptionThreeWay
	w := newWorld(t, []ci.Flow{flow}, nil, project(func(b citest.Build) citest.Outcome { return citest.Outcome{Hold: b.Number == 2} }))
	w.push("feature", "a", "1")
	id := w.open("feature")
	var pushed atomic.Bool
	w.commits.OnCall(func(operation string) {
		if operation == "MergePullRequestByThreeWay" && pushed.CompareAndSwap(false, true) {
			w.push("feature", "a", "evil")
		}
	})
	w.settle()
	if r := w.request(id); !pushed.Load() || r.PullRequestStatus != types.PullRequestStatusEnumOpen || len(w.approvals(id)) != 0 {
		t.Errorf("pushed %v, the pull request is %s and approved by %v", pushed.Load(), r.PullRequestStatus, w.approvals(id))
	}
	w.logged("a newer commit was pushed")
	if err := w.builds.Finish(w.builds.Builds()[1].ID, citest.Outcome{}); err != nil {
		t.Fatal(err)
	}
	w.settle()
	if r := w.request(id); !r.PullRequestTargets[0].MergeMetadata.IsMerged || !slices.Equal(w.told(id)[1:], []string{"build 2 SUCCEEDED"}) {
		t.Errorf("the pull request is %s: %v", r.PullRequestStatus, w.told(id))
	}
}

func TestPoolMember(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ arn, want string }{
		{"arn:aws:sts::111122223333:assumed-role/ci/session", "arn:aws:sts::111122223333:assumed-role/ci/*"},
		{"arn:aws-cn:sts::111122223333:assumed-role/ci/session", "arn:aws-cn:sts::111122223333:assumed-role/ci/*"},
		{"arn:aws:iam::111122223333:user/path/bot", "arn:aws:iam::111122223333:user/path/bot"},
		{"arn:aws:sts::111122223333:federated-user/bot", ""},
		{"arn:aws:sts::111122223333:assumed-role/ci", ""},
		{"ci", ""},
		{"", ""},
	} {
		if got := ci.PoolMember(test.arn); got != test.want {
			t.Errorf("%s: %q, want %q", test.arn, got, test.want)
		}
	}
}
