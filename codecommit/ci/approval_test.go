package ci_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	"github.com/aws/aws-sdk-go-v2/service/codecommit/types"

	"github.com/codesuite-go/codesuite/codecommit/ci"
	"github.com/codesuite-go/codesuite/codecommit/ci/citest"
	"github.com/codesuite-go/codesuite/events"
)

// A pull request whose builds have succeeded is merged as soon as somebody approves it,
// and not before its builds have ended.
func TestMergeWhenApproved(t *testing.T) {
	t.Parallel()
	f := review
	f.Merge = events.MergeOptionFastForward
	for _, early := range []bool{false, true} {
		w := newWorld(t, []ci.Flow{f}, nil, citest.Project{Name: "app-review", Repository: "app"})
		head := w.push("topic", "a", "1")
		id := w.open("topic")
		_, err := w.client.CreatePullRequestApprovalRule(t.Context(), &awscodecommit.CreatePullRequestApprovalRuleInput{
			PullRequestId: &id, ApprovalRuleName: aws.String("one"),
			ApprovalRuleContent: aws.String(`{"Version":"2018-11-08","Statements":[{"Type":"Approvers","NumberOfApprovalsNeeded":1}]}`),
		})
		if err != nil {
			t.Fatal(err)
		}
		w.deliver()
		approve := func() {
			pr, err := w.client.GetPullRequest(t.Context(), &awscodecommit.GetPullRequestInput{PullRequestId: &id})
			if err != nil {
				t.Fatal(err)
			}
			_, err = awscodecommit.NewFromConfig(w.commits.ConfigAs(strangerARN)).UpdatePullRequestApprovalState(t.Context(), &awscodecommit.UpdatePullRequestApprovalStateInput{
				PullRequestId: &id, RevisionId: pr.PullRequest.RevisionId, ApprovalState: types.ApprovalStateApprove,
			})
			if err != nil {
				t.Fatal(err)
			}
			w.deliver()
		}
		if early {
			approve()
		} else {
			w.settle()
		}
		if w.head("main") == head {
			t.Errorf("early %v: it was merged too early", early)
		}
		if early {
			w.settle()
		} else {
			approve()
		}
		if w.head("main") != head {
			t.Errorf("early %v: it was not merged", early)
		}
	}
}
