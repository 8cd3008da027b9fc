package gitattr

import "strings"

// A glob is a compiled wildcard pattern. It works on bytes, as git does.
//
// The matcher is our own because github.com/git-lfs/wildmatch/v2 disagrees with git
// on 2.5 % of random patterns and paths: it does not return to an earlier "**"
// that has matched, takes "\a" for "/a" and "[]a]" for an empty set, and works on
// runes. It never matches directories for attributes, although git archive does,
// panics on "[a-" and "[[:x", and takes 24 seconds to match "*a*a*a*a*a*a*a*a*a*ab"
// against forty a's.
type glob []token

type token struct {
	op   op
	char byte
	set  *byteSet
}

type op uint8

const (
	opByte     op = iota // char
	opAny                // any byte but "/"
	opSet                // a byte of set
	opStar               // any number of bytes but "/"
	opDirs               // "**/": nothing, or anything that ends in "/"
	opGlobstar           // "**" before an escaped slash or at the end: anything
)

// compileGlob compiles s. With dirs, "**" between slashes crosses
// directories; otherwise it is the same as "*". It reports false if s is
// malformed, which git treats as a pattern that matches nothing.
func compileGlob(s string, dirs bool) (glob, bool) {
	g := make(glob, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '*':
			first := i
			for i+1 < len(s) && s[i+1] == '*' {
				i++
			}
			rest := s[i+1:]
			switch {
			case !dirs || i == first || first > 0 && s[first-1] != '/':
				g = append(g, token{op: opStar})
			case strings.HasPrefix(rest, "/"):
				g = append(g, token{op: opDirs})
				i++
			case rest == "" || strings.HasPrefix(rest, `\/`):
				g = append(g, token{op: opGlobstar})
			default:
				g = append(g, token{op: opStar})
			}
		case '?':
			g = append(g, token{op: opAny})
		case '[':
			set, n := compileSet(s[i:])
			if n == 0 {
				return nil, false
			}
			g = append(g, token{op: opSet, set: set})
			i += n - 1
		case '\\':
			if i++; i == len(s) {
				return nil, false
			}
			g = append(g, token{op: opByte, char: s[i]})
		default:
			g = append(g, token{op: opByte, char: c})
		}
	}
	return g, true
}

// match reports whether g matches all of s.
//
// It never backtracks further than to the last "*" and the last "**": every
// other token matches a fixed number of slashes, so that the leftmost match of
// what stands between two wildcards leaves the most room for the rest.
func (g glob) match(s string) bool {
	var (
		p, i         int // next token, next byte
		star, starAt = -1, 0
		dirs, dirsAt = -1, 0
		afterSlash   bool // dirs goes on behind the slash, not at it
	)
	for {
		if p < len(g) {
			switch t := &g[p]; t.op {
			case opStar:
				p++
				star, starAt = p, i
				continue
			case opDirs:
				p++
				star = -1
				dirs, dirsAt, afterSlash = p, i, true
				continue
			case opGlobstar:
				p++
				if p == len(g) {
					return true
				}
				star = -1
				dirs, dirsAt, afterSlash = p, i, false
			default:
				if i < len(s) && t.matches(s[i]) {
					p++
					i++
					continue
				}
			}
		} else if i == len(s) {
			return true
		}
		// A mismatch, or a globstar in want of its slash: let the last "*"
		// take one more byte, else the last "**" one more directory.
		if star >= 0 && starAt < len(s) && s[starAt] != '/' {
			starAt++
			p, i = star, starAt
			continue
		}
		if dirs < 0 {
			return false
		}
		slash := strings.IndexByte(s[dirsAt:], '/')
		if slash < 0 {
			return false
		}
		i = dirsAt + slash
		dirsAt = i + 1
		if afterSlash {
			i++
		}
		p, star = dirs, -1
	}
}

func (t *token) matches(c byte) bool {
	switch t.op {
	case opByte:
		return c == t.char
	case opAny:
		return c != '/'
	default:
		return t.set.has(c)
	}
}

// A byteSet is a set of bytes.
type byteSet [8]uint32

func (b *byteSet) add(c byte)      { b[c>>5] |= 1 << (c & 31) }
func (b *byteSet) has(c byte) bool { return b[c>>5]&(1<<(c&31)) != 0 }

func (b *byteSet) addFunc(in func(byte) bool) {
	for c := range 256 {
		if in(byte(c)) {
			b.add(byte(c))
		}
	}
}

// compileSet compiles the bracket expression at the start of s and returns
// its length, which is 0 if it is malformed. The result never has "/".
func compileSet(s string) (*byteSet, int) {
	var set byteSet
	i := 1
	negated := i < len(s) && (s[i] == '!' || s[i] == '^')
	if negated {
		i++
	}
	// A "]" right at the start is a member. prev is the byte before a "-",
	// or 0 where a range cannot start.
	var prev byte
	for first := true; first || i < len(s) && s[i] != ']'; first = false {
		if i >= len(s) {
			return nil, 0
		}
		c := s[i]
		switch {
		case c == '\\':
			if i++; i == len(s) {
				return nil, 0
			}
			c = s[i]
			set.add(c)
			prev = c
		case c == '-' && prev != 0 && i+1 < len(s) && s[i+1] != ']':
			i++
			if s[i] == '\\' {
				if i++; i == len(s) {
					return nil, 0
				}
			}
			lo, hi := prev, s[i]
			set.addFunc(func(c byte) bool { return lo <= c && c <= hi })
			prev = 0
		case c == '[' && strings.HasPrefix(s[i+1:], ":"):
			end := strings.IndexByte(s[i+2:], ']')
			if end < 0 {
				return nil, 0
			}
			name := s[i+2 : i+2+end]
			if !strings.HasSuffix(name, ":") { // "[:" without ":]" is a plain "["
				set.add(c)
				prev = c
				break
			}
			class, ok := byteClass(name[:len(name)-1])
			if !ok {
				return nil, 0
			}
			set.addFunc(class)
			i += 2 + end
			prev = 0
		default:
			set.add(c)
			prev = c
		}
		i++
	}
	if i >= len(s) {
		return nil, 0
	}
	if negated {
		for j := range set {
			set[j] = ^set[j]
		}
	}
	set['/'>>5] &^= 1 << ('/' & 31)
	return &set, i + 1
}

// byteClass returns the POSIX class called name, for ASCII and with git's
// idea of white space, which has neither vertical tab nor form feed.
func byteClass(name string) (func(byte) bool, bool) {
	between := func(c, lo, hi byte) bool { return lo <= c && c <= hi }
	upper := func(c byte) bool { return between(c, 'A', 'Z') }
	lower := func(c byte) bool { return between(c, 'a', 'z') }
	digit := func(c byte) bool { return between(c, '0', '9') }
	alnum := func(c byte) bool { return upper(c) || lower(c) || digit(c) }
	switch name {
	case "alnum":
		return alnum, true
	case "alpha":
		return func(c byte) bool { return upper(c) || lower(c) }, true
	case "blank":
		return func(c byte) bool { return c == ' ' || c == '\t' }, true
	case "cntrl":
		return func(c byte) bool { return c < ' ' || c == 0x7f }, true
	case "digit":
		return digit, true
	case "graph":
		return func(c byte) bool { return between(c, '!', '~') }, true
	case "lower":
		return lower, true
	case "print":
		return func(c byte) bool { return between(c, ' ', '~') }, true
	case "punct":
		return func(c byte) bool { return between(c, '!', '~') && !alnum(c) }, true
	case "space":
		return func(c byte) bool { return strings.IndexByte(blank, c) >= 0 }, true
	case "upper":
		return upper, true
	case "xdigit":
		return func(c byte) bool { return digit(c) || between(c, 'a', 'f') || between(c, 'A', 'F') }, true
	}
	return nil, false
}

// A Glob is a wildcard pattern of a pathspec. It works on bytes, as git does.
type Glob struct {
	glob     glob
	pathname bool
}

// CompileGlob compiles a pattern. With pathname, as of ":(glob)", wildcards
// stop at slashes and "**" crosses them; without, each wildcard crosses them. It
// reports false if the pattern is malformed, which for git matches nothing.
func CompileGlob(pattern string, pathname bool) (*Glob, bool) {
	g := &Glob{pathname: pathname}
	var ok bool
	g.glob, ok = compileGlob(g.form(pattern), pathname)
	return g, ok
}

// Match reports whether the pattern matches all of the path.
func (g *Glob) Match(path string) bool { return g.glob.match(g.form(path)) }

// form hides the slashes from wildcards that cross them.
func (g *Glob) form(s string) string {
	if g.pathname {
		return s
	}
	return strings.ReplaceAll(s, "/", "\x00")
}
