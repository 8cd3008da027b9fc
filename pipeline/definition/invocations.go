// Code generated from the catalogue of package actiontype; DO NOT EDIT.

package definition

// ManualApproval is the action type Manual, of the category Approval. An action takes
// no input artifact and makes no output artifact.
//
// The user guide describes it: https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference.html
type ManualApproval struct {
	// NotificationARN is the ARN of the SNS topic that gets the request.
	NotificationARN string `key:"NotificationArn"`
	// ExternalEntityLink is the address of the page to review.
	ExternalEntityLink string `key:"ExternalEntityLink"`
	// CustomData is the text that the request shows to reviewers.
	CustomData string `key:"CustomData"`

	// Other are the keys for which there is no field.
	Other map[string]string
}

// ActionType returns AWS/Approval/Manual/1.
func (ManualApproval) ActionType() ActionType {
	return ActionType{Category: "Approval", Owner: "AWS", Provider: "Manual", Version: "1"}
}

// PipelineInvoke is the action type CodePipeline, of the category Invoke. An action
// takes no input artifact and makes no output artifact. It needs a pipeline of type
// V2.
//
// The user guide describes it: https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-PipelineInvoke.html
type PipelineInvoke struct {
	// PipelineName is the name of the pipeline to start. It is required.
	PipelineName string `key:"PipelineName"`
	// SourceRevisions is the JSON array of the source revisions to start with:
	// actionName, revisionType and revisionValue of each.
	SourceRevisions string `key:"SourceRevisions"`
	// Variables is the JSON array of the variables to start with: name and value of
	// each.
	Variables string `key:"Variables"`

	// Other are the keys for which there is no field.
	Other map[string]string
}

// ActionType returns AWS/Invoke/CodePipeline/1.
func (PipelineInvoke) ActionType() ActionType {
	return ActionType{Category: "Invoke", Owner: "AWS", Provider: "CodePipeline", Version: "1"}
}

// InspectorScan is the action type InspectorScan, of the category Invoke. An action
// takes at most one input artifact and makes one output artifact. Its output
// variables are HighestScannedSeverity. It needs a pipeline of type V2.
//
// The user guide describes it: https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference.html
type InspectorScan struct {
	// InspectorRunMode is the object of the scan: SourceCodeScan or ECRImageScan. It is
	// required.
	InspectorRunMode string `key:"InspectorRunMode"`
	// ECRRepositoryName is the name of the repository of the image, which ECRImageScan
	// needs.
	ECRRepositoryName string `key:"ECRRepositoryName"`
	// ImageTag is the tag of the image, which ECRImageScan needs.
	ImageTag string `key:"ImageTag"`
	// CriticalThreshold is the number of vulnerabilities of severity critical above
	// which the action fails.
	CriticalThreshold string `key:"CriticalThreshold"`
	// HighThreshold is the number of vulnerabilities of severity high above which the
	// action fails.
	HighThreshold string `key:"HighThreshold"`
	// MediumThreshold is the number of vulnerabilities of severity medium above which
	// the action fails.
	MediumThreshold string `key:"MediumThreshold"`
	// LowThreshold is the number of vulnerabilities of severity low above which the
	// action fails.
	LowThreshold string `key:"LowThreshold"`

	// Other are the keys for which there is no field.
	Other map[string]string
}

// ActionType returns AWS/Invoke/InspectorScan/1.
func (InspectorScan) ActionType() ActionType {
	return ActionType{Category: "Invoke", Owner: "AWS", Provider: "InspectorScan", Version: "1"}
}

// LambdaInvoke is the action type Lambda, of the category Invoke. An action takes 0
// to 5 input artifacts and makes 0 to 5 output artifacts.
//
// The user guide describes it: https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-Lambda.html
type LambdaInvoke struct {
	// FunctionName is the name of the function. It is required.
	FunctionName string `key:"FunctionName"`
	// UserParameters is the text that the function gets.
	UserParameters string `key:"UserParameters"`

	// Other are the keys for which there is no field.
	Other map[string]string
}

// ActionType returns AWS/Invoke/Lambda/1.
func (LambdaInvoke) ActionType() ActionType {
	return ActionType{Category: "Invoke", Owner: "AWS", Provider: "Lambda", Version: "1"}
}

// StepFunctions is the action type StepFunctions, of the category Invoke. An action
// takes at most one input artifact and makes at most one output artifact. Its output
// variables are StateMachineArn and ExecutionArn.
//
// The user guide describes it: https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference.html
type StepFunctions struct {
	// StateMachineARN is the ARN of the state machine. It is required.
	StateMachineARN string `key:"StateMachineArn"`
	// ExecutionNamePrefix is the text before the ID of the action execution in the name
	// of the execution.
	ExecutionNamePrefix string `key:"ExecutionNamePrefix"`
	// InputType is the kind of Input, Literal by default: Literal or FilePath.
	InputType string `key:"InputType"`
	// Input is the input of the execution as JSON or, for FilePath, the path of its file
	// in the input artifact.
	Input string `key:"Input"`

	// Other are the keys for which there is no field.
	Other map[string]string
}

// ActionType returns AWS/Invoke/StepFunctions/1.
func (StepFunctions) ActionType() ActionType {
	return ActionType{Category: "Invoke", Owner: "AWS", Provider: "StepFunctions", Version: "1"}
}

// Snyk is the action type Snyk of a partner, of the category Invoke. An action takes
// one input artifact and makes one output artifact.
//
// The user guide describes it: https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference.html
type Snyk struct {
	// Other are the keys for which there is no field.
	Other map[string]string
}

// ActionType returns ThirdParty/Invoke/Snyk/1.
func (Snyk) ActionType() ActionType {
	return ActionType{Category: "Invoke", Owner: "ThirdParty", Provider: "Snyk", Version: "1"}
}
