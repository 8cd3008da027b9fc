package pattern

import (
	"cmp"
	"slices"

	"github.com/codesuite-go/codesuite/internal/jsontext"
)

// node is an object of a pattern.
type fieldTree struct {
	fields []member
}

// member is a field of a pattern: one of rules, object and or is set.
type member struct {
	name   string
	rules  []valueRule
	object *fieldTree
	or     []*fieldTree
}

// envelopeRank puts the fields of the envelope where people write them.
var envelopeRank = map[string]int{"source": -5, "detail-type": -4, "account": -3, "region": -2, "resources": -1}

// sort puts the fields into the order of [Pattern.String].
func (n *fieldTree) sort(top bool) {
	rank := func(f member) int {
		switch {
		case f.name == "$or":
			return 1
		case top:
			return envelopeRank[f.name]
		}
		return 0
	}
	slices.SortFunc(n.fields, func(a, b member) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.name, b.name))
	})
}

// merge returns the fields of both nodes.
func (n *fieldTree) merge(m *fieldTree, path string) (*fieldTree, error) {
	merged := &fieldTree{fields: slices.Clone(n.fields)}
	for _, f := range m.fields {
		at := joinPath(path, f.name)
		i := slices.IndexFunc(merged.fields, func(g member) bool { return g.name == f.name })
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
			return nil, errorf(at, "constrained already")
		}
	}
	merged.sort(path == "")
	return merged, nil
}

func (n *fieldTree) appendJSON(dst []byte) []byte {
	dst = append(dst, '{')
	for i, f := range n.fields {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(jsontext.AppendQuoted(dst, f.name), ':')
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
			dst = appendRules(dst, f.rules)
		}
	}
	return append(dst, '}')
}

func appendRules(dst []byte, rules []valueRule) []byte {
	dst = append(dst, '[')
	for i := range rules {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = rules[i].appendJSON(dst)
	}
	return append(dst, ']')
}

func (r *valueRule) appendJSON(dst []byte) []byte {
	closing := 0
	open := func(key string) {
		dst = append(append(append(dst, `{"`...), key...), `":`...)
		closing++
	}
	if r.not {
		open("anything-but")
	}
	if name := opcodeNames[r.op]; name != "" {
		open(name)
	}
	if r.fold {
		open("equals-ignore-case")
	}
	switch {
	case r.op == opExists && r.exists:
		dst = append(dst, "true"...)
	case r.op == opExists:
		dst = append(dst, "false"...)
	case r.op == opRange:
		dst = append(dst, '[')
		for i, b := range r.bounds {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(append(jsontext.AppendQuoted(dst, b.op), ','), b.literal...)
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

func (s *scalar) appendJSON(dst []byte) []byte {
	switch s.kind {
	case kindString:
		return jsontext.AppendQuoted(dst, s.text)
	case kindNull:
		return append(dst, "null"...)
	}
	return append(dst, s.text...)
}
