package events

import (
	"fmt"
	"strconv"

	"github.com/codesuite-go/codesuite/internal/jsontext"
)

// Limits of what the package reads. A payload beyond them is an error, never
// a crash or an endless computation.
const (
	// MaxSize is the largest payload, in bytes, that the package decodes. It
	// is above the 6 MB that Lambda passes to a function.
	MaxSize = 8 << 20
	// MaxDepth is how deeply arrays and objects may be nested in one text.
	MaxDepth = jsontext.MaxDepth
	// MaxEvents is how many events one payload may hold, those that cannot be
	// decoded counted. It is above what 6 MB have room for when it is real
	// events; without it, a list of {} would need a hundred times the memory
	// of its text.
	MaxEvents = 1 << 15
	// maxElements is how many elements a list or map in a field may have, for
	// the same reason.
	maxElements = MaxEvents
	// maxEnvelopes is how many messages and lists of records may be inside
	// each other. The records of a trigger in an SNS message in the records
	// of an SQS batch make five.
	maxEnvelopes = 8
)

// A DecodeError says what is wrong with a payload and where. It never holds
// values of the payload.
type DecodeError struct {
	// Path leads to the member at fault, such as detail.version or
	// Records[2].body. It is empty for the payload as a whole.
	Path string
	// Offset is the position in bytes, in the text at hand: for a message
	// inside an envelope, in that message.
	Offset int
	// Reason says what was expected and what was found.
	Reason string
}

var _ error = (*DecodeError)(nil)

// Error gives path, reason and offset in one line.
func (e *DecodeError) Error() string {
	at := ""
	if e.Path != "" {
		at = e.Path + ": "
	}
	return fmt.Sprintf("events: decode: %s%s (byte %d)", at, e.Reason, e.Offset)
}

// within puts a step in front of the path of an error, and returns it.
func within(step string, err error) error {
	err = asDecodeError(err)
	if e, ok := err.(*DecodeError); ok {
		switch {
		case e.Path == "":
			e.Path = step
		case e.Path[0] == '[':
			e.Path = step + e.Path
		default:
			e.Path = step + "." + e.Path
		}
	}
	return err
}

// asDecodeError makes a DecodeError of an error of the scanner.
func asDecodeError(err error) error {
	if e, ok := err.(*jsontext.Error); ok {
		return &DecodeError{Offset: e.Offset, Reason: e.Reason}
	}
	return err
}

// printable returns the name of a member that is no field of ours for use in
// a path, unless it may be anything.
func printable(key string) string {
	for _, r := range key {
		if !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_') {
			return "?"
		}
	}
	if key == "" || len(key) > 40 {
		return "?"
	}
	return key
}

func position(i int) string { return "[" + strconv.Itoa(i) + "]" }
