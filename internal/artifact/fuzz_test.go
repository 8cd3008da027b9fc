package artifact

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"testing"
)

// FuzzOpenArchive opens what may be an archive. Whatever it is, nothing panics,
// no name and no link leads out, and no more comes of it than the limits allow.
func FuzzOpenArchive(f *testing.F) {
	for _, seed := range seeds(f) {
		f.Add(seed)
	}
	limits := Limits{Unpacked: 1 << 20, File: 1 << 18, Entries: 1000, InsideLinks: true}.WithDefaults()
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := Spool(dir)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := file.Write(data); err != nil {
			t.Fatal(err)
		}
		defer Unspool(file)
		fsys, unpacked, err := Open(t.Context(), file, int64(len(data)), limits, dir)
		if err != nil {
			return
		}
		if unpacked != nil {
			defer Unspool(unpacked)
		}
		entries, total := 0, int64(0)
		err = fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil {
				t.Errorf("walk: %v", err)
				return nil
			}
			entries++
			if !fs.ValidPath(name) {
				t.Errorf("name %q is not valid", name)
			}
			info, err := d.Info()
			if err != nil {
				t.Error(err)
				return nil
			}
			switch {
			case info.Mode()&^(fs.ModeDir|fs.ModeSymlink|fs.ModePerm) != 0:
				t.Errorf("%s has mode %v", name, info.Mode())
			case info.Mode()&fs.ModeSymlink != 0:
				target, err := fsys.ReadLink(name)
				if err != nil || path.IsAbs(target) || strings.HasPrefix(path.Join(strings.Repeat("x/", strings.Count(name, "/")), target), "../../") {
					t.Errorf("%s leads to %q, %v", name, target, err)
				}
				fsys.Stat(name)
			case info.Mode().IsRegular():
				file, err := fsys.Open(name)
				if err != nil {
					return nil // the header of the file is damaged
				}
				defer file.Close()
				n, err := io.Copy(io.Discard, file)
				total += n
				if n > info.Size() || err == nil && n != info.Size() {
					t.Errorf("%s has %d bytes, told %d (%v)", name, n, info.Size(), err)
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		if entries > limits.Entries+1 || total > limits.Unpacked {
			t.Errorf("%d entries, %d bytes", entries, total)
		}
	})
}

// FuzzLinks makes an archive of links and compares where they lead with what
// an operating system says.
func FuzzLinks(f *testing.F) {
	f.Add("a", "b", "b", "..", "c/d", "../a/x")
	f.Add("up", ".", "a/x", "../up/..", "b", "a/x")
	f.Add("deep", "a/b/c", "x", "deep/../../..", "a/b/c/d", "x")
	f.Fuzz(func(t *testing.T, name1, target1, name2, target2, name3, target3 string) {
		tr := newTree(Limits{InsideLinks: true}.WithDefaults())
		dir := t.TempDir()
		outside := path.Join(dir, "1", "2", "3")
		root := path.Join(outside, "root")
		if err := os.MkdirAll(root, 0o755); err != nil {
			t.Fatal(err)
		}
		for _, l := range [][2]string{{name1, target1}, {name2, target2}, {name3, target3}} {
			if len(l[0]) > 100 || len(l[1]) > 200 {
				return
			}
			if _, err := tr.add(l[0], node{mode: fs.ModeSymlink | 0o777, target: l[1]}); err != nil {
				return
			}
			name := path.Join(root, l[0])
			if os.MkdirAll(path.Dir(name), 0o755) != nil || os.Symlink(l[1], name) != nil {
				return
			}
		}
		if tr.finish(t.Context()) != nil {
			return
		}
		// The links stay inside: os.Root, which refuses those that do not,
		// finds what is there, and so does the file system of the archive.
		r, err := os.OpenRoot(root)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		fsys := &FS{root: tr.root}
		for _, name := range []string{name1, name2, name3} {
			clean := path.Clean(name)
			_, want := r.Stat(clean)
			_, got := fsys.Stat(clean)
			if want != nil && strings.Contains(want.Error(), "escapes") {
				t.Errorf("%q leads out: %v", name, want)
			}
			if want == nil && got != nil {
				t.Errorf("%q is there, but: %v", name, got)
			}
			if got == nil && want != nil {
				t.Errorf("%q is not there: %v", name, want)
			}
		}
	})
}

// seeds are archives of all formats.
func seeds(tb testing.TB) [][]byte {
	var zipped, tarred, gzipped bytes.Buffer
	zw, tw, gw := zip.NewWriter(&zipped), tar.NewWriter(&tarred), gzip.NewWriter(&gzipped)
	for _, e := range []struct {
		name, content string
		mode          fs.FileMode
	}{
		{"a/", "", fs.ModeDir | 0o755},
		{"a/b", strings.Repeat("content ", 100), 0o644},
		{"./c", "a/b", fs.ModeSymlink | 0o777},
		{"a/d", "../c", fs.ModeSymlink | 0o777},
		{"e", "", 0o755},
	} {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
		h.SetMode(e.mode)
		w, err := zw.CreateHeader(h)
		if err != nil {
			tb.Fatal(err)
		}
		io.WriteString(w, e.content)

		th := &tar.Header{Name: e.name, Mode: int64(e.mode.Perm()), Typeflag: tar.TypeReg, Size: int64(len(e.content))}
		switch {
		case e.mode.IsDir():
			th.Typeflag = tar.TypeDir
		case e.mode&fs.ModeSymlink != 0:
			th.Typeflag, th.Linkname, th.Size = tar.TypeSymlink, e.content, 0
		}
		if err := tw.WriteHeader(th); err != nil {
			tb.Fatal(err)
		}
		if th.Size > 0 {
			io.WriteString(tw, e.content)
		}
	}
	if err := tw.WriteHeader(&tar.Header{Name: "hard", Typeflag: tar.TypeLink, Linkname: "a/b"}); err != nil {
		tb.Fatal(err)
	}
	zw.Close()
	tw.Close()
	gw.Write(tarred.Bytes())
	gw.Close()
	return [][]byte{zipped.Bytes(), tarred.Bytes(), gzipped.Bytes(), []byte("PK\x05\x06"), make([]byte, 1024), {0x1f, 0x8b}, nil}
}
