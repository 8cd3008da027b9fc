package gitattr

import (
	"bytes"
	"strings"
)

// A Set holds the .gitattributes files of a tree, or some of them, and answers
// which attributes a path has. Its zero value is an empty set.
//
// Any number of Lookups may run at the same time, but not while Add runs.
type Set struct {
	files map[string][]rule // by directory
	raw   map[string][]byte // content of the files below the root
	// macros by number of the attribute that triggers them. Attributes that
	// are neither looked up nor macros have no number: nothing depends on
	// them.
	macros  [][]assign
	numbers map[string]int
}

// A rule is a line of a file that can matter.
type rule struct {
	pattern pattern
	assigns []assign
}

type assign struct {
	attr  int // number of the attribute
	value Value
}

// Add adds the .gitattributes file of the directory dir, a slash-separated
// path without a slash at either end; "" is the root. It replaces what was
// added for dir before. Files may come in any order; the root's, whose macros
// count in all others, is best added first. Add copies what it keeps of
// content. There are no errors: git ignores what it does not understand, and
// so does Add.
func (s *Set) Add(dir string, content []byte) {
	if s.files == nil {
		s.files = map[string][]rule{}
		s.raw = map[string][]byte{}
	}
	if s.numbers == nil || dir == "" {
		s.defineMacros(dir, content)
	}
	if dir != "" {
		content = bytes.Clone(content)
		s.raw[dir] = content
	}
	s.files[dir] = s.compile(dir, content)
	if dir == "" {
		for dir, content := range s.raw {
			s.files[dir] = s.compile(dir, content)
		}
	}
}

// defineMacros numbers the attributes and collects the macros: git's own and,
// if dir is the root, those of content. The last definition of a macro counts.
func (s *Set) defineMacros(dir string, content []byte) {
	s.numbers = make(map[string]int, numAttrs+1)
	for i, name := range attrNames {
		s.numbers[name] = i
	}
	defined := map[string][]namedValue{"binary": {{"text", Value{State: StateUnset}}, {"diff", Value{State: StateUnset}}}} // and -merge
	if dir == "" {
		parseFile(content, true, func(l line) {
			if l.macro {
				defined[l.name] = l.assigns
			}
		})
	}
	for name := range defined {
		if _, ok := s.numbers[name]; !ok {
			s.numbers[name] = len(s.numbers)
		}
	}
	s.macros = make([][]assign, len(s.numbers))
	for name, assigns := range defined {
		s.macros[s.numbers[name]] = s.assigns(assigns)
	}
}

// compile returns the rules of a file that can matter, in their order.
func (s *Set) compile(dir string, content []byte) []rule {
	var rules []rule
	parseFile(content, dir == "", func(l line) {
		if l.macro {
			return
		}
		assigns := s.assigns(l.assigns)
		if len(assigns) == 0 {
			return
		}
		if p, ok := compilePattern(l.name); ok {
			rules = append(rules, rule{p, assigns})
		}
	})
	return rules
}

func (s *Set) assigns(named []namedValue) []assign {
	var as []assign
	for _, n := range named {
		if attr, ok := s.numbers[n.name]; ok {
			as = append(as, assign{attr, n.value})
		}
	}
	return as
}

// Lookup returns the attributes of path, a slash-separated path relative to
// the root without a slash at either end. isDir says that git archive would
// ask for it with a slash behind it, as it does for directories and
// submodules. Files that were not added count as empty. A directory's own
// .gitattributes says nothing about the directory itself.
func (s *Set) Lookup(path string, isDir bool) Attributes {
	m := match{set: s}
	if len(s.files) == 0 || path == "" {
		return m.result
	}
	if words := (len(s.numbers) + 63) / 64; words > len(m.few) {
		m.many = make([]uint64, words)
	}
	slash := strings.LastIndexByte(path, '/')
	base := path[slash+1:]
	for end := slash; ; end = strings.LastIndexByte(path[:end], '/') {
		dir, name := "", path
		if end >= 0 {
			dir, name = path[:end], path[end+1:]
		}
		rules := s.files[dir]
		for i := len(rules) - 1; i >= 0; i-- {
			if r := &rules[i]; r.pattern.match(name, base, isDir) {
				if m.decide(r.assigns); m.found == numAttrs {
					return m.result
				}
			}
		}
		if end < 0 {
			return m.result
		}
	}
}

// A match is a Lookup under way.
type match struct {
	set    *Set
	result Attributes
	found  int       // how many of the attributes in result are decided
	few    [2]uint64 // bit set of the attributes decided so far,
	many   []uint64  // or this where few is too small
}

// decide applies assigns from last to first. The first value an attribute
// gets is final. A macro that becomes Set brings its own assignments along
// before anything else is looked at.
func (m *match) decide(assigns []assign) {
	var pending [][]assign // what to go on with after a macro
	known := m.many
	if known == nil {
		known = m.few[:]
	}
	for {
		for len(assigns) > 0 {
			a := &assigns[len(assigns)-1]
			assigns = assigns[:len(assigns)-1]
			word, bit := a.attr/64, uint64(1)<<(a.attr%64)
			if known[word]&bit != 0 {
				continue
			}
			known[word] |= bit
			if a.attr < numAttrs {
				m.result.values[a.attr] = a.value
				m.found++
			}
			if macro := m.set.macros[a.attr]; a.value.State == StateSet && len(macro) > 0 {
				if len(assigns) > 0 {
					pending = append(pending, assigns)
				}
				assigns = macro
			}
		}
		if len(pending) == 0 {
			return
		}
		assigns = pending[len(pending)-1]
		pending = pending[:len(pending)-1]
	}
}
