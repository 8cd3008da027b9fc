//lint:file-ignore SA1019 CreateRaw takes the time from the fields of MS-DOS alone.

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
)

// compressionLevel is the level of deflate. The bytes of an archive depend on
// it.
const compressionLevel = 6

// concurrentEncodings is how many members are compressed at the same time.
func concurrentEncodings() int { return runtime.GOMAXPROCS(0) }

// zipFormat writes the members of git archive --format=zip. Unlike git it
// gives the time of the members in UTC, not in the local time zone.
type zipFormat struct {
	zw         *zip.Writer
	date, time uint16 // of MS-DOS
	extra      []byte // the extended timestamp
}

// What of the zip format archive/zip does not name.
const (
	zipVersion     = 10
	zipCreatorUnix = 3<<8 | 23 // version 2.3 of the Info-ZIP tools on Unix
	zipFolder      = 0x10      // the attribute of MS-DOS

	zipFlagUTF8 = 0x800
)

func newZipFormat(w io.Writer, commit *codecommit.Commit) (format, error) {
	t := commit.Committer.Time.UTC()
	z := &zipFormat{zw: zip.NewWriter(w)}
	z.date, z.time = dosTime(t)
	// Header "UT", of five bytes: a flag for the modification time, the time.
	z.extra = binary.LittleEndian.AppendUint32([]byte{'U', 'T', 5, 0, 1}, uint32(t.Unix()))
	return z, z.zw.SetComment(commit.ID)
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
	r := &encoded{data: content, size: int64(len(content)), crc32: crc32.ChecksumIEEE(content), method: zip.Store}
	if m.mode != codecommit.ModeFile && m.mode != codecommit.ModeExecutable || len(content) == 0 {
		return r, nil
	}
	buf := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(buf)
	buf.Reset()
	if err := compress(buf, bytes.NewReader(content)); err != nil {
		return nil, err
	}
	if buf.Len() < len(content) {
		r.data, r.method = bytes.Clone(buf.Bytes()), zip.Deflate
	}
	return r, nil
}

func (z *zipFormat) add(m *member, r *encoded) error {
	if r.base != nil {
		return z.copy(m, r.base.File)
	}
	w, err := z.create(m, r.method, r.crc32, uint64(r.size), uint64(len(r.data)))
	if err != nil || len(r.data) == 0 {
		return err
	}
	_, err = w.Write(r.data)
	return err
}

// copy writes a member with the content of another archive's, as it is
// compressed there.
func (z *zipFormat) copy(m *member, f *zip.File) error {
	w, err := z.create(m, f.Method, f.CRC32, f.UncompressedSize64, f.CompressedSize64)
	if err != nil {
		return err
	}
	raw, err := f.OpenRaw()
	if err != nil {
		return err
	}
	_, err = io.Copy(w, raw)
	return err
}

func (z *zipFormat) addFile(m *member, file io.ReaderAt, size int64) error {
	// The header comes before the content and tells its compressed size:
	// compress twice rather than hold or spool the result.
	crc, compressed := crc32.NewIEEE(), new(byteCount)
	if err := compress(compressed, io.TeeReader(io.NewSectionReader(file, 0, size), crc)); err != nil {
		return err
	}
	if int64(*compressed) >= size {
		w, err := z.create(m, zip.Store, crc.Sum32(), uint64(size), uint64(size))
		if err != nil {
			return err
		}
		_, err = io.Copy(w, io.NewSectionReader(file, 0, size))
		return err
	}
	w, err := z.create(m, zip.Deflate, crc.Sum32(), uint64(size), uint64(*compressed))
	if err != nil {
		return err
	}
	return compress(w, io.NewSectionReader(file, 0, size))
}

// byteCount is a writer that counts.
type byteCount int64

func (n *byteCount) Write(p []byte) (int, error) {
	*n += byteCount(len(p))
	return len(p), nil
}

func (z *zipFormat) close() error { return z.zw.Close() }

func (z *zipFormat) abandon() {}

// create writes the header of a member.
func (z *zipFormat) create(m *member, method uint16, crc32 uint32, size, compressed uint64) (io.Writer, error) {
	h := &zip.FileHeader{
		Name:               m.name,
		ReaderVersion:      zipVersion,
		Method:             method,
		ModifiedDate:       z.date,
		ModifiedTime:       z.time,
		Extra:              z.extra,
		CRC32:              crc32,
		UncompressedSize64: size,
		CompressedSize64:   compressed,
	}
	if !isASCII(m.name) && utf8.ValidString(m.name) {
		h.Flags |= zipFlagUTF8
	}
	// As git does, say only of what is special that it comes from Unix: the
	// rest gets the permissions that are usual where it is extracted.
	switch m.mode {
	case codecommit.ModeSymlink:
		h.CreatorVersion, h.ExternalAttrs = zipCreatorUnix, 0o120777<<16
	case codecommit.ModeExecutable:
		h.CreatorVersion, h.ExternalAttrs = zipCreatorUnix, 0o100755<<16
	case codecommit.ModeFolder, codecommit.ModeSubmodule:
		h.ExternalAttrs = zipFolder
	}
	return z.zw.CreateRaw(h)
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

func compress(to io.Writer, from io.Reader) error {
	w, err := deflate.NewWriter(to, compressionLevel)
	if err != nil {
		return err
	}
	if _, err := io.Copy(w, from); err != nil {
		return err
	}
	return w.Close()
}
