package pipeline_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"
	"github.com/aws/smithy-go"

	"github.com/codesuite-go/codesuite/pipeline"
)

// scriptedAPI answers each GetPipelineExecution from the next poll, and stays
// at the last one. It takes the place of the wire where time must be that of
// the test: net/http leaves the bubble.
type scriptedAPI struct {
	pipeline.API
	structure object // of GetPipeline; nil is a pipeline without stages
	polls     []poll
	at        []time.Time // of the calls of GetPipelineExecution
	n         int
	calls     []string // of other operations
}

// poll is the reply of GetPipelineExecution, ListActionExecutions,
// ListRuleExecutions, GetPipelineState and, by the action's run,
// ListDeployActionExecutionTargets, as their JSON, or the error of the first.
type poll struct {
	get, list, rules, state object
	targets                 map[string]object
	err                     error
}

func (a *scriptedAPI) GetPipelineExecution(ctx context.Context, _ *awscodepipeline.GetPipelineExecutionInput, _ ...func(*awscodepipeline.Options)) (*awscodepipeline.GetPipelineExecutionOutput, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	a.n = min(len(a.at), len(a.polls)-1)
	a.at = append(a.at, time.Now())
	p := a.polls[a.n]
	if p.err != nil {
		return nil, p.err
	}
	out := new(awscodepipeline.GetPipelineExecutionOutput)
	return out, fill(out, p.get)
}

func (a *scriptedAPI) ListActionExecutions(context.Context, *awscodepipeline.ListActionExecutionsInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.ListActionExecutionsOutput, error) {
	out := new(awscodepipeline.ListActionExecutionsOutput)
	if a.polls[a.n].list == nil {
		return out, nil
	}
	return out, fill(out, a.polls[a.n].list)
}

func (a *scriptedAPI) GetPipeline(_ context.Context, in *awscodepipeline.GetPipelineInput, _ ...func(*awscodepipeline.Options)) (*awscodepipeline.GetPipelineOutput, error) {
	a.calls = append(a.calls, fmt.Sprint("GetPipeline ", aws.ToInt32(in.Version)))
	out := &awscodepipeline.GetPipelineOutput{Pipeline: new(types.PipelineDeclaration)}
	return out, fill(out, object{"pipeline": a.structure})
}

func (a *scriptedAPI) GetPipelineState(context.Context, *awscodepipeline.GetPipelineStateInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.GetPipelineStateOutput, error) {
	a.calls = append(a.calls, "GetPipelineState")
	out := new(awscodepipeline.GetPipelineStateOutput)
	return out, fill(out, a.polls[a.n].state)
}

func (a *scriptedAPI) ListRuleExecutions(context.Context, *awscodepipeline.ListRuleExecutionsInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.ListRuleExecutionsOutput, error) {
	a.calls = append(a.calls, "ListRuleExecutions")
	out := new(awscodepipeline.ListRuleExecutionsOutput)
	return out, fill(out, a.polls[a.n].rules)
}

func (a *scriptedAPI) ListDeployActionExecutionTargets(_ context.Context, in *awscodepipeline.ListDeployActionExecutionTargetsInput, _ ...func(*awscodepipeline.Options)) (*awscodepipeline.ListDeployActionExecutionTargetsOutput, error) {
	a.calls = append(a.calls, "ListDeployActionExecutionTargets "+*in.ActionExecutionId)
	targets, ok := a.polls[a.n].targets[*in.ActionExecutionId]
	if !ok {
		return nil, &smithy.GenericAPIError{Code: "ActionExecutionNotFoundException", Message: "told by the test"}
	}
	out := new(awscodepipeline.ListDeployActionExecutionTargetsOutput)
	return out, fill(out, targets)
}

// fixedAPI always answers the same, for concurrent use.
type fixedAPI struct {
	pipeline.API
	get, list object
}

func (a *fixedAPI) GetPipelineExecution(ctx context.Context, in *awscodepipeline.GetPipelineExecutionInput, _ ...func(*awscodepipeline.Options)) (*awscodepipeline.GetPipelineExecutionOutput, error) {
	return (&scriptedAPI{polls: []poll{{get: a.get}}}).GetPipelineExecution(ctx, in)
}

func (a *fixedAPI) ListActionExecutions(ctx context.Context, in *awscodepipeline.ListActionExecutionsInput, _ ...func(*awscodepipeline.Options)) (*awscodepipeline.ListActionExecutionsOutput, error) {
	return (&scriptedAPI{polls: []poll{{list: a.list}}}).ListActionExecutions(ctx, in)
}

// fill decodes a reply. The names of the SDK's fields are those of the members,
// but for the case of their first letter; times are numbers.
func fill(out any, reply object) error {
	data, err := json.Marshal(withTimes(reply))
	return errors.Join(err, json.Unmarshal(data, out))
}

func withTimes(v any) any {
	switch v := v.(type) {
	case object:
		m := make(object, len(v))
		for key, value := range v {
			if seconds, ok := value.(float64); ok {
				value = time.UnixMilli(int64(1000 * seconds))
			}
			m[key] = withTimes(value)
		}
		return m
	case []object:
		list := make([]any, len(v))
		for i := range v {
			list[i] = withTimes(v[i])
		}
		return list
	}
	return v
}
