package main

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What cannot be handled or delivered is kept: both services have the queue,
// and may write into it.
func TestDeadLetters(t *testing.T) {
	t.Parallel()
	tmpl := readTemplate(t, nil)
	function := at(tmpl.resource(t, "Reporter"), "Properties")
	rule := at(function, "Events", "Pipelines", "Properties")
	const queue = "DeadLetters.Arn"
	for name, got := range map[string]any{
		"function": at(function, "DeadLetterQueue", "TargetArn"),
		"rule":     at(rule, "DeadLetterConfig", "Arn"),
	} {
		if got != queue {
			t.Errorf("the dead letters of the %s go to %v, want %s", name, got, queue)
		}
	}
	if got := at(function, "EventInvokeConfig", "MaximumRetryAttempts"); got != 2 { // as the tests of the function do
		t.Errorf("%v retries", got)
	}
	policy := at(tmpl.resource(t, "DeadLettersPolicy"), "Properties")
	want := map[string]any{
		"Effect": "Allow", "Principal": map[string]any{"Service": "events.amazonaws.com"},
		"Action": "sqs:SendMessage", "Resource": queue,
		// The rule that SAM makes is called after the function and its event.
		"Condition": map[string]any{"ArnEquals": map[string]any{"aws:SourceArn": "ReporterPipelines.Arn"}},
	}
	if d := cmp.Diff([]any{want}, at(policy, "PolicyDocument", "Statement")); d != "" {
		t.Errorf("policy of the queue mismatch (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]any{"DeadLetters"}, at(policy, "Queues")); d != "" {
		t.Errorf("queues of the policy mismatch (-want +got):\n%s", d)
	}

	// Who delivers a message again waits for the function as long as it may run.
	properties := at(tmpl.resource(t, "DeadLetters"), "Properties")
	timeout, hidden := at(function, "Timeout").(int), at(properties, "VisibilityTimeout").(int)
	if hidden <= timeout {
		t.Errorf("a message is hidden for %d s, and the function may run for %d s", hidden, timeout)
	}
}

// An alarm on a metric or a dimension that does not exist stays silent.
func TestAlarms(t *testing.T) {
	t.Parallel()
	tmpl := readTemplate(t, map[string]string{"AlarmTopicArn": "arn:aws:sns:us-east-1:111122223333:ops"})
	type metric struct{ Namespace, Name, Statistic, Dimension, Value string }
	want := map[string]metric{
		"Errors":          {"AWS/Lambda", "Errors", "Sum", "FunctionName", "Reporter"},
		"Throttles":       {"AWS/Lambda", "Throttles", "Sum", "FunctionName", "Reporter"},
		"DeadLettersLeft": {"AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum", "QueueName", "DeadLetters.QueueName"},
	}
	got := map[string]metric{}
	resources := child(tmpl.root, "Resources")
	for i := 0; i < len(resources.Content); i += 2 {
		name := resources.Content[i].Value
		resource := tmpl.resource(t, name)
		if at(resource, "Type") != "AWS::CloudWatch::Alarm" {
			continue
		}
		p := at(resource, "Properties")
		text := func(path ...string) string { s, _ := at(p, path...).(string); return s }
		m := metric{Namespace: text("Namespace"), Name: text("MetricName"), Statistic: text("Statistic")}
		for _, d := range at(p, "Dimensions").([]any) {
			m.Dimension, m.Value = at(d, "Name").(string), at(d, "Value").(string)
		}
		got[name] = m
		if text("TreatMissingData") != "notBreaching" { // there is no data while nothing happens
			t.Errorf("%s: missing data is %q", name, text("TreatMissingData"))
		}
		for _, actions := range []string{"AlarmActions", "OKActions"} {
			if !slices.Equal(stringList(at(p, actions)), []string{"arn:aws:sns:us-east-1:111122223333:ops"}) {
				t.Errorf("%s: %s are %v", name, actions, at(p, actions))
			}
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("mismatch (-want +got):\n%s", d)
	}
}

// The role may write only the log that the template makes, so the function must
// be told to use it.
func TestLog(t *testing.T) {
	t.Parallel()
	tmpl := readTemplate(t, map[string]string{"LogRetentionDays": "90"})
	if got := at(tmpl.resource(t, "Reporter"), "Properties", "LoggingConfig", "LogGroup"); got != "Logs" {
		t.Errorf("the function logs to %v", got)
	}
	logs := at(tmpl.resource(t, "Logs"), "Properties")
	if name, days := at(logs, "LogGroupName"), at(logs, "RetentionInDays"); name != "/aws/lambda/githubstatus" || days != "90" {
		t.Errorf("the log group is %v and kept for %v days", name, days)
	}
}
