package gitattr

import "bytes"

// Convert returns content as git archive writes it for a regular file under
// attributes a: $Id$ expanded, line endings and encoding converted, in this
// order. It is for regular files only; a symbolic link's target is never
// converted. blobID is the ID of the blob in hexadecimal digits; path serves
// error messages only. Expand export-subst in the result, not before.
//
// The result is content itself if nothing changes; content is never modified.
// With an *EncodingError the result is complete but for the encoding.
func Convert(content []byte, path, blobID string, a Attributes) ([]byte, error) {
	if a.values[attrIdent].State == StateSet {
		content = expandIdent(content, blobID)
	}
	if action := a.crlf(); action != crlfNone {
		content = toCRLF(content, action)
	}
	return encode(content, path, a.values[attrEncoding])
}

// expandIdent puts the blob ID into $Id$ and into $Id: …$ as git wrote it.
// What other systems left between the dollars, recognised by its inner
// spaces, stays, as does what spans lines.
func expandIdent(content []byte, blobID string) []byte {
	var out []byte
	done := 0 // content[:done] is in out
	for i := 0; ; {
		n := bytes.Index(content[i:], []byte("$Id"))
		if n < 0 || i+n+3 == len(content) {
			break
		}
		i += n + 3
		end := i // of the keyword: its second dollar
		switch content[i] {
		case '$':
		case ':':
			n := bytes.IndexByte(content[i+1:], '$')
			if n < 0 {
				// As in git, an unfinished keyword is the last one.
				return finish(content, out, done)
			}
			if !ownIdent(content[i+1 : i+1+n]) {
				continue
			}
			end += 1 + n
		default:
			continue
		}
		if out == nil {
			out = make([]byte, 0, len(content)+len(blobID)+64)
		}
		out = append(out, content[done:i]...)
		out = append(out, ": "...)
		out = append(out, blobID...)
		out = append(out, " $"...)
		i = end + 1
		done = i
	}
	return finish(content, out, done)
}

// ownIdent reports whether text, from between "$Id:" and "$", may be replaced:
// no line feed, and no space but the first and the last byte.
func ownIdent(text []byte) bool {
	if bytes.IndexByte(text, '\n') >= 0 {
		return false
	}
	return len(text) < 3 || bytes.IndexByte(text[1:len(text)-1], ' ') < 0
}

// finish appends the rest of content to out, which is nil if nothing was
// replaced.
func finish(content, out []byte, done int) []byte {
	if out == nil {
		return content
	}
	return append(out, content[done:]...)
}

// toCRLF puts a CR before every LF that has none.
func toCRLF(content []byte, action crlfAction) []byte {
	if action == crlfAuto && !looksLikeLFText(content) {
		return content
	}
	lone := 0
	for i := 0; ; i++ {
		n := bytes.IndexByte(content[i:], '\n')
		if n < 0 {
			break
		}
		if i += n; i == 0 || content[i-1] != '\r' {
			lone++
		}
	}
	if lone == 0 {
		return content
	}
	out := make([]byte, 0, len(content)+lone)
	for rest := content; len(rest) > 0; {
		n := bytes.IndexByte(rest, '\n')
		if n < 0 {
			return append(out, rest...)
		}
		out = append(out, rest[:n]...)
		if n == 0 || rest[n-1] != '\r' {
			out = append(out, '\r')
		}
		out = append(out, '\n')
		rest = rest[n+1:]
	}
	return out
}

// looksLikeLFText is git's test under text=auto: no CR, no NUL, and no more
// than one control character per 128 printable ones. A trailing ^Z, the end of
// file mark of DOS, is not counted.
func looksLikeLFText(content []byte) bool {
	printable, control := 0, 0
	for _, c := range content {
		switch {
		case c == '\r', c == 0:
			return false
		case c == '\n':
		case c == '\b', c == '\t', c == '\f', c == 0x1b:
			printable++
		case c < ' ', c == 0x7f:
			control++
		default:
			printable++
		}
	}
	if n := len(content); n > 0 && content[n-1] == 0x1a {
		control--
	}
	return control <= printable/128
}
