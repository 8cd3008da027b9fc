package pipelinetest_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// What sources tell, by provider.
func TestProviders(t *testing.T) {
	t.Parallel()
	const date = "2026-05-07T13:22:34Z"
	connection := pipelinetest.Connection{ARN: "arn:aws:codestar-connections:us-east-1:111122223333:connection/c", ProviderType: "Bitbucket"}
	for _, test := range []struct {
		action    pipelinetest.Action
		revision  pipelinetest.Revision
		want      events.ExecutionResult
		variables map[string]string
	}{
		{
			pipelinetest.ConnectionSource("Source", connection, "owner/repo", "feature/x"),
			pipelinetest.Revision{ID: commit, Message: "Fix <it>\n"},
			events.ExecutionResult{ExternalExecutionID: commit, Summary: `{"ProviderType":"Bitbucket","CommitMessage":"Fix <it>\n"}`,
				URL: "https://us-east-1.console.aws.amazon.com/codesuite/settings/connections/redirect?connectionArn=" + connection.ARN +
					"&referenceType=COMMIT&FullRepositoryId=owner/repo&Commit=" + commit},
			map[string]string{"AuthorDate": date, "BranchName": "feature/x", "CommitId": commit, "CommitMessage": "Fix <it>\n",
				"ConnectionArn": connection.ARN, "FullRepositoryName": "owner/repo"},
		},
		{
			pipelinetest.CodeCommitSource("Source", "repo", "main"),
			pipelinetest.Revision{ID: commit, Message: "Renamed\n"},
			events.ExecutionResult{ExternalExecutionID: commit, Summary: "Renamed\n",
				URL: "https://console.aws.amazon.com/codecommit/home?region=us-east-1#/repository/repo/commit/" + commit},
			map[string]string{"AuthorDate": date, "BranchName": "main", "CommitId": commit, "CommitMessage": "Renamed\n", "CommitterDate": date, "RepositoryName": "repo"},
		},
		{
			pipelinetest.GitHubSource("Source", "owner", "repo", "main"),
			pipelinetest.Revision{ID: commit, Message: "m", Summary: "another summary", URL: "https://api.github.com/repos/owner/repo/git/commits/" + commit},
			events.ExecutionResult{ExternalExecutionID: commit, Summary: "another summary", URL: "https://api.github.com/repos/owner/repo/git/commits/" + commit},
			map[string]string{"AuthorDate": date, "BranchName": "main", "CommitId": commit, "CommitMessage": "m", "CommitterDate": date, "RepositoryName": "owner/repo",
				"CommitUrl": "https://api.github.com/repos/owner/repo/git/commits/" + commit},
		},
		{
			pipelinetest.S3Source("Source", "bucket", "key.zip"),
			pipelinetest.Revision{ID: "CXkyGc4T_6.0ZrS3vwWYfF1NHHYqGtmh"},
			events.ExecutionResult{ExternalExecutionID: "CXkyGc4T_6.0ZrS3vwWYfF1NHHYqGtmh", Summary: "Amazon S3 version id: CXkyGc4T_6.0ZrS3vwWYfF1NHHYqGtmh"},
			map[string]string{"ETag": "", "VersionId": "CXkyGc4T_6.0ZrS3vwWYfF1NHHYqGtmh"},
		},
		{
			pipelinetest.ECRSource("Source", "app", "v1"),
			pipelinetest.Revision{ID: "sha256:1", URL: pipelinetest.NoURL},
			events.ExecutionResult{ExternalExecutionID: "sha256:1"},
			map[string]string{"ImageDigest": "sha256:1", "ImageTag": "v1", "ImageURI": "111122223333.dkr.ecr.us-east-1.amazonaws.com/app@sha256:1",
				"RegistryId": "111122223333", "RepositoryName": "app"},
		},
	} {
		test.action.Revision = &test.revision
		p := app()
		p.Stages[0].Actions[0] = test.action
		server, client := newServer(t, p)
		id := begin(t, server, "app")
		server.Settle()
		diff(t, test.action.Type.Provider, &test.want, decode[*events.ActionExecutionStateChange](t, server.Events()[3]).Result)
		list := actions(t, client, "app", id)
		got := list[len(list)-1].Output.OutputVariables
		diff(t, test.action.Type.Provider+" variables", test.variables, got,
			cmpopts.IgnoreMapEntries(func(key, _ string) bool { return key == "ETag" }))
		diff(t, "names of variables", slices.Sorted(maps.Keys(test.variables)), slices.Sorted(maps.Keys(got)))
	}
}

func TestSources(t *testing.T) {
	t.Parallel()
	connection := pipelinetest.Connection{ARN: "arn:aws:codeconnections:us-east-1:111122223333:connection/c"}
	custom := pipelinetest.CustomAction("Custom", "Source", "Subversion", "1", nil)
	custom.Outputs = []string{"CustomArtifact"}
	custom.Run = func(pipelinetest.ActionRun) pipelinetest.Outcome {
		return pipelinetest.Outcome{Revision: &pipelinetest.Revision{ID: "r42", Message: "Branch", ChangeID: "c42"}}
	}
	fails := pipelinetest.S3Source("Fails", "bucket", "key")
	fails.Run = failFirst
	p := app()
	p.Stages[0].Actions = append(p.Stages[0].Actions, pipelinetest.ConnectionSource("Connection", connection, "group/sub/app", "feature/x"),
		pipelinetest.CodeCommitSource("Commit", "app", "main"), custom, fails)
	server, client := newServer(t, p)
	id := begin(t, server, "app")
	server.Settle()
	revisions := func() map[string]string {
		got := make(map[string]string)
		for _, r := range get(t, client, "app", id).ArtifactRevisions {
			got[*r.Name] = *r.RevisionSummary
		}
		return got
	}
	if got := revisions(); len(got) != 4 || got["CustomArtifact"] != "Branch" {
		t.Errorf("revisions %v", got)
	}
	if a := actions(t, client, "app", id)[0]; a.Status != "Failed" || *a.Output.ExecutionResult.ExternalExecutionSummary != "The source action failed" {
		t.Errorf("action %+v", a)
	}
	state, err := client.GetPipelineState(t.Context(), &awscodepipeline.GetPipelineStateInput{Name: aws.String("app")})
	if err != nil {
		t.Fatal(err)
	}
	var entities []string
	for _, a := range state.StageStates[0].ActionStates {
		entities = append(entities, aws.ToString(a.EntityUrl))
	}
	diff(t, "entity URLs", []string{
		"https://github.com/octo/app/tree/main",
		"https://us-east-1.console.aws.amazon.com/codesuite/settings/connections/redirect?connectionArn=" + connection.ARN +
			"&referenceType=BRANCH&FullRepositoryId=group/sub/app&Branch=feature/x",
		"https://console.aws.amazon.com/codecommit/home?region=us-east-1#/repository/app/browse/main/--/",
		"",
		"https://console.aws.amazon.com/s3/home?#",
	}, entities)
	if err := retry(t.Context(), client, "app", "Source", id, "ALL_ACTIONS"); err != nil {
		t.Fatal(err)
	}
	if got := revisions(); len(got) != 4 {
		t.Errorf("revisions %v while the sources run again", got)
	}
	server.Settle()
	if got := revisions(); len(got) != 5 {
		t.Errorf("revisions %v", got)
	}
	for _, names := range [][2]string{{"other", "Source"}, {"app", "Compile"}} {
		if err := server.SetRevision(names[0], names[1], pipelinetest.Revision{}); err == nil {
			t.Errorf("revision of %v", names)
		}
	}
}

// The default clock is that of the system.
func TestClock(t *testing.T) {
	t.Parallel()
	server, client := newServer(t, app())
	before := time.Now().Add(-time.Second)
	server.SetClock(nil)
	begin(t, server, "app")
	list, err := client.ListPipelineExecutions(t.Context(), &awscodepipeline.ListPipelineExecutionsInput{PipelineName: aws.String("app")})
	if err != nil {
		t.Fatal(err)
	}
	if got := *list.PipelineExecutionSummaries[0].StartTime; got.Before(before) {
		t.Errorf("started at %s", got)
	}
}

// What is not given is made up, and the same again.
func TestMadeUpRevisions(t *testing.T) {
	t.Parallel()
	p := app()
	p.Stages[0].Actions = []pipelinetest.Action{
		pipelinetest.GitHubSource("GitHub", "owner", "repo", "main"), pipelinetest.S3Source("S3", "b", "k"), pipelinetest.ECRSource("ECR", "r", ""),
	}
	delete(p.Stages[0].Actions[2].Configuration, "ImageTag")
	p.Stages[1].Actions[0].Inputs[0], p.Stages[1].Actions[1].Inputs[0] = "GitHubArtifact", "S3Artifact"
	server, client := newServer(t, p)
	seen := make(map[string]int)
	for range 2 {
		id := begin(t, server, "app")
		server.Settle()
		for _, r := range get(t, client, "app", id).ArtifactRevisions {
			seen[*r.RevisionId]++
			if !r.Created.Equal(start.Truncate(time.Millisecond)) {
				t.Errorf("created %s", r.Created)
			}
		}
	}
	if len(seen) != 3 {
		t.Errorf("revisions %v", seen)
	}
	for id, n := range seen {
		if n != 2 || len(id) != 40 && len(id) != 32 && !strings.HasPrefix(id, "sha256:") {
			t.Errorf("revision %s of %d executions", id, n)
		}
	}
}
