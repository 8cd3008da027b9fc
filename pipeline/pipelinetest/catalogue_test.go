package pipelinetest_test

import (
	"archive/zip"
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"

	"github.com/codesuite-go/codesuite/pipeline/actiontype"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// actionOf returns an action of the type with the least that it needs, and one output
// artifact if it may have one.
func actionOf(k actiontype.Type, inputs ...string) pipelinetest.Action {
	a := pipelinetest.Action{
		Name: "Act", Type: pipelinetest.ActionType{Category: k.Category, Owner: k.Owner, Provider: k.Provider, Version: k.Version},
		Namespace: "Act", Configuration: make(map[string]string),
	}
	for _, p := range k.Properties {
		switch {
		case !p.Required:
		case len(p.Values) > 0:
			a.Configuration[p.Name] = p.Values[0]
		case p.Form == actiontype.FormArtifact:
			a.Configuration[p.Name] = inputs[0]
		case p.Form == actiontype.FormFile:
			a.Configuration[p.Name] = inputs[0] + "::template.yaml"
		case p.Name == "StateMachineArn":
			a.Configuration[p.Name] = "arn:aws:states:us-east-1:111122223333:stateMachine:m"
		default:
			a.Configuration[p.Name] = strings.ToLower(p.Name)
		}
	}
	if k.Inputs.Max > 0 {
		a.Inputs = inputs[:1]
	}
	if k.Outputs.Max > 0 {
		a.Outputs = []string{"Made"}
	}
	if k.Category == "Compute" {
		a.Commands, a.Files = []string{"make"}, map[string][]string{"Made": {"bin/**/*", "report.txt"}}
	}
	return a
}

// typed returns a pipeline with the action, in the first stage if it is a source.
func typed(a pipelinetest.Action) pipelinetest.Pipeline {
	p := short("typed")
	if a.Type.Category == "Source" {
		p.Stages[0].Actions = []pipelinetest.Action{a}
	} else {
		p.Stages = []pipelinetest.Stage{p.Stages[0], {Name: "Act", Actions: []pipelinetest.Action{a}}}
	}
	return p
}

// Every action type of the catalogue runs by itself with Alone, and shows what its
// page says about results.
func TestCatalogue(t *testing.T) {
	t.Parallel()
	for _, kind := range actiontype.BuiltIn() {
		t.Run(kind.String(), func(t *testing.T) {
			t.Parallel()
			a := actionOf(kind, "SourceArtifact")
			server, client := newServer(t, typed(a))
			server.SetSimulation(pipelinetest.Simulation{Alone: true})
			id := begin(t, server, "typed")
			server.Settle()
			find := func(id string) types.ActionExecutionDetail {
				list := actions(t, client, "typed", id)
				i := slices.IndexFunc(list, func(d types.ActionExecutionDetail) bool { return *d.ActionName == "Act" })
				if i < 0 {
					t.Fatal("the action has not run")
				}
				return list[i]
			}
			d := find(id)
			if kind.Category == "Approval" {
				equal(t, "status of an approval that waits", types.ActionExecutionStatusInProgress, d.Status)
				if err := server.Finish(id, "Act", "Act", pipelinetest.Outcome{}); err != nil {
					t.Fatal(err)
				}
				d = find(id)
			}
			r := d.Output.ExecutionResult
			if d.Status != "Succeeded" || r == nil {
				t.Fatalf("the action is %s with %+v", d.Status, r)
			}
			for name, text := range map[string]*string{"external ID": r.ExternalExecutionId, "summary": r.ExternalExecutionSummary, "URL": r.ExternalExecutionUrl} {
				if strings.ContainsAny(aws.ToString(text), "{}|") && !strings.HasPrefix(*text, `{"ProviderType"`) {
					t.Errorf("the %s is %q: it has words that were not filled in", name, *text)
				}
			}
			if aws.ToString(r.ExternalExecutionId) == "" {
				t.Error("there is no external execution ID")
			}
			for _, name := range kind.OutputVariables {
				if d.Output.OutputVariables[name] == "" && name != "CommitMessage" {
					t.Errorf("the output variable %s is missing: %v", name, d.Output.OutputVariables)
				}
			}
			for _, artifact := range d.Output.OutputArtifacts {
				content, ok := server.Object(*artifact.S3location.Bucket, *artifact.S3location.Key)
				archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
				if !ok || err != nil || len(archive.File) == 0 {
					t.Errorf("the artifact %s is there: %t, as an archive with files: %v", *artifact.Name, ok, err)
				}
			}
			if len(a.Outputs) != len(d.Output.OutputArtifacts) {
				t.Errorf("there are %d output artifacts, want %d", len(d.Output.OutputArtifacts), len(a.Outputs))
			}

			// One that fails says so.
			server.SetSimulation(pipelinetest.Simulation{Run: func(r pipelinetest.ActionRun) (pipelinetest.Outcome, bool) {
				return pipelinetest.Outcome{State: pipelinetest.StateFailed}, r.Action == "Act"
			}})
			id = begin(t, server, "typed")
			server.Settle()
			d = find(id)
			if r := d.Output.ExecutionResult; d.Status != "Failed" || aws.ToString(r.ExternalExecutionSummary) == "" || aws.ToString(r.ErrorDetails.Code) != "JobFailed" {
				t.Errorf("a failure is %s with %+v", d.Status, r)
			}
		})
	}
}

// Every rule type of the catalogue runs.
func TestRuleCatalogue(t *testing.T) {
	t.Parallel()
	for _, kind := range actiontype.RuleTypes() {
		rule := pipelinetest.Rule{Provider: kind.Provider, Configuration: actionOf(kind, "SourceArtifact").Configuration}
		switch kind.Provider {
		case "Commands":
			rule.Commands = []string{"true"}
		case "DeploymentWindow":
			rule.Configuration["Cron"] = "* * * * * ?"
		case "VariableCheck":
			rule.Configuration["Value"] = rule.Configuration["Variable"]
		}
		server, client := newServer(t, guarded(rule))
		id := begin(t, server, "app")
		server.Settle()
		equal(t, kind.Provider, types.RuleExecutionStatusSucceeded, ruleExecution(t, client, "app").Status)
		equal(t, kind.Provider, types.PipelineExecutionStatusSucceeded, get(t, client, "app", id).Status)
	}
}
