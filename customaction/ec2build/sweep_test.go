package ec2build_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssfn "github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/customaction/ec2build"
	"github.com/codesuite-go/codesuite/internal/awsjson"
	"github.com/codesuite-go/codesuite/internal/ec2test"
	"github.com/codesuite-go/codesuite/pipeline/action"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

type actionDetails = action.Details

func jsonOf(v any) (string, error) {
	text, err := json.Marshal(v)
	return string(text), err
}

func (w *world) startExecution(name, input string) {
	w.t.Helper()
	if _, err := awssfn.NewFromConfig(w.aws.Config()).StartExecution(w.t.Context(), &awssfn.StartExecutionInput{
		StateMachineArn: aws.String(stateMachine), Name: aws.String(name), Input: aws.String(input),
	}); err != nil {
		w.t.Fatal(err)
	}
}

func executionARN(name string) string {
	return "arn:aws:states:us-east-1:111122223333:execution:builds:" + name
}

// TestSweepInstances: an instance goes if its execution has ended, and stays if the
// execution runs, whatever its age.
func TestSweepInstances(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	text, err := jsonOf(input())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"running", "failed", "succeeded"} {
		w.startExecution(name, text)
	}
	w.aws.Finish(executionARN("failed"), "FAILED", "", "JobFailed", "x")
	w.aws.Finish(executionARN("succeeded"), "SUCCEEDED", `{"Reported":true}`, "", "")
	tags := func(name string) map[string]string {
		return map[string]string{ec2build.TagBuilder: "builds", "codesuite:lifetime": "1", ec2build.TagExecution: executionARN(name)}
	}
	old := time.Now().Add(-time.Hour)
	w.aws.SetClock(func() time.Time { return old })
	want := map[string]bool{ // whether the instance stays
		w.aws.Run("1", ec2test.Instance{Tags: tags("running")}):                                       true,
		w.aws.Run("2", ec2test.Instance{Tags: tags("failed")}):                                        false,
		w.aws.Run("3", ec2test.Instance{Tags: tags("succeeded")}):                                     false,
		w.aws.Run("4", ec2test.Instance{Tags: tags("never")}):                                         false,
		w.aws.Run("5", ec2test.Instance{Tags: map[string]string{ec2build.TagBuilder: "builds"}}):      true,
		w.aws.Run("6", ec2test.Instance{Tags: map[string]string{ec2build.TagExecution: "arn:other"}}): true,
		w.aws.Run("7", ec2test.Instance{}):                                                            true,
	}
	other := tags("failed")
	other[ec2build.TagBuilder] = "other"
	// The sweep of executions that failed knows instances by their execution alone.
	other[ec2build.TagExecution] = executionARN("others")
	want[w.aws.Run("8", ec2test.Instance{Tags: other})] = true
	for n := range 120 { // several pages
		want[w.aws.Run(fmt.Sprint("page", n), ec2test.Instance{Tags: tags("never")})] = false
	}
	w.aws.SetClock(time.Now)
	want[w.aws.Run("9", ec2test.Instance{Tags: tags("never")})] = true // too young to say
	if err := w.handler.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, i := range w.aws.Instances(true) {
		if stays := i.State == "running"; stays != want[i.ID] {
			t.Errorf("instance %s with the tags %v is %s", i.ID, i.Tags, i.State)
		}
		if i.Tags[ec2build.TagExecution] == executionARN("succeeded") && i.Tags[ec2build.TagTerminated] != "sweep: execution is SUCCEEDED" {
			t.Errorf("the instance was terminated for the reason %q", i.Tags[ec2build.TagTerminated])
		}
	}
}

// TestSweepEnded: the event of the end was lost.
func TestSweepEnded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	execution, started := w.begin()
	w.deliver(started)
	e, _ := w.only()
	w.launch(e)
	w.aws.Finish(e.ARN, "TIMED_OUT", "", "States.Timeout", "")
	for range 2 {
		w.deliver(scheduled())
	}
	_, last := w.jobs(execution)
	if accepted(last) != 1 || last.Result.FailureType != "SystemUnavailable" || len(w.aws.Instances(false)) != 0 {
		t.Errorf("result %+v, instances %+v", last.Result, w.aws.Instances(false))
	}
}

// TestSweepSucceeded: the execution could not report its success, and the event of
// its end was lost.
func TestSweepSucceeded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	execution, started := w.begin()
	w.deliver(started)
	e, _ := w.only()
	w.aws.Finish(e.ARN, "SUCCEEDED", `{"Result":"Succeeded","Reported":false,"Summary":"built","Variables":{"Version":"1.2"}}`, "", "")
	for range 2 {
		w.deliver(scheduled())
	}
	_, last := w.jobs(execution)
	if accepted(last) != 1 || last.Result.FailureType != "" || last.Result.OutputVariables["Version"] != "1.2" {
		t.Errorf("%d results, %d of them accepted: %+v", reports(last), accepted(last), last.Result)
	}
}

// TestSweepCalls: a sweep looks once at an execution that has ended, and puts no
// result again that the execution has put. The number of its other calls does not
// depend on the number of executions.
func TestSweepCalls(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	text, err := jsonOf(input())
	if err != nil {
		t.Fatal(err)
	}
	calls := func() map[string]int {
		n := make(map[string]int)
		for _, operation := range []string{"DescribeExecution", "ListExecutions", "DescribeInstances", "TerminateInstances"} {
			n[operation] = w.aws.Count(operation)
		}
		for _, operation := range []string{"PutJobFailureResult", "PutJobSuccessResult"} {
			n[operation] = w.pipeline.Count(operation)
		}
		return n
	}
	for round := range 3 {
		for i := range 20 {
			name := fmt.Sprint("failed-", round, "-", i)
			w.startExecution(name, text)
			w.aws.Finish(executionARN(name), "FAILED", "", "JobFailed", "exit code 1")
		}
		name := fmt.Sprint("succeeded-", round)
		w.startExecution(name, text)
		w.aws.Finish(executionARN(name), "SUCCEEDED", `{"Reported":true}`, "", "")
		before := calls()
		if err := w.handler.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		got := calls()
		for operation := range got {
			got[operation] -= before[operation]
		}
		want := map[string]int{
			"DescribeExecution": 21, "ListExecutions": 5, "DescribeInstances": 1, "TerminateInstances": 0,
			"PutJobFailureResult": 0, "PutJobSuccessResult": 0,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("sweep %d, calls (-want +got):\n%s", round, diff)
		}
	}
}

// TestSweepInterrupted: what a sweep has done before it failed, the next one need not
// do again. Many executions would never be done with otherwise, if some of the calls
// fail.
func TestSweepInterrupted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	text, err := jsonOf(input())
	if err != nil {
		t.Fatal(err)
	}
	const executions = 60
	for i := range executions {
		name := fmt.Sprint("failed-", i)
		w.startExecution(name, text)
		w.aws.Finish(executionARN(name), "FAILED", "", "JobFailed", "exit code 1")
	}
	var described atomic.Int32
	w.aws.SetFaults(awsjson.Faults{Fail: func(operation string) string {
		if operation != "DescribeExecution" {
			return ""
		}
		if described.Add(1)%10 == 0 {
			return "AccessDeniedException"
		}
		return ""
	}})
	sweeps := 1
	for w.handler.Sweep(t.Context()) != nil {
		if sweeps++; sweeps > 5 {
			t.Fatal("no sweep succeeds")
		}
	}
	if n := int(described.Load()); n > executions*10/9+1 {
		t.Errorf("%d calls in %d sweeps for %d executions", n, sweeps, executions)
	}
}

// TestSweepRunning: the event that the action was abandoned was lost.
func TestSweepRunning(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	old := time.Now().Add(-time.Hour)
	w.aws.SetClock(func() time.Time { return old })
	w.pipeline.SetClock(func() time.Time { return old })
	abandoned, started := w.begin()
	w.deliver(started)
	e, _ := w.only()
	w.launch(e)
	_, started = w.begin()
	w.deliver(started)
	w.abandon(abandoned)
	w.deliver(scheduled())
	for _, now := range w.aws.Executions() {
		if want := map[bool]string{true: "ABORTED", false: "RUNNING"}[now.ARN == e.ARN]; now.Status != want {
			t.Errorf("execution %s is %s, want %s", now.Name, now.Status, want)
		}
	}
	if left := w.aws.Instances(false); len(left) != 0 {
		t.Errorf("instances are left: %+v", left)
	}
}

// TestChaos runs jobs through calls that fail before and after they take effect,
// through lost and repeated events, and through executions that end in all ways: no
// job is lost, none is reported twice, no instance is left.
func TestChaos(t *testing.T) {
	t.Parallel()
	jobs := 60
	if n, err := strconv.Atoi(os.Getenv("CODESUITE_EC2BUILD_JOBS")); err == nil {
		jobs = n
	}
	w := newWorld(t)
	w.pipeline.SetJobOptions(pipelinetest.JobOptions{DuplicateRate: 0.2, ReofferAfter: 20 * time.Millisecond, Seed: 1})
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // reproducible
	var mu sync.Mutex
	chance := func(rate float64) bool {
		mu.Lock()
		defer mu.Unlock()
		return random.Float64() < rate
	}
	w.pipeline.SetFaults(pipelinetest.Faults{ThrottleRate: 0.05, ErrorRate: 0.05, LateErrorRate: 0.05, DropRate: 0.02, LateDropRate: 0.02, Seed: 3})
	w.aws.SetFaults(awsjson.Faults{ThrottleRate: 0.05, ErrorRate: 0.05, LateErrorRate: 0.05, LateDropRate: 0.02, Seed: 4, Fail: func(operation string) string {
		if operation[:8] == "Describe" && operation != "DescribeExecution" && chance(0.05) {
			return "RequestLimitExceeded"
		}
		return ""
	}})
	started := make(chan ec2test.Execution, 2*jobs)
	w.aws.OnStart(func(e ec2test.Execution) { started <- e })
	for range jobs {
		if _, err := w.pipeline.AddJob(pipelinetest.JobSpec{
			Type:          pipelinetest.ActionType{Category: "Build", Provider: "EC2-Build", Version: "1"},
			Configuration: configuration(),
		}); err != nil {
			t.Fatal(err)
		}
	}
	open := func() int {
		n := 0
		for status, count := range w.pipeline.JobCounts() {
			if !status.Ended() {
				n += count
			}
		}
		return n
	}
	errors := 0
	for round := 0; open() > 0; round++ {
		if round > 300 {
			t.Fatalf("%d jobs are open after %d rounds: %v", open(), round, w.pipeline.JobCounts())
		}
		var wg sync.WaitGroup
		for range 3 { // instances of the function
			wg.Go(func() {
				if _, err := w.mux.Invoke(t.Context(), scheduled()); err != nil {
					mu.Lock()
					errors++
					mu.Unlock()
				}
			})
		}
		for len(started) > 0 {
			e := <-started
			wg.Go(func() {
				if chance(0.8) {
					w.launch(e)
				}
				switch {
				case chance(0.5):
					w.succeed(e)
				case chance(0.4):
					w.aws.Finish(e.ARN, "FAILED", "", "JobFailed.Unreported", "exit code 1")
				case chance(0.5):
					w.aws.Finish(e.ARN, "TIMED_OUT", "", "States.Timeout", "")
				default:
					w.aws.Finish(e.ARN, "ABORTED", "", "", "by hand")
				}
			})
		}
		wg.Wait()
		w.mu.Lock()
		ended := w.ended
		w.ended = nil
		w.mu.Unlock()
		for _, payload := range ended {
			// Lambda tries three times. What is lost beyond that, the sweep finds.
			for try := 0; ; try++ {
				if _, err := w.mux.Invoke(t.Context(), payload); err == nil {
					break
				}
				if try == 20 {
					t.Fatal("the event of an end is not taken")
				}
			}
		}
		time.Sleep(5 * time.Millisecond) // for jobs that are offered again
	}
	if err := sweepUntil(w); err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]bool)
	for _, j := range w.pipeline.Jobs() {
		if accepted(j) != 1 {
			t.Errorf("job %s has %d results", j.ID, accepted(j))
		}
		if j.ContinuationToken != "" {
			seen[j.ActionExecutionID] = true
		}
	}
	if len(seen) != jobs {
		t.Errorf("%d of %d builds have ended", len(seen), jobs)
	}
	if left := w.aws.Instances(false); len(left) != 0 {
		t.Errorf("%d instances are left: %+v", len(left), left[0])
	}
	t.Logf("%d jobs, %d executions, %d calls of the function failed", jobs, len(w.aws.Executions()), errors)
}

// sweepUntil sweeps until it succeeds once.
func sweepUntil(w *world) (err error) {
	w.pipeline.SetFaults(pipelinetest.Faults{})
	w.aws.SetFaults(awsjson.Faults{})
	for range 3 {
		if err = w.handler.Sweep(w.t.Context()); err == nil {
			return nil
		}
	}
	return err
}
