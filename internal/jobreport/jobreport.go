// Package jobreport puts the result of a CodePipeline job until the service
// took it or it is moot.
package jobreport

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/smithy-go"

	"github.com/codesuite-go/codesuite/internal/apierror"
	"github.com/codesuite-go/codesuite/internal/backoff"
)

// ErrRefused is in the chain of the error of a result that the service will
// never take, such as one that is not valid.
var ErrRefused = errors.New("the result was refused")

// Options configure [Put]. The zero value holds the defaults.
type Options struct {
	// AttemptTimeout is the time for one call of put. The default is 30
	// seconds.
	AttemptTimeout time.Duration

	// Timeout is the time for all calls. The default is none.
	Timeout time.Duration

	// MinBackoff and MaxBackoff bound the wait after a failed call, which
	// doubles from one to the other, and of which a random part is waited. The
	// defaults are 200 milliseconds and 30 seconds.
	MinBackoff, MaxBackoff time.Duration

	// MaxDenied is how many calls may be denied before Put gives up. The
	// default is any number: a missing permission can be granted meanwhile.
	MaxDenied int

	// Stop makes Put give up when it is closed. The default is never.
	Stop <-chan struct{}

	// OnError gets the error of each call that failed, with numbers from 1.
	OnError func(attempt int, err error)

	// Redact takes secrets out of a text. The errors of calls are redacted
	// before they are logged, given to OnError or returned. The default leaves
	// texts as they are.
	Redact func(string) string

	// Logger gets calls that are made again. The default is silent.
	Logger *slog.Logger
}

func newOptions(optFns []func(*Options)) Options {
	var o Options
	for _, fn := range optFns {
		fn(&o)
	}
	o.AttemptTimeout = cmp.Or(o.AttemptTimeout, 30*time.Second)
	o.MinBackoff = cmp.Or(o.MinBackoff, 200*time.Millisecond)
	o.MaxBackoff = cmp.Or(o.MaxBackoff, 30*time.Second)
	if o.Redact == nil {
		o.Redact = func(s string) string { return s }
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

// Put calls put until it succeeds, until the job needs no result any more, or
// until trying again cannot help. The calls get the values of ctx but not its
// end, and each has a timeout of its own.
//
// It reports accepted if the service took the result. A job that has ended, or
// is not there, needs none: that is neither accepted nor an error, unless an
// earlier call may have taken effect although it failed; then it is accepted.
// A result that the service refuses is an error that wraps [ErrRefused]. After
// the timeout or the stop, the error is that of the last call.
func Put(ctx context.Context, put func(context.Context) error, optFns ...func(*Options)) (accepted bool, err error) {
	o := newOptions(optFns)
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	if o.Timeout > 0 {
		defer time.AfterFunc(o.Timeout, cancel).Stop()
	}
	if o.Stop != nil {
		go func() {
			select {
			case <-o.Stop:
				cancel()
			case <-ctx.Done():
			}
		}()
	}

	effective := false // some call may have taken effect
	denials := 0
	limit := o.MinBackoff
	for attempt := 1; ; attempt++ {
		err := try(ctx, put, o.AttemptTimeout)
		if err == nil {
			return true, nil
		}
		err = o.redactError(err)
		if o.OnError != nil {
			o.OnError(attempt, err)
		}
		switch code := apierror.AnyCode(err); {
		case moot[code]:
			return effective, nil
		case refused[code], isInvalid(err):
			return false, fmt.Errorf("%w: %w", ErrRefused, err)
		case denied[code]:
			denials++
		case !apierror.Throttled(err):
			effective = true
		}
		if ctx.Err() != nil || denials > 0 && denials == o.MaxDenied {
			return false, fmt.Errorf("gave up after %d calls: %w", attempt, err)
		}
		wait := backoff.Full(limit)
		limit = min(2*limit, o.MaxBackoff)
		o.Logger.WarnContext(ctx, "the result of a job was not taken, trying again", "attempt", attempt, "wait", wait, "error", err)
		if backoff.Sleep(ctx, wait) != nil {
			return false, fmt.Errorf("gave up after %d calls: %w", attempt, err)
		}
	}
}

func try(ctx context.Context, put func(context.Context) error, timeout time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return put(ctx)
}

// moot are the codes of jobs that need no result any more.
var moot = map[string]bool{
	"InvalidJobStateException": true,
	"JobNotFoundException":     true,
}

// refused are the codes of results that will not be taken.
var refused = map[string]bool{
	"InvalidJobException":                  true,
	"OutputVariablesSizeExceededException": true,
	"SerializationException":               true,
	"ValidationException":                  true,
}

// denied are the codes of calls that were not authorized. A client token may
// have been replaced just now.
var denied = map[string]bool{
	"AccessDeniedException":       true,
	"ExpiredTokenException":       true,
	"InvalidClientTokenException": true,
	"InvalidSignatureException":   true,
	"UnrecognizedClientException": true,
}

// isInvalid reports whether the SDK itself refused the call.
func isInvalid(err error) bool {
	var invalid smithy.InvalidParamsError
	var pointer *smithy.InvalidParamsError
	return errors.As(err, &invalid) || errors.As(err, &pointer)
}
