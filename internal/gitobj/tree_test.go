package gitobj_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/codesuite-go/codesuite/internal/gitobj"
)

const (
	blobID   = "ce013625030ba8dba906f756967f9e9ca394464a" // "hello\n"
	commitID = "1111111111111111111111111111111111111111"
)

// oddTree has entries whose order is not that of their names.
var oddTree = []gitobj.Entry{
	{Mode: gitobj.ModeTree, Name: "a", ID: gitobj.EmptyTreeID},
	{Mode: gitobj.ModeFile, Name: "a-b", ID: blobID},
	{Mode: gitobj.ModeFile, Name: "a.b", ID: blobID},
	{Mode: gitobj.ModeExecutable, Name: "a0", ID: blobID},
	{Mode: gitobj.ModeTree, Name: "a.c", ID: gitobj.EmptyTreeID},
	{Mode: gitobj.ModeSymlink, Name: "Z link", ID: blobID},
	{Mode: gitobj.ModeSubmodule, Name: "module", ID: commitID},
	{Mode: gitobj.ModeFile, Name: "tab\tquote\"", ID: blobID},
	{Mode: gitobj.ModeFile, Name: "ünïcode", ID: blobID},
	{Mode: gitobj.ModeFile, Name: "not utf-8 \xff\xfe", ID: blobID},
	{Mode: gitobj.ModeFile, Name: "-dash", ID: blobID},
	{Mode: gitobj.ModeFile, Name: strings.Repeat("long", 60), ID: blobID},
}

func TestTreeIDAsGit(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.git("hello\n", "hash-object", "-w", "--stdin")
	r.git("", "hash-object", "-w", "-t", "tree", "--stdin")
	for n := range len(oddTree) + 1 {
		entries := slices.Clone(oddTree[:n])
		var listing strings.Builder
		for _, e := range entries {
			kind := map[gitobj.Mode]string{gitobj.ModeTree: "tree", gitobj.ModeSubmodule: "commit"}[e.Mode]
			if kind == "" {
				kind = "blob"
			}
			fmt.Fprintf(&listing, "%s %s %s\t%s\x00", e.Mode, kind, e.ID, e.Name)
		}
		want := r.line(listing.String(), "mktree", "-z", "--missing")
		rand.New(rand.NewPCG(uint64(n), 0)).Shuffle(n, func(i, j int) { entries[i], entries[j] = entries[j], entries[i] })
		before := slices.Clone(entries)
		got, err := gitobj.TreeID(entries)
		if err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("TreeID of %d entries = %s, git says %s", n, got, want)
		}
		if diff := cmp.Diff(before, entries); diff != "" {
			t.Errorf("TreeID changed its argument (-want +got):\n%s", diff)
		}
		content := r.git("", "cat-file", "tree", want)
		decoded, err := gitobj.DecodeTree([]byte(content))
		if err != nil {
			t.Fatal(err)
		}
		slices.SortFunc(entries, gitobj.Compare)
		if diff := cmp.Diff(entries, decoded, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("decoded tree mismatch (-want +got):\n%s", diff)
		}
	}
}

// A tree with modes that git no longer writes keeps its ID, as git reads it.
func TestHistoricModes(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	entries := []gitobj.Entry{
		{Mode: gitobj.ModeGroupWritable, Name: "a", ID: blobID},
		{Mode: 0o100775, Name: "b", ID: blobID},
		{Mode: 0o100600, Name: "c", ID: blobID},
	}
	data, err := gitobj.EncodeTree(entries)
	if err != nil {
		t.Fatal(err)
	}
	want := r.line(string(data), "hash-object", "-w", "-t", "tree", "--literally", "--stdin")
	if got := gitobj.ID("tree", data); got != want {
		t.Errorf("ID = %s, git says %s", got, want)
	}
	var listing strings.Builder
	for _, e := range entries {
		fmt.Fprintf(&listing, "%s blob %s\t%s\n", e.Mode.Canonical(), e.ID, e.Name)
	}
	if diff := cmp.Diff(r.git("", "ls-tree", want), listing.String()); diff != "" {
		t.Errorf("canonical modes mismatch (-git +got):\n%s", diff)
	}
}

func TestMode(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		in        string
		canonical gitobj.Mode
		mode      fs.FileMode
		text      string
	}{
		{"40000", gitobj.ModeTree, fs.ModeDir | 0o755, "040000"},
		{"040000", gitobj.ModeTree, fs.ModeDir | 0o755, "040000"},
		{"100644", gitobj.ModeFile, 0o644, "100644"},
		{"100664", gitobj.ModeFile, 0o644, "100664"},
		{"100755", gitobj.ModeExecutable, 0o755, "100755"},
		{"100700", gitobj.ModeExecutable, 0o755, "100700"},
		{"100655", gitobj.ModeFile, 0o644, "100655"},
		{"120000", gitobj.ModeSymlink, fs.ModeSymlink | 0o777, "120000"},
		{"160000", gitobj.ModeSubmodule, fs.ModeDir | 0o755, "160000"},
	} {
		m, err := gitobj.ParseMode(test.in)
		if err != nil {
			t.Errorf("ParseMode(%q): %v", test.in, err)
			continue
		}
		if m.Canonical() != test.canonical || m.FileMode() != test.mode || m.String() != test.text {
			t.Errorf("%s: Canonical %s, FileMode %s, String %s", test.in, m.Canonical(), m.FileMode(), m)
		}
	}
	for _, in := range []string{"", "0", "644", "100648", "-100644", "+100644", "0x81a4", "010000", "060000", "777777777777", "100644 ", "1_00644"} {
		if m, err := gitobj.ParseMode(in); err == nil {
			t.Errorf("ParseMode(%q) = %s, want an error", in, m)
		} else if !strings.Contains(err.Error(), in) {
			t.Errorf("ParseMode(%q): the error %q does not name it", in, err)
		}
	}
}

func TestEncodeTreeBadID(t *testing.T) {
	t.Parallel()
	_, err := gitobj.TreeID([]gitobj.Entry{{Mode: gitobj.ModeFile, Name: "docs", ID: "abc"}})
	if err == nil || !strings.Contains(err.Error(), `"docs"`) || !strings.Contains(err.Error(), `"abc"`) {
		t.Errorf("error = %v", err)
	}
}

func TestDecodeTreeBroken(t *testing.T) {
	t.Parallel()
	id := strings.Repeat("\x11", 20)
	for name, data := range map[string]string{
		"no mode":      "100644",
		"no name":      "100644 \x00" + id,
		"no end":       "100644 a",
		"short ID":     "100644 a\x00" + id[1:],
		"second short": "100644 a\x00" + id + "100644 b\x00",
		"bad mode":     "10064x a\x00" + id,
		"unknown type": "10644 a\x00" + id,
	} {
		if entries, err := gitobj.DecodeTree([]byte(data)); err == nil {
			t.Errorf("%s: no error but %v", name, entries)
		} else if !strings.HasPrefix(err.Error(), "tree object: ") {
			t.Errorf("%s: error %q", name, err)
		}
	}
}

func FuzzDecodeTree(f *testing.F) {
	data, err := gitobj.EncodeTree(oddTree)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte{})
	f.Add([]byte("100664 a\x00" + strings.Repeat("\x11", 20)))
	f.Add([]byte("040000 padded\x00" + strings.Repeat("\x11", 20)))
	f.Add([]byte("100644 b\x00" + strings.Repeat("\x11", 20) + "100644 a\x00" + strings.Repeat("\x11", 20)))
	f.Fuzz(func(t *testing.T, data []byte) {
		entries, err := gitobj.DecodeTree(data)
		if err != nil {
			return
		}
		for _, e := range entries {
			if e.Name == "" || !gitobj.IsID(e.ID) || e.Mode.Canonical() == 0 {
				t.Errorf("entry %+v", e)
			}
		}
		encoded, err := gitobj.EncodeTree(entries)
		if err != nil {
			t.Fatal(err)
		}
		// Git reads trees whose modes are padded with zeros, or whose entries
		// are out of order. All others are encoded as they were.
		padding := 0
		for rest, i := data, 0; i < len(entries); i++ {
			padding += len(rest) - len(bytes.TrimLeft(rest, "0"))
			rest = rest[bytes.IndexByte(rest, 0)+1+gitobj.IDLength/2:]
		}
		if want := len(data) - padding; len(encoded) != want {
			t.Errorf("encoded tree has %d bytes, want %d", len(encoded), want)
		}
		if padding == 0 && slices.IsSortedFunc(entries, gitobj.Compare) && !bytes.Equal(encoded, data) {
			t.Errorf("encoded tree %q, want %q", encoded, data)
		}
		again, err := gitobj.DecodeTree(encoded)
		if err != nil {
			t.Fatal(err)
		}
		slices.SortStableFunc(entries, gitobj.Compare)
		if diff := cmp.Diff(entries, again); diff != "" {
			t.Errorf("mismatch after a round trip (-want +got):\n%s", diff)
		}
	})
}
