package gitattr

import "bytes"

// The attributes that git archive looks at.
const (
	attrExportIgnore = iota
	attrExportSubst
	attrText
	attrEOL
	attrCRLF
	attrIdent
	attrEncoding
	attrFilter
	attrDiff
	numAttrs
)

var attrNames = [numAttrs]string{
	attrExportIgnore: "export-ignore",
	attrExportSubst:  "export-subst",
	attrText:         "text",
	attrEOL:          "eol",
	attrCRLF:         "crlf",
	attrIdent:        "ident",
	attrEncoding:     "working-tree-encoding",
	attrFilter:       "filter",
	attrDiff:         "diff",
}

// A State says how an attribute is given for a path.
type State uint8

// The states of an attribute.
const (
	StateUnspecified State = iota // not mentioned, or taken back with "!name"
	StateSet                      // "name"
	StateUnset                    // "-name"
	StateText                     // "name=value"
)

// A Value is one attribute of one path. Its zero value is unspecified.
type Value struct {
	State State
	Text  string // the value of StateText, otherwise empty
}

// String returns the value as git check-attr prints it: "unspecified", "set",
// "unset" or the text.
func (v Value) String() string {
	switch v.State {
	case StateSet:
		return "set"
	case StateUnset:
		return "unset"
	case StateText:
		return v.Text
	}
	return "unspecified"
}

// Attributes are the attributes of one path that matter to git archive. It is
// a plain value; its zero value has every attribute unspecified.
type Attributes struct {
	values [numAttrs]Value
}

// Value returns the attribute called name. It knows export-ignore,
// export-subst, text, eol, crlf, ident, working-tree-encoding, filter and diff;
// every other name is unspecified.
func (a Attributes) Value(name string) Value {
	for i, n := range attrNames {
		if n == name {
			return a.values[i]
		}
	}
	return Value{}
}

// ExportIgnore reports whether the path is left out of archives. An ignored
// directory takes everything below it along, whatever deeper rules say.
func (a Attributes) ExportIgnore() bool { return a.values[attrExportIgnore].State == StateSet }

// ExportSubst reports whether $Format:…$ is expanded in the file.
func (a Attributes) ExportSubst() bool { return a.values[attrExportSubst].State == StateSet }

// Converts reports whether Convert can change or refuse some content under
// these attributes. If it is false, an archive holds the blob as it is, unless
// ExportSubst says otherwise. It does not look at the content: under "ident" it
// is true even for files without $Id$.
func (a Attributes) Converts() bool {
	if a.values[attrIdent].State == StateSet || a.crlf() != crlfNone {
		return true
	}
	enc := a.values[attrEncoding]
	return enc.State == StateSet || enc.State == StateText && !isUTF8Name(enc.Text) && enc.Text != ""
}

// Binary reports whether a file is binary, if the attribute diff decides that.
// Otherwise the content does, see [LooksBinary].
func (a Attributes) Binary() (binary, decided bool) {
	state := a.values[attrDiff].State
	return state == StateUnset, state == StateUnset || state == StateSet
}

// WithoutSubst returns a without export-subst.
func (a Attributes) WithoutSubst() Attributes {
	a.values[attrExportSubst] = Value{}
	return a
}

// LooksBinary reports whether git takes content for binary. It looks at the
// first [BinaryLength] bytes.
func LooksBinary(content []byte) bool {
	return bytes.IndexByte(content[:min(len(content), BinaryLength)], 0) >= 0
}

// BinaryLength is the number of bytes that LooksBinary looks at.
const BinaryLength = 8000

// A crlfAction says which line endings become CRLF.
type crlfAction uint8

const (
	crlfNone crlfAction = iota // leave the content alone
	crlfText                   // every lone LF
	crlfAuto                   // every LF of content that looks like text with LF only
)

// crlf derives the line ending conversion from text, its predecessor crlf,
// and eol. Everything that ends in LF means "leave it alone": git never
// removes a CR when it writes a file.
func (a Attributes) crlf() crlfAction {
	text, decided := textAction(a.values[attrText])
	if !decided {
		text, decided = textAction(a.values[attrCRLF])
	}
	eol := a.values[attrEOL]
	if eol.State != StateText || eol.Text != "crlf" || decided && text == crlfNone {
		return crlfNone
	}
	if text == crlfAuto {
		return crlfAuto
	}
	return crlfText
}

// textAction reads the attribute text or crlf. The action is crlfNone for
// files that are not text.
func textAction(v Value) (action crlfAction, decided bool) {
	switch {
	case v.State == StateSet, v.State == StateText && v.Text == "input":
		return crlfText, true
	case v.State == StateUnset:
		return crlfNone, true
	case v.State == StateText && v.Text == "auto":
		return crlfAuto, true
	}
	return crlfNone, false
}
