package gitpretty_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/codesuite-go/codesuite/internal/gitpretty"
)

// FuzzSubst expands arbitrary files for commits with arbitrary messages.
func FuzzSubst(f *testing.F) {
	for _, p := range placeholders {
		f.Add([]byte("line\n  $Format:x%"+p+"y$ $Format:%w(20,1)%"+p+"$"), longMessage, []byte("A <a@b> <author@example.com>"))
	}
	for _, m := range messages {
		f.Add([]byte("$Format:%w(9,2,1)%s%<|(20,mtrunc)%b%n%+(trailers:only,unfold,separator=;)%-f%B$"), m, []byte(nil))
	}
	f.Fuzz(func(t *testing.T, content []byte, message string, mailmap []byte) {
		c := commit(message, 1)
		before := bytes.Clone(content)
		got, err := gitpretty.New(c, mailmap).Subst(content)
		if !bytes.Equal(before, content) {
			t.Fatal("Subst modified its argument")
		}
		var format *gitpretty.FormatError
		if err != nil && !errors.Is(err, gitpretty.ErrTooLarge) && !errors.As(err, &format) {
			t.Fatalf("Subst: unexpected error %v", err)
		}
		if err == nil && !bytes.Contains(content, []byte("$Format:")) && !bytes.Equal(got, content) {
			t.Fatal("Subst changed a file without placeholders")
		}
		if len(got) > len(content)+16<<20 {
			t.Fatalf("Subst made %d bytes of %d", len(got), len(content))
		}
		again, err2 := gitpretty.New(c, mailmap).Subst(content)
		if (err == nil) != (err2 == nil) || !bytes.Equal(got, again) {
			t.Fatal("Subst is not deterministic")
		}
	})
}
