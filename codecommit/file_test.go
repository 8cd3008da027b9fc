package codecommit_test

import (
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
)

func checkPathError(t *testing.T, err error, op, name string, target error) {
	t.Helper()
	pathErr, ok := err.(*fs.PathError)
	if !ok || pathErr.Op != op || pathErr.Path != name || !errors.Is(err, target) {
		t.Errorf("error %v (%T), want a PathError of %s %s that is %v", err, err, op, name, target)
	}
}

func TestFSFile(t *testing.T) {
	t.Parallel()
	s := codecommittest.NewServer(t, codecommittest.FS("staging", fstest.MapFS{
		"file": {Data: []byte("0123456789")}, "dir/a": {}, "dir/b": {}, "dir/c": {},
	}))
	fsys := newFS(t, open(s, "staging"), "main")

	f, err := fsys.Open("file")
	if err != nil {
		t.Fatal(err)
	}
	seeker := f.(io.Seeker)
	at := f.(io.ReaderAt)
	if n, err := seeker.Seek(-3, io.SeekEnd); n != 7 || err != nil {
		t.Errorf("Seek = %d, %v", n, err)
	}
	if got, err := io.ReadAll(f); string(got) != "789" || err != nil {
		t.Errorf("ReadAll = %q, %v", got, err)
	}
	_, err = seeker.Seek(-1, io.SeekStart)
	checkPathError(t, err, "seek", "file", fs.ErrInvalid)
	_, err = at.ReadAt(make([]byte, 1), -1)
	checkPathError(t, err, "read", "file", fs.ErrInvalid)
	if n, err := at.ReadAt(make([]byte, 5), 8); n != 2 || err != io.EOF {
		t.Errorf("ReadAt at the end = %d, %v, want 2, EOF", n, err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	_, err = f.Read(make([]byte, 1))
	checkPathError(t, err, "read", "file", fs.ErrClosed)
	_, err = at.ReadAt(make([]byte, 1), 0)
	checkPathError(t, err, "read", "file", fs.ErrClosed)
	_, err = seeker.Seek(0, io.SeekStart)
	checkPathError(t, err, "seek", "file", fs.ErrClosed)
	_, err = f.Stat()
	checkPathError(t, err, "stat", "file", fs.ErrClosed)
	checkPathError(t, f.Close(), "close", "file", fs.ErrClosed)

	d, err := fsys.Open("dir")
	if err != nil {
		t.Fatal(err)
	}
	_, err = d.Read(make([]byte, 1))
	checkPathError(t, err, "read", "dir", fs.ErrInvalid)
	list, err := d.(fs.ReadDirFile).ReadDir(2)
	if len(list) != 2 || err != nil {
		t.Errorf("ReadDir(2) = %v, %v", list, err)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	_, err = d.(fs.ReadDirFile).ReadDir(2)
	checkPathError(t, err, "readdir", "dir", fs.ErrClosed)
	_, err = d.Stat()
	checkPathError(t, err, "stat", "dir", fs.ErrClosed)
	checkPathError(t, d.Close(), "close", "dir", fs.ErrClosed)
}

func TestFSOverHTTP(t *testing.T) {
	t.Parallel()
	s := codecommittest.NewServer(t, codecommittest.FS("site", fstest.MapFS{
		"index.html":    {Data: []byte("<h1>Index</h1>")},
		"css/style.css": {Data: []byte("body { margin: 0 }")},
		"noindex/a.txt": {Data: []byte("a")},
	}))
	handler := http.FileServer(http.FS(newFS(t, open(s, "site"), "main")))
	get := func(path string, header ...string) *http.Response {
		req := httptest.NewRequest(http.MethodGet, path, nil)
		if len(header) > 0 {
			req.Header.Set(header[0], header[1])
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, req)
		return w.Result()
	}
	body := func(resp *http.Response) string {
		data, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Error(err)
		}
		return string(data)
	}
	if resp := get("/"); resp.StatusCode != http.StatusOK || body(resp) != "<h1>Index</h1>" {
		t.Errorf("GET /: %s", resp.Status)
	}
	resp := get("/css/style.css", "Range", "bytes=5-11")
	if got := body(resp); resp.StatusCode != http.StatusPartialContent || got != "{ margi" {
		t.Errorf("GET of a range: %s %q", resp.Status, got)
	}
	if resp := get("/css/style.css", "If-Modified-Since", resp.Header.Get("Last-Modified")); resp.StatusCode != http.StatusNotModified {
		t.Errorf("GET of what is known: %s", resp.Status)
	}
	for _, path := range []string{"/nope", "/css/style.css/x", "/nope/x"} {
		if resp := get(path); resp.StatusCode != http.StatusNotFound {
			t.Errorf("GET %s: %s", path, resp.Status)
		}
	}
	if resp := get("/noindex/"); !strings.Contains(body(resp), "a.txt") {
		t.Errorf("GET of a folder: %s", resp.Status)
	}
}
