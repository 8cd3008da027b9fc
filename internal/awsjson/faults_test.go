package awsjson

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestRate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := NewService("example", "Example", nil)
		s.SetFaults(Faults{Rate: 100}) // ten at once, then one each 10 ms
		admitted := func(n int) (ok int) {
			t.Helper()
			for range n {
				_, err := s.injector.Load().next(t.Context(), "example", "Echo")
				var e *Error
				switch {
				case err == nil:
					ok++
				case !errors.As(err, &e) || e.Code != "ThrottlingException" || e.status() != 400:
					t.Errorf("error %v", err)
				}
			}
			return ok
		}
		for _, test := range []struct {
			after time.Duration
			calls int
			want  int
		}{
			{0, 25, 10},
			{10 * time.Millisecond, 3, 1},
			{55 * time.Millisecond, 20, 5},
			{5 * time.Millisecond, 2, 1},
			{time.Hour, 30, 10},
		} {
			time.Sleep(test.after)
			if got := admitted(test.calls); got != test.want {
				t.Errorf("%s later %d of %d calls are admitted, want %d", test.after, got, test.calls, test.want)
			}
		}
	})
}

func TestLatency(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := NewService("example", "Example", nil)
		s.SetFaults(Faults{Latency: time.Minute, Deny: []string{"Denied"}})
		for _, operation := range []string{"Echo", "Denied"} {
			start := time.Now()
			fault, err := s.injector.Load().next(t.Context(), "example", operation)
			if got := time.Since(start); got != time.Minute || fault != faultNone || (err != nil) != (operation == "Denied") {
				t.Errorf("%s: %v, %v after %s", operation, fault, err, got)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		if fault, err := s.injector.Load().next(ctx, "example", "Echo"); fault != faultDrop || err != nil || time.Since(start) != time.Second {
			t.Errorf("with a client that leaves: %v, %v after %s", fault, err, time.Since(start))
		}
	})
}
