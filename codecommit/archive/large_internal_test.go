package archive

import (
	"testing"

	"github.com/codesuite-go/codesuite/internal/gitattr"
)

// TestConverts bounds the files that are converted, in memory, as git does.
func TestConverts(t *testing.T) {
	t.Parallel()
	attributes := func(line string) *gitattr.Attributes {
		var set gitattr.Set
		set.Add("", []byte("* "+line))
		a := set.Lookup("f", false)
		return &a
	}
	const gigabyte = 1 << 30
	for _, tt := range []struct {
		name       string
		attributes *gitattr.Attributes
		size       int64
		want, err  bool
	}{
		{"no attributes", nil, 1, false, false},
		{"no attributes, large", nil, 20 * gigabyte, false, false},
		{"conversion", attributes("text eol=crlf"), 512 << 20, true, false},
		{"conversion, large", attributes("text eol=crlf"), 512<<20 + 1, false, false},
		{"conversion, over 32 bits", attributes("text eol=crlf"), 20 * gigabyte, false, false},
		{"export-subst", attributes("export-subst"), 512 << 20, true, false},
		{"export-subst, large", attributes("export-subst"), 512<<20 + 1, false, true},
		{"export-subst, over 32 bits", attributes("export-subst"), 20 * gigabyte, false, true},
	} {
		m := &member{attributes: tt.attributes}
		if got, err := m.converts(tt.size); got != tt.want || (err != nil) != tt.err {
			t.Errorf("%s: got %t, %v", tt.name, got, err)
		}
	}
}
