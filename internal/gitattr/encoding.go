package gitattr

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// An EncodingError reports a working-tree-encoding that Convert cannot
// produce.
type EncodingError struct {
	Path     string
	Encoding string // "" if the attribute is set without a value
	Rune     rune   // the character that cannot be encoded; 0 if it is the whole encoding
}

var _ error = (*EncodingError)(nil)

func (e *EncodingError) Error() string {
	switch {
	case e.Encoding == "":
		return fmt.Sprintf("gitattr: %s: attribute working-tree-encoding has no value; name an encoding in .gitattributes", e.Path)
	case e.Rune != 0:
		return fmt.Sprintf("gitattr: %s: the bytes of %U in working-tree-encoding %q are not certain: implementations of iconv disagree", e.Path, e.Rune, e.Encoding)
	}
	return fmt.Sprintf("gitattr: %s: working-tree-encoding %q is not supported; supported are UTF-8, UTF-16 and UTF-32, "+
		"ISO-8859, the code pages of Windows and the usual ones of DOS, KOI8, Shift_JIS, EUC, GBK, GB18030 and Big5", e.Path, e.Encoding)
}

// encode converts content from UTF-8 as the attribute says. As in git, an
// empty file stays empty (no byte order mark), and content stays as it is if it
// is no UTF-8, if it has characters the encoding lacks, or if iconv does not
// know the encoding: git prints an error, goes on and exits with 0.
func encode(content []byte, path string, attr Value) ([]byte, error) {
	switch {
	case attr.State == StateSet:
		return content, &EncodingError{Path: path} // git dies
	case attr.State != StateText, attr.Text == "", isUTF8Name(attr.Text), len(content) == 0:
		return content, nil
	}
	cs := lookupCharset(attr.Text)
	if cs == nil || cs.ascii && isASCII(content) || !utf8.Valid(content) {
		return content, nil
	}
	if cs.put == nil {
		return content, &EncodingError{Path: path, Encoding: attr.Text}
	}
	size := int64(len(cs.mark))
	var unit []byte
	for i := 0; i < len(content); {
		r, n := utf8.DecodeRune(content[i:])
		i += n
		var found presence
		switch unit, found = cs.put(unit[:0], r); found {
		case absent:
			return content, nil
		case uncertain:
			return content, &EncodingError{Path: path, Encoding: attr.Text, Rune: r}
		}
		size += int64(len(unit))
	}
	if strconv.IntSize == 32 && size > 1<<31-1 {
		return content, fmt.Errorf("gitattr: %s: in working-tree-encoding %q it has %d bytes, more than this system can hold", path, attr.Text, size)
	}
	out := append(make([]byte, 0, size), cs.mark...)
	for i := 0; i < len(content); {
		r, n := utf8.DecodeRune(content[i:])
		i += n
		out, _ = cs.put(out, r)
	}
	return out, nil
}

// isUTF8Name reports whether git takes name for UTF-8, so that there is
// nothing to do.
func isUTF8Name(name string) bool {
	return strings.EqualFold(name, "UTF-8") || strings.EqualFold(name, "UTF8")
}

func isASCII(content []byte) bool {
	for _, c := range content {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
