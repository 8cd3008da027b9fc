package main_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/codesuite-go/codesuite/codecommit/ci/citest"
	"github.com/codesuite-go/codesuite/examples/internal/cfntest"
)

// The rules of the template are those that the function asks for, of the account.
func TestRules(t *testing.T) {
	t.Parallel()
	names := map[string]string{
		"PullRequestsRule": "pull-requests", "BranchesRule": "branches", "TagsRule": "tags", "BuildsRule": "builds", "CommentsRule": "comments",
	}
	for _, test := range []struct {
		name       string
		parameters map[string]string
	}{
		{"everything", parameters},
		{"nothing", map[string]string{"RepositoryName": repository}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, test.parameters, nil)
			out, err := w.command("rules")
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			var want map[string]map[string]any
			if err := json.Unmarshal([]byte(out), &want); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			got := make(map[string]map[string]any)
			for name, rule := range w.rules {
				data, err := json.Marshal(rule)
				if err != nil {
					t.Fatal(err)
				}
				var p map[string]any
				if err := json.Unmarshal(data, &p); err != nil {
					t.Fatal(err)
				}
				delete(p, "account") // cfntest compares it
				got[names[name]] = p
			}
			// The order of names does not matter to EventBridge.
			for _, p := range slices.Concat(slices.Collect(maps.Values(want)), slices.Collect(maps.Values(got))) {
				sortLists(p)
			}
			same(t, "rules", want, got)
		})
	}
}

func sortLists(value any) {
	switch v := value.(type) {
	case map[string]any:
		for _, element := range v {
			sortLists(element)
		}
	case []any:
		slices.SortFunc(v, func(a, b any) int {
			x, _ := json.Marshal(a)
			y, _ := json.Marshal(b)
			return strings.Compare(string(x), string(y))
		})
	}
}

// A pattern narrows the events only by names without wildcards; what a rule lets
// through besides is left out by the function.
func TestGlobs(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]string{"RepositoryName": repository, "Branches": "main,release/**,!release/old", "Tags": "v*"},
		func(citest.Build) citest.Outcome { return citest.Outcome{} })
	f := w.start()
	for _, ref := range []string{"refs/heads/release/1", "refs/heads/release/old", "refs/heads/other", "refs/tags/v1", "refs/tags/w1"} {
		if err := w.git.SetRef(repository, ref, w.push("main", ref)); err != nil {
			t.Fatal(err)
		}
	}
	w.deliver(1, f)
	var refs []string
	for _, b := range w.builds.Builds() {
		refs = append(refs, variable(b, "FLOW_BRANCH")+variable(b, "FLOW_TAG"))
	}
	slices.Sort(refs)
	same(t, "what is built", []string{"main", "main", "main", "main", "main", "release/1", "v1"}, refs)
}

// The builds may do what they are for, in the repository of the stack: only those of
// branches push, and only tags.
func TestProjectRoles(t *testing.T) {
	t.Parallel()
	tmpl := cfntest.Read(t, "template.yaml", parameters)
	for role, pushes := range map[string]bool{"ProjectRole": false, "BranchProjectRole": true} {
		policies, _ := cfntest.At(tmpl.Resource(t, role), "Properties", "Policies").([]any)
		var actions []string
		for _, policy := range policies {
			for _, s := range cfntest.Statements(cfntest.At(policy, "PolicyDocument")) {
				actions = append(actions, s.Actions...)
				for _, resource := range s.Resources {
					if strings.Contains(resource, "*") && !strings.Contains(resource, ":report-group/"+cfntest.StackName) {
						t.Errorf("%s: %q allows %q on %q", role, s.Effect, s.Actions, resource)
					}
				}
				if slices.Contains(s.Actions, "codecommit:GitPush") && cfntest.At(s.Condition, "StringLikeIfExists", "codecommit:References") != "refs/tags/*" {
					t.Errorf("%s pushes what is no tag, or nothing: %v", role, s.Condition)
				}
			}
		}
		if slices.Contains(actions, "codecommit:GitPush") != pushes || !slices.Contains(actions, "codecommit:GitPull") {
			t.Errorf("%s allows %q", role, actions)
		}
	}
	for name, project := range tmpl.Resources(t, "AWS::CodeBuild::Project") {
		if got, want := cfntest.At(project, "Properties", "Source", "Location"), "https://git-codecommit.cn-north-1.amazonaws.com.cn/v1/repos/shop"; got != want {
			t.Errorf("%s: source %v, want %s", name, got, want)
		}
		if got := cfntest.At(project, "Properties", "LogsConfig", "CloudWatchLogs", "GroupName"); got != "BuildLogs" {
			t.Errorf("%s logs to %v, which the function does not read", name, got)
		}
	}
}
