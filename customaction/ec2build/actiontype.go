package ec2build

import (
	"github.com/codesuite-go/codesuite/internal/console"
	"github.com/codesuite-go/codesuite/pipeline/actiontype"
)

// The keys of an action's configuration; see [ActionType].
const (
	keyImageID            = "ImageId"
	keyInstanceType       = "InstanceType"
	keyCommand            = "Command"
	keyWorkingDirectory   = "WorkingDirectory"
	keyOutputArtifactPath = "OutputArtifactPath"
	keyTimeoutMinutes     = "TimeoutMinutes"
	keyMarket             = "Market"
	keyVolumeSize         = "VolumeSizeGiB"
	keyDocker             = "Docker"
)

// ActionType returns the action type of builds in the Region: provider EC2-Build of
// the category Build, version 1. Change these before you create it, if need be. Its
// links lead to the document of Systems Manager and to the execution of the state
// machine; they are left out in a Region without a public console.
//
// The configuration of an action has these keys. All values are strings, of at most
// 1,000 characters: put longer commands into the source.
//
//   - ImageId: the ID of an AMI, or the name of a public or own parameter that has it
//   - InstanceType: instance types with commas between them, the preferred one first
//   - Command: commands of bash or PowerShell, several lines
//   - WorkingDirectory: where inputs are unpacked and commands run; a temporary
//     folder by default
//   - OutputArtifactPath: the file or folder of the output artifact, or a line
//     "artifact=path" for each
//   - TimeoutMinutes: after how many minutes the build fails
//   - Market: a [Market]
//   - VolumeSizeGiB: the size of the root volume; that of the AMI by default
//   - Docker: "true" installs Docker on Windows before the build
//
// The first three are required.
//
// No property is secret: everybody who may read executions could read it. A build
// reads its secrets from AWS Secrets Manager with the role of its instance.
func ActionType(region, document string) actiontype.Type {
	return actiontype.Type{
		Category: "Build", Provider: "EC2-Build", Version: "1",
		EntityURLTemplate:    console.Document(region, document),
		ExecutionURLTemplate: console.StateMachineExecution(region, "{ExternalExecutionId}"),
		Properties: []actiontype.Property{
			{Name: keyImageID, Required: true, Key: true, Description: "ID of the AMI, or the name of a parameter of Systems Manager that has it"},
			{Name: keyInstanceType, Required: true, Key: true, Description: "Instance types with commas between them, tried in this order"},
			{Name: keyCommand, Required: true, Key: true, Description: "Commands of bash or PowerShell; a failing one fails the build"},
			{Name: keyWorkingDirectory, Key: true, Description: "Where the commands run; a temporary folder by default"},
			{Name: keyOutputArtifactPath, Key: true, Description: "File or folder for the output artifact, or lines artifact=path"},
			{Name: keyTimeoutMinutes, Key: true, Type: actiontype.PropertyTypeNumber, Description: "After how many minutes the commands fail"},
			{Name: keyMarket, Key: true, Description: "on-demand, spot or spot-then-on-demand"},
			{Name: keyVolumeSize, Key: true, Type: actiontype.PropertyTypeNumber, Description: "Size of the root volume in GiB; that of the AMI by default"},
			{Name: keyDocker, Key: true, Type: actiontype.PropertyTypeBoolean, Description: "Install Docker on Windows before the commands run"},
		},
		Inputs:  actiontype.ArtifactCount{Min: 0, Max: 5},
		Outputs: actiontype.ArtifactCount{Min: 0, Max: 5},
	}
}
