package pipeline

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"
)

// RevisionType is the kind of value in a [SourceRevisionOverride].
type RevisionType string

// The types of overrides.
const (
	RevisionCommitID        RevisionType = "COMMIT_ID"
	RevisionImageDigest     RevisionType = "IMAGE_DIGEST"
	RevisionS3ObjectVersion RevisionType = "S3_OBJECT_VERSION_ID"
	// RevisionS3ObjectKey names another object of the same bucket. The action
	// must have AllowOverrideForS3ObjectKey. An action may have both a key and a
	// version.
	RevisionS3ObjectKey RevisionType = "S3_OBJECT_KEY"
)

// SourceRevisionOverride makes a source action fetch this revision in place of
// the newest.
type SourceRevisionOverride struct {
	Action string // name of the source action
	Type   RevisionType
	Value  string
}

// StartOptions configure the start of an execution. The zero value starts it with
// the newest revisions and the variables' defaults.
type StartOptions struct {
	// Revisions are overrides of source actions, at most 50. Other source actions
	// fetch the newest revision.
	Revisions []SourceRevisionOverride
	// Variables are values of the pipeline's variables, at most 50, each of 1
	// to 1000 characters. The pipeline must declare them and be of type V2.
	Variables []Variable
	// Token makes the start idempotent: the service starts one execution for all
	// starts with the same token. Set it to repeat a start that may have
	// happened. It has 1 to 128 letters, digits and hyphens. By default each call
	// of Start has its own, which covers the SDK's retries.
	Token string
}

// Start starts an execution and returns its ID, by StartPipelineExecution. The
// error is [ErrTooManyExecutions] or [ErrConflict] if it may succeed later.
func (c *Client) Start(ctx context.Context, pipeline string, optFns ...func(*StartOptions)) (id string, err error) {
	var o StartOptions
	for _, fn := range optFns {
		fn(&o)
	}
	if err := c.need(opStartExecution, pipeline, "", "the name of the pipeline", pipeline); err != nil {
		return "", err
	}
	if err := o.check(); err != nil {
		return "", &Error{Operation: opStartExecution, Pipeline: pipeline, Err: err}
	}
	in := &awscodepipeline.StartPipelineExecutionInput{Name: &pipeline}
	if o.Token != "" {
		in.ClientRequestToken = &o.Token
	}
	for _, r := range o.Revisions {
		in.SourceRevisions = append(in.SourceRevisions, types.SourceRevisionOverride{
			ActionName: &r.Action, RevisionType: types.SourceRevisionType(r.Type), RevisionValue: &r.Value,
		})
	}
	for _, v := range o.Variables {
		in.Variables = append(in.Variables, types.PipelineVariable{Name: &v.Name, Value: &v.Value})
	}
	out, err := call(ctx, opStartExecution, pipeline, "", c.api.StartPipelineExecution, in)
	if err != nil {
		return "", err
	}
	return replyID(opStartExecution, pipeline, "", out.PipelineExecutionId)
}

// replyID returns the ID of the execution that a call began.
func replyID(operation, pipeline, object string, id *string) (string, error) {
	if aws.ToString(id) == "" {
		return "", &Error{Operation: operation, Pipeline: pipeline, Object: object, Err: errors.New("the reply holds no execution ID")}
	}
	return *id, nil
}

// check finds input that the service refuses without naming it, and input that
// the caller cannot mean. Limits of the service, which may change, are left to
// the service.
func (o *StartOptions) check() error {
	given := make(map[SourceRevisionOverride]bool)
	for i, r := range o.Revisions {
		switch r.Type {
		case RevisionCommitID, RevisionImageDigest, RevisionS3ObjectVersion, RevisionS3ObjectKey:
		default:
			return fmt.Errorf("revision %d, of the action %q, has the unknown type %q", i, r.Action, r.Type)
		}
		if r.Action == "" || r.Value == "" {
			return fmt.Errorf("revision %d needs the name of a source action and a value, not %q and %q", i, r.Action, r.Value)
		}
		key := SourceRevisionOverride{Action: r.Action, Type: r.Type}
		if given[key] {
			return fmt.Errorf("the action %q is given two revisions of the type %s", r.Action, r.Type)
		}
		given[key] = true
	}
	named := make(map[string]bool)
	for i, v := range o.Variables {
		switch {
		case v.Name == "":
			return fmt.Errorf("variable %d has no name", i)
		case v.Value == "":
			return fmt.Errorf("the variable %q has no value: leave it out for its default", v.Name)
		case named[v.Name]:
			return fmt.Errorf("the variable %q is given two values", v.Name)
		}
		named[v.Name] = true
	}
	if len(o.Token) > 128 || strings.Trim(o.Token, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") != "" {
		return fmt.Errorf("the token %.200q has other than 1 to 128 letters, digits and hyphens", o.Token)
	}
	return nil
}
