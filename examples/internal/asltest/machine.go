package asltest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// Machine is a state machine.
type Machine struct {
	Comment        string
	QueryLanguage  string
	StartAt        string
	TimeoutSeconds int
	States         map[string]*State

	compiled sync.Pool // of map[string]*jsonata.Expr, each for one execution at a time
}

// State is a state of any type.
type State struct {
	Type           string
	Comment        string
	QueryLanguage  string
	Resource       string
	Arguments      any
	Assign         map[string]any
	Output         any
	Seconds        any
	Timestamp      any
	TimeoutSeconds int
	Error, Cause   any
	Retry          []Retrier
	Catch          []Catcher
	Choices        []Choice
	Default        string
	Next           string
	End            bool
}

// Retrier says how a failed task is repeated.
type Retrier struct {
	Comment         string
	ErrorEquals     []string
	IntervalSeconds *int
	MaxAttempts     *int
	BackoffRate     *float64
	MaxDelaySeconds *int
}

// Catcher says where a failed task leads.
type Catcher struct {
	Comment     string
	ErrorEquals []string
	Assign      map[string]any
	Output      any
	Next        string
}

// Choice is one rule of a state of type Choice.
type Choice struct {
	Comment   string
	Condition any
	Assign    map[string]any
	Output    any
	Next      string
}

// fields are those that each type of state must (true) or may have.
var fields = map[string]map[string]bool{
	"Task":    {"Resource": true, "Arguments": false, "Assign": false, "Output": false, "TimeoutSeconds": false, "Retry": false, "Catch": false, "Next": false, "End": false},
	"Pass":    {"Assign": false, "Output": false, "Next": false, "End": false},
	"Wait":    {"Seconds": false, "Timestamp": false, "Assign": false, "Output": false, "Next": false, "End": false},
	"Choice":  {"Choices": true, "Default": false, "Assign": false, "Output": false},
	"Succeed": {"Output": false},
	"Fail":    {"Error": false, "Cause": false},
}

// Parse reads a definition and returns an error that names everything that is
// wrong with it.
func Parse(definition []byte) (*Machine, error) {
	var m Machine
	d := json.NewDecoder(bytes.NewReader(definition))
	d.DisallowUnknownFields()
	if err := d.Decode(&m); err != nil {
		return nil, fmt.Errorf("asltest: the definition: %w", err)
	}
	var raw struct {
		States map[string]map[string]json.RawMessage
	}
	if err := json.Unmarshal(definition, &raw); err != nil {
		return nil, fmt.Errorf("asltest: the definition: %w", err)
	}
	var errs []error
	if m.QueryLanguage != "JSONata" {
		errs = append(errs, fmt.Errorf("the query language is %q, and only JSONata is known", m.QueryLanguage))
	}
	if m.States[m.StartAt] == nil {
		errs = append(errs, fmt.Errorf("StartAt: there is no state %q", m.StartAt))
	}
	for _, name := range slices.Sorted(maps.Keys(m.States)) {
		s := m.States[name]
		if s == nil {
			return nil, fmt.Errorf("asltest: the definition: state %q is null", name)
		}
		if n := utf8.RuneCountInString(name); n < 1 || n > 80 {
			errs = append(errs, fmt.Errorf("state %q: a name has 1 to 80 characters", name))
		}
		for _, err := range m.check(s, raw.States[name]) {
			errs = append(errs, fmt.Errorf("state %q: %w", name, err))
		}
	}
	errs = append(errs, m.checkPaths()...)
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("asltest: the definition: %w", err)
	}
	return &m, nil
}

func (m *Machine) check(s *State, raw map[string]json.RawMessage) []error {
	var errs []error
	wrong := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	known, ok := fields[s.Type]
	if !ok {
		return []error{fmt.Errorf("the type %q is not known", s.Type)}
	}
	for _, field := range slices.Sorted(maps.Keys(raw)) {
		if _, ok := known[field]; !ok && field != "Type" && field != "Comment" && field != "QueryLanguage" {
			wrong("a %s has no field %s", s.Type, field)
		}
	}
	for field, required := range known {
		if required && raw[field] == nil {
			wrong("a %s needs the field %s", s.Type, field)
		}
	}
	if s.QueryLanguage != "" && s.QueryLanguage != "JSONata" {
		wrong("the query language is %q, and only JSONata is known", s.QueryLanguage)
	}
	if _, has := known["Next"]; has && (s.Next != "") == s.End {
		wrong("it needs either Next or End")
	}
	if s.Type == "Wait" && (s.Seconds == nil) == (s.Timestamp == nil) {
		wrong("it needs either Seconds or Timestamp")
	}
	if s.Type == "Choice" && len(s.Choices) == 0 {
		wrong("it has no choices")
	}
	for via, next := range s.Targets() {
		if m.States[next] == nil {
			wrong("%s: there is no state %q", via, next)
		}
	}
	for i, r := range s.Retry {
		checkErrors(r.ErrorEquals, i == len(s.Retry)-1, wrong)
		if r.BackoffRate != nil && *r.BackoffRate < 1 {
			wrong("Retry: the back-off rate is %g", *r.BackoffRate)
		}
		if r.MaxDelaySeconds != nil && *r.MaxDelaySeconds <= r.interval() {
			wrong("Retry: MaxDelaySeconds %d is not more than the interval", *r.MaxDelaySeconds)
		}
	}
	for i, c := range s.Catch {
		checkErrors(c.ErrorEquals, i == len(s.Catch)-1, wrong)
	}
	for place, value := range s.templates() {
		checkExpressions(value, place, wrong)
	}
	return errs
}

// templates are all fields with expressions.
func (s *State) templates() map[string]any {
	all := map[string]any{
		"Arguments": s.Arguments, "Output": s.Output, "Seconds": s.Seconds, "Timestamp": s.Timestamp,
		"Error": s.Error, "Cause": s.Cause, "Assign": any(s.Assign),
	}
	for i, c := range s.Choices {
		all[fmt.Sprintf("Choices[%d]", i)] = []any{c.Condition, c.Output, c.Assign}
	}
	for i, c := range s.Catch {
		all[fmt.Sprintf("Catch[%d]", i)] = []any{c.Output, c.Assign}
	}
	return all
}

// checkErrors looks at the names of errors: States.ALL stands alone and last.
func checkErrors(names []string, last bool, wrong func(string, ...any)) {
	if len(names) == 0 {
		wrong("ErrorEquals is empty")
	}
	if slices.Contains(names, errorAll) && (len(names) > 1 || !last) {
		wrong("%s must stand alone, and come last", errorAll)
	}
	for _, name := range names {
		if strings.HasPrefix(name, "States.") && !slices.Contains(statesErrors, name) {
			wrong("there is no error %q", name)
		}
	}
}

// Targets returns the states that may follow, by the field that leads to them:
// "Next", "Default", "Choices[0]", "Catch[1]".
func (s *State) Targets() map[string]string {
	all := map[string]string{}
	for i, c := range s.Choices {
		all[fmt.Sprintf("Choices[%d]", i)] = c.Next
	}
	for i, c := range s.Catch {
		all[fmt.Sprintf("Catch[%d]", i)] = c.Next
	}
	for via, next := range map[string]string{"Next": s.Next, "Default": s.Default} {
		if next != "" {
			all[via] = next
		}
	}
	return all
}

func (s *State) isTerminal() bool { return s.End || s.Type == "Succeed" || s.Type == "Fail" }

// checkPaths returns an error for each state that is never reached, and for each
// from which no end is.
func (m *Machine) checkPaths() []error {
	var errs []error
	reached := map[string]bool{}
	var visit func(name string)
	visit = func(name string) {
		if s := m.States[name]; s != nil && !reached[name] {
			reached[name] = true
			for _, next := range s.Targets() {
				visit(next)
			}
		}
	}
	visit(m.StartAt)
	ends := map[string]bool{}
	for range m.States {
		for name, s := range m.States {
			ends[name] = ends[name] || s.isTerminal()
			for _, next := range s.Targets() {
				ends[name] = ends[name] || ends[next]
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(m.States)) {
		if !reached[name] {
			errs = append(errs, fmt.Errorf("state %q cannot be reached", name))
		}
		if !ends[name] {
			errs = append(errs, fmt.Errorf("state %q does not lead to an end", name))
		}
	}
	return errs
}

func (r *Retrier) interval() int {
	if r.IntervalSeconds == nil {
		return 1
	}
	return *r.IntervalSeconds
}
