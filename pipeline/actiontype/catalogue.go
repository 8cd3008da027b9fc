package actiontype

import (
	"cmp"
	"slices"
)

// CatalogueDate is the month of the documentation that [BuiltIn] and [RuleTypes]
// follow.
const CatalogueDate = "2026-11"

const userGuide = "https://docs.aws.amazon.com/codepipeline/latest/userguide/"

// BuiltIn returns the action types that CodePipeline provides itself, of the
// owners [OwnerAWS] and [OwnerThirdParty], ordered by owner, category and
// provider. It calls nothing: the types are those of the documentation as of
// [CatalogueDate]. A property that only some configurations need is not marked as
// required. The caller may change the result.
//
// Action types of partners whose configuration is not documented, such as
// BlazeMeter and Runscope, are not part of the catalogue: [List] returns them where
// they are available.
func BuiltIn() []Type {
	all := slices.Concat(approvals(), builds(), deployments(), invocations(), sources(), tests())
	for i := range all {
		all[i].Version = "1"
		if all[i].Owner == "" {
			all[i].Owner = OwnerAWS
		}
		if page := all[i].Documentation; page != "" {
			all[i].Documentation = userGuide + page + ".html"
		} else {
			all[i].Documentation = userGuide + "action-reference.html"
		}
	}
	slices.SortFunc(all, compareIDs)
	return all
}

// RuleTypes returns the types of the rules of stage conditions, ordered by provider.
// Their category is [CategoryRule]. As [BuiltIn], it calls nothing. The shell commands
// of a Commands rule are a member of the rule and no property. The caller may change
// the result.
func RuleTypes() []Type {
	rules := []Type{
		{Provider: "CloudWatchAlarm", Properties: []Property{
			required("AlarmName"), optional("AlarmStates"), optional("WaitTime"),
		}},
		{Provider: "CodeBuild", Inputs: ArtifactCount{0, 5}, Properties: codeBuild("Build").Properties},
		{Provider: "Commands", Inputs: ArtifactCount{0, 10}},
		{Provider: "DeploymentWindow", Properties: []Property{required("Cron"), optional("TimeZone")}},
		{Provider: "LambdaInvoke", Inputs: ArtifactCount{0, 5}, Properties: []Property{
			required("FunctionName"), optional("UserParameters"),
		}},
		{Provider: "VariableCheck", Properties: []Property{
			required("Variable"), required("Value"), required("Operator", "EQ", "NE", "CONTAINS", "MATCHES"),
		}},
	}
	for i := range rules {
		rules[i].Category, rules[i].Owner, rules[i].Version = CategoryRule, OwnerAWS, "1"
		rules[i].V2 = true
		rules[i].Documentation = userGuide + "rule-reference-" + rules[i].Provider + ".html"
	}
	return rules
}

// Find returns the built-in action type or rule type with these names. The owner
// "" is [OwnerAWS] here.
func Find(category, owner, provider, version string) (t Type, ok bool) {
	if owner == "" {
		owner = OwnerAWS
	}
	for _, t := range slices.Concat(BuiltIn(), RuleTypes()) {
		if t.Category == category && t.Owner == owner && t.Provider == provider && t.Version == version {
			return t, true
		}
	}
	return Type{}, false
}

func compareIDs(a, b Type) int {
	return cmp.Or(cmp.Compare(a.Owner, b.Owner), cmp.Compare(a.Category, b.Category), cmp.Compare(a.Provider, b.Provider), cmp.Compare(a.Version, b.Version))
}

// required returns a required property. Without values it takes any.
func required(name string, values ...string) Property {
	return Property{Name: name, Required: true, Values: values}
}

func optional(name string, values ...string) Property { return Property{Name: name, Values: values} }

// boolean returns an optional property whose value is true or false.
func boolean(name string) Property { return optional(name, "true", "false") }

// secret returns a required property that CodePipeline shows as ****.
func secret(name string) Property { return Property{Name: name, Required: true, Secret: true} }

func approvals() []Type {
	return []Type{{
		Category: "Approval", Provider: "Manual",
		Properties: []Property{optional("NotificationArn"), optional("ExternalEntityLink"), optional("CustomData")},
	}}
}

func sources() []Type {
	format := optional("OutputArtifactFormat", "CODE_ZIP", "CODEBUILD_CLONE_REF")
	git := func(more ...string) []string {
		return append([]string{"AuthorDate", "BranchName", "CommitId", "CommitMessage"}, more...)
	}
	return []Type{
		{
			Category: "Source", Provider: "CodeCommit", Documentation: "action-reference-CodeCommit", Outputs: ArtifactCount{1, 1},
			Properties:      []Property{required("RepositoryName"), required("BranchName"), boolean("PollForSourceChanges"), format},
			OutputVariables: git("CommitterDate", "RepositoryName"),
		},
		{
			Category: "Source", Provider: "CodeStarSourceConnection", Documentation: "action-reference-CodestarConnectionSource", Outputs: ArtifactCount{1, 1},
			Properties:      []Property{required("ConnectionArn"), required("FullRepositoryId"), required("BranchName"), format, boolean("DetectChanges")},
			OutputVariables: git("ConnectionArn", "FullRepositoryName"),
		},
		{
			Category: "Source", Provider: "ECR", Documentation: "action-reference-ECR", Outputs: ArtifactCount{1, 1},
			Properties:      []Property{required("RepositoryName"), optional("ImageTag")},
			OutputVariables: []string{"ImageDigest", "ImageTag", "ImageURI", "RegistryId", "RepositoryName"},
		},
		{
			Category: "Source", Owner: OwnerThirdParty, Provider: "GitHub", Outputs: ArtifactCount{1, 1},
			Properties:      []Property{required("Owner"), required("Repo"), required("Branch"), secret("OAuthToken"), boolean("PollForSourceChanges")},
			OutputVariables: git("CommitterDate", "CommitUrl", "RepositoryName"),
		},
		{
			Category: "Source", Provider: "S3", Documentation: "action-reference-S3", Outputs: ArtifactCount{1, 1},
			Properties:      []Property{required("S3Bucket"), required("S3ObjectKey"), boolean("PollForSourceChanges"), boolean("AllowOverrideForS3ObjectKey")},
			OutputVariables: []string{"ETag", "VersionId"},
		},
	}
}

// codeBuild is an action type of CodeBuild. Its output variables are those that the
// project exports.
func codeBuild(category string) Type {
	return Type{
		Category: category, Provider: "CodeBuild", Documentation: "action-reference-CodeBuild",
		Inputs: ArtifactCount{1, 5}, Outputs: ArtifactCount{0, 5},
		Properties: []Property{
			required("ProjectName"), optional("PrimarySource"), boolean("BatchEnabled"), boolean("CombineArtifacts"), optional("EnvironmentVariables"),
		},
	}
}

func builds() []Type {
	return []Type{
		codeBuild("Build"),
		{
			Category: "Build", Provider: "ECRBuildAndPublish", V2: true, Documentation: "action-reference-ECRBuildAndPublish", Inputs: ArtifactCount{1, 1},
			Properties: []Property{
				required("ECRRepositoryName"), optional("DockerFilePath"), optional("ImageTags"), optional("RegistryType", "private", "public"),
			},
			OutputVariables: []string{"ECRImageDigestId", "ECRRepositoryName"},
		},
		{
			Category: "Compute", Provider: "Commands", V2: true, Inputs: ArtifactCount{1, 10}, Outputs: ArtifactCount{0, 1},
			Properties: []Property{
				optional("EnvironmentType", "LINUX_CONTAINER", "WINDOWS_SERVER_2022_CONTAINER"),
				optional("ComputeType", "BUILD_GENERAL1_SMALL", "BUILD_GENERAL1_MEDIUM", "BUILD_GENERAL1_LARGE"),
				optional("VpcId"), optional("Subnets"), optional("SecurityGroupIds"),
			},
		},
	}
}

func tests() []Type {
	device := []Property{
		required("AppType"), required("ProjectId"), required("App"), required("AppiumVersion"), required("DevicePoolArn"), required("TestType"),
		optional("Test"), boolean("RecordVideo"), boolean("RecordAppPerformanceData"),
	}
	for _, radio := range []string{"Bluetooth", "Wifi", "Nfc", "Gps"} {
		device = append(device, boolean("Radio"+radio+"Enabled"))
	}
	for _, name := range []string{
		"FuzzEventCount", "FuzzEventThrottle", "FuzzRandomizerSeed", "CustomHostMachineArtifacts", "CustomDeviceArtifacts",
		"UnmeteredDevicesOnly", "JobTimeoutMinutes", "Latitude", "Longitude",
	} {
		device = append(device, optional(name))
	}
	return []Type{
		codeBuild("Test"),
		{Category: "Test", Provider: "DeviceFarm", Inputs: ArtifactCount{1, 1}, Properties: device},
	}
}

func invocations() []Type {
	return []Type{
		{
			Category: "Invoke", Provider: "CodePipeline", V2: true, Documentation: "action-reference-PipelineInvoke",
			Properties: []Property{required("PipelineName"), optional("SourceRevisions"), optional("Variables")},
		},
		{
			Category: "Invoke", Provider: "InspectorScan", V2: true, Inputs: ArtifactCount{0, 1}, Outputs: ArtifactCount{1, 1},
			Properties: []Property{
				required("InspectorRunMode", "SourceCodeScan", "ECRImageScan"), optional("ECRRepositoryName"), optional("ImageTag"),
				optional("CriticalThreshold"), optional("HighThreshold"), optional("MediumThreshold"), optional("LowThreshold"),
			},
			OutputVariables: []string{"HighestScannedSeverity"},
		},
		{
			Category: "Invoke", Provider: "Lambda", Documentation: "action-reference-Lambda", Inputs: ArtifactCount{0, 5}, Outputs: ArtifactCount{0, 5},
			Properties: []Property{required("FunctionName"), optional("UserParameters")},
		},
		{Category: "Invoke", Owner: OwnerThirdParty, Provider: "Snyk", Inputs: ArtifactCount{1, 1}, Outputs: ArtifactCount{1, 1}},
		{
			Category: "Invoke", Provider: "StepFunctions", Inputs: ArtifactCount{0, 1}, Outputs: ArtifactCount{0, 1},
			Properties: []Property{
				required("StateMachineArn"), optional("ExecutionNamePrefix"), optional("InputType", "Literal", "FilePath"), optional("Input"),
			},
			OutputVariables: []string{"StateMachineArn", "ExecutionArn"},
		},
	}
}
