package main_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/examples/internal/asltest"
)

func TestMachineSucceeds(t *testing.T) {
	t.Parallel()
	x, c := run(t, machine(t), succeeding(), input())
	if x.Status != asltest.StatusSucceeded {
		t.Fatalf("the execution is %s: %s: %s; path %v", x.Status, x.Error, x.Cause, x.Path())
	}
	want := map[string]any{
		"VERSION": "4.2.0", "InstanceId": "i-00000000000000001", "CommandId": "7e6d5c4b-0000-4000-8000-000000000001",
		"LogGroup": "/builds", "ExecutionArn": executionARN,
	}
	if diff := cmp.Diff(want, c.output); diff != "" {
		t.Errorf("output variables (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{""}, c.results); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
	if left := c.left(); left != nil {
		t.Errorf("instances %v still run", left)
	}
	wantOutput := map[string]any{
		"Result": "Succeeded", "Reported": true, "Summary": "built on instance i-00000000000000001 (c7i.2xlarge), command 7e6d5c4b-0000-4000-8000-000000000001",
		"Variables": want, "InstanceID": "i-00000000000000001", "CommandID": "7e6d5c4b-0000-4000-8000-000000000001",
		"LogGroup": "/builds", "InstanceLeft": false,
	}
	if diff := cmp.Diff(any(wantOutput), x.Output); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
}
