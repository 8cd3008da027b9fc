package main_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/codesuite-go/codesuite/customaction/ec2build"
	"github.com/codesuite-go/codesuite/examples/internal/asltest"
	"github.com/codesuite-go/codesuite/pipeline/action"
)

// prefixes of the errors of the services, by the start of the resource.
var prefixes = map[string]string{"aws-sdk:ec2:": "Ec2", "aws-sdk:ssm:": "Ssm", "aws-sdk:s3:": "S3", "aws-sdk:codepipeline:": "CodePipeline"}

// typed are the errors that the service models list for an operation, beside
// those that the services of the tests return by themselves.
var typed = map[string][]string{
	"aws-sdk:ssm:sendCommand": {
		"DuplicateInstanceId", "InternalServerError", "InvalidDocument", "InvalidDocumentVersion", "InvalidInstanceId", "InvalidNotificationConfig",
		"InvalidOutputFolder", "InvalidParameters", "InvalidRole", "MaxDocumentSizeExceeded", "UnsupportedPlatformType",
	},
	"aws-sdk:ssm:getCommandInvocation":            {"InternalServerError", "InvalidCommandId", "InvalidInstanceId", "InvalidPluginName", "InvocationDoesNotExist"},
	"aws-sdk:ssm:listCommandInvocations":          {"InternalServerError", "InvalidCommandId", "InvalidFilterKey", "InvalidInstanceId", "InvalidNextToken"},
	"aws-sdk:ssm:describeInstanceInformation":     {"InternalServerError", "InvalidFilterKey", "InvalidInstanceId", "InvalidInstanceInformationFilterValue", "InvalidNextToken"},
	"aws-sdk:s3:getObject":                        {"InvalidObjectState", "NoSuchKey"},
	"aws-sdk:codepipeline:putJobSuccessResult":    {"InvalidJobState", "JobNotFound", "OutputVariablesSizeExceeded", "Validation"},
	"aws-sdk:codepipeline:putJobFailureResult":    {"InvalidJobState", "JobNotFound", "Validation"},
	"aws-sdk:ec2:runInstances (causes)":           {"There is no Spot capacity available that matches your request.", "Your requested instance type (c7i.2xlarge) is not supported in your requested Availability Zone (eu-central-1c).", "The image id '[ami-0a1b2c3d4e5f60718]' does not exist"},
	"aws-sdk:ec2:terminateInstances (causes)":     {"The instance 'i-1' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again."},
	"aws-sdk:ec2:describeInstances (no causes)":   nil,
	"aws-sdk:codepipeline:anything (no others)":   nil,
	"aws-sdk:ssm:everything else (no such calls)": nil,
}

// faultsOf returns all ways in which a call may fail, by name.
func faultsOf(resource string) map[string]fault {
	prefix := ""
	for start, p := range prefixes {
		if strings.HasPrefix(resource, start) {
			prefix = p
		}
	}
	base := func(status int, message string) error {
		return &asltest.Error{Name: prefix + "." + prefix + "Exception", Cause: fmt.Sprintf("%s (Service: %s, Status Code: %d, Request ID: 0f1e2d3c)", message, prefix, status)}
	}
	connection := &asltest.Error{Name: prefix + ".SdkClientException", Cause: "Unable to execute HTTP request: Read timed out"}
	throttled := 400
	if prefix == "Ec2" || prefix == "S3" {
		throttled = 503
	}
	all := map[string]fault{
		"throttled":       {err: base(throttled, "Rate exceeded")},
		"denied":          {err: base(403, "User is not authorized to perform this operation")},
		"internal":        {err: base(500, "An internal error has occurred")},
		"internal, done":  {err: base(500, "An internal error has occurred"), lost: true},
		"connection":      {err: connection},
		"connection lost": {err: connection, lost: true},
		"timeout":         {err: asltest.Hang},
		"timeout, done":   {err: asltest.Hang, lost: true},
		"no cause":        {err: &asltest.Error{Name: "States.TaskFailed"}},
		"empty reply":     {odd: map[string]any{}, lost: true},
		"odd reply, done": {odd: []any{1, "x"}, lost: true},
		"data limit":      {err: &asltest.Error{Name: "States.DataLimitExceeded", Cause: "too much"}, lost: true},
		"runtime":         {err: &asltest.Error{Name: "States.Runtime", Cause: "odd"}},
	}
	for _, name := range typed[resource] {
		all[name] = fault{err: &asltest.Error{Name: prefix + "." + name + "Exception", Cause: fmt.Sprintf("(Service: %s, Status Code: 400)", prefix)}}
	}
	for _, cause := range typed[resource+" (causes)"] {
		all[cause] = fault{err: base(400, cause)}
	}
	return all
}

// scenario is a plan with its input.
type scenario struct {
	plan plan
	in   *ec2build.Input
}

// scenarios reach all states where no call fails, or the plan makes it fail.
func scenarios() map[string]scenario {
	quick := plan{registers: 12 * time.Second, status: "Success", details: "Success", runs: 12 * time.Second, variables: `{"VERSION":"4.2.0"}`}
	all := map[string]scenario{}
	add := func(name string, change func(*plan, *ec2build.Input)) {
		p, in := quick, input()
		in.StartTimeout, in.Timeout = 60, 60
		change(&p, in)
		all[name] = scenario{p, in}
	}
	add("success", func(*plan, *ec2build.Input) {})
	add("no variables", func(_ *plan, in *ec2build.Input) { in.Variables = nil })
	add("longer", func(p *plan, _ *ec2build.Input) { p.runs = 100 * time.Second })
	add("build fails", func(p *plan, _ *ec2build.Input) {
		p.status, p.details, p.code, p.stderr = "Failed", "Failed", 3, "no rule to make target"
	})
	add("two launches without capacity", func(p *plan, _ *ec2build.Input) { p.noCapacity = 2 })
	add("no capacity", func(p *plan, _ *ec2build.Input) { p.noCapacity = 100 })
	add("never registers", func(p *plan, _ *ec2build.Input) { p.registers = -1 })
	add("the second registers", func(p *plan, _ *ec2build.Input) { p.registers, p.bad = -1, 1 })
	add("dies before the command", func(p *plan, _ *ec2build.Input) { p.registers, p.dies, p.bad = -1, 30*time.Second, 1 })
	add("dies while it builds", func(p *plan, _ *ec2build.Input) { p.dies, p.runs = 50*time.Second, time.Hour })
	add("starts slowly", func(p *plan, in *ec2build.Input) { p.registers, in.StartTimeout = 100*time.Second, 150 })
	add("the reply to the command is lost", func(p *plan, _ *ec2build.Input) { p.lostReplies = 1 })
	add("only the last launch is done, without a reply", func(p *plan, _ *ec2build.Input) { p.lostLaunch = 5 })
	add("nothing can be terminated for a minute", func(p *plan, _ *ec2build.Input) { p.outage = time.Minute })
	add("never ends", func(p *plan, _ *ec2build.Input) { p.status = "" })
	add("acknowledged late", func(p *plan, _ *ec2build.Input) { p.noCapacity, p.acknowledged = 100, 8*time.Second })
	add("ended by somebody else", func(p *plan, _ *ec2build.Input) { p.ended = 5 * time.Second })
	add("no object", func(p *plan, _ *ec2build.Input) { p.variables = "" })
	add("odd object", func(p *plan, _ *ec2build.Input) { p.variables = "[1]" })
	return all
}

// The ways in which an execution may leave something to a guard.
const (
	guardNone   = ""                          // it did everything itself
	guardStatus = "status change event"       // puts the result, and terminates what has the tag
	guardSweep  = "self-destruct, sweep"      // terminates what has the tag
	guardResult = "status change event: late" // puts the result that CodePipeline did not take
)

// judge checks what is always true at the end of an execution, and returns the
// guard that has to act. broken are the resources whose calls failed for good.
func judge(x *asltest.Execution, c *cloud, broken string) (guard string, err error) {
	if len(c.results) > 1 {
		return "", fmt.Errorf("the job has the results %q", c.results)
	}
	sent := map[string]int{}
	for _, cmd := range c.commands {
		if sent[cmd.instance.id]++; sent[cmd.instance.id] > 1 {
			return "", fmt.Errorf("instance %s has got %d commands", cmd.instance.id, sent[cmd.instance.id])
		}
	}
	for _, i := range c.instances {
		if i.tags[ec2build.TagExecution] != executionARN {
			return "", fmt.Errorf("instance %s has the tags %v: no guard would find it", i.id, i.tags)
		}
	}
	if took := c.since(start); took > 29*time.Hour {
		return "", fmt.Errorf("the execution took %s", took)
	}
	switch {
	case x.Status == asltest.StatusAborted || x.Status == asltest.StatusTimedOut:
		return guardStatus, nil
	case strings.HasPrefix(x.Error, "States."):
		if x.Error != "States.DataLimitExceeded" && x.Error != "States.Runtime" || len(x.Events) == asltest.MaxEvents {
			return "", fmt.Errorf("the execution ended with %s: %s", x.Error, x.Cause)
		}
		return guardStatus, nil
	}
	output, _ := x.Output.(map[string]any)
	succeeded := x.Status == asltest.StatusSucceeded
	if succeeded && (c.plan.status != "Success" || len(c.commands) == 0 || output["Result"] != "Succeeded") {
		return "", fmt.Errorf("a build that did not succeed is reported as success: %v", output)
	}
	failures := []string{string(action.FailureTypeJobFailed), string(action.FailureTypeSystemUnavailable), string(action.FailureTypePermissionError), string(action.FailureTypeConfigurationError)}
	failure, isUnreported := strings.CutSuffix(x.Error, ".Unreported")
	if !succeeded && (!slices.Contains(failures, failure) || x.Cause == "" || len([]rune(x.Cause)) > 5000) {
		return "", fmt.Errorf("the execution failed with %q: %q", x.Error, x.Cause)
	}
	if left := c.left(); left != nil {
		couldNot := broken == "aws-sdk:ec2:describeInstances" || broken == "aws-sdk:ec2:terminateInstances"
		if !couldNot || output["InstanceLeft"] != true && !strings.Contains(x.Cause, "could not be terminated") {
			return "", fmt.Errorf("instances %v still run, and the end does not say so: %v %s", left, output, x.Cause)
		}
		guard = guardSweep
	}
	switch {
	case len(c.results) == 0:
		if !strings.HasPrefix(broken, "aws-sdk:codepipeline:") && c.plan.ended == 0 || succeeded && output["Reported"] != false || !succeeded && !isUnreported {
			return "", fmt.Errorf("the job has no result, and the end does not say so: %v %s %s", output, x.Error, x.Cause)
		}
		guard = guardResult
	case succeeded != (c.results[0] == "") || !succeeded && c.results[0] != failure:
		return "", fmt.Errorf("the job has the result %q (%s), and the execution is %s: %s: %s", c.results[0], c.message, x.Status, x.Error, x.Cause)
	case !succeeded && !strings.HasPrefix(x.Cause, c.message):
		return "", fmt.Errorf("the job has the message %q, and the execution %q", c.message, x.Cause)
	}
	return guard, nil
}

// coverage collects the ways out of states that were taken.
type coverage struct {
	mu     sync.Mutex
	taken  map[string]bool
	guards map[string]int
	runs   int
	most   int // events
}

func (v *coverage) add(x *asltest.Execution, guard string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, e := range x.Events {
		if e.Via != "" {
			v.taken[e.State+" "+e.Via] = true
		}
	}
	v.guards[guard]++
	v.runs++
	v.most = max(v.most, len(x.Events))
}

// failing lets the next call of the resource fail, from call number n on, and with
// forever all later ones.
func failing(n int, resource string, f fault, forever bool) func(*cloud, *asltest.Options) {
	return func(c *cloud, _ *asltest.Options) {
		earlier, done := c.fault, false
		c.fault = func(i int, call asltest.Call) *fault {
			if i >= n && call.Resource == resource && (forever || !done) {
				done = true
				return &f
			}
			if earlier != nil {
				return earlier(i, call)
			}
			return nil
		}
	}
}

// TestPaths lets the calls of all scenarios fail in every way, once and for good,
// and then pairs of calls at random. Each execution has to end with its instances
// terminated and its job's result put once, or with a guard to act that its end
// names. All ways out of all states are taken.
func TestPaths(t *testing.T) {
	t.Parallel()
	m := machine(t)
	v := &coverage{taken: map[string]bool{}, guards: map[string]int{}}
	all := scenarios()
	names := slices.Sorted(maps.Keys(all))
	rounds := pathRounds(t)
	t.Run("single", func(t *testing.T) {
		tried := map[string]int{} // scenarios, by state
		for _, name := range names {
			s := all[name]
			x, c := run(t, m, s.plan, s.in)
			guard, err := judge(x, c, "")
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if want := map[bool]string{true: guardResult}[s.plan.ended > 0]; guard != want {
				t.Errorf("%s: the guard is %q, want %q", name, guard, want)
			}
			v.add(x, guard)
			for n, call := range c.calls {
				isFirst := !slices.ContainsFunc(c.calls[:n], func(earlier asltest.Call) bool { return earlier.State == call.State })
				if isFirst {
					tried[call.State]++
				}
				isLast := !slices.ContainsFunc(c.calls[n+1:], func(later asltest.Call) bool { return later.State == call.State })
				if tried[call.State] > rounds || !isFirst && !isLast {
					continue
				}
				t.Run(fmt.Sprintf("%s, call %d of %s", name, n, call.State), func(t *testing.T) {
					t.Parallel()
					faults := faultsOf(call.Resource)
					for _, kind := range slices.Sorted(maps.Keys(faults)) {
						for _, forever := range []bool{false, true} {
							x, c := run(t, m, s.plan, s.in, failing(n, call.Resource, faults[kind], forever))
							broken := ""
							if forever || strings.HasPrefix(call.Resource, "aws-sdk:codepipeline:") && claimsEnd(faults[kind]) {
								broken = call.Resource
							}
							guard, err := judge(x, c, broken)
							if err != nil {
								t.Errorf("%s, for good %t: %v", kind, forever, err)
							}
							v.add(x, guard)
						}
					}
				})
			}
		}
	})
	t.Run("pairs", func(t *testing.T) {
		for seed := range 50 * rounds {
			random := rand.New(rand.NewPCG(uint64(seed), 7))
			s := all[names[random.IntN(len(names))]]
			var optFns []func(*cloud, *asltest.Options)
			var log []string
			broken := ""
			_, c := run(t, m, s.plan, s.in)
			for range 2 {
				n := random.IntN(len(c.calls))
				call := c.calls[n]
				faults := faultsOf(call.Resource)
				kinds := slices.Sorted(maps.Keys(faults))
				kind := kinds[random.IntN(len(kinds))]
				if strings.HasPrefix(call.Resource, "aws-sdk:codepipeline:") && claimsEnd(faults[kind]) {
					continue
				}
				forever := broken == "" && random.IntN(2) == 0
				if forever {
					broken = call.Resource
				}
				log = append(log, fmt.Sprintf("call %d, %s of %s: %s, for good %t", n, call.Resource, call.State, kind, forever))
				optFns = append(optFns, failing(n, call.Resource, faults[kind], forever))
				_, c = run(t, m, s.plan, s.in, optFns...)
			}
			x, c := run(t, m, s.plan, s.in, optFns...)
			guard, err := judge(x, c, broken)
			if err != nil {
				t.Errorf("seed %d, %q: %v", seed, log, err)
			}
			v.add(x, guard)
		}
	})
	for _, name := range slices.Sorted(maps.Keys(m.States)) {
		for _, via := range slices.Sorted(maps.Keys(m.States[name].Targets())) {
			if !v.taken[name+" "+via] {
				t.Errorf("no execution left %s by %s", name, via)
			}
		}
	}
	t.Logf("%d executions, %d ways out of states, guards %v, %d events at most", v.runs, len(v.taken), v.guards, v.most)
}

// claimsEnd reports whether a fault says that the job has ended or never was, or
// that its result cannot be taken: no test can tell from the outside who is right.
func claimsEnd(f fault) bool {
	err, ok := f.err.(*asltest.Error)
	return ok && (strings.HasSuffix(err.Name, ".InvalidJobStateException") || strings.HasSuffix(err.Name, ".JobNotFoundException") ||
		strings.HasSuffix(err.Name, ".ValidationException"))
}

// pathRounds returns in how many scenarios each call fails.
func pathRounds(t *testing.T) int {
	text := os.Getenv("CODESUITE_EC2BUILD_PATHS")
	if text == "" {
		return 2
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("CODESUITE_EC2BUILD_PATHS: %v", err)
	}
	return n
}
