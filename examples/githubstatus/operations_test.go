package main

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/examples/internal/cfntest"
)

// What cannot be handled or delivered is kept: both services have the queue,
// and may write into it.
func TestDeadLetters(t *testing.T) {
	t.Parallel()
	tmpl := cfntest.Read(t, "template.yaml", nil)
	function := cfntest.At(tmpl.Resource(t, "Reporter"), "Properties")
	rule := cfntest.At(function, "Events", "Pipelines", "Properties")
	const queue = "DeadLetters.Arn"
	for name, got := range map[string]any{
		"function": cfntest.At(function, "DeadLetterQueue", "TargetArn"),
		"rule":     cfntest.At(rule, "DeadLetterConfig", "Arn"),
	} {
		if got != queue {
			t.Errorf("the dead letters of the %s go to %v, want %s", name, got, queue)
		}
	}
	if got := cfntest.At(function, "EventInvokeConfig", "MaximumRetryAttempts"); got != 2 { // as the tests of the function do
		t.Errorf("%v retries", got)
	}
	policy := cfntest.At(tmpl.Resource(t, "DeadLettersPolicy"), "Properties")
	want := map[string]any{
		"Effect": "Allow", "Principal": map[string]any{"Service": "events.amazonaws.com"},
		"Action": "sqs:SendMessage", "Resource": queue,
		// The rule that SAM makes is called after the function and its event.
		"Condition": map[string]any{"ArnEquals": map[string]any{"aws:SourceArn": "ReporterPipelines.Arn"}},
	}
	if d := cmp.Diff([]any{want}, cfntest.At(policy, "PolicyDocument", "Statement")); d != "" {
		t.Errorf("policy of the queue mismatch (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]any{"DeadLetters"}, cfntest.At(policy, "Queues")); d != "" {
		t.Errorf("queues of the policy mismatch (-want +got):\n%s", d)
	}

	// Who delivers a message again waits for the function as long as it may run.
	properties := cfntest.At(tmpl.Resource(t, "DeadLetters"), "Properties")
	timeout, hidden := cfntest.At(function, "Timeout").(int), cfntest.At(properties, "VisibilityTimeout").(int)
	if hidden <= timeout {
		t.Errorf("a message is hidden for %d s, and the function may run for %d s", hidden, timeout)
	}
}

// An alarm on a metric or a dimension that does not exist stays silent.
func TestAlarms(t *testing.T) {
	t.Parallel()
	tmpl := cfntest.Read(t, "template.yaml", map[string]string{"AlarmTopicArn": "arn:aws:sns:us-east-1:111122223333:ops"})
	type metric struct{ Namespace, Name, Statistic, Dimension, Value string }
	want := map[string]metric{
		"Errors":          {"AWS/Lambda", "Errors", "Sum", "FunctionName", "Reporter"},
		"Throttles":       {"AWS/Lambda", "Throttles", "Sum", "FunctionName", "Reporter"},
		"DeadLettersLeft": {"AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum", "QueueName", "DeadLetters.QueueName"},
	}
	got := map[string]metric{}
	resources := cfntest.Child(tmpl.Root, "Resources")
	for i := 0; i < len(resources.Content); i += 2 {
		name := resources.Content[i].Value
		resource := tmpl.Resource(t, name)
		if cfntest.At(resource, "Type") != "AWS::CloudWatch::Alarm" {
			continue
		}
		p := cfntest.At(resource, "Properties")
		text := func(path ...string) string { s, _ := cfntest.At(p, path...).(string); return s }
		m := metric{Namespace: text("Namespace"), Name: text("MetricName"), Statistic: text("Statistic")}
		for _, d := range cfntest.At(p, "Dimensions").([]any) {
			m.Dimension, m.Value = cfntest.At(d, "Name").(string), cfntest.At(d, "Value").(string)
		}
		got[name] = m
		if text("TreatMissingData") != "notBreaching" { // there is no data while nothing happens
			t.Errorf("%s: missing data is %q", name, text("TreatMissingData"))
		}
		for _, actions := range []string{"AlarmActions", "OKActions"} {
			if !slices.Equal(cfntest.Strings(cfntest.At(p, actions)), []string{"arn:aws:sns:us-east-1:111122223333:ops"}) {
				t.Errorf("%s: %s are %v", name, actions, cfntest.At(p, actions))
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
	tmpl := cfntest.Read(t, "template.yaml", map[string]string{"LogRetentionDays": "90"})
	if got := cfntest.At(tmpl.Resource(t, "Reporter"), "Properties", "LoggingConfig", "LogGroup"); got != "Logs" {
		t.Errorf("the function logs to %v", got)
	}
	logs := cfntest.At(tmpl.Resource(t, "Logs"), "Properties")
	if name, days := cfntest.At(logs, "LogGroupName"), cfntest.At(logs, "RetentionInDays"); name != "/aws/lambda/"+cfntest.StackName || days != "90" {
		t.Errorf("the log group is %v and kept for %v days", name, days)
	}
}
