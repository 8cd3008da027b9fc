package conformance_test

import (
	"fmt"
	"maps"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/codesuite-go/codesuite/internal/gittest"
)

// maskings are what a report must not show, and what it shows in its place.
var maskings = []struct {
	pattern *regexp.Regexp
	with    string
}{
	{regexp.MustCompile(`\barn:(aws[\w-]*):([\w-]*):[^\s"'|,]*`), "arn:$1:$2:…"},
	{regexp.MustCompile(`\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{12,}\b`), "…"},
	{regexp.MustCompile(`\b\d{12}\b`), "…"},
	{regexp.MustCompile(`(?i)\b(request ?id:?|user:) *[\w:/.@+=…-]+`), "$1 …"},
	{regexp.MustCompile(`\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b`), "…"},
	// Signatures and tokens of sessions.
	{regexp.MustCompile(`[A-Za-z0-9+/]{60,}=*`), "…"},
}

// mask returns the text without what identifies an account or gives access to it.
func mask(text string) string {
	for _, m := range maskings {
		text = m.pattern.ReplaceAllString(text, m.with)
	}
	return text
}

// report is the outcome of a run, for an issue.
func report(w *world, outcomes []outcome, at time.Time) string {
	var b strings.Builder
	counts := make(map[verdict]int)
	for _, o := range outcomes {
		counts[o.verdict]++
	}
	fmt.Fprintf(&b, "## Conformance of %s\n\n", w.what)
	fmt.Fprintf(&b, "%s, Region %s, %s %s/%s, %s.\n", at.UTC().Format(time.DateOnly), w.region, runtime.Version(), runtime.GOOS, runtime.GOARCH, revision())
	fmt.Fprintf(&b, "%d hold, %d differ, %d failed, %d skipped, %d not checked.\n\n", counts[holds], counts[differs], counts[failed], counts[skipped], counts[unchecked])
	for _, n := range slices.Sorted(maps.Keys(w.lacking)) {
		fmt.Fprintf(&b, "There is no %s: %s.\n\n", n, strings.Join(strings.Fields(w.lacking[n]), " "))
	}
	b.WriteString("| check | verdict | observed | expected | rests on it |\n|---|---|---|---|---|\n")
	for _, o := range outcomes {
		want := cell(o.want)
		if o.verdict == holds { // see maxIssue
			want = ""
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", o.name, o.verdict, cell(o.observed), want, "`"+strings.Join(o.rests, "`, `")+"`")
	}
	for _, o := range outcomes {
		if o.verdict == differs {
			fmt.Fprintf(&b, "\n%s: %s Otherwise: %s\n", o.name, o.assumes, o.otherwise)
		}
	}
	if len(w.leftovers) > 0 {
		b.WriteString("\nLeft behind by earlier runs, and not touched:\n\n")
		for _, l := range w.leftovers {
			fmt.Fprintf(&b, "- %s\n", l)
		}
	}
	for _, l := range w.problems {
		fmt.Fprintf(&b, "\nNot removed: %s\n", l)
	}
	return mask(b.String())
}

// cell returns the text as a cell of a table.
func cell(text string) string {
	text = strings.NewReplacer("|", `\|`, "\r", " ", "\n", " ").Replace(text)
	if r := []rune(text); len(r) > 300 {
		text = string(r[:300]) + "…"
	}
	return text
}

// revision names the source that was tested.
func revision() string {
	out, err := gittest.Run(".", nil, nil, "describe", "--always", "--dirty", "--abbrev=40")
	if err != nil {
		return "unknown commit"
	}
	return "commit " + strings.TrimSpace(string(out))
}
