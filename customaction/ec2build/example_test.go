package ec2build_test

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/codesuite-go/codesuite/customaction/ec2build"
	"github.com/codesuite-go/codesuite/events"
)

// The patterns of the rules that invoke the function of the handler.
func ExampleHandler_Patterns() {
	cfg := aws.Config{Region: "eu-west-1"} // of config.LoadDefaultConfig
	handler := ec2build.Open(cfg, ec2build.ActionType(cfg.Region, "build-linux"),
		"arn:aws:states:eu-west-1:111122223333:stateMachine:builds",
		func(o *ec2build.Options) {
			o.Name, o.LogGroup, o.InstanceProfile = "builds", "/codesuite/builds", "builder"
			o.Documents.Linux = "build-linux"
		})
	var mux events.Mux
	err := handler.Register(&mux)
	fmt.Println(err) // then lambda.Start(&mux)
	patterns, err := handler.Patterns()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range patterns {
		fmt.Println(p)
	}
	// Output:
	// <nil>
	// {"source":["aws.codepipeline"],"detail-type":["CodePipeline Action Execution State Change"],"detail":{"state":["STARTED","ABANDONED","CANCELED"],"type":{"category":["Build"],"owner":["Custom"],"provider":["EC2-Build"]}}}
	// {"source":["aws.states"],"detail-type":["Step Functions Execution Status Change"],"detail":{"stateMachineArn":["arn:aws:states:eu-west-1:111122223333:stateMachine:builds"]}}
	// {"source":["aws.ec2"],"detail-type":["EC2 Spot Instance Interruption Warning"]}
}

// A launch on Spot falls back to the other type and then to on-demand instances.
func ExampleLaunches() {
	launches := ec2build.Launches(
		[]string{"c7i.xlarge", "m7i.xlarge"},
		ec2build.Network{SubnetIDs: []string{"subnet-0f00ba4"}},
		ec2build.MarketSpotThenOnDemand,
	)
	for _, launch := range launches {
		fmt.Println(launch.InstanceType, launch.SubnetID, launch.Spot)
	}
	// Output:
	// c7i.xlarge subnet-0f00ba4 true
	// m7i.xlarge subnet-0f00ba4 true
	// c7i.xlarge subnet-0f00ba4 false
	// m7i.xlarge subnet-0f00ba4 false
}

// The placeholder is for the Fn::Sub of a template.
func ExampleDefinition() {
	definition, err := ec2build.Definition("${AWS::Partition}")
	if err != nil {
		fmt.Println(err)
		return
	}
	for line := range strings.Lines(string(definition)) {
		if strings.Contains(line, `"Resource"`) {
			fmt.Println(strings.TrimSpace(line))
			break
		}
	}
	// Output:
	// "Resource": "arn:${AWS::Partition}:states:::aws-sdk:ec2:runInstances",
}
