package conformance_test

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/codesuite-go/codesuite/examples/internal/cfntest"
)

// inputs are the inputs of calls in the source of the run.
var inputs = regexp.MustCompile(`\baws(\w+)\.(\w+)Input\{`)

// services are the names of services in IAM whose clients are called otherwise.
var services = map[string]string{"eventbridge": "events", "sfn": "states"}

// objectActions are the actions of S3's operations that are called otherwise.
var objectActions = map[string]string{"ListObjectsV2": "ListBucket", "ListBuckets": "ListAllMyBuckets"}

// TestPolicy checks that the template's policy for callers allows each call of a
// run, those that list an account on all resources, and that no other statement is
// about resources that are not the run's.
func TestPolicy(t *testing.T) {
	t.Parallel()
	template := cfntest.Read(t, "role.yaml", map[string]string{"Connection": "arn:aws-cn:codeconnections:cn-north-1:111122223333:connection/1"})
	callers := cfntest.Statements(cfntest.At(template.Resource(t, "Caller"), "Properties", "PolicyDocument"))
	allows := func(action string, everywhere bool) bool {
		return slices.ContainsFunc(callers, func(s cfntest.Statement) bool {
			return (!everywhere || slices.Contains(s.Resources, "*")) && slices.ContainsFunc(s.Actions, func(pattern string) bool {
				is, err := path.Match(pattern, action)
				return err == nil && is
			})
		})
	}
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{"iam:PassRole": true, "s3:ListAllMyBuckets": true, "codepipeline:ListRuleTypes": true}
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range inputs.FindAllStringSubmatch(string(source), -1) {
			service, operation := m[1], m[2]
			if name, ok := services[service]; ok {
				service = name
			}
			if name, ok := objectActions[operation]; ok {
				operation = name
			}
			action := service + ":" + operation
			used[action] = true
			if !allows(action, false) {
				t.Errorf("%s: the policy does not allow %s", file, action)
			}
			// Those with a name of one resource list what is in it.
			of := []string{"codebuild:ListBuildsForProject", "codebuild:ListBuildBatchesForProject", "s3:ListBucket"}
			if strings.Contains(file, "leftover") || strings.Contains(operation, "Job") {
				if !slices.Contains(of, action) && !allows(action, true) {
					t.Errorf("%s: the policy allows %s not on all resources", file, action)
				}
			}
		}
	}
	if len(used) < 80 {
		t.Errorf("the run makes %d different calls", len(used))
	}
	for _, s := range callers {
		for _, action := range s.Actions {
			if !strings.HasSuffix(action, ":*") && !strings.HasSuffix(action, "Connection") && !used[action] {
				t.Errorf("the policy allows %s, which no run needs", action)
			}
		}
	}

	policies, _ := cfntest.At(template.Resource(t, "Role"), "Properties", "Policies").([]any)
	statements := callers
	for _, p := range policies {
		statements = append(statements, cfntest.Statements(cfntest.At(p, "PolicyDocument"))...)
	}
	if len(statements) < 10 {
		t.Fatalf("there are %d statements", len(statements))
	}
	for _, s := range statements {
		for _, resource := range s.Resources {
			if resource == "*" || strings.Contains(resource, prefix) {
				continue
			}
			switch action := s.Actions[0]; {
			case action == "iam:PassRole" && resource == "Role.Arn", action == "ssm:SendCommand", strings.HasSuffix(action, "Connection"):
			default:
				t.Errorf("a statement is about %s: %+v", resource, s)
			}
		}
	}
}
