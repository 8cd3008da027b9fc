package actiontype

import "strconv"

func deployments() []Type {
	var images []Property
	for i := 1; i <= 4; i++ {
		n := strconv.Itoa(i)
		images = append(images,
			optional("Image"+n+"ArtifactName", "the name of the input artifact with imageDetail.json of image "+n).in(FormArtifact),
			optional("Image"+n+"ContainerName", "the placeholder of image "+n+" in the task definition, such as IMAGE1_NAME"))
	}
	application := required("ApplicationName", "the name of the application in CodeDeploy")
	group := required("DeploymentGroupName", "the name of the deployment group")
	return []Type{
		{
			Category: "Deploy", Owner: OwnerThirdParty, Provider: "AlexaSkillsKit", Inputs: ArtifactCount{1, 2},
			Properties: []Property{
				required("ClientId", "the client ID of the security profile"),
				secret("ClientSecret", "the client secret of the security profile"),
				secret("RefreshToken", "the refresh token of the security profile"),
				required("SkillId", "the ID of the skill"),
			},
		},
		{
			Category: "Deploy", Provider: "AppConfig", Documentation: "action-reference-AppConfig", Inputs: ArtifactCount{1, 1},
			Properties: []Property{
				required("Application", "the ID of the application"),
				required("Environment", "the ID of the environment"),
				required("ConfigurationProfile", "the ID of the configuration profile"),
				required("InputArtifactConfigurationPath", "the path of the configuration in the input artifact"),
				optional("DeploymentStrategy", "the ID or name of the deployment strategy"),
			},
		},
		cloudFormation(), stackInstances(), stackSet(),
		{
			Category: "Deploy", Provider: "CodeDeploy", Documentation: "action-reference-CodeDeploy", Inputs: ArtifactCount{1, 1},
			Properties: []Property{application, group},
		},
		{
			Category: "Deploy", Provider: "CodeDeployToECS", Documentation: "action-reference-ECSbluegreen", Inputs: ArtifactCount{1, 5},
			Properties: append([]Property{
				application, group,
				required("TaskDefinitionTemplateArtifact", "the name of the input artifact with the task definition").in(FormArtifact),
				required("AppSpecTemplateArtifact", "the name of the input artifact with the AppSpec file").in(FormArtifact),
				optional("TaskDefinitionTemplatePath", "the path of the task definition in its artifact, taskdef.json by default"),
				optional("AppSpecTemplatePath", "the path of the AppSpec file in its artifact, appspec.yaml by default"),
			}, images...),
		},
		{
			Category: "Deploy", Provider: "EC2", V2: true, Documentation: "action-reference-EC2Deploy", Inputs: ArtifactCount{1, 1},
			Properties: []Property{
				required("InstanceTagKey", "the key of the tag that the instances have"),
				optional("InstanceTagValue", "the value of the tag that the instances have"),
				required("InstanceType", "the kind of the instances", "EC2", "SSM_MANAGED_NODE"),
				optional("TargetDirectory", "the folder on the instances that gets the files, unless there is a DeploySpec"),
				optional("PreScript", "the path in the artifact of the script that runs before the files are there"),
				optional("PostScript", "the path in the artifact of the script that runs afterwards, unless there is a DeploySpec"),
				optional("DeploySpec", "the path of the deploy spec in the artifact, in place of TargetDirectory and the scripts"),
				optional("MaxBatch", "the number or percentage of instances that are deployed to at once"),
				optional("MaxError", "the number or percentage of instances that may fail"),
				optional("TargetGroupNameList", "the list of the target groups' names at the load balancer").in(FormList),
			},
		},
		{
			Category: "Deploy", Provider: "ECS", Documentation: "action-reference-ECS", Inputs: ArtifactCount{1, 1},
			Properties: []Property{
				required("ClusterName", "the name of the cluster"),
				required("ServiceName", "the name of the service"),
				optional("FileName", "the path of the image definitions in the artifact, imagedefinitions.json by default"),
				optional("DeploymentTimeout", "the number of minutes after which the deployment has failed").in(FormNumber),
			},
		},
		{
			Category: "Deploy", Provider: "EKS", V2: true, Documentation: "action-reference-EKS", Inputs: ArtifactCount{1, 1},
			Properties: []Property{
				required("ClusterName", "the name of the cluster"),
				optional("HelmReleaseName", "the name of the release, for a deployment by Helm"),
				optional("HelmChartLocation", "the path of the chart in the artifact, for a deployment by Helm"),
				optional("HelmValuesFiles", "the list of the files with values in the chart").in(FormList),
				optional("ManifestFiles", "the list of the manifests in the artifact, for a deployment by kubectl").in(FormList),
				optional("Namespace", "the namespace in the cluster"),
				optional("Subnets", "the list of the subnets' IDs, for a private cluster").in(FormList),
				optional("SecurityGroupIds", "the list of the security groups' IDs, for a private cluster").in(FormList),
			},
			OutputVariables: []string{"EKSClusterName"},
		},
		{
			Category: "Deploy", Provider: "ElasticBeanstalk", Inputs: ArtifactCount{1, 1},
			Properties: []Property{
				required("ApplicationName", "the name of the application in Elastic Beanstalk"),
				required("EnvironmentName", "the name of the environment"),
			},
		},
		{
			Category: "Deploy", Provider: "Lambda", V2: true, Since: "2025-05", Documentation: "action-reference-LambdaDeploy", Inputs: ArtifactCount{0, 1},
			Properties: []Property{
				required("FunctionName", "the name of the function"),
				optional("FunctionAlias", "the alias, of exactly one version, that gets the new version"),
				optional("PublishedTargetVersion", "the published version to deploy, in place of an input artifact"),
				optional("DeployStrategy", "AllAtOnce, the default, or a strategy of an alias such as Canary10Percent5Minutes or Linear10PercentEvery1Minute"),
				optional("Alarms", "the list of up to 10 alarms in CloudWatch that stop the deployment").in(FormList),
			},
			OutputVariables: []string{"FunctionVersion"},
		},
		{
			Category: "Deploy", Provider: "OpsWorks", Retired: true, Inputs: ArtifactCount{1, 1},
			Properties: []Property{
				required("Stack", "the name of the stack"),
				required("App", "the name of the app"),
				optional("Layer", "the name of the layer"),
			},
		},
		{
			Category: "Deploy", Provider: "S3", Documentation: "action-reference-S3Deploy", Inputs: ArtifactCount{1, 1},
			Properties: []Property{
				required("BucketName", "the name of the bucket"),
				required("Extract", "true if the files of the artifact are put into the bucket, and false if its archive is", "true", "false"),
				optional("ObjectKey", "the key of the archive, which Extract false needs, or the prefix of the files' keys"),
				optional("KMSEncryptionKeyARN", "the ARN of the key that encrypts the objects"),
				optional("CannedACL", "the canned ACL of the objects", "private", "public-read", "public-read-write", "authenticated-read",
					"aws-exec-read", "bucket-owner-read", "bucket-owner-full-control"),
				optional("CacheControl", "the Cache-Control header of the objects"),
			},
		},
		{
			Category: "Deploy", Provider: "ServiceCatalog", Inputs: ArtifactCount{1, 1},
			Properties: []Property{
				optional("ProductId", "the ID of the product"),
				optional("TemplateFilePath", "the path of the template in the artifact"),
				optional("ProductVersionName", "the name of the new version"),
				optional("ProductType", "the type of the product", "CLOUD_FORMATION_TEMPLATE", "MARKETPLACE"),
				optional("ProductVersionDescription", "the description of the new version"),
				optional("ConfigurationFilePath", "the path in the artifact of a file that has all of this, in place of the others"),
			},
		},
	}
}

// cloudFormation has the outputs of the stack as output variables.
func cloudFormation() Type {
	return Type{
		Category: "Deploy", Provider: "CloudFormation", Documentation: "action-reference-CloudFormation",
		Inputs: ArtifactCount{0, 10}, Outputs: ArtifactCount{0, 1},
		Properties: []Property{
			required("ActionMode", "the work of the action", "CREATE_UPDATE", "DELETE_ONLY", "REPLACE_ON_FAILURE", "CHANGE_SET_REPLACE", "CHANGE_SET_EXECUTE"),
			required("StackName", "the name of the stack"),
			optional("ChangeSetName", "the name of the change set, which the modes of change sets need"),
			optional("RoleArn", "the ARN of the role with which CloudFormation changes the stack; all modes but CHANGE_SET_EXECUTE need it"),
			optional("TemplatePath", "the template as Artifact::path; the modes that create or change need it").in(FormFile),
			optional("TemplateConfiguration", "the template configuration as Artifact::path").in(FormFile),
			optional("Capabilities", "the list of the capabilities", "CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND").in(FormList),
			optional("ParameterOverrides", "the JSON object of parameters that take precedence over the template configuration").in(FormObject),
			optional("OutputFileName", "the name of the file with the stack's outputs in the output artifact"),
		},
	}
}

func stackInstances() Type {
	return Type{
		Category: "Deploy", Provider: "CloudFormationStackInstances", Documentation: "action-reference-StackSets", Inputs: ArtifactCount{0, 2},
		Properties: append([]Property{
			required("StackSetName", "the name of the stack set"),
			optional("ParameterOverrides", "the parameters of these instances, as a list or as Artifact::path").in(FormTextOrFile),
		}, targets()...),
		OutputVariables: []string{"StackSetId", "OperationId"},
	}
}

func stackSet() Type {
	return Type{
		Category: "Deploy", Provider: "CloudFormationStackSet", Documentation: "action-reference-StackSets", Inputs: ArtifactCount{1, 3},
		Properties: append([]Property{
			required("StackSetName", "the name of the stack set"),
			required("TemplatePath", "the template as Artifact::path").in(FormFile),
			optional("Description", "the description of the stack set"),
			optional("Parameters", "the parameters of the template, as a list or as Artifact::path").in(FormTextOrFile),
			optional("Capabilities", "the list of the capabilities", "CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND").in(FormList),
			optional("PermissionModel", "the way the roles are made, SELF_MANAGED by default", "SELF_MANAGED", "SERVICE_MANAGED"),
			optional("AdministrationRoleArn", "the ARN of the administration role, for SELF_MANAGED"),
			optional("ExecutionRoleName", "the name of the execution role in the target accounts, for SELF_MANAGED"),
			optional("OrganizationsAutoDeployment", "the deployment to accounts that join or leave, for SERVICE_MANAGED",
				"Enabled", "Disabled", "EnabledWithStackRetention"),
		}, targets()...),
		OutputVariables: []string{"StackSetId", "OperationId"},
	}
}

// targets are the properties of a stack set's instances.
func targets() []Property {
	return []Property{
		optional("DeploymentTargets", "the accounts or organisational units to deploy to, as a list or as Artifact::path").in(FormTextOrFile),
		optional("Regions", "the list of the Regions to deploy to").in(FormList),
		optional("FailureTolerancePercentage", "the percentage of accounts that may fail in a Region").in(FormNumber),
		optional("MaxConcurrentPercentage", "the percentage of accounts that are deployed to at once").in(FormNumber),
	}
}
