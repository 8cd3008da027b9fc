package events

import (
	"fmt"
	"io"
	"log/slog"
)

// secretLeftOut is the text that stands for a secret.
const secretLeftOut = "(secret left out)"

// A Secret is a secret text in an event. fmt with every verb, log/slog,
// encoding/json and every other encoder of texts show "(secret left out)" for it,
// wherever it is. Its zero value is the secret "".
//
// Compare secrets with Equal: == compares addresses.
type Secret struct {
	// value is a pointer, so that fmt shows an address for a secret in a field
	// that is not exported, where it calls no methods.
	value *string
}

// NewSecret returns the secret s.
func NewSecret(s string) Secret {
	if s == "" {
		return Secret{}
	}
	return Secret{&s}
}

// Reveal returns the secret itself.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// IsZero reports whether the secret is "".
func (s Secret) IsZero() bool { return s.Reveal() == "" }

// Equal reports whether both secrets are the same text.
func (s Secret) Equal(t Secret) bool { return s.Reveal() == t.Reveal() }

// String returns "(secret left out)", and "" for the secret "".
func (s Secret) String() string {
	if s.IsZero() {
		return ""
	}
	return secretLeftOut
}

// GoString is the same as String.
func (s Secret) GoString() string { return s.String() }

// Format writes the same as String, whatever the verb.
func (s Secret) Format(f fmt.State, _ rune) { io.WriteString(f, s.String()) }

// MarshalText gives the same as String. encoding/json uses it.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue gives the same as String.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }
