package actiontype

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

// Diff returns the differences between the declared definition and an existing
// one, fields first and then properties by name. It returns nothing if the
// definitions are the same. Diff ignores tags, the order of properties, and the
// four fields that identify a type.
func (t Type) Diff(existing Type) []Difference {
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
			differ(field("Type"), string(cmp.Or(d.Type, PropertyTypeString)), string(cmp.Or(e.Type, PropertyTypeString)))
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
