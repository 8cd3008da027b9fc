package actiontype

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// CatalogueDifference is one thing in which an account differs from the
// catalogue.
type CatalogueDifference struct {
	Type  string // as [Type.String] returns it
	Field string // such as "Inputs" or `property "Alarms": Required`; "" is the type itself
	// Catalogue and Account are the two values; "" is none.
	Catalogue, Account string
}

// String names the type, the field and both values.
func (d CatalogueDifference) String() string {
	switch {
	case d.Field == "" && d.Catalogue == "":
		return d.Type + ": the catalogue does not have the type"
	case d.Field == "":
		return d.Type + ": the account does not have the type"
	case d.Catalogue == "":
		return fmt.Sprintf("%s: %s is %q in the account, the catalogue does not have it", d.Type, d.Field, d.Account)
	case d.Account == "":
		return fmt.Sprintf("%s: %s is %q in the catalogue, the account does not have it", d.Type, d.Field, d.Catalogue)
	}
	return fmt.Sprintf("%s: %s is %q in the catalogue, %q in the account", d.Type, d.Field, d.Catalogue, d.Account)
}

// CompareCatalogue returns the differences between the catalogue and the types of
// an account, ordered by type. The types come from [List] and [ListRules], or
// from [ParseList]. Custom types are left out. Rule types of the catalogue are left
// out if the account's list has none, and action types likewise: each has a listing
// of its own.
//
// The account's Region may lack a type of the catalogue. AWS marks some properties
// as required that only some configurations need, and the other way round.
func CompareCatalogue(account []Type) []CatalogueDifference {
	var diffs []CatalogueDifference
	var actions, rules bool
	there := make(map[string]bool)
	for _, t := range slices.SortedStableFunc(slices.Values(account), compareIDs) {
		if t.owner() == OwnerCustom || there[t.String()] {
			continue
		}
		there[t.String()] = true
		if t.Category == CategoryRule {
			rules = true
		} else {
			actions = true
		}
		known, ok := Find(t.Category, t.Owner, t.Provider, t.Version)
		if !ok {
			diffs = append(diffs, CatalogueDifference{Type: t.String(), Account: t.String()})
			continue
		}
		diffs = append(diffs, known.differences(t)...)
	}
	for _, known := range slices.Concat(BuiltIn(), RuleTypes()) {
		listed := actions
		if known.Category == CategoryRule {
			listed = rules
		}
		if listed && !there[known.String()] {
			diffs = append(diffs, CatalogueDifference{Type: known.String(), Catalogue: known.String()})
		}
	}
	slices.SortStableFunc(diffs, func(a, b CatalogueDifference) int { return strings.Compare(a.Type, b.Type) })
	return diffs
}

// differences compares what both listings and the catalogue have.
func (t Type) differences(account Type) (diffs []CatalogueDifference) {
	differ := func(field, catalogue, account string) {
		if catalogue != account {
			diffs = append(diffs, CatalogueDifference{Type: t.String(), Field: field, Catalogue: catalogue, Account: account})
		}
	}
	differ("Inputs", t.Inputs.String(), account.Inputs.String())
	if t.Category != CategoryRule {
		differ("Outputs", t.Outputs.String(), account.Outputs.String())
	}
	find := func(list []Property, name string) (Property, bool) {
		i := slices.IndexFunc(list, func(p Property) bool { return p.Name == name })
		if i < 0 {
			return Property{}, false
		}
		return list[i], true
	}
	for _, p := range byName(t.Properties) {
		field := fmt.Sprintf("property %q", p.Name)
		other, ok := find(account.Properties, p.Name)
		if !ok {
			differ(field, p.String(), "")
			continue
		}
		differ(field+": Required", strconv.FormatBool(p.Required), strconv.FormatBool(other.Required))
		differ(field+": Secret", strconv.FormatBool(p.Secret), strconv.FormatBool(other.Secret))
	}
	for _, p := range byName(account.Properties) {
		if _, ok := find(t.Properties, p.Name); !ok {
			differ(fmt.Sprintf("property %q", p.Name), "", p.String())
		}
	}
	return diffs
}
