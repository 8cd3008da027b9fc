package pipelinetest_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"
	"github.com/aws/smithy-go/middleware"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

var ignoreUnexported = cmpopts.IgnoreUnexported(types.PipelineExecution{}, types.ArtifactRevision{}, types.ExecutionTrigger{}, types.ResolvedPipelineVariable{},
	types.PipelineExecutionSummary{}, types.SourceRevision{}, types.ActionExecutionDetail{}, types.ActionExecutionInput{}, types.ActionExecutionOutput{},
	types.ActionTypeId{}, types.ArtifactDetail{}, types.S3Location{}, types.ActionExecutionResult{}, types.PipelineRollbackMetadata{},
	types.PipelineDeclaration{}, types.StageDeclaration{}, types.ActionDeclaration{}, types.ArtifactStore{}, types.EncryptionKey{}, types.InputArtifact{},
	types.OutputArtifact{}, types.PipelineVariableDeclaration{}, types.PipelineMetadata{}, types.StageState{}, types.ActionState{}, types.ActionExecution{},
	types.ActionRevision{}, types.StageExecution{}, types.TransitionState{}, types.RetryStageMetadata{}, types.ErrorDetails{}, types.PipelineSummary{},
	middleware.Metadata{})

const commit = "bc051f8d7fbf183dbb840462cb5c17d887964842"

func TestGetPipelineExecution(t *testing.T) {
	t.Parallel()
	p := app()
	p.Version = 7
	p.Variables = []pipelinetest.Variable{{Name: "env", DefaultValue: "test"}, {Name: "flavor", DefaultValue: "plain"}}
	server, client := newServer(t, p)
	created := start.Add(-time.Hour)
	server.SetRevision("app", "Source", pipelinetest.Revision{ID: commit, Message: "Fix\n\nit", ChangeID: "c", Created: created})
	out, err := client.StartPipelineExecution(t.Context(), &awscodepipeline.StartPipelineExecutionInput{
		Name: aws.String("app"), Variables: []types.PipelineVariable{{Name: aws.String("env"), Value: aws.String("prod")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	id := *out.PipelineExecutionId
	want := &types.PipelineExecution{
		PipelineName:        aws.String("app"),
		PipelineVersion:     aws.Int32(7),
		PipelineExecutionId: &id,
		Status:              types.PipelineExecutionStatusInProgress,
		ArtifactRevisions:   []types.ArtifactRevision{},
		ExecutionMode:       types.ExecutionModeSuperseded,
		ExecutionType:       types.ExecutionTypeStandard,
		Trigger:             &types.ExecutionTrigger{TriggerType: types.TriggerTypeStartPipelineExecution, TriggerDetail: aws.String("arn:aws:iam::111122223333:user/test")},
		Variables: []types.ResolvedPipelineVariable{
			{Name: aws.String("env"), ResolvedValue: aws.String("prod")},
			{Name: aws.String("flavor"), ResolvedValue: aws.String("plain")},
		},
	}
	diff(t, "execution", want, get(t, client, "app", id), ignoreUnexported)
	for range 3 {
		server.Advance()
	}
	want.ArtifactRevisions = []types.ArtifactRevision{{
		Name: aws.String("SourceArtifact"), RevisionId: aws.String(commit), RevisionChangeIdentifier: aws.String("c"),
		RevisionSummary: aws.String("Fix\n\nit"), RevisionUrl: aws.String("https://github.com/octo/app/commit/" + commit), Created: &created,
	}}
	diff(t, "execution", want, get(t, client, "app", id), ignoreUnexported)

	list, err := client.ListPipelineExecutions(t.Context(), &awscodepipeline.ListPipelineExecutionsInput{PipelineName: aws.String("app")})
	if err != nil {
		t.Fatal(err)
	}
	now := start
	diff(t, "summaries", []types.PipelineExecutionSummary{{
		PipelineExecutionId: &id, Status: want.Status, StartTime: &now, LastUpdateTime: &now, Trigger: want.Trigger,
		ExecutionMode: want.ExecutionMode, ExecutionType: want.ExecutionType,
		SourceRevisions: []types.SourceRevision{{
			ActionName: aws.String("Source"), RevisionId: aws.String(commit), RevisionSummary: aws.String("Fix\n\nit"),
			RevisionUrl: aws.String("https://github.com/octo/app/commit/" + commit),
		}},
	}}, list.PipelineExecutionSummaries, ignoreUnexported)
}

func TestStartPipelineExecution(t *testing.T) {
	t.Parallel()
	p := app()
	p.Variables = []pipelinetest.Variable{{Name: "env"}}
	s3 := pipelinetest.S3Source("Config", "bucket", "config.zip")
	s3.Configuration["AllowOverrideForS3ObjectKey"] = "true"
	p.Stages[0].Actions = append(p.Stages[0].Actions, s3, pipelinetest.S3Source("Fixed", "bucket", "fixed.zip"), pipelinetest.ECRSource("Image", "app", "v1"))
	server, client := newServer(t, p)
	env := []types.PipelineVariable{{Name: aws.String("env"), Value: aws.String("prod")}}
	call := func(in awscodepipeline.StartPipelineExecutionInput) (string, error) {
		t.Helper()
		in.Name = aws.String("app")
		out, err := client.StartPipelineExecution(t.Context(), &in)
		if err != nil {
			return "", err
		}
		return *out.PipelineExecutionId, nil
	}
	override := func(pairs ...string) []types.SourceRevisionOverride {
		var list []types.SourceRevisionOverride
		for words := range slices.Chunk(pairs, 3) {
			list = append(list, types.SourceRevisionOverride{ActionName: &words[0], RevisionType: types.SourceRevisionType(words[1]), RevisionValue: &words[2]})
		}
		return list
	}
	for _, test := range []struct {
		name string
		in   awscodepipeline.StartPipelineExecutionInput
	}{
		{"no variable", awscodepipeline.StartPipelineExecutionInput{}},
		{"unknown variable", awscodepipeline.StartPipelineExecutionInput{Variables: append(env[:1:1], types.PipelineVariable{Name: aws.String("other"), Value: aws.String("x")})}},
		{"variable twice", awscodepipeline.StartPipelineExecutionInput{Variables: append(env[:1:1], env...)}},
		{"empty list of variables", awscodepipeline.StartPipelineExecutionInput{Variables: []types.PipelineVariable{}}},
		{"empty value", awscodepipeline.StartPipelineExecutionInput{Variables: []types.PipelineVariable{{Name: aws.String("env"), Value: aws.String("")}}}},
		{"bad name", awscodepipeline.StartPipelineExecutionInput{Variables: []types.PipelineVariable{{Name: aws.String("e nv"), Value: aws.String("x")}}}},
		{"bad token", awscodepipeline.StartPipelineExecutionInput{Variables: env, ClientRequestToken: aws.String("a_b")}},
		{"unknown action", awscodepipeline.StartPipelineExecutionInput{Variables: env, SourceRevisions: override("Compile", "COMMIT_ID", commit)}},
		{"unknown type", awscodepipeline.StartPipelineExecutionInput{Variables: env, SourceRevisions: override("Source", "TAG", commit)}},
		{"type of another provider", awscodepipeline.StartPipelineExecutionInput{Variables: env, SourceRevisions: override("Source", "IMAGE_DIGEST", "sha256:1")}},
		{"twice", awscodepipeline.StartPipelineExecutionInput{Variables: env, SourceRevisions: override("Source", "COMMIT_ID", commit, "Source", "COMMIT_ID", commit)}},
		{"key that is fixed", awscodepipeline.StartPipelineExecutionInput{Variables: env, SourceRevisions: override("Fixed", "S3_OBJECT_KEY", "other.zip")}},
	} {
		if _, err := call(test.in); code(err) != "ValidationException" {
			t.Errorf("%s: error %v", test.name, err)
		}
	}

	id, err := call(awscodepipeline.StartPipelineExecutionInput{Variables: env, SourceRevisions: override(
		"Source", "COMMIT_ID", commit, "Config", "S3_OBJECT_KEY", "other.zip", "Config", "S3_OBJECT_VERSION_ID", "v2",
		"Fixed", "S3_OBJECT_VERSION_ID", "v3", "Image", "IMAGE_DIGEST", "sha256:4")})
	if err != nil {
		t.Fatal(err)
	}
	server.Settle()
	got := make(map[string]string)
	for _, a := range actions(t, client, "app", id) {
		if a.Input.ActionTypeId.Category == types.ActionCategorySource {
			got[*a.ActionName] = *a.Output.ExecutionResult.ExternalExecutionId + " " + a.Input.ResolvedConfiguration["S3ObjectKey"]
		}
	}
	diff(t, "revisions", map[string]string{"Source": commit + " ", "Config": "v2 other.zip", "Fixed": "v3 fixed.zip", "Image": "sha256:4 "}, got)

	// A token stands for one execution.
	token := aws.String("a-token")
	first, err := call(awscodepipeline.StartPipelineExecutionInput{Variables: env, ClientRequestToken: token})
	if err != nil {
		t.Fatal(err)
	}
	server.Settle()
	if again, err := call(awscodepipeline.StartPipelineExecutionInput{Variables: env, ClientRequestToken: token}); again != first || err != nil {
		t.Errorf("execution %s, %v, want %s", again, err, first)
	}
	other := []types.PipelineVariable{{Name: aws.String("env"), Value: aws.String("dev")}}
	if _, err := call(awscodepipeline.StartPipelineExecutionInput{Variables: other, ClientRequestToken: token}); code(err) != "ValidationException" {
		t.Errorf("token of another request: %v", err)
	}
	if _, err := server.StartExecution("app", pipelinetest.Trigger{}); err == nil || !strings.Contains(err.Error(), "env") {
		t.Errorf("start without a value of env: %v", err)
	}
}

// The revisions of several sources come in an order that varies.
func TestOrderOfRevisions(t *testing.T) {
	t.Parallel()
	p := app()
	p.Stages[0].Actions = append(p.Stages[0].Actions, pipelinetest.CodeCommitSource("Config", "config", "main"), pipelinetest.S3Source("Data", "bucket", "data.zip"))
	server, client := newServer(t, p)
	id := begin(t, server, "app")
	server.Settle()
	first := make(map[string]bool)
	firstListed := make(map[string]bool)
	for range 50 {
		revisions := get(t, client, "app", id).ArtifactRevisions
		if len(revisions) != 3 {
			t.Fatalf("%d revisions", len(revisions))
		}
		first[*revisions[0].Name] = true
		list, err := client.ListPipelineExecutions(t.Context(), &awscodepipeline.ListPipelineExecutionsInput{PipelineName: aws.String("app")})
		if err != nil {
			t.Fatal(err)
		}
		firstListed[*list.PipelineExecutionSummaries[0].SourceRevisions[0].ActionName] = true
	}
	diff(t, "first revisions", map[string]bool{"SourceArtifact": true, "ConfigArtifact": true, "DataArtifact": true}, first)
	diff(t, "first listed revisions", map[string]bool{"Source": true, "Config": true, "Data": true}, firstListed)
}

func TestListActionExecutions(t *testing.T) {
	t.Parallel()
	p := app()
	p.ArtifactBucket = "artifacts"
	p.Stages[0].Actions[0].Namespace = "Src"
	p.Stages[0].Actions[0].RoleARN = "arn:aws:iam::111122223333:role/source"
	p.Stages[1].Actions[0].Configuration["Commit"] = "#{Src.CommitId} of #{codepipeline.PipelineExecutionId}"
	p.Stages[1].Actions[0].Secrets = []string{"Commit", "absent"}
	p.Stages[1].Actions[1].Run = failFirst
	server, client := newServer(t, p)
	id := begin(t, server, "app", pipelinetest.SourceRevision{Action: "Source", Revision: pipelinetest.Revision{ID: commit, Message: "Fix it"}})
	server.Settle()
	list := actions(t, client, "app", id)
	if len(list) != 3 {
		t.Fatalf("%d actions", len(list))
	}
	now := start
	source := types.ArtifactDetail{Name: aws.String("SourceArtifact"), S3location: list[2].Output.OutputArtifacts[0].S3location}
	if key := *source.S3location.Key; !strings.HasPrefix(key, "app/SourceArti/") || len(key) != len("app/SourceArti/")+7 {
		t.Errorf("key %s", key)
	}
	configuration := map[string]string{"Owner": "octo", "Repo": "app", "Branch": "main", "OAuthToken": "****", "PollForSourceChanges": "false"}
	diff(t, "source", types.ActionExecutionDetail{
		PipelineExecutionId: &id, ActionExecutionId: list[2].ActionExecutionId, PipelineVersion: aws.Int32(1), StageName: aws.String("Source"), ActionName: aws.String("Source"),
		StartTime: &now, LastUpdateTime: &now, Status: types.ActionExecutionStatusSucceeded,
		Input: &types.ActionExecutionInput{
			ActionTypeId:  &types.ActionTypeId{Category: "Source", Owner: "ThirdParty", Provider: aws.String("GitHub"), Version: aws.String("1")},
			Configuration: configuration, ResolvedConfiguration: configuration, Region: aws.String("us-east-1"), InputArtifacts: []types.ArtifactDetail{},
			Namespace: aws.String("Src"), RoleArn: aws.String("arn:aws:iam::111122223333:role/source"),
		},
		Output: &types.ActionExecutionOutput{
			OutputArtifacts: []types.ArtifactDetail{{Name: aws.String("SourceArtifact"), S3location: &types.S3Location{Bucket: aws.String("artifacts"), Key: source.S3location.Key}}},
			ExecutionResult: &types.ActionExecutionResult{
				ExternalExecutionId: aws.String(commit), ExternalExecutionSummary: aws.String("Fix it"), ExternalExecutionUrl: aws.String("https://github.com/octo/app/commit/" + commit),
			},
			OutputVariables: map[string]string{"AuthorDate": "2026-05-07T13:22:34Z", "BranchName": "main", "CommitId": commit, "CommitMessage": "Fix it",
				"CommitterDate": "2026-05-07T13:22:34Z", "CommitUrl": "https://github.com/octo/app/commit/" + commit, "RepositoryName": "octo/app"},
		},
	}, list[2], ignoreUnexported)
	compile := list[1]
	diff(t, "configuration", map[string]string{"ProjectName": "app-build", "Commit": "****"}, compile.Input.ResolvedConfiguration)
	diff(t, "input artifacts", []types.ArtifactDetail{source}, compile.Input.InputArtifacts, ignoreUnexported)

	if err := retry(t.Context(), client, "app", "Build", id, types.StageRetryModeFailedActions); err != nil {
		t.Fatal(err)
	}
	server.Settle()
	other := begin(t, server, "app")
	server.Settle()
	if failed := actions(t, client, "app", other); len(failed) != 3 {
		t.Errorf("%d actions of another execution", len(failed))
	}
	names := func(filter *types.ActionExecutionFilter, size int32) []string {
		t.Helper()
		var list []string
		pages := awscodepipeline.NewListActionExecutionsPaginator(client, &awscodepipeline.ListActionExecutionsInput{PipelineName: aws.String("app"), Filter: filter, MaxResults: &size})
		for pages.HasMorePages() {
			out, err := pages.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if len(out.ActionExecutionDetails) > int(size) {
				t.Errorf("a page has %d entries", len(out.ActionExecutionDetails))
			}
			for _, a := range out.ActionExecutionDetails {
				list = append(list, *a.ActionName+" "+string(a.Status))
			}
		}
		return list
	}
	latest := func(r types.StartTimeRange) *types.ActionExecutionFilter {
		return &types.ActionExecutionFilter{LatestInPipelineExecution: &types.LatestInPipelineExecutionFilter{PipelineExecutionId: &id, StartTimeRange: r}}
	}
	all := []string{"Deploy Succeeded", "Lint Succeeded", "Lint Failed", "Compile Succeeded", "Source Succeeded"}
	for size := range int32(4) {
		diff(t, "of the execution", all, names(&types.ActionExecutionFilter{PipelineExecutionId: &id}, size+1))
	}
	diff(t, "all of the execution", all, names(latest(types.StartTimeRangeAll), 100))
	diff(t, "latest of the execution", []string{"Deploy Succeeded", "Lint Succeeded", "Compile Succeeded", "Source Succeeded"}, names(latest(types.StartTimeRangeLatest), 2))
	diff(t, "of the pipeline", append([]string{"Lint Failed", "Compile Succeeded", "Source Succeeded"}, all...), names(nil, 3))
}

func TestListPipelineExecutions(t *testing.T) {
	t.Parallel()
	p := app()
	p.Stages[1].Actions[0].Run = func(pipelinetest.ActionRun) pipelinetest.Outcome {
		return pipelinetest.Outcome{State: pipelinetest.StateFailed}
	}
	server, client := newServer(t, p)
	var want []string
	for range 5 {
		want = slices.Insert(want, 0, begin(t, server, "app"))
		server.Settle()
	}
	for size := range int32(6) {
		var got []string
		in := &awscodepipeline.ListPipelineExecutionsInput{PipelineName: aws.String("app"), MaxResults: aws.Int32(size + 1)}
		for {
			out, err := client.ListPipelineExecutions(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range out.PipelineExecutionSummaries {
				got = append(got, *e.PipelineExecutionId)
			}
			if in.NextToken = out.NextToken; in.NextToken == nil {
				break
			}
			if size == 2 { // one that comes meanwhile does not move the rest
				begin(t, server, "app")
				server.Settle()
			}
		}
		diff(t, "executions", want, got)
		if size == 2 {
			break
		}
	}
	for stage, n := range map[string]int{"Source": 6, "Build": 0, "unknown": 0} {
		out, err := client.ListPipelineExecutions(t.Context(), &awscodepipeline.ListPipelineExecutionsInput{
			PipelineName: aws.String("app"), Filter: &types.PipelineExecutionFilter{SucceededInStage: &types.SucceededInStageFilter{StageName: &stage}},
		})
		if err != nil || len(out.PipelineExecutionSummaries) != n {
			t.Errorf("%d executions succeeded in %s, %v", len(out.PipelineExecutionSummaries), stage, err)
		}
	}
	out, err := client.ListPipelineExecutions(t.Context(), &awscodepipeline.ListPipelineExecutionsInput{PipelineName: aws.String("app"), MaxResults: aws.Int32(1)})
	if err != nil {
		t.Fatal(err)
	}
	for _, in := range []*awscodepipeline.ListPipelineExecutionsInput{
		{PipelineName: aws.String("app"), NextToken: aws.String("nonsense")},
		{PipelineName: aws.String("app"), NextToken: out.NextToken, Filter: &types.PipelineExecutionFilter{SucceededInStage: &types.SucceededInStageFilter{StageName: aws.String("Source")}}},
	} {
		if _, err := client.ListPipelineExecutions(t.Context(), in); code(err) != "InvalidNextTokenException" {
			t.Errorf("token %s: %v", *in.NextToken, err)
		}
	}
}
