package diagram

import (
	"github.com/codesuite-go/codesuite/internal/awstext"
	"github.com/codesuite-go/codesuite/internal/plaintext"
)

// maxText is the number of characters after which a text is cut, also where the
// whole of it is shown.
const maxText = 1000

// clean returns a text as one line that can be shown.
func clean(s string) string { return plaintext.Line(awstext.Cut(s, maxText)) }

// named returns a name for show.
func named(s string) string {
	if s = clean(s); s == "" {
		return "(no name)"
	}
	return s
}
