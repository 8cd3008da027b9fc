package gitobj_test

import (
	"archive/tar"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/internal/gitobj"
	"github.com/codesuite-go/codesuite/internal/gittest"
)

func TestCommitAsGit(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	tree := r.line("", "mktree")
	root := r.line("First\n", "commit-tree", tree)
	other := r.line("Other\n", "commit-tree", tree)
	merge := r.line("Merge\n\nwith a body\n", "commit-tree", "-p", root, "-p", other, tree)
	latin1 := r.line("Gr\xfc\xdfe", "-c", "i18n.commitEncoding=ISO-8859-1", "commit-tree", tree)
	signed := r.line(strings.Replace(r.git("", "cat-file", "commit", root), "\n\n",
		"\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n abc\n -----END PGP SIGNATURE-----\n\n", 1), "hash-object", "-w", "-t", "commit", "--stdin")
	empty := r.line("", "commit-tree", tree)

	author := gitobj.Signature{Name: "Ada Lovelace", Email: "ada@example.com", Seconds: 1484167798, Zone: "-0800"}
	committer := gitobj.Signature{Name: "Grace Hopper", Email: "grace@example.com", Seconds: 1484167800, Zone: "+0530"}
	for name, test := range map[string]struct {
		id   string
		want gitobj.Commit
	}{
		"root":   {root, gitobj.Commit{Message: "First\n"}},
		"merge":  {merge, gitobj.Commit{Message: "Merge\n\nwith a body\n", Parents: []string{root, other}}},
		"latin1": {latin1, gitobj.Commit{Message: "Gr\xfc\xdfe", Headers: "encoding ISO-8859-1\n"}},
		"signed": {signed, gitobj.Commit{Message: "First\n", Headers: "gpgsig -----BEGIN PGP SIGNATURE-----\n \n abc\n -----END PGP SIGNATURE-----\n"}},
		"empty":  {empty, gitobj.Commit{}},
	} {
		test.want.TreeID, test.want.Author, test.want.Committer = tree, author, committer
		content := r.git("", "cat-file", "commit", test.id)
		got, err := gitobj.DecodeCommit([]byte(content))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(&test.want, got); diff != "" {
			t.Errorf("%s: mismatch (-want +got):\n%s", name, diff)
		}
		if id := gitobj.ID("commit", got.Encode()); id != test.id {
			t.Errorf("%s: the encoded commit has the ID %s, git says %s", name, id, test.id)
		}
	}
}

// Signatures that only other programs write are read as git reads them.
func TestOddSignaturesAsGit(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	for _, signature := range []string{
		"A U Thor <author@example.com> 1484167798 -0800",
		"<author@example.com> 1484167798 +0000",
		" <author@example.com> 1484167798 +0000",
		"A U Thor <> 1484167798 +0000",
		"A U Thor <a>b> 1484167798 +0000",
		"A > B <author@example.com> 1484167798 +0000",
		"A U Thor <author@example.com>1484167798 +1400",
		"A U Thor <author@example.com> 1484167798 -0030",
		"A U Thor <author@example.com>",
		"A U Thor <author@example.com> ",
		"A U Thor <author@example.com> yesterday",
		"A U Thor <author@example.com>  1484167798   +0200",
		"A U Thor <author@example.com> 1484167798 +0100 x",
		"A U Thor <author@example.com> 0 +0000",
		"A U Thor <author@example.com> 4294967296 +0000",
		"Ünïcode \xff <author@example.com> 1 +0000",
	} {
		content := "tree " + gitobj.EmptyTreeID + "\nauthor " + signature + "\ncommitter " + signature + "\n\nm\n"
		id := r.line(content, "hash-object", "-w", "-t", "commit", "--literally", "--stdin")
		want := r.line("", "-c", "i18n.logOutputEncoding=binary", "show", "-s", "--no-mailmap", "--date=raw", "--format=%an|%ae|%ad", id)
		c, err := gitobj.DecodeCommit([]byte(content))
		if err != nil {
			t.Errorf("%q: %v", signature, err)
			continue
		}
		if strings.HasSuffix(want, "|") { // git shows no date
			want += "0 +0000"
		}
		if got := c.Author.Name + "|" + c.Author.Email + "|" + c.Author.Date(); got != want {
			t.Errorf("%q is %q, git says %q", signature, got, want)
		}
	}
}

// The time of a commit, which the members of its archive have, is git's for
// signatures that only other programs write.
func TestCommitTimeAsGit(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	blob := r.line("content", "hash-object", "-w", "--stdin")
	tree := r.line("100644 blob "+blob+"\tfile\n", "mktree")
	today := gittest.AtLeast(t, 2, 41) // takes the last angle bracket, as this package
	for _, test := range []struct {
		committer string
		today     bool // earlier versions of git have another time
	}{
		{"C <c@e> 1600000000 +0000", false},
		{"C <c@e> 1600000000.5 +0000", false},
		{"C <c@e> 1600000000x +0000", false},
		{"C <c@e>   1600000000   +0200", false},
		{"C <c@e> 1600000000", false},
		{"C <c@e> 1600000000 +05:30", false},
		{"C <c@e> 1600000000 +0100 y", false},
		{"C <c@e> Sat, 1 Jan 2011", false},
		{"C <c@e>", false},
		{"C <c@e> 0 +0000", false},
		{"C <d <c@e>> 1600000000 +0000", true},
		{"C <c@e> <d@e> 1600000000 +0000", true},
	} {
		if test.today && !today {
			continue
		}
		content := "tree " + tree + "\nauthor A <a@e> 1 +0000\ncommitter " + test.committer + "\n\nm\n"
		id := r.line(content, "hash-object", "-w", "-t", "commit", "--literally", "--stdin")
		h := firstMember(t, r.git("", "archive", "--format=tar", id))
		c, err := gitobj.DecodeCommit([]byte(content))
		if err != nil || c.Committer.Seconds != h.ModTime.Unix() {
			t.Errorf("%q: %+v, %v; git's archive is of %d", test.committer, c, err, h.ModTime.Unix())
		}
	}
}

func firstMember(t *testing.T, archive string) *tar.Header {
	t.Helper()
	r := tar.NewReader(strings.NewReader(archive))
	for {
		h, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		if h.Typeflag != tar.TypeXGlobalHeader { // with the commit's ID
			return h
		}
	}
}

func TestDecodeCommitBroken(t *testing.T) {
	t.Parallel()
	const who = " A <a@example.com> 1 +0000\n"
	tree := "tree " + gitobj.EmptyTreeID + "\n"
	for name, content := range map[string]string{
		"empty":            "",
		"no tree":          "author" + who + "committer" + who + "\n",
		"short tree":       "tree 4b825dc\nauthor" + who + "committer" + who + "\n",
		"short parent":     tree + "parent 1\nauthor" + who + "committer" + who + "\n",
		"no author":        tree + "committer" + who + "\n",
		"no committer":     tree + "author" + who + "\n",
		"no address":       tree + "author A 1 +0000\ncommitter" + who + "\n",
		"brackets swapped": tree + "author A >a< 1 +0000\ncommitter" + who + "\n",
		"cut off":          tree + "author A <a@example.com> 1 +0000",
		"a tree":           "100644 a\x00" + strings.Repeat("\x11", 20),
	} {
		if c, err := gitobj.DecodeCommit([]byte(content)); err == nil {
			t.Errorf("%s: no error but %+v", name, c)
		} else if !strings.HasPrefix(err.Error(), "commit object: ") {
			t.Errorf("%s: error %q", name, err)
		}
	}
}

func TestParseDate(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"1484167798 -0800": "2017-01-11T12:49:58-08:00",
		"1484167798 +0530": "2017-01-12T02:19:58+05:30",
		"1484167798 -0030": "2017-01-11T20:19:58-00:30",
		"1484167798 +0000": "2017-01-11T20:49:58Z",
		"1484167798":       "2017-01-11T20:49:58Z",
		"-1 +0000":         "1969-12-31T23:59:59Z",
		"9999999999 +0000": "2286-11-20T17:46:39Z",
	} {
		got, err := gitobj.ParseDate(in)
		if err != nil {
			t.Errorf("ParseDate(%q): %v", in, err)
		} else if got.Format(time.RFC3339) != want {
			t.Errorf("ParseDate(%q) = %s, want %s", in, got.Format(time.RFC3339), want)
		}
	}
	for _, in := range []string{"", "yesterday", "1484167798 ", "1484167798 PST", "1484167798 0800", "1484167798 +08:00", "1484167798.5 +0000", "99999999999999999999 +0000"} {
		got, err := gitobj.ParseDate(in)
		if in == "1484167798 " { // no zone
			continue
		}
		if err == nil {
			t.Errorf("ParseDate(%q) = %s, want an error", in, got)
		}
	}
}

func FuzzParseDate(f *testing.F) {
	for _, s := range []string{"1484167798 -0800", "0", "-1 +0000", "1 +99999", "99999999999999999999 +0000", "1 -"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		date, err := gitobj.ParseDate(s)
		if err != nil {
			return
		}
		seconds, _, _ := strings.Cut(s, " ")
		if n, err := strconv.ParseInt(seconds, 10, 64); err != nil || date.Unix() != n {
			t.Errorf("ParseDate(%q) = %s, %d seconds", s, date, date.Unix())
		}
	})
}

func FuzzDecodeCommit(f *testing.F) {
	const who = " Ada <ada@example.com> 1484167798 -0800\n"
	tree := "tree " + gitobj.EmptyTreeID + "\n"
	f.Add([]byte(tree + "author" + who + "committer" + who + "\nmessage\n"))
	f.Add([]byte(tree + "parent " + commitID + "\nparent " + blobID + "\nauthor" + who + "committer" + who + "encoding ISO-8859-1\n\n\xff"))
	f.Add([]byte(tree + "author" + who + "committer" + who + "gpgsig -----BEGIN\n \n x\n\nm\n\nn"))
	f.Add([]byte(tree + "author" + who + "committer" + who))
	f.Add([]byte(tree + "author <> \ncommitter >< x> 99999999999999999999 +99999\nfoo"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := gitobj.DecodeCommit(data)
		if err != nil {
			return
		}
		for _, id := range append(c.Parents, c.TreeID) {
			if !gitobj.IsID(id) {
				t.Errorf("ID %q", id)
			}
		}
		for _, s := range []gitobj.Signature{c.Author, c.Committer} {
			if _, err := gitobj.ParseDate(s.Date()); err != nil {
				t.Errorf("date of %+v: %v", s, err)
			}
		}
		again, err := gitobj.DecodeCommit(c.Encode())
		if err != nil {
			t.Fatalf("decoding what was encoded: %v", err)
		}
		if diff := cmp.Diff(c, again); diff != "" {
			t.Errorf("mismatch after a round trip (-want +got):\n%s", diff)
		}
		// A commit as git writes it has the same bytes, and so the same ID.
		bare := gitobj.Commit{TreeID: c.TreeID, Parents: c.Parents, Author: c.Author, Committer: c.Committer}
		rest, ok := strings.CutPrefix(string(data), strings.TrimSuffix(string(bare.Encode()), "\n"))
		if ok && (strings.HasPrefix(rest, "\n") || strings.Contains(rest, "\n\n")) {
			if diff := cmp.Diff(string(data), string(c.Encode())); diff != "" {
				t.Errorf("encoded commit mismatch (-want +got):\n%s", diff)
			}
		}
	})
}
