package events

import (
	"encoding/json"
	"reflect"
	"strings"
	"sync"
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
