package pipelinestatus_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/events/pattern"
	"github.com/codesuite-go/codesuite/githubstatus"
	"github.com/codesuite-go/codesuite/githubstatus/pipelinestatus"
	"github.com/codesuite-go/codesuite/pipeline"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// printer stands for a *githubstatus.Client, and execution for a
// *pipeline.Client.
type printer struct{}

func (printer) Set(_ context.Context, commit githubstatus.Commit, status githubstatus.Status) error {
	fmt.Println(commit)
	fmt.Println(status.Context, status.State)
	fmt.Println(status.Description)
	fmt.Println(status.TargetURL)
	return nil
}

type execution pipeline.Execution

func (e *execution) Execution(context.Context, string, string) (*pipeline.Execution, error) {
	return (*pipeline.Execution)(e), nil
}

func ExampleReporter() {
	executions := &execution{ // pipeline.Open(cfg)
		Pipeline: "website",
		Status:   pipeline.StatusFailed,
		Actions: []pipeline.ActionExecution{
			{Stage: "Build", Action: "Unit-tests", Status: pipeline.ActionFailed, Summary: "Build terminated with state: FAILED"},
		},
		Revisions: []pipeline.Revision{{
			Provider: events.ProviderGitHub, Host: "github.com", Repository: "octo/website",
			ID: "6dcb09b5b57875f334f61aebed695e2e4193db5e",
		}},
	}
	reporter := pipelinestatus.New(executions, printer{}) // githubstatus.New(githubstatus.TokenSource(...))

	var mux events.Mux
	if err := reporter.Register(&mux); err != nil {
		fmt.Println(err)
		return
	}
	// lambda.Start(&mux) invokes it with what EventBridge delivers.
	_, err := mux.Invoke(context.Background(), []byte(`{
		"source": "aws.codepipeline",
		"detail-type": "CodePipeline Pipeline Execution State Change",
		"account": "111122223333",
		"region": "eu-central-1",
		"time": "2026-03-01T12:00:00Z",
		"detail": {"pipeline": "website", "execution-id": "5f6c1a9e-4f6b-4a56-9d5c-1c5c1f0e7a11", "state": "FAILED", "version": 3.0}
	}`))
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// octo/website@6dcb09b5b57875f334f61aebed695e2e4193db5e
	// codepipeline/website failure
	// Build/Unit-tests failed: Build terminated with state: FAILED
	// https://eu-central-1.console.aws.amazon.com/codesuite/codepipeline/pipelines/website/executions/5f6c1a9e-4f6b-4a56-9d5c-1c5c1f0e7a11/timeline?region=eu-central-1
}

// A test without AWS and GitHub: pipelinetest has the pipeline, and a server of
// net/http/httptest stands for GitHub.
func ExampleNew() {
	github := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			fmt.Fprint(w, "[]") // which statuses the commit has
			return
		}
		var status struct{ State, Description, Context string }
		if err := json.NewDecoder(r.Body).Decode(&status); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		fmt.Println(r.URL.Path, status.Context, status.State, status.Description)
		w.WriteHeader(http.StatusCreated)
		fmt.Fprint(w, "{}")
	}))
	defer github.Close()
	source := pipelinetest.GitHubSource("Source", "octo", "app", "main")
	source.Revision = &pipelinetest.Revision{ID: "6dcb09b5b57875f334f61aebed695e2e4193db5e"}
	server, err := pipelinetest.Start(pipelinetest.Pipeline{Name: "app", Stages: []pipelinetest.Stage{ // NewServer(t, ...) in a test
		{Name: "Source", Actions: []pipelinetest.Action{source}},
		{Name: "Build", Actions: []pipelinetest.Action{pipelinetest.CodeBuildAction("Build", "app", "SourceArtifact")}},
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()

	client := githubstatus.New(githubstatus.Token("token"), func(o *githubstatus.Options) { o.BaseURL = github.URL })
	reporter := pipelinestatus.New(pipeline.Open(server.Config()), client)
	var mux events.Mux
	if err := reporter.Register(&mux); err != nil {
		fmt.Println(err)
		return
	}
	server.OnEvent(func(payload []byte) {
		if _, err := mux.Invoke(context.Background(), payload); err != nil {
			fmt.Println(err)
		}
	})
	if _, err := server.StartExecution("app", pipelinetest.Trigger{Type: "CloudWatchEvent"}); err != nil {
		fmt.Println(err)
		return
	}
	server.Settle()
	// Output:
	// /repos/octo/app/statuses/6dcb09b5b57875f334f61aebed695e2e4193db5e codepipeline/app pending Running
	// /repos/octo/app/statuses/6dcb09b5b57875f334f61aebed695e2e4193db5e codepipeline/app success Succeeded
}

// The EventPattern of the rule that invokes the function.
func ExampleReporter_Pattern() {
	reporter := pipelinestatus.New(&execution{}, printer{})
	rule, err := reporter.Pattern(pattern.Equals("website"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(rule)
	// Output:
	// {"$or":[{"source":["aws.codepipeline"],"detail-type":["CodePipeline Pipeline Execution State Change"],"detail":{"pipeline":["website"]}},{"source":["aws.codepipeline"],"detail-type":["CodePipeline Action Execution State Change"],"detail":{"pipeline":["website"],"state":["SUCCEEDED"],"type":{"category":["Source"]}}},{"source":["aws.codepipeline"],"detail-type":["CodePipeline Action Execution State Change"],"detail":{"pipeline":["website"],"type":{"category":["Approval"]}}}]}
}

// A superseded execution as a success, contexts that name the Region, and a
// GitHub Enterprise Server.
func ExampleOptions() {
	baseURL, err := githubstatus.BaseURL("git.example.com")
	if err != nil {
		fmt.Println(err)
		return
	}
	ghes := githubstatus.New(githubstatus.Token("..."), func(o *githubstatus.Options) { o.BaseURL = baseURL })
	reporter := pipelinestatus.New(&execution{}, printer{}, func(o *pipelinestatus.Options) {
		o.States = map[string]githubstatus.State{"SUPERSEDED": githubstatus.StateSuccess}
		o.Context = func(s pipelinestatus.Subject) string { return "codepipeline/" + s.Region + "/" + s.Pipeline }
		o.Hosts = githubstatus.Hosts{"git.example.com": ghes}
	})
	fmt.Println(reporter.Register(new(events.Mux)))

	// What would leave commits pending is an error.
	reporter = pipelinestatus.New(&execution{}, printer{}, func(o *pipelinestatus.Options) {
		o.States = map[string]githubstatus.State{"STOPPED": githubstatus.StatePending}
	})
	fmt.Println(reporter.Register(new(events.Mux)))
	// Output:
	// <nil>
	// pipelinestatus: option States["STOPPED"]: what has ended cannot be pending: no event would end that; use error or success
}

// Two organizations with a token each, as a Lambda function.
func ExampleNew_twoOrganizations() {
	secret := func(name string) githubstatus.Auth { // from Secrets Manager, for instance
		return githubstatus.TokenSource(func(context.Context) (string, error) { return "...", nil })
	}
	client := githubstatus.New(githubstatus.ByOwner(map[string]githubstatus.Auth{
		"octo": secret("github/octo"),
		"corp": secret("github/corp"),
	}))
	reporter := pipelinestatus.New(&execution{}, client) // pipeline.Open(cfg)
	var mux events.Mux
	fmt.Println(reporter.Register(&mux)) // lambda.Start(&mux)
	// Output:
	// <nil>
}

// One GitHub App that several organizations have installed, with check runs in place
// of statuses, as a Lambda function.
func ExampleNew_gitHubApp() {
	key := func(context.Context) (string, error) { return "-----BEGIN RSA PRIVATE KEY-----...", nil } // from Secrets Manager, for instance
	checks := githubstatus.New(githubstatus.App(12345, key)).Checks()
	reporter := pipelinestatus.New(&execution{}, checks, func(o *pipelinestatus.Options) { // pipeline.Open(cfg)
		o.Account = "111122223333"
		// Only the default branches.
		o.Include = func(r pipeline.Revision) bool { return r.Branch == "main" || r.Branch == "" }
	})
	var mux events.Mux
	fmt.Println(reporter.Register(&mux)) // lambda.Start(&mux)
	// Output:
	// <nil>
}
