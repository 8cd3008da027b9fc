// Package jobwire converts between the AWS SDK's types of CodePipeline jobs and
// those of package action, for the two programs that serve jobs: a Lambda
// function and a job worker.
//
// It cannot import package action. Its own types have the same fields, so that
// Go converts one to the other: action.Details(jobwire.NewJob[...](...)).
package jobwire

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"
)

// The types of packages action and events that are part of a job.
type (
	// ActionType is events.ActionType.
	ActionType interface {
		~struct {
			Owner    string `event:"owner"`
			Provider string `event:"provider"`
			Category string `event:"category"`
			Version  string `event:"version"`
		}
	}

	// Artifact is action.Artifact.
	Artifact interface {
		~struct{ Name, Revision, Bucket, Key string }
	}

	// Credentials is action.Credentials.
	Credentials interface {
		~struct {
			AccessKeyID     string
			SecretAccessKey string
			SessionToken    string
			Expires         time.Time
		}
	}
)

// Job has the fields of action.Details.
type Job[T ActionType, A Artifact, C Credentials] struct {
	ID                string
	AccountID         string
	Type              T
	Pipeline          string
	PipelineARN       string
	ExecutionID       string
	Stage             string
	Action            string
	ActionExecutionID string
	Configuration     map[string]string
	SecretKeys        []string
	Inputs            []A
	Outputs           []A
	Credentials       C
	EncryptionKey     string
	ContinuationToken string
}

// NewJob returns a job as the API describes it. data may be nil. The data of a
// third-party job has the same fields and converts to [types.JobData].
func NewJob[T ActionType, A Artifact, C Credentials](id, accountID string, data *types.JobData) Job[T, A, C] {
	j := Job[T, A, C]{ID: id, AccountID: accountID}
	if data == nil {
		return j
	}
	if t := data.ActionTypeId; t != nil {
		j.Type = T(struct{ Owner, Provider, Category, Version string }{
			string(t.Owner), aws.ToString(t.Provider), string(t.Category), aws.ToString(t.Version),
		})
	}
	if c := data.ActionConfiguration; c != nil {
		j.Configuration = c.Configuration
	}
	if p := data.PipelineContext; p != nil {
		j.Pipeline, j.PipelineARN = aws.ToString(p.PipelineName), aws.ToString(p.PipelineArn)
		j.ExecutionID = aws.ToString(p.PipelineExecutionId)
		if p.Stage != nil {
			j.Stage = aws.ToString(p.Stage.Name)
		}
		if p.Action != nil {
			j.Action, j.ActionExecutionID = aws.ToString(p.Action.Name), aws.ToString(p.Action.ActionExecutionId)
		}
	}
	j.Inputs, j.Outputs = artifacts[A](data.InputArtifacts), artifacts[A](data.OutputArtifacts)
	if c := data.ArtifactCredentials; c != nil {
		j.Credentials = C(struct {
			AccessKeyID     string
			SecretAccessKey string
			SessionToken    string
			Expires         time.Time
		}{aws.ToString(c.AccessKeyId), aws.ToString(c.SecretAccessKey), aws.ToString(c.SessionToken), time.Time{}})
	}
	if k := data.EncryptionKey; k != nil {
		j.EncryptionKey = aws.ToString(k.Id)
	}
	j.ContinuationToken = aws.ToString(data.ContinuationToken)
	return j
}

func artifacts[A Artifact](from []types.Artifact) []A {
	var to []A
	for _, a := range from {
		artifact := struct{ Name, Revision, Bucket, Key string }{Name: aws.ToString(a.Name), Revision: aws.ToString(a.Revision)}
		if a.Location != nil && a.Location.S3Location != nil {
			artifact.Bucket = aws.ToString(a.Location.S3Location.BucketName)
			artifact.Key = aws.ToString(a.Location.S3Location.ObjectKey)
		}
		to = append(to, A(artifact))
	}
	return to
}
