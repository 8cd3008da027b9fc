package pipelinetest_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"

	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

func failed(pipelinetest.RuleRun) pipelinetest.Outcome {
	return pipelinetest.Outcome{State: pipelinetest.StateFailed, Summary: "the alarm rings"}
}

// condition returns a condition with one rule.
func condition(result string, run func(pipelinetest.RuleRun) pipelinetest.Outcome) *pipelinetest.Condition {
	return &pipelinetest.Condition{Result: result, Rules: []pipelinetest.Rule{{
		Name: "Alarm", Provider: "CloudWatchAlarm", Configuration: map[string]string{"AlarmName": "errors", "AlarmStates": "ALARM, INSUFFICIENT_DATA"}, Run: run,
	}}}
}

func failAction(pipelinetest.ActionRun) pipelinetest.Outcome {
	return pipelinetest.Outcome{State: pipelinetest.StateFailed}
}

func TestConditions(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		stage  pipelinetest.Stage // the second of three
		states string             // events of the second and the third stage, and the execution's
		status types.PipelineExecutionStatus
	}{
		{"entry that succeeds", pipelinetest.Stage{BeforeEntry: condition("FAIL", nil)},
			"Build STARTED, Build SUCCEEDED, Deploy STARTED, Deploy SUCCEEDED, SUCCEEDED", types.PipelineExecutionStatusSucceeded},
		{"entry that fails", pipelinetest.Stage{BeforeEntry: condition("FAIL", failed)},
			"Build STARTED, Build FAILED, FAILED", types.PipelineExecutionStatusFailed},
		{"entry that is skipped", pipelinetest.Stage{BeforeEntry: condition("SKIP", failed)},
			"Build STARTED, Build SUCCEEDED, Deploy STARTED, Deploy SUCCEEDED, SUCCEEDED", types.PipelineExecutionStatusSucceeded},
		{"success that succeeds", pipelinetest.Stage{OnSuccess: condition("FAIL", nil)},
			"Build STARTED, Build SUCCEEDED, Deploy STARTED, Deploy SUCCEEDED, SUCCEEDED", types.PipelineExecutionStatusSucceeded},
		{"success that fails", pipelinetest.Stage{OnSuccess: condition("FAIL", failed)},
			"Build STARTED, Build FAILED, FAILED", types.PipelineExecutionStatusFailed},
		{"failure that fails", pipelinetest.Stage{Actions: fails(failAction), OnFailure: &pipelinetest.OnFailure{Result: "FAIL"}},
			"Build STARTED, Build FAILED, FAILED", types.PipelineExecutionStatusFailed},
		{"failure that is skipped", pipelinetest.Stage{Actions: fails(failAction), OnFailure: &pipelinetest.OnFailure{Result: "SKIP"}},
			"Build STARTED, Build SUCCEEDED, Deploy STARTED, Deploy SUCCEEDED, SUCCEEDED", types.PipelineExecutionStatusSucceeded},
		{"failure that is retried", pipelinetest.Stage{Actions: fails(failFirst), OnFailure: &pipelinetest.OnFailure{Result: "RETRY"}},
			"Build STARTED, Build RESUMED, Build SUCCEEDED, Deploy STARTED, Deploy SUCCEEDED, SUCCEEDED", types.PipelineExecutionStatusSucceeded},
		{"failure that is retried once only", pipelinetest.Stage{Actions: fails(failAction), OnFailure: &pipelinetest.OnFailure{Result: "RETRY", RetryMode: "ALL_ACTIONS"}},
			"Build STARTED, Build RESUMED, Build FAILED, FAILED", types.PipelineExecutionStatusFailed},
		{"failure whose rules fail", pipelinetest.Stage{Actions: fails(failAction), OnFailure: &pipelinetest.OnFailure{Condition: condition("ROLLBACK", failed)}},
			"Build STARTED, Build FAILED, FAILED", types.PipelineExecutionStatusFailed},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server, client := newServer(t, three(test.stage))
			id := begin(t, server, "app")
			server.Settle()
			var got []string
			for _, s := range states(t, server) {
				if !strings.Contains(s, "/") && !strings.HasPrefix(s, "Source") && s != "STARTED" {
					got = append(got, s)
				}
			}
			diff(t, "events", test.states, strings.Join(got, ", "))
			diff(t, "status", test.status, get(t, client, "app", id).Status)
		})
	}
}

func fails(run func(pipelinetest.ActionRun) pipelinetest.Outcome) []pipelinetest.Action {
	a := pipelinetest.CodeBuildAction("Compile", "app-build", "SourceArtifact")
	a.Run = run
	return []pipelinetest.Action{a}
}

// three returns a pipeline of three stages with conditions of the second.
func three(stage pipelinetest.Stage) pipelinetest.Pipeline {
	p := app()
	stage.Name = "Build"
	if stage.Actions == nil {
		stage.Actions = p.Stages[1].Actions
	}
	p.Stages[1] = stage
	return p
}

func state2(t testing.TB, client *awscodepipeline.Client) types.StageState {
	t.Helper()
	out, err := client.GetPipelineState(t.Context(), &awscodepipeline.GetPipelineStateInput{Name: aws.String("app")})
	if err != nil {
		t.Fatal(err)
	}
	return out.StageStates[1]
}

// A stage that fails goes back to the execution that has succeeded in it before.
func TestAutomaticRollback(t *testing.T) {
	t.Parallel()
	var first, second string
	later := func(id string) bool { // reports whether it is the second execution
		if id != first && second == "" {
			second = id
		}
		return id == second
	}
	for name, stage := range map[string]pipelinetest.Stage{
		"on success": {OnSuccess: condition("ROLLBACK", func(r pipelinetest.RuleRun) pipelinetest.Outcome {
			if later(r.ExecutionID) {
				return failed(r)
			}
			return pipelinetest.Outcome{}
		})},
		"on failure": {Actions: fails(func(r pipelinetest.ActionRun) pipelinetest.Outcome {
			if later(r.ExecutionID) {
				return failAction(r)
			}
			return pipelinetest.Outcome{}
		}), OnFailure: &pipelinetest.OnFailure{Condition: condition("ROLLBACK", nil)}},
		"on failure without rules": {Actions: fails(func(r pipelinetest.ActionRun) pipelinetest.Outcome {
			if later(r.ExecutionID) {
				return failAction(r)
			}
			return pipelinetest.Outcome{}
		}), OnFailure: &pipelinetest.OnFailure{Result: "ROLLBACK"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := three(stage)
			if len(stage.Actions) > 0 {
				p.Stages[2].Actions[0].Inputs = []string{"CompileArtifact"}
			}
			server, client := newServer(t, p)
			second = ""
			first = begin(t, server, "app")
			server.Settle()
			second = begin(t, server, "app")
			server.Settle()
			diff(t, "status of the second", types.PipelineExecutionStatusFailed, get(t, client, "app", second).Status)
			out, err := client.ListPipelineExecutions(t.Context(), &awscodepipeline.ListPipelineExecutionsInput{PipelineName: aws.String("app")})
			if err != nil {
				t.Fatal(err)
			}
			newest := out.PipelineExecutionSummaries[0]
			if newest.ExecutionType != types.ExecutionTypeRollback || aws.ToString(newest.RollbackMetadata.RollbackTargetPipelineExecutionId) != first ||
				newest.Trigger.TriggerType != types.TriggerTypeAutomatedRollback || newest.Status != types.PipelineExecutionStatusSucceeded {
				t.Errorf("the newest execution is %+v with %+v", newest, newest.Trigger)
			}
			// A rollback that fails itself ends there.
			if len(out.PipelineExecutionSummaries) != 3 {
				t.Errorf("%d executions, want 3", len(out.PipelineExecutionSummaries))
			}
		})
	}
}

func TestOverride(t *testing.T) {
	t.Parallel()
	waits := func(pipelinetest.RuleRun) pipelinetest.Outcome {
		return pipelinetest.Outcome{State: pipelinetest.StateInProgress}
	}
	for _, test := range []struct {
		name  string
		stage pipelinetest.Stage
		kind  types.ConditionType
		want  string // code of the error
	}{
		{"entry that waits", pipelinetest.Stage{BeforeEntry: condition("FAIL", waits)}, types.ConditionTypeBeforeEntry, ""},
		{"entry that has failed", pipelinetest.Stage{BeforeEntry: condition("FAIL", failed)}, types.ConditionTypeBeforeEntry, ""},
		{"success that waits", pipelinetest.Stage{OnSuccess: condition("ROLLBACK", waits)}, types.ConditionTypeOnSuccess, ""},
		{"success that has failed", pipelinetest.Stage{OnSuccess: condition("FAIL", failed)}, types.ConditionTypeOnSuccess, ""},
		{"no condition", pipelinetest.Stage{OnSuccess: condition("FAIL", failed)}, types.ConditionTypeBeforeEntry, "ConditionNotOverridableException"},
		{"skipped", pipelinetest.Stage{BeforeEntry: condition("SKIP", failed)}, types.ConditionTypeBeforeEntry, "ConditionNotOverridableException"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server, client := newServer(t, three(test.stage))
			id := begin(t, server, "app")
			server.Settle()
			_, err := client.OverrideStageCondition(t.Context(), &awscodepipeline.OverrideStageConditionInput{
				PipelineName: aws.String("app"), StageName: aws.String("Build"), PipelineExecutionId: &id, ConditionType: test.kind,
			})
			if test.want != "" {
				diff(t, "error", test.want, code(err))
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			server.Settle()
			diff(t, "status", types.PipelineExecutionStatusSucceeded, get(t, client, "app", id).Status)
			s := state2(t, client)
			checks := s.BeforeEntryConditionState
			if test.kind == types.ConditionTypeOnSuccess {
				checks = s.OnSuccessConditionState
			}
			diff(t, "condition", types.ConditionExecutionStatusOverridden, checks.LatestExecution.Status)
		})
	}
}

func TestConditionStates(t *testing.T) {
	t.Parallel()
	stage := pipelinetest.Stage{
		BeforeEntry: &pipelinetest.Condition{Result: "FAIL", Rules: []pipelinetest.Rule{
			{Name: "Branch", Provider: "VariableCheck", Configuration: map[string]string{"Variable": "#{variables.Branch}", "Operator": "MATCHES", "Value": "release/.+"}},
			{Name: "Script", Provider: "Commands", Commands: []string{"./check"}, Inputs: []string{"SourceArtifact"}},
		}},
	}
	p := three(stage)
	p.Variables = []pipelinetest.Variable{{Name: "Branch", DefaultValue: "main"}}
	server, client := newServer(t, p)
	id := begin(t, server, "app")
	server.Settle()
	s := state2(t, client)
	diff(t, "stage", types.StageExecutionStatusFailed, s.LatestExecution.Status)
	rules := s.BeforeEntryConditionState.ConditionStates[0].RuleStates
	diff(t, "rules", []types.RuleExecutionStatus{types.RuleExecutionStatusFailed, types.RuleExecutionStatusSucceeded},
		[]types.RuleExecutionStatus{rules[0].LatestExecution.Status, rules[1].LatestExecution.Status})
	diff(t, "summary", "'main' MATCHES 'release/.+' is false", aws.ToString(rules[0].LatestExecution.Summary))

	list, err := client.ListRuleExecutions(t.Context(), &awscodepipeline.ListRuleExecutionsInput{
		PipelineName: aws.String("app"), Filter: &types.RuleExecutionFilter{PipelineExecutionId: &id},
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(list.RuleExecutionDetails) != 2 {
		t.Fatalf("%d rule executions, want 2", len(list.RuleExecutionDetails))
	}
	last := list.RuleExecutionDetails[1]
	diff(t, "resolved configuration", map[string]string{"Variable": "main", "Operator": "MATCHES", "Value": "release/.+"}, last.Input.ResolvedConfiguration)
	diff(t, "error", "RuleFailed", aws.ToString(last.Output.ExecutionResult.ErrorDetails.Code))

	out, err := client.GetPipeline(t.Context(), &awscodepipeline.GetPipelineInput{Name: aws.String("app")})
	if err != nil {
		t.Fatal(err)
	}
	if got := out.Pipeline.Stages[1].BeforeEntry; len(got.Conditions) != 1 || got.Conditions[0].Result != types.ResultFail || len(got.Conditions[0].Rules) != 2 ||
		got.Conditions[0].Rules[1].Commands[0] != "./check" {
		t.Errorf("the structure shows %+v", got)
	}
	// What GetPipeline shows, UpdatePipeline takes, and the rules count as before.
	if _, err := client.UpdatePipeline(t.Context(), &awscodepipeline.UpdatePipelineInput{Pipeline: out.Pipeline}); err != nil {
		t.Fatal(err)
	}
	again := begin(t, server, "app")
	server.Settle()
	diff(t, "status", types.PipelineExecutionStatusFailed, get(t, client, "app", again).Status)

	kinds, err := client.ListRuleTypes(t.Context(), &awscodepipeline.ListRuleTypesInput{})
	if err != nil {
		t.Fatal(err)
	}
	if len(kinds.RuleTypes) != 6 {
		t.Errorf("%d rule types, want 6", len(kinds.RuleTypes))
	}
}

// A retry by hand looks at a condition that has failed again, and a retry by the
// stage itself is told as such.
func TestRetriesOfConditions(t *testing.T) {
	t.Parallel()
	server, client := newServer(t, three(pipelinetest.Stage{BeforeEntry: condition("FAIL", func(r pipelinetest.RuleRun) pipelinetest.Outcome {
		if r.Attempt == 1 {
			return failed(r)
		}
		return pipelinetest.Outcome{}
	})}))
	id := begin(t, server, "app")
	server.Settle()
	if _, err := client.RetryStageExecution(t.Context(), &awscodepipeline.RetryStageExecutionInput{
		PipelineName: aws.String("app"), StageName: aws.String("Build"), PipelineExecutionId: &id, RetryMode: types.StageRetryModeFailedActions,
	}); err != nil {
		t.Fatal(err)
	}
	server.Settle()
	diff(t, "status", types.PipelineExecutionStatusSucceeded, get(t, client, "app", id).Status)

	server, client = newServer(t, three(pipelinetest.Stage{Actions: fails(failAction), OnFailure: &pipelinetest.OnFailure{Result: "RETRY"}}))
	begin(t, server, "app")
	server.Settle()
	s := state2(t, client)
	if m := s.RetryStageMetadata; m == nil || aws.ToInt32(m.AutoStageRetryAttempt) != 1 || m.LatestRetryTrigger != types.RetryTriggerAutomatedStageRetry {
		t.Errorf("the retry is told as %+v", m)
	}
}

// A stopped execution ends after its rules, an abandoned one at once.
func TestStopInCondition(t *testing.T) {
	t.Parallel()
	for _, abandon := range []bool{false, true} {
		ends := false
		server, client := newServer(t, three(pipelinetest.Stage{BeforeEntry: condition("FAIL", func(pipelinetest.RuleRun) pipelinetest.Outcome {
			if ends {
				return pipelinetest.Outcome{}
			}
			return pipelinetest.Outcome{State: pipelinetest.StateInProgress}
		})}))
		id := begin(t, server, "app")
		server.Settle()
		if _, err := client.StopPipelineExecution(t.Context(), &awscodepipeline.StopPipelineExecutionInput{
			PipelineName: aws.String("app"), PipelineExecutionId: &id, Abandon: abandon,
		}); err != nil {
			t.Fatal(err)
		}
		server.Settle()
		if !abandon {
			diff(t, "status", types.PipelineExecutionStatusStopping, get(t, client, "app", id).Status)
			ends = true
			server.Settle()
		}
		diff(t, "status", types.PipelineExecutionStatusStopped, get(t, client, "app", id).Status)
	}
}

func TestBadConditions(t *testing.T) {
	t.Parallel()
	entry := func(change func(*pipelinetest.Condition)) pipelinetest.Stage {
		c := condition("FAIL", nil)
		change(c)
		return pipelinetest.Stage{BeforeEntry: c}
	}
	for _, test := range []struct {
		want  string
		stage pipelinetest.Stage
		mode  string
	}{
		{`beforeEntry: the result "ROLLBACK" is not one of`, pipelinetest.Stage{BeforeEntry: condition("ROLLBACK", nil)}, ""},
		{`onSuccess: the result "SKIP" is not one of`, pipelinetest.Stage{OnSuccess: condition("SKIP", nil)}, ""},
		{`onFailure: the result "FAIL" is not one of`, pipelinetest.Stage{OnFailure: &pipelinetest.OnFailure{Condition: condition("FAIL", nil)}}, ""},
		{"either a result or a condition", pipelinetest.Stage{OnFailure: &pipelinetest.OnFailure{}}, ""},
		{"is no result", pipelinetest.Stage{OnFailure: &pipelinetest.OnFailure{Result: "STOP"}}, ""},
		{"only the result RETRY", pipelinetest.Stage{OnFailure: &pipelinetest.OnFailure{Result: "FAIL", RetryMode: "ALL_ACTIONS"}}, ""},
		{"is no retry mode", pipelinetest.Stage{OnFailure: &pipelinetest.OnFailure{Result: "RETRY", RetryMode: "SOME"}}, ""},
		{"cannot be rolled back", pipelinetest.Stage{OnSuccess: condition("ROLLBACK", nil)}, "PARALLEL"},
		{"there are 0 rules", entry(func(c *pipelinetest.Condition) { c.Rules = nil }), ""},
		{"there is no rule provider", entry(func(c *pipelinetest.Condition) { c.Rules[0].Provider = "Moon" }), ""},
		{"the configuration lacks AlarmName", entry(func(c *pipelinetest.Condition) { c.Rules[0].Configuration = nil }), ""},
		{`AlarmStates is "BROKEN"`, entry(func(c *pipelinetest.Condition) { c.Rules[0].Configuration["AlarmStates"] = "OK,BROKEN" }), ""},
		{"has no configuration Name", entry(func(c *pipelinetest.Condition) { c.Rules[0].Configuration["Name"] = "x" }), ""},
		{"two rules have the name", entry(func(c *pipelinetest.Condition) { c.Rules = append(c.Rules, c.Rules[0]) }), ""},
		{"commands belong to", entry(func(c *pipelinetest.Condition) { c.Rules[0].Commands = []string{"ls"} }), ""},
	} {
		p := three(test.stage)
		p.ExecutionMode = test.mode
		server, err := pipelinetest.Start(p)
		if err == nil {
			server.Close()
		}
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v, want %q", err, test.want)
		}
	}
}
