package pipelinetest_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/pipeline/actiontype"
	"github.com/codesuite-go/codesuite/pipeline/definition"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

var packType = actiontype.Type{
	Category: "Build", Provider: "Pack", Version: "1", Inputs: actiontype.ArtifactCount{Min: 1, Max: 1}, Outputs: actiontype.ArtifactCount{Min: 0, Max: 1},
	Properties: []actiontype.Property{{Name: "Level", Required: true}},
}

// categories is a structure with actions of every category and rules of every
// provider.
func categories() *definition.Pipeline {
	const role = "arn:aws:iam::111122223333:role/service"
	do := func(name string, order int, p definition.Provider, inputs ...string) definition.Action {
		return definition.Action{Name: name, RunOrder: order, Provider: p, Inputs: definition.Artifacts(inputs...)}
	}
	rules := func(result definition.ConditionResult, rules ...definition.Rule) *definition.Conditions {
		return &definition.Conditions{Conditions: []definition.Condition{{Result: result, Rules: rules}}}
	}
	source := do("Fetch", 1, definition.ConnectionSource{
		ConnectionARN: "arn:aws:codeconnections:us-east-1:111122223333:connection/1", FullRepositoryID: "octo/site", BranchName: "main"})
	source.Namespace, source.Outputs = "Fetch", definition.Artifacts("Source")
	compile := do("Compile", 1, definition.CodeBuild{ProjectName: "site"}, "Source")
	compile.Outputs = definition.Artifacts("Site")
	lint := do("Lint", 1, definition.Commands{}, "Source")
	lint.Namespace, lint.Commands, lint.OutputVariables = "Lint", []string{"export WARNINGS=0", "echo #{Fetch.CommitId}"}, []string{"WARNINGS"}
	scan := do("Scan", 3, definition.InspectorScan{InspectorRunMode: "SourceCodeScan"}, "Source")
	scan.Outputs = definition.Artifacts("Bill")
	stack := do("Stack", 2, definition.CloudFormation{ActionMode: "CREATE_UPDATE", StackName: "site", RoleARN: role, TemplatePath: "Site::template.yaml",
		ParameterOverrides: `{"Stage":"#{variables.Stage}"}`}, "Site")
	return &definition.Pipeline{
		Name: "site", RoleARN: role, Type: definition.PipelineTypeV2, ArtifactStore: definition.Bucket("artifacts", ""),
		Variables: []definition.Variable{{Name: "Stage", DefaultValue: "live"}},
		Triggers: []definition.Trigger{definition.OnPush("Fetch", definition.PushTrigger{
			Branches: &definition.Patterns{Includes: []string{"main", "release/**"}}, FilePaths: &definition.Patterns{Excludes: []string{"docs/**"}}})},
		Stages: []definition.Stage{
			{Name: "Source", Actions: []definition.Action{source}},
			{Name: "Build", Actions: []definition.Action{
				compile, lint,
				do("Pack", 2, definition.Custom{Type: definition.ActionType{Category: "Build", Owner: "Custom", Provider: "Pack", Version: "1"},
					Configuration: map[string]string{"Level": "9"}}, "Site"),
				do("Test", 2, definition.CodeBuildTest{ProjectName: "site-test"}, "Site"),
				scan,
			},
				OnSuccess: rules("FAIL",
					definition.Rule{Name: "Clean", Provider: definition.VariableCheckRule{Variable: "#{Lint.WARNINGS}", Value: "0", Operator: "EQ"}},
					definition.Rule{Name: "Gate", Provider: definition.CodeBuildRule{ProjectName: "gate"}},
					definition.Rule{Name: "Look", Provider: definition.CommandsRule{}, Commands: []string{"test -s index.html"}, Inputs: definition.Artifacts("Site")}),
				OnFailure: &definition.OnFailure{Result: "RETRY"},
			},
			{Name: "Deploy", Actions: []definition.Action{
				do("Approve", 1, definition.ManualApproval{NotificationARN: "arn:aws:sns:us-east-1:111122223333:ask", CustomData: "#{Fetch.CommitMessage}"}),
				do("Upload", 2, definition.S3Deploy{BucketName: "www", Extract: "true"}, "Site"), stack,
				do("Roll", 2, definition.EC2Deploy{InstanceTagKey: "Fleet", InstanceTagValue: "web", InstanceType: "EC2", DeploySpec: "deployspec.yml"}, "Site"),
				do("Smoke", 3, definition.LambdaInvoke{FunctionName: "smoke", UserParameters: "#{codepipeline.PipelineExecutionId}"}, "Bill"),
				do("Machine", 3, definition.StepFunctions{StateMachineARN: "arn:aws:states:us-east-1:111122223333:stateMachine:m", Input: "{}"}),
				do("Docs", 3, definition.PipelineInvoke{PipelineName: "docs"}),
			},
				BeforeEntry: rules("FAIL",
					definition.Rule{Name: "Office", Provider: definition.DeploymentWindowRule{Cron: "* * 9-16 ? * MON-FRI", TimeZone: "UTC"}},
					definition.Rule{Name: "Quiet", Provider: definition.CloudWatchAlarmRule{AlarmName: "errors"}},
					definition.Rule{Name: "Ask", Provider: definition.LambdaInvokeRule{FunctionName: "may-deploy"}}),
				OnFailure: &definition.OnFailure{Conditions: rules("ROLLBACK", definition.Rule{Name: "Loud", Provider: definition.CloudWatchAlarmRule{AlarmName: "errors"}}).Conditions},
			},
		},
	}
}

// A structure of every category runs through conditions, an automatic retry, a job, an
// approval and invocations to its end.
func TestEveryCategory(t *testing.T) {
	t.Parallel()
	p := categories()
	for _, f := range p.Check(func(o *definition.CheckOptions) { o.Types = []actiontype.Type{packType} }) {
		t.Errorf("the structure is not clean: %+v", f)
	}
	server, client := newServer(t, short("docs"))
	now := start.Add(-8 * time.Hour) // before the window
	server.SetClock(func() time.Time { return now })
	if _, err := packType.Ensure(t.Context(), client); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Create(t.Context(), client, func(o *definition.Options) { o.Types = []actiontype.Type{packType} }); err != nil {
		t.Fatal(err)
	}
	server.SetSimulation(pipelinetest.Simulation{Run: func(r pipelinetest.ActionRun) (pipelinetest.Outcome, bool) {
		if r.Action != "Test" {
			return pipelinetest.Outcome{}, false
		}
		return failFirst(r), true
	}})
	server.OnInvoke(func(function string, payload []byte) {
		var event map[string]struct{ ID string }
		if err := json.Unmarshal(payload, &event); err != nil || function != "smoke" {
			t.Errorf("invoked %s: %v", function, err)
		}
		id := event["CodePipeline.job"].ID
		if _, err := client.PutJobSuccessResult(t.Context(), &awscodepipeline.PutJobSuccessResultInput{JobId: &id}); err != nil {
			t.Error(err)
		}
	})
	server.Settle()
	first, err := client.ListPipelineExecutions(t.Context(), &awscodepipeline.ListPipelineExecutionsInput{PipelineName: &p.Name})
	if err != nil {
		t.Fatal(err)
	}
	if err := stop(t.Context(), client, p.Name, *first.PipelineExecutionSummaries[0].PipelineExecutionId, true); err != nil { // that of the creation
		t.Fatal(err)
	}
	server.Settle()
	if started, err := server.Push(pipelinetest.Push{Repository: "octo/site", Branch: "main", Changed: []string{"docs/a.md"}}); err != nil || len(started) > 0 {
		t.Fatalf("a push of documents starts %v, %v", started, err)
	}
	started, err := server.Push(pipelinetest.Push{Repository: "octo/site", Branch: "release/1", Changed: []string{"index.html"}, Commit: pipelinetest.Commit{
		ID: "5ca1ab1e", Message: "Ship it", Files: fstest.MapFS{"index.html": {Data: []byte("<h1>")}, "img/a.svg": {Data: []byte("<svg/>")}},
	}})
	names(t, started, err)
	id := started[0].ExecutionID

	// The custom action waits for a worker, in both attempts if it is not done.
	server.Settle()
	polled, err := client.PollForJobs(t.Context(), &awscodepipeline.PollForJobsInput{
		ActionTypeId: &types.ActionTypeId{Category: "Build", Owner: "Custom", Provider: &packType.Provider, Version: &packType.Version}, MaxBatchSize: aws.Int32(5)})
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(polled.Jobs, func(j types.Job) bool { return *j.Data.PipelineContext.PipelineName == p.Name })
	if i < 0 {
		t.Fatalf("%d jobs, none of the pipeline", len(polled.Jobs))
	}
	job := polled.Jobs[i]
	if _, err := client.AcknowledgeJob(t.Context(), &awscodepipeline.AcknowledgeJobInput{JobId: job.Id, Nonce: job.Nonce}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.PutJobSuccessResult(t.Context(), &awscodepipeline.PutJobSuccessResultInput{JobId: job.Id}); err != nil {
		t.Fatal(err)
	}
	server.Settle()
	state := func() types.StageState {
		out, err := client.GetPipelineState(t.Context(), &awscodepipeline.GetPipelineStateInput{Name: &p.Name})
		if err != nil {
			t.Fatal(err)
		}
		if r := out.StageStates[1].RetryStageMetadata; r == nil || aws.ToInt32(r.AutoStageRetryAttempt) != 1 || r.LatestRetryTrigger != types.RetryTriggerAutomatedStageRetry {
			t.Errorf("retries %+v", r)
		}
		return out.StageStates[2]
	}
	rules := state().BeforeEntryConditionState.ConditionStates[0].RuleStates
	if got := rules[0].LatestExecution.Status; got != types.RuleExecutionStatusInProgress {
		t.Errorf("the rule of the window is %s before it opens", got)
	}
	now = start // within it
	server.Settle()

	// The message of the approval has the token.
	list := server.Notifications()
	if len(list) == 0 {
		t.Fatal("nobody was asked for the approval")
	}
	event, err := events.Decode(list[len(list)-1].Message)
	if err != nil {
		t.Fatal(err)
	}
	request := event.(*events.ApprovalRequest)
	equal(t, "custom data", "Ship it", request.CustomData)
	if _, err := client.PutApprovalResult(t.Context(), &awscodepipeline.PutApprovalResultInput{
		PipelineName: &p.Name, StageName: &request.Stage, ActionName: &request.Action, Token: aws.String(request.Token.Reveal()),
		Result: &types.ApprovalResult{Status: types.ApprovalStatusApproved, Summary: aws.String("fine")},
	}); err != nil {
		t.Fatal(err)
	}
	server.Settle()

	// The other pipeline waits for an approval of its own.
	docs, err := client.ListPipelineExecutions(t.Context(), &awscodepipeline.ListPipelineExecutionsInput{PipelineName: aws.String("docs")})
	if err != nil || len(docs.PipelineExecutionSummaries) != 1 {
		t.Fatalf("executions of the other pipeline: %+v, %v", docs, err)
	}
	if err := server.Finish(*docs.PipelineExecutionSummaries[0].PipelineExecutionId, "Approve", "Approve", pipelinetest.Outcome{}); err != nil {
		t.Fatal(err)
	}
	server.Settle()

	e := get(t, client, p.Name, id)
	equal(t, "status", types.PipelineExecutionStatusSucceeded, e.Status)
	equal(t, "trigger", types.TriggerTypeWebhookV2, e.Trigger.TriggerType)
	runs := make(map[string]int)
	for _, d := range actions(t, client, p.Name, id) {
		runs[*d.ActionName+" "+string(d.Status)]++
	}
	diff(t, "actions", map[string]int{
		"Fetch Succeeded": 1, "Compile Succeeded": 1, "Lint Succeeded": 1, "Pack Succeeded": 1, "Test Failed": 1, "Test Succeeded": 1, "Scan Succeeded": 1,
		"Approve Succeeded": 1, "Upload Succeeded": 1, "Stack Succeeded": 1, "Roll Succeeded": 1, "Smoke Succeeded": 1, "Machine Succeeded": 1, "Docs Succeeded": 1,
	}, runs)
	executed, err := client.ListRuleExecutions(t.Context(), &awscodepipeline.ListRuleExecutionsInput{PipelineName: &p.Name, Filter: &types.RuleExecutionFilter{PipelineExecutionId: &id}})
	if err != nil {
		t.Fatal(err)
	}
	var checked []string
	for _, d := range executed.RuleExecutionDetails {
		checked = append(checked, *d.RuleName+" "+string(d.Status))
	}
	slices.Sort(checked)
	equal(t, "rules", "Ask Succeeded, Clean Succeeded, Gate Succeeded, Look Succeeded, Office Succeeded, Quiet Succeeded", strings.Join(checked, ", "))
	if content, _ := server.Object("www", "img/a.svg"); string(content) != "<svg/>" {
		t.Errorf("the deployed file is %q", content)
	}
}
