package ec2build

import (
	"context"

	awsec2 "github.com/aws/aws-sdk-go-v2/service/ec2"
	awssfn "github.com/aws/aws-sdk-go-v2/service/sfn"
	awsssm "github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/codesuite-go/codesuite/customaction"
)

// StepFunctionsAPI is what a [Handler] calls of the AWS SDK's client of Step
// Functions. Embed the interface in a fake, as it may grow.
type StepFunctionsAPI interface {
	DescribeExecution(context.Context, *awssfn.DescribeExecutionInput, ...func(*awssfn.Options)) (*awssfn.DescribeExecutionOutput, error)
	ListExecutions(context.Context, *awssfn.ListExecutionsInput, ...func(*awssfn.Options)) (*awssfn.ListExecutionsOutput, error)
	StartExecution(context.Context, *awssfn.StartExecutionInput, ...func(*awssfn.Options)) (*awssfn.StartExecutionOutput, error)
	StopExecution(context.Context, *awssfn.StopExecutionInput, ...func(*awssfn.Options)) (*awssfn.StopExecutionOutput, error)
}

// EC2API is what a [Handler] calls of the AWS SDK's client of EC2. Embed the
// interface in a fake, as it may grow.
type EC2API interface {
	CreateTags(context.Context, *awsec2.CreateTagsInput, ...func(*awsec2.Options)) (*awsec2.CreateTagsOutput, error)
	DescribeImages(context.Context, *awsec2.DescribeImagesInput, ...func(*awsec2.Options)) (*awsec2.DescribeImagesOutput, error)
	DescribeInstances(context.Context, *awsec2.DescribeInstancesInput, ...func(*awsec2.Options)) (*awsec2.DescribeInstancesOutput, error)
	TerminateInstances(context.Context, *awsec2.TerminateInstancesInput, ...func(*awsec2.Options)) (*awsec2.TerminateInstancesOutput, error)
}

// SystemsManagerAPI is what a [Handler] calls of the AWS SDK's client of Systems
// Manager. Embed the interface in a fake, as it may grow.
type SystemsManagerAPI interface {
	GetParameter(context.Context, *awsssm.GetParameterInput, ...func(*awsssm.Options)) (*awsssm.GetParameterOutput, error)
}

// Clients are the clients that a [Handler] calls.
type Clients struct {
	CodePipeline   customaction.API
	StepFunctions  StepFunctionsAPI
	EC2            EC2API
	SystemsManager SystemsManagerAPI
}
