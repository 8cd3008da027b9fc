package pipelinestatus_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/githubstatus"
	"github.com/codesuite-go/codesuite/githubstatus/pipelinestatus"
	"github.com/codesuite-go/codesuite/pipeline"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// useCheckRuns lets the scene's Reporter set check runs on github as the App 7.
func (s *scene) useCheckRuns(t *testing.T) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	text := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
	s.github.AddApp(7, 70, &key.PublicKey)
	auth := githubstatus.App(7, func(context.Context) (string, error) { return text, nil })
	s.setter = githubstatus.New(auth, func(o *githubstatus.Options) { o.BaseURL = s.github.URL() }).Checks()
}

// conclusions lists all conclusions that the check runs of a name have had, and
// what is not completed.
func (s *scene) conclusions(repository, sha, name string) []string {
	var out []string
	for _, run := range s.github.CheckRuns(repository, sha) {
		if run.Name != name {
			continue
		}
		out = append(out, run.Conclusions...)
		if run.Status != "completed" {
			out = append(out, run.Status)
		}
	}
	return out
}

// A required check of an execution that did not run to its end never passes.
func TestCheckRuns(t *testing.T) {
	t.Parallel()
	source := pipelinetest.GitHubSource("Src", "octo", "hello", "main")
	approval := pipelinetest.ApprovalAction("Review")
	for _, test := range []struct {
		name     string
		pipeline pipelinetest.Pipeline
		drive    func(t *testing.T, s *scene, id string)
		want     []string // of octo/hello@commitA
		other    []string // of octo/hello@commitB
		title    string
	}{
		{name: "success", pipeline: app("app", build(), source), want: []string{"success"}, title: "Succeeded"},
		{name: "failure", pipeline: app("app", failing(1), source), want: []string{"failure"}, title: "Build/Unit-tests failed: Build terminated with state: FAILED"},
		{
			name: "retry", pipeline: app("app", failing(1), source),
			drive: func(t *testing.T, s *scene, id string) {
				if err := s.pipelines.Retry(t.Context(), "app", id, "Build", ""); err != nil {
					t.Fatal(err)
				}
				s.Settle()
			},
			want: []string{"failure", "success"}, title: "Succeeded",
		},
		{name: "running", pipeline: app("app", approval, source), want: []string{"in_progress"}, title: "Waiting for approval: Build/Review"},
		{
			name: "stopped", pipeline: app("app", approval, source),
			drive: func(t *testing.T, s *scene, id string) {
				if err := s.pipelines.Stop(t.Context(), "app", id, func(o *pipeline.StopOptions) { o.Reason, o.Abandon = "wrong branch", true }); err != nil {
					t.Fatal(err)
				}
				s.Settle()
			},
			want: []string{"cancelled"}, title: "Stopped: wrong branch",
		},
		{
			name: "canceled", pipeline: app("app", approval, source),
			drive: func(t *testing.T, s *scene, _ string) {
				if err := s.Update(app("app", build(), source)); err != nil {
					t.Fatal(err)
				}
				s.Settle()
			},
			want: []string{"cancelled"}, title: "Canceled",
		},
		{
			name: "superseded", pipeline: app("app", approval, source),
			drive: func(t *testing.T, s *scene, _ string) {
				s.start(t, "app", pipelinetest.Trigger{}, map[string]string{"Src": commitB})
				s.Settle()
				s.start(t, "app", pipelinetest.Trigger{}, map[string]string{"Src": sha})
				s.github.AddRepository("octo/hello", sha)
				s.Settle()
			},
			want: []string{"in_progress"}, other: []string{"cancelled"}, title: "Waiting for approval",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t, test.pipeline)
			s.useCheckRuns(t)
			id := s.start(t, "app", pipelinetest.Trigger{}, map[string]string{"Src": commitA})
			s.Settle()
			if test.drive != nil {
				test.drive(t, s, id)
			}
			s.noErrors(t)
			if diff := cmp.Diff(test.want, s.conclusions("octo/hello", commitA, "codepipeline/app")); diff != "" {
				t.Errorf("conclusions (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.other, s.conclusions("octo/hello", commitB, "codepipeline/app")); diff != "" {
				t.Errorf("conclusions of the other commit (-want +got):\n%s", diff)
			}
			runs := s.github.CheckRuns("octo/hello", commitA)
			last := runs[len(runs)-1]
			if last.ExternalID != id || last.DetailsURL != pipeline.ConsoleURL("us-east-1", "app", id) || !strings.HasPrefix(last.Title, test.title) ||
				!strings.Contains(last.Summary, "| Source | Src | Succeeded |") {
				t.Errorf("the last check run is %+v", last)
			}
			if n := len(s.github.Statuses("octo/hello", commitA)); n > 0 {
				t.Errorf("there are %d statuses beside the check runs", n)
			}
		})
	}
}

// Stages and actions have check runs of their own, which end with the execution.
func TestCheckRunsOfStages(t *testing.T) {
	t.Parallel()
	s := newScene(t, app("app", failing(1), pipelinetest.GitHubSource("Src", "octo", "hello", "main")))
	s.useCheckRuns(t)
	s.options = append(s.options, func(o *pipelinestatus.Options) { o.Stages, o.Actions = true, true })
	s.start(t, "app", pipelinetest.Trigger{}, map[string]string{"Src": commitA})
	s.Settle()
	s.noErrors(t)
	var got []string
	for _, run := range s.github.CheckRuns("octo/hello", commitA) {
		got = append(got, run.Name+" "+strings.Join(run.Conclusions, ","))
	}
	slices.Sort(got)
	want := []string{
		"codepipeline/app failure", "codepipeline/app/Build failure", "codepipeline/app/Build/Unit-tests failure",
		"codepipeline/app/Source success", "codepipeline/app/Source/Src success",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("check runs (-want +got):\n%s", diff)
	}
}
