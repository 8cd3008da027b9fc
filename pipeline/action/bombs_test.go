package action_test

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/codesuite-go/codesuite/pipeline/action"
)

// bomb is an artifact that takes much more than it is.
type bomb struct {
	name   string
	write  func(*bombWriter)
	limits action.Limits
	want   string // part of the error, or the number of entries
	slow   bool   // to make or to read
}

// bombWriter writes an archive of very many entries. It fails with a panic,
// which ends the test.
type bombWriter struct {
	zip *zip.Writer
	tar *tar.Writer
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

const attrsFile, attrsFolder, attrsLink = 0o100644 << 16, 0o040755 << 16, 0o120777 << 16

// add writes an entry of a zip archive, with content that is compressed to data.
func (b *bombWriter) add(name string, attrs uint32, content, data string) {
	h := &zip.FileHeader{
		Name: name, CreatorVersion: creatorUnix << 8, ExternalAttrs: attrs, Method: zip.Store,
		CRC32: crc32.ChecksumIEEE([]byte(content)), UncompressedSize64: uint64(len(content)), CompressedSize64: uint64(len(content)),
	}
	if data != "" {
		h.Method, h.CompressedSize64 = zip.Deflate, uint64(len(data))
		content = data
	}
	w, err := b.zip.CreateRaw(h)
	must(err)
	_, err = io.WriteString(w, content)
	must(err)
}

func (b *bombWriter) addTar(h *tar.Header) {
	h.Mode, h.Format = 0o644, tar.FormatGNU
	must(b.tar.WriteHeader(h))
}

func deflated(content string) string {
	var buf bytes.Buffer
	w, err := flate.NewWriter(&buf, flate.BestSpeed)
	must(err)
	_, err = io.WriteString(w, content)
	must(err)
	must(w.Close())
	return buf.String()
}

func bombs() []bomb {
	long := strings.Repeat("t", 4000)
	return []bomb{
		{name: "200,000 links of 4 kB", want: "Limits.Names", write: func(b *bombWriter) {
			data := deflated(long)
			for i := range 200_000 {
				b.add(strconv.Itoa(i), attrsLink, long, data)
			}
		}},
		{name: "240 names of 2,000 folders", want: "Limits.Depth", write: func(b *bombWriter) {
			for i := range 240 {
				b.add(strconv.Itoa(i)+"/"+strings.Repeat("a/", 1999), attrsFolder, "", "")
			}
		}},
		{name: "1,900 names of 255 folders", want: "Limits.Names", write: func(b *bombWriter) {
			for i := range 1900 {
				b.add(strconv.Itoa(i)+"/"+strings.Repeat("a/", 254), attrsFolder, "", "")
			}
		}},
		{name: "13,000 names of 4 kB", want: "Limits.Names", write: func(b *bombWriter) {
			for i := range 13_000 {
				b.add(fmt.Sprintf("%06d%s", i, long), attrsFile, "", "")
			}
		}},
		{name: "as many entries and names as the limits allow", slow: true, want: "500001 entries", write: func(b *bombWriter) {
			for i := range 499_999 {
				b.add(fmt.Sprintf("d/%06d%s", i, long[:91]), attrsFile, "", "")
			}
		}},
		{name: "as many links as the limits allow", slow: true, want: "500001 entries", write: func(b *bombWriter) {
			for i := range 500_000 {
				b.add(fmt.Sprintf("%06d", i), attrsLink, long[:80], "")
			}
		}},
		{name: "as many folders as the limits allow", slow: true, want: "500001 entries", write: func(b *bombWriter) {
			for i := range 250_000 {
				b.add(fmt.Sprintf("%06d/%s/", i, long[:40]), attrsFolder, "", "")
			}
		}},
		{name: "600,000 entries", slow: true, want: "Limits.Entries", write: func(b *bombWriter) {
			for i := range 600_000 {
				b.add(strconv.Itoa(i), attrsFile, "", "")
			}
		}},
		{name: "400,000 links through one of 1,000 folders", slow: true, limits: action.Limits{InsideLinks: true}, want: "too many and too long", write: func(b *bombWriter) {
			b.add("a/f", attrsFile, "", "")
			b.add("l", attrsLink, strings.Repeat("a/../", 500)+"a", "")
			for i := range 400_000 {
				b.add(strconv.Itoa(i), attrsLink, "l/f", "")
			}
		}},
		{name: "names of 26 letters in both cases, and a link", slow: true, want: "300002 entries", write: func(b *bombWriter) {
			b.add("link", attrsLink, "x", "")
			for i := range 300_000 {
				b.add(fmt.Sprintf("%06d%s", i, "\u00c4\u00d6\u00dc\u1e9e\u0130\u0149\u01f0\u0390"), attrsFile, "", "")
			}
		}},
		{name: "link with a gigabyte behind 10 bytes", want: "more content", write: func(b *bombWriter) {
			b.add("a", attrsLink, long[:10], deflated(strings.Repeat("t", 64<<20)))
		}},
		{name: "extra fields and comments of 60 kB", want: "401 entries", write: func(b *bombWriter) {
			for i := range 400 {
				_, err := b.zip.CreateRaw(&zip.FileHeader{Name: strconv.Itoa(i), Extra: make([]byte, 60_000), Comment: strings.Repeat("c", 60_000)})
				must(err)
			}
		}},
		{name: "tar.gz with 12,600 links of 4 kB", want: "Limits.Names", write: func(b *bombWriter) {
			for i := range 12_600 {
				b.addTar(&tar.Header{Name: strconv.Itoa(i), Typeflag: tar.TypeSymlink, Linkname: long})
			}
		}},
		{name: "tar.gz with 200,000 hard links", slow: true, want: "200002 entries", write: func(b *bombWriter) {
			b.addTar(&tar.Header{Name: "a", Typeflag: tar.TypeReg, Size: 100})
			_, err := b.tar.Write(make([]byte, 100))
			must(err)
			for i := range 200_000 {
				b.addTar(&tar.Header{Name: strconv.Itoa(i), Typeflag: tar.TypeLink, Linkname: "a"})
			}
		}},
		{name: "tar.gz with hard links that unpack to terabytes", want: "Limits.Unpacked", write: func(b *bombWriter) {
			b.addTar(&tar.Header{Name: "a", Typeflag: tar.TypeReg, Size: 64 << 20})
			_, err := b.tar.Write(make([]byte, 64<<20))
			must(err)
			for i := range 2000 {
				b.addTar(&tar.Header{Name: strconv.Itoa(i), Typeflag: tar.TypeLink, Linkname: "a"})
			}
		}},
		{name: "tar.gz with 90,000 names in the 254th folder", slow: true, want: "90255 entries", write: func(b *bombWriter) {
			folders := strings.Repeat("a/", 254)
			for i := range 90_000 {
				b.addTar(&tar.Header{Name: fmt.Sprintf("%s%06d", folders, i), Typeflag: tar.TypeReg})
			}
		}},
		{name: "tar.gz with PAX headers of 900 kB", want: "61 entries", write: func(b *bombWriter) {
			for i := range 60 {
				must(b.tar.WriteHeader(&tar.Header{Name: strconv.Itoa(i), Typeflag: tar.TypeReg, Mode: 0o644,
					PAXRecords: map[string]string{"X.y": strings.Repeat("p", 900_000)}}))
			}
		}},
	}
}

// Each bomb keeps to the bounds in a process of its own: all that a job holds
// counts against a limit before it is held. CODESUITE_BOMBS=1 runs those, too,
// that take long, among them archives as large as the limits allow.
func TestBombsInMemory(t *testing.T) {
	t.Parallel()
	for _, b := range bombs() {
		t.Run(b.name, func(t *testing.T) {
			if b.slow && os.Getenv("CODESUITE_BOMBS") == "" {
				t.Skip("set CODESUITE_BOMBS")
			}
			path := filepath.Join(t.TempDir(), "bomb")
			file, err := os.Create(path)
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			buffered := bufio.NewWriterSize(file, 1<<20)
			if strings.HasPrefix(b.name, "tar.gz") {
				zw, err := gzip.NewWriterLevel(buffered, gzip.BestSpeed)
				must(err)
				w := &bombWriter{tar: tar.NewWriter(zw)}
				b.write(w)
				must(w.tar.Close())
				must(zw.Close())
			} else {
				w := &bombWriter{zip: zip.NewWriter(buffered)}
				b.write(w)
				must(w.zip.Close())
			}
			must(buffered.Flush())
			results, memory, cpu := openInChild(t, []hostileFile{{path, b.limits}})
			if len(results) != 1 || !strings.Contains(results[0], b.want) {
				t.Errorf("result %.400q, want %q", results, b.want)
			}
			if info, err := file.Stat(); err == nil {
				t.Logf("archive of %.1f MB", float64(info.Size())/1e6)
			}
			checkBounds(t, memory, cpu)
		})
	}
}
