package gitpretty

import (
	"bytes"
	"errors"
	"strings"
)

// Limits on the work for one file, so that a hostile one cannot exhaust the
// machine. Git has none but maxWidth.
const (
	maxGrowth = 16 << 20 // bytes an expansion may add to a file
	maxWork   = 8 << 20  // bytes it may look at again to pad, wrap and filter,
	workRatio = 8        // plus this many times the size of the file
)

// ErrTooLarge reports an expansion that would add more than 16 MiB to a file,
// or that takes unreasonably long because it looks at the same text again and
// again.
var ErrTooLarge = errors.New("gitpretty: expansion too large")

// A FormatError reports a format on which git archive fails as a whole: an
// unknown colour after "always,", or "%+" and "% " before a placeholder that
// shortens the text in front of it.
type FormatError struct {
	Placeholder string
}

var _ error = (*FormatError)(nil)

func (e *FormatError) Error() string {
	return "gitpretty: placeholder %" + e.Placeholder + " cannot be expanded, git archive fails on it; remove it from the file"
}

var (
	substStart = []byte("$Format:")
	substEnd   = []byte("$")
)

// Subst replaces every $Format:…$ in content, which may span lines, by its
// expansion. Like git, it looks for the closing dollar alone: there is no
// escape for it, and an unclosed $Format: stays as it is.
//
// The result is content itself if there is nothing to replace; content is
// never modified. The error is ErrTooLarge or a *FormatError.
func (e *Expander) Subst(content []byte) ([]byte, error) {
	var x *expansion
	rest := content
	for {
		i := bytes.Index(rest, substStart)
		if i < 0 {
			break
		}
		format, after, found := bytes.Cut(rest[i+len(substStart):], substEnd)
		if !found {
			break
		}
		if x == nil {
			x = &expansion{e: e, workLimit: maxWork + workRatio*len(content)}
			x.out = make([]byte, 0, len(content)+256)
		}
		x.out = append(x.out, rest[:i]...)
		x.limit = len(content) - len(after) + maxGrowth
		if err := x.format(string(cutNUL(format))); err != nil {
			return nil, err
		}
		rest = after
	}
	if x == nil {
		return content, nil
	}
	return append(x.out, rest...), nil
}

// Format returns the expansion of a format without the $Format:…$ around it.
// The errors are those of Subst.
func (e *Expander) Format(format string) (string, error) {
	x := &expansion{e: e, limit: maxGrowth, workLimit: maxWork}
	format, _, _ = strings.Cut(format, "\x00")
	if err := x.format(format); err != nil {
		return "", err
	}
	return string(x.out), nil
}
