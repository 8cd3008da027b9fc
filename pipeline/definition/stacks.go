// Code generated from the catalogue of package actiontype; DO NOT EDIT.

package definition

// CloudFormation is the action type CloudFormation, of the category Deploy. An action
// takes 0 to 10 input artifacts and makes at most one output artifact.
//
// The user guide describes it: https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CloudFormation.html
type CloudFormation struct {
	// ActionMode is the work of the action: CREATE_UPDATE, DELETE_ONLY,
	// REPLACE_ON_FAILURE, CHANGE_SET_REPLACE or CHANGE_SET_EXECUTE. It is required.
	ActionMode string `key:"ActionMode"`
	// StackName is the name of the stack. It is required.
	StackName string `key:"StackName"`
	// ChangeSetName is the name of the change set, which the modes of change sets need.
	ChangeSetName string `key:"ChangeSetName"`
	// RoleARN is the ARN of the role with which CloudFormation changes the stack; all
	// modes but CHANGE_SET_EXECUTE need it.
	RoleARN string `key:"RoleArn"`
	// TemplatePath is the template as Artifact::path; the modes that create or change
	// need it.
	TemplatePath string `key:"TemplatePath"`
	// TemplateConfiguration is the template configuration as Artifact::path.
	TemplateConfiguration string `key:"TemplateConfiguration"`
	// Capabilities is the list of the capabilities, of CAPABILITY_IAM,
	// CAPABILITY_NAMED_IAM and CAPABILITY_AUTO_EXPAND, with commas between them.
	Capabilities string `key:"Capabilities"`
	// ParameterOverrides is the JSON object of parameters that take precedence over the
	// template configuration.
	ParameterOverrides string `key:"ParameterOverrides"`
	// OutputFileName is the name of the file with the stack's outputs in the output
	// artifact.
	OutputFileName string `key:"OutputFileName"`

	// Other are the keys for which there is no field.
	Other map[string]string
}

// ActionType returns AWS/Deploy/CloudFormation/1.
func (CloudFormation) ActionType() ActionType {
	return ActionType{Category: "Deploy", Owner: "AWS", Provider: "CloudFormation", Version: "1"}
}

// CloudFormationStackInstances is the action type CloudFormationStackInstances, of
// the category Deploy. An action takes 0 to 2 input artifacts and makes no output
// artifact. Its output variables are StackSetId and OperationId.
//
// The user guide describes it: https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-StackSets.html
type CloudFormationStackInstances struct {
	// StackSetName is the name of the stack set. It is required.
	StackSetName string `key:"StackSetName"`
	// ParameterOverrides is the parameters of these instances, as a list or as
	// Artifact::path.
	ParameterOverrides string `key:"ParameterOverrides"`
	// DeploymentTargets is the accounts or organisational units to deploy to, as a list
	// or as Artifact::path.
	DeploymentTargets string `key:"DeploymentTargets"`
	// Regions is the list of the Regions to deploy to, with commas between them.
	Regions string `key:"Regions"`
	// FailureTolerancePercentage is the percentage of accounts that may fail in a
	// Region.
	FailureTolerancePercentage string `key:"FailureTolerancePercentage"`
	// MaxConcurrentPercentage is the percentage of accounts that are deployed to at
	// once.
	MaxConcurrentPercentage string `key:"MaxConcurrentPercentage"`

	// Other are the keys for which there is no field.
	Other map[string]string
}

// ActionType returns AWS/Deploy/CloudFormationStackInstances/1.
func (CloudFormationStackInstances) ActionType() ActionType {
	return ActionType{Category: "Deploy", Owner: "AWS", Provider: "CloudFormationStackInstances", Version: "1"}
}

// CloudFormationStackSet is the action type CloudFormationStackSet, of the category
// Deploy. An action takes 1 to 3 input artifacts and makes no output artifact. Its
// output variables are StackSetId and OperationId.
//
// The user guide describes it: https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-StackSets.html
type CloudFormationStackSet struct {
	// StackSetName is the name of the stack set. It is required.
	StackSetName string `key:"StackSetName"`
	// TemplatePath is the template as Artifact::path. It is required.
	TemplatePath string `key:"TemplatePath"`
	// Description is the description of the stack set.
	Description string `key:"Description"`
	// Parameters is the parameters of the template, as a list or as Artifact::path.
	Parameters string `key:"Parameters"`
	// Capabilities is the list of the capabilities, of CAPABILITY_IAM,
	// CAPABILITY_NAMED_IAM and CAPABILITY_AUTO_EXPAND, with commas between them.
	Capabilities string `key:"Capabilities"`
	// PermissionModel is the way the roles are made, SELF_MANAGED by default:
	// SELF_MANAGED or SERVICE_MANAGED.
	PermissionModel string `key:"PermissionModel"`
	// AdministrationRoleARN is the ARN of the administration role, for SELF_MANAGED.
	AdministrationRoleARN string `key:"AdministrationRoleArn"`
	// ExecutionRoleName is the name of the execution role in the target accounts, for
	// SELF_MANAGED.
	ExecutionRoleName string `key:"ExecutionRoleName"`
	// OrganizationsAutoDeployment is the deployment to accounts that join or leave, for
	// SERVICE_MANAGED: Enabled, Disabled or EnabledWithStackRetention.
	OrganizationsAutoDeployment string `key:"OrganizationsAutoDeployment"`
	// DeploymentTargets is the accounts or organisational units to deploy to, as a list
	// or as Artifact::path.
	DeploymentTargets string `key:"DeploymentTargets"`
	// Regions is the list of the Regions to deploy to, with commas between them.
	Regions string `key:"Regions"`
	// FailureTolerancePercentage is the percentage of accounts that may fail in a
	// Region.
	FailureTolerancePercentage string `key:"FailureTolerancePercentage"`
	// MaxConcurrentPercentage is the percentage of accounts that are deployed to at
	// once.
	MaxConcurrentPercentage string `key:"MaxConcurrentPercentage"`

	// Other are the keys for which there is no field.
	Other map[string]string
}

// ActionType returns AWS/Deploy/CloudFormationStackSet/1.
func (CloudFormationStackSet) ActionType() ActionType {
	return ActionType{Category: "Deploy", Owner: "AWS", Provider: "CloudFormationStackSet", Version: "1"}
}

// ServiceCatalog is the action type ServiceCatalog, of the category Deploy. An action
// takes one input artifact and makes no output artifact.
//
// The user guide describes it: https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference.html
type ServiceCatalog struct {
	// ProductID is the ID of the product.
	ProductID string `key:"ProductId"`
	// TemplateFilePath is the path of the template in the artifact.
	TemplateFilePath string `key:"TemplateFilePath"`
	// ProductVersionName is the name of the new version.
	ProductVersionName string `key:"ProductVersionName"`
	// ProductType is the type of the product: CLOUD_FORMATION_TEMPLATE or MARKETPLACE.
	ProductType string `key:"ProductType"`
	// ProductVersionDescription is the description of the new version.
	ProductVersionDescription string `key:"ProductVersionDescription"`
	// ConfigurationFilePath is the path in the artifact of a file that has all of this,
	// in place of the others.
	ConfigurationFilePath string `key:"ConfigurationFilePath"`

	// Other are the keys for which there is no field.
	Other map[string]string
}

// ActionType returns AWS/Deploy/ServiceCatalog/1.
func (ServiceCatalog) ActionType() ActionType {
	return ActionType{Category: "Deploy", Owner: "AWS", Provider: "ServiceCatalog", Version: "1"}
}
