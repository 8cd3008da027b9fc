package main

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/codesuite-go/codesuite/examples/internal/lambdatest"
	"github.com/codesuite-go/codesuite/internal/githubtest"
	"github.com/codesuite-go/codesuite/pipeline"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// TestFunction runs the compiled function against servers of CodePipeline,
// Secrets Manager and GitHub.
func TestFunction(t *testing.T) {
	t.Parallel()
	binary := lambdatest.Build(t)
	for name, test := range map[string]func(t *testing.T, binary string){
		"GitHub version 1":             testGitHubVersion1,
		"connection":                   testConnection,
		"trigger":                      testTrigger,
		"two pipelines on one commit":  testTwoPipelines,
		"several sources":              testSeveralSources,
		"CodeCommit only":              testCodeCommitOnly,
		"enterprise server":            testEnterpriseServer,
		"enterprise server denied":     testEnterpriseServerDenied,
		"failure and retry":            testFailureAndRetry,
		"approval":                     testApproval,
		"stop":                         testStop,
		"abandon":                      testAbandon,
		"superseded":                   testSuperseded,
		"two executions of a commit":   testTwoExecutions,
		"GitHub fails twice":           testGitHubFailsTwice,
		"GitHub is down for two tries": testGitHubDown,
		"lost connections":             testLostConnections,
		"rate limit":                   testRateLimit,
		"CodePipeline throttles":       testThrottling,
		"rotated token":                testRotatedToken,
		"expired token":                testExpiredToken,
		"missing permission":           testMissingPermission,
		"missing repository":           testMissingRepository,
		"secrets that do not do":       testSecrets,
		"app":                          testApp,
		"app refused":                  testAppRefused,
		"app with check runs":          testAppChecks,
		"deliveries":                   testDeliveries,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, binary)
		})
	}
}

// pipelineOf returns a pipeline of two stages with one source, "Source".
func pipelineOf(name string, source pipelinetest.Action, more ...pipelinetest.Action) pipelinetest.Pipeline {
	p := pipelinetest.Pipeline{Name: name, Stages: []pipelinetest.Stage{
		{Name: "Source", Actions: []pipelinetest.Action{source}},
	}}
	if len(more) == 0 {
		more = []pipelinetest.Action{pipelinetest.CodeBuildAction("Build", name, "SourceArtifact")}
	}
	for _, a := range more {
		p.Stages = append(p.Stages, pipelinetest.Stage{Name: a.Name, Actions: []pipelinetest.Action{a}})
	}
	return p
}

// website is the source that most tests use.
func website(commit string) pipelinetest.Action {
	source := pipelinetest.GitHubSource("Source", "octo", "website", "main")
	source.Revision = &pipelinetest.Revision{ID: commit, Message: "Add a page"}
	return source
}

func connectionTo(provider, endpoint, name, repository, commit string) pipelinetest.Action {
	source := pipelinetest.ConnectionSource(name, pipelinetest.Connection{ProviderType: provider, Endpoint: endpoint}, repository, "main")
	source.Revision = &pipelinetest.Revision{ID: commit, Message: "Add a page"}
	return source
}

// byHand is an action that runs until the test says how it ends.
func byHand(name string) (a pipelinetest.Action, end *atomic.Pointer[pipelinetest.Outcome]) {
	end = new(atomic.Pointer[pipelinetest.Outcome])
	a = pipelinetest.CodeBuildAction(name, name, "SourceArtifact")
	a.Run = func(pipelinetest.ActionRun) pipelinetest.Outcome {
		if o := end.Load(); o != nil {
			return *o
		}
		return pipelinetest.Outcome{State: pipelinetest.StateInProgress}
	}
	return a, end
}

// want compares the states that the context has had and the newest status. The
// description may go on.
func want(t *testing.T, server *githubtest.Server, repository, commit, context, wantStates, description string) {
	t.Helper()
	if got := states(server, repository, commit, context); got != wantStates {
		t.Errorf("%s of %s@%s was %q, want %q", context, repository, commit, got, wantStates)
	}
	if got := newest(server, repository, commit, context).Description; !strings.HasPrefix(got, description) {
		t.Errorf("%s of %s@%s says %q, want %q", context, repository, commit, got, description)
	}
}

func testGitHubVersion1(t *testing.T, binary string) {
	w := newWorld(t, binary, pipelineOf("website", website(commitA)))
	id := w.run(t, "website", pipelinetest.Trigger{Type: "Webhook"})
	w.none(t)
	want(t, w.github, "octo/website", commitA, "codepipeline/website", "pending success", "Succeeded")
	wantURL := pipeline.ConsoleURL("us-east-1", "website", id)
	if got := newest(w.github, "octo/website", commitA, "codepipeline/website").TargetURL; got != wantURL || !strings.HasPrefix(got, "https://") {
		t.Errorf("target URL %q, want %q", got, wantURL)
	}
	for _, call := range w.github.Calls() {
		if call.Prefix != "" || call.Header.Get("Authorization") != "Bearer "+githubtest.Token {
			t.Errorf("%s %s%s has the wrong prefix or token", call.Method, call.Prefix, call.Path)
		}
	}
	if n := w.secrets.Calls()["GetSecretValue"]; n != 1 {
		t.Errorf("the secret was read %d times by one instance", n)
	}
	if n := w.enterprise.Count(""); n != 0 {
		t.Errorf("%d calls to another host", n)
	}
	if log := w.stop(); !strings.Contains(log, `"msg":"status was set"`) || strings.Contains(log, `"level":"ERROR"`) {
		t.Errorf("log:\n%s", log)
	}
}

// The summary of a long commit message is cut, so that the connection has to
// tell that it leads to GitHub.
func testConnection(t *testing.T, binary string) {
	api := connectionTo("GitHub", "", "Source", "octo/api", commitB)
	api.Revision.Summary = `{"ProviderType":"GitHub","CommitMessage":"` + strings.Repeat("long ", 500)
	w := newWorld(t, binary,
		pipelineOf("website", connectionTo("GitHub", "", "Source", "octo/website", commitA)),
		pipelineOf("api", api),
		pipelineOf("bitbucket", connectionTo("Bitbucket", "", "Source", "octo/lib", commitC)))
	w.run(t, "website", pipelinetest.Trigger{})
	if n := w.aws.Count("GetConnection", "GetHost"); n != 0 {
		t.Errorf("the connection was looked up %d times for nothing", n)
	}
	w.run(t, "api", pipelinetest.Trigger{})
	w.run(t, "bitbucket", pipelinetest.Trigger{})
	w.none(t)
	want(t, w.github, "octo/website", commitA, "codepipeline/website", "pending success", "Succeeded")
	want(t, w.github, "octo/api", commitB, "codepipeline/api", "pending success", "Succeeded")
	if n := w.aws.Count("GetConnection"); n != 1 {
		t.Errorf("the connection was looked up %d times, want once", n)
	}
	if got := w.github.Statuses("octo/lib", commitC); len(got) != 0 {
		t.Errorf("a commit on Bitbucket got %v on GitHub", got)
	}
}

// The trigger tells the commit before a source action has fetched it.
func testTrigger(t *testing.T, binary string) {
	source := connectionTo("GitHub", "", "Source", "octo/website", commitA)
	fails := pipelinetest.Outcome{State: pipelinetest.StateFailed, Summary: "Connection is not available"}
	source.Run = func(pipelinetest.ActionRun) pipelinetest.Outcome { return fails }
	w := newWorld(t, binary, pipelineOf("website", source))
	w.run(t, "website", pipelinetest.Trigger{
		ProviderType: "GitHub", FullRepositoryName: "octo/website", Branch: "main", CommitID: commitA,
		ConnectionARN: source.Configuration["ConnectionArn"],
	})
	w.none(t)
	want(t, w.github, "octo/website", commitA, "codepipeline/website", "failure", "Source/Source failed: Connection is not available")
}

func testTwoPipelines(t *testing.T, binary string) {
	fails := pipelinetest.CodeBuildAction("Build", "audit", "SourceArtifact")
	fails.Run = func(pipelinetest.ActionRun) pipelinetest.Outcome {
		return pipelinetest.Outcome{State: pipelinetest.StateFailed, Summary: "2 problems"}
	}
	w := newWorld(t, binary, pipelineOf("website", website(commitA)), pipelineOf("audit", website(commitA), fails))
	for _, name := range []string{"website", "audit"} {
		if _, err := w.aws.StartExecution(name, pipelinetest.Trigger{}); err != nil {
			t.Fatal(err)
		}
	}
	w.aws.Settle() // they take turns
	w.none(t)
	want(t, w.github, "octo/website", commitA, "codepipeline/website", "pending success", "Succeeded")
	want(t, w.github, "octo/website", commitA, "codepipeline/audit", "pending failure", "Build/Build failed: 2 problems")
}

func testSeveralSources(t *testing.T, binary string) {
	lib := connectionTo("GitHub", "", "Lib", "octo/lib", commitB)
	sources := []pipelinetest.Action{
		website(commitA), lib,
		pipelinetest.CodeCommitSource("Infra", "infra", "main"), pipelinetest.S3Source("Assets", "assets", "all.zip"),
		connectionTo("GitLab", "", "Tools", "group/sub/tools", commitC),
	}
	build := pipelinetest.CodeBuildAction("Build", "website", "SourceArtifact", "LibArtifact")
	w := newWorld(t, binary, pipelinetest.Pipeline{Name: "website", Stages: []pipelinetest.Stage{
		{Name: "Source", Actions: sources}, {Name: "Build", Actions: []pipelinetest.Action{build}},
	}})
	w.run(t, "website", pipelinetest.Trigger{})
	w.none(t)
	want(t, w.github, "octo/website", commitA, "codepipeline/website", "pending success", "Succeeded")
	want(t, w.github, "octo/lib", commitB, "codepipeline/website", "pending success", "Succeeded")
	if posts := w.github.Count(http.MethodPost); posts != 4 {
		t.Errorf("%d statuses were sent, want 4", posts)
	}
	log := w.stop()
	for _, provider := range []string{"CodeCommit", "S3", "GitLab"} {
		if !strings.Contains(log, `"provider":"`+provider+`"`) {
			t.Errorf("the log does not say that %s was left out:\n%s", provider, log)
		}
	}
}

func testCodeCommitOnly(t *testing.T, binary string) {
	w := newWorld(t, binary, pipelineOf("infra", pipelinetest.CodeCommitSource("Source", "infra", "main")))
	w.run(t, "infra", pipelinetest.Trigger{Type: "CloudWatchEvent"})
	w.none(t)
	if github, secrets := w.github.Count(""), w.secrets.Calls()["GetSecretValue"]; github != 0 || secrets != 0 {
		t.Errorf("%d calls to GitHub and %d for the secret, want none", github, secrets)
	}
	if log := w.stop(); !strings.Contains(log, `"msg":"revision is not on GitHub"`) {
		t.Errorf("log:\n%s", log)
	}
}

// Each host gets its own token, and no other.
func testEnterpriseServer(t *testing.T, binary string) {
	const token, enterpriseToken = "ghp_ofGitHubComOnly0123456789", "ghp_ofGitExampleComOnly0123456789"
	connected := connectionTo("GitHubEnterpriseServer", "https://git.example.com", "Source", "octo/api", commitB)
	build := pipelinetest.CodeBuildAction("Build", "website", "SourceArtifact")
	public := website(commitA)
	public.Name, public.Outputs = "Public", []string{"PublicArtifact"}
	w := newWorld(t, binary, pipelinetest.Pipeline{Name: "website", Stages: []pipelinetest.Stage{
		{Name: "Source", Actions: []pipelinetest.Action{connected, public}}, {Name: "Build", Actions: []pipelinetest.Action{build}},
	}})
	w.github.RevokeToken(githubtest.Token)
	w.enterprise.RevokeToken(githubtest.Token)
	w.github.AddToken(token)
	w.enterprise.AddToken(enterpriseToken)
	w.env = append(w.env, "GITHUB_HOSTS=github.com, Git.Example.com")
	w.setSecret(fmt.Sprintf("\n{\n%q: %q,\n%q: %q}\n", "github.com", token, "Git.Example.com", enterpriseToken))
	w.hidden = append(w.hidden, token, enterpriseToken)
	w.run(t, "website", pipelinetest.Trigger{})
	w.none(t)
	want(t, w.github, "octo/website", commitA, "codepipeline/website", "pending success", "Succeeded")
	want(t, w.enterprise, "octo/api", commitB, "codepipeline/website", "pending success", "Succeeded")
	for _, host := range []struct {
		server        *githubtest.Server
		prefix, token string
	}{{w.github, "", token}, {w.enterprise, "/api/v3", enterpriseToken}} {
		for _, call := range host.server.Calls() {
			if call.Prefix != host.prefix || call.Header.Get("Authorization") != "Bearer "+host.token {
				t.Errorf("%s %s%s has the wrong prefix or token", call.Method, call.Prefix, call.Path)
			}
		}
	}
}

func testEnterpriseServerDenied(t *testing.T, binary string) {
	w := newWorld(t, binary, pipelineOf("api", connectionTo("GitHubEnterpriseServer", "https://git.example.com", "Source", "octo/api", commitB)))
	w.env = append(w.env, "GITHUB_HOSTS=git.example.com")
	w.aws.SetFaults(pipelinetest.Faults{Deny: []string{"GetHost"}})
	w.run(t, "api", pipelinetest.Trigger{})
	if len(w.dead) == 0 || !strings.Contains(w.errors[0], "codeconnections:GetHost") {
		t.Errorf("%d events are dead, and the errors do not name the permission:\n%s", len(w.dead), strings.Join(w.errors, "\n"))
	}
	// With the permission, and in a new instance, what was missed is made up for.
	w.aws.SetFaults(pipelinetest.Faults{})
	if log := w.stop(); !strings.Contains(log, `"msg":"pipeline: the host of a connection is not known"`) {
		t.Errorf("log:\n%s", log)
	}
	w.redrive()
	if len(w.dead) != 0 {
		t.Errorf("%d events are dead:\n%s", len(w.dead), strings.Join(w.errors, "\n"))
	}
	want(t, w.enterprise, "octo/api", commitB, "codepipeline/api", "success", "Succeeded")
}

func testFailureAndRetry(t *testing.T, binary string) {
	build := pipelinetest.CodeBuildAction("Build", "website", "SourceArtifact")
	build.Run = func(r pipelinetest.ActionRun) pipelinetest.Outcome {
		if r.Attempt == 1 {
			return pipelinetest.Outcome{State: pipelinetest.StateFailed, Summary: "Build terminated with state: FAILED " + strings.Repeat("ü", 200)}
		}
		return pipelinetest.Outcome{}
	}
	w := newWorld(t, binary, pipelineOf("website", website(commitA), build))
	id := w.run(t, "website", pipelinetest.Trigger{})
	w.none(t)
	const context = "codepipeline/website"
	want(t, w.github, "octo/website", commitA, context, "pending failure", "Build/Build failed: Build terminated with state: FAILED ü")
	if d := newest(w.github, "octo/website", commitA, context).Description; len([]rune(d)) > 140 {
		t.Errorf("the description has %d characters", len([]rune(d)))
	}
	if err := w.pipelines.Retry(t.Context(), "website", id, "Build", pipeline.RetryFailedActions); err != nil {
		t.Fatal(err)
	}
	w.aws.Settle()
	w.none(t)
	want(t, w.github, "octo/website", commitA, context, "pending failure pending success", "Succeeded")
}

func testApproval(t *testing.T, binary string) {
	w := newWorld(t, binary, pipelineOf("website", website(commitA), pipelinetest.ApprovalAction("Approve")))
	id := w.run(t, "website", pipelinetest.Trigger{})
	const context = "codepipeline/website"
	want(t, w.github, "octo/website", commitA, context, "pending pending", "Waiting for approval: Approve/Approve")
	if err := w.aws.Finish(id, "Approve", "Approve", pipelinetest.Outcome{State: pipelinetest.StateFailed, Summary: "Not today"}); err != nil {
		t.Fatal(err)
	}
	w.aws.Settle()
	w.none(t)
	if got := newest(w.github, "octo/website", commitA, context); got.State != "failure" || got.Description != "Approve/Approve failed: Not today" {
		t.Errorf("after the rejection: %+v", got)
	}
}

func testStop(t *testing.T, binary string) {
	build, end := byHand("Build")
	w := newWorld(t, binary, pipelineOf("website", website(commitA), build))
	id := w.run(t, "website", pipelinetest.Trigger{})
	const context = "codepipeline/website"
	want(t, w.github, "octo/website", commitA, context, "pending", "Running")
	if err := w.pipelines.Stop(t.Context(), "website", id, func(o *pipeline.StopOptions) { o.Reason = "wrong branch" }); err != nil {
		t.Fatal(err)
	}
	w.aws.Settle()
	want(t, w.github, "octo/website", commitA, context, "pending pending", "Stopping: wrong branch")
	end.Store(&pipelinetest.Outcome{})
	w.aws.Settle()
	w.none(t)
	want(t, w.github, "octo/website", commitA, context, "pending pending error", "Stopped: wrong branch")
}

func testAbandon(t *testing.T, binary string) {
	build, _ := byHand("Build")
	w := newWorld(t, binary, pipelineOf("website", website(commitA), build))
	id := w.run(t, "website", pipelinetest.Trigger{})
	err := w.pipelines.Stop(t.Context(), "website", id, func(o *pipeline.StopOptions) { o.Abandon, o.Reason = true, "stuck" })
	if err != nil {
		t.Fatal(err)
	}
	w.aws.Settle()
	w.none(t)
	if got := newest(w.github, "octo/website", commitA, "codepipeline/website"); got.State != "error" || got.Description != "Stopped: stuck" {
		t.Errorf("got %+v", got)
	}
}

func testSuperseded(t *testing.T, binary string) {
	build, end := byHand("Build")
	w := newWorld(t, binary, pipelineOf("website", website(commitA), build))
	revision := func(commit string) pipelinetest.SourceRevision {
		return pipelinetest.SourceRevision{Action: "Source", Revision: pipelinetest.Revision{ID: commit}}
	}
	w.run(t, "website", pipelinetest.Trigger{}, revision(commitA)) // stays in Build
	w.run(t, "website", pipelinetest.Trigger{}, revision(commitB)) // waits for it
	w.run(t, "website", pipelinetest.Trigger{}, revision(commitC)) // overtakes
	end.Store(&pipelinetest.Outcome{})
	w.aws.Settle()
	w.none(t)
	const context = "codepipeline/website"
	want(t, w.github, "octo/website", commitA, context, "pending success", "Succeeded")
	want(t, w.github, "octo/website", commitB, context, "pending error", "Superseded by a newer execution")
	want(t, w.github, "octo/website", commitC, context, "pending success", "Succeeded")
}

// The newest of several executions on a commit counts, whichever ends last.
func testTwoExecutions(t *testing.T, binary string) {
	build := pipelinetest.CodeBuildAction("Build", "website", "SourceArtifact")
	var first atomic.Value
	var end atomic.Bool
	build.Run = func(r pipelinetest.ActionRun) pipelinetest.Outcome {
		switch {
		case r.ExecutionID != first.Load():
			return pipelinetest.Outcome{}
		case !end.Load():
			return pipelinetest.Outcome{State: pipelinetest.StateInProgress}
		}
		return pipelinetest.Outcome{State: pipelinetest.StateFailed, Summary: "flaky"}
	}
	p := pipelineOf("website", website(commitA), build)
	p.ExecutionMode = "PARALLEL"
	w := newWorld(t, binary, p)
	id, err := w.aws.StartExecution("website", pipelinetest.Trigger{})
	if err != nil {
		t.Fatal(err)
	}
	first.Store(id)
	w.aws.Settle()
	time.Sleep(2 * time.Millisecond) // executions are ordered by when they were started
	w.run(t, "website", pipelinetest.Trigger{})
	end.Store(true)
	w.aws.Settle()
	w.none(t)
	if got := newest(w.github, "octo/website", commitA, "codepipeline/website"); got.State != "success" {
		t.Errorf("got %+v", got)
	}
}
