package action

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"time"
)

// Credentials open the artifacts of a job and nothing else. Formatting, logging
// or marshaling them does not show them.
type Credentials struct {
	AccessKeyID     string
	SecretAccessKey string
	SessionToken    string

	// Expires is zero if CodePipeline did not say it.
	Expires time.Time
}

// String does not show the credentials.
func (c Credentials) String() string { return "credentials left out" }

// GoString does not show the credentials.
func (c Credentials) GoString() string { return c.String() }

// Format does not show the credentials, whatever the verb.
func (c Credentials) Format(f fmt.State, _ rune) { io.WriteString(f, c.String()) }

// MarshalJSON does not show the credentials.
func (c Credentials) MarshalJSON() ([]byte, error) { return json.Marshal(c.String()) }

// LogValue does not show the credentials.
func (c Credentials) LogValue() slog.Value { return slog.StringValue(c.String()) }
