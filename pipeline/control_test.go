package pipeline_test

import (
	"errors"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/internal/awsjson"
	"github.com/codesuite-go/codesuite/pipeline"
)

// record returns an operation that keeps its requests.
func record(requests *[]object, answer func(object) (any, error)) func(object) (any, error) {
	return func(in object) (any, error) {
		*requests = append(*requests, in)
		return answer(in)
	}
}

func TestStart(t *testing.T) {
	t.Parallel()
	var requests []object
	w := newWire(t, map[string]func(object) (any, error){
		"StartPipelineExecution": record(&requests, reply(object{"pipelineExecutionId": run1})),
	})
	id, err := w.open().Start(t.Context(), web, func(o *pipeline.StartOptions) {
		o.Revisions = []pipeline.SourceRevisionOverride{
			{Action: "Checkout", Type: pipeline.RevisionCommitID, Value: sha},
			{Action: "Image", Type: pipeline.RevisionImageDigest, Value: "sha256:0"},
			{Action: "Zip", Type: pipeline.RevisionS3ObjectKey, Value: "branches/x.zip"},
			{Action: "Zip", Type: pipeline.RevisionS3ObjectVersion, Value: "v1"},
		}
		o.Variables = []pipeline.Variable{{Name: "Environment", Value: "staging"}, {Name: "Branch", Value: "x"}}
		o.Token = "build-1"
	})
	if err != nil || id != run1 {
		t.Fatalf("Start: %q, %v", id, err)
	}
	if _, err := w.open().Start(t.Context(), web); err != nil {
		t.Fatal(err)
	}
	if len(requests) != 2 {
		t.Fatalf("%d requests", len(requests))
	}
	want := object{
		"name": web, "clientRequestToken": "build-1",
		"sourceRevisions": []any{
			object{"actionName": "Checkout", "revisionType": "COMMIT_ID", "revisionValue": sha},
			object{"actionName": "Image", "revisionType": "IMAGE_DIGEST", "revisionValue": "sha256:0"},
			object{"actionName": "Zip", "revisionType": "S3_OBJECT_KEY", "revisionValue": "branches/x.zip"},
			object{"actionName": "Zip", "revisionType": "S3_OBJECT_VERSION_ID", "revisionValue": "v1"},
		},
		"variables": []any{object{"name": "Environment", "value": "staging"}, object{"name": "Branch", "value": "x"}},
	}
	if diff := cmp.Diff(want, requests[0]); diff != "" {
		t.Errorf("request mismatch (-want +got):\n%s", diff)
	}
	token, _ := requests[1]["clientRequestToken"].(string)
	if diff := cmp.Diff(object{"name": web, "clientRequestToken": token}, requests[1]); diff != "" || token == "" {
		t.Errorf("plain request with the token %q mismatch (-want +got):\n%s", token, diff)
	}
}

// A start that is tried again by the SDK is the same start.
func TestStartRetried(t *testing.T) {
	t.Parallel()
	var requests []object
	w := newWire(t, map[string]func(object) (any, error){
		"StartPipelineExecution": record(&requests, func(object) (any, error) {
			if len(requests) < 3 {
				return nil, awsjson.Errorf("InternalFailure", "told by the test")
			}
			return object{"pipelineExecutionId": run1}, nil
		}),
	})
	if _, err := w.open().Start(t.Context(), web); err != nil {
		t.Fatal(err)
	}
	for _, r := range requests {
		if r["clientRequestToken"] != requests[0]["clientRequestToken"] {
			t.Errorf("the requests differ: %v", requests)
		}
	}
}

func TestStartBadInput(t *testing.T) {
	t.Parallel()
	w := newWire(t, nil)
	for _, test := range []struct {
		name    string
		options pipeline.StartOptions
		want    string
	}{
		{web, pipeline.StartOptions{Revisions: []pipeline.SourceRevisionOverride{{Action: "a", Type: "COMMIT", Value: sha}}}, `revision 0, of the action "a", has the unknown type "COMMIT"`},
		{web, pipeline.StartOptions{Revisions: []pipeline.SourceRevisionOverride{{Type: pipeline.RevisionCommitID, Value: sha}}}, `revision 0 needs the name of a source action and a value, not "" and "` + sha + `"`},
		{web, pipeline.StartOptions{Revisions: []pipeline.SourceRevisionOverride{{Action: "a", Type: pipeline.RevisionCommitID}}}, `revision 0 needs the name of a source action and a value, not "a" and ""`},
		{web, pipeline.StartOptions{Revisions: []pipeline.SourceRevisionOverride{{"a", pipeline.RevisionCommitID, "1"}, {"a", pipeline.RevisionCommitID, "2"}}}, `the action "a" is given two revisions of the type COMMIT_ID`},
		{web, pipeline.StartOptions{Variables: []pipeline.Variable{{Value: "x"}}}, `variable 0 has no name`},
		{web, pipeline.StartOptions{Variables: []pipeline.Variable{{Name: "x"}}}, `the variable "x" has no value: leave it out for its default`},
		{web, pipeline.StartOptions{Variables: []pipeline.Variable{{Name: "x", Value: "1"}, {Name: "x", Value: "2"}}}, `the variable "x" is given two values`},
		{web, pipeline.StartOptions{Token: "a/b"}, `the token "a/b" has other than 1 to 128 letters, digits and hyphens`},
		{web, pipeline.StartOptions{Token: strings.Repeat("a", 129)}, `the token "` + strings.Repeat("a", 129) + `" has other than 1 to 128 letters, digits and hyphens`},
		{"", pipeline.StartOptions{}, "the name of the pipeline must not be empty"},
	} {
		_, err := w.open().Start(t.Context(), test.name, func(o *pipeline.StartOptions) { *o = test.options })
		want := "pipeline: start pipeline execution of web: " + test.want
		if test.name == "" {
			want = "pipeline: start pipeline execution: " + test.want
		}
		if err == nil || err.Error() != want {
			t.Errorf("error text:\n got %v\nwant %s", err, want)
		}
	}
	if calls := w.pipelines.Calls(); len(calls) > 0 {
		t.Errorf("calls %v", calls)
	}
}

func TestStop(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		answer func(object) (any, error)
		status string // of the execution afterwards; "" denies it
		is     error
	}{
		{name: "stopped", answer: reply(object{"pipelineExecutionId": run1})},
		{name: "stopping already", answer: refuse("DuplicatedStopRequestException")},
		{name: "stopped before", answer: refuse("PipelineExecutionNotStoppableException"), status: "Stopped"},
		{name: "succeeded before", answer: refuse("PipelineExecutionNotStoppableException"), status: "Succeeded", is: pipeline.ErrNotStoppable},
		{name: "ended before, it is not told how", answer: refuse("PipelineExecutionNotStoppableException"), is: pipeline.ErrNotStoppable},
		{name: "busy", answer: refuse("ConflictException"), is: pipeline.ErrConflict},
		{name: "no pipeline", answer: refuse("PipelineNotFoundException"), is: fs.ErrNotExist},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			get := refuse("AccessDeniedException")
			if test.status != "" {
				get = reply(execution(test.status))
			}
			w := newWire(t, map[string]func(object) (any, error){"StopPipelineExecution": test.answer, "GetPipelineExecution": get})
			if err := w.open().Stop(t.Context(), web, run1); !errors.Is(err, test.is) || (err == nil) != (test.is == nil) {
				t.Errorf("error %v, want %v", err, test.is)
			}
		})
	}
}

func TestStopRequest(t *testing.T) {
	t.Parallel()
	var requests []object
	w := newWire(t, map[string]func(object) (any, error){
		"StopPipelineExecution": record(&requests, reply(object{"pipelineExecutionId": run1})),
	})
	client := w.open()
	for _, o := range []pipeline.StopOptions{{}, {Abandon: true, Reason: strings.Repeat("é", 201)}} {
		if err := client.Stop(t.Context(), web, run1, func(so *pipeline.StopOptions) { *so = o }); err != nil {
			t.Fatal(err)
		}
	}
	want := []object{
		{"pipelineName": web, "pipelineExecutionId": run1},
		{"pipelineName": web, "pipelineExecutionId": run1, "abandon": true, "reason": strings.Repeat("é", 199) + "…"},
	}
	if diff := cmp.Diff(want, requests); diff != "" {
		t.Errorf("requests mismatch (-want +got):\n%s", diff)
	}
	if err := client.Stop(t.Context(), web, ""); err == nil || len(requests) != 2 {
		t.Errorf("without an ID: error %v", err)
	}
}

func TestRetry(t *testing.T) {
	t.Parallel()
	var requests []object
	w := newWire(t, map[string]func(object) (any, error){
		"RetryStageExecution": record(&requests, func(in object) (any, error) {
			switch in["stageName"] {
			case "Missing":
				return nil, awsjson.Errorf("StageNotFoundException", "told by the test")
			case "Fine":
				return nil, awsjson.Errorf("StageNotRetryableException", "told by the test")
			case "Old":
				return nil, awsjson.Errorf("NotLatestPipelineExecutionException", "told by the test")
			case "Full":
				return nil, awsjson.Errorf("ConcurrentPipelineExecutionsLimitExceededException", "told by the test")
			}
			return object{"pipelineExecutionId": run1}, nil
		}),
	})
	client := w.open()
	for _, test := range []struct {
		stage string
		mode  pipeline.RetryMode
		is    error
	}{
		{stage: "Build"},
		{stage: "Build", mode: pipeline.RetryAllActions},
		{stage: "Missing", is: fs.ErrNotExist},
		{stage: "Fine", is: pipeline.ErrNotRetryable},
		{stage: "Old", is: pipeline.ErrNotRetryable},
		{stage: "Full", is: pipeline.ErrTooManyExecutions},
	} {
		err := client.Retry(t.Context(), web, run1, test.stage, test.mode)
		if !errors.Is(err, test.is) || (err == nil) != (test.is == nil) {
			t.Errorf("%s: error %v, want %v", test.stage, err, test.is)
		}
	}
	want := []object{
		{"pipelineName": web, "pipelineExecutionId": run1, "stageName": "Build", "retryMode": "FAILED_ACTIONS"},
		{"pipelineName": web, "pipelineExecutionId": run1, "stageName": "Build", "retryMode": "ALL_ACTIONS"},
	}
	if diff := cmp.Diff(want, requests[:2]); diff != "" {
		t.Errorf("requests mismatch (-want +got):\n%s", diff)
	}
	n := len(requests)
	if err := client.Retry(t.Context(), web, run1, "", ""); err == nil || len(requests) != n {
		t.Errorf("without a stage: error %v", err)
	}
}

func TestRollback(t *testing.T) {
	t.Parallel()
	var requests []object
	w := newWire(t, map[string]func(object) (any, error){
		"RollbackStage": record(&requests, func(in object) (any, error) {
			switch in["targetPipelineExecutionId"] {
			case "old":
				return nil, awsjson.Errorf("PipelineExecutionOutdatedException", "told by the test")
			case "failed":
				return nil, awsjson.Errorf("UnableToRollbackStageException", "told by the test")
			case "nothing":
				return object{}, nil
			}
			return object{"pipelineExecutionId": run1}, nil
		}),
	})
	client := w.open()
	if id, err := client.Rollback(t.Context(), web, "Deploy", "target"); err != nil || id != run1 {
		t.Errorf("Rollback: %q, %v", id, err)
	}
	want := []object{{"pipelineName": web, "stageName": "Deploy", "targetPipelineExecutionId": "target"}}
	if diff := cmp.Diff(want, requests); diff != "" {
		t.Errorf("requests mismatch (-want +got):\n%s", diff)
	}
	for _, target := range []string{"old", "failed"} {
		if _, err := client.Rollback(t.Context(), web, "Deploy", target); !errors.Is(err, pipeline.ErrNotRollbackable) {
			t.Errorf("%s: error %v", target, err)
		}
	}
	const none = `pipeline: rollback stage "Deploy" of web: the reply holds no execution ID`
	if _, err := client.Rollback(t.Context(), web, "Deploy", "nothing"); err == nil || err.Error() != none {
		t.Errorf("error %v, want %s", err, none)
	}
}
