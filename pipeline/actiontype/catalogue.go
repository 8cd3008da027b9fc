package actiontype

import (
	"cmp"
	"slices"
	"strings"
	"sync"
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
			required("AlarmName", "the name of the alarm in CloudWatch"),
			optional("AlarmStates", "the list of the alarm's states to look for, ALARM by default", "ALARM", "OK", "INSUFFICIENT_DATA").in(FormList),
			optional("WaitTime", "the number of minutes to wait before the alarm is looked at").in(FormNumber),
		}},
		{Provider: "CodeBuild", Inputs: ArtifactCount{0, 5}, Properties: codeBuild("Build").Properties},
		{Provider: "Commands", Inputs: ArtifactCount{0, 10}},
		{Provider: "DeploymentWindow", Properties: []Property{
			required("Cron", "the cron expression of the window: seconds, minutes, hours, day of month, month, day of week and, if wanted, year"),
			optional("TimeZone", "the time zone of the expression, such as Europe/Berlin or UTC+02:00, UTC by default"),
		}},
		{Provider: "LambdaInvoke", Inputs: ArtifactCount{0, 5}, Properties: []Property{
			required("FunctionName", "the name of the function"),
			optional("UserParameters", "the text that the function gets"),
		}},
		{Provider: "VariableCheck", Properties: []Property{
			required("Variable", "the text to compare, usually a variable such as #{Source.BranchName}"),
			required("Value", "the text or, for MATCHES, the regular expression of Java to compare with"),
			required("Operator", "the comparison", "EQ", "NE", "CONTAINS", "MATCHES"),
		}},
	}
	for i := range rules {
		rules[i].Category, rules[i].Owner, rules[i].Version = CategoryRule, OwnerAWS, "1"
		rules[i].V2 = true
		rules[i].Documentation = userGuide + "rule-reference-" + rules[i].Provider + ".html"
	}
	return rules
}

// typeID identifies a type of the catalogue.
type typeID struct{ category, owner, provider, version string }

// catalogue has the types of the catalogue. Nobody changes it.
var catalogue = sync.OnceValue(func() map[typeID]Type {
	types := make(map[typeID]Type)
	for _, t := range slices.Concat(BuiltIn(), RuleTypes()) {
		types[typeID{t.Category, t.Owner, t.Provider, t.Version}] = t
	}
	return types
})

// Find returns the built-in action type or rule type with these names. The owner
// "" is [OwnerAWS] here. The caller may change the result.
func Find(category, owner, provider, version string) (t Type, ok bool) {
	t, ok = catalogue()[typeID{category, cmp.Or(owner, OwnerAWS), provider, version}]
	t.Properties = slices.Clone(t.Properties)
	for i := range t.Properties {
		t.Properties[i].Values = slices.Clone(t.Properties[i].Values)
	}
	t.OutputVariables = slices.Clone(t.OutputVariables)
	return t, ok
}

func compareIDs(a, b Type) int {
	return cmp.Or(cmp.Compare(a.Owner, b.Owner), cmp.Compare(a.Category, b.Category), cmp.Compare(a.Provider, b.Provider), cmp.Compare(a.Version, b.Version))
}

// required returns a required property. Without values it takes any.
func required(name, description string, values ...string) Property {
	return Property{Name: name, Description: description, Required: true, Values: values}
}

func optional(name, description string, values ...string) Property {
	return Property{Name: name, Description: description, Values: values}
}

// boolean returns an optional property whose value is true or false.
func boolean(name, description string) Property { return optional(name, description, "true", "false") }

// secret returns a required property that CodePipeline shows as ****.
func secret(name, description string) Property {
	return Property{Name: name, Description: description, Required: true, Secret: true}
}

func (p Property) in(form Form) Property {
	p.Form = form
	return p
}

func approvals() []Type {
	return []Type{{
		Category: "Approval", Provider: "Manual",
		Properties: []Property{
			optional("NotificationArn", "the ARN of the SNS topic that gets the request"),
			optional("ExternalEntityLink", "the address of the page to review"),
			optional("CustomData", "the text that the request shows to reviewers"),
		},
	}}
}

func sources() []Type {
	format := optional("OutputArtifactFormat",
		"the form of the output artifact: a zip archive, by default, or a reference that CodeBuild clones with the history", "CODE_ZIP", "CODEBUILD_CLONE_REF")
	polls := boolean("PollForSourceChanges", "true, the default, if CodePipeline polls for changes, and false if an event rule or a webhook starts the pipeline")
	git := func(more ...string) []string {
		return append([]string{"AuthorDate", "BranchName", "CommitId", "CommitMessage"}, more...)
	}
	return []Type{
		{
			Category: "Source", Provider: "CodeCommit", Documentation: "action-reference-CodeCommit", Outputs: ArtifactCount{1, 1},
			Properties: []Property{
				required("RepositoryName", "the name of the repository"),
				required("BranchName", "the name of the branch"),
				polls, format,
			},
			OutputVariables: git("CommitterDate", "RepositoryName"),
		},
		{
			Category: "Source", Provider: "CodeStarSourceConnection", Documentation: "action-reference-CodestarConnectionSource", Outputs: ArtifactCount{1, 1},
			Properties: []Property{
				required("ConnectionArn", "the ARN of the connection to GitHub, GitLab, Bitbucket or Azure DevOps"),
				required("FullRepositoryId", "the owner and name of the repository, such as octo/web"),
				required("BranchName", "the name of the branch"),
				format,
				boolean("DetectChanges", "true, the default, if each push to the branch starts the pipeline; triggers of the pipeline take its place"),
			},
			OutputVariables: git("ConnectionArn", "FullRepositoryName"),
		},
		{
			Category: "Source", Provider: "ECR", Documentation: "action-reference-ECR", Outputs: ArtifactCount{1, 1},
			Properties: []Property{
				required("RepositoryName", "the name of the repository"),
				optional("ImageTag", "the tag of the image, latest by default"),
			},
			OutputVariables: []string{"ImageDigest", "ImageTag", "ImageURI", "RegistryId", "RepositoryName"},
		},
		{
			Category: "Source", Owner: OwnerThirdParty, Provider: "GitHub", Outputs: ArtifactCount{1, 1},
			Properties: []Property{
				required("Owner", "the user or organisation that the repository belongs to"),
				required("Repo", "the name of the repository"),
				required("Branch", "the name of the branch"),
				secret("OAuthToken", "the token for the repository and its webhooks"),
				polls,
			},
			OutputVariables: git("CommitterDate", "CommitUrl", "RepositoryName"),
		},
		{
			Category: "Source", Provider: "S3", Documentation: "action-reference-S3", Outputs: ArtifactCount{1, 1},
			Properties: []Property{
				required("S3Bucket", "the name of the bucket, whose versioning is on"),
				required("S3ObjectKey", "the key of the archive"),
				polls,
				boolean("AllowOverrideForS3ObjectKey", "true if a start may name another key, and false by default"),
			},
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
			required("ProjectName", "the name of the project"),
			optional("PrimarySource", "the name of the input artifact with the buildspec, which several input artifacts need").in(FormArtifact),
			boolean("BatchEnabled", "true if the action runs a batch of builds, and false by default"),
			boolean("CombineArtifacts", "true if a batch puts the artifacts of its builds into one, and false by default"),
			optional("EnvironmentVariables", "the JSON array of the variables that the builds get: name, value and type of each").in(FormArray),
		},
	}
}

func builds() []Type {
	return []Type{
		codeBuild("Build"),
		{
			Category: "Build", Provider: "ECRBuildAndPublish", V2: true, Documentation: "action-reference-ECRBuildAndPublish", Inputs: ArtifactCount{1, 1},
			Properties: []Property{
				required("ECRRepositoryName", "the name of the repository that gets the image"),
				optional("DockerFilePath", "the folder of the Dockerfile in the artifact, its root by default"),
				optional("ImageTags", "the list of the image's tags, latest by default").in(FormList),
				optional("RegistryType", "the kind of the repository, private by default", "private", "public"),
			},
			OutputVariables: []string{"ECRImageDigestId", "ECRRepositoryName"},
		},
		{
			Category: "Compute", Provider: "Commands", V2: true, Inputs: ArtifactCount{1, 10}, Outputs: ArtifactCount{0, 1},
			Properties: []Property{
				optional("EnvironmentType", "the environment of the commands, LINUX_CONTAINER by default", "LINUX_CONTAINER", "WINDOWS_SERVER_2022_CONTAINER"),
				optional("ComputeType", "the size of the machine, BUILD_GENERAL1_SMALL by default, which Windows does not have",
					"BUILD_GENERAL1_SMALL", "BUILD_GENERAL1_MEDIUM", "BUILD_GENERAL1_LARGE"),
				optional("VpcId", "the ID of the VPC in which the commands run"),
				optional("Subnets", "the list of the subnets' IDs").in(FormList),
				optional("SecurityGroupIds", "the list of the security groups' IDs").in(FormList),
			},
		},
	}
}

func tests() []Type {
	device := []Property{
		required("AppType", "the operating system and kind of the app, such as iOS, Android or Web"),
		required("ProjectId", "the ID of the project in Device Farm"),
		required("App", "the path of the app in the input artifact"),
		required("AppiumVersion", "the version of Appium"),
		required("DevicePoolArn", "the ARN of the pool of devices"),
		required("TestType", "the kind of the test, such as BUILTIN_FUZZ or APPIUM_NODE"),
		optional("Test", "the path of the tests in the input artifact, which all kinds but built-in ones need"),
		boolean("RecordVideo", "true if a video is recorded"),
		boolean("RecordAppPerformanceData", "true if the performance of the app is recorded"),
	}
	for _, radio := range []string{"Bluetooth", "Wifi", "Nfc", "Gps"} {
		device = append(device, boolean("Radio"+radio+"Enabled", "true if "+radio+" is on at the start"))
	}
	device = append(device,
		optional("FuzzEventCount", "the number of events of a fuzz test, up to 10000").in(FormNumber),
		optional("FuzzEventThrottle", "the number of milliseconds between the events of a fuzz test, up to 1000").in(FormNumber),
		optional("FuzzRandomizerSeed", "the seed of a fuzz test").in(FormNumber),
		optional("CustomHostMachineArtifacts", "the place of the artifacts on the host machine"),
		optional("CustomDeviceArtifacts", "the place of the artifacts on the device"),
		boolean("UnmeteredDevicesOnly", "true if only unmetered devices run the test"),
		optional("JobTimeoutMinutes", "the number of minutes after which a test on one device ends").in(FormNumber),
		optional("Latitude", "the latitude of the device in degrees").in(FormNumber),
		optional("Longitude", "the longitude of the device in degrees").in(FormNumber),
	)
	return []Type{
		codeBuild("Test"),
		{Category: "Test", Provider: "DeviceFarm", Inputs: ArtifactCount{1, 1}, Properties: device},
	}
}

func invocations() []Type {
	var thresholds []Property
	for _, severity := range []string{"Critical", "High", "Medium", "Low"} {
		thresholds = append(thresholds, optional(severity+"Threshold",
			"the number of vulnerabilities of severity "+strings.ToLower(severity)+" above which the action fails").in(FormNumber))
	}
	return []Type{
		{
			Category: "Invoke", Provider: "CodePipeline", V2: true, Documentation: "action-reference-PipelineInvoke",
			Properties: []Property{
				required("PipelineName", "the name of the pipeline to start"),
				optional("SourceRevisions", "the JSON array of the source revisions to start with: actionName, revisionType and revisionValue of each").in(FormArray),
				optional("Variables", "the JSON array of the variables to start with: name and value of each").in(FormArray),
			},
		},
		{
			Category: "Invoke", Provider: "InspectorScan", V2: true, Inputs: ArtifactCount{0, 1}, Outputs: ArtifactCount{1, 1},
			Properties: append([]Property{
				required("InspectorRunMode", "the object of the scan", "SourceCodeScan", "ECRImageScan"),
				optional("ECRRepositoryName", "the name of the repository of the image, which ECRImageScan needs"),
				optional("ImageTag", "the tag of the image, which ECRImageScan needs"),
			}, thresholds...),
			OutputVariables: []string{"HighestScannedSeverity"},
		},
		{
			Category: "Invoke", Provider: "Lambda", Documentation: "action-reference-Lambda", Inputs: ArtifactCount{0, 5}, Outputs: ArtifactCount{0, 5},
			Properties: []Property{
				required("FunctionName", "the name of the function"),
				optional("UserParameters", "the text that the function gets"),
			},
		},
		{Category: "Invoke", Owner: OwnerThirdParty, Provider: "Snyk", Inputs: ArtifactCount{1, 1}, Outputs: ArtifactCount{1, 1}},
		{
			Category: "Invoke", Provider: "StepFunctions", Inputs: ArtifactCount{0, 1}, Outputs: ArtifactCount{0, 1},
			Properties: []Property{
				required("StateMachineArn", "the ARN of the state machine"),
				optional("ExecutionNamePrefix", "the text before the ID of the action execution in the name of the execution"),
				optional("InputType", "the kind of Input, Literal by default", "Literal", "FilePath"),
				optional("Input", "the input of the execution as JSON or, for FilePath, the path of its file in the input artifact"),
			},
			OutputVariables: []string{"StateMachineArn", "ExecutionArn"},
		},
	}
}
