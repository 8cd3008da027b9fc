package archive

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/codesuite-go/codesuite/codecommit"
	"github.com/codesuite-go/codesuite/internal/gitobj"
)

// FuzzBase opens what may be an archive as a base. What opens must hold the
// content that its IDs say.
func FuzzBase(f *testing.F) {
	var ours bytes.Buffer
	z, err := newZipFormat(&ours, stamp{commitID: strings.Repeat("12", 20), time: time.Unix(1700000000, 0), level: defaultLevel})
	if err != nil {
		f.Fatal(err)
	}
	for _, m := range []*member{
		{name: "folder/", mode: codecommit.ModeFolder},
		{name: "folder/file", mode: codecommit.ModeFile, extra: []byte(strings.Repeat("content\n", 100))},
		{name: "empty", mode: codecommit.ModeExecutable},
		{name: "link", mode: codecommit.ModeSymlink, extra: []byte("folder")},
	} {
		r, err := z.encode(m, m.extra)
		if err != nil {
			f.Fatal(err)
		}
		if err := z.add(m, r); err != nil {
			f.Fatal(err)
		}
	}
	if err := z.close(); err != nil {
		f.Fatal(err)
	}
	f.Add(ours.Bytes(), "")
	f.Add(ours.Bytes(), "folder/")
	f.Add(ours.Bytes()[:ours.Len()-1], "p")

	f.Fuzz(func(t *testing.T, data []byte, prefix string) {
		r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		b, err := openBase(r, prefix, defaultLevel)
		if err != nil {
			return
		}
		if !gitobj.IsID(b.commit) {
			t.Errorf("the commit of the base is %q", b.commit)
		}
		for id, file := range b.files {
			rc, err := file.Open()
			if err != nil {
				t.Fatal(err)
			}
			content, err := io.ReadAll(rc)
			if err != nil {
				t.Fatal(err)
			}
			if got := gitobj.BlobID(content); got != id {
				t.Errorf("%q has the ID %s, the base says %s", file.Name, got, id)
			}
		}
		// Names may be anything; a tree of them is an error or has an ID.
		if tree, err := newTree(b.leaves); err == nil && !gitobj.IsID(tree.id) {
			t.Errorf("the tree of the base has the ID %q", tree.id)
		}
	})
}
