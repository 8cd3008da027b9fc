package pipelinetest_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"

	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

func TestGetPipelineState(t *testing.T) {
	t.Parallel()
	p := app()
	p.Stages[1].Actions = p.Stages[1].Actions[:1]
	p.Stages[1].Actions[0].Run = func(r pipelinetest.ActionRun) pipelinetest.Outcome {
		return pipelinetest.Outcome{State: pipelinetest.StateFailed, ExternalID: "app-build:1", URL: pipelinetest.NoURL, ErrorMessage: "exit status 1"}
	}
	server, client := newServer(t, p)
	created := start
	server.SetRevision("app", "Source", pipelinetest.Revision{ID: commit, Message: "Fix", Created: created})
	id := begin(t, server, "app")
	server.Settle()
	if err := retry(t.Context(), client, "app", "Build", id, types.StageRetryModeFailedActions); err != nil {
		t.Fatal(err)
	}
	server.Settle()
	got, err := client.GetPipelineState(t.Context(), &awscodepipeline.GetPipelineStateInput{Name: aws.String("app")})
	if err != nil {
		t.Fatal(err)
	}
	list := actions(t, client, "app", id)
	execution := func(status types.StageExecutionStatus) *types.StageExecution {
		return &types.StageExecution{PipelineExecutionId: &id, Status: status, Type: types.ExecutionTypeStandard}
	}
	now := start
	enabled := &types.TransitionState{Enabled: true}
	diff(t, "stages", []types.StageState{
		{
			StageName: aws.String("Source"), InboundExecutions: []types.StageExecution{}, LatestExecution: execution("Succeeded"),
			ActionStates: []types.ActionState{{
				ActionName:      aws.String("Source"),
				CurrentRevision: &types.ActionRevision{RevisionId: aws.String(commit), RevisionChangeId: aws.String(commit), Created: &created},
				EntityUrl:       aws.String("https://github.com/octo/app/tree/main"),
				RevisionUrl:     aws.String("https://github.com/octo/app/commit/" + commit),
				LatestExecution: &types.ActionExecution{
					ActionExecutionId: list[2].ActionExecutionId, Status: "Succeeded", Summary: aws.String("Fix"), LastStatusChange: &now,
					ExternalExecutionId: aws.String(commit), ExternalExecutionUrl: aws.String("https://github.com/octo/app/commit/" + commit),
				},
			}},
		},
		{
			StageName: aws.String("Build"), InboundExecutions: []types.StageExecution{}, LatestExecution: execution("Failed"), InboundTransitionState: enabled,
			RetryStageMetadata: &types.RetryStageMetadata{ManualStageRetryAttempt: aws.Int32(1), LatestRetryTrigger: "ManualStageRetry"},
			ActionStates: []types.ActionState{{
				ActionName: aws.String("Compile"),
				EntityUrl:  aws.String("https://console.aws.amazon.com/codebuild/home?region=us-east-1#/projects/app-build/view"),
				LatestExecution: &types.ActionExecution{
					ActionExecutionId: list[0].ActionExecutionId, Status: "Failed", Summary: aws.String("Build terminated with state: FAILED"), LastStatusChange: &now,
					ExternalExecutionId: aws.String("app-build:1"), ErrorDetails: &types.ErrorDetails{Code: aws.String("JobFailed"), Message: aws.String("exit status 1")},
				},
			}},
		},
		{
			StageName: aws.String("Deploy"), InboundExecutions: []types.StageExecution{}, InboundTransitionState: enabled,
			ActionStates: []types.ActionState{{
				ActionName: aws.String("Deploy"),
				EntityUrl:  aws.String("https://console.aws.amazon.com/codedeploy/home?region=us-east-1#/applications/app/deployment-groups/prod"),
			}},
		},
	}, got.StageStates, ignoreUnexported)
	if *got.PipelineName != "app" || *got.PipelineVersion != 1 || got.Created == nil || got.Updated == nil {
		t.Errorf("state %+v", got)
	}
}

func TestGetPipeline(t *testing.T) {
	t.Parallel()
	p := app()
	p.EncryptionKey = "arn:aws:kms:us-east-1:111122223333:key/k"
	p.Variables = []pipelinetest.Variable{{Name: "env", DefaultValue: "test", Description: "where to"}}
	p.ExecutionMode = "QUEUED"
	p.Stages[1].Actions[1].RunOrder = 2
	_, client := newServer(t, p, short("short"), short("another"))
	got, err := client.GetPipeline(t.Context(), &awscodepipeline.GetPipelineInput{Name: aws.String("app")})
	if err != nil {
		t.Fatal(err)
	}
	source := types.ActionDeclaration{
		Name: aws.String("Source"), ActionTypeId: &types.ActionTypeId{Category: "Source", Owner: "ThirdParty", Provider: aws.String("GitHub"), Version: aws.String("1")},
		RunOrder: aws.Int32(1), Region: aws.String("us-east-1"), InputArtifacts: []types.InputArtifact{},
		Configuration:   map[string]string{"Owner": "octo", "Repo": "app", "Branch": "main", "OAuthToken": "****", "PollForSourceChanges": "false"},
		OutputArtifacts: []types.OutputArtifact{{Name: aws.String("SourceArtifact")}},
	}
	diff(t, "source action", source, got.Pipeline.Stages[0].Actions[0], ignoreUnexported)
	if lint := got.Pipeline.Stages[1].Actions[1]; *lint.RunOrder != 2 || *lint.InputArtifacts[0].Name != "SourceArtifact" {
		t.Errorf("action %+v", lint)
	}
	got.Pipeline.Stages = nil
	diff(t, "pipeline", &types.PipelineDeclaration{
		Name: aws.String("app"), RoleArn: aws.String("arn:aws:iam::111122223333:role/codepipeline-service-role"), Version: aws.Int32(1),
		ExecutionMode: "QUEUED", PipelineType: "V2",
		ArtifactStore: &types.ArtifactStore{
			Type: "S3", Location: aws.String("codepipeline-us-east-1-111122223333"),
			EncryptionKey: &types.EncryptionKey{Id: aws.String("arn:aws:kms:us-east-1:111122223333:key/k"), Type: "KMS"},
		},
		Variables: []types.PipelineVariableDeclaration{{Name: aws.String("env"), DefaultValue: aws.String("test"), Description: aws.String("where to")}},
	}, got.Pipeline, ignoreUnexported)
	if *got.Metadata.PipelineArn != "arn:aws:codepipeline:us-east-1:111122223333:app" {
		t.Errorf("ARN %s", *got.Metadata.PipelineArn)
	}

	var names []string
	pages := awscodepipeline.NewListPipelinesPaginator(client, &awscodepipeline.ListPipelinesInput{MaxResults: aws.Int32(2)})
	for pages.HasMorePages() {
		out, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range out.Pipelines {
			names = append(names, *p.Name+" "+string(p.ExecutionMode))
		}
	}
	diff(t, "pipelines", []string{"another SUPERSEDED", "app QUEUED", "short SUPERSEDED"}, names)
}
