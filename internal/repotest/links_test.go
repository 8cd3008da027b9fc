package repotest_test

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
)

// documents returns the tracked Markdown files, by their paths from the root.
func documents(t *testing.T) map[string]string {
	t.Helper()
	texts := make(map[string]string)
	for _, name := range tracked(t) {
		if path.Ext(name) == ".md" {
			texts[name] = read(t, name)
		}
	}
	if len(texts) < 10 {
		t.Fatalf("there are %d documents", len(texts))
	}
	return texts
}

var (
	fence    = regexp.MustCompile("(?ms)^ *```.*?^ *```$")
	linkText = regexp.MustCompile(`\]\(([^()\s]+)\)|(?:src|srcset|href)="([^"]+)"`)
	heading  = regexp.MustCompile(`(?m)^#{1,6} +(.+)$`)
)

// TestLinks checks that each link of a document within the repository leads to a file
// or folder that is there, and to a heading that is there, and that each link to
// pkg.go.dev about this module names a package of it.
func TestLinks(t *testing.T) {
	t.Parallel()
	texts := documents(t)
	links := 0
	for name, text := range texts {
		for _, m := range linkText.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
			links++
			if err := follow(texts, name, m[1]+m[2]); err != nil {
				t.Errorf("%s: the link %q: %v", name, m[1]+m[2], err)
			}
		}
	}
	if links < 50 {
		t.Errorf("there are %d links", links)
	}
}

// follow looks for the target of a link in the document.
func follow(texts map[string]string, document, link string) error {
	if name, ok := strings.CutPrefix(link, "https://pkg.go.dev/"+module+"/"); ok {
		name, _, _ = strings.Cut(name, "#")
		if files, _ := filepath.Glob(filepath.Join(root, name, "*.go")); len(files) == 0 {
			return fmt.Errorf("there is no package %s", name)
		}
		return nil
	}
	if strings.Contains(link, ":") {
		return nil // of another site
	}
	name, anchor, hasAnchor := strings.Cut(link, "#")
	target := document
	if name != "" {
		target = path.Join(path.Dir(document), name)
	}
	info, err := os.Stat(filepath.Join(root, target))
	if err != nil {
		return err
	}
	if !hasAnchor {
		return nil
	}
	if info.IsDir() {
		target = path.Join(target, "README.md")
	}
	if !slices.Contains(anchors(texts[target]), anchor) {
		return fmt.Errorf("%s has the headings %q", target, anchors(texts[target]))
	}
	return nil
}

// anchors returns those of the headings of a document, as GitHub makes them: in lower
// case, without punctuation, with hyphens for spaces, and with a number for the second
// of a name.
func anchors(text string) []string {
	var all []string
	seen := make(map[string]int)
	for _, m := range heading.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
		anchor := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
				return unicode.ToLower(r)
			}
			return -1
		}, strings.TrimSpace(m[1]))
		n := seen[anchor]
		seen[anchor]++
		if n > 0 {
			anchor = fmt.Sprintf("%s-%d", anchor, n)
		}
		all = append(all, anchor)
	}
	return all
}

func TestAnchors(t *testing.T) {
	t.Parallel()
	got := anchors("# I want to …\n\n```sh\n# no heading\n```\n\n## Tests: `a/b`, c\n\n## Cost\n\n## Cost\n")
	if diff := cmp.Diff([]string{"i-want-to-", "tests-ab-c", "cost", "cost-1"}, got); diff != "" {
		t.Errorf("anchors (-want +got):\n%s", diff)
	}
}
