package main_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/codesuite-go/codesuite/customaction/ec2build"
	"github.com/codesuite-go/codesuite/examples/internal/asltest"
)

const (
	executionName = "0c1d2e3f-7a8b-4c9d-8e0f-1a2b3c4d5e6f-1"
	executionARN  = "arn:aws:states:eu-central-1:123456789012:execution:firmware:" + executionName
)

var start = time.Date(2031, 5, 6, 7, 8, 9, 0, time.UTC)

// A plan is what happens in a cloud where no call fails.
type plan struct {
	noCapacity  int           // so many different launches find no capacity
	registers   time.Duration // after the launch; negative is never
	dies        time.Duration // the instance, after its launch; 0 is never
	bad         int           // so many instances are as above, and later ones start at once; 0 is all
	status      string        // of the command at its end; "" is never
	details     string
	code        int
	stdout      string
	stderr      string
	runs        time.Duration // the command
	variables   string        // the object with the output variables
	lostLaunch  int           // calls of RunInstances have no reply, and only this one does anything; 0 is none
	lostReplies int           // so many commands are taken without a reply
	outage      time.Duration // of TerminateInstances, after the first call
	acknowledged,
	ended time.Duration // the job: when it is acknowledged, and when somebody else ends it; 0 is never
}

func succeeding() plan {
	return plan{registers: 40 * time.Second, status: "Success", details: "Success", runs: 6 * time.Minute, variables: `{"VERSION":"4.2.0"}`}
}

type instance struct {
	id, token, typ string
	tags           map[string]string
	launched       time.Time
	terminated     time.Time
	number         int
}

type command struct {
	id, comment string
	instance    *instance
	sent        time.Time
}

// A cloud has the services that the state machine calls, as far as it needs them.
type cloud struct {
	plan      plan
	clock     *asltest.FakeClock
	instances []*instance
	commands  []*command
	launches  map[string]bool // tokens of launches
	runs      int             // calls of RunInstances
	ends      time.Time       // when TerminateInstances was called first
	results   []string        // that the job has got: "" or the failure type
	message   string          // of the failure
	output    map[string]any
	calls     []asltest.Call
	fault     func(n int, call asltest.Call) *fault // of the call number n
	run       func(i *instance, args arguments)     // a command that an instance has taken
}

// A fault is a call that fails.
type fault struct {
	err  error
	lost bool // the service did the work, and its reply was lost
	odd  any  // the reply, if it is not the service's own
}

func (c *cloud) do(_ context.Context, call asltest.Call) (any, error) {
	c.calls = append(c.calls, call)
	var f *fault
	if c.fault != nil {
		f = c.fault(len(c.calls)-1, call)
	}
	if f != nil && !f.lost {
		return f.odd, f.err
	}
	data, err := json.Marshal(call.Arguments)
	if err != nil {
		return nil, err
	}
	var args arguments
	if err := json.Unmarshal(data, &args); err != nil {
		return nil, err
	}
	reply, err := c.serve(call.Resource, args)
	switch {
	case f == nil || f.err == nil && err != nil: // an odd reply is one to a call that succeeded
		return reply, err
	default:
		return f.odd, f.err
	}
}

// arguments are those of all operations.
type arguments struct {
	ClientToken, InstanceType string
	TagSpecifications         []struct {
		ResourceType string
		Tags         []struct{ Key, Value string }
	}
	InstanceIds []string
	Filters     []struct {
		Name, Key string
		Values    []string
	}
	Comment, InstanceId, CommandId, JobId string
	DocumentName                          string
	Bucket, Key                           string
	Parameters                            map[string][]string
	OutputVariables                       map[string]any
	FailureDetails                        struct{ Type, Message string }
}

func (c *cloud) serve(resource string, args arguments) (any, error) {
	switch resource {
	case "aws-sdk:ec2:runInstances":
		return c.runInstances(args)
	case "aws-sdk:ec2:describeInstances":
		return c.describeInstances(args)
	case "aws-sdk:ec2:terminateInstances":
		return c.terminateInstances(args)
	case "aws-sdk:ssm:sendCommand":
		return c.sendCommand(args)
	case "aws-sdk:ssm:getCommandInvocation":
		return c.getCommandInvocation(args)
	case "aws-sdk:ssm:listCommandInvocations":
		return c.listCommandInvocations(args)
	case "aws-sdk:ssm:describeInstanceInformation":
		list := []any{}
		if i := c.instance(args.Filters[0].Values[0]); i != nil && c.registered(i) {
			list = append(list, map[string]any{"InstanceId": i.id, "PingStatus": "Online"})
		}
		return map[string]any{"InstanceInformationList": list}, nil
	case "aws-sdk:s3:getObject":
		if n := len(c.commands); c.plan.variables == "" || args.Key != "variables/AROAEXAMPLE:"+c.commands[n-1].instance.id {
			return nil, &asltest.Error{Name: "S3.NoSuchKeyException", Cause: "The specified key does not exist. (Service: S3, Status Code: 404)"}
		}
		return map[string]any{"Body": c.plan.variables, "ContentLength": len(c.plan.variables)}, nil
	case "aws-sdk:codepipeline:putJobSuccessResult":
		return c.putResult(args, "")
	case "aws-sdk:codepipeline:putJobFailureResult":
		return c.putResult(args, args.FailureDetails.Type)
	}
	return nil, fmt.Errorf("there is no %s", resource)
}

func (c *cloud) since(t time.Time) time.Duration { return c.clock.Now().Sub(t) }

func (c *cloud) instance(id string) *instance {
	for _, i := range c.instances {
		if i.id == id {
			return i
		}
	}
	return nil
}

// fine reports whether the instance is one that starts at once and lives on.
func (c *cloud) fine(i *instance) bool { return c.plan.bad > 0 && i.number >= c.plan.bad }

func (c *cloud) running(i *instance) bool {
	return i.terminated.IsZero() && (c.plan.dies == 0 || c.fine(i) || c.since(i.launched) < c.plan.dies)
}

func (c *cloud) registered(i *instance) bool {
	registers := c.plan.registers
	if c.fine(i) {
		registers = 10 * time.Second
	}
	return c.running(i) && registers >= 0 && c.since(i.launched) >= registers
}

func (c *cloud) runInstances(args arguments) (any, error) {
	for _, i := range c.instances {
		if i.token == args.ClientToken {
			return map[string]any{"Instances": []any{c.describe(i)}}, nil
		}
	}
	c.launches[args.ClientToken] = true
	noReply := &asltest.Error{Name: "Ec2.SdkClientException", Cause: "Unable to execute HTTP request: Connection reset"}
	if c.runs++; c.runs < c.plan.lostLaunch {
		return nil, noReply
	}
	if len(c.launches) <= c.plan.noCapacity {
		return nil, ec2Fault(500, "We currently do not have sufficient "+args.InstanceType+" capacity in the Availability Zone you requested (eu-central-1a).")
	}
	i := &instance{
		id: fmt.Sprintf("i-%017x", len(c.instances)+1), token: args.ClientToken, typ: args.InstanceType,
		launched: c.clock.Now(), tags: map[string]string{}, number: len(c.instances),
	}
	for _, spec := range args.TagSpecifications {
		if spec.ResourceType == "instance" {
			for _, tag := range spec.Tags {
				i.tags[tag.Key] = tag.Value
			}
		}
	}
	c.instances = append(c.instances, i)
	if c.plan.lostLaunch > 0 {
		return nil, noReply
	}
	return map[string]any{"Instances": []any{c.describe(i)}}, nil
}

func (c *cloud) describe(i *instance) map[string]any {
	d := map[string]any{"InstanceId": i.id, "State": map[string]any{"Code": 16, "Name": "running"}, "InstanceType": i.typ}
	if !c.running(i) {
		d["State"] = map[string]any{"Code": 48, "Name": "terminated"}
		d["StateReason"] = map[string]any{"Code": "Server.SpotInstanceTermination", "Message": "Server.SpotInstanceTermination: Spot instance termination"}
	}
	return d
}

func (c *cloud) describeInstances(args arguments) (any, error) {
	var list []any
	for _, i := range c.instances {
		match := len(args.InstanceIds) == 0 || slices.Contains(args.InstanceIds, i.id)
		for _, f := range args.Filters {
			switch key, isTag := strings.CutPrefix(f.Name, "tag:"); {
			case isTag:
				match = match && slices.Contains(f.Values, i.tags[key])
			case f.Name == "instance-state-name":
				match = match && c.running(i)
			default:
				return nil, ec2Fault(400, "The filter '"+f.Name+"' is invalid")
			}
		}
		if match && c.since(i.launched) >= 10*time.Second {
			list = append(list, map[string]any{"Instances": []any{c.describe(i)}})
		}
	}
	if len(args.InstanceIds) > 0 && len(list) == 0 {
		return nil, ec2Fault(400, "The instance ID '"+args.InstanceIds[0]+"' does not exist")
	}
	if list == nil {
		list = []any{}
	}
	return map[string]any{"Reservations": list}, nil
}

func (c *cloud) terminateInstances(args arguments) (any, error) {
	if c.ends.IsZero() {
		c.ends = c.clock.Now()
	}
	if c.since(c.ends) < c.plan.outage {
		return nil, ec2Fault(500, "An internal error has occurred")
	}
	for _, id := range args.InstanceIds {
		if i := c.instance(id); i == nil || !i.terminated.IsZero() && c.since(i.terminated) > time.Hour {
			return nil, ec2Fault(400, "The instance ID '"+id+"' does not exist")
		}
	}
	var list []any
	for _, id := range args.InstanceIds {
		if i := c.instance(id); i.terminated.IsZero() {
			i.terminated = c.clock.Now()
		}
		list = append(list, map[string]any{"InstanceId": id, "CurrentState": map[string]any{"Name": "shutting-down"}})
	}
	return map[string]any{"TerminatingInstances": list}, nil
}

func (c *cloud) sendCommand(args arguments) (any, error) {
	i := c.instance(args.InstanceIds[0])
	if got := args.Parameters["Instance"]; len(got) > 0 && got[0] != args.InstanceIds[0] {
		return nil, &asltest.Error{Name: "Ssm.InvalidParametersException", Cause: fmt.Sprintf("the command for %s is told that it is for %s", args.InstanceIds[0], got)}
	}
	if i == nil || !c.registered(i) {
		return nil, &asltest.Error{Name: "Ssm.InvalidInstanceIdException", Cause: "Instances not in a valid state for account (Service: Ssm, Status Code: 400, Request ID: 1f0e)"}
	}
	cmd := &command{id: fmt.Sprintf("7e6d5c4b-0000-4000-8000-%012d", len(c.commands)+1), comment: args.Comment, instance: i, sent: c.clock.Now()}
	c.commands = append(c.commands, cmd)
	if c.run != nil {
		c.run(i, args)
	}
	if len(c.commands) <= c.plan.lostReplies {
		return nil, &asltest.Error{Name: "Ssm.SdkClientException", Cause: "Unable to execute HTTP request: Connection reset"}
	}
	return map[string]any{"Command": map[string]any{"CommandId": cmd.id, "Status": "Pending", "StatusDetails": "Pending", "Comment": cmd.comment}}, nil
}

func (c *cloud) getCommandInvocation(args arguments) (any, error) {
	for _, cmd := range c.commands {
		if cmd.id != args.CommandId || cmd.instance.id != args.InstanceId || c.since(cmd.sent) < 4*time.Second {
			continue
		}
		reply := map[string]any{
			"CommandId": cmd.id, "InstanceId": cmd.instance.id, "PluginName": "build", "ResponseCode": -1,
			"Status": "InProgress", "StatusDetails": "InProgress", "StandardOutputContent": "", "StandardErrorContent": "",
		}
		died := !c.fine(cmd.instance) && c.plan.dies > 0 && cmd.instance.launched.Add(c.plan.dies).Before(cmd.sent.Add(c.plan.runs))
		if c.plan.status != "" && c.since(cmd.sent) >= c.plan.runs && !died {
			reply["Status"], reply["StatusDetails"], reply["ResponseCode"] = c.plan.status, c.plan.details, c.plan.code
			reply["StandardOutputContent"], reply["StandardErrorContent"] = c.plan.stdout, c.plan.stderr
		}
		return reply, nil
	}
	return nil, &asltest.Error{Name: "Ssm.InvocationDoesNotExistException", Cause: "null (Service: Ssm, Status Code: 400, Request ID: 2a3b)"}
}

func (c *cloud) listCommandInvocations(args arguments) (any, error) {
	list := []any{map[string]any{"CommandId": "ffffffff-0000-4000-8000-000000000000", "Comment": "update of the agent", "InstanceId": args.InstanceId, "Status": "Success"}}
	for _, cmd := range c.commands {
		if cmd.instance.id == args.InstanceId && c.since(cmd.sent) >= 4*time.Second {
			list = append(list, map[string]any{"CommandId": cmd.id, "Comment": cmd.comment, "InstanceId": args.InstanceId, "Status": "InProgress"})
		}
	}
	return map[string]any{"CommandInvocations": list}, nil
}

func (c *cloud) putResult(args arguments, failure string) (any, error) {
	if args.JobId != input().JobID {
		return nil, &asltest.Error{Name: "CodePipeline.JobNotFoundException", Cause: "(Service: CodePipeline, Status Code: 400)"}
	}
	ended := c.plan.ended > 0 && c.since(start) >= c.plan.ended
	if len(c.results) > 0 || ended || c.since(start) < c.plan.acknowledged {
		return nil, &asltest.Error{Name: "CodePipeline.InvalidJobStateException", Cause: "(Service: CodePipeline, Status Code: 400)"}
	}
	c.results = append(c.results, failure)
	c.message, c.output = args.FailureDetails.Message, maps.Clone(args.OutputVariables)
	return map[string]any{}, nil
}

func ec2Fault(status int, message string) *asltest.Error {
	return &asltest.Error{Name: "Ec2.Ec2Exception", Cause: fmt.Sprintf("%s (Service: Ec2, Status Code: %d, Request ID: 8c7d6e5f)", message, status)}
}

// left returns the instances that still run.
func (c *cloud) left() []string {
	var ids []string
	for _, i := range c.instances {
		if c.running(i) {
			ids = append(ids, i.id)
		}
	}
	return ids
}

func input() *ec2build.Input {
	return &ec2build.Input{
		JobID:    "6b5a4938-2716-4f05-9e8d-7c6b5a493827",
		Pipeline: "firmware", PipelineExecutionID: "1d2c3b4a-5f6e-4d7c-8b9a-0f1e2d3c4b5a", Stage: "Build", Action: "Windows",
		Instance: ec2build.Instance{ImageID: "ami-0a1b2c3d4e5f60718", Profile: "builder", UserData: "#!/bin/sh\n"},
		Launches: ec2build.Launches([]string{"c7i.2xlarge", "m7i.2xlarge"}, ec2build.Network{
			SubnetIDs: []string{"subnet-0a1b2c3d4e5f60718"}, SecurityGroupIDs: []string{"sg-0a1b2c3d4e5f60718"},
		}, ec2build.MarketSpotThenOnDemand),
		Command: ec2build.Command{Document: "build-linux", Parameters: map[string][]string{"Command": {"bWFrZQ=="}}},
		Plugin:  "build", LogGroup: "/builds", Tags: ec2build.Tags{"codesuite:ec2build": "firmware"},
		StartTimeout: 300, Timeout: 3600, Relaunches: 1,
		Variables: &ec2build.InstanceObject{Bucket: "builds", KeyPrefix: "variables/AROAEXAMPLE:"},
	}
}

// machine returns the definition of the template.
func machine(t testing.TB) *asltest.Machine {
	t.Helper()
	definition, err := ec2build.Definition("aws")
	if err != nil {
		t.Fatal(err)
	}
	m, err := asltest.Parse(definition)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// run runs the machine in a cloud.
func run(t testing.TB, m *asltest.Machine, p plan, in *ec2build.Input, optFns ...func(*cloud, *asltest.Options)) (*asltest.Execution, *cloud) {
	t.Helper()
	if err := in.Check(); err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	c := &cloud{plan: p, clock: asltest.NewFakeClock(start), launches: map[string]bool{}}
	options := asltest.Options{Name: executionName, ARN: executionARN, Input: data, Clock: c.clock, Do: c.do}
	for _, f := range optFns {
		f(c, &options)
	}
	x, err := m.Run(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	return x, c
}
