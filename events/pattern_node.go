package events

import (
	"cmp"
	"slices"
)

// patternNode is an object of a pattern.
type patternNode struct {
	fields []patternField
}

// patternField is a field of a pattern: one of rules, object and or is set.
type patternField struct {
	name   string
	rules  []patternRule
	object *patternNode
	or     []*patternNode
}

// patternRank puts the fields of the envelope where people write them.
var patternRank = map[string]int{"source": -5, "detail-type": -4, "account": -3, "region": -2, "resources": -1}

// sort puts the fields into the order of [Pattern.String].
func (n *patternNode) sort(top bool) {
	rank := func(f patternField) int {
		switch {
		case f.name == "$or":
			return 1
		case top:
			return patternRank[f.name]
		}
		return 0
	}
	slices.SortFunc(n.fields, func(a, b patternField) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.name, b.name))
	})
}

// merge returns the fields of both nodes.
func (n *patternNode) merge(m *patternNode, path string) (*patternNode, error) {
	merged := &patternNode{fields: slices.Clone(n.fields)}
	for _, f := range m.fields {
		at := patternJoin(path, f.name)
		i := slices.IndexFunc(merged.fields, func(g patternField) bool { return g.name == f.name })
		switch {
		case i < 0:
			merged.fields = append(merged.fields, f)
		case f.object != nil && merged.fields[i].object != nil:
			object, err := merged.fields[i].object.merge(f.object, at)
			if err != nil {
				return nil, err
			}
			merged.fields[i].object = object
		default:
			return nil, patternErrorf(at, "constrained already")
		}
	}
	merged.sort(path == "")
	return merged, nil
}

func (n *patternNode) appendJSON(dst []byte) []byte {
	dst = append(dst, '{')
	for i, f := range n.fields {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendQuoted(dst, f.name), ':')
		switch {
		case f.object != nil:
			dst = f.object.appendJSON(dst)
		case f.or != nil:
			dst = append(dst, '[')
			for i, alternative := range f.or {
				if i > 0 {
					dst = append(dst, ',')
				}
				dst = alternative.appendJSON(dst)
			}
			dst = append(dst, ']')
		default:
			dst = patternAppendRules(dst, f.rules)
		}
	}
	return append(dst, '}')
}

func patternAppendRules(dst []byte, rules []patternRule) []byte {
	dst = append(dst, '[')
	for i := range rules {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = rules[i].appendJSON(dst)
	}
	return append(dst, ']')
}

func (r *patternRule) appendJSON(dst []byte) []byte {
	closing := 0
	open := func(key string) {
		dst = append(append(append(dst, `{"`...), key...), `":`...)
		closing++
	}
	if r.not {
		open("anything-but")
	}
	if name := patternOpNames[r.op]; name != "" {
		open(name)
	}
	if r.fold {
		open("equals-ignore-case")
	}
	switch {
	case r.op == patternExists && r.exists:
		dst = append(dst, "true"...)
	case r.op == patternExists:
		dst = append(dst, "false"...)
	case r.op == patternRange:
		dst = append(dst, '[')
		for i, b := range r.bounds {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(append(appendQuoted(dst, b.op), ','), b.literal...)
		}
		dst = append(dst, ']')
	case len(r.values) == 1:
		dst = r.values[0].appendJSON(dst)
	default:
		dst = append(dst, '[')
		for i := range r.values {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = r.values[i].appendJSON(dst)
		}
		dst = append(dst, ']')
	}
	for range closing {
		dst = append(dst, '}')
	}
	return dst
}

func (s *patternScalar) appendJSON(dst []byte) []byte {
	switch s.kind {
	case patternKindString:
		return appendQuoted(dst, s.text)
	case patternKindNull:
		return append(dst, "null"...)
	}
	return append(dst, s.text...)
}
