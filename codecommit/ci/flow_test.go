package ci_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	awscodebuild "github.com/aws/aws-sdk-go-v2/service/codebuild"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"

	"github.com/codesuite-go/codesuite/codecommit/ci"
	"github.com/codesuite-go/codesuite/events"
)

// check returns the error of the flows.
func check(flows ...ci.Flow) error {
	var mux events.Mux
	return handlerOf(flows).Register(&mux)
}

func handlerOf(flows []ci.Flow, optFns ...func(*ci.Options)) *ci.Handler {
	return ci.New(ci.Clients{CodeCommit: &awscodecommit.Client{}, CodeBuild: &awscodebuild.Client{}}, flows, optFns...)
}

func TestFlows(t *testing.T) {
	t.Parallel()
	app := []string{"app"}
	with := func(f ci.Flow, change func(*ci.Flow)) ci.Flow {
		change(&f)
		return f
	}
	branch := ci.Flow{Name: "main", Kind: ci.KindBranch, Repositories: app, Project: "app-main"}
	tag := ci.Flow{Name: "release", Kind: ci.KindTag, Repositories: app, Project: "app-release"}
	nightly := ci.Flow{Name: "nightly", Kind: ci.KindSchedule, Project: "app-nightly"}
	demand := ci.Flow{Name: "deploy", Kind: ci.KindOnDemand, Project: "app-deploy"}
	for _, test := range []struct {
		name  string
		flows []ci.Flow
		want  string // "" for no error
	}{
		{"all kinds", []ci.Flow{review, branch, tag, nightly, demand}, ""},
		{"globs", []ci.Flow{
			with(review, func(f *ci.Flow) {
				f.Repositories, f.Destinations, f.Sources = []string{"app-*", "!app-old"}, []string{"main", "release/**"}, []string{"!wip/**"}
				f.Authors, f.Paths = []string{"arn:aws:iam::*:user/*", "arn:aws:sts::111122223333:assumed-role/dev/*"}, []string{"src/**", "**/*.go", "!docs/**", "[Mm]akefile"}
			}),
		}, ""},
		{"none", nil, "there are no flows"},
		{"no name", []ci.Flow{with(review, func(f *ci.Flow) { f.Name = "" })}, "flow number 1: the name is missing"},
		{"odd name", []ci.Flow{with(review, func(f *ci.Flow) { f.Name = "a b" })}, `flow "a b": the name has other characters`},
		{"no kind", []ci.Flow{with(review, func(f *ci.Flow) { f.Kind = "" })}, `flow "review": unknown kind ""`},
		{"no project", []ci.Flow{with(review, func(f *ci.Flow) { f.Project = "" })}, "the project is missing"},
		{"ARN of a project", []ci.Flow{with(review, func(f *ci.Flow) { f.Project = "arn:aws:codebuild:us-east-1:1:project/x" })}, "give its name, not its ARN"},
		{"no repository", []ci.Flow{with(tag, func(f *ci.Flow) { f.Repositories = nil })}, "the repositories are missing"},
		{"two repositories on demand", []ci.Flow{with(demand, func(f *ci.Flow) { f.Repositories = []string{"a", "b"} })}, "has one repository"},
		{"glob of a schedule", []ci.Flow{with(nightly, func(f *ci.Flow) { f.Repositories = []string{"app*"} })}, "without wildcards"},
		{"branches of a review", []ci.Flow{with(review, func(f *ci.Flow) { f.Branches = []string{"main"} })}, "a pull request has Destinations and Sources"},
		{"tags of a branch", []ci.Flow{with(branch, func(f *ci.Flow) { f.Tags = []string{"v*"} })}, `Tags is not for flows of the kind "branch"`},
		{"paths of a tag", []ci.Flow{with(tag, func(f *ci.Flow) { f.Paths = []string{"a"} })}, "there is nothing to compare with"},
		{"version of a branch", []ci.Flow{with(branch, func(f *ci.Flow) { f.SourceVersion = "main" })}, "the commit of the event is built"},
		{"approval of a branch", []ci.Flow{with(branch, func(f *ci.Flow) { f.Approve = true })}, "no pull request to approve"},
		{"comments of a tag", []ci.Flow{with(tag, func(f *ci.Flow) { f.Comments = ci.CommentPerState })}, "no pull request to comment on"},
		{"superseded tag", []ci.Flow{with(tag, func(f *ci.Flow) { f.Superseded = ci.SupersededStop })}, "nothing supersedes its builds"},
		{"rule of a branch", []ci.Flow{with(branch, func(f *ci.Flow) { f.Rule = "nightly" })}, "Rule is not for flows"},
		{"unknown treatment", []ci.Flow{with(branch, func(f *ci.Flow) { f.Superseded = "kill" })}, `unknown treatment "kill"`},
		{"unknown comments", []ci.Flow{with(review, func(f *ci.Flow) { f.Comments = "many" })}, `unknown mode "many"`},
		{"nothing to delete", []ci.Flow{with(review, func(f *ci.Flow) { f.Comments, f.DeleteOnSuccess = ci.CommentNone, true })}, "DeleteOnSuccess contradicts"},
		{"unknown merge", []ci.Flow{with(review, func(f *ci.Flow) { f.Merge = "REBASE" })}, `unknown merge option "REBASE"`},
		{"draft", []ci.Flow{with(review, func(f *ci.Flow) { f.DraftPrefix = "Draft: " })}, "ends with a space"},

		{"same name", []ci.Flow{review, with(branch, func(f *ci.Flow) { f.Name = "review" })}, "the name is there twice"},
		{"same flow", []ci.Flow{review, with(review, func(f *ci.Flow) { f.Name = "again" })}, `flow "again": it repeats the flow "review"`},
		{"two merges", []ci.Flow{
			with(review, func(f *ci.Flow) { f.Merge = events.MergeOptionSquash }),
			with(review, func(f *ci.Flow) { f.Name, f.Repositories, f.Merge = "lint", []string{"*"}, events.MergeOptionThreeWay }),
		}, "is merged in one way"},
		{"errors of all flows", []ci.Flow{with(review, func(f *ci.Flow) { f.Project = "" }), with(tag, func(f *ci.Flow) { f.Project = "" })}, "\nflow \"release\""},

		{"full reference", []ci.Flow{with(branch, func(f *ci.Flow) { f.Branches = []string{"refs/heads/main"} })}, "give the short name"},
		{"space in a branch", []ci.Flow{with(branch, func(f *ci.Flow) { f.Branches = []string{"my branch"} })}, "git allows no spaces"},
		{"slash behind a branch", []ci.Flow{with(branch, func(f *ci.Flow) { f.Branches = []string{"feature/"} })}, "no slash at the beginning or the end"},
		{"dots in a tag", []ci.Flow{with(tag, func(f *ci.Flow) { f.Tags = []string{"v1..2"} })}, "no two in a row"},
		{"empty glob", []ci.Flow{with(branch, func(f *ci.Flow) { f.Branches = []string{""} })}, "is empty"},
		{"open set", []ci.Flow{with(branch, func(f *ci.Flow) { f.Branches = []string{"[a-"} })}, `"[" without its "]"`},
		{"nothing left", []ci.Flow{with(branch, func(f *ci.Flow) { f.Branches = []string{"main", "!m*"} })}, "another glob of the list excludes it"},
		{"all excluded", []ci.Flow{with(branch, func(f *ci.Flow) { f.Branches = []string{"!**"} })}, "excludes everything"},
		{"both ways", []ci.Flow{with(branch, func(f *ci.Flow) { f.Branches = []string{"a*", "!a*"} })}, "both included and excluded"},
		{"twice", []ci.Flow{with(branch, func(f *ci.Flow) { f.Branches = []string{"a*", "a*"} })}, "is there twice"},
		{"repository with a slash", []ci.Flow{with(branch, func(f *ci.Flow) { f.Repositories = []string{"team/app"} })}, "the names of repositories"},
		{"repository with .git", []ci.Flow{with(branch, func(f *ci.Flow) { f.Repositories = []string{"app.git"} })}, "leave .git out"},
		{"folder", []ci.Flow{with(branch, func(f *ci.Flow) { f.Paths = []string{"docs/"} })}, "write docs/** for all in the folder"},
		{"root", []ci.Flow{with(branch, func(f *ci.Flow) { f.Paths = []string{"/docs/**"} })}, "without a slash"},
		{"parent", []ci.Flow{with(branch, func(f *ci.Flow) { f.Paths = []string{"../docs/**"} })}, "no path has . or .."},
		{"author", []ci.Flow{with(review, func(f *ci.Flow) { f.Authors = []string{"alice"} })}, "an ARN begins with arn:"},
		{"role", []ci.Flow{with(review, func(f *ci.Flow) { f.Authors = []string{"arn:aws:iam::111122223333:role/dev"} })}, "assumed-role/ROLE/SESSION"},

		{"reserved variable", []ci.Flow{with(demand, func(f *ci.Flow) { f.Variables = []ci.Variable{{Name: "FLOW_BRANCH", Value: "x"}} })}, "is reserved"},
		{"odd variable", []ci.Flow{with(demand, func(f *ci.Flow) { f.Variables = []ci.Variable{{Name: "A-B"}} })}, "is not the name of a variable"},
		{"variable twice", []ci.Flow{with(demand, func(f *ci.Flow) { f.Variables = []ci.Variable{{Name: "A", Value: "1"}, {Name: "A", Value: "2"}} })}, "the variable A is there twice"},
		{"type of a variable", []ci.Flow{with(demand, func(f *ci.Flow) { f.Variables = []ci.Variable{{Name: "A", Type: "SECRET"}} })}, `unknown type "SECRET"`},
		{"parameter without name", []ci.Flow{with(demand, func(f *ci.Flow) { f.Variables = []ci.Variable{{Name: "A", Type: ci.VariableTypeParameterStore}} })}, "lacks the name of its parameter"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			err := check(test.flows...)
			switch {
			case test.want == "" && err != nil:
				t.Errorf("error %v, want none", err)
			case test.want != "" && err == nil:
				t.Errorf("no error, want %q", test.want)
			case test.want != "" && !strings.Contains(err.Error(), test.want):
				t.Errorf("error %q, want %q in it", err, test.want)
			}
		})
	}
}

// A secret in a plaintext variable is refused, and the error does not have it.
func TestSecretVariable(t *testing.T) {
	t.Parallel()
	const secret = "ghp_0123456789abcdefghijklmnopqrstuvwxyz"
	f := review
	f.Variables = []ci.Variable{{Name: "GITHUB_TOKEN", Value: secret}}
	err := check(f)
	if err == nil || !strings.Contains(err.Error(), "GITHUB_TOKEN looks like a secret") || strings.Contains(err.Error(), secret) {
		t.Errorf("error %v, want one about GITHUB_TOKEN without its value", err)
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		option func(*ci.Options)
		want   string
	}{
		{"account", func(o *ci.Options) { o.Account = "1" }, "12 digits"},
		{"author", func(o *ci.Options) { o.CommandAuthors = []string{"bob"} }, "option CommandAuthors"},
		{"everybody else", func(o *ci.Options) { o.CommandAuthors = []string{"!arn:aws:iam::111122223333:user/eve"} }, "name those who may"},
	} {
		var mux events.Mux
		err := handlerOf([]ci.Flow{review}, test.option).Register(&mux)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want %q in it", test.name, err, test.want)
		}
	}
	h := ci.New(ci.Clients{}, []ci.Flow{review})
	if _, err := h.Patterns(); err == nil {
		t.Error("no error without clients")
	}
	if _, err := h.Start(context.Background(), "review"); err == nil {
		t.Error("no error without clients")
	}
}

func TestParseFlows(t *testing.T) {
	t.Parallel()
	got, err := ci.ParseFlows([]byte(`[
		{"name": "review", "event": "review", "repo_name": "app", "project": "app-review", "destination_branch": "main",
		 "source_branch": ["feature/**"], "author": "", "draft_prefix": "WIP", "paths": ["src/**"], "batch": true, "superseded": "keep",
		 "comments": "per-state", "delete_on_success": true, "approve": true, "merge": "SQUASH_MERGE",
		 "environment_variables": [{"name": "STAGE", "value": "test"}, {"name": "KEY", "value": "/app/key", "type": "PARAMETER_STORE"}]},
		{"name": "main", "event": "branch", "repo_name": ["app", "lib-*"], "branch": "main", "project": "p1", "buildspec": "ci/main.yml"},
		{"name": "tags", "event": "tag", "repo_name": "app", "tag": ["v*"], "project": "p2"},
		{"name": "nightly", "event": "schedule", "rule": "night", "source_version": "main", "project": "p3"}
	]`))
	if err != nil {
		t.Fatal(err)
	}
	want := []ci.Flow{
		{
			Name: "review", Kind: ci.KindReview, Repositories: []string{"app"}, Project: "app-review", Destinations: []string{"main"},
			Sources: []string{"feature/**"}, DraftPrefix: "WIP", Paths: []string{"src/**"}, Batch: true, Superseded: ci.SupersededKeep,
			Comments: ci.CommentPerState, DeleteOnSuccess: true, Approve: true, Merge: events.MergeOptionSquash,
			Variables: []ci.Variable{{Name: "STAGE", Value: "test"}, {Name: "KEY", Value: "/app/key", Type: ci.VariableTypeParameterStore}},
		},
		{Name: "main", Kind: ci.KindBranch, Repositories: []string{"app", "lib-*"}, Branches: []string{"main"}, Project: "p1", Buildspec: "ci/main.yml"},
		{Name: "tags", Kind: ci.KindTag, Repositories: []string{"app"}, Tags: []string{"v*"}, Project: "p2"},
		{Name: "nightly", Kind: ci.KindSchedule, Rule: "night", SourceVersion: "main", Project: "p3"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("flows mismatch (-want +got):\n%s", diff)
	}
}

func TestParseFlowsErrors(t *testing.T) {
	t.Parallel()
	const secret = "hunter2-hunter2"
	for text, want := range map[string]string{
		``:                   "a JSON list of objects is wanted",
		`{"name":"a"}`:       "a JSON list of objects is wanted: found the type object",
		`["` + secret + `"]`: "found the type string",
		`[{"name":"f","batch":12345678901234567890}]`: `the member "batch" wants another type than number`,
		`[{"name":"a"}] x`:                            "there is text behind the list",
		`[{"nmae":"a"}]`:                              `unknown field "nmae"`,
		`[{"name":"b","repo":1}]`:                     `flow number 1 ("b")`,
		`[{"name":"c","branch":7}]`:                   `flow number 1 ("c")`,
		`[{}, {"name":"d","environment_variables":["` + secret + `"]}]`:                    `flow number 2 ("d")`,
		`[{"name":"e","environment_variables":[{"name":"A","value":["` + secret + `"]}]}]`: "environment_variables",
	} {
		_, err := ci.ParseFlows([]byte(text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q in it", text, err, want)
		}
		if err != nil && strings.Contains(err.Error(), secret) {
			t.Errorf("%s: the error has the value: %v", text, err)
		}
	}
}

func FuzzParseFlows(f *testing.F) {
	f.Add([]byte(`[{"name":"a","event":"branch","repo_name":["app","!x"],"branch":"main/**","paths":["**/*.go"],"project":"p-1"}]`))
	f.Add([]byte(`[{"name":"a","event":"review","repo_name":"[a-c]*","author":"arn:aws:iam::1:user/\\*","project":"p1","environment_variables":[{"name":"A","value":"b","type":"PLAINTEXT"}]}]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		flows, err := ci.ParseFlows(data)
		if err != nil {
			return
		}
		h := handlerOf(flows, func(o *ci.Options) { o.CommandAuthors = []string{"**"} })
		var mux events.Mux
		if err := h.Register(&mux); err != nil {
			return
		}
		rules, err := h.Patterns()
		if err != nil {
			return
		}
		// What the flows want comes through the rules.
		for _, rule := range rules {
			if rule.Name != "branches" {
				continue
			}
			for _, flow := range flows {
				if flow.Kind != ci.KindBranch || len(flow.Branches) != 1 || len(flow.Repositories) != 1 || strings.ContainsAny(flow.Branches[0]+flow.Repositories[0], `*?[\!`) {
					continue
				}
				ok, err := rule.Pattern.MatchEvent(&events.RepositoryStateChange{
					Header:         events.Header{Source: "aws.codecommit", DetailType: "CodeCommit Repository State Change"},
					Event:          events.ReferenceCreated,
					RepositoryName: flow.Repositories[0], ReferenceType: "branch", ReferenceName: flow.Branches[0],
				})
				if err != nil || !ok {
					t.Errorf("the rule %s does not send %q of %q (%v)", rule.Pattern, flow.Branches[0], flow.Repositories[0], err)
				}
			}
		}
	})
}
