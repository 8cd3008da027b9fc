package pipelinetest

import (
	"errors"
	"regexp"
	"slices"
	"strings"
)

// Globs select branches, tags or files: what one of the includes matches, or
// anything without includes, unless one of the excludes matches.
//
// In a pattern "*" stands for any text without "/" and "**" for any text, "?" for one
// character but "/", "[ab]", "[a-c]" and "[!ab]" for one of a set, and "{a,b}" for one of
// several patterns. A backslash takes the meaning from the character after it.
type Globs struct{ Includes, Excludes []string }

// selects reports whether the patterns select the name.
func (p *Globs) selects(name string) bool {
	if p == nil {
		return true
	}
	matches := func(pattern string) bool {
		expression, err := compileGlob(pattern)
		return err == nil && expression.MatchString(name)
	}
	return (len(p.Includes) == 0 || slices.ContainsFunc(p.Includes, matches)) && !slices.ContainsFunc(p.Excludes, matches)
}

// selectsAny reports whether the patterns select one of the names.
func (p *Globs) selectsAny(names []string) bool {
	return p == nil || slices.ContainsFunc(names, p.selects)
}

// compileGlob returns the regular expression of a pattern.
func compileGlob(pattern string) (*regexp.Regexp, error) {
	var b strings.Builder
	b.WriteString(`(?s)^`)
	group := false
	rest := pattern
	for rest != "" {
		c := rest[0]
		rest = rest[1:]
		switch {
		case c == '*' && strings.HasPrefix(rest, "*"):
			rest = strings.TrimLeft(rest, "*")
			b.WriteString(`.*`)
		case c == '*':
			b.WriteString(`[^/]*`)
		case c == '?':
			b.WriteString(`[^/]`)
		case c == '[':
			set, behind, err := compileSet(rest)
			if err != nil {
				return nil, err
			}
			b.WriteString(set)
			rest = behind
		case c == '{' && group:
			return nil, errors.New(`a "{" is within another`)
		case c == '{':
			group = true
			b.WriteString(`(?:`)
		case c == '}' && group:
			group = false
			b.WriteString(`)`)
		case c == ',' && group:
			b.WriteString(`|`)
		case c == '\\' && rest == "":
			return nil, errors.New(`the backslash at the end has no character`)
		default:
			if c == '\\' {
				c, rest = rest[0], rest[1:]
			}
			if c < 0x80 {
				b.WriteString(regexp.QuoteMeta(string(rune(c))))
			} else {
				b.WriteByte(c)
			}
		}
	}
	if group {
		return nil, errors.New(`a "{" is not closed`)
	}
	b.WriteString(`$`)
	return regexp.Compile(b.String())
}

// compileSet returns the class of a bracket expression, whose "[" is behind it.
func compileSet(pattern string) (class, rest string, err error) {
	set, rest, closed := strings.Cut(pattern, "]")
	negated := strings.HasPrefix(set, "!")
	set = strings.TrimPrefix(set, "!")
	if !closed || set == "" {
		return "", "", errors.New(`a "[" is not closed, or is empty`)
	}
	var b strings.Builder
	b.WriteString(`[`)
	if negated {
		b.WriteString(`^/`) // No set has the separator.
	}
	runes := []rune(set)
	for i := 0; i < len(runes); i++ {
		c := runes[i]
		if i+2 < len(runes) && runes[i+1] == '-' {
			if runes[i+2] < c {
				return "", "", errors.New(`a range of a "[" goes backwards`)
			}
			b.WriteString(quoteInSet(c) + "-" + quoteInSet(runes[i+2]))
			i += 2
			continue
		}
		b.WriteString(quoteInSet(c))
	}
	b.WriteString(`]`)
	return b.String(), rest, nil
}

func quoteInSet(c rune) string {
	if strings.ContainsRune(`\^-[]&~`, c) {
		return `\` + string(c)
	}
	return string(c)
}
