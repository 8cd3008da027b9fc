package gitattr

import (
	"encoding/binary"
	"strings"
	"unicode/utf16"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// charset is an encoding that iconv knows.
type charset struct {
	ascii bool   // ASCII stays as it is
	mark  string // the byte order mark before the first character
	put   putter // nil if this package cannot produce the encoding
}

// putter appends a character. Unless it is present, the result is b.
type putter func(b []byte, r rune) ([]byte, presence)

// presence says whether an encoding has a character.
type presence int

const (
	present   presence = iota
	absent             // iconv fails
	uncertain          // iconv may have other bytes than this package
)

// lookupCharset returns the encoding of the name, in any case, as git and
// glibc's iconv know it. It is nil for names that they do not know.
func lookupCharset(name string) *charset {
	name = strings.ToUpper(name)
	little, big := binary.AppendByteOrder(binary.LittleEndian), binary.AppendByteOrder(binary.BigEndian)
	switch name {
	case "UTF-16", "UTF16": // glibc: little endian with a mark
		return &charset{put: putUTF16(little), mark: "\xff\xfe"}
	case "UTF-16LE", "UTF16LE":
		return &charset{put: putUTF16(little)}
	case "UTF-16BE", "UTF16BE":
		return &charset{put: putUTF16(big)}
	case "UTF-16LE-BOM", "UTF16LE-BOM":
		return &charset{put: putUTF16(little), mark: "\xff\xfe"}
	case "UTF-16BE-BOM", "UTF16BE-BOM":
		return &charset{put: putUTF16(big), mark: "\xfe\xff"}
	case "UTF-32", "UTF32":
		return &charset{put: putUTF32(little), mark: "\xff\xfe\x00\x00"}
	case "UTF-32LE", "UTF32LE":
		return &charset{put: putUTF32(little)}
	case "UTF-32BE", "UTF32BE":
		return &charset{put: putUTF32(big)}
	case "LATIN-1": // git's own name
		name = "ISO-8859-1"
	case "646":
		name = "ASCII"
	}
	base, _, suffixed := strings.Cut(name, "//") // as in //TRANSLIT
	switch table := tableOf(base); {
	case table == "IBM037" || table == "IBM1047":
		return &charset{put: putterOf(table)}
	case table != "" && !suffixed:
		return &charset{ascii: true, put: putterOf(table)}
	case table != "" || hasName(otherASCIINames, base):
		return &charset{ascii: true}
	case hasName(otherNames, base):
		return &charset{}
	}
	return nil
}

// tableOf returns the name of the table of an encoding, "" if this package has
// none.
func tableOf(name string) string {
	for line := range strings.Lines(charsetNames) {
		table, names, _ := strings.Cut(line, " = ")
		if hasName(names, name) {
			return table
		}
	}
	return ""
}

func hasName(names, name string) bool {
	for n := range strings.FieldsSeq(names) {
		if n == name {
			return true
		}
	}
	return false
}

func putUTF16(order binary.AppendByteOrder) putter {
	return func(b []byte, r rune) ([]byte, presence) {
		if r < 0x10000 {
			return order.AppendUint16(b, uint16(r)), present
		}
		hi, lo := utf16.EncodeRune(r)
		return order.AppendUint16(order.AppendUint16(b, uint16(hi)), uint16(lo)), present
	}
}

func putUTF32(order binary.AppendByteOrder) putter {
	return func(b []byte, r rune) ([]byte, presence) { return order.AppendUint32(b, uint32(r)), present }
}

// putterOf returns the putter of a table that charsetNames has.
func putterOf(table string) putter {
	switch table {
	case "ASCII":
		return func(b []byte, r rune) ([]byte, presence) {
			if r >= 0x80 {
				return b, absent
			}
			return append(b, byte(r)), present
		}
	case "KOI8-U":
		return single(charmap.KOI8U, map[rune]byte{'╝': 0xae, '╬': 0xbe}, 'Ў', 'ў')
	case "MACINTOSH":
		return single(charmap.Macintosh, map[rune]byte{'Δ': 0xc6, 0xe01e: 0xf0}, '∆', 0xf8ff)
	case "CP1255":
		return uncertainBeyond(single(charmap.Windows1255, nil, 0x5ba))
	case "CP1258":
		return uncertainBeyond(single(charmap.Windows1258, nil))
	case "TIS-620":
		// Windows-874 without what Microsoft added.
		return single(charmap.Windows874, nil, '€', '…', '‘', '’', '“', '”', '•', '–', '—', 0xa0)
	}
	if c := charmaps()[table]; c != nil {
		if strings.HasPrefix(table, "ISO-8859-") {
			return withC1(single(c, nil))
		}
		return single(c, nil)
	}
	return multibyteOf(table)
}

func charmaps() map[string]*charmap.Charmap {
	return map[string]*charmap.Charmap{
		"CP1250": charmap.Windows1250, "CP1251": charmap.Windows1251, "CP1252": charmap.Windows1252, "CP1253": charmap.Windows1253,
		"CP1254": charmap.Windows1254, "CP1256": charmap.Windows1256, "CP1257": charmap.Windows1257, "CP874": charmap.Windows874,
		"ISO-8859-1": charmap.ISO8859_1, "ISO-8859-2": charmap.ISO8859_2, "ISO-8859-3": charmap.ISO8859_3, "ISO-8859-4": charmap.ISO8859_4,
		"ISO-8859-5": charmap.ISO8859_5, "ISO-8859-6": charmap.ISO8859_6, "ISO-8859-7": charmap.ISO8859_7, "ISO-8859-8": charmap.ISO8859_8,
		"ISO-8859-9": charmap.ISO8859_9, "ISO-8859-10": charmap.ISO8859_10, "ISO-8859-13": charmap.ISO8859_13, "ISO-8859-14": charmap.ISO8859_14,
		"ISO-8859-15": charmap.ISO8859_15, "ISO-8859-16": charmap.ISO8859_16, "KOI8-R": charmap.KOI8R,
		"IBM437": charmap.CodePage437, "IBM850": charmap.CodePage850, "IBM852": charmap.CodePage852, "IBM855": charmap.CodePage855,
		"CP858": charmap.CodePage858, "IBM860": charmap.CodePage860, "IBM862": charmap.CodePage862, "IBM863": charmap.CodePage863,
		"IBM865": charmap.CodePage865, "IBM866": charmap.CodePage866, "IBM037": charmap.CodePage037, "IBM1047": charmap.CodePage1047,
	}
}

// single is an encoding of one byte a character: the table, with what iconv has
// beyond it, and without what only the table has.
func single(c *charmap.Charmap, more map[rune]byte, less ...rune) putter {
	return func(b []byte, r rune) ([]byte, presence) {
		if c, ok := more[r]; ok {
			return append(b, c), present
		}
		for _, l := range less {
			if r == l {
				return b, absent
			}
		}
		if c, ok := c.EncodeRune(r); ok {
			return append(b, c), present
		}
		return b, absent
	}
}

// withC1 adds the control characters from U+0080 to U+009F.
func withC1(put putter) putter {
	return func(b []byte, r rune) ([]byte, presence) {
		if 0x80 <= r && r < 0xa0 {
			return append(b, byte(r)), present
		}
		return put(b, r)
	}
}

// uncertainBeyond is for encodings that have combining characters, which iconv
// uses for those that the table lacks.
func uncertainBeyond(put putter) putter {
	return func(b []byte, r rune) ([]byte, presence) {
		b, found := put(b, r)
		if found == absent {
			found = uncertain
		}
		return b, found
	}
}

// multibyte is an encoding of golang.org/x/text, with its differences from
// iconv. Where they encode a character differently, or only one of them does,
// the bytes are uncertain.
type multibyte struct {
	encoding.Encoding
	more      map[rune]string                 // characters that only iconv has
	uncertain func(r rune, bytes string) bool // bytes is "" if the encoding lacks r
}

// multibyteOf returns the putter of a table. The differences were found by
// encoding every character with both.
func multibyteOf(table string) putter {
	private := func(r rune) bool { return 0xe000 <= r && r < 0xf900 }
	none := func(rune, string) bool { return false }
	// What the Japanese tables of Unix and of Windows map differently.
	isWave := func(r rune) bool { return strings.ContainsRune("∥－～￠￡￢", r) }
	switch table {
	case "SJIS":
		return multibyte{japanese.ShiftJIS, map[rune]string{
			'¢': "\x81\x91", '£': "\x81\x92", '¥': "\x5c", '¬': "\x81\xca", '‖': "\x81\x61", '‾': "\x7e", '−': "\x81\x7c", '〜': "\x81\x60",
		}, func(r rune, b string) bool {
			return r == '∥' || r == '－' || r == '～' || len(b) == 2 && (b[0] == 0x87 || b[0] == 0xed || b[0] == 0xee)
		}}.putter()
	case "CP932":
		return multibyte{japanese.ShiftJIS, map[rune]string{
			'¢': "\x81\x91", '£': "\x81\x92", '¥': "\x5c", '¬': "\x81\xca", '—': "\x81\x5c", '‖': "\x81\x61", '‾': "\x7e", '−': "\x81\x7c", '〜': "\x81\x60",
		}, func(r rune, b string) bool {
			return private(r) || len(b) == 2 && (b[0] == 0xed || b[0] == 0xee)
		}}.putter()
	case "EUC-JP":
		return multibyte{japanese.EUCJP, map[rune]string{
			'¢': "\xa1\xf1", '£': "\xa1\xf2", '¥': "\x5c", '¬': "\xa2\xcc", '‖': "\xa1\xc2", '‾': "\x7e", '−': "\xa1\xdd", '〜': "\xa1\xc1",
		}, func(r rune, b string) bool {
			return 0x80 <= r && r < 0xa0 || isWave(r) || len(b) == 2 && (b[0] == 0xad || b[0] >= 0xf9)
		}}.putter()
	case "EUC-KR":
		return multibyte{korean.EUCKR, map[rune]string{'₩': "\xa3\xdc", '㉾': "\xa2\xe8"}, func(r rune, b string) bool {
			return 0x80 <= r && r < 0xa0 || len(b) == 2 && (b[0] < 0xa1 || b[1] < 0xa1)
		}}.putter()
	case "UHC":
		return multibyte{korean.EUCKR, nil, none}.putter()
	case "CP936":
		return multibyte{simplifiedchinese.GBK, nil, func(_ rune, b string) bool {
			return b == "\xa8\xbf" || b >= "\xa9\x89" && b <= "\xa9\x95" || b >= "\xfe\x50"
		}}.putter()
	case "GB18030":
		return multibyte{simplifiedchinese.GB18030, nil, func(r rune, _ string) bool {
			return private(r) || r == 0x1e3f || 0x9fb4 <= r && r <= 0x9fbb || 0xfe10 <= r && r <= 0xfe19 ||
				strings.ContainsRune("\U00020087\U00020089\U000200cc\U000215d7\U0002298f\U000241fe", r)
		}}.putter()
	case "EUC-CN":
		return multibyte{simplifiedchinese.GBK, map[rune]string{'・': "\xa1\xa4", '―': "\xa1\xaa"}, func(_ rune, b string) bool {
			switch {
			case b == "" || len(b) == 1 && b[0] < 0x80:
				return false
			case len(b) != 2 || b[0] < 0xa1 || b[1] < 0xa1 || b[0] >= 0xf8 || 0xaa <= b[0] && b[0] <= 0xaf:
				return true
			}
			return b == "\xa1\xa4" || b == "\xa1\xaa" || b >= "\xa2\xa1" && b <= "\xa2\xaa" ||
				b >= "\xa6\xe0" && b <= "\xa6\xf5" || b >= "\xa8\xbb" && b <= "\xa8\xc0"
		}}.putter()
	case "BIG5":
		return multibyte{traditionalchinese.Big5, nil, func(r rune, b string) bool {
			return private(r) || r == 0x80 || r == '▓' || len(b) == 2 && (b < "\xa1" || b >= "\xa3\xc0" && b <= "\xa3\xe0" ||
				b >= "\xc6\xa1" && b < "\xc9" || b >= "\xf9\xd6") || strings.ContainsRune("═╞╡╪╭╮╯╰〃倩偽包卅卿婷幵彘撐晴杞沜渝港煮瑜瓩砉", r)
		}}.putter()
	}
	return nil
}

// putter returns the putter of the encoding. It remembers each character that
// it has met, and is for one goroutine.
func (m multibyte) putter() putter {
	type known struct {
		bytes string
		found presence
	}
	seen := make(map[rune]known)
	encoder := m.NewEncoder()
	look := func(r rune) known {
		if bytes, ok := m.more[r]; ok {
			return known{bytes, present}
		}
		bytes, err := encoder.String(string(r)) // resets the encoder
		if err != nil {
			bytes = ""
		}
		switch {
		case m.uncertain(r, bytes):
			return known{"", uncertain}
		case err != nil:
			return known{"", absent}
		}
		return known{bytes, present}
	}
	return func(b []byte, r rune) ([]byte, presence) {
		if r < 0x80 {
			return append(b, byte(r)), present
		}
		k, ok := seen[r]
		if !ok {
			k = look(r)
			seen[r] = k
		}
		return append(b, k.bytes...), k.found
	}
}
