package pipelinetest

import (
	"cmp"
	"maps"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

// provider is how the actions of a provider run if nobody decides. Its texts are
// templates: {Key} stands for the value of the configuration's key or for one of the
// words of [run.word], {Key|text} for the text if there is none.
type provider struct {
	takes   time.Duration // with the service
	id      string        // external execution ID
	url     string        // of the external execution
	summary string        // of a success
	failure string        // summary of a failure
	entity  string        // page of the thing that the action works on
	// variables are the output variables that the type defines. An open provider has
	// others, which its project, stack or function defines.
	variables map[string]string
	open      bool
	// run does the work of the action, if the server can do it. It is called without
	// Server.mu, again as long as it is in progress.
	run func(*Server, ActionRun) Outcome
	// files returns the files of an output artifact, nil for those of the first input.
	files func(r *run, output string) map[string]string
}

const (
	console        = "https://{region}.console.aws.amazon.com/"
	classicConsole = "https://console.aws.amazon.com/"
)

var codeBuild = provider{
	takes: 2 * time.Minute, id: "{ProjectName}:{uuid build}", failure: "Build terminated with state: FAILED",
	url:    classicConsole + "codebuild/home?region={region}#/builds/{id}/view/new",
	entity: classicConsole + "codebuild/home?region={region}#/projects/{ProjectName}/view",
	open:   true,
}

// git has the output variables of all sources that are git repositories, and more.
func git(more map[string]string) map[string]string {
	variables := map[string]string{"AuthorDate": "{date}", "BranchName": "{branch}", "CommitId": "{id}", "CommitMessage": "{message}"}
	maps.Copy(variables, more)
	return variables
}

// newProviders returns those of the catalogue, by category and provider.
func newProviders() map[string]provider {
	return map[string]provider{
		"Source/CodeStarSourceConnection": {
			takes: 5 * time.Second, id: "{commit}", url: redirect("COMMIT", "Commit", "{id}"), entity: redirect("BRANCH", "Branch", "{BranchName}"),
			variables: git(map[string]string{"ConnectionArn": "{ConnectionArn}", "FullRepositoryName": "{FullRepositoryId}"}), files: repositoryFiles,
		},
		"Source/CodeCommit": {
			takes: 5 * time.Second, id: "{commit}",
			url:       classicConsole + "codecommit/home?region={region}#/repository/{RepositoryName}/commit/{id}",
			entity:    classicConsole + "codecommit/home?region={region}#/repository/{RepositoryName}/browse/{BranchName}/--/",
			variables: git(map[string]string{"CommitterDate": "{date}", "RepositoryName": "{RepositoryName}"}), files: repositoryFiles,
		},
		"Source/GitHub": {
			takes: 5 * time.Second, id: "{commit}", url: "https://github.com/{Owner}/{Repo}/commit/{id}", entity: "https://github.com/{Owner}/{Repo}/tree/{Branch}",
			variables: git(map[string]string{"CommitterDate": "{date}", "CommitUrl": "{url}", "RepositoryName": "{Owner}/{Repo}"}), files: repositoryFiles,
		},
		"Source/S3": {
			takes: 3 * time.Second, id: "{version}", summary: "Amazon S3 version id: {id}", entity: classicConsole + "s3/home?#",
			variables: map[string]string{"ETag": "{etag}", "VersionId": "{id}"}, files: repositoryFiles,
		},
		"Source/ECR": {
			takes: 3 * time.Second, id: "{image}",
			variables: map[string]string{
				"ImageDigest": "{id}", "ImageTag": "{ImageTag|latest}", "ImageURI": imageURI, "RegistryId": "{account}", "RepositoryName": "{RepositoryName}",
			},
			files: imageDetail,
		},

		"Build/CodeBuild": codeBuild,
		"Test/CodeBuild":  codeBuild,
		"Build/ECRBuildAndPublish": {
			takes: 3 * time.Minute, id: "{uuid build}", failure: "The image was not built",
			entity:    classicConsole + "ecr/repositories/private/{account}/{ECRRepositoryName}?region={region}",
			variables: map[string]string{"ECRImageDigestId": "sha256:{hex 64 image}", "ECRRepositoryName": "{ECRRepositoryName}"},
		},
		"Compute/Commands": {takes: time.Minute, id: "{uuid commands}", failure: "A command failed", files: commandFiles},
		"Test/DeviceFarm": {
			takes: 10 * time.Minute, id: "{uuid run}", url: classicConsole + "devicefarm/home?#/projects/{ProjectId}/runs/{id}", failure: "Device Farm: the run failed",
			entity: classicConsole + "devicefarm/home?#/projects/{ProjectId}/runs",
		},

		"Deploy/AlexaSkillsKit": {takes: time.Minute},
		"Deploy/AppConfig": {
			takes: 2 * time.Minute, id: "{count}", summary: "Deployment {id} is complete",
			url: console + "systems-manager/appconfig/applications/{Application}/environments/{Environment}/deployments/{id}",
		},
		"Deploy/CloudFormation": {
			takes: 90 * time.Second, id: "arn:aws:cloudformation:{region}:{account}:stack/{StackName}/{uuid stack}", summary: "Stack {StackName}: {ActionMode} is complete",
			failure: "Stack {StackName}: {ActionMode} failed",
			url:     classicConsole + "cloudformation/home?region={region}#/stack/detail?stackId={id}", entity: classicConsole + "cloudformation/home?region={region}#/",
			open: true, files: stackOutputs,
		},
		"Deploy/CloudFormationStackInstances": stackSet,
		"Deploy/CloudFormationStackSet":       stackSet,
		"Deploy/CodeDeploy": {
			takes: 3 * time.Minute, id: "d-{HEX 9 deployment}", summary: "Deployment Succeeded", failure: "Deployment {id} failed",
			url:    classicConsole + "codedeploy/home?region={region}#/deployments/{id}",
			entity: classicConsole + "codedeploy/home?region={region}#/applications/{ApplicationName}/deployment-groups/{DeploymentGroupName}",
		},
		"Deploy/CodeDeployToECS": {
			takes: 5 * time.Minute, id: "d-{HEX 9 deployment}", summary: "Deployment Succeeded", failure: "Deployment {id} failed",
			url: classicConsole + "codesuite/codedeploy/deployments/{id}?region={region}",
		},
		"Deploy/EC2": {takes: 90 * time.Second, id: "{uuid deployment}", summary: "Deployment Succeeded", failure: "The deployment failed on one of the instances"},
		"Deploy/ECS": {
			takes: 3 * time.Minute, id: "ecs-svc/{digits deployment}", summary: "Deployment completed", failure: "The deployment failed",
			url: classicConsole + "ecs/home?region={region}#/clusters/{ClusterName}/services/{ServiceName}/events",
		},
		"Deploy/EKS": {
			takes: 2 * time.Minute, id: "{uuid deployment}", summary: "Deployment Succeeded", failure: "The deployment failed",
			entity: console + "eks/home?region={region}#/clusters/{ClusterName}", variables: map[string]string{"EKSClusterName": "{ClusterName}"},
		},
		"Deploy/ElasticBeanstalk": {
			takes: 3 * time.Minute, id: "{uuid deployment}", summary: "Deployment completed", failure: "The deployment failed",
			entity: classicConsole + "elasticbeanstalk/home?region={region}#/environments?applicationName={ApplicationName}",
		},
		"Deploy/Lambda": {
			takes: 30 * time.Second, id: "{uuid deployment}", summary: "Version {count} of {FunctionName} is deployed", failure: "The deployment failed",
			entity:    console + "lambda/home?region={region}#/functions/{FunctionName}",
			variables: map[string]string{"FunctionVersion": "{PublishedTargetVersion|{count}}"},
		},
		"Deploy/OpsWorks": {takes: 3 * time.Minute, id: "{uuid deployment}"},
		"Deploy/S3": {
			takes: 10 * time.Second, id: "{uuid deployment}", summary: "Deployment Succeeded",
			entity: "https://s3.console.aws.amazon.com/s3/buckets/{BucketName}/", run: (*Server).deployToS3,
		},
		"Deploy/ServiceCatalog": {takes: time.Minute, id: "pa-{hex 13 version}", summary: "Deployment Succeeded", failure: "The product version was not created"},

		"Approval/Manual": {id: "{run}", summary: "Approved by {user}", failure: "Rejected by {user}", entity: "{ExternalEntityLink}"},
		"Invoke/CodePipeline": {
			id: "{uuid execution}", summary: "Execution {id} of {PipelineName} succeeded", failure: "Execution {id} of {PipelineName} did not succeed",
			url:    console + "codesuite/codepipeline/pipelines/{PipelineName}/executions/{id}/timeline?region={region}",
			entity: console + "codesuite/codepipeline/pipelines/{PipelineName}/view?region={region}", run: (*Server).runPipeline,
		},
		"Invoke/InspectorScan": {
			takes: 2 * time.Minute, id: "{uuid scan}", summary: "No vulnerabilities are above the thresholds", failure: "Vulnerabilities are above the thresholds",
			variables: map[string]string{"HighestScannedSeverity": "NONE"}, files: scanReport,
		},
		"Invoke/Lambda": {takes: 5 * time.Second, open: true},
		"Invoke/Snyk":   {takes: time.Minute, id: "{uuid scan}"},
		"Invoke/StepFunctions": {
			takes: time.Minute, id: "{machine}:{prefix}{run}", failure: "The execution of the state machine failed",
			url:       console + "states/home?region={region}#/executions/details/{id}",
			entity:    console + "states/home?region={region}#/statemachines/view/{StateMachineArn}",
			variables: map[string]string{"StateMachineArn": "{StateMachineArn}", "ExecutionArn": "{id}"},
		},
	}
}

var stackSet = provider{
	takes: 3 * time.Minute, id: "{uuid operation}", summary: "Operation {id} succeeded", failure: "Operation {id} failed",
	url:       classicConsole + "cloudformation/home?region={region}#/stacksets/{StackSetName}/info",
	variables: map[string]string{"StackSetId": "{StackSetName}:{uuid set}", "OperationId": "{id}"},
}

const imageURI = "{account}.dkr.ecr.{region}.amazonaws.com/{RepositoryName}@{id}"

// redirect returns the page of the console that leads to the page of a connection's
// provider. Nothing in it is escaped, as the service escapes nothing.
func redirect(kind, key, value string) string {
	return console + "codesuite/settings/connections/redirect?connectionArn={ConnectionArn}&referenceType=" + kind +
		"&FullRepositoryId={FullRepositoryId}&" + key + "=" + value
}

// provider returns how actions of the type run. Those that are not in the catalogue
// run as a job of a worker, or make up no more than an external execution ID.
func (s *Server) provider(t ActionType) (p provider, builtIn bool) {
	if t.Owner != "Custom" {
		if p, ok := s.providers[t.Category+"/"+t.Provider]; ok {
			return p, true
		}
	}
	return provider{takes: time.Minute, open: true}, false
}

// words are what a template of a provider may have besides configuration.
type words func(name string) (string, bool)

var placeholder = regexp.MustCompile(`\{([A-Za-z0-9 ]+)(\|([^{}]*|\{[^{}]*\}))?\}`)

// fill returns the template with its words and the values of the configuration.
func fill(template string, configuration map[string]string, word words) string {
	return placeholder.ReplaceAllStringFunc(template, func(text string) string {
		part := placeholder.FindStringSubmatch(text)
		if value := configuration[part[1]]; value != "" {
			return value
		}
		if value, ok := word(part[1]); ok && value != "" {
			return value
		}
		return fill(part[3], configuration, word)
	})
}

// newWords returns the words that all templates have: the Region, the account and
// parts of IDs that follow from the ID of the run.
func newWords(actionRegion, runID, externalID string) words {
	return func(name string) (string, bool) {
		kind, label, _ := strings.Cut(name, " ")
		switch kind {
		case "region":
			return actionRegion, true
		case "account":
			return accountID, true
		case "user":
			return user, true
		case "run":
			return runID, true
		case "id":
			return externalID, true
		case "uuid":
			return awsjson.UUID(label, runID), true
		case "digits":
			return digits(19, label, runID), true
		case "hex", "HEX":
			length, label, _ := strings.Cut(label, " ")
			n, _ := strconv.Atoi(length)
			if kind == "HEX" {
				return strings.ToUpper(awsjson.Hex(n, label, runID)), true
			}
			return awsjson.Hex(n, label, runID), true
		}
		return "", false
	}
}

// word returns the words of the run's templates, with those about what the source
// found.
func (r *run) word(id string, v *Revision) words {
	general := newWords(r.action.Region, r.id, id)
	return func(name string) (string, bool) {
		switch name {
		case "count":
			return strconv.Itoa(r.number), true
		case "machine":
			return strings.Replace(r.configuration["StateMachineArn"], ":stateMachine:", ":execution:", 1), true
		case "prefix":
			if prefix := r.configuration["ExecutionNamePrefix"]; prefix != "" {
				return prefix + "-", true
			}
			return "", true
		}
		if v != nil {
			if text, ok := r.found(name, id, v); ok {
				return text, true
			}
		}
		return general(name)
	}
}

// found returns a word about the revision of a source.
func (r *run) found(name, id string, v *Revision) (string, bool) {
	pipeline, action := r.execution.definition.Name, r.action.Name
	switch name {
	case "commit":
		return awsjson.Hex(40, "commit", pipeline, action), true
	case "version":
		return awsjson.Hex(32, "version", pipeline, action, v.objectKey), true
	case "image":
		return "sha256:" + awsjson.Hex(64, "image", pipeline, action), true
	case "etag":
		return awsjson.Hex(32, "etag", id), true
	case "message":
		return v.Message, true
	case "url":
		return told(v.URL), true
	case "date":
		return v.Created.UTC().Format(time.RFC3339), true
	case "branch":
		return cmp.Or(v.branch, r.configuration["BranchName"], r.configuration["Branch"]), true
	}
	return "", false
}

func digits(n int, words ...string) string {
	return strings.Map(func(c rune) rune {
		if c >= 'a' {
			c -= 'a' - '0'
		}
		return c
	}, awsjson.Hex(n, words...))
}
