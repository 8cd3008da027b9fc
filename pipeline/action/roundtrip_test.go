package action_test

import (
	"errors"
	"io/fs"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/pipeline/action"
)

// putAndRead puts the content, reads it with another job that has the same
// limits, and compares.
func putAndRead(t *testing.T, content fs.FS, limits action.Limits) (refused error) {
	t.Helper()
	s := newS3(t)
	set := func(o *action.JobOptions) { o.Limits = limits }
	if err := newJob(t, s, details(), set).PutOutput(t.Context(), "Built", content); err != nil {
		return err
	}
	d := details()
	d.Inputs[0].Key = builtKey
	fsys, err := newJob(t, s, d, set).Input(t.Context(), "Source")
	if err != nil {
		t.Errorf("what PutOutput took Input refuses: %v", err)
		return nil
	}
	want, got := look(t, content), look(t, fsys)
	for name, text := range want { // modes that fstest.MapFS and this package fill in
		if strings.HasPrefix(text, "d") {
			want[name], got[name] = "", strings.Trim(strings.TrimLeft(got[name], "drwx-"), " ")
		} else if mode, rest, _ := strings.Cut(text, " "); mode == "----------" {
			want[name] = "-rw-r--r-- " + rest
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("content (-want +got):\n%s", diff)
	}
	return nil
}

// What PutOutput takes, Input reads.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		content fstest.MapFS
		limits  action.Limits
		want    string // part of the error of PutOutput
	}{
		{name: "absolute link", content: fstest.MapFS{"bin/python3": {Data: []byte("/usr/bin/python3"), Mode: link}}},
		{name: "link to the outside", content: fstest.MapFS{"a/b": {Data: []byte("../../c"), Mode: link}}},
		{name: "link that goes up from nowhere", content: fstest.MapFS{"a": {Data: []byte("dir/../z"), Mode: link}}},
		{name: "link of Windows", content: fstest.MapFS{"a": {Data: []byte(`..\x`), Mode: link}, "b": {Data: []byte(`c:\x`), Mode: link}}},
		{name: "circle", content: fstest.MapFS{"a": {Data: []byte("b"), Mode: link}, "b": {Data: []byte("a"), Mode: link}}},
		{name: "zeros", content: fstest.MapFS{"disk.img": {Data: make([]byte, 70<<20), Mode: 0o644}}},
		{name: "deep", content: fstest.MapFS{strings.Repeat("a/", 255) + "b": {}}},
		{name: "empty", content: fstest.MapFS{}},

		{name: "absolute link, refused", content: fstest.MapFS{"a": {Data: []byte("/etc/passwd"), Mode: link}},
			limits: action.Limits{InsideLinks: true}, want: "leads out of the archive"},
		{name: "too deep", content: fstest.MapFS{strings.Repeat("a/", 256) + "b": {}}, want: "Limits.Depth"},
		{name: "too much", content: fstest.MapFS{"a": {Data: make([]byte, 100)}}, limits: action.Limits{Unpacked: 99}, want: "Limits.Unpacked"},
		{name: "too large", content: fstest.MapFS{"a": {Data: make([]byte, 100)}}, limits: action.Limits{File: 99}, want: "Limits.File"},
		{name: "too many", content: fstest.MapFS{"a": {}, "b": {}}, limits: action.Limits{Entries: 1}, want: "Limits.Entries"},
		{name: "large archive", content: noise(t, 1000), limits: action.Limits{Download: 1000}, want: "Limits.Download"},
		{name: "bomb", content: fstest.MapFS{"a": {Data: make([]byte, 65<<20)}}, limits: action.Limits{Ratio: 200}, want: "Limits.Ratio"},
		{name: "drive", content: fstest.MapFS{"c:notes.txt": {}}, want: "the letter of a drive"},
		{name: "link without a target", content: fstest.MapFS{"a": {Mode: link}}, want: "no target"},
		{name: "link that is not UTF-8", content: fstest.MapFS{"a": {Data: []byte("\xff"), Mode: link}}, want: "not UTF-8"},
		{name: "link and file, but for case", content: fstest.MapFS{"A": {Data: []byte("b"), Mode: link}, "a": {}}, want: "ignore case"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := putAndRead(t, tt.content, tt.limits)
			if tt.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			var refused *action.ArchiveError
			if !errors.As(err, &refused) || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), `output artifact "Built"`) {
				t.Errorf("error %v, want an ArchiveError of the output artifact that tells %q", err, tt.want)
			}
		})
	}
}

// The same for random content: names, links and sizes that people have, and
// that they have not.
func TestRoundTripRandom(t *testing.T) {
	t.Parallel()
	names := []string{"a", "A", "b", "ä", "a\u0308", "con", "x y", "a.", ".git", "...", "-", "d", "~", "\u200b", "😀", `b\c`, "c:", "c:d", "\xff", strings.Repeat("n", 250)}
	taken, limits := 0, action.Limits{Entries: 12, Depth: 3, Names: 2000, File: 5000, Unpacked: 20_000, Ratio: 50}
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		element := func() string { return names[r.IntN(len(names))] }
		content := make(fstest.MapFS)
		for range 1 + r.IntN(8) {
			name := element()
			for range r.IntN(4) {
				name += "/" + element()
			}
			file := &fstest.MapFile{Mode: fs.FileMode(r.IntN(0o1000))}
			switch r.IntN(4) {
			case 0:
				file.Mode = link
				file.Data = []byte(strings.Repeat("../", r.IntN(4)) + []string{"", "/"}[r.IntN(2)] + element())
			case 1:
				file.Data = make([]byte, r.IntN(6000))
			default:
				file.Data = []byte(name)
			}
			content[name] = file
		}
		for name := range content { // what is a file to one name and a folder to another
			for other := range content {
				if strings.HasPrefix(other, name+"/") {
					delete(content, other)
				}
			}
		}
		limits.InsideLinks = seed%2 == 0
		if putAndRead(t, content, limits) == nil {
			taken++
		}
		if t.Failed() {
			t.Fatalf("seed %d: %v", seed, content)
		}
	}
	if taken < 30 || taken > 270 {
		t.Errorf("%d of 300 were taken: the test says little", taken)
	}
}
