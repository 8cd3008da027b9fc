package archive

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/klauspost/pgzip"

	"github.com/codesuite-go/codesuite/codecommit"
)

// The archive/tar package cannot write git's form of the ustar format, so this
// file has its own header.

const (
	tarBlock  = 512
	tarRecord = 20 * tarBlock // the size of an archive is a multiple of it

	tarMaxTime = 1<<33 - 1 // what eleven octal digits hold
	tarMaxSize = 1<<33 - 1
)

// Type flags.
const (
	tarFile           = '0'
	tarSymlink        = '2'
	tarFolder         = '5'
	tarExtended       = 'x'
	tarExtendedGlobal = 'g'
)

// tarFormat writes the bytes of git archive --format=tar, with git's default
// umask of 0002 for the members.
type tarFormat struct {
	w     io.Writer
	n     int64 // bytes written
	mtime int64
}

func newTarFormat(w io.Writer, s stamp) (format, error) {
	t := &tarFormat{w: w, mtime: s.time.Unix()}
	var records string
	if s.commitID != "" {
		records = paxRecord("comment", s.commitID)
	}
	if t.mtime > tarMaxTime {
		records += paxRecord("mtime", strconv.FormatInt(t.mtime, 10))
		t.mtime = tarMaxTime
	}
	// Git's clock starts in 1970.
	t.mtime = max(t.mtime, 0)
	if records == "" {
		return t, nil
	}
	return t, t.extended(tarExtendedGlobal, "pax_global_header", records)
}

func (t *tarFormat) encode(_ *member, content []byte) (*encoded, error) {
	return &encoded{data: content, size: int64(len(content))}, nil
}

func (t *tarFormat) add(m *member, r *encoded) error {
	return t.member(m, bytes.NewReader(r.data), r.size)
}

func (t *tarFormat) addFile(m *member, file io.ReaderAt, size int64) error {
	return t.member(m, io.NewSectionReader(file, 0, size), size)
}

func (t *tarFormat) close() error {
	// At least two empty blocks, up to a whole record.
	end := (t.n + 2*tarBlock + tarRecord - 1) / tarRecord * tarRecord
	_, err := t.w.Write(make([]byte, end-t.n))
	return err
}

func (t *tarFormat) abandon() {}

func (t *tarFormat) member(m *member, content io.Reader, size int64) error {
	h := tarHeader{name: m.name, size: size}
	var records string
	switch m.mode {
	case codecommit.ModeSymlink:
		target, err := io.ReadAll(content)
		if err != nil {
			return err
		}
		h.flag, h.mode, h.size, h.link = tarSymlink, 0o777, 0, string(target)
		if len(h.link) > tarLinkSize {
			h.link = "see " + m.id + ".paxheader"
			records = paxRecord("linkpath", string(target))
		}
	case codecommit.ModeExecutable:
		h.flag, h.mode = tarFile, 0o775
	case codecommit.ModeFile:
		h.flag, h.mode = tarFile, 0o664
	default:
		h.flag, h.mode = tarFolder, 0o775
	}
	if len(h.name) > tarNameSize {
		if prefix, rest, ok := splitTarName(h.name); ok {
			h.prefix, h.name = prefix, rest
		} else {
			records = paxRecord("path", m.name) + records
			h.name = m.id + ".data"
		}
	}
	if h.size > tarMaxSize {
		records += paxRecord("size", strconv.FormatInt(h.size, 10))
		h.size = 0
	}
	if records != "" {
		if err := t.extended(tarExtended, m.id+".paxheader", records); err != nil {
			return err
		}
	}
	if err := t.header(h); err != nil || h.flag != tarFile {
		return err
	}
	return t.content(content)
}

// extended writes pax records, which apply to the next member or to all.
func (t *tarFormat) extended(flag byte, name, records string) error {
	if err := t.header(tarHeader{flag: flag, name: name, mode: 0o666, size: int64(len(records))}); err != nil {
		return err
	}
	return t.content(strings.NewReader(records))
}

func (t *tarFormat) header(h tarHeader) error {
	block := h.encode(t.mtime)
	n, err := t.w.Write(block[:])
	t.n += int64(n)
	return err
}

// content copies what a member holds and fills the last block.
func (t *tarFormat) content(r io.Reader) error {
	n, err := io.Copy(t.w, r)
	t.n += n
	if err != nil {
		return err
	}
	if over := n % tarBlock; over > 0 {
		var fill [tarBlock]byte
		n, err := t.w.Write(fill[over:])
		t.n += int64(n)
		return err
	}
	return nil
}

// paxRecord returns "25 key=value\n", whose number is its own length.
func paxRecord(key, value string) string {
	length := len(" =\n") + len(key) + len(value)
	length += len(strconv.Itoa(length + len(strconv.Itoa(length))))
	return fmt.Sprintf("%d %s=%s\n", length, key, value)
}

// Sizes of fields.
const (
	tarNameSize   = 100
	tarLinkSize   = 100
	tarPrefixSize = 155
)

// hasExtendedName reports whether the name fits no header, so that the header of
// the member has its object ID instead.
func hasExtendedName(name string) bool {
	_, _, ok := splitTarName(name)
	return len(name) > tarNameSize && !ok
}

// splitTarName splits a long name at the last slash that leaves a prefix that
// fits, as git does; a slash at the end of the name does not count.
func splitTarName(name string) (prefix, rest string, ok bool) {
	i := min(len(strings.TrimSuffix(name, "/")), tarPrefixSize)
	for i--; i > 0 && name[i] != '/'; i-- {
	}
	if i <= 0 || len(name)-i-1 > tarNameSize {
		return "", "", false
	}
	return name[:i], name[i+1:], true
}

type tarHeader struct {
	name, link, prefix string
	mode, size         int64
	flag               byte
}

// encode returns the block of the header. All its fields fit.
func (h tarHeader) encode(mtime int64) (block [tarBlock]byte) {
	octal := func(offset, digits int, n int64) {
		copy(block[offset:], fmt.Sprintf("%0*o", digits, n))
	}
	copy(block[0:tarNameSize], h.name)
	octal(100, 7, h.mode)
	octal(108, 7, 0) // owner
	octal(116, 7, 0) // group
	octal(124, 11, h.size)
	octal(136, 11, mtime)
	block[156] = h.flag
	copy(block[157:257], h.link)
	copy(block[257:], "ustar\x0000")
	copy(block[265:], "root") // owner
	copy(block[297:], "root") // group
	octal(329, 7, 0)          // device
	octal(337, 7, 0)
	copy(block[345:345+tarPrefixSize], h.prefix)

	// The checksum is made with spaces in its field.
	sum := int64(8 * ' ')
	for _, c := range block {
		sum += int64(c)
	}
	octal(148, 7, sum)
	return block
}

// tarGzFormat compresses a tar archive.
type tarGzFormat struct {
	*tarFormat
	gz *pgzip.Writer
}

// gzipBlock is how many bytes are compressed by one goroutine at a time. The
// bytes of the archive depend on it.
const gzipBlock = 1 << 20

func newTarGzFormat(w io.Writer, s stamp) (format, error) {
	gz, err := pgzip.NewWriterLevel(w, s.level)
	if err != nil {
		return nil, err
	}
	if err := gz.SetConcurrency(gzipBlock, concurrentEncodings()); err != nil {
		return nil, err
	}
	// The header says neither when nor, as git's does, on which system.
	gz.ModTime, gz.OS = time.Time{}, gzipUnix
	t, err := newTarFormat(gz, s)
	if err != nil {
		gz.Reset(io.Discard)
		return nil, err
	}
	return &tarGzFormat{t.(*tarFormat), gz}, nil
}

const gzipUnix = 3

func (t *tarGzFormat) close() error {
	if err := t.tarFormat.close(); err != nil {
		return err
	}
	return t.gz.Close()
}

// abandon ends the goroutines of the compressor and waits for them. Its Close
// leaves one behind after an error.
func (t *tarGzFormat) abandon() { t.gz.Reset(io.Discard) }
