package gitattr

import "strings"

// A pattern is a compiled pattern of an attributes file.
type pattern struct {
	kind    patternKind
	dirOnly bool   // ended in "/": matches directories only
	literal string // the literal text, suffix or, for pathGlob, prefix
	glob    glob
}

type patternKind uint8

const (
	baseLiteral patternKind = iota // the last path element is literal
	baseSuffix                     // the last path element ends in literal
	baseGlob                       // the last path element matches glob
	pathLiteral                    // the path below the file's directory is literal
	pathGlob                       // that path is literal followed by what matches glob
)

// compilePattern compiles a pattern as written. It reports false for patterns
// that can never match; negative patterns are among them.
func compilePattern(s string) (pattern, bool) {
	if i := strings.IndexByte(s, 0); i >= 0 { // "\000" within quotes
		s = s[:i]
	}
	if s == "" || s[0] == '!' {
		return pattern{}, false
	}
	var p pattern
	if s[len(s)-1] == '/' {
		p.dirOnly = true
		s = s[:len(s)-1]
	}
	base := !strings.Contains(s, "/")
	if !base && s[0] == '/' {
		s = s[1:]
	}
	if s == "" {
		return pattern{}, false
	}
	wild := strings.IndexAny(s, `*?[\`)
	switch {
	case wild < 0 && base:
		p.kind, p.literal = baseLiteral, s
		return p, true
	case wild < 0:
		p.kind, p.literal = pathLiteral, s
		return p, true
	case base && s[0] == '*' && !strings.ContainsAny(s[1:], `*?[\`):
		p.kind, p.literal = baseSuffix, s[1:]
		return p, true
	}
	p.kind = baseGlob
	if !base {
		// As in git, the glob starts behind the literal prefix, so that
		// "a**/b" is "a" followed by "**/b", not by "*" and "/b".
		p.kind, p.literal, s = pathGlob, s[:wild], s[wild:]
	}
	var ok bool
	p.glob, ok = compileGlob(s, !base)
	return p, ok
}

// match reports whether p matches name, a path relative to the directory of
// the attributes file without a trailing slash, whose last element is base.
func (p *pattern) match(name, base string, isDir bool) bool {
	if p.dirOnly && !isDir {
		return false
	}
	switch p.kind {
	case baseLiteral:
		return base == p.literal
	case baseSuffix:
		return strings.HasSuffix(base, p.literal)
	case baseGlob:
		return p.glob.match(base)
	case pathLiteral:
		return name == p.literal
	default:
		return strings.HasPrefix(name, p.literal) && p.glob.match(name[len(p.literal):])
	}
}
