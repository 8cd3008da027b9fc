package diagram_test

import (
	"fmt"
	"time"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/pipeline"
	"github.com/codesuite-go/codesuite/pipeline/definition"
	"github.com/codesuite-go/codesuite/pipeline/diagram"
)

// sample is a picture with its golden files.
type sample struct {
	name      string
	structure *definition.Pipeline
	options   func(*diagram.Options)
	readme    bool // in both themes, for <picture>
}

// samples are the pictures below testdata.
func samples() []sample {
	return []sample{
		{name: "site", structure: site()},
		{name: "shop", structure: shop()},
		{name: "shop-failed", structure: shop(), options: func(o *diagram.Options) { o.Execution = failedShop() }},
		{name: "shop-waiting", structure: shop(), readme: true, options: func(o *diagram.Options) { o.Execution = waitingShop() }},
		{name: "shop-frozen", structure: shop(), options: func(o *diagram.Options) {
			o.Execution = waitingShop()
			o.Disabled = map[string]string{"Production": "Freeze until Monday"}
		}},
		{name: "everything", structure: everything()},
		{name: "shop-gates", structure: shop(), options: func(o *diagram.Options) { o.Execution = gatedShop() }},
		{name: "states", options: func(o *diagram.Options) { o.Execution = allStates() }},
		{name: "phone", structure: shop(), options: func(o *diagram.Options) { o.Execution, o.Width = waitingShop(), 400 }},
		{name: "long", structure: long()},
		{name: "odd", structure: odd()},
		{name: "alone", options: func(o *diagram.Options) { o.Execution = failedShop() }},
	}
}

// site is a small pipeline.
func site() *definition.Pipeline {
	return &definition.Pipeline{
		Name: "site", Type: definition.PipelineTypeV2,
		Stages: []definition.Stage{
			{Name: "Source", Actions: []definition.Action{{
				Name: "Fetch", Outputs: definition.Artifacts("Source"),
				Provider: definition.CodeCommitSource{RepositoryName: "site", BranchName: "main", PollForSourceChanges: "false"},
			}}},
			{Name: "Build", Actions: []definition.Action{{
				Name: "Render", Provider: definition.CodeBuild{ProjectName: "site"},
				Inputs: definition.Artifacts("Source"), Outputs: definition.Artifacts("Pages"),
			}}},
			{Name: "Deploy", Actions: []definition.Action{{
				Name: "Publish", Provider: definition.S3Deploy{BucketName: "www", Extract: "true"}, Inputs: definition.Artifacts("Pages"),
			}}},
		},
	}
}

func rule(name string, p definition.Provider) definition.Rule {
	return definition.Rule{Name: name, Provider: p}
}

// shop is a pipeline as a team has it.
func shop() *definition.Pipeline {
	return &definition.Pipeline{
		Name: "shop", Type: definition.PipelineTypeV2, ExecutionMode: pipeline.ModeQueued, Version: 12,
		Triggers: []definition.Trigger{definition.OnPush("Fetch", definition.PushTrigger{
			Branches:  &definition.Patterns{Includes: []string{"main", "release/**"}},
			FilePaths: &definition.Patterns{Excludes: []string{"docs/**"}},
		})},
		Stages: []definition.Stage{
			{Name: "Source", Actions: []definition.Action{{
				Name: "Fetch", Namespace: "Fetch", Outputs: definition.Artifacts("Source"),
				Provider: definition.ConnectionSource{FullRepositoryID: "octo/shop", BranchName: "main"},
			}}},
			{
				Name: "Build",
				Actions: []definition.Action{
					{Name: "Compile", Provider: definition.CodeBuild{ProjectName: "shop"}, Inputs: definition.Artifacts("Source"), Outputs: definition.Artifacts("Binary")},
					{Name: "Lint", Provider: definition.Commands{}, Commands: []string{"make lint"}, Namespace: "Lint", OutputVariables: []string{"WARNINGS"}, Inputs: definition.Artifacts("Source")},
					{Name: "Integration", RunOrder: 2, Provider: definition.CodeBuildTest{ProjectName: "shop-tests"}, Inputs: definition.Artifacts("Source", "Binary")},
				},
				OnSuccess: &definition.Conditions{Conditions: []definition.Condition{{Result: definition.ResultFail, Rules: []definition.Rule{
					rule("NoWarnings", definition.VariableCheckRule{Variable: "#{Lint.WARNINGS}", Value: "0", Operator: "EQ"}),
				}}}},
				OnFailure: &definition.OnFailure{Result: definition.ResultRetry, Retry: &definition.Retry{Mode: pipeline.RetryFailedActions}},
			},
			{Name: "Staging", Actions: []definition.Action{
				{Name: "Release", Provider: definition.ECSDeploy{ClusterName: "staging", ServiceName: "shop"}, Inputs: definition.Artifacts("Binary")},
				{Name: "Smoke", RunOrder: 2, Provider: definition.LambdaInvoke{FunctionName: "smoke-test"}},
				{Name: "Approve", RunOrder: 3, Provider: definition.ManualApproval{}},
			}},
			{
				Name: "Production",
				Actions: []definition.Action{
					{Name: "Ireland", Provider: definition.ECSDeploy{ClusterName: "live", ServiceName: "shop"}, Inputs: definition.Artifacts("Binary")},
					{Name: "Oregon", Region: "us-west-2", Provider: definition.ECSDeploy{ClusterName: "live", ServiceName: "shop"}, Inputs: definition.Artifacts("Binary")},
				},
				BeforeEntry: &definition.Conditions{Conditions: []definition.Condition{{Result: definition.ResultFail, Rules: []definition.Rule{
					rule("OfficeHours", definition.DeploymentWindowRule{Cron: "* * 9-16 ? * MON-FRI"}),
					rule("Quiet", definition.CloudWatchAlarmRule{AlarmName: "errors"}),
				}}}},
				OnFailure: &definition.OnFailure{Result: definition.ResultRollback},
			},
		},
	}
}

// at is a moment so many seconds after the start.
func at(seconds int) time.Time {
	return time.Date(2026, 11, 28, 9, 30, 0, 0, time.UTC).Add(time.Duration(seconds) * time.Second)
}

func run(stage, action, category, provider string, status pipeline.ActionStatus, start, end int) pipeline.ActionExecution {
	return pipeline.ActionExecution{
		Stage: stage, Action: action, Status: status, Runs: 1, Started: at(start), Updated: at(end),
		Type: events.ActionType{Category: category, Owner: "AWS", Provider: provider, Version: "1"},
	}
}

func shopExecution(status pipeline.Status, runs ...pipeline.ActionExecution) *pipeline.Execution {
	return &pipeline.Execution{
		Pipeline: "shop", ID: "3f1c9f2e-6f0c-4f0e-9c55-1d7a3b2f8a10", PipelineVersion: 12, Status: status, Mode: pipeline.ModeQueued,
		Trigger: pipeline.Trigger{Type: "WebhookV2"}, Started: at(0), Attempts: 1, Actions: runs,
		Revisions: []pipeline.Revision{{
			Stage: "Source", Action: "Fetch", Artifact: "Source", Repository: "octo/shop", Branch: "main",
			ID: "9fceb02d0ae598e95dc970b74767f19372d61af8", Message: "Round prices up to the cent\n\nNot to the euro.",
		}},
	}
}

// failedShop is an execution whose retried action failed again.
func failedShop() *pipeline.Execution {
	integration := run("Build", "Integration", "Test", "CodeBuild", pipeline.ActionFailed, 300, 452)
	integration.Runs, integration.ErrorCode = 2, "JobFailed"
	e := shopExecution(pipeline.StatusFailed,
		run("Source", "Fetch", "Source", "CodeStarSourceConnection", pipeline.ActionSucceeded, 0, 4),
		run("Build", "Compile", "Build", "CodeBuild", pipeline.ActionSucceeded, 5, 135),
		run("Build", "Lint", "Compute", "Commands", pipeline.ActionSucceeded, 5, 48),
		integration,
	)
	e.Attempts = 2
	return e
}

// waitingShop is an execution that waits for approval.
func waitingShop() *pipeline.Execution {
	return shopExecution(pipeline.StatusInProgress,
		run("Source", "Fetch", "Source", "CodeStarSourceConnection", pipeline.ActionSucceeded, 0, 4),
		run("Build", "Compile", "Build", "CodeBuild", pipeline.ActionSucceeded, 5, 135),
		run("Build", "Lint", "Compute", "Commands", pipeline.ActionSucceeded, 5, 48),
		run("Build", "Integration", "Test", "CodeBuild", pipeline.ActionSucceeded, 136, 402),
		run("Staging", "Release", "Deploy", "ECS", pipeline.ActionSucceeded, 403, 581),
		run("Staging", "Smoke", "Invoke", "Lambda", pipeline.ActionSucceeded, 582, 590),
		run("Staging", "Approve", "Approval", "Manual", pipeline.ActionInProgress, 591, 591),
	)
}

// gatedShop is an execution whose build has retried itself and was overridden, and
// that may not enter production.
func gatedShop() *pipeline.Execution {
	e := waitingShop()
	e.Status, e.Attempts = pipeline.StatusFailed, 2
	last := &e.Actions[len(e.Actions)-1]
	last.Status, last.Updated = pipeline.ActionSucceeded, at(7000)
	e.Actions[3].Runs = 2
	ruled := func(name, provider string, status pipeline.RuleStatus) pipeline.RuleExecution {
		return pipeline.RuleExecution{ID: name, Rule: name, Provider: provider, Status: status}
	}
	e.Stages = []pipeline.StageExecution{
		{Name: "Source", Status: pipeline.StageSucceeded, Attempt: 1},
		{Name: "Build", Status: pipeline.StageSucceeded, Attempt: 2, AutomaticRetries: 1, Conditions: []pipeline.ConditionExecution{
			{Type: pipeline.ConditionOnSuccess, Result: "FAIL", Status: pipeline.ConditionOverridden, Rules: []pipeline.RuleExecution{ruled("NoWarnings", "VariableCheck", pipeline.RuleFailed)}},
		}},
		{Name: "Staging", Status: pipeline.StageSucceeded, Attempt: 1},
		{Name: "Production", Status: pipeline.StageFailed, Attempt: 1, Conditions: []pipeline.ConditionExecution{
			{Type: pipeline.ConditionBeforeEntry, Result: "FAIL", Status: pipeline.ConditionFailed, Rules: []pipeline.RuleExecution{
				ruled("OfficeHours", "DeploymentWindow", pipeline.RuleSucceeded), ruled("Quiet", "CloudWatchAlarm", pipeline.RuleFailed),
			}},
		}},
	}
	return e
}

// allStates has all states that the API has, and one that it may get.
func allStates() *pipeline.Execution {
	e := &pipeline.Execution{Pipeline: "states", ID: "1", Status: pipeline.StatusSuperseded, Started: at(0)}
	for i, status := range []pipeline.StageStatus{
		pipeline.StageSucceeded, pipeline.StageInProgress, pipeline.StageFailed, pipeline.StageStopping, pipeline.StageStopped, pipeline.StageCancelled, pipeline.StageSkipped, "Pausing", "",
	} {
		name := fmt.Sprintf("Stage%d", i+1)
		e.Stages = append(e.Stages, pipeline.StageExecution{Name: name, Status: status, Attempt: 1})
		actions := []pipeline.ActionStatus{pipeline.ActionSucceeded, pipeline.ActionInProgress, pipeline.ActionFailed, pipeline.ActionAbandoned}
		if i < len(actions) {
			e.Actions = append(e.Actions, run(name, "Action", "Build", "CodeBuild", actions[i], 10*i, 10*i+5))
		}
		conditions := []pipeline.ConditionStatus{pipeline.ConditionSucceeded, pipeline.ConditionInProgress, pipeline.ConditionFailed, pipeline.ConditionErrored, pipeline.ConditionCancelled, pipeline.ConditionAbandoned, pipeline.ConditionOverridden, "Pausing"}
		if i < len(conditions) {
			e.Stages[i].Conditions = []pipeline.ConditionExecution{{Type: pipeline.ConditionOnSuccess, Result: "ROLLBACK", Status: conditions[i]}}
		}
	}
	e.Actions = append(e.Actions, run("Stage9", "Review", "Approval", "Manual", pipeline.ActionInProgress, 50, 50))
	return e
}

// everything has an action of every category and all that a picture shows.
func everything() *definition.Pipeline {
	p := shop()
	p.Name = "everything"
	p.Variables = []definition.Variable{{Name: "Environment", DefaultValue: "staging"}, {Name: "Level", DefaultValue: "1"}}
	p.Triggers = append(p.Triggers, definition.OnPullRequest("Fetch", definition.PullRequestTrigger{
		Events: []string{"OPEN", "UPDATED"}, Branches: &definition.Patterns{Includes: []string{"main"}},
	}), definition.OnPush("Fetch", definition.PushTrigger{Tags: &definition.Patterns{Includes: []string{"v*"}, Excludes: []string{"v0.*"}}}))
	p.Stages[0].Actions = append(p.Stages[0].Actions,
		definition.Action{Name: "Image", Outputs: definition.Artifacts("Image"), Provider: definition.ECRSource{RepositoryName: "base"}},
		definition.Action{Name: "Data", Outputs: definition.Artifacts("Data"), Provider: definition.S3Source{S3Bucket: "data", S3ObjectKey: "data.zip"}},
		definition.Action{Name: "Old", Outputs: definition.Artifacts("Old"), Provider: definition.GitHubSource{Owner: "octo", Repo: "old", Branch: "main", OAuthToken: "ghp_hidden"}},
	)
	p.Stages[1].BeforeEntry = &definition.Conditions{Conditions: []definition.Condition{{Result: definition.ResultSkip, Rules: []definition.Rule{
		rule("Branch", definition.VariableCheckRule{}), rule("Ask", definition.LambdaInvokeRule{FunctionName: "may-build"}),
	}}}}
	p.Stages[1].OnFailure.Retry.Mode = pipeline.RetryAllActions
	p.Stages[2].OnFailure = &definition.OnFailure{Conditions: []definition.Condition{{Result: definition.ResultRollback, Rules: []definition.Rule{
		rule("Alarm", definition.CloudWatchAlarmRule{AlarmName: "errors"}),
	}}}}
	p.Stages = append(p.Stages, definition.Stage{Name: "After", Actions: []definition.Action{
		{Name: "Stack", Provider: definition.CloudFormation{StackName: "shop"}, Namespace: "Stack"},
		{Name: "Next", Provider: definition.PipelineInvoke{PipelineName: "docs"}},
		{Name: "Machine", RunOrder: 2, Provider: definition.StepFunctions{StateMachineARN: "arn:aws:states:eu-west-1:111122223333:stateMachine:nightly"}},
		{Name: "Scan", RunOrder: 2, Provider: definition.Custom{
			Type:          definition.ActionType{Category: "Test", Owner: "Custom", Provider: "Scanner", Version: "3"},
			Configuration: map[string]string{"Password": "hidden"},
		}},
		{Name: "None", RunOrder: 3},
	}})
	return p
}

// long has twenty stages.
func long() *definition.Pipeline {
	p := site()
	p.Name = "long"
	for i := range 17 {
		s := definition.Stage{Name: fmt.Sprintf("Region-%d", i+1)}
		for j := range i%3 + 1 {
			s.Actions = append(s.Actions, definition.Action{
				Name: fmt.Sprintf("Deploy-%d", j+1), RunOrder: j%2 + 1, Region: "eu-central-1",
				Provider: definition.CloudFormation{StackName: fmt.Sprintf("stack-%d-%d", i, j)}, Inputs: definition.Artifacts("Pages"),
			})
		}
		p.Stages = append(p.Stages, s)
	}
	return p
}

// odd has names that the service refuses, and long ones that it takes.
func odd() *definition.Pipeline {
	const name = "A-very-long-name-of-an-action-that-somebody-has-taken-from-the-title-of-a-ticket-with-all-its-words-x"
	names := []string{
		name[:100], `<script>alert("&'")</script>`, "线上环境部署流水线确认审批和回滚步骤说明", "🚀🚀🚀 ship it 👩‍👩‍👧‍👦 now or never 🚀🚀", "שלום עולם טוב",
		"override \u202egnp.exe", "bell\a and \x00 zero\nline", "invalid \xff\xfe", "", "e\u0301e\u0301e\u0301 combining", "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW", "iiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiii",
	}
	p := &definition.Pipeline{Name: `odd <&>"' names ` + name, Stages: []definition.Stage{}}
	for i := range 6 {
		s := definition.Stage{Name: names[i]}
		for j := range 4 {
			n := names[(i*2+j)%len(names)]
			s.Actions = append(s.Actions, definition.Action{
				Name: n, RunOrder: j/2 + 1, Namespace: n, Region: n, Inputs: definition.Artifacts(n, n), Outputs: definition.Artifacts(n),
				Provider: definition.CodeBuild{ProjectName: n},
			})
		}
		p.Stages = append(p.Stages, s)
	}
	return p
}
