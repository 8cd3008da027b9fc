package conformance_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"

	"github.com/codesuite-go/codesuite/events"
)

// functionChecks are those of Lambda invoke actions and of sources of connections.
var functionChecks = []check{
	{
		name:      "invoke action",
		assumes:   "A Lambda invoke action waits for the result of its job after its function has returned, and the event of the function decodes.",
		rests:     []string{"events.Job", "pipeline/action.Handler", "pipeline/pipelinetest.Server.OnInvoke"},
		want:      "InProgress, 1 input, without problems; Succeeded with N=7",
		otherwise: "An action succeeds before its work is done, or handlers lack a field.",
		needs:     []need{needRole, needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			function, err := w.function(ctx)
			if err != nil {
				return "", fmt.Errorf("the function cannot be made: does the role trust lambda.amazonaws.com? %w", err)
			}
			name := w.name + "-invoke"
			err = w.makePipeline(ctx, name, nil, types.StageDeclaration{Name: aws.String("Invoke"), Actions: []types.ActionDeclaration{{
				Name: aws.String("Invoke"), ActionTypeId: awsType(types.ActionCategoryInvoke, "Lambda"), Namespace: aws.String("Invoke"),
				Configuration:  map[string]string{"FunctionName": function, "UserParameters": "conformance"},
				InputArtifacts: []types.InputArtifact{{Name: aws.String("Source")}},
			}}})
			if err != nil {
				return answer(err)
			}
			var payload []byte
			_, err = w.until(ctx, 5*time.Second, func() (bool, error) {
				if payload, err = w.invoked(ctx); err != nil || payload != nil {
					return err == nil, err
				}
				list, err := w.executions(ctx, name)
				if err != nil || len(list) == 0 {
					return false, err
				}
				return false, w.going(ctx, name, aws.ToString(list[0].PipelineExecutionId))
			})
			if err != nil {
				return "", err
			}
			e, err := events.Decode(payload)
			if err != nil {
				return "", err
			}
			job, ok := e.(*events.Job)
			if !ok {
				return fmt.Sprintf("a %T", e), nil
			}
			// Time for a function that has returned to end the action.
			if err := w.pass(ctx, 10*time.Second); err != nil {
				return "", err
			}
			list, err := w.executions(ctx, name)
			if err != nil || len(list) == 0 {
				return "no execution", err
			}
			id := aws.ToString(list[0].PipelineExecutionId)
			runs, err := w.runs(ctx, name, id, "Invoke")
			if err != nil || len(runs) == 0 {
				return "no run", err
			}
			text := fmt.Sprintf("%s, %d input", runs[0].Status, len(job.InputArtifacts))
			if n := len(job.Problems()); n == 0 {
				text += ", without problems"
			} else {
				text += fmt.Sprintf(", %d problems", n)
			}
			_, err = w.codepipeline.PutJobSuccessResult(ctx, &awscodepipeline.PutJobSuccessResultInput{JobId: &job.ID, OutputVariables: map[string]string{"N": "7"}})
			if err != nil {
				a, err := answer(err)
				return text + "; " + a, err
			}
			run, err := w.runEnd(ctx, name, id, "Invoke")
			if err != nil || run.Output == nil {
				return text + "; no result", err
			}
			return fmt.Sprintf("%s; %s with N=%s", text, run.Status, run.Output.OutputVariables["N"]), nil
		},
	},
	{
		name:      "revision of a connection",
		assumes:   "An execution shows the commit of a connection's source: the provider in a JSON text with the message, and a URL that names the repository and the connection.",
		rests:     []string{"events.ParseRevision", "pipeline.Client.Execution", "githubstatus/pipelinestatus.Reporter"},
		want:      "a provider, the repository, the connection, a commit, a message",
		otherwise: "Package pipelinestatus reports on no commit.",
		needs:     []need{needRole, needConnection},
		run: func(ctx context.Context, w *world) (string, error) {
			name := w.name + "-linked"
			p, err := w.declarationFrom(ctx, name, types.ActionDeclaration{
				Name: aws.String("Linked"), ActionTypeId: awsType(types.ActionCategorySource, "CodeStarSourceConnection"),
				Configuration:   map[string]string{"ConnectionArn": w.connection, "FullRepositoryId": w.linked, "BranchName": w.branch, "DetectChanges": "false"},
				OutputArtifacts: []types.OutputArtifact{{Name: aws.String("Source")}},
			}, nil, types.StageDeclaration{Name: aws.String("Approve"), Actions: []types.ActionDeclaration{approvalAction("Approve", nil)}})
			if err != nil {
				return "", err
			}
			if err := w.create(ctx, p); err != nil {
				return answer(err)
			}
			var revision types.SourceRevision
			_, err = w.until(ctx, 5*time.Second, func() (bool, error) {
				list, err := w.executions(ctx, name)
				if err != nil || len(list) == 0 {
					return false, err
				}
				if len(list[0].SourceRevisions) == 0 {
					return false, w.going(ctx, name, aws.ToString(list[0].PipelineExecutionId))
				}
				revision = list[0].SourceRevisions[0]
				return true, nil
			})
			if err != nil {
				return "", err
			}
			parsed := events.ParseRevision(events.ActionType{Owner: "AWS", Category: "Source", Provider: "CodeStarSourceConnection", Version: "1"},
				aws.ToString(revision.RevisionUrl), aws.ToString(revision.RevisionSummary), aws.ToString(revision.RevisionId))
			var found []string
			for _, f := range []struct {
				name string
				is   bool
			}{
				{"a provider", parsed.Provider != ""}, {"the repository", parsed.Repository == w.linked}, {"the connection", parsed.ConnectionARN == w.connection},
				{"a commit", len(parsed.ID) == 40}, {"a message", parsed.Message != "" && !strings.HasPrefix(parsed.Message, "{")},
			} {
				if !f.is {
					f.name = "not " + f.name
				}
				found = append(found, f.name)
			}
			return strings.Join(found, ", "), nil
		},
	},
}

// actionsName is the name of the pipeline of actions that AWS runs by itself.
func (w *world) actionsName() string { return w.name + "-actions" }

// startActions makes the pipeline of actions with the first call, and returns its
// execution.
func (w *world) startActions(ctx context.Context) (id string, err error) {
	name := w.actionsName()
	list, err := w.executions(ctx, name)
	if err := unless(err, "PipelineNotFoundException"); err != nil {
		return "", err
	}
	if len(list) > 0 {
		return aws.ToString(list[0].PipelineExecutionId), nil
	}
	w.later("log group of pipeline "+name, func(ctx context.Context) error { return w.removeLog(ctx, "/aws/codepipeline/"+name) })
	err = w.makePipeline(ctx, name, nil,
		types.StageDeclaration{Name: aws.String("Run"), Actions: []types.ActionDeclaration{{
			Name: aws.String("Commands"), ActionTypeId: awsType(types.ActionCategoryCompute, "Commands"),
			Commands: []string{"export N=7", "echo conformance"}, OutputVariables: []string{"N"}, Namespace: aws.String("Run"),
			InputArtifacts: []types.InputArtifact{{Name: aws.String("Source")}},
		}}},
		types.StageDeclaration{Name: aws.String("Nested"), Actions: []types.ActionDeclaration{{
			Name: aws.String("Nested"), ActionTypeId: awsType(types.ActionCategoryInvoke, "CodePipeline"),
			Configuration: map[string]string{"PipelineName": w.oddName()},
		}}},
	)
	if err != nil {
		return "", err
	}
	_, err = w.until(ctx, 5*time.Second, func() (bool, error) {
		list, err := w.executions(ctx, name)
		if len(list) > 0 {
			id = aws.ToString(list[0].PipelineExecutionId)
		}
		return id != "", err
	})
	return id, err
}

type logStream struct{ group, stream string }

// logStreamOf returns the log stream of a run, by the ARN of the stream.
func logStreamOf(run types.ActionExecutionDetail) (l logStream) {
	_, rest, _ := strings.Cut(aws.ToString(run.Output.ExecutionResult.LogStreamARN), ":log-group:")
	l.group, l.stream, _ = strings.Cut(rest, ":log-stream:")
	return l
}
