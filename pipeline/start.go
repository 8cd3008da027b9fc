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

// RevisionType says what the value of a [SourceRevision] is.
type RevisionType string

// The types of source revisions.
const (
	CommitID        RevisionType = "COMMIT_ID"
	ImageDigest     RevisionType = "IMAGE_DIGEST"
	S3ObjectVersion RevisionType = "S3_OBJECT_VERSION_ID"
	// S3ObjectKey is another object of the same bucket. The action must have
	// AllowOverrideForS3ObjectKey. An action may be given both a key and a
	// version.
	S3ObjectKey RevisionType = "S3_OBJECT_KEY"
)

// SourceRevision tells a source action what to fetch instead of the newest.
type SourceRevision struct {
	Action string // name of the source action
	Type   RevisionType
	Value  string
}

// StartOptions say how to start an execution. The zero value starts it with
// the newest revisions and the variables' defaults.
type StartOptions struct {
	// Revisions tell source actions what to fetch, at most 50. Others fetch the
	// newest.
	Revisions []SourceRevision
	// Variables are values of the pipeline's variables, at most 50, each of 1
	// to 1000 characters. The pipeline must declare them and be of type V2.
	Variables []Variable
	// Token makes the start idempotent: the service starts one execution for
	// all starts with the same token, so that a start that may have happened
	// can be made again. It has 1 to 128 letters, digits and hyphens. By
	// default each call of Start has its own, which covers the SDK's retries.
	Token string
}

// Start starts an execution and returns its ID, by StartPipelineExecution. The
// error is [ErrTooManyExecutions] or [ErrConflict] if it may succeed later.
func (c *Client) Start(ctx context.Context, pipeline string, optFns ...func(*StartOptions)) (id string, err error) {
	var o StartOptions
	for _, fn := range optFns {
		fn(&o)
	}
	if err := need(opStartExecution, pipeline, "", "the name of the pipeline", pipeline); err != nil {
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

// check reports what the service would refuse without naming it, and what
// would not be what the caller means. It leaves the rest to the service, whose
// limits may change.
func (o *StartOptions) check() error {
	given := make(map[SourceRevision]bool)
	for i, r := range o.Revisions {
		switch r.Type {
		case CommitID, ImageDigest, S3ObjectVersion, S3ObjectKey:
		default:
			return fmt.Errorf("revision %d, of the action %q, has the unknown type %q", i, r.Action, r.Type)
		}
		if r.Action == "" || r.Value == "" {
			return fmt.Errorf("revision %d needs the name of a source action and a value, not %q and %q", i, r.Action, r.Value)
		}
		key := SourceRevision{Action: r.Action, Type: r.Type}
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
