package ec2build

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/internal/apierror"
	"github.com/codesuite-go/codesuite/internal/awstext"
	"github.com/codesuite-go/codesuite/internal/backoff"
	"github.com/codesuite-go/codesuite/internal/jobreport"
	"github.com/codesuite-go/codesuite/internal/jobwire"
	"github.com/codesuite-go/codesuite/pipeline/action"
)

// tokenPrefix begins the continuation tokens of the handler. The name of the
// execution follows.
const tokenPrefix = "codesuite-ec2build:"

const (
	// pollReserve is the time that has to be left for what a poll brings: a job
	// that is acknowledged and then left waits until its action times out.
	pollReserve = 20 * time.Second

	continuationPause = 250 * time.Millisecond
)

// polled is a job of a poll.
type polled struct {
	action.Details
	nonce string
}

// Poll polls for jobs until there are none, and serves them.
//
// It answers the first job of an action with a continuation token, which makes
// CodePipeline show the link to the execution, and waits for the job that continues
// it, see [Options].ContinuationWait. For that job it starts the execution, which
// reports the job's result. The name of the execution is the ID of the action's run: a
// second start is the first one, and a job that comes again changes nothing.
//
// A function that is killed between the acknowledgement of the first job and the
// answer, two calls in a row, leaves the action waiting for its timeout: CodePipeline
// does not list jobs. At all other points the job comes again.
//
// Poll stops early if ctx has less than 20 seconds left. The error joins those of
// all jobs; CodePipeline offers them again.
func (h *Handler) Poll(ctx context.Context) error {
	if h.invalid != nil {
		return h.invalid
	}
	var errs []error
	awaited := make(map[string]bool) // names of executions whose job is to come
	failed := make(map[string]bool)  // IDs of jobs, which another call may serve
	quiet := time.Now()
	for {
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < pollReserve {
			h.options.Logger.WarnContext(ctx, "ec2build: no time is left to poll, the next event or sweep does", "awaited", len(awaited))
			break
		}
		jobs, err := h.poll(ctx)
		if err != nil {
			errs = append(errs, err)
			break
		}
		jobs = slices.DeleteFunc(jobs, func(job polled) bool { return failed[job.ID] })
		results := make([]served, len(jobs))
		var wg sync.WaitGroup
		for i, job := range jobs {
			wg.Go(func() { results[i] = h.serve(ctx, job) })
		}
		wg.Wait()
		for i, r := range results {
			if r.err != nil {
				errs = append(errs, r.err)
				failed[jobs[i].ID] = true
			}
			if r.awaited != "" {
				awaited[r.awaited] = true
			}
			delete(awaited, r.continued)
		}
		if len(jobs) > 0 {
			quiet = time.Now()
			continue
		}
		if len(awaited) == 0 || time.Since(quiet) >= h.options.ContinuationWait {
			break
		}
		if err := backoff.Sleep(ctx, continuationPause); err != nil {
			errs = append(errs, err)
			break
		}
	}
	if len(awaited) > 0 {
		h.options.Logger.InfoContext(ctx, "ec2build: jobs are not continued yet, the next poll finds them", "awaited", len(awaited))
	}
	return errors.Join(errs...)
}

func (h *Handler) poll(ctx context.Context) ([]polled, error) {
	t := h.actionType
	out, err := h.clients.CodePipeline.PollForJobs(ctx, &awscodepipeline.PollForJobsInput{
		ActionTypeId: &types.ActionTypeId{
			Category: types.ActionCategory(t.Category), Owner: types.ActionOwner(t.Owner),
			Provider: aws.String(t.Provider), Version: aws.String(t.Version),
		},
		MaxBatchSize: aws.Int32(int32(h.options.Batch)), //nolint:gosec // a small number
	})
	if err != nil {
		return nil, callError("PollForJobs", "codepipeline", t.String(), err)
	}
	var jobs []polled
	for i := range out.Jobs {
		job := &out.Jobs[i]
		jobs = append(jobs, polled{
			action.Details(jobwire.NewJob[events.ActionType, action.Artifact, action.Credentials](
				aws.ToString(job.Id), aws.ToString(job.AccountId), job.Data)),
			aws.ToString(job.Nonce),
		})
	}
	return jobs, nil
}

// served is what became of a job.
type served struct {
	awaited   string // name of the execution for the job that is to continue this one
	continued string // name of the execution that the job has, or needs no more
	err       error
}

func (h *Handler) serve(ctx context.Context, job polled) served {
	name, ours := strings.CutPrefix(job.ContinuationToken, tokenPrefix)
	switch {
	case job.ContinuationToken == "":
		awaited, err := h.first(ctx, job)
		return served{awaited: awaited, err: jobError(job, err)}
	case ours && name != "":
		return served{continued: name, err: jobError(job, h.second(ctx, job, name))}
	}
	h.options.Logger.WarnContext(ctx, "ec2build: a job continues that of another worker, and is left to it", "job", job.ID)
	return served{}
}

func jobError(job polled, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("ec2build: job %s of action %q in pipeline %q: %w", job.ID, job.Action, job.Pipeline, err)
}

// first answers the first job of an action with the link to the execution that is to
// be, and returns its name. Nothing fails between the acknowledgement and the answer
// but the calls themselves.
func (h *Handler) first(ctx context.Context, job polled) (name string, err error) {
	if name, err = h.freeName(ctx, job); err != nil {
		return "", err
	}
	in, err := h.compose(ctx, job.Details, name)
	var failure *action.Failure
	if err != nil && !errors.As(err, &failure) {
		return "", err
	}
	owner, err := h.acknowledge(ctx, job)
	if err != nil || owner != ownerThis {
		return "", err
	}
	if failure != nil {
		return "", h.fail(ctx, job.ID, "", failure)
	}
	accepted, err := h.put(ctx, job.ID, jobreport.Result{
		Succeed: func(ctx context.Context) error {
			_, err := h.clients.CodePipeline.PutJobSuccessResult(ctx, &awscodepipeline.PutJobSuccessResultInput{
				JobId:             aws.String(job.ID),
				ContinuationToken: aws.String(tokenPrefix + name),
				ExecutionDetails: &types.ExecutionDetails{
					ExternalExecutionId: aws.String(h.executionARN(name)),
					Summary:             aws.String(awstext.Cut(summary(in), action.MaxSummary)),
				},
			}, once)
			return err
		},
	})
	if err != nil || !accepted {
		return "", err
	}
	return name, nil
}

func summary(in *Input) string {
	return fmt.Sprintf("Building with image %s on %s; output in log group %s", in.Instance.ImageID, in.Launches[0].InstanceType, in.LogGroup)
}

// freeName returns the name of an execution that does not exist.
func (h *Handler) freeName(ctx context.Context, job polled) (string, error) {
	for attempt := 1; attempt <= maxAttempts; attempt++ {
		name := executionName(runOf(job), attempt)
		e, err := h.describe(ctx, h.executionARN(name))
		if err != nil {
			return "", err
		}
		if e == nil {
			return name, nil
		}
	}
	return "", fmt.Errorf("there are %d executions for the action's run %s already", maxAttempts, runOf(job))
}

// runOf returns the ID of the run of the action, or that of the job if CodePipeline
// does not tell it.
func runOf(job polled) string {
	if job.ActionExecutionID != "" {
		return job.ActionExecutionID
	}
	return job.ID
}

// second starts the execution for the job that continues the first one, and then
// acknowledges the job. In this order nothing is lost if the function ends in
// between: the job is offered again, and the second start of the execution is the
// first one.
func (h *Handler) second(ctx context.Context, job polled, name string) error {
	arn, failure, err := h.startFor(ctx, job, name)
	if err != nil {
		return err
	}
	owner, err := h.acknowledge(ctx, job)
	switch {
	case err != nil:
		return err
	case failure != nil && owner == ownerThis:
		return h.fail(ctx, job.ID, h.executionARN(name), failure)
	case failure != nil:
		return nil
	case owner == ownerNone: // the action was abandoned meanwhile
		return errors.Join(h.stop(ctx, arn, errorAbandoned, "the job had ended before its execution began"), h.terminateOf(ctx, arn))
	case owner == ownerOther: // an earlier or concurrent call of this handler
		return nil
	}
	h.options.Logger.InfoContext(ctx, "ec2build: build started", "job", job.ID, "pipeline", job.Pipeline, "action", job.Action, "execution", arn)
	// An execution that ended before the acknowledgement could not report.
	e, err := h.describe(ctx, arn)
	if err != nil || e == nil || !e.status.Terminal() {
		return err
	}
	return h.mend(ctx, e)
}

// startFor starts the execution of the job, which may run or have ended already, and
// returns its ARN. An execution belongs to one job: if the name is that of another's,
// the next one is taken.
func (h *Handler) startFor(ctx context.Context, job polled, name string) (arn string, failure *action.Failure, err error) {
	run, first := actionExecutionOf(name)
	for attempt := first; attempt <= maxAttempts; attempt++ {
		name := executionName(run, attempt)
		in, err := h.compose(ctx, job.Details, name)
		if errors.As(err, &failure) {
			return "", failure, nil
		}
		if err != nil {
			return "", nil, err
		}
		arn = h.executionARN(name)
		started, err := h.start(ctx, name, in)
		switch {
		case err == nil && started:
			return arn, nil, nil
		case refused(err):
			return "", action.Failf(action.FailureTypePermissionError, "the execution cannot be started: %w", err), nil
		case err != nil:
			return "", nil, err
		}
		e, err := h.describe(ctx, arn)
		if err != nil {
			return "", nil, err
		}
		if e != nil && e.input.JobID == job.ID {
			return arn, nil, nil
		}
	}
	return "", nil, fmt.Errorf("there are %d executions for the action's run %s already", maxAttempts, run)
}

// refused reports whether Step Functions will not start the execution later either.
func refused(err error) bool {
	switch apierror.Code(err) {
	case "InvalidExecutionInput", "InvalidName", "InvalidArn", "ValidationException", "StateMachineDoesNotExist", "StateMachineDeleting":
		return true
	}
	return apierror.Denied(err)
}

// owner is who has a job after its acknowledgement.
type owner int

const (
	ownerThis  owner = iota // this call
	ownerOther              // another worker, or another call
	ownerNone               // nobody: it has ended
)

const (
	acknowledgeMin = 50 * time.Millisecond
	acknowledgeMax = 5 * time.Second
)

// acknowledge acknowledges a job and says whose it is. A job whose nonce is refused
// is another's, unless the reply to an earlier call was lost.
func (h *Handler) acknowledge(ctx context.Context, job polled) (owner, error) {
	start, delay, uncertain := time.Now(), acknowledgeMin, false
	for {
		out, err := h.clients.CodePipeline.AcknowledgeJob(ctx, &awscodepipeline.AcknowledgeJobInput{
			JobId: aws.String(job.ID), Nonce: aws.String(job.nonce),
		}, once)
		switch code := apierror.Code(err); {
		case err == nil && out.Status == types.JobStatusInProgress:
			return ownerThis, nil
		case err == nil:
			h.options.Logger.InfoContext(ctx, "ec2build: the job has ended", "job", job.ID, "status", string(out.Status))
			return ownerNone, nil
		case code == "InvalidNonceException" && uncertain:
			return ownerThis, nil
		case code == "InvalidNonceException":
			h.options.Logger.InfoContext(ctx, "ec2build: the job is another worker's", "job", job.ID)
			return ownerOther, nil
		case code == "JobNotFoundException":
			return ownerNone, nil
		case apierror.Denied(err), code == "ValidationException":
			return ownerOther, callError("AcknowledgeJob", "codepipeline", job.ID, err)
		case !apierror.Throttled(err):
			uncertain = true
		}
		late := h.options.MaxElapsed > 0 && time.Since(start) >= h.options.MaxElapsed
		if late || backoff.Sleep(ctx, backoff.Jitter(delay)) != nil {
			return ownerOther, callError("AcknowledgeJob", "codepipeline", job.ID, err)
		}
		delay = min(2*delay, acknowledgeMax)
	}
}

// once turns the SDK's retries off. A retry after a lost reply would hide the answer
// to the first attempt.
func once(o *awscodepipeline.Options) { o.Retryer = aws.NopRetryer{} }

// put puts the result of a job; see [jobreport.Report].
func (h *Handler) put(ctx context.Context, id string, r jobreport.Result) (accepted bool, err error) {
	r.Fail = func(ctx context.Context, f jobreport.Failure) error {
		return h.putFailure(ctx, id, f.ExternalExecutionID, action.FailureTypeJobFailed, f.Message)
	}
	accepted, err = jobreport.Report(ctx, r, func(o *jobreport.Options) {
		o.Stop = ctx.Done()
		o.Timeout = max(0, h.options.MaxElapsed)
		o.Logger = h.options.Logger.With("job", id)
	})
	if err != nil {
		return false, fmt.Errorf("report: %w", err)
	}
	h.options.Logger.InfoContext(ctx, "ec2build: job answered", "job", id, "accepted", accepted)
	return accepted, nil
}

// fail reports a failure.
func (h *Handler) fail(ctx context.Context, id, execution string, f *action.Failure) error {
	_, err := h.put(ctx, id, jobreport.Result{Failed: func(ctx context.Context) error {
		return h.putFailure(ctx, id, execution, f.Type, f.Error())
	}})
	return err
}

func (h *Handler) putFailure(ctx context.Context, id, execution string, failureType action.FailureType, message string) error {
	if message == "" {
		message = string(failureType)
	}
	_, err := h.clients.CodePipeline.PutJobFailureResult(ctx, &awscodepipeline.PutJobFailureResultInput{
		JobId: aws.String(id),
		FailureDetails: &types.FailureDetails{
			Type:                types.FailureType(failureType),
			Message:             aws.String(awstext.Cut(message, action.MaxFailureMessage)),
			ExternalExecutionId: awstext.Optional(execution),
		},
	}, once)
	return err
}
