package main_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/codesuite-go/codesuite/codecommit"
	"github.com/codesuite-go/codesuite/codecommit/archive"
	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
	"github.com/codesuite-go/codesuite/codecommit/trigger"
	"github.com/codesuite-go/codesuite/examples/internal/cfntest"
	"github.com/codesuite-go/codesuite/examples/internal/lambdatest"
	"github.com/codesuite-go/codesuite/examples/internal/program"
	"github.com/codesuite-go/codesuite/examples/internal/s3server"
	"github.com/codesuite-go/codesuite/pipeline/multibranch"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

var binary *program.Program // the compiled function

// called are the calls that the functions of all tests have made.
var called cfntest.Called

func TestMain(m *testing.M) { program.Main(called.Tests(m), "bootstrap", &binary) }

const (
	repository = "shop"
	bucket     = "shop-branches"
	function   = "arn:aws:lambda:us-east-1:111122223333:function:multibranch"
)

// world is what the function talks to: servers of CodeCommit, CodePipeline and
// S3. A test begins with newWorld and start, moves branches with commit and
// move, and hands their events to deliver.
type world struct {
	t         *testing.T
	model     string
	git       *codecommittest.Server
	pipelines *pipelinetest.Server
	client    *awscodepipeline.Client
	s3        *awss3.Client
	env       []string
	recorders map[string]*cfntest.Recorder // before the servers, by the name of the service

	mu    sync.Mutex
	clock time.Time         // of the next event
	heads map[string]string // by branch
}

func newWorld(t *testing.T, model string) *world {
	t.Helper()
	store := s3server.New(t, func(string, string, string) bool { return true })
	w := &world{
		t: t, model: model,
		git:   codecommittest.NewServer(t, codecommittest.FS(repository, content("main", 0))),
		clock: time.Date(2026, 5, 7, 12, 0, 0, 0, time.UTC),
		heads: make(map[string]string),
	}
	w.pipelines = pipelinetest.NewServer(t, w.template("Build"))
	cfg := w.pipelines.Config()
	w.client = awscodepipeline.NewFromConfig(cfg)
	cfg.BaseEndpoint = aws.String(store.URL)
	w.s3 = awss3.NewFromConfig(cfg, func(o *awss3.Options) { o.UsePathStyle = true })
	if _, err := w.s3.CreateBucket(t.Context(), &awss3.CreateBucketInput{Bucket: aws.String(bucket)}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.s3.PutBucketVersioning(t.Context(), &awss3.PutBucketVersioningInput{Bucket: aws.String(bucket),
		VersioningConfiguration: &s3types.VersioningConfiguration{Status: s3types.BucketVersioningStatusEnabled}}); err != nil {
		t.Fatal(err)
	}
	w.env = []string{
		"AWS_ENDPOINT_URL_CODECOMMIT=" + w.git.URL(), "AWS_ENDPOINT_URL_CODEPIPELINE=" + w.pipelines.URL(), "AWS_ENDPOINT_URL_S3=" + store.URL,
		"AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=AKIATEST", "AWS_SECRET_ACCESS_KEY=test", "AWS_S3_USE_PATH_STYLE=true",
		"MODEL=" + model, "PIPELINE=app",
	}
	if model == "s3" {
		w.env = append(w.env, "BUCKET="+bucket)
	}
	w.recorders = map[string]*cfntest.Recorder{
		"codecommit": cfntest.NewRecorder(t, "codecommit", w.git.URL()), "codepipeline": cfntest.NewRecorder(t, "codepipeline", w.pipelines.URL()),
		"s3": cfntest.NewRecorder(t, "s3", store.URL),
	}
	return w
}

// template returns the pipeline of all branches, or the one of which those of
// the branches are made, with the name of its second stage.
func (w *world) template(stage string) pipelinetest.Pipeline {
	source := pipelinetest.CodeCommitSource("Source", repository, "main")
	if w.model == "s3" {
		source = pipelinetest.S3Source("Source", bucket, "none.zip")
		source.Configuration["AllowOverrideForS3ObjectKey"] = "true"
	}
	return pipelinetest.Pipeline{
		Name: "app", ExecutionMode: "QUEUED",
		Variables: []pipelinetest.Variable{
			{Name: "BRANCH", DefaultValue: "none"}, {Name: "COMMIT", DefaultValue: "none"}, {Name: "REPOSITORY", DefaultValue: "none"},
		},
		Stages: []pipelinetest.Stage{
			{Name: "Source", Actions: []pipelinetest.Action{source}},
			{Name: stage, Actions: []pipelinetest.Action{pipelinetest.CodeBuildAction("Build", "app", "SourceArtifact")}},
		},
	}
}

// checkRole compares the calls of the function with its role in the template.
func (w *world) checkRole(triggers string) {
	w.t.Helper()
	allowed := cfntest.Read(w.t, "template.yaml", map[string]string{
		"Model": w.model, "Triggers": triggers, "RepositoryName": repository, "PipelineName": "app", "BucketName": bucket,
	}).Calls(w.t, "Multibranch")
	for _, r := range w.recorders {
		called.Add(w.t, allowed, r.Actions())
	}
}

// start starts an instance of the function with more environment variables.
func (w *world) start(env ...string) *lambdatest.Function {
	w.t.Helper()
	triggers := "none"
	for _, variable := range env {
		if value, ok := strings.CutPrefix(variable, "TRIGGERS="); ok {
			triggers = value
		}
	}
	w.t.Cleanup(func() { w.checkRole(triggers) })
	all := slices.Clone(w.env)
	for service, r := range w.recorders {
		all = append(all, "AWS_ENDPOINT_URL_"+strings.ToUpper(service)+"="+r.URL)
	}
	return lambdatest.Start(w.t, binary.Path(w.t), append(all, env...)...)
}

// content returns the files of the n-th commit of a branch.
func content(branch string, n int) fstest.MapFS {
	return fstest.MapFS{
		"buildspec.yml":   {Data: []byte("version: 0.2\n")},
		"branch.txt":      {Data: fmt.Appendf(nil, "%s %d\n", branch, n)},
		"scripts/run.sh":  {Data: []byte("#!/bin/sh\n"), Mode: 0o755},
		"scripts/current": {Data: []byte("run.sh"), Mode: fs.ModeSymlink | 0o777},
	}
}

// event is a change of a branch.
type event struct {
	branch, old, id string
	at              time.Time
}

// commit adds the n-th commit to the branch.
func (w *world) commit(branch string, n int) event {
	w.t.Helper()
	id, err := w.git.Commit(repository, branch, content(branch, n))
	if err != nil {
		w.t.Fatal(err)
	}
	return w.moved(branch, id)
}

// remove deletes the branch.
func (w *world) remove(branch string) event {
	w.t.Helper()
	if err := w.git.SetRef(repository, "refs/heads/"+branch, ""); err != nil {
		w.t.Fatal(err)
	}
	return w.moved(branch, "")
}

func (w *world) moved(branch, id string) event {
	w.mu.Lock()
	defer w.mu.Unlock()
	e := event{branch, w.heads[branch], id, w.clock}
	w.heads[branch] = id
	w.clock = w.clock.Add(time.Second)
	return e
}

// eventBridge returns the event as EventBridge delivers it.
func (e event) eventBridge() string {
	detail := map[string]string{
		"event": "referenceUpdated", "repositoryName": repository, "repositoryId": "1", "referenceType": "branch",
		"referenceName": e.branch, "referenceFullName": "refs/heads/" + e.branch, "commitId": e.id, "oldCommitId": e.old,
	}
	switch {
	case e.old == "":
		detail["event"] = "referenceCreated"
		delete(detail, "oldCommitId")
	case e.id == "":
		detail["event"] = "referenceDeleted"
		delete(detail, "commitId")
	}
	return encode(map[string]any{
		"version": "0", "id": "1", "detail-type": "CodeCommit Repository State Change", "source": "aws.codecommit",
		"account": "111122223333", "time": e.at.Format(time.RFC3339), "region": "us-east-1",
		"resources": []string{"arn:aws:codecommit:us-east-1:111122223333:" + repository}, "detail": detail,
	})
}

// trigger returns the event of several changes as a repository trigger sends it.
func record(customData string, changes ...event) string {
	var references []map[string]any
	for _, e := range changes {
		reference := map[string]any{"ref": "refs/heads/" + e.branch, "commit": e.id}
		switch {
		case e.old == "":
			reference["created"] = true
		case e.id == "":
			reference["deleted"], reference["commit"] = true, e.old
		}
		references = append(references, reference)
	}
	return encode(map[string]any{"Records": []any{map[string]any{
		"awsRegion": "us-east-1", "codecommit": map[string]any{"references": references}, "customData": customData,
		"eventId": "1", "eventName": "ReferenceChanges", "eventPartNumber": 1, "eventSource": "aws:codecommit", "eventTotalParts": 1,
		"eventSourceARN": "arn:aws:codecommit:us-east-1:111122223333:" + repository, "eventTime": changes[0].at.Format("2006-01-02T15:04:05.000-0700"),
		"eventTriggerConfigId": "c", "eventTriggerName": "lifecycle", "eventVersion": "1.0", "userIdentityARN": "arn:aws:iam::111122223333:user/u",
	}}})
}

func encode(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func (w *world) deliver(f *lambdatest.Function, payload string) {
	w.t.Helper()
	if result := f.Invoke(w.t, payload); result.Failed {
		w.t.Errorf("the function failed: %s\nfor %s", result.Body, payload)
	}
}

// pipeline returns the pipeline that runs the branch.
func (w *world) pipeline(branch string) string {
	if w.model == "per-branch" {
		return multibranch.PipelineName("app", branch)
	}
	return "app"
}

// runs returns the commits of the executions of the branch, oldest first, and
// checks that each got the content of its commit. Executions that CodePipeline
// started by itself must have been stopped.
func (w *world) runs(branch string) (commits []string) {
	w.t.Helper()
	ctx := w.t.Context()
	name := w.pipeline(branch)
	pages := awscodepipeline.NewListPipelineExecutionsPaginator(w.client, &awscodepipeline.ListPipelineExecutionsInput{PipelineName: &name})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, summary := range page.PipelineExecutionSummaries {
			if summary.Trigger.TriggerType == types.TriggerTypeCreatePipeline {
				if summary.Status != types.PipelineExecutionStatusStopped {
					w.t.Errorf("%s: the execution of the creation is %s, want Stopped", name, summary.Status)
				}
				continue
			}
			if commit, ok := w.run(name, *summary.PipelineExecutionId, branch); ok {
				commits = append(commits, commit)
			}
		}
	}
	slices.Reverse(commits)
	return commits
}

// newestRun returns the commit of the newest execution of the branch.
func (w *world) newestRun(branch string) string {
	w.t.Helper()
	name := w.pipeline(branch)
	out, err := w.client.ListPipelineExecutions(w.t.Context(), &awscodepipeline.ListPipelineExecutionsInput{PipelineName: &name})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, summary := range out.PipelineExecutionSummaries {
		if summary.Trigger.TriggerType == types.TriggerTypeStartPipelineExecution {
			if commit, ok := w.run(name, *summary.PipelineExecutionId, branch); ok {
				return commit
			}
		}
	}
	return ""
}

// run returns the commit of an execution of the branch.
func (w *world) run(name, id, branch string) (commit string, ok bool) {
	w.t.Helper()
	e, err := w.client.GetPipelineExecution(w.t.Context(), &awscodepipeline.GetPipelineExecutionInput{PipelineName: &name, PipelineExecutionId: &id})
	if err != nil {
		w.t.Fatal(err)
	}
	variables := make(map[string]string)
	for _, v := range e.PipelineExecution.Variables {
		variables[*v.Name] = *v.ResolvedValue
	}
	if variables["BRANCH"] != branch {
		return "", false
	}
	commit = variables["COMMIT"]
	if len(e.PipelineExecution.ArtifactRevisions) != 1 {
		w.t.Fatalf("the execution of %s has %d revisions", branch, len(e.PipelineExecution.ArtifactRevisions))
	}
	revision := *e.PipelineExecution.ArtifactRevisions[0].RevisionId
	if w.model != "s3" {
		if revision != commit {
			w.t.Errorf("the execution of %s got %s, want %s", branch, revision, commit)
		}
		return commit, true
	}
	actions, err := w.client.ListActionExecutions(w.t.Context(), &awscodepipeline.ListActionExecutionsInput{PipelineName: &name,
		Filter: &types.ActionExecutionFilter{PipelineExecutionId: &id}})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, a := range actions.ActionExecutionDetails {
		if key := a.Input.ResolvedConfiguration["S3ObjectKey"]; key != "" {
			w.checkObject(key, revision, commit)
		}
	}
	return commit, true
}

// checkObject checks that a version of an object is the archive of the commit,
// byte for byte.
func (w *world) checkObject(key, version, commit string) {
	w.t.Helper()
	out, err := w.s3.GetObject(w.t.Context(), &awss3.GetObjectInput{Bucket: aws.String(bucket), Key: &key, VersionId: &version})
	if err != nil {
		w.t.Errorf("%s@%s: %v", key, version, err)
		return
	}
	defer out.Body.Close()
	got, err := io.ReadAll(out.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	want, err := archive.New(codecommit.Open(w.git.Config(), repository)).Zip(commit).Bytes(context.Background())
	if err != nil {
		w.t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		z, err := zip.NewReader(bytes.NewReader(got), int64(len(got)))
		w.t.Errorf("%s@%s is not the archive of %s: %v, %v", key, version, commit, z, err)
	}
}

// versions returns the keys of all versions in the bucket.
func (w *world) versions() (keys []string) {
	w.t.Helper()
	out, err := w.s3.ListObjectVersions(w.t.Context(), &awss3.ListObjectVersionsInput{Bucket: aws.String(bucket)})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, v := range out.Versions {
		keys = append(keys, *v.Key)
	}
	for _, v := range out.DeleteMarkers {
		keys = append(keys, "deleted "+*v.Key)
	}
	return keys
}

// triggers returns the names of the repository's triggers.
func (w *world) triggers() (names []string) {
	w.t.Helper()
	list, err := trigger.Open(w.git.Config(), repository).List(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	for _, t := range list {
		name := t.Name
		if branch, ok := trigger.Branch("multibranch", t); ok && t.Destination == function {
			name = strings.TrimSpace("of " + branch + " " + t.CustomData)
		}
		names = append(names, name)
	}
	return names
}

func getPipeline(name string) *awscodepipeline.GetPipelineInput {
	return &awscodepipeline.GetPipelineInput{Name: &name}
}

// refused runs the function with the variable, with which it must not start, and
// returns what it logs.
func (w *world) refused(env string) string {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary.Path(w.t))
	cmd.Env = append(append(slices.Clone(w.env), "AWS_LAMBDA_RUNTIME_API=127.0.0.1:1"), env)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		w.t.Errorf("%s: the function ends with %v, want an error", env, err)
	}
	return string(out)
}
