package definition_test

import (
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/pipeline/definition"
)

const stack = `{
"Parameters": {"Branch": {"Type": "String", "Default": "main"}},
"Resources": {
  "Repository": {"Type": "AWS::CodeCommit::Repository"},
  "Other": {"Type": "AWS::Events::Rule", "Properties": {"EventPattern": {"source": ["aws.codebuild"]}, "Targets": [{"Arn": "arn:aws:lambda:eu-west-1:111122223333:function:f", "Id": "f"}]}},
  "OnPush": {"Type": "AWS::Events::Rule", "Properties": {
    "EventPattern": {"source": ["aws.codecommit"], "detail": {"repositoryName": ["web"], "referenceName": [{"Ref": "Branch"}]}},
    "Targets": [{"Arn": {"Fn::Sub": "arn:${AWS::Partition}:codepipeline:${AWS::Region}:${AWS::AccountId}:${Web}"}, "Id": "p"}]}},
  "Web": {"Type": "AWS::CodePipeline::Pipeline", "Properties": {
    "PipelineType": "V2",
    "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
    "RestartExecutionOnUpdate": true,
    "Tags": [{"Key": "a", "Value": "b"}],
    "ArtifactStores": [
      {"Region": {"Ref": "AWS::Region"}, "ArtifactStore": {"Type": "S3", "Location": {"Ref": "Bucket"}}},
      {"Region": "us-east-1", "ArtifactStore": {"Type": "S3", "Location": "artifacts", "EncryptionKey": {"Type": "KMS", "Id": {"Fn::ImportValue": "key"}}}}],
    "Stages": [
      {"Name": "Source", "Actions": [
        {"Name": "Fetch", "ActionTypeId": {"Category": "Source", "Owner": "AWS", "Provider": "CodeCommit", "Version": 1},
         "Configuration": {"RepositoryName": "web", "BranchName": {"Ref": "Branch"}, "PollForSourceChanges": true},
         "OutputArtifacts": [{"Name": "Source"}]}]},
      {"Name": "Deploy", "Actions": [
        {"Name": "Approve", "ActionTypeId": {"Category": "Approval", "Owner": "AWS", "Provider": "Manual", "Version": "1"},
         "Configuration": {"NotificationArn": {"Ref": "Topic"}, "CustomData": {"Fn::Join": ["-", ["a", {"Ref": "AWS::StackName"}, 1]]}}, "TimeoutInMinutes": "60"},
        {"Fn::If": ["Gate", {"Name": "Gate", "ActionTypeId": {"Category": "Approval", "Owner": "AWS", "Provider": "Manual", "Version": "1"}}, {"Ref": "AWS::NoValue"}]},
        {"Name": "Release", "RunOrder": "2", "ActionTypeId": {"Category": "Deploy", "Owner": "AWS", "Provider": "CloudFormation", "Version": "1"},
         "Configuration": {"ActionMode": "CREATE_UPDATE", "StackName": {"Fn::Sub": ["${Name}-${Stage}", {"Stage": "prod"}]}, "RoleArn": {"Fn::GetAtt": "Deploy.Arn"},
           "TemplatePath": "Sauce::app.yaml", "ParameterOverrides": {"Fn::Sub": "{\"Image\": \"${Image}\", \"Literal\": \"${!Kept}\"}"}},
         "InputArtifacts": [{"Name": "Source"}]}]}]}}
}}`

func TestTemplate(t *testing.T) {
	t.Parallel()
	resources, err := definition.ParseTemplate([]byte(stack), func(o *definition.TemplateOptions) {
		o.Parameters = map[string]string{"Branch": "main", "Image": "web:1"}
		o.Conditions = map[string]bool{"Gate": false}
	})
	if err != nil || len(resources) != 1 || resources[0].LogicalID != "Web" {
		t.Fatalf("%v, %v", resources, err)
	}
	web := resources[0]
	want := definition.Pipeline{
		Name: "${Web}", RoleARN: "${Role.Arn}", Type: "V2",
		ArtifactStores: map[string]definition.ArtifactStore{
			"${AWS::Region}": *definition.Bucket("${Bucket}", ""),
			"us-east-1":      *definition.Bucket("artifacts", "${Fn::ImportValue}"),
		},
		Stages: []definition.Stage{
			stage("Source", definition.Action{Name: "Fetch", Outputs: definition.Artifacts("Source"),
				Provider: definition.CodeCommitSource{RepositoryName: "web", BranchName: "main", PollForSourceChanges: "true"}}),
			stage("Deploy",
				definition.Action{Name: "Approve", TimeoutInMinutes: 60,
					Provider: definition.ManualApproval{NotificationARN: "${Topic}", CustomData: "a-${AWS::StackName}-1"}},
				definition.Action{Name: "Release", RunOrder: 2, Inputs: definition.Artifacts("Source"), Provider: definition.CloudFormation{
					ActionMode: "CREATE_UPDATE", StackName: "${Name}-prod", RoleARN: "${Deploy.Arn}", TemplatePath: "Sauce::app.yaml",
					ParameterOverrides: `{"Image": "web:1", "Literal": "${Kept}"}`}},
			),
		},
	}
	if diff := gocmp.Diff(want, web.Pipeline); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(web.EventRules) != 1 || web.EventRules[0].Name != "OnPush" {
		t.Errorf("rules %+v", web.EventRules)
	}
	findings := messages(web.Check())
	for i, want := range []string{
		`Resources.Web.Properties.Stages[0].Actions[0].Configuration.PollForSourceChanges: error: each change of the branch main of web starts the pipeline twice`,
		`Resources.Web.Properties.Stages[1].Actions[1].Configuration.TemplatePath: error: "Sauce" is no input artifact`,
	} {
		if len(findings) != 2 || !strings.HasPrefix(findings[i], want) {
			t.Fatalf("findings:\n%s\nwant %s", strings.Join(findings, "\n"), want)
		}
	}

	// Without values the rule's pattern is not known, and both ways of an If are.
	resources, err = definition.ParseTemplate([]byte(stack))
	if err != nil || resources[0].EventRules != nil || len(resources[0].Pipeline.Stages[1].Actions) != 3 {
		t.Errorf("%+v, %v", resources, err)
	}
}

// TestTemplateDefaults takes the defaults of parameters, but not the names of
// parameters of Systems Manager.
func TestTemplateDefaults(t *testing.T) {
	t.Parallel()
	const text = `{
"Parameters": {
  "Branch": {"Type": "String", "Default": "main"},
  "Minutes": {"Type": "Number", "Default": 60},
  "Image": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/images/web"},
  "Topic": {"Type": "String"},
  "Branches": {"Type": "CommaDelimitedList", "Default": "main, release/*"}
},
"Resources": {"Web": {"Type": "AWS::CodePipeline::Pipeline", "Properties": {"Name": {"Fn::Sub": "web-${Branch}-${Image}"},
  "Triggers": [{"ProviderType": "CodeStarSourceConnection", "GitConfiguration": {"SourceActionName": "Fetch", "Push": [{"Branches": {"Includes": {"Ref": "Branches"}}}]}}],
  "Stages": [
  {"Name": "Gate", "Actions": [{"Name": "Gate", "TimeoutInMinutes": {"Ref": "Minutes"},
    "ActionTypeId": {"Category": "Approval", "Owner": "AWS", "Provider": "Manual", "Version": "1"},
    "Configuration": {"NotificationArn": {"Ref": "Topic"}, "CustomData": {"Ref": "Branch"}}}]}]}}}}`
	for _, tt := range []struct {
		options  definition.TemplateOptions
		name     string
		minutes  int
		branches []string
	}{
		{definition.TemplateOptions{}, "web-${Branch}-${Image}", 0, []string{"${Branches}"}},
		{definition.TemplateOptions{Defaults: true}, "web-main-${Image}", 60, []string{"main", "release/*"}},
		{definition.TemplateOptions{Defaults: true, Parameters: map[string]string{"Branch": "next"}}, "web-next-${Image}", 60, []string{"main", "release/*"}},
	} {
		resources, err := definition.ParseTemplate([]byte(text), func(o *definition.TemplateOptions) { *o = tt.options })
		if err != nil {
			t.Fatal(err)
		}
		p := resources[0].Pipeline
		if got := p.Stages[0].Actions[0].TimeoutInMinutes; p.Name != tt.name || got != tt.minutes {
			t.Errorf("%+v: the name is %s and the time %d, want %s and %d", tt.options, p.Name, got, tt.name, tt.minutes)
		}
		if diff := gocmp.Diff(tt.branches, p.Triggers[0].Git.Push[0].Branches.Includes); diff != "" {
			t.Errorf("%+v: branches (-want +got):\n%s", tt.options, diff)
		}
		if _, err := (&definition.Document{Pipeline: p}).JSON(); err != nil {
			t.Errorf("%+v: %v", tt.options, err)
		}
	}
}

func TestTemplateErrors(t *testing.T) {
	t.Parallel()
	web := func(properties string) string {
		return `{"Resources":{"Web":{"Type":"AWS::CodePipeline::Pipeline","Properties":` + properties + `}}}`
	}
	for text, want := range map[string]string{
		`{}`:                               "give a template of CloudFormation",
		`{"a":1`:                           "closing bracket",
		web(`[]`):                          "Resources.Web.Properties: want an object, found a list",
		web(`null`):                        "Resources.Web.Properties: want an object, found null",
		web(`{"Stages":[{"Actions":{}}]}`): "Resources.Web.Properties.Stages[0].Actions: want a list, found an object",
		web(`{"Stages":[{"Actions":[{"Configuration":{"Env":{"a":1}}}]}]}`):                             "Resources.Web.Properties.Stages[0].Actions[0].Configuration.Env: want a text, found an object",
		web(`{"Stages":{"Fn::FindInMap":["a","b","c"]}}`):                                               "Stages: want a list, found a text",
		web(`{"ArtifactStores":[{"Region":"a","ArtifactStore":{}},{"Region":"a","ArtifactStore":{}}]}`): "ArtifactStores[1].Region: name another Region",
	} {
		if _, err := definition.ParseTemplate([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", text, err, want)
		}
	}
	none, err := definition.ParseTemplate([]byte(`{"Resources":{"A":{"Type":"AWS::S3::Bucket"}}}`))
	if err != nil || len(none) != 0 {
		t.Errorf("%v, %v", none, err)
	}
	// Texts that double their values do not grow without end.
	bomb := `"x"`
	for range 35 {
		bomb = `{"Fn::Sub":["${a}${a}",{"a":` + bomb + `}]}`
	}
	resources, err := definition.ParseTemplate([]byte(web(`{"RoleArn":` + bomb + `}`)))
	if err != nil || len(resources[0].Pipeline.RoleARN) > 9<<20 {
		t.Errorf("%v", err)
	}
}

func FuzzParseTemplate(f *testing.F) {
	f.Add([]byte(stack))
	f.Add([]byte(`{"Resources":{"W":{"Type":"AWS::CodePipeline::Pipeline","Properties":{"Name":{"Fn::ToJsonString":{"Fn::Sub":"${!a}${b}${"}},"Stages":[{"Fn::If":["c",{},{"Ref":"AWS::NoValue"}]}]}}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		resources, err := definition.ParseTemplate(data)
		if err != nil {
			return
		}
		for _, r := range resources {
			for _, finding := range r.Check() {
				if !strings.HasPrefix(finding.Path, "Resources."+r.LogicalID+".Properties") {
					t.Errorf("path %q", finding.Path)
				}
			}
			if _, err := r.Pipeline.MarshalJSON(); err != nil {
				t.Error(err)
			}
		}
	})
}
