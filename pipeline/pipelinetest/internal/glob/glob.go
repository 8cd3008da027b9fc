// Package glob matches names with the patterns in which triggers of pipelines select
// branches, tags and files.
//
// "*" stands for any text without "/" and "**" for any text, "?" for one character but
// "/", "[ab]", "[a-c]" and "[!ab]" for one of a set, and "{a,b}" for one of several
// patterns. A backslash takes the meaning from the character after it.
package glob

import (
	"errors"
	"regexp"
	"strings"
)

// Check returns what is wrong with the pattern.
func Check(pattern string) error {
	_, err := compile(pattern)
	return err
}

// Match reports whether the pattern matches all of the name. One that [Check] refuses
// matches nothing.
func Match(pattern, name string) bool {
	expression, err := compile(pattern)
	return err == nil && expression.MatchString(name)
}

// compile returns the regular expression of a pattern.
func compile(pattern string) (*regexp.Regexp, error) {
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
			set, behind, err := class(rest)
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

// class returns the regular expression of a bracket expression, whose "[" is behind it.
func class(pattern string) (expression, rest string, err error) {
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
