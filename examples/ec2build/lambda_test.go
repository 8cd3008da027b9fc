package main_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"
	"github.com/aws/smithy-go"

	"github.com/codesuite-go/codesuite/customaction/ec2build"
	"github.com/codesuite-go/codesuite/examples/internal/asltest"
	"github.com/codesuite-go/codesuite/examples/internal/cfntest"
	"github.com/codesuite-go/codesuite/examples/internal/lambdatest"
	"github.com/codesuite-go/codesuite/examples/internal/program"
	"github.com/codesuite-go/codesuite/internal/awsjson"
	"github.com/codesuite-go/codesuite/internal/ec2test"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// binary is the compiled function.
var binary *program.Program

// called are the calls that the functions of all tests have made.
var called cfntest.Called

func TestMain(m *testing.M) {
	ec2test.Aws()
	program.Main(called.Tests(m), "bootstrap", &binary)
}

const siteMachine = "arn:aws:states:us-east-1:111122223333:stateMachine:firmware"

// A site is the stack: the compiled function, CodePipeline, and the state machine of
// the template behind Step Functions.
type site struct {
	t         *testing.T
	functions []*lambdatest.Function
	pipeline  *pipelinetest.Server
	aws       *ec2test.Server
	client    *awscodepipeline.Client
	machine   *asltest.Machine
	plan      func(in ec2build.Input) plan // of each build
	prepare   func(c *cloud)               // changes the cloud of a build
	events    chan []byte
	builds    sync.WaitGroup
}

func newSite(t *testing.T, functions int, changes ...func(build *pipelinetest.Action)) *site {
	t.Helper()
	build := pipelinetest.CustomAction("Compile", "Build", "EC2-Build", "1", siteConfiguration(), "SourceArtifact")
	for _, change := range changes {
		change(&build)
	}
	s := &site{
		t: t, aws: ec2test.NewServer(t), machine: machine(t), events: make(chan []byte, 100_000),
		pipeline: pipelinetest.NewServer(t, pipelinetest.Pipeline{
			Name: "app", ExecutionMode: "PARALLEL", Stages: []pipelinetest.Stage{
				{Name: "Source", Actions: []pipelinetest.Action{pipelinetest.S3Source("Source", "sources", "app.zip")}},
				{Name: "Build", Actions: []pipelinetest.Action{build}},
			},
		}),
		plan:    func(ec2build.Input) plan { return succeeding() },
		prepare: func(*cloud) {},
	}
	s.aws.AddImage("ami-0123456789abcdef0", ec2test.Image{RootDevice: "/dev/xvda"})
	s.client = awscodepipeline.NewFromConfig(s.pipeline.Config())
	if err := ec2build.ActionType("us-east-1", "build-linux").Create(t.Context(), s.client); err != nil {
		t.Fatal(err)
	}
	s.pipeline.OnEvent(func(payload []byte) { s.events <- payload })
	s.aws.OnEvent(func(payload []byte) { s.events <- payload })
	s.aws.OnStart(func(e ec2test.Execution) { s.builds.Go(func() { s.execute(e) }) })
	path := binary.Path(t)
	endpoints := s.record()
	for range functions {
		s.functions = append(s.functions, lambdatest.Start(t, path, append(endpoints,
			"AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=test",
			"NAME=firmware", "ACCOUNT=111122223333", "CATEGORY=Build", "PROVIDER=EC2-Build", "VERSION=1",
			"STATE_MACHINE_ARN="+siteMachine, "LINUX_DOCUMENT=build-linux", "WINDOWS_DOCKER_DOCUMENT=build-docker", "LOG_GROUP=/builds", "LAUNCH_TEMPLATE_ID=lt-0123456789abcdef0",
			"VARIABLES_BUCKET=results", "VARIABLES_PREFIX=variables/AROAEXAMPLE:", "CONTINUATION_WAIT=200ms")...))
	}
	return s
}

// record has the calls of the functions compared with their role at the end of the
// test, and returns the variables with the endpoints for them.
func (s *site) record() (endpoints []string) {
	allowed := template(s.t).Calls(s.t, "Builds")
	for service, url := range map[string]string{
		"codepipeline": s.pipeline.URL(), "states": s.aws.URL, "ec2": s.aws.URL, "ssm": s.aws.URL,
	} {
		r := cfntest.NewRecorder(s.t, service, url)
		s.t.Cleanup(func() { called.Add(s.t, allowed, r.Actions()) })
		endpoints = append(endpoints, "AWS_ENDPOINT_URL_"+strings.ToUpper(strings.Replace(service, "states", "sfn", 1))+"="+r.URL)
	}
	return endpoints
}

func siteConfiguration() map[string]string {
	return map[string]string{"ImageId": "ami-0123456789abcdef0", "InstanceType": "c7i.large", "Command": "make"}
}

// execute runs an execution of the state machine in a cloud of its own, whose jobs
// are those of CodePipeline, and whose instances EC2 knows.
func (s *site) execute(e ec2test.Execution) {
	var in ec2build.Input
	if err := json.Unmarshal([]byte(e.Input), &in); err != nil {
		s.t.Error(err)
		return
	}
	c := &cloud{plan: s.plan(in), clock: asltest.NewFakeClock(start), launches: map[string]bool{}}
	s.prepare(c)
	ids := make(map[string]string) // of EC2, by those of the cloud
	x, err := s.machine.Run(e.Context, asltest.Options{
		Name: e.Name, ARN: e.ARN, Input: []byte(e.Input), Clock: c.clock,
		Do: func(ctx context.Context, call asltest.Call) (any, error) {
			if operation, ok := strings.CutPrefix(call.Resource, "aws-sdk:codepipeline:"); ok {
				return s.put(ctx, operation, call.Arguments)
			}
			reply, err := c.do(ctx, call)
			for _, i := range c.instances {
				if ids[i.id] == "" {
					ids[i.id] = s.aws.Run(i.token, ec2test.Instance{Type: i.typ, Tags: i.tags})
				}
				if !i.terminated.IsZero() {
					s.aws.Terminate(ids[i.id])
				}
			}
			return reply, err
		},
	})
	if err != nil {
		if e.Context.Err() == nil {
			s.t.Errorf("execution %s: %v", e.Name, err)
		}
		return
	}
	output := ""
	if x.Status == asltest.StatusSucceeded {
		text, err := json.Marshal(x.Output)
		if err != nil {
			s.t.Error(err)
			return
		}
		output = string(text)
	}
	s.aws.Finish(e.ARN, string(x.Status), output, x.Error, x.Cause)
}

// put puts a result as the task of the state machine does.
func (s *site) put(ctx context.Context, operation string, arguments any) (any, error) {
	text, err := json.Marshal(arguments)
	if err != nil {
		return nil, err
	}
	if operation == "putJobSuccessResult" {
		in := new(awscodepipeline.PutJobSuccessResultInput)
		if err = json.Unmarshal(text, in); err == nil {
			_, err = s.client.PutJobSuccessResult(ctx, in)
		}
	} else {
		in := new(awscodepipeline.PutJobFailureResultInput)
		if err = json.Unmarshal(text, in); err == nil {
			_, err = s.client.PutJobFailureResult(ctx, in)
		}
	}
	var refused smithy.APIError
	if errors.As(err, &refused) {
		return nil, &asltest.Error{Name: "CodePipeline." + refused.ErrorCode(), Cause: refused.ErrorMessage()}
	}
	if err != nil {
		return nil, &asltest.Error{Name: "CodePipeline.SdkClientException", Cause: "Unable to execute HTTP request: Connection reset"}
	}
	return map[string]any{}, nil
}

// begin starts the pipeline up to the action, and returns the ID of the execution.
func (s *site) begin() (execution string) {
	s.t.Helper()
	execution, err := s.pipeline.StartExecution("app", pipelinetest.Trigger{Type: "StartPipelineExecution"})
	if err != nil {
		s.t.Fatal(err)
	}
	s.pipeline.Settle(execution)
	return execution
}

// deliver invokes the functions with the events so far, each with several tries as
// Lambda and EventBridge make them.
func (s *site) deliver() {
	s.t.Helper()
	var wg sync.WaitGroup
	for _, f := range s.functions {
		wg.Go(func() {
			for {
				select {
				case payload := <-s.events:
					if !strings.Contains(string(payload), "EC2-Build") && !strings.Contains(string(payload), `"aws.states"`) {
						continue // no rule passes it on
					}
					for try := 0; f.Invoke(s.t, string(payload)).Failed; try++ {
						if try == 20 {
							s.t.Errorf("an event is not taken: %s", payload)
							break
						}
					}
				default:
					return
				}
			}
		})
	}
	wg.Wait()
}

// settle delivers events until builds and events are done with.
func (s *site) settle() {
	s.t.Helper()
	for {
		s.deliver()
		s.builds.Wait()
		if len(s.events) == 0 {
			return
		}
	}
}

func (s *site) sweep() {
	s.t.Helper()
	s.events <- []byte(`{"version":"0","id":"` + awsjson.UUID("sweep", time.Now().String()) + `","detail-type":"Scheduled Event","source":"aws.events","account":"111122223333","time":"2026-05-01T00:00:00Z","region":"us-east-1","resources":["arn:aws:events:us-east-1:111122223333:rule/EC2-Build"],"detail":{}}`)
}

// latest returns the state of the build action.
func (s *site) latest() types.ActionExecution {
	s.t.Helper()
	state, err := s.client.GetPipelineState(s.t.Context(), &awscodepipeline.GetPipelineStateInput{Name: aws.String("app")})
	if err != nil {
		s.t.Fatal(err)
	}
	return *state.StageStates[1].ActionStates[0].LatestExecution
}

// TestBuild goes through the sample's steps: the action starts, the function polls,
// the state machine launches the instance, runs the command, reports the job and
// terminates the instance.
func TestBuild(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		plan   func(*plan)
		status types.ActionExecutionStatus
		want   string
	}{
		{"success", func(*plan) {}, "Succeeded", "built on instance"},
		{"a command that fails", func(p *plan) {
			p.status, p.details, p.code, p.stderr = "Failed", "Failed", 2, "make: *** [all] Error 1"
		}, "Failed", "exit code 2"},
		{"an instance that never registers", func(p *plan) { p.registers = -1 }, "Failed", ""},
		{"an instance that dies", func(p *plan) { p.status, p.dies = "", time.Minute }, "Failed", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, 1)
			p := succeeding()
			test.plan(&p)
			s.plan = func(ec2build.Input) plan { return p }
			s.begin()
			s.settle()
			got := s.latest()
			if got.Status != test.status || !strings.Contains(aws.ToString(got.ExternalExecutionUrl), siteMachineExecution) {
				t.Errorf("the action is %s with the link %s", got.Status, aws.ToString(got.ExternalExecutionUrl))
			}
			text := aws.ToString(got.Summary)
			if got.ErrorDetails != nil {
				text += aws.ToString(got.ErrorDetails.Message)
			}
			if !strings.Contains(text, test.want) {
				t.Errorf("summary %q, want %q in it", text, test.want)
			}
			s.checkJobs(1)
		})
	}
}

const siteMachineExecution = "arn:aws:states:us-east-1:111122223333:execution:firmware:"

// TestGuards: the events of an abandoned action and of an instance that nobody knows
// were lost. The sweep finds both. The image is named by a parameter.
func TestGuards(t *testing.T) {
	t.Parallel()
	s := newSite(t, 1, func(build *pipelinetest.Action) {
		build.Configuration["ImageId"] = "/aws/service/images/latest"
	})
	s.aws.SetParameter("/aws/service/images/latest", "ami-0123456789abcdef0")
	s.aws.OnStart(func(ec2test.Execution) {})
	old := time.Now().Add(-time.Hour)
	s.aws.SetClock(func() time.Time { return old })
	s.pipeline.SetClock(func() time.Time { return old })
	execution := s.begin()
	s.deliver()
	all := s.aws.Executions()
	if len(all) != 1 {
		t.Fatalf("there are %d executions", len(all))
	}
	tags := func(arn string) map[string]string {
		return map[string]string{ec2build.TagBuilder: "firmware", ec2build.TagExecution: arn}
	}
	s.aws.Run("1", ec2test.Instance{Tags: tags(all[0].ARN)})
	left := s.aws.Run("2", ec2test.Instance{Tags: tags(siteMachineExecution + "unknown")})
	if _, err := s.client.StopPipelineExecution(t.Context(), &awscodepipeline.StopPipelineExecutionInput{
		PipelineName: aws.String("app"), PipelineExecutionId: aws.String(execution), Abandon: true,
	}); err != nil {
		t.Fatal(err)
	}
	s.pipeline.Settle()
	for len(s.events) > 0 {
		<-s.events
	}
	s.sweep()
	s.settle()
	if e, _ := s.aws.Execution(all[0].ARN); e.Status != "ABORTED" {
		t.Errorf("the execution of the abandoned action is %s", e.Status)
	}
	for _, i := range s.aws.Instances(true) {
		if i.State != "terminated" || i.ID == left && i.Tags[ec2build.TagTerminated] != "sweep: execution does not exist" {
			t.Errorf("instance %+v", i)
		}
	}
}

// checkJobs checks that each build has one result and no instance.
func (s *site) checkJobs(builds int) {
	s.t.Helper()
	last := 0
	for _, j := range s.pipeline.Jobs() {
		accepted := 0
		for _, e := range j.History {
			if e.Type == pipelinetest.JobEventReported && e.Code == "" {
				accepted++
			}
		}
		if accepted != 1 {
			s.t.Errorf("job %s has %d results: %+v", j.ID, accepted, j.History)
		}
		if j.ContinuationToken != "" {
			last++
		}
	}
	if last != builds {
		s.t.Errorf("%d builds have ended, want %d", last, builds)
	}
	if left := s.aws.Instances(false); len(left) != 0 {
		s.t.Errorf("%d instances are left: %+v", len(left), left[0])
	}
	if n := len(s.aws.Executions()); n != builds {
		s.t.Errorf("there are %d executions for %d builds", n, builds)
	}
}

// TestJobs runs many builds through two functions and calls that fail: none is lost,
// none is reported twice, no instance is left.
func TestJobs(t *testing.T) {
	t.Parallel()
	jobs := 25
	if n, err := strconv.Atoi(os.Getenv("CODESUITE_EC2BUILD_JOBS")); err == nil {
		jobs = n
	}
	s := newSite(t, 2)
	s.pipeline.SetJobOptions(pipelinetest.JobOptions{ReofferAfter: 20 * time.Millisecond, DuplicateRate: 0.2, Seed: 1})
	s.pipeline.SetFaults(pipelinetest.Faults{ThrottleRate: 0.03, ErrorRate: 0.03, LateErrorRate: 0.03, LateDropRate: 0.02, Seed: 2})
	s.aws.SetFaults(awsjson.Faults{ThrottleRate: 0.03, ErrorRate: 0.03, LateErrorRate: 0.03, LateDropRate: 0.02, Seed: 3})
	s.plan = func(in ec2build.Input) plan {
		p := succeeding()
		switch in.JobID[0] % 5 {
		case 0:
			p.status, p.details, p.code = "Failed", "Failed", 1
		case 1:
			p.registers = -1
		case 2:
			p.status, p.dies = "", time.Minute
		}
		return p
	}
	for i := range jobs {
		if _, err := s.pipeline.AddJob(pipelinetest.JobSpec{
			Type: pipelinetest.ActionType{Category: "Build", Provider: "EC2-Build", Version: "1"}, Configuration: siteConfiguration(),
			Pipeline: fmt.Sprint("app", i%7),
		}); err != nil {
			t.Fatal(err)
		}
	}
	for round := 0; ; round++ {
		open := 0
		for status, n := range s.pipeline.JobCounts() {
			if !status.Ended() {
				open += n
			}
		}
		if open == 0 {
			break
		}
		if round == 100 {
			t.Fatalf("%d jobs are open: %v", open, s.pipeline.JobCounts())
		}
		s.sweep()
		s.settle()
	}
	s.pipeline.SetFaults(pipelinetest.Faults{})
	s.aws.SetFaults(awsjson.Faults{})
	s.sweep()
	s.settle()
	s.checkJobs(jobs)
	var calls int
	for _, operation := range []string{
		"DescribeExecution", "ListExecutions", "StartExecution", "StopExecution", "DescribeImages", "DescribeInstances", "TerminateInstances", "CreateTags",
	} {
		calls += s.aws.Count(operation)
	}
	t.Logf("%d jobs, %d calls of Step Functions and EC2", jobs, calls)
}
