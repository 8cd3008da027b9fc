package conformance_test

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"
)

// unknownID is the ID of no job.
const unknownID = "0c9e4a52-3b1d-4f6e-8a7b-5d2c1e0f9a8b"

// actionTypeChecks are those of custom action types, and of polling for jobs.
var actionTypeChecks = []check{
	{
		name:      "action type: twice",
		assumes:   "CreateCustomActionType of a type that exists is an error, whatever its definition.",
		rests:     []string{"pipeline/actiontype.Type.Ensure", "pipeline/actiontype.codeActionTypeExists"},
		want:      "success, ActionTypeAlreadyExistsException, ActionTypeAlreadyExistsException",
		otherwise: "Ensure needs one more attempt, or fails where two processes create the type at once.",
		run: func(ctx context.Context, w *world) (string, error) {
			err1 := w.createType(ctx, "1", "first")
			if err1 == nil {
				w.later("custom action type "+w.name, func(ctx context.Context) error { return w.deleteType(ctx, "1") })
			}
			return answers(err1, w.createType(ctx, "1", "first"), w.createType(ctx, "1", "second"))
		},
	},
	{
		name:      "action type: deleted",
		assumes:   "A version that was deleted can come back with the definition that it had, and with no other.",
		rests:     []string{"pipeline/actiontype.Type.Ensure", "pipeline/pipelinetest.JobOptions"},
		want:      "ActionTypeAlreadyExistsException, success",
		otherwise: "Ensure names another version although this one would do, or the reverse.",
		run: func(ctx context.Context, w *world) (string, error) {
			if err := w.createType(ctx, "2", "first"); err != nil {
				return "", err
			}
			w.later("custom action type "+w.name+", version 2", func(ctx context.Context) error { return w.deleteType(ctx, "2") })
			if err := w.deleteType(ctx, "2"); err != nil {
				return "", err
			}
			return answers(w.createType(ctx, "2", "second"), w.createType(ctx, "2", "first"))
		},
	},
	{
		name:      "poll without jobs",
		assumes:   "PollForJobs returns at once if there is no job.",
		rests:     []string{"customaction.Options", "customaction.Worker.Run"},
		want:      "no job, within 5 seconds",
		otherwise: "Workers poll less often than they are told to.",
		run: func(ctx context.Context, w *world) (string, error) {
			var n int
			took, err := timed(func() error {
				out, err := w.codepipeline.PollForJobs(ctx, &awscodepipeline.PollForJobsInput{ActionTypeId: w.actionType("1"), MaxBatchSize: aws.Int32(5)})
				if err == nil {
					n = len(out.Jobs)
				}
				return err
			})
			if err != nil {
				return answer(err)
			}
			return yes(n == 0 && took.Seconds() < 5, "no job, within 5 seconds", "%d jobs after %s", n, took.Round(1e8))
		},
	},
	{
		name:      "poll for an unknown type",
		assumes:   "PollForJobs is an ActionTypeNotFoundException for a type that does not exist.",
		rests:     []string{"customaction.codeActionTypeNotFound"},
		want:      "ActionTypeNotFoundException",
		otherwise: "A worker whose action type is missing polls on, and does not say so.",
		run: func(ctx context.Context, w *world) (string, error) {
			_, err := w.codepipeline.PollForJobs(ctx, &awscodepipeline.PollForJobsInput{ActionTypeId: w.actionType("3")})
			return answer(err)
		},
	},
	{
		name:      "unknown job",
		assumes:   "AcknowledgeJob, GetJobDetails and both results are a JobNotFoundException for an ID that no job has.",
		rests:     []string{"customaction.codeJobNotFound", "pipeline/action.codeJobNotFound", "internal/jobreport.moot"},
		want:      "JobNotFoundException, JobNotFoundException, JobNotFoundException, JobNotFoundException",
		otherwise: "A result for a job that is gone is repeated until its time is up.",
		run: func(ctx context.Context, w *world) (string, error) {
			id := aws.String(unknownID)
			_, err1 := w.codepipeline.AcknowledgeJob(ctx, &awscodepipeline.AcknowledgeJobInput{JobId: id, Nonce: aws.String("1")})
			_, err2 := w.codepipeline.GetJobDetails(ctx, &awscodepipeline.GetJobDetailsInput{JobId: id})
			_, err3 := w.codepipeline.PutJobSuccessResult(ctx, &awscodepipeline.PutJobSuccessResultInput{JobId: id})
			_, err4 := w.codepipeline.PutJobFailureResult(ctx, &awscodepipeline.PutJobFailureResultInput{JobId: id, FailureDetails: &types.FailureDetails{
				Type: types.FailureTypeJobFailed, Message: aws.String("conformance"),
			}})
			return answers(err1, err2, err3, err4)
		},
	},
}

func (w *world) actionType(version string) *types.ActionTypeId {
	return &types.ActionTypeId{
		Category: types.ActionCategoryBuild, Owner: types.ActionOwnerCustom, Provider: &w.name, Version: &version,
	}
}

// createType creates a custom action type whose description says which definition
// it has.
func (w *world) createType(ctx context.Context, version, definition string) error {
	_, err := w.codepipeline.CreateCustomActionType(ctx, &awscodepipeline.CreateCustomActionTypeInput{
		Category: types.ActionCategoryBuild, Provider: &w.name, Version: &version,
		ConfigurationProperties: []types.ActionConfigurationProperty{{Name: aws.String("Text"), Key: true, Required: true, Description: aws.String(fmt.Sprintf("The %s definition", definition))}},
		InputArtifactDetails:    &types.ArtifactDetails{MinimumCount: 0, MaximumCount: 1},
		OutputArtifactDetails:   &types.ArtifactDetails{MinimumCount: 0, MaximumCount: 1},
		Tags:                    []types.Tag{{Key: aws.String(tagKey), Value: aws.String(tagValue)}},
	})
	return err
}

// deleteType deletes a version of the custom action type. One that is gone is fine.
func (w *world) deleteType(ctx context.Context, version string) error {
	_, err := w.codepipeline.DeleteCustomActionType(ctx, &awscodepipeline.DeleteCustomActionTypeInput{Category: types.ActionCategoryBuild, Provider: &w.name, Version: &version})
	return err
}
