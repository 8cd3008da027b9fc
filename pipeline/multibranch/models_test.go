package multibranch_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"
	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/codecommit/trigger"
	"github.com/codesuite-go/codesuite/pipeline/multibranch"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

func TestGlobs(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		globs, matched, others string
	}{
		{"", "main feature/a", ""},
		{"**", "main feature/a/b", ""},
		{"*", "main a.b", "feature/a"},
		{"feature/*", "feature/a feature/a.x", "feature feature/a/b xfeature/a"},
		{"feature/**", "feature/a feature/a/b", "feature features/a"},
		{"**/fix", "a/fix a/b/fix", "fix afix a/fixed"},
		{"r?.x main", "r1.x main", "r1ax r/1.x mainx"},
		{"a+b (c)", "a+b (c)", "aab c"},
		{"größe/*", "größe/1", "groesse/1"},
	} {
		var globs []string
		if test.globs != "" {
			globs = strings.Fields(test.globs)
		}
		w := newWorld(t, func(o *multibranch.Options) { o.Branches = globs })
		n := 0
		for _, branch := range strings.Fields(test.matched) {
			n++
			w.deliver(w.commit(branch, 1))
			if got := w.executions("from-commit"); len(got) != n || got[n-1].Branch != branch {
				t.Errorf("%q does not match %q: %v", test.globs, branch, got)
				n = len(got)
			}
		}
		for _, branch := range strings.Fields(test.others) {
			w.deliver(w.commit(branch, 1))
			if got := w.executions("from-commit"); len(got) != n {
				t.Errorf("%q matches %q", test.globs, branch)
				n = len(got)
			}
		}
	}
}

// Protected branches and the default branch keep what was made for them.
func TestProtected(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *multibranch.Options) {
		o.Model, o.Protected = multibranch.ModelS3, []string{"release/**"}
	})
	for _, branch := range []string{"release/1", "gone", "main"} {
		w.deliver(w.commit(branch, 1))
		id := w.heads[branch]
		deleted := w.move(branch, "")
		if branch == "main" { // the server has a default branch only while it exists
			w.git.OnCall(func(operation string) {
				if operation == "GetRepository" {
					w.move(branch, id)
				}
			})
		}
		w.deliver(deleted)
	}
	kept := make(map[string]bool)
	for _, key := range w.bucket.keys() {
		kept[strings.Split(key, "/")[1]] = true
	}
	if len(kept) != 2 {
		t.Errorf("objects of %v, want those of release/1 and main", kept)
	}
}

// A push in a trigger's event may hold several branches, tags and deletions.
func TestSeveralReferences(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(*multibranch.Options) {})
	w.commit("a", 1)
	w.commit("b", 1)
	payload := record(w.clock, "",
		map[string]any{"ref": "refs/heads/a", "commit": w.heads["a"], "created": true},
		map[string]any{"ref": "refs/tags/v1", "commit": w.heads["a"], "created": true},
		map[string]any{"ref": "refs/heads/gone", "commit": w.heads["a"], "deleted": true},
		map[string]any{"ref": "refs/heads/b", "commit": w.heads["b"]})
	w.deliver(payload)
	want := []string{"a 1 InProgress", "b 2 InProgress"}
	if diff := cmp.Diff(want, summary(w.executions("from-commit"), w.heads["a"], w.heads["b"])); diff != "" {
		t.Errorf("executions (-want +got):\n%s", diff)
	}
}

func TestObject(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *multibranch.Options) {
		o.Model, o.CommitInfo, o.KeyPrefix = multibranch.ModelS3, true, "archives/"
	})
	w.deliver(w.commit("feature/größe", 1))
	w.git.ResetCalls()
	w.deliver(w.commit("feature/größe", 2))
	if n := w.git.Count("GetBlob"); n != 1 {
		t.Errorf("%d blobs are fetched for one that changed", n)
	}
	v := w.bucket.versions[1]
	id := w.heads["feature/größe"]
	if want := "archives/shop/feature_-gr_c3_b6_c3_9fe-"; !strings.HasPrefix(v.key, want) {
		t.Errorf("key %s, want %s…", v.key, want)
	}
	if v.metadata["commit"] != id || !strings.HasPrefix(v.metadata["codepipeline-artifact-revision-summary"], "Commit ") {
		t.Errorf("metadata %v", v.metadata)
	}
	z, err := zip.NewReader(bytes.NewReader(v.body), int64(len(v.body)))
	if err != nil {
		t.Fatal(err)
	}
	data, err := fs.ReadFile(z, "commit_info.json")
	if err != nil {
		t.Fatal(err)
	}
	var info struct{ Commit map[string]any }
	if err := json.Unmarshal(data, &info); err != nil {
		t.Fatal(err)
	}
	author, _ := info.Commit["author"].(map[string]any)
	if info.Commit["commitId"] != id || info.Commit["branchName"] != "feature/größe" || info.Commit["RepositoryName"] != repository ||
		author["date"] == nil || len(info.Commit) != 9 {
		t.Errorf("commit_info.json is %s", data)
	}
}

// An archive of several parts is stored under the same condition.
func TestLargeObject(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *multibranch.Options) { o.Model = multibranch.ModelS3 })
	content := files("b", 1)
	noise := make([]byte, 5<<20)
	for i, x := 0, uint32(1); i < len(noise); i++ {
		x = x*1664525 + 1013904223
		noise[i] = byte(x >> 24)
	}
	for i := range 4 {
		noise[0] = byte(i)
		f := *content["branch.txt"]
		f.Data = bytes.Clone(noise)
		content[fmt.Sprint("noise", i)] = &f
	}
	id, err := w.git.Commit(repository, "b", content)
	if err != nil {
		t.Fatal(err)
	}
	w.content[id] = content
	w.deliver(w.move("b", id))
	for _, s := range w.executions("from-s3") {
		w.checkContent(s)
	}
	if n := len(w.bucket.uploads); n != 1 {
		t.Errorf("%d uploads in parts, want 1", n)
	}
}

// A pipeline under the name of a branch's, without the handler's tags, is left
// alone by pushes and deletions.
func TestForeignPipeline(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *multibranch.Options) { o.Model = multibranch.ModelPerBranch })
	name := multibranch.PipelineName("from-commit", "b")
	template, err := w.client.GetPipeline(t.Context(), getPipeline("other"))
	if err != nil {
		t.Fatal(err)
	}
	template.Pipeline.Name = &name
	if _, err := w.client.CreatePipeline(t.Context(), &awscodepipeline.CreatePipelineInput{Pipeline: template.Pipeline}); err != nil {
		t.Fatal(err)
	}
	for _, payload := range [][]byte{w.commit("b", 1), w.move("b", "")} {
		if _, err := w.mux.Invoke(t.Context(), payload); err == nil || !strings.Contains(err.Error(), "left alone") {
			if !bytes.Contains(payload, []byte("referenceCreated")) {
				t.Errorf("error %v, want that the pipeline is left alone", err)
			}
		}
	}
	got, err := w.client.GetPipeline(t.Context(), getPipeline(name))
	if err != nil || *got.Pipeline.Version != 1 {
		t.Errorf("the foreign pipeline: %+v, %v, want it as it was", got, err)
	}
	if n := w.pipelines.Count("UpdatePipeline", "DeletePipeline"); n != 0 {
		t.Errorf("%d changes of pipelines, want none", n)
	}
}

func TestTemplateChanges(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *multibranch.Options) {
		o.Model, o.CacheTime = multibranch.ModelPerBranch, -1
	})
	ctx := t.Context()
	w.deliver(w.commit("b", 1))
	w.deliver(w.commit("b", 2))
	if n := w.pipelines.Count("UpdatePipeline"); n != 0 {
		t.Errorf("%d updates without a change of the template", n)
	}
	template, err := w.client.GetPipeline(ctx, getPipeline("from-commit"))
	if err != nil {
		t.Fatal(err)
	}
	template.Pipeline.ExecutionMode = types.ExecutionModeQueued
	if _, err := w.client.UpdatePipeline(ctx, &awscodepipeline.UpdatePipelineInput{Pipeline: template.Pipeline}); err != nil {
		t.Fatal(err)
	}
	w.deliver(w.commit("b", 3))
	w.deliver(w.commit("b", 4))
	got, err := w.client.GetPipeline(ctx, getPipeline(multibranch.PipelineName("from-commit", "b")))
	if err != nil {
		t.Fatal(err)
	}
	if got.Pipeline.ExecutionMode != types.ExecutionModeQueued || *got.Pipeline.Version != 2 ||
		got.Pipeline.Stages[0].Actions[0].Configuration["BranchName"] != "b" || *got.Pipeline.Variables[0].DefaultValue != "b" {
		t.Errorf("the pipeline of the branch is %+v", got.Pipeline)
	}
	tags, err := w.client.ListTagsForResource(ctx, &awscodepipeline.ListTagsForResourceInput{ResourceArn: got.Metadata.PipelineArn})
	if err != nil {
		t.Fatal(err)
	}
	values := make(map[string]string)
	for _, tag := range tags.Tags {
		values[*tag.Key] = *tag.Value
	}
	want := map[string]string{
		"codesuite:template": "from-commit", "codesuite:repository": repository, "codesuite:branch": trigger.NameFor("", "b"),
		"codesuite:commit": w.heads["b"], "codesuite:pushed": "2026-05-07T12:00:04Z",
	}
	if diff := cmp.Diff(want, values); diff != "" {
		t.Errorf("tags (-want +got):\n%s", diff)
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		options func(*multibranch.Options)
		prepare func(*world)
		want    string
	}{
		{"no such pipeline", func(o *multibranch.Options) { o.Pipeline = "none" }, nil, "PipelineNotFoundException"},
		{"a pipeline of another repository", func(o *multibranch.Options) { o.Pipeline = "other" }, nil,
			"no CodeCommit source action with RepositoryName shop, only Checkout (CodeCommit other)"},
		{"another bucket", func(o *multibranch.Options) {
			o.Model, o.Pipeline, o.Bucket = multibranch.ModelS3, "from-s3", "another"
		}, nil, "no S3 source action with S3Bucket another"},
		{"no versions", func(o *multibranch.Options) { o.Model = multibranch.ModelS3 }, func(w *world) { w.bucket.unversed = true }, "keeps no versions: turn on its versioning"},
		{"no override", func(o *multibranch.Options) { o.Model = multibranch.ModelS3 }, func(w *world) {
			source := pipelinetest.S3Source("Upload", bucketName, "none.zip")
			if err := w.pipelines.Update(approved("from-s3", "QUEUED", source)); err != nil {
				w.t.Fatal(err)
			}
		}, `must have AllowOverrideForS3ObjectKey "true"`},
		{"a secret in the template", func(o *multibranch.Options) { o.Model = multibranch.ModelPerBranch }, func(w *world) {
			p := approved("from-commit", "QUEUED", pipelinetest.CodeCommitSource("Checkout", repository, "main"))
			custom := pipelinetest.CodeBuildAction("Make", "app", "CheckoutArtifact")
			custom.Configuration["Token"], custom.Secrets = "hidden", []string{"Token"}
			p.Stages[1].Actions = append(p.Stages[1].Actions, custom)
			if err := w.pipelines.Update(p); err != nil {
				w.t.Fatal(err)
			}
		}, "its action Make has the secret configuration Token"},
	} {
		w := newWorld(t, test.options)
		if test.prepare != nil {
			test.prepare(w)
		}
		_, err := w.mux.Invoke(t.Context(), w.commit("b", 1))
		if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), `branch "b" of shop: `) {
			t.Errorf("%s: error %v, want %q", test.name, err, test.want)
		}
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		options func(*multibranch.Options)
		want    string
	}{
		{func(*multibranch.Options) {}, "the name of the pipeline is missing"},
		{func(o *multibranch.Options) { o.Model = "git" }, `unknown model "git"`},
		{func(o *multibranch.Options) { o.Pipeline, o.Model = "p", multibranch.ModelS3 }, "needs the name of a bucket"},
		{func(o *multibranch.Options) { o.Pipeline, o.Triggers = "p", "some" }, `unknown triggers "some"`},
		{func(o *multibranch.Options) { o.Pipeline, o.Triggers = "p", multibranch.TriggersAll }, "need the ARN"},
		{func(o *multibranch.Options) { o.Pipeline, o.KeyPrefix = "p", "x" }, "end with a slash"},
		{func(o *multibranch.Options) { o.Pipeline, o.Branches = "p", []string{""} }, "not the glob of a branch"},
		{func(o *multibranch.Options) { o.Pipeline, o.Protected = "p", []string{"refs/heads/x"} }, "short name"},
	} {
		w := newWorld(t, func(*multibranch.Options) {})
		h := multibranch.New(multibranch.Clients{CodeCommit: nil, CodePipeline: w.client}, test.options)
		if _, err := h.Doctor(t.Context(), repository); err == nil || !strings.Contains(err.Error(), "no client") {
			t.Errorf("without a client: %v", err)
		}
		if _, err := multibranch.Open(w.git.Config(), test.options).Doctor(t.Context(), repository); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("error %v, want %q", err, test.want)
		}
	}
}
