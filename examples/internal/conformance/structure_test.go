package conformance_test

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"
)

// structureChecks are those of changes of structures.
var structureChecks = []check{
	{
		name:      "changed pipeline",
		assumes:   "UpdatePipeline cancels the executions in progress.",
		rests:     []string{"pipeline/definition.Pipeline.Update", "pipeline/pipelinetest.Server"},
		choices:   []string{"pipeline/pipelinetest.Server: [Server.Update], UpdatePipeline and DeletePipeline"},
		want:      "Cancelled",
		otherwise: "Package pipelinestatus leaves a status pending, or ends it with another description.",
		needs:     []need{needRole, needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			if w.flow.first == "" {
				return "", errMissing
			}
			id, err := w.start(ctx, w.flow.name)
			if err != nil {
				return "", err
			}
			if _, _, err := w.waiting(ctx, w.flow.name, id, "A"); err != nil {
				return "", err
			}
			p, err := w.declaration(ctx, w.flow.name, flowVariables, w.flowStages()...)
			if err != nil {
				return "", err
			}
			p.Variables = []types.PipelineVariableDeclaration{{Name: aws.String("Go"), DefaultValue: aws.String("yes"), Description: aws.String("changed")}}
			if _, err := w.codepipeline.UpdatePipeline(ctx, &awscodepipeline.UpdatePipelineInput{Pipeline: p}); err != nil {
				return answer(err)
			}
			status, err := w.soon(ctx, w.flow.name, id)
			return string(status), err
		},
	},
	{
		name:      "pipeline made again",
		assumes:   "A pipeline that is deleted, and created again under its name, does not know the executions of the old one; to delete it twice is no error.",
		rests:     []string{"pipeline/multibranch.perBranchModel.remove", "pipeline/pipelinetest.Server"},
		want:      "success, success, PipelineExecutionNotFoundException",
		otherwise: "Package multibranch reports on executions of a deleted pipeline, or fails to delete one twice.",
		needs:     []need{needRole, needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			if w.flow.first == "" {
				return "", errMissing
			}
			remove := func() error {
				_, err := w.codepipeline.DeletePipeline(ctx, &awscodepipeline.DeletePipelineInput{Name: &w.flow.name})
				return err
			}
			err1, err2 := remove(), remove()
			if err := w.makePipeline(ctx, w.flow.name, flowVariables, w.flowStages()...); err != nil {
				return "", err
			}
			_, err3 := w.get(ctx, w.flow.name, w.flow.first)
			return answers(err1, err2, err3)
		},
	},
	{
		name:      "missing pipeline",
		assumes:   "UpdatePipeline of a pipeline that does not exist is an InvalidStructureException, and GetPipeline a PipelineNotFoundException.",
		rests:     []string{"pipeline/definition.Pipeline.Update", "pipeline/multibranch.perBranchModel.remove", "pipeline/pipelinetest.Server"},
		want:      "InvalidStructureException, PipelineNotFoundException",
		otherwise: "A branch whose pipeline somebody has deleted fails instead of getting another.",
		needs:     []need{needRole},
		run: func(ctx context.Context, w *world) (string, error) {
			name := w.name + "-none"
			p, err := w.declaration(ctx, name, nil, w.flowStages()[:1]...)
			if err != nil {
				return "", err
			}
			_, err1 := w.codepipeline.UpdatePipeline(ctx, &awscodepipeline.UpdatePipelineInput{Pipeline: p})
			_, err2 := w.codepipeline.GetPipeline(ctx, &awscodepipeline.GetPipelineInput{Name: &name})
			return answers(err1, err2)
		},
	},
	{
		name:      "variable without a default",
		assumes:   "CreatePipeline of a pipeline with a variable without a default starts no execution.",
		rests:     []string{"pipeline/multibranch.perBranchModel.remove", "pipeline/pipelinetest.Server"},
		want:      "no execution",
		otherwise: "Only the test server differs.",
		needs:     []need{needRole, needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			name := w.name + "-still"
			if err := w.makePipeline(ctx, name, []types.PipelineVariableDeclaration{{Name: aws.String("Must")}}, w.flowStages()[:1]...); err != nil {
				return answer(err)
			}
			if err := w.pass(ctx, 15*time.Second); err != nil {
				return "", err
			}
			list, err := w.executions(ctx, name)
			if err != nil {
				return "", err
			}
			return yes(len(list) == 0, "no execution", "%d executions", len(list))
		},
	},
	{
		name:      "variable of nothing",
		assumes:   "A variable such as #{Nothing.Value}, of a namespace that no action has, is no error of the structure, and fails its action.",
		rests:     []string{"pipeline/definition.Pipeline.Check", "pipeline/pipelinetest.Server"},
		choices:   []string{"pipeline/pipelinetest.Server: A variable such as #{namespace.key}"},
		want:      "the action is Failed",
		otherwise: "Only the test server differs: Check refuses such a structure.",
		needs:     []need{needRole, needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			name := w.oddName()
			err := w.makePipeline(ctx, name, nil, types.StageDeclaration{Name: aws.String("Odd"), Actions: []types.ActionDeclaration{
				approvalAction("Odd", map[string]string{"CustomData": "#{Nothing.Value}"}),
			}})
			if err != nil {
				return answer(err)
			}
			var id string
			_, err = w.until(ctx, 5*time.Second, func() (bool, error) {
				list, err := w.executions(ctx, name)
				if len(list) > 0 {
					id = aws.ToString(list[0].PipelineExecutionId)
				}
				return id != "", err
			})
			if err != nil {
				return "", err
			}
			run, err := w.runEnd(ctx, name, id, "Odd")
			return "the action is " + string(run.Status), err
		},
	},
}

// oddName is the name of a pipeline each execution of which fails.
func (w *world) oddName() string { return w.name + "-odd" }

// actionChecks are those of actions that AWS runs by itself.
var actionChecks = []check{
	{
		name:      "log of commands",
		assumes:   "The log of a Commands action is in a group of the pipeline, in a stream that has the ID of the action execution as its name.",
		rests:     []string{"pipeline.ActionExecution.LogStream", "pipeline/pipelinetest.Server"},
		choices:   []string{"pipeline/pipelinetest.Server: An action that starts another pipeline"},
		want:      "Succeeded, N=7; the group of the pipeline, the ID of the action execution",
		otherwise: "Only the test server differs: the library takes the ARN of the stream from the action.",
		needs:     []need{needRole, needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			id, err := w.startActions(ctx)
			if err != nil {
				return answer(err)
			}
			run, err := w.runEnd(ctx, w.actionsName(), id, "Commands")
			if err != nil || run.Output == nil || run.Output.ExecutionResult == nil {
				return "no result", err
			}
			text := fmt.Sprintf("%s, N=%s; ", run.Status, run.Output.OutputVariables["N"])
			l := logStreamOf(run)
			if l.group == "/aws/codepipeline/"+w.actionsName() {
				text += "the group of the pipeline"
			} else {
				text += fmt.Sprintf("the group %q", l.group)
			}
			if l.stream == aws.ToString(run.ActionExecutionId) {
				return text + ", the ID of the action execution", nil
			}
			return fmt.Sprintf("%s, the stream %q", text, l.stream), nil
		},
	},
	{
		name:      "nested pipeline",
		assumes:   "An action that starts another pipeline waits for the end of its execution, fails as that does, and has its ID as external execution ID.",
		rests:     []string{"pipeline/pipelinetest.Server", "pipeline/diagram.SVG"},
		choices:   []string{"pipeline/pipelinetest.Server: An action that starts another pipeline"},
		want:      "Failed, with the ID of an execution that is Failed",
		otherwise: "Only the test server differs.",
		needs:     []need{needRole, needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			id, err := w.startActions(ctx)
			if err != nil {
				return answer(err)
			}
			run, err := w.runEnd(ctx, w.actionsName(), id, "Nested")
			if err != nil || run.Output == nil || run.Output.ExecutionResult == nil {
				return "no result", err
			}
			inner := aws.ToString(run.Output.ExecutionResult.ExternalExecutionId)
			x, err := w.get(ctx, w.oddName(), inner)
			if err != nil {
				a, err := answer(err)
				return fmt.Sprintf("%s, with the ID %q: %s", run.Status, inner, a), err
			}
			return fmt.Sprintf("%s, with the ID of an execution that is %s", run.Status, x.Status), nil
		},
	},
}
