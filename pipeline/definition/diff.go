package definition

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// Difference is one difference between two structures.
type Difference struct {
	// Path leads to the thing by names, such as
	// stages.Build.actions.Compile.configuration.ProjectName.
	Path string
	// Old and New are the two values as JSON; "" is none. Values of secret keys are
	// ****.
	Old, New string
	// Moved says that the thing is at another place among its neighbours. Old and
	// New are the names before it then, "" for none.
	Moved bool
}

// String returns a line that begins with +, - or ~.
func (d Difference) String() string {
	switch {
	case d.Moved && d.New == "":
		return "~ " + d.Path + ": moved to the front"
	case d.Moved:
		return fmt.Sprintf("~ %s: moved behind %s", d.Path, d.New)
	case d.Old == "":
		return fmt.Sprintf("+ %s: %s", d.Path, d.New)
	case d.New == "":
		return fmt.Sprintf("- %s: %s", d.Path, d.Old)
	}
	return fmt.Sprintf("~ %s: %s -> %s", d.Path, d.Old, d.New)
}

// Diff returns the differences between an existing structure and a new one, in the
// order of the members. Stages, actions, artifacts, variables and rules are compared
// by name, and triggers by their source action. Diff leaves out what makes no
// difference: the version, the order of artifacts, empty lists, and defaults that one
// of the two spells out. A secret that an existing structure shows as **** is taken
// as unchanged. The values of a type that the catalogue of package actiontype does
// not have are not shown, as they may be secret.
func Diff(existing, planned *Pipeline) ([]Difference, error) {
	var trees [2]map[string]any
	for i, p := range []*Pipeline{existing, planned} {
		if p == nil {
			return nil, &Error{Err: fmt.Errorf("a structure to compare is nil")}
		}
		tree, err := p.tree("")
		if err != nil {
			return nil, err
		}
		normalize(tree, "")
		trees[i] = tree
	}
	var d differ
	d.objects("", trees[0], trees[1])
	return d.found, nil
}

// defaults are the values of absent members, by their name and that of the list or
// member around them.
var defaults = map[string]any{
	"/executionMode":            "SUPERSEDED",
	"/pipelineType":             "V1",
	"actions/runOrder":          json.Number("1"),
	"environmentVariables/type": "PLAINTEXT",
}

// normalize removes what makes no difference.
func normalize(object map[string]any, around string) {
	if around == "" {
		delete(object, "version")
	}
	for name, value := range object {
		switch value := value.(type) {
		case map[string]any:
			if name != "configuration" {
				normalize(value, name)
			}
			if len(value) == 0 && name != "artifactStore" {
				delete(object, name)
			}
		case []any:
			for _, element := range value {
				if o, ok := element.(map[string]any); ok {
					normalize(o, name)
				}
			}
			if name == "inputArtifacts" || name == "outputArtifacts" {
				slices.SortStableFunc(value, func(a, b any) int { return strings.Compare(identity(a), identity(b)) })
			}
			if len(value) == 0 {
				delete(object, name)
			}
		case nil:
			delete(object, name)
		default:
			if value == "" || value == defaults[around+"/"+name] {
				delete(object, name)
			}
		}
	}
}

// identity is what tells an element of a list from the others, "" if nothing does.
func identity(element any) string {
	object, ok := element.(map[string]any)
	if !ok {
		return ""
	}
	if git, ok := object["gitConfiguration"].(map[string]any); ok {
		name, _ := git["sourceActionName"].(string)
		return name
	}
	name, _ := object["name"].(string)
	return name
}

// differ collects differences.
type differ struct{ found []Difference }

func (d *differ) add(path string, existing, planned any) {
	text := func(v any) string {
		if v == nil {
			return ""
		}
		return string(rawJSON(catalogueMask.tree(v)))
	}
	d.found = append(d.found, Difference{Path: path, Old: text(existing), New: text(planned)})
}

func (d *differ) values(path string, existing, planned any) {
	switch a := existing.(type) {
	case map[string]any:
		if b, ok := planned.(map[string]any); ok {
			d.objects(path, a, b)
			return
		}
	case []any:
		if b, ok := planned.([]any); ok {
			d.lists(path, a, b)
			return
		}
	}
	if !reflect.DeepEqual(existing, planned) {
		d.add(path, existing, planned)
	}
}

func (d *differ) objects(path string, existing, planned map[string]any) {
	names := maps.Clone(existing)
	maps.Copy(names, planned)
	hidden := catalogueMask.secrets(existing)
	maps.Copy(hidden, catalogueMask.secrets(planned))
	for _, name := range memberNames(names, memberOrder) {
		at := member(path, name)
		if name == "configuration" {
			d.configurations(at, existing[name], planned[name], hidden)
			continue
		}
		d.values(at, existing[name], planned[name])
	}
}

// configurations compares two configurations without showing their secrets.
func (d *differ) configurations(path string, existing, planned any, hidden map[string]bool) {
	a, _ := existing.(map[string]any)
	b, _ := planned.(map[string]any)
	names := maps.Clone(a)
	if names == nil {
		names = make(map[string]any)
	}
	maps.Copy(names, b)
	for _, key := range memberNames(names, nil) {
		before, after := a[key], b[key]
		if hidden[key] || before == mask || after == mask {
			if before == mask && after != nil || after == mask && before != nil {
				continue // the value is not known, or kept
			}
			if before != nil && before != after {
				before = mask
			}
			if after != nil && after != a[key] {
				after = mask
			}
			if before == mask && after == mask {
				d.found = append(d.found, Difference{Path: member(path, key), Old: `"****"`, New: `"****"`})
				continue
			}
		}
		d.values(member(path, key), before, after)
	}
}

func (d *differ) lists(path string, existing, planned []any) {
	if !named(existing) || !named(planned) {
		for i := range max(len(existing), len(planned)) {
			var a, b any
			if i < len(existing) {
				a = existing[i]
			}
			if i < len(planned) {
				b = planned[i]
			}
			d.values(element(path, i), a, b)
		}
		return
	}
	// A map each, as a file may have very long lists.
	before, after := indexes(existing), indexes(planned)
	for _, e := range existing {
		if name := identity(e); !has(after, name) {
			d.add(member(path, name), e, nil)
		}
	}
	var kept []int // places in the existing list, in the planned order
	for _, e := range planned {
		if i, ok := before[identity(e)]; ok {
			kept = append(kept, i)
		}
	}
	moved := moves(kept)
	previous := ""
	for _, e := range planned {
		name := identity(e)
		at := member(path, name)
		i, ok := before[name]
		switch {
		case !ok:
			d.add(at, nil, e)
		default:
			if moved[i] {
				old := ""
				if i > 0 {
					old = identity(existing[i-1])
				}
				d.found = append(d.found, Difference{Path: at, Old: old, New: previous, Moved: true})
			}
			d.values(at, existing[i], e)
		}
		previous = name
	}
}

// named reports whether all elements have names, each another one.
func named(list []any) bool {
	seen := make(map[string]bool)
	for _, e := range list {
		name := identity(e)
		if name == "" || seen[name] {
			return false
		}
		seen[name] = true
	}
	return true
}

// indexes returns the places of the elements by their names.
func indexes(list []any) map[string]int {
	places := make(map[string]int, len(list))
	for i, e := range list {
		places[identity(e)] = i
	}
	return places
}

func has(places map[string]int, name string) bool {
	_, ok := places[name]
	return ok
}

// moves returns the places that are out of order: all but a longest ascending
// subsequence of them. Of several, it keeps the one that begins first.
func moves(places []int) map[int]bool {
	var starts []int // by length - 1, the index of the greatest place that begins a subsequence
	after := make([]int, len(places))
	for i := len(places) - 1; i >= 0; i-- {
		n, _ := slices.BinarySearchFunc(starts, places[i], func(start, place int) int { return place - places[start] })
		if after[i] = -1; n > 0 {
			after[i] = starts[n-1]
		}
		if n == len(starts) {
			starts = append(starts, i)
		} else {
			starts[n] = i
		}
	}
	moved := make(map[int]bool)
	for _, place := range places {
		moved[place] = true
	}
	if len(starts) > 0 {
		for i := starts[len(starts)-1]; i >= 0; i = after[i] {
			delete(moved, places[i])
		}
	}
	return moved
}
