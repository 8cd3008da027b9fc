package ec2build_test

import (
	"fmt"
	"strings"

	"github.com/codesuite-go/codesuite/customaction/ec2build"
)

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
