package pipeline

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"

	"github.com/codesuite-go/codesuite/internal/apierror"
	"github.com/codesuite-go/codesuite/internal/awstext"
)

// StopOptions configure the stop of an execution. The zero value waits for the
// running actions.
type StopOptions struct {
	// Abandon stops the execution at once. Its running actions become Abandoned,
	// and the builds or deployments that they started go on. Without it the
	// execution is Stopping until they have ended.
	Abandon bool
	// Reason is kept with the execution. It is cut to the API's limit of 200
	// characters.
	Reason string
}

// maxReason is the API's limit in characters.
const maxReason = 200

// Stop stops an execution, by StopPipelineExecution. It does not wait until the
// execution is stopped; [Client.Wait] does. An execution that is stopping in this
// way, or is stopped already, is no error. The error is [ErrNotStoppable] if it
// ended otherwise.
func (c *Client) Stop(ctx context.Context, pipeline, id string, optFns ...func(*StopOptions)) error {
	var o StopOptions
	for _, fn := range optFns {
		fn(&o)
	}
	if err := c.need(opStopExecution, pipeline, id, "the name of the pipeline", pipeline, "the ID of the execution", id); err != nil {
		return err
	}
	in := &awscodepipeline.StopPipelineExecutionInput{PipelineName: &pipeline, PipelineExecutionId: &id, Abandon: o.Abandon}
	if o.Reason != "" {
		in.Reason = aws.String(awstext.Cut(o.Reason, maxReason))
	}
	_, err := call(ctx, opStopExecution, pipeline, id, c.api.StopPipelineExecution, in)
	switch {
	case err == nil || apierror.Code(err) == codeDuplicatedStop:
		return nil
	case errors.Is(err, ErrNotStoppable):
		// A call whose first try succeeded without a reply gets this error, too.
		if e, getErr := c.get(ctx, pipeline, id); getErr == nil && Status(e.Status) == StatusStopped {
			return nil
		}
	}
	return err
}
