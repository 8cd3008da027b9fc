package pipelinetest_test

import (
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodeconnections "github.com/aws/aws-sdk-go-v2/service/codeconnections"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/smithy-go"

	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

func TestDeny(t *testing.T) {
	t.Parallel()
	server := pipelinetest.NewServer(t)
	server.SetFaults(pipelinetest.Faults{Deny: []string{"GetPipelineExecution", "GetHost"}})
	_, err := awscodepipeline.NewFromConfig(server.Config()).GetPipelineExecution(t.Context(), &awscodepipeline.GetPipelineExecutionInput{
		PipelineName: aws.String("p"), PipelineExecutionId: aws.String("e"),
	})
	var apiErr smithy.APIError
	if !errors.As(err, &apiErr) {
		t.Errorf("error %v", err)
	}
	_, err = awscodeconnections.NewFromConfig(server.Config()).GetHost(t.Context(), &awscodeconnections.GetHostInput{HostArn: aws.String("arn")})
	if !errors.As(err, &apiErr) {
		t.Errorf("error %v", err)
	}
}
