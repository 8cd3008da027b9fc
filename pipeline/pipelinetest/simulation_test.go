package pipelinetest_test

import (
	"archive/zip"
	"bytes"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"

	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// Actions take the time of their provider, divided by the speed.
func TestSpeed(t *testing.T) {
	t.Parallel()
	server, client := newServer(t, app())
	now := start
	server.SetClock(func() time.Time { return now })
	server.SetSimulation(pipelinetest.Simulation{Speed: 60})
	id := begin(t, server, "app")
	for now.Before(start.Add(time.Hour)) && get(t, client, "app", id).Status == types.PipelineExecutionStatusInProgress {
		server.Settle()
		now = now.Add(100 * time.Millisecond)
	}
	times := make(map[string]time.Duration)
	for _, d := range actions(t, client, "app", id) {
		times[*d.ActionName] = d.LastUpdateTime.Sub(*d.StartTime)
	}
	diff(t, "times", map[string]time.Duration{"Source": 100 * time.Millisecond, "Compile": 2 * time.Second, "Lint": 2 * time.Second, "Deploy": 3 * time.Second}, times)
}

// A function for all actions decides about some, also about those that wait for
// others, and leaves the rest alone.
func TestSimulationRun(t *testing.T) {
	t.Parallel()
	p := app()
	p.Stages[1].Actions = append(p.Stages[1].Actions, pipelinetest.ApprovalAction("Ask"), pipelinetest.CustomAction("Work", "Build", "Make", "1", nil))
	server, client := newServer(t, p)
	var asked []string
	server.SetSimulation(pipelinetest.Simulation{Run: func(r pipelinetest.ActionRun) (pipelinetest.Outcome, bool) {
		asked = append(asked, r.Action)
		switch r.Action {
		case "Ask":
			return pipelinetest.Outcome{Summary: "sure"}, true
		case "Lint":
			return pipelinetest.Outcome{State: pipelinetest.StateFailed, Summary: "too long"}, true
		}
		return pipelinetest.Outcome{}, false
	}})
	id := begin(t, server, "app")
	server.Settle()
	status := func() map[string]string {
		list := make(map[string]string)
		for _, d := range actions(t, client, "app", id) {
			list[*d.ActionName] = string(d.Status)
		}
		return list
	}
	diff(t, "actions", map[string]string{"Source": "Succeeded", "Compile": "Succeeded", "Lint": "Failed", "Ask": "Succeeded", "Work": "InProgress"}, status())
	if n := len(asked); n != 5 {
		t.Errorf("the function was asked %d times, about %q", n, asked)
	}
	jobs := server.Jobs()
	if len(jobs) != 1 || jobs[0].Status != pipelinetest.JobStatusQueued {
		t.Errorf("jobs %+v", jobs)
	}
	if err := server.Finish(id, "Build", "Work", pipelinetest.Outcome{}); err != nil {
		t.Fatal(err)
	}
	server.Settle()
	equal(t, "status", types.PipelineExecutionStatusFailed, get(t, client, "app", id).Status)
}

// Alone, a pipeline that needs workers, functions, other pipelines and variables of
// stacks runs to its approval and to its end.
func TestAlone(t *testing.T) {
	t.Parallel()
	p := short("alone")
	stack := pipelinetest.Action{Name: "Stack", Type: pipelinetest.ActionType{Category: "Deploy", Provider: "CloudFormation"}, Namespace: "Stack",
		Configuration: map[string]string{"ActionMode": "CREATE_UPDATE", "StackName": "web"}}
	next := pipelinetest.Action{Name: "Next", RunOrder: 2, Type: pipelinetest.ActionType{Category: "Invoke", Provider: "CodePipeline"},
		Configuration: map[string]string{"PipelineName": "elsewhere", "Variables": `[{"name":"URL","value":"#{Stack.URL}"}]`}}
	p.Stages = append(p.Stages, pipelinetest.Stage{
		Name: "Work",
		BeforeEntry: &pipelinetest.Condition{Result: "FAIL", Rules: []pipelinetest.Rule{
			{Name: "Window", Provider: "DeploymentWindow", Configuration: map[string]string{"Cron": "* * 3 ? * SUN"}},
			{Name: "Java", Provider: "VariableCheck", Configuration: map[string]string{"Variable": "x", "Operator": "MATCHES", "Value": "^(?!y).*"}},
		}},
		Actions: []pipelinetest.Action{
			pipelinetest.CustomAction("Custom", "Build", "Make", "1", nil, "SourceArtifact"),
			pipelinetest.ThirdPartyAction("Partner", "Test", "Scan", "1", nil, "SourceArtifact"),
			pipelinetest.LambdaAction("Lambda", "f", ""), stack, next,
		},
	})
	server, client := newServer(t, p)
	server.SetSimulation(pipelinetest.Simulation{Alone: true})
	id := begin(t, server, "alone")
	server.Settle()
	equal(t, "status before the approval", types.PipelineExecutionStatusInProgress, get(t, client, "alone", id).Status)
	if err := server.Finish(id, "Approve", "Approve", pipelinetest.Outcome{}); err != nil {
		t.Fatal(err)
	}
	server.Settle()
	equal(t, "status", types.PipelineExecutionStatusSucceeded, get(t, client, "alone", id).Status)
	for _, d := range actions(t, client, "alone", id) {
		if v := d.Input.ResolvedConfiguration["Variables"]; *d.ActionName == "Next" && !strings.Contains(v, `"value":"URL-`) {
			t.Errorf("the variable of the stack is %s", v)
		}
	}
	if jobs := server.Jobs(); len(jobs) > 0 {
		t.Errorf("jobs %+v", jobs)
	}
}

// Without Alone, what others do is missing.
func TestNotAlone(t *testing.T) {
	t.Parallel()
	p := short("p")
	p.Stages[1].Actions = []pipelinetest.Action{{Name: "Next", Type: pipelinetest.ActionType{Category: "Invoke", Provider: "CodePipeline"},
		Configuration: map[string]string{"PipelineName": "elsewhere"}}}
	server, client := newServer(t, p)
	id := begin(t, server, "p")
	server.Settle()
	equal(t, "summary", "There is no pipeline with name 'elsewhere'", *actions(t, client, "p", id)[0].Output.ExecutionResult.ExternalExecutionSummary)
}

func nesting(configuration map[string]string) []pipelinetest.Pipeline {
	outer, inner := short("outer"), short("inner")
	outer.Stages[1].Actions = []pipelinetest.Action{{Name: "Next", Type: pipelinetest.ActionType{Category: "Invoke", Provider: "CodePipeline"}, Configuration: configuration}}
	inner.Variables = []pipelinetest.Variable{{Name: "COLOUR"}}
	return []pipelinetest.Pipeline{outer, inner}
}

// An action starts another pipeline with variables and revisions, and follows it.
func TestNestedPipeline(t *testing.T) {
	t.Parallel()
	for _, approved := range []bool{true, false} {
		server, client := newServer(t, nesting(map[string]string{
			"PipelineName": "inner", "Variables": `[{"name":"COLOUR","value":"blue"}]`,
			"SourceRevisions": `[{"actionName":"Source","revisionType":"COMMIT_ID","revisionValue":"c0ffee"}]`,
		})...)
		id := begin(t, server, "outer")
		server.Settle()
		action := actions(t, client, "outer", id)[0]
		equal(t, "status while the other waits", types.ActionExecutionStatusInProgress, action.Status)
		child := *action.Output.ExecutionResult.ExternalExecutionId
		e := get(t, client, "inner", child)
		if *e.Variables[0].ResolvedValue != "blue" || *e.ArtifactRevisions[0].RevisionId != "c0ffee" {
			t.Errorf("the other pipeline has %s and %s", *e.Variables[0].ResolvedValue, *e.ArtifactRevisions[0].RevisionId)
		}
		outcome, want := pipelinetest.Outcome{}, types.PipelineExecutionStatusSucceeded
		if !approved {
			outcome.State, want = pipelinetest.StateFailed, types.PipelineExecutionStatusFailed
		}
		if err := server.Finish(child, "Approve", "Approve", outcome); err != nil {
			t.Fatal(err)
		}
		server.Settle()
		equal(t, "status", want, get(t, client, "outer", id).Status)
		if result := actions(t, client, "outer", id)[0].Output.ExecutionResult; *result.ExternalExecutionId != child {
			t.Errorf("the action ends with the external ID %s, want %s", *result.ExternalExecutionId, child)
		}
	}
	for want, configuration := range map[string]map[string]string{
		"no default value":          {"PipelineName": "inner"},
		"Variables is not the JSON": {"PipelineName": "inner", "Variables": "COLOUR=blue"},
		"no variable SIZE":          {"PipelineName": "inner", "Variables": `[{"name":"COLOUR","value":"b"},{"name":"SIZE","value":"1"}]`},
	} {
		server, client := newServer(t, nesting(configuration)...)
		id := begin(t, server, "outer")
		server.Settle()
		if got := *actions(t, client, "outer", id)[0].Output.ExecutionResult.ExternalExecutionSummary; !strings.Contains(got, want) {
			t.Errorf("%v fails with %q, want %q", configuration, got, want)
		}
	}
}

// A pipeline that starts itself comes to an end.
func TestNestedInItself(t *testing.T) {
	t.Parallel()
	p := nesting(map[string]string{"PipelineName": "outer"})[0]
	p.ExecutionMode = "PARALLEL"
	server, client := newServer(t, p)
	id := begin(t, server, "outer")
	server.Settle()
	equal(t, "status", types.PipelineExecutionStatusFailed, get(t, client, "outer", id).Status)
}

func TestDeployToS3(t *testing.T) {
	t.Parallel()
	deploy := func(configuration map[string]string) pipelinetest.Pipeline {
		source := pipelinetest.S3Source("Source", "in", "site.zip")
		return pipelinetest.Pipeline{Name: "site", Stages: []pipelinetest.Stage{
			{Name: "Source", Actions: []pipelinetest.Action{source}},
			{Name: "Build", Actions: []pipelinetest.Action{pipelinetest.CodeBuildAction("Build", "site", "SourceArtifact")}},
			{Name: "Deploy", Actions: []pipelinetest.Action{{
				Name: "Deploy", Type: pipelinetest.ActionType{Category: "Deploy", Provider: "S3"}, Inputs: []string{"BuildArtifact"}, Configuration: configuration,
			}}},
		}}
	}
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	if err := w.AddFS(fstest.MapFS{"index.html": {Data: []byte("<p>")}, "img/a.png": {Data: []byte("png")}}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		extract, key, object, want string
	}{
		{"true", "", "img/a.png", "png"},
		{"true", "v1/", "v1/index.html", "<p>"},
		{"false", "out.zip", "out.zip", archive.String()},
	} {
		configuration := map[string]string{"BucketName": "out", "Extract": test.extract}
		if test.key != "" {
			configuration["ObjectKey"] = test.key
		}
		server, client := newServer(t, deploy(configuration))
		if err := server.PutObject("in", "site.zip", archive.Bytes()); err != nil {
			t.Fatal(err)
		}
		id := begin(t, server, "site")
		server.Settle()
		equal(t, "status", types.PipelineExecutionStatusSucceeded, get(t, client, "site", id).Status)
		if content, ok := server.Object("out", test.object); !ok || string(content) != test.want {
			t.Errorf("%v: the object %s is there: %t, with %d bytes", configuration, test.object, ok, len(content))
		}
	}
	// An action that decides for itself has the files of its artifact.
	p := deploy(map[string]string{"BucketName": "out", "Extract": "true"})
	p.Stages[1].Actions[0].Run = func(pipelinetest.ActionRun) pipelinetest.Outcome {
		return pipelinetest.Outcome{Artifacts: map[string]fs.FS{"BuildArtifact": fstest.MapFS{"built.txt": {Data: []byte("yes")}}}}
	}
	server, _ := newServer(t, p)
	begin(t, server, "site")
	server.Settle()
	if content, _ := server.Object("out", "built.txt"); string(content) != "yes" {
		t.Errorf("the file is %q", content)
	}
	// What is no archive cannot be extracted.
	server, client := newServer(t, deploy(map[string]string{"BucketName": "out", "Extract": "true"}))
	if err := server.PutObject("in", "site.zip", []byte("text")); err != nil {
		t.Fatal(err)
	}
	id := begin(t, server, "site")
	server.Settle()
	if got := *actions(t, client, "site", id)[0].Output.ExecutionResult.ExternalExecutionSummary; !strings.Contains(got, "BuildArtifact cannot be extracted") {
		t.Errorf("summary %q", got)
	}
}

// What the model says about commands holds for structures too.
func TestCommandStructures(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*pipelinetest.Action){
		"which needs them":    func(a *pipelinetest.Action) { a.Commands = nil },
		"up to 50 commands":   func(a *pipelinetest.Action) { a.Commands = slices.Repeat([]string{"ls"}, 51) },
		"15 output variables": func(a *pipelinetest.Action) { a.OutputVariables = slices.Repeat([]string{"V"}, 16) },
		"only an action with comman": func(a *pipelinetest.Action) {
			a.Commands, a.Type = nil, pipelinetest.ActionType{Category: "Build", Provider: "CodeBuild"}
		},
		"SECRET is a secret": func(a *pipelinetest.Action) {
			a.Commands, a.OutputVariables, a.Files, a.Type = nil, nil, nil, pipelinetest.ActionType{Category: "Build", Provider: "CodeBuild"}
		},
	} {
		if _, err := pipelinetest.Start(shell(change)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	old := shell(nil)
	old.Type = "V1"
	if _, err := pipelinetest.Start(old); err == nil || !strings.Contains(err.Error(), "Commands/1 needs type V2") {
		t.Errorf("commands in a pipeline of V1: %v", err)
	}
	_, client := newServer(t, shell(nil))
	out, err := client.GetPipeline(t.Context(), &awscodepipeline.GetPipelineInput{Name: aws.String("shell")})
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*types.ActionDeclaration){
		"no command":      func(a *types.ActionDeclaration) { a.Commands = []string{} },
		"empty command":   func(a *types.ActionDeclaration) { a.Commands = []string{""} },
		"long command":    func(a *types.ActionDeclaration) { a.Commands = []string{strings.Repeat("x", 1001)} },
		"11 files":        func(a *types.ActionDeclaration) { a.OutputArtifacts[0].Files = slices.Repeat([]string{"f"}, 11) },
		"odd environment": func(a *types.ActionDeclaration) { a.EnvironmentVariables[0].Name = aws.String("A-B") },
		"odd type":        func(a *types.ActionDeclaration) { a.EnvironmentVariables[0].Type = "KEY" },
	} {
		p := *out.Pipeline
		p.Stages = slices.Clone(p.Stages)
		a := p.Stages[1].Actions[0]
		a.OutputArtifacts = slices.Clone(a.OutputArtifacts)
		a.EnvironmentVariables = slices.Clone(a.EnvironmentVariables)
		change(&a)
		p.Stages[1].Actions = []types.ActionDeclaration{a}
		if _, err := client.UpdatePipeline(t.Context(), &awscodepipeline.UpdatePipelineInput{Pipeline: &p}); code(err) != "ValidationException" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
