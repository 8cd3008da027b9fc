package pipelinetest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

// The patterns of the service's model.
var (
	namePattern     = regexp.MustCompile(`^[A-Za-z0-9.@\-_]+$`)
	artifactPattern = regexp.MustCompile(`^[a-zA-Z0-9_\-]+$`)
	variablePattern = regexp.MustCompile(`^[A-Za-z0-9@\-_]+$`)
	uuidPattern     = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
	tokenPattern    = regexp.MustCompile(`^[a-zA-Z0-9-]+$`)
	reasonPattern   = regexp.MustCompile(`^[a-zA-Z0-9!@ \(\)\.\*\?\-]+$`)
	typePattern     = regexp.MustCompile(`^[0-9A-Za-z_-]+$`)
)

// validation collects what is wrong with an input. Its methods name the member
// that they check as it is spelled on the wire.
type validation struct{ problems []string }

func (v *validation) fail(member, format string, args ...any) {
	v.problems = append(v.problems, fmt.Sprintf("Value at '%s' failed to satisfy constraint: %s", member, fmt.Sprintf(format, args...)))
}

// text checks a string: its length in characters and its pattern, if there is
// one. A member that is absent is an error if it is required.
func (v *validation) text(member string, value *string, required bool, shortest, longest int, pattern *regexp.Regexp) {
	if value == nil {
		if required {
			v.fail(member, "Member must not be null")
		}
		return
	}
	n := utf8.RuneCountInString(*value)
	switch {
	case n < shortest:
		v.fail(member, "Member must have length greater than or equal to %d", shortest)
	case n > longest:
		v.fail(member, "Member must have length less than or equal to %d", longest)
	case pattern != nil && !pattern.MatchString(*value):
		v.fail(member, "Member must satisfy regular expression pattern: %s", strings.Trim(pattern.String(), "^$"))
	}
}

// name checks the required name of a pipeline, a stage or an action.
func (v *validation) name(member string, value *string) {
	v.text(member, value, true, 1, 100, namePattern)
}

// uuid checks an ID.
func (v *validation) uuid(member string, value *string, required bool) {
	v.text(member, value, required, 36, 36, uuidPattern)
}

// enum checks a required enumeration.
func (v *validation) enum(member string, value *string, values ...string) {
	switch {
	case value == nil:
		v.fail(member, "Member must not be null")
	case !slices.Contains(values, *value):
		v.fail(member, "Member must satisfy enum value set: [%s]", strings.Join(values, ", "))
	}
}

// integer checks an optional number.
func (v *validation) integer(member string, value *int32, least, most int32) {
	switch {
	case value == nil:
	case *value < least:
		v.fail(member, "Member must have value greater than or equal to %d", least)
	case *value > most:
		v.fail(member, "Member must have value less than or equal to %d", most)
	}
}

// page checks the members of a call that lists something.
func (v *validation) page(maxResults *int32, most int32, nextToken *string) {
	v.integer("maxResults", maxResults, 1, most)
	v.text("nextToken", nextToken, false, 1, 2048, nil)
}

// err returns the ValidationException, nil if there is nothing wrong.
func (v *validation) err() error {
	switch len(v.problems) {
	case 0:
		return nil
	case 1:
		return invalid("1 validation error detected: %s", v.problems[0])
	}
	return invalid("%d validation errors detected: %s", len(v.problems), strings.Join(v.problems, "; "))
}

func invalid(format string, args ...any) error {
	return awsjson.Errorf("ValidationException", format, args...)
}
