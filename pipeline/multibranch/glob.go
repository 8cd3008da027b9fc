package multibranch

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// globs are compiled patterns of branches.
type globs []*regexp.Regexp

func compileGlobs(patterns []string) (globs, error) {
	var list globs
	for _, pattern := range patterns {
		if pattern == "" || !utf8.ValidString(pattern) || len(pattern) > 1000 {
			return nil, fmt.Errorf("%.100q is not the glob of a branch", pattern)
		}
		if strings.HasPrefix(pattern, "refs/") {
			return nil, fmt.Errorf("the glob %.100q is a full reference: give the branch's short name", pattern)
		}
		var b strings.Builder
		b.WriteString(`(?s)\A`)
		for rest := pattern; rest != ""; {
			switch {
			case strings.HasPrefix(rest, "**"):
				b.WriteString(`.*`)
				rest = strings.TrimLeft(rest, "*")
				continue
			case rest[0] == '*':
				b.WriteString(`[^/]*`)
			case rest[0] == '?':
				b.WriteString(`[^/]`)
			default:
				_, size := utf8.DecodeRuneInString(rest)
				b.WriteString(regexp.QuoteMeta(rest[:size]))
				rest = rest[size:]
				continue
			}
			rest = rest[1:]
		}
		b.WriteString(`\z`)
		compiled, err := regexp.Compile(b.String())
		if err != nil {
			return nil, fmt.Errorf("the glob %.100q: %w", pattern, err)
		}
		list = append(list, compiled)
	}
	return list, nil
}

func (g globs) match(branch string) bool {
	for _, pattern := range g {
		if pattern.MatchString(branch) {
			return true
		}
	}
	return false
}
