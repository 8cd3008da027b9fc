package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/codesuite-go/codesuite/events/pattern"
	"github.com/codesuite-go/codesuite/examples/internal/cfntest"
	"github.com/codesuite-go/codesuite/githubstatus"
	"github.com/codesuite-go/codesuite/internal/fixturetest"
	"github.com/codesuite-go/codesuite/pipeline"
)

// rulePattern returns the pattern of the template's rule, with the parameters.
func rulePattern(t testing.TB, parameters map[string]string) pattern.Pattern {
	t.Helper()
	return parsePattern(t, templatePattern(t, parameters))
}

// templatePattern returns the pattern as it stands in the template.
func templatePattern(t testing.TB, parameters map[string]string) map[string]any {
	t.Helper()
	reporter := cfntest.Read(t, "template.yaml", parameters).Resource(t, "Reporter")
	return cfntest.At(reporter, "Properties", "Events", "Pipelines", "Properties", "Pattern").(map[string]any)
}

func parsePattern(t testing.TB, fields map[string]any) pattern.Pattern {
	t.Helper()
	text, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	rule, err := pattern.Parse(text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return rule
}

// TestRule compares the rule with the pattern of the Reporter, to which it adds
// the account.
func TestRule(t *testing.T) {
	t.Parallel()
	reporter := newReporter(noExecutions{}, "111122223333", githubstatus.Hosts{"github.com": nil}, slog.New(slog.DiscardHandler))
	for _, test := range []struct {
		parameter string
		pipelines pattern.Matcher
	}{
		{"*", pattern.Matcher{}},
		{"website", pattern.Equals("website")},
		{"website,api,Web.Site@2", pattern.Equals("website", "api", "Web.Site@2")},
	} {
		want, err := reporter.Pattern(test.pipelines)
		if err != nil {
			t.Fatal(err)
		}
		fields := templatePattern(t, map[string]string{"Pipelines": test.parameter})
		delete(fields, "account")
		got := parsePattern(t, fields)
		if !got.Equal(want) {
			t.Errorf("Pipelines %s: the template has\n%v\nthe Reporter wants\n%v", test.parameter, got, want)
		}
	}
}

type noExecutions struct{}

func (noExecutions) Execution(context.Context, string, string) (*pipeline.Execution, error) {
	return nil, os.ErrNotExist
}

func TestRuleMatches(t *testing.T) {
	t.Parallel()
	event := func(source, detailType, detail string) string {
		return fmt.Sprintf(`{"version":"0","id":"1","account":"111122223333","region":"eu-central-1","time":"2026-03-02T09:01:17Z","resources":[],"source":%q,"detail-type":%q,"detail":%s}`, source, detailType, detail)
	}
	const (
		execution = "CodePipeline Pipeline Execution State Change"
		stage     = "CodePipeline Stage Execution State Change"
		action    = "CodePipeline Action Execution State Change"
	)
	all, some := rulePattern(t, nil), rulePattern(t, map[string]string{"Pipelines": "website,api"})
	for _, test := range []struct {
		name, event string
		all, some   bool
	}{
		{"started", event("aws.codepipeline", execution, `{"pipeline":"api","state":"STARTED"}`), true, true},
		{"superseded", event("aws.codepipeline", execution, `{"pipeline":"website","state":"SUPERSEDED"}`), true, true},
		{"other pipeline", event("aws.codepipeline", execution, `{"pipeline":"website2","state":"STARTED"}`), true, false},
		{"other case", event("aws.codepipeline", execution, `{"pipeline":"API","state":"STARTED"}`), true, false},
		{"source succeeded", event("aws.codepipeline", action, `{"pipeline":"api","state":"SUCCEEDED","type":{"category":"Source"}}`), true, true},
		{"source of another", event("aws.codepipeline", action, `{"pipeline":"x","state":"SUCCEEDED","type":{"category":"Source"}}`), true, false},
		{"source started", event("aws.codepipeline", action, `{"pipeline":"api","state":"STARTED","type":{"category":"Source"}}`), false, false},
		{"build succeeded", event("aws.codepipeline", action, `{"pipeline":"api","state":"SUCCEEDED","type":{"category":"Build"}}`), false, false},
		{"approval started", event("aws.codepipeline", action, `{"pipeline":"api","state":"STARTED","type":{"category":"Approval"}}`), true, true},
		{"approval of another", event("aws.codepipeline", action, `{"pipeline":"x","state":"STARTED","type":{"category":"Approval"}}`), true, false},
		{"stage", event("aws.codepipeline", stage, `{"pipeline":"api","state":"STARTED"}`), false, false},
		{"another account", strings.Replace(event("aws.codepipeline", execution, `{"pipeline":"api","state":"STARTED"}`), "111122223333", "999999999999", 1), false, false},
		{"forged", event("my.app", execution, `{"pipeline":"api","state":"STARTED"}`), false, false},
		{"CodeBuild", event("aws.codebuild", "CodeBuild Build State Change", `{"build-status":"SUCCEEDED"}`), false, false},
	} {
		for _, rule := range []struct {
			pattern pattern.Pattern
			want    bool
		}{{all, test.all}, {some, test.some}} {
			if got, err := rule.pattern.Match([]byte(test.event)); err != nil || got != rule.want {
				t.Errorf("%s: got %t, %v, want %t of %v", test.name, got, err, rule.want, rule.pattern)
			}
		}
	}
}

// The payloads are real ones of many services.
func TestRuleFixtures(t *testing.T) {
	t.Parallel()
	dir := fixturetest.Dir(t)
	fields := templatePattern(t, nil)
	delete(fields, "account") // the payloads are those of many
	rule := parsePattern(t, fields)
	matched, others := 0, 0
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".json" {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var e struct {
			Source     string
			DetailType string `json:"detail-type"`
			Detail     struct {
				State string
				Type  struct{ Category string }
			}
		}
		if json.Unmarshal(data, &e) != nil {
			return nil // no event; the rule is not asked about what is no JSON object
		}
		want := e.Source == "aws.codepipeline" &&
			(e.DetailType == "CodePipeline Pipeline Execution State Change" ||
				e.DetailType == "CodePipeline Action Execution State Change" &&
					(e.Detail.Type.Category == "Approval" || e.Detail.Type.Category == "Source" && e.Detail.State == "SUCCEEDED"))
		got, err := rule.Match(data)
		if got != want || err != nil && want {
			t.Errorf("%s: got %t, %v, want %t", path, got, err, want)
		}
		if want {
			matched++
		} else {
			others++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if matched < 10 || others < 100 {
		t.Errorf("%d fixtures match and %d do not: are they all there?", matched, others)
	}
}

// TestPermissions compares the role with the calls that the function makes.
func TestPermissions(t *testing.T) {
	t.Parallel()
	const arn = "arn:aws-cn:codepipeline:cn-north-1:111122223333:"
	read := []string{"codepipeline:GetPipelineExecution", "codepipeline:ListActionExecutions", "codepipeline:ListPipelineExecutions"}
	connections := []string{"codeconnections:GetConnection", "codestar-connections:GetConnection"}
	hosts := []string{"codeconnections:GetHost", "codestar-connections:GetHost"}
	network := []string{"ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface",
		"ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:UnassignPrivateIpAddresses"}
	const secret = "arn:aws-cn:secretsmanager:cn-north-1:111122223333:secret:github-AbCdEf"
	const key = "arn:aws-cn:kms:cn-north-1:111122223333:key/1"
	connection := func(kind string) []string {
		return []string{"arn:aws-cn:codeconnections:*:111122223333:" + kind + "/*", "arn:aws-cn:codestar-connections:*:111122223333:" + kind + "/*"}
	}
	log := map[string]grant{
		"Log":         {[]string{"logs:CreateLogStream", "logs:PutLogEvents"}, []string{"Logs.Arn"}},
		"DeadLetters": {[]string{"sqs:SendMessage"}, []string{"DeadLetters.Arn"}},
	}
	for _, test := range []struct {
		name       string
		parameters map[string]string
		want       map[string]grant
	}{
		{"all pipelines, github.com", nil, map[string]grant{
			"Pipelines":   {read, []string{arn + "*"}},
			"Secret":      {[]string{"secretsmanager:GetSecretValue"}, []string{secret}},
			"Connections": {connections, connection("connection")},
		}},
		{"in a VPC", map[string]string{"SubnetIds": "subnet-1,subnet-2", "SecurityGroupIds": "sg-1"}, map[string]grant{
			"Pipelines":   {read, []string{arn + "*"}},
			"Secret":      {[]string{"secretsmanager:GetSecretValue"}, []string{secret}},
			"Connections": {connections, connection("connection")},
			"Network":     {network, []string{"*"}},
		}},
		{"some pipelines, own key, enterprise", map[string]string{"Pipelines": "website,api", "SecretKeyArn": key, "GitHubHosts": "git.example.com"}, map[string]grant{
			"Pipelines":   {read, []string{arn + "website", "arn:*:codepipeline:*:*:api"}},
			"Secret":      {[]string{"secretsmanager:GetSecretValue"}, []string{secret}},
			"SecretKey":   {[]string{"kms:Decrypt"}, []string{key}},
			"Connections": {connections, connection("connection")},
			"Hosts":       {hosts, connection("host")},
		}},
	} {
		parameters := map[string]string{"SecretArn": secret}
		for name, value := range test.parameters {
			parameters[name] = value
		}
		got := grants(t, parameters)
		for sid, g := range log {
			test.want[sid] = g
		}
		if d := cmp.Diff(test.want, got); d != "" {
			t.Errorf("%s: mismatch (-want +got):\n%s", test.name, d)
		}
	}
}

// grant is what a statement of the role allows.
type grant struct{ Action, Resource []string }

// grants returns the statements of the role by their IDs.
func grants(t testing.TB, parameters map[string]string) map[string]grant {
	t.Helper()
	all := map[string]grant{}
	role := cfntest.Read(t, "template.yaml", parameters).Resource(t, "Role")
	if managed := cfntest.At(role, "Properties", "ManagedPolicyArns"); managed != nil {
		t.Errorf("the role has managed policies: %v", managed)
	}
	for _, policy := range cfntest.At(role, "Properties", "Policies").([]any) {
		for _, statement := range cfntest.At(policy, "PolicyDocument", "Statement").([]any) {
			if cfntest.At(statement, "Effect") != "Allow" {
				t.Errorf("the role has %v", statement)
			}
			all[cfntest.At(statement, "Sid").(string)] = grant{cfntest.Strings(cfntest.At(statement, "Action")), cfntest.Strings(cfntest.At(statement, "Resource"))}
		}
	}
	return all
}

// TestParameterRules evaluates the section Rules as CloudFormation does before it
// makes or changes anything.
func TestParameterRules(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name       string
		parameters map[string]string
		refused    []string // by these rules
	}{
		{"defaults", nil, nil},
		{"pipelines", map[string]string{"Pipelines": "website,api"}, nil},
		{"all pipelines and one", map[string]string{"Pipelines": "*,api"}, []string{"AllPipelinesStandAlone"}},
		{"VPC", map[string]string{"SubnetIds": "subnet-1,subnet-2", "SecurityGroupIds": "sg-1"}, nil},
		{"subnets alone", map[string]string{"SubnetIds": "subnet-1"}, []string{"SubnetsHaveSecurityGroups"}},
	} {
		tmpl := cfntest.Read(t, "template.yaml", test.parameters)
		var refused []string
		rules := cfntest.Child(tmpl.Root, "Rules")
		for i := 0; i < len(rules.Content); i += 2 {
			rule, _ := tmpl.Eval(rules.Content[i+1])
			for _, assertion := range cfntest.At(rule, "Assertions").([]any) {
				if cfntest.At(rule, "RuleCondition") == true && cfntest.At(assertion, "Assert") != true {
					refused = append(refused, rules.Content[i].Value)
				}
			}
		}
		if d := cmp.Diff(test.refused, refused); d != "" {
			t.Errorf("%s: mismatch (-want +got):\n%s", test.name, d)
		}
	}
}

// A template whose rules have other functions cannot be deployed, which cfn-lint
// does not know.
func TestFunctionsOfRules(t *testing.T) {
	t.Parallel()
	known := []string{"!And", "!Contains", "!EachMemberEquals", "!EachMemberIn", "!Equals", "!Not", "!Or", "!Ref", "!RefAll", "!ValueOf", "!ValueOfAll"}
	var check func(n *yaml.Node)
	check = func(n *yaml.Node) {
		if !strings.HasPrefix(n.Tag, "!!") && !slices.Contains(known, n.Tag) {
			t.Errorf("line %d: %s is not a function for rules", n.Line, n.Tag)
		}
		for _, c := range n.Content {
			if strings.HasPrefix(c.Value, "Fn::") {
				t.Errorf("line %d: %s is in the long form, which this test does not read", c.Line, c.Value)
			}
			check(c)
		}
	}
	check(cfntest.Child(cfntest.Read(t, "template.yaml", nil).Root, "Rules"))
}

// TestEnvironment compares the variables of the template with those that the
// program reads.
func TestEnvironment(t *testing.T) {
	t.Parallel()
	read := map[string]bool{}
	_, err := readSettings(func(name string) string {
		read[name] = true
		return map[string]string{"GITHUB_SECRET": "s"}[name]
	})
	if err != nil {
		t.Fatal(err)
	}
	parameters := map[string]string{"SecretArn": "s", "GitHubApps": "1/2@github.com", "GitHubChecks": "github.com", "GitHubCA": "LS0="}
	function := cfntest.Read(t, "template.yaml", parameters).Resource(t, "Reporter")
	set := map[string]bool{}
	for name := range cfntest.At(function, "Properties", "Environment", "Variables").(map[string]any) {
		set[name] = true
	}
	if d := cmp.Diff(read, set); d != "" {
		t.Errorf("variables mismatch (-read +set):\n%s", d)
	}
}

func TestReadme(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	parameters := cfntest.Child(cfntest.Read(t, "template.yaml", nil).Root, "Parameters")
	for i := 0; i < len(parameters.Content); i += 2 {
		if name := parameters.Content[i].Value; !strings.Contains(string(readme), "`"+name+"`") {
			t.Errorf("README.md does not tell the parameter %s", name)
		}
	}
}
