package conformance_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"
)

// moreJobChecks are those of jobs that end otherwise than by success.
var moreJobChecks = []check{
	{
		name:      "details of an ended job",
		assumes:   "GetJobDetails of a job that has ended succeeds, without credentials.",
		rests:     []string{"pipeline/pipelinetest.JobOptions"},
		choices:   []string{"pipeline/pipelinetest.JobOptions: Artifact credentials last an hour"},
		want:      "success, without credentials",
		otherwise: "Only the test server differs.",
		needs:     []need{needRole, needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			if w.work.last == "" {
				return "", errMissing
			}
			out, err := w.codepipeline.GetJobDetails(ctx, &awscodepipeline.GetJobDetailsInput{JobId: &w.work.last})
			if err != nil {
				return answer(err)
			}
			if c := out.JobDetails.Data.ArtifactCredentials; c != nil && aws.ToString(c.SecretAccessKey) != "" {
				return "success, with credentials", nil
			}
			return "success, without credentials", nil
		},
	},
	{
		name:      "abandoned job",
		assumes:   "A job whose execution was stopped without waiting for it is still known, is Failed, and takes no result; its action is Abandoned.",
		rests:     []string{"customaction.notFound", "customaction.Options", "internal/jobreport.moot", "pipeline/pipelinetest.JobOptions"},
		choices:   []string{"pipeline/pipelinetest.JobOptions: A result is an InvalidJobStateException if"},
		want:      "Abandoned; acknowledged Failed, GetJobDetails success, result InvalidJobStateException",
		otherwise: "A worker that may not list actions works on for an execution that nobody waits for, and a result is repeated until its time is up.",
		needs:     []need{needRole, needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			if w.work.execution == "" {
				return "", errMissing
			}
			id, err := w.start(ctx, w.name)
			if err != nil {
				return "", err
			}
			job, _, err := w.nextJob(ctx, "")
			if err != nil {
				return "", err
			}
			w.work.job = job
			if _, err := w.acknowledge(ctx, aws.ToString(job.Nonce)); err != nil {
				return answer(err)
			}
			if err := w.stop(ctx, w.name, id); err != nil {
				return answer(err)
			}
			run, err := w.runEnd(ctx, w.name, id, "Work")
			if err != nil {
				return "", err
			}
			status, err := w.acknowledge(ctx, aws.ToString(job.Nonce))
			if err != nil {
				if status, err = answer(err); err != nil {
					return "", err
				}
			}
			_, err1 := w.codepipeline.GetJobDetails(ctx, &awscodepipeline.GetJobDetailsInput{JobId: job.Id})
			_, err2 := w.codepipeline.PutJobSuccessResult(ctx, &awscodepipeline.PutJobSuccessResultInput{JobId: job.Id})
			details, err := answer(err1)
			if err != nil {
				return "", err
			}
			result, err := answer(err2)
			return fmt.Sprintf("%s; acknowledged %s, GetJobDetails %s, result %s", run.Status, status, details, result), err
		},
	},
	{
		name:      "poll without a size",
		assumes:   "PollForJobs without a batch size returns one job.",
		rests:     []string{"pipeline/pipelinetest.JobOptions"},
		choices:   []string{"pipeline/pipelinetest.JobOptions: A poll without maxBatchSize"},
		want:      "1 job, 1 job",
		otherwise: "Only the test server differs: workers give the size.",
		needs:     []need{needRole, needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			if err := w.createType(ctx, pairVersion, "first"); err != nil {
				return answer(err)
			}
			w.later("custom action type "+w.name+", version "+pairVersion, func(ctx context.Context) error { return w.deleteType(ctx, pairVersion) })
			pair := types.StageDeclaration{Name: aws.String("Pair")}
			for _, name := range []string{"One", "Two"} {
				pair.Actions = append(pair.Actions, types.ActionDeclaration{
					Name: &name, ActionTypeId: w.actionType(pairVersion), Configuration: map[string]string{"Text": "conformance"},
					InputArtifacts: []types.InputArtifact{{Name: aws.String("Source")}},
				})
			}
			if err := w.makePipeline(ctx, w.pairName(), nil, pair); err != nil {
				return answer(err)
			}
			// Both jobs are there once both actions have started.
			_, err := w.until(ctx, 5*time.Second, func() (bool, error) {
				list, err := w.executions(ctx, w.pairName())
				if err != nil || len(list) == 0 {
					return false, err
				}
				w.work.pair = aws.ToString(list[0].PipelineExecutionId)
				runs, err := w.runs(ctx, w.pairName(), w.work.pair, "")
				if err != nil || len(runs) == 3 {
					return err == nil, err
				}
				return false, w.going(ctx, w.pairName(), w.work.pair)
			})
			if err != nil {
				return "", err
			}
			if err := w.pass(ctx, 5*time.Second); err != nil {
				return "", err
			}
			var counts []string
			for range 2 {
				out, err := w.codepipeline.PollForJobs(ctx, &awscodepipeline.PollForJobsInput{ActionTypeId: w.actionType(pairVersion)})
				if err != nil {
					return answer(err)
				}
				s := ""
				if len(out.Jobs) != 1 {
					s = "s"
				}
				counts = append(counts, fmt.Sprintf("%d job%s", len(out.Jobs), s))
				if len(out.Jobs) > 0 {
					w.work.job = &out.Jobs[0]
				}
			}
			return strings.Join(counts, ", "), nil
		},
	},
	{
		name:      "failed job",
		assumes:   "An action whose job failed shows the message, the external execution ID and the error code JobFailed.",
		rests:     []string{"pipeline.ActionExecution", "githubstatus/pipelinestatus.Reporter", "pipeline/pipelinetest.Server"},
		want:      "JobFailed, the message, the ID",
		otherwise: "Descriptions of statuses lack the reason of a failure.",
		needs:     []need{needRole, needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			job := w.work.job
			if w.work.pair == "" || job == nil || job.Data == nil || job.Data.PipelineContext == nil {
				return "", errMissing
			}
			if _, err := w.acknowledge(ctx, aws.ToString(job.Nonce)); err != nil {
				return answer(err)
			}
			_, err := w.codepipeline.PutJobFailureResult(ctx, &awscodepipeline.PutJobFailureResultInput{JobId: job.Id, FailureDetails: &types.FailureDetails{
				Type: types.FailureTypeJobFailed, Message: aws.String("it failed"), ExternalExecutionId: aws.String("42"),
			}})
			if err != nil {
				return answer(err)
			}
			run, err := w.runEnd(ctx, w.pairName(), w.work.pair, aws.ToString(job.Data.PipelineContext.Action.Name))
			if err != nil || run.Output == nil || run.Output.ExecutionResult == nil {
				return "no result", err
			}
			result := run.Output.ExecutionResult
			var code, text string
			if d := result.ErrorDetails; d != nil {
				code, text = aws.ToString(d.Code), aws.ToString(d.Message)
			}
			if text = text + aws.ToString(result.ExternalExecutionSummary); strings.Contains(text, "it failed") {
				text = "the message"
			}
			id := "the ID"
			if got := aws.ToString(result.ExternalExecutionId); got != "42" {
				id = fmt.Sprintf("the ID %q", got)
			}
			return code + ", " + text + ", " + id, nil
		},
	},
	{
		name:      "missing action type",
		assumes:   "DeleteCustomActionType of a type that does not exist is a ValidationException, and so is CreateCustomActionType of the categories Approval and Compute.",
		rests:     []string{"pipeline/pipelinetest.JobOptions", "pipeline/actiontype.Type"},
		choices:   []string{"pipeline/pipelinetest.JobOptions: DeleteCustomActionType is a ValidationException"},
		want:      "ValidationException, ValidationException, ValidationException",
		otherwise: "Only the test server differs.",
		run: func(ctx context.Context, w *world) (string, error) {
			errs := []error{w.deleteType(ctx, "never")}
			for _, category := range []types.ActionCategory{types.ActionCategoryApproval, types.ActionCategoryCompute} {
				_, err := w.codepipeline.CreateCustomActionType(ctx, &awscodepipeline.CreateCustomActionTypeInput{
					Category: category, Provider: &w.name, Version: aws.String("1"),
					InputArtifactDetails: &types.ArtifactDetails{}, OutputArtifactDetails: &types.ArtifactDetails{},
				})
				if err == nil {
					w.later(fmt.Sprintf("custom action type %s of the category %s", w.name, category), func(ctx context.Context) error {
						_, err := w.codepipeline.DeleteCustomActionType(ctx, &awscodepipeline.DeleteCustomActionTypeInput{Category: category, Provider: &w.name, Version: aws.String("1")})
						return err
					})
				}
				errs = append(errs, err)
			}
			return answers(errs...)
		},
	},
	{
		name:      "unknown third-party job",
		assumes:   "The calls for third-party jobs are a JobNotFoundException for an ID that no job has.",
		rests:     []string{"customaction.codeJobNotFound", "pipeline/pipelinetest.Server"},
		want:      "JobNotFoundException, JobNotFoundException",
		otherwise: "A result for a job that is gone is repeated until its time is up.",
		run: func(ctx context.Context, w *world) (string, error) {
			id, token := aws.String(unknownID), aws.String("token")
			_, err1 := w.codepipeline.AcknowledgeThirdPartyJob(ctx, &awscodepipeline.AcknowledgeThirdPartyJobInput{JobId: id, ClientToken: token, Nonce: aws.String("1")})
			_, err2 := w.codepipeline.PutThirdPartyJobSuccessResult(ctx, &awscodepipeline.PutThirdPartyJobSuccessResultInput{JobId: id, ClientToken: token})
			return answers(err1, err2)
		},
	},
}

// pairVersion is the version of the action type of the pipeline with two jobs at
// once.
const pairVersion = "4"

func (w *world) pairName() string { return w.name + "-pair" }
