package gitattr_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/codesuite-go/codesuite/internal/gitattr"
)

// benchRules are 50 rules as repositories have them, with a few wild ones.
func benchRules() string {
	var b strings.Builder
	b.WriteString("* text=auto\n[attr]generated export-ignore -ident\n")
	for i := range 30 {
		fmt.Fprintf(&b, "*.e%d text eol=lf\n", i)
	}
	for i := range 10 {
		fmt.Fprintf(&b, "/dir%d/**/gen_*.[ch] generated\n", i)
	}
	b.WriteString("*.png binary\n*.jpg binary\n/.github/ export-ignore\n/docs/** -export-ignore\nVERSION export-subst\n**/testdata/** -text\n*_test.go export-ignore\ntest?/data[0-9] ident\n")
	return b.String()
}

func benchPaths() []string {
	paths := make([]string, 100_000)
	for i := range paths {
		paths[i] = fmt.Sprintf("dir%d/package%d/sub%d/gen_file%d.e%d", i%12, i%100, i%7, i, i%40)
	}
	return paths
}

// BenchmarkLookup100k looks up 100,000 paths under 50 rules.
func BenchmarkLookup100k(b *testing.B) {
	var set gitattr.Set
	set.Add("", []byte(benchRules()))
	set.Add("dir3/package3", []byte("*.e5 -text\n"))
	paths := benchPaths()
	b.ReportAllocs()
	for b.Loop() {
		for _, p := range paths {
			set.Lookup(p, false)
		}
	}
}

func BenchmarkAdd(b *testing.B) {
	rules := []byte(benchRules())
	b.ReportAllocs()
	for b.Loop() {
		var set gitattr.Set
		set.Add("", rules)
	}
}

func BenchmarkConvert(b *testing.B) {
	content := []byte(strings.Repeat("a line of a source file, as long as most of them are\n", 20_000))
	for _, rule := range []string{"text", "eol=crlf", "text=auto eol=crlf", "ident", "working-tree-encoding=UTF-16"} {
		var set gitattr.Set
		set.Add("", []byte("* "+rule))
		a := set.Lookup("f", false)
		b.Run(strings.ReplaceAll(rule, " ", "+"), func(b *testing.B) {
			b.SetBytes(int64(len(content)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := gitattr.Convert(content, "f", "", a); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
