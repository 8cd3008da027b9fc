package cfntest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Statement is a statement of a policy.
type Statement struct {
	Effect           string
	Actions          []string
	Resources        []string
	Service          string // whom it is about, in the policy of a resource
	Condition        map[string]any
	NotSomething     bool // NotAction, NotResource or NotPrincipal
	PrincipalIsOther bool
}

// Statements returns the statements of a policy document.
func Statements(document any) []Statement {
	var all []Statement
	list, _ := At(document, "Statement").([]any)
	for _, s := range list {
		m, _ := s.(map[string]any)
		statement := Statement{
			Effect: fmt.Sprint(m["Effect"]), Actions: Strings(m["Action"]), Resources: Strings(m["Resource"]),
			NotSomething: m["NotAction"] != nil || m["NotResource"] != nil || m["NotPrincipal"] != nil,
		}
		statement.Condition, _ = m["Condition"].(map[string]any)
		if principal, ok := m["Principal"]; ok {
			statement.Service, ok = At(principal, "Service").(string)
			statement.PrincipalIsOther = !ok
		}
		all = append(all, statement)
	}
	return all
}

// Role returns the name of the role of the function, and the statements of its
// policies.
func (t *Template) Role(tb testing.TB, function string) (name string, statements []Statement) {
	tb.Helper()
	name, _ = At(t.Resource(tb, function), "Properties", "Role").(string)
	name, isRole := strings.CutSuffix(name, ".Arn")
	if !isRole {
		tb.Fatalf("the function %s has no role of its own: SAM would make one that may write every log", function)
	}
	properties := At(t.Resource(tb, name), "Properties")
	if managed := At(properties, "ManagedPolicyArns"); managed != nil {
		tb.Errorf("the role %s has managed policies: %v", name, managed)
	}
	policies, _ := At(properties, "Policies").([]any)
	for _, policy := range policies {
		statements = append(statements, Statements(At(policy, "PolicyDocument"))...)
	}
	return name, statements
}

// network is what Lambda needs for a VPC.
var network = []string{
	"ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface",
	"ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:UnassignPrivateIpAddresses",
}

// Calls returns the actions that the role of the function allows for the calls
// of the program, sorted. It fails the test unless the role allows Lambda's own
// calls as well: to write the log, to read queues, to keep dead letters, to reach
// a VPC.
func (t *Template) Calls(tb testing.TB, function string) []string {
	tb.Helper()
	role, statements := t.Role(tb, function)
	var allowed []string // as "action on resource" for the calls of Lambda
	var actions []string
	for _, s := range statements {
		for _, action := range s.Actions {
			actions = append(actions, action)
			for _, resource := range s.Resources {
				allowed = append(allowed, action+" on "+resource)
			}
		}
	}
	properties := At(t.Resource(tb, function), "Properties")
	var needed []string
	need := func(resource string, list ...string) {
		for _, action := range list {
			needed = append(needed, action)
			if !slices.Contains(allowed, action+" on "+resource) {
				tb.Errorf("the role %s does not allow %s on %s, which Lambda needs", role, action, resource)
			}
		}
	}
	if logs, ok := At(properties, "LoggingConfig", "LogGroup").(string); ok {
		need(logs+".Arn", "logs:CreateLogStream", "logs:PutLogEvents")
	}
	if queue, ok := At(properties, "DeadLetterQueue", "TargetArn").(string); ok {
		need(queue, "sqs:SendMessage")
	}
	events, _ := At(properties, "Events").(map[string]any)
	for _, event := range events {
		if At(event, "Type") == "SQS" {
			queue, _ := At(event, "Properties", "Queue").(string)
			need(queue, "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage")
		}
	}
	if At(properties, "VpcConfig") != nil {
		need("*", network...)
	}
	actions = slices.DeleteFunc(actions, func(action string) bool { return slices.Contains(needed, action) })
	slices.Sort(actions)
	return slices.Compact(actions)
}
