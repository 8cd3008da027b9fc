package definition_test

import (
	"testing"

	"github.com/codesuite-go/codesuite/pipeline"
	"github.com/codesuite-go/codesuite/pipeline/definition"
)

const role = "arn:aws:iam::111122223333:role/service"

// stage returns a stage of actions.
func stage(name string, actions ...definition.Action) definition.Stage {
	return definition.Stage{Name: name, Actions: actions}
}

// action returns an action with one input artifact, "" for none.
func action(name string, p definition.Provider, input string) definition.Action {
	a := definition.Action{Name: name, Provider: p}
	if input != "" {
		a.Inputs = definition.Artifacts(input)
	}
	return a
}

// web is a pipeline from a repository to a service. Nothing is wrong with it.
func web() *definition.Pipeline {
	source := definition.Action{
		Name: "Fetch", Namespace: "Fetch", Outputs: definition.Artifacts("Source"),
		Provider: definition.CodeCommitSource{RepositoryName: "web", BranchName: "main", PollForSourceChanges: "false"},
	}
	build := definition.Action{
		Name: "Compile", Namespace: "Compile", Inputs: definition.Artifacts("Source"), Outputs: definition.Artifacts("Binary"),
		Provider: definition.CodeBuild{ProjectName: "web"},
	}
	return &definition.Pipeline{
		Name: "web", RoleARN: role, Type: definition.PipelineTypeV2,
		ArtifactStore: definition.Bucket("artifacts", ""),
		Stages: []definition.Stage{
			stage("Source", source),
			stage("Build", build),
			stage("Deploy", action("Release", definition.ECSDeploy{ClusterName: "main", ServiceName: "web"}, "Binary")),
		},
	}
}

// everything has all that a structure can have, and an action of every category. Nothing
// is wrong with it.
func everything() *definition.Pipeline {
	rule := func(name string, p definition.Provider) definition.Rule {
		return definition.Rule{Name: name, Provider: p, TimeoutInMinutes: 30}
	}
	p := web()
	p.Name = "everything"
	p.ArtifactStore = nil
	p.ArtifactStores = map[string]definition.ArtifactStore{
		"eu-west-1":    *definition.Bucket("artifacts-one", "arn:aws:kms:eu-west-1:111122223333:key/1"),
		"eu-central-1": *definition.Bucket("artifacts-two", ""),
	}
	p.ExecutionMode = pipeline.ModeQueued
	p.Variables = []definition.Variable{
		{Name: "Environment", DefaultValue: "staging", Description: "where to deploy"},
		{Name: "Level", DefaultValue: "1"},
	}
	p.Triggers = []definition.Trigger{
		{ProviderType: "CodeStarSourceConnection", Git: &definition.GitTrigger{
			SourceAction: "Connect",
			Push: []definition.PushTrigger{
				{Branches: &definition.Patterns{Includes: []string{"main", "release/**"}}, FilePaths: &definition.Patterns{Excludes: []string{"docs/**"}}},
				{Tags: &definition.Patterns{Includes: []string{"v*"}}},
			},
			PullRequest: []definition.PullRequestTrigger{
				{Events: []string{"OPEN", "UPDATED"}, Branches: &definition.Patterns{Includes: []string{"main"}}},
			},
		}},
	}
	p.Stages[0].Actions = append(p.Stages[0].Actions,
		definition.Action{
			Name: "Connect", Namespace: "Connect", Outputs: definition.Artifacts("Shared"), Provider: definition.ConnectionSource{
				ConnectionARN: "arn:aws:codeconnections:eu-west-1:111122223333:connection/1", FullRepositoryID: "octo/shared", BranchName: "main",
			},
		},
		definition.Action{Name: "Image", Outputs: definition.Artifacts("Image"), Provider: definition.ECRSource{RepositoryName: "base"}},
		definition.Action{Name: "Data", Outputs: definition.Artifacts("Data"), Provider: definition.S3Source{
			S3Bucket: "data", S3ObjectKey: "data.zip", PollForSourceChanges: "false"}},
	)
	build := &p.Stages[1]
	build.Actions[0].Inputs = definition.Artifacts("Source", "Shared", "Image", "Data")
	build.Actions[0].Provider = definition.CodeBuild{
		ProjectName: "web", PrimarySource: "Source",
		EnvironmentVariables: `[{"name":"LEVEL","value":"#{variables.Level}","type":"PLAINTEXT"}]`,
	}
	build.Actions = append(build.Actions,
		definition.Action{
			Name: "Lint", RunOrder: 2, Namespace: "Lint", Inputs: definition.Artifacts("Source"),
			Provider: definition.Commands{ComputeType: "BUILD_GENERAL1_MEDIUM"}, Commands: []string{"make lint", "echo #{Fetch.CommitId}"},
			Outputs:              []definition.Artifact{{Name: "Report", Files: []string{"report/**"}}},
			OutputVariables:      []string{"WARNINGS"},
			EnvironmentVariables: []definition.EnvironmentVariable{{Name: "TOKEN", Value: "lint", Type: "SECRETS_MANAGER"}, {Name: "LEVEL", Value: "2"}},
		},
		action("Test", definition.CodeBuildTest{ProjectName: "web-test"}, "Report"),
	)
	build.Actions[2].RunOrder = 3
	build.BeforeEntry = &definition.Conditions{Conditions: []definition.Condition{{Result: "SKIP", Rules: []definition.Rule{
		rule("Branch", definition.VariableCheckRule{Variable: "#{Fetch.BranchName}", Value: "^release/(?!old)", Operator: "MATCHES"}),
		rule("Ask", definition.LambdaInvokeRule{FunctionName: "may-build"}),
	}}}}
	build.OnSuccess = &definition.Conditions{Conditions: []definition.Condition{{Result: "FAIL", Rules: []definition.Rule{
		rule("Warnings", definition.VariableCheckRule{Variable: "#{Lint.WARNINGS}", Value: "0", Operator: "EQ"}),
		{Name: "Look", Provider: definition.CommandsRule{}, Commands: []string{"test -s report"}, Inputs: definition.Artifacts("Report")},
	}}}}
	build.OnFailure = &definition.OnFailure{Result: "RETRY", Retry: &definition.Retry{Mode: pipeline.RetryFailedActions}}
	deploy := &p.Stages[2]
	deploy.Actions = append([]definition.Action{
		{Name: "Approve", Provider: definition.ManualApproval{
			NotificationARN: "arn:aws:sns:eu-west-1:111122223333:approvals", CustomData: "#{Fetch.CommitMessage} to #{variables.Environment}",
			ExternalEntityLink: "https://example.com/#{Fetch.CommitId}"}, TimeoutInMinutes: 60},
	}, deploy.Actions...)
	deploy.Actions[1].RunOrder = 2
	deploy.Actions = append(deploy.Actions,
		definition.Action{Name: "Stack", RunOrder: 2, Region: "eu-central-1", RoleARN: role, Namespace: "Stack", Inputs: definition.Artifacts("Binary"),
			Provider: definition.CloudFormation{ActionMode: "CREATE_UPDATE", StackName: "web", RoleARN: role, TemplatePath: "Binary::template.yaml",
				Capabilities: "CAPABILITY_IAM,CAPABILITY_AUTO_EXPAND", ParameterOverrides: `{"Environment":"#{variables.Environment}"}`}},
		action("Smoke", definition.LambdaInvoke{FunctionName: "smoke", UserParameters: "#{Stack.Url}"}, ""),
		action("Next", definition.PipelineInvoke{PipelineName: "docs", Variables: `[{"name":"commit","value":"#{Fetch.CommitId}"}]`}, ""),
		action("Machine", definition.StepFunctions{StateMachineARN: "arn:aws:states:eu-west-1:111122223333:stateMachine:m", Input: `{"id":"#{codepipeline.PipelineExecutionId}"}`}, ""),
	)
	for i := 3; i < len(deploy.Actions); i++ {
		deploy.Actions[i].RunOrder = 3
	}
	deploy.BeforeEntry = &definition.Conditions{Conditions: []definition.Condition{{Result: "FAIL", Rules: []definition.Rule{
		rule("Office", definition.DeploymentWindowRule{Cron: "* * 9-16 ? * MON-FRI", TimeZone: "Europe/Berlin"}),
		rule("Quiet", definition.CloudWatchAlarmRule{AlarmName: "errors", AlarmStates: "ALARM", WaitTime: "5"}),
		rule("Build", definition.CodeBuildRule{ProjectName: "gate"}),
	}}}}
	deploy.OnFailure = &definition.OnFailure{Conditions: []definition.Condition{{Result: "ROLLBACK", Rules: []definition.Rule{
		rule("Alarm", definition.CloudWatchAlarmRule{AlarmName: "errors"}),
	}}}}
	return p
}

// messages returns the findings as texts.
func messages(findings []definition.Finding) []string {
	var list []string
	for _, f := range findings {
		list = append(list, f.String())
	}
	return list
}

// inIreland checks with all that is known.
func inIreland(o *definition.CheckOptions) { o.Region = "eu-west-1" }

func TestClean(t *testing.T) {
	t.Parallel()
	for _, p := range []*definition.Pipeline{web(), everything()} {
		rules, err := p.EventRules()
		if err != nil {
			t.Fatal(err)
		}
		findings := p.Check(inIreland, func(o *definition.CheckOptions) { o.EventRules = rules })
		if len(findings) > 0 {
			t.Errorf("%s: %q", p.Name, messages(findings))
		}
	}
}
