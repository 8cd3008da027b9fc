package definition_test

import (
	"fmt"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/pipeline/actiontype"
	"github.com/codesuite-go/codesuite/pipeline/definition"
)

// Long lists, as a file may have, are compared in time and memory.
func TestDiffOfLongLists(t *testing.T) {
	t.Parallel()
	const n = 30_000
	existing, planned := new(definition.Pipeline), new(definition.Pipeline)
	for i := range n {
		existing.Variables = append(existing.Variables, definition.Variable{Name: fmt.Sprintf("V%d", i)})
		planned.Variables = append(planned.Variables, definition.Variable{Name: fmt.Sprintf("V%d", (i+1)%n)})
	}
	diffs, err := definition.Diff(existing, planned)
	if err != nil || len(diffs) != 1 || !strings.Contains(diffs[0].String(), "variables.V0: moved behind V29999") {
		t.Errorf("%.200v, %v", diffs, err)
	}
}

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

func TestMasked(t *testing.T) {
	t.Parallel()
	const secret = "tok-5d1c"
	with := func(provider definition.Provider) *definition.Pipeline {
		p := web()
		p.Stages[0].Actions[0].Provider = provider
		return p
	}
	of := func(owner, provider string, configuration map[string]string) definition.Custom {
		return definition.Custom{
			Type:          definition.ActionType{Category: "Source", Owner: owner, Provider: provider, Version: "1"},
			Configuration: configuration,
		}
	}
	forge := actiontype.Type{Category: "Source", Provider: "Forge", Version: "1", Properties: []actiontype.Property{{Name: "Key", Secret: true}, {Name: "Host"}}}
	for name, tt := range map[string]struct {
		provider definition.Provider
		types    []actiontype.Type
		want     map[string]string
	}{
		"of the catalogue": {definition.GitHubSource{Owner: "o", Repo: "r", Branch: "main", OAuthToken: secret}, nil,
			map[string]string{"Owner": "o", "Repo": "r", "Branch": "main", "OAuthToken": "****"}},
		"spelled wrong": {of("ThirdParty", "GitHub", map[string]string{"Owner": "o", "OauthToken": secret, "X": "y"}), nil,
			map[string]string{"Owner": "o", "OauthToken": "****", "X": "y"}},
		"of a type that is not known": {of("Custom", "Forge", map[string]string{"Key": secret, "Host": "h"}), nil,
			map[string]string{"Key": "****", "Host": "****"}},
		"of a given type": {of("Custom", "Forge", map[string]string{"Key": secret, "Host": "h"}), []actiontype.Type{forge},
			map[string]string{"Key": "****", "Host": "h"}},
	} {
		p := with(tt.provider)
		before, err := p.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		masked, err := p.Masked(tt.types...)
		if err != nil {
			t.Fatal(err)
		}
		got, err := definition.Configuration(masked.Stages[0].Actions[0].Provider)
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: (-want +got):\n%s", name, diff)
		}
		if after, _ := p.MarshalJSON(); string(before) != string(after) {
			t.Errorf("%s: the structure itself has changed", name)
		}
		masked.Stages[0].Actions[0].Provider = tt.provider
		if diff := gocmp.Diff(p, masked); diff != "" {
			t.Errorf("%s: the rest has changed (-want +got):\n%s", name, diff)
		}
	}
	rule := web()
	rule.Stages[1].BeforeEntry = &definition.Conditions{Conditions: []definition.Condition{{Rules: []definition.Rule{{
		Name: "Ask", Provider: definition.Custom{
			Type:          definition.ActionType{Category: "Rule", Owner: "AWS", Provider: "Oracle", Version: "1"},
			Configuration: map[string]string{"Key": secret},
		}}}}}}
	masked, err := rule.Masked()
	if err != nil {
		t.Fatal(err)
	}
	if text, _ := masked.MarshalJSON(); strings.Contains(string(text), secret) {
		t.Errorf("a rule shows its secret: %s", text)
	}
}
