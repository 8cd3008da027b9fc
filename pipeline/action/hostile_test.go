package action_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/codesuite-go/codesuite/pipeline/action"
)

const link = fs.ModeSymlink | 0o777

func TestHostileEntries(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		entries []entry
		want    string // "" if it is accepted
		only    string // a format, if not both
		kept    bool   // accepted without Limits.InsideLinks
	}{
		{name: "plain", entries: []entry{{name: "a/b", mode: 0o644}}},
		{name: "dot slash", entries: []entry{{name: "./", mode: fs.ModeDir | 0o755}, {name: "./a/", mode: fs.ModeDir | 0o755}, {name: "./a/b", mode: 0o644}}},
		{name: "folder twice", entries: []entry{{name: "a/", mode: fs.ModeDir | 0o755}, {name: "a/b", mode: 0o644}, {name: "a/", mode: fs.ModeDir | 0o755}}},
		{name: "folder late", entries: []entry{{name: "a/b", mode: 0o644}, {name: "a/", mode: fs.ModeDir | 0o755}}},

		{name: "absolute", entries: []entry{{name: "/etc/passwd", mode: 0o644}}, want: "absolute"},
		{name: "parent", entries: []entry{{name: "../a", mode: 0o644}}, want: "leads out"},
		{name: "parent inside", entries: []entry{{name: "a/../../b", mode: 0o644}}, want: "leads out"},
		{name: "backslash", entries: []entry{{name: `..\a`, mode: 0o644}}, want: "backslash"},
		{name: "drive", entries: []entry{{name: "C:a", mode: 0o644}}, want: "absolute"},
		{name: "not UTF-8", entries: []entry{{name: "a\xff", mode: 0o644}}, want: "not UTF-8"},
		{name: "long", entries: []entry{{name: strings.Repeat("a/", 3000) + "b", mode: 0o644}}, want: "4096 bytes"},
		{name: "root file", entries: []entry{{name: ".", content: "x", mode: 0o644}}, want: "root"},

		{name: "twice", entries: []entry{{name: "a", mode: 0o644}, {name: "a", mode: 0o644}}, want: "twice", only: "zip"},
		{name: "twice, spelt otherwise", entries: []entry{{name: "a", mode: 0o644}, {name: "./a", mode: 0o644}}, want: "twice", only: "zip"},
		{name: "link twice", entries: []entry{{name: "a", content: "b", mode: link}, {name: "a", content: "c", mode: link}}, want: "twice"},
		{name: "file and link", entries: []entry{{name: "a", mode: 0o644}, {name: "a", content: "b", mode: link}}, want: "twice"},
		{name: "link and file", entries: []entry{{name: "a", content: "b", mode: link}, {name: "a", mode: 0o644}}, want: "twice"},
		{name: "file, then folder", entries: []entry{{name: "a", mode: 0o644}, {name: "a/b", mode: 0o644}}, want: "both a folder and a file"},
		{name: "folder, then file", entries: []entry{{name: "a/b", mode: 0o644}, {name: "a", mode: 0o644}}, want: "both a folder and a file"},
		{name: "below a link", entries: []entry{{name: "a", content: ".", mode: link}, {name: "a/b", mode: 0o644}}, want: "both a folder and a link"},

		{name: "link inside", entries: []entry{{name: "a/b", content: "../c", mode: link}, {name: "c", mode: 0o644}}},
		{name: "link to the root", entries: []entry{{name: "a/b", content: "..", mode: link}}},
		{name: "absolute link", entries: []entry{{name: "a", content: "/etc/passwd", mode: link}}, kept: true, want: "leads out"},
		{name: "link to the parent", entries: []entry{{name: "a", content: "..", mode: link}}, kept: true, want: "leads out"},
		{name: "link out", entries: []entry{{name: "a/b", content: "../../c", mode: link}}, kept: true, want: "leads out"},
		{name: "link out and in again", entries: []entry{{name: "a/b", content: "../../a/b", mode: link}}, kept: true, want: "leads out"},
		{name: "out by another link", entries: []entry{
			{name: "a/b/c/d", mode: 0o644}, {name: "deep", content: "a/b/c", mode: link}, {name: "x", content: "deep/../../../..", mode: link},
		}, kept: true, want: "leads out"},
		{name: "up by another link", entries: []entry{
			{name: "up", content: ".", mode: link}, {name: "a/x", content: "../up/..", mode: link},
		}, kept: true, want: "leads out"},
		{name: "out, if what is missing were there", entries: []entry{{name: "a", content: "missing/../..", mode: link}}, kept: true, want: "may lead out"},
		{name: "up from what is missing", entries: []entry{
			{name: "d/e/a", content: "../..", mode: link}, {name: "d/e/x", content: "A/..", mode: link}, // A is a on macOS
		}, kept: true, want: "may lead out"},
		{name: "up from a file", entries: []entry{{name: "a", mode: 0o644}, {name: "b", content: "a/..", mode: link}}, kept: true, want: "may lead out"},
		{name: "out by a long chain", entries: append(chain(7, "d/../"), entry{name: "x", content: "L0/..", mode: link}), kept: true, want: "may lead out"},
		{name: "out by many links", entries: append(chain(50, ""), entry{name: "x", content: "L0/..", mode: link}), kept: true, want: "may lead out"},
		{name: "circle", entries: []entry{{name: "a/b", content: "c", mode: link}, {name: "a/c", content: "b", mode: link}, {name: "d", content: "d", mode: link}}},
		{name: "nowhere", entries: []entry{{name: "a/b", content: "../c/d", mode: link}}},
		{name: "folder and link, but for case", entries: []entry{
			{name: "D", content: ".", mode: link}, {name: "d/a", mode: 0o644}, {name: "x", content: "d/..", mode: link},
		}, want: "the same on systems that ignore case"},
		{name: "link and link, but for case", entries: []entry{{name: "ß/ä", content: "a", mode: link}, {name: "ß/Ä", content: "a", mode: link}}, want: "the same on systems that ignore case"},
		{name: "folder and link, but for normalisation", entries: []entry{
			{name: "\u00e4", content: ".", mode: link}, {name: "a\u0308/b", mode: 0o644},
		}, want: "the same on systems that ignore case"},
		{name: "folder and link, but for full case folding", entries: []entry{
			{name: "stra\u00dfe", content: ".", mode: link}, {name: "STRASSE/b", mode: 0o644},
		}, want: "the same on systems that ignore case"},
		{name: "folder and link, but for an ignored rune", entries: []entry{
			{name: "a\u200cb", content: ".", mode: link}, {name: "ab/c", mode: 0o644},
		}, want: "the same on systems that ignore case"},
		{name: "folder and link, but for a dot at the end", entries: []entry{
			{name: "a.", content: ".", mode: link}, {name: "a/b", mode: 0o644},
		}, want: "the same on systems that ignore case"},
		{name: "files, but for case", entries: []entry{{name: "A", mode: 0o644}, {name: "a", mode: 0o644}, {name: "b", content: "a", mode: link}}},
		{name: "inside by another link", entries: []entry{
			{name: "a/b/c/d", mode: 0o644}, {name: "deep", content: "a/b/c", mode: link}, {name: "x", content: "deep/../../..", mode: link},
		}},
		{name: "drive link", entries: []entry{{name: "a", content: "c:/windows", mode: link}}, kept: true, want: "leads out"},
		{name: "backslash link", entries: []entry{{name: "a", content: `..\b`, mode: link}}, kept: true, want: "leads out"},
		{name: "empty link", entries: []entry{{name: "a", content: "", mode: link}}, want: "no target", only: "zip"},
		{name: "long link", entries: []entry{{name: "a", content: strings.Repeat("x", 5000), mode: link}}, want: "4096 bytes"},

		{name: "device", entries: []entry{{name: "a", mode: fs.ModeDevice | fs.ModeCharDevice | 0o644}}, want: "neither a file"},
		{name: "pipe", entries: []entry{{name: "a", mode: fs.ModeNamedPipe | 0o644}}, want: "neither a file"},

		{name: "hard link", entries: []entry{{name: "a", content: "x", mode: 0o644}, {name: "b", hard: "./a"}}, only: "tar"},
		{name: "hard link to nothing", entries: []entry{{name: "b", hard: "a"}}, want: "hard link", only: "tar"},
		{name: "hard link to a link", entries: []entry{{name: "a", content: "c", mode: link}, {name: "b", hard: "a"}}, only: "tar"},
		{name: "hard link to a link that leads out", entries: []entry{{name: "d/a", content: "../c", mode: link}, {name: "b", hard: "d/a"}},
			kept: true, want: "leads out", only: "tar"},
		{name: "hard link to a folder", entries: []entry{{name: "a/", mode: fs.ModeDir | 0o755}, {name: "b", hard: "a"}}, want: "hard link", only: "tar"},
		{name: "hard link out", entries: []entry{{name: "b", hard: "../a"}}, want: "leads out", only: "tar"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for format, archive := range map[string]func(testing.TB, ...entry) []byte{"zip": zipOf, "tar": tarOf} {
				if tt.only != "" && tt.only != format {
					continue
				}
				checkInput(t, format, archive(t, tt.entries...), action.Limits{InsideLinks: true}, tt.want)
				want := tt.want
				if tt.kept {
					want = ""
				}
				checkInput(t, format, archive(t, tt.entries...), action.Limits{}, want)
			}
		})
	}
}

// chain returns links of which each leads to the next one, and the last one to
// the root. Their targets start with as many copies of pad as there is room.
func chain(links int, pad string) []entry {
	entries := []entry{{name: "d/f", mode: 0o644}}
	if pad != "" {
		pad = strings.Repeat(pad, 4000/len(pad))
	}
	for i := range links {
		entries = append(entries, entry{name: fmt.Sprint("L", i), content: pad + fmt.Sprint("L", i+1), mode: link})
	}
	return append(entries, entry{name: fmt.Sprint("L", links), content: ".", mode: link})
}

// checkInput expects the archive to be refused, with the text in the error, or
// to be accepted if there is none.
func checkInput(t *testing.T, name string, archive []byte, limits action.Limits, want string) {
	t.Helper()
	s := newS3(t)
	s.Put(bucket, sourceKey, archive)
	dir := t.TempDir()
	job := newJob(t, s, details(), func(o *action.JobOptions) { o.Limits, o.TempDir = limits, dir })
	fsys, err := job.Input(t.Context(), "Source")
	if want == "" {
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		look(t, fsys)
		return
	}
	var refused *action.ArchiveError
	if !errors.As(err, &refused) || refused.Artifact != "Source" {
		t.Errorf("%s: error %v, want an ArchiveError of the artifact", name, err)
		return
	}
	if !strings.Contains(err.Error(), want) {
		t.Errorf("%s: the error does not tell %q: %v", name, want, err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("%s: temporary files are left: %v, %v", name, left, err)
	}
}

func TestDamagedArchives(t *testing.T) {
	t.Parallel()
	zipped, tarred := zipOf(t, tree...), tarOf(t, tree...)
	gzipped := gzipOf(t, tarred)
	encrypted := bytes.Clone(zipped)
	encrypted[bytes.Index(encrypted, []byte("PK\x01\x02"))+8] |= 1
	method := bytes.Clone(zipped)
	method[bytes.Index(method, []byte("PK\x01\x02"))+10] = 12
	for _, tt := range []struct {
		name    string
		archive []byte
		want    string
	}{
		{"empty", nil, "0 bytes"},
		{"text", []byte("hello, world\n"), "neither a zip nor"},
		{"long text", bytes.Repeat([]byte("hello, world\n"), 100), "neither a zip nor"},
		{"xz", []byte("\xfd7zXZ\x00 and more"), "xz"},
		{"zip, truncated", zipped[:len(zipped)-30], "truncated"},
		{"zip, cut in half", zipped[:len(zipped)/2], "truncated"},
		{"zip, encrypted", encrypted, "encrypted"},
		{"zip, unknown method", method, "method 12"},
		{"zip behind text", append([]byte("exec unzip\n"), zipped...), "neither a zip nor"},
		{"script", []byte("#!/bin/sh\nexec unzip\n"), "neither a zip nor"},
		{"tar without its end", tarred[:len(tarred)-1024], "truncated"},
		{"tar, cut in a file", tarred[:512+4], "truncated"},
		{"tar and another", append(bytes.Clone(tarred), tarred...), "more follows"},
		{"tar.gz and another", append(bytes.Clone(gzipped), gzipped...), "more follows"},
		{"zeros and text", append(make([]byte, 64<<10), "text"...), "more follows"},
		{"tar.gz, truncated", gzipped[:len(gzipped)-4], "truncated"},
		{"tar.gz, damaged", append(bytes.Clone(gzipped[:len(gzipped)-8]), 1, 2, 3, 4, 5, 6, 7, 8), "damaged"},
		{"tar.gz, more behind it", append(bytes.Clone(gzipped), "and more behind it"...), "more follows the end of the gzip data"},
		{"tar.gz, zeros and more behind it", append(bytes.Clone(gzipped), "\x00\x00\x00and more"...), "more follows the end of the gzip data"},
		{"tar.gz, half a gzip header behind it", append(bytes.Clone(gzipped), "\x1f\x8c, and so on, over ten bytes"...), "more follows the end of the gzip data"},
		{"text, compressed", gzipOf(t, []byte("hello, world\n")), "no tar archive"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			checkInput(t, tt.name, tt.archive, action.Limits{}, tt.want)
		})
	}
}

// Not all that is unusual is damaged.
func TestUnusualArchives(t *testing.T) {
	t.Parallel()
	tarred := tarOf(t, tree...)
	for name, archive := range map[string][]byte{
		"zip without entries":       zipOf(t),
		"tar without entries":       tarOf(t),
		"tar with padding":          append(bytes.Clone(tarred), make([]byte, 100_000)...),
		"tar.gz of several members": append(gzipOf(t, tarred[:700]), gzipOf(t, tarred[700:])...),
		"tar.gz with zeros behind":  append(bytes.Clone(gzipOf(t, tarred)), make([]byte, 100_000)...),
		"tar.gz with empty members": append(gzipOf(t, nil), append(gzipOf(t, tarred), gzipOf(t, nil)...)...),
	} {
		checkInput(t, name, archive, action.Limits{}, "")
	}
}

// The content of a file in a zip archive is checked when it is read.
func TestZipThatLies(t *testing.T) {
	t.Parallel()
	content := strings.Repeat("x", 100_000)
	for _, tt := range []struct {
		name string
		size uint64
		crc  uint32
		want string
	}{
		{"more than it says", 10, 0, "more content"},
		{"less than it says", 200_000, 0, "truncated"},
		{"another checksum", 100_000, 1, "damaged"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var deflated bytes.Buffer
			source, err := zip.NewReader(bytes.NewReader(zipOf(t, entry{name: "a", content: content, mode: 0o644})), int64(len(zipOf(t, entry{name: "a", content: content, mode: 0o644}))))
			if err != nil {
				t.Fatal(err)
			}
			raw, err := source.File[0].OpenRaw()
			if err != nil {
				t.Fatal(err)
			}
			data, err := io.ReadAll(raw)
			if err != nil {
				t.Fatal(err)
			}
			zw := zip.NewWriter(&deflated)
			w, err := zw.CreateRaw(&zip.FileHeader{
				Name: "a", Method: zip.Deflate, CRC32: tt.crc, UncompressedSize64: tt.size, CompressedSize64: uint64(len(data)),
			})
			if err != nil {
				t.Fatal(err)
			}
			w.Write(data)
			if err := zw.Close(); err != nil {
				t.Fatal(err)
			}
			s := newS3(t)
			s.Put(bucket, sourceKey, deflated.Bytes())
			fsys, err := newJob(t, s, details()).Input(t.Context(), "Source")
			if err != nil {
				t.Fatal(err)
			}
			_, err = fs.ReadFile(fsys, "a")
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one that tells %q", err, tt.want)
			}
		})
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	small := []entry{{name: "a/b/c", content: strings.Repeat("x", 1000), mode: 0o644}, {name: "a/d", content: strings.Repeat("y", 1000), mode: 0o644}}
	many := make([]entry, 3000)
	for i := range many {
		many[i] = entry{name: strings.Repeat("x", i%60+1) + "/" + strings.Repeat("y", i/60+1), mode: 0o644}
	}
	for _, tt := range []struct {
		name    string
		entries []entry
		limits  action.Limits
		want    string
	}{
		{"in all of them", small, action.Limits{Download: 1 << 20, Unpacked: 1 << 20, File: 1000, Entries: 4, Depth: 2, Names: 12, Ratio: 1}, ""},
		{"file", small, action.Limits{File: 999}, "Limits.File"},
		{"unpacked", small, action.Limits{Unpacked: 1999}, "Limits.Unpacked"},
		{"entries", small, action.Limits{Entries: 3}, "Limits.Entries"},
		{"download", small, action.Limits{Download: 100}, "Limits.Download"},
		{"many", many, action.Limits{Entries: 2000}, "Limits.Entries"},
		{"no limits", many, action.Limits{Download: -1, Unpacked: -1, File: -1, Entries: -1, Depth: -1, Names: -1, Ratio: -1}, ""},
		{"depth", small, action.Limits{Depth: 1}, "Limits.Depth"},
		{"names", small, action.Limits{Names: 11}, "Limits.Names"},
		{"deep", []entry{{name: strings.Repeat("a/", 256) + "b", mode: 0o644}}, action.Limits{}, "Limits.Depth"},
		{"not too deep", []entry{{name: strings.Repeat("a/", 255) + "b", mode: 0o644}}, action.Limits{}, ""},
		{"targets", []entry{{name: "a", content: strings.Repeat("x", 100), mode: link}}, action.Limits{Names: 100}, "Limits.Names"},
		{"targets are unpacked", []entry{{name: "a", content: strings.Repeat("x", 100), mode: link}}, action.Limits{Unpacked: 99}, "Limits.Unpacked"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if tt.want == "Limits.Download" {
				s := newS3(t)
				s.Put(bucket, sourceKey, zipOf(t, tt.entries...))
				_, err := newJob(t, s, details(), func(o *action.JobOptions) { o.Limits = tt.limits }).Input(t.Context(), "Source")
				if err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("error %v", err)
				}
				return
			}
			checkInput(t, "zip", zipOf(t, tt.entries...), tt.limits, tt.want)
			checkInput(t, "tar.gz", gzipOf(t, tarOf(t, tt.entries...)), tt.limits, tt.want)
		})
	}
}

func TestBombs(t *testing.T) {
	t.Parallel()
	bomb := entry{name: "zeros", content: strings.Repeat("\x00", 65<<20), mode: 0o644}
	for format, archive := range map[string][]byte{"zip": zipOf(t, bomb), "tar.gz": gzipOf(t, tarOf(t, bomb))} {
		checkInput(t, format, archive, action.Limits{Ratio: 200}, "Limits.Ratio")
		for _, ratio := range []int{0, -1} { // no content of deflate is a bomb by default
			s := newS3(t)
			s.Put(bucket, sourceKey, archive)
			if _, err := newJob(t, s, details(), func(o *action.JobOptions) { o.Limits.Ratio = ratio }).Input(t.Context(), "Source"); err != nil {
				t.Errorf("%s that is wanted: %v", format, err)
			}
		}
	}
}

// Hard links are counted as what they unpack to.
func TestHardLinkBomb(t *testing.T) {
	t.Parallel()
	entries := []entry{{name: "a", content: strings.Repeat("x", 1<<20), mode: 0o644}}
	for i := range 300 {
		entries = append(entries, entry{name: strconv.Itoa(i), hard: "a"})
	}
	checkInput(t, "tar", tarOf(t, entries...), action.Limits{Ratio: 200}, "Limits.Ratio")
	checkInput(t, "tar.gz", gzipOf(t, tarOf(t, entries...)), action.Limits{}, "Limits.Ratio")
	checkInput(t, "tar that is wanted", tarOf(t, entries...), action.Limits{Ratio: -1}, "")
}

// A directory that is far too large is not taken into memory first.
func TestLargeDirectory(t *testing.T) {
	t.Parallel()
	folders := make([]entry, 40_000)
	for i := range folders {
		folders[i] = entry{name: strconv.Itoa(i) + "/", mode: fs.ModeDir | 0o755}
	}
	archive := zipOf(t, folders...)
	checkInput(t, "zip", archive, action.Limits{Entries: 100}, "it has over the limit of 100 files")
	checkInput(t, "zip", archive, action.Limits{Entries: 40_000}, "")
	checkInput(t, "zip with short entries", zipOf(t, folders[:30_000]...), action.Limits{Entries: 1000}, "it has over the limit of 1000 files")
}

// Files with holes are refused, not read wrongly.
func TestSparseTar(t *testing.T) {
	t.Parallel()
	var buf bytes.Buffer
	tw := tar.NewWriter(&buf)
	if err := tw.WriteHeader(&tar.Header{Name: "a", Typeflag: tar.TypeReg, Mode: 0o644, Format: tar.FormatPAX,
		PAXRecords: map[string]string{"CODESUITE.placehold": "000"}}); err != nil {
		t.Fatal(err)
	}
	tw.Close()
	// What archive/tar does not write, of the same length.
	archive := bytes.Replace(buf.Bytes(), []byte("CODESUITE.placehold=000"), []byte("GNU.sparse.realsize=100"), 1)
	checkInput(t, "tar", archive, action.Limits{}, "sparse")
}
