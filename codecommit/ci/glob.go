package ci

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/codesuite-go/codesuite/internal/gitattr"
)

// globs is a compiled list of globs. The zero value matches every name.
type globs struct {
	include, exclude []*gitattr.Glob
	one              string // the name of a list that matches that name alone
	patterns         []string
}

// maxGlob is the longest glob in bytes: the longest path of the service.
const maxGlob = 4096

// compileGlobs compiles the list. What a glob stands for is checked by cannot, which
// returns the reason why no name has the given fixed text in it.
func compileGlobs(patterns []string, cannot func(string) error) (globs, error) {
	g := globs{patterns: patterns}
	seen := map[string]bool{}
	for _, pattern := range patterns {
		glob, excludes := strings.CutPrefix(pattern, "!")
		switch {
		case glob == "":
			return g, fmt.Errorf("the glob %q is empty: leave it out, or write ** for all", pattern)
		case len(glob) > maxGlob || !utf8.ValidString(glob):
			return g, fmt.Errorf("the glob %.100q is longer than %d bytes or is not UTF-8", pattern, maxGlob)
		case seen[pattern]:
			return g, fmt.Errorf("the glob %.100q is there twice: remove one", pattern)
		case seen["!"+glob] || excludes && seen[glob]:
			return g, fmt.Errorf("the glob %.100q is both included and excluded: remove one", glob)
		}
		seen[pattern] = true
		if err := cannot(fixed(glob)); err != nil {
			return g, fmt.Errorf("the glob %.100q can match nothing: %w", pattern, err)
		}
		compiled, ok := gitattr.CompileGlob(glob, true)
		if !ok {
			return g, fmt.Errorf(`the glob %.100q can match nothing: it has a "[" without its "]", or ends in a backslash`, pattern)
		}
		if excludes {
			g.exclude = append(g.exclude, compiled)
		} else {
			g.include = append(g.include, compiled)
		}
	}
	if len(patterns) == 1 && len(g.include) == 1 && !strings.ContainsAny(patterns[0], `*?[\`) {
		g.one = patterns[0]
	}
	for _, pattern := range patterns {
		name := pattern
		if strings.HasPrefix(name, "!") || strings.ContainsAny(name, `*?[\`) {
			continue
		}
		if !g.match(name) {
			return g, fmt.Errorf("the glob %.100q can match nothing: another glob of the list excludes it", pattern)
		}
	}
	if len(g.exclude) > 0 && seen["!**"] {
		return g, errors.New(`the glob "!**" excludes everything: remove the flow, or the glob`)
	}
	return g, nil
}

func (g globs) match(name string) bool {
	for _, glob := range g.exclude {
		if glob.Match(name) {
			return false
		}
	}
	for _, glob := range g.include {
		if glob.Match(name) {
			return true
		}
	}
	return len(g.include) == 0
}

// fixed returns the glob with "x" in the place of each wildcard, as a name that the
// glob matches would look like.
func fixed(glob string) string { return fixedWith(glob, 'x') }

// fixedWith is fixed with another byte in the place of wildcards.
func fixedWith(glob string, wild byte) string {
	var b strings.Builder
	for i := 0; i < len(glob); i++ {
		switch c := glob[i]; {
		case c == '*':
			for i+1 < len(glob) && glob[i+1] == '*' {
				i++
			}
			b.WriteByte(wild)
		case c == '?':
			b.WriteByte(wild)
		case c == '[':
			// A "]" right at the start is a member of the set.
			end := strings.IndexByte(glob[min(i+2, len(glob)):], ']')
			if end < 0 {
				return b.String()
			}
			i = min(i+2, len(glob)) + end
			b.WriteByte(wild)
		case c == '\\' && i+1 < len(glob):
			i++
			b.WriteByte(glob[i])
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

var repositoryPattern = regexp.MustCompile(`^[\w.-]{1,100}$`)

func cannotRepository(name string) error {
	switch {
	case !repositoryPattern.MatchString(name):
		return errors.New("the names of repositories have up to 100 letters, digits, '.', '_' and '-'")
	case strings.HasSuffix(name, ".git"):
		return errors.New("no repository has a name that ends in .git: leave .git out")
	}
	return nil
}

// cannotReference says what git refuses in the name of a branch or a tag.
func cannotReference(name string) error {
	switch {
	case strings.HasPrefix(name, "refs/"):
		return errors.New("it is a full reference: give the short name, without refs/heads/ or refs/tags/")
	case strings.HasPrefix(name, "/") || strings.HasSuffix(name, "/") || strings.Contains(name, "//"):
		return errors.New("git allows no slash at the beginning or the end, and no two in a row")
	case strings.HasSuffix(name, ".") || strings.HasSuffix(name, ".lock") || strings.Contains(name, ".."),
		strings.HasPrefix(name, ".") || strings.Contains(name, "/.") || strings.Contains(name, ".lock/"):
		return errors.New("git allows no dot at the beginning or the end, no two in a row, and no .lock at the end")
	case strings.Contains(name, "@{") || strings.ContainsAny(name, " ~^:?*[\\\x7f") || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' }):
		return errors.New(`git allows no spaces, no control characters and none of ~ ^ : ? * [ \ @{`)
	case len(name) > 256:
		return errors.New("it is longer than 256 characters")
	}
	return nil
}

func cannotARN(arn string) error {
	switch {
	case strings.ContainsFunc(arn, func(r rune) bool { return r <= ' ' }):
		return errors.New("an ARN has no spaces")
	case !strings.HasPrefix(arn, "arn:") && !strings.HasPrefix(arn, "x"):
		return errors.New("an ARN begins with arn:, such as arn:aws:sts::111122223333:assumed-role/ROLE/*")
	case strings.Contains(arn, ":iam:") && strings.Contains(arn, ":role/"):
		return errors.New("a role calls as arn:PARTITION:sts::ACCOUNT:assumed-role/ROLE/SESSION: write that, with * for the session")
	}
	return nil
}

func cannotPath(path string) error {
	switch {
	case strings.HasPrefix(path, "/"):
		return errors.New("paths begin at the root of the repository without a slash")
	case strings.HasSuffix(path, "/"):
		return fmt.Errorf("a file does not end in a slash: write %s** for all in the folder", path)
	case strings.Contains(path, "//"):
		return errors.New("no path has two slashes in a row")
	}
	for part := range strings.SplitSeq(path, "/") {
		if part == "." || part == ".." {
			return errors.New("no path has . or .. in it")
		}
	}
	return nil
}
