package gitattr_test

import (
	"fmt"
	"math/rand"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/internal/gitattr"
)

func newSet(files map[string]string) *gitattr.Set {
	var set gitattr.Set
	for p, content := range files {
		if path.Base(p) == ".gitattributes" {
			dir := path.Dir(p)
			if dir == "." {
				dir = ""
			}
			set.Add(dir, []byte(content))
		}
	}
	return &set
}

func lookup(set *gitattr.Set, p string) []string {
	a := set.Lookup(strings.TrimSuffix(p, "/"), strings.HasSuffix(p, "/"))
	var got []string
	for _, name := range attributes {
		got = append(got, a.Value(name).String())
	}
	return got
}

// compare checks every path against git.
func compare(t *testing.T, r *repo, files map[string]string, paths []string) {
	t.Helper()
	r.index(files)
	set := newSet(files)
	want := r.checkAttr(paths)
	for _, p := range paths {
		if len(want[p]) != len(attributes) {
			t.Fatalf("git says nothing about %q", p)
		}
		if diff := cmp.Diff(want[p], lookup(set, p)); diff != "" {
			t.Errorf("attributes of %q under %q (-git +got):\n%s", p, files, diff)
		}
	}
}

func TestLookup(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 2047-len("f export-ignore #"))
	tests := map[string]struct {
		files map[string]string // the .gitattributes files by directory
		paths []string
	}{
		"empty":               {map[string]string{}, []string{"f", "d/", "d/f"}},
		"states":              {map[string]string{"": "f text\ng -text\nh !text\ni text=auto\nj text=\nk -text=x\nl !text=x\n"}, []string{"f", "g", "h", "i", "j", "k", "l"}},
		"later wins":          {map[string]string{"": "* text eol=lf\nf -text\n* ident\nf text=auto -text\n"}, []string{"f", "g"}},
		"unspecify":           {map[string]string{"": "* text\nf !text\n", "d": "f !text\n"}, []string{"f", "d/f", "d/g"}},
		"deeper wins":         {map[string]string{"": "f text\n/a/b/f ident", "a": "f -text", "a/b": "* text=auto"}, []string{"f", "a/f", "a/b/f", "a/b/c/f", "a/b/", "a/"}},
		"binary":              {map[string]string{"": "* text\n*.png binary\n*.jpg -binary\n*.gif binary=1\n*.svg binary text\n*.x text binary"}, []string{"a.png", "a.jpg", "a.gif", "a.svg", "a.x"}},
		"macro decided first": {map[string]string{"": "* binary\nf -binary\ng !binary\nh binary\n"}, []string{"f", "g", "h", "i"}},
		"macro":               {map[string]string{"": "[attr]src text eol=lf ident\n*.go src\nx.go -text\ny.go src=no\nz.go -src\n"}, []string{"a.go", "x.go", "y.go", "z.go"}},
		"macro redefined":     {map[string]string{"": "*.go src\n[attr]src text\n[attr]src eol=crlf\n[attr]binary ident\n*.bin binary\n"}, []string{"a.go", "a.bin"}},
		"macro of macros":     {map[string]string{"": "[attr]a b text\n[attr]b c -ident\n[attr]c a eol=lf text=auto filter=x\nf a\ng b\nh c -text\n"}, []string{"f", "g", "h"}},
		"macro named text":    {map[string]string{"": "[attr]text ident -eol\nf text\ng -text\n"}, []string{"f", "g"}},
		"macro below":         {map[string]string{"": "[attr]src text\n", "d": "[attr]no ident\n* src no\n[attr]src ident\n"}, []string{"d/f"}},
		"macro quoted":        {map[string]string{"": "\"[attr] q rest\" text\nf q\n[attr]  s text\n[attr] text\n[attr]-z text\n[attr]é text\ng s\n[attr]"}, []string{"f", "g", "[attr]"}},
		"invalid names":       {map[string]string{"": "a text é\nb text --x\nc - text\nd =x text\ne text +y\nf text a.b_c-D9\ng text x/y\nh -=a\ni text !\n"}, []string{"a", "b", "c", "d", "e", "f", "g", "h", "i"}},
		"negative":            {map[string]string{"": "!a text\n\\!b text\n\"!c\" text\n"}, []string{"a", "!a", "b", "!b", "c", "!c"}},
		"comments":            {map[string]string{"": "# x text\n  # x text\n\\#y text\n\"#z\" text\nv text # text\n w text\n\tu\ttext\n"}, []string{"x", "#", "#y", "#z", "v", "w", "u"}},
		"CRLF":                {map[string]string{"": "a text\r\nb text=auto\r\n\r\nc\ttext eol=crlf\r"}, []string{"a", "b", "c"}},
		"CR inside":           {map[string]string{"": "a\rtext\rident\nb text"}, []string{"a", "b"}},
		"form feed":           {map[string]string{"": "a\ftext\nb\vtext\n\fc text"}, []string{"a", "b", "c", "\fc"}},
		"BOM":                 {map[string]string{"": "\ufeffa text\nb text\n"}, []string{"a", "\ufeffa", "b"}},
		"BOM comment":         {map[string]string{"": "\ufeff# text\nb text\n"}, []string{"#", "\ufeff#", "b"}},
		"NUL":                 {map[string]string{"": "a text\nb te\x00xt\nc text\n"}, []string{"a", "b", "c"}},
		"NUL at start":        {map[string]string{"": "a text\n\x00\nc text\n"}, []string{"a", "c"}},
		"quoted":              {map[string]string{"": `"a b" text` + "\n" + `"t\tn\"q\\w\303\244" text` + "\n" + `"open text` + "\n" + `"x\q" text` + "\n" + `"y"text` + "\n" + `"z\400" text` + "\n" + `"u\0" text` + "\n" + `"v\000w" text` + "\n" + `" v" text`}, []string{"a b", "t\tn\"q\\wä", "t\tn\"qwä", "\"open", "open", "\"x\\q\"", "\"xq\"", "y", "z", "v", "vw", " v", "u"}},
		"long line":           {map[string]string{"": "f export-ignore " + long + "\ng ident\n"}, []string{"f", "g"}},
		"longest line":        {map[string]string{"": "f export-ignore " + long[1:] + "\ng ident\n"}, []string{"f", "g"}},
		"long line CR":        {map[string]string{"": "f export-ignore " + long[1:] + "\r\ng ident\n"}, []string{"f", "g"}},
		"directories":         {map[string]string{"": "d export-ignore\ne/ export-ignore\n/a/f/ export-ignore\na/g export-ignore\nh/** export-ignore\ni/* export-ignore\n**/j/ export-ignore\n/ text\n// text\n*/ ident\n"}, []string{"d/", "d", "e/", "e", "a/e/", "a/f/", "a/f", "f/", "a/g/", "a/g", "h/", "h", "h/x", "h/x/", "h/x/y", "i/", "i/x", "i/x/", "i/x/y", "j/", "j", "a/j/", "a/j", "j/x", "e/x", "d/x"}},
		"own directory":       {map[string]string{"d": "d text\n* ident\n/ text\n", "": "d eol=lf"}, []string{"d/", "d/d", "d/d/"}},
		"anchors":             {map[string]string{"": "/a text\nb/c text\n/d/e text\n*/f text\n", "s": "/a text\nb/c text\n../a ident\n./b text\n"}, []string{"a", "s/a", "s/t/a", "b/c", "x/b/c", "d/e", "x/d/e", "x/f", "x/y/f", "f", "s/b/c", "s/b", "s/x/b/c"}},
		"double star":         {map[string]string{"": "**/a text\nb/** text\nc/**/d text\ne** text\n**f text\ng**/h text\n**i/j text\nk/**l text\nm/*** text\n*** ident\nn/**/**/o text\n**/p/**/q text\nr/**\\/s text\nt**u/v text\n"}, []string{"a", "x/a", "x/y/a", "b/x", "b/x/y", "b", "b/", "c/d", "c/x/d", "c/x/y/d", "cd", "e", "ef", "ef/g", "f", "xf", "x/f", "gh", "g/h", "gx/h", "gx/y/h", "g/x/h", "i/j", "xi/j", "x/i/j", "k/l", "k/xl", "k/x/l", "m/x", "m/x/y", "n/o", "n/x/o", "n/x/y/o", "p/q", "x/p/q", "p/x/q", "x/p/y/q", "x/p/y/p/z/q", "r/s", "r/x/s", "r/x/y/s", "tu/v", "txu/v", "t/u/v", "tx/yu/v"}},
		"brackets":            {map[string]string{"": "[ab]1 text\n[!a]2 text\n[^a]3 text\n[a-c]4 text\n[]]5 text\n[!]]6 text\n[a-]7 text\n[-a]8 text\n[\\]]9 text\n[a\\-c]0 text\n[ text\n[a text\nx[ text\n[[]y text\nz[/]z text\nz[!x]w text\n[c-a]v text\n[a-c-e]u text\n[[:]t text\n[[:alpha]s text\n[[:foo:]]r text\n[[:alpha:]-z]q text\n[[::]]p text\n[\\a-\\c]o text\n[]-a]n text\n"}, []string{"a1", "b1", "c1", "a2", "b2", "a3", "b3", "a4", "b4", "d4", "]5", "[]]5", "]6", "a6", "a7", "-7", "b7", "-8", "a8", "]9", "\\9", "a0", "-0", "b0", "[", "[a", "x[", "[y", "z/z", "z/w", "zyw", "bv", "du", "eu", "-u", "cu", "[t", ":t", "[s", ":s", "as", "]s", "fr", ":r", "-q", "zq", "bq", "0q", ":p", "[p", "bo", "-o", "^n", "an", "bn"}},
		"escapes":             {map[string]string{"": "\\* text\n\\a text\nb\\?c text\nd\\ text\n\\\\e text\nf\\/g text\n\"h\\\\*\" text\n"}, []string{"*", "x", "a", "\\a", "b?c", "bxc", "d", "d\\", "\\e", "f/g", "h*", "hx", "h\\x"}},
		"case":                {map[string]string{"": "A text\n*.TXT text\n[[:upper:]]b text\n"}, []string{"a", "A", "x.txt", "x.TXT", "ab", "Ab"}},
		"suffixes":            {map[string]string{"": "*.txt text\n*a/ text\n* -ident\n*\\.b text\nc* text\n/*.d text\n"}, []string{".txt", "a.txt", "txt", "a/", "xa/", "xa", "x.b", "c", "cx", "x.d", "y/x.d"}},
		"trailing data":       {map[string]string{"": "a text"}, []string{"a"}},
		"odd paths":           {map[string]string{"": "*ä text\n?b text\n"}, []string{"ä", "xä", "äb", "xb", "\xffb", "\n", "a\nb"}},
	}
	r := newRepo(t)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{}
			for dir, content := range test.files {
				files[path.Join(dir, ".gitattributes")] = content
			}
			compare(t, r, files, test.paths)
		})
	}
}

// TestLookupClasses checks every byte against every character class.
func TestLookupClasses(t *testing.T) {
	t.Parallel()
	var content strings.Builder
	var paths []string
	for i, class := range []string{"alnum", "alpha", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper", "xdigit", "ALNUM", ""} {
		fmt.Fprintf(&content, "[[:%s:]]%d text\n[![:%s:]x]%d ident\n", class, i, class, i)
		for c := 1; c < 256; c++ {
			if c != '/' {
				paths = append(paths, fmt.Sprintf("%c%d", c, i))
				paths[len(paths)-1] = string([]byte{byte(c)}) + fmt.Sprint(i)
			}
		}
	}
	compare(t, newRepo(t), map[string]string{".gitattributes": content.String()}, paths)
}

// A generator makes random attributes files and paths of few letters, so that
// they meet often.
type generator struct{ *rand.Rand }

func (g generator) pick(from ...string) string { return from[g.Intn(len(from))] }

func (g generator) repeat(most int, from ...string) string {
	var b strings.Builder
	for range 1 + g.Intn(most) {
		b.WriteString(g.pick(from...))
	}
	return b.String()
}

func (g generator) path() string {
	return g.repeat(3, "a", "b", "c", "aa", "ab", "-", "]", "*", " ", "\\", "a", "b") +
		g.pick("", "", "/") +
		g.repeat(4, "a", "b", "c", "/a", "/b", "/ab", "/abc", "a", "b") + g.pick("", "/")
}

func (g generator) pattern() string {
	p := g.repeat(6, "a", "b", "c", "a", "b", "*", "**", "/", "/", "**/", "/**", "/**/", "?", "[a-c]", "[!a]", "[^b]", "[]a]", "[a\\-]", "\\a", "\\*", "[", "[[:alpha:]]", "[b/]", "\\/", "***", "*a*", "!")
	switch g.Intn(8) {
	case 0:
		return `"` + strings.ReplaceAll(p, `\`, `\\`) + `"`
	case 1:
		return `"` + p + `"`
	case 2:
		return `"` + strings.ReplaceAll(p, "a", `\141`) + g.pick(`"`, ` "`, "")
	}
	return p
}

func (g generator) file(macros bool) string {
	var b strings.Builder
	for range 1 + g.Intn(8) {
		b.WriteString(g.pick("", "", "", " ", "\t", "#", "\r"))
		if macros && g.Intn(4) == 0 {
			b.WriteString("[attr]" + g.pick("m1", "m2", "m3", "binary", "text"))
		} else {
			b.WriteString(g.pattern())
		}
		for range 1 + g.Intn(3) {
			b.WriteString(g.pick(" ", " ", " ", "\t", "  ", "\r") + g.pick("", "", "-", "!") +
				g.pick("text", "text", "eol", "ident", "export-ignore", "export-subst", "crlf", "filter", "working-tree-encoding", "binary", "m1", "m2", "m3", "other") +
				g.pick("", "", "=a", "=", "=auto", "=b=c"))
			if g.Intn(60) == 0 {
				b.WriteString(" $bad")
			}
		}
		b.WriteString(g.pick("\n", "\n", "\r\n"))
	}
	return b.String()
}

// valid reports whether git check-attr takes p as it is.
func valid(p string) bool {
	return !strings.HasPrefix(p, "/") && !strings.Contains(p, "//")
}

// TestLookupRandom compares random directories in one go, as many as the variable
// CODESUITE_ATTRIBUTE_FOLDERS says. Macros are not honoured there, which is
// checked with the rest.
func TestLookupRandom(t *testing.T) {
	t.Parallel()
	g := generator{rand.New(rand.NewSource(1))}
	files := map[string]string{".gitattributes": "[attr]m1 text -eol\n[attr]m2 m1 ident\n"}
	var paths []string
	for i := range folders(t) {
		dir := fmt.Sprintf("r%d", i)
		files[dir+"/.gitattributes"] = g.file(i%10 == 0)
		for range 30 {
			p := path.Join(dir, g.path())
			if g.Intn(3) == 0 {
				p += "/"
			}
			if !valid(p) {
				continue
			}
			paths = append(paths, p)
			if above := parents(p); len(above) > 1 && g.Intn(8) == 0 {
				files[above[g.Intn(len(above)-1)]+"/.gitattributes"] = g.file(false)
			}
		}
	}
	slices.Sort(paths)
	paths = slices.Compact(paths)
	r := newRepo(t)
	r.index(files)
	set := newSet(files)
	want := r.checkAttr(paths)
	failures, matched := 0, 0
	for _, p := range paths {
		got := lookup(set, p)
		if slices.ContainsFunc(got, func(v string) bool { return v != "unspecified" }) {
			matched++
		}
		if diff := cmp.Diff(want[p], got); diff != "" {
			t.Errorf("attributes of %q (-git +got):\n%s\nfile: %q", p, diff, files[p[:strings.IndexByte(p, '/')]+"/.gitattributes"])
			if failures++; failures > 5 {
				t.FailNow()
			}
		}
	}
	t.Logf("%d paths, %d with attributes", len(paths), matched)
}

func folders(t *testing.T) int {
	s := os.Getenv("CODESUITE_ATTRIBUTE_FOLDERS")
	if s == "" {
		return 300
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatalf("CODESUITE_ATTRIBUTE_FOLDERS: %v", err)
	}
	return n
}

// TestLookupRandomRoot does the same with rules and macros at the root.
func TestLookupRandomRoot(t *testing.T) {
	t.Parallel()
	g := generator{rand.New(rand.NewSource(2))}
	r := newRepo(t)
	for range 20 {
		files := map[string]string{".gitattributes": g.file(true) + g.file(true)}
		var paths []string
		for range 200 {
			p := path.Join(g.path()) + g.pick("", "/")
			if !valid(p) {
				continue
			}
			paths = append(paths, p)
			if above := parents(strings.TrimSuffix(p, "/")); len(above) > 0 && g.Intn(50) == 0 {
				files[above[0]+"/.gitattributes"] = g.file(true)
			}
		}
		slices.Sort(paths)
		compare(t, r, files, slices.Compact(paths))
		if t.Failed() {
			return
		}
	}
}

func TestLookupOrderOfAdd(t *testing.T) {
	t.Parallel()
	var rootLast, rootFirst gitattr.Set
	root, sub := []byte("[attr]m text\n* ident\n"), []byte("f m\n")
	rootLast.Add("d", sub)
	if got := rootLast.Lookup("d/f", false).Value("text").String(); got != "unspecified" {
		t.Errorf("without the root's file, text = %s, want unspecified", got)
	}
	rootLast.Add("", root)
	rootFirst.Add("", root)
	rootFirst.Add("d", sub)
	want := []string{"unspecified", "unspecified", "set", "unspecified", "unspecified", "set", "unspecified", "unspecified", "unspecified"}
	for _, set := range []*gitattr.Set{&rootFirst, &rootLast} {
		if diff := cmp.Diff(want, lookup(set, "d/f")); diff != "" {
			t.Errorf("mismatch (-want +got):\n%s", diff)
		}
	}
	rootFirst.Add("", nil)
	if diff := cmp.Diff(slices.Repeat([]string{"unspecified"}, 9), lookup(&rootFirst, "d/f")); diff != "" {
		t.Errorf("after the root's file was emptied (-want +got):\n%s", diff)
	}
}

// TestLookupHostile runs patterns that keep a backtracking matcher busy without end.
func TestLookupHostile(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("a/", 1000) + "a"
	flat := strings.Repeat("a", 2000)
	var set gitattr.Set
	set.Add("", []byte(strings.Join([]string{
		strings.Repeat("*a", 500) + "b text",
		"/" + strings.Repeat("*a", 500) + "*b text",
		strings.Repeat("**/a/", 300) + "b text",
		strings.Repeat("**/*a*/", 200) + "b text",
		strings.Repeat("*?", 500) + "[!a] text",
		strings.Repeat("a/**/", 300) + "*b text",
	}, "\n")))
	for _, p := range []string{deep, flat, flat + "/" + flat, deep + "/" + flat} {
		if got := set.Lookup(p, false).Value("text").String(); got != "unspecified" {
			t.Errorf("text = %s for a path of %d bytes, want unspecified", got, len(p))
		}
	}
}
