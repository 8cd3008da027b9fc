package gitpretty_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/internal/gitpretty"
)

const longMessage = "\n  \nThe subject line, über…  \nwhich has a second/line..  of text! \n\n\nThe body is long enough to be wrapped more than once when the width is small.\n* a list item\n\tindented\n日本語のテキスト are wide\n\nSecond paragraph.\n\nReviewed-by: Ré Viewer <r@example.com>\nSigned-off-by: A U Thor <author@example.com>\nMulti-line: first\n  second\n \tthird\nKey : spaced\n"

var messages = map[string]string{
	"long": longMessage, "empty": "", "newline": "\n", "subject": "subject", "subject-nl": "subject\n", "blank": "  \n \n", "title-only": "Signed-off-by: A <a@b>\n",
	"crlf": "subject\r\n\r\nbody\r\n\r\nKey: value\r\n", "dots": "...a..b.-_ c/d\\e...\n\nbody without line feed", "tabs": "a\tb\n\tc\n\nd\te f\tg\n", "invalid": "caf\xe9 cr\xe8me subject that is long\n\nbody \xff\xfe text that is long enough\n",
	"wide": "日本語 \u0301\u200b 한국어 ﷽ \ufffe x\n\ne\u0301\u0301 text\n", "control": "a\x01b\x1b[31mred\x1b[m text\x7f and more\n\nbody \x1b[1;32mx\x1b[m\n",
	"trailers-mixed":    "s\n\nA: b\nnot a trailer\nSigned-off-by: x\n(cherry picked from commit 0123)\nanother\n",
	"trailers-few":      "s\n\nA: b\nnot\nnot\nnot\nnot\nSigned-off-by: x\n",
	"trailers-none":     "s\n\nA: b\nnot a trailer\n",
	"trailers-comment":  "s\n\n# comment\nA: b\n# other\nB: c\n\n# end\n\n",
	"trailers-title":    "A: b\nB: c\n",
	"trailers-conflict": "s\n\nA: b\n\nConflicts:\n\tfile\n\tother\n\n",
	"trailers-scissors": "s\n\nA: b\n# ------------------------ >8 ------------------------\nC: d\n",
	"trailers-divider":  "s\n\nA: b\n---\nC: d\n",
	"trailers-blank":    "s\n\nx\n\n \nA: b\n\n\n",
	"trailers-folded":   "s\n\nA: b\n  c\n\td  \n e\nB-c:  x  \nB-c: y\nsigned-off-by: z\n",
	"trailers-start":    "s\n\n folded\nA: b\n c\n",
	"trailers-odd":      "s\n\nA\tB: c\nD : e\n-: f\n:g\nSigned-off-by: x\nno colon here\nÄ: h\nhttp://x\n",
	"trailers-no-eol":   "s\n\nA: b\nC: d",
	"comment-title":     "# s\nt\n\n# A: b\nA: b\n",
}

// placeholders holds everything a format may have that depends on nothing but
// the commit, the malformed included.
var placeholders = []string{
	"H", "h", "T", "t", "P", "p", "m", "e", "d", "D", "N", "S", "n", "%", "x41", "x00", "x4", "xzz", "x", "x0a",
	"an", "aN", "ae", "aE", "al", "aL", "ad", "aD", "at", "ai", "aI", "as", "aZ", "a", "aa",
	"cn", "cN", "ce", "cE", "cl", "cL", "cd", "cD", "ct", "ci", "cI", "cs", "c",
	"s", "f", "b", "B", "gd", "gD", "gn", "gN", "ge", "gE", "gs", "gl", "gL", "gx", "g", "G?", "GG", "GS", "GK", "GF", "GP", "GT", "Gx", "G", "z", "", "(x)", "(", "(trailers",
	"Cred", "Cgreen", "Cblue", "Creset", "Cyellow", "C(red)", "C(bad)", "C(auto)", "C(auto,red)", "C", "C(", "C(always,red)x", "C(always,bold)", "C(always,)", "C(always,reset)", "C(always,normal)",
	"C(always,bold brightred #ff0080 nobold no-ul)", "C(always,reset 8 200)", "C(always,-1 255)", "C(always,Red BLUE italic)", "C(always,default default)", "C(always,7 15 strike reverse blink dim)", "C(always,noitalic nodim no-blink noreverse nostrike)", "C(always, bold  ul )",
	"+s", "-s", " s", "+d", "-d", " d", "+e", "-e", "++s", "-z", "+z", " z", "+", "-", " ", "+n", "+x41", "+w(5)", "-w(5)", "+%", "-%", "+C(red)", "+<(5)x", "+b", "-b", " b",
	"w()", "w(20)", "w(20,2)", "w(20,2,4)", "w(0,3,1)", "w(0)", "w(20", "w", "w(x)", "w(20,)", "w(20,2,4,5)", "w( 20)", "w(-1)", "w(16384)", "w(16385)", "w(5)%b", "w(12,1,3)%B%w()x", "w(30,2,2)%s %an %w(10)%b", "w(9)%s", "w(1)%s", "w(20,16384)x", "w(20)%b%w(20)%b", "w(0,4,2)%B", "w(,3)x", "w(8,9,10)%s",
	"<(20)%s", "<(20)%an|", "<(5)%an|", "<(5,trunc)%an|", "<(5,ltrunc)%an|", "<(5,mtrunc)%an|", "<(1,trunc)%an|", "<(2,ltrunc)%an|", "<(3,mtrunc)%an|", "<(9,trunc)%s|", "<(9,ltrunc)%s|", "<(9,mtrunc)%s|", "<(10,trunc)%b|", "<(20,mtrunc)%cn|",
	">(20)%s|", ">(20)%an|", ">(5)%an|", ">>(20)%an|", "><(20)%an|", "><(19)%an|", "><(19)%cn|", "<|(30)%an|", ">|(30)%an|", "><|(30)%an|", ">>|(30)%an|", ">>|(5)%an|", "x20%x20%x20%x20%>>(4)%an|", "x20%x20%C(always,red)%x20%x20%>>(4)%an|", "C(always,red)%>>(4)%an|", "x20%>>|(3)%an|", "<|(3,trunc)%an|", "<|(9,mtrunc)%an|",
	"<(20)", "<(20)%", "<(20)x", "<(20)%%", "<(20)%z|", "<(20)%<(30)%an|", "<(20)%n|", "<(20)%C(red)%an|", "<(20)%C(always,red)%an%C(always,reset)|", "<(20)%C(always,red)%C(always,bold)%an|", "<(20)%C(bad)x", "<(20)%Cx|", "<(20)% an|", "<(20)%+an|", "<(20)%-e|", "<(20)%w(5)%s|",
	"<(0)%s", "<(-5)%s", "<|(-50)%s", "<|(-90)%s", "<(x)%s", "<()%s", "<(5x)%an|", "<( 5)%an|", "<(+5)%an|", "<(16384)%an", "<(16385)%an", "<(4294967301)%an", "<(99999999999999999999)%an", "<(5,bad)%an|", "<(5,)%an|", "<(5,trunc%an|", "<(15,trunc )%an|%an", "<(3,trunc)%an|%<(4,bad)%an|%<(5)%an", "<(5,trunc)%B|", "<(3)%e|", ">x", "<", ">>", "><", "<|", "<|5",
	"(trailers)", "(trailers:only)", "(trailers:only=true)", "(trailers:only=no)", "(trailers:only=)", "(trailers:only=2)", "(trailers:only=bad)", "(trailers:only=bad,unfold)", "(trailers:unfold)", "(trailers:only,unfold)", "(trailers:unfold=yes,only=off)", "(trailers:unfold=0x1)", "(trailers:only=1k)",
	"(trailers:key=Signed-off-by)", "(trailers:key=SIGNED-off-by:)", "(trailers:key=A,key=B-c)", "(trailers:key=none)", "(trailers:key)", "(trailers:key=)", "(trailers:key=A,valueonly)", "(trailers:key=Signed-off-by,valueonly,separator=%x2C )", "(trailers:key=multi-line,unfold,valueonly)",
	"(trailers:keyonly)", "(trailers:keyonly,valueonly)", "(trailers:keyonly=no,valueonly=yes)", "(trailers:separator=|)", "(trailers:separator=%x2c%n%%%z)", "(trailers:separator=)", "(trailers:separator)", "(trailers:key_value_separator=_)", "(trailers:key_value_separator)", "(trailers:key_value_separator=%x3d,separator=;)", "(trailers:only,separator=;)",
	"(trailers:)", "(trailers:bad)", "(trailers:only", "(trailers:only,)", "(trailersx)", "(trailers:key=A,only=no)", "+(trailers:key=A)", "-(trailers:key=none)", " (trailers:key=A,separator=;)", "<(12,trunc)%(trailers:key=A,separator=;)|", "(trailers:key=A,keyonly,key_value_separator=x)", "(trailers:Only)",
}

func TestPlaceholders(t *testing.T) {
	t.Parallel()
	for name, message := range messages {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := map[string]string{}
			for i, p := range placeholders {
				files[fmt.Sprintf("f%d", i)] = "text\n\n$Format:%" + p + "$\nmore"
				files[fmt.Sprintf("g%d", i)] = "a line é  $Format:x%" + p + "%" + p + "y$$Format:%" + p + "$"
			}
			check(t, commit(message, len(name)%4), "", files)
		})
	}
}

func TestSubstSyntax(t *testing.T) {
	t.Parallel()
	files := map[string]string{}
	for i, content := range []string{
		"", "$", "$Format:", "$Format$", "$Format:$", "$Format:%H", "$Format:%H$", "$Format:%H\n%T$", "$Format:$Format:%H$", "$Format:%H$%H$", "$$Format:%H$$", "$format:%H$", "$Format :%H$", "$Format:a$b$Format:c$",
		"$Format:%H\x00%T$x", "$Format:\x00$x", "\x00\n$Format:%<|(20)%an|$", "\n\x00$Format:%<|(20)%an|$", "ab\x00cd$Format:%w(3)%s$", "$Format:a%x00b%<|(20)%an|$", "$Format:%w(5)a b%x00c d e f g h i$",
		"\n\n\n$Format:%-e$x", "\n\n$Format:$$Format:%-e$", "x$Format:%+s$", "    $Format:%>>(2)%an$", "a\x1b[31m   \x1b[m$Format:%>>(2)%an$", "long line before it, really long$Format:%<|(10)%an|$", "é日\n日本$Format:%<|(10)%an|$", "\xff日\n\xff日本$Format:%<|(10)%an|$",
		"$Format:%n%n%n%-e|$", "$Format:100%%$", "$Format:%$", "$Format:%w(10,3,3)$text $Format:%b$", "$Format:%<(20)$text $Format:%an$|", "\r\n$Format:%s$\r\n",
		strings.Repeat("$Format:%h$ ", 50),
	} {
		files[fmt.Sprintf("f%d", i)] = content
	}
	check(t, commit(longMessage, 2), "", files)
}

func TestSubstUnchanged(t *testing.T) {
	t.Parallel()
	in := []byte("a file with $Format: but not closed")
	got, err := gitpretty.New(commit("s", 0), nil).Subst(in)
	if err != nil || &got[0] != &in[0] {
		t.Errorf("Subst copied what it did not change, err %v", err)
	}
}

func TestDates(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		unix int64
		zone int // in minutes
	}{{0, 0}, {1, 0}, {951827696, -30}, {1709251199, 5*60 + 45}, {4102444800, 14 * 60}, {253402300799, -12 * 60}, {1000000000, 1}, {1112911993, -90}} {
		when := time.Unix(c.unix, 0).In(time.FixedZone("", c.zone*60))
		cm := commit("s", 0)
		cm.Author.When, cm.Committer.When = when, when
		files := map[string]string{}
		for i, p := range []string{"ad", "aD", "at", "ai", "aI", "as", "cd", "cD", "ct", "ci", "cI", "cs"} {
			files[fmt.Sprint(i)] = "$Format:%" + p + "$"
		}
		check(t, cm, "", files)
	}
}

func TestHumanDate(t *testing.T) {
	t.Parallel()
	check(t, commit("s", 0), "", map[string]string{"f": "$Format:%ah|%ch$"}) // long past
}

func TestMailmap(t *testing.T) {
	t.Parallel()
	format := map[string]string{"f": "$Format:%an|%aN|%ae|%aE|%al|%aL|%cN|%cE|%cL$"}
	for _, mailmap := range []string{
		"Proper Name <author@example.com>\n",
		"<proper@x> <author@example.com>",
		"Proper <proper@x> <AUTHOR@example.COM>\r\n",
		"Proper <proper@x> a u thor <author@example.com> # rest\n",
		"Other <other@x> Somebody <author@example.com>\nSimple <author@example.com>\n",
		"One <author@example.com>\nTwo <two@x> <author@example.com>\n<three@x> <author@example.com>\n",
		"One <author@example.com>\nExact <e@x> A U Thor <author@example.com>\nExact2 A U Thor <author@example.com>\n",
		"#Proper <author@example.com>\n Proper  Spaced\t< author@example.com >\n",
		"# comment\nNo brackets\n<>\nX <\nEmpty <> <author@example.com>\nC <committer>\n",
		"Proper <p@x> <>\n<committer>\nZ <z@z> C Ö Mitter <committer>\n",
		"  #x <author@example.com>\n",
		"A <a@a> <author@example.com> <committer>\n",
	} {
		check(t, commit("s", 0), mailmap, format)
	}
}

func TestPeople(t *testing.T) {
	t.Parallel()
	files := map[string]string{"f": "[$Format:%an|%ae|%al|%aN|%cn|%ce|%cl$]"}
	for _, s := range [][2]string{{"", ""}, {"x", "a@b@c"}, {"é ü", "@"}, {"a.b", "no at"}} {
		c := commit("s", 0)
		c.Author.Name, c.Author.Email = s[0], s[1]
		check(t, c, "", files)
	}
}

func TestDescribe(t *testing.T) {
	t.Parallel()
	for _, first := range []string{"", ":tags", ":abbrev=4", ":abbrev=", ":abbrev=x", ":match=v*,exclude=w*", ":match=", ":bad", ":tags=bad", ":tags=bad,abbrev=8", ":", ":tags,", "x", ":tags=0,tags=1"} {
		// One file, as the order counts: only the first in an archive expands.
		check(t, commit("s", 0), "", map[string]string{"f": "[$Format:%(describe" + first + ")|%(describe)|%+(describe)$] $Format:%(describe)$"})
	}
}

// TestRandom builds random formats around the layout placeholders, whose
// effects meet each other.
func TestRandom(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewSource(5))
	parts := []string{
		"%s", "%b", "%B", "%an", "%e", "%n", "%+s", "%-e", "% an", "%+e", "%-b", "x", " ", "  ", "word ", "é", "日本", "\n", "%x20", "%x00", "%x09", "%z", "%C(always,red)", "%C(red)", "%C(always,reset)", "%(trailers:key=A)", "%(trailers:only,unfold)", "%f",
		"%w(10)", "%w(7,2,3)", "%w(0,1,2)", "%w()", "%w(30,40,1)", "%<(8)", "%<(4,trunc)", "%<(7,ltrunc)", "%<(6,mtrunc)", "%>(9)", "%>>(3)", "%><(10)", "%<|(12)", "%>|(15,trunc)", "%>>|(10)", "%><|(20,mtrunc)", "%<(5,bad)", "$ text\n $Format:", "$   $Format:",
	}
	for range 8 {
		names := slices.Sorted(maps.Keys(messages))
		message := messages[names[r.Intn(len(names))]]
		files := map[string]string{}
		for i := range 400 {
			var b strings.Builder
			b.WriteString("some text  \n $Format:")
			for range 1 + r.Intn(8) {
				b.WriteString(parts[r.Intn(len(parts))])
			}
			b.WriteString("$ end")
			if _, err := gitpretty.New(commit(message, 1), nil).Subst([]byte(b.String())); err != nil {
				continue // see TestErrors
			}
			files[fmt.Sprint(i)] = b.String()
		}
		check(t, commit(message, 1), "", files)
		if t.Failed() {
			return
		}
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	for _, content := range []string{"$Format:%C(always,nocolour)$", "$Format:%C(always,red green blue)$", "$Format:%C(always,#12345x)$", "$Format:%C(always,256)$", strings.Repeat(" ", 50) + "$Format:%>>|(3)%+h$", strings.Repeat(" ", 50) + "$Format:%>>|(3)% h$"} {
		want, c := archive(t, commit("s", 0), "", map[string]string{"f": content})
		if want != nil {
			t.Errorf("git archive does not fail on %q", content)
		}
		var format *gitpretty.FormatError
		if _, err := gitpretty.New(c, nil).Subst([]byte(content)); !errors.As(err, &format) {
			t.Errorf("Subst(%q) = %v, want a FormatError", content, err)
		}
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	e := gitpretty.New(commit(longMessage, 0), nil)
	for name, content := range map[string]string{
		"padding":      strings.Repeat("$Format:%<(16000)%h$", 10_000),
		"indentation":  "$Format:" + strings.Repeat("%w(0,16000,16000)x%n", 10_000) + "$",
		"message":      "$Format:" + strings.Repeat("%B", 1_000_000) + "$",
		"long columns": strings.Repeat("x", 1<<17) + strings.Repeat("$Format:%<|(9)%h$", 1_000),
	} {
		if _, err := e.Subst([]byte(content)); !errors.Is(err, gitpretty.ErrTooLarge) {
			t.Errorf("%s: Subst = %v, want ErrTooLarge", name, err)
		}
	}
}

// TestFixedResults pins what git takes from the clone or the clock, and what
// depends on its version.
func TestFixedResults(t *testing.T) {
	t.Parallel()
	c := commit("s", 0)
	c.ID, c.TreeID = strings.Repeat("0123456789", 4), strings.Repeat("abcdef0123", 4)
	c.Committer.When = c.Committer.When.UTC()
	e := gitpretty.New(c, nil)
	for format, want := range map[string]string{
		"%h %t %p": "0123456 abcdef0 ", "[%d%D]": "[]", "%ar": "Fri Apr 8 00:13:13 2005 +0200", "%ch": "Apr 7 2005", "%G?%GG%GT": "Nundefined", "%N%S": "%N%S", "%cI": "2005-04-07T22:14:13Z", "%(decorate)": "%(decorate)",
	} {
		got, err := e.Format(format)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Format(%q) (-want +got):\n%s", format, diff)
		}
	}
}
