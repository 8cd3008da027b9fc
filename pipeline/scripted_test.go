package pipeline_test

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"

	"github.com/codesuite-go/codesuite/pipeline"
)

// scriptedAPI answers each GetPipelineExecution from the next poll, and stays
// at the last one. It takes the place of the wire where time must be that of
// the test: net/http leaves the bubble.
type scriptedAPI struct {
	pipeline.API
	polls []poll
	at    []time.Time // of the calls of GetPipelineExecution
	n     int
}

// poll is the reply of GetPipelineExecution and ListActionExecutions, as their
// JSON, or the error of the first.
type poll struct {
	get, list object
	err       error
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
