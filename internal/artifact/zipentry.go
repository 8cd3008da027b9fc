package artifact

import (
	"archive/zip"
	"bufio"
	"bytes"
	"errors"
	"hash/crc32"
	"io"
	"io/fs"
	"math"
	"strings"
	"time"
)

// zipEntry is an entry of the directory. It is used again for the next one.
type zipEntry struct {
	raw  []byte // the name as it is in the headers
	name string

	creator  uint8 // the system that the attributes are of
	flags    uint16
	method   uint16
	modified time.Time
	crc      uint32
	stored   uint64 // bytes in the archive
	size     uint64 // bytes of the content
	attrs    uint32
	header   uint64 // offset of the local header, from the start of the archive
	content  int64  // offset of the content, from the start of the file

	buf []byte
}

// Flags of an entry.
const (
	flagEncrypted  = 1 << 0
	flagDescriptor = 1 << 3 // checksum and sizes follow the content
	flagUTF8       = 1 << 11
)

// Sizes of headers.
const (
	directorySize = 46
	localSize     = 30
)

// Extra fields.
const (
	extraZip64    = 0x0001
	extraNTFS     = 0x000a
	extraUnix     = 0x000d
	extraTime     = 0x5455 // "UT"
	extraOldUnix  = 0x5855 // "UX"
	extraUnicode  = 0x7075 // "up"
	unicodeHeader = 5      // version and checksum before the name
)

// readDirectory reads an entry of the directory and returns its size.
func (e *zipEntry) readDirectory(r *bufio.Reader) (int, error) {
	var head [directorySize]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, err
	}
	if !bytes.HasPrefix(head[:], []byte(sigDirectory)) {
		return 0, errors.New("an entry has no signature")
	}
	nameLen, extraLen, commentLen := int(le.Uint16(head[28:])), int(le.Uint16(head[30:])), int(le.Uint16(head[32:]))
	e.buf = append(e.buf[:0], make([]byte, nameLen+extraLen)...)
	if _, err := io.ReadFull(r, e.buf); err != nil {
		return 0, err
	}
	if _, err := r.Discard(commentLen); err != nil {
		return 0, err
	}
	e.raw = e.buf[:nameLen]
	extra := e.buf[nameLen:]
	e.creator = head[5]
	e.flags, e.method = le.Uint16(head[8:]), le.Uint16(head[10:])
	e.crc = le.Uint32(head[16:])
	e.stored, e.size = uint64(le.Uint32(head[20:])), uint64(le.Uint32(head[24:]))
	e.attrs, e.header = le.Uint32(head[38:]), uint64(le.Uint32(head[42:]))
	e.name, e.modified = string(e.raw), dosTime(le.Uint16(head[14:]), le.Uint16(head[12:]))
	var err error
	for id, data := range extraFields(extra) {
		switch id {
		case extraZip64:
			err = readZip64(data, &e.size, &e.stored, &e.header)
		case extraUnicode:
			if e.flags&flagUTF8 == 0 && len(data) > unicodeHeader && data[0] == 1 && le.Uint32(data[1:]) == crc32.ChecksumIEEE(e.raw) {
				e.name = string(data[unicodeHeader:])
			}
		default:
			if t, ok := extraModified(id, data); ok {
				e.modified = t
			}
		}
		if err != nil {
			return 0, err
		}
	}
	if max(e.size, e.stored, e.header) > math.MaxInt64/4 {
		return 0, errors.New("an entry is larger than any file")
	}
	return directorySize + nameLen + extraLen + commentLen, nil
}

// extraFields yields the extra fields of a header. It ends at one that is not
// whole.
func extraFields(extra []byte) func(yield func(uint16, []byte) bool) {
	return func(yield func(uint16, []byte) bool) {
		for len(extra) >= 4 {
			id, size := le.Uint16(extra), int(le.Uint16(extra[2:]))
			extra = extra[4:]
			if size > len(extra) || !yield(id, extra[:size]) {
				return
			}
			extra = extra[size:]
		}
	}
}

// readZip64 replaces the values that do not fit into 32 bits.
func readZip64(data []byte, values ...*uint64) error {
	for _, v := range values {
		if *v != noSize {
			continue
		}
		if len(data) < 8 {
			return errors.New("an entry has no size of zip64")
		}
		*v = le.Uint64(data)
		data = data[8:]
	}
	return nil
}

func dosTime(date, clock uint16) time.Time {
	return time.Date(int(date>>9)+1980, time.Month(date>>5&15), int(date&31), int(clock>>11), int(clock>>5&63), int(clock&31)*2, 0, time.UTC)
}

// extraModified returns the time of modification that an extra field has.
func extraModified(id uint16, data []byte) (time.Time, bool) {
	switch {
	case id == extraTime && len(data) >= 5 && data[0]&1 != 0:
		return time.Unix(int64(int32(le.Uint32(data[1:]))), 0), true
	case (id == extraUnix || id == extraOldUnix) && len(data) >= 8:
		return time.Unix(int64(int32(le.Uint32(data[4:]))), 0), true
	case id == extraNTFS && len(data) >= 16 && le.Uint16(data[4:]) == 1 && le.Uint16(data[6:]) >= 8:
		const perSecond, epoch = 10_000_000, 11_644_473_600 // seconds from 1601 to 1970
		ticks := int64(le.Uint64(data[8:]))
		return time.Unix(ticks/perSecond-epoch, ticks%perSecond*100), true
	}
	return time.Time{}, false
}

// Systems that attributes are of. All others have those of MS-DOS, if any.
const (
	creatorUnix  = 3
	creatorMacOS = 19
)

// node returns the node of an entry, without size and content.
func (e *zipEntry) node() (node, error) {
	switch {
	case e.flags&flagEncrypted != 0:
		return node{}, at(e.name, "it is encrypted")
	case e.method != zip.Store && e.method != zip.Deflate:
		return node{}, at(e.name, "its compression method %d is not supported: only 0 (stored) and 8 (deflate) are", e.method)
	case e.method == zip.Store && e.stored != e.size:
		return node{}, at(e.name, "it is damaged: it is stored with %d bytes and has %d", e.stored, e.size)
	}
	n := node{mode: e.mode()}
	if n.mode.Type()&^(fs.ModeDir|fs.ModeSymlink) != 0 || n.mode.Type() == fs.ModeDir|fs.ModeSymlink {
		return node{}, at(e.name, "it is neither a file nor a folder nor a link (%v)", n.mode)
	}
	n.setTime(e.modified)
	return n, nil
}

// mode returns type and permissions. An archive that was not made on Unix has
// no permissions, but for whether a file is read-only: they are those that
// unzip gives with the usual umask.
func (e *zipEntry) mode() fs.FileMode {
	const dosReadOnly, dosFolder = 0x01, 0x10
	var mode fs.FileMode
	unix := uint32(0)
	if e.creator == creatorUnix || e.creator == creatorMacOS {
		unix = e.attrs >> 16
	} else if e.attrs&dosFolder != 0 {
		mode |= fs.ModeDir
	}
	switch unix & 0o170000 {
	case 0, 0o100000:
	case 0o040000:
		mode |= fs.ModeDir
	case 0o120000:
		mode |= fs.ModeSymlink
	default:
		mode |= fs.ModeIrregular
	}
	if strings.HasSuffix(e.name, "/") {
		mode |= fs.ModeDir
	}
	if unix != 0 {
		return mode | fs.FileMode(unix&0o777)
	}
	perm := fs.FileMode(0o644)
	if mode.IsDir() {
		perm = 0o755
	}
	if e.attrs&dosReadOnly != 0 {
		perm &^= 0o222
	}
	return mode | perm
}

// locate reads the header before the content of an entry, compares it with the
// directory, and returns where the entry is.
func (z *zipReader) locate(e *zipEntry) (extent, error) {
	x := extent{start: z.end.base + int64(e.header)}
	if x.start < 0 || x.start+localSize > z.end.directory {
		return x, at(e.name, "it is damaged: its header is not in the archive")
	}
	var head [localSize]byte
	if _, err := z.file.ReadAt(head[:], x.start); err != nil {
		return x, at(e.name, "%w", damaged(err))
	}
	nameLen, extraLen := int(le.Uint16(head[26:])), int(le.Uint16(head[28:]))
	e.content = x.start + localSize + int64(nameLen) + int64(extraLen)
	x.end = e.content + int64(e.stored)
	if x.end > z.end.directory {
		return x, at(e.name, "it is damaged: its content is not in the archive")
	}
	rest := make([]byte, nameLen+extraLen)
	if _, err := z.file.ReadAt(rest, x.start+localSize); err != nil {
		return x, at(e.name, "%w", damaged(err))
	}
	if !bytes.HasPrefix(head[:], []byte(sigLocal)) {
		return x, at(e.name, "it is damaged: it has no header")
	}
	if !bytes.Equal(rest[:nameLen], e.raw) {
		return x, at(e.name, "its header has another name, %q: a program that reads the archive from its front would find that", shortName(string(rest[:nameLen])))
	}
	if difference := e.compare(head[:], rest[nameLen:]); difference != "" {
		return x, at(e.name, "its header has another %s: a program that reads the archive from its front would find that", difference)
	}
	if le.Uint16(head[6:])&flagDescriptor != 0 {
		x.end += z.descriptor(e, x.end)
	}
	return x, nil
}

// compare returns in what the header of an entry differs from the directory.
// With a data descriptor the header may leave out checksum and sizes.
func (e *zipEntry) compare(head, extra []byte) string {
	flags, method := le.Uint16(head[6:]), le.Uint16(head[8:])
	crc, stored, size := le.Uint32(head[14:]), uint64(le.Uint32(head[18:])), uint64(le.Uint32(head[22:]))
	for id, data := range extraFields(extra) {
		if id == extraZip64 && readZip64(data, &size, &stored) != nil {
			return "size"
		}
	}
	later := flags&flagDescriptor != 0
	switch {
	case flags&flagEncrypted != 0:
		return "encryption"
	case method != e.method:
		return "compression method"
	case crc != e.crc && (!later || crc != 0):
		return "checksum"
	case stored != e.stored && (!later || stored != 0), size != e.size && (!later || size != 0):
		return "size"
	}
	return ""
}

// descriptor returns the size of the data descriptor behind the content: with
// or without a signature, with sizes of 32 or 64 bits; 0 if there is none.
func (z *zipReader) descriptor(e *zipEntry, offset int64) int64 {
	var buf [24]byte
	available := max(0, min(int64(len(buf)), z.end.directory-offset))
	n, err := z.file.ReadAt(buf[:available], offset)
	if err != nil && err != io.EOF {
		return 0
	}
	data, signature := buf[:n], int64(0)
	if bytes.HasPrefix(data, []byte(sigDescriptor)) {
		data, signature = data[4:], 4
	}
	switch {
	case len(data) < 12 || le.Uint32(data) != e.crc:
		return 0
	case uint64(le.Uint32(data[4:])) == e.stored && uint64(le.Uint32(data[8:])) == e.size:
		return signature + 12
	case len(data) >= 20 && le.Uint64(data[4:]) == e.stored && le.Uint64(data[12:]) == e.size:
		return signature + 20
	}
	return 0
}
