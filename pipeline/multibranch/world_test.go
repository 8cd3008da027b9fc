package multibranch_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"

	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
	"github.com/codesuite-go/codesuite/codecommit/trigger"
	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/internal/leaktest"
	"github.com/codesuite-go/codesuite/pipeline/multibranch"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

func TestMain(m *testing.M) { leaktest.Main(m, "pipeline/multibranch") }

const (
	repository = "shop"
	bucketName = "shop-branches"
	function   = "arn:aws:lambda:us-east-1:111122223333:function:updates"
)

// world is a repository, pipelines and a bucket. A test begins with newWorld,
// moves branches with commit and remove, and hands the events that these return
// to deliver.
type world struct {
	t         *testing.T
	git       *codecommittest.Server
	pipelines *pipelinetest.Server
	client    *awscodepipeline.Client
	bucket    *bucket
	mux       events.Mux
	handler   *multibranch.Handler
	clock     time.Time                  // of the next event
	content   map[string]fstest.MapFS    // by commit
	heads     map[string]string          // by branch
	options   func(*multibranch.Options) // of the handler
}

// variables are those that the handler sets.
var variables = []pipelinetest.Variable{
	{Name: "BRANCH", DefaultValue: "none"}, {Name: "COMMIT", DefaultValue: "none"}, {Name: "REPOSITORY", DefaultValue: "none"},
}

// approved returns a pipeline that waits in its second stage.
func approved(name, mode string, source pipelinetest.Action) pipelinetest.Pipeline {
	return pipelinetest.Pipeline{
		Name: name, ExecutionMode: mode, Variables: variables,
		Stages: []pipelinetest.Stage{
			{Name: "Source", Actions: []pipelinetest.Action{source}},
			{Name: "Approve", Actions: []pipelinetest.Action{pipelinetest.ApprovalAction("Approve")}},
		},
	}
}

func s3Source() pipelinetest.Action {
	source := pipelinetest.S3Source("Upload", bucketName, "none.zip")
	source.Configuration["AllowOverrideForS3ObjectKey"] = "true"
	return source
}

func newWorld(t *testing.T, options func(*multibranch.Options)) *world {
	t.Helper()
	w := &world{
		t:   t,
		git: codecommittest.NewServer(t, codecommittest.FS(repository, files("main", 0))),
		pipelines: pipelinetest.NewServer(t,
			approved("from-commit", "PARALLEL", pipelinetest.CodeCommitSource("Checkout", repository, "main")),
			approved("from-s3", "QUEUED", s3Source()),
			approved("other", "PARALLEL", pipelinetest.CodeCommitSource("Checkout", "other", "main"))),
		bucket:  newBucket(),
		clock:   time.Date(2026, 5, 7, 12, 0, 0, 0, time.UTC),
		content: make(map[string]fstest.MapFS),
		heads:   make(map[string]string),
		options: options,
	}
	w.client = awscodepipeline.NewFromConfig(w.pipelines.Config())
	w.handler = multibranch.New(multibranch.Clients{
		CodeCommit:   awscodecommit.NewFromConfig(w.git.Config()),
		CodePipeline: w.client,
		S3:           w.bucket,
	}, func(o *multibranch.Options) {
		o.Trigger = func(o *trigger.Options) { o.Settle = -1 }
		options(o)
		if o.Pipeline == "" && !o.CustomData {
			o.Pipeline = "from-commit"
			if o.Model == multibranch.ModelS3 {
				o.Pipeline, o.Bucket = "from-s3", bucketName
			}
		}
	})
	if err := w.handler.Register(&w.mux); err != nil {
		t.Fatal(err)
	}
	return w
}

// files returns the content of the n-th commit of a branch.
func files(branch string, n int) fstest.MapFS {
	return fstest.MapFS{
		"buildspec.yml": {Data: []byte("version: 0.2\n")},
		"branch.txt":    {Data: fmt.Appendf(nil, "%s %d\n", branch, n)},
		"run.sh":        {Data: []byte("#!/bin/sh\n"), Mode: 0o755},
	}
}

// commit adds the n-th commit to the branch and returns its event.
func (w *world) commit(branch string, n int) []byte {
	w.t.Helper()
	content := files(branch, n)
	id, err := w.git.Commit(repository, branch, content)
	if err != nil {
		w.t.Fatal(err)
	}
	w.content[id] = content
	return w.move(branch, id)
}

// move lets the branch be at the commit, "" for none, and returns the event.
func (w *world) move(branch, id string) []byte {
	w.t.Helper()
	old := w.heads[branch]
	if err := w.git.SetRef(repository, "refs/heads/"+branch, id); err != nil {
		w.t.Fatal(err)
	}
	w.heads[branch] = id
	w.clock = w.clock.Add(time.Second)
	return event(w.clock, branch, old, id)
}

// event returns the event of EventBridge for a branch that moved.
func event(at time.Time, branch, old, id string) []byte {
	detail := map[string]string{
		"event": "referenceUpdated", "repositoryName": repository, "repositoryId": "1", "referenceType": "branch",
		"referenceName": branch, "referenceFullName": "refs/heads/" + branch, "commitId": id, "oldCommitId": old,
	}
	switch {
	case old == "":
		detail["event"] = "referenceCreated"
		delete(detail, "oldCommitId")
	case id == "":
		detail["event"] = "referenceDeleted"
		delete(detail, "commitId")
	}
	return encode(map[string]any{
		"version": "0", "id": "e" + fmt.Sprint(at.Unix()), "detail-type": "CodeCommit Repository State Change", "source": "aws.codecommit",
		"account": "111122223333", "time": at.Format(time.RFC3339), "region": "us-east-1",
		"resources": []string{"arn:aws:codecommit:us-east-1:111122223333:" + repository}, "detail": detail,
	})
}

// record returns the event of a repository trigger for branches that moved.
func record(at time.Time, customData string, references ...map[string]any) []byte {
	return encode(map[string]any{"Records": []any{map[string]any{
		"awsRegion": "us-east-1", "codecommit": map[string]any{"references": references}, "customData": customData,
		"eventId": "1", "eventName": "ReferenceChanges", "eventPartNumber": 1, "eventSource": "aws:codecommit", "eventTotalParts": 1,
		"eventSourceARN": "arn:aws:codecommit:us-east-1:111122223333:" + repository, "eventTime": at.Format("2006-01-02T15:04:05.000-0700"),
		"eventTriggerConfigId": "c", "eventTriggerName": "lifecycle", "eventVersion": "1.0", "userIdentityARN": "arn:aws:iam::111122223333:user/u",
	}}})
}

func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

func (w *world) deliver(payload []byte) {
	w.t.Helper()
	if _, err := w.mux.Invoke(w.t.Context(), payload); err != nil {
		w.t.Fatal(err)
	}
	w.pipelines.Settle()
}

// started is an execution of a pipeline.
type started struct {
	Branch, Commit string // the variables
	Status         string
	Revision       string // a commit, or "key@version"
}

// executions returns the executions of the pipeline, oldest first.
func (w *world) executions(pipeline string) (list []started) {
	w.t.Helper()
	ctx := w.t.Context()
	out, err := w.client.ListPipelineExecutions(ctx, &awscodepipeline.ListPipelineExecutionsInput{PipelineName: &pipeline})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, summary := range slices.Backward(out.PipelineExecutionSummaries) {
		e, err := w.client.GetPipelineExecution(ctx, &awscodepipeline.GetPipelineExecutionInput{
			PipelineName: &pipeline, PipelineExecutionId: summary.PipelineExecutionId})
		if err != nil {
			w.t.Fatal(err)
		}
		s := started{Status: string(e.PipelineExecution.Status), Branch: "?", Commit: "?"}
		for _, v := range e.PipelineExecution.Variables {
			switch *v.Name {
			case "BRANCH":
				s.Branch = *v.ResolvedValue
			case "COMMIT":
				s.Commit = *v.ResolvedValue
			}
		}
		actions, err := w.client.ListActionExecutions(ctx, &awscodepipeline.ListActionExecutionsInput{PipelineName: &pipeline,
			Filter: &types.ActionExecutionFilter{PipelineExecutionId: summary.PipelineExecutionId}})
		if err != nil {
			w.t.Fatal(err)
		}
		for _, r := range e.PipelineExecution.ArtifactRevisions {
			s.Revision = aws.ToString(r.RevisionId)
		}
		for _, a := range actions.ActionExecutionDetails {
			if key := a.Input.ResolvedConfiguration["S3ObjectKey"]; key != "" {
				s.Revision = key + "@" + s.Revision
			}
		}
		list = append(list, s)
	}
	return list
}

func getPipeline(name string) *awscodepipeline.GetPipelineInput {
	return &awscodepipeline.GetPipelineInput{Name: &name}
}

// checkTriggers checks that the repository has the triggers of these branches
// and no others.
func (w *world) checkTriggers(branches ...string) {
	w.t.Helper()
	list, err := trigger.Open(w.git.Config(), repository).List(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	var got []string
	for _, tr := range list {
		branch, ok := trigger.Branch("multibranch", tr)
		if !ok || tr.Destination != function {
			branch = fmt.Sprintf("%+v", tr)
		}
		got = append(got, branch)
	}
	slices.Sort(got)
	if !slices.Equal(got, branches) {
		w.t.Errorf("triggers of %q, want %q", got, branches)
	}
}

// checkContent checks that the archive of an S3 execution holds its commit.
func (w *world) checkContent(s started) {
	w.t.Helper()
	key, version, _ := strings.Cut(s.Revision, "@")
	out, err := w.bucket.GetObject(context.Background(), getInput(key, version))
	if err != nil {
		w.t.Errorf("execution of %s: %v", s.Branch, err)
		return
	}
	data, err := io.ReadAll(out.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		w.t.Fatal(err)
	}
	if archive.Comment != s.Commit {
		w.t.Errorf("the archive of %s is of the commit %s, want %s", s.Branch, archive.Comment, s.Commit)
	}
	for name, file := range w.content[s.Commit] {
		got, err := fs.ReadFile(archive, name)
		if err != nil || !bytes.Equal(got, file.Data) {
			w.t.Errorf("%s in the archive of %s: %q, %v, want %q", name, s.Branch, got, err, file.Data)
		}
	}
}

// finishOne lets the execution that waits in the second stage end.
func (w *world) finishOne(pipeline string) {
	w.t.Helper()
	ctx := w.t.Context()
	out, err := w.client.ListPipelineExecutions(ctx, &awscodepipeline.ListPipelineExecutionsInput{PipelineName: &pipeline})
	if err != nil {
		w.t.Fatal(err)
	}
	oldest := out.PipelineExecutionSummaries[len(out.PipelineExecutionSummaries)-1].PipelineExecutionId
	if _, err := w.client.StopPipelineExecution(ctx, &awscodepipeline.StopPipelineExecutionInput{
		PipelineName: &pipeline, PipelineExecutionId: oldest, Abandon: true}); err != nil {
		w.t.Fatal(err)
	}
	w.pipelines.Settle()
}
