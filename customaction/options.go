package customaction

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"regexp"
	"time"
	"unicode/utf8"

	"github.com/codesuite-go/codesuite/pipeline/action"
	"github.com/codesuite-go/codesuite/pipeline/actiontype"
)

// Options configure a [Worker]. The zero value holds the defaults.
type Options struct {
	// Concurrency is how many jobs run at once. The default is 1.
	Concurrency int

	// QueryParam polls only for the jobs with one value of the action type's
	// queryable property. It has one entry, the property and the value. Set it
	// if the type has a queryable property, and only then. Workers of the owner
	// ThirdParty have no query.
	QueryParam map[string]string

	// ClientToken returns the client token that belongs to the client ID of a
	// third-party job. Workers of the owner ThirdParty need it. It is called
	// before each call about a job, from several goroutines at once.
	ClientToken func(ctx context.Context, clientID string) (string, error)

	// MinWait and MaxWait bound the wait after a poll that left slots free. The
	// wait doubles from MinWait to MaxWait while no jobs come, less up to a
	// fifth at random. A job that comes or ends, and [Worker.Notify], make it
	// short again. The defaults are 1 and 30 seconds.
	MinWait, MaxWait time.Duration

	// GracePeriod is how long jobs may run on after the context of [Worker.Run]
	// has ended. Then their own contexts end with [ErrStopped]. The default is
	// 15 seconds; a negative value is no grace period.
	GracePeriod time.Duration

	// ReportTimeout is how long [Worker.Run] goes on to report results after the
	// grace period. Handlers have half of it to return; the job of a handler that
	// does not is reported as failed. The default is 10 seconds, so that a worker
	// stops within the 30 seconds that ECS and Kubernetes wait by default.
	ReportTimeout time.Duration

	// JobTimeout is how long a job may run. Then its context ends with
	// [ErrTimeout]. The default is 24 hours, after which CodePipeline gives up a
	// custom action; a negative value is no limit.
	JobTimeout time.Duration

	// RetryTimeout is how long the worker repeats the acknowledgement or the
	// result of one job while calls fail. Then the job counts as unreported. The
	// default is 24 hours, after which CodePipeline gives up a custom action; a
	// negative value is no limit.
	RetryTimeout time.Duration

	// WatchInterval is how often the worker asks CodePipeline about a job that
	// runs. A job that CodePipeline does not wait for any more ends with
	// [ErrAbandoned]. The default is 5 minutes; a negative value is never.
	//
	// The worker asks for the run of the job's action (ListActionExecutions),
	// and ends the job if the run has ended. If that is denied, and for
	// third-party jobs, the worker asks for the job (GetJobDetails or
	// GetThirdPartyJobDetails) and ends it if CodePipeline does not know it; AWS
	// does not document whether that happens.
	WatchInterval time.Duration

	// MaxRefusal is how long [Worker.Run] goes on while CodePipeline refuses its
	// calls for a reason that seldom passes by itself, such as denied access or
	// an action type that does not exist. Each refusal is logged as an error. The
	// default is 2 minutes; a negative value is no limit.
	MaxRefusal time.Duration

	// Job sets the options of each job, such as limits for its artifacts. It
	// runs last and finds Refresh and Logger set, and the S3 client of [Open].
	Job func(*action.JobOptions)

	// OnEvent receives everything that the worker does, for metrics. It is called
	// from several goroutines at once, and the worker waits for it.
	OnEvent func(Event)

	// Logger logs jobs, failed calls and panics of the handler. The default is
	// silent.
	Logger *slog.Logger
}

// withDefaults returns the options with their defaults filled in.
func (o Options) withDefaults() Options {
	o.Concurrency = cmp.Or(o.Concurrency, 1)
	o.QueryParam = maps.Clone(o.QueryParam)
	o.MinWait = cmp.Or(o.MinWait, time.Second)
	o.MaxWait = cmp.Or(o.MaxWait, max(o.MinWait, 30*time.Second))
	o.GracePeriod = cmp.Or(o.GracePeriod, 15*time.Second)
	o.ReportTimeout = cmp.Or(o.ReportTimeout, 10*time.Second)
	o.JobTimeout = cmp.Or(o.JobTimeout, 24*time.Hour)
	o.WatchInterval = cmp.Or(o.WatchInterval, 5*time.Minute)
	o.RetryTimeout = cmp.Or(o.RetryTimeout, 24*time.Hour)
	o.MaxRefusal = cmp.Or(o.MaxRefusal, 2*time.Minute)
	if o.OnEvent == nil {
		o.OnEvent = func(Event) {}
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

// maxQueryName is the greatest length of a property's name, in characters.
const maxQueryName = 50

// queryValue matches the values that PollForJobs accepts.
var queryValue = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,50}$`)

// check returns everything that is wrong with options that have their defaults.
func (o Options) check(owner string) []error {
	var errs []error
	if o.Concurrency < 1 || o.Concurrency > math.MaxInt32 {
		errs = append(errs, fmt.Errorf("option Concurrency: %d: at least one job must run at once", o.Concurrency))
	}
	if o.MinWait < 0 || o.MaxWait < o.MinWait {
		errs = append(errs, fmt.Errorf("options MinWait and MaxWait: %s and %s: they must not be negative, and MaxWait must not be less", o.MinWait, o.MaxWait))
	}
	if o.ReportTimeout < 0 {
		errs = append(errs, fmt.Errorf("option ReportTimeout: %s is negative", o.ReportTimeout))
	}
	if len(o.QueryParam) > 1 {
		errs = append(errs, fmt.Errorf("option QueryParam: %d entries: an action type has at most one queryable property", len(o.QueryParam)))
	}
	for name, value := range o.QueryParam {
		if n := utf8.RuneCountInString(name); n == 0 || n > maxQueryName {
			errs = append(errs, fmt.Errorf("option QueryParam: property %q: a name has 1 to %d characters", name, maxQueryName))
		}
		if !queryValue.MatchString(value) {
			errs = append(errs, fmt.Errorf("option QueryParam: value %q is not 1 to 50 letters, digits, '_' and '-'", value))
		}
	}
	if owner == actiontype.OwnerThirdParty && o.ClientToken == nil {
		errs = append(errs, errors.New("option ClientToken: jobs of the owner ThirdParty need client tokens"))
	}
	if owner == actiontype.OwnerThirdParty && len(o.QueryParam) > 0 {
		errs = append(errs, errors.New("option QueryParam: polls for jobs of the owner ThirdParty have no query"))
	}
	return errs
}
