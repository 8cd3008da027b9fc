package pattern

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"unicode"
	"unicode/utf8"
)

// maxComplexity is the highest complexity of the wildcards of a field that
// EventBridge is known to accept. The limit is not published: AWS refused 11
// and 12 and took 9, and the open-source matcher names 10 as an example.
const maxComplexity = 10

// maxSteps bounds the computation. Patterns that EventBridge accepts need a few
// hundred steps.
const maxSteps = 1 << 14

// checkComplexity refuses a pattern whose wildcards are too complex for
// EventBridge.
func checkComplexity(branches []*pathTree) error {
	fields, ok := fieldsOf(branches)
	if !ok {
		return errorf("", "too complex: use fewer alternatives of $or")
	}
	for _, f := range fields {
		if f.wildcards.complexity(maxComplexity+1) > maxComplexity {
			return errorf(f.name, "too complex for EventBridge, which adds up all wildcards of a field: use fewer wildcards, fewer *, or prefix and suffix")
		}
	}
	return nil
}

// A matcherField is a field as the matcher has it, with the alternatives that
// the matcher compares at once.
type matcherField struct {
	name      string
	wildcards places
	next      map[string]*matcherState // where other alternatives lead
	none      *matcherState            // where a field leads that must not exist
}

// A matcherState is a state of the matcher between two fields.
type matcherState struct{ fields map[string]*matcherField }

// A matcherBuilder adds combinations of a $or to a matcher, which goes from
// field to field in the order of their paths. Combinations that come to the same
// state share the next field.
type matcherBuilder struct {
	fields []*matcherField // but for those behind one that must not exist
	steps  int
}

// fieldsOf returns the fields of the matcher of a pattern. ok is false for a
// pattern with too many of them.
func fieldsOf(branches []*pathTree) (fields []*matcherField, ok bool) {
	var b matcherBuilder
	start := &matcherState{}
	for _, branch := range branches {
		b.add(start, branch.leaves, true)
	}
	return b.fields, b.steps <= maxSteps
}

func (b *matcherBuilder) add(state *matcherState, leaves []*pathTree, counts bool) {
	if b.steps++; len(leaves) == 0 || b.steps > maxSteps {
		return
	}
	f := state.fields[leaves[0].name]
	if f == nil {
		if state.fields == nil {
			state.fields = map[string]*matcherField{}
		}
		f = &matcherField{name: leaves[0].name, next: map[string]*matcherState{}}
		state.fields[f.name] = f
		if counts {
			b.fields = append(b.fields, f)
		}
	}
	var last *matcherState
	var exist, reached []*matcherState
	for i := range leaves[0].rules {
		rule := &leaves[0].rules[i]
		if last = f.add(rule, last); rule.op != opExists || rule.exists {
			exist = append(exist, last)
		}
		if !slices.Contains(reached, last) {
			reached = append(reached, last)
		}
	}
	for _, next := range reached {
		b.add(next, leaves[1:], counts && slices.Contains(exist, next))
	}
}

// add adds an alternative and returns the state that it leads to: the state of
// the same alternative if the matcher finds it, else last, else a new one.
func (f *matcherField) add(rule *valueRule, last *matcherState) *matcherState {
	if rule.op == opExists && !rule.exists {
		if f.none == nil {
			f.none = cmp.Or(last, &matcherState{})
		}
		return f.none
	}
	key := string(rule.appendJSON(nil))
	if rule.op == opWildcard {
		for i := range rule.values {
			last = f.wildcards.add(key, rule.values[i].parts, last)
		}
		return last
	}
	if f.next[key] == nil {
		f.next[key] = cmp.Or(last, &matcherState{})
	}
	return f.next[key]
}

// places are the places in all wildcards of a field where the matcher may be.
type places struct {
	root   place
	ends   map[wildcardEnd]*place
	number int
}

// A place is what was read of a wildcard up to there. A * is a place of its own,
// where any byte stays.
type place struct {
	number int
	isStar bool
	loose  bool // behind a *
	bytes  map[byte][]*place
	star   *place
	owners []string // the alternatives whose wildcards lead through here
}

// A wildcardEnd is the end of an alternative's wildcards, one for each state
// that they lead to.
type wildcardEnd struct {
	owner string
	next  *matcherState
}

func (ps *places) newPlace(isStar, loose bool) *place {
	ps.number++
	return &place{number: ps.number, isStar: isStar, loose: loose, bytes: map[byte][]*place{}}
}

// add adds a wildcard and returns the state that it leads to: the state of the
// same wildcard if the matcher finds it, else last, else a new one.
func (ps *places) add(owner string, parts []string, last *matcherState) *matcherState {
	if ps.ends == nil {
		ps.root.bytes, ps.ends = map[byte][]*place{}, map[wildcardEnd]*place{}
	}
	p, found := &ps.root, true
	for i, part := range parts {
		if i == 0 {
			part = `"` + part // the matcher compares strings with their quotes
		} else {
			if p.star == nil {
				p.star = ps.newPlace(true, true)
			}
			p = p.star
			p.own(owner)
		}
		for i := range len(part) {
			var next *place
			if found {
				next = p.follow(part[i:])
			}
			if found = next != nil; !found {
				next = ps.newPlace(false, p.loose)
				p.bytes[part[i]] = append(p.bytes[part[i]], next)
			}
			p = next
			p.own(owner)
		}
	}
	for end, at := range ps.ends {
		if end.owner == owner && slices.Contains(p.bytes['"'], at) {
			return end.next
		}
	}
	end := wildcardEnd{owner, cmp.Or(last, &matcherState{})}
	if ps.ends[end] == nil {
		ps.ends[end] = ps.newPlace(false, true)
		ps.ends[end].own(owner)
	}
	p.bytes['"'] = append(p.bytes['"'], ps.ends[end])
	return end.next
}

func (p *place) own(owner string) {
	if !slices.Contains(p.owners, owner) {
		p.owners = append(p.owners, owner)
	}
}

// follow returns the place behind p that a wildcard with this text shares with
// another one, nil if there is none. Behind a * the matcher does not share the
// places of letters, nor those beside another *.
func (p *place) follow(text string) *place {
	r, _ := utf8.DecodeRuneInString(text)
	begins := text[0]&0xC0 != 0x80 // a character
	for _, next := range p.bytes[text[0]] {
		isEnd := len(next.bytes) == 0 && next.star == nil && next.loose && text[0] == '"' && len(text) == 1
		if !isEnd && (!next.loose || !begins || p.star == nil && unicode.ToUpper(r) == unicode.ToLower(r)) {
			return next
		}
	}
	return nil
}

// complexity returns how many beginnings of wildcards one value can match at
// once, and the limit for that number and above. The open-source matcher of
// EventBridge computes the same number from its states.
func (ps *places) complexity(limit int) int {
	most := 0
	seen := map[string]bool{}
	for queue := [][]*place{{&ps.root}}; len(queue) > 0; queue = queue[1:] {
		for _, c := range nextBytes(queue[0]) {
			alive := advance(queue[0], c)
			size := 0
			for _, p := range alive {
				size += len(p.owners)
				if p.star != nil && !slices.Contains(alive, p.star) { // a * matches nothing as well
					size += len(p.star.owners)
				}
			}
			if most = max(most, size); most >= limit || len(seen) > maxSteps {
				return limit
			}
			if key := keyOf(alive); !seen[key] {
				seen[key] = true
				queue = append(queue, alive)
			}
		}
	}
	return most
}

// nextBytes returns the bytes that lead on from one of the places. Any other
// byte leads to fewer places than each of them.
func nextBytes(alive []*place) []byte {
	var list []byte
	for _, p := range alive {
		list = slices.AppendSeq(list, maps.Keys(p.bytes))
		if p.star != nil {
			list = slices.AppendSeq(list, maps.Keys(p.star.bytes))
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// advance returns the places after the byte, by number.
func advance(alive []*place, c byte) []*place {
	var after []*place
	for _, p := range alive {
		after = append(after, p.bytes[c]...)
		if p.isStar {
			after = append(after, p)
		}
		if p.star != nil {
			after = append(append(after, p.star), p.star.bytes[c]...)
		}
	}
	slices.SortFunc(after, func(a, b *place) int { return a.number - b.number })
	return slices.Compact(after)
}

func keyOf(alive []*place) string {
	var b []byte
	for _, p := range alive {
		b = append(strconv.AppendInt(b, int64(p.number), 36), ' ')
	}
	return string(b)
}
