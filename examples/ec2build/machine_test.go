package main_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/customaction/ec2build"
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

// TestMachineResults goes through what a command can end with.
func TestMachineResults(t *testing.T) {
	t.Parallel()
	const where = " on instance i-00000000000000001 (command 7e6d5c4b-0000-4000-8000-000000000001, log group /builds)"
	m := machine(t)
	for _, test := range []struct {
		status, details string
		code            int
		stdout, stderr  string
		failure         string
		message         string
	}{
		{"Success", "Success", 0, "", "", "", ""},
		{"Failed", "Failed", 2, "compiling", "undefined symbol\n", "JobFailed", "the command failed with exit code 2" + where + ": undefined symbol"},
		{"Failed", "Failed", 1, "3 tests failed\n", "", "JobFailed", "the command failed with exit code 1" + where + ": 3 tests failed"},
		{"Failed", "Failed", 1, "", "", "JobFailed", "the command failed with exit code 1" + where},
		{"Failed", "Failed", 1, "", "a" + strings.Repeat("b", 2000), "JobFailed", "the command failed with exit code 1" + where + ": …" + strings.Repeat("b", 2000)},
		{"Failed", "Undeliverable", -1, "", "", "SystemUnavailable", "Systems Manager could not deliver the command" + where + ": the agent does not answer"},
		{"Failed", "Terminated", -1, "", "", "SystemUnavailable", "Systems Manager terminated the command" + where},
		{"Failed", "Rate Exceeded", -1, "", "", "SystemUnavailable", "Systems Manager has too many commands: it refused the one" + where},
		{"Failed", "Access Denied", -1, "", "", "PermissionError", "Systems Manager was denied access to run the command" + where},
		{"Failed", "AccessDenied", -1, "", "", "PermissionError", "Systems Manager was denied access to run the command" + where},
		{"Failed", "Invalid Platform", -1, "", "", "ConfigurationError", "the document build-linux is not made for the platform of the image: the command" + where + " did not run"},
		{"TimedOut", "Delivery Timed Out", -1, "", "", "SystemUnavailable", "Systems Manager could not deliver the command in time" + where},
		{"TimedOut", "DeliveryTimedOut", -1, "", "", "SystemUnavailable", "Systems Manager could not deliver the command in time" + where},
		{"TimedOut", "ExecutionTimedOut", -1, "still linking", "", "JobFailed", "the command ran out of its 3600 seconds" + where + ": still linking"},
		{"Cancelled", "Cancelled", -1, "", "", "JobFailed", "somebody cancelled the command" + where},
		{"Pending", "Pending", -1, "", "", "SystemUnavailable", "Systems Manager did not stop command 7e6d5c4b-0000-4000-8000-000000000001 on instance i-00000000000000001 after its 3600 seconds"},
		{"InProgress", "In Progress", -1, "", "", "SystemUnavailable", "Systems Manager did not stop command 7e6d5c4b-0000-4000-8000-000000000001 on instance i-00000000000000001 after its 3600 seconds"},
		{"Delayed", "Delayed", -1, "", "", "SystemUnavailable", "Systems Manager did not stop command 7e6d5c4b-0000-4000-8000-000000000001 on instance i-00000000000000001 after its 3600 seconds"},
		{"Cancelling", "Cancelling", -1, "", "", "SystemUnavailable", "Systems Manager did not stop command 7e6d5c4b-0000-4000-8000-000000000001 on instance i-00000000000000001 after its 3600 seconds"},
	} {
		t.Run(test.status+" "+test.details, func(t *testing.T) {
			t.Parallel()
			p := succeeding()
			p.status, p.details, p.code, p.stdout, p.stderr = test.status, test.details, test.code, test.stdout, test.stderr
			x, c := run(t, m, p, input())
			if _, err := judge(x, c, ""); err != nil {
				t.Error(err)
			}
			if diff := cmp.Diff([]string{test.failure}, c.results); diff != "" {
				t.Errorf("results (-want +got):\n%s", diff)
			}
			if c.message != test.message {
				t.Errorf("the message is\n%q, want\n%q", c.message, test.message)
			}
		})
	}
}

// TestMachineFailures looks at the failures that are not those of the command.
func TestMachineFailures(t *testing.T) {
	t.Parallel()
	m := machine(t)
	for _, test := range []struct {
		name     string
		change   func(*plan, *ec2build.Input)
		fault    func(int, asltest.Call) *fault
		failure  string
		message  string // part of it
		launches []string
	}{
		{
			name:     "no capacity",
			change:   func(p *plan, _ *ec2build.Input) { p.noCapacity = 10 },
			failure:  "SystemUnavailable",
			message:  "EC2 has no capacity for any instance type and subnet of the action: Ec2.Ec2Exception: We currently do not have sufficient m7i.2xlarge capacity",
			launches: []string{"c7i.2xlarge spot", "m7i.2xlarge spot", "c7i.2xlarge", "m7i.2xlarge"},
		},
		{
			name:     "capacity at the third launch",
			change:   func(p *plan, _ *ec2build.Input) { p.noCapacity = 2 },
			launches: []string{"c7i.2xlarge spot", "m7i.2xlarge spot", "c7i.2xlarge"},
		},
		{
			name: "launch denied",
			fault: func(_ int, call asltest.Call) *fault {
				if call.State == "Launch" {
					return &fault{err: ec2Fault(403, "You are not authorized to perform this operation.")}
				}
				return nil
			},
			failure:  "PermissionError",
			message:  "the instance could not be launched: Ec2.Ec2Exception: You are not authorized",
			launches: []string{"c7i.2xlarge spot"},
		},
		{
			name: "launch refused",
			fault: func(_ int, call asltest.Call) *fault {
				if call.State == "Launch" {
					return &fault{err: ec2Fault(400, "The image id '[ami-0a1b2c3d4e5f60718]' does not exist")}
				}
				return nil
			},
			failure:  "ConfigurationError",
			message:  "does not exist",
			launches: []string{"c7i.2xlarge spot"},
		},
		{
			name: "launch throttled once", // the same launch again, with the same token
			fault: func(n int, _ asltest.Call) *fault {
				if n == 0 {
					return &fault{err: ec2Fault(503, "Request limit exceeded.")}
				}
				return nil
			},
			launches: []string{"c7i.2xlarge spot", "c7i.2xlarge spot"},
		},
		{
			name:     "never registers",
			change:   func(p *plan, in *ec2build.Input) { p.registers, in.Relaunches = -1, 0 },
			failure:  "SystemUnavailable",
			message:  "instance i-00000000000000001 did not take the command within 300 seconds: it is not registered with Systems Manager: the image needs the agent",
			launches: []string{"c7i.2xlarge spot"},
		},
		{
			name:     "the second instance does better",
			change:   func(p *plan, _ *ec2build.Input) { p.registers, p.bad = -1, 1 },
			launches: []string{"c7i.2xlarge spot", "m7i.2xlarge spot"},
		},
		{
			name:     "taken back before the command",
			change:   func(p *plan, in *ec2build.Input) { p.registers, p.dies, in.Relaunches = -1, 20*time.Second, 0 },
			failure:  "SystemUnavailable",
			message:  "instance i-00000000000000001 is terminated before it took the command: Server.SpotInstanceTermination: Spot instance termination",
			launches: []string{"c7i.2xlarge spot"},
		},
		{
			name:     "taken back while it builds", // a build does not run twice
			change:   func(p *plan, _ *ec2build.Input) { p.dies = 4 * time.Minute },
			failure:  "SystemUnavailable",
			message:  "instance i-00000000000000001 is terminated while command 7e6d5c4b-0000-4000-8000-000000000001 ran on it: Server.SpotInstanceTermination",
			launches: []string{"c7i.2xlarge spot"},
		},
		{
			name: "document missing",
			fault: func(_ int, call asltest.Call) *fault {
				if call.State == "SendCommand" {
					return &fault{err: &asltest.Error{Name: "Ssm.InvalidDocumentException", Cause: "Document with name build-linux does not exist."}}
				}
				return nil
			},
			failure:  "ConfigurationError",
			message:  "Systems Manager refused the command: Ssm.InvalidDocumentException: Document with name build-linux does not exist.",
			launches: []string{"c7i.2xlarge spot"},
		},
		{
			name: "variables too large",
			fault: func(_ int, call asltest.Call) *fault {
				if call.State == "ReportSuccess" {
					return &fault{err: &asltest.Error{Name: "CodePipeline.OutputVariablesSizeExceededException", Cause: "too large"}}
				}
				return nil
			},
			failure:  "JobFailed",
			message:  "the build succeeded, but CodePipeline refused its output variables: CodePipeline.OutputVariablesSizeExceededException: too large",
			launches: []string{"c7i.2xlarge spot"},
		},
		{
			name:     "no object with variables",
			change:   func(p *plan, _ *ec2build.Input) { p.variables = "" },
			failure:  "JobFailed",
			message:  "the output variables cannot be read from variables/AROAEXAMPLE:i-00000000000000001 in bucket builds: S3.NoSuchKeyException",
			launches: []string{"c7i.2xlarge spot"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p, in := succeeding(), input()
			if test.change != nil {
				test.change(&p, in)
			}
			x, c := run(t, m, p, in, func(c *cloud, _ *asltest.Options) { c.fault = test.fault })
			if guard, err := judge(x, c, ""); err != nil || guard != guardNone {
				t.Errorf("the guard is %q, the error %v, want none", guard, err)
			}
			if diff := cmp.Diff([]string{test.failure}, c.results); diff != "" {
				t.Errorf("results (-want +got):\n%s", diff)
			}
			if x.Error != test.failure { // and not ".Unreported"
				t.Errorf("the execution ended with %q, want %q", x.Error, test.failure)
			}
			if !strings.Contains(c.message, test.message) {
				t.Errorf("the message is %q, want one with %q", c.message, test.message)
			}
			if diff := cmp.Diff(test.launches, c.tried()); diff != "" {
				t.Errorf("launches (-want +got):\n%s", diff)
			}
		})
	}
}

// tried returns the launches in their order.
func (c *cloud) tried() []string {
	var all []string
	for _, call := range c.calls {
		if call.State != "Launch" {
			continue
		}
		launch := fmt.Sprint(call.Arguments["InstanceType"])
		if call.Arguments["InstanceMarketOptions"] != nil {
			launch += " spot"
		}
		all = append(all, launch)
	}
	return all
}

// TestMachineTokens checks that a repeated launch has the token of the first, and
// another launch another one, within the limit of EC2.
func TestMachineTokens(t *testing.T) {
	t.Parallel()
	m := machine(t)
	tokens := func(p plan, fault func(int, asltest.Call) *fault) []string {
		_, c := run(t, m, p, input(), func(c *cloud, _ *asltest.Options) { c.fault = fault })
		var all []string
		for _, call := range c.calls {
			if call.State == "Launch" {
				all = append(all, call.Arguments["ClientToken"].(string))
			}
		}
		return all
	}
	again := tokens(succeeding(), func(n int, _ asltest.Call) *fault {
		if n < 2 {
			return &fault{err: &asltest.Error{Name: "Ec2.SdkClientException", Cause: "Read timed out"}, lost: true}
		}
		return nil
	})
	if len(again) != 3 || again[0] != again[1] || again[0] != again[2] || len(again[0]) != 64 {
		t.Errorf("the tokens of one launch are %q", again)
	}
	p := succeeding()
	p.noCapacity = 3
	other := tokens(p, nil)
	if len(slices.Compact(slices.Sorted(slices.Values(other)))) != 4 || other[0] != again[0] {
		t.Errorf("the tokens of four launches are %q, and that of another execution's first %q", other, again[0])
	}
}

// TestMachineInterrupted stops the execution and lets it time out at each event.
// The state machine can do nothing then: whatever runs has the tag by which the
// guards find it, and no result is put twice.
func TestMachineInterrupted(t *testing.T) {
	t.Parallel()
	m := machine(t)
	s := scenarios()["the second registers"]
	whole, _ := run(t, m, s.plan, s.in)
	for _, status := range []asltest.Status{asltest.StatusAborted, asltest.StatusTimedOut} {
		for at := range len(whole.Events) - 1 {
			events := 0
			x, c := run(t, m, s.plan, s.in, func(_ *cloud, o *asltest.Options) {
				o.Interrupt = func(asltest.Event) asltest.Status {
					if events++; events > at {
						return status
					}
					return ""
				}
			})
			guard, err := judge(x, c, "")
			if err != nil || guard != guardStatus || x.Status != status {
				t.Errorf("%s at event %d: %s, guard %q: %v", status, at, x.Status, guard, err)
			}
		}
	}
}

// TestMachineHistory counts the events of long executions. Step Functions ends an
// execution with 25,000.
func TestMachineHistory(t *testing.T) {
	t.Parallel()
	const most = 20000
	m := machine(t)
	day := succeeding()
	day.runs = 24*time.Hour - time.Minute
	longest := day
	longest.noCapacity, longest.registers, longest.bad = 50, 58*time.Minute, 2
	for _, test := range []struct {
		name string
		plan plan
		in   func(*ec2build.Input)
	}{
		{"24 hours", day, func(*ec2build.Input) {}},
		{"24 hours after two late starts and 50 launches", longest, func(in *ec2build.Input) {
			in.StartTimeout, in.Relaunches = 57*60, 2
			in.Launches = ec2build.Launches(slices.Repeat([]string{"c7i.2xlarge"}, 60), ec2build.Network{}, ec2build.MarketOnDemand)
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			in := input()
			in.Timeout = 24 * 60 * 60
			test.in(in)
			x, c := run(t, m, test.plan, in)
			if _, err := judge(x, c, ""); err != nil {
				t.Fatal(err)
			}
			took := x.Events[len(x.Events)-1].Time.Sub(start)
			if x.Status != asltest.StatusSucceeded || len(x.Events) >= most || took < 24*time.Hour-time.Minute {
				t.Errorf("%s after %s with %d events, want fewer than %d: %s", x.Status, took, len(x.Events), most, x.Cause)
			}
			t.Logf("%d events in %s", len(x.Events), took)
		})
	}
}

// TestMachineLimits checks that the machine's own timeout is longer than all that
// an execution may have to wait for.
func TestMachineLimits(t *testing.T) {
	t.Parallel()
	m := machine(t)
	p := succeeding()
	p.noCapacity, p.registers, p.status = 50, -1, ""
	in := input()
	in.StartTimeout, in.Timeout, in.Relaunches = 60*60, 24*60*60, 2
	in.Launches = ec2build.Launches(slices.Repeat([]string{"c7i.2xlarge"}, 60), ec2build.Network{}, ec2build.MarketOnDemand)
	p.bad = 2
	broken := func(c *cloud, _ *asltest.Options) {
		c.fault = func(_ int, call asltest.Call) *fault {
			if call.State == "ReportFailure" || call.State == "Terminate" && len(c.instances) == 3 {
				return &fault{err: asltest.Hang}
			}
			return nil
		}
	}
	x, c := run(t, m, p, in, broken)
	took := x.Events[len(x.Events)-1].Time.Sub(start)
	if x.Status != asltest.StatusFailed || took < 24*time.Hour {
		t.Errorf("%s after %s, want FAILED after a day: %s", x.Status, took, x.Cause)
	}
	if room := time.Duration(m.TimeoutSeconds)*time.Second - took; room < time.Hour {
		t.Errorf("the execution took %s, and the machine has %d seconds", took, m.TimeoutSeconds)
	}
	t.Logf("%s, %d events, instances %d", took, len(x.Events), len(c.instances))
}
