package approval_test

import (
	"context"
	"fmt"
	"log"
	"strings"
	"testing/fstest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	"github.com/aws/aws-sdk-go-v2/service/codecommit/types"

	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/pipeline"
	"github.com/codesuite-go/codesuite/pipeline/approval"
)

// The approval of a commit that was merged without a review waits.
func ExampleCodeCommit() {
	server, err := codecommittest.Start(codecommittest.FS("shop", fstest.MapFS{"README": {Data: []byte("shop\n")}}))
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	if _, err := server.Commit("shop", "topic", fstest.MapFS{"README": {Data: []byte("Shop\n")}}); err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	client := awscodecommit.NewFromConfig(server.Config()) // in production: that of the account
	opened, err := client.CreatePullRequest(ctx, &awscodecommit.CreatePullRequestInput{
		Title: aws.String("Say it louder"), Targets: []types.Target{{RepositoryName: aws.String("shop"), SourceReference: aws.String("topic")}},
	})
	if err != nil {
		log.Fatal(err)
	}
	merged, err := client.MergePullRequestByFastForward(ctx, &awscodecommit.MergePullRequestByFastForwardInput{
		PullRequestId: opened.PullRequest.PullRequestId, RepositoryName: aws.String("shop"),
	})
	if err != nil {
		log.Fatal(err)
	}

	rule := &approval.Reviews{Readers: []approval.PullRequestReader{approval.NewCodeCommit(client, "111122223333", "us-east-1")}}
	// An Approver asks the rule about approvals that wait.
	decision, reason, err := rule.Judge(ctx, &pipeline.Approval{Execution: &pipeline.Execution{
		Revisions: []pipeline.Revision{{
			Action: "App", Provider: events.ProviderCodeCommit, Region: "us-east-1", Repository: "shop", Branch: "main",
			ID: aws.ToString(merged.PullRequest.PullRequestTargets[0].MergeMetadata.MergeCommitId),
		}},
		Actions: []pipeline.ActionExecution{{Action: "App", Type: events.ActionType{Category: "Source", Owner: "AWS", Provider: "CodeCommit"}}},
	}}, time.Now())
	_, reason, _ = strings.Cut(reason, ": ") // without the source action and the commit
	fmt.Println(decision, err)
	fmt.Println(reason)
	// Output:
	// wait <nil>
	// pull request 1 has no approval rule
}
