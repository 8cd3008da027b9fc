package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/pipeline"
)

func apiError(code string) error {
	return &smithy.GenericAPIError{Code: code, Message: "told by the test"}
}

func httpError(status int, err error) error {
	return &awshttp.ResponseError{ResponseError: &smithyhttp.ResponseError{
		Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status}}, Err: err,
	}}
}

// describe tells a change in a line.
func describe(c pipeline.Change) string {
	switch {
	case c.Target != nil:
		var events []string
		for _, e := range c.Target.Events {
			events = append(events, e.Name+"="+e.Status)
		}
		return fmt.Sprint(c.Type, " ", c.Action.ID, " ", c.Target.ID, " ", c.Target.Status, " ", strings.Join(events, ","))
	case c.Rule != nil:
		return fmt.Sprint(c.Type, " ", c.Rule.Condition, " ", c.Rule.Rule, " ", c.Rule.ID, " ", c.Rule.Status)
	case c.Condition != nil:
		return fmt.Sprint(c.Type, " ", c.Condition.Stage, " ", c.Condition.Type, " ", c.Condition.Status)
	case c.Stage != nil:
		return fmt.Sprint(c.Type, " ", c.Stage.Name, " ", c.Stage.Attempt, " ", c.Stage.AutomaticRetries, "+", c.Stage.ManualRetries, " ", c.Stage.LatestRetry)
	case c.Action != nil:
		return fmt.Sprint(c.Type, " ", c.Action.Action, " ", c.Action.ID, " ", c.Action.Status)
	case c.Revision != nil:
		return fmt.Sprint(c.Type, " ", c.Revision.Action, " ", c.Revision.ID)
	}
	return fmt.Sprint(c.Type, " ", c.Execution.Status)
}

// watch collects the changes until the first error.
func watch(ctx context.Context, client *pipeline.Client, optFns ...func(*pipeline.WatchOptions)) (got []string, err error) {
	for change, err := range client.Watch(ctx, web, run1, optFns...) {
		if err != nil {
			return got, err
		}
		got = append(got, describe(change))
	}
	return got, nil
}

func TestWatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		github := actionType("Source/ThirdParty/GitHub")
		sourceRuns := action("s1", "Source", "Checkout", "InProgress", 0, github)
		sourceDone := action("s1", "Source", "Checkout", "Succeeded", 0, github, outputs("App"), result(sha, "Fix", ""))
		buildFailed := action("b1", "Build", "Compile", "Failed", 10)
		buildAgain := action("b2", "Build", "Compile", "InProgress", 20)
		buildDone := action("b2", "Build", "Compile", "Succeeded", 20)
		review := action("r1", "Review", "Approve", "InProgress", 30, actionType("Approval/AWS/Manual"))
		approved := action("r1", "Review", "Approve", "Succeeded", 30, actionType("Approval/AWS/Manual"))
		deploy := action("d1", "Deploy", "Deploy", "Abandoned", 40)
		revision := object{"name": "App", "revisionId": sha}
		api := &scriptedAPI{polls: []poll{
			{get: execution("InProgress")},
			{get: execution("InProgress"), list: actions(sourceRuns)},
			{get: execution("InProgress"), list: actions(sourceRuns)},
			{get: execution("InProgress"), list: actions(buildFailed, sourceDone)}, // the revision is behind
			{get: execution("InProgress", revision), list: actions(buildAgain, buildFailed, sourceDone)},
			{get: execution("InProgress", revision), list: actions(review, buildDone, buildFailed, sourceDone)},
			{get: execution("Stopping", revision), list: actions(deploy, approved, buildDone, buildFailed, sourceDone)},
			{get: execution("Stopped", revision), list: actions(deploy, approved, buildDone, buildFailed, sourceDone)},
			{get: execution("InProgress", revision)}, // a retry that is not followed
		}}
		got, err := watch(t.Context(), pipeline.New(api))
		if err != nil {
			t.Fatal(err)
		}
		want := []string{
			"execution changed InProgress",
			"action started Checkout s1 InProgress",
			"action ended Checkout s1 Succeeded",
			"revision known Checkout " + sha,
			"action started Compile b1 Failed",
			"action ended Compile b1 Failed",
			"action started Compile b2 InProgress",
			"action ended Compile b2 Succeeded",
			"action started Approve r1 InProgress",
			"approval waiting Approve r1 InProgress",
			"action ended Approve r1 Succeeded",
			"action started Deploy d1 Abandoned",
			"action ended Deploy d1 Abandoned",
			"execution changed Stopping",
			"execution changed Stopped",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("changes mismatch (-want +got):\n%s", diff)
		}
		if len(api.at) != 8 {
			t.Errorf("%d polls, want 8", len(api.at))
		}
	})
}

// A watch that begins late tells all that was, and ends at once if it is over.
func TestWatchEnded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := &scriptedAPI{polls: []poll{{
			get:  execution("Failed", object{"name": "App", "revisionId": sha}),
			list: actions(action("b1", "Build", "Compile", "Failed", 10), action("s1", "Source", "Checkout", "Succeeded", 0, actionType("Source/AWS/S3"), outputs("App"))),
		}}}
		start := time.Now()
		var got []string
		for change, err := range pipeline.New(api).Watch(t.Context(), web, run1) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, describe(change))
			wantTime := start
			switch change.Type {
			case pipeline.ChangeActionStarted:
				wantTime = change.Action.Started
			case pipeline.ChangeActionEnded:
				wantTime = change.Action.Updated
			case pipeline.ChangeRevisionKnown:
				wantTime = change.Execution.Actions[0].Updated
			}
			if !change.Time.Equal(wantTime) || change.Execution.ID != run1 {
				t.Errorf("%s: at %s, want %s", describe(change), change.Time, wantTime)
			}
		}
		want := []string{
			"action started Checkout s1 Succeeded", "action ended Checkout s1 Succeeded",
			"revision known Checkout " + sha,
			"action started Compile b1 Failed", "action ended Compile b1 Failed",
			"execution changed Failed",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("changes mismatch (-want +got):\n%s", diff)
		}
		if time.Since(start) != 0 || len(api.at) != 1 {
			t.Errorf("%d polls in %s", len(api.at), time.Since(start))
		}
	})
}

// A watch that begins late tells what was in the order of its times: actions that ran
// side by side, a retry, rules and conditions among them.
func TestWatchInOrderOfTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Unix(1700000100, 0))) // the time of the poll
		until := func(second int) object { return object{"lastUpdateTime": 1700000000.5 + float64(second)} }
		manual := actionType("Approval/AWS/Manual")
		commands := actionType("Compute/AWS/Commands")
		logs := object{"output": object{"executionResult": object{"logStreamARN": "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/codepipeline/web:log-stream:c1/1"}}}
		revision := object{"name": "App", "revisionId": sha}
		list := actions(
			action("r1", "Deploy", "Approve", "InProgress", 40, manual),
			action("d1", "Deploy", "Rollout", "Succeeded", 40, until(45)),
			action("u2", "Build", "Unit", "Succeeded", 20),
			action("u1", "Build", "Unit", "Failed", 11, until(13)),
			action("l1", "Build", "Lint", "Succeeded", 10, until(14), commands, logs),
			action("s1", "Source", "Checkout", "Succeeded", 0, actionType("Source/AWS/S3"), outputs("App"), until(5)),
		)
		api := &scriptedAPI{
			structure: object{"stages": []object{{"name": "Source"}, {"name": "Build"}, {"name": "Deploy", "beforeEntry": condition("FAIL", "A")}}},
			polls: []poll{
				{get: execution("InProgress", revision), list: list, rules: rules(rule("a1", "Deploy", "A", "Succeeded", 30))},
				{get: execution("Stopped", revision), list: list},
			},
		}
		var got []string
		var last time.Time
		for change, err := range pipeline.New(api).Watch(t.Context(), web, run1) {
			if err != nil {
				t.Fatal(err)
			}
			if change.Time.Before(last) {
				t.Errorf("%s: at %s, which is before %s", describe(change), change.Time, last)
			}
			last = change.Time
			got = append(got, describe(change))
		}
		want := []string{
			"execution changed InProgress",
			"action started Checkout s1 Succeeded",
			"action ended Checkout s1 Succeeded",
			"revision known Checkout " + sha,
			"action started Lint l1 Succeeded",
			"action started Unit u1 Failed",
			"action ended Unit u1 Failed",
			"log stream known Lint l1 Succeeded",
			"action ended Lint l1 Succeeded",
			"stage retried Build 2 0+1 ManualStageRetry",
			"action started Unit u2 Succeeded",
			"action ended Unit u2 Succeeded",
			"rule started BEFORE_ENTRY A a1 Succeeded",
			"rule ended BEFORE_ENTRY A a1 Succeeded",
			"condition changed Deploy BEFORE_ENTRY Succeeded",
			"action started Rollout d1 Succeeded",
			"action started Approve r1 InProgress",
			"approval waiting Approve r1 InProgress",
			"action ended Rollout d1 Succeeded",
			"execution changed Stopped",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("changes mismatch (-want +got):\n%s", diff)
		}
	})
}

func TestWatchBreak(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := &scriptedAPI{polls: []poll{{get: execution("InProgress")}}}
		for range pipeline.New(api).Watch(t.Context(), web, run1) {
			break
		}
		if len(api.at) != 1 {
			t.Errorf("%d polls", len(api.at))
		}
	})
}

// While nothing changes the polls slow down; a change brings them back.
func TestPollIntervals(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		options pipeline.Options
		polls   int // without a change
		want    []time.Duration
	}{
		{name: "default", polls: 12, want: []time.Duration{5000, 6250, 7812, 9765, 12207, 15258, 19073, 23841, 29802, 30000, 30000, 30000}},
		{name: "quick", options: pipeline.Options{PollInterval: time.Second, MaxPollInterval: 2 * time.Second}, polls: 6, want: []time.Duration{1000, 1250, 1562, 1953, 2000, 2000}},
		{name: "slow", options: pipeline.Options{PollInterval: time.Minute}, polls: 3, want: []time.Duration{60000, 60000, 60000}},
		{name: "a day", options: pipeline.Options{PollInterval: 24 * time.Hour}, polls: 2, want: []time.Duration{86400000, 86400000}},
		{name: "a day at last", options: pipeline.Options{PollInterval: 20 * time.Hour, MaxPollInterval: 24 * time.Hour}, polls: 3, want: []time.Duration{72000000, 86400000, 86400000}},
	} {
		synctest.Test(t, func(t *testing.T) {
			var polls []poll
			for range test.polls {
				polls = append(polls, poll{get: execution("InProgress")})
			}
			polls = append(polls, poll{get: execution("Stopping")}, poll{get: execution("Stopped")})
			api := &scriptedAPI{polls: polls}
			if _, err := watch(t.Context(), pipeline.New(api, func(o *pipeline.Options) { *o = test.options })); err != nil {
				t.Fatal(err)
			}
			want := append(slices.Clone(test.want), test.want[0]) // after the change
			exact := 0
			for i, w := range want {
				got := api.at[i+1].Sub(api.at[i])
				if w *= time.Millisecond; got < w*79/100 || got > w*121/100 {
					t.Errorf("%s: pause %d is %s, want about %s", test.name, i, got, w)
				} else if got == w {
					exact++
				}
			}
			if exact == len(want) {
				t.Errorf("%s: the pauses are not random", test.name)
			}
		})
	}
}

// A service that throttles is asked less and less.
func TestPollBackoff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var polls []poll
		for range 5 {
			polls = append(polls, poll{err: apiError("ThrottlingException")})
		}
		api := &scriptedAPI{polls: append(polls, poll{get: execution("Succeeded")})}
		if _, err := pipeline.New(api).Wait(t.Context(), web, run1); err != nil {
			t.Fatal(err)
		}
		for i, want := range []time.Duration{10, 20, 30, 30, 30} {
			want *= time.Second
			if got := api.at[i+1].Sub(api.at[i]); got < want*79/100 || got > want*121/100 {
				t.Errorf("pause %d is %s, want about %s", i, got, want)
			}
		}
	})
}

// What passes by itself does not end a watch.
func TestWatchTolerates(t *testing.T) {
	t.Parallel()
	refused := &net.OpError{Op: "dial", Err: errors.New("refused")}
	for _, test := range []struct {
		name         string
		err          error
		first, later bool // whether a watch survives it, in its first poll and later
	}{
		{"throttling", apiError("ThrottlingException"), true, true},
		{"too many requests", httpError(http.StatusTooManyRequests, errors.New("slow down")), true, true},
		{"server error", httpError(http.StatusInternalServerError, apiError("InternalFailure")), true, true},
		{"unavailable", httpError(http.StatusServiceUnavailable, errors.New("no JSON")), true, true},
		{"connection", refused, false, true},
		{"half a reply", &smithy.DeserializationError{Err: io.ErrUnexpectedEOF}, false, true},
		{"half a reply with its status", httpError(http.StatusOK, &smithy.DeserializationError{Err: io.ErrUnexpectedEOF}), true, true},
		{"not known yet", httpError(http.StatusBadRequest, apiError("PipelineExecutionNotFoundException")), true, false},
		{"no pipeline", httpError(http.StatusBadRequest, apiError("PipelineNotFoundException")), false, false},
		{"denied", httpError(http.StatusBadRequest, apiError("AccessDeniedException")), false, false},
		{"invalid", httpError(http.StatusBadRequest, apiError("ValidationException")), false, false},
		{"another error", errors.New("lost"), false, false},
	} {
		for _, first := range []bool{true, false} {
			synctest.Test(t, func(t *testing.T) {
				polls := []poll{{err: test.err}, {err: test.err}, {get: execution("Succeeded")}}
				survives := test.first
				if !first {
					polls = append([]poll{{get: execution("InProgress")}}, polls...)
					survives = test.later
				}
				var log strings.Builder
				client := func() *pipeline.Client {
					return pipeline.New(&scriptedAPI{polls: polls}, func(o *pipeline.Options) { o.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
				}
				got, err := watch(t.Context(), client())
				if (err == nil) != survives || err != nil && !errors.Is(err, test.err) {
					t.Errorf("%s, first %v: error %v, want %v", test.name, first, err, survives)
				}
				if survives && (len(got) == 0 || got[len(got)-1] != "execution changed Succeeded") {
					t.Errorf("%s, first %v: %v", test.name, first, got)
				}
				if logged := strings.Contains(log.String(), "poll failed"); logged != (survives && test.name != "not known yet") {
					t.Errorf("%s, first %v: log %q", test.name, first, log.String())
				}
				e, err := client().Wait(t.Context(), web, run1)
				if (err == nil) != survives || survives && e.Status != pipeline.StatusSucceeded {
					t.Errorf("%s, first %v: Wait: %v, %v", test.name, first, e, err)
				}
			})
		}
	}
}

// An execution that never comes to be known is an error after half a minute.
func TestWatchUnknown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := pipeline.New(&scriptedAPI{polls: []poll{{err: apiError("PipelineExecutionNotFoundException")}}})
		start := time.Now()
		_, err := client.Wait(t.Context(), web, run1)
		if passed := time.Since(start); !errors.Is(err, fs.ErrNotExist) || passed < 30*time.Second || passed > 40*time.Second {
			t.Errorf("error %v after %s", err, passed)
		}
	})
}

func TestWatchCanceled(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		polls []poll
	}{
		{"while nothing happens", []poll{{get: execution("InProgress")}}},
		{"while the service throttles", []poll{{err: apiError("ThrottlingException")}}},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 17*time.Second)
			defer cancel()
			start := time.Now()
			_, err := watch(ctx, pipeline.New(&scriptedAPI{polls: test.polls}))
			var e *pipeline.Error
			const want = `pipeline: watch execution "` + run1 + `" of web: context deadline exceeded`
			if !errors.Is(err, context.DeadlineExceeded) || !errors.As(err, &e) || err.Error() != want || time.Since(start) != 17*time.Second {
				t.Errorf("%s: error %v after %s", test.name, err, time.Since(start))
			}
			if _, err := pipeline.New(&scriptedAPI{polls: test.polls}).Wait(ctx, web, run1); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: Wait: error %v", test.name, err)
			}
		})
	}
}

func TestWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := &scriptedAPI{polls: []poll{
			{get: execution("InProgress")},
			{get: execution("InProgress")},
			{get: execution("Failed"), list: actions(action("b1", "Build", "Compile", "Failed", 10))},
		}}
		e, err := pipeline.New(api).Wait(t.Context(), web, run1)
		if err != nil {
			t.Fatal(err)
		}
		if failed := e.Failed(); e.Status != pipeline.StatusFailed || len(failed) != 1 || len(api.at) != 3 {
			t.Errorf("%s with %d failed actions after %d polls", e.Status, len(failed), len(api.at))
		}
		if _, err := pipeline.New(api).Wait(t.Context(), "", run1); err == nil || err.Error() != `pipeline: get pipeline execution "`+run1+`": the name of the pipeline must not be empty` {
			t.Errorf("error %v", err)
		}
	})
}
