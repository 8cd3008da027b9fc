package definition_test

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"testing"

	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	gocmp "github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/pipeline/definition"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// client returns a client of a test server in us-east-1.
func client(t *testing.T) (*awscodepipeline.Client, *pipelinetest.Server) {
	server := pipelinetest.NewServer(t)
	return awscodepipeline.NewFromConfig(server.Config()), server
}

func TestEnsure(t *testing.T) {
	t.Parallel()
	api, server := client(t)
	ctx := t.Context()
	p := web()
	outcome, err := p.Ensure(ctx, api, func(o *definition.Options) { o.Tags = map[string]string{"team": "web"} })
	if err != nil || !outcome.Created || outcome.Version != 1 {
		t.Fatalf("%+v, %v", outcome, err)
	}
	server.ResetCalls()
	for range 2 { // again: nothing
		outcome, err = p.Ensure(ctx, api)
		if err != nil || outcome.Created || outcome.Version != 1 || len(outcome.Differences) > 0 {
			t.Fatalf("%+v, %v", outcome, err)
		}
	}
	if diff := gocmp.Diff(map[string]int{"GetPipeline": 2}, server.Calls()); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}

	p.Stages[1].Actions[0].Provider = definition.CodeBuild{ProjectName: "other"}
	outcome, err = p.Ensure(ctx, api, func(o *definition.Options) { o.DryRun = true })
	want := []definition.Difference{{Path: "stages.Build.actions.Compile.configuration.ProjectName", Old: `"web"`, New: `"other"`}}
	if err != nil || outcome.Version != 1 {
		t.Fatalf("%+v, %v", outcome, err)
	}
	if diff := gocmp.Diff(want, outcome.Differences); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if server.Count("UpdatePipeline") > 0 {
		t.Error("a dry run has updated")
	}
	outcome, err = p.Ensure(ctx, api)
	if err != nil || outcome.Version != 2 || len(outcome.Differences) != 1 {
		t.Fatalf("%+v, %v", outcome, err)
	}
	d, err := definition.Get(ctx, api, "web")
	if err != nil || d.Metadata.ARN == "" || d.Pipeline.Version != 2 || len(d.Metadata.Other["created"]) == 0 {
		t.Fatalf("%+v, %v", d, err)
	}
	if provider, ok := d.Pipeline.Stages[1].Actions[0].Provider.(definition.CodeBuild); !ok || provider.ProjectName != "other" {
		t.Errorf("provider %#v", d.Pipeline.Stages[1].Actions[0].Provider)
	}
	text, err := d.JSON()
	if err != nil {
		t.Fatal(err)
	}
	if again, err := definition.Parse(text); err != nil || again.Metadata.ARN != d.Metadata.ARN {
		t.Errorf("%+v, %v", again, err)
	}
}

// The server takes all that a structure can have, and gives it back.
func TestEverythingAtTheServer(t *testing.T) {
	t.Parallel()
	api, _ := client(t)
	p := everything()
	p.ArtifactStores["us-east-1"] = *definition.Bucket("artifacts-home", "")
	for i := range p.Stages {
		for j := range p.Stages[i].Actions {
			if a := &p.Stages[i].Actions[j]; a.Region == "" && a.Provider.ActionType().Category != "Source" {
				a.Region = "us-east-1"
			}
		}
	}
	if _, err := p.Create(t.Context(), api); err != nil {
		t.Fatal(err)
	}
	d, err := definition.Get(t.Context(), api, p.Name)
	if err != nil {
		t.Fatal(err)
	}
	diffs, err := definition.Diff(p, &d.Pipeline)
	if err != nil {
		t.Fatal(err)
	}
	for _, diff := range diffs {
		if !strings.HasSuffix(diff.Path, ".region") || diff.New != `"us-east-1"` { // the server fills it in
			t.Errorf("%s", diff)
		}
	}
	if outcome, err := p.Update(t.Context(), api); err != nil || len(outcome.Differences) > 0 {
		t.Errorf("%+v, %v", outcome, err)
	}
}

func TestCreateErrors(t *testing.T) {
	t.Parallel()
	api, server := client(t)
	ctx := t.Context()
	p := web()
	if _, err := p.Update(ctx, api); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("update of nothing: %v", err)
	}
	if _, err := definition.Get(ctx, api, "web"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("get of nothing: %v", err)
	}
	if _, err := p.Create(ctx, api); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Create(ctx, api); !errors.Is(err, fs.ErrExist) {
		t.Errorf("create twice: %v", err)
	}
	if _, err := p.Create(ctx, nil); err == nil {
		t.Error("no error without an API")
	}
	server.SetFaults(pipelinetest.Faults{Deny: []string{"GetPipeline"}})
	if _, err := p.Ensure(ctx, api); !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), "codepipeline:GetPipeline") {
		t.Errorf("denied: %v", err)
	}

	server.SetFaults(pipelinetest.Faults{})
	server.ResetCalls()
	p.Stages[1].Actions[0].Inputs[0].Name = "Sauce"
	_, err := p.Ensure(ctx, api)
	var failure *definition.CheckError
	if !errors.As(err, &failure) || failure.Pipeline != "web" || !strings.Contains(err.Error(), "\nstages[1].actions[0].inputArtifacts[0].name: error: ") {
		t.Errorf("error %v", err)
	}
	if n := len(server.Calls()); n > 0 {
		t.Errorf("%d calls for a structure with errors", n)
	}
	if _, err := p.Ensure(ctx, api, func(o *definition.Options) { o.SkipCheck = true }); err == nil || errors.As(err, &failure) || !strings.Contains(err.Error(), "Sauce") {
		t.Errorf("the service says %v", err)
	}
}

// overtaken is an API at which somebody else creates the pipeline first.
type overtaken struct {
	definition.API
	p *definition.Pipeline
}

func (o *overtaken) CreatePipeline(ctx context.Context, in *awscodepipeline.CreatePipelineInput, optFns ...func(*awscodepipeline.Options)) (*awscodepipeline.CreatePipelineOutput, error) {
	if _, err := o.p.Create(ctx, o.API); err != nil {
		return nil, err
	}
	return o.API.CreatePipeline(ctx, in, optFns...)
}

func TestEnsureOvertaken(t *testing.T) {
	t.Parallel()
	api, _ := client(t)
	p := web()
	p.Stages[2].Actions[0].Provider = definition.ECSDeploy{ClusterName: "main", ServiceName: "new"}
	outcome, err := p.Ensure(t.Context(), &overtaken{api, web()})
	if err != nil || outcome.Created || outcome.Version != 2 || len(outcome.Differences) != 1 {
		t.Errorf("%+v, %v", outcome, err)
	}
}
