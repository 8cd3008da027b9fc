package main

import (
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/codesuite-go/codesuite/events/pattern"
	"github.com/codesuite-go/codesuite/examples/internal/cfntest"
	"github.com/codesuite-go/codesuite/examples/internal/lambdatest"
	"github.com/codesuite-go/codesuite/examples/internal/secretsserver"
	"github.com/codesuite-go/codesuite/examples/internal/tlsproxy"
	"github.com/codesuite-go/codesuite/internal/githubtest"
	"github.com/codesuite-go/codesuite/pipeline"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// The commits that pipelines fetch.
const (
	commitA = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	commitB = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
	commitC = "cccccccccccccccccccccccccccccccccccccccc"
)

// world is what the function sees of the world: CodePipeline, Secrets Manager,
// github.com and a GitHub Enterprise Server, the latter two over TLS and
// through a proxy. The rule of the template chooses the events that instances
// of the function get.
type world struct {
	t          testing.TB
	binary     string
	aws        *pipelinetest.Server
	pipelines  *pipeline.Client
	secrets    *secretsserver.Server
	github     *githubtest.Server // as github.com
	enterprise *githubtest.Server // as git.example.com
	rule       pattern.Pattern
	env        []string
	timeout    time.Duration // of an invocation
	tries      int           // of an event
	tried      func(try int) // called after a try that has failed, if not nil

	mu     sync.Mutex
	idle   []*lambdatest.Function // instances
	log    strings.Builder        // of instances that have ended
	errors []string               // of invocations
	dead   [][]byte               // events that failed each time
	hidden []string               // what must not be seen in a log
}

func newWorld(t *testing.T, binary string, pipelines ...pipelinetest.Pipeline) *world {
	t.Helper()
	w := &world{
		t: t, binary: binary, timeout: time.Minute, tries: 3,
		aws: pipelinetest.NewServer(t, pipelines...), github: githubtest.New(t), enterprise: githubtest.New(t),
		secrets: secretsserver.New(t),
		rule:    rulePattern(t, nil),
		hidden:  []string{"secret-access-key", "session-token-of-the-role", "test-token", "ghs_", "eyJ", "PRIVATE KEY", "Authorization"},
	}
	w.pipelines = pipeline.Open(w.aws.Config())
	for _, name := range []string{"octo/website", "octo/api", "octo/lib", "octo/docs"} {
		w.github.AddRepository(name)
		w.enterprise.AddRepository(name)
	}
	w.setSecret(githubtest.Token)
	proxy, ca := tlsproxy.Start(t, map[string]http.Handler{"api.github.com": w.github, "git.example.com": w.enterprise})
	w.env = []string{
		"AWS_ENDPOINT_URL_CODEPIPELINE=" + w.aws.URL(), "AWS_ENDPOINT_URL_CODECONNECTIONS=" + w.aws.URL(),
		"AWS_ENDPOINT_URL_SECRETS_MANAGER=" + w.secrets.URL,
		"AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=secret-access-key", "AWS_SESSION_TOKEN=session-token-of-the-role",
		"AWS_CONFIG_FILE=", "AWS_SHARED_CREDENTIALS_FILE=", "AWS_PROFILE=", "AWS_EC2_METADATA_DISABLED=true",
		"HTTPS_PROXY=" + proxy, "NO_PROXY=", "no_proxy=",
		"GITHUB_SECRET=" + secretsserver.ARN, "GITHUB_HOSTS=", "GITHUB_APPS=", "GITHUB_CHECKS=", "PIPELINES_ACCOUNT=111122223333", "GITHUB_CA=" + ca,
	}
	w.aws.OnEvent(func(payload []byte) { w.deliver(payload, true) })
	t.Cleanup(func() { w.check() })
	return w
}

// setSecret changes the secret, of which no log may show a line.
func (w *world) setSecret(value string) {
	w.secrets.Set(value)
	for line := range strings.Lines(value) {
		if line = strings.Trim(line, " \n{}\""); len(line) > 10 {
			w.mu.Lock()
			w.hidden = append(w.hidden, line)
			w.mu.Unlock()
		}
	}
}

// deliver gives the event to an instance of the function if the rule matches,
// and again if it fails, three times in all as the template says. The instance
// lives on if it is warm.
func (w *world) deliver(payload []byte, warm bool) {
	if matches, err := w.rule.Match(payload); err != nil || !matches {
		if err != nil {
			w.t.Errorf("rule: %v", err)
		}
		return
	}
	for try := 1; try <= w.tries; try++ {
		instance := w.instance()
		result := instance.InvokeWithin(w.t, string(payload), w.timeout)
		w.release(instance, warm)
		if !result.Failed {
			return
		}
		w.mu.Lock()
		w.errors = append(w.errors, result.Body)
		w.mu.Unlock()
		if w.tried != nil {
			w.tried(try)
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.dead = append(w.dead, payload)
}

func (w *world) instance() *lambdatest.Function {
	w.mu.Lock()
	defer w.mu.Unlock()
	if n := len(w.idle); n > 0 {
		instance := w.idle[n-1]
		w.idle = w.idle[:n-1]
		return instance
	}
	return lambdatest.Start(w.t, w.binary, w.env...)
}

func (w *world) release(instance *lambdatest.Function, warm bool) {
	if warm {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.idle = append(w.idle, instance)
		return
	}
	log := instance.Stop()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.log.WriteString(log)
}

// redrive delivers the events again that are dead.
func (w *world) redrive() {
	w.mu.Lock()
	dead := w.dead
	w.dead = nil
	w.mu.Unlock()
	for _, payload := range dead {
		w.deliver(payload, true)
	}
}

// stop ends all instances and returns what was logged.
func (w *world) stop() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, instance := range w.idle {
		w.log.WriteString(instance.Stop())
	}
	w.idle = nil
	return w.log.String()
}

// check looks for secrets in what the function has logged and returned, and for
// calls that the role of the template does not allow.
func (w *world) check() {
	log := w.stop()
	for _, text := range append(slices.Clone(w.errors), log) {
		for _, secret := range w.hidden {
			if strings.Contains(text, secret) {
				w.t.Errorf("%q is in the log or an error:\n%s", secret, text)
			}
		}
	}
	allowed := cfntest.Read(w.t, "template.yaml", map[string]string{"GitHubHosts": "git.example.com"}).Calls(w.t, "Reporter")
	called.Add(w.t, allowed, operations(w.aws.Calls()))
	called.Add(w.t, allowed, operations(w.secrets.Calls()))
}

// called are the calls that the functions of all tests have made.
var called cfntest.Called

func TestMain(m *testing.M) { os.Exit(called.Tests(m).Run()) }

// operations returns the calls of the function among those of the test.
func operations(calls map[string]int) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(calls)), func(operation string) bool {
		return operation == "RetryStageExecution" || operation == "StopPipelineExecution" // the test's own
	})
}

// none fails the test if a delivery has failed.
func (w *world) none(t testing.TB) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.errors) > 0 || len(w.dead) > 0 {
		t.Errorf("%d events are dead, %d invocations failed:\n%s", len(w.dead), len(w.errors), strings.Join(w.errors, "\n"))
	}
}

// run runs an execution until nothing moves any more.
func (w *world) run(t testing.TB, name string, trigger pipelinetest.Trigger, revisions ...pipelinetest.SourceRevision) (id string) {
	t.Helper()
	id, err := w.aws.StartExecution(name, trigger, revisions...)
	if err != nil {
		t.Fatal(err)
	}
	w.aws.Settle()
	return id
}

// states returns the states that the context of a commit has had, the oldest
// first.
func states(server *githubtest.Server, repository, commit, context string) string {
	var all []string
	for _, status := range server.Statuses(repository, commit) {
		if status.Context == context {
			all = append(all, status.State)
		}
	}
	return strings.Join(all, " ")
}

// newest returns the newest status of the context of a commit.
func newest(server *githubtest.Server, repository, commit, context string) githubtest.Status {
	return server.Newest(repository, commit)[strings.ToLower(context)]
}
