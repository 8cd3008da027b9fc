package cfnyaml_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/examples/internal/cfnyaml"
	"github.com/codesuite-go/codesuite/pipeline/definition"
)

const stack = `
AWSTemplateFormatVersion: 2010-09-09
Resources:
  OnPush:
    Type: AWS::Events::Rule
    Properties:
      EventPattern: {source: [aws.codecommit], detail: {referenceName: [main]}}
      Targets:
        - {Id: pipeline, Arn: !Sub "arn:aws:codepipeline:${AWS::Region}:${AWS::AccountId}:${Web}"}
  Web:
    Type: AWS::CodePipeline::Pipeline
    Properties:
      PipelineType: V2
      RoleArn: !GetAtt Role.Arn
      ArtifactStore: &store {Type: S3, Location: !Ref Bucket}
      Stages:
        - Name: Source
          Actions:
            - Name: Fetch
              ActionTypeId: {Category: Source, Owner: AWS, Provider: CodeCommit, Version: 1}
              Configuration: {RepositoryName: web, BranchName: main, PollForSourceChanges: true}
              OutputArtifacts: [{Name: Source}]
        - Name: Deploy
          Actions:
            - Name: Release
              RunOrder: 1
              ActionTypeId: {Category: Deploy, Owner: AWS, Provider: CloudFormation, Version: "1"}
              Configuration:
                ActionMode: CREATE_UPDATE
                StackName: !Join ["-", [web, !Ref "AWS::Region"]]
                RoleArn: !GetAtt [Deploy, Arn]
                TemplatePath: Source::app.yaml
                ParameterOverrides: |
                  {"Zone": "eu"}
              InputArtifacts: [{Name: Sauce}]
`

func TestTemplate(t *testing.T) {
	t.Parallel()
	data, err := cfnyaml.JSON([]byte(stack))
	if err != nil {
		t.Fatal(err)
	}
	resources, err := definition.ParseTemplate(data)
	if err != nil || len(resources) != 1 {
		t.Fatalf("%v, %v", resources, err)
	}
	web := resources[0].Pipeline
	if web.RoleARN != "${Role.Arn}" || web.ArtifactStore.Bucket != "${Bucket}" {
		t.Errorf("%+v", web)
	}
	want := definition.CloudFormation{
		ActionMode: "CREATE_UPDATE", StackName: "web-${AWS::Region}", RoleARN: "${Deploy.Arn}", TemplatePath: "Source::app.yaml",
		ParameterOverrides: "{\"Zone\": \"eu\"}\n",
	}
	if diff := cmp.Diff(definition.Provider(want), web.Stages[1].Actions[0].Provider); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	var got []string
	for _, f := range resources[0].Check() {
		if f.Severity == definition.SeverityError {
			got = append(got, f.Path)
		}
	}
	paths := []string{
		"Resources.Web.Properties.Stages[0].Actions[0].Configuration.PollForSourceChanges",
		"Resources.Web.Properties.Stages[1].Actions[0].Configuration.TemplatePath",
		"Resources.Web.Properties.Stages[1].Actions[0].InputArtifacts[0].Name",
	}
	if diff := cmp.Diff(paths, got); diff != "" {
		t.Errorf("paths (-want +got):\n%s", diff)
	}
}

func TestJSON(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"a": [1, 1.50, true, null, "x"]}`:     `{"a":[1,1.50,true,null,"x"]}`,
		"a: !If [C, !Ref X, !Ref AWS::NoValue]": `{"a":{"Fn::If":["C",{"Ref":"X"},{"Ref":"AWS::NoValue"}]}}`,
		"a: 2010-09-09\nb: 0o7\nc: no\nd: yes":  `{"a":"2010-09-09","b":"0o7","c":"no","d":"yes"}`,
		"a: &x {b: 1}\nc: *x":                   `{"a":{"b":1},"c":{"b":1}}`,
		"a: !GetAtt A.B.C":                      `{"a":{"Fn::GetAtt":["A","B.C"]}}`,
	} {
		got, err := cfnyaml.JSON([]byte(text))
		if err != nil || string(got) != want {
			t.Errorf("%s: %s, %v, want %s", text, got, err, want)
		}
	}
	bomb := "a0: &a0 [x, x]\n"
	for i := 1; i < 40; i++ {
		bomb += fmt.Sprintf("a%d: &a%d [*a%d, *a%d]\n", i, i, i-1, i-1)
	}
	long := strings.Repeat("x", 1<<20)
	for text, want := range map[string]string{
		"a: &a " + long + "\nb: [" + strings.Repeat("*a, ", 100) + "*a]":          "bytes of text", // few values, much text
		"a: &a {? " + long + "\n: 1}\nb: [" + strings.Repeat("*a, ", 100) + "*a]": "bytes of text",
		"a: &a !" + long + " x\nb: [" + strings.Repeat("*a, ", 100) + "*a]":       "bytes of text",
		"":                            "empty",
		"a: [":                        "line 1",
		"a: 1\na: 2":                  "line 2: the member",
		"R:\n  A:\n    T: X\n  - b\n": "line 2: did not find expected key",
		"a: 1\nb:\n\tc: 1\n":          "line 3: found character",
		"a: 1\nb: [1, 2\n":            "line 2: did not find expected ','",
		"? [a]\n: b":                  "no text",
		bomb:                          "aliases",
		strings.Repeat("[", 200) + strings.Repeat("]", 200): "deep",
	} {
		if _, err := cfnyaml.JSON([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: error %v, want %q", text, err, want)
		}
	}
}

// The templates of the examples are read.
func TestExamples(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("../../*/template.yaml")
	if err != nil || len(names) < 3 {
		t.Fatalf("%q, %v", names, err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		data, err := cfnyaml.JSON(text)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if _, err := definition.ParseTemplate(data); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzJSON(f *testing.F) {
	f.Add([]byte(stack))
	f.Add([]byte("a: &a [*a]"))
	f.Add([]byte("a: !Sub [x, {<<: {b: 1}}]"))
	f.Fuzz(func(t *testing.T, text []byte) {
		data, err := cfnyaml.JSON(text)
		if err != nil {
			return
		}
		if _, err := definition.ParseTemplate(data); err != nil {
			t.Log(err)
		}
	})
}
