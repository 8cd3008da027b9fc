package gitattr_test

import (
	"errors"
	"fmt"
	"math/rand"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/internal/gitattr"
)

// contents hold what the conversions look at: line ends, identifiers, control
// characters and characters outside some encodings.
func contents() map[string]string {
	c := map[string]string{
		"empty": "", "lf": "a\nb\n", "crlf": "a\r\nb\r\n", "mixed": "a\nb\r\nc\n", "cr": "a\rb\n", "nul": "a\x00b\n", "no-eol": "a", "lf-only": "\n\n", "crcrlf": "a\r\r\n", "cr-end": "a\nb\r",
		"id": "$Id$\n", "id-old": "a $Id: 0123 $ b\n", "id-tight": "$Id:0123$", "id-empty": "$Id:$ x y\n", "id-space": "$Id: $", "id-spaces": "$Id:  $", "id-foreign": "$Id: f.c,v 1.1 user $\n$Id$\n", "id-lines": "$Id: a\nb$ $Id$\n",
		"id-open": "$Id$ $Id: open", "id-open2": "$Id: open $Id$", "id-open3": "$Id", "id-open4": "$Id:", "id-open5": "$Id:\n$Id$", "id-case": "$id$ $ID$ $IdX$ $Id $", "id-pair": "$Id$$Id$Id$", "id-dollars": "$$Id$$", "id-trail": "$Id: a $", "id-lead": "$Id: ab$", "id-lead2": "$Id:a b$", "id-2": "$Id: b$Id$ $Id$", "id-nul": "\x00$Id$\x00", "id-crlf": "$Id$\r\n$Id: a\r\n$", "id-one": "$Id:a$ $Id:a $ $Id: a$", "id-tab": "$Id:\ta\tb $",
		"control": strings.Repeat("a", 127) + "\x01\n", "control128": strings.Repeat("a", 128) + "\x01\n", "control2": strings.Repeat("a", 255) + "\x01\x02\n", "control256": strings.Repeat("a", 256) + "\x01\x7f\n", "eof": "ab\n\x1a", "eof2": "ab\n\x1a\x1a", "bell": "\b\t\f\x1b\n", "vt": "\v\n", "high": "\x80\xff\n", "eof-only": "\x1a",
		"latin": "a\u00e9\n", "cp1252": "\u20ac\u0178\u017e\u00a0\n", "c1": "\u0081\u0080\n", "wide": "\u65e5\U0001f600\n", "bom": "\ufeffb\n", "last": "\U0010ffff\uffff\ufffe\n", "surrogate": "\xed\xa0\x80\n", "above": "\xf4\x90\x80\x80\n", "cut": "a\xc3", "overlong": "\xc0\x80",
	}
	r := rand.New(rand.NewSource(4))
	for i := range 60 {
		g := generator{r}
		c[fmt.Sprintf("random-%d", i)] = g.repeat(12, "$", "$Id", "$Id$", "$Id:", ": ", " ", "a", "\n", "\r", "\r\n", "é", "$", " $")
	}
	return c
}

var conversions = []string{
	"text eol=crlf", "eol=crlf", "eol=lf", "text", "-text eol=crlf", "text=auto", "text=auto eol=crlf", "text=auto eol=lf", "text=input eol=crlf", "text=other eol=crlf",
	"crlf", "crlf eol=crlf", "-crlf eol=crlf", "crlf=input", "crlf=auto eol=crlf", "text=auto crlf eol=crlf", "text crlf=auto eol=crlf", "!text -crlf eol=crlf", "eol=CRLF text", "text eol", "binary eol=crlf", "binary",
	"ident", "-ident", "ident=yes", "ident text eol=crlf", "ident eol=crlf working-tree-encoding=UTF-16", "filter=lfs", "filter=none ident",
	"working-tree-encoding=UTF-8", "working-tree-encoding=utf8", "-working-tree-encoding", "working-tree-encoding=", "!working-tree-encoding",
	"working-tree-encoding=UTF-16", "working-tree-encoding=utf-16le", "working-tree-encoding=UTF-16BE", "working-tree-encoding=utf16LE-bom", "working-tree-encoding=UTF-16BE-BOM",
	"working-tree-encoding=UTF-32", "working-tree-encoding=UTF-32LE", "working-tree-encoding=UTF-32BE", "working-tree-encoding=UTF16", "working-tree-encoding=utf32le",
	"working-tree-encoding=ISO-8859-1", "working-tree-encoding=latin-1", "working-tree-encoding=Latin1", "working-tree-encoding=l1", "working-tree-encoding=ISO88591", "working-tree-encoding=IBM819",
	"working-tree-encoding=US-ASCII", "working-tree-encoding=ascii", "working-tree-encoding=646", "working-tree-encoding=Windows-1252", "working-tree-encoding=CP1252", "text eol=crlf working-tree-encoding=UTF-16LE", "working-tree-encoding=ISO-8859-1 ident eol=crlf",
}

func TestConvert(t *testing.T) {
	t.Parallel()
	files := map[string]string{}
	var rules strings.Builder
	for i, c := range conversions {
		fmt.Fprintf(&rules, "/d%d/* %s\n", i, c)
		for name, content := range contents() {
			files[fmt.Sprintf("d%d/%s", i, name)] = content
		}
	}
	files[".gitattributes"] = rules.String()
	r := newRepo(t)
	ids := r.index(files)
	want := r.archive()
	set := newSet(files)
	changed := 0
	for p, content := range files {
		a := set.Lookup(p, false)
		in := []byte(content)
		got, err := gitattr.Convert(in, p, ids[p], a)
		if err != nil {
			t.Errorf("Convert(%s): %v", p, err)
			continue
		}
		if diff := cmp.Diff(want[p], string(got)); diff != "" {
			var d int
			fmt.Sscanf(p, "d%d/", &d)
			t.Errorf("%s of %q under %q (-git +got):\n%s", p, content, conversions[d], diff)
		}
		if string(in) != content {
			t.Errorf("Convert(%s) modified its argument", p)
		}
		if string(got) != content {
			changed++
			if !a.Converts() {
				t.Errorf("%s: Converts is false, but Convert changed the content", p)
			}
		} else if len(got) > 0 && &got[0] != &in[0] && got != nil && !strings.Contains(content, "$Id") {
			t.Errorf("%s: Convert copied content it did not change", p)
		}
	}
	t.Logf("%d files, %d changed", len(files), changed)
}

func TestConverts(t *testing.T) {
	t.Parallel()
	tests := map[string]bool{
		"": false, "text": false, "text=auto": false, "eol=lf": false, "binary eol=crlf": false, "filter=lfs": false, "working-tree-encoding=utf-8": false, "working-tree-encoding=": false, "-working-tree-encoding": false, "-ident": false, "export-subst": false,
		"eol=crlf": true, "text=auto eol=crlf": true, "ident": true, "working-tree-encoding=UTF-16": true, "working-tree-encoding": true, "working-tree-encoding=unheard-of": true,
	}
	for rule, want := range tests {
		var set gitattr.Set
		set.Add("", []byte("* "+rule))
		if got := set.Lookup("f", false).Converts(); got != want {
			t.Errorf("Converts under %q = %t, want %t", rule, got, want)
		}
	}
}

func TestConvertErrors(t *testing.T) {
	t.Parallel()
	for rule, want := range map[string]*gitattr.EncodingError{
		"working-tree-encoding":                      {Path: "d/f"},
		"working-tree-encoding=UTF-7":                {Path: "d/f", Encoding: "UTF-7"},
		"working-tree-encoding=ISO-8859-1//TRANSLIT": {Path: "d/f", Encoding: "ISO-8859-1//TRANSLIT"},
		"working-tree-encoding=euc-tw eol=crlf":      {Path: "d/f", Encoding: "euc-tw"},
		"working-tree-encoding=cp932":                {Path: "d/f", Encoding: "cp932", Rune: 'ⅰ'},
	} {
		var set gitattr.Set
		set.Add("", []byte("* "+rule))
		got, err := gitattr.Convert([]byte("aⅰ\n"), "d/f", strings.Repeat("0", 40), set.Lookup("d/f", false))
		var encErr *gitattr.EncodingError
		if !errors.As(err, &encErr) {
			t.Errorf("Convert under %q = %q, %v; want an EncodingError", rule, got, err)
			continue
		}
		if diff := cmp.Diff(want, encErr); diff != "" {
			t.Errorf("error under %q (-want +got):\n%s", rule, diff)
		}
		if msg := err.Error(); !strings.Contains(msg, "d/f") || !strings.Contains(msg, want.Encoding) {
			t.Errorf("error %q does not name the path and the encoding", msg)
		}
	}
}
