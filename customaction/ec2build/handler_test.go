package ec2build_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/customaction/ec2build"
	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/internal/awsjson"
	"github.com/codesuite-go/codesuite/internal/ec2test"
	"github.com/codesuite-go/codesuite/pipeline/actiontype"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// TestLifeCycle goes from the event of the action to its success: the link is there
// at once, and the execution has the second job.
func TestLifeCycle(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	execution, started := w.begin()
	w.deliver(started)
	e, in := w.only()
	first, last := w.jobs(execution)
	if first.ID == last.ID || last.Continues != first.ID {
		t.Fatalf("jobs %s and %s: want one that continues the other", first.ID, last.ID)
	}
	if in.JobID != last.ID || last.Status != pipelinetest.JobStatusInProgress || first.Status != pipelinetest.JobStatusSucceeded {
		t.Errorf("the execution has the job %s, want %s; states %s and %s", in.JobID, last.ID, first.Status, last.Status)
	}
	if e.Name != first.ActionExecutionID || first.Result.ExternalExecutionID != e.ARN {
		t.Errorf("execution %s for the run %s, external ID %s", e.ARN, first.ActionExecutionID, first.Result.ExternalExecutionID)
	}
	running := w.latest()
	contains(t, "link", aws.ToString(running.ExternalExecutionUrl), "https://us-east-1.console.aws.amazon.com/states/", e.ARN)
	contains(t, "summary", aws.ToString(running.Summary), linuxImage, "c7i.large", "/codesuite/builds")

	w.launch(e)
	w.succeed(e)
	w.deliverEnds()
	_, last = w.jobs(execution)
	if accepted(last) != 1 || reports(last) != 1 || !last.Result.Succeeded {
		t.Errorf("%d results, %d of them accepted: %+v", reports(last), accepted(last), last.Result)
	}
	if got := w.latest().Status; got != "Succeeded" {
		t.Errorf("the action is %s", got)
	}
}

// TestInput checks what a job's configuration becomes.
func TestComposedInput(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *ec2build.Options) {
		o.VariablesBucket, o.VariablesPrefix = "work", "variables/"
		o.Network = ec2build.Network{SubnetIDs: []string{"subnet-0123456789abcdef0"}, SecurityGroupIDs: []string{"sg-0123456789abcdef0"}, NoPublicIP: true}
		o.Boot = map[ec2build.Platform]string{ec2build.PlatformWindows: "Start-Service AmazonSSMAgent"}
		o.Tags = map[string]string{"team": "a"}
		o.Input = func(in *ec2build.Input, _ actionDetails) { in.Tags["cost"] = "b" }
	})
	w.aws.SetParameter("/images/windows", windowsImage)
	id, err := w.pipeline.AddJob(pipelinetest.JobSpec{
		Type: pipelinetest.ActionType{Category: "Build", Provider: "EC2-Build", Version: "1"}, Pipeline: "web",
		Configuration: configuration("ImageId", "resolve:ssm:/images/windows", "InstanceType", "m7i.large, m6i.large", "Market", "Spot-Then-On-Demand",
			"Command", "docker build .\r\nexit $LASTEXITCODE", "TimeoutMinutes", "90", "VolumeSizeGiB", "200", "Docker", "True", "WorkingDirectory", `C:\build`,
			"OutputArtifactPath", "App=dist\nReport=out\\report.html"),
		Inputs:  []pipelinetest.Artifact{{Name: "Source"}},
		Outputs: []pipelinetest.Artifact{{Name: "App"}, {Name: "Report"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := w.handler.Poll(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	job, _ := w.pipeline.Job(id)
	if !job.Result.Succeeded {
		t.Fatalf("result %+v", job.Result)
	}
	e, in := w.only()
	arn := "arn:aws:states:us-east-1:111122223333:execution:builds:" + job.ActionExecutionID
	if e.ARN != arn || in.JobID != job.ContinuedBy {
		t.Errorf("execution %s of job %s, want %s of %s", e.ARN, in.JobID, arn, job.ContinuedBy)
	}
	if in.Instance.ImageID != windowsImage || in.Instance.RootDevice != "/dev/sda1" || in.Instance.RootSize != 200 || in.Instance.Profile != "builder" {
		t.Errorf("instance %+v", in.Instance)
	}
	contains(t, "user data", in.Instance.UserData, "<powershell>", "AddMinutes(115)", "Start-Service AmazonSSMAgent")
	var launches []string
	for _, l := range in.Launches {
		launches = append(launches, fmt.Sprint(l.InstanceType, " ", l.SubnetID, " ", l.Spot, " ", l.NoPublicIP))
	}
	want := []string{
		"m7i.large subnet-0123456789abcdef0 true true", "m6i.large subnet-0123456789abcdef0 true true",
		"m7i.large subnet-0123456789abcdef0 false true", "m6i.large subnet-0123456789abcdef0 false true",
	}
	if diff := cmp.Diff(want, launches); diff != "" {
		t.Errorf("launches (-want +got):\n%s", diff)
	}
	wantTags := ec2build.Tags{
		ec2build.TagBuilder: "builds", "codesuite:lifetime": "6900", "Name": "codesuite web EC2-Build", "team": "a", "cost": "b",
	}
	if diff := cmp.Diff(wantTags, in.Tags); diff != "" {
		t.Errorf("tags (-want +got):\n%s", diff)
	}
	if in.Timeout != 5400 || in.StartTimeout != 600 || in.Relaunches != 1 || in.Plugin != "build" || in.Command.Document != "build-docker" {
		t.Errorf("input %+v", in)
	}
	if diff := cmp.Diff(&ec2build.InstanceObject{Bucket: "work", KeyPrefix: "variables/"}, in.Variables); diff != "" {
		t.Errorf("variables (-want +got):\n%s", diff)
	}
	decoded := make(map[string]string)
	for name, values := range in.Command.Parameters {
		text, err := base64.StdEncoding.DecodeString(values[0])
		if name == "TimeoutSeconds" {
			text, err = []byte(values[0]), nil
		}
		if err != nil {
			t.Fatal(err)
		}
		decoded[name] = strings.ReplaceAll(string(text), "\x00", "|")
	}
	input, app, report := job.Inputs[0], job.Outputs[0], job.Outputs[1]
	wantParameters := map[string]string{
		"Command": "docker build .\r\nexit $LASTEXITCODE", "WorkingDirectory": `C:\build`, "EncryptionKey": "", "TimeoutSeconds": "5400",
		"Environment": "PipelineName|web|PipelineArn|arn:aws:codepipeline:us-east-1:111122223333:web|PipelineExecutionId|" + job.ExecutionID +
			"|CODESUITE_STAGE|Build|CODESUITE_ACTION|EC2-Build|CODESUITE_EXECUTION|" + arn + "|AWS_REGION|us-east-1|AWS_DEFAULT_REGION|us-east-1|",
		"Inputs":    "Source|" + input.Bucket + "|" + input.Key + "|",
		"Outputs":   "App|" + app.Bucket + "|" + app.Key + "|dist|Report|" + report.Bucket + "|" + report.Key + `|out\report.html|`,
		"Variables": "work|variables/|",
	}
	if diff := cmp.Diff(wantParameters, decoded); diff != "" {
		t.Errorf("parameters (-want +got):\n%s", diff)
	}
	// Nobody who reads the history of the execution sees the credentials of the job.
	for _, secret := range []string{"AKIA", "ASIA", "sessionToken", "SecretAccessKey"} {
		if strings.Contains(e.Input, secret) {
			t.Errorf("the input has %q", secret)
		}
	}
}

// TestConfigurationErrors: what is wrong is the result of the first job, and nothing
// is started.
func TestConfigurationErrors(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.aws.SetParameter("/text", "hello")
	out := []pipelinetest.Artifact{{Name: "Out"}}
	two := []pipelinetest.Artifact{{Name: "A"}, {Name: "B"}}
	for _, test := range []struct {
		name    string
		changes []string
		outputs []pipelinetest.Artifact
		want    string
	}{
		{"image", []string{"ImageId", "ami-xyz"}, nil, "neither the ID of an AMI"},
		{"unknown image", []string{"ImageId", "ami-11112222"}, nil, "does not exist"},
		{"unknown parameter", []string{"ImageId", "/no/such"}, nil, "get parameter \"/no/such\""},
		{"parameter without an image", []string{"ImageId", "/text"}, nil, "the value of the parameter /text is not the ID"},
		{"instance type", []string{"InstanceType", "c7i.large,,x"}, nil, `"" is no instance type`},
		{"command", []string{"Command", " \n "}, nil, "there is no command"},
		{"timeout", []string{"TimeoutMinutes", "1441"}, nil, "no number of minutes from 1 to 1440"},
		{"market", []string{"Market", "cheap"}, nil, "there is no market"},
		{"volume", []string{"VolumeSizeGiB", "-1"}, nil, "no number of GiB"},
		{"Docker", []string{"Docker", "perhaps"}, nil, "neither true nor false"},
		{"Docker on Linux", []string{"Docker", "true"}, nil, "Docker is installed on Windows alone"},
		{"no path", nil, out, "Out has no path"},
		{"a path for nothing", []string{"OutputArtifactPath", "dist"}, nil, "the action has none"},
		{"a path that leads out", []string{"OutputArtifactPath", `a\..\..\b`}, out, "outside of the working directory"},
		{"one of two", []string{"OutputArtifactPath", "A=dist"}, two, "B has no path"},
		{"one without a name", []string{"OutputArtifactPath", "dist"}, two, "not artifact=path"},
		{"twice", []string{"OutputArtifactPath", "A=a\nA=b\nB=c"}, two, "two paths"},
		{"a secret", []string{"Command", "git clone https://x:ghp_0123456789abcdefghijABCDEFGHIJ012345@github.com/a/b"}, nil, "a token of GitHub"},
	} {
		id, err := w.pipeline.AddJob(pipelinetest.JobSpec{
			Type:          pipelinetest.ActionType{Category: "Build", Provider: "EC2-Build", Version: "1"},
			Configuration: configuration(test.changes...), Outputs: test.outputs,
		})
		if err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		if err := w.handler.Poll(t.Context()); err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		job, _ := w.pipeline.Job(id)
		if job.Result == nil || job.Result.FailureType != "ConfigurationError" || !strings.Contains(job.Result.Message, test.want) {
			t.Errorf("%s: result %+v, want %q in it", test.name, job.Result, test.want)
		}
	}
	if n := len(w.aws.Executions()); n != 0 {
		t.Errorf("%d executions were started", n)
	}
}

// TestDenied: a missing permission is told as the result where the action names the
// thing, and as an error of the function where it does not.
func TestDenied(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.aws.SetFaults(awsjson.Faults{Deny: []string{"DescribeImages"}})
	execution, started := w.begin()
	w.deliver(started)
	first, _ := w.jobs(execution)
	if first.Result == nil || first.Result.FailureType != "PermissionError" {
		t.Fatalf("result %+v", first.Result)
	}
	contains(t, "message", first.Result.Message, "ec2:DescribeImages")

	w.aws.SetFaults(awsjson.Faults{Deny: []string{"StartExecution"}})
	execution, started = w.begin()
	w.deliver(started)
	_, last := w.jobs(execution)
	if last.Result == nil || last.Result.FailureType != "PermissionError" {
		t.Fatalf("result %+v", last.Result)
	}
	contains(t, "message", last.Result.Message, "states:StartExecution")

	w.aws.SetFaults(awsjson.Faults{})
	w.pipeline.SetFaults(pipelinetest.Faults{Deny: []string{"AcknowledgeJob"}})
	_, started = w.begin()
	if _, err := w.mux.Invoke(t.Context(), started); err == nil || !strings.Contains(err.Error(), "codepipeline:AcknowledgeJob") {
		t.Errorf("error %v", err)
	}
}

// TestRedelivery delivers each event many times, some at once: there is one execution
// for each action, and no result is put twice.
func TestRedelivery(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.pipeline.SetJobOptions(pipelinetest.JobOptions{DuplicateRate: 0.5, AcknowledgeOnce: true})
	var ids []string
	var wg sync.WaitGroup
	for range 10 {
		execution, started := w.begin()
		ids = append(ids, execution)
		for range 3 {
			wg.Go(func() { w.deliver(started) })
		}
	}
	wg.Wait()
	w.deliver(scheduled())
	executions := w.aws.Executions()
	if len(executions) != len(ids) {
		t.Fatalf("there are %d executions for %d actions", len(executions), len(ids))
	}
	for _, e := range executions {
		w.succeed(e)
	}
	w.mu.Lock()
	w.ended = append(w.ended, w.ended...)
	w.mu.Unlock()
	w.deliverEnds()
	for _, id := range ids {
		first, last := w.jobs(id)
		if accepted(first) != 1 || accepted(last) != 1 || reports(last) != 1 || !last.Result.Succeeded {
			t.Errorf("results of the jobs of %s: %+v and %+v", id, first.History, last.History)
		}
	}
}

func scheduled() []byte {
	return []byte(`{"version":"0","id":"s-1","detail-type":"Scheduled Event","source":"aws.events","account":"111122223333","time":"2026-05-01T00:00:00Z","region":"us-east-1","resources":["arn:aws:events:us-east-1:111122223333:rule/sweep"],"detail":{}}`)
}

// TestContinuationLate: the job that continues the first one is offered when nobody
// waits for it any more; the sweep finds it.
func TestContinuationLate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	now := time.Now()
	var mu sync.Mutex
	w.pipeline.SetClock(func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return now
	})
	w.pipeline.SetJobOptions(pipelinetest.JobOptions{ContinuationDelay: time.Minute})
	execution, started := w.begin()
	w.deliver(started)
	w.deliver(started)
	if n := len(w.aws.Executions()); n != 0 {
		t.Fatalf("there are %d executions before the job", n)
	}
	mu.Lock()
	now = now.Add(2 * time.Minute)
	mu.Unlock()
	w.deliver(scheduled())
	_, in := w.only()
	if _, last := w.jobs(execution); in.JobID != last.ID || last.Status != pipelinetest.JobStatusInProgress {
		t.Errorf("job %s, want %s, which is %s", in.JobID, last.ID, last.Status)
	}
}

// TestContinuationWait: the poll waits for the job, and starts the execution in the
// same call.
func TestContinuationWait(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *ec2build.Options) { o.ContinuationWait = time.Minute })
	w.pipeline.SetJobOptions(pipelinetest.JobOptions{ContinuationDelay: 300 * time.Millisecond})
	_, started := w.begin()
	w.deliver(started)
	w.only()
}

// TestContinuationNever: nothing is launched, nothing fails, and the action waits.
func TestContinuationNever(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.pipeline.SetJobOptions(pipelinetest.JobOptions{ContinuationDelay: 100 * time.Hour})
	execution, started := w.begin()
	w.deliver(started)
	w.deliver(scheduled())
	first, _ := w.jobs(execution)
	if len(w.aws.Executions()) != 0 || accepted(first) != 1 || reports(first) != 1 {
		t.Errorf("%d executions, results %+v", len(w.aws.Executions()), first.History)
	}
}

// TestLostRace: another worker acknowledges the job between the poll and this
// handler's acknowledgement. The handler reports nothing.
func TestLostRace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	execution, started := w.begin()
	var taken atomic.Bool
	w.pipeline.OnCall(func(operation string) {
		if operation != "AcknowledgeJob" || taken.Swap(true) {
			return
		}
		job, _ := w.jobs(execution)
		if _, err := w.client.AcknowledgeJob(context.Background(), &awscodepipeline.AcknowledgeJobInput{
			JobId: aws.String(job.ID), Nonce: aws.String(job.Nonce),
		}); err != nil {
			t.Error(err)
		}
	})
	w.pipeline.SetJobOptions(pipelinetest.JobOptions{AcknowledgeOnce: true})
	w.deliver(started)
	if job, _ := w.jobs(execution); reports(job) != 0 || job.Status != pipelinetest.JobStatusInProgress {
		t.Errorf("the other worker's job is %s, and has the history %+v", job.Status, job.History)
	}
	if n := len(w.aws.Executions()); n != 0 {
		t.Errorf("there are %d executions", n)
	}
}

// TestOtherToken: a job that continues another worker's is left alone.
func TestOtherToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, err := w.pipeline.AddJob(pipelinetest.JobSpec{
		Type:          pipelinetest.ActionType{Category: "Build", Provider: "EC2-Build", Version: "1"},
		Configuration: configuration(), ContinuationToken: "7f3a",
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.handler.Poll(t.Context()); err != nil {
		t.Fatal(err)
	}
	if job, _ := w.pipeline.Job(id); job.Count(pipelinetest.JobEventAcknowledged) != 0 || len(w.aws.Executions()) != 0 {
		t.Errorf("history %+v", job.History)
	}
}

// TestKilledBetween: the function ends after it has started the execution and before
// it has acknowledged the job. The job comes again, and goes on with the same
// execution.
func TestKilledBetween(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *ec2build.Options) { o.MaxElapsed = 200 * time.Millisecond })
	w.pipeline.SetJobOptions(pipelinetest.JobOptions{ReofferAfter: time.Nanosecond})
	execution, started := w.begin()
	acknowledged := 0
	w.pipeline.SetFaults(pipelinetest.Faults{Fail: func(operation string) string {
		if operation == "AcknowledgeJob" {
			if acknowledged++; acknowledged > 1 {
				return "ThrottlingException"
			}
		}
		return ""
	}})
	if _, err := w.mux.Invoke(t.Context(), started); err == nil {
		t.Fatal("there is no error")
	}
	e, in := w.only()
	// It even ends before anybody can report its job.
	w.aws.Finish(e.ARN, "FAILED", "", "JobFailed.Unreported", "exit code 3")
	w.pipeline.SetFaults(pipelinetest.Faults{})
	w.deliver(started)
	_, last := w.jobs(execution)
	if last.ID != in.JobID || accepted(last) != 1 || last.Result.FailureType != "JobFailed" || last.Result.Message != "exit code 3" {
		t.Errorf("result %+v", last.Result)
	}
	w.only()
}

// TestNameTaken: an execution of the name belongs to another job. The next name is
// taken for this one.
func TestNameTaken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	execution, started := w.begin()
	first, _ := w.jobs(execution)
	other := input()
	text, err := jsonOf(other)
	if err != nil {
		t.Fatal(err)
	}
	w.startExecution(first.ActionExecutionID, text)
	w.deliver(started)
	all := w.aws.Executions()
	_, last := w.jobs(execution)
	if len(all) != 2 || all[1].Name != first.ActionExecutionID+"-2" || inputOf(t, all[1]).JobID != last.ID {
		t.Fatalf("executions %+v", all)
	}
	w.abandon(execution)
	w.deliver(w.event(execution, "ABANDONED"))
	if e, _ := w.aws.Execution(all[1].ARN); e.Status != "ABORTED" {
		t.Errorf("the execution of the abandoned action is %s", e.Status)
	}
}

// TestEnds: an execution that could not report is reported, and its instance goes.
func TestEnds(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		status, name, cause string
		failure             string
		want                []string
	}{
		{"FAILED", "JobFailed.Unreported", "exit code 3: no rule to make target", "JobFailed", []string{"exit code 3"}},
		{"FAILED", "ConfigurationError.Unreported", "bad subnet", "ConfigurationError", []string{"bad subnet"}},
		{"FAILED", "States.Runtime", "The JSONata expression failed", "SystemUnavailable", []string{"States.Runtime", "JSONata"}},
		{"FAILED", "", "", "SystemUnavailable", []string{"without a name", "no cause"}},
		{"TIMED_OUT", "States.Timeout", "", "SystemUnavailable", []string{"timed out"}},
		{"ABORTED", "", "", "SystemUnavailable", []string{"stopped"}},
		{"ABORTED", "Mine", "by hand", "SystemUnavailable", []string{"stopped: by hand"}},
	} {
		t.Run(test.status+test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			execution, started := w.begin()
			w.deliver(started)
			e, _ := w.only()
			w.launch(e)
			w.aws.Finish(e.ARN, test.status, "", test.name, test.cause)
			w.mu.Lock()
			w.ended = append(w.ended, w.ended...) // twice
			w.mu.Unlock()
			w.deliverEnds()
			_, last := w.jobs(execution)
			if accepted(last) != 1 || last.Result.FailureType != test.failure || last.Result.ExternalExecutionID != e.ARN {
				t.Fatalf("result %+v", last.Result)
			}
			contains(t, "message", last.Result.Message, test.want...)
			if left := w.aws.Instances(false); len(left) != 0 {
				t.Errorf("instances are left: %+v", left)
			}
		})
	}
}

// TestUnreportedSuccess: the state machine's report was refused, as it came before
// the acknowledgement.
func TestUnreportedSuccess(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	execution, started := w.begin()
	w.deliver(started)
	e, _ := w.only()
	w.aws.Finish(e.ARN, "SUCCEEDED", `{"Result":"Succeeded","Reported":false,"Summary":"built","Variables":{"Version":"1.2"}}`, "", "")
	w.deliverEnds()
	_, last := w.jobs(execution)
	if accepted(last) != 1 || !last.Result.Succeeded || last.Result.OutputVariables["Version"] != "1.2" || last.Result.Summary != "built" {
		t.Errorf("result %+v", last.Result)
	}
}

// TestAbandoned: a pipeline that is stopped stops the execution and the instance.
func TestAbandoned(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	execution, started := w.begin()
	w.deliver(started)
	e, _ := w.only()
	w.launch(e)
	w.abandon(execution)
	w.deliver(w.event(execution, "ABANDONED"))
	e, _ = w.only()
	if e.Status != "ABORTED" || e.Error != "Abandoned" || len(w.aws.Instances(false)) != 0 {
		t.Errorf("execution %s with the error %s, instances %+v", e.Status, e.Error, w.aws.Instances(false))
	}
	contains(t, "cause", e.Cause, `"Compile"`, `"app"`, "abandoned")
	w.deliverEnds()
	if _, last := w.jobs(execution); accepted(last) != 0 {
		t.Errorf("results %+v", last.History)
	}
}

// TestAbandonedBefore: the pipeline is stopped between the two jobs, or between the
// poll and the acknowledgement: the answer to that says so.
func TestAbandonedBefore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	execution, started := w.begin()
	acknowledged := 0
	w.pipeline.OnCall(func(operation string) {
		if operation != "AcknowledgeJob" {
			return
		}
		if acknowledged++; acknowledged == 2 {
			w.abandon(execution)
			w.launch(w.aws.Executions()[0])
		}
	})
	w.deliver(started)
	e, _ := w.only()
	if e.Status != "ABORTED" || len(w.aws.Instances(false)) != 0 {
		t.Errorf("execution %s, instances %+v", e.Status, w.aws.Instances(false))
	}
}

// TestInterruption: the job fails for the reason that it has.
func TestInterruption(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	execution, started := w.begin()
	w.deliver(started)
	e, _ := w.only()
	id := w.launch(e)
	foreign := w.aws.Run("other", ec2test.Instance{Tags: map[string]string{ec2build.TagExecution: e.ARN, ec2build.TagBuilder: "other"}})
	w.deliver(w.aws.Interrupt(foreign))
	w.deliver(w.aws.Interrupt("i-00000000000000000"))
	if e, _ := w.only(); e.Status != "RUNNING" {
		t.Fatal("the execution was stopped for the instance of another installation")
	}
	w.deliver(w.aws.Interrupt(id))
	w.deliver(w.aws.Interrupt(id))
	w.deliverEnds()
	_, last := w.jobs(execution)
	if accepted(last) != 1 || last.Result.FailureType != "SystemUnavailable" {
		t.Fatalf("result %+v", last.Result)
	}
	contains(t, "message", last.Result.Message, "takes back the Spot Instance "+id, "on-demand")
}

// TestRedrive: a redriven execution finds its instance gone and its job ended.
func TestRedrive(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, started := w.begin()
	w.deliver(started)
	e, _ := w.only()
	w.deliver([]byte(strings.Replace(string(ec2test.Event(e)), `"status":"RUNNING"`, `"status":"RUNNING","redriveCount":1`, 1)))
	if e, _ = w.only(); e.Status != "ABORTED" || e.Error != "Redriven" {
		t.Errorf("the redriven execution is %s with the error %q", e.Status, e.Error)
	}
}

func TestForeign(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, started := w.begin()
	w.deliver(started)
	e, _ := w.only()
	w.aws.Finish(e.ARN, "FAILED", "", "JobFailed", "x")
	e, _ = w.only()
	for _, payload := range [][]byte{started, ec2test.Event(e), w.aws.Interrupt("i-0123456789abcdef0")} {
		for old, changed := range map[string]string{`"account":"111122223333"`: `"account":"444455556666"`, `"region":"us-east-1"`: `"region":"eu-west-1"`} {
			text := strings.ReplaceAll(string(payload), old, changed)
			if text == string(payload) {
				t.Fatalf("the event has no %s: %s", old, payload)
			}
			if _, err := w.mux.Invoke(t.Context(), []byte(text)); !errors.Is(err, ec2build.ErrForeign) {
				t.Errorf("%s: error %v, want ErrForeign", changed, err)
			}
		}
	}
	// Others are of no interest, whosever they are.
	w.deliver([]byte(strings.ReplaceAll(string(started), `"provider":"EC2-Build`, `"provider":"Other`)))
	w.deliver([]byte(strings.ReplaceAll(string(ec2test.Event(e)), "stateMachine:builds", "stateMachine:other")))
}

func TestPatterns(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	patterns, err := w.handler.Patterns()
	if err != nil {
		t.Fatal(err)
	}
	execution, started := w.begin()
	w.deliver(started)
	e, _ := w.only()
	w.abandon(execution)
	for i, test := range []struct {
		payload []byte
		want    int // index of the pattern
	}{
		{started, 0},
		{w.event(execution, "ABANDONED"), 0},
		{[]byte(strings.ReplaceAll(string(started), `"provider":"EC2-Build`, `"provider":"Other`)), -1},
		{[]byte(strings.ReplaceAll(string(started), "STARTED", "SUCCEEDED")), -1},
		{ec2test.Event(e), 1},
		{[]byte(strings.ReplaceAll(string(ec2test.Event(e)), "stateMachine:builds", "stateMachine:other")), -1},
		{w.aws.Interrupt("i-1"), 2},
		{scheduled(), -1},
	} {
		for n, p := range patterns {
			got, err := p.Match(test.payload)
			if err != nil {
				t.Fatal(err)
			}
			if got != (n == test.want) {
				t.Errorf("event %d: the pattern %s matches: %v", i, p, got)
			}
		}
	}
}

func TestActionType(t *testing.T) {
	t.Parallel()
	for _, region := range []string{"eu-west-1", "cn-north-1", "us-gov-west-1", "us-iso-east-1"} {
		a := ec2build.ActionType(region, "build-linux")
		if err := a.Validate(); err != nil {
			t.Errorf("%s: %v", region, err)
		}
		if strings.HasPrefix(region, "us-iso") != (a.ExecutionURLTemplate == "") {
			t.Errorf("%s: link %q", region, a.ExecutionURLTemplate)
		}
		for _, p := range a.Properties {
			if p.Secret {
				t.Errorf("the property %s is secret, and its value would be in the history of the execution", p.Name)
			}
		}
	}
	contains(t, "link", ec2build.ActionType("cn-north-1", "d").ExecutionURLTemplate, "console.amazonaws.cn", "{ExternalExecutionId}")
}

func TestOptions(t *testing.T) {
	t.Parallel()
	valid := ec2build.ActionType("us-east-1", "d")
	for _, test := range []struct {
		name    string
		option  func(*ec2build.Options)
		typ     actiontype.Type
		machine string
		want    string
	}{
		{"name", func(o *ec2build.Options) { o.Name = "a b" }, valid, stateMachine, "option Name"},
		{"documents", func(o *ec2build.Options) { o.Documents = ec2build.Documents{} }, valid, stateMachine, "option Documents"},
		{"log group", func(o *ec2build.Options) { o.LogGroup = "" }, valid, stateMachine, "option LogGroup"},
		{"profile", func(o *ec2build.Options) { o.InstanceProfile = "" }, valid, stateMachine, "InstanceProfile"},
		{"market", func(o *ec2build.Options) { o.Market = "cheap" }, valid, stateMachine, `no market "cheap"`},
		{"timeout", func(o *ec2build.Options) { o.Timeout = -1 }, valid, stateMachine, "at least"},
		{"long timeout", func(o *ec2build.Options) { o.Timeout = 25 * time.Hour }, valid, stateMachine, "at most 24h"},
		{"start", func(o *ec2build.Options) { o.StartTimeout = 59 * time.Second }, valid, stateMachine, "option StartTimeout"},
		{"long start", func(o *ec2build.Options) { o.StartTimeout = 61 * time.Minute }, valid, stateMachine, "option StartTimeout"},
		{"relaunches", func(o *ec2build.Options) { o.Relaunches = 3 }, valid, stateMachine, "2 relaunches"},
		{"tag", func(o *ec2build.Options) { o.Tags = map[string]string{ec2build.TagBuilder: "x"} }, valid, stateMachine, "option Tags"},
		{"boot", func(o *ec2build.Options) { o.Boot = map[ec2build.Platform]string{"macOS": "x"} }, valid, stateMachine, `no platform "macOS"`},
		{"owner", func(*ec2build.Options) {}, actiontype.Type{Owner: "AWS", Category: "Build", Provider: "CodeBuild", Version: "1"}, stateMachine, "owner"},
		{"machine", func(*ec2build.Options) {}, valid, "builds", "ARN of a state machine"},
		{"clients", func(*ec2build.Options) {}, valid, stateMachine, "a client is missing"},
	} {
		h := ec2build.New(ec2build.Clients{}, test.typ, test.machine, defaults, test.option)
		_, patternErr := h.Patterns()
		for _, err := range []error{
			h.Register(new(events.Mux)), h.Poll(t.Context()), h.Sweep(t.Context()), patternErr,
			h.HandleAction(t.Context(), nil), h.HandleExecution(t.Context(), nil), h.HandleInterruption(t.Context(), nil),
		} {
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%s: error %v, want %q in it", test.name, err, test.want)
			}
		}
	}
}
