package pipeline_test

import (
	"context"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/pipeline"
)

// calls makes one call of each method.
func calls(ctx context.Context, c *pipeline.Client) map[string]error {
	errs := map[string]error{}
	_, errs["Execution"] = c.Execution(ctx, web, run1)
	_, errs["Wait"] = c.Wait(ctx, web, run1)
	for _, errs["Watch"] = range c.Watch(ctx, web, run1) {
	}
	_, errs["Details"] = c.Details(ctx, web, run1)
	for _, errs["Executions"] = range c.Executions(ctx, web) {
	}
	_, errs["Start"] = c.Start(ctx, web)
	errs["Stop"] = c.Stop(ctx, web, run1)
	errs["Retry"] = c.Retry(ctx, web, run1, "Build", "")
	_, errs["Rollback"] = c.Rollback(ctx, web, "Build", run1)
	errs["Override"] = c.Override(ctx, web, run1, "Build", pipeline.ConditionOnSuccess)
	_, errs["Transitions"] = c.Transitions(ctx, web)
	errs["EnableTransition"] = c.EnableTransition(ctx, web, "Build", "")
	errs["DisableTransition"] = c.DisableTransition(ctx, web, "Build", "", "Freeze")
	for _, errs["Approvals"] = range c.Approvals(ctx, web) {
	}
	a := &pipeline.Approval{Pipeline: web, Stage: "Review", Action: "Ask", Token: events.NewSecret("token")}
	_, errs["FindApproval"] = c.FindApproval(ctx, a)
	_, errs["ApprovalMessage"] = c.ApprovalMessage(ctx, a)
	errs["Approve"] = c.Approve(ctx, a, "")
	errs["Reject"] = c.Reject(ctx, a, "")
	return errs
}

// Options that cannot work, and clients that come from nowhere, are the error of
// each call.
func TestUnusableClients(t *testing.T) {
	t.Parallel()
	with := func(option func(*pipeline.Options)) *pipeline.Client {
		return pipeline.New(&scriptedAPI{polls: []poll{{get: execution("Succeeded")}}}, option)
	}
	for _, test := range []struct {
		name   string
		client *pipeline.Client
		want   string
	}{
		{"no API", pipeline.New(nil), "the API is nil: use Open"},
		{"zero client", new(pipeline.Client), "does not come from Open or New"},
		{"nil client", nil, "does not come from Open or New"},
		{"negative interval", with(func(o *pipeline.Options) { o.PollInterval = -1 }), "Options.PollInterval is -1ns: set it to at most 24h0m0s, or to 0 for 5s"},
		{"endless interval", with(func(o *pipeline.Options) { o.PollInterval = math.MaxInt64 }), "Options.PollInterval is 2562047h"},
		{"negative pause", with(func(o *pipeline.Options) { o.MaxPollInterval = -time.Second }), "Options.MaxPollInterval is -1s"},
		{"endless pause", with(func(o *pipeline.Options) { o.MaxPollInterval = 25 * time.Hour }), "Options.MaxPollInterval is 25h0m0s"},
		{"pauses that shrink", with(func(o *pipeline.Options) { o.PollInterval, o.MaxPollInterval = time.Minute, time.Second }),
			"Options.MaxPollInterval of 1s is shorter than PollInterval, which is 1m0s"},
	} {
		for method, err := range calls(t.Context(), test.client) {
			var e *pipeline.Error
			if !errors.As(err, &e) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%s: %s: error %v, want an Error with %q", test.name, method, err, test.want)
			}
		}
	}
}

// Polls that fail without end are given up, unless the options let them go on.
func TestMaxElapsed(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name       string
		maxElapsed time.Duration
		want       time.Duration // how long the polls failed at least
		is         error
	}{
		{"default", 0, 15 * time.Minute, io.ErrUnexpectedEOF},
		{"set", 2 * time.Minute, 2 * time.Minute, io.ErrUnexpectedEOF},
		{"until the context ends", -1, 24*time.Hour - 2*time.Minute, context.DeadlineExceeded},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 24*time.Hour)
			defer cancel()
			api := &scriptedAPI{polls: []poll{{get: execution("InProgress")}, {err: io.ErrUnexpectedEOF}}}
			c := pipeline.New(api, func(o *pipeline.Options) { o.MaxElapsed = test.maxElapsed })
			_, err := c.Wait(ctx, web, run1)
			if !errors.Is(err, test.is) {
				t.Errorf("%s: error %v, want %v", test.name, err, test.is)
			}
			failed := api.at[len(api.at)-1].Sub(api.at[1])
			if failed < test.want || failed > test.want+2*time.Minute {
				t.Errorf("%s: polls failed for %v, want about %v", test.name, failed, test.want)
			}
		})
	}
	// A poll that succeeds in between begins anew.
	synctest.Test(t, func(t *testing.T) {
		var polls []poll
		for range 100 {
			polls = append(polls, poll{get: execution("InProgress")}, poll{err: io.ErrUnexpectedEOF})
		}
		api := &scriptedAPI{polls: append(polls, poll{get: execution("Succeeded")})}
		c := pipeline.New(api, func(o *pipeline.Options) { o.MaxElapsed = time.Minute })
		if _, err := c.Wait(t.Context(), web, run1); err != nil {
			t.Error(err)
		}
	})
}

func TestRegion(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]*pipeline.Client{
		"eu-central-1": pipeline.Open(aws.Config{Region: "eu-central-1"}),
		"":             pipeline.New(&scriptedAPI{}),
	} {
		if got := c.Region(); got != want {
			t.Errorf("Region is %q, want %q", got, want)
		}
	}
	if got := (*pipeline.Client)(nil).Region(); got != "" {
		t.Errorf("Region of nil is %q", got)
	}
}
