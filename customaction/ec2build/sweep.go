package ec2build

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	cptypes "github.com/aws/aws-sdk-go-v2/service/codepipeline/types"
	awsec2 "github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/internal/awstext"
)

// settleTime is how long an instance or the end of an action has to be there before
// the sweep acts on it: answers of different services may be of different times.
const settleTime = 5 * time.Minute

// Sweep looks after what an event should have told:
//
//   - It terminates instances of the handler whose execution has ended or does not
//     exist, and tags them with the reason before ([TagTerminated]). It leaves an
//     instance alone whose execution runs.
//   - It reports the jobs of executions that ended within [Options].SweepWindow and
//     have not done it themselves.
//   - It stops executions whose action has ended in CodePipeline.
//
// The error joins those of all that could not be done.
func (h *Handler) Sweep(ctx context.Context) error {
	if h.invalid != nil {
		return h.invalid
	}
	return errors.Join(h.sweepInstances(ctx), h.sweepEnded(ctx), h.sweepRunning(ctx))
}

func (h *Handler) sweepInstances(ctx context.Context) error {
	found, err := h.instances(ctx, TagBuilder, h.options.Name)
	if err != nil {
		return err
	}
	var errs []error
	for _, i := range found {
		if ctx.Err() != nil {
			return errors.Join(append(errs, ctx.Err())...)
		}
		errs = append(errs, h.sweepInstance(ctx, i))
	}
	return errors.Join(errs...)
}

func (h *Handler) sweepInstance(ctx context.Context, i instance) error {
	age := time.Since(i.launched)
	if age < settleTime {
		return nil
	}
	arn := i.tags[TagExecution]
	if !h.isExecution(arn) {
		h.options.Logger.WarnContext(ctx, "ec2build: an instance has the tag of this installation and no execution of its state machine, and is left alone", "instance", i.id)
		return nil
	}
	e, err := h.describe(ctx, arn)
	if err != nil {
		return err
	}
	reason := "execution does not exist"
	if e != nil {
		if !e.status.Terminal() {
			if n, err := strconv.Atoi(i.tags[TagLifetime]); err == nil && age > seconds(n) {
				h.options.Logger.ErrorContext(ctx, "ec2build: an instance is older than its build may take, and its execution still runs", "instance", i.id, "execution", arn)
			}
			return nil
		}
		reason = "execution is " + string(e.status)
	}
	h.options.Logger.ErrorContext(ctx, "ec2build: an instance was left, the sweep terminates it", "instance", i.id, "execution", arn, "reason", reason)
	_, tagErr := h.clients.EC2.CreateTags(ctx, &awsec2.CreateTagsInput{
		Resources: []string{i.id},
		Tags:      []ec2types.Tag{{Key: aws.String(TagTerminated), Value: aws.String(awstext.Cut("sweep: "+reason, 256))}},
	})
	if tagErr != nil { // a reason that nobody can read keeps no instance
		h.options.Logger.WarnContext(ctx, "ec2build: the instance cannot be tagged", "instance", i.id, "error", tagErr)
	}
	return h.terminate(ctx, i)
}

func (h *Handler) sweepEnded(ctx context.Context) error {
	since := time.Now().Add(-h.options.SweepWindow)
	var errs []error
	for _, status := range []events.ExecutionStatus{
		events.ExecutionFailed, events.ExecutionTimedOut, events.ExecutionAborted, events.ExecutionSucceeded,
	} {
		found, err := h.executions(ctx, status, since)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		for arn := range found {
			e, err := h.describe(ctx, arn)
			if err == nil && e != nil && e.status.Terminal() && !e.output.Reported {
				err = h.mend(ctx, e)
			}
			if errs = append(errs, err); ctx.Err() != nil {
				return errors.Join(errs...)
			}
		}
	}
	return errors.Join(errs...)
}

func (h *Handler) sweepRunning(ctx context.Context) error {
	found, err := h.executions(ctx, events.ExecutionRunning, time.Time{})
	if err != nil {
		return err
	}
	var errs []error
	for arn, started := range found {
		if time.Since(started) < settleTime {
			continue
		}
		e, err := h.describe(ctx, arn)
		if err == nil && e != nil && !e.status.Terminal() {
			var ended string
			if ended, err = h.actionEnded(ctx, e); ended != "" {
				err = errors.Join(h.stop(ctx, arn, errorAbandoned, "the action is "+ended), h.terminateOf(ctx, arn))
			}
		}
		if errs = append(errs, err); ctx.Err() != nil {
			return errors.Join(errs...)
		}
	}
	return errors.Join(errs...)
}

// actionEnded returns the status of the execution's action if it ended some time
// ago, else "".
func (h *Handler) actionEnded(ctx context.Context, e *execution) (string, error) {
	if e.input.Pipeline == "" || e.input.PipelineExecutionID == "" {
		return "", nil
	}
	in := &awscodepipeline.ListActionExecutionsInput{
		PipelineName: aws.String(e.input.Pipeline),
		Filter:       &cptypes.ActionExecutionFilter{PipelineExecutionId: aws.String(e.input.PipelineExecutionID)},
	}
	run, _ := actionExecutionOf(e.name)
	for range maxPages {
		out, err := h.clients.CodePipeline.ListActionExecutions(ctx, in)
		if err != nil {
			return "", callError("ListActionExecutions", "codepipeline", e.input.Pipeline, err)
		}
		for _, a := range out.ActionExecutionDetails {
			if aws.ToString(a.ActionExecutionId) != run {
				continue
			}
			if a.Status == cptypes.ActionExecutionStatusInProgress || a.LastUpdateTime != nil && time.Since(*a.LastUpdateTime) < settleTime {
				return "", nil
			}
			return string(a.Status), nil
		}
		if in.NextToken = out.NextToken; aws.ToString(in.NextToken) == "" {
			return "", nil
		}
	}
	return "", fmt.Errorf("ec2build: list action executions of %s: over %d pages", e.input.Pipeline, maxPages)
}

// isExecution reports whether the ARN is that of an execution of the state machine.
func (h *Handler) isExecution(arn string) bool { return strings.HasPrefix(arn, h.executionARN("")) }
