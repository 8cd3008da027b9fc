package pipelinetest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// declared returns a structure that uses what the server shows but does not act
// on as well.
func declared(name string) *types.PipelineDeclaration {
	id := func(category types.ActionCategory, owner types.ActionOwner, provider string) *types.ActionTypeId {
		return &types.ActionTypeId{Category: category, Owner: owner, Provider: &provider, Version: aws.String("1")}
	}
	return &types.PipelineDeclaration{
		Name:          &name,
		RoleArn:       aws.String("arn:aws:iam::111122223333:role/pipelines"),
		PipelineType:  types.PipelineTypeV2,
		ExecutionMode: types.ExecutionModeQueued,
		ArtifactStore: &types.ArtifactStore{
			Type: types.ArtifactStoreTypeS3, Location: aws.String("app-artifacts"),
			EncryptionKey: &types.EncryptionKey{Id: aws.String("alias/app"), Type: types.EncryptionKeyTypeKms},
		},
		Variables: []types.PipelineVariableDeclaration{{Name: aws.String("BRANCH"), DefaultValue: aws.String("main"), Description: aws.String("what to build")}},
		Stages: []types.StageDeclaration{
			{Name: aws.String("Source"), Actions: []types.ActionDeclaration{{
				Name: aws.String("Source"), ActionTypeId: id(types.ActionCategorySource, types.ActionOwnerThirdParty, "GitHub"), RunOrder: aws.Int32(1),
				Configuration:   map[string]string{"Owner": "octo", "Repo": "app", "Branch": "main", "OAuthToken": "hidden"},
				OutputArtifacts: []types.OutputArtifact{{Name: aws.String("App")}}, Region: aws.String("us-east-1"), Namespace: aws.String("Source"),
			}}},
			{
				Name: aws.String("Build"),
				Actions: []types.ActionDeclaration{{
					Name: aws.String("Make"), ActionTypeId: id(types.ActionCategoryCompute, types.ActionOwnerAws, "Commands"), RunOrder: aws.Int32(2),
					InputArtifacts:  []types.InputArtifact{{Name: aws.String("App")}},
					OutputArtifacts: []types.OutputArtifact{{Name: aws.String("Out"), Files: []string{"dist/*"}}},
					Commands:        []string{"make"}, OutputVariables: []string{"VERSION"}, Region: aws.String("us-east-1"),
					RoleArn: aws.String("arn:aws:iam::111122223333:role/make"),
				}},
				OnFailure: &types.FailureConditions{Result: types.ResultRollback},
			},
		},
	}
}

var unexported = cmp.Options{
	cmpopts.IgnoreUnexported(types.PipelineDeclaration{}, types.StageDeclaration{}, types.ActionDeclaration{}, types.ActionTypeId{},
		types.ArtifactStore{}, types.EncryptionKey{}, types.InputArtifact{}, types.OutputArtifact{}, types.PipelineVariableDeclaration{},
		types.FailureConditions{}, types.Tag{}),
	cmpopts.EquateEmpty(),
}

func TestCreatePipeline(t *testing.T) {
	t.Parallel()
	server, client := newServer(t)
	ctx := t.Context()
	tags := []types.Tag{{Key: aws.String("team"), Value: aws.String("a")}}
	want := declared("app")
	want.Version = aws.Int32(1)
	want.Stages[0].Actions[0].Configuration["OAuthToken"] = "****"
	out, err := client.CreatePipeline(ctx, &awscodepipeline.CreatePipelineInput{Pipeline: declared("app"), Tags: tags})
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "reply", want, out.Pipeline, unexported)
	diff(t, "tags", tags, out.Tags, unexported)
	got, err := client.GetPipeline(ctx, &awscodepipeline.GetPipelineInput{Name: aws.String("app")})
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "GetPipeline", want, got.Pipeline, unexported)

	list, err := client.ListPipelineExecutions(ctx, &awscodepipeline.ListPipelineExecutionsInput{PipelineName: aws.String("app")})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(list.PipelineExecutionSummaries); n != 1 || list.PipelineExecutionSummaries[0].Trigger.TriggerType != types.TriggerTypeCreatePipeline {
		t.Errorf("%d executions, want one that the creation started: %+v", n, list.PipelineExecutionSummaries)
	}
	server.Settle()
	if s := states(t, server); s[0] != "STARTED" || s[len(s)-1] != "SUCCEEDED" {
		t.Errorf("events %v, want those of an execution that succeeds", s)
	}

	again := declared("app")
	if _, err := client.CreatePipeline(ctx, &awscodepipeline.CreatePipelineInput{Pipeline: again}); code(err) != "PipelineNameInUseException" {
		t.Errorf("the same name again: %v", err)
	}
}

// What the service refuses, with the client's own checks off the way of it.
// A structure in JSON is a pipeline of version 1 that has no execution yet.
func TestAddPipeline(t *testing.T) {
	t.Parallel()
	const structure = `{"name": "app", "version": 7, "pipelineType": "V2", "roleArn": "arn:aws:iam::111122223333:role/pipelines",
		"artifactStore": {"type": "S3", "location": "app-artifacts"}, "stages": [
			{"name": "Source", "actions": [{"name": "Fetch", "actionTypeId": {"category": "Source", "owner": "AWS", "provider": "S3", "version": "1"},
				"configuration": {"S3Bucket": "app", "S3ObjectKey": "app.zip"}, "outputArtifacts": [{"name": "App"}]}]},
			{"name": "Review", "actions": [{"name": "Approve", "actionTypeId": {"category": "Approval", "owner": "AWS", "provider": "Manual", "version": "1"}}]}]}`
	for _, test := range []struct{ name, structure, err string }{
		{"bare", structure, ""},
		{"with metadata", `{"pipeline": ` + structure + `, "metadata": {"pipelineArn": "arn:aws:codepipeline:us-east-1:111122223333:app"}}`, ""},
		{"a stage", strings.Replace(structure, `"Review"`, `"Source"`, 1), "two stages have the name Source"},
		{"twice", structure, "already exists"},
		{"no structure", "{}", "'pipeline.name'"},
		{"nothing", "null", "'pipeline'"},
		{"no JSON", "stages:", "invalid character"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server, client := newServer(t)
			err := server.AddPipeline([]byte(test.structure))
			if test.name == "twice" {
				err = server.AddPipeline([]byte(test.structure))
			}
			if (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
				t.Fatalf("error %v, want %q", err, test.err)
			}
			if err != nil {
				return
			}
			server.Settle()
			out, err := client.GetPipeline(t.Context(), &awscodepipeline.GetPipelineInput{Name: aws.String("app")})
			if err != nil {
				t.Fatal(err)
			}
			executions, err := client.ListPipelineExecutions(t.Context(), &awscodepipeline.ListPipelineExecutionsInput{PipelineName: aws.String("app")})
			if err != nil {
				t.Fatal(err)
			}
			if p := out.Pipeline; *p.Version != 1 || len(p.Stages) != 2 || len(executions.PipelineExecutionSummaries) != 0 {
				t.Errorf("version %d with %d stages and %d executions", *p.Version, len(p.Stages), len(executions.PipelineExecutionSummaries))
			}
		})
	}
}

func TestCreatePipelineRefuses(t *testing.T) {
	t.Parallel()
	_, client := newServer(t)
	for _, test := range []struct {
		name   string
		change func(*types.PipelineDeclaration)
		want   string
	}{
		{"a wrong name", func(p *types.PipelineDeclaration) { p.Name = aws.String("a/b") }, "ValidationException"},
		{"a wrong role", func(p *types.PipelineDeclaration) { p.RoleArn = aws.String("role") }, "ValidationException"},
		{"a small bucket", func(p *types.PipelineDeclaration) { p.ArtifactStore.Location = aws.String("b") }, "ValidationException"},
		{"an unknown mode", func(p *types.PipelineDeclaration) { p.ExecutionMode = "FAST" }, "ValidationException"},
		{"an empty default", func(p *types.PipelineDeclaration) { p.Variables[0].DefaultValue = aws.String("") }, "ValidationException"},
		{"no store", func(p *types.PipelineDeclaration) { p.ArtifactStore = nil }, "InvalidStructureException"},
		{"one stage", func(p *types.PipelineDeclaration) { p.Stages = p.Stages[:1] }, "InvalidStructureException"},
		{"variables without type V2", func(p *types.PipelineDeclaration) { p.PipelineType, p.ExecutionMode = "", "" }, "InvalidStructureException"},
		{"an input of nobody", func(p *types.PipelineDeclaration) { p.Stages[1].Actions[0].InputArtifacts[0].Name = aws.String("X") }, "InvalidStructureException"},
	} {
		p := declared("app")
		test.change(p)
		if _, err := client.CreatePipeline(t.Context(), &awscodepipeline.CreatePipelineInput{Pipeline: p}); code(err) != test.want {
			t.Errorf("%s: %v, want %s", test.name, err, test.want)
		}
	}
	many := make([]types.Tag, 51)
	for i := range many {
		many[i] = types.Tag{Key: aws.String(fmt.Sprint("k", i)), Value: aws.String("")}
	}
	if _, err := client.CreatePipeline(t.Context(), &awscodepipeline.CreatePipelineInput{Pipeline: declared("app"), Tags: many}); code(err) != "TooManyTagsException" {
		t.Errorf("51 tags: %v", err)
	}
	if _, err := client.GetPipeline(t.Context(), &awscodepipeline.GetPipelineInput{Name: aws.String("app")}); code(err) != "PipelineNotFoundException" {
		t.Errorf("a pipeline is there that was refused: %v", err)
	}
}

func TestUpdatePipeline(t *testing.T) {
	t.Parallel()
	p := app()
	token := ""
	p.Stages[0].Actions[0].Run = func(r pipelinetest.ActionRun) pipelinetest.Outcome {
		token = r.Configuration["OAuthToken"]
		return pipelinetest.Outcome{}
	}
	server, client := newServer(t, p)
	ctx := t.Context()
	running := begin(t, server, "app")
	got, err := client.GetPipeline(ctx, &awscodepipeline.GetPipelineInput{Name: aws.String("app")})
	if err != nil {
		t.Fatal(err)
	}
	change := got.Pipeline
	change.Stages[0].Actions[0].Configuration["Branch"] = "next"
	change.Stages = change.Stages[:2]
	out, err := client.UpdatePipeline(ctx, &awscodepipeline.UpdatePipelineInput{Pipeline: change})
	if err != nil {
		t.Fatal(err)
	}
	if *out.Pipeline.Version != 2 || len(out.Pipeline.Stages) != 2 || out.Pipeline.Stages[0].Actions[0].Configuration["Branch"] != "next" {
		t.Errorf("reply %+v, want version 2 with the changes", out.Pipeline)
	}
	e, err := client.GetPipelineExecution(ctx, &awscodepipeline.GetPipelineExecutionInput{PipelineName: aws.String("app"), PipelineExecutionId: &running})
	if err != nil || e.PipelineExecution.Status != types.PipelineExecutionStatusCancelled {
		t.Errorf("the execution in progress: %+v, %v, want Cancelled", e, err)
	}
	begin(t, server, "app")
	server.Settle()
	if token != "test-token" {
		t.Errorf("the secret given as **** became %q, want the old value", token)
	}
	change.Name = aws.String("other")
	if _, err := client.UpdatePipeline(ctx, &awscodepipeline.UpdatePipelineInput{Pipeline: change}); code(err) != "InvalidStructureException" {
		t.Errorf("a pipeline that does not exist: %v", err)
	}
}

func TestDeletePipeline(t *testing.T) {
	t.Parallel()
	server, client := newServer(t, short("other"))
	ctx := t.Context()
	seen := make(map[string]bool)
	for range 2 {
		if _, err := client.CreatePipeline(ctx, &awscodepipeline.CreatePipelineInput{
			Pipeline: declared("app"), Tags: []types.Tag{{Key: aws.String("k"), Value: aws.String("v")}},
		}); err != nil {
			t.Fatal(err)
		}
		list, err := client.ListPipelineExecutions(ctx, &awscodepipeline.ListPipelineExecutionsInput{PipelineName: aws.String("app")})
		if err != nil || len(list.PipelineExecutionSummaries) != 1 {
			t.Fatalf("executions %+v, %v", list, err)
		}
		if id := *list.PipelineExecutionSummaries[0].PipelineExecutionId; seen[id] {
			t.Errorf("the execution ID %s was that of a deleted pipeline", id)
		} else {
			seen[id] = true
		}
		server.Advance()
		if _, err := client.DeletePipeline(ctx, &awscodepipeline.DeletePipelineInput{Name: aws.String("app")}); err != nil {
			t.Fatal(err)
		}
		server.Settle()
		if _, err := client.GetPipeline(ctx, &awscodepipeline.GetPipelineInput{Name: aws.String("app")}); code(err) != "PipelineNotFoundException" {
			t.Errorf("deleted: %v", err)
		}
		if _, err := client.ListTagsForResource(ctx, &awscodepipeline.ListTagsForResourceInput{ResourceArn: aws.String(arn("app"))}); code(err) != "ResourceNotFoundException" {
			t.Errorf("tags of a deleted pipeline: %v", err)
		}
	}
	if _, err := client.DeletePipeline(ctx, &awscodepipeline.DeletePipelineInput{Name: aws.String("app")}); err != nil {
		t.Errorf("deleted again: %v", err)
	}
	if _, err := client.GetPipeline(ctx, &awscodepipeline.GetPipelineInput{Name: aws.String("other")}); err != nil {
		t.Errorf("the other pipeline: %v", err)
	}
}

func arn(pipeline string) string { return "arn:aws:codepipeline:us-east-1:111122223333:" + pipeline }

func TestTags(t *testing.T) {
	t.Parallel()
	_, client := newServer(t, short("app"))
	ctx := t.Context()
	tag := func(pairs ...string) (tags []types.Tag) {
		for pair := range slices.Chunk(pairs, 2) {
			tags = append(tags, types.Tag{Key: &pair[0], Value: &pair[1]})
		}
		return tags
	}
	put := func(resource string, tags []types.Tag) error {
		_, err := client.TagResource(ctx, &awscodepipeline.TagResourceInput{ResourceArn: &resource, Tags: tags})
		return err
	}
	list := func() (all []types.Tag) {
		pages := awscodepipeline.NewListTagsForResourcePaginator(client, &awscodepipeline.ListTagsForResourceInput{
			ResourceArn: aws.String(arn("app")), MaxResults: aws.Int32(1)})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, page.Tags...)
		}
		return all
	}
	diff(t, "no tags", tag(), list(), unexported)
	for _, step := range []struct {
		do   error
		want []types.Tag
	}{
		{put(arn("app"), tag("a", "1", "b", "2")), nil},
		{put(arn("app"), tag("a", "3", "c", "")), tag("b", "2", "a", "3", "c", "")},
	} {
		if step.do != nil {
			t.Fatal(step.do)
		}
		if step.want != nil {
			diff(t, "tags", step.want, list(), unexported)
		}
	}
	if _, err := client.UntagResource(ctx, &awscodepipeline.UntagResourceInput{ResourceArn: aws.String(arn("app")), TagKeys: []string{"b", "none"}}); err != nil {
		t.Fatal(err)
	}
	diff(t, "tags", tag("a", "3", "c", ""), list(), unexported)
	for _, test := range []struct {
		name string
		err  error
		want string
	}{
		{"a pipeline that does not exist", put(arn("none"), tag("a", "1")), "ResourceNotFoundException"},
		{"no ARN", put("app", tag("a", "1")), "ValidationException"},
		{"an ARN elsewhere", put("arn:aws:codepipeline:eu-west-1:111122223333:app", tag("a", "1")), "InvalidArnException"},
		{"a reserved key", put(arn("app"), tag("aws:x", "1")), "InvalidTagsException"},
		{"a key twice", put(arn("app"), tag("x", "1", "x", "2")), "InvalidTagsException"},
	} {
		if code(test.err) != test.want {
			t.Errorf("%s: %v, want %s", test.name, test.err, test.want)
		}
	}
}

// boto3 reads the replies by the service's model.
func TestPipelinesByBoto3(t *testing.T) {
	t.Parallel()
	if os.Getenv("CODESUITE_BOTO3") == "" {
		t.Skip("set CODESUITE_BOTO3=1 to run python3 with boto3")
	}
	server, _ := newServer(t)
	cmd := exec.CommandContext(t.Context(), "python3", "-c", boto3Script, server.URL())
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("python3: %v\n%s", err, stderr.Bytes())
	}
	var got map[string]any
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	diff(t, "replies", map[string]any{
		"created": "codesuite", "version": 2.0, "tags": []any{"branch=main", "team=a"}, "untagged": []any{"team=a"},
		"problems": []any{}, "trigger": []any{"CreatePipeline"}, "deleted": "PipelineNotFoundException",
	}, got)
}

const boto3Script = `
import boto3, botocore, botocore.exceptions, json, sys
from botocore.validate import ParamValidator
client = boto3.client("codepipeline", endpoint_url=sys.argv[1], region_name="us-east-1", aws_access_key_id="AKIA", aws_secret_access_key="x")
problems = []
def call(operation, **given):
    reply = getattr(client, operation)(**given)
    del reply["ResponseMetadata"]
    shape = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[operation]).output_shape
    if shape is not None:  # the checks of inputs, on an output
        report = ParamValidator().validate(reply, shape)
        if report.has_errors():
            problems.append(operation + ": " + report.generate_report())
    return reply
kind = lambda category, provider: dict(category=category, owner="AWS", provider=provider, version="1")
pipeline = dict(name="codesuite", roleArn="arn:aws:iam::111122223333:role/r", pipelineType="V2", executionMode="PARALLEL",
    artifactStore=dict(type="S3", location="some-bucket"), variables=[dict(name="BRANCH", defaultValue="main")],
    stages=[dict(name="Source", actions=[dict(name="Source", actionTypeId=kind("Source", "CodeCommit"), outputArtifacts=[dict(name="App")],
                configuration=dict(RepositoryName="app", BranchName="main"))]),
            dict(name="Build", beforeEntry=dict(conditions=[dict(result="FAIL", rules=[dict(name="r", ruleTypeId=dict(category="Rule", provider="LambdaInvoke"), configuration=dict(FunctionName="check"))])]),
                actions=[dict(name="Build", actionTypeId=kind("Build", "CodeBuild"), inputArtifacts=[dict(name="App")], configuration=dict(ProjectName="app"))])])
result = dict(created=call("create_pipeline", pipeline=pipeline, tags=[dict(key="team", value="a")])["pipeline"]["name"])
result["trigger"] = [e["trigger"]["triggerType"] for e in call("list_pipeline_executions", pipelineName="codesuite")["pipelineExecutionSummaries"]]
got = call("get_pipeline", name="codesuite")
arn = got["metadata"]["pipelineArn"]
result["version"] = call("update_pipeline", pipeline=got["pipeline"])["pipeline"]["version"]
call("tag_resource", resourceArn=arn, tags=[dict(key="branch", value="main")])
tags = lambda: sorted(t["key"] + "=" + t["value"] for t in call("list_tags_for_resource", resourceArn=arn)["tags"])
result["tags"] = tags()
call("untag_resource", resourceArn=arn, tagKeys=["branch"])
result["untagged"] = tags()
call("start_pipeline_execution", name="codesuite", variables=[dict(name="BRANCH", value="x")],
    sourceRevisions=[dict(actionName="Source", revisionType="COMMIT_ID", revisionValue="0" * 40)])
call("delete_pipeline", name="codesuite")
try:
    call("get_pipeline", name="codesuite")
except botocore.exceptions.ClientError as e:
    result["deleted"] = e.response["Error"]["Code"]
result["problems"] = problems
print(json.dumps(result))
`
