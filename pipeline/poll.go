package pipeline

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/codesuite-go/codesuite/internal/apierror"
	"github.com/codesuite-go/codesuite/internal/backoff"
)

// startGrace is how long an execution may be unknown after its start: the
// service is asked in one place and answers in another.
const startGrace = 30 * time.Second

// poller paces the calls that look at one execution.
type poller struct {
	client       *Client
	operation    string // for errors
	pipeline, id string
	pause        time.Duration
	began        time.Time
	reached      bool // whether a poll has succeeded
}

func (c *Client) poller(operation, pipeline, id string) *poller {
	return &poller{client: c, operation: operation, pipeline: pipeline, id: id, pause: c.options.PollInterval, began: time.Now()}
}

// next waits for the next poll: not long after a change, longer and longer
// while there is none.
func (p *poller) next(ctx context.Context, changed bool) error {
	p.reached = true
	if changed {
		p.pause = p.client.options.PollInterval
	}
	if err := p.wait(ctx); err != nil {
		return err
	}
	p.slowDown(1.25)
	return nil
}

// failed waits for the next poll after one that failed, or returns an error
// that another poll would not help.
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
	p.slowDown(2)
	p.client.options.Logger.WarnContext(ctx, "pipeline: poll failed, trying again",
		"pipeline", p.pipeline, "execution", p.id, "error", err)
	return p.wait(ctx)
}

// temporary reports whether a poll that failed so may succeed later. A service
// that was never reached is given up after the SDK's own retries, as with a
// wrong Region or no network.
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

// Wait returns the execution when it has ended, however it did: see its Status.
// It polls GetPipelineExecution, and calls ListActionExecutions at the end; see
// [Options.PollInterval]. While it polls, throttling, errors of the server and
// lost connections are no end; a context that ends is, and the error then wraps
// its. A service that cannot be reached at all in the first poll, as with a wrong
// Region, is an error at once. An execution that is not known yet is given
// half a minute, as just after its start.
//
// A terminal state is the end even if the stage is retried later.
func (c *Client) Wait(ctx context.Context, pipeline, id string) (*Execution, error) {
	p := c.poller("WaitForExecution", pipeline, id)
	var last Status
	for {
		reply, err := c.get(ctx, pipeline, id)
		var l *loaded
		if err == nil && Status(reply.Status).Terminal() {
			if l, err = c.complete(ctx, pipeline, id, reply); err == nil {
				return l.execution, nil
			}
		}
		if err != nil {
			err = p.failed(ctx, err)
		} else {
			status := Status(reply.Status)
			err = p.next(ctx, status != last)
			last = status
		}
		if err != nil {
			return nil, err
		}
	}
}
