package repotest_test

import (
	"regexp"
	"strings"
	"testing"
)

// words are those that documentation does without, each with what to say
// instead.
var words = map[string]string{
	"for ever":   "say until when",
	"surely":     "say who guarantees it",
	"tell of":    "name the thing",
	"tells of":   "name the thing",
	"on the way": "say when",
}

func TestWords(t *testing.T) {
	t.Parallel()
	complain := func(at, text string) {
		text = strings.Join(strings.Fields(strings.ToLower(text)), " ")
		for word, instead := range words {
			if i := regexp.MustCompile(`\b` + word + `\b`).FindStringIndex(text); i != nil {
				t.Errorf("%s: %q in %q: %s", at, word, text[max(0, i[0]-30):min(len(text), i[1]+30)], instead)
			}
		}
	}
	for _, s := range parse(t) {
		if s.isTest() {
			continue
		}
		for _, c := range s.Comments {
			complain(s.position(c.Pos()), c.Text())
		}
	}
	for _, name := range tracked(t) {
		if strings.HasSuffix(name, ".md") {
			text := read(t, name)
			if name == "CONTRIBUTING.md" { // names these words
				text = strings.NewReplacer(`"for ever"`, "", `"surely"`, "", `"tell of"`, "", `"on the way"`, "").Replace(text)
			}
			complain(name, text)
		}
	}
}
