package main_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const template = `
Resources:
  Role: {Type: AWS::IAM::Role}
  Web: &web
    Type: AWS::CodePipeline::Pipeline
    Properties:
      PipelineType: V2
      RoleArn: !GetAtt Role.Arn
      ArtifactStore: {Type: S3, Location: !Ref Bucket}
      Stages:
        - Name: Source
          Actions:
            - Name: Fetch
              ActionTypeId: {Category: Source, Owner: AWS, Provider: CodeCommit, Version: 1}
              Configuration: {RepositoryName: web, BranchName: main, PollForSourceChanges: false}
              OutputArtifacts: [{Name: Source}]
        - Name: Build
          Actions:
            - Name: Compile
              ActionTypeId: {Category: Build, Owner: AWS, Provider: CodeBuild, Version: "1"}
              Configuration: {ProjectName: web}
              InputArtifacts: [{Name: Source}]
  Other: *web
`

func TestCheck(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		return path
	}
	odd := sample(t, `"onFailure": {"result": "ROLLBACK"}`, `"onFailur": {"result": "ROLLBACK"}`)
	unused := sample(t, `"namespace": "SiteSource"`, `"namespace": "SiteSource", "roleArn": "x"`)
	var bare struct{ Pipeline json.RawMessage }
	if err := json.Unmarshal([]byte(sample(t)), &bare); err != nil {
		t.Fatal(err)
	}
	types := file("types.txt", `{"actionTypes": [{"id": {"category": "Build", "owner": "Custom", "provider": "Make", "version": "1"},
		"actionConfigurationProperties": [{"name": "Target", "required": true, "key": false, "secret": false}],
		"inputArtifactDetails": {"minimumCount": 0, "maximumCount": 5}, "outputArtifactDetails": {"minimumCount": 0, "maximumCount": 5}}]}`)
	custom := file("custom.json", sample(t, `"category": "Build", "owner": "AWS", "provider": "CodeBuild"`, `"category": "Build", "owner": "Custom", "provider": "Make"`,
		`{"ProjectName": "site-package", "PrimarySource": "Site"}`, `{"Target": "all"}`))
	for _, tt := range []struct {
		name   string
		args   []string
		stdin  string
		status int
		stdout []string
		stderr string
	}{
		{"the sample", []string{"sample.json"}, "", 0, nil, ""},
		{"standard input", []string{"-"}, sample(t), 0, nil, ""},
		{"a bare structure", []string{file("bare.json", string(bare.Pipeline))}, "", 0, nil, ""},
		{"a byte order mark", []string{file("bom.json", "\ufeff"+sample(t))}, "", 0, nil, ""},
		{"JSON in a file of YAML", []string{file("sample.yaml", sample(t))}, "", 0, nil, ""},
		{"a warning", []string{file("odd.json", odd)}, "", 0,
			[]string{dir + `/odd.json: stages[3].onFailur: warning: the member "onFailur" is not known: did you mean onFailure?`}, ""},
		{"a warning, strictly", []string{"-strict", file("odd.json", odd)}, "", 1,
			[]string{dir + `/odd.json: stages[3].onFailur: warning: the member "onFailur" is not known: did you mean onFailure?`}, ""},
		{"an error", []string{"sample.json", file("role.json", unused)}, "", 1,
			[]string{dir + `/role.json: stages[0].actions[0].roleArn: error: "x" is no ARN of a role: write arn:aws:iam::ACCOUNT:role/NAME`}, ""},
		{"a custom type", []string{custom}, "", 1, nil, ""},
		{"a custom type of -types", []string{"-types", types, custom}, "", 0, nil, ""},
		{"all pipelines of a template", []string{file("web.yaml", strings.ReplaceAll(template, "[{Name: Source}]\n  Other", "[{Name: Sauce}]\n  Other"))}, "", 1, []string{
			dir + `/web.yaml: Resources.Other.Properties.Stages[0].Actions[0].Configuration: warning: no event rule starts the pipeline for a change of the branch main of web: make the rule of EventRules`,
			dir + `/web.yaml: Resources.Other.Properties.Stages[0].Actions[0].OutputArtifacts[0].Name: warning: no action uses the artifact "Source": remove it, or give it to the action that needs it`,
			dir + `/web.yaml: Resources.Other.Properties.Stages[1].Actions[0].InputArtifacts[0].Name: error: no action makes the artifact "Sauce": did you mean Source?`,
			dir + `/web.yaml: Resources.Web.Properties.Stages[0].Actions[0].Configuration: warning: no event rule starts the pipeline for a change of the branch main of web: make the rule of EventRules`,
			dir + `/web.yaml: Resources.Web.Properties.Stages[0].Actions[0].OutputArtifacts[0].Name: warning: no action uses the artifact "Source": remove it, or give it to the action that needs it`,
			dir + `/web.yaml: Resources.Web.Properties.Stages[1].Actions[0].InputArtifacts[0].Name: error: no action makes the artifact "Sauce": did you mean Source?`,
		}, ""},
		{"a template without a pipeline", []string{file("none.yaml", "Resources: {A: {Type: AWS::S3::Bucket}}")}, "", 0,
			[]string{dir + "/none.yaml: warning: the template has no AWS::CodePipeline::Pipeline"}, ""},
		{"broken JSON", []string{file("broken.json", "{\n  \"name\": \"a\",\n  \"stages\": [}\n")}, "", 1,
			[]string{dir + "/broken.json:3:14: error: want a value, found an invalid character"}, ""},
		{"another type", []string{file("type.json", "{\"name\": \"a\",\n\"stages\": {}}")}, "", 1,
			[]string{dir + "/type.json:2:11: stages: error: want a list, found an object"}, ""},
		{"another type in YAML", []string{file("type.yaml", "name: a\nstages: {}")}, "", 1,
			[]string{dir + "/type.yaml: stages: error: want a list, found an object"}, ""},
		{"broken YAML", []string{file("broken.yaml", "a: 1\nb: [1\n")}, "", 1,
			[]string{dir + "/broken.yaml:2: error: did not find expected ',' or ']'"}, ""},
		{"no such file", []string{filepath.Join(dir, "nope.json")}, "", 1,
			[]string{dir + "/nope.json: error: no such file or directory"}, ""},
		{"a folder", []string{dir}, "", 1, []string{dir + ": error: is a directory"}, ""},
		{"an empty file", []string{file("empty.json", "")}, "", 1,
			[]string{dir + "/empty.json:1:1: error: want a value, found the end of the text"}, ""},
		{"no file", nil, "", 2, nil, "pipeline: check: name the files, or - for standard input (pipeline -h is the manual)\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cmd := command(t, append([]string{"check"}, tt.args...)...)
			cmd.Stdin = strings.NewReader(tt.stdin)
			got := execute(t, cmd)
			if got.status != tt.status || got.stderr != tt.stderr {
				t.Errorf("exit status %d, want %d, standard error %q, standard output %s", got.status, tt.status, got.stderr, got.stdout)
			}
			if tt.stdout != nil {
				if diff := cmp.Diff(tt.stdout, lines(got.stdout)); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestCheckJSON(t *testing.T) {
	t.Parallel()
	broken := write(t, "broken.json", "{\n]")
	odd := write(t, "odd.json", sample(t, `"runOrder": 2`, `"runOrder": 0`))
	got := execute(t, command(t, "check", "-json", broken, odd))
	var reports []map[string]any
	if err := json.Unmarshal([]byte(got.stdout), &reports); err != nil {
		t.Fatalf("%v: %s", err, got.stdout)
	}
	if got.status != 1 || len(reports) < 2 {
		t.Fatalf("exit status %d: %s", got.status, got.stdout)
	}
	want := map[string]any{"file": broken, "line": 2.0, "column": 1.0, "path": "", "severity": "error", "message": "want a member name, found an invalid character"}
	if diff := cmp.Diff(want, reports[0]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if path := reports[1]["path"]; path != "stages[1].actions[2].runOrder" || reports[1]["pipeline"] != "sample" {
		t.Errorf("%v", reports[1])
	}
	if got := execute(t, command(t, "check", "-json", "sample.json")); got.stdout != "[]\n" {
		t.Errorf("%q", got.stdout)
	}
}

// Control characters that JSON may have as they are do not reach the terminal.
func TestJSONControls(t *testing.T) {
	t.Parallel()
	odd := write(t, "odd.json", sample(t, `"runOrder": 2`, "\"runOrder\": 0, \"\u009b2J\u007f\": 1"))
	for _, args := range [][]string{{"check", "-json", odd}, {"show", "-json", odd}} {
		got := execute(t, command(t, args...))
		if !strings.Contains(got.stdout, `\u009b2J\u007f`) || strings.ContainsAny(got.stdout, "\u009b\u007f") {
			t.Errorf("%q: %q", args, got.stdout)
		}
		if !json.Valid([]byte(got.stdout)) {
			t.Errorf("%q: this is no JSON: %s", args, got.stdout)
		}
	}
}

// What is told about a pipeline is bounded.
func TestManyFindings(t *testing.T) {
	t.Parallel()
	got := execute(t, command(t, "check", write(t, "many.json", `{"name":"a","stages":[`+strings.Repeat("{},", 2000)+`{}]}`)))
	all := lines(got.stdout)
	if last := all[len(all)-1]; len(all) != 1001 || !strings.HasSuffix(last, "many.json: error: 3005 more findings are left out") {
		t.Errorf("%d lines, the last is %q", len(all), last)
	}
}

// Files that nobody wrote by hand end in an error, in time.
func TestHostileFiles(t *testing.T) {
	t.Parallel()
	bomb := "a0: &a0 [x, x]\n"
	for i := 1; i < 60; i++ {
		bomb += fmt.Sprintf("a%d: &a%d [*a%d, *a%d]\n", i, i, i-1, i-1)
	}
	for name, text := range map[string]string{
		"deep.json":       strings.Repeat(`{"a":`, 100000),
		"deep.yaml":       strings.Repeat("[", 100000),
		"bomb.yaml":       bomb,
		"binary.json":     "\x7fELF\x00\x01\xff\xfe",
		"binary.yaml":     "\x7fELF\x00\x01\xff\xfe",
		"large.json":      `{"name": "` + strings.Repeat("a", 5<<20) + `"}`,
		"utf16.json":      "\xff\xfe{\x00}\x00",
		"escapes.json":    "{\"name\": \"\x1b]0;title\x07\"}",
		"cycle.yaml":      "a: &a [*a]",
		"many.json":       `{"name":"a","stages":[` + strings.Repeat("{},", 20000) + `{}]}`,
		"escapesout.json": `{"name":"a\u001b[31m\u009b2J\u202e","stages":[{"name":"\u001b]0;t\u0007","actions":[{"configuration":{"\u001b[2J\u0007":"x"}}]}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := execute(t, command(t, "check", write(t, name, text)))
			if got.status != 1 || got.stderr != "" || got.stdout == "" {
				t.Errorf("exit status %d, standard error %.300q, standard output %.300q", got.status, got.stderr, got.stdout)
			}
			if strings.ContainsAny(got.stdout, "\x1b\x07\u009b\u202e") {
				t.Errorf("control characters reach the terminal: %.300q", got.stdout)
			}
		})
	}
}
