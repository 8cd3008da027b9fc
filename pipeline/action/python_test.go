package action_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// pythonZips prints for each archive of a folder the checksums of its files by
// name, or null if zipfile does not read them all.
const pythonZips = `
import json, os, sys, zipfile, zlib
found = {}
for name in os.listdir(sys.argv[1]):
    try:
        with zipfile.ZipFile(os.path.join(sys.argv[1], name)) as z:
            found[name] = {i.filename: zlib.crc32(z.read(i)) for i in z.infolist() if not i.is_dir()}
    except Exception:
        found[name] = None
print(json.dumps(found))
`

// Of damaged zips that both this package and Python's zipfile read, both read
// the same: nobody can show one content to a check and another to a build.
func TestMutatedZipsAgainstPython(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(14, 3))
	whole := assemble(nil, storedPart("a", "alpha"), storedPart("d/e", strings.Repeat("x", 100)), linkPart("l", "a"),
		deflatedPart("z", 1000, crc32.ChecksumIEEE(make([]byte, 1000)), deflated(string(make([]byte, 1000)))))
	dir := t.TempDir()
	archives := make(map[string][]byte)
	for i := range 600 {
		data := bytes.Clone(whole)
		switch i % 4 {
		case 0, 1: // bits
			for range 1 + r.IntN(3) {
				data[r.IntN(len(data))] ^= byte(1 << r.IntN(8))
			}
		case 2: // a field from elsewhere
			from, to := r.IntN(len(data)-8), r.IntN(len(data)-8)
			copy(data[to:to+1+r.IntN(8)], whole[from:])
		default: // a part twice, or none
			from := r.IntN(len(data))
			to := from + r.IntN(len(data)-from)
			at := r.IntN(len(data))
			data = append(append(bytes.Clone(data[:at]), whole[from:to]...), data[at:]...)
		}
		name := fmt.Sprint(i)
		archives[name] = data
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var python map[string]map[string]uint32
	if err := json.Unmarshal(run(t, dir, "python3", "-c", pythonZips, dir), &python); err != nil {
		t.Fatal(err)
	}
	s := newS3(t)
	both := 0
	for name, data := range archives {
		want := python[name]
		s.Put(bucket, sourceKey, data)
		job := newJob(t, s, details())
		fsys, err := job.Input(t.Context(), "Source")
		if err != nil || want == nil {
			job.Close()
			continue
		}
		got, err := checksums(fsys)
		if err == nil {
			both++
			for file, sum := range got {
				if sum != want[file] || len(got) != len(want) {
					t.Errorf("archive %s: Python reads %v, Input %v", name, want, got)
					break
				}
			}
		}
		job.Close()
	}
	t.Logf("both read %d of %d", both, len(archives))
	if both < 20 {
		t.Errorf("both read %d archives: the test says little", both)
	}
}

// checksums returns those of all files, and of the targets of links.
func checksums(fsys fs.FS) (map[string]uint32, error) {
	sums := make(map[string]uint32)
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		var content []byte
		if d.Type() == fs.ModeSymlink {
			var target string
			target, err = fs.ReadLink(fsys, name)
			content = []byte(target)
		} else {
			content, err = fs.ReadFile(fsys, name)
		}
		sums[name] = crc32.ChecksumIEEE(content)
		return err
	})
	return sums, err
}
