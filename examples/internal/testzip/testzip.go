// Package testzip makes and reads the artifacts of the examples' tests with
// archive/zip.
package testzip

import (
	"archive/zip"
	"bytes"
	"io"
	"io/fs"
	"testing"
)

// Entry is a member of an archive. The name of a folder ends in "/".
type Entry struct {
	Name string
	Mode fs.FileMode
	Body string // the target of a link
}

// Make returns an archive with the entries as they are.
func Make(t testing.TB, entries ...Entry) []byte {
	t.Helper()
	var b bytes.Buffer
	zw := zip.NewWriter(&b)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.Name, Method: zip.Deflate}
		if e.Mode.IsDir() {
			h.Method = zip.Store
		}
		h.SetMode(e.Mode)
		w, err := zw.CreateHeader(h)
		if err == nil {
			_, err = io.WriteString(w, e.Body)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Read returns the entries of an archive.
func Read(t testing.TB, data []byte) []Entry {
	t.Helper()
	zr, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var entries []Entry
	for _, f := range zr.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, Entry{f.Name, f.Mode(), string(body)})
	}
	return entries
}
