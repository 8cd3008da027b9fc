package gitattr_test

import (
	"fmt"
	"math/rand"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/internal/gitattr"
)

// TestArchive walks random trees as an archiver does and compares the members
// and their contents with those of git archive.
func TestArchive(t *testing.T) {
	t.Parallel()
	g := generator{rand.New(rand.NewSource(6))}
	r := newRepo(t)
	all := slices.Collect(func(yield func(string) bool) {
		for _, c := range contents() {
			if !yield(c) {
				return
			}
		}
	})
	slices.Sort(all)
	left, kept := 0, 0
	for range 20 {
		files := map[string]string{}
		names := []string{"a", "b", "c", "ab", "abc", "x.c", "x.h", "[a]", "a b", "-"}
		for range 60 {
			p := g.pick(names...)
			for range g.Intn(4) {
				p = "d" + g.pick(names...) + "/" + p
			}
			files[p] = all[g.Intn(len(all))]
			if dir := path.Dir(p); g.Intn(5) == 0 {
				files[path.Join(dir, ".gitattributes")] = exportRules(g)
			}
		}
		files[".gitattributes"] = exportRules(g)
		ids := r.index(files)
		want := r.archive()

		set := newSet(files)
		got := map[string]string{}
		var ignored func(p string) bool
		ignored = func(dir string) bool {
			return dir != "." && (ignored(path.Dir(dir)) || set.Lookup(dir, true).ExportIgnore())
		}
		for p, content := range files {
			if ignored(path.Dir(p)) {
				left++
				continue
			}
			// A directory is a member once a file in it is looked at, even
			// if the file turns out to be ignored.
			for _, dir := range parents(p) {
				got[dir+"/"] = ""
			}
			a := set.Lookup(p, false)
			if a.ExportIgnore() {
				left++
				continue
			}
			kept++
			converted, err := gitattr.Convert([]byte(content), p, ids[p], a)
			if err != nil {
				t.Fatal(err)
			}
			got[p] = string(converted)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("members (-git +got):\n%s\nattributes: %q", diff, files[".gitattributes"])
		}
	}
	t.Logf("%d files left out, %d archived", left, kept)
}

func exportRules(g generator) string {
	var b strings.Builder
	for range 1 + g.Intn(4) {
		pattern := g.pick("da*", "/da/", "d?/", "db", "**/dc/", "d[ac]*/*", "/d*/**", "*.c", "x.*", "a", "/a", "da/b", "**/da/**/a", "*", "\"a b\"", "[[]a]", "-", "d*/", "!a", ".gitattributes", "*b*")
		fmt.Fprintf(&b, "%s %s\n", pattern, g.pick("export-ignore", "export-ignore", "export-ignore", "-export-ignore", "!export-ignore", "export-ignore=yes", "ident", "eol=crlf", "text=auto eol=crlf", "-text", "binary", "working-tree-encoding=UTF-16"))
	}
	return b.String()
}

// TestSubmodule checks that rules for directories apply to submodules.
func TestSubmodule(t *testing.T) {
	t.Parallel()
	r := newRepo(t)
	r.index(map[string]string{".gitattributes": "s/ export-ignore\nt export-ignore\n"})
	for _, name := range []string{"s", "t", "u"} {
		r.git("", "update-index", "--add", "--cacheinfo", "160000,"+strings.Repeat("1", 40)+","+name)
	}
	var set gitattr.Set
	set.Add("", []byte("s/ export-ignore\nt export-ignore\n"))
	members := r.archive()
	for _, name := range []string{"s", "t", "u"} {
		_, archived := members[name+"/"]
		if ignored := set.Lookup(name, true).ExportIgnore(); ignored == archived {
			t.Errorf("%s: ExportIgnore = %t, but git archives it: %t", name, ignored, archived)
		}
	}
}
