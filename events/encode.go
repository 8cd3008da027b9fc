package events

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
)

// marshal encodes an event: the text it was decoded from, with the fields
// that were changed since then put in. What the package does not know, and
// how AWS spelled what it does, stays as it was. An event that was built in
// Go is written from its fields.
func marshal[T any](e *T) ([]byte, error) {
	raw := ""
	if s := any(e).(Event).origin().src; s != nil {
		raw = s.raw
	}
	orig := new(T)
	if raw == "" {
		setDefaults(any(e).(Event))
	} else if err := fill(&scanner{s: raw}, any(orig).(Event)); err != nil {
		return nil, err // cannot be: it was decoded before
	}
	cur := reflect.ValueOf(e).Elem()
	return appendObject(nil, planOf(cur.Type()), cur, reflect.ValueOf(orig).Elem(), raw), nil
}

// appendObject appends the object raw, with the fields of p in which cur
// differs from orig. Without raw it appends the fields of cur that are set.
func appendObject(b []byte, p *plan, cur, orig reflect.Value, raw string) []byte {
	b = append(b, '{')
	first := len(b)
	comma := func() {
		if len(b) > first {
			b = append(b, ',')
		}
	}
	var seen uint64
	for key, text := range members(raw) {
		comma()
		b = append(append(b, key...), ':')
		i := p.find(unquoted(key), 0)
		if i < 0 {
			b = append(b, text...)
			continue
		}
		seen |= 1 << i
		b = appendMember(b, &p.nodes[i], cur, orig, text)
	}
	for i := range p.nodes {
		n := &p.nodes[i]
		if seen&(1<<i) != 0 || !set(n, cur) {
			continue
		}
		comma()
		b = append(appendQuoted(b, n.key), ':')
		b = appendMember(b, n, cur, orig, "")
	}
	return append(b, '}')
}

// set reports whether a member that the text lacks has to be written.
func set(n *node, cur reflect.Value) bool {
	if n.kind == kindPath {
		return slices.ContainsFunc(n.sub.nodes, func(sub node) bool { return set(&sub, cur) })
	}
	return !empty(cur.FieldByIndex(n.index))
}

func empty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Slice, reflect.Map:
		return v.Len() == 0
	case reflect.Pointer:
		return v.IsNil()
	default:
		return v.IsZero()
	}
}

func same(a, b reflect.Value) bool {
	return empty(a) && empty(b) || reflect.DeepEqual(a.Interface(), b.Interface())
}

func appendMember(b []byte, n *node, cur, orig reflect.Value, text string) []byte {
	if n.kind == kindPath {
		if text == "null" && !set(n, cur) {
			return append(b, text...)
		}
		return appendObject(b, n.sub, cur, orig, text)
	}
	return appendValue(b, n, cur.FieldByIndex(n.index), orig.FieldByIndex(n.index), text)
}

// appendValue appends the field cur: its text if it is unchanged, and if not,
// in the manner of its text.
func appendValue(b []byte, n *node, cur, orig reflect.Value, text string) []byte {
	if text != "" && same(cur, orig) {
		return append(b, text...)
	}
	quoted := n.asString || strings.HasPrefix(text, `"`)
	switch n.kind {
	case kindString:
		if s := cur.String(); n.asNumber && isNumber(s) {
			return append(b, s...)
		}
		return appendQuoted(b, cur.String())
	case kindInt:
		number, _ := json.Marshal(cur.Int())
		if quoted {
			return appendQuoted(b, string(number))
		}
		return append(b, number...)
	case kindBool:
		switch {
		case quoted && cur.Bool():
			return append(b, `"True"`...)
		case quoted:
			return append(b, `"False"`...)
		case cur.Bool():
			return append(b, "true"...)
		default:
			return append(b, "false"...)
		}
	case kindRaw:
		if raw := cur.Bytes(); json.Valid(raw) {
			return append(b, raw...)
		}
		return append(b, "null"...)
	case kindPointer:
		if cur.IsNil() {
			return append(b, "null"...)
		}
		if orig.IsNil() {
			orig = reflect.New(cur.Type().Elem())
		}
		return appendObject(b, n.sub, cur.Elem(), orig.Elem(), text)
	case kindSlice:
		return appendSlice(b, n, cur, orig, text)
	case kindMap:
		return appendMap(b, n, cur)
	default:
		return appendObject(b, n.sub, cur, orig, text)
	}
}

func appendSlice(b []byte, n *node, cur, orig reflect.Value, text string) []byte {
	var old []string
	if orig.Len() == cur.Len() { // the same elements, some of them changed
		old = elements(text)
	}
	none := reflect.Zero(cur.Type().Elem())
	b = append(b, '[')
	for i := range cur.Len() {
		if i > 0 {
			b = append(b, ',')
		}
		if i < len(old) {
			b = appendValue(b, n.elem, cur.Index(i), orig.Index(i), old[i])
		} else {
			b = appendValue(b, n.elem, cur.Index(i), none, "")
		}
	}
	return append(b, ']')
}

func appendMap(b []byte, n *node, cur reflect.Value) []byte {
	keys := make([]string, 0, cur.Len())
	for _, k := range cur.MapKeys() {
		keys = append(keys, k.String())
	}
	slices.Sort(keys)
	none := reflect.Zero(cur.Type().Elem())
	b = append(b, '{')
	for i, k := range keys {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendQuoted(b, k), ':')
		b = appendValue(b, n.elem, cur.MapIndex(reflect.ValueOf(k)), none, "")
	}
	return append(b, '}')
}

func isNumber(s string) bool {
	d := scanner{s: s}
	if c := d.space(); c != '-' && (c < '0' || c > '9') {
		return false
	}
	number, err := d.number()
	return err == nil && number == s
}

// members yields the names, with their quotes, and the values of an object
// that is known to be valid; none for another value.
func members(text string) func(yield func(key, value string) bool) {
	return func(yield func(key, value string) bool) {
		if !strings.HasPrefix(text, "{") {
			return
		}
		d := scanner{s: text}
		for more, err := d.open('{'); more && err == nil; more, err = d.next('{') {
			d.space()
			start := d.i
			if _, err := d.str(); err != nil {
				return
			}
			key := text[start:d.i]
			d.space()
			d.i++ // the colon
			value, err := d.value()
			if err != nil || !yield(key, value) {
				return
			}
		}
	}
}

// elements returns the elements of an array that is known to be valid; none
// for another value.
func elements(text string) []string {
	if !strings.HasPrefix(text, "[") {
		return nil
	}
	var list []string
	d := scanner{s: text}
	for more, err := d.open('['); more && err == nil; more, err = d.next('[') {
		value, err := d.value()
		if err != nil {
			return nil
		}
		list = append(list, value)
	}
	return list
}

func unquoted(literal string) string {
	s, _ := (&scanner{s: literal}).str()
	return s
}
