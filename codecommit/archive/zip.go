package archive

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"io"
	"runtime"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/codesuite-go/codesuite/codecommit"
	"github.com/codesuite-go/codesuite/internal/deflate"
	"github.com/codesuite-go/codesuite/internal/gitattr"
)

// concurrentEncodings is how many members are compressed at the same time.
func concurrentEncodings() int { return runtime.GOMAXPROCS(0) }

// zipFormat writes the members of git archive --format=zip. Unlike git it
// gives the time of the members in UTC, not in the local time zone.
type zipFormat struct {
	out        *zipWriter
	level      int
	date, time uint16 // of MS-DOS
	extra      []byte // the extended timestamp
	copied     []byte // a part of a member of another archive
}

const (
	zipCreatorUnix = 3<<8 | 23 // version 2.3 of the Info-ZIP tools on Unix
	zipFolder      = 0x10      // the attribute of MS-DOS
	zipText        = 1         // the internal attribute of a text file

	zipFlagUTF8 = 0x800
)

func newZipFormat(w io.Writer, s stamp) (format, error) {
	t := s.time.UTC()
	z := &zipFormat{out: &zipWriter{w: w, comment: s.commitID}, level: s.level}
	z.date, z.time = dosTime(t)
	// Header "UT", of five bytes: a flag for the modification time, the time.
	z.extra = binary.LittleEndian.AppendUint32([]byte{'U', 'T', 5, 0, 1}, uint32(t.Unix()))
	return z, nil
}

// dosTime returns t as the format has it. It knows the years 1980 to 2107;
// what is outside is the nearest time inside.
func dosTime(t time.Time) (date, clock uint16) {
	switch {
	case t.Year() < 1980:
		t = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)
	case t.Year() > 2107:
		t = time.Date(2107, 12, 31, 23, 59, 58, 0, time.UTC)
	}
	date = uint16(t.Day() + int(t.Month())<<5 + (t.Year()-1980)<<9)
	clock = uint16(t.Second()/2 + t.Minute()<<5 + t.Hour()<<11)
	return date, clock
}

func (z *zipFormat) encode(m *member, content []byte) (*encoded, error) {
	e := &encoded{
		data: content, size: int64(len(content)), crc32: crc32.ChecksumIEEE(content), method: zip.Store,
		binary: gitattr.LooksBinary(content),
	}
	if m.mode != codecommit.ModeFile && m.mode != codecommit.ModeExecutable || len(content) == 0 || z.level == 0 {
		return e, nil
	}
	buf := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(buf)
	buf.Reset()
	if err := z.compress(buf, bytes.NewReader(content)); err != nil {
		return nil, err
	}
	if buf.Len() < len(content) {
		e.data, e.method = bytes.Clone(buf.Bytes()), zip.Deflate
	}
	return e, nil
}

func (z *zipFormat) add(m *member, e *encoded) error {
	if e.base != nil {
		return z.copy(m, e.base)
	}
	err := z.header(m, zipHeader{
		method: e.method, crc32: e.crc32, size: uint64(e.size), compressed: uint64(len(e.data)),
	}, e.binary)
	if err != nil || len(e.data) == 0 {
		return err
	}
	_, err = z.out.Write(e.data)
	return err
}

// copy writes a member with the content of another archive's, as it is
// compressed there.
func (z *zipFormat) copy(m *member, f *baseFile) error {
	err := z.header(m, zipHeader{
		method: f.Method, crc32: f.CRC32, size: f.UncompressedSize64, compressed: f.CompressedSize64,
	}, f.binary)
	if err != nil {
		return err
	}
	raw, err := f.OpenRaw()
	if err != nil {
		return err
	}
	if z.copied == nil {
		z.copied = make([]byte, 64<<10)
	}
	n, err := io.CopyBuffer(z.out, raw, z.copied)
	if err == nil && uint64(n) != f.CompressedSize64 {
		err = io.ErrUnexpectedEOF
	}
	return err
}

func (z *zipFormat) addFile(m *member, file io.ReaderAt, size int64) error {
	// The header comes before the content and tells its compressed size:
	// compress twice rather than hold or spool the result.
	crc, compressed, binary := crc32.NewIEEE(), new(byteCount), new(binaryWriter)
	content := func() io.Reader { return io.NewSectionReader(file, 0, size) }
	h := zipHeader{method: zip.Deflate, size: uint64(size)}
	if z.level == 0 {
		if _, err := io.Copy(io.MultiWriter(crc, binary), content()); err != nil {
			return err
		}
		*compressed = byteCount(size)
	} else if err := z.compress(compressed, io.TeeReader(content(), io.MultiWriter(crc, binary))); err != nil {
		return err
	}
	h.crc32, h.compressed = crc.Sum32(), uint64(*compressed)
	if h.compressed >= h.size {
		h.method, h.compressed = zip.Store, h.size
	}
	if err := z.header(m, h, binary.found); err != nil {
		return err
	}
	if h.method == zip.Deflate {
		return z.compress(z.out, content())
	}
	_, err := io.Copy(z.out, content())
	return err
}

// byteCount is a writer that counts.
type byteCount int64

func (n *byteCount) Write(p []byte) (int, error) {
	*n += byteCount(len(p))
	return len(p), nil
}

// binaryWriter finds out whether the content written to it looks binary, as
// gitattr.LooksBinary does.
type binaryWriter struct {
	seen  int
	found bool
}

func (b *binaryWriter) Write(p []byte) (int, error) {
	if rest := gitattr.BinaryLength - b.seen; rest > 0 {
		head := p[:min(len(p), rest)]
		b.found = b.found || gitattr.LooksBinary(head)
		b.seen += len(head)
	}
	return len(p), nil
}

func (z *zipFormat) close() error { return z.out.close() }

func (z *zipFormat) abandon() {}

// header writes the header of a member. Binary is what its content looks like.
func (z *zipFormat) header(m *member, h zipHeader, binary bool) error {
	h.name, h.date, h.time, h.extra = m.name, z.date, z.time, z.extra
	if !isASCII(m.name) && utf8.ValidString(m.name) {
		h.flags |= zipFlagUTF8
	}
	if m.decided {
		binary = m.binary
	}
	if !m.isFolder() && !binary {
		h.internal = zipText
	}
	// As git does, say only of what is special that it comes from Unix: the
	// rest gets the permissions that are usual where it is extracted.
	switch m.mode {
	case codecommit.ModeSymlink:
		h.creator, h.external = zipCreatorUnix, 0o120777<<16
	case codecommit.ModeExecutable:
		h.creator, h.external = zipCreatorUnix, 0o100755<<16
	case codecommit.ModeFolder, codecommit.ModeSubmodule:
		h.external = zipFolder
	}
	return z.out.header(h)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// buffers keeps what members are compressed to.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func (z *zipFormat) compress(to io.Writer, from io.Reader) error {
	w, err := deflate.NewWriter(to, z.level)
	if err != nil {
		return err
	}
	if _, err := io.Copy(w, from); err != nil {
		return err
	}
	return w.Close()
}
