package actiontype_test

import (
	"context"
	"errors"
	"fmt"

	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"

	"github.com/codesuite-go/codesuite/pipeline/actiontype"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

func ExampleType_Ensure() {
	server, err := pipelinetest.Start() // in the place of CodePipeline
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	client := awscodepipeline.NewFromConfig(server.Config())
	ctx := context.Background()

	lint := actiontype.Type{Category: "Test", Provider: "Lint", Version: "1", Inputs: actiontype.ArtifactCount{Min: 1, Max: 1}}
	for range 2 {
		created, err := lint.Ensure(ctx, client)
		fmt.Println(created, err)
	}

	lint.Properties = []actiontype.Property{{Name: "Level", Description: "strict or lenient"}}
	_, err = lint.Ensure(ctx, client)
	fmt.Println(err)
	var changed *actiontype.ChangedError
	if errors.As(err, &changed) {
		lint.Version = changed.NextVersion
		created, err := lint.Ensure(ctx, client)
		fmt.Println(created, err)
	}
	// Output:
	// true <nil>
	// false <nil>
	// actiontype: Custom/Test/Lint/1 exists with another definition: property "Level" is not there, declared is "String": it cannot be changed, declare it with another version, the next is 2
	// true <nil>
}

func ExampleType_Validate() {
	err := actiontype.Type{
		Category: "Build", Provider: "Make", Version: "1",
		ExecutionURLTemplate: "https://ci.example.com/{Config:Project}/{ExternalExecutionId}",
		Properties:           []actiontype.Property{{Name: "Project"}},
	}.Validate()
	fmt.Println(err)
	// Output: actiontype: Custom/Build/Make/1: ExecutionURLTemplate: {Config:Project}: the property must be required and must not be secret
}

func ExampleType_Diff() {
	declared := actiontype.Type{
		Category: "Build", Provider: "Make", Version: "2",
		Inputs:     actiontype.ArtifactCount{Min: 1, Max: 1},
		Properties: []actiontype.Property{{Name: "Project", Required: true}},
	}
	existing := actiontype.Type{
		Category: "Build", Provider: "Make", Version: "1",
		Inputs: actiontype.ArtifactCount{Min: 0, Max: 1},
	}
	for _, d := range declared.Diff(existing) {
		fmt.Println(d)
	}
	// Output:
	// Inputs is "0 to 1", declared is "1 to 1"
	// property "Project" is not there, declared is "String required"
}

func ExampleType_ARN() {
	lint := actiontype.Type{Category: "Test", Provider: "Lint", Version: "1"}
	fmt.Println(lint.ARN("eu-west-1", "111122223333"))
	// Output: arn:aws:codepipeline:eu-west-1:111122223333:actiontype:Custom/Test/Lint/1
}

func ExampleFind() {
	deploy, ok := actiontype.Find("Deploy", actiontype.OwnerAWS, "S3", "1")
	fmt.Println(deploy, ok, "inputs:", deploy.Inputs)
	for _, p := range deploy.Properties {
		if p.Required {
			fmt.Println(p.Name, p.Values)
		}
	}
	// Output:
	// AWS/Deploy/S3/1 true inputs: 1 to 1
	// BucketName []
	// Extract [true false]
}

// The output of aws codepipeline list-action-types shows what a Region has changed
// since the catalogue was written.
func ExampleCompareCatalogue() {
	account, err := actiontype.ParseList([]byte(`{"actionTypes": [{
	    "id": {"category": "Approval", "owner": "AWS", "provider": "Manual", "version": "1"},
	    "inputArtifactDetails": {"minimumCount": 0, "maximumCount": 0},
	    "outputArtifactDetails": {"minimumCount": 0, "maximumCount": 0},
	    "actionConfigurationProperties": [
	        {"name": "CustomData", "required": false, "key": false, "secret": false, "type": "String"},
	        {"name": "ExternalEntityLink", "required": true, "key": false, "secret": false, "type": "String"},
	        {"name": "NotificationArn", "required": false, "key": false, "secret": false, "type": "String"},
	        {"name": "Reviewers", "required": false, "key": false, "secret": false, "type": "String"}
	    ]
	}]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, d := range actiontype.CompareCatalogue(account) {
		if d.Type == "AWS/Approval/Manual/1" {
			fmt.Println(d)
		}
	}
	// Output:
	// AWS/Approval/Manual/1: property "ExternalEntityLink": Required is "false" in the catalogue, "true" in the account
	// AWS/Approval/Manual/1: property "Reviewers" is "String" in the account, the catalogue does not have it
}
