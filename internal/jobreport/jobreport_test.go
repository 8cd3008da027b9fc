package jobreport_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/smithy-go"

	"github.com/codesuite-go/codesuite/internal/jobreport"
)

func apiError(code string) error { return &smithy.GenericAPIError{Code: code, Message: "message"} }

// replies is a put that fails with one error after the other, and succeeds
// after the last.
func replies(errs ...error) (put func(context.Context) error, calls *int) {
	calls = new(int)
	return func(context.Context) error {
		*calls++
		if *calls > len(errs) {
			return nil
		}
		return errs[*calls-1]
	}, calls
}

func TestPut(t *testing.T) {
	t.Parallel()
	errLost := errors.New("connection reset")
	for _, tt := range []struct {
		name     string
		errs     []error
		accepted bool
		refused  bool
	}{
		{name: "at once", accepted: true},
		{name: "throttled", errs: []error{apiError("ThrottlingException"), apiError("ThrottlingException")}, accepted: true},
		{name: "server error", errs: []error{apiError("InternalFailure")}, accepted: true},
		{name: "lost", errs: []error{errLost, errLost, errLost}, accepted: true},
		{name: "denied", errs: []error{apiError("AccessDeniedException")}, accepted: true},
		{name: "client token replaced", errs: []error{apiError("InvalidClientTokenException")}, accepted: true},
		{name: "timed out in CodePipeline", errs: []error{apiError("InvalidJobStateException")}},
		{name: "no such job", errs: []error{apiError("JobNotFoundException")}},
		{name: "throttled, then ended", errs: []error{apiError("ThrottlingException"), apiError("InvalidJobStateException")}},
		{name: "denied, then ended", errs: []error{apiError("AccessDeniedException"), apiError("InvalidJobStateException")}},
		{name: "lost, but taken", errs: []error{errLost, apiError("InvalidJobStateException")}, accepted: true},
		{name: "server error, but taken", errs: []error{apiError("InternalFailure"), apiError("InvalidJobStateException")}, accepted: true},
		{name: "invalid", errs: []error{apiError("ValidationException")}, refused: true},
		{name: "too large", errs: []error{errLost, apiError("OutputVariablesSizeExceededException")}, refused: true},
		{name: "invalid for the SDK", errs: []error{&smithy.OperationError{Err: smithy.InvalidParamsError{Context: "X"}}}, refused: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				put, calls := replies(tt.errs...)
				told := 0
				// The end of the context ends nothing.
				ctx, cancel := context.WithCancel(t.Context())
				cancel()
				accepted, err := jobreport.Put(ctx, put, func(o *jobreport.Options) {
					o.OnError = func(attempt int, err error) {
						if told++; attempt != told || err != tt.errs[told-1] {
							t.Errorf("told of call %d, %v", attempt, err)
						}
					}
				})
				if accepted != tt.accepted || errors.Is(err, jobreport.ErrRefused) != tt.refused || err != nil != tt.refused {
					t.Errorf("accepted %t, %v", accepted, err)
				}
				if told != len(tt.errs) || *calls < told {
					t.Errorf("%d calls, told of %d", *calls, told)
				}
			})
		})
	}
}

// The waits double up to the longest, and are never longer.
func TestPutBacksOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var last time.Time
		most, calls := time.Duration(0), 0
		accepted, err := jobreport.Put(t.Context(), func(context.Context) error {
			calls++
			if calls > 1 {
				wait, limit := time.Since(last), time.Second<<min(calls-2, 3)
				if wait > limit+1 {
					t.Errorf("waited %v before call %d", wait, calls)
				}
				most = max(most, wait)
			}
			last = time.Now()
			if calls == 200 {
				return nil
			}
			return errors.New("lost")
		}, func(o *jobreport.Options) { o.MinBackoff, o.MaxBackoff = time.Second, 8*time.Second })
		if !accepted || err != nil || most < 4*time.Second {
			t.Errorf("accepted %t, %v, waited at most %v", accepted, err, most)
		}
	})
}

func TestPutGivesUp(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		code  string
		set   func(*jobreport.Options)
		after time.Duration
		calls int
	}{
		{name: "timeout", code: "InternalFailure", set: func(o *jobreport.Options) { o.Timeout = time.Minute }, after: time.Minute},
		{name: "stop", code: "InternalFailure", after: 10 * time.Second},
		{name: "denied", code: "AccessDeniedException", set: func(o *jobreport.Options) { o.MaxDenied = 3 }, calls: 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				set := tt.set
				if set == nil {
					stop := make(chan struct{})
					time.AfterFunc(tt.after, func() { close(stop) })
					set = func(o *jobreport.Options) { o.Stop = stop }
				}
				calls := 0
				accepted, err := jobreport.Put(t.Context(), func(context.Context) error { calls++; return apiError(tt.code) }, set)
				if accepted || err == nil || !strings.Contains(err.Error(), tt.code) || errors.Is(err, jobreport.ErrRefused) {
					t.Errorf("accepted %t, %v", accepted, err)
				}
				if d := time.Since(start); tt.after > 0 && d != tt.after {
					t.Errorf("gave up after %v", d)
				}
				if tt.calls > 0 && calls != tt.calls {
					t.Errorf("%d calls", calls)
				}
			})
		})
	}
}

// A call that hangs is given up and made again.
func TestPutAttemptTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		type key struct{}
		calls := 0
		accepted, err := jobreport.Put(context.WithValue(t.Context(), key{}, "value"), func(ctx context.Context) error {
			if ctx.Value(key{}) != "value" {
				t.Error("the value of the context is lost")
			}
			if calls++; calls < 3 {
				<-ctx.Done()
				return ctx.Err()
			}
			return nil
		}, func(o *jobreport.Options) { o.AttemptTimeout = 5 * time.Second })
		if !accepted || err != nil || calls != 3 {
			t.Errorf("accepted %t, %v after %d calls", accepted, err, calls)
		}
	})
}
