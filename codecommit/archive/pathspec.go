package archive

import (
	"fmt"
	"strings"

	"github.com/codesuite-go/codesuite/internal/gitattr"
)

// pathspec is a path of git's command line: a file or folder, or a pattern.
type pathspec struct {
	text     string        // as the user gave it
	path     string        // "" for the root; a pattern as it is written, too
	glob     *gitattr.Glob // nil without wildcards
	fold     bool          // the case of ASCII letters does not count
	excludes bool
}

// parsePathspec parses the text, with the magic words that make sense for the
// tree of a commit.
func parsePathspec(text string) (pathspec, error) {
	p := pathspec{text: text}
	words, pattern, err := cutMagic(text)
	if err != nil {
		return p, err
	}
	literal, pathnames := false, false
	for _, word := range words {
		switch word {
		case "top": // the root is where everybody starts
		case "exclude":
			p.excludes = true
		case "icase":
			p.fold = true
		case "literal":
			literal = true
		case "glob":
			pathnames = true
		default:
			return p, fmt.Errorf("%q: the magic word %q is not supported; supported are top, exclude, icase, literal and glob", text, word)
		}
	}
	if literal && pathnames {
		return p, fmt.Errorf("%q: the magic words literal and glob exclude each other", text)
	}
	if pattern == "" && len(words) > 0 {
		pattern = "."
	}
	if literal || !strings.ContainsAny(pattern, `*?[\`) {
		p.path, err = cleanPath(pattern)
	} else {
		p.path = strings.TrimPrefix(pattern, "./")
		var ok bool
		if p.glob, ok = gitattr.CompileGlob(p.folded(p.path), pathnames); !ok {
			return p, fmt.Errorf("%q is not a well-formed pattern", text)
		}
	}
	p.path = p.folded(p.path)
	return p, err
}

// cutMagic cuts what stands before the path: ":(word,word)", or ":" and signs.
func cutMagic(text string) (words []string, rest string, err error) {
	rest, ok := strings.CutPrefix(text, ":")
	if !ok {
		return nil, text, nil
	}
	if long, ok := strings.CutPrefix(rest, "("); ok {
		list, rest, ok := strings.Cut(long, ")")
		if !ok {
			return nil, "", fmt.Errorf("%q: the magic words lack their \")\"", text)
		}
		for word := range strings.SplitSeq(list, ",") {
			if word != "" {
				words = append(words, word)
			}
		}
		return words, rest, nil
	}
	for rest != "" {
		switch rest[0] {
		case '/':
			words = append(words, "top")
		case '!', '^':
			words = append(words, "exclude")
		case ':':
			return words, rest[1:], nil
		default:
			if strings.IndexByte("\"#%&',-;<=>@_`~", rest[0]) >= 0 {
				return nil, "", fmt.Errorf("%q: the magic sign %q is not supported", text, rest[0])
			}
			return words, rest, nil
		}
		rest = rest[1:]
	}
	return append(words, "top"), "", nil
}

// matches reports whether the path, or a folder above it, is what p names.
func (p pathspec) matches(path string) bool {
	path = p.folded(path)
	return below(path, p.path) || p.glob != nil && p.glob.Match(path)
}

// folded returns s without differences of case, if they do not count.
func (p pathspec) folded(s string) string {
	if !p.fold {
		return s
	}
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}
