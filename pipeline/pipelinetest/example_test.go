package pipelinetest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"

	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

var website = pipelinetest.Pipeline{
	Name: "website",
	Stages: []pipelinetest.Stage{
		{Name: "Source", Actions: []pipelinetest.Action{pipelinetest.GitHubSource("Source", "octo", "website", "main")}},
		{Name: "Build", Actions: []pipelinetest.Action{pipelinetest.CodeBuildAction("Build", "website", "SourceArtifact")}},
	},
}

func Example() {
	server, err := pipelinetest.Start(website) // NewServer(t, website) in a test
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()

	server.OnEvent(func(payload []byte) {
		var event struct {
			Detail struct{ Stage, Action, State string }
		}
		if err := json.Unmarshal(payload, &event); err != nil {
			log.Fatal(err)
		}
		fmt.Println(strings.Join([]string{event.Detail.Stage, event.Detail.Action, event.Detail.State}, "/"))
	})
	id, err := server.StartExecution("website", pipelinetest.Trigger{Type: "CloudWatchEvent"}, pipelinetest.SourceRevision{
		Action:   "Source",
		Revision: pipelinetest.Revision{ID: "bc051f8d7fbf183dbb840462cb5c17d887964842", Message: "Add a page"},
	})
	if err != nil {
		log.Fatal(err)
	}
	server.Settle()

	client := awscodepipeline.NewFromConfig(server.Config())
	out, err := client.GetPipelineExecution(context.Background(), &awscodepipeline.GetPipelineExecutionInput{
		PipelineName: aws.String("website"), PipelineExecutionId: aws.String(id),
	})
	if err != nil {
		log.Fatal(err)
	}
	revision := out.PipelineExecution.ArtifactRevisions[0]
	fmt.Println(out.PipelineExecution.Status, *revision.RevisionUrl)

	// Output:
	// //STARTED
	// Source//STARTED
	// Source/Source/STARTED
	// Source/Source/SUCCEEDED
	// Source//SUCCEEDED
	// Build//STARTED
	// Build/Build/STARTED
	// Build/Build/SUCCEEDED
	// Build//SUCCEEDED
	// //SUCCEEDED
	// Succeeded https://github.com/octo/website/commit/bc051f8d7fbf183dbb840462cb5c17d887964842
}

// A build that fails at first, and is retried through the API.
func ExampleAction() {
	flaky := website
	build := pipelinetest.CodeBuildAction("Build", "website", "SourceArtifact")
	build.Run = func(run pipelinetest.ActionRun) pipelinetest.Outcome {
		if run.Attempt == 1 {
			return pipelinetest.Outcome{State: pipelinetest.StateFailed}
		}
		return pipelinetest.Outcome{}
	}
	flaky.Stages = []pipelinetest.Stage{website.Stages[0], {Name: "Build", Actions: []pipelinetest.Action{build}}}
	server, err := pipelinetest.Start(flaky)
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	id, err := server.StartExecution("website", pipelinetest.Trigger{})
	if err != nil {
		log.Fatal(err)
	}
	server.Settle()

	client := awscodepipeline.NewFromConfig(server.Config())
	show := func() {
		out, err := client.ListActionExecutions(context.Background(), &awscodepipeline.ListActionExecutionsInput{
			PipelineName: aws.String("website"), Filter: &types.ActionExecutionFilter{PipelineExecutionId: aws.String(id)},
		})
		if err != nil {
			log.Fatal(err)
		}
		latest := out.ActionExecutionDetails[0]
		fmt.Println(*latest.ActionName, latest.Status, aws.ToString(latest.Output.ExecutionResult.ExternalExecutionSummary))
	}
	show()
	_, err = client.RetryStageExecution(context.Background(), &awscodepipeline.RetryStageExecutionInput{
		PipelineName: aws.String("website"), StageName: aws.String("Build"),
		PipelineExecutionId: aws.String(id), RetryMode: types.StageRetryModeFailedActions,
	})
	if err != nil {
		log.Fatal(err)
	}
	server.Settle()
	show()

	// Output:
	// Build Failed Build terminated with state: FAILED
	// Build Succeeded
}

// Events that come twice and out of order, the same in every run.
func ExampleServer_SetDelivery() {
	server, err := pipelinetest.Start(website)
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	server.SetDelivery(pipelinetest.Delivery{DuplicateRate: 0.5, Reorder: 3, Seed: 1})
	delivered := 0
	server.OnEvent(func([]byte) { delivered++ })
	if _, err := server.StartExecution("website", pipelinetest.Trigger{}); err != nil {
		log.Fatal(err)
	}
	server.Settle()
	fmt.Println(len(server.Events()), "events,", delivered > len(server.Events()))
	// Output: 10 events, true
}

// A condition whose rule looks twice, and then keeps the execution out of the stage.
func ExampleRule() {
	guarded := website
	guarded.Stages = append(slices.Clone(website.Stages), pipelinetest.Stage{
		Name: "Release",
		BeforeEntry: &pipelinetest.Condition{Result: "FAIL", Rules: []pipelinetest.Rule{{
			Name: "Healthy", Provider: "LambdaInvoke", Configuration: map[string]string{"FunctionName": "health"},
			Run: func(run pipelinetest.RuleRun) pipelinetest.Outcome {
				if run.Calls == 0 {
					return pipelinetest.Outcome{State: pipelinetest.StateInProgress}
				}
				return pipelinetest.Outcome{State: pipelinetest.StateFailed, Summary: "2 of 3 hosts answer"}
			},
		}}},
		Actions: []pipelinetest.Action{pipelinetest.ApprovalAction("Approve")},
	})
	server, err := pipelinetest.Start(guarded)
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	id, err := server.StartExecution("website", pipelinetest.Trigger{})
	if err != nil {
		log.Fatal(err)
	}

	client := awscodepipeline.NewFromConfig(server.Config())
	for range 2 {
		server.Settle()
		out, err := client.ListRuleExecutions(context.Background(), &awscodepipeline.ListRuleExecutionsInput{
			PipelineName: aws.String("website"), Filter: &types.RuleExecutionFilter{PipelineExecutionId: aws.String(id)},
		})
		if err != nil {
			log.Fatal(err)
		}
		latest := out.RuleExecutionDetails[0]
		fmt.Println(*latest.RuleName, latest.Status)
		if latest.Status == types.RuleExecutionStatusFailed {
			fmt.Println(*latest.Output.ExecutionResult.ExternalExecutionSummary)
		}
	}
	// Output:
	// Healthy InProgress
	// Healthy Failed
	// 2 of 3 hosts answer
}

// A pipeline of an account, from what aws codepipeline get-pipeline prints.
func ExampleServer_AddPipeline() {
	server, err := pipelinetest.Start()
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	if err := server.AddPipeline([]byte(`{"pipeline": {
		"name": "backup", "pipelineType": "V2", "roleArn": "arn:aws:iam::111122223333:role/backup",
		"artifactStore": {"type": "S3", "location": "backup-artifacts"},
		"stages": [
			{"name": "Source", "actions": [{"name": "Data",
				"actionTypeId": {"category": "Source", "owner": "AWS", "provider": "S3", "version": "1"},
				"configuration": {"S3Bucket": "data", "S3ObjectKey": "data.zip"}, "outputArtifacts": [{"name": "Data"}]}]},
			{"name": "Check", "actions": [{"name": "Look",
				"actionTypeId": {"category": "Approval", "owner": "AWS", "provider": "Manual", "version": "1"}}]}
		]}}`)); err != nil {
		log.Fatal(err)
	}
	id, err := server.StartExecution("backup", pipelinetest.Trigger{})
	if err != nil {
		log.Fatal(err)
	}
	server.Settle()

	out, err := awscodepipeline.NewFromConfig(server.Config()).GetPipelineExecution(context.Background(), &awscodepipeline.GetPipelineExecutionInput{
		PipelineName: aws.String("backup"), PipelineExecutionId: aws.String(id),
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("version", *out.PipelineExecution.PipelineVersion, out.PipelineExecution.Status)
	// Output: version 1 InProgress
}
