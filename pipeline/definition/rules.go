// Code generated from the catalogue of package actiontype; DO NOT EDIT.

package definition

// CloudWatchAlarmRule is the rule type CloudWatchAlarm. A rule takes no input
// artifact.
//
// The user guide describes it: https://docs.aws.amazon.com/codepipeline/latest/userguide/rule-reference-CloudWatchAlarm.html
type CloudWatchAlarmRule struct {
	// AlarmName is the name of the alarm in CloudWatch. It is required.
	AlarmName string `key:"AlarmName"`
	// AlarmStates is the list of the alarm's states to look for, ALARM by default, of
	// ALARM, OK and INSUFFICIENT_DATA, with commas between them.
	AlarmStates string `key:"AlarmStates"`
	// WaitTime is the number of minutes to wait before the alarm is looked at.
	WaitTime string `key:"WaitTime"`

	// Other are the keys for which there is no field.
	Other map[string]string
}

// ActionType returns AWS/Rule/CloudWatchAlarm/1.
func (CloudWatchAlarmRule) ActionType() ActionType {
	return ActionType{Category: "Rule", Owner: "AWS", Provider: "CloudWatchAlarm", Version: "1"}
}

// CodeBuildRule is the rule type CodeBuild. A rule takes 0 to 5 input artifacts.
//
// The user guide describes it: https://docs.aws.amazon.com/codepipeline/latest/userguide/rule-reference-CodeBuild.html
type CodeBuildRule struct {
	// ProjectName is the name of the project. It is required.
	ProjectName string `key:"ProjectName"`
	// PrimarySource is the name of the input artifact with the buildspec, which several
	// input artifacts need.
	PrimarySource string `key:"PrimarySource"`
	// BatchEnabled is true if the action runs a batch of builds, and false by default.
	BatchEnabled string `key:"BatchEnabled"`
	// CombineArtifacts is true if a batch puts the artifacts of its builds into one, and
	// false by default.
	CombineArtifacts string `key:"CombineArtifacts"`
	// EnvironmentVariables is the JSON array of the variables that the builds get: name,
	// value and type of each.
	EnvironmentVariables string `key:"EnvironmentVariables"`

	// Other are the keys for which there is no field.
	Other map[string]string
}

// ActionType returns AWS/Rule/CodeBuild/1.
func (CodeBuildRule) ActionType() ActionType {
	return ActionType{Category: "Rule", Owner: "AWS", Provider: "CodeBuild", Version: "1"}
}

// CommandsRule is the rule type Commands. A rule takes 0 to 10 input artifacts.
//
// The user guide describes it: https://docs.aws.amazon.com/codepipeline/latest/userguide/rule-reference-Commands.html
type CommandsRule struct {
	// Other are the keys for which there is no field.
	Other map[string]string
}

// ActionType returns AWS/Rule/Commands/1.
func (CommandsRule) ActionType() ActionType {
	return ActionType{Category: "Rule", Owner: "AWS", Provider: "Commands", Version: "1"}
}

// DeploymentWindowRule is the rule type DeploymentWindow. A rule takes no input
// artifact.
//
// The user guide describes it: https://docs.aws.amazon.com/codepipeline/latest/userguide/rule-reference-DeploymentWindow.html
type DeploymentWindowRule struct {
	// Cron is the cron expression of the window: seconds, minutes, hours, day of month,
	// month, day of week and, if wanted, year. It is required.
	Cron string `key:"Cron"`
	// TimeZone is the time zone of the expression, such as Europe/Berlin or UTC+02:00,
	// UTC by default.
	TimeZone string `key:"TimeZone"`

	// Other are the keys for which there is no field.
	Other map[string]string
}

// ActionType returns AWS/Rule/DeploymentWindow/1.
func (DeploymentWindowRule) ActionType() ActionType {
	return ActionType{Category: "Rule", Owner: "AWS", Provider: "DeploymentWindow", Version: "1"}
}

// LambdaInvokeRule is the rule type LambdaInvoke. A rule takes 0 to 5 input
// artifacts.
//
// The user guide describes it: https://docs.aws.amazon.com/codepipeline/latest/userguide/rule-reference-LambdaInvoke.html
type LambdaInvokeRule struct {
	// FunctionName is the name of the function. It is required.
	FunctionName string `key:"FunctionName"`
	// UserParameters is the text that the function gets.
	UserParameters string `key:"UserParameters"`

	// Other are the keys for which there is no field.
	Other map[string]string
}

// ActionType returns AWS/Rule/LambdaInvoke/1.
func (LambdaInvokeRule) ActionType() ActionType {
	return ActionType{Category: "Rule", Owner: "AWS", Provider: "LambdaInvoke", Version: "1"}
}

// VariableCheckRule is the rule type VariableCheck. A rule takes no input artifact.
//
// The user guide describes it: https://docs.aws.amazon.com/codepipeline/latest/userguide/rule-reference-VariableCheck.html
type VariableCheckRule struct {
	// Variable is the text to compare, usually a variable such as #{Source.BranchName}.
	// It is required.
	Variable string `key:"Variable"`
	// Value is the text or, for MATCHES, the regular expression of Java to compare with.
	// It is required.
	Value string `key:"Value"`
	// Operator is the comparison: EQ, NE, CONTAINS or MATCHES. It is required.
	Operator string `key:"Operator"`

	// Other are the keys for which there is no field.
	Other map[string]string
}

// ActionType returns AWS/Rule/VariableCheck/1.
func (VariableCheckRule) ActionType() ActionType {
	return ActionType{Category: "Rule", Owner: "AWS", Provider: "VariableCheck", Version: "1"}
}
