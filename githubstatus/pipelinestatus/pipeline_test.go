package pipelinestatus_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/githubstatus"
	"github.com/codesuite-go/codesuite/githubstatus/pipelinestatus"
	"github.com/codesuite-go/codesuite/internal/githubtest"
	"github.com/codesuite-go/codesuite/pipeline"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

const (
	commitA = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	commitB = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
	gheHost = "git.example.com"
)

var (
	gitHub = pipelinetest.Connection{ProviderType: "GitHub"}
	ghes   = pipelinetest.Connection{ProviderType: "GitHubEnterpriseServer", Endpoint: "https://" + gheHost}
)

// scene is a CodePipeline and two GitHub servers, with a Reporter between.
type scene struct {
	*pipelinetest.Server
	pipelines   *pipeline.Client
	github, ghe *githubtest.Server
	options     []func(*pipelinestatus.Options)
	cold        bool                // a new Reporter for each event
	setter      githubstatus.Setter // of github; nil for commit statuses
	reporter    *pipelinestatus.Reporter
	errs        []error
}

func newScene(t *testing.T, pipelines ...pipelinetest.Pipeline) *scene {
	t.Helper()
	s := &scene{Server: pipelinetest.NewServer(t, pipelines...), github: githubtest.New(t), ghe: githubtest.New(t)}
	s.pipelines = pipeline.Open(s.Config())
	s.github.AddRepository("octo/hello", commitA, commitB)
	s.github.AddRepository("octo/lib", commitA, commitB)
	s.ghe.AddRepository("corp/app", commitA, commitB)
	s.OnEvent(func(payload []byte) {
		if s.reporter == nil || s.cold {
			s.reporter = s.fresh()
		}
		var mux events.Mux
		if err := s.reporter.Register(&mux); err != nil {
			t.Error(err)
		}
		if _, err := mux.Invoke(t.Context(), payload); err != nil {
			s.errs = append(s.errs, err)
		}
	})
	return s
}

func (s *scene) fresh() *pipelinestatus.Reporter {
	var setter githubstatus.Setter = newClient(s.github)
	if s.setter != nil {
		setter = s.setter
	}
	return pipelinestatus.New(s.pipelines, setter, append([]func(*pipelinestatus.Options){
		func(o *pipelinestatus.Options) {
			o.Hosts = githubstatus.Hosts{gheHost: newClient(s.ghe, func(o *githubstatus.Options) { o.BaseURL = s.ghe.EnterpriseURL() })}
		},
	}, s.options...)...)
}

func (s *scene) start(t *testing.T, name string, trigger pipelinetest.Trigger, revisions map[string]string) string {
	t.Helper()
	var list []pipelinetest.SourceRevision
	for action, id := range revisions {
		list = append(list, pipelinetest.SourceRevision{Action: action, Revision: pipelinetest.Revision{ID: id, Message: "Fix it"}})
	}
	id, err := s.StartExecution(name, trigger, list...)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (s *scene) noErrors(t *testing.T) {
	t.Helper()
	if err := errors.Join(s.errs...); err != nil {
		t.Error(err)
	}
}

// history lists the states of a commit in each context, in order.
func history(server *githubtest.Server, repository, sha string) map[string][]string {
	states := map[string][]string{}
	for _, s := range server.Statuses(repository, sha) {
		states[s.Context] = append(states[s.Context], s.State)
	}
	return states
}

func checkHistory(t *testing.T, server *githubtest.Server, repository, sha string, want map[string][]string) {
	t.Helper()
	if diff := cmp.Diff(want, history(server, repository, sha)); diff != "" {
		t.Errorf("statuses of %s@%.4s (-want +got):\n%s", repository, sha, diff)
	}
}

// newest returns the newest status in the context codepipeline/NAME.
func newest(t *testing.T, server *githubtest.Server, repository, sha, name string) githubtest.Status {
	t.Helper()
	s, ok := server.Newest(repository, sha)["codepipeline/"+name]
	if !ok {
		t.Fatalf("%s@%.4s has no status codepipeline/%s", repository, sha, name)
	}
	return s
}

func app(name string, build pipelinetest.Action, sources ...pipelinetest.Action) pipelinetest.Pipeline {
	if build.Type.Category != "Approval" {
		build.Inputs = sources[0].Outputs
	}
	return pipelinetest.Pipeline{Name: name, Stages: []pipelinetest.Stage{
		{Name: "Source", Actions: sources},
		{Name: "Build", Actions: []pipelinetest.Action{build}},
		{Name: "Deploy", Actions: []pipelinetest.Action{pipelinetest.CodeDeployAction("Fleet", "App", "Group", sources[0].Outputs[0])}},
	}}
}

func build() pipelinetest.Action { return pipelinetest.CodeBuildAction("Unit-tests", "project") }

// failing fails in the first attempts.
func failing(attempts int) pipelinetest.Action {
	b := build()
	b.Run = func(run pipelinetest.ActionRun) pipelinetest.Outcome {
		if run.Attempt <= attempts {
			return pipelinetest.Outcome{State: pipelinetest.StateFailed, Summary: "Build terminated with state: FAILED"}
		}
		return pipelinetest.Outcome{}
	}
	return b
}

func TestProviders(t *testing.T) {
	t.Parallel()
	ok := map[string][]string{"codepipeline/app": {"pending", "success"}}
	for _, test := range []struct {
		name      string
		sources   []pipelinetest.Action
		revisions map[string]string
		hello     map[string][]string // of octo/hello@commitA
		lib       map[string][]string // of octo/lib@commitB
		corp      map[string][]string // of corp/app@commitA
	}{
		{
			name:      "GitHub version 1",
			sources:   []pipelinetest.Action{pipelinetest.GitHubSource("Src", "octo", "hello", "main")},
			revisions: map[string]string{"Src": commitA},
			hello:     ok,
		},
		{
			name:      "connection to GitHub",
			sources:   []pipelinetest.Action{pipelinetest.ConnectionSource("Src", gitHub, "octo/hello", "main")},
			revisions: map[string]string{"Src": commitA},
			hello:     ok,
		},
		{
			name:      "GitHub Enterprise Server",
			sources:   []pipelinetest.Action{pipelinetest.ConnectionSource("Src", ghes, "corp/app", "main")},
			revisions: map[string]string{"Src": commitA},
			corp:      ok,
		},
		{
			name: "several sources, not the first one only",
			sources: []pipelinetest.Action{
				pipelinetest.CodeCommitSource("A-infrastructure", "infra", "main"),
				pipelinetest.S3Source("B-data", "bucket", "data.zip"),
				pipelinetest.ConnectionSource("C-corp", ghes, "corp/app", "main"),
				pipelinetest.ConnectionSource("D-lib", gitHub, "octo/lib", "main"),
				pipelinetest.GitHubSource("E-hello", "octo", "hello", "main"),
			},
			revisions: map[string]string{"C-corp": commitA, "D-lib": commitB, "E-hello": commitA},
			hello:     ok, lib: ok, corp: ok,
		},
		{
			name: "two sources of one commit",
			sources: []pipelinetest.Action{
				pipelinetest.GitHubSource("Old", "octo", "hello", "main"),
				pipelinetest.ConnectionSource("New", gitHub, "Octo/Hello", "main"),
			},
			revisions: map[string]string{"Old": commitA, "New": commitA},
			hello:     ok,
		},
		{
			name:    "CodeCommit only",
			sources: []pipelinetest.Action{pipelinetest.CodeCommitSource("Src", "infra", "main")},
		},
		{
			name: "other providers",
			sources: []pipelinetest.Action{
				pipelinetest.ConnectionSource("A", pipelinetest.Connection{ProviderType: "Bitbucket"}, "octo/hello", "main"),
				pipelinetest.ConnectionSource("B", pipelinetest.Connection{ProviderType: "GitLab"}, "octo/sub/hello", "main"),
				pipelinetest.ECRSource("C", "octo/hello", "latest"),
				pipelinetest.S3Source("D", "bucket", "octo/hello.zip"),
			},
			revisions: map[string]string{"A": commitA, "B": commitA},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t, app("app", build(), test.sources...))
			s.start(t, "app", pipelinetest.Trigger{}, test.revisions)
			s.Settle()
			s.noErrors(t)
			for _, c := range []struct {
				server          *githubtest.Server
				repository, sha string
				want            map[string][]string
			}{
				{s.github, "octo/hello", commitA, test.hello},
				{s.github, "octo/lib", commitB, test.lib},
				{s.ghe, "corp/app", commitA, test.corp},
			} {
				if c.want == nil {
					c.want = map[string][]string{}
				}
				checkHistory(t, c.server, c.repository, c.sha, c.want)
			}
			if test.hello == nil && s.github.Count("") > 0 {
				t.Error("GitHub was called for nothing")
			}
		})
	}
}

func TestStates(t *testing.T) {
	t.Parallel()
	source := pipelinetest.GitHubSource("Src", "octo", "hello", "main")
	revisions := map[string]string{"Src": commitA}
	approval := pipelinetest.ApprovalAction("Review")
	for _, test := range []struct {
		name        string
		pipeline    pipelinetest.Pipeline
		trigger     pipelinetest.Trigger
		options     func(*pipelinestatus.Options)
		drive       func(t *testing.T, s *scene, id string)
		want        map[string][]string
		description string // of codepipeline/app
	}{
		{
			name: "failure names stage, action and reason", pipeline: app("app", failing(1), source),
			want:        map[string][]string{"codepipeline/app": {"pending", "failure"}},
			description: "Build/Unit-tests failed: Build terminated with state: FAILED",
		},
		{
			name: "retry reopens", pipeline: app("app", failing(2), source),
			drive: func(t *testing.T, s *scene, id string) {
				for range 2 {
					if err := s.pipelines.Retry(t.Context(), "app", id, "Build", ""); err != nil {
						t.Fatal(err)
					}
					s.Settle()
				}
			},
			want:        map[string][]string{"codepipeline/app": {"pending", "failure", "pending", "failure", "pending", "success"}},
			description: "Succeeded",
		},
		{
			name: "stop", pipeline: app("app", approval, source),
			drive: func(t *testing.T, s *scene, id string) {
				if err := s.pipelines.Stop(t.Context(), "app", id, func(o *pipeline.StopOptions) { o.Reason = "wrong  branch"; o.Abandon = true }); err != nil {
					t.Fatal(err)
				}
				s.Settle()
			},
			// Running, waiting for approval, stopping: each is pending.
			want:        map[string][]string{"codepipeline/app": {"pending", "pending", "pending", "error"}},
			description: "Stopped: wrong branch",
		},
		{
			name: "approval", pipeline: app("app", approval, source),
			want:        map[string][]string{"codepipeline/app": {"pending", "pending"}},
			description: "Waiting for approval: Build/Review",
		},
		{
			name: "canceled", pipeline: app("app", approval, source),
			drive: func(t *testing.T, s *scene, _ string) {
				if err := s.Update(app("app", build(), source)); err != nil {
					t.Fatal(err)
				}
				s.Settle()
			},
			want:        map[string][]string{"codepipeline/app": {"pending", "pending", "error"}},
			description: "Canceled",
		},
		{
			name: "superseded", pipeline: app("app", approval, source),
			drive: func(t *testing.T, s *scene, _ string) {
				s.start(t, "app", pipelinetest.Trigger{}, map[string]string{"Src": commitB})
				s.Settle() // waits for the stage
				s.start(t, "app", pipelinetest.Trigger{}, map[string]string{"Src": sha})
				s.github.AddRepository("octo/hello", sha)
				s.Settle()
				checkHistory(t, s.github, "octo/hello", commitB, map[string][]string{"codepipeline/app": {"pending", "error"}})
				if got := newest(t, s.github, "octo/hello", commitB, "app"); got.Description != "Superseded by a newer execution" {
					t.Errorf("description %q", got.Description)
				}
			},
			want: map[string][]string{"codepipeline/app": {"pending", "pending"}},
		},
		{
			name: "superseded as a success", pipeline: app("app", approval, source),
			options: func(o *pipelinestatus.Options) {
				o.States = map[string]githubstatus.State{"SUPERSEDED": githubstatus.StateSuccess}
			},
			drive: func(t *testing.T, s *scene, _ string) {
				s.start(t, "app", pipelinetest.Trigger{}, map[string]string{"Src": commitB})
				s.Settle()
				s.start(t, "app", pipelinetest.Trigger{}, map[string]string{"Src": sha})
				s.github.AddRepository("octo/hello", sha)
				s.Settle()
				checkHistory(t, s.github, "octo/hello", commitB, map[string][]string{"codepipeline/app": {"pending", "success"}})
			},
			want: map[string][]string{"codepipeline/app": {"pending", "pending"}},
		},
		{
			name: "stages and actions", pipeline: app("app", failing(1), source),
			options: func(o *pipelinestatus.Options) { o.Stages, o.Actions = true, true },
			want: map[string][]string{
				"codepipeline/app":                  {"pending", "failure"},
				"codepipeline/app/Source":           {"success"},
				"codepipeline/app/Source/Src":       {"success"},
				"codepipeline/app/Build":            {"pending", "failure"},
				"codepipeline/app/Build/Unit-tests": {"pending", "failure"},
			},
		},
		{
			name: "only what has ended", pipeline: app("app", build(), source),
			options: func(o *pipelinestatus.Options) {
				o.States = map[string]githubstatus.State{"STARTED": pipelinestatus.Skip, "RESUMED": pipelinestatus.Skip, "STOPPING": pipelinestatus.Skip}
			},
			want: map[string][]string{"codepipeline/app": {"success"}},
		},
		{
			name: "own context", pipeline: app("app", build(), source),
			options: func(o *pipelinestatus.Options) {
				o.Context = func(s pipelinestatus.Subject) string { return s.Account + "/" + s.Region + "/" + s.Pipeline }
			},
			want: map[string][]string{"111122223333/us-east-1/app": {"pending", "success"}},
		},
		{
			name: "commit of the trigger", pipeline: app("app", build(), source),
			trigger: pipelinetest.Trigger{ProviderType: "GitHub", FullRepositoryName: "octo/hello", Branch: "main", CommitID: commitA, CommitMessage: "Fix it"},
			want:    map[string][]string{"codepipeline/app": {"pending", "success"}},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t, test.pipeline)
			if test.options != nil {
				s.options = append(s.options, test.options)
			}
			id := s.start(t, "app", test.trigger, revisions)
			s.Settle()
			if test.drive != nil {
				test.drive(t, s, id)
			}
			s.noErrors(t)
			checkHistory(t, s.github, "octo/hello", commitA, test.want)
			if test.description != "" {
				got := newest(t, s.github, "octo/hello", commitA, "app")
				if !strings.HasPrefix(got.Description, test.description) {
					t.Errorf("description %q, want %q", got.Description, test.description)
				}
				if want := pipeline.ConsoleURL("us-east-1", "app", id); got.TargetURL != want {
					t.Errorf("target %q, want %q", got.TargetURL, want)
				}
			}
		})
	}
}

func TestTwoPipelines(t *testing.T) {
	t.Parallel()
	source := pipelinetest.GitHubSource("Src", "octo", "hello", "main")
	s := newScene(t, app("app", build(), source), app("docs", failing(1), source))
	for _, name := range []string{"app", "docs"} {
		s.start(t, name, pipelinetest.Trigger{}, map[string]string{"Src": commitA})
	}
	s.Settle()
	s.noErrors(t)
	checkHistory(t, s.github, "octo/hello", commitA, map[string][]string{
		"codepipeline/app":  {"pending", "success"},
		"codepipeline/docs": {"pending", "failure"},
	})
}

// A webhook and a manual start of one commit: the one that started last counts,
// although the other one ends after it.
func TestTwoExecutions(t *testing.T) {
	t.Parallel()
	p := app("app", build(), pipelinetest.GitHubSource("Src", "octo", "hello", "main"))
	p.ExecutionMode = "PARALLEL"
	s := newScene(t, p)
	first := s.start(t, "app", pipelinetest.Trigger{}, map[string]string{"Src": commitA})
	second := s.start(t, "app", pipelinetest.Trigger{}, map[string]string{"Src": commitA})
	for range 4 { // into the source stage
		s.Advance(first)
	}
	s.Settle(second)
	s.Settle(first)
	s.noErrors(t)
	if got := newest(t, s.github, "octo/hello", commitA, "app"); got.State != "success" || !strings.Contains(got.TargetURL, second) {
		t.Errorf("the status is %+v, want that of %s", got, second)
	}
}

func TestRollback(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		options func(*pipelinestatus.Options)
		want    map[string][]string
	}{
		{"left out", func(*pipelinestatus.Options) {}, map[string][]string{"codepipeline/app": {"pending", "success"}}},
		{"in its own context", func(o *pipelinestatus.Options) { o.Rollbacks = true }, map[string][]string{
			"codepipeline/app":            {"pending", "success"},
			"codepipeline/app (rollback)": {"pending", "success"},
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t, app("app", build(), pipelinetest.GitHubSource("Src", "octo", "hello", "main")))
			s.options = append(s.options, test.options)
			target := s.start(t, "app", pipelinetest.Trigger{}, map[string]string{"Src": commitA})
			s.Settle()
			s.start(t, "app", pipelinetest.Trigger{}, map[string]string{"Src": commitB})
			s.Settle()
			if _, err := s.pipelines.Rollback(t.Context(), "app", "Deploy", target); err != nil {
				t.Fatal(err)
			}
			s.Settle()
			s.noErrors(t)
			checkHistory(t, s.github, "octo/hello", commitA, test.want)
		})
	}
}

// A rollback has a context of its own also when a newer execution is about the
// same commit.
func TestRollbackAndNewer(t *testing.T) {
	t.Parallel()
	s := newScene(t, app("app", build(), pipelinetest.GitHubSource("Src", "octo", "hello", "main")))
	s.options = append(s.options, func(o *pipelinestatus.Options) { o.Rollbacks = true })
	target := s.start(t, "app", pipelinetest.Trigger{}, map[string]string{"Src": commitA})
	s.Settle()
	s.start(t, "app", pipelinetest.Trigger{}, map[string]string{"Src": commitB})
	s.Settle()
	rollback, err := s.pipelines.Rollback(t.Context(), "app", "Deploy", target)
	if err != nil {
		t.Fatal(err)
	}
	s.Settle(s.start(t, "app", pipelinetest.Trigger{}, map[string]string{"Src": commitA}))
	s.Settle(rollback)
	s.Settle()
	s.noErrors(t)
	for name, got := range s.github.Newest("octo/hello", commitA) {
		if got.State != "success" {
			t.Errorf("%s is %s: %s", name, got.State, got.Description)
		}
	}
	newest(t, s.github, "octo/hello", commitA, "app (rollback)")
}

// Events twice and in another order, each in a process of its own.
func TestReordered(t *testing.T) {
	t.Parallel()
	for seed := range uint64(5) {
		s := newScene(t, app("app", failing(1), pipelinetest.GitHubSource("Src", "octo", "hello", "main"),
			pipelinetest.ConnectionSource("Lib", gitHub, "octo/lib", "main")))
		s.cold = true
		s.SetDelivery(pipelinetest.Delivery{DuplicateRate: 0.4, Reorder: 12, Seed: seed})
		id := s.start(t, "app", pipelinetest.Trigger{}, map[string]string{"Src": commitA, "Lib": commitB})
		s.Settle()
		if got := newest(t, s.github, "octo/hello", commitA, "app"); got.State != "failure" {
			t.Errorf("seed %d: %+v, want failure", seed, got)
		}
		if err := s.pipelines.Retry(t.Context(), "app", id, "Build", ""); err != nil {
			t.Fatal(err)
		}
		s.Settle()
		s.noErrors(t)
		for repository, sha := range map[string]string{"octo/hello": commitA, "octo/lib": commitB} {
			if got := newest(t, s.github, repository, sha, "app"); got.State != "success" {
				t.Errorf("seed %d: %s: %+v, want success", seed, repository, got)
			}
		}
	}
}

func TestHosts(t *testing.T) {
	t.Parallel()
	sources := []pipelinetest.Action{
		pipelinetest.ConnectionSource("Corp", ghes, "corp/app", "main"),
		pipelinetest.GitHubSource("Src", "octo", "hello", "main"),
	}
	for _, test := range []struct {
		name  string
		setup func(*scene, *pipelinestatus.Options)
		err   string // "" for none
	}{
		{name: "no client", setup: func(_ *scene, o *pipelinestatus.Options) { o.Hosts = nil }, err: "git.example.com: add one to Options.Hosts"},
		{name: "host not known", setup: func(s *scene, o *pipelinestatus.Options) {
			s.pipelines = pipeline.Open(s.Config(), func(o *pipeline.Options) { o.Connections = nil })
		}, err: "set Options.Connections"},
		{name: "connection configured", setup: func(s *scene, o *pipelinestatus.Options) {
			s.pipelines = pipeline.Open(s.Config(), func(o *pipeline.Options) { o.Connections = nil })
			o.Connections = map[string]string{sources[0].Configuration["ConnectionArn"]: gheHost}
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t, app("app", build(), sources...))
			s.options = append(s.options, func(o *pipelinestatus.Options) { test.setup(s, o) })
			s.fresh() // for the pipelines that setup changes
			s.start(t, "app", pipelinetest.Trigger{}, map[string]string{"Corp": commitA, "Src": commitA})
			s.Settle()
			want := map[string][]string{"codepipeline/app": {"pending", "success"}}
			checkHistory(t, s.github, "octo/hello", commitA, want)
			if test.err == "" {
				s.noErrors(t)
				checkHistory(t, s.ghe, "corp/app", commitA, want)
				return
			}
			err := errors.Join(s.errs...)
			if err == nil || !strings.Contains(err.Error(), test.err) || !errors.Is(err, githubstatus.ErrHost) || !githubstatus.Permanent(err) {
				t.Errorf("error %v, permanent %v; want a permanent ErrHost with %q", err, githubstatus.Permanent(err), test.err)
			}
		})
	}
}

// A failed call is an error, so that the event comes again, and does not keep
// other commits from being reported.
func TestErrors(t *testing.T) {
	t.Parallel()
	sources := []pipelinetest.Action{
		pipelinetest.GitHubSource("Gone", "octo", "gone", "main"),
		pipelinetest.GitHubSource("Src", "octo", "hello", "main"),
	}
	s := newScene(t, app("app", build(), sources...))
	s.start(t, "app", pipelinetest.Trigger{}, map[string]string{"Gone": commitA, "Src": commitA})
	s.Settle()
	checkHistory(t, s.github, "octo/hello", commitA, map[string][]string{"codepipeline/app": {"pending", "success"}})
	if len(s.errs) == 0 {
		t.Fatal("no error for a repository that does not exist")
	}
	for _, err := range s.errs {
		if !errors.Is(err, githubstatus.ErrNotFound) || !githubstatus.Permanent(err) {
			t.Errorf("error %v, permanent %v; want a permanent ErrNotFound", err, githubstatus.Permanent(err))
		}
		if strings.Contains(err.Error(), githubtest.Token) {
			t.Errorf("the error holds the token: %v", err)
		}
	}
	// CodePipeline is down: nothing is known, so nothing is set.
	s.errs = nil
	s.SetFaults(pipelinetest.Faults{ErrorRate: 1})
	s.OnEvent(nil)
	err := s.fresh().Report(t.Context(), &events.PipelineExecutionStateChange{
		Header: events.Header{Account: "111122223333", Region: s.Config().Region}, Pipeline: "app", ExecutionID: "x", State: "STARTED",
	})
	if err == nil || githubstatus.Permanent(err) {
		t.Errorf("error %v, permanent %v; want one that may pass", err, githubstatus.Permanent(err))
	}
}
