package asltest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"strings"
	"time"

	jsonata "github.com/blues/jsonata-go"
)

// Options say how a machine is run.
type Options struct {
	// Name and ARN are those of the execution.
	Name, ARN string

	// Input is the input, in JSON.
	Input []byte

	// Clock is the time. The default is a [FakeClock].
	Clock Clock

	// Do does the work of tasks. It returns a value for JSON, or an [*Error], or
	// [Hang]. Any other error ends Run.
	Do func(context.Context, Call) (any, error)

	// Interrupt is called with each event of the history. A status other than ""
	// ends the execution there, as StopExecution does with StatusAborted.
	Interrupt func(Event) Status

	// OnEvaluate is called with each evaluation.
	OnEvaluate func(Evaluation)
}

// Call is a call of a service.
type Call struct {
	State     string // the name of the state
	Resource  string // such as "aws-sdk:ec2:runInstances"
	Arguments map[string]any
	Attempt   int // 0 is the first
}

// Status is the status of an execution.
type Status string

// The statuses of an execution that has ended.
const (
	StatusSucceeded Status = "SUCCEEDED"
	StatusFailed    Status = "FAILED"
	StatusTimedOut  Status = "TIMED_OUT"
	StatusAborted   Status = "ABORTED"
)

// Event is an event of the history.
type Event struct {
	Type  string // such as "TaskScheduled"
	State string
	Time  time.Time

	// Via is, for the event of a state that was left, the field that led to the
	// next one, such as "Next", "Choices[0]" or "Catch[1]".
	Via string
}

// Execution is an execution that has ended.
type Execution struct {
	Status       Status
	Output       any
	Error, Cause string
	Events       []Event
	Variables    map[string]any
}

// Path returns the names of the states in the order in which they were entered.
func (x *Execution) Path() []string {
	var names []string
	for _, e := range x.Events {
		if strings.HasSuffix(e.Type, "StateEntered") {
			names = append(names, e.State)
		}
	}
	return names
}

// Limits of Step Functions.
const (
	MaxEvents = 25000
	maxData   = 262144
	maxWait   = 99999999
)

// errEnd ends a run whose execution has its status.
var errEnd = errors.New("the execution has ended")

type run struct {
	Options
	Execution
	machine   *Machine
	evaluator evaluator
	input     any // of the state
	context   map[string]any
	state     string
	via       string // the field that leads on
	deadline  time.Time
}

// Run runs an execution to its end. An error means that it could not be run, or
// that Options.Do is wrong. The end of ctx aborts the execution.
func (m *Machine) Run(ctx context.Context, options Options) (*Execution, error) {
	compiled, ok := m.compiled.Get().(map[string]*jsonata.Expr)
	if !ok {
		compiled = make(map[string]*jsonata.Expr)
	}
	defer m.compiled.Put(compiled)
	r := &run{Options: options, machine: m, evaluator: evaluator{compiled, options.OnEvaluate}}
	if r.Clock == nil {
		r.Clock = NewFakeClock(time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC))
	}
	r.Variables = map[string]any{}
	if err := json.Unmarshal(options.Input, &r.input); err != nil {
		return nil, fmt.Errorf("asltest: the input: %w", err)
	}
	start := r.Clock.Now()
	if m.TimeoutSeconds > 0 {
		r.deadline = start.Add(time.Duration(m.TimeoutSeconds) * time.Second)
	}
	r.context = map[string]any{
		"Execution": map[string]any{
			"Id": options.ARN, "Name": options.Name, "Input": r.input, "StartTime": timestamp(start), "RedriveCount": 0.0,
		},
	}
	err := r.event(ctx, "ExecutionStarted", "")
	for name := m.StartAt; err == nil && name != ""; {
		name, err = r.enter(ctx, name)
	}
	var failure *Error
	switch {
	case errors.As(err, &failure):
		r.Status, r.Error, r.Cause = StatusFailed, failure.Name, failure.Cause
		r.Events = append(r.Events, Event{Type: "ExecutionFailed", Time: r.Clock.Now()})
	case errors.Is(err, errEnd):
	case err != nil && ctx.Err() != nil:
		r.Status = StatusAborted
		r.Events = append(r.Events, Event{Type: "ExecutionAborted", Time: r.Clock.Now()})
	case err != nil:
		return nil, fmt.Errorf("asltest: state %q: %w", r.state, err)
	default:
		r.Status, r.Output = StatusSucceeded, r.input
		r.Events = append(r.Events, Event{Type: "ExecutionSucceeded", Time: r.Clock.Now()})
	}
	return &r.Execution, nil
}

func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// event adds an event to the history.
func (r *run) event(ctx context.Context, typ, state string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if len(r.Events) >= MaxEvents-1 {
		return &Error{errorRuntime, "the history is full"}
	}
	e := Event{Type: typ, State: state, Time: r.Clock.Now()}
	if strings.HasSuffix(typ, "StateExited") {
		e.Via = r.via
	}
	r.Events = append(r.Events, e)
	if r.Interrupt != nil {
		if status := r.Interrupt(e); status != "" {
			r.Status = status
			return errEnd
		}
	}
	return nil
}

// sleep waits, but not past the timeout of the machine.
func (r *run) sleep(ctx context.Context, d time.Duration) error {
	if !r.deadline.IsZero() && !r.Clock.Now().Add(d).Before(r.deadline) {
		if err := r.Clock.Sleep(ctx, r.deadline.Sub(r.Clock.Now())); err != nil {
			return err
		}
		r.Status = StatusTimedOut
		r.Events = append(r.Events, Event{Type: "ExecutionTimedOut", Time: r.Clock.Now()})
		return errEnd
	}
	return r.Clock.Sleep(ctx, d)
}

// bindings are the variables of an expression.
func (r *run) bindings(extra map[string]any) map[string]any {
	states := map[string]any{"input": r.input, "context": r.context}
	maps.Copy(states, extra)
	all := maps.Clone(r.Variables)
	all["states"] = states
	return all
}

// leave evaluates the output and the variables. Both see the old variables.
func (r *run) leave(output any, assign map[string]any, extra map[string]any, fallback any) error {
	bindings := r.bindings(extra)
	value := fallback
	if output != nil {
		var err error
		if value, err = r.evaluator.template(output, bindings); err != nil {
			return err
		}
	}
	assigned, err := r.evaluator.template(assign, bindings)
	if err != nil {
		return err
	}
	if output != nil {
		if err := limit(value); err != nil {
			return err
		}
	}
	variables, _ := assigned.(map[string]any)
	for _, v := range variables {
		if err := limit(v); err != nil {
			return err
		}
	}
	maps.Copy(r.Variables, variables)
	r.input = value
	return nil
}

// limit returns an error for a value that is too large for Step Functions.
func limit(value any) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if len(data) > maxData {
		return &Error{errorDataLimit, fmt.Sprintf("a value has %d bytes", len(data))}
	}
	return nil
}

// enter runs a state and returns the next one, or "" at the end.
func (r *run) enter(ctx context.Context, name string) (next string, err error) {
	s := r.machine.States[name]
	r.state = name
	r.context = maps.Clone(r.context)
	r.context["State"] = map[string]any{"Name": name, "EnteredTime": timestamp(r.Clock.Now()), "RetryCount": 0.0}
	if err := r.event(ctx, s.Type+"StateEntered", name); err != nil {
		return "", err
	}
	next, r.via = s.Next, "Next"
	switch s.Type {
	case "Task":
		next, err = r.task(ctx, name, s)
	case "Choice":
		next, err = r.choose(s)
	case "Wait":
		if err = r.wait(ctx, s); err == nil {
			err = r.leave(s.Output, s.Assign, nil, r.input)
		}
	case "Fail":
		return "", r.fail(s)
	default: // Pass and Succeed
		err = r.leave(s.Output, s.Assign, nil, r.input)
	}
	if err != nil {
		return "", err
	}
	return next, r.event(ctx, s.Type+"StateExited", name)
}

func (r *run) choose(s *State) (string, error) {
	for i, c := range s.Choices {
		condition, err := r.evaluator.template(c.Condition, r.bindings(nil))
		if err != nil {
			return "", err
		}
		met, ok := condition.(bool)
		if !ok {
			return "", &Error{errorQuery, fmt.Sprintf("the condition %v is %v, which is no boolean", c.Condition, condition)}
		}
		if met {
			r.via = fmt.Sprintf("Choices[%d]", i)
			return c.Next, r.leave(c.Output, c.Assign, nil, r.input)
		}
	}
	if s.Default == "" {
		return "", &Error{errorNoChoice, "no choice matched"}
	}
	r.via = "Default"
	return s.Default, r.leave(s.Output, s.Assign, nil, r.input)
}

func (r *run) wait(ctx context.Context, s *State) error {
	if s.Timestamp != nil {
		value, err := r.evaluator.template(s.Timestamp, r.bindings(nil))
		if err != nil {
			return err
		}
		text, _ := value.(string)
		until, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return &Error{errorQuery, fmt.Sprintf("Timestamp: %v", err)}
		}
		return r.sleep(ctx, max(0, until.Sub(r.Clock.Now())))
	}
	value, err := r.evaluator.template(s.Seconds, r.bindings(nil))
	if err != nil {
		return err
	}
	seconds, ok := value.(float64)
	if !ok || seconds != math.Trunc(seconds) || seconds < 0 || seconds > maxWait {
		return &Error{errorQuery, fmt.Sprintf("Seconds: %v is no number of seconds", value)}
	}
	return r.sleep(ctx, time.Duration(seconds)*time.Second)
}

func (r *run) fail(s *State) error {
	failure := &Error{}
	for _, field := range []struct {
		value any
		text  *string
	}{{s.Error, &failure.Name}, {s.Cause, &failure.Cause}} {
		if field.value == nil {
			continue
		}
		value, err := r.evaluator.template(field.value, r.bindings(nil))
		if err != nil {
			return err
		}
		ok := false
		if *field.text, ok = value.(string); !ok {
			return &Error{errorQuery, fmt.Sprintf("%v is no text", value)}
		}
	}
	return failure
}
