package action

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
)

// keyUserParameters is the configuration property of a Lambda invoke action
// that is for its handler.
const keyUserParameters = "UserParameters"

// UserParameters returns the text that a Lambda invoke action is configured
// with, "" if there is none.
func (j *Job) UserParameters() string { return j.details().Configuration[keyUserParameters] }

// DecodeUserParameters decodes user parameters that are JSON into v. It is a
// [*Failure] of type [FailureTypeConfigurationError] if there are none, or if
// they are no such JSON. A decoder ignores fields that v does not have, such as
// misspelt ones. Let it refuse them by
//
//	err := job.DecodeUserParameters(&parameters, (*json.Decoder).DisallowUnknownFields)
func (j *Job) DecodeUserParameters(v any, decoderFns ...func(*json.Decoder)) error {
	text := strings.TrimSpace(j.UserParameters())
	switch text {
	case "":
		return Failf(FailureTypeConfigurationError, "action: the action has no user parameters: set UserParameters in its configuration")
	case "null":
		return Failf(FailureTypeConfigurationError, "action: the user parameters of the action are null")
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	for _, fn := range decoderFns {
		fn(decoder)
	}
	err := decoder.Decode(v)
	if err == nil {
		if _, err = decoder.Token(); err == io.EOF {
			return nil
		}
		err = errors.New("more follows the JSON value")
	}
	if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) || errors.Is(err, io.ErrUnexpectedEOF) {
		const cause = "the value of a #{variable} in them may have a quotation mark or a line break, which CodePipeline does not escape"
		if syntax != nil {
			return Failf(FailureTypeConfigurationError, "action: the user parameters of the action are no JSON at byte %d of %d: %w (%s)", syntax.Offset, len(text), err, cause)
		}
		return Failf(FailureTypeConfigurationError, "action: the user parameters of the action are no JSON: %w (%s)", err, cause)
	}
	if mismatch := (*json.UnmarshalTypeError)(nil); errors.As(err, &mismatch) {
		// The error has the digits of a number, which may be a secret.
		if kind, _, ok := strings.Cut(mismatch.Value, " "); ok && err == error(mismatch) {
			without := *mismatch
			without.Value = kind
			err = &without
		}
	}
	return Failf(FailureTypeConfigurationError, "action: the user parameters of the action: %w", err)
}
