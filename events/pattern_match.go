package events

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

const (
	patternMaxEvent      = 2 << 20 // bytes
	patternMaxEventDepth = 100
)

// patternTree is one combination of a pattern's $or alternatives, as a tree of
// field names. It is matched against an event from the top down; under a list
// of the event, one element must satisfy all that the tree asks below it.
type patternTree struct {
	name   string
	steps  []string      // the path of the node
	rules  []patternRule // nil: nothing is asked of this value itself
	absent bool          // a rule is exists: false
	kids   []*patternTree
	leaves []*patternTree // the nodes with rules below this one, by path
	gap    bool           // one of leaves has absent
}

// patternCompile returns a tree for each combination of the $or alternatives.
func patternCompile(root *patternNode) ([]*patternTree, error) {
	if n := root.combinations(); n > patternMaxOr {
		return nil, patternErrorf("", "more than %d combinations of $or alternatives", patternMaxOr)
	}
	var trees []*patternTree
	for _, leaves := range root.expand(nil) {
		slices.SortFunc(leaves, func(a, b *patternTree) int { return strings.Compare(a.name, b.name) })
		tree := &patternTree{}
		for i, leaf := range leaves {
			if i > 0 && leaf.name == leaves[i-1].name {
				return nil, patternErrorf(leaf.name, "given twice, inside and outside of $or or with and without dots: EventBridge would keep one and drop the other")
			}
			tree.add(leaf)
		}
		trees = append(trees, tree)
	}
	return trees, nil
}

// combinations returns the product of the lengths of all $or lists, which is
// what EventBridge counts, or any number above its limit.
func (n *patternNode) combinations() int {
	product := 1
	for _, f := range n.fields {
		switch {
		case f.object != nil:
			product *= f.object.combinations()
		case f.or != nil:
			product *= len(f.or)
			for _, alternative := range f.or {
				if product *= alternative.combinations(); product > patternMaxOr {
					return product
				}
			}
		}
		if product > patternMaxOr {
			return product
		}
	}
	return product
}

// expand returns the leaves of each combination. Their name is their path.
func (n *patternNode) expand(path []string) [][]*patternTree {
	combinations := [][]*patternTree{nil}
	for _, f := range n.fields {
		var alternatives [][]*patternTree
		steps := slices.Concat(path, strings.Split(f.name, ".")) // EventBridge joins names with dots
		switch {
		case f.object != nil:
			alternatives = f.object.expand(steps)
		case f.or != nil:
			for _, alternative := range f.or {
				alternatives = append(alternatives, alternative.expand(path)...)
			}
		default:
			absent := slices.ContainsFunc(f.rules, func(r patternRule) bool { return r.op == patternExists && !r.exists })
			leaf := &patternTree{name: strings.Join(steps, "."), steps: steps, rules: f.rules, absent: absent}
			alternatives = [][]*patternTree{{leaf}}
		}
		if len(alternatives) == 1 {
			for i := range combinations {
				combinations[i] = append(combinations[i], alternatives[0]...)
			}
			continue
		}
		product := make([][]*patternTree, 0, len(combinations)*len(alternatives))
		for _, head := range combinations {
			for _, tail := range alternatives {
				product = append(product, slices.Concat(head, tail))
			}
		}
		combinations = product
	}
	return combinations
}

// add puts a leaf into the tree. Leaves come in the order of their paths.
func (t *patternTree) add(leaf *patternTree) {
	for i, name := range leaf.steps {
		t.leaves = append(t.leaves, leaf)
		t.gap = t.gap || leaf.absent
		k := slices.IndexFunc(t.kids, func(kid *patternTree) bool { return kid.name == name })
		if k < 0 {
			k = len(t.kids)
			t.kids = append(t.kids, &patternTree{name: name, steps: leaf.steps[:i+1]})
		}
		t = t.kids[k]
	}
	t.rules, t.absent = leaf.rules, leaf.absent
}

// Match reports whether a rule with this pattern would match the event, a JSON
// object as EventBridge delivers it to a target.
//
// It follows EventBridge also where that may surprise: names and values are
// compared with case; a dot in a name of the pattern or of the event is the
// same as an object in an object; of a name that is in the event twice, the
// last counts; and all that a pattern asks below a list of objects must hold
// for one and the same of them.
//
// An error means that the event is not a JSON object, is larger than 2 MiB, or
// is nested more than 100 levels deep, or that p is the zero Pattern. The time
// grows with the size of the event, the length of the pattern and the number of
// its $or combinations, but with no product of parts of the event: no event and
// no wildcard makes it try combinations.
func (p Pattern) Match(event []byte) (bool, error) {
	if p.root == nil {
		return false, &PatternError{Err: errPatternEmpty}
	}
	fields, err := patternDecodeEvent(event)
	if err != nil {
		return false, fmt.Errorf("events: match event pattern: %w", err)
	}
	var seen patternSeen
	for _, tree := range p.branches {
		if tree.matchKids(fields, &seen) {
			return true, nil
		}
	}
	return false, nil
}

func patternDecodeEvent(event []byte) (map[string]any, error) {
	if len(event) > patternMaxEvent {
		return nil, fmt.Errorf("the event has %d bytes, the limit is %d", len(event), patternMaxEvent)
	}
	dec := json.NewDecoder(bytes.NewReader(event))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return nil, fmt.Errorf("the event is not valid JSON: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("the event is not valid JSON: more follows the first value")
	}
	fields, ok := v.(map[string]any)
	if !ok {
		return nil, errors.New("the event is not a JSON object")
	}
	return fields, patternUndot(v, 1)
}

// patternUndot replaces names with dots by objects in objects, and checks the
// depth.
func patternUndot(v any, depth int) error {
	if depth > patternMaxEventDepth {
		return fmt.Errorf("the event is nested more than %d levels deep", patternMaxEventDepth)
	}
	switch v := v.(type) {
	case []any:
		for _, element := range v {
			if err := patternUndot(element, depth+1); err != nil {
				return err
			}
		}
	case map[string]any:
		dotted := false
		for name, value := range v {
			switch value.(type) {
			case []any, map[string]any:
				if err := patternUndot(value, depth+1); err != nil {
					return err
				}
			}
			dotted = dotted || strings.Contains(name, ".")
		}
		if !dotted {
			return nil
		}
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if !strings.Contains(name, ".") {
				continue
			}
			value := v[name]
			delete(v, name)
			steps := strings.Split(name, ".")
			if len(steps) > patternMaxEventDepth {
				return fmt.Errorf("the event has a name with more than %d dots", patternMaxEventDepth)
			}
			for _, step := range slices.Backward(steps[1:]) {
				value = map[string]any{step: value}
			}
			patternPut(v, steps[0], value)
		}
	}
	return nil
}

// patternPut adds a value to a name that may have one already.
func patternPut(m map[string]any, name string, value any) {
	old, ok := m[name]
	if !ok {
		m[name] = value
		return
	}
	oldFields, ok := old.(map[string]any)
	fields, isObject := value.(map[string]any)
	if !ok || !isObject {
		m[name] = []any{old, value} // either may match, as elements of a list do
		return
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		patternPut(oldFields, name, fields[name])
	}
}

// match reports whether the value at the node, if there is one, satisfies the
// tree from there on.
func (t *patternTree) match(v any, present bool, seen *patternSeen) bool {
	if t.rules != nil {
		found, ok := false, false
		if present {
			found, ok = patternMatchValue(t.rules, v)
		}
		if !ok && (found || !t.absent) {
			return false
		}
	}
	return len(t.kids) == 0 || t.matchKids(v, seen)
}

// matchKids reports whether v satisfies what the tree asks of its fields.
func (t *patternTree) matchKids(v any, seen *patternSeen) bool {
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
	return !slices.ContainsFunc(t.leaves, func(leaf *patternTree) bool { return !leaf.absent })
}

// matchElement reports whether one element of the list satisfies what the tree
// asks of its fields.
//
// EventBridge goes through the fields of a pattern by their paths, and settles
// for an element with the first that has a value in it. A field that must not
// exist and comes before that is looked for in all elements.
func (t *patternTree) matchElement(list []any, seen *patternSeen) bool {
	if !t.gap {
		return slices.ContainsFunc(list, func(element any) bool {
			return patternIsContainer(element) && t.matchKids(element, seen)
		})
	}
	missing := func(leaf *patternTree) bool {
		found, _ := seen.lookup(list, leaf, len(t.steps))
		return !found
	}
	for _, element := range list {
		if !patternIsContainer(element) || !t.matchKids(element, seen) {
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
	return !slices.ContainsFunc(t.leaves, func(leaf *patternTree) bool { return !leaf.absent || !missing(leaf) })
}

// patternSeen remembers what lookup found in a list, so that a list in a list
// in a list is not searched once for each of them.
type patternSeen map[patternSeenKey]patternSeenValue

type patternSeenKey struct {
	list *any // its first element
	leaf *patternTree
}

type patternSeenValue struct{ found, ok bool }

// lookup reports whether there is a value at the path of the leaf, of which the
// first depth names lead to v, and whether one satisfies the leaf.
func (s *patternSeen) lookup(v any, leaf *patternTree, depth int) (found, ok bool) {
	list, isList := v.([]any)
	if isList && len(list) == 0 {
		return false, false
	}
	if isList {
		key := patternSeenKey{&list[0], leaf}
		if known, ok := (*s)[key]; ok {
			return known.found, known.ok
		}
		defer func() {
			if *s == nil {
				*s = patternSeen{}
			}
			(*s)[key] = patternSeenValue{found, ok}
		}()
	}
	if depth == len(leaf.steps) {
		return patternMatchValue(leaf.rules, v)
	}
	if fields, isObject := v.(map[string]any); isObject {
		if value, present := fields[leaf.steps[depth]]; present {
			return s.lookup(value, leaf, depth+1)
		}
	}
	for _, element := range list {
		if !patternIsContainer(element) {
			continue
		}
		f, ok := s.lookup(element, leaf, depth)
		if found = found || f; ok {
			return true, true
		}
	}
	return found, false
}

func patternIsContainer(v any) bool {
	switch v.(type) {
	case []any, map[string]any:
		return true
	}
	return false
}

// patternMatchValue reports whether v is a value or a list with one, and
// whether one satisfies one of the rules.
func patternMatchValue(rules []patternRule, v any) (found, ok bool) {
	var s patternScalar
	switch v := v.(type) {
	case map[string]any:
		return false, false
	case []any:
		for _, element := range v {
			f, ok := patternMatchValue(rules, element)
			if found = found || f; ok {
				return true, true
			}
		}
		return found, false
	case string:
		s = patternString(v)
	case json.Number:
		s = patternNumber(v.String())
	case bool:
		s = patternBool(v)
	}
	for i := range rules {
		if rules[i].matches(&s) {
			return true, true
		}
	}
	return true, false
}
