package actiontype_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"
	gocmp "github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/pipeline/actiontype"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

const listing = `{
    "actionTypes": [{
        "id": {"category": "Test", "owner": "Custom", "provider": "Lint", "version": "1"},
        "settings": {"executionUrlTemplate": "https://lint.example/{ExternalExecutionId}"},
        "actionConfigurationProperties": [
            {"name": "Level", "required": true, "key": true, "secret": false, "queryable": true, "description": "the level", "type": "Number"},
            {"name": "Token", "required": false, "key": false, "secret": true}],
        "inputArtifactDetails": {"minimumCount": 1, "maximumCount": 2},
        "outputArtifactDetails": {"minimumCount": 0, "maximumCount": 1}}]
}
{"ruleTypes": [{
        "id": {"category": "Rule", "owner": "AWS", "provider": "LambdaInvoke", "version": "1"},
        "ruleConfigurationProperties": [{"name": "FunctionName", "required": true, "key": true, "secret": false}],
        "inputArtifactDetails": {"minimumCount": 0, "maximumCount": 5}}]}
`

func TestParseList(t *testing.T) {
	t.Parallel()
	got, err := actiontype.ParseList([]byte(listing))
	if err != nil {
		t.Fatal(err)
	}
	want := []actiontype.Type{
		{
			Category: "Test", Owner: "Custom", Provider: "Lint", Version: "1",
			ExecutionURLTemplate: "https://lint.example/{ExternalExecutionId}",
			Properties: []actiontype.Property{
				{Name: "Level", Description: "the level", Type: actiontype.PropertyTypeNumber, Required: true, Key: true, Queryable: true},
				{Name: "Token", Type: actiontype.PropertyTypeString, Secret: true},
			},
			Inputs: actiontype.ArtifactCount{Min: 1, Max: 2}, Outputs: actiontype.ArtifactCount{Max: 1},
		},
		{
			Category: "Rule", Owner: "AWS", Provider: "LambdaInvoke", Version: "1",
			Properties: []actiontype.Property{{Name: "FunctionName", Type: actiontype.PropertyTypeString, Required: true, Key: true}},
			Inputs:     actiontype.ArtifactCount{Max: 5},
		},
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for text, want := range map[string]string{
		"":                                      "the text ends too early",
		"{":                                     "the text ends too early",
		"actionTypes":                           "no JSON at byte",
		`{"pipelines": []}`:                     "neither actionTypes nor ruleTypes",
		`{"actionTypes": "none"}`:               "actionTypes is a string",
		`{"actionTypes": [{"id": {}}]}`:         "category",
		`{"actionTypes": [], "x": 1} {"y": [0]`: "the text ends too early",
	} {
		if _, err := actiontype.ParseList([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", text, err, want)
		}
	}
	if none, err := actiontype.ParseList([]byte(`{"actionTypes": []}`)); err != nil || len(none) > 0 {
		t.Errorf("%v, %v", none, err)
	}
}

func FuzzParseList(f *testing.F) {
	f.Add([]byte(listing))
	f.Add([]byte(`{"actionTypes":null}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		list, err := actiontype.ParseList(data)
		if err == nil {
			actiontype.CompareCatalogue(list)
		}
	})
}

// A server whose types are those of the catalogue does not differ from it.
func TestCompareCatalogue(t *testing.T) {
	t.Parallel()
	server := pipelinetest.NewServer(t)
	api := awscodepipeline.NewFromConfig(server.Config())
	var account []actiontype.Type
	for listed, err := range actiontype.List(t.Context(), api, "") {
		if err != nil {
			t.Fatal(err)
		}
		account = append(account, listed)
	}
	if diffs := actiontype.CompareCatalogue(account); len(diffs) > 0 {
		t.Errorf("%v", diffs)
	}
	if diffs := actiontype.CompareCatalogue(append(account, actiontype.RuleTypes()...)); len(diffs) > 0 {
		t.Errorf("%v", diffs)
	}

	var changed []actiontype.Type
	for _, a := range account {
		switch a.Provider {
		case "AppConfig":
			continue
		case "EKS":
			a.Provider = "EKS2"
		case "ECS":
			a.Inputs.Max = 2
			a.Properties = append(a.Properties[1:], actiontype.Property{Name: "Speed", Required: true})
			a.Properties[0].Required, a.Properties[0].Secret = false, true
		}
		changed = append(changed, a)
	}
	changed = append(changed, actiontype.Type{Category: "Build", Provider: "Make", Version: "1"})
	var got []string
	for _, d := range actiontype.CompareCatalogue(changed) {
		got = append(got, d.String())
	}
	want := []string{
		`AWS/Deploy/AppConfig/1: the account does not have the type`,
		`AWS/Deploy/ECS/1: Inputs is "1 to 1" in the catalogue, "1 to 2" in the account`,
		`AWS/Deploy/ECS/1: property "ClusterName" is "String required" in the catalogue, the account does not have it`,
		`AWS/Deploy/ECS/1: property "ServiceName": Required is "true" in the catalogue, "false" in the account`,
		`AWS/Deploy/ECS/1: property "ServiceName": Secret is "false" in the catalogue, "true" in the account`,
		`AWS/Deploy/ECS/1: property "Speed" is "String required" in the account, the catalogue does not have it`,
		`AWS/Deploy/EKS/1: the account does not have the type`,
		`AWS/Deploy/EKS2/1: the catalogue does not have the type`,
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// rules is an API with one rule type.
type rules struct {
	out *awscodepipeline.ListRuleTypesOutput
}

func (r rules) ListRuleTypes(context.Context, *awscodepipeline.ListRuleTypesInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.ListRuleTypesOutput, error) {
	return r.out, nil
}

func TestListRules(t *testing.T) {
	t.Parallel()
	api := rules{&awscodepipeline.ListRuleTypesOutput{RuleTypes: []types.RuleType{{
		Id: &types.RuleTypeId{Category: "Rule", Owner: "AWS", Provider: aws.String("LambdaInvoke"), Version: aws.String("1")},
		RuleConfigurationProperties: []types.RuleConfigurationProperty{
			{Name: aws.String("FunctionName"), Required: true, Key: true, Type: "String"},
		},
		InputArtifactDetails: &types.ArtifactDetails{MaximumCount: 5},
	}, {}}}}
	var got []actiontype.Type
	for r, err := range actiontype.ListRules(t.Context(), api) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, r)
	}
	parsed, err := actiontype.ParseList([]byte(listing))
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff([]actiontype.Type{parsed[1], {}}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, api := range []actiontype.RulesAPI{nil, rules{}} {
		failed := 0
		for _, err := range actiontype.ListRules(t.Context(), api) {
			if err != nil {
				failed++
			}
		}
		if failed != 1 {
			t.Errorf("%d errors of %T", failed, api)
		}
	}
}

// Each property says what it is, in the length that CodePipeline allows.
func TestDescriptions(t *testing.T) {
	t.Parallel()
	for _, b := range append(actiontype.BuiltIn(), actiontype.RuleTypes()...) {
		for _, p := range b.Properties {
			if n := len(p.Description); n == 0 || n > 160 || strings.HasSuffix(p.Description, ".") {
				t.Errorf("%s: the description of %s, %q, has %d bytes", b, p.Name, p.Description, n)
			}
			if p.Form == actiontype.FormNumber && len(p.Values) > 0 {
				t.Errorf("%s: %s is a number and has values", b, p.Name)
			}
		}
	}
	if _, err := json.Marshal(actiontype.BuiltIn()); err != nil {
		t.Error(err)
	}
}
