package events

import (
	"encoding/json"
	"math"
	"reflect"
	"strconv"
	"strings"
	"sync"

	"github.com/codesuite-go/codesuite/internal/jsontext"
)

// The event types are plain structs whose `event` tags say where in the JSON
// text a field lives, as a path from the root:
//
//	ExecutionID string `event:"detail/execution-id"`
//
// A last element of the form a|b names two spellings, of which a is written.
// The option string says that a number or boolean is written as a string, the
// option number that a string field is written as a number. A plan is the
// tree that these paths make, built once a type.
type plan struct{ nodes []node }

type node struct {
	key, alt string
	kind     nodeKind
	index    []int // of the field, from the struct the plan belongs to
	sub      *plan // of an object
	elem     *node // of a slice or map element
	asString bool
	asNumber bool
}

type nodeKind uint8

const (
	kindPath    nodeKind = iota // an object without a field of its own
	kindString                  // any string type
	kindInt                     // any integer type
	kindBool                    //
	kindStruct                  // an object
	kindPointer                 // an object or null
	kindSlice                   // an array
	kindMap                     // an object with any keys
	kindRaw                     // json.RawMessage
)

var (
	plans   sync.Map // reflect.Type -> *plan
	rawType = reflect.TypeFor[json.RawMessage]()
)

func planOf(t reflect.Type) *plan {
	if p, ok := plans.Load(t); ok {
		return p.(*plan)
	}
	p := &plan{}
	p.addFields(t, nil)
	actual, _ := plans.LoadOrStore(t, p)
	return actual.(*plan)
}

func (p *plan) addFields(t reflect.Type, index []int) {
	for i := range t.NumField() {
		f := t.Field(i)
		at := append(index[:len(index):len(index)], i)
		tag, ok := f.Tag.Lookup("event")
		if !ok {
			if f.Anonymous {
				p.addFields(f.Type, at)
			}
			continue
		}
		path, option, _ := strings.Cut(tag, ",")
		n := nodeOf(f.Type)
		n.index = at
		n.asString = option == "string"
		n.asNumber = option == "number"
		p.add(strings.Split(path, "/"), n)
	}
}

func (p *plan) add(path []string, n node) {
	key, alt, _ := strings.Cut(path[0], "|")
	if len(path) == 1 {
		n.key, n.alt = key, alt
		p.nodes = append(p.nodes, n)
		return
	}
	i := p.find(key, 0)
	if i < 0 {
		i = len(p.nodes)
		p.nodes = append(p.nodes, node{key: key, alt: alt, sub: &plan{}})
	}
	p.nodes[i].sub.add(path[1:], n)
}

func nodeOf(t reflect.Type) node {
	if t == rawType {
		return node{kind: kindRaw}
	}
	switch t.Kind() {
	case reflect.String:
		return node{kind: kindString}
	case reflect.Int, reflect.Int64:
		return node{kind: kindInt}
	case reflect.Bool:
		return node{kind: kindBool}
	case reflect.Struct:
		return node{kind: kindStruct, sub: planOf(t)}
	case reflect.Pointer:
		return node{kind: kindPointer, sub: planOf(t.Elem())}
	case reflect.Slice:
		elem := nodeOf(t.Elem())
		return node{kind: kindSlice, elem: &elem}
	case reflect.Map:
		elem := nodeOf(t.Elem())
		return node{kind: kindMap, elem: &elem}
	default:
		panic("events: no JSON form for " + t.String()) // a mistake in this package; every type is tested
	}
}

// find returns the node of a key, or -1. It starts at hint because members
// mostly come in the order of the fields.
func (p *plan) find(key string, hint int) int {
	for k := range p.nodes {
		i := hint + k
		if i >= len(p.nodes) {
			i -= len(p.nodes)
		}
		if n := &p.nodes[i]; n.key == key || n.alt == key && key != "" {
			return i
		}
	}
	return -1
}

// A binder reads values of a text into the fields of an event.
type binder struct{ *jsontext.Scanner }

// object reads the object that starts here into the fields of v.
func (d binder) object(p *plan, v reflect.Value) error {
	var seen uint64 // no plan has more than 64 nodes; a test sees to it
	hint := 0
	more, err := d.Open('{')
	for more && err == nil {
		var key string
		if key, err = d.Name(); err != nil {
			return err
		}
		i := p.find(key, hint)
		if i < 0 {
			if _, err = d.Value(); err != nil {
				return within(printable(key), err)
			}
		} else {
			n := &p.nodes[i]
			if seen&(1<<i) != 0 {
				return within(n.key, d.Fail("the member appears twice"))
			}
			seen |= 1 << i
			hint = i + 1
			f := v
			if n.kind != kindPath {
				f = v.FieldByIndex(n.index)
			}
			if err = d.member(n, f); err != nil {
				return within(n.key, err)
			}
		}
		if err != nil {
			return err
		}
		more, err = d.Next('{')
	}
	return err
}

// member reads one value into f.
func (d binder) member(n *node, f reflect.Value) error {
	switch n.kind {
	case kindString:
		s, err := d.text()
		if err == nil {
			f.SetString(s)
		}
		return err
	case kindInt:
		return d.integer(f)
	case kindBool:
		return d.boolean(f)
	case kindRaw:
		text, err := d.Value()
		if err == nil {
			f.SetBytes([]byte(text))
		}
		return err
	}
	if d.Null() {
		return nil
	}
	switch n.kind {
	case kindSlice:
		return d.slice(n, f)
	case kindMap:
		return d.mapping(n, f)
	case kindPointer:
		f.Set(reflect.New(f.Type().Elem()))
		return d.object(n.sub, f.Elem())
	default: // kindPath, kindStruct
		return d.object(n.sub, f)
	}
}

func (d binder) slice(n *node, f reflect.Value) error {
	more, err := d.Open('[')
	for i := 0; more && err == nil; i++ {
		if i == maxElements {
			return d.Fail("more than " + strconv.Itoa(maxElements) + " elements")
		}
		if i == f.Cap() {
			f.Grow(1)
		}
		f.SetLen(i + 1)
		if err = d.member(n.elem, f.Index(i)); err != nil {
			return within(position(i), err)
		}
		more, err = d.Next('[')
	}
	return err
}

func (d binder) mapping(n *node, f reflect.Value) error {
	more, err := d.Open('{')
	if more {
		f.Set(reflect.MakeMap(f.Type()))
	}
	for more && err == nil {
		var key string
		if key, err = d.Name(); err != nil {
			return err
		}
		if f.Len() == maxElements {
			return d.Fail("more than " + strconv.Itoa(maxElements) + " members")
		}
		k := reflect.ValueOf(key)
		if f.MapIndex(k).IsValid() {
			return d.Fail("a member appears twice")
		}
		e := reflect.New(f.Type().Elem()).Elem()
		if err = d.member(n.elem, e); err != nil {
			return err
		}
		f.SetMapIndex(k, e)
		more, err = d.Next('{')
	}
	return err
}

// text reads a scalar as text, and the number 1.0 as 1.
func (d binder) text() (string, error) {
	if c := d.Peek(); c != '-' && (c < '0' || c > '9') {
		return d.Scalar()
	}
	s, err := d.Number()
	if n, ok := wholeNumber(s); ok && strings.ContainsAny(s, ".eE") {
		s = strconv.FormatInt(n, 10)
	}
	return s, err
}

// integer reads 1, 1.0, "1", "1.0" and null. "" and "None" stand for null in
// notifications.
func (d binder) integer(f reflect.Value) error {
	start := *d.Scanner
	switch c := d.Peek(); {
	case c == '{' || c == '[' || c == 't' || c == 'f':
		return d.Want("a whole number")
	case c == '"':
		s, err := d.Str()
		if err != nil {
			return err
		}
		if s = strings.TrimSpace(s); s == "" || s == "None" {
			return nil
		}
		n, ok := wholeNumber(s)
		if !ok || f.OverflowInt(n) {
			return start.Fail("want a whole number, found another string")
		}
		f.SetInt(n)
		return nil
	}
	s, err := d.Scalar()
	if err != nil || s == "" {
		return err
	}
	n, ok := wholeNumber(s)
	if !ok || f.OverflowInt(n) {
		return start.Fail("want a whole number of at most 64 bits, found another number")
	}
	f.SetInt(n)
	return nil
}

func wholeNumber(s string) (int64, bool) {
	if whole, fraction, ok := strings.Cut(s, "."); ok && strings.Trim(fraction, "0") == "" {
		s = whole
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n, true
	}
	if !isNumber(s) { // ParseFloat reads more than JSON has
		return 0, false
	}
	x, err := strconv.ParseFloat(s, 64) // 1.6e3
	if err != nil || x != math.Trunc(x) || math.Abs(x) > 1<<53 {
		return 0, false
	}
	return int64(x), true
}

// boolean reads true, "True", "true" and the like, and null as false.
func (d binder) boolean(f reflect.Value) error {
	start := *d.Scanner
	switch c := d.Peek(); {
	case c == '{' || c == '[' || c == '-' || c >= '0' && c <= '9':
		return d.Want("a boolean")
	}
	s, err := d.Scalar()
	if err != nil {
		return err
	}
	switch {
	case strings.EqualFold(s, "true"):
		f.SetBool(true)
	case strings.EqualFold(s, "false"), s == "":
		f.SetBool(false)
	default:
		return start.Fail("want a boolean, found another string")
	}
	return nil
}
