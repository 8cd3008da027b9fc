package ec2build

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"sync"
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
// It makes one or two calls for each execution that runs, and one for each that has
// ended, which the next sweeps of the handler need not look at again.
//
// The error joins those of all that could not be done.
func (h *Handler) Sweep(ctx context.Context) error {
	if h.invalid != nil {
		return h.invalid
	}
	// Executions first: an instance that starts in between is looked at closely.
	running, errRunning := h.executions(ctx, events.ExecutionRunning, time.Time{})
	found, errFound := h.instances(ctx, TagBuilder, h.options.Name)
	return errors.Join(errRunning, errFound,
		h.sweepInstances(ctx, found, running), h.sweepEnded(ctx, found), h.sweepRunning(ctx, running))
}

func (h *Handler) sweepInstances(ctx context.Context, found []instance, running map[string]time.Time) error {
	var errs []error
	for _, i := range found {
		if ctx.Err() != nil {
			return errors.Join(append(errs, ctx.Err())...)
		}
		_, runs := running[i.tags[TagExecution]]
		errs = append(errs, h.sweepInstance(ctx, i, runs))
	}
	return errors.Join(errs...)
}

// sweepInstance looks at an instance. runs says that its execution ran a moment ago.
func (h *Handler) sweepInstance(ctx context.Context, i instance, runs bool) error {
	age := time.Since(i.launched)
	if age < settleTime {
		return nil
	}
	arn := i.tags[TagExecution]
	if !h.isExecution(arn) {
		h.options.Logger.WarnContext(ctx, "ec2build: an instance has the tag of this installation and no execution of its state machine, and is left alone", "instance", i.id)
		return nil
	}
	reason := "execution does not exist"
	if !runs {
		e, err := h.describe(ctx, arn)
		if err != nil {
			return err
		}
		if e != nil {
			runs, reason = !e.status.Terminal(), "execution is "+string(e.status)
		}
	}
	if runs {
		if n, err := strconv.Atoi(i.tags[tagLifetime]); err == nil && age > seconds(n) {
			h.options.Logger.ErrorContext(ctx, "ec2build: an instance is older than its build may take, and its execution still runs", "instance", i.id, "execution", arn)
		}
		return nil
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

// sweepEnded does for executions that have ended what mend does, with the instances
// that were found for all of them at once.
func (h *Handler) sweepEnded(ctx context.Context, found []instance) error {
	left := make(map[string][]instance)
	for _, i := range found {
		left[i.tags[TagExecution]] = append(left[i.tags[TagExecution]], i)
	}
	since := time.Now().Add(-h.options.SweepWindow)
	var errs []error
	listed := make(map[string]bool)
	for _, status := range []events.ExecutionStatus{
		events.ExecutionFailed, events.ExecutionTimedOut, events.ExecutionAborted, events.ExecutionSucceeded,
	} {
		ended, err := h.executions(ctx, status, since)
		if err != nil {
			return errors.Join(append(errs, err)...)
		}
		for arn := range ended {
			listed[arn] = true
			if h.settled.has(arn) && len(left[arn]) == 0 {
				continue
			}
			e, err := h.describe(ctx, arn)
			if err == nil && e != nil && e.status.Terminal() {
				err = errors.Join(h.terminateAll(ctx, left[arn]), h.report(ctx, e))
			}
			if errs = append(errs, err); ctx.Err() != nil {
				return errors.Join(errs...)
			}
			if err == nil {
				h.settled.add(arn)
			}
		}
	}
	h.settled.keep(listed)
	return errors.Join(errs...)
}

// settled are executions that have ended, and whose jobs have their results. Its
// zero value is empty. It is safe for concurrent use.
type settled struct {
	mu   sync.Mutex
	arns map[string]bool
}

func (s *settled) has(arn string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.arns[arn]
}

func (s *settled) add(arn string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.arns == nil {
		s.arns = make(map[string]bool)
	}
	s.arns[arn] = true
}

// keep forgets all others.
func (s *settled) keep(arns map[string]bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.DeleteFunc(s.arns, func(arn string, _ bool) bool { return !arns[arn] })
}

func (h *Handler) sweepRunning(ctx context.Context, running map[string]time.Time) error {
	var errs []error
	for arn, started := range running {
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
