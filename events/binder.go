package events

import (
	"reflect"
	"strconv"

	"github.com/codesuite-go/codesuite/internal/jsontext"
)

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
