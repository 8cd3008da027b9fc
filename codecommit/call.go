package codecommit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	"github.com/aws/smithy-go/middleware"

	"github.com/codesuite-go/codesuite/internal/apierror"
	"github.com/codesuite-go/codesuite/internal/backoff"
	"github.com/codesuite-go/codesuite/internal/sdkhttp"
)

// Waits before a call is made again, on top of those of the SDK.
const (
	backoffMin = 100 * time.Millisecond
	backoffMax = 20 * time.Second
)

// maxReply bounds the reply to any call. The largest is the listing of a folder
// of some 100,000 files.
const maxReply = 128 << 20

// call makes one call of the API and makes it again while that can help, as long
// as Options.MaxElapsed allows. The object is the one that the call is about, for
// its error.
func call[T any](ctx context.Context, r *Repository, operation, object string,
	do func(context.Context, ...func(*awscodecommit.Options)) (*T, error),
) (*T, error) {
	failed := func(err error) error {
		return &Error{Operation: operation, Repository: r.name, Object: object, Err: err}
	}
	if r.invalid != nil {
		return nil, failed(r.invalid)
	}
	cuts, err := r.limiter.acquire(ctx)
	if err != nil {
		return nil, failed(err)
	}
	start := time.Now()
	for wait := backoffMin; ; wait = min(2*wait, backoffMax) {
		out, err := attempt(ctx, r, cuts, operation, do)
		if err == nil {
			return out, nil
		}
		err = failed(err)
		if ctx.Err() != nil {
			if !errors.Is(err, ctx.Err()) {
				err = fmt.Errorf("%w (%w)", err, ctx.Err())
			}
			return nil, err
		}
		if !r.temporary(err) {
			return nil, err
		}
		pause := backoff.Full(wait)
		if limit := r.maxElapsed(); limit >= 0 && time.Since(start)+pause > limit {
			return nil, fmt.Errorf("%w (given up after %v, Options.MaxElapsed is %v)", err, time.Since(start).Round(time.Millisecond), limit)
		}
		r.options.Logger.WarnContext(ctx, "codecommit: call failed, trying again", "repository", r.name,
			"operation", operation, "object", object, "error", err)
		if ended := backoff.Sleep(ctx, pause); ended != nil {
			return nil, fmt.Errorf("%w (%w)", err, ended)
		}
		if cuts, err = r.limiter.acquire(ctx); err != nil {
			return nil, failed(err)
		}
	}
}

// attempt makes the call once, with the retries of the SDK, and releases the
// limiter.
func attempt[T any](ctx context.Context, r *Repository, cuts int, operation string,
	do func(context.Context, ...func(*awscodecommit.Options)) (*T, error),
) (*T, error) {
	rec := &recorder{repository: r, cuts: cuts}
	out, err := do(ctx, rec.option)
	if err == nil && out == nil { // an API other than the SDK's client
		err = apierror.ErrNoReply
	}
	if rec.attempts == 0 { // again not the SDK's client
		rec.record(ctx, err)
	}
	r.limiter.release(err == nil)
	if r.options.OnCall != nil {
		r.options.OnCall(Call{Operation: operation, Attempts: rec.attempts, Throttled: rec.throttled, Err: err})
	}
	return out, err
}

// recorder is a middleware below the SDK's retries that records each attempt.
type recorder struct {
	repository          *Repository
	cuts                int
	attempts, throttled int
}

func (*recorder) ID() string { return "codesuiteRecorder" }

func (rec *recorder) option(o *awscodecommit.Options) {
	o.APIOptions = append(o.APIOptions, sdkhttp.APIOption, sdkhttp.MaxReply(maxReply), func(stack *middleware.Stack) error {
		return stack.Finalize.Insert(rec, "Retry", middleware.After)
	})
}

func (rec *recorder) HandleFinalize(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (
	middleware.FinalizeOutput, middleware.Metadata, error,
) {
	out, metadata, err := next.HandleFinalize(ctx, in)
	rec.record(ctx, err)
	return out, metadata, err
}

// record counts an attempt, and lowers the limit of calls in flight if the service
// throttled it.
func (rec *recorder) record(ctx context.Context, err error) {
	rec.attempts++
	r := rec.repository
	if err == nil || apierror.Status(err) != 0 {
		r.reached.Store(true)
	}
	if !apierror.Throttled(err) {
		return
	}
	rec.throttled++
	if limit, lowered := r.limiter.throttled(rec.cuts); lowered {
		r.options.Logger.WarnContext(ctx, "codecommit: throttled, lowering the number of calls in flight",
			"repository", r.name, "limit", limit)
	}
}

// temporary reports whether a call that failed so may succeed later.
func (r *Repository) temporary(err error) bool {
	if apierror.Throttled(err) {
		return true
	}
	if code := apierror.Code(err); strings.HasPrefix(code, "Encryption") {
		return false // of a key's state, although some have the status 500
	}
	switch status := apierror.Status(err); {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return r.reached.Load() // a reply, or an error reply, that broke off
	case status == http.StatusNotImplemented:
		return false
	case status >= http.StatusInternalServerError:
		return true
	case status >= http.StatusBadRequest:
		return false
	}
	return r.reached.Load() && apierror.Connection(err)
}
