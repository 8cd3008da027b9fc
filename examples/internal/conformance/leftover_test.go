package conformance_test

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awslogs "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	awscodebuild "github.com/aws/aws-sdk-go-v2/service/codebuild"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	awssns "github.com/aws/aws-sdk-go-v2/service/sns"
)

// find returns what earlier runs have left, and what kinds of resources cannot be
// listed.
func (a *account) find(ctx context.Context) []string {
	var found []string
	for _, kind := range []struct {
		name string
		list func(context.Context) ([]string, error)
	}{
		{"repository", a.repositories},
		{"topic", a.topics},
		{"custom action type", a.actionTypes},
		{"pipeline", a.pipelines},
		{"build project", a.projects},
		{"bucket", a.buckets},
		{"queue", a.queues},
		{"rule", a.rules},
		{"function", a.functions},
		{"state machine", a.machines},
		{"document", a.documents},
		{"log group", a.logGroups},
	} {
		names, err := kind.list(ctx)
		for _, name := range names {
			if strings.HasPrefix(name[strings.LastIndex(name, "/")+1:], prefix) {
				found = append(found, kind.name+" "+name)
			}
		}
		if err != nil {
			found = append(found, fmt.Sprintf("%s: not known: %v", kind.name, err))
		}
	}
	return slices.Compact(found)
}

// pages reads all pages of a list.
func pages[P any](ctx context.Context, more func() bool, next func(context.Context) (P, error), names func(P) []string) ([]string, error) {
	var all []string
	for more() {
		page, err := next(ctx)
		if err != nil {
			return all, err
		}
		all = append(all, names(page)...)
	}
	return all, nil
}

func (a *account) repositories(ctx context.Context) ([]string, error) {
	p := awscodecommit.NewListRepositoriesPaginator(a.codecommit, &awscodecommit.ListRepositoriesInput{})
	return pages(ctx, p.HasMorePages, func(ctx context.Context) (*awscodecommit.ListRepositoriesOutput, error) { return p.NextPage(ctx) },
		func(out *awscodecommit.ListRepositoriesOutput) (names []string) {
			for _, r := range out.Repositories {
				names = append(names, aws.ToString(r.RepositoryName))
			}
			return names
		})
}

func (a *account) topics(ctx context.Context) ([]string, error) {
	p := awssns.NewListTopicsPaginator(a.sns, &awssns.ListTopicsInput{})
	return pages(ctx, p.HasMorePages, func(ctx context.Context) (*awssns.ListTopicsOutput, error) { return p.NextPage(ctx) },
		func(out *awssns.ListTopicsOutput) (names []string) {
			for _, t := range out.Topics {
				arn := aws.ToString(t.TopicArn)
				names = append(names, arn[strings.LastIndex(arn, ":")+1:])
			}
			return names
		})
}

func (a *account) actionTypes(ctx context.Context) ([]string, error) {
	p := awscodepipeline.NewListActionTypesPaginator(a.codepipeline, &awscodepipeline.ListActionTypesInput{ActionOwnerFilter: types.ActionOwnerCustom})
	return pages(ctx, p.HasMorePages, func(ctx context.Context) (*awscodepipeline.ListActionTypesOutput, error) { return p.NextPage(ctx) },
		func(out *awscodepipeline.ListActionTypesOutput) (names []string) {
			for _, t := range out.ActionTypes {
				if t.Id != nil {
					names = append(names, aws.ToString(t.Id.Provider))
				}
			}
			return names
		})
}

func (a *account) pipelines(ctx context.Context) ([]string, error) {
	p := awscodepipeline.NewListPipelinesPaginator(a.codepipeline, &awscodepipeline.ListPipelinesInput{})
	return pages(ctx, p.HasMorePages, func(ctx context.Context) (*awscodepipeline.ListPipelinesOutput, error) { return p.NextPage(ctx) },
		func(out *awscodepipeline.ListPipelinesOutput) (names []string) {
			for _, x := range out.Pipelines {
				names = append(names, aws.ToString(x.Name))
			}
			return names
		})
}

func (a *account) projects(ctx context.Context) ([]string, error) {
	p := awscodebuild.NewListProjectsPaginator(a.codebuild, &awscodebuild.ListProjectsInput{})
	return pages(ctx, p.HasMorePages, func(ctx context.Context) (*awscodebuild.ListProjectsOutput, error) { return p.NextPage(ctx) },
		func(out *awscodebuild.ListProjectsOutput) []string { return out.Projects })
}

func (a *account) buckets(ctx context.Context) ([]string, error) {
	out, err := a.s3.ListBuckets(ctx, &awss3.ListBucketsInput{})
	if err != nil {
		return nil, err
	}
	var names []string
	for _, b := range out.Buckets {
		names = append(names, aws.ToString(b.Name))
	}
	return names, nil
}

func (a *account) functions(ctx context.Context) ([]string, error) {
	p := awslambda.NewListFunctionsPaginator(a.lambda, &awslambda.ListFunctionsInput{})
	return pages(ctx, p.HasMorePages, func(ctx context.Context) (*awslambda.ListFunctionsOutput, error) { return p.NextPage(ctx) },
		func(out *awslambda.ListFunctionsOutput) (names []string) {
			for _, f := range out.Functions {
				names = append(names, aws.ToString(f.FunctionName))
			}
			return names
		})
}

func (a *account) logGroups(ctx context.Context) ([]string, error) {
	var all []string
	for _, service := range []string{"codebuild", "codepipeline", "lambda"} {
		p := awslogs.NewDescribeLogGroupsPaginator(a.logs, &awslogs.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String("/aws/" + service + "/" + prefix)})
		names, err := pages(ctx, p.HasMorePages, func(ctx context.Context) (*awslogs.DescribeLogGroupsOutput, error) { return p.NextPage(ctx) },
			func(out *awslogs.DescribeLogGroupsOutput) (names []string) {
				for _, g := range out.LogGroups {
					names = append(names, aws.ToString(g.LogGroupName))
				}
				return names
			})
		all = append(all, names...)
		if err != nil {
			return all, err
		}
	}
	return all, nil
}
