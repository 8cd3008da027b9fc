package ec2build

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssfn "github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/internal/apierror"
	"github.com/codesuite-go/codesuite/internal/awstext"
)

// maxAttempts is how many executions one run of an action may have: the names of
// those that an earlier job left are taken.
const maxAttempts = 9

// executionName returns the name of an execution for a run of an action.
func executionName(actionExecutionID string, attempt int) string {
	if attempt > 1 {
		return fmt.Sprintf("%s-%d", actionExecutionID, attempt)
	}
	return actionExecutionID
}

// actionExecutionOf returns the ID of the run of the action and the number of the
// execution from the name.
func actionExecutionOf(name string) (run string, attempt int) {
	if i := strings.LastIndexByte(name, '-'); i > 0 && !jobIDPattern.MatchString(name) {
		if n, err := strconv.Atoi(name[i+1:]); err == nil && n > 1 && n <= maxAttempts {
			return name[:i], n
		}
	}
	return name, 1
}

// executionARN returns the ARN of the execution with the name, which need not exist.
func (h *Handler) executionARN(name string) string {
	return strings.Replace(h.machine, ":stateMachine:", ":execution:", 1) + ":" + name
}

// execution is an execution of the state machine.
type execution struct {
	arn, name    string
	status       events.ExecutionStatus
	error, cause string
	input        Input
	output       executionOutput
}

// executionOutput is the output of an execution that has succeeded.
type executionOutput struct {
	Reported  bool
	Summary   string
	Variables map[string]string
}

// describe returns the execution, nil if there is none.
func (h *Handler) describe(ctx context.Context, arn string) (*execution, error) {
	out, err := h.clients.StepFunctions.DescribeExecution(ctx, &awssfn.DescribeExecutionInput{ExecutionArn: aws.String(arn)})
	if apierror.Code(err) == "ExecutionDoesNotExist" {
		return nil, nil
	}
	if err != nil {
		return nil, callError("DescribeExecution", "states", arn, err)
	}
	e := &execution{
		arn: arn, name: aws.ToString(out.Name), status: events.ExecutionStatus(out.Status),
		error: aws.ToString(out.Error), cause: aws.ToString(out.Cause),
	}
	if err := json.Unmarshal([]byte(aws.ToString(out.Input)), &e.input); err != nil {
		return nil, fmt.Errorf("ec2build: the input of execution %s is not one of this package: %w", arn, err)
	}
	if text := aws.ToString(out.Output); text != "" {
		if err := json.Unmarshal([]byte(text), &e.output); err != nil {
			return nil, fmt.Errorf("ec2build: the output of execution %s: %w", arn, err)
		}
	}
	return e, nil
}

// start starts an execution, and reports false if there is one of the name with
// another input, or one that has ended.
func (h *Handler) start(ctx context.Context, name string, in *Input) (bool, error) {
	text, err := json.Marshal(in)
	if err != nil {
		return false, fmt.Errorf("ec2build: input of execution %s: %w", name, err)
	}
	_, err = h.clients.StepFunctions.StartExecution(ctx, &awssfn.StartExecutionInput{
		StateMachineArn: aws.String(h.machine), Name: aws.String(name), Input: aws.String(string(text)),
	})
	if apierror.Code(err) == "ExecutionAlreadyExists" {
		return false, nil
	}
	if err != nil {
		return false, callError("StartExecution", "states", name, err)
	}
	return true, nil
}

// The errors that stopped executions get. An ABORTED execution runs no state any
// more: the handler terminates its instance and reports its job.
const (
	errorAbandoned    = "Abandoned"
	errorInterruption = "SpotInterruption"
	errorRedriven     = "Redriven"
)

// stop stops an execution. One that has ended, or does not exist, is no error.
func (h *Handler) stop(ctx context.Context, arn, name, cause string) error {
	_, err := h.clients.StepFunctions.StopExecution(ctx, &awssfn.StopExecutionInput{
		ExecutionArn: aws.String(arn), Error: aws.String(name), Cause: aws.String(awstext.Cut(cause, 4000)),
	})
	if err != nil && apierror.Code(err) != "ExecutionDoesNotExist" {
		return callError("StopExecution", "states", arn, err)
	}
	h.options.Logger.InfoContext(ctx, "ec2build: execution stopped", "execution", arn, "error", name, "cause", cause)
	return nil
}

// maxPages bounds lists.
const maxPages = 100

// executions returns the ARNs and the times of executions with the status, newest
// first, that ended after the time, if it is not zero.
func (h *Handler) executions(ctx context.Context, status events.ExecutionStatus, ended time.Time) (map[string]time.Time, error) {
	in := &awssfn.ListExecutionsInput{StateMachineArn: aws.String(h.machine), MaxResults: 1000}
	in.StatusFilter = sfntypes.ExecutionStatus(status)
	found := make(map[string]time.Time)
	oldest := time.Now().Add(-maxLife)
	for range maxPages {
		out, err := h.clients.StepFunctions.ListExecutions(ctx, in)
		if err != nil {
			return nil, callError("ListExecutions", "states", h.machine, err)
		}
		for _, e := range out.Executions {
			started := aws.ToTime(e.StartDate)
			if !ended.IsZero() && started.Before(oldest) {
				return found, nil // all that follow started earlier, and have ended longer ago
			}
			if ended.IsZero() || aws.ToTime(e.StopDate).After(ended) {
				found[aws.ToString(e.ExecutionArn)] = started
			}
		}
		if in.NextToken = out.NextToken; aws.ToString(in.NextToken) == "" {
			return found, nil
		}
	}
	return nil, fmt.Errorf("ec2build: list executions of %s: over %d pages", h.machine, maxPages)
}

// maxLife is longer than any execution: a build of 24 hours with its starts.
const maxLife = 36 * time.Hour

// callError is the error of a call, with the action of IAM that is missing.
func callError(operation, service, object string, err error) error {
	call := apierror.Call{Package: "ec2build", Service: service, Operation: operation, Object: object, Err: err}
	return &textError{call.Text(), err}
}

// textError is an error with a text of its own.
type textError struct {
	text string
	err  error
}

func (e *textError) Error() string { return e.text }

func (e *textError) Unwrap() error { return e.err }
