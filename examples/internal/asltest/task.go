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
)

// task runs a state of type Task, with its retries, and returns the next state.
func (r *run) task(ctx context.Context, name string, s *State) (string, error) {
	attempts := make([]int, len(s.Retry)) // by retrier
	for attempt := 0; ; attempt++ {
		result, err := r.attempt(ctx, name, s, attempt)
		if err == nil {
			err = r.leave(s.Output, s.Assign, map[string]any{"result": result}, result)
		}
		var failure *Error
		if !errors.As(err, &failure) {
			return s.Next, err
		}
		if delay, again := s.retry(failure, attempts); again {
			if err := r.sleep(ctx, delay); err != nil {
				return "", err
			}
			state := maps.Clone(r.context["State"].(map[string]any))
			state["RetryCount"] = float64(attempt + 1)
			r.context["State"] = state
			continue
		}
		for i, c := range s.Catch {
			if failure.matches(c.ErrorEquals) {
				r.via = fmt.Sprintf("Catch[%d]", i)
				extra := map[string]any{"errorOutput": map[string]any{"Error": failure.Name, "Cause": failure.Cause}}
				return c.Next, r.leave(c.Output, c.Assign, extra, extra["errorOutput"])
			}
		}
		return "", failure
	}
}

// retry returns how long to wait before the next attempt.
func (s *State) retry(failure *Error, attempts []int) (time.Duration, bool) {
	for i, r := range s.Retry {
		if !failure.matches(r.ErrorEquals) {
			continue
		}
		most := 3
		if r.MaxAttempts != nil {
			most = *r.MaxAttempts
		}
		if attempts[i] >= most {
			return 0, false
		}
		rate := 2.0
		if r.BackoffRate != nil {
			rate = *r.BackoffRate
		}
		seconds := float64(r.interval()) * math.Pow(rate, float64(attempts[i]))
		if r.MaxDelaySeconds != nil {
			seconds = min(seconds, float64(*r.MaxDelaySeconds))
		}
		attempts[i]++
		return time.Duration(seconds * float64(time.Second)), true
	}
	return 0, false
}

// attempt calls the service once.
func (r *run) attempt(ctx context.Context, name string, s *State, attempt int) (any, error) {
	arguments := map[string]any{}
	if s.Arguments != nil {
		value, err := r.evaluator.template(s.Arguments, r.bindings(nil))
		if err != nil {
			return nil, err
		}
		ok := false
		if arguments, ok = value.(map[string]any); !ok {
			return nil, &Error{errorQuery, fmt.Sprintf("Arguments: %v is no object", value)}
		}
	}
	if err := limit(arguments); err != nil {
		return nil, err
	}
	for _, typ := range []string{"TaskScheduled", "TaskStarted"} {
		if err := r.event(ctx, typ, name); err != nil {
			return nil, err
		}
	}
	_, resource, _ := strings.Cut(s.Resource, ":states:::")
	began := r.Clock.Now()
	value, err := r.Do(ctx, Call{State: name, Resource: resource, Arguments: arguments, Attempt: attempt})
	if errors.Is(err, Hang) {
		if s.TimeoutSeconds == 0 {
			return nil, errors.New("the task hangs and has no timeout")
		}
		if err := r.sleep(ctx, time.Duration(s.TimeoutSeconds)*time.Second); err != nil {
			return nil, err
		}
	} else if s.TimeoutSeconds > 0 && r.Clock.Now().Sub(began) > time.Duration(s.TimeoutSeconds)*time.Second {
		err = Hang
	}
	var failure *Error
	switch {
	case errors.Is(err, Hang):
		if err := r.event(ctx, "TaskTimedOut", name); err != nil {
			return nil, err
		}
		return nil, &Error{errorTimeout, ""}
	case errors.As(err, &failure):
		if err := r.event(ctx, "TaskFailed", name); err != nil {
			return nil, err
		}
		return nil, failure
	case err != nil:
		return nil, err
	}
	if err := r.event(ctx, "TaskSucceeded", name); err != nil {
		return nil, err
	}
	data, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("the result: %w", err)
	}
	if len(data) > maxData {
		return nil, &Error{errorDataLimit, fmt.Sprintf("the result has %d bytes", len(data))}
	}
	var plain any
	if err := json.Unmarshal(data, &plain); err != nil {
		return nil, fmt.Errorf("the result: %w", err)
	}
	return plain, nil
}
