package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/codesuite-go/codesuite/internal/apierror"
	"github.com/codesuite-go/codesuite/internal/backoff"
)

// startGrace is how long an execution may be unknown after its start, as the
// service may not have copied it everywhere yet.
const startGrace = 30 * time.Second

// poller paces the calls that look at one execution.
type poller struct {
	client       *Client
	operation    string // for errors
	pipeline, id string
	pause        time.Duration
	began        time.Time
	reached      bool      // whether a poll has succeeded
	failing      time.Time // when the first of the polls failed that have failed since; zero if the last succeeded
}

func (c *Client) poller(operation, pipeline, id string) *poller {
	if c == nil {
		c = new(Client) // whose calls fail
	}
	return &poller{client: c, operation: operation, pipeline: pipeline, id: id, pause: c.options.PollInterval, began: time.Now()}
}

// next waits for the next poll: not long after a change, longer and longer
// while there is none.
func (p *poller) next(ctx context.Context, changed bool) error {
	p.reached, p.failing = true, time.Time{}
	if changed {
		p.pause = p.client.options.PollInterval
	}
	if err := p.wait(ctx); err != nil {
		return err
	}
	p.slowDown(1.25)
	return nil
}

// failed waits for the next poll after one that failed. It returns an error if
// another poll would not help, or if polls have failed for too long.
func (p *poller) failed(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return err // has the context's
	}
	if !p.reached && apierror.Code(err) == codeExecutionNotFound && time.Since(p.began) < startGrace {
		return p.wait(ctx)
	}
	if !p.temporary(err) {
		return err
	}
	if p.failing.IsZero() {
		p.failing = time.Now()
	}
	if most := p.client.options.MaxElapsed; most >= 0 && time.Since(p.failing) >= most {
		return fmt.Errorf("%w (polls have failed for %v: see Options.MaxElapsed)", err, most)
	}
	p.slowDown(2)
	p.client.options.Logger.WarnContext(ctx, "pipeline: poll failed, trying again",
		"pipeline", p.pipeline, "execution", p.id, "error", err)
	return p.wait(ctx)
}

// temporary reports whether a poll may succeed after this error. A service that
// was never reached, as with a wrong Region or no network, is given up after the
// SDK's own retries.
func (p *poller) temporary(err error) bool {
	if apierror.Throttled(err) {
		return true
	}
	switch status := apierror.Status(err); {
	case status >= http.StatusInternalServerError:
		return true
	case status >= http.StatusBadRequest:
		return false
	}
	// A reply that breaks off is no error of the connection to the SDK.
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return p.reached || apierror.Status(err) != 0
	}
	return p.reached && apierror.Connection(err)
}

func (p *poller) slowDown(factor float64) {
	p.pause = min(time.Duration(factor*float64(p.pause)), p.client.options.MaxPollInterval)
}

func (p *poller) wait(ctx context.Context) error {
	// Watchers that began together must not call together.
	if err := backoff.Sleep(ctx, p.pause*4/5+rand.N(p.pause*2/5+1)); err != nil {
		return &Error{Operation: p.operation, Pipeline: p.pipeline, Object: p.id, Err: err}
	}
	return nil
}
