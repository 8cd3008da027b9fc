package pipelinetest_test

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// pushed returns a pipeline with the source, and a build that gets its commit.
func pushed(name string, source pipelinetest.Action, triggers ...pipelinetest.SourceTrigger) pipelinetest.Pipeline {
	source.Namespace = "Source"
	build := pipelinetest.CodeBuildAction("Build", "build", source.Outputs[0])
	build.Configuration["EnvironmentVariables"] = `[{"name":"BRANCH","value":"#{Source.BranchName}"}]`
	if source.Type.Provider == "S3" || source.Type.Provider == "ECR" {
		delete(build.Configuration, "EnvironmentVariables")
	}
	return pipelinetest.Pipeline{Name: name, Triggers: triggers, Stages: []pipelinetest.Stage{
		{Name: "Source", Actions: []pipelinetest.Action{source}}, {Name: "Build", Actions: []pipelinetest.Action{build}},
	}}
}

func connected(branch string) pipelinetest.Action {
	return pipelinetest.ConnectionSource("Source", pipelinetest.Connection{ProviderType: "GitLab"}, "octo/app", branch)
}

func only(includes ...string) *pipelinetest.Globs {
	return &pipelinetest.Globs{Includes: includes}
}

func onPush(filters ...pipelinetest.PushFilter) pipelinetest.SourceTrigger {
	return pipelinetest.SourceTrigger{Source: "Source", Push: filters}
}

// names returns the pipelines that have started.
func names(t *testing.T, started []pipelinetest.Started, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, s := range started {
		list = append(list, s.Pipeline)
	}
	return strings.Join(list, " ")
}

func TestPatterns(t *testing.T) {
	t.Parallel()
	server, _ := newServer(t, pushed("p", connected("main")))
	for _, test := range []struct {
		include, exclude string // with blanks between patterns
		selected, not    string
	}{
		{"main", "", "main", "Main main2 a/main"},
		{"**", "main", "x a/b", "main"},
		{"release/**", "release/old* release/**/x", "release/new", "release/old1 release/a/x main"},
		{"", "docs/** wip", "main x/docs", "docs/a wip"},
		{"x,y", "", "x,y", "x"},
	} {
		patterns := &pipelinetest.Globs{Includes: strings.Fields(test.include), Excludes: strings.Fields(test.exclude)}
		if err := server.Update(pushed("p", connected("main"), onPush(pipelinetest.PushFilter{Branches: patterns}))); err != nil {
			t.Errorf("%+v: %v", patterns, err)
			continue
		}
		for want, list := range map[bool]string{true: test.selected, false: test.not} {
			for _, branch := range strings.Fields(list) {
				started, err := server.Push(pipelinetest.Push{Repository: "octo/app", Branch: branch})
				if err != nil {
					t.Fatal(err)
				}
				if got := len(started) > 0; got != want {
					t.Errorf("%+v select %s: %t, want %t", patterns, branch, got, want)
				}
			}
		}
	}
	for _, pattern := range []string{"", "[a", strings.Repeat("x", 256)} {
		if err := server.Update(pushed("p", connected("main"), onPush(pipelinetest.PushFilter{Branches: only(pattern)}))); err == nil {
			t.Errorf("the pattern %q is accepted", pattern)
		}
	}
}

func TestPushFilters(t *testing.T) {
	t.Parallel()
	first := func(action pipelinetest.Action, key, value string) pipelinetest.Action {
		action.Configuration[key] = value
		return action
	}
	server, _ := newServer(t,
		pushed("default", connected("main")),
		pushed("off", first(connected("main"), "DetectChanges", "false")),
		pushed("everything", connected("main"), pipelinetest.SourceTrigger{Source: "Source"}),
		pushed("branches", connected("main"), onPush(pipelinetest.PushFilter{Branches: only("release/*")}, pipelinetest.PushFilter{Branches: only("hotfix")})),
		pushed("files", connected("main"), onPush(pipelinetest.PushFilter{Branches: only("main", "next"), Files: &pipelinetest.Globs{Includes: []string{"src/**"}, Excludes: []string{"**/*.md"}}})),
		pushed("tags", connected("main"), onPush(pipelinetest.PushFilter{Tags: &pipelinetest.Globs{Includes: []string{"v*"}, Excludes: []string{"v0*"}}})),
		pushed("pulls", connected("main"), pipelinetest.SourceTrigger{Source: "Source", PullRequest: []pipelinetest.PullFilter{
			{Events: []string{"OPEN", "UPDATED"}, Branches: only("main"), Files: &pipelinetest.Globs{Excludes: []string{"docs/**"}}},
			{Events: []string{"CLOSED"}},
		}}),
		pushed("other", pipelinetest.ConnectionSource("Source", pipelinetest.Connection{Name: "two"}, "octo/app", "main")),
		pushed("commit", pipelinetest.CodeCommitSource("Source", "octo/app", "main")),
		pushed("polling", first(pipelinetest.CodeCommitSource("Source", "octo/app", "main"), "PollForSourceChanges", "true")),
		pushed("v1", first(pipelinetest.GitHubSource("Source", "octo", "app", "main"), "PollForSourceChanges", "true")),
		pushed("unhooked", pipelinetest.GitHubSource("Source", "octo", "app", "main")),
	)
	for _, test := range []struct {
		push pipelinetest.Push
		want string
	}{
		{pipelinetest.Push{Branch: "main"}, "commit default everything other polling v1"},
		{pipelinetest.Push{Branch: "main", Changed: []string{"README.md", "src/a.go"}}, "commit default everything files other polling v1"},
		{pipelinetest.Push{Branch: "next", Changed: []string{"src/README.md"}}, ""},
		{pipelinetest.Push{Branch: "next", Changed: []string{"src/x/y"}}, "files"},
		{pipelinetest.Push{Branch: "hotfix"}, "branches"},
		{pipelinetest.Push{Branch: "release/1"}, "branches"},
		{pipelinetest.Push{Tag: "v1"}, "tags"},
		{pipelinetest.Push{Tag: "v0.1"}, ""},
		{pipelinetest.Push{Tag: "main"}, ""},
	} {
		test.push.Repository = "octo/app"
		started, err := server.Push(test.push)
		if got := names(t, started, err); got != test.want {
			t.Errorf("push %+v starts %q, want %q", test.push, got, test.want)
		}
		server.Settle()
	}
	started, err := server.Push(pipelinetest.Push{Repository: "octo/app", Branch: "main", Connection: connected("main").Configuration["ConnectionArn"]})
	if got, want := names(t, started, err), "default everything"; got != want {
		t.Errorf("a push by one connection starts %q, want %q", got, want)
	}
	for _, test := range []struct {
		pull pipelinetest.PullEvent
		want string
	}{
		{pipelinetest.PullEvent{Event: "OPEN", Target: "main", Changed: []string{"docs/a", "b"}}, "pulls"},
		{pipelinetest.PullEvent{Event: "OPEN", Target: "main", Changed: []string{"docs/a"}}, ""},
		{pipelinetest.PullEvent{Event: "UPDATED", Target: "next", Changed: []string{"b"}}, ""},
		{pipelinetest.PullEvent{Event: "CLOSED", Target: "next"}, "pulls"},
	} {
		test.pull.Repository, test.pull.Branch = "octo/app", "topic"
		started, err := server.PullRequest(test.pull)
		if got := names(t, started, err); got != test.want {
			t.Errorf("pull request %+v starts %q, want %q", test.pull, got, test.want)
		}
	}
}

// What a push has started shows it everywhere, as the service does.
func TestPushedExecution(t *testing.T) {
	t.Parallel()
	server, client := newServer(t, pushed("p", connected("main"), onPush(pipelinetest.PushFilter{Branches: only("**")})))
	date := time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)
	started, err := server.Push(pipelinetest.Push{Repository: "octo/app", Branch: "topic/1", Commit: pipelinetest.Commit{
		ID: "5ca1ab1e", Message: "Fix it", AuthorID: "7", AuthorName: "Ann", AuthorEmail: "ann@example.com", Date: date,
		Files: fstest.MapFS{"src/main.go": {Data: []byte("package main\n")}},
	}})
	names(t, started, err)
	server.Settle()
	e := get(t, client, "p", started[0].ExecutionID)
	arn := connected("main").Configuration["ConnectionArn"]
	if e.Trigger.TriggerType != types.TriggerTypeWebhookV2 || *e.Trigger.TriggerDetail != arn {
		t.Errorf("trigger %s %s", e.Trigger.TriggerType, *e.Trigger.TriggerDetail)
	}
	r := e.ArtifactRevisions[0]
	if *r.RevisionId != "5ca1ab1e" || *r.RevisionSummary != `{"ProviderType":"GitLab","CommitMessage":"Fix it"}` || !r.Created.Equal(date) {
		t.Errorf("revision %s %s of %s", *r.RevisionId, *r.RevisionSummary, r.Created)
	}
	list := actions(t, client, "p", started[0].ExecutionID)
	if got, want := list[0].Input.ResolvedConfiguration["EnvironmentVariables"], `[{"name":"BRANCH","value":"topic/1"}]`; got != want {
		t.Errorf("the build gets %s, want %s", got, want)
	}
	location := list[1].Output.OutputArtifacts[0].S3location
	content, ok := server.Object(*location.Bucket, *location.Key)
	if archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content))); !ok || err != nil {
		t.Errorf("the artifact of the source is there: %t, %v", ok, err)
	} else if f, err := archive.Open("src/main.go"); err != nil {
		t.Error(err)
	} else if text, _ := io.ReadAll(f); string(text) != "package main\n" {
		t.Errorf("the artifact has %q", text)
	}
	var commit *events.ExecutionTrigger
	for _, payload := range server.Events() {
		event, err := events.Decode(payload)
		if err != nil {
			t.Fatal(err)
		}
		if e, ok := event.(*events.PipelineExecutionStateChange); ok && e.State == "SUCCEEDED" {
			commit = e.Trigger
		}
	}
	if commit == nil || commit.CommitID != "5ca1ab1e" || commit.Branch != "topic/1" || commit.AuthorDisplayName != "Ann" || commit.FullRepositoryName != "octo/app" {
		t.Errorf("the event SUCCEEDED has the trigger %+v", commit)
	}

	// A start by hand takes the branch of the action, which has not moved.
	manual := begin(t, server, "p")
	server.Settle()
	if got := *get(t, client, "p", manual).ArtifactRevisions[0].RevisionId; got == "5ca1ab1e" {
		t.Error("a start by hand takes the commit of another branch")
	}
	started, err = server.Push(pipelinetest.Push{Repository: "octo/app", Branch: "main"})
	names(t, started, err)
	server.Settle()
	manual = begin(t, server, "p")
	server.Settle()
	if want, got := *get(t, client, "p", started[0].ExecutionID).ArtifactRevisions[0].RevisionId, *get(t, client, "p", manual).ArtifactRevisions[0].RevisionId; got != want {
		t.Errorf("a start by hand takes %s, want the commit %s that was pushed", got, want)
	}
}

func TestChangesOfOtherSources(t *testing.T) {
	t.Parallel()
	polling := pipelinetest.S3Source("Source", "bucket", "app.zip")
	delete(polling.Configuration, "PollForSourceChanges")
	server, client := newServer(t, pushed("rule", pipelinetest.S3Source("Source", "bucket", "app.zip")), pushed("poll", polling),
		pushed("image", pipelinetest.ECRSource("Source", "base", "stable")))
	check := func(started []pipelinetest.Started, err error, want ...string) {
		t.Helper()
		if err != nil || len(started) != len(want) {
			t.Fatalf("started %v, %v", started, err)
		}
		server.Settle()
		for i, s := range started {
			e := get(t, client, s.Pipeline, s.ExecutionID)
			if got := s.Pipeline + " " + string(e.Trigger.TriggerType) + " " + *e.ArtifactRevisions[0].RevisionId; got != want[i] {
				t.Errorf("started %s, want %s", got, want[i])
			}
		}
	}
	started, err := server.Upload(pipelinetest.Upload{Bucket: "bucket", Key: "app.zip", Version: "v2"})
	check(started, err, "poll PollForSourceChanges v2", "rule CloudWatchEvent v2")
	started, err = server.Upload(pipelinetest.Upload{Bucket: "bucket", Key: "other.zip"})
	check(started, err)
	started, err = server.PushImage(pipelinetest.ImagePush{Repository: "base", Tag: "stable", Digest: "sha256:1"})
	check(started, err, "image CloudWatchEvent sha256:1")
	started, err = server.PushImage(pipelinetest.ImagePush{Repository: "base"})
	check(started, err)
}

func TestPushErrors(t *testing.T) {
	t.Parallel()
	p := pushed("p", connected("main"))
	p.Variables = []pipelinetest.Variable{{Name: "Must"}}
	server, _ := newServer(t, p)
	for want, push := range map[string]pipelinetest.Push{
		"name the repository":    {Branch: "main"},
		"either the branch or":   {Repository: "octo/app"},
		"the branch or the tag":  {Repository: "octo/app", Branch: "main", Tag: "v1"},
		"no default value and m": {Repository: "octo/app", Branch: "main"},
	} {
		if _, err := server.Push(push); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("push %+v: %v, want %q", push, err, want)
		}
	}
	for want, pull := range map[string]pipelinetest.PullEvent{
		"the branch and its target": {Repository: "octo/app", Branch: "x", Event: "OPEN"},
		`the event "MERGED"`:        {Repository: "octo/app", Branch: "x", Target: "y", Event: "MERGED"},
	} {
		if _, err := server.PullRequest(pull); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("pull request %+v: %v, want %q", pull, err, want)
		}
	}
	if _, err := server.Upload(pipelinetest.Upload{Bucket: "b"}); err == nil {
		t.Error("an upload without a key")
	}
	if _, err := server.PushImage(pipelinetest.ImagePush{}); err == nil {
		t.Error("an image without a repository")
	}
}

var ignoreTriggers = cmpopts.IgnoreUnexported(types.PipelineTriggerDeclaration{}, types.GitConfiguration{}, types.GitPushFilter{}, types.GitPullRequestFilter{},
	types.GitBranchFilterCriteria{}, types.GitFilePathFilterCriteria{}, types.GitTagFilterCriteria{})

// Triggers come back as they were given, and wrong ones are refused.
func TestTriggerStructures(t *testing.T) {
	t.Parallel()
	trigger := func() types.PipelineTriggerDeclaration {
		return types.PipelineTriggerDeclaration{ProviderType: types.PipelineTriggerProviderTypeCodeStarSourceConnection, GitConfiguration: &types.GitConfiguration{
			SourceActionName: aws.String("Source"),
			Push: []types.GitPushFilter{
				{Branches: &types.GitBranchFilterCriteria{Includes: []string{"main"}}, FilePaths: &types.GitFilePathFilterCriteria{Excludes: []string{"docs/**"}}},
				{Tags: &types.GitTagFilterCriteria{Includes: []string{"v*"}, Excludes: []string{"v0"}}},
			},
			PullRequest: []types.GitPullRequestFilter{{Events: []types.GitPullRequestEventType{"CLOSED"}, Branches: &types.GitBranchFilterCriteria{Includes: []string{"**"}}}},
		}}
	}
	server, client := newServer(t, pushed("p", connected("main")))
	update := func(change func(*types.PipelineTriggerDeclaration), kind types.PipelineType) error {
		out, err := client.GetPipeline(t.Context(), &awscodepipeline.GetPipelineInput{Name: aws.String("p")})
		if err != nil {
			t.Fatal(err)
		}
		given := trigger()
		change(&given)
		out.Pipeline.Triggers, out.Pipeline.PipelineType = []types.PipelineTriggerDeclaration{given}, kind
		_, err = client.UpdatePipeline(context.WithoutCancel(t.Context()), &awscodepipeline.UpdatePipelineInput{Pipeline: out.Pipeline})
		return err
	}
	if err := update(func(*types.PipelineTriggerDeclaration) {}, types.PipelineTypeV2); err != nil {
		t.Fatal(err)
	}
	out, err := client.GetPipeline(t.Context(), &awscodepipeline.GetPipelineInput{Name: aws.String("p")})
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "triggers", []types.PipelineTriggerDeclaration{trigger()}, out.Pipeline.Triggers, ignoreTriggers)
	started, err := server.Push(pipelinetest.Push{Repository: "octo/app", Tag: "v1"})
	if got := names(t, started, err); got != "p" {
		t.Errorf("a push starts %q", got)
	}
	for name, test := range map[string]struct {
		change func(*types.PipelineTriggerDeclaration)
		kind   types.PipelineType
		want   string
	}{
		"V1":             {func(*types.PipelineTriggerDeclaration) {}, types.PipelineTypeV1, "InvalidStructureException"},
		"another source": {func(d *types.PipelineTriggerDeclaration) { d.GitConfiguration.SourceActionName = aws.String("Build") }, "V2", "InvalidStructureException"},
		"tags and branches": {func(d *types.PipelineTriggerDeclaration) {
			d.GitConfiguration.Push[0].Tags = &types.GitTagFilterCriteria{Includes: []string{"v*"}}
		}, "V2", "InvalidStructureException"},
		"provider":  {func(d *types.PipelineTriggerDeclaration) { d.ProviderType = "GitHub" }, "V2", "ValidationException"},
		"no filter": {func(d *types.PipelineTriggerDeclaration) { d.GitConfiguration.Push = []types.GitPushFilter{} }, "V2", "ValidationException"},
		"four":      {func(d *types.PipelineTriggerDeclaration) { d.GitConfiguration.Push = make([]types.GitPushFilter, 4) }, "V2", "ValidationException"},
		"event":     {func(d *types.PipelineTriggerDeclaration) { d.GitConfiguration.PullRequest[0].Events[0] = "MERGED" }, "V2", "ValidationException"},
		"event twice": {func(d *types.PipelineTriggerDeclaration) {
			e := &d.GitConfiguration.PullRequest[0].Events
			*e = append(*e, "CLOSED")
		}, "V2", "InvalidStructureException"},
		"nine patterns": {func(d *types.PipelineTriggerDeclaration) {
			d.GitConfiguration.Push[0].Branches.Includes = make([]string, 9)
		},
			"V2", "ValidationException"},
	} {
		if err := update(test.change, test.kind); code(err) != test.want {
			t.Errorf("%s: %v, want %s", name, err, test.want)
		}
	}
}
