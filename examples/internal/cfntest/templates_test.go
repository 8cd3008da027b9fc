package cfntest_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/codesuite-go/codesuite/examples/internal/cfntest"
)

// parameters are those without a default, and those that turn on parts of the
// templates.
var parameters = map[string]map[string]string{
	"approve": {
		"Policies": "[]", "Pipelines": "shop", "ReportTopicArn": "arn:aws-cn:sns:cn-north-1:111122223333:reports", "CodeCommitRepositories": "shop",
		"SecretArn": "arn:aws-cn:secretsmanager:cn-north-1:111122223333:secret:github-AbCdEf",
	},
	"ec2build":     {"ArtifactBucket": "artifacts"},
	"githubstatus": {"SecretArn": "arn:aws-cn:secretsmanager:cn-north-1:111122223333:secret:github-AbCdEf"},
	"ci":           {"RepositoryName": "shop", "CommandAuthors": "arn:aws-cn:iam::111122223333:user/*", "Approve": "true", "ReportTopicArn": "arn:aws-cn:sns:cn-north-1:111122223333:reports"},
	"router":       {"RepositoryName": "web", "PipelineName": "web"},
}

// each runs the test for the template of each example.
func each(t *testing.T, test func(t *testing.T, tmpl *cfntest.Template)) {
	t.Helper()
	files, err := filepath.Glob("../../*/template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 3 {
		t.Fatalf("there are %d templates", len(files))
	}
	for _, file := range files {
		name := filepath.Base(filepath.Dir(file))
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, cfntest.Read(t, file, parameters[name]))
		})
	}
}

const function = "AWS::Serverless::Function"

// TestFunctions checks that each function has bounds, a role and a log of its
// own, and somebody who hears of its failures.
func TestFunctions(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, tmpl *cfntest.Template) {
		functions := tmpl.Resources(t, function)
		if len(functions) == 0 {
			t.Fatal("there is no function")
		}
		alarms := make(map[string]bool) // what they watch
		for name, alarm := range tmpl.Resources(t, "AWS::CloudWatch::Alarm") {
			p := cfntest.At(alarm, "Properties")
			dimensions, _ := cfntest.At(p, "Dimensions").([]any)
			for _, d := range dimensions {
				alarms[fmt.Sprint(cfntest.At(p, "MetricName"), " of ", cfntest.At(d, "Value"))] = true
			}
			// There is no data while nothing happens.
			if got := cfntest.At(p, "TreatMissingData"); got != "notBreaching" {
				t.Errorf("%s: missing data is %v", name, got)
			}
		}
		for name, f := range functions {
			p := cfntest.At(f, "Properties")
			for _, property := range []string{"MemorySize", "Timeout", "ReservedConcurrentExecutions"} {
				if cfntest.At(p, property) == nil {
					t.Errorf("%s has no %s", name, property)
				}
			}
			group, _ := cfntest.At(p, "LoggingConfig", "LogGroup").(string)
			if group == "" || cfntest.At(tmpl.Resource(t, group), "Properties", "RetentionInDays") == nil {
				t.Errorf("%s has no log group of the template, with a time after which the log is deleted", name)
			} else if got := cfntest.At(tmpl.Resource(t, group), "Properties", "LogGroupName"); got != "/aws/lambda/"+cfntest.StackName {
				t.Errorf("%s logs to %v, which is not where README.md looks", name, got)
			}
			queue, _ := cfntest.At(p, "DeadLetterQueue", "TargetArn").(string)
			queue, ok := strings.CutSuffix(queue, ".Arn")
			if !ok {
				t.Errorf("%s has no queue of dead letters", name)
			}
			for _, want := range []string{"Errors of " + name, "Throttles of " + name, "ApproximateNumberOfMessagesVisible of " + queue + ".QueueName"} {
				if !alarms[want] {
					t.Errorf("no alarm watches %s", want)
				}
			}
			role, statements := tmpl.Role(t, name)
			for _, s := range statements {
				if s.Effect != "Allow" || s.NotSomething || slices.ContainsFunc(s.Actions, func(a string) bool { return strings.Contains(a, "*") }) {
					t.Errorf("%s: the actions of a statement are not named one by one: %+v", role, s)
				}
			}
			// These two would be wider than the needs of the program.
			for _, s := range statements {
				if slices.Contains(s.Resources, "*") && !slices.ContainsFunc(s.Actions, func(a string) bool {
					return strings.HasPrefix(a, "ec2:") || strings.HasPrefix(a, "codepipeline:PutJob") || a == "codepipeline:GetJobDetails"
				}) {
					t.Errorf("%s: a statement is about all resources, and its actions could be about some: %+v", role, s)
				}
			}
		}
	})
}

// TestRules checks that no event of another account gets through: a bus may
// take events of others.
func TestRules(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, tmpl *cfntest.Template) {
		patterns := make(map[string]any)
		for name, rule := range tmpl.Resources(t, "AWS::Events::Rule") {
			if p := cfntest.At(rule, "Properties", "EventPattern"); p != nil { // not a schedule's
				patterns[name] = p
			}
		}
		for name, f := range tmpl.Resources(t, function) {
			events, _ := cfntest.At(f, "Properties", "Events").(map[string]any)
			for event, e := range events {
				if cfntest.At(e, "Type") == "EventBridgeRule" {
					patterns[name+event] = cfntest.At(e, "Properties", "Pattern")
				}
			}
		}
		for name, p := range patterns {
			if got := cfntest.Strings(cfntest.At(p, "account")); !slices.Equal(got, []string{cfntest.Account}) {
				t.Errorf("%s: the rule is about the accounts %q, want that of the stack", name, got)
			}
		}
	})
}

// TestQueues checks that what is kept is encrypted, and that a service may send
// only for the rules of the stack.
func TestQueues(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, tmpl *cfntest.Template) {
		for name, queue := range tmpl.Resources(t, "AWS::SQS::Queue") {
			p := cfntest.At(queue, "Properties")
			if cfntest.At(p, "SqsManagedSseEnabled") != true && cfntest.At(p, "KmsMasterKeyId") == nil {
				t.Errorf("%s is not encrypted", name)
			}
		}
		for name, policy := range tmpl.Resources(t, "AWS::SQS::QueuePolicy") {
			for _, s := range cfntest.Statements(cfntest.At(policy, "Properties", "PolicyDocument")) {
				condition, _ := cfntest.At(s.Condition, "ArnEquals").(map[string]any)
				rules := cfntest.Strings(condition["aws:SourceArn"])
				if s.Service != "events.amazonaws.com" || s.PrincipalIsOther || len(rules) == 0 {
					t.Errorf("%s: a statement is not about EventBridge and the rules of the stack: %+v", name, s)
				}
				for _, rule := range rules {
					if !strings.HasSuffix(rule, ".Arn") {
						t.Errorf("%s: %q is no rule of the stack", name, rule)
					}
				}
			}
		}
	})
}

// TestTrust checks that nobody but the service that needs a role can take it: Lambda
// for a function, CodeBuild for a project, EventBridge Scheduler for a schedule, Step
// Functions for a state machine, EC2 for an instance profile.
func TestTrust(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, tmpl *cfntest.Template) {
		want := make(map[string]string) // services by names of roles
		for _, user := range []struct {
			kind    string
			path    []string
			service string
		}{
			{function, []string{"Properties", "Role"}, "lambda.amazonaws.com"},
			{"AWS::CodeBuild::Project", []string{"Properties", "ServiceRole"}, "codebuild.amazonaws.com"},
			{"AWS::StepFunctions::StateMachine", []string{"Properties", "RoleArn"}, "states.amazonaws.com"},
			{"AWS::Scheduler::Schedule", []string{"Properties", "Target", "RoleArn"}, "scheduler.amazonaws.com"},
		} {
			for name, resource := range tmpl.Resources(t, user.kind) {
				arn, _ := cfntest.At(resource, user.path...).(string)
				role, ok := strings.CutSuffix(arn, ".Arn")
				if !ok {
					t.Errorf("%s has no role of the template", name)
				}
				want[role] = user.service
			}
		}
		for _, profile := range tmpl.Resources(t, "AWS::IAM::InstanceProfile") {
			for _, role := range cfntest.Strings(cfntest.At(profile, "Properties", "Roles")) {
				want[role] = "ec2.amazonaws.com.cn" // its suffix is that of the partition
			}
		}
		for name, role := range tmpl.Resources(t, "AWS::IAM::Role") {
			for _, s := range cfntest.Statements(cfntest.At(role, "Properties", "AssumeRolePolicyDocument")) {
				if s.Service != want[name] || s.PrincipalIsOther || !slices.Equal(s.Actions, []string{"sts:AssumeRole"}) {
					t.Errorf("%s: the role trusts %+v, want %q", name, s, want[name])
				}
			}
		}
	})
}

// TestFunctionsAreKnown checks that these tests see the whole of the templates:
// an intrinsic function that is not evaluated hides what is behind it.
func TestFunctionsAreKnown(t *testing.T) {
	t.Parallel()
	known := []string{"!Ref", "!GetAtt", "!If", "!Equals", "!Not", "!Contains", "!EachMemberEquals", "!FindInMap", "!Join", "!Split", "!Sub"}
	each(t, func(t *testing.T, tmpl *cfntest.Template) {
		var check func(n *yaml.Node)
		check = func(n *yaml.Node) {
			if strings.HasPrefix(n.Tag, "!") && !strings.HasPrefix(n.Tag, "!!") && !slices.Contains(known, n.Tag) {
				t.Errorf("line %d: %s is not evaluated in tests", n.Line, n.Tag)
			}
			for _, c := range n.Content {
				if strings.HasPrefix(c.Value, "Fn::") {
					t.Errorf("line %d: %s is in the long form, which is not evaluated in tests", c.Line, c.Value)
				}
				check(c)
			}
		}
		check(tmpl.Root)
	})
}
