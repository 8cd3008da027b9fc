package archive

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
)

// The writer of package archive/zip knows no internal attributes, with which git
// tells text from binary files. This file has its own headers.

const (
	zipVersion   = 10
	zip64Version = 45

	zipHeaderSignature    = "PK\x03\x04"
	zipEntrySignature     = "PK\x01\x02"
	zipEndSignature       = "PK\x05\x06"
	zip64EndSignature     = "PK\x06\x06"
	zip64LocatorSignature = "PK\x06\x07"

	zip64Extra   = 1  // the ID of an extra field with large numbers
	zip64EndSize = 44 // of the record, without its signature and this size
)

// zipHeader describes a member.
type zipHeader struct {
	name             string
	creator          uint16 // the version and system of what made it
	flags, method    uint16
	date, time       uint16 // of MS-DOS
	crc32            uint32
	size, compressed uint64
	extra            []byte
	internal         uint16 // attributes
	external         uint32 // attributes
}

// zipWriter writes a zip archive. The content of a member is written after its
// header, as it is compressed.
type zipWriter struct {
	w         io.Writer
	n         uint64 // bytes written
	comment   string
	directory []byte // its entries
	members   uint64
}

func (z *zipWriter) Write(p []byte) (int, error) {
	n, err := z.w.Write(p)
	z.n += uint64(n)
	return n, err
}

// header writes the header of a member and keeps its entry of the directory.
func (z *zipWriter) header(h zipHeader) error {
	if len(h.name) > math.MaxUint16 {
		return fmt.Errorf("its name has %d bytes, a zip archive holds %d at most", len(h.name), math.MaxUint16)
	}
	offset := z.n
	version := uint16(zipVersion)
	large := h.size >= math.MaxUint32 || h.compressed >= math.MaxUint32
	var sizes []byte // of 64 bits: the header has both where it has one
	if large {
		version = zip64Version
		sizes = zip64Field(h.size, h.compressed)
	}
	le := binary.LittleEndian
	common := func(b []byte, extra int) []byte {
		b = le.AppendUint16(b, version)
		b = le.AppendUint16(b, h.flags)
		b = le.AppendUint16(b, h.method)
		b = le.AppendUint16(b, h.time)
		b = le.AppendUint16(b, h.date)
		b = le.AppendUint32(b, h.crc32)
		compressed, size := clamp32(h.compressed), clamp32(h.size)
		if large {
			compressed, size = math.MaxUint32, math.MaxUint32
		}
		b = le.AppendUint32(b, compressed)
		b = le.AppendUint32(b, size)
		b = le.AppendUint16(b, uint16(len(h.name)))
		return le.AppendUint16(b, uint16(len(h.extra)+extra))
	}
	header := make([]byte, 0, 30+len(h.name)+len(h.extra)+len(sizes))
	header = common(append(header, zipHeaderSignature...), len(sizes))
	header = append(header, h.name...)
	header = append(header, h.extra...)
	header = append(header, sizes...)
	if _, err := z.Write(header); err != nil {
		return err
	}

	var numbers []byte // of 64 bits, in the directory
	switch {
	case large && offset >= math.MaxUint32:
		numbers = zip64Field(h.size, h.compressed, offset)
	case large:
		numbers = sizes
	case offset >= math.MaxUint32:
		numbers = zip64Field(offset)
		version = zip64Version
	}
	d := append(z.directory, zipEntrySignature...)
	d = le.AppendUint16(d, h.creator)
	d = common(d, len(numbers))
	d = le.AppendUint16(d, 0) // the length of the comment
	d = le.AppendUint16(d, 0) // the disk
	d = le.AppendUint16(d, h.internal)
	d = le.AppendUint32(d, h.external)
	d = le.AppendUint32(d, clamp32(offset))
	d = append(d, h.name...)
	d = append(d, h.extra...)
	z.directory = append(d, numbers...)
	z.members++
	return nil
}

// close writes the directory.
func (z *zipWriter) close() error {
	le := binary.LittleEndian
	offset, size := z.n, uint64(len(z.directory))
	if _, err := z.Write(z.directory); err != nil {
		return err
	}
	var end []byte
	if z.members >= math.MaxUint16 || size >= math.MaxUint32 || offset >= math.MaxUint32 {
		at := z.n
		end = append(end, zip64EndSignature...)
		end = le.AppendUint64(end, zip64EndSize)
		end = le.AppendUint16(end, zip64Version) // that made it
		end = le.AppendUint16(end, zip64Version) // that reads it
		end = le.AppendUint32(end, 0)            // the disk
		end = le.AppendUint32(end, 0)            // the disk of the directory
		end = le.AppendUint64(end, z.members)    // on this disk
		end = le.AppendUint64(end, z.members)
		end = le.AppendUint64(end, size)
		end = le.AppendUint64(end, offset)
		end = append(end, zip64LocatorSignature...)
		end = le.AppendUint32(end, 0) // the disk
		end = le.AppendUint64(end, at)
		end = le.AppendUint32(end, 1) // disks
	}
	members := uint16(min(z.members, math.MaxUint16))
	end = append(end, zipEndSignature...)
	end = le.AppendUint16(end, 0) // the disk
	end = le.AppendUint16(end, 0) // the disk of the directory
	end = le.AppendUint16(end, members)
	end = le.AppendUint16(end, members)
	end = le.AppendUint32(end, clamp32(size))
	end = le.AppendUint32(end, clamp32(offset))
	end = le.AppendUint16(end, uint16(len(z.comment)))
	end = append(end, z.comment...)
	_, err := z.Write(end)
	return err
}

// zip64Field returns the extra field with numbers that need 64 bits.
func zip64Field(numbers ...uint64) []byte {
	le := binary.LittleEndian
	b := le.AppendUint16(nil, zip64Extra)
	b = le.AppendUint16(b, uint16(8*len(numbers)))
	for _, n := range numbers {
		b = le.AppendUint64(b, n)
	}
	return b
}

func clamp32(n uint64) uint32 { return uint32(min(n, math.MaxUint32)) }
