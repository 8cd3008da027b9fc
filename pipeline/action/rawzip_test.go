package action_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
)

// zipHeader is a header of an entry, before its content or in the directory.
type zipHeader struct {
	sig                    string
	flags, method          uint16
	crc, compressed, size  uint32
	name, extra, comment   string
	creator, disk          uint16
	attrs, offset          uint32
	nameLen, extraLen      int // if not those of name and extra
	lieAboutLen, noContent bool
}

// zipPart is an entry as it is written: what its two headers say, and its
// content, need not belong together.
type zipPart struct {
	local, central zipHeader
	content        string
	behind         string // a data descriptor, or anything else
	hidden         bool   // the directory does not have it
	noOffset       bool   // the central header has an offset of its own
}

// zipEnd is the record at the end.
type zipEnd struct {
	before                           string // records of zip64
	disk, startDisk, onDisk, entries uint16
	size, offset                     uint32
	comment                          string
	commentLen                       int // if not that of comment
	lieAboutComment                  bool
}

// storedPart is an entry as it should be.
func storedPart(name, content string) *zipPart {
	h := zipHeader{crc: crc32.ChecksumIEEE([]byte(content)), compressed: uint32(len(content)), size: uint32(len(content)), name: name}
	p := &zipPart{local: h, central: h, content: content}
	p.local.sig, p.central.sig = "PK\x03\x04", "PK\x01\x02"
	p.central.creator, p.central.attrs = 3, 0o100644<<16
	return p
}

// deflatedPart is an entry whose content is deflated already.
func deflatedPart(name string, size int, crc uint32, compressed string) *zipPart {
	p := storedPart(name, compressed)
	for _, h := range []*zipHeader{&p.local, &p.central} {
		h.method, h.crc, h.size = 8, crc, uint32(size)
	}
	return p
}

// linkPart is a link as it should be.
func linkPart(name, target string) *zipPart {
	p := storedPart(name, target)
	p.central.attrs = 0o120777 << 16
	return p
}

// with changes a part.
func (p *zipPart) with(change func(*zipPart)) *zipPart {
	change(p)
	return p
}

// assemble writes an archive of the parts; change may falsify its end.
func assemble(change func(*zipEnd), parts ...*zipPart) []byte {
	var buf, directory bytes.Buffer
	u16 := func(b *bytes.Buffer, values ...uint16) { binary.Write(b, binary.LittleEndian, values) }
	u32 := func(b *bytes.Buffer, values ...uint32) { binary.Write(b, binary.LittleEndian, values) }
	lengths := func(h *zipHeader) (uint16, uint16) {
		if h.lieAboutLen {
			return uint16(h.nameLen), uint16(h.extraLen)
		}
		return uint16(len(h.name)), uint16(len(h.extra))
	}
	entries := 0
	for _, p := range parts {
		offset := uint32(buf.Len())
		l := &p.local
		if !l.noContent {
			buf.WriteString(l.sig)
			u16(&buf, 20, l.flags, l.method, 0, 0)
			u32(&buf, l.crc, l.compressed, l.size)
			nameLen, extraLen := lengths(l)
			u16(&buf, nameLen, extraLen)
			buf.WriteString(l.name + l.extra + p.content + p.behind)
		}
		if p.hidden {
			continue
		}
		entries++
		c := &p.central
		if !p.noOffset {
			c.offset = offset
		}
		directory.WriteString(c.sig)
		u16(&directory, c.creator<<8|20, 20, c.flags, c.method, 0, 0)
		u32(&directory, c.crc, c.compressed, c.size)
		nameLen, extraLen := lengths(c)
		u16(&directory, nameLen, extraLen, uint16(len(c.comment)), c.disk, 0)
		u32(&directory, c.attrs, c.offset)
		directory.WriteString(c.name + c.extra + c.comment)
	}
	end := zipEnd{onDisk: uint16(entries), entries: uint16(entries), size: uint32(directory.Len()), offset: uint32(buf.Len())}
	if change != nil {
		change(&end)
	}
	buf.Write(directory.Bytes())
	buf.WriteString(end.before + "PK\x05\x06")
	u16(&buf, end.disk, end.startDisk, end.onDisk, end.entries)
	u32(&buf, end.size, end.offset)
	if !end.lieAboutComment {
		end.commentLen = len(end.comment)
	}
	u16(&buf, uint16(end.commentLen))
	buf.WriteString(end.comment)
	return buf.Bytes()
}

// end64 are the records of zip64 before the end, for a directory at the offset.
func end64(entries, size, offset, at uint64) string {
	var b bytes.Buffer
	b.WriteString("PK\x06\x06")
	binary.Write(&b, binary.LittleEndian, []uint64{44})
	binary.Write(&b, binary.LittleEndian, []uint16{45, 45})
	binary.Write(&b, binary.LittleEndian, []uint32{0, 0})
	binary.Write(&b, binary.LittleEndian, []uint64{entries, entries, size, offset})
	b.WriteString("PK\x06\x07")
	binary.Write(&b, binary.LittleEndian, uint32(0))
	binary.Write(&b, binary.LittleEndian, at)
	binary.Write(&b, binary.LittleEndian, uint32(1))
	return b.String()
}
