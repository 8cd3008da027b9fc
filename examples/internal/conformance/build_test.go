package conformance_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awslogs "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	awscodebuild "github.com/aws/aws-sdk-go-v2/service/codebuild"
	"github.com/aws/aws-sdk-go-v2/service/codebuild/types"
)

// builds are what the checks of CodeBuild share.
type builds struct {
	stopped string // the ID of the build that is stopped
	failing string // that of the build that fails
	batch   string // that of the batch
}

const (
	// failingBuildspec is that of a build that fails with a report.
	failingBuildspec = `version: 0.2
phases:
  build:
    commands:
      - echo '<testsuite name="s" tests="1"><testcase name="t" classname="s"/></testsuite>' > report.xml
      - exit 1
reports: {unit: {files: [report.xml], file-format: JUNITXML}}
`
	// batchBuildspec is that of a batch: second depends on first, which fails.
	batchBuildspec = `version: 0.2
batch:
  fast-fail: false
  build-graph:
    - {identifier: first}
    - {identifier: second, depend-on: [first]}
    - {identifier: third}
phases: {build: {commands: ['test "$CODEBUILD_BATCH_BUILD_IDENTIFIER" != first']}}
`
)

// buildChecks are those of CodeBuild and of the logs of builds. What takes a while
// goes on during the checks that follow: endedBuildChecks look at it.
var buildChecks = []check{
	{
		name:      "build token",
		assumes:   "StartBuild with a token that was used returns the build that it has started, and with other parameters it is an InvalidInputException.",
		rests:     []string{"codecommit/ci.Handler.build", "codecommit/ci/citest.Server"},
		choices:   []string{"codecommit/ci/citest.Server: An idempotency token stands for its build"},
		want:      "success, success, InvalidInputException; one build",
		otherwise: "An event that arrives twice may start two builds.",
		needs:     []need{needRole},
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
			w.builds.stopped = ids[0]
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
		needs:     []need{needRole},
		run: func(ctx context.Context, w *world) (string, error) {
			if w.builds.stopped == "" {
				return "", errMissing
			}
			out, err := w.codebuild.BatchGetBuilds(ctx, &awscodebuild.BatchGetBuildsInput{Ids: []string{w.builds.stopped, w.name + ":" + unknownID}})
			if err != nil {
				return answer(err)
			}
			return yes(len(out.Builds) == 1 && len(out.BuildsNotFound) == 1, "one build, one not found", "%d builds, %d not found", len(out.Builds), len(out.BuildsNotFound))
		},
	},
	{
		name:      "missing log",
		assumes:   "GetLogEvents of a stream that is not there is a ResourceNotFoundException.",
		rests:     []string{"codecommit/ci.Handler.readLog", "codecommit/ci/citest.Server"},
		want:      "ResourceNotFoundException",
		otherwise: "A report on a build without a log says that the log could not be read.",
		needs:     []need{needRole},
		run: func(ctx context.Context, w *world) (string, error) {
			_, err := w.logs.GetLogEvents(ctx, &awslogs.GetLogEventsInput{LogGroupName: aws.String("/aws/codebuild/" + w.name), LogStreamName: aws.String(unknownID)})
			return answer(err)
		},
	},
	{
		name:      "odd input",
		assumes:   "A call that is no valid input is an InvalidInputException of CodeBuild and an InvalidParameterException of CloudWatch Logs.",
		rests:     []string{"codecommit/ci/citest.Server"},
		choices:   []string{"codecommit/ci/citest.Server: A call that is no valid input"},
		want:      "InvalidInputException, InvalidParameterException",
		otherwise: "Only the test server differs.",
		run: func(ctx context.Context, w *world) (string, error) {
			_, err1 := w.codebuild.StopBuild(ctx, &awscodebuild.StopBuildInput{Id: aws.String("")})
			_, err2 := w.logs.GetLogEvents(ctx, &awslogs.GetLogEventsInput{LogGroupName: aws.String("a group"), LogStreamName: aws.String("stream")})
			return answers(err1, err2)
		},
	},
	{
		name:      "stopped twice",
		assumes:   "StopBuild ends a build at once; of one that has ended it succeeds and changes nothing.",
		rests:     []string{"codecommit/ci/citest.Server"},
		choices:   []string{"codecommit/ci/citest.Server: StopBuild ends a build at once"},
		want:      "success, success, STOPPED",
		otherwise: "Only the test server differs: package ci looks at the status before it stops a build.",
		needs:     []need{needRole},
		run: func(ctx context.Context, w *world) (string, error) {
			if w.builds.stopped == "" {
				return "", errMissing
			}
			_, err1 := w.codebuild.StopBuild(ctx, &awscodebuild.StopBuildInput{Id: &w.builds.stopped})
			b, err := w.buildEnd(ctx, w.builds.stopped)
			if err != nil {
				return "", err
			}
			_, err2 := w.codebuild.StopBuild(ctx, &awscodebuild.StopBuildInput{Id: &w.builds.stopped})
			text, err := answers(err1, err2)
			return text + ", " + string(b.BuildStatus), err
		},
	},
	{
		name:      "builds at once",
		assumes:   "A build in progress counts against the limit of its project: the next is an AccountLimitExceededException until it has ended.",
		rests:     []string{"codecommit/ci.Handler.startError", "codecommit/ci/citest.Server"},
		choices:   []string{"codecommit/ci/citest.Server: A build in progress counts against"},
		want:      "success, AccountLimitExceededException",
		otherwise: "Package ci reports a full project as a failure, instead of trying again later.",
		needs:     []need{needRole},
		run: func(ctx context.Context, w *world) (string, error) {
			project, err := w.limited(ctx)
			if err != nil {
				return "", err
			}
			first, err1 := w.codebuild.StartBuild(ctx, &awscodebuild.StartBuildInput{ProjectName: &project})
			_, err2 := w.codebuild.StartBuild(ctx, &awscodebuild.StartBuildInput{ProjectName: &project})
			if err1 == nil {
				if _, err := w.codebuild.StopBuild(ctx, &awscodebuild.StopBuildInput{Id: first.Build.Id}); err != nil {
					return "", err
				}
			}
			return answers(err1, err2)
		},
	},
	{
		name:      "variables of a build",
		assumes:   "The overrides of StartBuild are in its reply, and a project may have a build besides.",
		rests:     []string{"codecommit/ci.Handler.build", "codecommit/ci/citest.Server"},
		choices:   []string{"codecommit/ci/citest.Server: A build takes its overrides"},
		want:      "N=fails, no log yet",
		otherwise: "Package ci does not find the builds that it has started.",
		needs:     []need{needRole},
		run: func(ctx context.Context, w *world) (string, error) {
			project, err := w.project(ctx)
			if err != nil {
				return "", err
			}
			out, err := w.codebuild.StartBuild(ctx, &awscodebuild.StartBuildInput{
				ProjectName: &project, BuildspecOverride: aws.String(failingBuildspec), AutoRetryLimitOverride: aws.Int32(1),
				EnvironmentVariablesOverride: []types.EnvironmentVariable{{Name: aws.String("N"), Value: aws.String("fails")}},
			})
			if err != nil {
				return answer(err)
			}
			w.builds.failing = aws.ToString(out.Build.Id)
			var variables []string
			for _, v := range out.Build.Environment.EnvironmentVariables {
				variables = append(variables, aws.ToString(v.Name)+"="+aws.ToString(v.Value))
			}
			log := "no log yet"
			if l := out.Build.Logs; l != nil && l.StreamName != nil {
				log = "the log " + *l.StreamName
			}
			return strings.Join(variables, " ") + ", " + log, nil
		},
	},
	{
		name:      "batch token",
		assumes:   "StartBuildBatch with a token that was used returns the batch that it has started.",
		rests:     []string{"codecommit/ci.Handler.build", "codecommit/ci/citest.Server"},
		want:      "success, success; one batch",
		otherwise: "An event that arrives twice may start two batches.",
		needs:     []need{needRole},
		run: func(ctx context.Context, w *world) (string, error) {
			project, err := w.project(ctx)
			if err != nil {
				return "", err
			}
			var ids []string
			var errs []error
			for range 2 {
				out, err := w.codebuild.StartBuildBatch(ctx, &awscodebuild.StartBuildBatchInput{
					ProjectName: &project, IdempotencyToken: aws.String(w.name + "-batch"), BuildspecOverride: aws.String(batchBuildspec),
				})
				errs = append(errs, err)
				if err == nil {
					ids = append(ids, aws.ToString(out.BuildBatch.Id))
				}
			}
			text, err := answers(errs...)
			if err != nil || len(ids) == 0 {
				return text, err
			}
			w.builds.batch = ids[0]
			if ids[len(ids)-1] != ids[0] {
				return text + "; another batch", nil
			}
			return text + "; one batch", nil
		},
	},
}

// endedBuildChecks are those of builds that have ended meanwhile.
var endedBuildChecks = []check{
	{
		name:      "log of a build",
		assumes:   "The log of a build is in the group of its project, and the stream has the UUID of the build as its name.",
		rests:     []string{"codecommit/ci.Handler.readLog", "codecommit/ci/citest.Server"},
		choices:   []string{"codecommit/ci/citest.Server: A log is there when"},
		want:      "FAILED, the group of the project, the UUID of the build, a deep link",
		otherwise: "Only the test server differs: the library takes group and stream from the build.",
		needs:     []need{needRole},
		run: func(ctx context.Context, w *world) (string, error) {
			b, err := w.buildEnd(ctx, w.builds.failing)
			if err != nil {
				return "", err
			}
			if b.Logs == nil {
				return string(b.BuildStatus) + ", no log", nil
			}
			found := []string{string(b.BuildStatus)}
			_, id, _ := strings.Cut(w.builds.failing, ":")
			for _, f := range []struct{ what, got, want string }{
				{"the group of the project", aws.ToString(b.Logs.GroupName), "/aws/codebuild/" + w.name},
				{"the UUID of the build", aws.ToString(b.Logs.StreamName), id},
			} {
				if f.got != f.want {
					f.what = fmt.Sprintf("%q instead of %q", f.got, f.want)
				}
				found = append(found, f.what)
			}
			link := "a deep link"
			if aws.ToString(b.Logs.DeepLink) == "" {
				link = "no deep link"
			}
			return strings.Join(append(found, link), ", "), nil
		},
	},
	{
		name:      "automatic retry",
		assumes:   "A build with a limit of one automatic retry that fails is built once more, and names its next build.",
		rests:     []string{"codecommit/ci.buildRun", "codecommit/ci/citest.Server"},
		choices:   []string{"codecommit/ci/citest.Server: The build of an automatic retry"},
		want:      "a retry, which is FAILED and has none",
		otherwise: "Package ci reports the failure of a build that is still to be retried, or waits for a retry that does not come.",
		needs:     []need{needRole},
		run: func(ctx context.Context, w *world) (string, error) {
			first, err := w.buildEnd(ctx, w.builds.failing)
			if err != nil {
				return "", err
			}
			if first.AutoRetryConfig == nil || first.AutoRetryConfig.NextAutoRetry == nil {
				return "no retry is named", nil
			}
			next := *first.AutoRetryConfig.NextAutoRetry
			second, err := w.buildEnd(ctx, next[strings.LastIndex(next, "/")+1:])
			if err != nil {
				return "", err
			}
			more := "has none"
			if second.AutoRetryConfig != nil && second.AutoRetryConfig.NextAutoRetry != nil {
				more = "has another"
			}
			return fmt.Sprintf("a retry, which is %s and %s", second.BuildStatus, more), nil
		},
	},
	{
		name:      "report of a build",
		assumes:   "A build that fails after it has written a report has the report, in a group PROJECT-NAME, and its test cases can be read.",
		rests:     []string{"codecommit/ci.Handler.readReports", "codecommit/ci/citest.Server"},
		choices:   []string{"codecommit/ci/citest.Server: A report is there when"},
		want:      "1 report, SUCCEEDED; 1 case, of the suite \"s\"",
		otherwise: "Comments of package ci lack failed tests.",
		needs:     []need{needRole},
		run: func(ctx context.Context, w *world) (string, error) {
			b, err := w.buildEnd(ctx, w.builds.failing)
			if err != nil {
				return "", err
			}
			if len(b.ReportArns) != 1 {
				return fmt.Sprintf("%d reports", len(b.ReportArns)), nil
			}
			reports, err := w.codebuild.BatchGetReports(ctx, &awscodebuild.BatchGetReportsInput{ReportArns: b.ReportArns})
			if err != nil {
				return answer(err)
			}
			cases, err := w.codebuild.DescribeTestCases(ctx, &awscodebuild.DescribeTestCasesInput{ReportArn: &b.ReportArns[0]})
			if err != nil {
				return answer(err)
			}
			text := fmt.Sprintf("%d report", len(reports.Reports))
			for _, r := range reports.Reports {
				text += ", " + string(r.Status)
				if name := r.ReportGroupArn; !strings.HasSuffix(aws.ToString(name), "/"+w.name+"-unit") {
					text += " in another group"
				}
			}
			text += fmt.Sprintf("; %d case", len(cases.TestCases))
			for _, c := range cases.TestCases {
				text += fmt.Sprintf(", of the suite %q", aws.ToString(c.TestSuiteName))
			}
			return text, nil
		},
	},
	{
		name:      "batch",
		assumes:   "A group of a batch whose dependency has failed does not start, others do, and the batch is FAILED once all have ended.",
		rests:     []string{"codecommit/ci.batchRun", "codecommit/ci/citest.Server"},
		choices:   []string{"codecommit/ci/citest.Server: Batches have no events"},
		want:      "FAILED: first FAILED, second without a build, third SUCCEEDED",
		otherwise: "Package ci reports a batch too early, or not at all.",
		needs:     []need{needRole},
		run: func(ctx context.Context, w *world) (string, error) {
			if w.builds.batch == "" {
				return "", errMissing
			}
			var b types.BuildBatch
			_, err := w.until(ctx, 5*time.Second, func() (bool, error) {
				out, err := w.codebuild.BatchGetBuildBatches(ctx, &awscodebuild.BatchGetBuildBatchesInput{Ids: []string{w.builds.batch}})
				if err != nil || len(out.BuildBatches) != 1 {
					return false, err
				}
				b = out.BuildBatches[0]
				return b.Complete, nil
			})
			if err != nil {
				return "", err
			}
			var groups []string
			for _, g := range b.BuildGroups {
				state := "without a build"
				if g.CurrentBuildSummary != nil {
					state = string(g.CurrentBuildSummary.BuildStatus)
				}
				groups = append(groups, aws.ToString(g.Identifier)+" "+state)
			}
			return string(b.BuildBatchStatus) + ": " + strings.Join(groups, ", "), nil
		},
	},
}

// buildEnd returns a build when it has ended.
func (w *world) buildEnd(ctx context.Context, id string) (types.Build, error) {
	var b types.Build
	if id == "" {
		return b, errMissing
	}
	_, err := w.until(ctx, 5*time.Second, func() (bool, error) {
		out, err := w.codebuild.BatchGetBuilds(ctx, &awscodebuild.BatchGetBuildsInput{Ids: []string{id}})
		if err != nil || len(out.Builds) != 1 {
			return false, err
		}
		b = out.Builds[0]
		return b.BuildComplete, nil
	})
	return b, err
}
