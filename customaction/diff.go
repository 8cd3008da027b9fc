package customaction

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Difference is one difference between two definitions of an action type.
type Difference struct {
	// Field names what differs, such as "ExecutionURLTemplate", "Inputs" or
	// `property "Project": Required`.
	Field string
	// Declared and Existing are the two values; "" is none.
	Declared, Existing string
}

// String names the field and both values.
func (d Difference) String() string {
	switch "" {
	case d.Existing:
		return fmt.Sprintf("%s is not there, declared is %q", d.Field, d.Declared)
	case d.Declared:
		return fmt.Sprintf("%s is %q, but not declared", d.Field, d.Existing)
	}
	return fmt.Sprintf("%s is %q, declared is %q", d.Field, d.Existing, d.Declared)
}

// Diff returns how the definition differs from one that exists, in the order
// of the fields and then of the properties' names; none says that they are the
// same. Names, versions and tags are not compared, and neither is the order of
// properties.
func (t ActionType) Diff(existing ActionType) []Difference {
	var diffs []Difference
	differ := func(field, declared, existing string) {
		if declared != existing {
			diffs = append(diffs, Difference{Field: field, Declared: declared, Existing: existing})
		}
	}
	differ("EntityURLTemplate", t.EntityURLTemplate, existing.EntityURLTemplate)
	differ("ExecutionURLTemplate", t.ExecutionURLTemplate, existing.ExecutionURLTemplate)
	differ("RevisionURLTemplate", t.RevisionURLTemplate, existing.RevisionURLTemplate)
	differ("ConfigurationURL", t.ConfigurationURL, existing.ConfigurationURL)
	differ("Inputs", t.Inputs.String(), existing.Inputs.String())
	differ("Outputs", t.Outputs.String(), existing.Outputs.String())

	declared, there := byName(t.Properties), byName(existing.Properties)
	for i, j := 0, 0; i < len(declared) || j < len(there); {
		order := 0
		switch {
		case i == len(declared):
			order = 1
		case j == len(there):
			order = -1
		default:
			order = strings.Compare(declared[i].Name, there[j].Name)
		}
		switch {
		case order < 0:
			differ(fmt.Sprintf("property %q", declared[i].Name), declared[i].String(), "")
			i++
		case order > 0:
			differ(fmt.Sprintf("property %q", there[j].Name), "", there[j].String())
			j++
		default:
			d, e := declared[i], there[j]
			field := func(name string) string { return fmt.Sprintf("property %q: %s", d.Name, name) }
			differ(field("Description"), d.Description, e.Description)
			differ(field("Type"), string(cmp.Or(d.Type, String)), string(cmp.Or(e.Type, String)))
			differ(field("Required"), strconv.FormatBool(d.Required), strconv.FormatBool(e.Required))
			differ(field("Key"), strconv.FormatBool(d.Key), strconv.FormatBool(e.Key))
			differ(field("Secret"), strconv.FormatBool(d.Secret), strconv.FormatBool(e.Secret))
			differ(field("Queryable"), strconv.FormatBool(d.Queryable), strconv.FormatBool(e.Queryable))
			i++
			j++
		}
	}
	return diffs
}

func byName(properties []Property) []Property {
	return slices.SortedStableFunc(slices.Values(properties), func(a, b Property) int {
		return strings.Compare(a.Name, b.Name)
	})
}

// String tells type and flags, such as "String required key".
func (p Property) String() string {
	words := []string{string(cmp.Or(p.Type, String))}
	for _, flag := range []struct {
		name string
		set  bool
	}{{"required", p.Required}, {"key", p.Key}, {"secret", p.Secret}, {"queryable", p.Queryable}} {
		if flag.set {
			words = append(words, flag.name)
		}
	}
	return strings.Join(words, " ")
}

// String tells the range, such as "0 to 5".
func (c ArtifactCount) String() string { return fmt.Sprintf("%d to %d", c.Min, c.Max) }

// nextVersion returns a version that none of the existing action types has and
// that follows the highest of them, or "" if there is no room for one. Only a
// number at the end is understood: "7" is followed by "8", "v1" by "v2", "beta"
// by "beta-2".
func nextVersion(version string, existing []ActionType) string {
	prefix, number, ok := splitVersion(version)
	if !ok {
		prefix, number = strings.TrimSuffix(prefix, "-")+"-", 1
	}
	for _, t := range existing {
		if p, n, ok := splitVersion(t.Version); ok && p == prefix {
			number = max(number, n)
		}
	}
	next := prefix + strconv.FormatUint(number+1, 10)
	if !isName(next, maxVersion) || slices.ContainsFunc(existing, func(t ActionType) bool { return t.Version == next }) {
		return ""
	}
	return next
}

// splitVersion splits a number from the end of a version, if there is one.
func splitVersion(version string) (prefix string, number uint64, ok bool) {
	prefix = strings.TrimRight(version, "0123456789")
	number, err := strconv.ParseUint(version[len(prefix):], 10, 64)
	return prefix, number, err == nil
}
