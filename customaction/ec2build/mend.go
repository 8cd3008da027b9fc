package ec2build

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"
	awsec2 "github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/internal/apierror"
	"github.com/codesuite-go/codesuite/internal/awstext"
	"github.com/codesuite-go/codesuite/internal/jobreport"
	"github.com/codesuite-go/codesuite/pipeline/action"
)

// HandleExecution handles the end of an execution of the handler's state machine,
// and ignores others. It terminates instances that are left, and reports the job's
// result, which an execution that was stopped, timed out or crashed could not do. A
// result that the execution has reported stays.
//
// It stops an execution that is redriven: its job has ended.
func (h *Handler) HandleExecution(ctx context.Context, e *events.StateMachineExecutionStatusChange) error {
	if h.invalid != nil {
		return h.invalid
	}
	if e.StateMachineARN != h.machine {
		return nil
	}
	if err := h.foreign(e.Account, e.Region); err != nil {
		return err
	}
	switch {
	case e.Status == events.ExecutionRunning && e.RedriveCount > 0:
		return h.stop(ctx, e.ExecutionARN, errorRedriven, "the job of this execution has ended: start the stage again instead of redriving the execution")
	case !e.Status.Terminal():
		return nil
	}
	found, err := h.describe(ctx, e.ExecutionARN)
	switch {
	case err != nil:
		return err
	case found == nil:
		return fmt.Errorf("ec2build: execution %s of the event does not exist", e.ExecutionARN)
	case !found.status.Terminal(): // an old event, or one ahead of the API
		if e.RedriveCount > 0 {
			return nil
		}
		return fmt.Errorf("ec2build: execution %s runs, while its event says that it has ended: let the event come again", e.ExecutionARN)
	}
	return h.mend(ctx, found)
}

// mend does what an execution that has ended should have done.
func (h *Handler) mend(ctx context.Context, e *execution) error {
	return errors.Join(h.terminateOf(ctx, e.arn), h.report(ctx, e))
}

// report reports the result of an execution that has ended, unless the execution says
// that it has. If it has and could not say so, CodePipeline refuses the second result,
// which is no error.
func (h *Handler) report(ctx context.Context, e *execution) error {
	id := e.input.JobID
	if !jobIDPattern.MatchString(id) {
		return fmt.Errorf("ec2build: the input of execution %s has no job", e.arn)
	}
	if e.reported() {
		return nil
	}
	if e.status != events.ExecutionSucceeded {
		return h.fail(ctx, id, e.arn, e.failure())
	}
	_, err := h.put(ctx, id, jobreport.Result{
		ExternalExecutionID: e.arn,
		Succeed: func(ctx context.Context) error {
			_, err := h.clients.CodePipeline.PutJobSuccessResult(ctx, &awscodepipeline.PutJobSuccessResultInput{
				JobId: aws.String(id), OutputVariables: e.output.Variables,
				ExecutionDetails: &types.ExecutionDetails{
					ExternalExecutionId: aws.String(e.arn),
					Summary:             awstext.Optional(awstext.Cut(e.output.Summary, action.MaxSummary)),
				},
			}, once)
			return err
		},
	})
	return err
}

var failureTypes = []action.FailureType{
	action.FailureTypeJobFailed, action.FailureTypeConfigurationError, action.FailureTypePermissionError,
	action.FailureTypeRevisionOutOfSync, action.FailureTypeRevisionUnavailable, action.FailureTypeSystemUnavailable,
}

// reported reports whether the state machine says that CodePipeline took the result.
func (e *execution) reported() bool {
	switch e.status {
	case events.ExecutionSucceeded:
		return e.output.Reported
	case events.ExecutionFailed:
		return slices.Contains(failureTypes, action.FailureType(e.error))
	}
	return false
}

// failure says why an execution has failed. The state machine's own failures have
// the type as their error.
func (e *execution) failure() *action.Failure {
	if t := action.FailureType(strings.TrimSuffix(e.error, unreported)); slices.Contains(failureTypes, t) {
		return &action.Failure{Type: t, Message: cmp.Or(e.cause, "the build failed")}
	}
	why := cmp.Or(e.cause, "no cause is given")
	switch {
	case e.status == events.ExecutionTimedOut:
		return &action.Failure{Type: action.FailureTypeSystemUnavailable, Message: "the execution timed out, and its instance was terminated"}
	case e.error == errorInterruption:
		return &action.Failure{Type: action.FailureTypeSystemUnavailable, Message: why}
	case e.status == events.ExecutionAborted:
		return &action.Failure{Type: action.FailureTypeSystemUnavailable, Message: "the execution was stopped: " + why}
	}
	return &action.Failure{Type: action.FailureTypeSystemUnavailable, Message: fmt.Sprintf("the execution failed with %s: %s", cmp.Or(e.error, "an error without a name"), why)}
}

// abandon stops the executions of a run of an action, and terminates their
// instances.
func (h *Handler) abandon(ctx context.Context, run, cause string) error {
	for attempt := 1; attempt <= maxAttempts; attempt++ {
		e, err := h.describe(ctx, h.executionARN(executionName(run, attempt)))
		if err != nil {
			return err
		}
		if e == nil {
			return nil // the job has no execution yet: its acknowledgement will tell
		}
		if e.status.Terminal() {
			continue
		}
		if err := errors.Join(h.stop(ctx, e.arn, errorAbandoned, cause), h.terminateOf(ctx, e.arn)); err != nil {
			return err
		}
	}
	return nil
}

// HandleInterruption handles the warning that EC2 takes back a Spot Instance of the
// handler, and ignores others: it stops the build's execution, and the job fails at
// once and for that reason. Without the warning, Systems Manager notices some time
// later that the instance is gone.
func (h *Handler) HandleInterruption(ctx context.Context, e *events.SpotInterruptionWarning) error {
	if h.invalid != nil {
		return h.invalid
	}
	if err := h.foreign(e.Account, e.Region); err != nil {
		return err
	}
	found, err := h.find(ctx, &awsec2.DescribeInstancesInput{InstanceIds: []string{e.InstanceID}})
	if code := apierror.Code(err); code == "InvalidInstanceID.NotFound" || code == "InvalidInstanceID.Malformed" {
		return nil
	}
	if err != nil {
		return err
	}
	for _, i := range found {
		arn := i.tags[TagExecution]
		if i.tags[TagBuilder] != h.options.Name || !h.isExecution(arn) {
			continue
		}
		cause := fmt.Sprintf("EC2 takes back the Spot Instance %s (%s) that ran the build: start the stage again, or set %s to %s",
			i.id, e.Action, keyMarket, MarketOnDemand)
		if err := h.stop(ctx, arn, errorInterruption, cause); err != nil {
			return err
		}
	}
	return nil
}
