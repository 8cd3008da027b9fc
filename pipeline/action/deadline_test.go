package action_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/codesuite-go/codesuite/pipeline/action"
)

// The context of the handler ends before the function's deadline, and the job
// is answered in time whatever the handler does.
func TestLambdaDeadline(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		timeout time.Duration // of the function
		margin  time.Duration
		handler func(context.Context) (*action.Result, error)
		ended   time.Duration // when the context ended
		by      time.Duration // when the job was answered
		want    string
	}{
		{
			name: "returns an error", timeout: time.Minute,
			handler: func(ctx context.Context) (*action.Result, error) { return nil, ctx.Err() },
			ended:   55 * time.Second, by: 55 * time.Second, want: "JobFailed the Lambda function ran out of time",
		},
		{
			name: "goes on", timeout: time.Minute,
			handler: func(context.Context) (*action.Result, error) {
				time.Sleep(time.Second)
				return action.Continue("state")
			},
			ended: 55 * time.Second, by: 56 * time.Second, want: `success "state"`,
		},
		{
			name: "hangs", timeout: time.Minute,
			handler: func(context.Context) (*action.Result, error) { time.Sleep(time.Hour); return nil, nil },
			ended:   55 * time.Second, by: 57500 * time.Millisecond, want: "JobFailed the Lambda function ran out of time: the handler had not returned 2.5s before",
		},
		{
			name: "short function", timeout: 3 * time.Second,
			handler: func(ctx context.Context) (*action.Result, error) { return nil, context.Cause(ctx) },
			ended:   2500 * time.Millisecond, by: 2500 * time.Millisecond, want: "JobFailed the Lambda function ran out of time",
		},
		{
			name: "long function", timeout: 15 * time.Minute, margin: 30 * time.Second,
			handler: func(ctx context.Context) (*action.Result, error) { return nil, ctx.Err() },
			ended:   14*time.Minute + 30*time.Second, by: 14*time.Minute + 30*time.Second, want: "JobFailed the Lambda function ran out of time",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				ctx, cancel := context.WithTimeout(t.Context(), tt.timeout)
				defer cancel()
				api := new(fakeAPI)
				l := action.NewLambda(api, handler(func(ctx context.Context, _ *action.Job) (*action.Result, error) {
					<-ctx.Done()
					if cause := context.Cause(ctx); !errors.Is(cause, action.ErrDeadline) {
						t.Errorf("the context ended with %v", cause)
					}
					if d := time.Since(start); d != tt.ended {
						t.Errorf("the context ended after %v, want %v", d, tt.ended)
					}
					return tt.handler(ctx)
				}), func(o *action.LambdaOptions) { o.Margin = tt.margin })
				if _, err := l.Invoke(ctx, payload("")); err != nil {
					t.Error(err)
				}
				if d := time.Since(start); d != tt.by {
					t.Errorf("the job was answered after %v, want %v", d, tt.by)
				}
				if len(api.put) != 1 || !strings.HasPrefix(api.put[0], tt.want) {
					t.Errorf("put %q, want %q", api.put, tt.want)
				}
				synctest.Wait()
				time.Sleep(2 * time.Hour) // the handler that hangs
			})
		})
	}
}

// A result that CodePipeline does not take is tried again until just before the
// deadline, and is then an error.
func TestLambdaReportsUntilDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
		defer cancel()
		api := &fakeAPI{err: apiError("InternalFailure")}
		_, err := action.NewLambda(api, handler(func(context.Context, *action.Job) (*action.Result, error) { return nil, nil })).Invoke(ctx, payload(""))
		if err == nil || len(api.put) < 5 {
			t.Errorf("%d calls, %v", len(api.put), err)
		}
		if d := time.Since(start); d != 3*time.Minute-50*time.Millisecond {
			t.Errorf("gave up after %v", d)
		}
	})
}
