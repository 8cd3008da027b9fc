package conformance_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"
)

// stageChecks are those of conditions, rollbacks and transitions of the pipeline of
// approvals.
var stageChecks = []check{
	{
		name:      "condition of a stage",
		assumes:   "An execution whose condition before an entry fails is Failed, after its rule VariableCheck has run in the stage.",
		rests:     []string{"pipeline.Client.Execution", "pipeline/pipelinetest.Server"},
		choices:   []string{"pipeline/pipelinetest.Server: A stage has started when its condition"},
		want:      "Failed, the rule Failed, without an action",
		otherwise: "Details and pictures show conditions in another state.",
		needs:     []need{needRole, needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			if w.flow.first == "" {
				return "", errMissing
			}
			id, err := w.start(ctx, w.flow.name, types.PipelineVariable{Name: aws.String("Go"), Value: aws.String("no")})
			if err != nil {
				return "", err
			}
			for _, action := range []string{"A", "B"} {
				if err := w.settle(ctx, w.flow.name, id, "Check", action, types.ApprovalStatusApproved); err != nil {
					return "", err
				}
			}
			status, err := w.end(ctx, w.flow.name, id)
			if err != nil {
				return "", err
			}
			w.flow.conditional = id
			text := string(status)
			rules, err := w.codepipeline.ListRuleExecutions(ctx, &awscodepipeline.ListRuleExecutionsInput{
				PipelineName: &w.flow.name, Filter: &types.RuleExecutionFilter{PipelineExecutionId: &id},
			})
			if err != nil {
				return answer(err)
			}
			for _, r := range rules.RuleExecutionDetails {
				text += ", the rule " + string(r.Status)
			}
			runs, err := w.runs(ctx, w.flow.name, id, "C")
			if len(runs) > 0 {
				return fmt.Sprintf("%s, %d runs of the action", text, len(runs)), err
			}
			return text + ", without an action", err
		},
	},
	{
		name:      "overridden condition",
		assumes:   "A condition can be overridden after its execution has failed for it, and the execution goes on with the stage.",
		rests:     []string{"pipeline.Client.Override", "pipeline/pipelinetest.Server"},
		choices:   []string{"pipeline/pipelinetest.Server: A condition can be overridden"},
		want:      "success, the action waits",
		otherwise: "Override is refused for an execution that has failed.",
		needs:     []need{needRole, needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			if w.flow.conditional == "" {
				return "", errMissing
			}
			_, err := w.codepipeline.OverrideStageCondition(ctx, &awscodepipeline.OverrideStageConditionInput{
				PipelineName: &w.flow.name, PipelineExecutionId: &w.flow.conditional, StageName: aws.String("Gate"), ConditionType: types.ConditionTypeBeforeEntry,
			})
			text, err := answer(err)
			if err != nil || text != "success" {
				return text, err
			}
			if err := w.settle(ctx, w.flow.name, w.flow.conditional, "Gate", "C", types.ApprovalStatusRejected); err != nil {
				return "", err
			}
			_, err = w.end(ctx, w.flow.name, w.flow.conditional)
			return text + ", the action waits", err
		},
	},
	{
		name:      "rollback",
		assumes:   "A rollback is an execution of its own that runs one stage with the revisions of its target.",
		rests:     []string{"pipeline.Client.Rollback", "pipeline/pipelinetest.Server"},
		choices:   []string{"pipeline/pipelinetest.Server: A rollback runs its stage alone"},
		want:      "ROLLBACK by ManualRollback, of the target and with its revision; C alone; Succeeded",
		otherwise: "Package pipelinestatus reports a rollback on the wrong commit.",
		needs:     []need{needRole, needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			if w.flow.conditional == "" {
				return "", errMissing
			}
			out, err := w.codepipeline.RollbackStage(ctx, &awscodepipeline.RollbackStageInput{
				PipelineName: &w.flow.name, StageName: aws.String("Gate"), TargetPipelineExecutionId: &w.flow.first,
			})
			if err != nil {
				return answer(err)
			}
			id := aws.ToString(out.PipelineExecutionId)
			if err := w.settle(ctx, w.flow.name, id, "Gate", "C", types.ApprovalStatusApproved); err != nil {
				return "", err
			}
			status, err := w.end(ctx, w.flow.name, id)
			if err != nil {
				return "", err
			}
			x, err := w.get(ctx, w.flow.name, id)
			if err != nil {
				return "", err
			}
			text := string(x.ExecutionType)
			if x.Trigger != nil {
				text += " by " + string(x.Trigger.TriggerType)
			}
			if m := x.RollbackMetadata; m != nil && aws.ToString(m.RollbackTargetPipelineExecutionId) == w.flow.first {
				text += ", of the target"
			}
			if len(x.ArtifactRevisions) == 1 && aws.ToString(x.ArtifactRevisions[0].RevisionId) == w.source.Git("rev-parse", "main") {
				text += " and with its revision"
			}
			runs, err := w.runs(ctx, w.flow.name, id, "")
			if err != nil {
				return "", err
			}
			var names []string
			for _, r := range runs {
				names = append(names, aws.ToString(r.ActionName))
			}
			return fmt.Sprintf("%s; %s alone; %s", text, strings.Join(names, " and "), status), nil
		},
	},
	{
		name:      "transitions",
		assumes:   "The Outbound transition of a stage is the Inbound transition of the next.",
		rests:     []string{"pipeline.Client.DisableTransition", "pipeline/pipelinetest.Server"},
		choices:   []string{"pipeline/pipelinetest.Server: An Outbound transition is"},
		want:      "disabled with the reason; enabled",
		otherwise: "DisableTransition of TransitionOutbound does not show in Transitions.",
		needs:     []need{needRole, needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			if w.flow.first == "" {
				return "", errMissing
			}
			_, err := w.codepipeline.DisableStageTransition(ctx, &awscodepipeline.DisableStageTransitionInput{
				PipelineName: &w.flow.name, StageName: aws.String("Check"), TransitionType: types.StageTransitionTypeOutbound, Reason: aws.String("conformance"),
			})
			if err != nil {
				return answer(err)
			}
			inbound := func() (string, error) {
				out, err := w.codepipeline.GetPipelineState(ctx, &awscodepipeline.GetPipelineStateInput{Name: &w.flow.name})
				if err != nil {
					return "", err
				}
				for _, s := range out.StageStates {
					if t := s.InboundTransitionState; aws.ToString(s.StageName) == "Gate" && t != nil {
						switch {
						case t.Enabled:
							return "enabled", nil
						case aws.ToString(t.DisabledReason) == "conformance":
							return "disabled with the reason", nil
						}
						return "disabled", nil
					}
				}
				return "no transition", nil
			}
			before, err := inbound()
			if err != nil {
				return "", err
			}
			_, err = w.codepipeline.EnableStageTransition(ctx, &awscodepipeline.EnableStageTransitionInput{
				PipelineName: &w.flow.name, StageName: aws.String("Gate"), TransitionType: types.StageTransitionTypeInbound,
			})
			if err != nil {
				return answer(err)
			}
			after, err := inbound()
			return before + "; " + after, err
		},
	},
	{
		name:      "unknown execution",
		assumes:   "To stop an execution that does not exist is a PipelineExecutionNotStoppableException, to retry it a StageNotRetryableException, and to get it or to roll back to it a PipelineExecutionNotFoundException.",
		rests:     []string{"pipeline.Error.Is", "pipeline/pipelinetest.Server"},
		choices:   []string{"pipeline/pipelinetest.Server: To stop an execution that does not exist"},
		want:      "PipelineExecutionNotStoppableException, StageNotRetryableException, PipelineExecutionNotFoundException, PipelineExecutionNotFoundException",
		otherwise: "Errors of package pipeline may not answer errors.Is for fs.ErrNotExist.",
		needs:     []need{needRole, needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			if w.flow.name == "" {
				return "", errMissing
			}
			_, getErr := w.get(ctx, w.flow.name, unknownID)
			_, backErr := w.codepipeline.RollbackStage(ctx, &awscodepipeline.RollbackStageInput{
				PipelineName: &w.flow.name, StageName: aws.String("Gate"), TargetPipelineExecutionId: aws.String(unknownID),
			})
			return answers(w.stop(ctx, w.flow.name, unknownID), w.retry(ctx, unknownID, "Check"), getErr, backErr)
		},
	},
	{
		name:      "put revision",
		assumes:   "PutActionRevision starts an execution unless its revision is the one that was put last.",
		rests:     []string{"pipeline/pipelinetest.Server"},
		choices:   []string{"pipeline/pipelinetest.Server: PutActionRevision starts an execution"},
		want:      "new, not new",
		otherwise: "Only the test server differs.",
		needs:     []need{needRole, needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			if w.flow.first == "" {
				return "", errMissing
			}
			var found []string
			for range 2 {
				out, err := w.codepipeline.PutActionRevision(ctx, &awscodepipeline.PutActionRevisionInput{
					PipelineName: &w.flow.name, StageName: aws.String("Source"), ActionName: aws.String("Source"),
					ActionRevision: &types.ActionRevision{
						RevisionId: aws.String(w.source.Git("rev-parse", "light~1")), RevisionChangeId: aws.String("1"), Created: aws.Time(time.Unix(1709210096, 0)),
					},
				})
				if err != nil {
					return answer(err)
				}
				found = append(found, map[bool]string{true: "new", false: "not new"}[out.NewRevision])
			}
			return strings.Join(found, ", "), w.stopExecutions(ctx, w.flow.name)
		},
	},
}
