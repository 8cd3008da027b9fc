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

// call makes the request and makes it again while that can help and there is
// time.
func (c *Client) call(ctx context.Context, r request) ([]byte, *Error) {
	t := &tries{client: c, start: time.Now()}
	for {
		body, err := t.next(ctx, r)
		if err == nil {
			return body, nil
		}
		err.Operation, err.Commit, err.Context, err.Attempts = r.operation, r.commit, r.context, t.sent
		if ctx.Err() != nil {
			if !errors.Is(err, ctx.Err()) {
				err.because(ctx.Err())
			}
			return nil, err
		}
		if t.renew(ctx, err) {
			continue
		}
		if r.once || !err.temporary || t.sent >= c.options.MaxAttempts || t.unknown >= maxUnknown {
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
	start  time.Time

	token     secret // of the last attempt
	renewed   bool   // a refused token was renewed
	sent      int    // attempts
	failed    int    // attempts that were no rate limits
	unknown   int    // attempts that failed neither by GitHub nor by the network
	secondary int    // rate limits that did not tell until when
}

// next makes one attempt, unless a rate limit holds.
func (t *tries) next(ctx context.Context, r request) ([]byte, *Error) {
	c := t.client
	token, err := c.auth.token(ctx)
	if err != nil {
		return nil, &Error{Err: redactError(err, t.token)}
	}
	t.token = token
	select {
	case c.turn <- struct{}{}:
		defer func() { <-c.turn }()
	case <-ctx.Done():
		return nil, &Error{Err: ctx.Err()}
	}
	if limited := c.pause.get(); limited != nil {
		return nil, limited
	}
	t.sent++
	body, failure := c.attempt(ctx, r, token)
	switch {
	case failure == nil:
		return body, nil
	case failure.limited:
		if failure.RetryAt.IsZero() {
			failure.RetryAt = time.Now().Add(min(secondaryWait<<t.secondary, maxSecondaryWait))
			t.secondary++
		}
		c.pause.set(failure.RetryAt, *failure)
	default:
		t.failed++
		if failure.unknown {
			t.unknown++
		}
	}
	return nil, failure
}

// renew gets another token in place of one that was refused, once, and reports
// whether there is one.
func (t *tries) renew(ctx context.Context, failure *Error) bool {
	if failure.StatusCode != http.StatusUnauthorized || !t.client.auth.refused(t.token) || t.renewed {
		return false
	}
	t.renewed = true
	token, err := t.client.auth.token(ctx)
	switch {
	case err != nil:
		failure.because(redactError(err, t.token))
		return false
	case token.equal(t.token):
		t.client.auth.refused(token)
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
	} else if !ok && now.Add(delay).Sub(t.start) > t.client.options.MaxElapsed {
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
