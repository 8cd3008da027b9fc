package pipelinetest_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"

	"github.com/codesuite-go/codesuite/pipeline/actiontype"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

var scanType = actiontype.Type{
	Category: "Test", Owner: actiontype.OwnerThirdParty, Provider: "Scan", Version: "1",
	Properties: []actiontype.Property{
		{Name: "Level", Description: "how deep", Required: true, Queryable: true},
		{Name: "Token", Required: true, Secret: true},
	},
	Inputs: actiontype.ArtifactCount{Min: 0, Max: 7}, EntityURLTemplate: "https://example.com/{Config:Level}",
}

func scanning() pipelinetest.Pipeline {
	p := short("scanning")
	p.Stages[1].Actions = []pipelinetest.Action{
		pipelinetest.ThirdPartyAction("Scan", "Test", "Scan", "1", map[string]string{"Level": "3", "Token": "t"}, "SourceArtifact"),
	}
	return p
}

func scanID() (id struct{ Category, Owner, Provider, Version string }) {
	id.Category, id.Owner, id.Provider, id.Version = "Test", "ThirdParty", "Scan", "1"
	return id
}

func getScan(t *testing.T, client *awscodepipeline.Client) *types.ActionTypeDeclaration {
	t.Helper()
	id := scanID()
	out, err := client.GetActionType(t.Context(), &awscodepipeline.GetActionTypeInput{
		Category: types.ActionCategory(id.Category), Owner: &id.Owner, Provider: &id.Provider, Version: &id.Version,
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.ActionType
}

func TestIntegratedWorker(t *testing.T) {
	t.Parallel()
	server, client := newServer(t, scanning())
	if err := server.AddActionType(scanType, pipelinetest.Executor{}); err != nil {
		t.Fatal(err)
	}
	d := getScan(t, client)
	if d.Executor.Type != types.ExecutorTypeJobWorker || d.InputArtifactDetails.MaximumCount != 7 || d.Properties[0].Optional || !d.Properties[1].NoEcho ||
		*d.Urls.EntityUrlTemplate != scanType.EntityURLTemplate {
		t.Errorf("declaration %+v", d)
	}
	id := begin(t, server, "scanning")
	server.Settle()
	polled, err := client.PollForJobs(t.Context(), &awscodepipeline.PollForJobsInput{
		ActionTypeId: &types.ActionTypeId{Category: "Test", Owner: "ThirdParty", Provider: aws.String("Scan"), Version: aws.String("1")},
		QueryParam:   map[string]string{"Level": "3"},
	})
	if err != nil || len(polled.Jobs) != 1 {
		t.Fatalf("jobs %+v, %v", polled, err)
	}
	job := polled.Jobs[0]
	if _, err := client.AcknowledgeJob(t.Context(), &awscodepipeline.AcknowledgeJobInput{JobId: job.Id, Nonce: job.Nonce}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.PutJobSuccessResult(t.Context(), &awscodepipeline.PutJobSuccessResultInput{JobId: job.Id}); err != nil {
		t.Fatal(err)
	}
	server.Settle()
	equal(t, "status", types.PipelineExecutionStatusSucceeded, get(t, client, "scanning", id).Status)
}

func TestIntegratedFunction(t *testing.T) {
	t.Parallel()
	server, client := newServer(t, scanning())
	now := start
	server.SetClock(func() time.Time { return now })
	if err := server.AddActionType(scanType, pipelinetest.Executor{Function: "arn:aws:lambda:us-east-1:111122223333:function:scan:live", Timeout: time.Minute}); err != nil {
		t.Fatal(err)
	}
	server.OnInvoke(func(function string, payload []byte) {
		var event map[string]struct{ ID string }
		if err := json.Unmarshal(payload, &event); err != nil || function != "scan" {
			t.Errorf("invoked %s: %v", function, err)
		}
		id := event["CodePipeline.job"].ID
		if _, err := client.PutJobSuccessResult(t.Context(), &awscodepipeline.PutJobSuccessResultInput{JobId: &id, OutputVariables: map[string]string{"A": "1"}}); err != nil {
			t.Error(err)
		}
	})
	id := begin(t, server, "scanning")
	server.Settle()
	equal(t, "status", types.PipelineExecutionStatusSucceeded, get(t, client, "scanning", id).Status)

	// A function that does not answer has the time of a job.
	server.OnInvoke(nil)
	id = begin(t, server, "scanning")
	server.Settle()
	now = now.Add(59 * time.Second)
	server.Settle()
	equal(t, "status", types.PipelineExecutionStatusInProgress, get(t, client, "scanning", id).Status)
	now = now.Add(time.Second)
	server.Settle()
	equal(t, "status", types.PipelineExecutionStatusFailed, get(t, client, "scanning", id).Status)
	poll := &awscodepipeline.PollForJobsInput{ActionTypeId: &types.ActionTypeId{Category: "Test", Owner: "ThirdParty", Provider: aws.String("Scan"), Version: aws.String("1")}}
	if _, err := client.PollForJobs(t.Context(), poll); code(err) != "ValidationException" {
		t.Errorf("a poll for the jobs of a function: %v", err)
	}
}

func TestUpdateActionType(t *testing.T) {
	t.Parallel()
	server, client := newServer(t)
	if err := server.AddActionType(scanType, pipelinetest.Executor{}); err != nil {
		t.Fatal(err)
	}
	update := func(change func(*types.ActionTypeDeclaration)) error {
		d := getScan(t, client)
		change(d)
		_, err := client.UpdateActionType(t.Context(), &awscodepipeline.UpdateActionTypeInput{ActionType: d})
		return err
	}
	if err := update(func(d *types.ActionTypeDeclaration) {
		d.Description = aws.String("Scans")
		d.Executor = &types.ActionTypeExecutor{Type: types.ExecutorTypeLambda, JobTimeout: aws.Int32(120), Configuration: &types.ExecutorConfiguration{
			LambdaExecutorConfiguration: &types.LambdaExecutorConfiguration{LambdaFunctionArn: aws.String("arn:aws:lambda:us-east-1:111122223333:function:scan")},
		}}
		d.Permissions = &types.ActionTypePermissions{AllowedAccounts: []string{"444455556666"}}
	}); err != nil {
		t.Fatal(err)
	}
	d := getScan(t, client)
	if *d.Description != "Scans" || *d.Executor.JobTimeout != 120 || d.Executor.Configuration.LambdaExecutorConfiguration == nil || d.Permissions.AllowedAccounts[0] != "444455556666" {
		t.Errorf("declaration %+v", d)
	}
	for name, test := range map[string]struct {
		change func(*types.ActionTypeDeclaration)
		want   string
	}{
		"unknown":     {func(d *types.ActionTypeDeclaration) { d.Id.Provider = aws.String("None") }, "ActionTypeNotFoundException"},
		"custom":      {func(d *types.ActionTypeDeclaration) { d.Id.Owner = aws.String("Custom") }, "ValidationException"},
		"executor":    {func(d *types.ActionTypeDeclaration) { d.Executor.Type = types.ExecutorTypeJobWorker }, "ValidationException"},
		"timeout":     {func(d *types.ActionTypeDeclaration) { d.Executor.JobTimeout = aws.Int32(59) }, "ValidationException"},
		"account":     {func(d *types.ActionTypeDeclaration) { d.Permissions.AllowedAccounts[0] = "1" }, "ValidationException"},
		"artifacts":   {func(d *types.ActionTypeDeclaration) { d.InputArtifactDetails.MaximumCount = 11 }, "ValidationException"},
		"description": {func(d *types.ActionTypeDeclaration) { d.Description = aws.String(strings.Repeat("x", 1025)) }, "ValidationException"},
		"two queries": {func(d *types.ActionTypeDeclaration) { d.Properties[1].Queryable, d.Properties[1].NoEcho = true, false }, "ValidationException"},
		"function ARN": {func(d *types.ActionTypeDeclaration) {
			d.Executor.Configuration.LambdaExecutorConfiguration.LambdaFunctionArn = aws.String("scan")
		}, "ValidationException"},
	} {
		if err := update(test.change); code(err) != test.want {
			t.Errorf("%s: %v, want %s", name, err, test.want)
		}
	}
	built := &awscodepipeline.GetActionTypeInput{Category: "Build", Owner: aws.String("AWS"), Provider: aws.String("CodeBuild"), Version: aws.String("1")}
	if _, err := client.GetActionType(t.Context(), built); code(err) != "ActionTypeNotFoundException" {
		t.Errorf("a built-in type: %v", err)
	}
	for _, wrong := range []struct {
		t actiontype.Type
		e pipelinetest.Executor
	}{
		{actiontype.Type{Category: "Test", Provider: "X", Version: "1"}, pipelinetest.Executor{}},
		{scanType, pipelinetest.Executor{Function: "scan"}},
		{scanType, pipelinetest.Executor{Timeout: time.Second}},
	} {
		if err := server.AddActionType(wrong.t, wrong.e); err == nil {
			t.Errorf("%s with %+v is accepted", wrong.t, wrong.e)
		}
	}
}
