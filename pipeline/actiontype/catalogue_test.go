package actiontype_test

import (
	"cmp"
	"slices"
	"testing"

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
