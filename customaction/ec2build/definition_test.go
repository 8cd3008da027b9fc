package ec2build_test

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/customaction/ec2build"
)

func TestDefinitionPartition(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ partition, want string }{
		{"aws", "arn:aws:states:::aws-sdk:ec2:runInstances"},
		{"aws-cn", "arn:aws-cn:states:::aws-sdk:ec2:runInstances"},
		{"${AWS::Partition}", "arn:${AWS::Partition}:states:::aws-sdk:ec2:runInstances"},
		{"", ""},
		{"aws:states", ""},
		{"eu-central-1", ""},
		{`aws"`, ""},
	} {
		t.Run(test.partition, func(t *testing.T) {
			t.Parallel()
			definition, err := ec2build.Definition(test.partition)
			if test.want == "" {
				if err == nil || !strings.Contains(err.Error(), "is no partition") {
					t.Errorf("the error is %v, want one about the partition", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(definition), `"`+test.want+`"`) {
				t.Errorf("the definition has no %s", test.want)
			}
			placeholders := slices.Compact(slices.Sorted(slices.Values(regexp.MustCompile(`\$\{[^}]*\}?`).FindAllString(string(definition), -1))))
			for _, p := range placeholders {
				if p != test.partition {
					t.Errorf("the definition has %s, which a template would replace", p)
				}
			}
		})
	}
}

// aslState has what the tests look at.
type aslState struct {
	Type, Resource, Next, Default string
	TimeoutSeconds                int
	Retry                         []struct{ ErrorEquals []string }
	Catch                         []struct {
		ErrorEquals []string
		Next        string
	}
	Choices []struct{ Condition, Next string }
}

func (s aslState) targets() []string {
	var all []string
	for _, c := range s.Catch {
		all = append(all, c.Next)
	}
	for _, c := range s.Choices {
		all = append(all, c.Next)
	}
	for _, next := range []string{s.Next, s.Default} {
		if next != "" {
			all = append(all, next)
		}
	}
	return all
}

// TestDefinitionStates checks that every state is reached and leads to an end, and
// that the failure of any task leads on.
func TestDefinitionStates(t *testing.T) {
	t.Parallel()
	definition, err := ec2build.Definition("aws")
	if err != nil {
		t.Fatal(err)
	}
	var machine struct {
		StartAt, QueryLanguage string
		TimeoutSeconds         int
		States                 map[string]aslState
	}
	if err := json.Unmarshal(definition, &machine); err != nil {
		t.Fatal(err)
	}
	if machine.QueryLanguage != "JSONata" || machine.TimeoutSeconds == 0 {
		t.Errorf("the language is %q and the timeout %d, want JSONata and one", machine.QueryLanguage, machine.TimeoutSeconds)
	}
	reached := map[string]bool{}
	var visit func(string)
	visit = func(name string) {
		s, ok := machine.States[name]
		if !ok {
			t.Errorf("there is no state %q", name)
		}
		if reached[name] || !ok {
			return
		}
		reached[name] = true
		for _, next := range s.targets() {
			visit(next)
		}
	}
	visit(machine.StartAt)
	resources := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(machine.States)) {
		s := machine.States[name]
		if !reached[name] {
			t.Errorf("state %s is never reached", name)
		}
		switch s.Type {
		case "Succeed", "Fail":
			if s.targets() != nil {
				t.Errorf("state %s goes on", name)
			}
			continue
		case "Choice":
			if last := s.Choices[len(s.Choices)-1].Condition; s.Default == "" && last != "{% true %}" {
				t.Errorf("state %s may match no choice", name)
			}
		case "Task":
			resources[strings.TrimPrefix(s.Resource, "arn:aws:states:::aws-sdk:")] = true
			if s.TimeoutSeconds == 0 {
				t.Errorf("state %s has no timeout", name)
			}
			if n := len(s.Catch); n == 0 || !slices.Equal(s.Catch[n-1].ErrorEquals, []string{"States.ALL"}) {
				t.Errorf("state %s does not catch everything", name)
			}
		}
		if s.targets() == nil {
			t.Errorf("state %s ends the execution without a result", name)
		}
	}
	want := []string{
		"codepipeline:putJobFailureResult", "codepipeline:putJobSuccessResult",
		"ec2:describeInstances", "ec2:runInstances", "ec2:terminateInstances", "s3:getObject",
		"ssm:describeInstanceInformation", "ssm:getCommandInvocation", "ssm:listCommandInvocations", "ssm:sendCommand",
	}
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(resources))); diff != "" {
		t.Errorf("calls of the state machine (-want +got):\n%s", diff)
	}
	again, err := ec2build.Definition("aws")
	if err != nil || string(again) != string(definition) {
		t.Errorf("a second definition differs, or has the error %v", err)
	}
	const most = 32 << 10 // leaves room in the 51,200 bytes of a template that is not in S3
	if len(definition) > most {
		t.Errorf("the definition has %d bytes, want %d at most", len(definition), most)
	}
}
