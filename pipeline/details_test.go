package pipeline_test

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	awslogs "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/pipeline"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// guarded has a stage that retries itself, one with conditions at its entry and
// its success, and one with a condition on failure.
func guarded(mode string) pipelinetest.Pipeline {
	p := webPipeline()
	p.ExecutionMode = mode
	p.Stages[1].Actions = p.Stages[1].Actions[:1]
	p.Stages[1].OnFailure = &pipelinetest.OnFailure{Result: "RETRY"}
	p.Stages[1].Actions[0].Run = func(r pipelinetest.ActionRun) pipelinetest.Outcome {
		if r.Attempt == 1 {
			return pipelinetest.Outcome{State: pipelinetest.StateFailed, Summary: "Out of memory"}
		}
		return pipelinetest.Outcome{}
	}
	p.Stages[2].BeforeEntry = &pipelinetest.Condition{Result: "FAIL", Rules: []pipelinetest.Rule{
		{Name: "IsStaging", Provider: "VariableCheck", Configuration: map[string]string{"Variable": "#{variables.Environment}", "Value": "staging", "Operator": "EQ"}},
	}}
	p.Stages[2].OnSuccess = &pipelinetest.Condition{Result: "FAIL", Rules: []pipelinetest.Rule{
		{Name: "Smoke", Provider: "LambdaInvoke", Configuration: map[string]string{"FunctionName": "smoke"}, Run: func(pipelinetest.RuleRun) pipelinetest.Outcome {
			return pipelinetest.Outcome{State: pipelinetest.StateFailed, Summary: "Two checks failed", ExternalID: "request-1"}
		}},
		{Name: "Load", Provider: "LambdaInvoke", Configuration: map[string]string{"FunctionName": "load"}},
	}}
	return p
}

// anonymous leaves IDs out of the descriptions of changes.
func anonymous(c pipeline.Change) string {
	switch {
	case c.Rule != nil:
		return fmt.Sprint(c.Type, " ", c.Rule.Rule, " ", c.Rule.Status)
	case c.Action != nil && c.Target == nil:
		return fmt.Sprint(c.Type, " ", c.Action.Action, " ", c.Action.Status)
	}
	return describe(c)
}

// A watch of a server that advances once with each poll.
func TestServerWatchDetails(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"SUPERSEDED", "PARALLEL"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			server, client := newServer(t, guarded(mode))
			id := start(t, client, web)
			server.OnCall(func(operation string) {
				if operation == "GetPipelineExecution" {
					server.Advance()
				}
			})
			server.ResetCalls()
			var got []string
			var last *pipeline.Execution
			for change, err := range client.Watch(t.Context(), web, id) {
				if err != nil {
					t.Fatal(err)
				}
				if change.Type != pipeline.ChangeRevisionKnown {
					got = append(got, anonymous(change))
				}
				last = change.Execution
			}
			retried := "stage retried Build 2 1+0 AutomatedStageRetry"
			if mode == "PARALLEL" {
				retried = "stage retried Build 2 0+0 " // the API does not tell why
			}
			want := []string{
				"execution changed InProgress",
				"action started Checkout InProgress", "action ended Checkout Succeeded",
				"action started Compile InProgress", "action ended Compile Failed",
				retried,
				"action started Compile InProgress", "action ended Compile Succeeded",
				"rule started IsStaging InProgress", "condition changed Deploy BEFORE_ENTRY InProgress",
				"rule ended IsStaging Succeeded", "condition changed Deploy BEFORE_ENTRY Succeeded",
				"action started Rollout InProgress", "action ended Rollout Succeeded",
				"rule started Smoke InProgress", "rule started Load InProgress", "condition changed Deploy ON_SUCCESS InProgress",
				"rule ended Load Succeeded",
				"rule ended Smoke Failed",
				"condition changed Deploy ON_SUCCESS Failed",
				"execution changed Failed",
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("changes mismatch (-want +got):\n%s", diff)
			}
			polls := server.Count("GetPipelineExecution")
			calls := map[string]int{"GetPipeline": 1, "GetPipelineExecution": polls, "ListActionExecutions": polls, "ListRuleExecutions": polls, "GetPipelineState": polls}
			if mode == "PARALLEL" {
				delete(calls, "GetPipelineState")
			}
			if diff := cmp.Diff(calls, server.Calls()); diff != "" {
				t.Errorf("calls mismatch (-want +got):\n%s", diff)
			}

			var stages []string
			for _, s := range last.Stages {
				line := fmt.Sprintf("%s %s attempt %d", s.Name, s.Status, s.Attempt)
				for _, c := range s.Conditions {
					line += fmt.Sprintf(", %s %s %s", c.Type, c.Result, c.Status)
					for _, r := range c.Rules {
						line += fmt.Sprintf(" (%s %s %s %q %s %s %t)", r.Rule, r.Provider, r.Status, r.Summary, r.ExternalID, r.ErrorCode, r.Updated.IsZero() || c.Updated.Before(r.Updated))
					}
				}
				stages = append(stages, line)
			}
			wantStages := []string{
				"Source Succeeded attempt 1",
				"Build Succeeded attempt 2",
				"Deploy Failed attempt 1, BEFORE_ENTRY FAIL Succeeded (IsStaging VariableCheck Succeeded ",
			}
			if mode == "PARALLEL" {
				for i, status := range []string{"Succeeded", "Succeeded", "Failed"} { // the API does not have them
					wantStages[i] = strings.Replace(wantStages[i], status, "", 1)
				}
			}
			if len(stages) != len(wantStages) {
				t.Fatalf("stages %q", stages)
			}
			for i, want := range wantStages {
				if !strings.HasPrefix(stages[i], want) {
					t.Errorf("stage %q, want %q", stages[i], want)
				}
			}
			const smoke = `, ON_SUCCESS FAIL Failed (Smoke LambdaInvoke Failed "Two checks failed" request-1 RuleFailed false) (Load LambdaInvoke Succeeded `
			if !strings.Contains(stages[2], smoke) {
				t.Errorf("stage %q, want %q in it", stages[2], smoke)
			}
			server.OnCall(nil)
			details, err := client.Details(t.Context(), web, id)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(last, details); diff != "" {
				t.Errorf("details mismatch (-watch +details):\n%s", diff)
			}
		})
	}
}

// Without conditions and deployments to EC2 a watch costs two calls a poll, and one
// for the structure, or none.
func TestWatchCosts(t *testing.T) {
	t.Parallel()
	server, client := newServer(t, webPipeline())
	server.OnCall(func(operation string) {
		if operation == "GetPipelineExecution" {
			server.Advance()
		}
	})
	for _, actionsOnly := range []bool{false, true} {
		id := start(t, client, web)
		server.ResetCalls()
		var got []string
		for change, err := range client.Watch(t.Context(), web, id, func(o *pipeline.WatchOptions) { o.ActionsOnly = actionsOnly }) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, anonymous(change))
			if (change.Execution.Stages == nil) != actionsOnly {
				t.Errorf("stages %v", change.Execution.Stages)
			}
		}
		polls := server.Count("GetPipelineExecution")
		want := map[string]int{"GetPipeline": 1, "GetPipelineExecution": polls, "ListActionExecutions": polls}
		if actionsOnly {
			delete(want, "GetPipeline")
		}
		if diff := cmp.Diff(want, server.Calls()); diff != "" {
			t.Errorf("calls mismatch (-want +got):\n%s", diff)
		}
		if !slices.Contains(got, "action ended Rollout Succeeded") {
			t.Errorf("changes %v", got)
		}
	}
	// A missing permission is named.
	id := start(t, client, web)
	server.SetFaults(pipelinetest.Faults{Deny: []string{"GetPipeline"}})
	for _, err := range client.Watch(t.Context(), web, id) {
		if !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), "codepipeline:GetPipeline") {
			t.Errorf("error %v", err)
		}
	}
}

// rule is one of the reply of ListRuleExecutions.
func rule(id, stage, name, status string, started int) object {
	return object{
		"pipelineExecutionId": run1, "ruleExecutionId": id, "stageName": stage, "ruleName": name, "status": status,
		"startTime": 1700000000.5 + float64(started), "lastUpdateTime": 1700000000.5 + float64(started) + 1,
	}
}

func rules(details ...object) object { return object{"ruleExecutionDetails": details} }

// condition is a declared condition with rules of the names.
func condition(result string, names ...string) object {
	var list []object
	for _, name := range names {
		list = append(list, object{"name": name, "ruleTypeId": object{"provider": "LambdaInvoke"}})
	}
	return object{"conditions": []object{{"result": result, "rules": list}}}
}

// conditionState is the state of a condition for the runs "rule=ID".
func conditionState(status string, runs ...string) object {
	var list []object
	for _, run := range runs {
		name, id, _ := strings.Cut(run, "=")
		list = append(list, object{"ruleName": name, "latestExecution": object{"ruleExecutionId": id}})
	}
	return object{"conditionStates": []object{{"latestExecution": object{"status": status, "summary": "told " + status}, "ruleStates": list}}}
}

// stageState is the reply of GetPipelineState for one stage.
func stageState(id, stage, status string, more object) object {
	s := object{"stageName": stage, "latestExecution": object{"pipelineExecutionId": id, "status": status}}
	for key, value := range more {
		s[key] = value
	}
	return object{"stageStates": []object{s}}
}

// States of rules and conditions that come late, twice, or not at all.
func TestWatchConditions(t *testing.T) {
	t.Parallel()
	deploy := func(members object) object {
		s := object{"name": "Deploy"}
		for key, value := range members {
			s[key] = value
		}
		return object{"stages": []object{s}}
	}
	entry := deploy(object{"beforeEntry": condition("FAIL", "A", "B")})
	running, stopped := execution("InProgress"), execution("Stopped")
	for _, test := range []struct {
		name      string
		structure object
		polls     []poll
		want      []string
	}{
		{
			name: "overridden", structure: entry,
			polls: []poll{
				{get: running, rules: rules(rule("a1", "Deploy", "A", "InProgress", 0)), state: stageState(run1, "Deploy", "InProgress", object{"beforeEntryConditionState": conditionState("InProgress", "A=a1")})},
				{get: running, rules: rules(rule("b1", "Deploy", "B", "Abandoned", 1), rule("a1", "Deploy", "A", "Failed", 0)), state: stageState(run1, "Deploy", "InProgress", object{"beforeEntryConditionState": conditionState("Overridden", "A=a1", "B=b1")})},
				// The state of before.
				{get: running, rules: rules(rule("b1", "Deploy", "B", "InProgress", 1), rule("a1", "Deploy", "A", "InProgress", 0)), state: stageState(run1, "Deploy", "InProgress", object{"beforeEntryConditionState": conditionState("Failed", "A=a1", "B=b1")})},
				{get: stopped, rules: rules(rule("b1", "Deploy", "B", "Abandoned", 1), rule("a1", "Deploy", "A", "Failed", 0)), state: stageState(run1, "Deploy", "InProgress", object{"beforeEntryConditionState": conditionState("Overridden", "A=a1", "B=b1")})},
			},
			want: []string{
				"execution changed InProgress", "rule started BEFORE_ENTRY A a1 InProgress", "condition changed Deploy BEFORE_ENTRY InProgress",
				"rule ended BEFORE_ENTRY A a1 Failed", "rule started BEFORE_ENTRY B b1 Abandoned", "rule ended BEFORE_ENTRY B b1 Abandoned", "condition changed Deploy BEFORE_ENTRY Overridden",
				"execution changed Stopped",
			},
		},
		{
			name: "the state is of another execution, or of older runs", structure: entry,
			polls: []poll{
				{get: running, rules: rules(rule("b1", "Deploy", "B", "Succeeded", 1), rule("a1", "Deploy", "A", "Succeeded", 0)), state: stageState("other", "Deploy", "Failed", object{"beforeEntryConditionState": conditionState("Failed", "A=a1", "B=b1")})},
				{get: running, rules: rules(rule("b2", "Deploy", "B", "Failed", 3), rule("a2", "Deploy", "A", "Succeeded", 2), rule("b1", "Deploy", "B", "Succeeded", 1), rule("a1", "Deploy", "A", "Succeeded", 0)), state: stageState(run1, "Deploy", "Failed", object{"beforeEntryConditionState": conditionState("Succeeded", "A=a1", "B=b1")})},
				{get: stopped, rules: rules(rule("a2", "Deploy", "A", "Succeeded", 2), rule("b2", "Deploy", "B", "Failed", 3)), state: object{}},
			},
			want: []string{
				"execution changed InProgress", "rule started BEFORE_ENTRY A a1 Succeeded", "rule ended BEFORE_ENTRY A a1 Succeeded", "rule started BEFORE_ENTRY B b1 Succeeded", "rule ended BEFORE_ENTRY B b1 Succeeded",
				"condition changed Deploy BEFORE_ENTRY Succeeded",
				"rule started BEFORE_ENTRY A a2 Succeeded", "rule ended BEFORE_ENTRY A a2 Succeeded", "rule started BEFORE_ENTRY B b2 Failed", "rule ended BEFORE_ENTRY B b2 Failed",
				"condition changed Deploy BEFORE_ENTRY Failed",
				"execution changed Stopped",
			},
		},
		{
			name: "one name in two conditions", structure: deploy(object{"beforeEntry": condition("SKIP", "A"), "onSuccess": condition("ROLLBACK", "A"), "onFailure": condition("ROLLBACK", "C")}),
			polls: []poll{
				{get: running, rules: rules(rule("a1", "Deploy", "A", "Succeeded", 0)), state: stageState(run1, "Deploy", "InProgress", object{"beforeEntryConditionState": conditionState("Succeeded", "A=a1"), "onSuccessConditionState": conditionState("")})},
				{get: stopped, rules: rules(rule("a2", "Deploy", "A", "Failed", 2), rule("a1", "Deploy", "A", "Succeeded", 0)), state: stageState(run1, "Deploy", "Failed", object{"beforeEntryConditionState": conditionState("Succeeded", "A=a1"), "onSuccessConditionState": conditionState("Failed", "A=a2")})},
			},
			want: []string{
				"execution changed InProgress", "rule started BEFORE_ENTRY A a1 Succeeded", "rule ended BEFORE_ENTRY A a1 Succeeded", "condition changed Deploy BEFORE_ENTRY Succeeded",
				"rule started ON_SUCCESS A a2 Failed", "rule ended ON_SUCCESS A a2 Failed", "condition changed Deploy ON_SUCCESS Failed", "execution changed Stopped",
			},
		},
		{
			name: "retries", structure: deploy(object{"onFailure": object{"result": "RETRY"}}),
			polls: []poll{
				{get: running, list: actions(action("d1", "Deploy", "Rollout", "Failed", 0)), state: stageState(run1, "Deploy", "Failed", nil)},
				// The runs tell the retry first.
				{get: running, list: actions(action("d2", "Deploy", "Rollout", "Failed", 5), action("d1", "Deploy", "Rollout", "Failed", 0)), state: stageState(run1, "Deploy", "InProgress", object{"retryStageMetadata": object{"autoStageRetryAttempt": 1, "latestRetryTrigger": "AutomatedStageRetry"}})},
				{get: running, list: actions(action("d2", "Deploy", "Rollout", "Failed", 5), action("d1", "Deploy", "Rollout", "Failed", 0)), state: stageState(run1, "Deploy", "InProgress", object{"retryStageMetadata": object{"autoStageRetryAttempt": 1, "manualStageRetryAttempt": 2, "latestRetryTrigger": "ManualStageRetry"}})},
				{get: stopped, list: actions(action("d2", "Deploy", "Rollout", "Failed", 5), action("d1", "Deploy", "Rollout", "Failed", 0)), state: stageState(run1, "Deploy", "InProgress", object{"retryStageMetadata": object{"autoStageRetryAttempt": 1, "latestRetryTrigger": "AutomatedStageRetry"}})},
			},
			want: []string{
				"execution changed InProgress", "action started Rollout d1 Failed", "action ended Rollout d1 Failed",
				"stage retried Deploy 2 1+0 AutomatedStageRetry", "action started Rollout d2 Failed", "action ended Rollout d2 Failed",
				"stage retried Deploy 4 1+2 ManualStageRetry",
				"execution changed Stopped",
			},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				api := &scriptedAPI{structure: test.structure, polls: test.polls}
				got, err := watch(t.Context(), pipeline.New(api))
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("changes mismatch (-want +got):\n%s", diff)
				}
				if api.calls[0] != "GetPipeline 3" || slices.Contains(api.calls[1:], "GetPipeline 3") {
					t.Errorf("calls %v", api.calls)
				}
			})
		})
	}
}

// A stage that was retried by hand, in a structure that has nothing to ask for.
func TestWatchManualRetry(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := &scriptedAPI{structure: object{"stages": []object{{"name": "Build"}}}, polls: []poll{
			{get: execution("Succeeded"), list: actions(action("b2", "Build", "Compile", "Succeeded", 9), action("b1", "Build", "Compile", "Failed", 0))},
		}}
		got, err := watch(t.Context(), pipeline.New(api))
		if err != nil {
			t.Fatal(err)
		}
		if want := "stage retried Build 2 0+1 ManualStageRetry"; got[2] != want || len(api.calls) != 1 {
			t.Errorf("changes %q after the calls %q", got, api.calls)
		}
	})
}

// An action whose older state comes after its end ends once.
func TestWatchLateAction(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		done := actions(action("b1", "Build", "Compile", "Succeeded", 0))
		api := &scriptedAPI{polls: []poll{
			{get: execution("InProgress"), list: done},
			{get: execution("InProgress"), list: actions(action("b1", "Build", "Compile", "InProgress", 0))},
			{get: execution("Succeeded"), list: done},
		}}
		got, err := watch(t.Context(), pipeline.New(api))
		if err != nil {
			t.Fatal(err)
		}
		want := []string{"execution changed InProgress", "action started Compile b1 Succeeded", "action ended Compile b1 Succeeded", "execution changed Succeeded"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("changes mismatch (-want +got):\n%s", diff)
		}
	})
}

// target is one of the reply of ListDeployActionExecutionTargets, with events
// "name=status".
func target(id, status string, ended bool, events ...string) object {
	t := object{"targetId": id, "targetType": "EC2", "status": status, "startTime": 1700000001.5}
	if ended {
		t["endTime"] = 1700000009.5
	}
	var list []object
	for _, e := range events {
		name, status, _ := strings.Cut(e, "=")
		list = append(list, object{"name": name, "status": status, "context": object{"message": "told by the test", "ssmCommandId": "c1"}})
	}
	t["events"] = list
	return t
}

func targets(list ...object) object { return object{"targets": list} }

func TestWatchTargets(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ec2 := actionType("Deploy/AWS/EC2")
		running := actions(action("d1", "Deploy", "Rollout", "InProgress", 0, ec2))
		ended := actions(action("d1", "Deploy", "Rollout", "Succeeded", 0, ec2))
		second := actions(action("d2", "Deploy", "Again", "Succeeded", 20, ec2), action("d1", "Deploy", "Rollout", "Succeeded", 0, ec2), action("b1", "Deploy", "Other", "Succeeded", 9, actionType("Deploy/AWS/S3")))
		last := targets(target("i-1", "Succeeded", true, "Download=Succeeded"), target("i-2", "Failed", true, "Download=Failed"))
		api := &scriptedAPI{polls: []poll{
			{get: execution("InProgress"), list: running}, // not known yet
			{get: execution("InProgress"), list: running, targets: map[string]object{"d1": targets(target("i-1", "InProgress", false, "Download=InProgress"))}},
			{get: execution("InProgress"), list: running, targets: map[string]object{"d1": targets(target("i-1", "InProgress", false, "Download=InProgress"), target("i-2", "Pending", false))}},
			{get: execution("InProgress"), list: running, targets: map[string]object{"d1": targets(target("i-1", "Succeeded", true, "Download=Succeeded"), target("i-2", "Pending", false))}},
			{get: execution("InProgress"), list: running, targets: map[string]object{"d1": targets(target("i-1", "InProgress", false, "Download=InProgress"), target("i-2", "Pending", false))}}, // late
			{get: execution("InProgress"), list: ended, targets: map[string]object{"d1": last}},
			{get: execution("Succeeded"), list: second, targets: map[string]object{"d2": targets(target("i-1", "Succeeded", true))}},
		}}
		var got []string
		for change, err := range pipeline.New(api).Watch(t.Context(), web, run1) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, describe(change))
			if target := change.Target; target != nil && len(target.Events) > 0 && (target.Events[0].Message != "told by the test" || target.Events[0].SSMCommandID != "c1" || target.Started.IsZero()) {
				t.Errorf("target %+v", target)
			}
			if change.Type == pipeline.ChangeExecution && change.Execution.Status == pipeline.StatusSucceeded && len(change.Execution.Actions[0].Targets) != 2 {
				t.Errorf("targets %+v", change.Execution.Actions[0].Targets)
			}
		}
		want := []string{
			"execution changed InProgress", "action started Rollout d1 InProgress",
			"target changed d1 i-1 InProgress Download=InProgress",
			"target changed d1 i-2 Pending ",
			"target changed d1 i-1 Succeeded Download=Succeeded",
			"target changed d1 i-2 Failed Download=Failed", "action ended Rollout d1 Succeeded",
			"action started Other b1 Succeeded", "action ended Other b1 Succeeded",
			"action started Again d2 Succeeded", "target changed d2 i-1 Succeeded ", "action ended Again d2 Succeeded",
			"execution changed Succeeded",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("changes mismatch (-want +got):\n%s", diff)
		}
		const call = "ListDeployActionExecutionTargets "
		wantCalls := []string{"GetPipeline 3", call + "d1", call + "d1", call + "d1", call + "d1", call + "d1", call + "d1", call + "d2"}
		if diff := cmp.Diff(wantCalls, api.calls); diff != "" {
			t.Errorf("calls mismatch (-want +got):\n%s", diff)
		}
	})
}

// The output of a Commands action and the targets of a deployment, as the server has
// them.
func TestServerWatchOutput(t *testing.T) {
	t.Parallel()
	p := webPipeline()
	p.Stages[1].Actions = []pipelinetest.Action{pipelinetest.CommandsAction("Script", []string{"make"}, "CheckoutArtifact")}
	p.Stages[1].Actions[0].Run = func(r pipelinetest.ActionRun) pipelinetest.Outcome {
		return pipelinetest.Outcome{Log: []string{"compiled", "tested"}}
	}
	p.Stages[2].Actions = []pipelinetest.Action{pipelinetest.EC2DeployAction("Rollout", "Role", "web", "ScriptArtifact")}
	p.Stages[2].Actions[0].Run = func(r pipelinetest.ActionRun) pipelinetest.Outcome {
		event := pipelinetest.TargetEvent{Name: "AfterDeploy", Status: "InProgress"}
		first, second := pipelinetest.Target{ID: "i-1", Events: []pipelinetest.TargetEvent{event}}, pipelinetest.Target{ID: "i-2", Status: "Pending"}
		if r.Calls == 0 {
			return pipelinetest.Outcome{State: pipelinetest.StateInProgress, Targets: []pipelinetest.Target{first, second}}
		}
		first.Events[0].Status = "Succeeded"
		first.Status, second.Status = "Succeeded", "Skipped"
		return pipelinetest.Outcome{Targets: []pipelinetest.Target{first, second}}
	}
	server, client := newServer(t, p)
	id := start(t, client, web)
	server.OnCall(func(operation string) {
		if operation == "GetPipelineExecution" {
			server.Advance()
		}
	})
	var got []string
	var stream pipeline.LogStream
	for change, err := range client.Watch(t.Context(), web, id) {
		if err != nil {
			t.Fatal(err)
		}
		switch change.Type {
		case pipeline.ChangeTarget:
			if _, line, _ := strings.Cut(describe(change), change.Action.ID+" "); strings.HasPrefix(line, "i-1 ") || strings.HasPrefix(line, "i-2 ") { // and not those from before the first Run
				got = append(got, line)
			}
		case pipeline.ChangeLogStreamKnown:
			got = append(got, "log stream of "+change.Action.Action+" "+string(change.Action.Status))
		case pipeline.ChangeActionEnded:
			got = append(got, change.Action.Action+" ended")
			if found, ok := change.Action.LogStream(); ok {
				stream = found
			}
		}
	}
	out, err := awslogs.NewFromConfig(server.Config()).GetLogEvents(t.Context(), &awslogs.GetLogEventsInput{LogGroupName: &stream.Group, LogStreamName: &stream.Name, StartFromHead: aws.Bool(true)})
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, e := range out.Events {
		lines = append(lines, strings.TrimSpace(*e.Message))
	}
	want := []string{
		"Checkout ended", "log stream of Script InProgress", "Script ended",
		"i-1 InProgress AfterDeploy=InProgress", "i-2 Pending ",
		"i-1 Succeeded AfterDeploy=Succeeded", "i-2 Skipped ", "Rollout ended",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("changes mismatch (-want +got):\n%s", diff)
	}
	if text := strings.Join(lines, "|"); !strings.Contains(text, "compiled|tested") {
		t.Errorf("log %q", text)
	}
	server.OnCall(nil)
	e, err := client.Details(t.Context(), web, id)
	if err != nil {
		t.Fatal(err)
	}
	if targets := e.Actions[2].Targets; len(targets) != 2 || targets[0].Type != "EC2" || targets[1].Status != "Skipped" {
		t.Errorf("targets %+v", targets)
	}
}

func TestWatchLogStream(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const arn = "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/codepipeline/web:log-stream:c1/1"
		commands := actionType("Compute/AWS/Commands")
		known := object{"output": object{"executionResult": object{"logStreamARN": arn}}}
		api := &scriptedAPI{polls: []poll{
			{get: execution("InProgress"), list: actions(action("c1", "Build", "Script", "InProgress", 0, commands))},
			{get: execution("InProgress"), list: actions(action("c1", "Build", "Script", "InProgress", 0, commands, known))},
			{get: execution("Succeeded"), list: actions(action("c1", "Build", "Script", "Succeeded", 0, commands, known))},
		}}
		got, err := watch(t.Context(), pipeline.New(api))
		if err != nil {
			t.Fatal(err)
		}
		want := []string{
			"execution changed InProgress", "action started Script c1 InProgress", "log stream known Script c1 InProgress",
			"action ended Script c1 Succeeded", "execution changed Succeeded",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("changes mismatch (-want +got):\n%s", diff)
		}
	})
}

func TestLogStream(t *testing.T) {
	t.Parallel()
	for arn, want := range map[string]pipeline.LogStream{
		"arn:aws:logs:eu-west-1:111122223333:log-group:/aws/codepipeline/web:log-stream:c1/1": {Region: "eu-west-1", Group: "/aws/codepipeline/web", Name: "c1/1"},
		"arn:aws-cn:logs:cn-north-1:111122223333:log-group:web:log-stream:c1":                 {Region: "cn-north-1", Group: "web", Name: "c1"},
		"arn:aws:logs:eu-west-1:111122223333:log-group:web:*":                                 {},
		"arn:aws:logs:eu-west-1:111122223333:log-group:web:log-stream:":                       {},
		"arn:aws:logs:eu-west-1:111122223333:log-group::log-stream:c1":                        {},
		"arn:aws:logs:nowhere:111122223333:log-group:web:log-stream:c1":                       {},
		"arn:aws:s3:eu-west-1:111122223333:log-group:web:log-stream:c1":                       {},
		"log-group:web:log-stream:c1":                                                         {},
		"":                                                                                    {},
	} {
		a := pipeline.ActionExecution{LogStreamARN: arn}
		got, ok := a.LogStream()
		if got != want || ok != (want != pipeline.LogStream{}) {
			t.Errorf("%q: %+v, %t, want %+v", arn, got, ok, want)
		}
	}
	const url = "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#logsV2:log-groups/log-group/web/log-events/c1"
	if got := (pipeline.LogStream{Region: "eu-west-1", Group: "web", Name: "c1"}).ConsoleURL(); got != url {
		t.Errorf("ConsoleURL is %s, want %s", got, url)
	}
}
