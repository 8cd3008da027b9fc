package lambdatest

import (
	"bytes"
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/codesuite-go/codesuite/examples/internal/program"
)

// patience is how long the program may take for anything, above all to start.
const patience = time.Minute

// Build compiles the package in the test's folder and returns the path of the
// program, which is called bootstrap.
func Build(t testing.TB) string {
	t.Helper()
	binary, err := program.Build(t.TempDir(), "bootstrap")
	if err != nil {
		t.Fatal(err)
	}
	return binary.Path(t)
}

// Function is one instance of a Lambda function: it is invoked once at a time.
type Function struct {
	api    *runtimeAPI
	pid    int
	stop   func()
	exited chan struct{}
	log    bytes.Buffer // to be read when the program has ended
}

// Start starts the program, with the variables of env ("NAME=value") in its
// environment besides those of the test that are not about AWS and proxies. It ends with the test, whose log then
// has what the program logged if the test has failed.
func Start(t testing.TB, binary string, env ...string) *Function {
	t.Helper()
	f := &Function{
		api:    &runtimeAPI{invocations: make(chan invocation), results: make(chan Result, 1)},
		exited: make(chan struct{}),
	}
	server := httptest.NewServer(f.api) // on 127.0.0.1, any port
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, binary)
	cmd.Env = append(append(environ(), "AWS_LAMBDA_RUNTIME_API="+strings.TrimPrefix(server.URL, "http://")), env...)
	cmd.Stdout, cmd.Stderr = &f.log, &f.log
	if err := cmd.Start(); err != nil {
		cancel()
		server.Close()
		t.Fatal(err)
	}
	f.pid = cmd.Process.Pid
	go func() {
		_ = cmd.Wait()
		close(f.exited)
	}()
	f.stop = sync.OnceFunc(func() {
		cancel()
		<-f.exited
		server.Close()
	})
	t.Cleanup(func() {
		f.stop()
		if t.Failed() {
			t.Logf("log of the program:\n%s", &f.log)
		}
	})
	return f
}

// environ returns the environment without what this machine knows of AWS and
// proxies.
func environ() []string {
	return slices.DeleteFunc(os.Environ(), func(variable string) bool {
		name, _, _ := strings.Cut(strings.ToUpper(variable), "=")
		return strings.HasPrefix(name, "AWS_") || strings.HasSuffix(name, "_PROXY")
	})
}

// Invoke invokes the function with the payload and a minute to answer.
func (f *Function) Invoke(t testing.TB, payload string) Result {
	t.Helper()
	return f.InvokeWithin(t, payload, time.Minute)
}

// InvokeWithin invokes the function with the payload and a deadline. Nothing
// ends the program at the deadline, as Lambda would.
func (f *Function) InvokeWithin(t testing.TB, payload string, timeout time.Duration) Result {
	t.Helper()
	select {
	case f.api.invocations <- invocation{payload, timeout}:
	case <-f.exited:
		t.Fatal("the program has ended")
	case <-time.After(patience):
		t.Fatal("the program asks for no invocation")
	}
	select {
	case result := <-f.api.results:
		return result
	case <-f.exited:
		t.Fatal("the program has ended")
	case <-time.After(timeout + patience):
		t.Fatal("the program does not answer")
	}
	return Result{}
}

// PID returns the ID of the process, for instance to read its use of memory.
func (f *Function) PID() int { return f.pid }

// Stop ends the program, as Lambda ends an instance, and returns what it
// logged.
func (f *Function) Stop() string {
	f.stop()
	return f.log.String()
}

// PeakMemory returns the most memory in bytes that the program had so far, 0
// where the system does not tell it.
func (f *Function) PeakMemory() int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", f.pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		var kib int64
		if n, _ := fmt.Sscanf(line, "VmHWM: %d kB", &kib); n == 1 {
			return kib << 10
		}
	}
	return 0
}
