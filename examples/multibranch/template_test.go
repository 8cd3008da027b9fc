package main_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/codesuite-go/codesuite/events/pattern"
	"github.com/codesuite-go/codesuite/examples/internal/cfntest"
)

// rule returns the pattern of the template's rule with the triggers.
func rule(t *testing.T, triggers string) pattern.Pattern {
	t.Helper()
	template := cfntest.Read(t, "template.yaml", map[string]string{"Triggers": triggers, "RepositoryName": repository})
	text, err := json.Marshal(cfntest.At(template.Resource(t, "Rule"), "Properties", "EventPattern"))
	if err != nil {
		t.Fatal(err)
	}
	// The template's partition and Region are not those of the events.
	text = bytes.ReplaceAll(text, []byte("arn:aws-cn:codecommit:cn-north-1:"), []byte("arn:aws:codecommit:us-east-1:"))
	p, err := pattern.Parse(text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return p
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
