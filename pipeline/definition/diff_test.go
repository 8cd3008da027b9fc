package definition_test

import (
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/pipeline/definition"
)

func TestDiff(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		change func(*definition.Pipeline)
		want   []string
	}{
		{"nothing", func(p *definition.Pipeline) {
			p.Version = 7
			p.ExecutionMode = "SUPERSEDED"
			p.Stages[1].Actions[0].RunOrder = 1
			p.Triggers = []definition.Trigger{}
		}, nil},
		{"values", func(p *definition.Pipeline) {
			p.RoleARN += "2"
			setKey(p, 1, 0, "ProjectName", "other")
			p.Stages[1].Actions[0].RunOrder = 2
		}, []string{
			`~ roleArn: "arn:aws:iam::111122223333:role/service" -> "arn:aws:iam::111122223333:role/service2"`,
			`+ stages.Build.actions.Compile.runOrder: 2`,
			`~ stages.Build.actions.Compile.configuration.ProjectName: "web" -> "other"`,
		}},
		{"actions", func(p *definition.Pipeline) {
			p.Stages[1].Actions[0].Name = "Make"
			p.Variables = []definition.Variable{{Name: "Level"}}
		}, []string{
			`+ variables: [{"name":"Level"}]`,
			`- stages.Build.actions.Compile: {"actionTypeId":{"category":"Build","owner":"AWS","provider":"CodeBuild","version":"1"},"configuration":{"ProjectName":"web"},"inputArtifacts":[{"name":"Source"}],"name":"Compile","namespace":"Compile","outputArtifacts":[{"name":"Binary"}]}`,
			`+ stages.Build.actions.Make: {"actionTypeId":{"category":"Build","owner":"AWS","provider":"CodeBuild","version":"1"},"configuration":{"ProjectName":"web"},"inputArtifacts":[{"name":"Source"}],"name":"Make","namespace":"Compile","outputArtifacts":[{"name":"Binary"}]}`,
		}},
		{"order", func(p *definition.Pipeline) { p.Stages[1], p.Stages[2] = p.Stages[2], p.Stages[1] },
			[]string{`~ stages.Build: moved behind Deploy`}},
		{"commands", func(p *definition.Pipeline) { p.Stages[2].Actions[0].Commands = []string{"a", "b"} },
			[]string{`+ stages.Deploy.actions.Release.commands: ["a","b"]`}},
	} {
		p := web()
		test.change(p)
		diffs, err := definition.Diff(web(), p)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, d := range diffs {
			got = append(got, d.String())
		}
		if diff := gocmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
	if _, err := definition.Diff(nil, web()); err == nil {
		t.Error("no error for nil")
	}
}

// No text shows a secret.
func TestDiffSecrets(t *testing.T) {
	t.Parallel()
	const one, two = "tok-one-5d1c", "tok-two-77aa"
	github := func(token string) *definition.Pipeline {
		p := web()
		p.Stages[0].Actions[0].Provider = definition.GitHubSource{Owner: "o", Repo: "r", Branch: "main", OAuthToken: token}
		return p
	}
	custom := func(token string) *definition.Pipeline {
		p := web()
		p.Stages[1].Actions[0].Provider = definition.Custom{
			Type:          definition.ActionType{Category: "Build", Owner: "Custom", Provider: "Make", Version: "1"},
			Configuration: map[string]string{"Token": token},
		}
		return p
	}
	for _, test := range []struct {
		name    string
		a, b    *definition.Pipeline
		changes int
	}{
		{"shown as ****", github("****"), github(two), 0},
		{"kept", github(one), github("****"), 0},
		{"changed", github(one), github(two), 1},
		{"added", web(), github(two), 1},
		{"removed", github(one), web(), 1},
		{"of a custom type", custom(one), custom(two), 1},
		{"of a custom type, added", web(), custom(two), 1},
		{"of a removed stage", github(one), func() *definition.Pipeline { p := web(); p.Stages = p.Stages[1:]; return p }(), 1},
	} {
		diffs, err := definition.Diff(test.a, test.b)
		if err != nil {
			t.Fatal(err)
		}
		if (len(diffs) > 0) != (test.changes > 0) {
			t.Errorf("%s: differences %v", test.name, diffs)
		}
		for _, d := range diffs {
			if text := d.String(); strings.Contains(text, one) || strings.Contains(text, two) {
				t.Errorf("%s: %s", test.name, text)
			}
		}
	}
	p := github(one)
	p.Stages[0].Actions[0].Name = "a b"
	for _, f := range p.Check() {
		if strings.Contains(f.String(), one) {
			t.Errorf("finding %s", f)
		}
	}
}
