package trigger

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"

	"github.com/codesuite-go/codesuite/internal/apierror"
)

// change returns the list as it should be. It must not modify its argument.
type change func([]Trigger) ([]Trigger, error)

// Pauses before a change starts anew.
const (
	backoffMin = 50 * time.Millisecond
	backoffMax = 2 * time.Second
)

var errUndone = errors.New("another manager of the triggers undid the change")

// edit makes the change until it stands, and reports whether it wrote. The
// package comment describes how concurrent changes are found.
func (s *Set) edit(ctx context.Context, change change) (changed bool, err error) {
	if s.invalid != nil {
		return false, s.invalid
	}
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return false, s.ended(ctx, nil)
	}
	start := time.Now()
	for backoff := backoffMin; ; backoff = min(2*backoff, backoffMax) {
		next, done, err := s.next(ctx, change)
		if err != nil {
			return false, err
		}
		if done && !changed {
			return false, nil
		}
		if !done {
			changed = true
			err = s.put(ctx, next)
		}
		if err == nil {
			stands, listErr := s.stands(ctx, change)
			if listErr != nil {
				return false, listErr
			}
			if stands {
				return true, nil
			}
			err = errUndone
		}
		if ctx.Err() != nil || err != errUndone && !temporary(err) {
			return false, s.ended(ctx, err)
		}
		if elapsed := time.Since(start); s.options.MaxElapsed > 0 && elapsed > s.options.MaxElapsed {
			return false, fmt.Errorf("trigger: gave up the change of %s after %s: %w", s.name, elapsed.Round(time.Millisecond), err)
		}
		s.options.Logger.WarnContext(ctx, "trigger: changing the triggers again", "repository", s.name, "reason", err)
		// Managers that collided must not meet again.
		if err := s.pause(ctx, backoff/2+rand.N(backoff)); err != nil {
			return false, err
		}
	}
}

// next reads the list and returns the one to write; done reports that they agree.
func (s *Set) next(ctx context.Context, change change) (next []Trigger, done bool, err error) {
	list, err := s.List(ctx)
	if err != nil {
		return nil, false, err
	}
	if next, err = change(list); err != nil {
		return nil, false, err
	}
	return next, slices.EqualFunc(list, next, Trigger.Equal), nil
}

// stands reports whether the change that was just written is there, now and
// after Settle.
func (s *Set) stands(ctx context.Context, change change) (bool, error) {
	if _, done, err := s.next(ctx, change); err != nil || !done || s.options.Settle < 0 {
		return done, err
	}
	if err := s.pause(ctx, s.options.Settle); err != nil {
		return false, err
	}
	_, done, err := s.next(ctx, change)
	return done, err
}

// put writes the list. The SDK must not repeat the call, as the list would be
// old by then.
func (s *Set) put(ctx context.Context, list []Trigger) error {
	out, err := s.api.PutRepositoryTriggers(ctx, &awscodecommit.PutRepositoryTriggersInput{
		RepositoryName: &s.name, Triggers: toWire(list),
	}, func(o *awscodecommit.Options) { o.Retryer = aws.NopRetryer{} })
	if err == nil && out == nil {
		err = apierror.ErrNoReply
	}
	if err != nil {
		return s.failed(opPut, err)
	}
	return nil
}

func temporary(err error) bool {
	status := apierror.Status(err)
	return apierror.Throttled(err) || apierror.Connection(err) ||
		status >= http.StatusInternalServerError && status != http.StatusNotImplemented
}

func (s *Set) pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return s.ended(ctx, nil)
	}
}

// ended returns err, which wraps the error of a context that has ended.
func (s *Set) ended(ctx context.Context, err error) error {
	switch {
	case ctx.Err() == nil || err != nil && errors.Is(err, ctx.Err()):
		return err
	case err == nil:
		return fmt.Errorf("trigger: change the triggers of %s: %w", s.name, ctx.Err())
	}
	return fmt.Errorf("%w (%w)", err, ctx.Err())
}
