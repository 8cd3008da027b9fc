package pipeline

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"
)

// defaultApprovalTimeout is how long a manual approval waits whose action has no
// timeout of its own.
const defaultApprovalTimeout = 7 * 24 * time.Hour

// structure is the part of a pipeline's structure that executions do not have.
type structure struct {
	mode   Mode
	stages []stageStructure
}

// stageStructure is a stage of a structure.
type stageStructure struct {
	name       string
	conditions []ConditionExecution     // that no execution has looked at
	retries    bool                     // by itself, when it fails
	approvals  map[string]time.Duration // how long an approval waits, by the action's name
}

// structure reads a version of a pipeline's structure, 0 for the current one.
func (c *Client) structure(ctx context.Context, pipeline string, version int) (*structure, error) {
	in := &awscodepipeline.GetPipelineInput{Name: &pipeline}
	if version > 0 {
		in.Version = aws.Int32(int32(version))
	}
	out, err := call(ctx, opGetPipeline, pipeline, "", c.api.GetPipeline, in)
	if err != nil {
		return nil, err
	}
	if out.Pipeline == nil {
		return nil, &Error{Operation: opGetPipeline, Pipeline: pipeline, Err: errors.New("the reply holds no pipeline")}
	}
	s := &structure{mode: Mode(out.Pipeline.ExecutionMode)}
	for _, stage := range out.Pipeline.Stages {
		s.stages = append(s.stages, stageStructureOf(&stage))
	}
	return s, nil
}

func stageStructureOf(stage *types.StageDeclaration) stageStructure {
	s := stageStructure{name: aws.ToString(stage.Name), approvals: make(map[string]time.Duration)}
	for _, action := range stage.Actions {
		if t := action.ActionTypeId; t == nil || t.Category != types.ActionCategoryApproval {
			continue
		}
		timeout := time.Duration(aws.ToInt32(action.TimeoutInMinutes)) * time.Minute
		if timeout <= 0 {
			timeout = defaultApprovalTimeout
		}
		s.approvals[aws.ToString(action.Name)] = timeout
	}
	if stage.BeforeEntry != nil {
		s.declare(ConditionBeforeEntry, stage.BeforeEntry.Conditions)
	}
	if stage.OnSuccess != nil {
		s.declare(ConditionOnSuccess, stage.OnSuccess.Conditions)
	}
	if f := stage.OnFailure; f != nil {
		s.declare(ConditionOnFailure, f.Conditions)
		s.retries = f.Result == types.ResultRetry || f.RetryConfiguration != nil
	}
	return s
}

// declare adds conditions of a type.
func (s *stageStructure) declare(kind ConditionType, conditions []types.Condition) {
	for _, condition := range conditions {
		e := ConditionExecution{Stage: s.name, Type: kind, Result: string(condition.Result)}
		for _, rule := range condition.Rules {
			r := RuleExecution{Stage: s.name, Rule: aws.ToString(rule.Name), Condition: kind}
			if rule.RuleTypeId != nil {
				r.Provider = aws.ToString(rule.RuleTypeId.Provider)
			}
			e.Rules = append(e.Rules, r)
		}
		s.conditions = append(s.conditions, e)
	}
}

// stage returns the stage with the name, nil if there is none.
func (s *structure) stage(name string) *stageStructure {
	for i := range s.stages {
		if s.stages[i].name == name {
			return &s.stages[i]
		}
	}
	return nil
}

// watched reports whether a stage has conditions or retries itself, and whether any
// has conditions.
func (s *structure) watched() (watched, conditions bool) {
	for _, stage := range s.stages {
		conditions = conditions || len(stage.conditions) > 0
		watched = watched || stage.retries
	}
	return watched || conditions, conditions
}

// state reads the state of a pipeline's stages. It knows of each stage only the
// execution that entered last.
func (c *Client) state(ctx context.Context, pipeline string) ([]types.StageState, error) {
	out, err := call(ctx, opGetState, pipeline, "", c.api.GetPipelineState, &awscodepipeline.GetPipelineStateInput{Name: &pipeline})
	if err != nil {
		return nil, err
	}
	return out.StageStates, nil
}
