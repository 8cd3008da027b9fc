package events

import (
	"fmt"
	"log/slog"

	"github.com/codesuite-go/codesuite/internal/secret"
)

// A Secret is a secret text in an event. fmt, log/slog and encoding/json show
// "(secret left out)" for it, wherever it is. Its zero value is the secret "".
//
// Compare secrets with Equal, as == does not.
type Secret struct{ hidden secret.String }

// NewSecret returns the secret s.
func NewSecret(s string) Secret { return Secret{secret.New(s)} }

// Reveal returns the secret itself.
func (s Secret) Reveal() string { return s.hidden.Reveal() }

// IsZero reports whether the secret is "".
func (s Secret) IsZero() bool { return s.hidden.IsZero() }

// Equal reports whether both secrets are the same text.
func (s Secret) Equal(t Secret) bool { return s.hidden.Equal(t.hidden) }

// String returns "(secret left out)", and "" for the secret "".
func (s Secret) String() string { return s.hidden.String() }

// GoString is the same as String.
func (s Secret) GoString() string { return s.hidden.String() }

// Format writes the same as String, whatever the verb.
func (s Secret) Format(f fmt.State, verb rune) { s.hidden.Format(f, verb) }

// MarshalText gives the same as String. encoding/json uses it.
func (s Secret) MarshalText() ([]byte, error) { return s.hidden.MarshalText() }

// LogValue gives the same as String.
func (s Secret) LogValue() slog.Value { return s.hidden.LogValue() }
