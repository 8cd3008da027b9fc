package main_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/customaction/ec2build"
	"github.com/codesuite-go/codesuite/examples/internal/cfntest"
	"github.com/codesuite-go/codesuite/internal/ec2test"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// TestPipeline starts the build of pipeline.yaml: the function takes its
// configuration, and starts an execution that has what it says.
func TestPipeline(t *testing.T) {
	t.Parallel()
	tmpl := cfntest.Read(t, "pipeline.yaml", map[string]string{
		"Builds": "builds", "ArtifactBucket": "artifacts", "InstanceRole": "role", "SourceBucket": "sources",
	})
	stages, _ := cfntest.At(tmpl.Resource(t, "Pipeline"), "Properties", "Stages").([]any)
	actions, _ := cfntest.At(stages[1], "Actions").([]any)
	action := actions[0]
	configuration, _ := cfntest.At(action, "Configuration").(map[string]any)
	if id := cfntest.At(action, "ActionTypeId"); cfntest.At(id, "Provider") != "EC2-Build" || cfntest.At(id, "Version") != "1" {
		t.Errorf("the action type is %v", id)
	}
	s := newSite(t, 1, func(build *pipelinetest.Action) {
		build.Configuration = make(map[string]string)
		for key, value := range configuration {
			build.Configuration[key] = fmt.Sprint(value)
		}
	})
	s.aws.SetParameter(fmt.Sprint(configuration["ImageId"]), "ami-0fedcba9876543210")
	s.aws.AddImage("ami-0fedcba9876543210", ec2test.Image{RootDevice: "/dev/sda1", Windows: true})
	s.aws.OnStart(func(ec2test.Execution) {})
	s.begin()
	s.deliver()
	all := s.aws.Executions()
	if len(all) != 1 {
		t.Fatalf("there are %d executions, and the action is %+v", len(all), s.latest())
	}
	var in ec2build.Input
	if err := json.Unmarshal([]byte(all[0].Input), &in); err != nil {
		t.Fatal(err)
	}
	var types []string
	for _, launch := range in.Launches {
		types = append(types, launch.InstanceType)
	}
	command, err := base64.StdEncoding.DecodeString(in.Command.Parameters["Command"][0])
	if err != nil {
		t.Fatal(err)
	}
	got := []any{in.Instance.ImageID, in.Instance.RootSize, in.Command.Document, types, in.Timeout}
	want := []any{"ami-0fedcba9876543210", 100, "build-docker", []string{"m7i.large", "m6i.large"}, 7200}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("input (-want +got):\n%s", diff)
	}
	// The command calls the script of the folder with parameters that it has.
	name, parameters, _ := strings.Cut(strings.TrimPrefix(string(command), `.\`), " ")
	script, err := os.ReadFile("windows/" + name)
	if err != nil {
		t.Fatal(err)
	}
	for parameter := range strings.FieldsSeq(parameters) {
		if flag, ok := strings.CutPrefix(parameter, "-"); ok && !strings.Contains(string(script), "$"+flag) {
			t.Errorf("%s has no parameter %s", name, flag)
		}
	}
}
