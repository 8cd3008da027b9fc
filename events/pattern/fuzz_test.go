package pattern

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// FuzzPattern checks that a pattern survives the way through JSON, that no
// event makes Match panic, and that Match agrees with a matcher that tries all
// combinations of values.
func FuzzPattern(f *testing.F) {
	seeds := []struct{ pattern, event string }{
		{`{"source":["aws.codecommit"],"detail":{"referenceName":[{"prefix":"release/"},"main"]}}`, `{"source":"aws.codecommit","detail":{"referenceName":"main"}}`},
		{`{"a":[1,300.0,true,null,{"numeric":[">",0,"<=",5e1]},{"exists":false}]}`, `{"a":[1,2.50,{"b":3}]}`},
		{`{"a":{"b":["x"],"c":[{"exists":false}]}}`, `{"a":[{"b":"x","c":1},[{"b":"x"}]]}`},
		{`{"a":{"b":[{"exists":false}],"c":["x"],"d":[{"exists":false},"y"]}}`, `{"a":[{"c":"x","d":"y"},{"b":1}]}`},
		{`{"$or":[{"a":[{"anything-but":["x","y"]}]},{"b":{"c":[{"anything-but":{"suffix":"z"}}]}}],"d":{"$or":[{"e":[1]},{"f":[2]}]}}`, `{"a":"z","d":{"f":2}}`},
		{`{"a.b":[{"wildcard":"*x\\*y*"},{"prefix":{"equals-ignore-case":"É"}}],"c":[{"suffix":{"equals-ignore-case":"é"}}]}`, `{"a":{"b":"--x*y"},"c":"É"}`},
		{`{"a":[{"cidr":"10.0.0.0/24"},"::1",{"equals-ignore-case":"k"},{"exactly":"q"}]}`, `{"a":["10.0.0.7","0:0::1"]}`},
		{`{"$or":["x",{"exists":true}]}`, `{"$or":[["x"]],"$or.y":1}`},
		{`{"a":["x"],"$or":[{"a":{"b":["y"]}},{"c":[1]}]}`, `{"a":["x",{"b":"y"}],"a.b":"y"}`},
	}
	for _, s := range seeds {
		f.Add(s.pattern, s.event)
	}
	f.Fuzz(func(t *testing.T, pattern, event string) {
		p, err := Parse([]byte(pattern))
		if err != nil {
			if p.root != nil || p.text != "" {
				t.Fatalf("a pattern beside the error %v", err)
			}
			return
		}
		if !json.Valid([]byte(p.String())) {
			t.Fatalf("not JSON: %s", p)
		}
		q, err := Parse([]byte(p.String()))
		if err != nil {
			t.Fatalf("%s: %v", p, err)
		}
		if !p.Equal(q) {
			t.Fatalf("%s came back as %s", p, q)
		}
		got, err := p.Match([]byte(event))
		if err != nil {
			if got {
				t.Fatalf("a match beside the error %v", err)
			}
			return
		}
		if again, err := q.Match([]byte(event)); err != nil || again != got {
			t.Fatalf("%t, and %t, %v the second time", got, again, err)
		}
		if want, ok := reference(p, []byte(event)); ok && got != want {
			t.Errorf("%s on %s: got %t, the reference says %t", p, event, got, want)
		}
	})
}

// TestPatternReference compares Match with the reference on patterns and events
// that are made of few names and values, so that they often nearly match.
func TestReference(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(1, 2))
	pick := func(choices ...string) string { return choices[rnd.IntN(len(choices))] }
	var object func(depth int) string
	object = func(depth int) string {
		var fields []string
		for _, name := range []string{"a", "b", "c", "a-x"} {
			switch {
			case rnd.IntN(2) == 0:
			case depth > 0 && rnd.IntN(2) == 0:
				fields = append(fields, `"`+name+`":`+object(depth-1))
			default:
				fields = append(fields, `"`+name+`":`+pick(`["x"]`, `["x"]`, `["y",1]`, `[{"exists":false}]`, `[{"exists":false}]`,
					`[{"exists":false},"x"]`, `[{"exists":true}]`, `[{"anything-but":"x"}]`, `[{"numeric":[">",0]}]`, `[null]`))
			}
		}
		if depth > 0 && rnd.IntN(8) == 0 {
			fields = append(fields, `"$or":[`+object(depth-1)+`,`+object(depth-1)+`]`)
		}
		if len(fields) == 0 {
			return `{"a":["x"]}`
		}
		return `{` + strings.Join(fields, ",") + `}`
	}
	var value func(depth int) string
	value = func(depth int) string {
		switch n := rnd.IntN(4); {
		case depth == 0 || n == 0:
			return pick(`"x"`, `"y"`, `1`, `null`, `[]`, `{}`)
		case n == 1:
			var fields []string
			for _, name := range []string{"a", "b", "c", "a-x"} {
				if rnd.IntN(2) == 0 {
					fields = append(fields, `"`+name+`":`+value(depth-1))
				}
			}
			return `{` + strings.Join(fields, ",") + `}`
		default:
			var elements []string
			for range rnd.IntN(4) {
				elements = append(elements, value(depth-1))
			}
			return `[` + strings.Join(elements, ",") + `]`
		}
	}
	matches, compared := 0, 0
	for range 10_000 {
		pattern, event := object(2), `{"a":`+value(4)+`,"b":`+value(3)+`,"a-x":`+value(2)+`}`
		p, err := Parse([]byte(pattern))
		if err != nil {
			continue // a field inside and outside of $or
		}
		got, err := p.Match([]byte(event))
		if err != nil {
			t.Fatalf("%s on %s: %v", pattern, event, err)
		}
		want, ok := reference(p, []byte(event))
		if !ok {
			continue
		}
		if compared++; want {
			matches++
		}
		if got != want {
			t.Fatalf("%s on %s: got %t, the reference says %t", pattern, event, got, want)
		}
	}
	if compared < 2_500 || matches < compared/20 {
		t.Errorf("%d comparisons, %d of them matches: too few to say much", compared, matches)
	}
}

// reference matches as EventBridge does, over flat fields that know
// their places in the lists of the event. It tries everything, and gives up on
// what is too much for that.
func reference(p Pattern, event []byte) (match, ok bool) {
	var root map[string]any
	dec := json.NewDecoder(strings.NewReader(string(event)))
	dec.UseNumber()
	if dec.Decode(&root) != nil || len(event) > 1000 || strings.Contains(string(event), ".") || strings.Contains(string(event), `\u`) {
		return false, false // two names for one path have an order only in this package
	}
	var fields []flatField
	lists := 0
	var flatten func(path string, v any, place map[int]int)
	flatten = func(path string, v any, place map[int]int) {
		switch v := v.(type) {
		case map[string]any:
			for name, value := range v {
				flatten(flatJoin(path, name), value, place)
			}
		case []any:
			list := lists
			lists++
			for i, element := range v {
				inner := place
				if isContainer(element) {
					inner = maps.Clone(place)
					inner[list] = i
				}
				flatten(path, element, inner)
			}
		case string:
			fields = append(fields, flatField{path, stringValue(v), place})
		case json.Number:
			fields = append(fields, flatField{path, numberValue(v.String()), place})
		case bool:
			fields = append(fields, flatField{path, boolValue(v), place})
		default:
			fields = append(fields, flatField{path, scalar{}, place})
		}
	}
	flatten("", root, map[int]int{})

	budget := 20_000
	var try func(leaves []*pathTree, chosen map[int]int) bool
	try = func(leaves []*pathTree, chosen map[int]int) bool {
		if budget -= 1 + len(fields); budget < 0 || len(leaves) == 0 {
			return budget >= 0
		}
		leaf, found := leaves[0], false
		for _, field := range fields {
			if field.path != "\x00"+strings.Join(leaf.steps, "\x00") || !flatConsistent(chosen, field.place) {
				continue
			}
			found = true
			if slices.ContainsFunc(leaf.rules, func(r valueRule) bool { return r.matches(&field.value) }) {
				both := maps.Clone(chosen)
				maps.Copy(both, field.place)
				if try(leaves[1:], both) {
					return true
				}
			}
		}
		return leaf.absent && !found && try(leaves[1:], chosen)
	}
	for _, tree := range p.branches {
		if hasOwnAndBelow(tree) {
			return false, false // a value and an object under one path: see matchKids
		}
		if try(tree.leaves, map[int]int{}) {
			return true, true
		}
	}
	return false, budget >= 0
}

type flatField struct {
	path  string
	value scalar
	place map[int]int // the element of each list around the value
}

func flatJoin(path, name string) string { return path + "\x00" + name }

func flatConsistent(chosen, place map[int]int) bool {
	for list, element := range place {
		if c, ok := chosen[list]; ok && c != element {
			return false
		}
	}
	return true
}

func hasOwnAndBelow(t *pathTree) bool {
	return t.rules != nil && len(t.kids) > 0 || slices.ContainsFunc(t.kids, hasOwnAndBelow)
}
