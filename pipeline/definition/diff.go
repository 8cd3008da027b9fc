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
	find := func(list []any, name string) int {
		return slices.IndexFunc(list, func(e any) bool { return identity(e) == name })
	}
	for _, e := range existing {
		if name := identity(e); find(planned, name) < 0 {
			d.add(member(path, name), e, nil)
		}
	}
	kept := func(list, other []any) (names []string) {
		for _, e := range list {
			if find(other, identity(e)) >= 0 {
				names = append(names, identity(e))
			}
		}
		return names
	}
	moved := moves(kept(existing, planned), kept(planned, existing))
	previous := ""
	for _, e := range planned {
		name := identity(e)
		at := member(path, name)
		i := find(existing, name)
		switch {
		case i < 0:
			d.add(at, nil, e)
		default:
			if slices.Contains(moved, name) {
				before := ""
				if i > 0 {
					before = identity(existing[i-1])
				}
				d.found = append(d.found, Difference{Path: at, Old: before, New: previous, Moved: true})
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

// moves returns the names that are out of order: all but a longest common
// subsequence of two orders of the same names.
func moves(existing, planned []string) []string {
	if slices.Equal(existing, planned) {
		return nil
	}
	n := len(existing)
	length := make([][]int, n+1)
	for i := range length {
		length[i] = make([]int, n+1)
	}
	for i := n - 1; i >= 0; i-- {
		for j := n - 1; j >= 0; j-- {
			if existing[i] == planned[j] {
				length[i][j] = length[i+1][j+1] + 1
			} else {
				length[i][j] = max(length[i+1][j], length[i][j+1])
			}
		}
	}
	var moved []string
	i := 0
	for j := 0; j < n; j++ {
		for i < n && existing[i] != planned[j] && length[i+1][j] >= length[i][j+1] && length[i+1][j] == length[i][j] {
			i++
		}
		if i < n && existing[i] == planned[j] {
			i++
		} else {
			moved = append(moved, planned[j])
		}
	}
	return moved
}
