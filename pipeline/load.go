package pipeline

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"
)

// Operations of CodePipeline.
const (
	opGetExecution   = "GetPipelineExecution"
	opListActions    = "ListActionExecutions"
	opListExecutions = "ListPipelineExecutions"
	opRetryStage     = "RetryStageExecution"
	opRollbackStage  = "RollbackStage"
	opStartExecution = "StartPipelineExecution"
	opStopExecution  = "StopPipelineExecution"
)

// Execution returns an execution with its actions and the revisions of its
// sources. It calls GetPipelineExecution once and ListActionExecutions once for
// each hundred runs of actions, and needs both: which source a revision is of,
// which action failed and how often the stages were retried stands only in the
// latter. If either is denied the error is [fs.ErrPermission] and names it.
//
// The host of a connection is looked up once per client, and again only after a
// failure; see [Options.Connections].
func (c *Client) Execution(ctx context.Context, pipeline, id string) (*Execution, error) {
	l, err := c.load(ctx, pipeline, id)
	if err != nil {
		return nil, err
	}
	return l.execution, nil
}

// loaded is an execution with all the runs of its actions, in the order of
// their start.
type loaded struct {
	execution *Execution
	runs      []ActionExecution
}

// load gets the execution before its actions: when it has ended, so have they.
func (c *Client) load(ctx context.Context, pipeline, id string) (*loaded, error) {
	reply, err := c.get(ctx, pipeline, id)
	if err != nil {
		return nil, err
	}
	return c.complete(ctx, pipeline, id, reply)
}

func (c *Client) get(ctx context.Context, pipeline, id string) (*types.PipelineExecution, error) {
	if err := need(opGetExecution, pipeline, id, "the name of the pipeline", pipeline, "the ID of the execution", id); err != nil {
		return nil, err
	}
	out, err := call(ctx, opGetExecution, pipeline, id, c.api.GetPipelineExecution,
		&awscodepipeline.GetPipelineExecutionInput{PipelineName: &pipeline, PipelineExecutionId: &id})
	if err != nil {
		return nil, err
	}
	if out.PipelineExecution == nil {
		return nil, &Error{Operation: opGetExecution, Pipeline: pipeline, Object: id, Err: errors.New("the reply holds no execution")}
	}
	return out.PipelineExecution, nil
}

// complete adds the actions to the reply of GetPipelineExecution.
func (c *Client) complete(ctx context.Context, pipeline, id string, reply *types.PipelineExecution) (*loaded, error) {
	runs, err := c.runs(ctx, pipeline, id)
	if err != nil {
		return nil, err
	}
	e := &Execution{
		Pipeline:        pipeline,
		ID:              id,
		PipelineVersion: int(aws.ToInt32(reply.PipelineVersion)),
		Status:          Status(reply.Status),
		StatusSummary:   aws.ToString(reply.StatusSummary),
		Trigger:         triggerOf(reply.Trigger),
		Mode:            Mode(reply.ExecutionMode),
		Type:            ExecutionType(reply.ExecutionType),
		RollbackTarget:  rollbackTarget(reply.RollbackMetadata),
		Attempts:        attempts(runs),
		Actions:         newest(runs),
	}
	for _, v := range reply.Variables {
		e.Variables = append(e.Variables, Variable{Name: aws.ToString(v.Name), Value: aws.ToString(v.ResolvedValue)})
	}
	if len(runs) > 0 {
		e.Started = runs[0].Started
	}
	e.Revisions = joinRevisions(reply.ArtifactRevisions, e.Actions, runs)
	if err := c.connect(ctx, e.Revisions); err != nil {
		return nil, err
	}
	return &loaded{e, runs}, nil
}

func triggerOf(t *types.ExecutionTrigger) Trigger {
	if t == nil {
		return Trigger{}
	}
	return Trigger{Type: string(t.TriggerType), Detail: aws.ToString(t.TriggerDetail)}
}

func rollbackTarget(m *types.PipelineRollbackMetadata) string {
	if m == nil {
		return ""
	}
	return aws.ToString(m.RollbackTargetPipelineExecutionId)
}

func timeOf(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}
