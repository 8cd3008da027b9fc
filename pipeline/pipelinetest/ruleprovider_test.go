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
	at := func(text string) time.Time {
		moment, err := time.Parse("2006-01-02T15:04", text)
		if err != nil {
			t.Fatal(err)
		}
		return moment
	}
	for _, test := range []struct {
		cron, zone   string
		open, closed string // moments, in UTC
	}{
		{"* * * * * ?", "", "2026-01-01T00:00", ""},
		{"* * 9-16 ? * MON-FRI", "", "2026-11-27T09:00 2026-11-27T16:59", "2026-11-27T17:00 2026-11-28T10:00"},
		{"* * 9-16 ? * MON-FRI", "Europe/Berlin", "2026-11-27T08:00 2026-07-03T07:30", "2026-11-27T07:59 2026-07-03T15:00"},
		{"* * 9 ? * *", "UTC+02:30", "2026-01-01T06:30 2026-01-01T07:29", "2026-01-01T06:29 2026-01-01T07:30"},
		{"* * 9 ? * *", "UTC-1", "2026-01-01T10:00", "2026-01-01T09:00"},
		{"* 0/15 * * * ?", "", "2026-01-01T00:45", "2026-01-01T00:46"},
		{"* */20,59 * * * ?", "", "2026-01-01T00:40 2026-01-01T00:59", "2026-01-01T00:50"},
		{"* * * 1,15 JAN,mar ? 2026-2027", "", "2026-01-15T00:00 2027-03-01T05:00", "2028-01-15T00:00 2026-02-01T00:00"},
		{"* * * L * ?", "", "2026-02-28T12:00 2028-02-29T12:00", "2028-02-28T12:00"},
		{"* * * 15W * ?", "", "2026-08-14T12:00 2026-11-16T12:00 2026-07-15T01:00", "2026-08-15T12:00 2026-08-17T12:00"},
		{"* * * 1W * ?", "", "2026-08-03T12:00", "2026-08-01T12:00 2026-07-31T12:00"},
		{"* * * LW * ?", "", "2026-05-29T12:00", "2026-05-31T12:00"},
		{"* * * ? * 6L", "", "2026-11-27T12:00", "2026-11-20T12:00"},
		{"* * * ? * L", "", "2026-11-28T12:00", "2026-11-27T12:00"},
		{"* * * ? * FRI#3", "", "2026-11-20T12:00", "2026-11-13T12:00 2026-11-27T12:00"},
	} {
		server, client := newServer(t, guarded(pipelinetest.Rule{Provider: "DeploymentWindow", Configuration: map[string]string{"Cron": test.cron, "TimeZone": test.zone}}))
		if test.zone == "" {
			server, client = newServer(t, guarded(pipelinetest.Rule{Provider: "DeploymentWindow", Configuration: map[string]string{"Cron": test.cron}}))
		}
		for want, list := range map[types.RuleExecutionStatus]string{"Succeeded": test.open, "InProgress": test.closed} {
			for _, moment := range strings.Fields(list) {
				server.SetClock(func() time.Time { return at(moment) })
				id := begin(t, server, "app")
				server.Settle()
				if got := ruleExecution(t, client, "app").Status; got != want {
					t.Errorf("%q in %q at %s: the rule is %s, want %s", test.cron, test.zone, moment, got, want)
				}
				if err := stop(t.Context(), client, "app", id, true); err != nil && code(err) != "PipelineExecutionNotStoppableException" {
					t.Fatal(err)
				}
				server.Settle()
			}
		}
	}
	for want, c := range map[string]map[string]string{
		"has 5 fields":             {"Cron": "* * * * *"},
		`second "60"`:              {"Cron": "60 * * * * ?"},
		`"MOO" is not a number`:    {"Cron": "* * * ? * MOO"},
		"goes backwards":           {"Cron": "* 9-8 * ? * *"},
		`the step "0"`:             {"Cron": "* */0 * ? * *"},
		`month "?"`:                {"Cron": "* * * * ? *"},
		`no time zone "Mars/Base"`: {"Cron": "* * * * * ?", "TimeZone": "Mars/Base"},
		"too far from UTC":         {"Cron": "* * * * * ?", "TimeZone": "UTC+19:00"},
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
