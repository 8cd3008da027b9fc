package pattern

import (
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/internal/jsontext"
)

// Pattern is an EventBridge pattern: what a rule asks of an event before
// it sends it to a target. Build one in Go with [New], or read one with
// [Parse]; [Pattern.String] is the EventPattern of the PutRule API and
// of a CloudFormation AWS::Events::Rule, and [Pattern.Match] says what the rule
// would do, without a call to AWS.
//
// Both ways in accept what PutRule accepts: every operator of event buses
// (equality, prefix, suffix, equals-ignore-case, wildcard, anything-but,
// exists, numeric, cidr and $or), within the limits of a rule and [events.MaxDepth]
// levels deep. Three things are stricter, because EventBridge accepts them and
// then drops part of the pattern or fails later: a field may be given only once,
// also across a $or and what surrounds it; a list of anything-but must not be
// empty; and text must be valid UTF-8.
//
// The zero Pattern is empty; it is not a valid pattern, so marshaling and
// matching it are errors. A Pattern is immutable and safe for concurrent use.
type Pattern struct {
	root      *fieldTree
	text      string      // compact JSON
	branches  []*pathTree // the pattern without its $or: one tree a combination
	maxLength int
}

// Options configure [New] and [Parse].
type Options struct {
	// MaxLength is the quota "Event pattern size" of the account: the longest
	// pattern in characters, as compact JSON. The default is 2048, EventBridge's
	// own default; the quota can be raised to 4096.
	MaxLength int
}

const (
	defaultLength   = 2048
	maxInput        = 1 << 16 // bytes of JSON, white space included
	maxCombinations = 1000    // combinations of $or alternatives
)

// Error reports what is wrong with a pattern, and where.
type Error struct {
	// Path leads to the offending value as a dotted path with list positions in
	// brackets: detail.$or[1].state[0].anything-but. It is empty for the
	// pattern as a whole.
	Path string
	// Err is the reason.
	Err error
}

var _ error = (*Error)(nil)

// Error gives the path and the reason in one line.
func (e *Error) Error() string {
	if e.Path == "" {
		return "pattern: " + e.Err.Error()
	}
	return fmt.Sprintf("pattern: %s: %v", e.Path, e.Err)
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

func errorf(path, format string, args ...any) error {
	return &Error{Path: path, Err: fmt.Errorf(format, args...)}
}

// decodeError makes an error of the scanner the one that package events gives.
func decodeError(err error) error {
	if e, ok := err.(*jsontext.Error); ok {
		return &events.DecodeError{Offset: e.Offset, Reason: e.Reason}
	}
	return err
}

var errEmpty = errors.New("the pattern is empty: give at least one field")

// New builds a pattern of source, which is a [Fields] literal or one of
// the filters of this package, for example [PipelineFilter].
//
// An error is a [*Error] and names the field. It does not depend on any
// event, so that a pattern that is written down in a program fails, if at all,
// in its first test.
func New(source Source, optFns ...func(*Options)) (Pattern, error) {
	if source == nil {
		return Pattern{}, &Error{Err: errEmpty}
	}
	text, err := appendFields(nil, source.Fields(), "", 0)
	if err != nil {
		return Pattern{}, err
	}
	return Parse(text, optFns...)
}

// Must is like [New] but panics on an error. It is for patterns
// whose every value is a literal in the program, such as package variables.
func Must(source Source) Pattern {
	p, err := New(source)
	if err != nil {
		panic(err)
	}
	return p
}

// Parse reads a pattern from JSON: the EventPattern of a rule as
// DescribeRule returns it, or as it stands in a template.
//
// An error is a [*Error]. It reports the first thing that EventBridge
// would reject and the path to it. A $or that cannot be the operator, such as
// a list of strings, is the name of a field, as it is for EventBridge.
func Parse(data []byte, optFns ...func(*Options)) (Pattern, error) {
	var opts Options
	for _, fn := range optFns {
		fn(&opts)
	}
	switch {
	case opts.MaxLength < 0:
		return Pattern{}, fmt.Errorf("pattern: Options.MaxLength is %d: it must not be negative", opts.MaxLength)
	case opts.MaxLength == 0:
		opts.MaxLength = defaultLength
	}
	root, err := parse(data)
	if err != nil {
		return Pattern{}, err
	}
	p := Pattern{root: root, text: string(root.appendJSON(nil)), maxLength: opts.MaxLength}
	if n := utf8.RuneCountInString(p.text); n > opts.MaxLength {
		return Pattern{}, errorf("", "%d characters long, the limit is %d", n, opts.MaxLength)
	}
	if p.branches, err = compile(root); err != nil {
		return Pattern{}, err
	}
	if err := checkComplexity(p.branches); err != nil {
		return Pattern{}, err
	}
	return p, nil
}

// With returns a pattern that asks for what p asks for and for the fields of
// source too. A field that both constrain is an error, and so is a $or on the
// same level of both. The limit on the length is the one p was made with.
func (p Pattern) With(source Source) (Pattern, error) {
	if p.root == nil || source == nil {
		return Pattern{}, &Error{Err: errEmpty}
	}
	text, err := appendFields(nil, source.Fields(), "", 0)
	if err != nil {
		return Pattern{}, err
	}
	more, err := parse(text)
	if err != nil {
		return Pattern{}, err
	}
	merged, err := p.root.merge(more, "")
	if err != nil {
		return Pattern{}, err
	}
	return Parse(merged.appendJSON(nil), func(o *Options) { o.MaxLength = p.maxLength })
}

// String returns the pattern as compact JSON, ready for PutRule. The same
// pattern always gives the same text: fields are in a fixed order, source,
// detail-type, account, region and resources first, $or last, the others by
// name; alternatives keep the order in which they were given. The zero Pattern
// gives the empty string.
func (p Pattern) String() string { return p.text }

// MarshalJSON returns the pattern as JSON. It fails on the zero Pattern.
//
// The functions of encoding/json write < and > of numeric ranges as \u003c and
// \u003e, which EventBridge reads as well; [Pattern.String] does not.
func (p Pattern) MarshalJSON() ([]byte, error) {
	if p.root == nil {
		return nil, &Error{Err: errEmpty}
	}
	return []byte(p.text), nil
}

// UnmarshalJSON reads a pattern as [Parse] does without options.
func (p *Pattern) UnmarshalJSON(data []byte) error {
	parsed, err := Parse(data)
	if err != nil {
		return err
	}
	*p = parsed
	return nil
}

// Equal reports whether p and q are the same pattern: the same fields with the
// same alternatives in the same order. The order of fields does not matter.
func (p Pattern) Equal(q Pattern) bool { return p.text == q.text }

var (
	_ json.Marshaler   = Pattern{}
	_ json.Unmarshaler = (*Pattern)(nil)
)
