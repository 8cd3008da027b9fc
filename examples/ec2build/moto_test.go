package main_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/customaction/ec2build"
	"github.com/codesuite-go/codesuite/examples/internal/asltest"
)

// TestMoto runs the definition in moto, too, and compares the histories. It takes
// the seconds of the waits.
func TestMoto(t *testing.T) {
	t.Parallel()
	modules := os.Getenv("CODESUITE_NODE_MODULES")
	if modules == "" {
		t.Skip("CODESUITE_NODE_MODULES is not set")
	}
	if err := exec.CommandContext(t.Context(), "python3", "-c", "import boto3, moto").Run(); err != nil {
		t.Skip("python3 has no boto3 and moto")
	}
	for _, test := range []struct {
		name   string
		faults map[string][]string // in moto, by operation of boto3
		fault  func() func(int, asltest.Call) *fault
		states string
	}{
		{name: "success", faults: map[string][]string{}, states: "SUCCEEDED"},
		{
			name:   "late registration, failed termination",
			faults: map[string][]string{"send_command": {"InvalidInstanceId", "InvalidInstanceId"}, "terminate_instances": {"InternalError"}},
			fault: func() func(int, asltest.Call) *fault {
				n := map[string]int{}
				return func(_ int, call asltest.Call) *fault {
					n[call.State]++
					switch {
					case call.State == "SendCommand" && n[call.State] <= 2:
						return &fault{err: &asltest.Error{Name: "Ssm.InvalidInstanceIdException"}}
					case call.State == "Terminate" && n[call.State] == 1:
						return &fault{err: ec2Fault(500, "InternalError")}
					}
					return nil
				}
			},
			states: "SUCCEEDED",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			in := input()
			in.Variables = nil
			p := plan{status: "Success", details: "Success"}
			x, c := run(t, machine(t), p, in, func(c *cloud, _ *asltest.Options) {
				if test.fault != nil {
					c.fault = test.fault()
				}
			})
			if err := c.clock.Sleep(t.Context(), time.Minute); err != nil {
				t.Fatal(err)
			}
			if string(x.Status) != test.states {
				t.Fatalf("the execution is %s: %s", x.Status, x.Cause)
			}
			definition, err := ec2build.Definition("aws")
			if err != nil {
				t.Fatal(err)
			}
			start, err := json.Marshal(in)
			if err != nil {
				t.Fatal(err)
			}
			asked, err := json.Marshal(map[string]any{"modules": modules, "definition": string(definition), "input": string(start), "faults": test.faults})
			if err != nil {
				t.Fatal(err)
			}
			cmd := exec.CommandContext(t.Context(), "python3", "testdata/states_moto.py")
			cmd.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_DEFAULT_REGION=eu-central-1")
			cmd.Stdin = bytes.NewReader(asked)
			var stderr bytes.Buffer
			cmd.Stderr = &stderr
			out, err := cmd.Output()
			if err != nil {
				t.Fatalf("states_moto.py: %v\n%s", err, stderr.Bytes())
			}
			var got struct {
				Status, Cause string
				Events        []string
				Reports       []struct{ Action string }
				Instances     []string
			}
			if err := json.Unmarshal(out, &got); err != nil {
				t.Fatalf("states_moto.py: %v\n%s", err, out)
			}
			var events []string
			for _, e := range x.Events {
				events = append(events, e.Type)
			}
			if diff := cmp.Diff(got.Events, events); diff != "" {
				t.Errorf("the history (-moto +asltest):\n%s\n%s", diff, got.Cause)
			}
			if got.Status != test.states || len(got.Reports) != 1 || got.Reports[0].Action != "put_job_success_result" {
				t.Errorf("the execution in moto is %s with the reports %v: %s", got.Status, got.Reports, got.Cause)
			}
			if diff := cmp.Diff([]string{"terminated"}, got.Instances); diff != "" {
				t.Errorf("instances in moto (-want +got):\n%s", diff)
			}
		})
	}
}
