//go:build unix

package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/codesuite-go/codesuite/examples/internal/program"
	"github.com/codesuite-go/codesuite/examples/internal/s3server"
	"github.com/codesuite-go/codesuite/examples/internal/testzip"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// patience is how long anything may take.
const patience = time.Minute

var binary *program.Program // the compiled worker

func TestMain(m *testing.M) { program.Main(m, "worker", &binary) }

// world is CodePipeline, S3 and a machine for workers.
type world struct {
	*pipelinetest.Server
	s3  *s3server.Server
	dir string // TMPDIR of the workers
}

func newWorld(t *testing.T, pipelines ...pipelinetest.Pipeline) *world {
	t.Helper()
	server := pipelinetest.NewServer(t, pipelines...)
	return &world{server, s3server.New(t, server.CredentialsValid), t.TempDir()}
}

// object is JSON.
type object = map[string]any

// definition returns a configuration file with the command, changed by the
// members of change.
func definition(t *testing.T, command string, change object) string {
	t.Helper()
	d := object{
		"actionType": object{
			"category": "Build", "provider": "Make", "version": "1",
			"properties": []object{{"name": "Target"}, {"name": "Token", "secret": true}, {"name": "Deploy-Key", "secret": true, "expose": true}, {"name": "PrimarySource"}},
			"inputs":     object{"max": 5}, "outputs": object{"max": 5},
		},
		"command": command, "killDelay": "200ms", "gracePeriod": "1s",
	}
	for name, value := range change {
		d[name] = value
	}
	data, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "worker.json")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// environ returns the environment of a worker.
func (w *world) environ(env ...string) []string {
	return append([]string{
		"PATH=" + os.Getenv("PATH"),
		"HOME=/nonexistent",
		"TMPDIR=" + w.dir,
		"AWS_REGION=us-east-1",
		"AWS_ACCESS_KEY_ID=AKIDOFTHEWORKER",
		"AWS_SECRET_ACCESS_KEY=secret-of-the-worker",
		"AWS_ENDPOINT_URL_CODEPIPELINE=" + w.URL(),
		"AWS_ENDPOINT_URL_S3=" + w.s3.URL,
	}, env...)
}

// worker is a process of the program.
type worker struct {
	cmd    *exec.Cmd
	exited chan struct{}
	stdout safeBuffer
	stderr safeBuffer
}

// start starts a worker that ends with the test.
func (w *world) start(t *testing.T, file string, env ...string) *worker {
	t.Helper()
	return w.startAs(t, nil, file, env...)
}

// startAs starts a worker as another user.
func (w *world) startAs(t *testing.T, user *syscall.Credential, file string, env ...string) *worker {
	t.Helper()
	p := &worker{cmd: exec.Command(binary.Path(t), "-config", file), exited: make(chan struct{})}
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Credential: user}
	p.cmd.Env = w.environ(env...)
	p.cmd.Stdout, p.cmd.Stderr = &p.stdout, &p.stderr
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait()
		close(p.exited)
	}()
	t.Cleanup(func() {
		p.cmd.Process.Kill()
		<-p.exited
		if t.Failed() {
			t.Logf("log of the worker:\n%s\nits output:\n%s", end(p.stderr.String()), end(p.stdout.String()))
		}
	})
	return p
}

// end returns the last part of a log.
func end(text string) string { return text[max(0, len(text)-8000):] }

// stop sends SIGTERM, and returns the exit status.
func (p *worker) stop(t *testing.T) int {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	return p.wait(t)
}

func (p *worker) wait(t *testing.T) int {
	t.Helper()
	select {
	case <-p.exited:
	case <-time.After(patience):
		t.Fatal("the worker does not end")
	}
	if status := p.cmd.ProcessState.Sys().(syscall.WaitStatus); status.Signaled() {
		t.Fatalf("the worker was ended by %v", status.Signal())
	}
	return p.cmd.ProcessState.ExitCode()
}

// run runs the program to its end.
func (w *world) run(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary.Path(t), args...)
	cmd.Env = w.environ()
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	if err := cmd.Run(); err != nil && !errors.As(err, new(*exec.ExitError)) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), errOut.String()
}

// add adds a job, with an empty artifact for each input that is not given.
func (w *world) add(t *testing.T, spec pipelinetest.JobSpec, inputs map[string][]byte) string {
	t.Helper()
	spec.Type = pipelinetest.ActionType{Category: "Build", Owner: "Custom", Provider: "Make", Version: "1"}
	id, err := w.AddJob(spec)
	if err != nil {
		t.Fatal(err)
	}
	job, _ := w.Job(id)
	for _, a := range job.Inputs {
		body, ok := inputs[a.Name]
		if !ok {
			body = testzip.Make(t)
		}
		w.s3.Put(t, a.Bucket, a.Key, body)
	}
	return id
}

// ended waits for the end of the job and returns it.
func (w *world) ended(t *testing.T, id string) (job pipelinetest.Job) {
	t.Helper()
	await(t, "end of the job", func() bool { job, _ = w.Job(id); return job.Status.Ended() })
	return job
}

// output returns the content of an output artifact.
func (w *world) output(t *testing.T, job pipelinetest.Job, name string) []testzip.Entry {
	t.Helper()
	for _, a := range job.Outputs {
		if a.Name == name {
			return testzip.Read(t, w.s3.Get(t, a.Bucket, a.Key))
		}
	}
	t.Fatalf("the job has no output artifact %q", name)
	return nil
}

// await waits until the condition holds.
func await(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !condition(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: it does not happen", what)
		}
	}
}

// awaitFile waits for a file with content and returns that.
func awaitFile(t *testing.T, path string) string {
	t.Helper()
	var text string
	await(t, filepath.Base(path), func() bool {
		data, _ := os.ReadFile(path)
		text = strings.TrimSpace(string(data))
		return strings.HasSuffix(string(data), "\n")
	})
	return text
}

// gone waits until there is no process of that ID.
func gone(t *testing.T, pid string) {
	t.Helper()
	var n int
	if _, err := fmt.Sscan(pid, &n); err != nil {
		t.Fatal(err)
	}
	await(t, "end of process "+pid, func() bool {
		if syscall.Kill(n, 0) != nil {
			return true
		}
		// Where nobody waits for orphans they stay as zombies.
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", n))
		return err == nil && strings.Contains(string(stat), ") Z ")
	})
}

// isClean fails the test if a worker has left something in its folder.
func (w *world) isClean(t *testing.T) {
	t.Helper()
	entries, err := os.ReadDir(w.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		t.Errorf("the worker left %s", e.Name())
	}
}

// safeBuffer is a buffer that may be read while a process writes to it.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
