package main_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/customaction"
	"github.com/codesuite-go/codesuite/customaction/ec2build"
	"github.com/codesuite-go/codesuite/examples/internal/cfntest"
	"github.com/codesuite-go/codesuite/pipeline/actiontype"
)

func template(t *testing.T) *cfntest.Template {
	t.Helper()
	return cfntest.Read(t, "template.yaml", map[string]string{"ArtifactBucket": "artifacts"})
}

// TestGenerated: the template has the state machine and the documents of the package.
func TestGenerated(t *testing.T) {
	t.Parallel()
	tmpl := template(t)
	definition, err := ec2build.Definition("aws-cn") // where the template is
	if err != nil {
		t.Fatal(err)
	}
	got, _ := cfntest.At(tmpl.Resource(t, "StateMachine"), "Properties", "DefinitionString").(string)
	if diff := cmp.Diff(strings.TrimSpace(string(definition)), strings.TrimSpace(got)); diff != "" {
		t.Errorf("state machine, call go generate (-package +template):\n%s", diff)
	}
	for name, document := range map[string]struct {
		platform ec2build.Platform
		docker   bool
	}{
		"LinuxDocument":         {ec2build.PlatformLinux, false},
		"WindowsDocument":       {ec2build.PlatformWindows, false},
		"WindowsDockerDocument": {ec2build.PlatformWindows, true},
	} {
		text, err := ec2build.Document(document.platform, document.docker)
		if err != nil {
			t.Fatal(err)
		}
		var want any
		if err := json.Unmarshal(text, &want); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, cfntest.At(tmpl.Resource(t, name), "Properties", "Content")); diff != "" {
			t.Errorf("%s, call go generate (-package +template):\n%s", name, diff)
		}
	}
}

// TestGenerate: go generate changes nothing, and finds its marks.
func TestGenerate(t *testing.T) {
	t.Parallel()
	before, err := os.ReadFile("template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "template.yaml")
	if err := os.WriteFile(file, before, 0o600); err != nil {
		t.Fatal(err)
	}
	program := binary.Path(t)
	if out, err := exec.CommandContext(t.Context(), program, "template", file).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	after, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(before) != string(after) {
		t.Error("go generate changes the template: call it")
	}
	if err := os.WriteFile(file, []byte("Resources: {}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), program, "template", file).CombinedOutput(); err == nil || !strings.Contains(string(out), "begin definition") {
		t.Errorf("without the marks: %v: %s", err, out)
	}
}

// TestActionTypeOfTemplate: the template declares the action type of the package.
func TestActionTypeOfTemplate(t *testing.T) {
	t.Parallel()
	p := cfntest.At(template(t).Resource(t, "ActionType"), "Properties")
	want := ec2build.ActionType("cn-north-1", "LinuxDocument")
	number := func(path ...string) int { n, _ := cfntest.At(p, path...).(int); return n }
	text := func(path ...string) string { s, _ := cfntest.At(p, path...).(string); return s }
	got := actiontype.Type{
		Category: text("Category"), Provider: text("Provider"), Version: text("Version"),
		// A reference in a text is evaluated to nothing by the reader of templates.
		EntityURLTemplate:    strings.Replace(text("Settings", "EntityUrlTemplate"), "documents//", "documents/LinuxDocument/", 1),
		ExecutionURLTemplate: text("Settings", "ExecutionUrlTemplate"),
		Inputs:               actiontype.ArtifactCount{Min: number("InputArtifactDetails", "MinimumCount"), Max: number("InputArtifactDetails", "MaximumCount")},
		Outputs:              actiontype.ArtifactCount{Min: number("OutputArtifactDetails", "MinimumCount"), Max: number("OutputArtifactDetails", "MaximumCount")},
	}
	properties, _ := cfntest.At(p, "ConfigurationProperties").([]any)
	for _, property := range properties {
		var declared struct {
			Name, Type, Description string
			Required, Key, Secret   bool
		}
		data, err := json.Marshal(property)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(data, &declared); err != nil {
			t.Fatal(err)
		}
		got.Properties = append(got.Properties, actiontype.Property{
			Name: declared.Name, Type: actiontype.PropertyType(declared.Type), Description: declared.Description,
			Required: declared.Required, Key: declared.Key, Secret: declared.Secret,
		})
	}
	if diffs := want.Diff(got); len(diffs) > 0 {
		t.Errorf("the action type differs: %v", diffs)
	}
}

// TestRulesOfTemplate: the rules have the patterns of the handler, and the account.
func TestRulesOfTemplate(t *testing.T) {
	t.Parallel()
	tmpl := template(t)
	// The reader evaluates the reference to the state machine to its name.
	const machine = "arn:aws:states:us-east-1:111122223333:stateMachine:StateMachine"
	handler := ec2build.New(ec2build.Clients{}, ec2build.ActionType("us-east-1", "d"), machine)
	if _, err := handler.Patterns(); err == nil {
		t.Fatal("a handler without clients has patterns")
	}
	var clients struct {
		customaction.API
		ec2build.StepFunctionsAPI
		ec2build.EC2API
		ec2build.SystemsManagerAPI
	}
	handler = ec2build.New(ec2build.Clients{CodePipeline: clients, StepFunctions: clients, EC2: clients, SystemsManager: clients},
		ec2build.ActionType("us-east-1", "d"), machine, func(o *ec2build.Options) {
			o.Name, o.LogGroup, o.InstanceProfile, o.Documents.Linux = "n", "l", "p", "d"
		})
	patterns, err := handler.Patterns()
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"ActionRule", "ExecutionRule", "InterruptionRule"} {
		rule, _ := cfntest.At(tmpl.Resource(t, name), "Properties", "EventPattern").(map[string]any)
		delete(rule, "account")
		got, err := json.Marshal(rule)
		if err != nil {
			t.Fatal(err)
		}
		var a, b any
		_ = json.Unmarshal([]byte(strings.ReplaceAll(patterns[i].String(), machine, "StateMachine")), &a)
		_ = json.Unmarshal(got, &b)
		if diff := cmp.Diff(a, b); diff != "" {
			t.Errorf("%s (-handler +template):\n%s", name, diff)
		}
	}
}

// TestPermissions: the role of the function allows what the handler's clients have,
// and that of the state machine what its tasks call.
func TestPermissions(t *testing.T) {
	t.Parallel()
	tmpl := template(t)
	var want []string
	for service, api := range map[string]reflect.Type{
		"codepipeline": reflect.TypeFor[customaction.API](), "states": reflect.TypeFor[ec2build.StepFunctionsAPI](),
		"ec2": reflect.TypeFor[ec2build.EC2API](), "ssm": reflect.TypeFor[ec2build.SystemsManagerAPI](),
	} {
		for i := range api.NumMethod() {
			if name := api.Method(i).Name; name != "GetJobDetails" { // of the worker alone
				want = append(want, service+":"+name)
			}
		}
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, tmpl.Calls(t, "Builds")); diff != "" {
		t.Errorf("role of the function (-calls +allowed):\n%s", diff)
	}

	var machine struct {
		States map[string]struct{ Resource string }
	}
	text, _ := cfntest.At(tmpl.Resource(t, "StateMachine"), "Properties", "DefinitionString").(string)
	if err := json.Unmarshal([]byte(text), &machine); err != nil {
		t.Fatal(err)
	}
	calls := map[string]bool{"ec2:CreateTags": true, "iam:PassRole": true} // which launches need besides
	for _, state := range machine.States {
		if _, call, ok := strings.Cut(state.Resource, "aws-sdk:"); ok {
			service, operation, _ := strings.Cut(call, ":")
			calls[service+":"+strings.ToUpper(operation[:1])+operation[1:]] = true
		}
	}
	allowed := make(map[string]bool)
	policies, _ := cfntest.At(tmpl.Resource(t, "StateMachineRole"), "Properties", "Policies").([]any)
	for _, policy := range policies {
		for _, s := range cfntest.Statements(cfntest.At(policy, "PolicyDocument")) {
			for _, action := range s.Actions {
				allowed[action] = true
				if (action == "ec2:TerminateInstances" || action == "ssm:SendCommand" && strings.Contains(s.Resources[0], "instance/") ||
					action == "ec2:RunInstances" && strings.Contains(s.Resources[0], "instance/")) && s.Condition == nil {
					t.Errorf("%s is not limited to instances with the tag of the stack", action)
				}
			}
		}
	}
	if diff := cmp.Diff(calls, allowed); diff != "" {
		t.Errorf("role of the state machine (-calls +allowed):\n%s", diff)
	}
}

// TestVariablesOfTemplate: an instance may put its own object with output variables
// and no other, and the function tells it that one. The ID of the user of an instance
// is the ID of its role, a colon, and the ID of the instance.
func TestVariablesOfTemplate(t *testing.T) {
	t.Parallel()
	tmpl := template(t)
	var resources []string
	for _, s := range instanceRole(t, tmpl) {
		for _, resource := range s.Resources {
			if strings.Contains(resource, "/variables/") {
				resources = append(resources, strings.Join(s.Actions, " ")+" "+resource)
			}
		}
	}
	// The reader evaluates references in a text to nothing.
	if diff := cmp.Diff([]string{"s3:PutObject /variables/${aws:userid}"}, resources); diff != "" {
		t.Errorf("role of instances (-want +got):\n%s", diff)
	}
	if got := cfntest.At(tmpl.Resource(t, "Builds"), "Properties", "Environment", "Variables", "VARIABLES_PREFIX"); got != "variables/:" {
		t.Errorf("the prefix is %q", got)
	}
}

// instanceRole returns the statements of the role of instances.
func instanceRole(t *testing.T, tmpl *cfntest.Template) (statements []cfntest.Statement) {
	t.Helper()
	policies, _ := cfntest.At(tmpl.Resource(t, "InstanceRole"), "Properties", "Policies").([]any)
	for _, policy := range policies {
		statements = append(statements, cfntest.Statements(cfntest.At(policy, "PolicyDocument"))...)
	}
	return statements
}

// TestParametersOfTemplate: the policy that AWS has for the agent allows these calls
// for all parameters of the account, and SecureString values with them. The role of
// instances denies them.
func TestParametersOfTemplate(t *testing.T) {
	t.Parallel()
	tmpl := template(t)
	managed := cfntest.Strings(cfntest.At(tmpl.Resource(t, "InstanceRole"), "Properties", "ManagedPolicyArns"))
	if diff := cmp.Diff([]string{"arn:aws-cn:iam::aws:policy/AmazonSSMManagedInstanceCore"}, managed); diff != "" {
		t.Errorf("managed policies (-want +got):\n%s", diff)
	}
	var denied []string
	for _, s := range instanceRole(t, tmpl) {
		if s.Effect == "Deny" && slices.Equal(s.Resources, []string{"*"}) && s.Condition == nil {
			denied = append(denied, s.Actions...)
		}
	}
	if diff := cmp.Diff([]string{"ssm:GetParameter", "ssm:GetParameters"}, denied); diff != "" {
		t.Errorf("denied (-want +got):\n%s", diff)
	}
}

// TestSeveralStacks: nothing has a fixed name, so that an account can have several
// stacks, and nothing wakes the function each minute.
func TestSeveralStacks(t *testing.T) {
	t.Parallel()
	tmpl := template(t)
	for kind, name := range map[string]string{
		"AWS::Serverless::Function": "FunctionName", "AWS::IAM::Role": "RoleName", "AWS::IAM::InstanceProfile": "InstanceProfileName",
		"AWS::EC2::LaunchTemplate": "LaunchTemplateName", "AWS::SSM::Document": "Name", "AWS::Logs::LogGroup": "LogGroupName",
		"AWS::StepFunctions::StateMachine": "StateMachineName", "AWS::S3::Bucket": "BucketName", "AWS::SQS::Queue": "QueueName", "AWS::Events::Rule": "Name",
	} {
		resources := tmpl.Resources(t, kind)
		if len(resources) == 0 {
			t.Errorf("there is no %s", kind)
		}
		for id, r := range resources {
			// A name with that of the stack is one for each stack.
			if fixed := cfntest.At(r, "Properties", name); fixed != nil && !strings.Contains(fmt.Sprint(fixed), cfntest.StackName) {
				t.Errorf("%s has the fixed name %v", id, fixed)
			}
		}
	}
	if got := cfntest.At(tmpl.Resource(t, "Builds"), "Properties", "Runtime"); got != "provided.al2023" {
		t.Errorf("runtime %v", got)
	}
	if got := cfntest.At(tmpl.Resource(t, "SweepRule"), "Properties", "ScheduleExpression"); got != "rate(5 minutes)" {
		t.Errorf("schedule %v", got)
	}
	launch := cfntest.At(tmpl.Resource(t, "LaunchTemplate"), "Properties", "LaunchTemplateData")
	if got := cfntest.At(launch, "InstanceInitiatedShutdownBehavior"); got != "terminate" {
		t.Errorf("a shutdown does %v with the instance", got)
	}
	if got := cfntest.At(launch, "MetadataOptions", "HttpTokens"); got != "required" {
		t.Errorf("tokens for the metadata are %v", got)
	}
}
