package pipeline_test

import (
	"errors"
	"io/fs"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/pipeline"
)

func TestExecutions(t *testing.T) {
	t.Parallel()
	var requests []object
	w := newWire(t, map[string]func(object) (any, error){
		"ListPipelineExecutions": record(&requests, func(in object) (any, error) {
			if in["nextToken"] == nil {
				return object{"nextToken": "2", "pipelineExecutionSummaries": []object{{
					"pipelineExecutionId": "2", "status": "Stopped", "statusSummary": "stopped", "startTime": 1700000000.5, "lastUpdateTime": 1700000060.5,
					"trigger": object{"triggerType": "Webhook", "triggerDetail": starARN}, "stopTrigger": object{"reason": "not now"},
					"executionMode": "PARALLEL", "executionType": "ROLLBACK", "rollbackMetadata": object{"rollbackTargetPipelineExecutionId": "1"},
					"sourceRevisions": []object{
						{"actionName": "b", "revisionId": sha, "revisionUrl": "https://github.com/o/r/commit/" + sha, "revisionSummary": "Fix"},
						{"actionName": "a", "revisionId": "v1", "revisionSummary": "Amazon S3 version id: v1"},
					},
				}}}, nil
			}
			return object{"pipelineExecutionSummaries": []object{{"pipelineExecutionId": "1", "status": "Succeeded"}}}, nil
		}),
	})
	var got []*pipeline.ExecutionSummary
	for e, err := range w.open().Executions(t.Context(), web, func(o *pipeline.ListOptions) { o.SucceededInStage = "Deploy" }) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, e)
	}
	want := []*pipeline.ExecutionSummary{
		{
			Pipeline: web, ID: "2", Status: pipeline.StatusStopped, StatusSummary: "stopped",
			Trigger: pipeline.Trigger{Type: "Webhook", Detail: starARN}, Mode: pipeline.ModeParallel, Type: pipeline.ExecutionRollback, RollbackTarget: "1",
			Started: at(0), Updated: at(60), StopReason: "not now",
			Revisions: []pipeline.Revision{
				{Action: "a", Provider: "S3", ID: "v1", Message: "Amazon S3 version id: v1"},
				{Action: "b", Provider: "GitHub", Host: "github.com", Repository: "o/r", ID: sha, Message: "Fix", URL: "https://github.com/o/r/commit/" + sha},
			},
		},
		{Pipeline: web, ID: "1", Status: pipeline.StatusSucceeded},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
	filter := object{"succeededInStage": object{"stageName": "Deploy"}}
	wantRequests := []object{
		{"pipelineName": web, "filter": filter, "maxResults": 100.0},
		{"pipelineName": web, "filter": filter, "maxResults": 100.0, "nextToken": "2"},
	}
	if diff := cmp.Diff(wantRequests, requests); diff != "" {
		t.Errorf("requests mismatch (-want +got):\n%s", diff)
	}

	// Who stops early pays for no more pages.
	requests = nil
	for range w.open().Executions(t.Context(), web) {
		break
	}
	if diff := cmp.Diff([]object{{"pipelineName": web, "maxResults": 100.0}}, requests); diff != "" {
		t.Errorf("requests mismatch (-want +got):\n%s", diff)
	}
}

func TestExecutionsErrors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		pipeline string
		answer   func(object) (any, error)
		want     string
		is       error
		yields   int
	}{
		{
			name: "endless", pipeline: web, yields: 3,
			answer: reply(object{"nextToken": "again", "pipelineExecutionSummaries": []object{{"pipelineExecutionId": "1"}}}),
			want:   "pipeline: list pipeline executions of web: the service returned the same continuation token twice",
		},
		{name: "no pipeline", pipeline: web, answer: refuse("PipelineNotFoundException"), want: "pipeline: list pipeline executions of web: *", is: fs.ErrNotExist, yields: 1},
		{name: "no name", answer: refuse("ValidationException"), want: "pipeline: list pipeline executions: the name of the pipeline must not be empty", yields: 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWire(t, map[string]func(object) (any, error){"ListPipelineExecutions": test.answer})
			n := 0
			var last error
			for e, err := range w.open().Executions(t.Context(), test.pipeline) {
				n++
				if last != nil {
					t.Fatal("the sequence goes on after an error")
				}
				if (e == nil) != (err != nil) {
					t.Errorf("got %v, %v", e, err)
				}
				last = err
			}
			if n != test.yields || last == nil || !matches(test.want, last.Error()) {
				t.Errorf("%d yields, error %v, want %d and %s", n, last, test.yields, test.want)
			}
			if test.is != nil && !errors.Is(last, test.is) {
				t.Errorf("error %v, want %v", last, test.is)
			}
		})
	}
}
