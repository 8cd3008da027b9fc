package events

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/codesuite-go/codesuite/internal/jsontext"
)

// marshal encodes an event: the text it was decoded from, with the fields
// that were changed since then put in. What the package does not know, and
// how AWS spelled what it does, stays as it was. An event that was built in
// Go is written from its fields.
func marshal[T any](e *T) ([]byte, error) {
	raw := ""
	if s := any(e).(Event).origin().src; s != nil {
		raw = *s.raw
	}
	orig := new(T)
	if raw == "" {
		setDefaults(any(e).(Event))
	} else if _, err := decodeInto(&jsontext.Scanner{Text: raw}, any(orig).(Event)); err != nil {
		return nil, err // cannot be: it was decoded before
	}
	return encode(e, orig, raw)
}

// encode encodes e, which was orig when it was decoded from raw.
func encode[T any](e, orig *T, raw string) ([]byte, error) {
	cur := reflect.ValueOf(e).Elem()
	p := planOf(cur.Type())
	for i := range p.nodes { // the only ones that hold JSON; a test sees to it
		n := &p.nodes[i]
		if n.kind != kindRaw {
			continue
		}
		if text := cur.FieldByIndex(n.index).Bytes(); len(text) > 0 && !validMember(text) {
			return nil, fmt.Errorf("events: encode %s: %s is not valid JSON", any(e).(Event).Name(), n.key)
		}
	}
	return appendObject(nil, p, cur, reflect.ValueOf(orig).Elem(), raw), nil
}

// validMember reports whether Decode would read text as the value of a member.
func validMember(text []byte) bool {
	d := jsontext.Scanner{Text: string(text), Depth: 1}
	_, err := d.Value()
	return err == nil && d.End() == nil && utf8.Valid(text)
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
	for key, text := range objectMembers(raw) {
		comma()
		b = append(append(b, key...), ':')
		i := p.find(unquoted(key), 0)
		if i < 0 {
			b = appendUnknown(b, p, text)
			continue
		}
		seen |= 1 << i
		b = appendMember(b, &p.nodes[i], cur, orig, text)
	}
	for i := range p.nodes {
		n := &p.nodes[i]
		if seen&(1<<i) != 0 || !isSet(n, cur) {
			continue
		}
		comma()
		b = append(jsontext.AppendQuoted(b, n.key), ':')
		b = appendMember(b, n, cur, orig, "")
	}
	return append(b, '}')
}

// appendUnknown appends a member that p does not have. Beside a secret, and around
// one, it may hold the secret in another shape: its value is left out unless it is a
// number, true, false, null or empty.
func appendUnknown(b []byte, p *plan, text string) []byte {
	if p.private && strings.ContainsAny(text[:1], `"{[`) && text != `""` && text != "{}" && text != "[]" {
		return jsontext.AppendQuoted(b, secretLeftOut)
	}
	return append(b, text...)
}

// isSet reports whether a member that the text lacks has to be written.
func isSet(n *node, cur reflect.Value) bool {
	if n.kind == kindPath {
		return slices.ContainsFunc(n.sub.nodes, func(sub node) bool { return isSet(&sub, cur) })
	}
	return !isEmpty(cur.FieldByIndex(n.index))
}

func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Slice, reflect.Map:
		return v.Len() == 0
	case reflect.Pointer:
		return v.IsNil()
	default:
		return v.IsZero()
	}
}

func sameValue(a, b reflect.Value) bool {
	return isEmpty(a) && isEmpty(b) || reflect.DeepEqual(a.Interface(), b.Interface())
}

func appendMember(b []byte, n *node, cur, orig reflect.Value, text string) []byte {
	if n.kind == kindPath {
		if text != "" && text[0] != '{' && !isSet(n, cur) {
			if n.sub.private && text != "null" {
				return jsontext.AppendQuoted(b, secretLeftOut)
			}
			return append(b, text...)
		}
		return appendObject(b, n.sub, cur, orig, text)
	}
	return appendValue(b, n, cur.FieldByIndex(n.index), orig.FieldByIndex(n.index), text)
}

// appendValue appends the field cur: its text if it is unchanged, and if not,
// in the manner of its text.
func appendValue(b []byte, n *node, cur, orig reflect.Value, text string) []byte {
	switch {
	case isSecret(n) && !isPlain(text, cur):
		return appendHidden(b, n, cur)
	case text != "" && sameValue(cur, orig):
		return append(b, text...)
	}
	quoted := n.asString || strings.HasPrefix(text, `"`)
	switch n.kind {
	case kindString:
		if s := cur.String(); n.asNumber && isNumber(s) {
			return append(b, s...)
		}
		return jsontext.AppendQuoted(b, cur.String())
	case kindInt:
		if quoted {
			return append(strconv.AppendInt(append(b, '"'), cur.Int(), 10), '"')
		}
		return strconv.AppendInt(b, cur.Int(), 10)
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
		if raw := cur.Bytes(); len(raw) > 0 {
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

func isSecret(n *node) bool { return n.kind == kindSecret || n.hidden }

// isPlain reports whether the text of a secret shows none.
func isPlain(text string, cur reflect.Value) bool {
	return isEmpty(cur) && (text == "" || text == "null" || text == `""` || text == "{}")
}

// appendHidden appends what may be known of a secret: that there is one, and
// for credentials when they expire.
func appendHidden(b []byte, n *node, cur reflect.Value) []byte {
	if n.kind == kindSecret || isEmpty(cur) {
		return jsontext.AppendQuoted(b, secretLeftOut)
	}
	b = append(b, '{')
	first := len(b)
	for i := range n.sub.nodes {
		sub := &n.sub.nodes[i]
		f := cur.FieldByIndex(sub.index)
		if isEmpty(f) {
			continue
		}
		if len(b) > first {
			b = append(b, ',')
		}
		b = append(jsontext.AppendQuoted(b, sub.key), ':')
		b = appendValue(b, sub, f, reflect.Zero(f.Type()), "")
	}
	return append(b, '}')
}

func appendSlice(b []byte, n *node, cur, orig reflect.Value, text string) []byte {
	old := arrayElements(text)
	head, tail := unmoved(cur, orig)
	none := reflect.Zero(cur.Type().Elem())
	b = append(b, '[')
	for i := range cur.Len() {
		if i > 0 {
			b = append(b, ',')
		}
		j := i // where the element was
		switch {
		case i >= cur.Len()-tail:
			j += orig.Len() - cur.Len()
		case i >= head:
			j = len(old)
		}
		if j < len(old) {
			b = appendValue(b, n.elem, cur.Index(i), orig.Index(j), old[j])
		} else {
			b = appendValue(b, n.elem, cur.Index(i), none, "")
		}
	}
	return append(b, ']')
}

// unmoved returns how many elements at the beginning and how many at the end of
// cur are those of orig: all if there are as many, with some of them changed,
// and else, when elements were added or removed, the equal ones.
func unmoved(cur, orig reflect.Value) (head, tail int) {
	if cur.Len() == orig.Len() {
		return cur.Len(), 0
	}
	most := min(cur.Len(), orig.Len())
	for head < most && sameValue(cur.Index(head), orig.Index(head)) {
		head++
	}
	for tail < most-head && sameValue(cur.Index(cur.Len()-1-tail), orig.Index(orig.Len()-1-tail)) {
		tail++
	}
	return head, tail
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
		b = append(jsontext.AppendQuoted(b, k), ':')
		b = appendValue(b, n.elem, cur.MapIndex(reflect.ValueOf(k)), none, "")
	}
	return append(b, '}')
}

func isNumber(s string) bool {
	d := jsontext.Scanner{Text: s}
	if c := d.Peek(); c != '-' && (c < '0' || c > '9') {
		return false
	}
	number, err := d.Number()
	return err == nil && number == s
}

// objectMembers yields the names, with their quotes, and the values of an object
// that is known to be valid; none for another value.
func objectMembers(text string) func(yield func(key, value string) bool) {
	return func(yield func(key, value string) bool) {
		if !strings.HasPrefix(text, "{") {
			return
		}
		d := jsontext.Scanner{Text: text}
		for more, err := d.Open('{'); more && err == nil; more, err = d.Next('{') {
			d.Peek()
			start := d.Pos
			if _, err := d.Str(); err != nil {
				return
			}
			key := text[start:d.Pos]
			d.Peek()
			d.Pos++ // the colon
			value, err := d.Value()
			if err != nil || !yield(key, value) {
				return
			}
		}
	}
}

// arrayElements returns the elements of an array that is known to be valid; none
// for another value.
func arrayElements(text string) []string {
	if !strings.HasPrefix(text, "[") {
		return nil
	}
	var list []string
	d := jsontext.Scanner{Text: text}
	for more, err := d.Open('['); more && err == nil; more, err = d.Next('[') {
		value, err := d.Value()
		if err != nil {
			return nil
		}
		list = append(list, value)
	}
	return list
}

func unquoted(literal string) string {
	s, _ := (&jsontext.Scanner{Text: literal}).Str()
	return s
}
