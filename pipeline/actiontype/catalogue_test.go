package actiontype_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/pipeline/actiontype"
)

func TestBuiltIn(t *testing.T) {
	t.Parallel()
	all := actiontype.BuiltIn()
	for _, b := range all {
		if err := b.ValidateID(); err != nil {
			t.Error(err)
		}
		if b.Inputs.Min < 0 || b.Inputs.Max < b.Inputs.Min || b.Outputs.Min < 0 || b.Outputs.Max < b.Outputs.Min {
			t.Errorf("%s takes %s artifacts and makes %s", b, b.Inputs, b.Outputs)
		}
		switch source := b.Category == "Source"; {
		case source && (b.Inputs.Max != 0 || b.Outputs.Min == 0):
			t.Errorf("the source %s takes %s artifacts and makes %s", b, b.Inputs, b.Outputs)
		case b.Category == "Approval" && (b.Inputs.Max != 0 || b.Outputs.Max != 0):
			t.Errorf("the approval %s takes %s artifacts and makes %s", b, b.Inputs, b.Outputs)
		}
	}
	order := func(a, b actiontype.Type) int {
		return cmp.Or(cmp.Compare(a.Owner, b.Owner), cmp.Compare(a.Category, b.Category), cmp.Compare(a.Provider, b.Provider), cmp.Compare(a.Version, b.Version))
	}
	if !slices.IsSortedFunc(all, order) {
		t.Error("the types are not in order")
	}
	if n := len(slices.CompactFunc(slices.Clone(all), func(a, b actiontype.Type) bool { return order(a, b) == 0 })); n != len(all) {
		t.Errorf("%d of %d types are there twice", len(all)-n, len(all))
	}

	all[0].Provider = "Changed"
	if actiontype.BuiltIn()[0].Provider == "Changed" {
		t.Error("a change to the result changes the catalogue")
	}
}

func TestRuleTypes(t *testing.T) {
	t.Parallel()
	var got []string
	for _, r := range actiontype.RuleTypes() {
		if r.Category != actiontype.CategoryRule || r.Owner != actiontype.OwnerAWS || r.Version != "1" || r.Outputs.Max != 0 {
			t.Errorf("rule type %+v", r)
		}
		got = append(got, r.Provider)
	}
	want := []string{"CloudWatchAlarm", "CodeBuild", "Commands", "DeploymentWindow", "LambdaInvoke", "VariableCheck"}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("providers (-want +got):\n%s", diff)
	}
}

// Names are spelled as a configuration spells them, and each is there once.
func TestCatalogueProperties(t *testing.T) {
	t.Parallel()
	for _, b := range slices.Concat(actiontype.BuiltIn(), actiontype.RuleTypes()) {
		seen := make(map[string]bool)
		for _, p := range b.Properties {
			if p.Name == "" || seen[p.Name] {
				t.Errorf("%s: the property %q is there twice or has no name", b, p.Name)
			}
			seen[p.Name] = true
			if p.Secret && len(p.Values) > 0 || slices.Contains(p.Values, "") {
				t.Errorf("%s: the property %q has the values %q", b, p.Name, p.Values)
			}
		}
		if !strings.HasPrefix(b.Documentation, "https://docs.aws.amazon.com/codepipeline/") {
			t.Errorf("%s: documentation %q", b, b.Documentation)
		}
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		category, owner, provider string
		want                      string // key properties; "" if there is no such type
	}{
		{"Source", "AWS", "S3", "S3Bucket S3ObjectKey"},
		{"Deploy", "", "S3", "BucketName Extract"},
		{"Source", "ThirdParty", "GitHub", "Owner Repo Branch OAuthToken"},
		{"Rule", "AWS", "VariableCheck", "Variable Value Operator"},
		{"Source", "AWS", "GitHub", ""},
		{"Build", "Custom", "Jenkins", ""},
	} {
		got, ok := actiontype.Find(test.category, test.owner, test.provider, "1")
		var keys []string
		for _, p := range got.Properties {
			if p.Required {
				keys = append(keys, p.Name)
			}
		}
		if ok != (test.want != "") || strings.Join(keys, " ") != test.want {
			t.Errorf("Find(%s, %s, %s) requires %q, %v, want %q", test.category, test.owner, test.provider, keys, ok, test.want)
		}
	}
	changed, _ := actiontype.Find("Deploy", "AWS", "S3", "1")
	for i := range changed.Properties {
		changed.Properties[i].Name, changed.Properties[i].Values = "changed", append(changed.Properties[i].Values[:0], "changed")
	}
	if again, _ := actiontype.Find("Deploy", "AWS", "S3", "1"); strings.Contains(fmt.Sprint(again), "changed") {
		t.Errorf("what a caller does with a type changes the catalogue: %v", again)
	}
	if _, ok := actiontype.Find("Source", "AWS", "S3", "2"); ok {
		t.Error("there is a version 2")
	}
}

// differing are the counts of cfn-lint that differ from the user guide's.
var differing = map[string]string{
	"ThirdParty/Deploy/AlexaSkillsKit": "cfn-lint takes an action without input, the user guide asks for one",
}

// cfn-lint has the numbers of artifacts of many action types, from another hand.
func TestCatalogueByCfnLint(t *testing.T) {
	t.Parallel()
	if os.Getenv("CODESUITE_CFNLINT") == "" {
		t.Skip("set CODESUITE_CFNLINT=1 to compare with the cfn-lint of python3")
	}
	out, err := exec.CommandContext(t.Context(), "python3", "-c", `
import json
from cfnlint.rules.resources.codepipeline.PipelineArtifactCounts import PipelineArtifactCounts
print(json.dumps(PipelineArtifactCounts()._artifact_counts))
`).Output()
	if err != nil {
		t.Fatal(err)
	}
	type counts struct{ MinItems, MaxItems int }
	var table map[string]map[string]map[string]struct{ InputArtifacts, OutputArtifacts counts }
	if err := json.Unmarshal(out, &table); err != nil {
		t.Fatal(err)
	}
	compared := 0
	for owner, categories := range table {
		if owner == actiontype.OwnerCustom {
			continue // such as Jenkins, whose types each account makes
		}
		for category, providers := range categories {
			for provider, want := range providers {
				name := owner + "/" + category + "/" + provider
				got, ok := actiontype.Find(category, owner, provider, "1")
				if !ok {
					t.Errorf("the catalogue does not have %s", name)
					continue
				}
				compared++
				same := got.Inputs == actiontype.ArtifactCount{Min: want.InputArtifacts.MinItems, Max: want.InputArtifacts.MaxItems} &&
					got.Outputs == actiontype.ArtifactCount{Min: want.OutputArtifacts.MinItems, Max: want.OutputArtifacts.MaxItems}
				if _, known := differing[name]; same == known {
					t.Errorf("%s takes %s artifacts and makes %s, cfn-lint has %+v", name, got.Inputs, got.Outputs, want)
				}
			}
		}
	}
	if compared < 15 {
		t.Errorf("%d types were compared: has cfn-lint another table?", compared)
	}
}
