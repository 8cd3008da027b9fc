package pipeline

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"

	"github.com/codesuite-go/codesuite/internal/apierror"
)

// DeployTarget is an instance that an EC2 deployment deploys to.
type DeployTarget struct {
	ID     string // of the instance or the managed node
	Type   string // in the spelling of the API
	Status string // in the spelling of the API, an open set
	// Started and Ended are zero while the deployment to the target has not.
	Started, Ended time.Time
	Events         []DeployTargetEvent // in the order of the API
}

// DeployTargetEvent is a step of the deployment to a target, such as the download
// of the artifact or a script.
type DeployTargetEvent struct {
	Name, Status   string
	Started, Ended time.Time
	Message        string // such as the end of a script's output
	SSMCommandID   string // of the command of Systems Manager that ran it
}

// deploysToTargets reports whether the run is that of an EC2 deployment.
func (a *ActionExecution) deploysToTargets() bool {
	return a.Type.Category == "Deploy" && a.Type.Owner == "AWS" && a.Type.Provider == "EC2"
}

// targets lists the targets of a run. A run that has only just started may not be
// known, and has none.
func (c *Client) targets(ctx context.Context, pipeline, runID string) ([]DeployTarget, error) {
	var targets []DeployTarget
	err := pages(func(token *string) (*string, int, error) {
		out, err := call(ctx, opListTargets, pipeline, runID, c.api.ListDeployActionExecutionTargets, &awscodepipeline.ListDeployActionExecutionTargetsInput{
			PipelineName: &pipeline, ActionExecutionId: &runID, MaxResults: aws.Int32(pageSize), NextToken: token,
		})
		if err != nil {
			return nil, 0, err
		}
		for _, t := range out.Targets {
			targets = append(targets, targetOf(t))
		}
		return out.NextToken, len(out.Targets), nil
	}, func(err error) error {
		return &Error{Operation: opListTargets, Pipeline: pipeline, Object: runID, Err: err}
	})
	if apierror.Code(err) == codeActionExecutionNotFound {
		return nil, nil
	}
	return targets, err
}

func targetOf(t types.DeployActionExecutionTarget) DeployTarget {
	target := DeployTarget{
		ID: aws.ToString(t.TargetId), Type: aws.ToString(t.TargetType), Status: aws.ToString(t.Status),
		Started: timeOf(t.StartTime), Ended: timeOf(t.EndTime),
	}
	for _, e := range t.Events {
		event := DeployTargetEvent{Name: aws.ToString(e.Name), Status: aws.ToString(e.Status), Started: timeOf(e.StartTime), Ended: timeOf(e.EndTime)}
		if e.Context != nil {
			event.Message, event.SSMCommandID = aws.ToString(e.Context.Message), aws.ToString(e.Context.SsmCommandId)
		}
		target.Events = append(target.Events, event)
	}
	return target
}
