package ci_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awslogs "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	awscodebuild "github.com/aws/aws-sdk-go-v2/service/codebuild"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	"github.com/aws/aws-sdk-go-v2/service/codecommit/types"

	"github.com/codesuite-go/codesuite/codecommit/ci"
	"github.com/codesuite-go/codesuite/codecommit/ci/citest"
	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/internal/backoff"
)

const (
	botARN       = "arn:aws:sts::111122223333:assumed-role/ci/ci"
	developerARN = codecommittest.DefaultCaller
)

// world is a repository app with a branch main, the projects of its flows, and a
// handler that has a role of its own. Events wait until deliver is called. Both
// servers and the handler have one clock, which pass moves.
type world struct {
	*testing.T
	commits *codecommittest.Server
	builds  *citest.Server
	client  *awscodecommit.Client // of a developer
	handler *ci.Handler
	mux     *events.Mux
	log     *lockedBuilder
	reports []ci.Report

	mu      sync.Mutex
	queue   [][]byte
	passed  time.Duration
	content map[string]fstest.MapFS // of branches
}

// lockedBuilder is the log.
type lockedBuilder struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *lockedBuilder) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuilder) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// newWorld starts the world. Each flow has a project unless projects name it.
func newWorld(t *testing.T, flows []ci.Flow, options func(*ci.Options), projects ...citest.Project) *world {
	t.Helper()
	known := map[string]bool{}
	for _, p := range projects {
		known[p.Name] = true
	}
	for _, f := range flows {
		if !known[f.Project] {
			known[f.Project] = true
			projects = append(projects, citest.Project{Name: f.Project, Repository: "app"})
		}
	}
	files := fstest.MapFS{"README": {Data: []byte("read me\n")}, "src/main.go": {Data: []byte("package main\n")}}
	w := &world{
		T:       t,
		commits: codecommittest.NewServer(t, codecommittest.FS("app", files), codecommittest.FS("other", files)),
		builds:  citest.NewServer(t, projects...),
		log:     &lockedBuilder{},
		content: map[string]fstest.MapFS{"main": files},
	}
	w.builds.SetClock(w.now)
	w.client = awscodecommit.NewFromConfig(w.commits.Config())
	w.handler, w.mux = w.instance(flows, func(o *ci.Options) {
		o.Report = func(_ context.Context, r ci.Report) error {
			w.reports = append(w.reports, r)
			return nil
		}
		if options != nil {
			options(o)
		}
	})
	w.commits.OnEvent(w.add)
	w.builds.OnEvent(w.add)
	return w
}

// instance returns a further handler with its Mux.
func (w *world) instance(flows []ci.Flow, optFns ...func(*ci.Options)) (*ci.Handler, *events.Mux) {
	w.Helper()
	cfg := w.builds.Config()
	handler := ci.New(ci.Clients{
		CodeCommit: awscodecommit.NewFromConfig(w.commits.ConfigAs(botARN)),
		CodeBuild:  awscodebuild.NewFromConfig(cfg),
		Logs:       awslogs.NewFromConfig(cfg),
	}, flows, append([]func(*ci.Options){func(o *ci.Options) {
		o.Region = "us-east-1"
		o.Logger = slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}}, optFns...)...)
	handler.SetClock(w.now)
	handler.SetSleep(func(ctx context.Context, _ time.Duration) error { return backoff.Sleep(ctx, time.Millisecond) })
	mux := new(events.Mux)
	if err := handler.Register(mux); err != nil {
		w.Fatal(err)
	}
	return handler, mux
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return time.Now().Add(w.passed)
}

// pass lets time pass for all.
func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	w.passed += d
	w.mu.Unlock()
	w.builds.Pass(0)
}

// add queues an event. Those of CodeCommit get the time of the world.
func (w *world) add(payload []byte) {
	var event map[string]any
	if err := json.Unmarshal(payload, &event); err != nil {
		w.Error(err)
		return
	}
	if event["source"] == "aws.codecommit" {
		event["time"] = w.now().UTC().Format(time.RFC3339)
		payload, _ = json.Marshal(event)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.queue = append(w.queue, payload)
}

// take returns the events that wait.
func (w *world) take() [][]byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	taken := w.queue
	w.queue = nil
	return taken
}

// deliver delivers all events that wait, also those that this leads to, and returns
// them.
func (w *world) deliver() [][]byte {
	w.Helper()
	var all [][]byte
	for {
		events := w.take()
		if len(events) == 0 {
			return all
		}
		for _, payload := range events {
			w.invoke(payload)
		}
		all = append(all, events...)
	}
}

func (w *world) invoke(payload []byte) {
	w.Helper()
	if _, err := w.mux.Invoke(w.Context(), payload); err != nil {
		w.Errorf("%v\n%s", err, payload)
	}
}

// settle lets all builds run to their ends, and delivers the events.
func (w *world) settle() {
	w.Helper()
	w.deliver()
	for w.builds.Advance() {
		w.deliver()
	}
	w.deliver()
}

// push commits files to a branch, which begins at main: path and content in turn.
func (w *world) push(branch string, files ...string) string {
	w.Helper()
	content := maps.Clone(w.content[branch])
	if content == nil {
		content = maps.Clone(w.content["main"])
	}
	for i := 0; i < len(files); i += 2 {
		content[files[i]] = &fstest.MapFile{Data: []byte(files[i+1])}
	}
	if w.content[branch] == nil && branch != "main" {
		waiting := w.take()
		w.setRef("refs/heads/"+branch, w.head("main"))
		w.take() // the new branch is not what the test is about
		w.queue = waiting
	}
	w.content[branch] = content
	id, err := w.commits.Commit("app", branch, content)
	if err != nil {
		w.Fatal(err)
	}
	return id
}

// trigger lets a repository trigger send its records to f.
func (w *world) trigger(f func(payload []byte)) {
	w.Helper()
	w.commits.OnTrigger(f)
	_, err := w.client.PutRepositoryTriggers(w.Context(), &awscodecommit.PutRepositoryTriggersInput{
		RepositoryName: aws.String("app"),
		Triggers: []types.RepositoryTrigger{{
			Name: aws.String("ci"), DestinationArn: aws.String("arn:aws:lambda:us-east-1:111122223333:function:ci"),
			Branches: []string{}, Events: []types.RepositoryTriggerEventEnum{types.RepositoryTriggerEventEnumAll},
		}},
	})
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) setRef(ref, id string) {
	w.Helper()
	if err := w.commits.SetRef("app", ref, id); err != nil {
		w.Fatal(err)
	}
}

func (w *world) head(branch string) string {
	w.Helper()
	out, err := w.client.GetBranch(w.Context(), &awscodecommit.GetBranchInput{RepositoryName: aws.String("app"), BranchName: &branch})
	if err != nil {
		w.Fatal(err)
	}
	return *out.Branch.CommitId
}

// open opens a pull request from the branch to main.
func (w *world) open(branch string, optFns ...func(*awscodecommit.CreatePullRequestInput)) string {
	w.Helper()
	in := &awscodecommit.CreatePullRequestInput{
		Title:   aws.String("Change " + branch),
		Targets: []types.Target{{RepositoryName: aws.String("app"), SourceReference: &branch, DestinationReference: aws.String("main")}},
	}
	for _, fn := range optFns {
		fn(in)
	}
	out, err := w.client.CreatePullRequest(w.Context(), in)
	if err != nil {
		w.Fatal(err)
	}
	return *out.PullRequest.PullRequestId
}

func (w *world) closeRequest(id string) {
	w.Helper()
	_, err := w.client.UpdatePullRequestStatus(w.Context(), &awscodecommit.UpdatePullRequestStatusInput{
		PullRequestId: &id, PullRequestStatus: types.PullRequestStatusEnumClosed,
	})
	if err != nil {
		w.Fatal(err)
	}
}

// started lists the builds: the flow, the source version and the status of each.
func (w *world) started() []string {
	var list []string
	for _, b := range w.builds.Builds() {
		list = append(list, fmt.Sprintf("%s %.7s %s", b.Variable("FLOW_NAME"), b.SourceVersion, b.Status))
	}
	return list
}

func (w *world) logged(text string) {
	w.Helper()
	if log := w.log.String(); !strings.Contains(log, text) {
		w.Errorf("the log lacks %q:\n%s", text, log)
	}
}

// reported lists the flow and state of each report.
func (w *world) reported() []string {
	var list []string
	for _, r := range w.reports {
		list = append(list, r.Flow+" "+string(r.State))
	}
	return list
}

var review = ci.Flow{Name: "review", Kind: ci.KindReview, Repositories: []string{"app"}, Project: "app-review"}

func short(id string) string { return id[:7] }
