// Package secret holds strings that no log, error or JSON text must show.
package secret

import (
	"fmt"
	"io"
	"log/slog"
)

// Redacted is the text that stands for a secret.
const Redacted = "(secret left out)"

// String is a secret. fmt with every verb, log/slog, encoding/json and every
// other encoder of texts write [Redacted] for it. The value is behind a
// pointer, so that fmt shows an address for a secret in a field that is not
// exported, where it calls no methods.
//
// The zero String is the secret "". Compare with [String.Equal]; == compares
// addresses.
type String struct{ value *string }

// New returns the secret s.
func New(s string) String {
	if s == "" {
		return String{}
	}
	return String{&s}
}

// Reveal returns the secret itself.
func (s String) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// IsZero reports whether the secret is "".
func (s String) IsZero() bool { return s.Reveal() == "" }

// Equal reports whether both secrets are the same text.
func (s String) Equal(t String) bool { return s.Reveal() == t.Reveal() }

// String returns [Redacted], and "" for the secret "".
func (s String) String() string {
	if s.IsZero() {
		return ""
	}
	return Redacted
}

// GoString is the same as String.
func (s String) GoString() string { return s.String() }

// Format writes the same as String, whatever the verb.
func (s String) Format(f fmt.State, _ rune) { io.WriteString(f, s.String()) }

// MarshalText gives the same as String. encoding/json uses it.
func (s String) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue gives the same as String.
func (s String) LogValue() slog.Value { return slog.StringValue(s.String()) }
