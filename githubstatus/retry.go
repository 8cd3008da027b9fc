package githubstatus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/codesuite-go/codesuite/internal/backoff"
)

// Waits before a call is tried again.
const (
	backoffMin = 500 * time.Millisecond
	backoffMax = 30 * time.Second
	// maxUnknown is how often a call is tried whose error is neither GitHub's
	// nor the network's.
	maxUnknown = 3
)

// commitPatience is how long a commit may be unknown, as right after a push.
const commitPatience = 5 * time.Second

// call makes the request, and makes it again while that can help and there is
// time.
func (c *Client) call(ctx context.Context, r request) ([]byte, *Error) {
	t := &tries{client: c, commit: r.commit, start: time.Now()}
	for {
		body, err := t.next(ctx, r)
		if err == nil {
			return body, nil
		}
		err.Operation, err.Commit, err.Context, err.Attempts, err.check = r.operation, r.commit, r.context, t.sent, r.check
		err.object, err.needed = r.object, r.permission
		if ctx.Err() != nil {
			if !errors.Is(err, ctx.Err()) {
				err.because(ctx.Err())
			}
			return nil, err
		}
		if t.renew(ctx, err) {
			continue
		}
		retry := err.temporary || err.Is(ErrNoCommit) && time.Since(t.start) < commitPatience
		if r.once || !retry || t.sent >= c.options.MaxAttempts || t.unknown >= maxUnknown {
			return nil, err
		}
		if !t.wait(ctx, err) {
			return nil, err
		}
	}
}

// tries are the attempts of one call.
type tries struct {
	client *Client
	commit Commit
	start  time.Time

	cred      credential // of the last attempt
	renewed   bool       // a refused token was renewed
	sent      int        // attempts
	failed    int        // attempts that were no rate limits
	unknown   int        // attempts that failed neither by GitHub nor by the network
	secondary int        // rate limits without a time
}

// next makes one attempt, unless a rate limit holds.
func (t *tries) next(ctx context.Context, r request) ([]byte, *Error) {
	c := t.client
	cred, err := c.auth.credential(ctx, r.commit)
	var body []byte
	var failure *Error
	if err != nil {
		if !errors.As(err, &failure) {
			return nil, &Error{Err: redactError(err, t.cred.token)}
		}
	} else {
		t.cred = cred
		body, failure = c.exchange(ctx, r, cred)
	}
	if failure == nil {
		t.sent++
		return body, nil
	}
	if failure.Attempts == 0 { // a limit or the context, or no attempt was possible
		return nil, failure
	}
	t.sent++
	if !failure.limited {
		t.failed++
		if failure.unknown {
			t.unknown++
		}
		return nil, failure
	}
	if failure.RetryAt.IsZero() {
		failure.RetryAt = time.Now().Add(min(secondaryWait<<t.secondary, maxSecondaryWait))
		t.secondary++
	}
	c.pauses.set(failure.holder, failure.RetryAt, *failure)
	return nil, failure
}

// renew gets another token in place of a refused one, once, and reports whether
// there is one.
func (t *tries) renew(ctx context.Context, failure *Error) bool {
	if failure.StatusCode != http.StatusUnauthorized || failure.step != "" ||
		!t.client.auth.refused(t.commit, t.cred) || t.renewed {
		return false
	}
	t.renewed = true
	cred, err := t.client.auth.credential(ctx, t.commit)
	switch {
	case err != nil:
		failure.because(redactError(err, t.cred.token))
		return false
	case cred.token.equal(t.cred.token):
		t.client.auth.refused(t.commit, cred)
		failure.because(errors.New("the token source returned the same token again"))
		return false
	}
	t.client.options.Logger.WarnContext(ctx, "githubstatus: token refused, trying another", slog.Any("error", failure))
	return true
}

// wait waits until the next attempt. If that would be too late it says so in
// the error and returns false at once.
func (t *tries) wait(ctx context.Context, failure *Error) bool {
	now := time.Now()
	delay := backoff.Full(min(backoffMin<<min(max(t.failed-1, 0), 10), backoffMax))
	if !failure.RetryAt.IsZero() {
		delay = max(0, failure.RetryAt.Sub(now)) + backoff.Full(time.Second)
	}
	if deadline, ok := ctx.Deadline(); ok && !now.Add(delay).Before(deadline) {
		failure.because(fmt.Errorf("the next attempt, at %s, would be too late: %w",
			now.Add(delay).UTC().Format(time.RFC3339), context.DeadlineExceeded))
		return false
	} else if most := t.client.options.MaxElapsed; !ok && most >= 0 && now.Add(delay).Sub(t.start) > most {
		failure.because(fmt.Errorf("the next attempt, at %s, would be later than MaxElapsed of %v allows",
			now.Add(delay).UTC().Format(time.RFC3339), t.client.options.MaxElapsed))
		return false
	}
	t.client.options.Logger.WarnContext(ctx, "githubstatus: call failed, trying again",
		slog.Any("error", failure), slog.Duration("wait", delay))
	if err := backoff.Sleep(ctx, delay); err != nil {
		failure.because(err)
		return false
	}
	return true
}

// because adds why there is no further attempt.
func (e *Error) because(err error) {
	if e.Err == nil {
		e.Err = err
		return
	}
	e.Err = fmt.Errorf("%w; %w", e.Err, err)
}
