package diagram

import (
	"slices"
	"strings"
	"testing"

	"github.com/codesuite-go/codesuite/pipeline/actiontype"
)

// TestSubjects checks that the keys whose values are drawn are those of the
// catalogue, and that none is secret.
func TestSubjects(t *testing.T) {
	t.Parallel()
	for name, keys := range subjects {
		part := strings.Split(name, "/")
		found, ok := actiontype.Find(part[1], part[0], part[2], "1")
		if !ok {
			t.Errorf("the catalogue has no type %s", name)
			continue
		}
		for i := 0; i < len(keys); i += 2 {
			n := slices.IndexFunc(found.Properties, func(p actiontype.Property) bool { return p.Name == keys[i] })
			if n < 0 || found.Properties[n].Secret {
				t.Errorf("%s: the key %s is unknown or secret", name, keys[i])
			}
		}
	}
	for _, built := range actiontype.BuiltIn() {
		name := built.Owner + "/" + built.Category + "/" + built.Provider
		without := []string{"AWS/Approval/Manual", "AWS/Compute/Commands", "ThirdParty/Deploy/AlexaSkillsKit", "ThirdParty/Invoke/Snyk"}
		if subjects[name] == nil && !slices.Contains(without, name) {
			t.Errorf("the built-in type %s has no subject", name)
		}
	}
	for category := range glyphs {
		if !slices.ContainsFunc(actiontype.BuiltIn(), func(t actiontype.Type) bool { return t.Category == category }) {
			t.Errorf("there is no category %s", category)
		}
	}
	for _, built := range actiontype.BuiltIn() {
		if glyphs[built.Category] == "" {
			t.Errorf("the category %s has no icon", built.Category)
		}
	}
}
