package pattern

import (
	"encoding/json"
	"fmt"
	"slices"
)

// Match reports whether a rule with this pattern would match the event, a JSON
// object as EventBridge delivers it to a target.
//
// It follows EventBridge also where that may surprise: names and values are
// compared with case; a dot in a name of the pattern or of the event is the
// same as an object in an object; of a name that is in the event twice, the
// last counts; and all that a pattern asks below a list of objects must hold
// for one and the same of them.
//
// An error means that the event is not a JSON object that [events.Decode] could
// read, is larger than 2 MiB, or has a name with more than 100 dots, or that p is
// the zero Pattern.
//
// Match takes time linear in the event for a given pattern. No wildcard
// backtracks.
func (p Pattern) Match(event []byte) (bool, error) {
	if p.root == nil {
		return false, &Error{Err: errEmpty}
	}
	fields, err := decodeEvent(event)
	if err != nil {
		return false, fmt.Errorf("pattern: match event: %w", decodeError(err))
	}
	var seen lookups
	for _, tree := range p.branches {
		if tree.matchKids(fields, &seen) {
			return true, nil
		}
	}
	return false, nil
}

// match reports whether the value at the node, if there is one, satisfies the
// tree from there on.
func (t *pathTree) match(v any, present bool, seen *lookups) bool {
	if t.rules != nil {
		found, ok := false, false
		if present {
			found, ok = matchValue(t.rules, v)
		}
		if !ok && (found || !t.absent) {
			return false
		}
	}
	return len(t.kids) == 0 || t.matchKids(v, seen)
}

// matchKids reports whether v satisfies what the tree asks of its fields.
func (t *pathTree) matchKids(v any, seen *lookups) bool {
	switch v := v.(type) {
	case []any:
		return t.matchElement(v, seen)
	case map[string]any:
		for _, kid := range t.kids {
			value, present := v[kid.name]
			if !kid.match(value, present, seen) {
				return false
			}
		}
		return true
	}
	return !slices.ContainsFunc(t.leaves, func(leaf *pathTree) bool { return !leaf.absent })
}

// matchElement reports whether one element of the list satisfies what the tree
// asks of its fields.
//
// EventBridge goes through the fields of a pattern by their paths, and settles
// for an element with the first that has a value in it. A field that must not
// exist and comes before that is looked for in all elements.
func (t *pathTree) matchElement(list []any, seen *lookups) bool {
	if !t.gap {
		return slices.ContainsFunc(list, func(element any) bool {
			return isContainer(element) && t.matchKids(element, seen)
		})
	}
	missing := func(leaf *pathTree) bool {
		found, _ := seen.lookup(list, leaf, len(t.steps))
		return !found
	}
	for _, element := range list {
		if !isContainer(element) || !t.matchKids(element, seen) {
			continue
		}
		before := true
		for _, leaf := range t.leaves {
			if _, ok := seen.lookup(element, leaf, len(t.steps)); ok {
				break
			}
			if before = missing(leaf); !before {
				break
			}
		}
		if before {
			return true
		}
	}
	return !slices.ContainsFunc(t.leaves, func(leaf *pathTree) bool { return !leaf.absent || !missing(leaf) })
}

// lookups remembers what lookup found in a list, so that a list in a list
// in a list is not searched once for each of them.
type lookups map[lookupKey]lookupResult

type lookupKey struct {
	list *any // its first element
	leaf *pathTree
}

type lookupResult struct{ found, ok bool }

// lookup reports whether there is a value at the path of the leaf, of which the
// first depth names lead to v, and whether one satisfies the leaf.
func (s *lookups) lookup(v any, leaf *pathTree, depth int) (found, ok bool) {
	list, isList := v.([]any)
	if isList && len(list) == 0 {
		return false, false
	}
	if isList {
		key := lookupKey{&list[0], leaf}
		if known, ok := (*s)[key]; ok {
			return known.found, known.ok
		}
		defer func() {
			if *s == nil {
				*s = lookups{}
			}
			(*s)[key] = lookupResult{found, ok}
		}()
	}
	if depth == len(leaf.steps) {
		return matchValue(leaf.rules, v)
	}
	if fields, isObject := v.(map[string]any); isObject {
		if value, present := fields[leaf.steps[depth]]; present {
			return s.lookup(value, leaf, depth+1)
		}
	}
	for _, element := range list {
		if !isContainer(element) {
			continue
		}
		f, ok := s.lookup(element, leaf, depth)
		if found = found || f; ok {
			return true, true
		}
	}
	return found, false
}

func isContainer(v any) bool {
	switch v.(type) {
	case []any, map[string]any:
		return true
	}
	return false
}

// matchValue reports whether v is a value or a list with one, and
// whether one satisfies one of the rules.
func matchValue(rules []valueRule, v any) (found, ok bool) {
	var s scalar
	switch v := v.(type) {
	case map[string]any:
		return false, false
	case []any:
		for _, element := range v {
			f, ok := matchValue(rules, element)
			if found = found || f; ok {
				return true, true
			}
		}
		return found, false
	case string:
		s = stringValue(v)
	case json.Number:
		s = numberValue(v.String())
	case bool:
		s = boolValue(v)
	}
	for i := range rules {
		if rules[i].matches(&s) {
			return true, true
		}
	}
	return true, false
}
