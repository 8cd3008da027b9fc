package conformance_test

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"
)

// jobChecks are those of the jobs and the approval of the pipeline.
var jobChecks = []check{
	{
		name:      "job offered again",
		assumes:   "A job that nobody acknowledges is offered again, with another nonce.",
		rests:     []string{"customaction.run.acknowledge", "pipeline/pipelinetest.JobOptions"},
		choices:   []string{"pipeline/pipelinetest.JobOptions: The next poll after a minute offers"},
		want:      "with another nonce",
		otherwise: "With the same nonce, two workers may both believe that a job is theirs; with none, a worker that is killed in between holds its action until the timeout.",
		needs:     []need{needRole, needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			if w.work.execution == "" {
				return "", errMissing
			}
			first, _, err := w.nextJob(ctx, "")
			if err != nil {
				return "", err
			}
			w.work.job, w.work.oldNonce = first, aws.ToString(first.Nonce)
			again, waited, err := w.nextJob(ctx, aws.ToString(first.Id))
			if err != nil {
				return "not offered again: " + err.Error(), nil
			}
			w.work.job = again
			if aws.ToString(again.Nonce) == w.work.oldNonce {
				return "with the same nonce, after " + waited.String(), nil
			}
			return "with another nonce", nil
		},
	},
	{
		name:      "old nonce",
		assumes:   "The nonce of an earlier offer is an InvalidNonceException.",
		rests:     []string{"customaction.run.acknowledge", "pipeline/pipelinetest.JobOptions"},
		want:      "InvalidNonceException",
		otherwise: "Two workers may both believe that a job is theirs.",
		needs:     []need{needRole, needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			if w.work.job == nil || w.work.oldNonce == aws.ToString(w.work.job.Nonce) {
				return "", errMissing
			}
			status, err := w.acknowledge(ctx, w.work.oldNonce)
			if err != nil {
				return answer(err)
			}
			return status, nil
		},
	},
	{
		name:      "acknowledged twice",
		assumes:   "A nonce that was accepted is accepted again, with the status of the job.",
		rests:     []string{"customaction.run.acknowledge", "pipeline/pipelinetest.JobOptions"},
		choices:   []string{"pipeline/pipelinetest.JobOptions: The server accepts a nonce again"},
		want:      "InProgress, InProgress",
		otherwise: "A worker that has lost the reply of AcknowledgeJob gives the job up: the option of package customaction for that must be set.",
		needs:     []need{needRole, needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			if w.work.job == nil {
				return "", errMissing
			}
			first, err := w.acknowledge(ctx, aws.ToString(w.work.job.Nonce))
			if err != nil {
				return answer(err)
			}
			second, err := w.acknowledge(ctx, aws.ToString(w.work.job.Nonce))
			if err != nil {
				second, err = answer(err)
			}
			return first + ", " + second, err
		},
	},
	{
		name:      "continued job",
		assumes:   "A result with a continuation token is followed by another job of the same action execution, which has the token.",
		rests:     []string{"pipeline/action.Continue", "pipeline/pipelinetest.JobOptions"},
		choices:   []string{"pipeline/pipelinetest.JobOptions: The job that continues another one"},
		want:      "another job, of the same action execution, with the token, within 10 minutes",
		otherwise: "Handlers that continue start again from nothing.",
		needs:     []need{needRole, needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			old := w.work.job
			if old == nil {
				return "", errMissing
			}
			_, err := w.codepipeline.PutJobSuccessResult(ctx, &awscodepipeline.PutJobSuccessResultInput{
				JobId: old.Id, ContinuationToken: aws.String("go on"), ExecutionDetails: &types.ExecutionDetails{ExternalExecutionId: aws.String("conformance")},
			})
			if err != nil {
				return answer(err)
			}
			w.work.job, w.work.last = nil, aws.ToString(old.Id)
			next, _, err := w.nextJob(ctx, "")
			if err != nil {
				return "", err
			}
			w.work.job = next
			text := "another job"
			if aws.ToString(next.Id) == aws.ToString(old.Id) {
				text = "the same job"
			}
			if execution(next) == execution(old) {
				text += ", of the same action execution"
			} else {
				text += ", of another action execution"
			}
			if token := aws.ToString(next.Data.ContinuationToken); token == "go on" {
				text += ", with the token"
			} else {
				text += fmt.Sprintf(", with the token %q", token)
			}
			return text + ", within 10 minutes", nil
		},
	},
	{
		name:      "second result",
		assumes:   "A result of a job that has one is an InvalidJobStateException, and so is one of a job that was not acknowledged.",
		rests:     []string{"internal/jobreport.moot", "pipeline/pipelinetest.JobOptions"},
		want:      "InvalidJobStateException, InvalidJobStateException",
		otherwise: "A result that was taken, but whose reply was lost, is repeated until its time is up.",
		needs:     []need{needRole, needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			if w.work.last == "" || w.work.job == nil {
				return "", errMissing
			}
			_, err1 := w.codepipeline.PutJobSuccessResult(ctx, &awscodepipeline.PutJobSuccessResultInput{JobId: &w.work.last})
			_, err2 := w.codepipeline.PutJobSuccessResult(ctx, &awscodepipeline.PutJobSuccessResultInput{JobId: w.work.job.Id})
			return answers(err1, err2)
		},
	},
	{
		name:      "details of a job",
		assumes:   "GetJobDetails of a job in progress returns credentials for its artifacts anew.",
		rests:     []string{"pipeline/action.Job.Input"},
		want:      "credentials, location",
		otherwise: "Jobs that take longer than their first credentials cannot put artifacts.",
		needs:     []need{needRole, needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			job := w.work.job
			if job == nil {
				return "", errMissing
			}
			if status, err := w.acknowledge(ctx, aws.ToString(job.Nonce)); err != nil || status != string(types.JobStatusInProgress) {
				return "", fmt.Errorf("acknowledge the job: status %q: %w", status, err)
			}
			out, err := w.codepipeline.GetJobDetails(ctx, &awscodepipeline.GetJobDetailsInput{JobId: job.Id})
			if err != nil {
				return answer(err)
			}
			text := "no credentials"
			if c := out.JobDetails.Data.ArtifactCredentials; c != nil && aws.ToString(c.SecretAccessKey) != "" && aws.ToString(c.SessionToken) != "" {
				text = "credentials"
			}
			inputs := out.JobDetails.Data.InputArtifacts
			return yes(len(inputs) == 1 && inputs[0].Location != nil && inputs[0].Location.S3Location != nil, text+", location", "%s, %d inputs", text, len(inputs))
		},
	},
	{
		name:      "approval",
		assumes:   "GetPipelineState has the token of a waiting approval; another token is an InvalidApprovalTokenException, and a second answer an ApprovalAlreadyCompletedException.",
		rests:     []string{"pipeline/pipelinetest.Server", "events.ApprovalRequest"},
		want:      "InvalidApprovalTokenException, success, ApprovalAlreadyCompletedException",
		otherwise: "Answers to an approval fail with another error than the documentation says.",
		needs:     []need{needRole, needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			if w.work.job == nil {
				return "", errMissing
			}
			if _, err := w.codepipeline.PutJobSuccessResult(ctx, &awscodepipeline.PutJobSuccessResultInput{JobId: w.work.job.Id}); err != nil {
				return "", err
			}
			var token string
			_, err := w.until(ctx, 5*time.Second, func() (bool, error) {
				out, err := w.codepipeline.GetPipelineState(ctx, &awscodepipeline.GetPipelineStateInput{Name: &w.name})
				if err != nil {
					return false, err
				}
				for _, s := range out.StageStates {
					for _, a := range s.ActionStates {
						if aws.ToString(a.ActionName) == "Approve" && a.LatestExecution != nil {
							token = aws.ToString(a.LatestExecution.Token)
						}
					}
				}
				return token != "", nil
			})
			if err != nil {
				return "", err
			}
			return answers(w.approve(ctx, unknownID), w.approve(ctx, token), w.approve(ctx, token))
		},
	},
}

// nextJob polls until there is a job: the one with the ID, or any if the ID is "".
func (w *world) nextJob(ctx context.Context, id string) (*types.Job, time.Duration, error) {
	var job *types.Job
	waited, err := w.until(ctx, 5*time.Second, func() (bool, error) {
		out, err := w.codepipeline.PollForJobs(ctx, &awscodepipeline.PollForJobsInput{ActionTypeId: w.actionType("1"), MaxBatchSize: aws.Int32(1)})
		if err != nil {
			return false, err
		}
		for _, j := range out.Jobs {
			if j.Data != nil && (id == "" || aws.ToString(j.Id) == id) {
				job = &j
				return true, nil
			}
		}
		return false, nil
	})
	return job, waited, err
}

func execution(j *types.Job) string {
	if c := j.Data.PipelineContext; c != nil && c.Action != nil {
		return aws.ToString(c.Action.ActionExecutionId)
	}
	return ""
}

func (w *world) acknowledge(ctx context.Context, nonce string) (string, error) {
	out, err := w.codepipeline.AcknowledgeJob(ctx, &awscodepipeline.AcknowledgeJobInput{JobId: w.work.job.Id, Nonce: &nonce})
	if err != nil {
		return "", err
	}
	return string(out.Status), nil
}

func (w *world) approve(ctx context.Context, token string) error {
	_, err := w.codepipeline.PutApprovalResult(ctx, &awscodepipeline.PutApprovalResultInput{
		PipelineName: &w.name, StageName: aws.String("Approve"), ActionName: aws.String("Approve"), Token: &token,
		Result: &types.ApprovalResult{Status: types.ApprovalStatusApproved, Summary: aws.String("conformance")},
	})
	return err
}
