package main

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	"github.com/aws/aws-sdk-go-v2/service/codecommit/types"

	"github.com/codesuite-go/codesuite/examples/internal/lambdatest"
	"github.com/codesuite-go/codesuite/internal/githubtest"
	"github.com/codesuite-go/codesuite/pipeline"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// The approval waits for a status, with a message, until the schedule finds that it is
// green.
func TestStatuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, `[{"pipeline": "shop", "statuses": {"required": ["build"]}}]`, shop(gitHub()))
	f := w.function()
	if err := w.github.SetAuthor("octo/app", commitA, "Lisa"); err != nil {
		t.Fatal(err)
	}
	id := w.start(commitA)
	w.addStatus(w.github, commitA, "codepipeline/shop", "pending") // that of the pipeline itself
	w.addStatus(w.github, commitA, "build", "pending")
	w.invoke(f, w.request(id))
	w.wantStatus(id, pipeline.StatusInProgress)
	w.wantMessages([]string{
		"shop: Production/Release waits for approval\n", "statuses: pending on source action App (octo/app@aaaaaaa): build", "Look at the price list",
		"octo/app", "aaaaaaa", "Add a page (Lisa)\n", "https://github.com/octo/app/commit/" + commitA, "/codepipeline/pipelines/shop/executions/" + id,
	})
	w.invoke(f, sweep)
	w.wantMessages() // once
	w.addStatus(w.github, commitA, "build", "success")
	w.invoke(f, sweep)
	w.wantStatus(id, pipeline.StatusSucceeded)
	w.wantMessages([]string{"shop: Production/Release was approved\n", "Approved by rule. statuses: 1 passed, none pending or failed", "App: octo/app " + commitA + " Add a page (Lisa)\n", "https://github.com/octo/app/commit/" + commitA})

	// The next one says what has changed.
	id = w.start(commitB)
	w.invoke(f, w.request(id))
	w.addStatus(w.github, commitB, "build", "success")
	w.invoke(f, sweep)
	compare := "https://github.com/octo/app/compare/" + commitA + "..." + commitB
	w.wantMessages([]string{"waits for approval", compare}, []string{"was approved", compare})
	w.stop(f)
	if log := w.log(); !strings.Contains(log, `"msg":"approval: answered"`) || strings.Contains(log, `"level":"ERROR"`) {
		t.Errorf("log:\n%s", log)
	}
}

func TestRejects(t *testing.T) {
	t.Parallel()
	w := newWorld(t, `[{"pipeline": "shop", "statuses": {"on_failure": "reject"}, "window": {"time_zone": "Europe/Berlin", "freezes": [{"from": "2000-01-01", "to": "2999-12-31"}]}}]`, shop(gitHub()))
	f := w.function()
	id := w.start(commitA)
	w.addStatus(w.github, commitA, "build", "failure")
	w.invoke(f, w.request(id))
	w.wantStatus(id, pipeline.StatusFailed)
	w.wantMessages([]string{"shop: Production/Release was rejected\n", "Rejected by rule. statuses: failed on source action App (octo/app@aaaaaaa): build"})
	w.stop(f)
}

// A closed window waits, and a person decides as before.
func TestFreeze(t *testing.T) {
	t.Parallel()
	w := newWorld(t, `[{"pipeline": "shop", "window": {"time_zone": "America/New_York", "freezes": [{"from": "2000-01-01", "to": "2999-12-31", "reason": "audit"}]}}]`, shop(gitHub()))
	f := w.function()
	id := w.start(commitA)
	w.invoke(f, w.request(id))
	w.invoke(f, sweep)
	w.wantStatus(id, pipeline.StatusInProgress)
	w.wantMessages([]string{"waits for approval", "window: changes are frozen (audit) until "})
	if err := w.client.Reject(t.Context(), w.waiting(id), "Not\x1b[31m now"); err != nil {
		t.Fatal(err)
	}
	w.settle(f)
	w.wantMessages([]string{"shop: Production/Release was rejected\n", "Not now"})
	w.stop(f)
}

// An approval that nobody answers in time has expired: nobody has rejected it.
func TestExpired(t *testing.T) {
	t.Parallel()
	w := newWorld(t, `[{"pipeline": "shop", "statuses": {}}]`, shop(gitHub()))
	f := w.function()
	id := w.start(commitA)
	w.aws.SetClock(func() time.Time { return time.Now().Add(8 * 24 * time.Hour) })
	w.wantStatus(id, pipeline.StatusFailed)
	w.settle(f)
	w.wantMessages([]string{"shop: Production/Release has expired without an answer\n", "The approval was not given within"})
	w.stop(f)
}

// The pull request of the commit, on an enterprise server, has to be approved by a
// team.
func TestReviews(t *testing.T) {
	t.Parallel()
	connection := pipelinetest.Connection{ProviderType: "GitHubEnterpriseServer", Endpoint: "https://git.example.com"}
	w := newWorld(t, `[{"pipeline": "shop", "action": "Release", "reviews": {"approvals": 2, "reviewers": ["octo/owners", "bart"]}}]`,
		shop(pipelinetest.ConnectionSource("App", connection, "octo/app", "main")))
	f := w.function()
	id := w.start(commitA)
	pull := githubtest.PullRequest{Number: 12, Author: "mona", Base: "main", HeadSHA: head, MergeSHA: commitA, Merged: time.Now()}
	review := func(author string) {
		t.Helper()
		pull.Reviews = append(pull.Reviews, githubtest.Review{Author: author, State: "APPROVED", SHA: head, Submitted: time.Now()})
		if _, err := w.enterprise.SetPullRequest("octo/app", pull); err != nil {
			t.Fatal(err)
		}
	}
	w.enterprise.SetMember("octo/owners", "lisa", "active")
	w.enterprise.SetMember("octo/owners", "mona", "active")
	review("mona") // the author
	review("homer")
	review("bart")
	w.invoke(f, w.request(id))
	w.wantStatus(id, pipeline.StatusInProgress)
	w.wantMessages([]string{"reviews: source action App (octo/app@aaaaaaa): pull request 12 has 1 of 2 approvals (bart)", "https://git.example.com/octo/app/commit/" + commitA})
	review("lisa")
	w.invoke(f, sweep)
	w.wantStatus(id, pipeline.StatusSucceeded)
	w.wantMessages([]string{"was approved", "reviews: pull request 12 is approved by bart, lisa"})
	if n := w.github.Count(""); n != 0 {
		t.Errorf("%d calls to github.com", n)
	}
	w.stop(f)
}

func TestCodeCommit(t *testing.T) {
	t.Parallel()
	w := newWorld(t, `[{"pipeline": "shop", "reviews": {"reviewers": ["arn:aws:iam::111122223333:user/l*"]}}]`, shop(pipelinetest.CodeCommitSource("App", "shop", "main")))
	if _, err := w.git.Commit("shop", "topic", fstest.MapFS{"README": {Data: []byte("shop\n")}, "page": {Data: []byte("new\n")}}); err != nil {
		t.Fatal(err)
	}
	opened, err := w.mona.CreatePullRequest(t.Context(), &awscodecommit.CreatePullRequestInput{
		Title: aws.String("Add a page"), Targets: []types.Target{{RepositoryName: aws.String("shop"), SourceReference: aws.String("topic")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	p := opened.PullRequest
	_, err = w.mona.CreatePullRequestApprovalRule(t.Context(), &awscodecommit.CreatePullRequestApprovalRuleInput{
		PullRequestId: p.PullRequestId, ApprovalRuleName: aws.String("one"), ApprovalRuleContent: aws.String(`{"Version":"2018-11-08","Statements":[{"Type":"Approvers","NumberOfApprovalsNeeded":1}]}`),
	})
	if err == nil {
		_, err = w.lisa.UpdatePullRequestApprovalState(t.Context(), &awscodecommit.UpdatePullRequestApprovalStateInput{PullRequestId: p.PullRequestId, RevisionId: p.RevisionId, ApprovalState: types.ApprovalStateApprove})
	}
	if err != nil {
		t.Fatal(err)
	}
	merge, err := w.mona.MergePullRequestBySquash(t.Context(), &awscodecommit.MergePullRequestBySquashInput{PullRequestId: p.PullRequestId, RepositoryName: aws.String("shop")})
	if err != nil {
		t.Fatal(err)
	}
	merged := aws.ToString(merge.PullRequest.PullRequestTargets[0].MergeMetadata.MergeCommitId)
	f := w.function()
	direct := w.start(commitB) // pushed to the branch
	w.invoke(f, w.request(direct))
	w.wantStatus(direct, pipeline.StatusInProgress)
	w.wantMessages([]string{"reviews: source action App (shop@bbbbbbb): the commit is not that of the merge of a pull request", "/codecommit/repositories/shop/commit/" + commitB})
	if err := w.client.Reject(t.Context(), w.waiting(direct), ""); err != nil {
		t.Fatal(err)
	}
	w.settle(f)
	w.wantMessages([]string{"was rejected"})
	id := w.start(merged)
	w.invoke(f, w.request(id))
	w.wantStatus(id, pipeline.StatusSucceeded)
	w.wantMessages([]string{"was approved", "reviews: pull request " + *p.PullRequestId + " is approved by " + lisa})
	w.stop(f)
}

// Two executions of a parallel pipeline wait, of which one is green.
func TestParallel(t *testing.T) {
	t.Parallel()
	p := shop(gitHub())
	p.ExecutionMode = "PARALLEL"
	w := newWorld(t, `[{"pipeline": "shop", "statuses": {}}]`, p)
	f := w.function()
	red, green := w.start(commitA), w.start(commitB)
	w.addStatus(w.github, commitA, "build", "failure")
	w.addStatus(w.github, commitB, "build", "success")
	w.invoke(f, w.request(red))
	w.invoke(f, sweep)
	w.wantStatus(red, pipeline.StatusInProgress)
	w.wantStatus(green, pipeline.StatusSucceeded)
	w.stop(f)
}

// Nothing that anybody sends answers an approval that the rules would not.
func TestForged(t *testing.T) {
	t.Parallel()
	w := newWorld(t, `[{"pipeline": "shop", "stage": "Production", "statuses": {}}]`, shop(gitHub()))
	f := w.function()
	id := w.start(commitA)
	w.request(id)
	token := w.hidden[len(w.hidden)-1]
	w.addStatus(w.github, commitA, "build", "success") // the rules would approve
	const other = "00000000-0000-4000-8000-000000000000"
	answer := func(account, region, execution string) string {
		return fmt.Sprintf(`{"version":"0","id":"1","detail-type":"CodePipeline Action Execution State Change","source":"aws.codepipeline","account":%q,"region":%q,"time":"2026-11-30T20:25:00Z","resources":[],`+
			`"detail":{"pipeline":"shop","execution-id":%q,"stage":"Production","action":"Release","state":"SUCCEEDED","type":{"owner":"AWS","provider":"Manual","category":"Approval","version":"1"}}}`, account, region, execution)
	}
	for _, test := range []struct {
		name, payload string
		fails         bool
	}{
		{"another token", notice("us-east-1", "shop", "Production", "Release", other), false},
		{"no token", notice("us-east-1", "shop", "Production", "Release", ""), true},
		{"another action", notice("us-east-1", "shop", "Production", "Approve", token), false},
		{"another stage", notice("us-east-1", "shop", "Staging", "Release", token), false},
		{"another pipeline", notice("us-east-1", "other", "Production", "Release", token), false},
		{"another Region", notice("eu-west-1", "shop", "Production", "Release", token), true},
		{"a text", `{"Records":[{"EventSource":"aws:sns","EventVersion":"1.0","EventSubscriptionArn":"arn:aws:sns:us-east-1:111122223333:approvals:1","Sns":{"Type":"Notification","MessageId":"1","TopicArn":"arn:aws:sns:us-east-1:111122223333:approvals","Message":"Please approve","Timestamp":"2026-11-30T20:22:00.000Z"}}]}`, false},
		{"no JSON", `{"Records":[`, true},
		{"an answer that is none", answer("111122223333", "us-east-1", id), true},
		{"an answer of another account", answer("444455556666", "us-east-1", id), true},
		{"an answer of no execution", answer("111122223333", "us-east-1", other), false},
		{"another event", `{"source":"aws.codebuild","detail-type":"CodeBuild Build State Change","detail":{}}`, false},
	} {
		if result := f.Invoke(t, test.payload); result.Failed != test.fails {
			t.Errorf("%s: failed %t: %s", test.name, result.Failed, result.Body)
		} else if strings.Contains(result.Body, token) {
			t.Errorf("%s: the error has the token: %s", test.name, result.Body)
		}
		w.wantStatus(id, pipeline.StatusInProgress)
	}
	w.wantMessages()
	w.stop(f)
}

// Several instances get the same events at once, and replies get lost.
func TestDoubles(t *testing.T) {
	t.Parallel()
	w := newWorld(t, `[{"pipeline": "shop", "statuses": {}}]`, shop(gitHub()))
	id := w.start(commitA)
	request := w.request(id)
	w.addStatus(w.github, commitA, "build", "success")
	w.aws.SetFaults(pipelinetest.Faults{LateErrorRate: 0.2, LateDropRate: 0.1, Seed: 8})
	instances := []*lambdatest.Function{w.function(), w.function(), w.function()}
	var wg sync.WaitGroup
	for i, f := range instances {
		wg.Go(func() {
			for try := 0; try < 20; try++ { // as Lambda does, and SNS after it
				if result := f.Invoke(t, []string{request, sweep}[i%2]); !result.Failed {
					break
				} else if try == 19 {
					t.Error(result.Body)
				}
			}
		})
	}
	wg.Wait()
	w.aws.SetFaults(pipelinetest.Faults{})
	w.settle(instances[0])
	w.wantStatus(id, pipeline.StatusSucceeded)
	w.wantMessages([]string{"was approved"})
	for _, f := range instances {
		w.stop(f)
	}
}

// What cannot be read does not approve: the request waits, and the schedule fails so
// that an alarm shows it.
func TestGitHubRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, `[{"pipeline": "shop", "statuses": {"on_failure": "reject"}}]`, shop(gitHub()))
	w.github.RevokeToken(githubtest.Token)
	f := w.function()
	id := w.start(commitA)
	w.invoke(f, w.request(id))
	w.wantMessages([]string{"waits for approval", "statuses: could not be found out"})
	if result := f.Invoke(t, sweep); !result.Failed || !strings.Contains(result.Body, "the token is wrong, expired or revoked") {
		t.Errorf("failed %t: %s", result.Failed, result.Body)
	}
	w.wantStatus(id, pipeline.StatusInProgress)
	w.github.AddToken(githubtest.Token)
	w.addStatus(w.github, commitA, "build", "success")
	w.invoke(f, sweep)
	w.wantStatus(id, pipeline.StatusSucceeded)
	w.stop(f)
}

// A message that could not be sent is sent when the event comes again.
func TestTopicRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, `[{"pipeline": "shop", "statuses": {}}]`, shop(gitHub()))
	f := w.function()
	id := w.start(commitA)
	request := w.request(id)
	w.refuse = 1
	if result := f.Invoke(t, request); !result.Failed || !strings.Contains(result.Body, topicARN) {
		t.Errorf("failed %t: %s", result.Failed, result.Body)
	}
	w.wantMessages()
	w.invoke(f, request)
	w.wantMessages([]string{"waits for approval", "statuses: source action App (octo/app@aaaaaaa) has no status"})
	w.stop(f)
}
