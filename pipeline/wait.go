package pipeline

import "context"

// Wait returns the execution when it has ended, however it ended: see its Status.
// It polls GetPipelineExecution and calls ListActionExecutions at the end;
// [Options].PollInterval sets the pace.
//
// Wait retries throttling, server errors and lost connections for as long as
// [Options].MaxElapsed says. It returns ctx's error when ctx ends. A service that
// the first poll cannot reach at all, as with a wrong Region, is an error at
// once. An execution that is not known yet has half a minute to appear, as just
// after its start.
//
// A terminal status is the end even if the stage is retried later.
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
