package diagram_test

import (
	"strings"
	"testing"

	"github.com/codesuite-go/codesuite/pipeline"
	"github.com/codesuite-go/codesuite/pipeline/actiontype"
	"github.com/codesuite-go/codesuite/pipeline/definition"
	"github.com/codesuite-go/codesuite/pipeline/diagram"
)

// TestSecrets checks that no value appears that may be a secret.
func TestSecrets(t *testing.T) {
	t.Parallel()
	const secret = "hunter2"
	p := &definition.Pipeline{Name: "secrets", RoleARN: secret, ArtifactStore: definition.Bucket(secret, secret),
		Variables: []definition.Variable{{Name: "Token", DefaultValue: secret, Description: secret}}}
	e := &pipeline.Execution{
		Pipeline: "secrets", Status: pipeline.StatusFailed, Trigger: pipeline.Trigger{Type: "Webhook", Detail: secret},
		Variables: []pipeline.Variable{{Name: "Token", Value: secret}},
	}
	add := func(name string, provider definition.Provider, configuration map[string]string) {
		p.Stages[0].Actions = append(p.Stages[0].Actions, definition.Action{
			Name: name, Provider: provider, Commands: []string{secret}, RoleARN: secret,
			EnvironmentVariables: []definition.EnvironmentVariable{{Name: "TOKEN", Value: secret}},
		})
		e.Actions = append(e.Actions, pipeline.ActionExecution{
			Stage: "All", Action: name, Status: pipeline.ActionFailed, ErrorMessage: secret, Summary: secret, URL: secret,
			Configuration: configuration, OutputVariables: map[string]string{"Token": secret},
		})
	}
	p.Stages = []definition.Stage{{Name: "All"}}
	for _, built := range actiontype.BuiltIn() {
		configuration := map[string]string{"Unknown": secret}
		for _, property := range built.Properties {
			if property.Secret || strings.Contains(property.Name, "Parameter") || strings.Contains(property.Name, "Environment") && property.Form == actiontype.FormArray {
				configuration[property.Name] = secret
			}
		}
		add(built.Provider, definition.Custom{
			Type:          definition.ActionType{Category: built.Category, Owner: built.Owner, Provider: built.Provider, Version: built.Version},
			Configuration: configuration,
		}, configuration)
	}
	// A custom type may call its secret as a built-in type calls its repository.
	configuration := map[string]string{"RepositoryName": secret, "ProjectName": secret, "FunctionName": secret}
	add("Own", definition.Custom{Type: definition.ActionType{Category: "Build", Owner: "Custom", Provider: "CodeBuild", Version: "1"}, Configuration: configuration}, configuration)
	p.Stages[0].BeforeEntry = &definition.Conditions{Conditions: []definition.Condition{{Result: "FAIL", Rules: []definition.Rule{
		{Name: "Check", Provider: definition.VariableCheckRule{Variable: secret, Value: secret}, Commands: []string{secret}},
	}}}}
	for _, options := range []func(*diagram.Options){func(*diagram.Options) {}, func(o *diagram.Options) { o.Execution = e }} {
		for _, structure := range []*definition.Pipeline{p, nil} {
			if structure == nil {
				options = func(o *diagram.Options) { o.Execution = e }
			}
			svg, err := diagram.SVG(structure, options)
			if err != nil {
				t.Fatal(err)
			}
			text, err := diagram.Mermaid(structure, options)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(svg), secret) || strings.Contains(text, secret) {
				t.Error("the picture shows a secret")
			}
			if !strings.Contains(string(svg), "Own") {
				t.Error("the picture does not have the action Own")
			}
		}
	}
}
