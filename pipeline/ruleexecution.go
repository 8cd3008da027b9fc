package pipeline

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"
)

// RuleExecution is one run of a rule of a condition.
type RuleExecution struct {
	ID          string // of the run; empty for a rule that has not run
	Stage, Rule string // names
	// Condition is the type of the rule's condition; empty for an older run of a rule
	// whose name two conditions of the stage have.
	Condition ConditionType
	Provider  string // such as LambdaInvoke or DeploymentWindow
	Status    RuleStatus
	// Started is when the run began, and Updated when it last changed.
	Started, Updated time.Time
	UpdatedBy        string // ARN of the user who last changed it; often empty
	Region, RoleARN  string // may be empty

	Summary    string // the rule's report
	ExternalID string // the ID at the rule's provider, such as a build
	URL        string // the provider's link to ExternalID, not checked
	// ErrorCode and ErrorMessage say why the rule failed.
	ErrorCode, ErrorMessage string

	// Configuration is the rule's configuration with its variables resolved.
	Configuration map[string]string
}

// RuleStatus is the status of a run of a rule in the spelling of the API. It is an
// open set.
type RuleStatus string

// The statuses of rules.
const (
	RuleInProgress RuleStatus = "InProgress"
	RuleAbandoned  RuleStatus = "Abandoned"
	RuleSucceeded  RuleStatus = "Succeeded"
	RuleFailed     RuleStatus = "Failed"
)

// Terminal reports whether the run has ended. It is false for a status that this
// package does not know.
func (s RuleStatus) Terminal() bool {
	switch s {
	case RuleAbandoned, RuleSucceeded, RuleFailed:
		return true
	}
	return false
}

// ruleRuns lists the runs of all rules in the order of their start.
func (c *Client) ruleRuns(ctx context.Context, pipeline, id string) ([]RuleExecution, error) {
	h := newHistory(func(r *RuleExecution) (string, time.Time, time.Time) { return r.ID, r.Started, r.Updated })
	err := pages(func(token *string) (*string, int, error) {
		out, err := call(ctx, opListRules, pipeline, id, c.api.ListRuleExecutions, &awscodepipeline.ListRuleExecutionsInput{
			PipelineName: &pipeline,
			Filter:       &types.RuleExecutionFilter{PipelineExecutionId: &id},
			MaxResults:   aws.Int32(pageSize),
			NextToken:    token,
		})
		if err != nil {
			return nil, 0, err
		}
		for _, d := range out.RuleExecutionDetails {
			if other := aws.ToString(d.PipelineExecutionId); other == "" || other == id {
				h.add(ruleRunOf(d))
			}
		}
		return out.NextToken, len(out.RuleExecutionDetails), nil
	}, func(err error) error {
		return &Error{Operation: opListRules, Pipeline: pipeline, Object: id, Err: err}
	})
	return h.inOrder(), err
}

func ruleRunOf(d types.RuleExecutionDetail) RuleExecution {
	r := RuleExecution{
		ID:        aws.ToString(d.RuleExecutionId),
		Stage:     aws.ToString(d.StageName),
		Rule:      aws.ToString(d.RuleName),
		Status:    RuleStatus(d.Status),
		Started:   timeOf(d.StartTime),
		Updated:   timeOf(d.LastUpdateTime),
		UpdatedBy: aws.ToString(d.UpdatedBy),
	}
	if in := d.Input; in != nil {
		if in.RuleTypeId != nil {
			r.Provider = aws.ToString(in.RuleTypeId.Provider)
		}
		r.Region = aws.ToString(in.Region)
		r.RoleARN = aws.ToString(in.RoleArn)
		r.Configuration = withoutSecrets(in.Configuration, in.ResolvedConfiguration)
	}
	if d.Output == nil || d.Output.ExecutionResult == nil {
		return r
	}
	result := d.Output.ExecutionResult
	r.ExternalID = aws.ToString(result.ExternalExecutionId)
	r.Summary = aws.ToString(result.ExternalExecutionSummary)
	r.URL = aws.ToString(result.ExternalExecutionUrl)
	if result.ErrorDetails != nil {
		r.ErrorCode = aws.ToString(result.ErrorDetails.Code)
		r.ErrorMessage = aws.ToString(result.ErrorDetails.Message)
	}
	return r
}
