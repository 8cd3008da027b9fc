package ec2build_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"
	awsec2 "github.com/aws/aws-sdk-go-v2/service/ec2"
	awssfn "github.com/aws/aws-sdk-go-v2/service/sfn"
	awsssm "github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/codesuite-go/codesuite/customaction/ec2build"
	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/internal/ec2test"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

const (
	stateMachine = "arn:aws:states:us-east-1:111122223333:stateMachine:builds"
	linuxImage   = "ami-0123456789abcdef0"
	windowsImage = "ami-0fedcba9876543210"
)

// world is a pipeline with one build action, and all that a handler calls.
type world struct {
	t        *testing.T
	pipeline *pipelinetest.Server
	aws      *ec2test.Server
	client   *awscodepipeline.Client
	handler  *ec2build.Handler
	mux      events.Mux

	mu    sync.Mutex
	ended [][]byte // events of executions
}

func configuration(changes ...string) map[string]string {
	c := map[string]string{"ImageId": linuxImage, "InstanceType": "c7i.large", "Command": "make"}
	for i := 0; i < len(changes); i += 2 {
		c[changes[i]] = changes[i+1]
	}
	return c
}

func defaults(o *ec2build.Options) {
	o.Name, o.LogGroup, o.InstanceProfile = "builds", "/codesuite/builds", "builder"
	o.Account, o.Region = "111122223333", "us-east-1"
	o.Documents = ec2build.Documents{Linux: "build-linux", Windows: "build-windows", WindowsDocker: "build-docker"}
	o.ContinuationWait, o.MaxElapsed = -1, 5*time.Second
}

func newWorld(t *testing.T, optFns ...func(*ec2build.Options)) *world {
	t.Helper()
	build := pipelinetest.CustomAction("Compile", "Build", "EC2-Build", "1", configuration())
	w := &world{
		t: t,
		pipeline: pipelinetest.NewServer(t, pipelinetest.Pipeline{
			Name: "app", ExecutionMode: "PARALLEL", Stages: []pipelinetest.Stage{
				{Name: "Source", Actions: []pipelinetest.Action{pipelinetest.S3Source("Source", "sources", "app.zip")}},
				{Name: "Build", Actions: []pipelinetest.Action{build}},
			},
		}),
		aws: ec2test.NewServer(t),
	}
	w.aws.AddImage(linuxImage, ec2test.Image{RootDevice: "/dev/xvda"})
	w.aws.AddImage(windowsImage, ec2test.Image{RootDevice: "/dev/sda1", Windows: true})
	w.aws.OnEvent(func(payload []byte) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.ended = append(w.ended, payload)
	})
	w.client = awscodepipeline.NewFromConfig(w.pipeline.Config())
	actionType := ec2build.ActionType("us-east-1", "build-linux")
	if err := actionType.Create(t.Context(), w.client); err != nil {
		t.Fatal(err)
	}
	cfg := w.aws.Config()
	w.handler = ec2build.New(ec2build.Clients{
		CodePipeline: w.client, StepFunctions: awssfn.NewFromConfig(cfg),
		EC2: awsec2.NewFromConfig(cfg), SystemsManager: awsssm.NewFromConfig(cfg),
	}, actionType, stateMachine, append([]func(*ec2build.Options){defaults}, optFns...)...)
	if err := w.handler.Register(&w.mux); err != nil {
		t.Fatal(err)
	}
	return w
}

// begin starts the pipeline up to the action, and returns the ID of the execution
// and the event of the action.
func (w *world) begin() (execution string, started []byte) {
	w.t.Helper()
	execution, err := w.pipeline.StartExecution("app", pipelinetest.Trigger{Type: "StartPipelineExecution"})
	if err != nil {
		w.t.Fatal(err)
	}
	w.pipeline.Settle(execution)
	return execution, w.event(execution, "STARTED")
}

// event returns the event of the build action.
func (w *world) event(execution, state string) []byte {
	w.t.Helper()
	for _, payload := range w.pipeline.Events() {
		e, err := events.Decode(payload)
		if err != nil {
			w.t.Fatal(err)
		}
		if a, ok := e.(*events.ActionExecutionStateChange); ok && a.Action == "Compile" && a.ExecutionID == execution && string(a.State) == state {
			return payload
		}
	}
	w.t.Fatalf("there is no event of the action with the state %s", state)
	return nil
}

func (w *world) deliver(payload []byte) {
	w.t.Helper()
	if _, err := w.mux.Invoke(w.t.Context(), payload); err != nil {
		w.t.Fatal(err)
	}
}

// deliverEnds delivers the events of executions that came since.
func (w *world) deliverEnds() {
	w.t.Helper()
	w.mu.Lock()
	ended := w.ended
	w.ended = nil
	w.mu.Unlock()
	for _, payload := range ended {
		w.deliver(payload)
	}
}

// jobs returns the first and the last job of the action of an execution.
func (w *world) jobs(execution string) (first, last pipelinetest.Job) {
	w.t.Helper()
	for _, j := range w.pipeline.Jobs() {
		if j.ExecutionID != execution {
			continue
		}
		if first.ID == "" {
			first = j
		}
		last = j
	}
	return first, last
}

// only returns the only execution of the state machine.
func (w *world) only() (ec2test.Execution, ec2build.Input) {
	w.t.Helper()
	all := w.aws.Executions()
	if len(all) != 1 {
		w.t.Fatalf("there are %d executions, want one", len(all))
	}
	return all[0], inputOf(w.t, all[0])
}

func inputOf(t *testing.T, e ec2test.Execution) ec2build.Input {
	t.Helper()
	var in ec2build.Input
	if err := json.Unmarshal([]byte(e.Input), &in); err != nil {
		t.Fatal(err)
	}
	return in
}

// launch launches the instance of an execution, as its state machine does.
func (w *world) launch(e ec2test.Execution) string {
	in := inputOf(w.t, e)
	tags := map[string]string{ec2build.TagExecution: e.ARN}
	for key, value := range in.Tags {
		tags[key] = value
	}
	return w.aws.Run(e.Name, ec2test.Instance{ImageID: in.Instance.ImageID, Type: in.Launches[0].InstanceType, Tags: tags})
}

// succeed does what the state machine does at the end of a build.
func (w *world) succeed(e ec2test.Execution) {
	w.t.Helper()
	for _, i := range w.aws.Instances(false) {
		if i.Tags[ec2build.TagExecution] == e.ARN {
			w.aws.Terminate(i.ID)
		}
	}
	_, err := w.client.PutJobSuccessResult(context.Background(), &awscodepipeline.PutJobSuccessResultInput{JobId: aws.String(inputOf(w.t, e).JobID)})
	w.aws.Finish(e.ARN, "SUCCEEDED", fmt.Sprintf(`{"Result":"Succeeded","Reported":%v,"Summary":"built","Variables":{"Version":"1.2"}}`, err == nil), "", "")
}

// accepted returns how many results of the job CodePipeline has accepted.
func accepted(j pipelinetest.Job) int {
	n := 0
	for _, e := range j.History {
		if e.Type == pipelinetest.JobEventReported && e.Code == "" {
			n++
		}
	}
	return n
}

// reports returns how many results of the job were put.
func reports(j pipelinetest.Job) int { return j.Count(pipelinetest.JobEventReported) }

func (w *world) abandon(execution string) {
	w.t.Helper()
	if _, err := w.client.StopPipelineExecution(w.t.Context(), &awscodepipeline.StopPipelineExecutionInput{
		PipelineName: aws.String("app"), PipelineExecutionId: aws.String(execution), Abandon: true,
	}); err != nil {
		w.t.Fatal(err)
	}
	w.pipeline.Settle()
}

// latest returns the state of the build action.
func (w *world) latest() types.ActionExecution {
	w.t.Helper()
	state, err := w.client.GetPipelineState(w.t.Context(), &awscodepipeline.GetPipelineStateInput{Name: aws.String("app")})
	if err != nil {
		w.t.Fatal(err)
	}
	return *state.StageStates[1].ActionStates[0].LatestExecution
}

func contains(t *testing.T, what, got string, want ...string) {
	t.Helper()
	for _, s := range want {
		if !strings.Contains(got, s) {
			t.Errorf("%s is %q, want %q in it", what, got, s)
		}
	}
}
