package ec2build

import (
	"github.com/codesuite-go/codesuite/internal/console"
	"github.com/codesuite-go/codesuite/pipeline/actiontype"
)

// The keys of an action's configuration. All values are strings.
const (
	KeyImageID            = "ImageId"            // ID of an AMI, or name of a public or own parameter that has it
	KeyInstanceType       = "InstanceType"       // types with commas between them, the preferred one first
	KeyCommand            = "Command"            // commands of bash or PowerShell, several lines
	KeyWorkingDirectory   = "WorkingDirectory"   // where inputs are unpacked and commands run
	KeyOutputArtifactPath = "OutputArtifactPath" // file or folder of the output artifact, or a line "artifact=path" for each
	KeyTimeoutMinutes     = "TimeoutMinutes"     // after how many minutes the build fails
	KeyMarket             = "Market"             // one of the Market constants
	KeyVolumeSize         = "VolumeSizeGiB"      // size of the root volume
	KeyDocker             = "Docker"             // "true" installs Docker on Windows before the build
)

// Names of the action type that [ActionType] declares by default.
const (
	DefaultCategory = "Build"
	DefaultProvider = "EC2-Build"
	DefaultVersion  = "1"
)

// ActionType returns the action type of builds in the Region. Its links lead to the
// document of Systems Manager and to the execution of the state machine; they are
// left out in a Region without a public console. Change category, provider and
// version before you create it, if need be.
//
// No property is secret: everybody who may read executions could read it. A build
// reads its secrets from AWS Secrets Manager with the role of its instance.
func ActionType(region, document string) actiontype.Type {
	return actiontype.Type{
		Category: DefaultCategory, Provider: DefaultProvider, Version: DefaultVersion,
		EntityURLTemplate:    console.Document(region, document),
		ExecutionURLTemplate: console.StateMachineExecution(region, "{ExternalExecutionId}"),
		Properties: []actiontype.Property{
			{Name: KeyImageID, Required: true, Key: true, Description: "ID of the AMI, or the name of a parameter of Systems Manager that has it"},
			{Name: KeyInstanceType, Required: true, Key: true, Description: "Instance types with commas between them, tried in this order"},
			{Name: KeyCommand, Required: true, Key: true, Description: "Commands of bash or PowerShell; a failing one fails the build"},
			{Name: KeyWorkingDirectory, Key: true, Description: "Where the commands run; a temporary folder by default"},
			{Name: KeyOutputArtifactPath, Key: true, Description: "File or folder for the output artifact, or lines artifact=path"},
			{Name: KeyTimeoutMinutes, Key: true, Type: actiontype.PropertyTypeNumber, Description: "After how many minutes the commands fail"},
			{Name: KeyMarket, Key: true, Description: "on-demand, spot or spot-then-on-demand"},
			{Name: KeyVolumeSize, Key: true, Type: actiontype.PropertyTypeNumber, Description: "Size of the root volume in GiB; that of the AMI by default"},
			{Name: KeyDocker, Key: true, Type: actiontype.PropertyTypeBoolean, Description: "Install Docker on Windows before the commands run"},
		},
		Inputs:  actiontype.ArtifactCount{Min: 0, Max: 5},
		Outputs: actiontype.ArtifactCount{Min: 0, Max: 5},
	}
}
