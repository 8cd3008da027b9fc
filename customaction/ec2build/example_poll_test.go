package ec2build_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	awsec2 "github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	awssfn "github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"
	awsssm "github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/codesuite-go/codesuite/customaction/ec2build"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// stepFunctions is in the place of AWS Step Functions. The embedded interface stands
// for the calls that are not made.
type stepFunctions struct{ ec2build.StepFunctionsAPI }

func (stepFunctions) StartExecution(_ context.Context, in *awssfn.StartExecutionInput, _ ...func(*awssfn.Options)) (*awssfn.StartExecutionOutput, error) {
	fmt.Println("an execution starts, its name is an ID:", len(*in.Name) == 36)
	arn := strings.Replace(*in.StateMachineArn, ":stateMachine:", ":execution:", 1) + ":" + *in.Name
	return &awssfn.StartExecutionOutput{ExecutionArn: &arn, StartDate: aws.Time(time.Now())}, nil
}

func (stepFunctions) DescribeExecution(context.Context, *awssfn.DescribeExecutionInput, ...func(*awssfn.Options)) (*awssfn.DescribeExecutionOutput, error) {
	return nil, &sfntypes.ExecutionDoesNotExist{}
}

// ec2 is in the place of Amazon EC2, with one image.
type ec2 struct{ ec2build.EC2API }

func (ec2) DescribeImages(_ context.Context, in *awsec2.DescribeImagesInput, _ ...func(*awsec2.Options)) (*awsec2.DescribeImagesOutput, error) {
	return &awsec2.DescribeImagesOutput{Images: []ec2types.Image{{ImageId: &in.ImageIds[0], RootDeviceName: aws.String("/dev/xvda")}}}, nil
}

// A function that is invoked by other means than events polls itself. Here a test
// server is in the place of CodePipeline.
func ExampleHandler_Poll() {
	server, err := pipelinetest.Start()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	id, err := server.AddJob(pipelinetest.JobSpec{
		Type:     pipelinetest.ActionType{Category: "Build", Owner: "Custom", Provider: "EC2-Build", Version: "1"},
		Pipeline: "app", Stage: "Build", Action: "Compile",
		Configuration: map[string]string{"ImageId": "ami-0123456789abcdef0", "InstanceType": "c7i.large", "Command": "make"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	handler := ec2build.New(ec2build.Clients{
		CodePipeline:   awscodepipeline.NewFromConfig(server.Config()),
		StepFunctions:  stepFunctions{},
		EC2:            ec2{},
		SystemsManager: awsssm.New(awsssm.Options{}), // not called: the image is no parameter
	}, ec2build.ActionType("eu-west-1", "build-linux"), "arn:aws:states:eu-west-1:111122223333:stateMachine:builds",
		func(o *ec2build.Options) {
			o.Name, o.LogGroup, o.InstanceProfile = "builds", "/codesuite/builds", "builder"
			o.Documents.Linux = "build-linux"
		})
	if err := handler.Poll(context.Background()); err != nil {
		fmt.Println(err)
		return
	}
	first, _ := server.Job(id)
	fmt.Println("the first job:", first.Status)
	// Output:
	// an execution starts, its name is an ID: true
	// the first job: Succeeded
}
