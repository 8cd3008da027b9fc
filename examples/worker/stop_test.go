//go:build unix

package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/examples/internal/testzip"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// family is a command with a child, both of which tell their IDs in $DIR. It
// ends with SIGTERM unless it is told otherwise.
const family = `
	sleep 1000 &
	echo $! > "$DIR/child"
	echo $$ > "$DIR/parent"
	wait
`

// pipelineOf returns a pipeline with an action of the worker's type.
func pipelineOf(configuration map[string]string) pipelinetest.Pipeline {
	build := pipelinetest.CustomAction("Make", "Build", "Make", "1", configuration, "SourceArtifact")
	build.Outputs = []string{"Built"}
	build.Namespace = "Make"
	return pipelinetest.Pipeline{
		Name: "app",
		Stages: []pipelinetest.Stage{
			{Name: "Source", Actions: []pipelinetest.Action{pipelinetest.S3Source("Source", "sources", "app.zip")}},
			{Name: "Build", Actions: []pipelinetest.Action{build}},
		},
	}
}

// startPipeline starts the pipeline and returns its execution and its job.
func (w *world) startPipeline(t *testing.T) (execution string, job pipelinetest.Job) {
	t.Helper()
	execution, err := w.StartExecution("app", pipelinetest.Trigger{})
	if err != nil {
		t.Fatal(err)
	}
	w.Settle()
	jobs := w.Jobs()
	job = jobs[len(jobs)-1]
	w.s3.Put(t, job.Inputs[0].Bucket, job.Inputs[0].Key, testzip.Make(t, testzip.Entry{Name: "file", Mode: 0o644, Body: "text"}))
	return execution, job
}

func (w *world) status(t *testing.T, execution string) string {
	t.Helper()
	out, err := awscodepipeline.NewFromConfig(w.Config()).GetPipelineExecution(t.Context(), &awscodepipeline.GetPipelineExecutionInput{
		PipelineName: aws.String("app"), PipelineExecutionId: aws.String(execution),
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(out.PipelineExecution.Status)
}

func TestPipeline(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pipelineOf(nil))
	execution, job := w.startPipeline(t)
	p := w.start(t, definition(t, `cp file "$CODESUITE_OUTPUT_Built/"; echo Size=4 > "$CODESUITE_VARIABLES"`, object{"watchInterval": "100ms"}))
	job = w.ended(t, job.ID)
	w.Settle()
	if status := w.status(t, execution); status != "Succeeded" {
		t.Errorf("the execution is %s", status)
	}
	p.stop(t)
	if diff := cmp.Diff([]testzip.Entry{{Name: "file", Mode: 0o644, Body: "text"}}, w.output(t, job, "Built")); diff != "" {
		t.Errorf("artifact (-want +got):\n%s", diff)
	}
	w.isClean(t)
}

// TestAbandoned stops the pipeline while the command runs, which does not heed
// SIGTERM.
func TestAbandoned(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pipelineOf(nil))
	dir := t.TempDir()
	execution, job := w.startPipeline(t)
	p := w.start(t, definition(t, "trap 'echo told > \"$DIR/told\"' TERM\n"+family+"wait; sleep 1000", object{"watchInterval": "50ms", "environment": object{"DIR": dir}}))
	child, parent := awaitFile(t, filepath.Join(dir, "child")), awaitFile(t, filepath.Join(dir, "parent"))
	_, err := awscodepipeline.NewFromConfig(w.Config()).StopPipelineExecution(t.Context(), &awscodepipeline.StopPipelineExecutionInput{
		PipelineName: aws.String("app"), PipelineExecutionId: aws.String(execution), Abandon: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	w.Settle()
	awaitFile(t, filepath.Join(dir, "told"))
	gone(t, child)
	gone(t, parent)
	await(t, "a result", func() bool { job, _ = w.Job(job.ID); return job.Count(pipelinetest.JobEventReported) > 0 })
	if job.Status != pipelinetest.JobStatusAbandoned || job.Result != nil {
		t.Errorf("the job is %s with the result %v", job.Status, job.Result)
	}
	if !strings.Contains(p.stderr.String(), "CodePipeline does not wait for the job any more") {
		t.Error("the log does not tell why the job ended")
	}
	if status := p.stop(t); status != 0 {
		t.Errorf("exit status %d", status)
	}
	w.isClean(t)
}

// TestWatchDenied goes on without the permission to watch.
func TestWatchDenied(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pipelineOf(nil))
	w.SetFaults(pipelinetest.Faults{Deny: []string{"ListActionExecutions"}})
	_, job := w.startPipeline(t)
	p := w.start(t, definition(t, `sleep 1; cp file "$CODESUITE_OUTPUT_Built/"`, object{"watchInterval": "10ms"}))
	if job = w.ended(t, job.ID); job.Status != pipelinetest.JobStatusSucceeded {
		t.Errorf("the job is %s", job.Status)
	}
	p.stop(t)
	if n := w.Count("ListActionExecutions"); n != 1 {
		t.Errorf("%d calls that are denied", n)
	}
	if !strings.Contains(p.stderr.String(), "codepipeline:ListActionExecutions") {
		t.Error("the log does not tell which permission is missing")
	}
}

func TestStop(t *testing.T) {
	t.Parallel()
	t.Run("finishes in the grace period", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		dir := t.TempDir()
		id := w.add(t, pipelinetest.JobSpec{}, nil)
		p := w.start(t, definition(t, `echo begun > "$DIR/begun"; until test -e "$DIR/go"; do sleep 0.05; done`, object{"gracePeriod": "1m", "environment": object{"DIR": dir}}))
		awaitFile(t, filepath.Join(dir, "begun"))
		if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		late := w.add(t, pipelinetest.JobSpec{}, nil) // for another worker
		time.Sleep(200 * time.Millisecond)            // a worker that does not wait would end now
		if err := os.WriteFile(filepath.Join(dir, "go"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if status := p.wait(t); status != 0 {
			t.Errorf("exit status %d", status)
		}
		if job, _ := w.Job(id); job.Status != pipelinetest.JobStatusSucceeded {
			t.Errorf("the job is %s", job.Status)
		}
		if job, _ := w.Job(late); job.Count(pipelinetest.JobEventAcknowledged) != 0 {
			t.Error("a worker that stops took a job")
		}
		w.isClean(t)
	})
	t.Run("is failed after the grace period", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		dir := t.TempDir()
		id := w.add(t, pipelinetest.JobSpec{}, nil)
		p := w.start(t, definition(t, "echo working\n"+family, object{"gracePeriod": "200ms", "environment": object{"DIR": dir}}))
		child, parent := awaitFile(t, filepath.Join(dir, "child")), awaitFile(t, filepath.Join(dir, "parent"))
		if status := p.stop(t); status != 0 {
			t.Errorf("exit status %d", status)
		}
		job, _ := w.Job(id)
		want := &pipelinetest.JobResult{
			FailureType: "SystemUnavailable", Message: "the command was ended: the job worker was stopped. The end of its output:\nworking", ExternalExecutionID: id,
		}
		if diff := cmp.Diff(want, job.Result); diff != "" {
			t.Errorf("result (-want +got):\n%s", diff)
		}
		gone(t, child)
		gone(t, parent)
		w.isClean(t)
	})
	t.Run("what the shell runs may clean up", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		dir := t.TempDir()
		id := w.add(t, pipelinetest.JobSpec{}, nil)
		// The shell ends with SIGTERM at once, its child later.
		p := w.start(t, definition(t, `
			sh -c 'trap "sleep 0.5; echo cleaned > \"\$DIR/cleaned\"; exit" TERM; echo begun > "$DIR/begun"; while :; do sleep 0.05; done'
			echo not reached
		`, object{"gracePeriod": "1ms", "killDelay": "30s", "environment": object{"DIR": dir}}))
		awaitFile(t, filepath.Join(dir, "begun"))
		if status := p.stop(t); status != 0 {
			t.Errorf("exit status %d", status)
		}
		if _, err := os.Stat(filepath.Join(dir, "cleaned")); err != nil {
			t.Errorf("the child of the shell was killed before its time: %v", err)
		}
		if job, _ := w.Job(id); job.Result == nil || job.Result.FailureType != "SystemUnavailable" {
			t.Errorf("the job is %s: %+v", job.Status, job.Result)
		}
		w.isClean(t)
	})
	t.Run("at once with a second signal", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		dir := t.TempDir()
		w.add(t, pipelinetest.JobSpec{}, nil)
		p := w.start(t, definition(t, family, object{"gracePeriod": "1h", "environment": object{"DIR": dir}}))
		child, parent := awaitFile(t, filepath.Join(dir, "child")), awaitFile(t, filepath.Join(dir, "parent"))
		if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		time.Sleep(50 * time.Millisecond) // two signals in the same moment may be one
		if status := p.stop(t); status != 128+int(syscall.SIGTERM) {
			t.Errorf("exit status %d", status)
		}
		gone(t, child)
		gone(t, parent)

		// The next worker removes what this one has left, and nothing of
		// workers that live.
		left, err := os.ReadDir(w.dir)
		if err != nil || len(left) != 1 {
			t.Fatalf("%d folders were left (%v)", len(left), err)
		}
		p = w.start(t, definition(t, ":", nil))
		w.ended(t, w.add(t, pipelinetest.JobSpec{}, nil))
		second := w.start(t, definition(t, ":", nil))
		await(t, "start of the second worker", func() bool { return strings.Contains(second.stderr.String(), "worker started") })
		now, err := os.ReadDir(w.dir)
		if err != nil || len(now) != 2 || now[0].Name() == left[0].Name() || now[1].Name() == left[0].Name() {
			t.Errorf("the folders are %v, after %v (%v)", now, left, err)
		}
		p.stop(t)
		second.stop(t)
		w.isClean(t)
	})
}

// TestHangup ends the worker as a terminal does that is closed.
func TestHangup(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	dir := t.TempDir()
	id := w.add(t, pipelinetest.JobSpec{}, nil)
	p := w.start(t, definition(t, family, object{"gracePeriod": "1ms", "environment": object{"DIR": dir}}))
	child := awaitFile(t, filepath.Join(dir, "child"))
	awaitFile(t, filepath.Join(dir, "parent"))
	if err := p.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	if status := p.wait(t); status != 0 {
		t.Errorf("exit status %d", status)
	}
	if job, _ := w.Job(id); job.Result == nil {
		t.Errorf("the job is %s", job.Status)
	}
	gone(t, child)
}

// TestNoReader goes on when nobody reads the log any more, as with
// "worker | tee log" when tee is killed. Commands get SIGPIPE as ever.
func TestNoReader(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary.Path(t), "-config", definition(t, `yes | head -n 1; yes | true; sh -c 'kill -PIPE $$; echo survived' || echo died > "$CODESUITE_SUMMARY"`, nil))
	cmd.Env = w.environ()
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &worker{cmd: cmd, exited: make(chan struct{})}
	go func() {
		_ = cmd.Wait()
		close(p.exited)
	}()
	t.Cleanup(func() {
		cmd.Process.Kill()
		<-p.exited
	})
	out.Close()
	r.Close()
	for range 2 {
		job := w.ended(t, w.add(t, pipelinetest.JobSpec{}, nil))
		if job.Result == nil || !job.Result.Succeeded || job.Result.Summary != "died" {
			t.Errorf("the job is %s: %+v", job.Status, job.Result)
		}
	}
	if status := p.stop(t); status != 0 {
		t.Errorf("exit status %d", status)
	}
}

// TestLeftovers has commands leave behind what a worker has to remove.
func TestLeftovers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	dir := t.TempDir()
	id := w.add(t, pipelinetest.JobSpec{}, nil)
	p := w.start(t, definition(t, `
		sleep 1000 &
		echo $! > "$DIR/child"
		mkdir -p "$HOME/go/pkg/mod/x" && touch "$HOME/go/pkg/mod/x/file" && chmod -R a-w "$HOME/go"
		mkdir "$TMPDIR/closed" && touch "$TMPDIR/closed/file" && chmod 0 "$TMPDIR/closed"
	`, object{"environment": object{"DIR": dir}}))
	if job := w.ended(t, id); job.Status != pipelinetest.JobStatusSucceeded {
		t.Errorf("the job is %s: %+v", job.Status, job.Result)
	}
	gone(t, awaitFile(t, filepath.Join(dir, "child")))
	p.stop(t)
	w.isClean(t)
}

// TestEscaped has a process leave its group and keep the output open: the job
// does not wait for it for ever.
func TestEscaped(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("setsid"); err != nil {
		t.Skip(err)
	}
	w := newWorld(t)
	dir := t.TempDir()
	id := w.add(t, pipelinetest.JobSpec{}, nil)
	p := w.start(t, definition(t, `
		setsid sh -c 'echo $$ > "$DIR/escaped"; exec sleep 1000' &
		until test -s "$DIR/escaped"; do sleep 0.01; done
	`, object{"environment": object{"DIR": dir}}))
	escaped, err := strconv.Atoi(awaitFile(t, filepath.Join(dir, "escaped")))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Kill(escaped, syscall.SIGKILL) })
	if job := w.ended(t, id); job.Status != pipelinetest.JobStatusSucceeded {
		t.Errorf("the job is %s: %+v", job.Status, job.Result)
	}
	p.stop(t)
	w.isClean(t)
}

// Another user may put a pipe where a worker looks for what killed workers have
// left: the worker starts, runs jobs and ends as ever.
func TestPipeForLock(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	planted := filepath.Join(w.dir, "codesuite-worker-1")
	if err := os.Mkdir(planted, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(filepath.Join(planted, "lock"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := w.start(t, definition(t, "true", nil))
	if job := w.ended(t, w.add(t, pipelinetest.JobSpec{}, nil)); job.Status != pipelinetest.JobStatusSucceeded {
		t.Errorf("the job is %s: %+v", job.Status, job.Result)
	}
	if status := p.stop(t); status != 0 {
		t.Errorf("exit status %d", status)
	}
}

// CodePipeline has the result before the folder of the job is removed.
func TestReportedBeforeRemoved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var kept atomic.Bool
	w.OnCall(func(operation string) {
		if operation == "PutJobSuccessResult" {
			left, _ := filepath.Glob(filepath.Join(w.dir, "codesuite-worker-*", "job-*", "source", "made"))
			kept.Store(len(left) == 1)
		}
	})
	p := w.start(t, definition(t, "echo content > made", nil))
	w.ended(t, w.add(t, pipelinetest.JobSpec{}, nil))
	if !kept.Load() {
		t.Error("the folder of the job was removed before its result was put")
	}
	await(t, "removal of the job's folder", func() bool {
		left, err := filepath.Glob(filepath.Join(w.dir, "codesuite-worker-*", "job-*"))
		return err == nil && len(left) == 0
	})
	p.stop(t)
	w.isClean(t)
}
