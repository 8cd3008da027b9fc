package actiontype

import "strconv"

func deployments() []Type {
	var images []Property
	for i := 1; i <= 4; i++ {
		n := strconv.Itoa(i)
		images = append(images, optional("Image"+n+"ArtifactName"), optional("Image"+n+"ContainerName"))
	}
	return []Type{
		{
			Category: "Deploy", Owner: OwnerThirdParty, Provider: "AlexaSkillsKit", Inputs: ArtifactCount{1, 2},
			Properties: []Property{required("ClientId"), secret("ClientSecret"), secret("RefreshToken"), required("SkillId")},
		},
		{
			Category: "Deploy", Provider: "AppConfig", Documentation: "action-reference-AppConfig", Inputs: ArtifactCount{1, 1},
			Properties: []Property{
				required("Application"), required("Environment"), required("ConfigurationProfile"), required("InputArtifactConfigurationPath"),
				optional("DeploymentStrategy"),
			},
		},
		{ // its output variables are the outputs of the stack
			Category: "Deploy", Provider: "CloudFormation", Documentation: "action-reference-CloudFormation",
			Inputs: ArtifactCount{0, 10}, Outputs: ArtifactCount{0, 1},
			Properties: []Property{
				required("ActionMode", "CREATE_UPDATE", "DELETE_ONLY", "REPLACE_ON_FAILURE", "CHANGE_SET_REPLACE", "CHANGE_SET_EXECUTE"),
				required("StackName"), optional("ChangeSetName"), optional("RoleArn"), optional("TemplatePath"), optional("TemplateConfiguration"),
				optional("Capabilities"), optional("ParameterOverrides"), optional("OutputFileName"),
			},
		},
		{
			Category: "Deploy", Provider: "CloudFormationStackInstances", Documentation: "action-reference-StackSets", Inputs: ArtifactCount{0, 2},
			Properties: []Property{
				required("StackSetName"), optional("DeploymentTargets"), optional("Regions"), optional("ParameterOverrides"),
				optional("FailureTolerancePercentage"), optional("MaxConcurrentPercentage"),
			},
			OutputVariables: []string{"StackSetId", "OperationId"},
		},
		{
			Category: "Deploy", Provider: "CloudFormationStackSet", Documentation: "action-reference-StackSets", Inputs: ArtifactCount{1, 3},
			Properties: []Property{
				required("StackSetName"), required("TemplatePath"), optional("Description"), optional("Parameters"), optional("Capabilities"),
				optional("PermissionModel"), optional("AdministrationRoleArn"), optional("ExecutionRoleName"), optional("OrganizationsAutoDeployment"),
				optional("DeploymentTargets"), optional("Regions"), optional("FailureTolerancePercentage"), optional("MaxConcurrentPercentage"),
			},
			OutputVariables: []string{"StackSetId", "OperationId"},
		},
		{
			Category: "Deploy", Provider: "CodeDeploy", Documentation: "action-reference-CodeDeploy", Inputs: ArtifactCount{1, 1},
			Properties: []Property{required("ApplicationName"), required("DeploymentGroupName")},
		},
		{
			Category: "Deploy", Provider: "CodeDeployToECS", Documentation: "action-reference-ECSbluegreen", Inputs: ArtifactCount{1, 5},
			Properties: append([]Property{
				required("ApplicationName"), required("DeploymentGroupName"), required("TaskDefinitionTemplateArtifact"), required("AppSpecTemplateArtifact"),
				optional("TaskDefinitionTemplatePath"), optional("AppSpecTemplatePath"),
			}, images...),
		},
		{
			Category: "Deploy", Provider: "EC2", V2: true, Documentation: "action-reference-EC2Deploy", Inputs: ArtifactCount{1, 1},
			Properties: []Property{
				required("InstanceTagKey"), optional("InstanceTagValue"), required("InstanceType", "EC2", "SSM_MANAGED_NODE"),
				optional("TargetDirectory"), optional("PreScript"), optional("PostScript"), optional("DeploySpec"),
				optional("MaxBatch"), optional("MaxError"), optional("TargetGroupNameList"),
			},
		},
		{
			Category: "Deploy", Provider: "ECS", Documentation: "action-reference-ECS", Inputs: ArtifactCount{1, 1},
			Properties: []Property{required("ClusterName"), required("ServiceName"), optional("FileName"), optional("DeploymentTimeout")},
		},
		{
			Category: "Deploy", Provider: "EKS", V2: true, Documentation: "action-reference-EKS", Inputs: ArtifactCount{1, 1},
			Properties: []Property{
				required("ClusterName"), optional("HelmReleaseName"), optional("HelmChartLocation"), optional("HelmValuesFiles"),
				optional("ManifestFiles"), optional("Namespace"), optional("Subnets"), optional("SecurityGroupIds"),
			},
			OutputVariables: []string{"EKSClusterName"},
		},
		{
			Category: "Deploy", Provider: "ElasticBeanstalk", Inputs: ArtifactCount{1, 1},
			Properties: []Property{required("ApplicationName"), required("EnvironmentName")},
		},
		{
			Category: "Deploy", Provider: "Lambda", V2: true, Since: "2025-05", Documentation: "action-reference-LambdaDeploy", Inputs: ArtifactCount{0, 1},
			Properties: []Property{
				required("FunctionName"), optional("FunctionAlias"), optional("PublishedTargetVersion"), optional("DeployStrategy"), optional("Alarms"),
			},
			OutputVariables: []string{"FunctionVersion"},
		},
		{
			Category: "Deploy", Provider: "OpsWorks", Retired: true, Inputs: ArtifactCount{1, 1},
			Properties: []Property{required("Stack"), required("App"), optional("Layer")},
		},
		{
			Category: "Deploy", Provider: "S3", Documentation: "action-reference-S3Deploy", Inputs: ArtifactCount{1, 1},
			Properties: []Property{
				required("BucketName"), required("Extract", "true", "false"), optional("ObjectKey"), optional("KMSEncryptionKeyARN"),
				optional("CannedACL"), optional("CacheControl"),
			},
		},
		{
			Category: "Deploy", Provider: "ServiceCatalog", Inputs: ArtifactCount{1, 1},
			Properties: []Property{
				optional("ProductId"), optional("TemplateFilePath"), optional("ProductVersionName"), optional("ProductType"),
				optional("ProductVersionDescription"), optional("ConfigurationFilePath"),
			},
		},
	}
}
