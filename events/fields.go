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
// option number that a string field is written as a number. The option id marks
// the identity of an event: the fields that tell it from others and say what to
// do. A plan is the tree that these paths make, built once a type.
type plan struct {
	nodes []node
	// private is whether a secret is somewhere below.
	private bool
}

type node struct {
	key, alt string
	kind     nodeKind
	index    []int // of the field, from the struct the plan belongs to
	sub      *plan // of an object
	elem     *node // of a slice or map element
	asString bool
	asNumber bool
	hidden   bool // an object whose members are left out of the encoded event
	// strict is set for a field of the identity, and for what is around one. A
	// value that does not fit is an error there, and elsewhere a problem.
	strict bool
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
	kindSecret                  // Secret
)

var (
	plans   sync.Map // reflect.Type -> *plan
	rawType = reflect.TypeFor[json.RawMessage]()
	// secretType and credentialsType are encoded without what they hold.
	secretType      = reflect.TypeFor[Secret]()
	credentialsType = reflect.TypeFor[JobCredentials]()
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
		if option == "id" {
			n.strict = true
			if n.elem != nil {
				n.elem.strict = true
			}
		}
		p.add(strings.Split(path, "/"), n)
	}
}

func (p *plan) add(path []string, n node) {
	key, alt, _ := strings.Cut(path[0], "|")
	p.private = p.private || isSecret(&n)
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
	p.nodes[i].strict = p.nodes[i].strict || n.strict
	p.nodes[i].sub.add(path[1:], n)
}

func nodeOf(t reflect.Type) node {
	switch t {
	case rawType:
		return node{kind: kindRaw}
	case secretType:
		return node{kind: kindSecret}
	case credentialsType:
		return node{kind: kindStruct, sub: planOf(t), hidden: true}
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

// maxProblems is how many problems of an event are kept.
const maxProblems = 100

// A binder reads values of a text into the fields of an event.
type binder struct {
	*jsontext.Scanner
	problems []*DecodeError
	lenient  bool // nothing is strict
}

// object reads the object that starts here into the fields of v.
func (d *binder) object(p *plan, v reflect.Value) error {
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
			known := len(d.problems)
			if _, err = d.field(n, f); err != nil {
				return within(n.key, err)
			}
			d.within(n.key, known)
		}
		more, err = d.Next('{')
	}
	return err
}

// within puts a step in front of the paths of the problems from the given one
// on.
func (d *binder) within(step string, from int) {
	for _, problem := range d.problems[from:] {
		_ = within(step, problem)
	}
}

// field reads one value into f. A value that does not fit is an error for the
// identity of the event, and else leaves f empty and is a problem.
func (d *binder) field(n *node, f reflect.Value) (fits bool, err error) {
	start, known := *d.Scanner, len(d.problems)
	err = d.member(n, f)
	if err == nil || n.strict && !d.lenient {
		return err == nil, err
	}
	*d.Scanner = start
	if _, syntaxErr := d.Value(); syntaxErr != nil {
		return false, err // the text is broken
	}
	clearField(n, f)
	d.problems = d.problems[:known]
	if known < maxProblems {
		if problem, ok := asDecodeError(err).(*DecodeError); ok {
			d.problems = append(d.problems, problem)
		}
	}
	return false, nil
}

// clearField empties the field of a node, or all fields below it.
func clearField(n *node, f reflect.Value) {
	if n.kind != kindPath {
		f.SetZero()
		return
	}
	for i := range n.sub.nodes {
		sub := &n.sub.nodes[i]
		if sub.kind == kindPath {
			clearField(sub, f)
		} else {
			f.FieldByIndex(sub.index).SetZero()
		}
	}
}

// member reads one value into f.
func (d *binder) member(n *node, f reflect.Value) error {
	switch n.kind {
	case kindString:
		s, err := d.text()
		if err == nil {
			f.SetString(s)
		}
		return err
	case kindSecret:
		s, err := d.text()
		if err == nil {
			f.Set(reflect.ValueOf(NewSecret(s)))
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

func (d *binder) slice(n *node, f reflect.Value) error {
	more, err := d.Open('[')
	for i := 0; more && err == nil; i++ {
		if i == maxElements {
			return d.Fail("more than " + strconv.Itoa(maxElements) + " elements")
		}
		if i == f.Cap() {
			f.Grow(1)
		}
		f.SetLen(i + 1)
		known := len(d.problems)
		if _, err = d.field(n.elem, f.Index(i)); err != nil {
			return within(position(i), err)
		}
		if len(d.problems) > known {
			d.within(position(i), known)
		}
		more, err = d.Next('[')
	}
	return err
}

func (d *binder) mapping(n *node, f reflect.Value) error {
	more, err := d.Open('{')
	if more {
		f.Set(reflect.MakeMap(f.Type()))
	}
	seen := map[string]bool{}
	for more && err == nil {
		var key string
		if key, err = d.Name(); err != nil {
			return err
		}
		if len(seen) == maxElements {
			return d.Fail("more than " + strconv.Itoa(maxElements) + " members")
		}
		if seen[key] {
			return d.Fail("a member appears twice")
		}
		seen[key] = true
		known := len(d.problems)
		e := reflect.New(f.Type().Elem()).Elem()
		var fits bool
		if fits, err = d.field(n.elem, e); err != nil {
			return err
		}
		if fits {
			f.SetMapIndex(reflect.ValueOf(key), e)
		}
		d.within(printable(key), known)
		more, err = d.Next('{')
	}
	return err
}

// text reads a scalar as text, and the number 1.0 as 1.
func (d *binder) text() (string, error) {
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
func (d *binder) integer(f reflect.Value) error {
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
func (d *binder) boolean(f reflect.Value) error {
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
