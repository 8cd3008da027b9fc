package pipelinetest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"

	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

func TestStructure(t *testing.T) {
	t.Parallel()
	approval := pipelinetest.ApprovalAction("Approve")
	for _, test := range []struct {
		change func(*pipelinetest.Pipeline)
		want   string // part of the error
	}{
		{func(p *pipelinetest.Pipeline) { p.Name = "" }, "name has 1 to 100"},
		{func(p *pipelinetest.Pipeline) { p.Name = "a b" }, "name has 1 to 100"},
		{func(p *pipelinetest.Pipeline) { p.Name = strings.Repeat("a", 101) }, "name has 1 to 100"},
		{func(p *pipelinetest.Pipeline) { p.Type = "V3" }, `type "V3"`},
		{func(p *pipelinetest.Pipeline) { p.ExecutionMode = "SERIAL" }, `mode "SERIAL"`},
		{func(p *pipelinetest.Pipeline) { p.Type, p.ExecutionMode = "V1", "QUEUED" }, "QUEUED needs type V2"},
		{func(p *pipelinetest.Pipeline) { p.Type, p.Variables = "V1", []pipelinetest.Variable{{Name: "v"}} }, "variables need type V2"},
		{func(p *pipelinetest.Pipeline) { p.Version = -1 }, "version -1"},
		{func(p *pipelinetest.Pipeline) { p.Variables = []pipelinetest.Variable{{Name: "v"}, {Name: "v"}} }, "two variables have the name v"},
		{func(p *pipelinetest.Pipeline) { p.Variables = []pipelinetest.Variable{{Name: "v w"}} }, `"v w" is not the name of a variable`},
		{func(p *pipelinetest.Pipeline) { p.Variables = make([]pipelinetest.Variable, 51) }, "51 variables"},
		{func(p *pipelinetest.Pipeline) {
			p.Variables = []pipelinetest.Variable{{Name: "v", DefaultValue: strings.Repeat("x", 1001)}}
		}, "default value"},
		{func(p *pipelinetest.Pipeline) {
			p.Variables = []pipelinetest.Variable{{Name: "v", Description: strings.Repeat("x", 201)}}
		}, "description"},
		{func(p *pipelinetest.Pipeline) { p.Stages = p.Stages[:1] }, "there are 1 stages"},
		{func(p *pipelinetest.Pipeline) { p.Stages = make([]pipelinetest.Stage, 51) }, "there are 51 stages"},
		{func(p *pipelinetest.Pipeline) { p.Stages[1].Name = "Source" }, "two stages have the name Source"},
		{func(p *pipelinetest.Pipeline) { p.Stages[1].Name = "" }, "not the name of a stage"},
		{func(p *pipelinetest.Pipeline) { p.Stages[1].Actions = nil }, "stage Build: there are 0 actions"},
		{func(p *pipelinetest.Pipeline) { p.Stages[1].Actions[0].Name = "Lint" }, "two actions have the name Lint"},
		{func(p *pipelinetest.Pipeline) { p.Stages[1].Actions[0].Name = "a/b" }, "name has 1 to 100"},
		{func(p *pipelinetest.Pipeline) { p.Stages[0].Actions[0] = approval }, "stage Source: action Approve: the first stage has source actions only"},
		{func(p *pipelinetest.Pipeline) {
			p.Stages[1].Actions[0] = pipelinetest.S3Source("S3", "b", "k")
		}, "only the first stage has source actions"},
		{func(p *pipelinetest.Pipeline) { p.Stages[1].Actions[0].Inputs[0] = "LintArtifact" }, `action Compile: input artifact "LintArtifact" is not`},
		{func(p *pipelinetest.Pipeline) {
			p.Stages[1].Actions[0].Inputs = []string{"SourceArtifact", "SourceArtifact"}
		}, "SourceArtifact is there twice"},
		{func(p *pipelinetest.Pipeline) { p.Stages[1].Actions[0].Outputs[0] = "LintArtifact" }, "another action has the output artifact LintArtifact"},
		{func(p *pipelinetest.Pipeline) { p.Stages[1].Actions[0].Outputs[0] = "a.b" }, `"a.b" is not the name of an artifact`},
		{func(p *pipelinetest.Pipeline) { p.Stages[0].Actions[0].Outputs = nil }, "one output artifact, not 0"},
		{func(p *pipelinetest.Pipeline) {
			p.Stages[1].Actions[0] = approval
			p.Stages[1].Actions[0].Outputs = []string{"a"}
		}, "an approval has no artifacts"},
		{func(p *pipelinetest.Pipeline) { p.Stages[1].Actions[0].Timeout = time.Hour }, "only an approval has a timeout"},
		{func(p *pipelinetest.Pipeline) {
			p.Stages[2].Actions[0] = approval
			p.Stages[2].Actions[0].Timeout = 4 * time.Minute
		}, "timeout 4m0s"},
		{func(p *pipelinetest.Pipeline) { p.Stages[1].Actions[0].RunOrder = 1000 }, "run order 1000"},
		{func(p *pipelinetest.Pipeline) { p.Stages[1].Actions[0].Type.Category = "Compile" }, `no category "Compile"`},
		{func(p *pipelinetest.Pipeline) { p.Stages[1].Actions[0].Type.Owner = "Me" }, `owner "Me"`},
		{func(p *pipelinetest.Pipeline) { p.Stages[1].Actions[0].Type.Provider = "" }, "not a provider"},
		{func(p *pipelinetest.Pipeline) { p.Stages[1].Actions[0].Type.Version = "1.0" }, "not the version"},
		{func(p *pipelinetest.Pipeline) { p.Stages[1].Actions[0].Configuration["K"] = "" }, "configuration K has 0 characters"},
		{func(p *pipelinetest.Pipeline) { p.Stages[1].Actions[0].Configuration[""] = "v" }, "not a configuration key"},
		{func(p *pipelinetest.Pipeline) { p.Stages[1].Actions[0].Namespace = "SourceArtifact" }, "namespace and of an artifact"},
		{func(p *pipelinetest.Pipeline) { p.Stages[1].Actions[0].Namespace = "codepipeline" }, "reserved"},
		{func(p *pipelinetest.Pipeline) { p.Stages[1].Actions[0].Namespace = "a.b" }, "not the name of a namespace"},
		{func(p *pipelinetest.Pipeline) {
			p.Stages[1].Actions[0].Namespace, p.Stages[1].Actions[1].Namespace = "n", "n"
		}, "another action has the namespace n"},
	} {
		p := app()
		test.change(&p)
		if server, err := pipelinetest.Start(p); err == nil {
			server.Close()
			t.Errorf("a pipeline was accepted, want an error with %q", test.want)
		} else if !strings.Contains(err.Error(), test.want) {
			t.Errorf("error %v, want one with %q", err, test.want)
		}
	}
	if _, err := pipelinetest.Start(app(), app()); err == nil || !strings.Contains(err.Error(), "two pipelines") {
		t.Errorf("two pipelines of one name: %v", err)
	}
}

// A server does not share a pipeline's slices and maps with who described it.
func TestStructureIsCopied(t *testing.T) {
	t.Parallel()
	p := app()
	p.Stages[0].Actions[0].Revision = &pipelinetest.Revision{ID: commit}
	server, client := newServer(t, p)
	p.Stages[0].Actions[0].Revision.ID = "other"
	p.Stages[0].Actions[0].Configuration["Owner"] = "other"
	p.Stages[1].Actions[0] = pipelinetest.ApprovalAction("Approve")
	id := begin(t, server, "app")
	server.Settle()
	e := get(t, client, "app", id)
	if got := *e.ArtifactRevisions[0].RevisionUrl; e.Status != "Succeeded" || got != "https://github.com/octo/app/commit/"+commit {
		t.Errorf("status %s, revision %s", e.Status, got)
	}
}

// The variables of the pipeline and of earlier actions are in the
// configuration of later ones; one without a value fails its action.
func TestVariables(t *testing.T) {
	t.Parallel()
	var got map[string]string
	p := app()
	p.Variables = []pipelinetest.Variable{{Name: "env", DefaultValue: "test"}}
	p.Stages[0].Actions[0].Namespace = "Src"
	p.Stages[1].Actions[0].Namespace = "Build"
	p.Stages[1].Actions[0].Run = func(pipelinetest.ActionRun) pipelinetest.Outcome {
		return pipelinetest.Outcome{Variables: map[string]string{"Tag": "v1"}}
	}
	p.Stages[2].Actions[0].Configuration = map[string]string{
		"A": "#{Src.CommitId}/#{Build.Tag}/#{variables.env}", "B": "#{codepipeline.PipelineExecutionId}", "C": "#{open", "D": "# {} #{Src.BranchName}!",
	}
	p.Stages[2].Actions[0].Run = func(r pipelinetest.ActionRun) pipelinetest.Outcome {
		got = r.Configuration
		return pipelinetest.Outcome{}
	}
	server, client := newServer(t, p)
	id := begin(t, server, "app", pipelinetest.SourceRevision{Action: "Source", Revision: pipelinetest.Revision{ID: commit}})
	server.Settle()
	diff(t, "configuration", map[string]string{"A": commit + "/v1/test", "B": id, "C": "#{open", "D": "# {} main!"}, got)

	for _, name := range []string{"Src.Nothing", "Other.X", "variables.other", "codepipeline.Name", ""} {
		p.Stages[2].Actions[0].Configuration = map[string]string{"A": "x #{" + name + "}"}
		if err := server.Update(p); err != nil {
			t.Fatal(err)
		}
		got = nil
		id = begin(t, server, "app")
		server.Settle()
		a := actions(t, client, "app", id)[0]
		if a.Status != "Failed" || *a.Output.ExecutionResult.ErrorDetails.Code != "ConfigurationError" || got != nil ||
			!strings.Contains(*a.Output.ExecutionResult.ExternalExecutionSummary, "#{"+name+"}") {
			t.Errorf("%s: %+v", name, a)
		}
	}
}

// Each operation checks its input, with the exceptions of the model.
func TestValidation(t *testing.T) {
	t.Parallel()
	_, client := newServer(t, app())
	long := aws.String(strings.Repeat("a", 101))
	name, ok := aws.String("app"), aws.String("0a0a0a0a-0a0a-0a0a-0a0a-0a0a0a0a0a0a")
	upper := aws.String("0A0A0A0A-0a0a-0a0a-0a0a-0a0a0a0a0a0a")
	other := aws.String("other")
	for i, test := range []struct {
		call func() error
		want string
	}{
		{func() error {
			_, err := client.GetPipelineExecution(t.Context(), &awscodepipeline.GetPipelineExecutionInput{PipelineName: long, PipelineExecutionId: ok})
			return err
		}, "ValidationException"},
		{func() error {
			_, err := client.GetPipelineExecution(t.Context(), &awscodepipeline.GetPipelineExecutionInput{PipelineName: name, PipelineExecutionId: upper})
			return err
		}, "ValidationException"},
		{func() error {
			_, err := client.GetPipelineExecution(t.Context(), &awscodepipeline.GetPipelineExecutionInput{PipelineName: other, PipelineExecutionId: ok})
			return err
		}, "PipelineNotFoundException"},
		{func() error {
			_, err := client.GetPipelineExecution(t.Context(), &awscodepipeline.GetPipelineExecutionInput{PipelineName: name, PipelineExecutionId: ok})
			return err
		}, "PipelineExecutionNotFoundException"},
		{func() error {
			_, err := client.ListPipelineExecutions(t.Context(), &awscodepipeline.ListPipelineExecutionsInput{PipelineName: name, MaxResults: aws.Int32(0)})
			return err
		}, "ValidationException"},
		{func() error {
			_, err := client.ListPipelineExecutions(t.Context(), &awscodepipeline.ListPipelineExecutionsInput{PipelineName: name, MaxResults: aws.Int32(101)})
			return err
		}, "ValidationException"},
		{func() error {
			_, err := client.ListPipelineExecutions(t.Context(), &awscodepipeline.ListPipelineExecutionsInput{PipelineName: other})
			return err
		}, "PipelineNotFoundException"},
		{func() error { return listActions(t, client, other, nil, nil) }, "PipelineNotFoundException"},
		{func() error { return listActions(t, client, name, ok, nil) }, "PipelineExecutionNotFoundException"},
		{func() error { return listActions(t, client, name, nil, ok) }, "PipelineExecutionNotFoundException"},
		{func() error { return listActions(t, client, name, upper, nil) }, "ValidationException"},
		{func() error { return listActions(t, client, name, ok, ok) }, "ValidationException"},
		{func() error {
			_, err := client.ListActionExecutions(t.Context(), &awscodepipeline.ListActionExecutionsInput{PipelineName: name, NextToken: aws.String("AAAA")})
			return err
		}, "InvalidNextTokenException"},
		{func() error {
			_, err := client.GetPipelineState(t.Context(), &awscodepipeline.GetPipelineStateInput{Name: other})
			return err
		}, "PipelineNotFoundException"},
		{func() error {
			_, err := client.GetPipelineState(t.Context(), &awscodepipeline.GetPipelineStateInput{Name: aws.String("")})
			return err
		}, "ValidationException"},
		{func() error {
			_, err := client.GetPipeline(t.Context(), &awscodepipeline.GetPipelineInput{Name: other})
			return err
		}, "PipelineNotFoundException"},
		{func() error {
			_, err := client.GetPipeline(t.Context(), &awscodepipeline.GetPipelineInput{Name: name, Version: aws.Int32(0)})
			return err
		}, "ValidationException"},
		{func() error {
			_, err := client.ListPipelines(t.Context(), &awscodepipeline.ListPipelinesInput{MaxResults: aws.Int32(1001)})
			return err
		}, "ValidationException"},
		{func() error {
			_, err := client.StartPipelineExecution(t.Context(), &awscodepipeline.StartPipelineExecutionInput{Name: other})
			return err
		}, "PipelineNotFoundException"},
		{func() error { return stop(t.Context(), client, "app", *ok, false) }, "PipelineExecutionNotStoppableException"},
		{func() error { return stop(t.Context(), client, "other", *ok, false) }, "PipelineNotFoundException"},
		{func() error {
			_, err := client.StopPipelineExecution(t.Context(), &awscodepipeline.StopPipelineExecutionInput{
				PipelineName: name, PipelineExecutionId: ok, Reason: aws.String(strings.Repeat("é", 201)),
			})
			return err
		}, "ValidationException"},
		{func() error { return retry(t.Context(), client, "app", "Build", *ok, "SOME_ACTIONS") }, "ValidationException"},
		{func() error { return retry(t.Context(), client, "app", "Build", *ok, "ALL_ACTIONS") }, "StageNotRetryableException"},
		{func() error { return retry(t.Context(), client, "app", "Other", *ok, "ALL_ACTIONS") }, "StageNotFoundException"},
		{func() error { return retry(t.Context(), client, "other", "Build", *ok, "ALL_ACTIONS") }, "PipelineNotFoundException"},
		{func() error {
			_, err := client.DisableStageTransition(t.Context(), &awscodepipeline.DisableStageTransitionInput{
				PipelineName: name, StageName: aws.String("Build"), TransitionType: "Inbound", Reason: aws.String("no, thanks"),
			})
			return err
		}, "ValidationException"},
		{func() error {
			_, err := client.EnableStageTransition(t.Context(), &awscodepipeline.EnableStageTransitionInput{PipelineName: name, StageName: other, TransitionType: "Inbound"})
			return err
		}, "StageNotFoundException"},
		{func() error {
			_, err := client.EnableStageTransition(t.Context(), &awscodepipeline.EnableStageTransitionInput{PipelineName: other, StageName: other, TransitionType: "Inbound"})
			return err
		}, "PipelineNotFoundException"},
	} {
		if err := test.call(); code(err) != test.want {
			t.Errorf("call %d: %v, want %s", i, err, test.want)
		}
	}
}
