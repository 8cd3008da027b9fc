package multibranch_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/codesuite-go/codesuite/codecommit/trigger"
	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/pipeline/multibranch"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// An event of a repository that does not exist, or of another account or Region,
// stops nothing.
func TestForeignEvents(t *testing.T) {
	t.Parallel()
	for _, declared := range []int{2, 3} {
		w := newWorld(t, func(o *multibranch.Options) { o.Account, o.Region = "111122223333", "us-east-1" })
		p := approved("from-commit", "PARALLEL", pipelinetest.CodeCommitSource("Checkout", repository, "main"))
		p.Variables = variables[:declared]
		if err := w.pipelines.Update(p); err != nil {
			t.Fatal(err)
		}
		w.deliver(w.commit("b", 1))
		deleted := string(event(w.clock, "b", w.heads["b"], ""))
		for _, test := range []struct {
			old, new string
			foreign  bool
		}{
			{"shop", "ghost", false},
			{"111122223333", "999999999999", true},
			{"us-east-1", "eu-west-3", true},
		} {
			_, err := w.mux.Invoke(t.Context(), []byte(strings.ReplaceAll(deleted, test.old, test.new)))
			if err == nil || errors.Is(err, multibranch.ErrForeign) != test.foreign || !test.foreign && !strings.Contains(err.Error(), test.new) {
				t.Errorf("event with %s: error %v", test.new, err)
			}
		}
		w.pipelines.Settle()
		if got := w.executions("from-commit"); len(got) != 1 || got[0].Status != "InProgress" {
			t.Errorf("%d variables: executions %v, want one that runs", declared, got)
		}
	}
}

// The deletion of a branch of a repository without a source action stops nothing.
func TestPipelineOfAnotherRepository(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *multibranch.Options) { o.Pipeline = "other" })
	w.commit("b", 1)
	if _, err := w.client.StartPipelineExecution(t.Context(), &awscodepipeline.StartPipelineExecutionInput{
		Name: aws.String("other"), Variables: []types.PipelineVariable{
			{Name: aws.String("BRANCH"), Value: aws.String("b")}, {Name: aws.String("REPOSITORY"), Value: aws.String(repository)},
		}}); err != nil {
		t.Fatal(err)
	}
	w.deliver(w.move("b", ""))
	if got := w.executions("other"); len(got) != 1 || got[0].Status == "Stopped" {
		t.Errorf("executions %v, want one that was not stopped", got)
	}
}

// An event with a time far ahead does not keep later pushes from starting.
func TestTimeAhead(t *testing.T) {
	t.Parallel()
	for _, model := range []multibranch.Model{multibranch.ModelS3, multibranch.ModelPerBranch} {
		w := newWorld(t, func(o *multibranch.Options) { o.Model = model })
		w.deliver(w.commit("b", 1))
		w.deliver(event(time.Now().AddDate(50, 0, 0), "b", strings.Repeat("1", 40), w.heads["b"]))
		w.deliver(w.commit("b", 2))
		name := pipelineOf(model)
		if model == multibranch.ModelPerBranch {
			name = multibranch.PipelineName("from-commit", "b")
		}
		list := w.executions(name)
		if got := list[len(list)-1].Commit; got != w.heads["b"] {
			t.Errorf("%s: the newest execution is of %s, want %s", model, got, w.heads["b"])
		}
	}
}

// EveryPush starts commits by their full IDs only.
func TestEveryPushNeedsID(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *multibranch.Options) { o.EveryPush = true })
	w.commit("main", 1)
	w.commit("draft", 1)
	for _, commit := range []string{"draft", "refs/heads/draft"} {
		_, err := w.mux.Invoke(t.Context(), event(w.clock, "main", strings.Repeat("1", 40), commit))
		if err == nil || !strings.Contains(err.Error(), "no full commit ID") {
			t.Errorf("commit %s: error %v", commit, err)
		}
	}
	if got := w.executions("from-commit"); len(got) != 0 {
		t.Errorf("executions %v, want none", got)
	}
}

// Two handlers with one prefix do not replace each other's triggers.
func TestTwoHandlers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *multibranch.Options) { o.Triggers, o.UpdatesFunction = multibranch.TriggersPerBranch, function })
	second := multibranch.New(multibranch.Clients{CodeCommit: awscodecommit.NewFromConfig(w.git.Config()), CodePipeline: w.client},
		func(o *multibranch.Options) {
			o.Pipeline, o.Triggers, o.UpdatesFunction = "other", multibranch.TriggersPerBranch, function+"2"
			o.Trigger = func(o *trigger.Options) { o.Settle = -1 }
		})
	if err := w.handler.EnsureTriggers(t.Context(), repository); err != nil {
		t.Fatal(err)
	}
	if err := second.EnsureTriggers(t.Context(), repository); err == nil || !strings.Contains(err.Error(), "another TriggerPrefix") {
		t.Errorf("error %v, want the advice to change the prefix", err)
	}
	w.checkTriggers("main")
}

type endless struct {
	*bucket
	pages int
}

func (e *endless) ListObjectVersions(context.Context, *awss3.ListObjectVersionsInput, ...func(*awss3.Options)) (*awss3.ListObjectVersionsOutput, error) {
	if e.pages++; e.pages > 5000 {
		return nil, errors.New("asked for more than 5000 empty pages")
	}
	return &awss3.ListObjectVersionsOutput{IsTruncated: aws.Bool(true), NextKeyMarker: aws.String(fmt.Sprint(e.pages))}, nil
}

// A listing of empty pages ends.
func TestEmptyPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(*multibranch.Options) {})
	h := multibranch.New(multibranch.Clients{CodeCommit: awscodecommit.NewFromConfig(w.git.Config()), CodePipeline: w.client, S3: &endless{bucket: w.bucket}},
		func(o *multibranch.Options) {
			o.Model, o.Pipeline, o.Bucket = multibranch.ModelS3, "from-s3", bucketName
		})
	var mux events.Mux
	if err := h.Register(&mux); err != nil {
		t.Fatal(err)
	}
	w.commit("b", 1)
	if _, err := mux.Invoke(t.Context(), w.move("b", "")); err == nil || !strings.Contains(err.Error(), "empty pages in a row") {
		t.Errorf("error %v, want the empty pages", err)
	}
}
