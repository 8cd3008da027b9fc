package conformance_test

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodebuild "github.com/aws/aws-sdk-go-v2/service/codebuild"
	"github.com/aws/aws-sdk-go-v2/service/codebuild/types"
)

// waitingBuildspec is that of a build that waits until it is stopped.
const waitingBuildspec = "version: 0.2\nphases: {build: {commands: [sleep 300]}}\n"

// makeProject makes a build project without a source.
func (a *account) makeProject(ctx context.Context) (string, error) {
	return a.makeProjectOf(ctx, a.name, nil)
}

// makeLimited makes a build project that has one build at a time.
func (a *account) makeLimited(ctx context.Context) (string, error) {
	return a.makeProjectOf(ctx, a.limitedName(), aws.Int32(1))
}

func (a *account) makeProjectOf(ctx context.Context, name string, atOnce *int32) (string, error) {
	a.later("log group of build project "+name, func(ctx context.Context) error { return a.removeLogGroup(ctx, "/aws/codebuild/"+name) })
	a.later("build project "+name, func(ctx context.Context) error {
		_, err := a.codebuild.DeleteProject(ctx, &awscodebuild.DeleteProjectInput{Name: &name})
		return err
	})
	out, err := a.codebuild.CreateProject(ctx, &awscodebuild.CreateProjectInput{
		Name: &name, ServiceRole: &a.role, TimeoutInMinutes: aws.Int32(10), QueuedTimeoutInMinutes: aws.Int32(10), ConcurrentBuildLimit: atOnce,
		Source:    &types.ProjectSource{Type: types.SourceTypeNoSource, Buildspec: aws.String(waitingBuildspec)},
		Artifacts: &types.ProjectArtifacts{Type: types.ArtifactsTypeNoArtifacts},
		Environment: &types.ProjectEnvironment{
			Type: types.EnvironmentTypeLinuxContainer, ComputeType: types.ComputeTypeBuildGeneral1Small, Image: aws.String("aws/codebuild/amazonlinux-x86_64-standard:5.0"),
		},
		BuildBatchConfig: &types.ProjectBuildBatchConfig{ServiceRole: &a.role, TimeoutInMins: aws.Int32(10)},
		Tags:             []types.Tag{{Key: aws.String(tagKey), Value: aws.String(tagValue)}},
	})
	if err != nil {
		return "", err
	}
	group := strings.Replace(aws.ToString(out.Project.Arn), ":project/", ":report-group/", 1) + "-unit"
	a.later("report group of "+name, func(ctx context.Context) error {
		_, err := a.codebuild.DeleteReportGroup(ctx, &awscodebuild.DeleteReportGroupInput{Arn: &group, DeleteReports: true})
		return unless(err, "ResourceNotFoundException")
	})
	a.later("builds of "+name, func(ctx context.Context) error { return a.stopBuilds(ctx, name) })
	return name, nil
}

// stopBuilds stops what still runs of a project, or has yet to start.
func (a *account) stopBuilds(ctx context.Context, name string) error {
	batches, err := a.codebuild.ListBuildBatchesForProject(ctx, &awscodebuild.ListBuildBatchesForProjectInput{ProjectName: &name})
	if err != nil {
		return err
	}
	for _, id := range batches.Ids {
		if _, err := a.codebuild.StopBuildBatch(ctx, &awscodebuild.StopBuildBatchInput{Id: &id}); err != nil {
			return err
		}
	}
	builds, err := a.codebuild.ListBuildsForProject(ctx, &awscodebuild.ListBuildsForProjectInput{ProjectName: &name})
	if err != nil {
		return err
	}
	for _, id := range builds.Ids {
		if _, err := a.codebuild.StopBuild(ctx, &awscodebuild.StopBuildInput{Id: &id}); err != nil {
			return err
		}
	}
	return nil
}
