package action_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"strings"
	"testing"
)

// hostile is an artifact of somebody who means no good. The corpus is made
// anew for each test, by the functions below.
type hostile struct {
	name string
	data []byte
	want string // part of the error, "" if the artifact is accepted; "any" if either is right
}

// smallCorpus are artifacts that try to be read as something else than they
// are, or to crash the reader.
func smallCorpus(t *testing.T) []hostile {
	var all []hostile
	add := func(name, want string, data []byte) { all = append(all, hostile{name, data, want}) }

	a, b := func() *zipPart { return storedPart("a", "alpha") }, func() *zipPart { return storedPart("b", "beta") }
	const differs = "its header has another "
	part := func(name, want string, change func(*zipPart)) {
		add("zip: "+name, want, assemble(nil, a().with(change), b()))
	}
	end := func(name, want string, change func(*zipEnd)) { add("zip: "+name, want, assemble(change, a(), b())) }

	add("zip: as it should be", "", assemble(nil, a(), b()))
	part("other local name", differs+"name", func(p *zipPart) { p.local.name = "x" })
	part("longer local name", differs+"name", func(p *zipPart) { p.local.name = "a/../../x" })
	part("other local name in case", differs+"name", func(p *zipPart) { p.local.name = "A" })
	part("other local method", differs+"compression method", func(p *zipPart) { p.local.method = 8 })
	part("other local checksum", differs+"checksum", func(p *zipPart) { p.local.crc++ })
	part("other local size", differs+"size", func(p *zipPart) { p.local.size++ })
	part("other local compressed size", differs+"size", func(p *zipPart) { p.local.compressed++ })
	part("local header encrypted", differs+"encryption", func(p *zipPart) { p.local.flags |= 1 })
	part("encrypted", "encrypted", func(p *zipPart) { p.local.flags |= 1; p.central.flags |= 1 })
	part("directory encrypted", "encrypted", func(p *zipPart) { p.central.flags |= 1 })
	part("no local header", "neither a zip", func(p *zipPart) { p.local.sig = "PKxx" })
	part("no signature in the directory", "its directory is damaged", func(p *zipPart) { p.central.sig = "PKxx" })
	part("offset behind the end", "its header is not in the archive", func(p *zipPart) { p.noOffset, p.central.offset = true, 1<<30 })
	part("offset in the directory", "its header is not in the archive", func(p *zipPart) { p.noOffset, p.central.offset = true, 80 })
	part("offset into content", "it is damaged", func(p *zipPart) { p.noOffset, p.central.offset = true, 31 })
	part("offset of zip64 that is missing", "its header is not in the archive", func(p *zipPart) { p.noOffset, p.central.offset = true, 0xffffffff })
	part("offset of zip64 below zero", "its directory is damaged", func(p *zipPart) {
		p.noOffset, p.central.offset, p.central.extra = true, 0xffffffff, "\x01\x00\x08\x00\xff\xff\xff\xff\xff\xff\xff\xff"
	})
	part("size of zip64 below zero", "its directory is damaged", func(p *zipPart) {
		p.central.size, p.central.extra = 0xffffffff, "\x01\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00\xf0"
	})
	part("size of zip64 that is too large", "Limits.File", func(p *zipPart) {
		p.central.method = 8
		p.central.size, p.central.extra = 0xffffffff, "\x01\x00\x08\x00\x00\x00\x00\x00\x00\x01\x00\x00"
	})
	part("content over the end", "its content is not in the archive", func(p *zipPart) {
		p.local.compressed, p.central.compressed, p.local.size, p.central.size = 1<<20, 1<<20, 1<<20, 1<<20
	})
	part("stored with another size", "it is damaged", func(p *zipPart) { p.local.size, p.central.size = 6, 6 })
	part("content shorter than it says", "any", func(p *zipPart) { p.local.crc, p.central.crc = 1, 1 })
	part("name over the directory", "its directory is damaged", func(p *zipPart) { p.central.lieAboutLen, p.central.nameLen = true, 60_000 })
	part("extra field over the directory", "its directory is damaged", func(p *zipPart) {
		p.central.lieAboutLen, p.central.nameLen, p.central.extraLen = true, 1, 60_000
	})
	part("local name over the content", "its content is not in the archive", func(p *zipPart) { p.local.lieAboutLen, p.local.nameLen = true, 60_000 })
	part("extra field that is not whole", "", func(p *zipPart) { p.central.extra = "UT\xff\xff" })
	part("empty name", "an entry has no name", func(p *zipPart) { p.local.name, p.central.name = "", "" })
	part("zero byte", "zero byte", func(p *zipPart) { p.local.name, p.central.name = "a\x00b", "a\x00b" })
	part("dots", "leads out", func(p *zipPart) { p.local.name, p.central.name = "..", ".." })
	part("name in the extra field leads out", "leads out", func(p *zipPart) { p.central.extra = string(unicodeExtra("a", "../../x")) })
	part("name in the extra field is absolute", "absolute", func(p *zipPart) { p.central.extra = string(unicodeExtra("a", "/etc/x")) })
	part("name in the extra field is taken", "twice", func(p *zipPart) { p.central.extra = string(unicodeExtra("a", "b")) })
	part("device", "neither a file", func(p *zipPart) { p.central.attrs = 0o020666 << 16 })
	part("socket", "neither a file", func(p *zipPart) { p.central.attrs = 0o140777 << 16 })
	part("pipe", "neither a file", func(p *zipPart) { p.central.attrs = 0o010666 << 16 })
	part("link with a slash", "neither a file", func(p *zipPart) { p.local.name, p.central.name, p.central.attrs = "a/", "a/", 0o120777<<16 })
	part("method 99", "compression method 99", func(p *zipPart) { p.local.method, p.central.method = 99, 99 })
	part("link of zeros", "zero byte", func(p *zipPart) { *p = *linkPart("a", "\x00\x00") })
	part("link with a broken checksum", "checksum", func(p *zipPart) { *p = *linkPart("a", "b"); p.local.crc, p.central.crc = 7, 7 })
	part("link of 5 kB", "4096 bytes", func(p *zipPart) { *p = *linkPart("a", strings.Repeat("x", 5000)) })
	part("link that is no deflate", "damaged", func(p *zipPart) { *p = *linkPart("a", "\xff\xff"); p.local.method, p.central.method = 8, 8 })
	part("link of a gigabyte", "4096 bytes", func(p *zipPart) {
		*p = *linkPart("a", "b")
		for _, h := range []*zipHeader{&p.local, &p.central} {
			h.method, h.size = 8, 1<<30
		}
	})
	part("descriptor that is missing", "", func(p *zipPart) { p.local.flags, p.central.flags = 8, 8 })
	part("descriptor hides an entry", "entries that its directory does not have", func(p *zipPart) {
		p.local.flags, p.central.flags, p.behind = 8, 8, string(assemble(nil, storedPart("evil", "x"))[:36])
	})

	add("zip: same header twice", "twice", assemble(nil, a(), a().with(func(p *zipPart) { p.local.noContent, p.noOffset = true, true })))
	add("zip: two names of one header", differs+"name", assemble(nil, a(), b().with(func(p *zipPart) { p.local.noContent, p.noOffset = true, true })))
	inner := string(assemble(nil, storedPart("inner", "x"))[:36])
	add("zip: entry within an entry", "overlap", assemble(nil, storedPart("a", inner),
		storedPart("inner", "x").with(func(p *zipPart) { p.local.noContent, p.noOffset, p.central.offset = true, true, 31 })))
	add("zip: entry that runs into the next", "overlap", assemble(nil, a().with(func(p *zipPart) {
		for _, h := range []*zipHeader{&p.local, &p.central} {
			h.compressed, h.size = 20, 20
		}
	}), b()))
	add("zip: zeros in front", "neither a zip", append(make([]byte, 50), assemble(nil, a())...))
	add("zip: hidden entry in the middle", "entries that its directory does not have", assemble(nil, a(), b().with(func(p *zipPart) { p.hidden = true }), storedPart("c", "")))
	add("zip: hidden entry at the front", "entries that its directory does not have", assemble(nil, a().with(func(p *zipPart) { p.hidden = true }), b()))
	add("zip: hidden entry at the end", "entries that its directory does not have", assemble(nil, a(), b().with(func(p *zipPart) { p.hidden = true })))
	add("zip: second local header is none", "it has no header", assemble(nil, a(), b().with(func(p *zipPart) { p.local.sig = "PKxx" })))
	add("zip: two put together", "entries that its directory does not have", append(assemble(nil, a()), assemble(nil, b())...))
	add("zip: three put together", "entries that its directory does not have", append(append(assemble(nil, a()), assemble(nil, b())...), assemble(nil, a())...))
	add("zip: two put together, offsets adjusted", "entries that its directory does not have", func() []byte {
		first := assemble(nil, b())
		second := assemble(func(e *zipEnd) { e.offset += uint32(len(first)) }, a().with(func(p *zipPart) { p.noOffset, p.central.offset = true, uint32(len(first)) }))
		return append(first, second...)
	}())
	add("zip: tar in front", "any", append(tarOf(t, entry{name: "t", content: "x", mode: 0o644}), assemble(nil, a())...))
	add("zip: script with an archive in front", "entries that its directory does not have",
		append(append([]byte("#!/bin/sh\n"), assemble(nil, a())...), assemble(nil, b())...))
	add("zip: long script in front", "over the limit", append(append([]byte("#!/bin/sh\n"), make([]byte, 2<<20)...), assemble(nil, a())...))
	add("zip: garbage behind", "more follows the end", append(assemble(nil, a()), "garbage"...))
	add("zip: zeros behind", "more follows the end", append(assemble(nil, a()), 0, 0, 0, 0))
	add("zip: gigabyte of comment that is not there", "truncated", assemble(func(e *zipEnd) { e.lieAboutComment, e.commentLen = true, 0xffff }, a()))
	add("zip: archive in the comment", "two ends", assemble(func(e *zipEnd) { e.comment = string(assemble(nil, b())) }, a()))
	add("zip: second end in the comment", "two ends", assemble(func(e *zipEnd) { e.comment = string(assemble(nil)) }, a()))
	add("zip: comment", "", assemble(func(e *zipEnd) { e.comment = "a comment" }, a()))

	end("fewer entries than there are", "more entries than it says", func(e *zipEnd) { e.entries, e.onDisk = 1, 1 })
	end("more entries than there are", "says that they are 3", func(e *zipEnd) { e.entries, e.onDisk = 3, 3 })
	end("65,535 entries", "says that they are 65535", func(e *zipEnd) { e.entries, e.onDisk = 0xffff, 0xffff })
	end("no entries", "more entries than it says", func(e *zipEnd) { e.entries, e.onDisk = 0, 0 })
	end("other number on the disk", "several parts", func(e *zipEnd) { e.onDisk = 1 })
	end("second disk", "several parts", func(e *zipEnd) { e.disk, e.startDisk = 1, 1 })
	end("directory on another disk", "several parts", func(e *zipEnd) { e.startDisk = 1 })
	end("directory larger than the file", "not where its end says", func(e *zipEnd) { e.size = 1 << 30 })
	end("directory behind the file", "not where its end says", func(e *zipEnd) { e.offset = 1 << 30 })
	end("directory one byte early", "any", func(e *zipEnd) { e.offset-- })
	end("directory one byte short", "any", func(e *zipEnd) { e.size-- })
	end("directory of nothing", "any", func(e *zipEnd) { e.size = 0 })
	end("zip64 with other values", "its two ends", func(e *zipEnd) { e.before = end64(7, uint64(e.size), uint64(e.offset), 0) })
	end("zip64 with the same values", "", func(e *zipEnd) {
		e.before = end64(2, uint64(e.size), uint64(e.offset), uint64(e.size)+uint64(e.offset))
	})
	end("zip64 with 2^63 entries", "Limits.Entries", func(e *zipEnd) {
		e.before = end64(1<<63, uint64(e.size), uint64(e.offset), 0)
		e.entries, e.onDisk = 0xffff, 0xffff
	})
	end("zip64 with a directory of 2^63 bytes", "not where its end says", func(e *zipEnd) {
		e.before = end64(2, 1<<63, uint64(e.offset), 0)
		e.size = 0xffffffff
	})
	end("zip64 with a directory at 2^64-1", "not where its end says", func(e *zipEnd) {
		e.before = end64(2, uint64(e.size), 1<<64-1, 0)
		e.offset = 0xffffffff
	})
	end("zip64 without its record", "zip64 directory is missing", func(e *zipEnd) {
		e.before = strings.Repeat("x", 56) + end64(2, uint64(e.size), uint64(e.offset), 0)[56:]
	})

	whole := assemble(nil, a(), storedPart("d/e", strings.Repeat("x", 300)), linkPart("l", "a"))
	for i := range 12 {
		cut := len(whole) * i / 12
		add(fmt.Sprintf("zip: cut after %d bytes", cut), map[bool]string{true: "empty", false: "truncated"}[cut == 0], whole[:cut])
	}
	r := rand.New(rand.NewPCG(14, 1))
	for i := range 24 {
		damaged := bytes.Clone(whole)
		for range 1 + i/6 {
			damaged[r.IntN(len(damaged))] ^= byte(1 << r.IntN(8))
		}
		add(fmt.Sprintf("zip: flipped bits %d", i), "any", damaged)
	}
	all = append(all, smallTars(t)...)
	return all
}

func smallTars(t *testing.T) []hostile {
	var all []hostile
	add := func(name, want string, data []byte) { all = append(all, hostile{name, data, want}) }
	tarOfHeaders := func(headers ...*tar.Header) []byte {
		var buf bytes.Buffer
		tw := tar.NewWriter(&buf)
		for _, h := range headers {
			if err := tw.WriteHeader(h); err != nil {
				t.Fatal(err)
			}
		}
		tw.Close()
		return buf.Bytes()
	}
	for typ, want := range map[byte]string{
		tar.TypeChar: "neither a file", tar.TypeBlock: "neither a file", tar.TypeFifo: "neither a file", 'V': "neither a file", 'M': "neither a file", 'Z': "neither a file",
	} {
		data := tarOfHeaders(&tar.Header{Name: "a", Typeflag: tar.TypeChar})
		data[156] = typ
		checksum(data)
		add(fmt.Sprintf("tar: type %c", typ), want, data)
	}
	whole := tarOf(t, entry{name: "a", content: strings.Repeat("x", 700), mode: 0o644}, entry{name: "l", content: "a", mode: link})
	for i := range 8 {
		cut := 512 + (len(whole)-1024-512)*i/8
		add(fmt.Sprintf("tar: cut after %d bytes", cut), "truncated", whole[:cut])
	}
	size := func(field string) []byte {
		data := bytes.Clone(whole)
		copy(data[124:136], field)
		checksum(data)
		return data
	}
	add("tar: size below zero", "any", size("-0000000001\x00"))
	add("tar: size of 2^63", "any", size("\x80\x00\x00\x00\x7f\xff\xff\xff\xff\xff\xff\xff"))
	add("tar: size below zero, binary", "any", size("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"))
	add("tar: size of 8 GiB", "truncated", size("77777777777\x00"))
	add("tar: size that is none", "any", size("zzzzzzzzzzz\x00"))
	wrong := bytes.Clone(whole)
	wrong[0]++
	add("tar: wrong checksum", "neither a zip nor", wrong)
	wrong = bytes.Clone(whole)
	wrong[1536]++
	add("tar: wrong checksum of the second header", "damaged", wrong)
	add("tar: two put together", "more follows", append(bytes.Clone(whole), whole...))
	add("tar: zip behind", "more follows", append(bytes.Clone(whole), assemble(nil, storedPart("a", ""))...))
	add("tar: PAX name leads out", "leads out", tarOfHeaders(&tar.Header{Name: "../" + strings.Repeat("n", 200), Typeflag: tar.TypeReg}))
	add("tar: PAX link leads out", "", tarOfHeaders(&tar.Header{Name: "l", Linkname: "../" + strings.Repeat("n", 200), Typeflag: tar.TypeSymlink}))
	add("tar: PAX size", "any", tarOfHeaders(&tar.Header{Name: "a", Typeflag: tar.TypeReg, Size: 1 << 40, Format: tar.FormatPAX})[:1024])
	add("tar: hard link to itself", "no file before it", tarOf(t, entry{name: "a", hard: "a"}))
	add("tar: hard link to a folder above", "leads out", tarOf(t, entry{name: "a", hard: "../../etc/passwd"}))
	add("tar: hard link to the root", "no file before it", tarOf(t, entry{name: "a", hard: "."}))
	add("tar: file below a link", "both a folder and a link", tarOf(t, entry{name: "a", content: "/tmp", mode: link}, entry{name: "a/b", mode: 0o644}))
	add("tar: link in place of a folder", "both a folder and a link", tarOf(t, entry{name: "a/", mode: fs.ModeDir | 0o755}, entry{name: "a", content: "/tmp", mode: link}))
	var headers []*tar.Header
	for range 300 {
		headers = append(headers, &tar.Header{Typeflag: tar.TypeXGlobalHeader, PAXRecords: map[string]string{"comment": strings.Repeat("c", 1000)}})
	}
	add("tar: hundreds of global headers", "", tarOfHeaders(headers...))

	zipped := gzipOf(t, whole)
	for i := range 6 {
		cut := 2 + (len(zipped)-3)*i/6
		add(fmt.Sprintf("tar.gz: cut after %d bytes", cut), "any", zipped[:cut])
	}
	r := rand.New(rand.NewPCG(14, 2))
	for i := range 10 {
		damaged := bytes.Clone(zipped)
		damaged[10+r.IntN(len(damaged)-10)] ^= byte(1 << r.IntN(8))
		add(fmt.Sprintf("tar.gz: flipped bit %d", i), "any", damaged)
	}
	add("tar.gz: gzip in gzip", "no tar archive", gzipOf(t, zipped))
	add("tar.gz: zip in gzip", "no tar archive", gzipOf(t, assemble(nil, storedPart("a", "x"))))
	add("tar.gz: thousand empty members", "no tar archive", bytes.Repeat(gzipOf(t, nil), 1000))
	var named bytes.Buffer
	zw := gzip.NewWriter(&named)
	zw.Name, zw.Comment = strings.Repeat("n", 100_000), strings.Repeat("c", 100_000)
	zw.Write(whole)
	zw.Close()
	add("tar.gz: long name in the header", "any", named.Bytes())
	return all
}

// checksum makes the checksum of the first header right.
func checksum(data []byte) {
	copy(data[148:156], "        ")
	sum := 0
	for _, b := range data[:512] {
		sum += int(b)
	}
	copy(data[148:156], fmt.Sprintf("%06o\x00 ", sum))
}
