package citest_test

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodebuild "github.com/aws/aws-sdk-go-v2/service/codebuild"

	"github.com/codesuite-go/codesuite/codecommit/ci/citest"
	"github.com/codesuite-go/codesuite/events"
)

// A build that fails, and the events that tell.
func ExampleStart() {
	server, err := citest.Start(citest.Project{
		Name: "app",
		Run: func(b citest.Build) citest.Outcome {
			return citest.Outcome{Status: citest.StatusFailed, Message: "exit status 2", Log: []string{"--- FAIL: TestAdd"}}
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	server.OnEvent(func(payload []byte) {
		e, err := events.Decode(payload)
		if err != nil {
			fmt.Println(err)
			return
		}
		if b, ok := e.(*events.BuildStateChange); ok {
			fmt.Println(b.Status)
		}
	})
	client := awscodebuild.NewFromConfig(server.Config())
	_, err = client.StartBuild(context.Background(), &awscodebuild.StartBuildInput{ProjectName: aws.String("app")})
	if err != nil {
		fmt.Println(err)
		return
	}
	server.Settle()
	// Output:
	// IN_PROGRESS
	// FAILED
}
