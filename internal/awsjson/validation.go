package awsjson

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Validation collects the violations of a model's constraints in one input.
// Its methods name the member that they check as the wire spells it. The zero
// value has none.
type Validation struct{ problems []string }

// Fail adds a violation, described by the formatted text.
func (v *Validation) Fail(member, format string, args ...any) {
	v.problems = append(v.problems, fmt.Sprintf("Value at '%s' failed to satisfy constraint: %s", member, fmt.Sprintf(format, args...)))
}

// Present checks that a required member is there.
func (v *Validation) Present(member string, present bool) {
	if !present {
		v.Fail(member, "Member must not be null")
	}
}

// Text checks a string: whether it is there if it is required, its length in
// characters, and its pattern unless that is nil.
func (v *Validation) Text(member string, value *string, required bool, shortest, longest int, pattern *regexp.Regexp) {
	if value == nil {
		v.Present(member, !required)
		return
	}
	n := utf8.RuneCountInString(*value)
	switch {
	case n < shortest:
		v.Fail(member, "Member must have length greater than or equal to %d", shortest)
	case n > longest:
		v.Fail(member, "Member must have length less than or equal to %d", longest)
	case pattern != nil && !pattern.MatchString(*value):
		v.Fail(member, "Member must satisfy regular expression pattern: %s", strings.Trim(pattern.String(), "^$"))
	}
}

// UUID checks an ID.
func (v *Validation) UUID(member string, value *string, required bool) {
	v.Text(member, value, required, 36, 36, uuidPattern)
}

// Enum checks a required enumeration.
func (v *Validation) Enum(member string, value *string, values ...string) {
	switch {
	case value == nil:
		v.Present(member, false)
	case !slices.Contains(values, *value):
		v.Fail(member, "Member must satisfy enum value set: [%s]", strings.Join(values, ", "))
	}
}

// Integer checks an optional number.
func (v *Validation) Integer(member string, value *int32, least, most int32) {
	switch {
	case value == nil:
	case *value < least:
		v.Fail(member, "Member must have value greater than or equal to %d", least)
	case *value > most:
		v.Fail(member, "Member must have value less than or equal to %d", most)
	}
}

// Page checks the members maxResults and nextToken of a call that lists
// something.
func (v *Validation) Page(maxResults *int32, most int32, nextToken *string) {
	v.Integer("maxResults", maxResults, 1, most)
	v.Text("nextToken", nextToken, false, 1, 2048, nil)
}

// Err returns the ValidationException that names all violations, nil if there
// are none.
func (v *Validation) Err() error {
	switch len(v.problems) {
	case 0:
		return nil
	case 1:
		return Invalid("1 validation error detected: %s", v.problems[0])
	}
	return Invalid("%d validation errors detected: %s", len(v.problems), strings.Join(v.problems, "; "))
}

// Invalid returns a ValidationException with the formatted message.
func Invalid(format string, args ...any) error {
	return Errorf("ValidationException", format, args...)
}
