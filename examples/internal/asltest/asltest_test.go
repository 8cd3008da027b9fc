package asltest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/examples/internal/asltest"
)

// definition returns a machine of these states, which begins with A.
func definition(states string) []byte {
	return []byte(`{"QueryLanguage":"JSONata","StartAt":"A","TimeoutSeconds":86400,"States":{` + states + `}}`)
}

func TestParse(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, definition, want string }{
		{"no JSON", `{`, "unexpected EOF"},
		{"unknown field", string(definition(`"A":{"Type":"Pass","ResultPath":"$","End":true}`)), `unknown field "ResultPath"`},
		{"field of another type", string(definition(`"A":{"Type":"Pass","Seconds":1,"End":true}`)), "a Pass has no field Seconds"},
		{"missing field", string(definition(`"A":{"Type":"Task","End":true}`)), "a Task needs the field Resource"},
		{"unknown type", string(definition(`"A":{"Type":"Map","End":true}`)), `the type "Map" is not known`},
		{"null", string(definition(`"A":null`)), `state "A" is null`},
		{"JSONPath", `{"StartAt":"A","States":{"A":{"Type":"Succeed"}}}`, "only JSONata"},
		{"no start", `{"QueryLanguage":"JSONata","StartAt":"B","States":{"A":{"Type":"Succeed"}}}`, `there is no state "B"`},
		{"no target", string(definition(`"A":{"Type":"Pass","Next":"B"}`)), `Next: there is no state "B"`},
		{"no target of a catcher", string(definition(`"A":{"Type":"Task","Resource":"arn:aws:states:::x","End":true,"Catch":[{"ErrorEquals":["States.ALL"],"Next":"B"}]}`)), `Catch[0]: there is no state "B"`},
		{"neither next nor end", string(definition(`"A":{"Type":"Pass"}`)), "either Next or End"},
		{"unreachable", string(definition(`"A":{"Type":"Succeed"},"B":{"Type":"Succeed"}`)), `state "B" cannot be reached`},
		{"endless", string(definition(`"A":{"Type":"Pass","Next":"B"},"B":{"Type":"Pass","Next":"A"}`)), `state "B" does not lead to an end`},
		{"wait for nothing", string(definition(`"A":{"Type":"Wait","End":true}`)), "either Seconds or Timestamp"},
		{"all is not last", string(definition(`"A":{"Type":"Task","Resource":"arn:aws:states:::x","End":true,"Retry":[{"ErrorEquals":["States.ALL"]},{"ErrorEquals":["X"]}]}`)), "must stand alone, and come last"},
		{"all is not alone", string(definition(`"A":{"Type":"Task","Resource":"arn:aws:states:::x","End":true,"Retry":[{"ErrorEquals":["States.ALL","X"]}]}`)), "must stand alone"},
		{"no such error", string(definition(`"A":{"Type":"Task","Resource":"arn:aws:states:::x","End":true,"Retry":[{"ErrorEquals":["States.All"]}]}`)), `there is no error "States.All"`},
		{"delay under the interval", string(definition(`"A":{"Type":"Task","Resource":"arn:aws:states:::x","End":true,"Retry":[{"ErrorEquals":["X"],"IntervalSeconds":5,"MaxDelaySeconds":5}]}`)), "MaxDelaySeconds 5"},
		{"half an expression", string(definition(`"A":{"Type":"Pass","Assign":{"x":"{% 1 "},"End":true}`)), "only one end of an expression"},
		{"expression", string(definition(`"A":{"Type":"Pass","Assign":{"x":"{% (1 %}"},"End":true}`)), `expression "(1"`},
		{"function of time", string(definition(`"A":{"Type":"Pass","Assign":{"x":"{% $millis() %}"},"End":true}`)), "$millis() is not known"},
		{"right", string(definition(`"A":{"Type":"Succeed"}`)), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := asltest.Parse([]byte(test.definition))
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("Parse() = %v, want %q", err, test.want)
			}
		})
	}
}

// outcome is what the tests compare of an execution.
type outcome struct {
	Status       asltest.Status
	Output       any
	Error, Cause string
	Path         string
	Events       int
	Took         time.Duration
}

func TestRun(t *testing.T) {
	t.Parallel()
	fail := &asltest.Error{Name: "S.Odd", Cause: "odd"}
	for _, test := range []struct {
		name    string
		states  string
		input   string
		replies []any // an error is one; the last is repeated
		want    outcome
	}{
		{
			name:   "pass",
			states: `"A":{"Type":"Pass","Assign":{"x":"{% $states.input.n + 1 %}","y":"plain"},"Output":{"n":"{% [$states.input.n] %}"},"Next":"B"},"B":{"Type":"Succeed","Output":{"x":"{% $x %}","y":"{% $y %}","n":"{% $states.input.n %}"}}`,
			input:  `{"n":1}`,
			want:   outcome{Status: asltest.StatusSucceeded, Output: map[string]any{"x": 2.0, "y": "plain", "n": []any{1.0}}, Path: "A B", Events: 6},
		},
		{
			name:   "assigned values are seen by the next state only",
			states: `"A":{"Type":"Pass","Assign":{"x":1},"Next":"B"},"B":{"Type":"Pass","Assign":{"x":2,"y":"{% $x %}"},"Next":"C"},"C":{"Type":"Succeed","Output":"{% $y %}"}`,
			want:   outcome{Status: asltest.StatusSucceeded, Output: 1.0, Path: "A B C", Events: 8},
		},
		{
			name:   "wait",
			states: `"A":{"Type":"Wait","Seconds":"{% $min([90, 60]) %}","Next":"B"},"B":{"Type":"Succeed","Output":"{% $toMillis($states.context.State.EnteredTime) - $toMillis($states.context.Execution.StartTime) %}"}`,
			want:   outcome{Status: asltest.StatusSucceeded, Output: 60000.0, Path: "A B", Events: 6, Took: time.Minute},
		},
		{
			name:   "wait until",
			states: `"A":{"Type":"Wait","Timestamp":"2030-01-02T03:05:05Z","Next":"B"},"B":{"Type":"Succeed","Output":1}`,
			want:   outcome{Status: asltest.StatusSucceeded, Output: 1.0, Path: "A B", Events: 6, Took: time.Minute},
		},
		{
			name:   "wait for half a second",
			states: `"A":{"Type":"Wait","Seconds":"{% 0.5 %}","End":true}`,
			want:   outcome{Status: asltest.StatusFailed, Error: "States.QueryEvaluationError", Cause: "Seconds: 0.5 is no number of seconds", Path: "A", Events: 3},
		},
		{
			name:   "choice",
			states: `"A":{"Type":"Choice","Choices":[{"Condition":"{% $states.input = 1 %}","Next":"B"},{"Condition":"{% $states.input = 2 %}","Assign":{"x":"two"},"Next":"C"}],"Default":"B"},"B":{"Type":"Succeed"},"C":{"Type":"Fail","Error":"{% $x %}","Cause":"because"}`,
			input:  `2`,
			want:   outcome{Status: asltest.StatusFailed, Error: "two", Cause: "because", Path: "A C", Events: 5},
		},
		{
			name:   "default",
			states: `"A":{"Type":"Choice","Choices":[{"Condition":"{% $states.input = 1 %}","Next":"C"}],"Default":"B","Assign":{"x":"d"}},"B":{"Type":"Succeed","Output":"{% $x %}"},"C":{"Type":"Fail"}`,
			input:  `2`,
			want:   outcome{Status: asltest.StatusSucceeded, Output: "d", Path: "A B", Events: 6},
		},
		{
			name:   "no choice",
			states: `"A":{"Type":"Choice","Choices":[{"Condition":"{% $states.input = 1 %}","Next":"B"}]},"B":{"Type":"Succeed"}`,
			input:  `2`,
			want:   outcome{Status: asltest.StatusFailed, Error: "States.NoChoiceMatched", Cause: "no choice matched", Path: "A", Events: 3},
		},
		{
			name:   "condition without a boolean",
			states: `"A":{"Type":"Choice","Choices":[{"Condition":"{% $states.input %}","Next":"B"}],"Default":"B"},"B":{"Type":"Succeed"}`,
			input:  `"yes"`,
			want:   outcome{Status: asltest.StatusFailed, Error: "States.QueryEvaluationError", Cause: "the condition {% $states.input %} is yes, which is no boolean", Path: "A", Events: 3},
		},
		{
			name:    "task",
			states:  `"A":{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:s:op","Arguments":{"In":"{% $states.input %}"},"Assign":{"x":"{% $states.result.Out %}"},"Next":"B"},"B":{"Type":"Succeed","Output":"{% $x %}"}`,
			input:   `"in"`,
			replies: []any{map[string]any{"Out": 7}},
			want:    outcome{Status: asltest.StatusSucceeded, Output: 7.0, Path: "A B", Events: 9},
		},
		{
			name:    "undefined argument",
			states:  `"A":{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:s:op","Arguments":{"In":"{% $states.input.nothing %}"},"Catch":[{"ErrorEquals":["States.QueryEvaluationError"],"Next":"B"}],"Next":"B"},"B":{"Type":"Succeed","Output":"{% $states.input.Error %}"}`,
			input:   `{}`,
			replies: []any{1},
			want:    outcome{Status: asltest.StatusSucceeded, Output: "States.QueryEvaluationError", Path: "A B", Events: 6},
		},
		{
			name:    "undefined result",
			states:  `"A":{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:s:op","Assign":{"x":"{% $states.result.Out %}"},"Catch":[{"ErrorEquals":["States.ALL"],"Assign":{"x":"{% $states.errorOutput.Error %}"},"Next":"B"}],"Next":"C"},"B":{"Type":"Succeed","Output":"{% $x %}"},"C":{"Type":"Fail"}`,
			replies: []any{map[string]any{}},
			want:    outcome{Status: asltest.StatusSucceeded, Output: "States.QueryEvaluationError", Path: "A B", Events: 9},
		},
		{
			name:    "uncaught",
			states:  `"A":{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:s:op","Catch":[{"ErrorEquals":["S.Other"],"Next":"B"}],"Next":"B"},"B":{"Type":"Succeed"}`,
			replies: []any{fail},
			want:    outcome{Status: asltest.StatusFailed, Error: "S.Odd", Cause: "odd", Path: "A", Events: 6},
		},
		{
			name:    "retry", // 1 + 2 + 4 + 5 seconds, and 3 events each
			states:  `"A":{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:s:op","Retry":[{"ErrorEquals":["S.Odd"],"MaxAttempts":4,"MaxDelaySeconds":5}],"Next":"B"},"B":{"Type":"Succeed"}`,
			replies: []any{fail, fail, fail, fail, "done"},
			want:    outcome{Status: asltest.StatusSucceeded, Output: "done", Path: "A B", Events: 9 + 4*3, Took: 12 * time.Second},
		},
		{
			name:    "retry in vain",
			states:  `"A":{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:s:op","Retry":[{"ErrorEquals":["States.TaskFailed"],"IntervalSeconds":3,"BackoffRate":1}],"Catch":[{"ErrorEquals":["States.TaskFailed"],"Next":"B"}],"Next":"C"},"B":{"Type":"Succeed","Output":"{% $states.input.Cause %}"},"C":{"Type":"Fail"}`,
			replies: []any{fail},
			want:    outcome{Status: asltest.StatusSucceeded, Output: "odd", Path: "A B", Events: 9 + 3*3, Took: 9 * time.Second},
		},
		{
			name:    "retriers count apart",
			states:  `"A":{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:s:op","Retry":[{"ErrorEquals":["S.Odd"],"MaxAttempts":1},{"ErrorEquals":["States.ALL"],"MaxAttempts":1}],"Next":"B"},"B":{"Type":"Succeed"}`,
			replies: []any{fail, &asltest.Error{Name: "S.Other"}, "done"},
			want:    outcome{Status: asltest.StatusSucceeded, Output: "done", Path: "A B", Events: 15, Took: 2 * time.Second},
		},
		{
			name:    "never retried",
			states:  `"A":{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:s:op","Retry":[{"ErrorEquals":["S.Odd"],"MaxAttempts":0},{"ErrorEquals":["States.ALL"]}],"Next":"B"},"B":{"Type":"Succeed"}`,
			replies: []any{fail, "done"},
			want:    outcome{Status: asltest.StatusFailed, Error: "S.Odd", Cause: "odd", Path: "A", Events: 6},
		},
		{
			name:    "timeout is not a failed task",
			states:  `"A":{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:s:op","TimeoutSeconds":30,"Catch":[{"ErrorEquals":["States.TaskFailed"],"Next":"B"},{"ErrorEquals":["States.Timeout"],"Next":"C"}],"Next":"B"},"B":{"Type":"Fail"},"C":{"Type":"Succeed","Output":1}`,
			replies: []any{asltest.Hang},
			want:    outcome{Status: asltest.StatusSucceeded, Output: 1.0, Path: "A C", Events: 9, Took: 30 * time.Second},
		},
		{
			name:    "nothing catches a runtime error",
			states:  `"A":{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:s:op","Retry":[{"ErrorEquals":["States.ALL"]}],"Catch":[{"ErrorEquals":["States.ALL"],"Next":"B"}],"Next":"B"},"B":{"Type":"Succeed"}`,
			replies: []any{&asltest.Error{Name: "States.Runtime", Cause: "x"}},
			want:    outcome{Status: asltest.StatusFailed, Error: "States.Runtime", Cause: "x", Path: "A", Events: 6},
		},
		{
			name:    "too much data",
			states:  `"A":{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:s:op","Catch":[{"ErrorEquals":["States.ALL"],"Next":"B"}],"Next":"B"},"B":{"Type":"Succeed"}`,
			replies: []any{strings.Repeat("x", 262143)},
			want:    outcome{Status: asltest.StatusFailed, Error: "States.DataLimitExceeded", Cause: "the result has 262145 bytes", Path: "A", Events: 6},
		},
		{
			name:   "machine times out in a wait",
			states: `"A":{"Type":"Wait","Seconds":90000,"Next":"B"},"B":{"Type":"Succeed"}`,
			want:   outcome{Status: asltest.StatusTimedOut, Path: "A", Events: 3, Took: 24 * time.Hour},
		},
		{
			name:   "functions of Step Functions",
			states: `"A":{"Type":"Succeed","Output":"{% [$hash('a', 'SHA-256'), $parse('{\"b\": [1]}').b] %}"}`,
			want: outcome{Status: asltest.StatusSucceeded, Path: "A", Events: 4, Output: []any{
				"ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb", 1.0,
			}},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			m, err := asltest.Parse(definition(test.states))
			if err != nil {
				t.Fatal(err)
			}
			began := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
			clock := asltest.NewFakeClock(began)
			calls := 0
			do := func(context.Context, asltest.Call) (any, error) {
				reply := test.replies[min(calls, len(test.replies)-1)]
				calls++
				if err, ok := reply.(error); ok {
					return nil, err
				}
				return reply, nil
			}
			input := test.input
			if input == "" {
				input = "null"
			}
			x, err := m.Run(t.Context(), asltest.Options{Input: []byte(input), Clock: clock, Do: do})
			if err != nil {
				t.Fatal(err)
			}
			got := outcome{x.Status, x.Output, x.Error, x.Cause, strings.Join(x.Path(), " "), len(x.Events), clock.Now().Sub(began)}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("outcome (-want +got):\n%s", diff)
			}
		})
	}
}

// TestTurn counts the events of a turn of the usual loop, as measured with
// GetExecutionHistory: 9.
func TestTurn(t *testing.T) {
	t.Parallel()
	m, err := asltest.Parse(definition(`"A":{"Type":"Wait","Seconds":1,"Next":"B"},"B":{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:s:op","Next":"C"},"C":{"Type":"Choice","Choices":[{"Condition":"{% $states.input %}","Next":"D"}],"Default":"A"},"D":{"Type":"Succeed"}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, turns := range []int{1, 2, 100} {
		n := 0
		x, err := m.Run(t.Context(), asltest.Options{Input: []byte("null"), Do: func(context.Context, asltest.Call) (any, error) {
			n++
			return n == turns, nil
		}})
		if err != nil {
			t.Fatal(err)
		}
		if want := 4 + 9*turns; x.Status != asltest.StatusSucceeded || len(x.Events) != want {
			t.Errorf("%d turns: %s with %d events, want %d", turns, x.Status, len(x.Events), want)
		}
	}
	x, err := m.Run(t.Context(), asltest.Options{Input: []byte("null"), Do: func(context.Context, asltest.Call) (any, error) { return false, nil }})
	if err != nil {
		t.Fatal(err)
	}
	if x.Status != asltest.StatusFailed || len(x.Events) != asltest.MaxEvents {
		t.Errorf("an endless loop is %s with %d events, want FAILED with %d", x.Status, len(x.Events), asltest.MaxEvents)
	}
}

func TestInterrupt(t *testing.T) {
	t.Parallel()
	m, err := asltest.Parse(definition(`"A":{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:s:op","Catch":[{"ErrorEquals":["States.ALL"],"Next":"B"}],"Next":"B"},"B":{"Type":"Succeed"}`))
	if err != nil {
		t.Fatal(err)
	}
	done := func(context.Context, asltest.Call) (any, error) { return 1, nil }
	x, err := m.Run(t.Context(), asltest.Options{Input: []byte("null"), Do: done, Interrupt: func(e asltest.Event) asltest.Status {
		if e.Type == "TaskStarted" {
			return asltest.StatusAborted
		}
		return ""
	}})
	if err != nil || x.Status != asltest.StatusAborted || len(x.Events) != 4 {
		t.Errorf("interrupted: %v, %v, want ABORTED after 4 events", x, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	x, err = m.Run(ctx, asltest.Options{Input: []byte("null"), Do: func(ctx context.Context, _ asltest.Call) (any, error) {
		cancel()
		return nil, ctx.Err()
	}})
	if err != nil || x.Status != asltest.StatusAborted {
		t.Errorf("cancelled: %v, %v, want ABORTED", x, err)
	}
	broken := errors.New("the test is broken")
	if _, err := m.Run(t.Context(), asltest.Options{Input: []byte("null"), Do: func(context.Context, asltest.Call) (any, error) { return nil, broken }}); !errors.Is(err, broken) {
		t.Errorf("the error of Run is %v, want %v", err, broken)
	}
	if _, err := m.Run(t.Context(), asltest.Options{Input: []byte("{"), Do: done}); err == nil {
		t.Error("an input that is no JSON has no error")
	}
}

func FuzzParse(f *testing.F) {
	f.Add(definition(`"A":{"Type":"Pass","Assign":{"x":"{% $states.input.n + 1 %}"},"Next":"B"},"B":{"Type":"Succeed"}`))
	f.Add(definition(`"A":{"Type":"Task","Resource":"arn:aws:states:::x","Retry":[{"ErrorEquals":["States.ALL"],"IntervalSeconds":1}],"Catch":[{"ErrorEquals":["States.ALL"],"Next":"B"}],"Next":"B"},"B":{"Type":"Fail","Error":"{% $states.input.Error %}"}`))
	f.Add(definition(`"A":{"Type":"Choice","Choices":[{"Condition":"{% $states.input = 1 %}","Next":"B"}],"Default":"A"},"B":{"Type":"Succeed"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := asltest.Parse(data)
		if err != nil {
			return
		}
		events := 0
		_, _ = m.Run(t.Context(), asltest.Options{
			Input: []byte(`{"n":1}`),
			Do: func(_ context.Context, call asltest.Call) (any, error) {
				return map[string]any{"State": call.State}, nil
			},
			Interrupt: func(asltest.Event) asltest.Status {
				if events++; events > 200 {
					return asltest.StatusAborted
				}
				return ""
			},
		})
	})
}

func Example() {
	machine, err := asltest.Parse([]byte(`{
		"QueryLanguage": "JSONata",
		"StartAt": "Ask",
		"States": {
			"Ask": {
				"Type": "Task",
				"Resource": "arn:aws:states:::aws-sdk:sts:getCallerIdentity",
				"Retry": [{"ErrorEquals": ["Sts.StsException"], "IntervalSeconds": 20}],
				"Output": "{% $states.result.Account %}",
				"End": true
			}
		}
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	execution, err := machine.Run(context.Background(), asltest.Options{
		Input: []byte(`{}`),
		Do: func(_ context.Context, call asltest.Call) (any, error) {
			if call.Attempt == 0 {
				return nil, &asltest.Error{Name: "Sts.StsException", Cause: "Rate exceeded"}
			}
			return map[string]any{"Account": "123456789012"}, nil
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	first, last := execution.Events[0], execution.Events[len(execution.Events)-1]
	fmt.Println(execution.Status, execution.Output, last.Time.Sub(first.Time))
	// Output: SUCCEEDED 123456789012 20s
}
