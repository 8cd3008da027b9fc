package conformance_test

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awslogs "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	awscodebuild "github.com/aws/aws-sdk-go-v2/service/codebuild"
	"github.com/aws/aws-sdk-go-v2/service/codebuild/types"
)

// buildChecks are those of CodeBuild and of the logs of builds.
var buildChecks = []check{
	{
		name:      "build token",
		assumes:   "StartBuild with a token that was used returns the build that it has started, and with other parameters it is an InvalidInputException.",
		rests:     []string{"codecommit/ci.Handler.build", "codecommit/ci/citest.Server"},
		want:      "success, success, InvalidInputException; one build",
		otherwise: "An event that arrives twice may start two builds.",
		role:      true,
		run: func(ctx context.Context, w *world) (string, error) {
			project, err := w.project(ctx)
			if err != nil {
				return "", err
			}
			var ids []string
			var errs []error
			for _, value := range []string{"1", "1", "2"} {
				out, err := w.codebuild.StartBuild(ctx, &awscodebuild.StartBuildInput{
					ProjectName: &project, IdempotencyToken: aws.String(w.name + "-token"),
					EnvironmentVariablesOverride: []types.EnvironmentVariable{{Name: aws.String("N"), Value: &value}},
				})
				errs = append(errs, err)
				if err == nil {
					ids = append(ids, aws.ToString(out.Build.Id))
				}
			}
			text, err := answers(errs...)
			if err != nil || len(ids) == 0 {
				return text, err
			}
			w.build = ids[0]
			for _, id := range ids {
				if id != ids[0] {
					return text + "; another build", nil
				}
			}
			return text + "; one build", nil
		},
	},
	{
		name:      "unknown builds",
		assumes:   "BatchGetBuilds lists the ID of a build that is not there in buildsNotFound, and the others nevertheless.",
		rests:     []string{"codecommit/ci.Handler.existing", "codecommit/ci/citest.Server"},
		want:      "one build, one not found",
		otherwise: "One build that is gone hides all others.",
		role:      true,
		run: func(ctx context.Context, w *world) (string, error) {
			if w.build == "" {
				return "", errMissing
			}
			out, err := w.codebuild.BatchGetBuilds(ctx, &awscodebuild.BatchGetBuildsInput{Ids: []string{w.build, w.name + ":" + unknownID}})
			if err != nil {
				return answer(err)
			}
			return yes(len(out.Builds) == 1 && len(out.BuildsNotFound) == 1, "one build, one not found", "%d builds, %d not found", len(out.Builds), len(out.BuildsNotFound))
		},
	},
	{
		name:      "missing log",
		assumes:   "GetLogEvents of a stream that is not there is a ResourceNotFoundException.",
		rests:     []string{"codecommit/ci/citest.Server"},
		want:      "ResourceNotFoundException",
		otherwise: "Only the test server differs.",
		role:      true,
		run: func(ctx context.Context, w *world) (string, error) {
			_, err := w.logs.GetLogEvents(ctx, &awslogs.GetLogEventsInput{LogGroupName: aws.String("/aws/codebuild/" + w.name), LogStreamName: aws.String(unknownID)})
			return answer(err)
		},
	},
	{
		name:      "stopped twice",
		assumes:   "StopBuild of a build that has ended succeeds and changes nothing.",
		rests:     []string{"codecommit/ci/citest.Server"},
		want:      "success, success, STOPPED",
		otherwise: "Only the test server differs: package ci looks at the status before it stops a build.",
		role:      true,
		run: func(ctx context.Context, w *world) (string, error) {
			if w.build == "" {
				return "", errMissing
			}
			_, err1 := w.codebuild.StopBuild(ctx, &awscodebuild.StopBuildInput{Id: &w.build})
			var status types.StatusType
			_, err := w.until(ctx, 5*time.Second, func() (bool, error) {
				out, err := w.codebuild.BatchGetBuilds(ctx, &awscodebuild.BatchGetBuildsInput{Ids: []string{w.build}})
				if err != nil || len(out.Builds) != 1 {
					return false, err
				}
				status = out.Builds[0].BuildStatus
				return out.Builds[0].BuildComplete, nil
			})
			if err != nil {
				return "", err
			}
			_, err2 := w.codebuild.StopBuild(ctx, &awscodebuild.StopBuildInput{Id: &w.build})
			text, err := answers(err1, err2)
			return text + ", " + string(status), err
		},
	},
}
