package definition_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/pipeline/actiontype"
	"github.com/codesuite-go/codesuite/pipeline/definition"
)

// odd are changes to everything() that make a warning and no error.
var odd = []struct {
	name  string
	spoil func(*definition.Pipeline)
	path  string
	say   string
}{
	{"unused artifact", func(p *definition.Pipeline) {
		p.Stages[1].Actions[2].Outputs = definition.Artifacts("Left")
	}, "stages[1].actions[2].outputArtifacts[0].name", "no action uses"},
	{"unused variable", func(p *definition.Pipeline) { p.Variables = append(p.Variables, definition.Variable{Name: "Left"}) }, "variables[2]", "#{variables.Left}"},
	{"unused store", func(p *definition.Pipeline) {
		p.ArtifactStores["us-east-1"] = *definition.Bucket("artifacts-three", "")
	}, "artifactStores.us-east-1", "no action is in us-east-1"},
	{"retired provider", func(p *definition.Pipeline) {
		p.Stages[2].Actions[1].Provider = definition.OpsWorks{Stack: "s", App: "a"}
	}, "stages[2].actions[1].actionTypeId", "AWS has ended"},
	{"older GitHub", func(p *definition.Pipeline) {
		p.Stages[0].Actions[3].Provider = definition.GitHubSource{Owner: "o", Repo: "r", Branch: "main", OAuthToken: "****"}
	}, "stages[0].actions[3].configuration", "replace it by a connection"},
	{"nothing detects", func(p *definition.Pipeline) {
		p.Triggers = nil
		setKey(p, 0, 1, "DetectChanges", "false")
	}, "stages[0].actions[1].configuration.DetectChanges", "add a trigger"},
	{"no event rule", func(p *definition.Pipeline) { setKey(p, 0, 2, "ImageTag", "stable") }, "stages[0].actions[2].configuration", "no event rule"},
	{"same source twice", func(p *definition.Pipeline) {
		p.Stages[0].Actions[3].Provider = p.Stages[0].Actions[0].Provider
	}, "stages[0].actions[3].configuration", "one of them is enough"},
	{"long environment variable", func(p *definition.Pipeline) {
		p.Stages[1].Actions[1].EnvironmentVariables[1].Value = strings.Repeat("x", 1001)
	}, "stages[1].actions[1].environmentVariables[1].value", "allows 1000"},
	{"output without files", func(p *definition.Pipeline) { p.Stages[1].Actions[1].Outputs[0].Files = nil }, "stages[1].actions[1].outputArtifacts[0].files", "name the paths"},
	{"starts itself", func(p *definition.Pipeline) { setKey(p, 2, 4, "PipelineName", "everything") }, "stages[2].actions[4].configuration.PipelineName", "again and again"},
	{"files of a tag", func(p *definition.Pipeline) {
		p.Triggers[0].Git.Push[1].FilePaths = &definition.Patterns{Includes: []string{"a"}}
	}, "triggers[0].gitConfiguration.push[1].filePaths", "no changed files"},
	{"included and excluded", func(p *definition.Pipeline) {
		p.Triggers[0].Git.Push[1].Tags.Excludes = []string{"v*"}
	}, "triggers[0].gitConfiguration.push[1].tags.includes[0]", "takes precedence"},
	{"not closed", func(p *definition.Pipeline) { setKey(p, 2, 3, "UserParameters", "#{Stack.Url") }, "stages[2].actions[3].configuration.UserParameters", "add a }"},
	{"constant comparison", func(p *definition.Pipeline) {
		setRule(p, definition.VariableCheckRule{Variable: "main", Value: "main", Operator: "EQ"})
	}, "stages[2].beforeEntry.conditions[0].rules[0].configuration.Variable", "always gives the same"},
	{"misspelt member", func(p *definition.Pipeline) {
		p.Stages[1].Actions[0].Other = definition.Members{"runorder": json.RawMessage(`2`)}
	}, "stages[1].actions[0].runorder", "did you mean runOrder?"},
	{"unknown member", func(p *definition.Pipeline) { p.Other = definition.Members{"colour": json.RawMessage(`"blue"`)} }, "colour", "is not known"},
	{"blockers", func(p *definition.Pipeline) {
		p.Stages[1].Other = definition.Members{"blockers": json.RawMessage(`[{"name":"Closed","type":"Schedule"}]`)}
	}, "stages[1].blockers", "reserved by CodePipeline"},
	{"member without a value", func(p *definition.Pipeline) {
		p.Stages[2].Actions[5].Other = definition.Members{"namespace": json.RawMessage(`""`)}
	}, "stages[2].actions[5].namespace", "has no value"},
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	rules, err := everything().EventRules()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range odd {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := everything()
			test.spoil(p)
			findings := p.Check(inIreland, func(o *definition.CheckOptions) { o.EventRules = rules })
			if definition.HasErrors(findings) || !slices.ContainsFunc(findings, func(f definition.Finding) bool {
				return f.Severity == definition.SeverityWarning && f.Path == test.path && strings.Contains(f.Message, test.say)
			}) {
				t.Errorf("want the warning %q at %s, got:\n%s", test.say, test.path, strings.Join(messages(findings), "\n"))
			}
		})
	}
}

// Without the rules Check knows that the pipeline polls, and no more.
func TestPolling(t *testing.T) {
	t.Parallel()
	p := web()
	p.Stages[0].Actions[0].Provider = definition.CodeCommitSource{RepositoryName: "web", BranchName: "main"}
	const path = "stages[0].actions[0].configuration.PollForSourceChanges"
	for name, rules := range map[string][]definition.EventRule{"unknown": nil, "none": {}} {
		findings := p.Check(func(o *definition.CheckOptions) { o.EventRules = rules })
		if len(findings) != 1 || findings[0].Path != path || findings[0].Severity != definition.SeverityWarning {
			t.Errorf("rules %s: %q", name, messages(findings))
		}
	}
	if findings := web().Check(); len(findings) != 0 {
		t.Errorf("%q", messages(findings))
	}
}

// A type that the catalogue does not have, or a key, comes from the account.
func TestExtendedCatalogue(t *testing.T) {
	t.Parallel()
	lint := definition.ActionType{Category: "Test", Owner: "Custom", Provider: "Lint", Version: "1"}
	types, err := actiontype.ParseList([]byte(`{"actionTypes":[
		{"id":{"category":"Test","owner":"Custom","provider":"Lint","version":"1"},
		 "actionConfigurationProperties":[{"name":"Level","required":true,"key":false,"secret":false,"type":"Number"}],
		 "inputArtifactDetails":{"minimumCount":1,"maximumCount":1},"outputArtifactDetails":{"minimumCount":0,"maximumCount":0}},
		{"id":{"category":"Deploy","owner":"AWS","provider":"ECS","version":"1"},
		 "actionConfigurationProperties":[{"name":"ClusterName","required":true},{"name":"ServiceName","required":true},{"name":"Speed","required":false}],
		 "inputArtifactDetails":{"minimumCount":1,"maximumCount":1},"outputArtifactDetails":{"minimumCount":0,"maximumCount":0}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	known := func(o *definition.CheckOptions) { o.Types = types }
	p := web()
	p.Stages[1].Actions = append(p.Stages[1].Actions, action("Lint", definition.Custom{Type: lint, Configuration: map[string]string{"Level": "2"}}, "Source"))
	p.Stages[2].Actions[0].Provider = definition.ECSDeploy{ClusterName: "c", ServiceName: "s", Other: map[string]string{"Speed": "9"}}
	if findings := p.Check(known); len(findings) > 0 {
		t.Errorf("%q", messages(findings))
	}
	if n := len(p.Check()); n != 2 {
		t.Errorf("%d findings without the types, want the type and the key", n)
	}
	p.Stages[1].Actions[1].Provider = definition.Custom{Type: lint, Configuration: map[string]string{"Levle": "2", "Level": "high"}}
	want := []string{
		`stages[1].actions[1].configuration.Level: error: "high" is no number: write digits`,
		`stages[1].actions[1].configuration.Levle: error: the custom type Custom/Test/Lint/1 has no property "Levle": did you mean Level? A new property needs a new version of the type`,
	}
	if diff := gocmp.Diff(want, messages(p.Check(known))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Lint is a type of one's own.
type Lint struct {
	Level string `key:"Level"`
}

func (Lint) ActionType() definition.ActionType {
	return definition.ActionType{Category: "Test", Owner: "Custom", Provider: "Lint", Version: "1"}
}

// wrongLint has a key in a field that is no string.
type wrongLint struct {
	Level int `key:"Level"`
}

func (wrongLint) ActionType() definition.ActionType { return Lint{}.ActionType() }

func TestOwnProvider(t *testing.T) {
	t.Parallel()
	p := web()
	p.Stages[1].Actions = append(p.Stages[1].Actions, action("Lint", &Lint{Level: "2"}, "Source"))
	d, err := p.Declaration()
	if err != nil || d.Stages[1].Actions[1].Configuration["Level"] != "2" || *d.Stages[1].Actions[1].ActionTypeId.Provider != "Lint" {
		t.Errorf("%v, %v", d, err)
	}
	p.Stages[1].Actions[1].Provider = wrongLint{2}
	if _, err := p.Declaration(); err == nil || !strings.Contains(err.Error(), "must be a string") {
		t.Errorf("error %v", err)
	}
	if findings := p.Check(); len(findings) != 1 || !strings.Contains(findings[0].Message, "must be a string") {
		t.Errorf("%q", messages(findings))
	}
	p.Stages[1].Actions[1].Provider = (*Lint)(nil)
	if _, err := p.Declaration(); err == nil {
		t.Error("no error for a nil provider")
	}
}

// Each built-in type of the catalogue checks clean with what it needs.
func TestEveryProvider(t *testing.T) {
	t.Parallel()
	more := map[string]map[string]string{ // what some configurations need besides
		"CloudFormation":               {"ActionMode": "CHANGE_SET_EXECUTE", "ChangeSetName": "c"},
		"CloudFormationStackInstances": {"DeploymentTargets": "111122223333", "Regions": "eu-west-1"},
		"EC2":                          {"DeploySpec": "deploy.yaml"},
		"EKS":                          {"ManifestFiles": "app.yaml"},
		"InspectorScan":                {"ECRRepositoryName": "r", "ImageTag": "t", "InspectorRunMode": "ECRImageScan"},
		"ServiceCatalog":               {"ConfigurationFilePath": "product.json"},
		"DeviceFarm":                   {"TestType": "BUILTIN_FUZZ"},
		"CodeStarSourceConnection":     {"ConnectionArn": "arn:aws:codestar-connections:eu-west-1:111122223333:connection/1", "FullRepositoryId": "a/b"},
		"StepFunctions":                {"StateMachineArn": "arn:aws:states:eu-west-1:111122223333:stateMachine:m"},
	}
	for _, b := range actiontype.BuiltIn() {
		configuration := map[string]string{}
		for _, p := range b.Properties {
			switch {
			case !p.Required:
			case len(p.Values) > 0:
				configuration[p.Name] = p.Values[0]
			case p.Form == actiontype.FormArtifact:
				configuration[p.Name] = "Source"
			case p.Form == actiontype.FormFile:
				configuration[p.Name] = "Source::template.yaml"
			default:
				configuration[p.Name] = "x"
			}
		}
		for key, value := range more[b.Provider] {
			configuration[key] = value
		}
		a := definition.Action{Name: "Tried", Provider: definition.Custom{
			Type:          definition.ActionType{Category: b.Category, Owner: b.Owner, Provider: b.Provider, Version: b.Version},
			Configuration: configuration,
		}}
		if b.Inputs.Max > 0 {
			a.Inputs = definition.Artifacts("Source")
		}
		if b.Outputs.Min > 0 {
			a.Outputs = definition.Artifacts("Made")
		}
		if b.Provider == "Commands" {
			a.Commands = []string{"make"}
		}
		p := web()
		if b.Category == "Source" {
			p.Stages[0].Actions = append(p.Stages[0].Actions, a)
		} else {
			p.Stages[1].Actions = append(p.Stages[1].Actions, a)
		}
		for _, f := range p.Check() {
			if f.Severity == definition.SeverityError {
				t.Errorf("%s: %s", b, f)
			}
		}
		// and through JSON it has its own Go type
		text, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		var read definition.Pipeline
		if err := json.Unmarshal(text, &read); err != nil {
			t.Fatal(err)
		}
		for _, s := range read.Stages {
			for _, a := range s.Actions {
				if _, custom := a.Provider.(definition.Custom); custom {
					t.Errorf("%s has no Go type", b)
				}
			}
		}
	}
}
