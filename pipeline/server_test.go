package pipeline_test

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/pipeline"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// quick polls a server that advances by itself.
func quick(o *pipeline.Options) {
	o.PollInterval, o.MaxPollInterval = 2*time.Millisecond, 10*time.Millisecond
}

// webPipeline has a source, a build of two actions and a deployment.
func webPipeline() pipelinetest.Pipeline {
	return pipelinetest.Pipeline{
		Name:      web,
		Variables: []pipelinetest.Variable{{Name: "Environment", DefaultValue: "staging"}},
		Stages: []pipelinetest.Stage{
			{Name: "Source", Actions: []pipelinetest.Action{pipelinetest.GitHubSource("Checkout", "octo", "web", "main")}},
			{Name: "Build", Actions: []pipelinetest.Action{
				pipelinetest.CodeBuildAction("Compile", "web-build", "CheckoutArtifact"),
				pipelinetest.CodeBuildAction("Lint", "web-lint", "CheckoutArtifact"),
			}},
			{Name: "Deploy", Actions: []pipelinetest.Action{pipelinetest.CodeDeployAction("Rollout", "web", "production", "CompileArtifact")}},
		},
	}
}

func newServer(t *testing.T, pipelines ...pipelinetest.Pipeline) (*pipelinetest.Server, *pipeline.Client) {
	t.Helper()
	server := pipelinetest.NewServer(t, pipelines...)
	return server, pipeline.Open(server.Config(), quick)
}

func start(t *testing.T, client *pipeline.Client, name string, optFns ...func(*pipeline.StartOptions)) string {
	t.Helper()
	id, err := client.Start(t.Context(), name, optFns...)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func get(t *testing.T, client *pipeline.Client, name, id string) *pipeline.Execution {
	t.Helper()
	e, err := client.Execution(t.Context(), name, id)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// A pipeline of every provider at once, from its start to its end.
func TestServerSources(t *testing.T) {
	t.Parallel()
	connection := func(provider, endpoint string) pipelinetest.Connection {
		return pipelinetest.Connection{ProviderType: provider, Endpoint: endpoint}
	}
	p := webPipeline()
	p.Stages[0].Actions = []pipelinetest.Action{
		pipelinetest.ConnectionSource("GitLabOwn", connection("GitLabSelfManaged", "https://gitlab.example.com"), "group/sub/web", "main"),
		pipelinetest.S3Source("Upload", "uploads", "web/main.zip"),
		pipelinetest.GitHubSource("Checkout", "octo", "web", "main"),
		pipelinetest.ConnectionSource("GitHub", connection("GitHub", ""), "octo/web", "feature/x"),
		pipelinetest.CodeCommitSource("Repository", "web-repo", "main"),
		pipelinetest.ConnectionSource("Enterprise", connection("GitHubEnterpriseServer", "https://git.example.com:8443"), "team/web", "main"),
		pipelinetest.ECRSource("Image", "base/web", "stable"),
		pipelinetest.ConnectionSource("GitLab", connection("GitLab", ""), "group/sub/web", "main"),
		pipelinetest.ConnectionSource("Bitbucket", connection("Bitbucket", ""), "team/web", "main"),
		pipelinetest.ConnectionSource("Azure", connection("AzureDevOps", ""), "org/project/web", "main"),
	}
	for i := range p.Stages[0].Actions {
		p.Stages[0].Actions[i].Revision = &pipelinetest.Revision{ID: fmt.Sprintf("%040x", i), Message: "change " + p.Stages[0].Actions[i].Name}
	}
	server, client := newServer(t, p)
	id := start(t, client, web)

	if e := get(t, client, web, id); e.Status != pipeline.StatusInProgress || len(e.Revisions) != 0 || len(e.Actions) != 0 || e.Attempts != 1 {
		t.Errorf("after the start: %+v", e)
	}
	server.Advance()
	server.Advance()
	if e := get(t, client, web, id); len(e.Revisions) != 0 || len(e.Actions) == 0 {
		t.Errorf("while the sources run: %d revisions, %d actions", len(e.Revisions), len(e.Actions))
	}
	server.Settle()
	server.ResetCalls()
	e := get(t, client, web, id)
	var got []string
	for _, r := range e.Revisions {
		got = append(got, fmt.Sprintf("%s %s %s|%s|%s %s@%s %s", r.Stage, r.Action, r.Artifact, r.Provider, r.Host, r.Repository, r.Branch+r.Tag, r.ID[len(r.ID)-1:]))
	}
	want := []string{
		"Source Azure AzureArtifact|AzureDevOps|dev.azure.com org/project/web@main 9",
		"Source Bitbucket BitbucketArtifact|Bitbucket|bitbucket.org team/web@main 8",
		"Source Checkout CheckoutArtifact|GitHub|github.com octo/web@main 2",
		"Source Enterprise EnterpriseArtifact|GitHubEnterpriseServer|git.example.com:8443 team/web@main 5",
		"Source GitHub GitHubArtifact|GitHub|github.com octo/web@feature/x 3",
		"Source GitLab GitLabArtifact|GitLab|gitlab.com group/sub/web@main 7",
		"Source GitLabOwn GitLabOwnArtifact|GitLabSelfManaged|gitlab.example.com group/sub/web@main 0",
		"Source Image ImageArtifact|ECR|111122223333.dkr.ecr.us-east-1.amazonaws.com base/web@stable 6",
		"Source Repository RepositoryArtifact|CodeCommit| web-repo@main 4",
		"Source Upload UploadArtifact|S3| uploads/web/main.zip@ 1",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("revisions mismatch (-want +got):\n%s", diff)
	}
	for _, r := range e.Revisions {
		if git := r.Provider != events.ProviderS3 && r.Provider != events.ProviderECR; git && r.Message != "change "+r.Action {
			t.Errorf("%s: message %q", r.Action, r.Message)
		}
		if strings.Contains(fmt.Sprintf("%+v", e), "test-token") {
			t.Fatal("the execution tells a secret")
		}
	}
	if e.Status != pipeline.StatusSucceeded || len(e.Actions) != 13 || e.Attempts != 1 {
		t.Errorf("status %s, %d actions, %d attempts", e.Status, len(e.Actions), e.Attempts)
	}
	calls := map[string]int{"GetPipelineExecution": 1, "ListActionExecutions": 1, "GetConnection": 2, "GetHost": 2}
	if diff := cmp.Diff(calls, server.Calls()); diff != "" {
		t.Errorf("calls mismatch (-want +got):\n%s", diff)
	}
	server.ResetCalls()
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if other, err := client.Execution(t.Context(), web, id); err != nil || !cmp.Equal(e, other) {
				t.Errorf("at the same time: error %v, or mismatch (-want +got):\n%s", err, cmp.Diff(e, other))
			}
		})
	}
	group.Wait()
	server.ResetCalls()
	again := get(t, client, web, id)
	if diff := cmp.Diff(e, again); diff != "" {
		t.Errorf("asked again (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]int{"GetPipelineExecution": 1, "ListActionExecutions": 1}, server.Calls()); diff != "" {
		t.Errorf("calls mismatch (-want +got):\n%s", diff)
	}
}

func TestServerRetry(t *testing.T) {
	t.Parallel()
	p := webPipeline()
	p.Stages[1].Actions[0].Run = func(r pipelinetest.ActionRun) pipelinetest.Outcome {
		if r.Attempt < 3 {
			return pipelinetest.Outcome{State: pipelinetest.StateFailed, Summary: "tests fail", ErrorCode: "JobFailed", ErrorMessage: "exit status 1"}
		}
		return pipelinetest.Outcome{}
	}
	server, client := newServer(t, p)
	server.AutoAdvance(time.Millisecond)
	id := start(t, client, web)
	for attempt := 1; attempt <= 2; attempt++ {
		e, err := client.Wait(t.Context(), web, id)
		if err != nil {
			t.Fatal(err)
		}
		failed := e.Failed()
		if e.Status != pipeline.StatusFailed || e.Attempts != attempt || len(failed) != 1 {
			t.Fatalf("attempt %d: status %s, %d attempts, failed actions %v", attempt, e.Status, e.Attempts, failed)
		}
		if a := failed[0]; a.Stage != "Build" || a.Action != "Compile" || a.Runs != attempt || a.ErrorCode != "JobFailed" || a.ErrorMessage != "exit status 1" || a.Summary != "tests fail" {
			t.Errorf("attempt %d: failed action %+v", attempt, a)
		}
		if err := client.Retry(t.Context(), web, id, "Build", ""); err != nil {
			t.Fatal(err)
		}
	}
	e, err := client.Wait(t.Context(), web, id)
	if err != nil {
		t.Fatal(err)
	}
	if e.Status != pipeline.StatusSucceeded || e.Attempts != 3 || len(e.Failed()) != 0 || len(e.Actions) != 4 {
		t.Errorf("status %s, %d attempts, %d actions", e.Status, e.Attempts, len(e.Actions))
	}
	if err := client.Retry(t.Context(), web, id, "Build", pipeline.RetryAllActions); !errors.Is(err, pipeline.ErrNotRetryable) {
		t.Errorf("retry of a stage that succeeded: error %v", err)
	}
	if err := client.Retry(t.Context(), web, id, "Missing", ""); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("retry of a missing stage: error %v", err)
	}
}

// A start whose reply is lost is tried again and starts once.
func TestServerStart(t *testing.T) {
	t.Parallel()
	server, client := newServer(t, webPipeline())
	server.SetFaults(pipelinetest.Faults{LateDropRate: 0.3, LateErrorRate: 0.2, Seed: 3})
	ids := make(map[string]bool)
	for i := range 30 {
		id, err := client.Start(t.Context(), web, func(o *pipeline.StartOptions) {
			o.Token = fmt.Sprint("build-", i/3)
			o.Revisions = []pipeline.SourceRevisionOverride{{Action: "Checkout", Type: pipeline.RevisionCommitID, Value: sha}}
			o.Variables = []pipeline.Variable{{Name: "Environment", Value: "production"}}
		})
		if err != nil {
			// All three of the SDK's tries were hit: whoever starts it again,
			// with the token, gets the same execution.
			continue
		}
		ids[id] = true
	}
	server.SetFaults(pipelinetest.Faults{})
	listed := 0
	for _, err := range client.Executions(t.Context(), web) {
		if err != nil {
			t.Fatal(err)
		}
		listed++
	}
	if len(ids) != 10 || listed != 10 {
		t.Errorf("%d IDs, %d executions, want 10", len(ids), listed)
	}
	server.Settle()
	for id := range ids {
		e := get(t, client, web, id)
		if e.Status == pipeline.StatusSuperseded {
			continue
		}
		if diff := cmp.Diff([]pipeline.Variable{{Name: "Environment", Value: "production"}}, e.Variables); diff != "" {
			t.Errorf("variables mismatch (-want +got):\n%s", diff)
		}
		if len(e.Revisions) != 1 || e.Revisions[0].ID != sha {
			t.Errorf("revisions %+v, want %s", e.Revisions, sha)
		}
	}
}

func TestServerStop(t *testing.T) {
	t.Parallel()
	p := webPipeline()
	p.Stages[2].Actions = []pipelinetest.Action{pipelinetest.ApprovalAction("Review")}
	server, client := newServer(t, p)
	reason := func(o *pipeline.StopOptions) { o.Reason = "not today" }
	abandon := func(o *pipeline.StopOptions) { o.Abandon = true }

	id := start(t, client, web)
	server.Settle()
	for range 2 { // stopping it again is what was asked for
		if err := client.Stop(t.Context(), web, id, reason); err != nil {
			t.Fatal(err)
		}
	}
	if e := get(t, client, web, id); e.Status != pipeline.StatusStopping || !e.Actions[len(e.Actions)-1].Waiting() {
		t.Errorf("status %s, actions %+v", e.Status, e.Actions)
	}
	if err := client.Stop(t.Context(), web, id, abandon); err != nil {
		t.Fatal(err)
	}
	server.Settle()
	e := get(t, client, web, id)
	if last := e.Actions[len(e.Actions)-1]; e.Status != pipeline.StatusStopped || last.Status != pipeline.ActionAbandoned {
		t.Errorf("status %s, action %+v", e.Status, last)
	}
	if err := client.Stop(t.Context(), web, id); err != nil {
		t.Errorf("stopping what is stopped: error %v", err)
	}

	id = start(t, client, web)
	server.Settle()
	if err := server.Finish(id, "Deploy", "Review", pipelinetest.Outcome{}); err != nil {
		t.Fatal(err)
	}
	server.Settle()
	if err := client.Stop(t.Context(), web, id); !errors.Is(err, pipeline.ErrNotStoppable) {
		t.Errorf("stopping what succeeded: error %v", err)
	}
	for s, err := range client.Executions(t.Context(), web) {
		if err != nil {
			t.Fatal(err)
		}
		if s.Status == pipeline.StatusStopped && s.StopReason != "not today" {
			t.Errorf("the reason is %q", s.StopReason)
		}
	}
}

func TestServerRollback(t *testing.T) {
	t.Parallel()
	server, client := newServer(t, webPipeline())
	first := start(t, client, web)
	server.Settle()
	second := start(t, client, web)
	server.Settle()
	var targets []string
	for s, err := range client.Executions(t.Context(), web, func(o *pipeline.ListOptions) { o.SucceededInStage = "Deploy" }) {
		if err != nil {
			t.Fatal(err)
		}
		targets = append(targets, s.ID)
	}
	if diff := cmp.Diff([]string{second, first}, targets); diff != "" {
		t.Errorf("targets mismatch (-want +got):\n%s", diff)
	}
	id, err := client.Rollback(t.Context(), web, "Deploy", first)
	if err != nil {
		t.Fatal(err)
	}
	server.Settle()
	e := get(t, client, web, id)
	if e.Status != pipeline.StatusSucceeded || e.Type != pipeline.ExecutionRollback || e.RollbackTarget != first || e.Trigger.Type != "ManualRollback" {
		t.Errorf("rollback %+v", e)
	}
	if _, err := client.Rollback(t.Context(), web, "Deploy", "11111111-2222-4333-8444-555555555555"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("rollback to nothing: error %v", err)
	}
}

// More runs and more executions than a page holds.
func TestServerPages(t *testing.T) {
	t.Parallel()
	p := webPipeline()
	p.Stages[1].Actions = nil
	for i := range 45 {
		p.Stages[1].Actions = append(p.Stages[1].Actions, pipelinetest.CodeBuildAction(fmt.Sprintf("Build%02d", i), "web-build", "CheckoutArtifact"))
	}
	p.Stages = p.Stages[:2]
	for i := range 2 {
		stage := pipelinetest.Stage{Name: fmt.Sprint("Test", i)}
		for j := range 45 {
			a := pipelinetest.CodeBuildAction(fmt.Sprintf("Test%d.%02d", i, j), "web-test", "CheckoutArtifact")
			a.Outputs = nil
			stage.Actions = append(stage.Actions, a)
		}
		p.Stages = append(p.Stages, stage)
	}
	server, client := newServer(t, p)
	id := start(t, client, web)
	server.Settle()
	server.ResetCalls()
	if e := get(t, client, web, id); len(e.Actions) != 136 || e.Attempts != 1 {
		t.Errorf("%d actions, %d attempts", len(e.Actions), e.Attempts)
	}
	if diff := cmp.Diff(map[string]int{"GetPipelineExecution": 1, "ListActionExecutions": 2}, server.Calls()); diff != "" {
		t.Errorf("calls mismatch (-want +got):\n%s", diff)
	}
	want := []string{id}
	for range 120 {
		want = append(want, start(t, client, web))
	}
	slices.Reverse(want)
	var got []string
	for s, err := range client.Executions(t.Context(), web) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, s.ID)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("executions mismatch (-want +got):\n%s", diff)
	}
}

// Watch and Wait see all of it through a service that fails half the time.
func TestServerFaults(t *testing.T) {
	t.Parallel()
	server, client := newServer(t, webPipeline())
	id := start(t, client, web)
	server.SetFaults(pipelinetest.Faults{ThrottleRate: 0.2, ErrorRate: 0.1, DropRate: 0.1, TruncateRate: 0.1, Seed: 7})
	// A step with every third call that arrives.
	n := 0
	server.OnCall(func(string) {
		if n++; n > 20 && n%3 == 0 {
			server.Advance()
		}
	})
	var got []string
	for change, err := range client.Watch(t.Context(), web, id) {
		if err != nil {
			t.Fatal(err)
		}
		line := describe(change)
		if change.Action != nil {
			line = strings.Replace(line, " "+change.Action.ID, "", 1)
			if change.Type == pipeline.ChangeActionStarted {
				line, _, _ = strings.Cut(line, " InProgress")
				line, _, _ = strings.Cut(line, " Succeeded") // by the time it was seen
			}
		}
		got = append(got, line)
	}
	revision := "revision known Checkout " + get(t, client, web, id).Revisions[0].ID
	want := []string{
		"action ended Checkout Succeeded", "action ended Compile Succeeded", "action ended Lint Succeeded", "action ended Rollout Succeeded",
		"action started Checkout", "action started Compile", "action started Lint", "action started Rollout",
		"execution changed InProgress", revision, "execution changed Succeeded",
	}
	if got[0] != "execution changed InProgress" || got[len(got)-1] != "execution changed Succeeded" {
		t.Errorf("changes %v", got)
	}
	sorted := cmpopts.SortSlices(func(a, b string) bool { return a < b })
	if diff := cmp.Diff(want, got, sorted); diff != "" {
		t.Errorf("changes mismatch (-want +got):\n%s", diff)
	}
	if e, err := client.Wait(t.Context(), web, id); err != nil || e.Status != pipeline.StatusSucceeded {
		t.Errorf("Wait: %v, %v", e, err)
	}
}

func TestServerErrors(t *testing.T) {
	t.Parallel()
	server, client := newServer(t, webPipeline())
	id := start(t, client, web)
	const unknown = "11111111-2222-4333-8444-555555555555"
	calls := map[string]func() error{
		"Execution":           func() error { _, err := client.Execution(t.Context(), "missing", id); return err },
		"Execution, no such":  func() error { _, err := client.Execution(t.Context(), web, unknown); return err },
		"Start":               func() error { _, err := client.Start(t.Context(), "missing"); return err },
		"Stop":                func() error { return client.Stop(t.Context(), "missing", id) },
		"Retry":               func() error { return client.Retry(t.Context(), "missing", id, "Build", "") },
		"Rollback":            func() error { _, err := client.Rollback(t.Context(), "missing", "Build", id); return err },
		"Rollback, no stage":  func() error { _, err := client.Rollback(t.Context(), web, "Missing", id); return err },
		"Wait":                func() error { _, err := client.Wait(t.Context(), "missing", id); return err },
		"Executions, missing": func() error { return firstError(t, client, "missing") },
	}
	for name, f := range calls {
		if err := f(); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: error %v", name, err)
		}
	}
	server.SetFaults(pipelinetest.Faults{Deny: []string{
		"GetPipelineExecution", "ListPipelineExecutions", "StartPipelineExecution", "StopPipelineExecution", "RetryStageExecution", "RollbackStage",
	}})
	for name, f := range calls {
		if err := f(); !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), "allow the IAM action codepipeline:") {
			t.Errorf("%s, denied: error %v", name, err)
		}
	}
}

func firstError(t *testing.T, client *pipeline.Client, name string) error {
	t.Helper()
	for _, err := range client.Executions(t.Context(), name) {
		return err
	}
	return nil
}
