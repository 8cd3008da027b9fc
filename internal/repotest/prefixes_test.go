package repotest_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// prefixes are those that a group of files in a public package may share, with
// the reason: any other such group is a package that wants out.
var prefixes = map[string]string{
	"op": "the operations of a test server, a file for each",
}

// TestFilePrefixes looks for groups of files whose names begin with the same
// word: "reporter.go", "reporterhistory.go" and "reportertext.go", or
// "job_poll.go" and "job_result.go". A word of less than three letters is none.
func TestFilePrefixes(t *testing.T) {
	t.Parallel()
	folders := make(map[string][]string)
	for _, s := range parse(t) {
		if isPublic(s.dir()) && !s.isTest() {
			folders[s.dir()] = append(folders[s.dir()], strings.TrimSuffix(filepath.Base(s.file), ".go"))
		}
	}
	const group = 4
	for dir, names := range folders {
		byWord := make(map[string][]string)
		for _, name := range names {
			if word, _, ok := strings.Cut(name, "_"); ok {
				byWord[word] = append(byWord[word], name)
			}
			for _, other := range names {
				if len(other) >= 3 && name != other && strings.HasPrefix(name, other) {
					byWord[other] = append(byWord[other], name)
				}
			}
		}
		for word, members := range byWord {
			if slices.Contains(names, word) {
				members = append(members, word)
			}
			if len(members) >= group && prefixes[word] == "" {
				t.Errorf("%d files of package %s share the prefix %q: %s", len(members), dir, word, strings.Join(members, ", "))
			}
		}
	}
}
