// Code generated from the catalogue of package actiontype; DO NOT EDIT.

package definition

// typedProvider returns the zero value of the Go type for an action type or a rule
// type, nil if there is none.
func typedProvider(actionType string) Provider {
	switch actionType {
	case "AWS/Approval/Manual/1":
		return ManualApproval{}
	case "AWS/Build/CodeBuild/1":
		return CodeBuild{}
	case "AWS/Build/ECRBuildAndPublish/1":
		return ECRBuildAndPublish{}
	case "AWS/Compute/Commands/1":
		return Commands{}
	case "AWS/Deploy/AppConfig/1":
		return AppConfig{}
	case "AWS/Deploy/CloudFormation/1":
		return CloudFormation{}
	case "AWS/Deploy/CloudFormationStackInstances/1":
		return CloudFormationStackInstances{}
	case "AWS/Deploy/CloudFormationStackSet/1":
		return CloudFormationStackSet{}
	case "AWS/Deploy/CodeDeploy/1":
		return CodeDeploy{}
	case "AWS/Deploy/CodeDeployToECS/1":
		return CodeDeployToECS{}
	case "AWS/Deploy/EC2/1":
		return EC2Deploy{}
	case "AWS/Deploy/ECS/1":
		return ECSDeploy{}
	case "AWS/Deploy/EKS/1":
		return EKSDeploy{}
	case "AWS/Deploy/ElasticBeanstalk/1":
		return ElasticBeanstalk{}
	case "AWS/Deploy/Lambda/1":
		return LambdaDeploy{}
	case "AWS/Deploy/OpsWorks/1":
		return OpsWorks{}
	case "AWS/Deploy/S3/1":
		return S3Deploy{}
	case "AWS/Deploy/ServiceCatalog/1":
		return ServiceCatalog{}
	case "AWS/Invoke/CodePipeline/1":
		return PipelineInvoke{}
	case "AWS/Invoke/InspectorScan/1":
		return InspectorScan{}
	case "AWS/Invoke/Lambda/1":
		return LambdaInvoke{}
	case "AWS/Invoke/StepFunctions/1":
		return StepFunctions{}
	case "AWS/Source/CodeCommit/1":
		return CodeCommitSource{}
	case "AWS/Source/CodeStarSourceConnection/1":
		return ConnectionSource{}
	case "AWS/Source/ECR/1":
		return ECRSource{}
	case "AWS/Source/S3/1":
		return S3Source{}
	case "AWS/Test/CodeBuild/1":
		return CodeBuildTest{}
	case "AWS/Test/DeviceFarm/1":
		return DeviceFarm{}
	case "ThirdParty/Deploy/AlexaSkillsKit/1":
		return AlexaSkillsKit{}
	case "ThirdParty/Invoke/Snyk/1":
		return Snyk{}
	case "ThirdParty/Source/GitHub/1":
		return GitHubSource{}
	case "AWS/Rule/CloudWatchAlarm/1":
		return CloudWatchAlarmRule{}
	case "AWS/Rule/CodeBuild/1":
		return CodeBuildRule{}
	case "AWS/Rule/Commands/1":
		return CommandsRule{}
	case "AWS/Rule/DeploymentWindow/1":
		return DeploymentWindowRule{}
	case "AWS/Rule/LambdaInvoke/1":
		return LambdaInvokeRule{}
	case "AWS/Rule/VariableCheck/1":
		return VariableCheckRule{}
	}
	return nil
}
