package diagram

import (
	"reflect"
	"strings"

	"github.com/codesuite-go/codesuite/pipeline/definition"
)

// subjects are the keys that say what an action of a built-in type works on, with
// the texts between them. Only the values of these keys are drawn: a value of
// another one may be a secret.
var subjects = map[string][]string{
	"AWS/Source/CodeCommit":                   {"RepositoryName", " @ ", "BranchName"},
	"AWS/Source/CodeStarSourceConnection":     {"FullRepositoryId", " @ ", "BranchName"},
	"AWS/Source/ECR":                          {"RepositoryName", ":", "ImageTag"},
	"AWS/Source/S3":                           {"S3Bucket", "/", "S3ObjectKey"},
	"ThirdParty/Source/GitHub":                {"Owner", "/", "Repo", " @ ", "Branch"},
	"AWS/Build/CodeBuild":                     {"ProjectName"},
	"AWS/Test/CodeBuild":                      {"ProjectName"},
	"AWS/Build/ECRBuildAndPublish":            {"ECRRepositoryName"},
	"AWS/Test/DeviceFarm":                     {"AppType", " ", "TestType"},
	"AWS/Deploy/AppConfig":                    {"Application", "/", "Environment"},
	"AWS/Deploy/CloudFormation":               {"StackName"},
	"AWS/Deploy/CloudFormationStackInstances": {"StackSetName"},
	"AWS/Deploy/CloudFormationStackSet":       {"StackSetName"},
	"AWS/Deploy/CodeDeploy":                   {"ApplicationName", "/", "DeploymentGroupName"},
	"AWS/Deploy/CodeDeployToECS":              {"ApplicationName", "/", "DeploymentGroupName"},
	"AWS/Deploy/EC2":                          {"InstanceTagKey", "=", "InstanceTagValue"},
	"AWS/Deploy/ECS":                          {"ClusterName", "/", "ServiceName"},
	"AWS/Deploy/EKS":                          {"ClusterName"},
	"AWS/Deploy/ElasticBeanstalk":             {"ApplicationName", "/", "EnvironmentName"},
	"AWS/Deploy/Lambda":                       {"FunctionName", ":", "FunctionAlias"},
	"AWS/Deploy/OpsWorks":                     {"Stack", "/", "App"},
	"AWS/Deploy/S3":                           {"BucketName"},
	"AWS/Deploy/ServiceCatalog":               {"ProductId"},
	"AWS/Invoke/CodePipeline":                 {"PipelineName"},
	"AWS/Invoke/InspectorScan":                {"InspectorRunMode"},
	"AWS/Invoke/Lambda":                       {"FunctionName"},
	"AWS/Invoke/StepFunctions":                {"StateMachineArn"},
}

// provider returns category, provider and subject of an action or rule.
func provider(p definition.Provider) (category, name, subject string) {
	if v := reflect.ValueOf(p); !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		return "", "(no type)", ""
	}
	t := p.ActionType()
	category, name = clean(t.Category), named(t.Provider)
	if name == "CodeStarSourceConnection" {
		name = "Connection" // as definition.ConnectionSource: the service's name is too long for a card
	}
	keys := subjects[t.Owner+"/"+t.Category+"/"+t.Provider]
	configuration, err := definition.Configuration(p)
	if err != nil {
		return category, name, "" // Check tells the reason
	}
	separator := ""
	for i, key := range keys {
		if i%2 == 1 {
			separator = key
			continue
		}
		value := configuration[key]
		if value == "" || strings.Trim(value, "*") == "" {
			continue
		}
		if strings.HasPrefix(value, "arn:") {
			value = value[strings.LastIndexAny(value, ":/")+1:]
		}
		if subject != "" {
			subject += separator
		}
		subject += value
	}
	return category, name, clean(subject)
}
