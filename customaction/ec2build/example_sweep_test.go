package ec2build_test

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	awsec2 "github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	awssfn "github.com/aws/aws-sdk-go-v2/service/sfn"
	awsssm "github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/codesuite-go/codesuite/customaction/ec2build"
)

// noExecutions is in the place of AWS Step Functions, which has deleted all executions.
type noExecutions struct{ stepFunctions }

func (noExecutions) ListExecutions(context.Context, *awssfn.ListExecutionsInput, ...func(*awssfn.Options)) (*awssfn.ListExecutionsOutput, error) {
	return &awssfn.ListExecutionsOutput{}, nil
}

// oneInstance is in the place of Amazon EC2, where an instance runs that a build has left.
type oneInstance struct{ ec2build.EC2API }

func (oneInstance) DescribeInstances(context.Context, *awsec2.DescribeInstancesInput, ...func(*awsec2.Options)) (*awsec2.DescribeInstancesOutput, error) {
	return &awsec2.DescribeInstancesOutput{Reservations: []ec2types.Reservation{{Instances: []ec2types.Instance{{
		InstanceId: aws.String("i-0123456789abcdef0"),
		LaunchTime: aws.Time(time.Now().Add(-time.Hour)),
		Tags: []ec2types.Tag{
			{Key: aws.String(ec2build.TagBuilder), Value: aws.String("builds")},
			{Key: aws.String(ec2build.TagExecution), Value: aws.String("arn:aws:states:eu-west-1:111122223333:execution:builds:1")},
		},
	}}}}}, nil
}

func (oneInstance) CreateTags(_ context.Context, in *awsec2.CreateTagsInput, _ ...func(*awsec2.Options)) (*awsec2.CreateTagsOutput, error) {
	fmt.Println(in.Resources[0], *in.Tags[0].Value)
	return &awsec2.CreateTagsOutput{}, nil
}

func (oneInstance) TerminateInstances(_ context.Context, in *awsec2.TerminateInstancesInput, _ ...func(*awsec2.Options)) (*awsec2.TerminateInstancesOutput, error) {
	fmt.Println(in.InstanceIds[0], "is terminated")
	return &awsec2.TerminateInstancesOutput{}, nil
}

// A function that a schedule invokes every few minutes sweeps: events may be lost.
func ExampleHandler_Sweep() {
	handler := ec2build.New(ec2build.Clients{ // Open makes them of an aws.Config
		CodePipeline:   awscodepipeline.New(awscodepipeline.Options{}),
		StepFunctions:  noExecutions{},
		EC2:            oneInstance{},
		SystemsManager: awsssm.New(awsssm.Options{}),
	}, ec2build.ActionType("eu-west-1", "build-linux"), "arn:aws:states:eu-west-1:111122223333:stateMachine:builds",
		func(o *ec2build.Options) {
			o.Name, o.LogGroup, o.InstanceProfile = "builds", "/codesuite/builds", "builder"
			o.Documents.Linux = "build-linux"
		})
	if err := handler.Sweep(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// i-0123456789abcdef0 sweep: execution does not exist
	// i-0123456789abcdef0 is terminated
}
