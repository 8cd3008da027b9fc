package gitpretty_test

import (
	"strings"
	"testing"

	"github.com/codesuite-go/codesuite/internal/gitpretty"
)

// BenchmarkSubst expands a version file as projects have it, and a source file
// of 1 MiB with a single placeholder in it.
func BenchmarkSubst(b *testing.B) {
	e := gitpretty.New(commit(longMessage, 1), nil)
	for name, content := range map[string]string{
		"version": "commit = \"$Format:%H$\"\ndate = \"$Format:%cI$\"\nrefs = \"$Format:%D$\"\nsubject = \"$Format:%s$\"\n",
		"layout":  "$Format:%<(20,trunc)%an %>(30)%s%n%w(40,2,4)%b%w()%(trailers:only,unfold)$",
		"1MiB":    strings.Repeat("a line of a source file $ 64 bytes long, as are all the others\n\n", 16<<10) + "$Format:%H$\n",
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(content)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := e.Subst([]byte(content)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
