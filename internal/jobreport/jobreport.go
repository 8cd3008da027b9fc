// Package jobreport puts the result of a CodePipeline job until the service
// took it or it is moot.
package jobreport

import (
	"context"
	"errors"
	"log/slog"
	"time"
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
	// doubles from one to the other and is jittered. The defaults are 200
	// milliseconds and 30 seconds.
	MinBackoff, MaxBackoff time.Duration

	// Stop makes Put give up when it is closed. The default is never.
	Stop <-chan struct{}

	// OnError is told about each call that failed and is made again.
	OnError func(attempt int, err error)

	// Logger is told about the same. The default is silent.
	Logger *slog.Logger
}

// Put calls put until it succeeds, until the job needs no result any more, or
// until trying again cannot help. The calls get the values of ctx but not its
// end, each with a timeout of its own.
//
// It reports accepted if the service took the result. A job that is finished,
// or not there, needs none: that is neither accepted nor an error, unless an
// earlier call may have taken effect although it failed; then it is accepted.
// A result that the service refuses is an error that wraps [ErrRefused], and
// after the timeout or the stop the error is that of the last call.
func Put(ctx context.Context, put func(context.Context) error, optFns ...func(*Options)) (accepted bool, err error) {
	panic("not implemented")
}
