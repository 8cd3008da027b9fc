// Code generated from the catalogue of package actiontype; DO NOT EDIT.

package definition

// AppConfig is the action type AppConfig, of the category Deploy. An action takes one
// input artifact and makes no output artifact.
//
// The user guide describes it: https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-AppConfig.html
type AppConfig struct {
	// Application is the ID of the application. It is required.
	Application string `key:"Application"`
	// Environment is the ID of the environment. It is required.
	Environment string `key:"Environment"`
	// ConfigurationProfile is the ID of the configuration profile. It is required.
	ConfigurationProfile string `key:"ConfigurationProfile"`
	// InputArtifactConfigurationPath is the path of the configuration in the input
	// artifact. It is required.
	InputArtifactConfigurationPath string `key:"InputArtifactConfigurationPath"`
	// DeploymentStrategy is the ID or name of the deployment strategy.
	DeploymentStrategy string `key:"DeploymentStrategy"`

	// Other are the keys for which there is no field.
	Other map[string]string
}

// ActionType returns AWS/Deploy/AppConfig/1.
func (AppConfig) ActionType() ActionType {
	return ActionType{Category: "Deploy", Owner: "AWS", Provider: "AppConfig", Version: "1"}
}

// CodeDeploy is the action type CodeDeploy, of the category Deploy. An action takes
// one input artifact and makes no output artifact.
//
// The user guide describes it: https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodeDeploy.html
type CodeDeploy struct {
	// ApplicationName is the name of the application in CodeDeploy. It is required.
	ApplicationName string `key:"ApplicationName"`
	// DeploymentGroupName is the name of the deployment group. It is required.
	DeploymentGroupName string `key:"DeploymentGroupName"`

	// Other are the keys for which there is no field.
	Other map[string]string
}

// ActionType returns AWS/Deploy/CodeDeploy/1.
func (CodeDeploy) ActionType() ActionType {
	return ActionType{Category: "Deploy", Owner: "AWS", Provider: "CodeDeploy", Version: "1"}
}

// CodeDeployToECS is the action type CodeDeployToECS, of the category Deploy. An
// action takes 1 to 5 input artifacts and makes no output artifact.
//
// The user guide describes it: https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ECSbluegreen.html
type CodeDeployToECS struct {
	// ApplicationName is the name of the application in CodeDeploy. It is required.
	ApplicationName string `key:"ApplicationName"`
	// DeploymentGroupName is the name of the deployment group. It is required.
	DeploymentGroupName string `key:"DeploymentGroupName"`
	// TaskDefinitionTemplateArtifact is the name of the input artifact with the task
	// definition. It is required.
	TaskDefinitionTemplateArtifact string `key:"TaskDefinitionTemplateArtifact"`
	// AppSpecTemplateArtifact is the name of the input artifact with the AppSpec file.
	// It is required.
	AppSpecTemplateArtifact string `key:"AppSpecTemplateArtifact"`
	// TaskDefinitionTemplatePath is the path of the task definition in its artifact,
	// taskdef.json by default.
	TaskDefinitionTemplatePath string `key:"TaskDefinitionTemplatePath"`
	// AppSpecTemplatePath is the path of the AppSpec file in its artifact, appspec.yaml
	// by default.
	AppSpecTemplatePath string `key:"AppSpecTemplatePath"`
	// Image1ArtifactName is the name of the input artifact with imageDetail.json of
	// image 1.
	Image1ArtifactName string `key:"Image1ArtifactName"`
	// Image1ContainerName is the placeholder of image 1 in the task definition, such as
	// IMAGE1_NAME.
	Image1ContainerName string `key:"Image1ContainerName"`
	// Image2ArtifactName is the name of the input artifact with imageDetail.json of
	// image 2.
	Image2ArtifactName string `key:"Image2ArtifactName"`
	// Image2ContainerName is the placeholder of image 2 in the task definition, such as
	// IMAGE1_NAME.
	Image2ContainerName string `key:"Image2ContainerName"`
	// Image3ArtifactName is the name of the input artifact with imageDetail.json of
	// image 3.
	Image3ArtifactName string `key:"Image3ArtifactName"`
	// Image3ContainerName is the placeholder of image 3 in the task definition, such as
	// IMAGE1_NAME.
	Image3ContainerName string `key:"Image3ContainerName"`
	// Image4ArtifactName is the name of the input artifact with imageDetail.json of
	// image 4.
	Image4ArtifactName string `key:"Image4ArtifactName"`
	// Image4ContainerName is the placeholder of image 4 in the task definition, such as
	// IMAGE1_NAME.
	Image4ContainerName string `key:"Image4ContainerName"`

	// Other are the keys for which there is no field.
	Other map[string]string
}

// ActionType returns AWS/Deploy/CodeDeployToECS/1.
func (CodeDeployToECS) ActionType() ActionType {
	return ActionType{Category: "Deploy", Owner: "AWS", Provider: "CodeDeployToECS", Version: "1"}
}

// EC2Deploy is the action type EC2, of the category Deploy. An action takes one input
// artifact and makes no output artifact. It needs a pipeline of type V2.
//
// The user guide describes it: https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-EC2Deploy.html
type EC2Deploy struct {
	// InstanceTagKey is the key of the tag that the instances have. It is required.
	InstanceTagKey string `key:"InstanceTagKey"`
	// InstanceTagValue is the value of the tag that the instances have.
	InstanceTagValue string `key:"InstanceTagValue"`
	// InstanceType is the kind of the instances: EC2 or SSM_MANAGED_NODE. It is
	// required.
	InstanceType string `key:"InstanceType"`
	// TargetDirectory is the folder on the instances that gets the files, unless there
	// is a DeploySpec.
	TargetDirectory string `key:"TargetDirectory"`
	// PreScript is the path in the artifact of the script that runs before the files are
	// there.
	PreScript string `key:"PreScript"`
	// PostScript is the path in the artifact of the script that runs afterwards, unless
	// there is a DeploySpec.
	PostScript string `key:"PostScript"`
	// DeploySpec is the path of the deploy spec in the artifact, in place of
	// TargetDirectory and the scripts.
	DeploySpec string `key:"DeploySpec"`
	// MaxBatch is the number or percentage of instances that are deployed to at once.
	MaxBatch string `key:"MaxBatch"`
	// MaxError is the number or percentage of instances that may fail.
	MaxError string `key:"MaxError"`
	// TargetGroupNameList is the list of the target groups' names at the load balancer,
	// with commas between them.
	TargetGroupNameList string `key:"TargetGroupNameList"`

	// Other are the keys for which there is no field.
	Other map[string]string
}

// ActionType returns AWS/Deploy/EC2/1.
func (EC2Deploy) ActionType() ActionType {
	return ActionType{Category: "Deploy", Owner: "AWS", Provider: "EC2", Version: "1"}
}

// ECSDeploy is the action type ECS, of the category Deploy. An action takes one input
// artifact and makes no output artifact.
//
// The user guide describes it: https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ECS.html
type ECSDeploy struct {
	// ClusterName is the name of the cluster. It is required.
	ClusterName string `key:"ClusterName"`
	// ServiceName is the name of the service. It is required.
	ServiceName string `key:"ServiceName"`
	// FileName is the path of the image definitions in the artifact,
	// imagedefinitions.json by default.
	FileName string `key:"FileName"`
	// DeploymentTimeout is the number of minutes after which the deployment has failed.
	DeploymentTimeout string `key:"DeploymentTimeout"`

	// Other are the keys for which there is no field.
	Other map[string]string
}

// ActionType returns AWS/Deploy/ECS/1.
func (ECSDeploy) ActionType() ActionType {
	return ActionType{Category: "Deploy", Owner: "AWS", Provider: "ECS", Version: "1"}
}

// EKSDeploy is the action type EKS, of the category Deploy. An action takes one input
// artifact and makes no output artifact. Its output variables are EKSClusterName. It
// needs a pipeline of type V2.
//
// The user guide describes it: https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-EKS.html
type EKSDeploy struct {
	// ClusterName is the name of the cluster. It is required.
	ClusterName string `key:"ClusterName"`
	// HelmReleaseName is the name of the release, for a deployment by Helm.
	HelmReleaseName string `key:"HelmReleaseName"`
	// HelmChartLocation is the path of the chart in the artifact, for a deployment by
	// Helm.
	HelmChartLocation string `key:"HelmChartLocation"`
	// HelmValuesFiles is the list of the files with values in the chart, with commas
	// between them.
	HelmValuesFiles string `key:"HelmValuesFiles"`
	// ManifestFiles is the list of the manifests in the artifact, for a deployment by
	// kubectl, with commas between them.
	ManifestFiles string `key:"ManifestFiles"`
	// Namespace is the namespace in the cluster.
	Namespace string `key:"Namespace"`
	// Subnets is the list of the subnets' IDs, for a private cluster, with commas
	// between them.
	Subnets string `key:"Subnets"`
	// SecurityGroupIDs is the list of the security groups' IDs, for a private cluster,
	// with commas between them.
	SecurityGroupIDs string `key:"SecurityGroupIds"`

	// Other are the keys for which there is no field.
	Other map[string]string
}

// ActionType returns AWS/Deploy/EKS/1.
func (EKSDeploy) ActionType() ActionType {
	return ActionType{Category: "Deploy", Owner: "AWS", Provider: "EKS", Version: "1"}
}

// ElasticBeanstalk is the action type ElasticBeanstalk, of the category Deploy. An
// action takes one input artifact and makes no output artifact.
//
// The user guide describes it: https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference.html
type ElasticBeanstalk struct {
	// ApplicationName is the name of the application in Elastic Beanstalk. It is
	// required.
	ApplicationName string `key:"ApplicationName"`
	// EnvironmentName is the name of the environment. It is required.
	EnvironmentName string `key:"EnvironmentName"`

	// Other are the keys for which there is no field.
	Other map[string]string
}

// ActionType returns AWS/Deploy/ElasticBeanstalk/1.
func (ElasticBeanstalk) ActionType() ActionType {
	return ActionType{Category: "Deploy", Owner: "AWS", Provider: "ElasticBeanstalk", Version: "1"}
}

// LambdaDeploy is the action type Lambda, of the category Deploy. An action takes at
// most one input artifact and makes no output artifact. Its output variables are
// FunctionVersion. It needs a pipeline of type V2.
//
// The user guide describes it: https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-LambdaDeploy.html
type LambdaDeploy struct {
	// FunctionName is the name of the function. It is required.
	FunctionName string `key:"FunctionName"`
	// FunctionAlias is the alias, of exactly one version, that gets the new version.
	FunctionAlias string `key:"FunctionAlias"`
	// PublishedTargetVersion is the published version to deploy, in place of an input
	// artifact.
	PublishedTargetVersion string `key:"PublishedTargetVersion"`
	// DeployStrategy is AllAtOnce, the default, or a strategy of an alias such as
	// Canary10Percent5Minutes or Linear10PercentEvery1Minute.
	DeployStrategy string `key:"DeployStrategy"`
	// Alarms is the list of up to 10 alarms in CloudWatch that stop the deployment, with
	// commas between them.
	Alarms string `key:"Alarms"`

	// Other are the keys for which there is no field.
	Other map[string]string
}

// ActionType returns AWS/Deploy/Lambda/1.
func (LambdaDeploy) ActionType() ActionType {
	return ActionType{Category: "Deploy", Owner: "AWS", Provider: "Lambda", Version: "1"}
}

// OpsWorks is the action type OpsWorks, of the category Deploy. An action takes one
// input artifact and makes no output artifact. AWS has ended the service behind it.
//
// The user guide describes it: https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference.html
type OpsWorks struct {
	// Stack is the name of the stack. It is required.
	Stack string `key:"Stack"`
	// App is the name of the app. It is required.
	App string `key:"App"`
	// Layer is the name of the layer.
	Layer string `key:"Layer"`

	// Other are the keys for which there is no field.
	Other map[string]string
}

// ActionType returns AWS/Deploy/OpsWorks/1.
func (OpsWorks) ActionType() ActionType {
	return ActionType{Category: "Deploy", Owner: "AWS", Provider: "OpsWorks", Version: "1"}
}

// S3Deploy is the action type S3, of the category Deploy. An action takes one input
// artifact and makes no output artifact.
//
// The user guide describes it: https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-S3Deploy.html
type S3Deploy struct {
	// BucketName is the name of the bucket. It is required.
	BucketName string `key:"BucketName"`
	// Extract is true if the files of the artifact are put into the bucket, and false if
	// its archive is. It is required.
	Extract string `key:"Extract"`
	// ObjectKey is the key of the archive, which Extract false needs, or the prefix of
	// the files' keys.
	ObjectKey string `key:"ObjectKey"`
	// KMSEncryptionKeyARN is the ARN of the key that encrypts the objects.
	KMSEncryptionKeyARN string `key:"KMSEncryptionKeyARN"`
	// CannedACL is the canned ACL of the objects: private, public-read,
	// public-read-write, authenticated-read, aws-exec-read, bucket-owner-read or
	// bucket-owner-full-control.
	CannedACL string `key:"CannedACL"`
	// CacheControl is the Cache-Control header of the objects.
	CacheControl string `key:"CacheControl"`

	// Other are the keys for which there is no field.
	Other map[string]string
}

// ActionType returns AWS/Deploy/S3/1.
func (S3Deploy) ActionType() ActionType {
	return ActionType{Category: "Deploy", Owner: "AWS", Provider: "S3", Version: "1"}
}

// AlexaSkillsKit is the action type AlexaSkillsKit of a partner, of the category
// Deploy. An action takes 1 to 2 input artifacts and makes no output artifact.
//
// The user guide describes it: https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference.html
type AlexaSkillsKit struct {
	// ClientID is the client ID of the security profile. It is required.
	ClientID string `key:"ClientId"`
	// ClientSecret is the client secret of the security profile. It is required.
	// GetPipeline returns ****, which keeps the value when it is given to
	// UpdatePipeline.
	ClientSecret string `key:"ClientSecret"`
	// RefreshToken is the refresh token of the security profile. It is required.
	// GetPipeline returns ****, which keeps the value when it is given to
	// UpdatePipeline.
	RefreshToken string `key:"RefreshToken"`
	// SkillID is the ID of the skill. It is required.
	SkillID string `key:"SkillId"`

	// Other are the keys for which there is no field.
	Other map[string]string
}

// ActionType returns ThirdParty/Deploy/AlexaSkillsKit/1.
func (AlexaSkillsKit) ActionType() ActionType {
	return ActionType{Category: "Deploy", Owner: "ThirdParty", Provider: "AlexaSkillsKit", Version: "1"}
}
