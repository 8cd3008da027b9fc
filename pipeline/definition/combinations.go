package definition

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var (
	strategyPattern   = regexp.MustCompile(`^(AllAtOnce|Canary\d{1,3}Percent\d{1,4}Minutes?|Linear\d{1,3}PercentEvery\d{1,4}Minutes?)$`)
	connectionPattern = regexp.MustCompile(`^arn:aws(-[\w]+)*:(codeconnections|codestar-connections):[\w-]+:[0-9]{12}:connection/[\w-]+$`)
	topicPattern      = regexp.MustCompile(`^arn:aws(-[\w]+)*:sns:[\w-]+:[0-9]{12}:[\w.-]+$`)
	machinePattern    = regexp.MustCompile(`^arn:aws(-[\w]+)*:states:[\w-]+:[0-9]{12}:stateMachine:[\w:-]+$`)
)

// combinations checks which keys a provider needs together.
func (k *keys) combinations(p *Pipeline) {
	switch k.definition.Owner + "/" + k.definition.Category + "/" + k.definition.Provider {
	case "AWS/Approval/Manual":
		k.matches("NotificationArn", topicPattern, "an ARN of an SNS topic: write arn:aws:sns:REGION:ACCOUNT:NAME")
		if link := k.values["ExternalEntityLink"]; link != "" && !k.open(link) && !strings.HasPrefix(link, "https://") && !strings.HasPrefix(link, "http://") {
			k.warnf(member(k.path, "ExternalEntityLink"), "%s is no address of a page: begin it with https://", quote(link))
		}
	case "AWS/Source/CodeStarSourceConnection":
		k.matches("ConnectionArn", connectionPattern, "an ARN of a connection: write arn:aws:codeconnections:REGION:ACCOUNT:connection/ID")
		if id := k.values["FullRepositoryId"]; id != "" && !k.open(id) && !strings.Contains(id, "/") {
			k.errorf(member(k.path, "FullRepositoryId"), "%s is no ID of a repository: write OWNER/NAME", quote(id))
		}
	case "ThirdParty/Source/GitHub":
		k.warnf(k.path, "the action uses a token of GitHub that somebody has to renew: replace it by a connection, the provider CodeStarSourceConnection")
	case "AWS/Build/CodeBuild", "AWS/Test/CodeBuild", "AWS/Rule/CodeBuild":
		k.codeBuild()
	case "AWS/Compute/Commands":
		size, windows := k.values["ComputeType"], k.values["EnvironmentType"] == "WINDOWS_SERVER_2022_CONTAINER"
		if windows && (size == "" || size == "BUILD_GENERAL1_SMALL") {
			k.errorf(member(k.path, "ComputeType"), "Windows has no BUILD_GENERAL1_SMALL: set ComputeType to BUILD_GENERAL1_MEDIUM or BUILD_GENERAL1_LARGE")
		}
		k.together("the commands in a VPC", "VpcId", "Subnets", "SecurityGroupIds")
	case "AWS/Test/DeviceFarm":
		if kind := k.values["TestType"]; kind != "" && !strings.HasPrefix(kind, "BUILTIN") && !k.open(kind) && !k.has("Test") {
			k.missing("Test", "the test type "+kind)
		}
	case "AWS/Invoke/CodePipeline":
		k.objects("Variables", []string{"name", "value"}, nil)
		k.objects("SourceRevisions", []string{"actionName", "revisionType", "revisionValue"}, map[string][]string{
			"revisionType": {"COMMIT_ID", "IMAGE_DIGEST", "S3_OBJECT_VERSION_ID", "S3_OBJECT_KEY"}})
		if name := k.values["PipelineName"]; name != "" && name == p.Name {
			k.warnf(member(k.path, "PipelineName"), "the pipeline %s starts itself again and again: name another pipeline", name)
		}
	case "AWS/Invoke/InspectorScan":
		k.inspector()
	case "AWS/Invoke/StepFunctions":
		k.stepFunctions()
	default:
		k.deployments()
	}
}

func (k *keys) deployments() {
	switch k.definition.Owner + "/" + k.definition.Category + "/" + k.definition.Provider {
	case "AWS/Deploy/CloudFormation":
		k.cloudFormation()
	case "AWS/Deploy/CloudFormationStackSet":
		k.together("the deployment to instances", "DeploymentTargets", "Regions")
	case "AWS/Deploy/CloudFormationStackInstances":
		for _, key := range []string{"DeploymentTargets", "Regions"} {
			if !k.has(key) {
				k.missing(key, "the deployment to instances")
			}
		}
	case "AWS/Deploy/CodeDeployToECS":
		for i := 1; i <= 4; i++ {
			image := "Image" + strconv.Itoa(i)
			k.together("image "+strconv.Itoa(i), image+"ArtifactName", image+"ContainerName")
		}
	case "AWS/Deploy/EC2":
		switch spec := k.has("DeploySpec"); {
		case spec && (k.has("TargetDirectory") || k.has("PostScript") || k.has("PreScript")):
			k.errorf(member(k.path, "DeploySpec"), "DeploySpec stands in place of TargetDirectory, PreScript and PostScript: remove one or the others")
		case !spec && !k.has("TargetDirectory"):
			k.missing("TargetDirectory", "a deployment without DeploySpec")
		case !spec && !k.has("PostScript"):
			k.missing("PostScript", "a deployment without DeploySpec")
		}
	case "AWS/Deploy/EKS":
		k.eks()
	case "AWS/Deploy/Lambda":
		k.lambda()
	case "AWS/Deploy/S3":
		if k.values["Extract"] == "false" && !k.has("ObjectKey") {
			k.missing("ObjectKey", "Extract false")
		}
	case "AWS/Deploy/ServiceCatalog":
		if k.has("ConfigurationFilePath") {
			break
		}
		for _, key := range []string{"ProductId", "TemplateFilePath", "ProductVersionName"} {
			if !k.has(key) {
				k.missing(key, "a deployment without ConfigurationFilePath")
			}
		}
	}
}

// matches checks the form of a value.
func (k *keys) matches(key string, form *regexp.Regexp, want string) {
	if value := k.values[key]; value != "" && !k.open(value) && !form.MatchString(value) {
		k.errorf(member(k.path, key), "%s is not %s", quote(value), want)
	}
}

// together checks that all of the keys have a value, or none.
func (k *keys) together(by string, names ...string) {
	if !slices.ContainsFunc(names, k.has) {
		return
	}
	for _, name := range names {
		if !k.has(name) {
			k.missing(name, by)
		}
	}
}

func (k *keys) codeBuild() {
	if len(k.inputs) > 1 && !k.has("PrimarySource") {
		k.missing("PrimarySource", "an action with several input artifacts")
	}
	if k.values["CombineArtifacts"] == "true" && k.values["BatchEnabled"] != "true" && !k.open(k.values["BatchEnabled"]) {
		k.warnf(member(k.path, "CombineArtifacts"), "only a batch has artifacts to combine: set BatchEnabled to true, or remove CombineArtifacts")
	}
	seen := make(map[string]bool)
	for _, v := range k.objects("EnvironmentVariables", []string{"name", "value"},
		map[string][]string{"type": {"PLAINTEXT", "PARAMETER_STORE", "SECRETS_MANAGER"}}) {
		if name, ok := v["name"].(string); ok {
			if seen[name] {
				k.errorf(member(k.path, "EnvironmentVariables"), "two variables have the name %s: remove one", quote(name))
			}
			seen[name] = true
		}
	}
}

func (k *keys) cloudFormation() {
	mode := k.values["ActionMode"]
	needs := map[string][]string{
		"CREATE_UPDATE":      {"RoleArn", "TemplatePath"},
		"REPLACE_ON_FAILURE": {"RoleArn", "TemplatePath"},
		"DELETE_ONLY":        {"RoleArn"},
		"CHANGE_SET_REPLACE": {"ChangeSetName", "RoleArn", "TemplatePath"},
		"CHANGE_SET_EXECUTE": {"ChangeSetName"},
	}
	for _, key := range needs[mode] {
		if !k.has(key) {
			k.missing(key, "the mode "+mode)
		}
	}
	if k.has("RoleArn") && !k.open(k.values["RoleArn"]) {
		k.role(member(k.path, "RoleArn"), k.values["RoleArn"])
	}
	switch {
	case k.has("OutputFileName") && len(k.outputs) == 0:
		k.errorf(k.outputsPath, "the file %s needs an output artifact: add one, or remove OutputFileName", quote(k.values["OutputFileName"]))
	case !k.has("OutputFileName") && len(k.outputs) > 0:
		k.warnf(k.outputsPath, "the output artifact is empty without OutputFileName: set it, or remove the artifact")
	}
}

func (k *keys) eks() {
	helm := k.has("HelmReleaseName") || k.has("HelmChartLocation") || k.has("HelmValuesFiles")
	switch manifests := k.has("ManifestFiles"); {
	case helm && manifests:
		k.errorf(member(k.path, "ManifestFiles"), "the action deploys by Helm or by kubectl: remove ManifestFiles, or the keys that begin with Helm")
	case helm:
		for _, key := range []string{"HelmReleaseName", "HelmChartLocation"} {
			if !k.has(key) {
				k.missing(key, "a deployment by Helm")
			}
		}
	case !manifests:
		k.errorf(k.path, "the action deploys nothing: set ManifestFiles for kubectl, or HelmReleaseName and HelmChartLocation for Helm")
	}
	k.together("a private cluster", "Subnets", "SecurityGroupIds")
}

func (k *keys) lambda() {
	switch target := k.has("PublishedTargetVersion"); {
	case target && len(k.inputs) > 0:
		k.errorf(member(k.path, "PublishedTargetVersion"), "the version stands in place of an input artifact: remove one of them")
	case !target && len(k.inputs) == 0:
		k.errorf(member(k.path, "PublishedTargetVersion"), "the action deploys nothing: give it an input artifact, or set PublishedTargetVersion")
	}
	strategy := k.values["DeployStrategy"]
	k.matches("DeployStrategy", strategyPattern, "a strategy: use AllAtOnce, Canary10Percent5Minutes, Linear10PercentEvery1Minute or the like")
	if strategy != "" && strategy != "AllAtOnce" && !k.open(strategy) && !k.has("FunctionAlias") {
		k.missing("FunctionAlias", "the strategy "+strategy)
	}
	if n := len(strings.Split(k.values["Alarms"], ",")); n > 10 {
		k.errorf(member(k.path, "Alarms"), "there are %d alarms: use up to 10", n)
	}
}

func (k *keys) inspector() {
	switch mode := k.values["InspectorRunMode"]; mode {
	case "SourceCodeScan":
		if len(k.inputs) == 0 {
			k.errorf(strings.TrimSuffix(k.path, "configuration")+"inputArtifacts", "the mode SourceCodeScan needs an input artifact: add the source")
		}
	case "ECRImageScan":
		for _, key := range []string{"ECRRepositoryName", "ImageTag"} {
			if !k.has(key) {
				k.missing(key, "the mode ECRImageScan")
			}
		}
	}
}

func (k *keys) stepFunctions() {
	k.matches("StateMachineArn", machinePattern, "an ARN of a state machine: write arn:aws:states:REGION:ACCOUNT:stateMachine:NAME")
	input := k.values["Input"]
	path := member(k.path, "Input")
	if k.values["InputType"] == "FilePath" {
		if len(k.inputs) == 0 {
			k.errorf(strings.TrimSuffix(k.path, "configuration")+"inputArtifacts", "the input type FilePath needs an input artifact: add the one with the file")
		}
		if input == "" {
			k.missing("Input", "the input type FilePath")
		} else if artifact, _, ok := strings.Cut(input, "::"); ok && !k.open(input) {
			k.artifact(path, artifact)
		}
		return
	}
	if input == "" || k.open(k.values["InputType"]) || k.open(input) {
		return
	}
	if _, err := readTree([]byte(input)); err != nil {
		k.errorf(path, "the input is no JSON: %v; set InputType to FilePath for a file", err)
	}
}
