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

// flow is what the checks of the pipeline of approvals share: its stage Check has
// the parallel actions A and B, and its stage Gate a condition and the action C.
type flow struct {
	name                    string
	first, conditional, put string // IDs of executions
	rejected                string // the token that A was rejected with
}

// flowChecks are those of executions, as they go through the stages.
var flowChecks = []check{
	{
		name:      "new pipeline",
		assumes:   "CreatePipeline starts an execution with the trigger CreatePipeline, which has no revision until its source action has succeeded.",
		rests:     []string{"pipeline.Client.Execution", "pipeline/pipelinetest.Server"},
		choices:   []string{"pipeline/pipelinetest.Server: The revisions of an execution are there", "pipeline/pipelinetest.Server: CreatePipeline starts an execution"},
		want:      "CreatePipeline, without a revision; later with one",
		otherwise: "Package pipelinestatus reports on no commit, or a new pipeline does not run in tests as it does on AWS.",
		needs:     []need{needRole, needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			w.flow.name = w.name + "-flow"
			if err := w.makePipeline(ctx, w.flow.name, flowVariables, w.flowStages()...); err != nil {
				return "", err
			}
			var x types.PipelineExecutionSummary
			_, err := w.until(ctx, time.Second, func() (bool, error) {
				list, err := w.executions(ctx, w.flow.name)
				if len(list) > 0 {
					x = list[0]
				}
				return len(list) > 0, err
			})
			if err != nil {
				return "", err
			}
			w.flow.first = aws.ToString(x.PipelineExecutionId)
			text := "without a trigger"
			if x.Trigger != nil {
				text = string(x.Trigger.TriggerType)
			}
			if len(x.SourceRevisions) > 0 {
				text += ", with a revision"
			} else {
				text += ", without a revision"
			}
			_, err = w.until(ctx, 5*time.Second, func() (bool, error) {
				x, err := w.get(ctx, w.flow.name, w.flow.first)
				if err != nil || len(x.ArtifactRevisions) == 1 {
					return err == nil, err
				}
				return false, w.going(ctx, w.flow.name, w.flow.first)
			})
			if err != nil {
				w.flow.first = "" // nothing can go on with it
			}
			return text + "; later with one", err
		},
	},
	{
		name:      "token of an approval",
		assumes:   "The token of an approval is the ID of its action execution.",
		rests:     []string{"pipeline/pipelinetest.Server"},
		choices:   []string{"pipeline/pipelinetest.Server: The token of an approval is"},
		want:      "the ID of the action execution, another for each action",
		otherwise: "Only the test server differs: the library looks for tokens as texts.",
		needs:     []need{needRole, needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			if w.flow.first == "" {
				return "", errMissing
			}
			a, run, err := w.waiting(ctx, w.flow.name, w.flow.first, "A")
			if err != nil {
				return "", err
			}
			b, _, err := w.waiting(ctx, w.flow.name, w.flow.first, "B")
			if err != nil {
				return "", err
			}
			text := "another text than the ID of the action execution"
			if a == run {
				text = "the ID of the action execution"
			}
			if a == b {
				return text + ", one for both actions", nil
			}
			return text + ", another for each action", nil
		},
	},
	{
		name:      "message of an approval",
		assumes:   "The message that asks for an approval has the token of GetPipelineState, and the time after which it fails, a week later by default.",
		rests:     []string{"events.ApprovalRequest", "pipeline.ApprovalOf", "pipeline.Approval.is"},
		want:      "the same token, 168h",
		otherwise: "An answer from a message is refused.",
		needs:     []need{needRole, needContent, needMessages},
		run: func(ctx context.Context, w *world) (string, error) {
			if w.flow.first == "" {
				return "", errMissing
			}
			token, _, err := w.waiting(ctx, w.flow.name, w.flow.first, "A")
			if err != nil {
				return "", err
			}
			e, err := await(ctx, w, func(e *events.ApprovalRequest) bool { return e.Pipeline == w.flow.name && e.Action == "A" })
			if err != nil {
				return "", err
			}
			text := "another token"
			if e.Token.Reveal() == token {
				text = "the same token"
			}
			runs, err := w.runs(ctx, w.flow.name, w.flow.first, "A")
			if err != nil || len(runs) == 0 {
				return "", err
			}
			expires, err := e.Expires.Time()
			if err != nil {
				return "", err
			}
			// The message has minutes.
			left := expires.Sub(aws.ToTime(runs[0].StartTime).Truncate(time.Minute)).Round(time.Hour)
			return fmt.Sprintf("%s, %dh", text, int(left.Hours())), nil
		},
	},
	{
		name:      "superseded",
		assumes:   "Of two executions that wait for a stage the one that started last stays, and the other is Superseded.",
		rests:     []string{"pipeline.Status.Terminal", "pipeline/pipelinetest.Server"},
		choices:   []string{"pipeline/pipelinetest.Server: In SUPERSEDED mode, of the executions"},
		want:      "Superseded, InProgress",
		otherwise: "Package pipelinestatus reports on the wrong one.",
		needs:     []need{needRole, needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			if w.flow.first == "" {
				return "", errMissing
			}
			older, err := w.start(ctx, w.flow.name)
			if err != nil {
				return "", err
			}
			// The older one is to wait before the newer one comes.
			if _, err := w.runEnd(ctx, w.flow.name, older, "Source"); err != nil {
				return "", err
			}
			if w.flow.put, err = w.start(ctx, w.flow.name); err != nil {
				return "", err
			}
			status, err := w.soon(ctx, w.flow.name, older)
			if err != nil {
				return "", err
			}
			newer, err := w.get(ctx, w.flow.name, w.flow.put)
			if err != nil {
				return "", err
			}
			return string(status) + ", " + string(newer.Status), nil
		},
	},
	{
		name:      "stopped while it waits",
		assumes:   "An execution that is stopped while it waits for a stage is Stopped, and its stage cannot be retried.",
		rests:     []string{"pipeline.Client.Stop", "pipeline.Client.Retry", "pipeline/pipelinetest.Server"},
		choices:   []string{"pipeline/pipelinetest.Server: An execution that is stopped while it waits"},
		want:      "Stopped, StageNotRetryableException",
		otherwise: "Stop waits for too long, or Retry starts what never began.",
		needs:     []need{needRole, needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			if w.flow.put == "" {
				return "", errMissing
			}
			if _, err := w.runEnd(ctx, w.flow.name, w.flow.put, "Source"); err != nil {
				return "", err
			}
			if err := w.stop(ctx, w.flow.name, w.flow.put); err != nil {
				return answer(err)
			}
			status, err := w.soon(ctx, w.flow.name, w.flow.put)
			if err != nil {
				return "", err
			}
			text, err := answer(w.retry(ctx, w.flow.put, "Check"))
			return string(status) + ", " + text, err
		},
	},
	{
		name:      "failure of a parallel action",
		assumes:   "A parallel action that fails lets the others of its run order end before the stage fails.",
		rests:     []string{"pipeline/pipelinetest.Server", "githubstatus/pipelinestatus.Reporter"},
		choices:   []string{"pipeline/pipelinetest.Server: A parallel action that fails"},
		want:      "B is InProgress, the execution InProgress; then Failed",
		otherwise: "Package pipelinestatus reports a failure later than it could.",
		needs:     []need{needRole, needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			if w.flow.first == "" {
				return "", errMissing
			}
			var err error
			if w.flow.rejected, _, err = w.waiting(ctx, w.flow.name, w.flow.first, "A"); err != nil {
				return "", err
			}
			if err := w.settle(ctx, w.flow.name, w.flow.first, "Check", "A", types.ApprovalStatusRejected); err != nil {
				return "", err
			}
			if err := w.pass(ctx, 10*time.Second); err != nil {
				return "", err
			}
			runs, err := w.runs(ctx, w.flow.name, w.flow.first, "B")
			if err != nil {
				return "", err
			}
			x, err := w.get(ctx, w.flow.name, w.flow.first)
			if err != nil {
				return "", err
			}
			if len(runs) != 1 {
				return fmt.Sprintf("%d runs of B", len(runs)), nil
			}
			text := fmt.Sprintf("B is %s, the execution %s", runs[0].Status, x.Status)
			if runs[0].Status == types.ActionExecutionStatusInProgress {
				if err := w.settle(ctx, w.flow.name, w.flow.first, "Check", "B", types.ApprovalStatusApproved); err != nil {
					return "", err
				}
			}
			status, err := w.end(ctx, w.flow.name, w.flow.first)
			return text + "; then " + string(status), err
		},
	},
	{
		name:      "retry of a stage",
		assumes:   "A stage that is retried runs its failed actions alone, in the same execution, each as another action execution; an approval has another token.",
		rests:     []string{"pipeline.Client.Retry", "pipeline.Client.approvalRun", "pipeline/pipelinetest.Server"},
		choices:   []string{"pipeline/pipelinetest.Server: The attempt in events starts at 1"},
		want:      "2 runs of A, 1 run of B, another token; Succeeded",
		otherwise: "An answer to the first request of an approval counts for the second.",
		needs:     []need{needRole, needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			if w.flow.rejected == "" {
				return "", errMissing
			}
			if err := w.retry(ctx, w.flow.first, "Check"); err != nil {
				return answer(err)
			}
			token, _, err := w.waiting(ctx, w.flow.name, w.flow.first, "A")
			if err != nil {
				return "", err
			}
			var found []string
			for _, name := range []string{"A", "B"} {
				runs, err := w.runs(ctx, w.flow.name, w.flow.first, name)
				if err != nil {
					return "", err
				}
				s := ""
				if len(runs) != 1 {
					s = "s"
				}
				found = append(found, fmt.Sprintf("%d run%s of %s", len(runs), s, name))
			}
			if token != w.flow.rejected {
				found = append(found, "another token")
			} else {
				found = append(found, "the same token")
			}
			for _, next := range []struct{ stage, action string }{{"Check", "A"}, {"Gate", "C"}} {
				if err := w.settle(ctx, w.flow.name, w.flow.first, next.stage, next.action, types.ApprovalStatusApproved); err != nil {
					return "", err
				}
			}
			status, err := w.end(ctx, w.flow.name, w.flow.first)
			return strings.Join(found, ", ") + "; " + string(status), err
		},
	},
}

// flowVariables are those of the pipeline of approvals: its stage Gate wants "yes".
var flowVariables = []types.PipelineVariableDeclaration{{Name: aws.String("Go"), DefaultValue: aws.String("yes")}}

func (w *world) flowStages() []types.StageDeclaration {
	asking := map[string]string{"CustomData": "conformance"}
	if w.topic != "" {
		asking["NotificationArn"] = w.topic
	}
	return []types.StageDeclaration{
		{Name: aws.String("Check"), Actions: []types.ActionDeclaration{approvalAction("A", asking), approvalAction("B", nil)}},
		{
			Name: aws.String("Gate"), Actions: []types.ActionDeclaration{approvalAction("C", nil)},
			BeforeEntry: &types.BeforeEntryConditions{Conditions: []types.Condition{{
				Result: types.ResultFail,
				Rules: []types.RuleDeclaration{{
					Name:          aws.String("Go"),
					RuleTypeId:    &types.RuleTypeId{Category: types.RuleCategoryRule, Owner: types.RuleOwnerAws, Provider: aws.String("VariableCheck"), Version: aws.String("1")},
					Configuration: map[string]string{"Variable": "#{variables.Go}", "Value": "yes", "Operator": "EQ"},
				}},
			}}},
		},
	}
}

// retry retries the failed actions of a stage of the pipeline of approvals.
func (w *world) retry(ctx context.Context, id, stage string) error {
	_, err := w.codepipeline.RetryStageExecution(ctx, &awscodepipeline.RetryStageExecutionInput{
		PipelineName: &w.flow.name, PipelineExecutionId: &id, StageName: &stage, RetryMode: types.StageRetryModeFailedActions,
	})
	return err
}
