package ci

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/codebuild/types"

	"github.com/codesuite-go/codesuite/internal/console"
)

// buildRun is the run of a build.
func buildRun(b *types.Build) run {
	r := run{
		subject: subject{version: aws.ToString(b.SourceVersion)},
		state:   State(b.BuildStatus),
		batch:   aws.ToString(b.BuildBatchArn),
		build: Build{
			ID: aws.ToString(b.Id), ARN: aws.ToString(b.Arn), Number: aws.ToInt64(b.BuildNumber), Project: aws.ToString(b.ProjectName),
			Start: aws.ToTime(b.StartTime), End: aws.ToTime(b.EndTime),
			ReportARNs: slices.Clone(b.ReportArns),
		},
	}
	r.environment(b.Environment)
	region, account := origin(r.build.ARN)
	r.build.URL = console.Build(region, account, r.build.Project, r.build.ID)
	if b.Logs != nil {
		r.build.LogGroup, r.build.LogStream = aws.ToString(b.Logs.GroupName), aws.ToString(b.Logs.StreamName)
		r.build.LogURL = aws.ToString(b.Logs.DeepLink)
	}
	for _, phase := range b.Phases {
		r.phase(string(phase.PhaseType), phase.PhaseStatus, phase.Contexts)
	}
	if retry := b.AutoRetryConfig; retry != nil {
		r.build.Retry, r.build.RetryLimit = int(aws.ToInt32(retry.AutoRetryNumber)), int(aws.ToInt32(retry.AutoRetryLimit))
		r.retry = retryOf(&r, aws.ToString(retry.NextAutoRetry))
	}
	return r
}

// batchRun is the run of a batch build.
func batchRun(b *types.BuildBatch) run {
	r := run{
		subject: subject{version: aws.ToString(b.SourceVersion)},
		state:   State(b.BuildBatchStatus),
		build: Build{
			ID: aws.ToString(b.Id), ARN: aws.ToString(b.Arn), Number: aws.ToInt64(b.BuildBatchNumber), Project: aws.ToString(b.ProjectName),
			Batch: true, Start: aws.ToTime(b.StartTime), End: aws.ToTime(b.EndTime),
			ReportARNs: slices.Clone(b.ReportArns),
		},
	}
	r.environment(b.Environment)
	region, account := origin(r.build.ARN)
	r.build.URL = console.BuildBatch(region, account, r.build.Project, r.build.ID)
	for _, phase := range b.Phases {
		r.phase(string(phase.PhaseType), phase.PhaseStatus, phase.Contexts)
	}
	for _, from := range b.BuildGroups {
		group := Group{
			Identifier: aws.ToString(from.Identifier), DependsOn: slices.Clone(from.DependsOn), IgnoreFailure: from.IgnoreFailure,
			Runs: len(from.PriorBuildSummaryList),
		}
		if current := from.CurrentBuildSummary; current != nil {
			group.State = State(current.BuildStatus)
			group.BuildID = buildID(aws.ToString(current.Arn))
			group.URL = console.Build(region, account, r.build.Project, group.BuildID)
			group.Runs++
		}
		r.build.Groups = append(r.build.Groups, group)
	}
	return r
}

func (r *run) environment(e *types.ProjectEnvironment) {
	if e == nil {
		return
	}
	for _, v := range e.EnvironmentVariables {
		r.set(aws.ToString(v.Name), string(v.Type), aws.ToString(v.Value))
	}
}

// phase takes note of a phase that has failed. The first one counts: phases behind
// it, such as FINALIZING, may fail because of it.
func (r *run) phase(name string, status types.StatusType, contexts []types.PhaseContext) {
	switch status {
	case "", types.StatusTypeSucceeded, types.StatusTypeInProgress:
		return
	}
	if r.build.FailedPhase != "" || r.state == StateSucceeded || r.state == StateStopped {
		return
	}
	r.build.FailedPhase = name
	var messages []string
	for _, c := range contexts {
		code, message := aws.ToString(c.StatusCode), aws.ToString(c.Message)
		if text := strings.Trim(code+": "+message, ": "); text != "" {
			messages = append(messages, text)
		}
	}
	r.build.FailedMessage = strings.Join(messages, "; ")
}

// origin returns the Region and account of an ARN.
func origin(arn string) (region, account string) {
	fields := strings.SplitN(arn, ":", 6)
	if len(fields) < 6 {
		return "", ""
	}
	return fields[3], fields[4]
}

// buildID returns the ID of the build with the ARN, PROJECT:UUID.
func buildID(arn string) string {
	fields := strings.SplitN(arn, ":", 6)
	_, id, ok := strings.Cut(fields[len(fields)-1], "/")
	if !ok {
		return arn
	}
	return id
}
