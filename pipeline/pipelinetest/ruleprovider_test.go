package pipelinetest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"

	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// guarded returns a pipeline whose second stage has the rule before its entry.
func guarded(rule pipelinetest.Rule) pipelinetest.Pipeline {
	rule.Name = "Rule"
	return three(pipelinetest.Stage{BeforeEntry: &pipelinetest.Condition{Result: "FAIL", Rules: []pipelinetest.Rule{rule}}})
}

// ruleExecution returns the newest execution of a rule.
func ruleExecution(t *testing.T, client *awscodepipeline.Client, pipeline string) types.RuleExecutionDetail {
	t.Helper()
	out, err := client.ListRuleExecutions(t.Context(), &awscodepipeline.ListRuleExecutionsInput{PipelineName: &pipeline})
	if err != nil {
		t.Fatal(err)
	}
	if len(out.RuleExecutionDetails) == 0 {
		t.Fatal("no rule has run")
	}
	return out.RuleExecutionDetails[0]
}

func TestDeploymentWindow(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		zone, moment string
		want         types.RuleExecutionStatus
	}{
		{"", "2026-11-27T08:00:00Z", "InProgress"},
		{"", "2026-11-27T09:00:00Z", "Succeeded"},
		{"Europe/Berlin", "2026-11-27T08:00:00Z", "Succeeded"},
		{"Europe/Berlin", "2026-11-27T16:30:00Z", "InProgress"},
	} {
		now, err := time.Parse(time.RFC3339, test.moment)
		if err != nil {
			t.Fatal(err)
		}
		configuration := map[string]string{"Cron": "* * 9-16 ? * MON-FRI"}
		if test.zone != "" {
			configuration["TimeZone"] = test.zone
		}
		server, client := newServer(t, guarded(pipelinetest.Rule{Provider: "DeploymentWindow", Configuration: configuration}))
		server.SetClock(func() time.Time { return now })
		begin(t, server, "app")
		server.Settle()
		if got := ruleExecution(t, client, "app").Status; got != test.want {
			t.Errorf("in %q at %s: the rule is %s, want %s", test.zone, test.moment, got, test.want)
		}
	}
	for want, c := range map[string]map[string]string{
		"has 5 fields":             {"Cron": "* * * * *"},
		`no time zone "Mars/Base"`: {"Cron": "* * * * * ?", "TimeZone": "Mars/Base"},
	} {
		if _, err := pipelinetest.Start(guarded(pipelinetest.Rule{Provider: "DeploymentWindow", Configuration: c})); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %q", c, err, want)
		}
	}
}

// A rule that waits goes on when its window opens, and fails after its timeout.
func TestWaitingRule(t *testing.T) {
	t.Parallel()
	server, client := newServer(t, guarded(pipelinetest.Rule{
		Provider: "DeploymentWindow", Configuration: map[string]string{"Cron": "* * 15 ? * *"}, Timeout: time.Hour,
	}))
	now := start // 13:22
	server.SetClock(func() time.Time { return now })
	late := begin(t, server, "app")
	server.Settle()
	now = now.Add(time.Hour)
	server.Settle()
	equal(t, "status after the timeout", types.PipelineExecutionStatusFailed, get(t, client, "app", late).Status)
	equal(t, "summary", "The rule has waited for 1h0m0s", *ruleExecution(t, client, "app").Output.ExecutionResult.ExternalExecutionSummary)
	patient := begin(t, server, "app")
	server.Settle()
	now = now.Add(38 * time.Minute)
	server.Settle()
	equal(t, "status when the window opens", types.PipelineExecutionStatusSucceeded, get(t, client, "app", patient).Status)
}

func TestAlarms(t *testing.T) {
	t.Parallel()
	rule := pipelinetest.Rule{Provider: "CloudWatchAlarm", Configuration: map[string]string{"AlarmName": "errors", "AlarmStates": "ALARM, INSUFFICIENT_DATA", "WaitTime": "10"}}
	server, client := newServer(t, guarded(rule))
	now := start
	server.SetClock(func() time.Time { return now })
	for state, want := range map[string]types.PipelineExecutionStatus{"OK": "Succeeded", "ALARM": "Failed", "INSUFFICIENT_DATA": "Failed"} {
		if err := server.SetAlarm("errors", state); err != nil {
			t.Fatal(err)
		}
		id := begin(t, server, "app")
		server.Settle()
		equal(t, "status with "+state, want, get(t, client, "app", id).Status)
	}
	// The alarm is looked at after the wait.
	server.SetSimulation(pipelinetest.Simulation{Speed: 1})
	id := begin(t, server, "app")
	for range 10 {
		now = now.Add(time.Minute)
		server.Settle()
	}
	equal(t, "status in the wait", types.PipelineExecutionStatusInProgress, get(t, client, "app", id).Status)
	if err := server.SetAlarm("errors", "OK"); err != nil {
		t.Fatal(err)
	}
	for range 10 {
		now = now.Add(time.Minute)
		server.Settle()
	}
	equal(t, "status", types.PipelineExecutionStatusSucceeded, get(t, client, "app", id).Status)
	if err := server.SetAlarm("errors", "RED"); err == nil {
		t.Error("an alarm is RED")
	}
}

// Rules with an external execution show it, and the server's function decides about
// them.
func TestRuleResults(t *testing.T) {
	t.Parallel()
	for _, rule := range []pipelinetest.Rule{
		{Provider: "LambdaInvoke", Configuration: map[string]string{"FunctionName": "may-deploy"}},
		{Provider: "CodeBuild", Configuration: map[string]string{"ProjectName": "gate"}},
		{Provider: "Commands", Commands: []string{"test -s report"}},
	} {
		server, client := newServer(t, guarded(rule))
		begin(t, server, "app")
		server.Settle()
		d := ruleExecution(t, client, "app")
		if d.Status != "Succeeded" || aws.ToString(d.Output.ExecutionResult.ExternalExecutionId) == "" {
			t.Errorf("%s: %s with %+v", rule.Provider, d.Status, d.Output.ExecutionResult)
		}
		server.SetSimulation(pipelinetest.Simulation{RunRule: func(r pipelinetest.RuleRun) (pipelinetest.Outcome, bool) {
			return pipelinetest.Outcome{State: pipelinetest.StateFailed, Summary: "no"}, r.Rule == "Rule"
		}})
		id := begin(t, server, "app")
		server.Settle()
		equal(t, rule.Provider, types.PipelineExecutionStatusFailed, get(t, client, "app", id).Status)
		server.SetSimulation(pipelinetest.Simulation{RunRule: func(pipelinetest.RuleRun) (pipelinetest.Outcome, bool) { return pipelinetest.Outcome{}, false }})
		id = begin(t, server, "app")
		server.Settle()
		equal(t, rule.Provider, types.PipelineExecutionStatusSucceeded, get(t, client, "app", id).Status)
	}
}
