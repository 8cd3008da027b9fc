package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/pipeline"
)

func at(seconds int) time.Time {
	return time.Unix(1700000000, 500_000_000).Add(time.Duration(seconds) * time.Second).UTC()
}

func TestExecution(t *testing.T) {
	t.Parallel()
	w := serveExecution(t,
		object{"pipelineExecution": object{
			"pipelineName": web, "pipelineExecutionId": run1, "pipelineVersion": 3,
			"status": "Failed", "statusSummary": "a stage failed",
			"trigger":       object{"triggerType": "ManualRollback", "triggerDetail": "arn:aws:iam::111122223333:user/ada"},
			"executionMode": "QUEUED", "executionType": "ROLLBACK",
			"rollbackMetadata": object{"rollbackTargetPipelineExecutionId": "target"},
			"variables":        []object{{"name": "Environment", "resolvedValue": "staging"}, {"name": "Empty"}},
		}},
		actions( // the newest first, as the service has it
			action("a5", "Build", "Test", "Failed", 40, actionType("Test/AWS/CodeBuild"), object{
				"updatedBy": "arn:aws:iam::111122223333:user/ada",
				"input": object{
					"configuration":         object{"ProjectName": "#{variables.Environment}-test", "Token": "****", "ClientSecret": "open", "Key": "******", "Paths": "**"},
					"resolvedConfiguration": object{"ProjectName": "staging-test", "Key": "open", "Password": "****"},
					"region":                "eu-west-1", "roleArn": "arn:aws:iam::111122223333:role/test", "namespace": "TestVariables",
					"inputArtifacts": []object{{"name": "App", "s3location": object{"bucket": "b", "key": "k"}}, {"name": "Bare"}},
				},
				"output": object{"executionResult": object{
					"externalExecutionId": "test:1", "externalExecutionSummary": "Build terminated with state: FAILED",
					"externalExecutionUrl": "https://console.aws.amazon.com/codebuild/home", "logStreamARN": "arn:aws:logs:x",
					"errorDetails": object{"code": "JobFailed", "message": "tests failed"},
				}},
			}),
			action("a4", "Build", "Lint", "Succeeded", 20),
			action("a3", "Build", "Test", "Failed", 20, actionType("Test/AWS/CodeBuild")),
			action("a2", "Source", "Checkout", "Succeeded", 10, actionType("Source/Custom/Mercurial"), outputs("App")),
		))
	got, err := w.open().Execution(t.Context(), web, run1)
	if err != nil {
		t.Fatal(err)
	}
	want := &pipeline.Execution{
		Pipeline: web, ID: run1, PipelineVersion: 3, Status: pipeline.StatusFailed, StatusSummary: "a stage failed",
		Trigger: pipeline.Trigger{Type: "ManualRollback", Detail: "arn:aws:iam::111122223333:user/ada"},
		Mode:    pipeline.ModeQueued, Type: pipeline.ExecutionRollback, RollbackTarget: "target",
		Variables: []pipeline.Variable{{Name: "Environment", Value: "staging"}, {Name: "Empty"}},
		Started:   at(10), Attempts: 2,
		Actions: []pipeline.ActionExecution{
			{
				ID: "a2", Stage: "Source", Action: "Checkout", Status: "Succeeded", Runs: 1, Started: at(10), Updated: at(11),
				Type:    events.ActionType{Category: "Source", Owner: "Custom", Provider: "Mercurial", Version: "1"},
				Outputs: []pipeline.Artifact{{Name: "App", Bucket: "artifacts", Key: "web/App"}},
			},
			{ID: "a4", Stage: "Build", Action: "Lint", Status: "Succeeded", Runs: 1, Started: at(20), Updated: at(21)},
			{
				ID: "a5", Stage: "Build", Action: "Test", Status: "Failed", Runs: 2, Started: at(40), Updated: at(41),
				Type:      events.ActionType{Category: "Test", Owner: "AWS", Provider: "CodeBuild", Version: "1"},
				UpdatedBy: "arn:aws:iam::111122223333:user/ada", Region: "eu-west-1", RoleARN: "arn:aws:iam::111122223333:role/test",
				Summary: "Build terminated with state: FAILED", ExternalID: "test:1", URL: "https://console.aws.amazon.com/codebuild/home",
				LogStreamARN: "arn:aws:logs:x", ErrorCode: "JobFailed", ErrorMessage: "tests failed",
				Configuration: map[string]string{"ProjectName": "staging-test", "Paths": "**"}, Namespace: "TestVariables",
				Inputs: []pipeline.Artifact{{Name: "App", Bucket: "b", Key: "k"}, {Name: "Bare"}},
			},
		},
		Revisions: []pipeline.Revision{{Stage: "Source", Action: "Checkout", Artifact: "App"}},
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
	if failed := got.Failed(); len(failed) != 1 || failed[0].ID != "a5" {
		t.Errorf("failed actions %v, want a5", failed)
	}
	if diff := cmp.Diff(map[string]int{"GetPipelineExecution": 1, "ListActionExecutions": 1}, w.pipelines.Calls()); diff != "" {
		t.Errorf("calls mismatch (-want +got):\n%s", diff)
	}
}

// Attempts are counted from the runs, each "stage action", in their order.
func TestAttempts(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		runs []string
		want int
	}{
		{"nothing has started", nil, 1},
		{"the first run", []string{"S a", "B a", "B b"}, 1},
		{"one of two failed", []string{"B a", "B b", "B a"}, 2},
		{"both failed", []string{"B a", "B b", "B b", "B a"}, 2},
		{"all again", []string{"B a", "B b", "B b", "B a", "B a", "B b"}, 3},
		{"the later action fails only after the retry of the earlier", []string{"B a", "B a", "B b", "B b"}, 3},
		{"two stages", []string{"S a", "S a", "B a", "B a", "B a"}, 4},
		{"an action of the same name elsewhere", []string{"S a", "B a", "D a"}, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var details []object
			for i, run := range test.runs {
				details = append(details, action("run"+strconv.Itoa(i), run[:1], run[2:], "Succeeded", i))
			}
			slices.Reverse(details)
			got, err := serveExecution(t, execution("InProgress"), actions(details...)).open().Execution(t.Context(), web, run1)
			if err != nil {
				t.Fatal(err)
			}
			if got.Attempts != test.want {
				t.Errorf("%d attempts, want %d", got.Attempts, test.want)
			}
		})
	}
}

// The runs of actions come in pages, which move while an action starts.
func TestExecutionPages(t *testing.T) {
	t.Parallel()
	var requests []object
	pages := map[any]object{
		nil: actions(action("c", "B", "c", "InProgress", 30), action("b", "B", "b", "Succeeded", 20)),
		"2": actions(action("b", "B", "b", "InProgress", 20, object{"lastUpdateTime": 1700000000}), action("a", "B", "a", "Succeeded", 10),
			action("x", "B", "x", "Succeeded", 5, object{"pipelineExecutionId": "another"})),
		"3": actions(action("c", "B", "c", "Succeeded", 30, object{"lastUpdateTime": 1800000000})),
	}
	pages[nil]["nextToken"], pages["2"]["nextToken"] = "2", "3"
	w := newWire(t, map[string]func(object) (any, error){
		"GetPipelineExecution": reply(execution("InProgress")),
		"ListActionExecutions": func(in object) (any, error) {
			requests = append(requests, in)
			return pages[in["nextToken"]], nil
		},
	})
	e, err := w.open().Execution(t.Context(), web, run1)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, a := range e.Actions {
		got = append(got, fmt.Sprint(a.ID, " ", a.Status, " ", a.Runs))
	}
	if diff := cmp.Diff([]string{"a Succeeded 1", "b Succeeded 1", "c Succeeded 1"}, got); diff != "" {
		t.Errorf("actions mismatch (-want +got):\n%s", diff)
	}
	filter := object{"pipelineExecutionId": run1}
	want := []object{
		{"pipelineName": web, "filter": filter, "maxResults": 100.0},
		{"pipelineName": web, "filter": filter, "maxResults": 100.0, "nextToken": "2"},
		{"pipelineName": web, "filter": filter, "maxResults": 100.0, "nextToken": "3"},
	}
	if diff := cmp.Diff(want, requests); diff != "" {
		t.Errorf("requests mismatch (-want +got):\n%s", diff)
	}
}

func TestExecutionErrors(t *testing.T) {
	t.Parallel()
	ok := map[string]func(object) (any, error){
		"GetPipelineExecution": reply(execution("Succeeded")),
		"ListActionExecutions": reply(actions()),
	}
	for _, test := range []struct {
		name         string
		operation    string
		answer       func(object) (any, error)
		pipeline, id string
		is           error
		want         string
	}{
		{
			name: "no pipeline", operation: "GetPipelineExecution", answer: refuse("PipelineNotFoundException"), pipeline: web, id: run1, is: fs.ErrNotExist,
			want: `pipeline: get pipeline execution "` + run1 + `" of web: operation error CodePipeline: GetPipelineExecution, https response error StatusCode: 400, RequestID: *, PipelineNotFoundException: told by the test`,
		},
		{name: "no execution", operation: "GetPipelineExecution", answer: refuse("PipelineExecutionNotFoundException"), pipeline: web, id: run1, is: fs.ErrNotExist},
		{
			name: "denied", operation: "GetPipelineExecution", answer: refuse("AccessDeniedException"), pipeline: web, id: run1, is: fs.ErrPermission,
			want: `pipeline: get pipeline execution "` + run1 + `" of web: access denied, allow the IAM action codepipeline:GetPipelineExecution: *`,
		},
		{
			name: "actions denied", operation: "ListActionExecutions", answer: refuse("AccessDeniedException"), pipeline: web, id: run1, is: fs.ErrPermission,
			want: `pipeline: list action executions "` + run1 + `" of web: access denied, allow the IAM action codepipeline:ListActionExecutions: *`,
		},
		{
			name: "an endless list", operation: "ListActionExecutions", answer: reply(object{"nextToken": "again"}), pipeline: web, id: run1,
			want: `pipeline: list action executions "` + run1 + `" of web: the service returned the same continuation token twice`,
		},
		{
			name: "an empty reply", operation: "GetPipelineExecution", answer: reply(object{}), pipeline: web, id: run1,
			want: `pipeline: get pipeline execution "` + run1 + `" of web: the reply holds no execution`,
		},
		{name: "invalid", operation: "GetPipelineExecution", answer: refuse("ValidationException"), pipeline: web, id: "x"},
		{name: "no name", pipeline: "", id: "", want: `pipeline: get pipeline execution: the name of the pipeline and the ID of the execution must not be empty`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			operations := map[string]func(object) (any, error){}
			for name, answer := range ok {
				operations[name] = answer
			}
			operations[test.operation] = test.answer
			_, err := newWire(t, operations).open().Execution(t.Context(), test.pipeline, test.id)
			var e *pipeline.Error
			if !errors.As(err, &e) || e.Pipeline != test.pipeline {
				t.Fatalf("error %v, want an *Error", err)
			}
			if test.want != "" && !matches(test.want, err.Error()) {
				t.Errorf("error text:\n got %s\nwant %s", err, test.want)
			}
			for _, class := range classes {
				if errors.Is(err, class) != (class == test.is) {
					t.Errorf("errors.Is(%q, %q) = %v", err, class, class != test.is)
				}
			}
		})
	}
}

var classes = []error{
	fs.ErrNotExist, fs.ErrPermission, pipeline.ErrNotStoppable, pipeline.ErrNotRetryable,
	pipeline.ErrNotRollbackable, pipeline.ErrConflict, pipeline.ErrTooManyExecutions, context.Canceled,
}

// A context that ends in a call is in the error, whatever the SDK makes of it.
func TestExecutionCanceled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	w := newWire(t, map[string]func(object) (any, error){
		"GetPipelineExecution": reply(execution("Succeeded")),
		"ListActionExecutions": func(object) (any, error) {
			cancel()
			return nil, errors.New("late")
		},
	})
	_, err := w.open().Execution(ctx, web, run1)
	var e *pipeline.Error
	if !errors.Is(err, context.Canceled) || !errors.As(err, &e) || e.Operation != "ListActionExecutions" {
		t.Errorf("error %v, want that of the context", err)
	}
}

// brokenAPI is no client of the SDK.
type brokenAPI struct {
	pipeline.API
	cancel context.CancelFunc // nil for no reply at all
}

func (a *brokenAPI) GetPipelineExecution(context.Context, *awscodepipeline.GetPipelineExecutionInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.GetPipelineExecutionOutput, error) {
	if a.cancel == nil {
		return nil, nil
	}
	a.cancel()
	return nil, apiError("PipelineNotFoundException")
}

func TestBrokenAPI(t *testing.T) {
	t.Parallel()
	const none = `pipeline: get pipeline execution "` + run1 + `" of web: the API returned neither a reply nor an error`
	if _, err := pipeline.New(&brokenAPI{}).Execution(t.Context(), web, run1); err == nil || err.Error() != none {
		t.Errorf("error %v, want %s", err, none)
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, err := pipeline.New(&brokenAPI{cancel: cancel}).Execution(ctx, web, run1)
	const both = `pipeline: get pipeline execution "` + run1 + `" of web: api error PipelineNotFoundException: told by the test (context canceled)`
	if !errors.Is(err, context.Canceled) || !errors.Is(err, fs.ErrNotExist) || err.Error() != both {
		t.Errorf("error %v, want %s", err, both)
	}
}

// matches reports whether text is the pattern, in which "*" stands for
// anything.
func matches(pattern, text string) bool {
	head, tail, star := strings.Cut(pattern, "*")
	if !star {
		return pattern == text
	}
	if len(text) < len(head) || text[:len(head)] != head {
		return false
	}
	for i := len(head); i <= len(text); i++ {
		if matches(tail, text[i:]) {
			return true
		}
	}
	return false
}
