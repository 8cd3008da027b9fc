package gitattr

import (
	"encoding/binary"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// An EncodingError reports a working-tree-encoding that Convert cannot
// produce.
type EncodingError struct {
	Path     string
	Encoding string // "" if the attribute is set without a value
}

var _ error = (*EncodingError)(nil)

func (e *EncodingError) Error() string {
	if e.Encoding == "" {
		return fmt.Sprintf("gitattr: %s: attribute working-tree-encoding has no value; name an encoding in .gitattributes", e.Path)
	}
	return fmt.Sprintf("gitattr: %s: working-tree-encoding %q is not supported; "+
		"supported are UTF-8, UTF-16, UTF-32 (also LE, BE, LE-BOM and BE-BOM as git has them), ISO-8859-1, Windows-1252 and US-ASCII", e.Path, e.Encoding)
}

// encode converts content from UTF-8 as the attribute says. As in git, an
// empty file stays empty (no byte order mark), and content that is no UTF-8 or
// has characters the encoding lacks stays as it is: git prints an error, goes
// on and exits with 0.
func encode(content []byte, path string, attr Value) ([]byte, error) {
	switch {
	case attr.State == StateSet:
		return nil, &EncodingError{Path: path} // git dies
	case attr.State != StateText, attr.Text == "", isUTF8Name(attr.Text), len(content) == 0:
		return content, nil
	}
	put, bom := encoder(attr.Text)
	if put == nil {
		return nil, &EncodingError{path, attr.Text}
	}
	if !utf8.Valid(content) {
		return content, nil
	}
	size, same := len(bom), bom == ""
	var unit [4]byte
	for i := 0; i < len(content); {
		r, n := utf8.DecodeRune(content[i:])
		encoded, ok := put(unit[:0], r)
		if !ok {
			return content, nil
		}
		size += len(encoded)
		same = same && string(encoded) == string(content[i:i+n])
		i += n
	}
	if same { // plain ASCII for one of its supersets
		return content, nil
	}
	out := append(make([]byte, 0, size), bom...)
	for i := 0; i < len(content); {
		r, n := utf8.DecodeRune(content[i:])
		i += n
		out, _ = put(out, r)
	}
	return out, nil
}

// isUTF8Name reports whether git takes name for UTF-8, so that there is
// nothing to do.
func isUTF8Name(name string) bool {
	return strings.EqualFold(name, "UTF-8") || strings.EqualFold(name, "UTF8")
}

// encoder returns the function that appends one character in the encoding
// called name, and what to put before the first. It is nil for encodings that
// are not supported. The names are git's and, where git leaves them to it,
// those of glibc's iconv, in any case.
func encoder(name string) (put func([]byte, rune) ([]byte, bool), bom string) {
	switch strings.ToUpper(name) {
	case "UTF-16", "UTF16": // glibc: little endian with a mark
		return putUTF16(binary.LittleEndian), "\xff\xfe"
	case "UTF-16LE", "UTF16LE":
		return putUTF16(binary.LittleEndian), ""
	case "UTF-16BE", "UTF16BE":
		return putUTF16(binary.BigEndian), ""
	case "UTF-16LE-BOM", "UTF16LE-BOM":
		return putUTF16(binary.LittleEndian), "\xff\xfe"
	case "UTF-16BE-BOM", "UTF16BE-BOM":
		return putUTF16(binary.BigEndian), "\xfe\xff"
	case "UTF-32", "UTF32":
		return putUTF32(binary.LittleEndian), "\xff\xfe\x00\x00"
	case "UTF-32LE", "UTF32LE":
		return putUTF32(binary.LittleEndian), ""
	case "UTF-32BE", "UTF32BE":
		return putUTF32(binary.BigEndian), ""
	case "ISO-8859-1", "ISO8859-1", "ISO_8859-1", "ISO88591", "8859_1", "LATIN1", "LATIN-1", "L1", "CP819", "IBM819":
		return putByteBelow(0x100), ""
	case "ASCII", "US-ASCII", "ISO646-US", "ANSI_X3.4-1968", "646", "US":
		return putByteBelow(0x80), ""
	case "WINDOWS-1252", "CP1252", "MS-ANSI":
		return putWindows1252, ""
	}
	return nil, ""
}

func putUTF16(order binary.AppendByteOrder) func([]byte, rune) ([]byte, bool) {
	return func(b []byte, r rune) ([]byte, bool) {
		if r < 0x10000 {
			return order.AppendUint16(b, uint16(r)), true
		}
		hi, lo := utf16.EncodeRune(r)
		return order.AppendUint16(order.AppendUint16(b, uint16(hi)), uint16(lo)), true
	}
}

func putUTF32(order binary.AppendByteOrder) func([]byte, rune) ([]byte, bool) {
	return func(b []byte, r rune) ([]byte, bool) { return order.AppendUint32(b, uint32(r)), true }
}

func putByteBelow(limit rune) func([]byte, rune) ([]byte, bool) {
	return func(b []byte, r rune) ([]byte, bool) { return append(b, byte(r)), r < limit }
}

// windows1252 holds the characters of the bytes 0x80 to 0x9f; 0 marks a byte
// without one.
var windows1252 = [32]rune{
	'€', 0, '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', 0, 'Ž', 0,
	0, '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', 0, 'ž', 'Ÿ',
}

func putWindows1252(b []byte, r rune) ([]byte, bool) {
	if r < 0x80 || 0xa0 <= r && r < 0x100 {
		return append(b, byte(r)), true
	}
	for i, c := range windows1252 {
		if c == r && c != 0 {
			return append(b, byte(0x80+i)), true
		}
	}
	return b, false
}
