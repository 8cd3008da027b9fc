package main_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/codesuite-go/codesuite/events/pattern"
)

// rule returns the pattern of the template's rule with the triggers.
func rule(t *testing.T, triggers string) pattern.Pattern {
	t.Helper()
	data, err := os.ReadFile("template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var template struct {
		Resources map[string]struct {
			Properties struct {
				EventPattern map[string]any `yaml:"EventPattern"`
			} `yaml:"Properties"`
		} `yaml:"Resources"`
	}
	if err := yaml.Unmarshal(data, &template); err != nil {
		t.Fatal(err)
	}
	resolved := resolve(template.Resources["Rule"].Properties.EventPattern, map[string]bool{"UsesPerBranchTriggers": triggers == "per-branch"})
	text, err := json.Marshal(resolved)
	if err != nil {
		t.Fatal(err)
	}
	text = []byte(strings.NewReplacer(`"AWS::AccountId"`, `"111122223333"`, "${AWS::Partition}", "aws", "${AWS::Region}", "us-east-1",
		"${AWS::AccountId}", "111122223333", "${RepositoryName}", repository).Replace(string(text)))
	p, err := pattern.Parse(text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return p
}

// resolve resolves the lists of !If, whose tags the parser drops.
func resolve(v any, conditions map[string]bool) any {
	switch v := v.(type) {
	case map[string]any:
		for key := range v {
			v[key] = resolve(v[key], conditions)
		}
	case []any:
		var list []any
		for _, element := range v {
			if branch, ok := element.([]any); ok && len(branch) == 3 {
				if element = branch[2]; conditions[branch[0].(string)] {
					element = branch[1]
				}
				if element == "AWS::NoValue" {
					continue
				}
			}
			list = append(list, resolve(element, conditions))
		}
		return list
	}
	return v
}

func TestRule(t *testing.T) {
	t.Parallel()
	none, perBranch := rule(t, "none"), rule(t, "per-branch")
	e := event{branch: "b", at: time.Unix(0, 0)}
	payload := func(old, id string) string { e.old, e.id = old, id; return e.eventBridge() }
	for _, test := range []struct {
		name, event     string
		none, perBranch bool
	}{
		{"created", payload("", "c1"), true, true},
		{"updated", payload("c1", "c2"), true, false},
		{"deleted", payload("c2", ""), true, true},
		{"a tag", strings.Replace(payload("", "c1"), `"referenceType":"branch"`, `"referenceType":"tag"`, 1), false, false},
		{"another repository", strings.ReplaceAll(payload("", "c1"), repository, "other"), false, false},
		{"another account", strings.Replace(payload("", "c1"), `"account":"111122223333"`, `"account":"444455556666"`, 1), false, false},
	} {
		for _, p := range []struct {
			pattern pattern.Pattern
			want    bool
		}{{none, test.none}, {perBranch, test.perBranch}} {
			got, err := p.pattern.Match([]byte(test.event))
			if err != nil {
				t.Fatal(err)
			}
			if got != p.want {
				t.Errorf("%s: the rule %v matches: %v, want %v", test.name, p.pattern, got, p.want)
			}
		}
	}
}
