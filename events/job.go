package events

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
)

// Job is one run of a Lambda invoke action: what AWS CodePipeline invokes the
// function with. The function answers with PutJobSuccessResult or
// PutJobFailureResult. The event does not tell which pipeline it is of; the
// GetJobDetails API does.
//
// A job holds credentials, and its parameters may be secret. fmt, log/slog and
// the JSON form leave both out; only Raw has them.
type Job struct {
	Origin

	ID        string `event:"CodePipeline.job/id,id"`
	AccountID string `event:"CodePipeline.job/accountId,id"`
	// FunctionName and UserParameters are the configuration of the action;
	// see DecodeUserParameters.
	FunctionName    string         `event:"CodePipeline.job/data/actionConfiguration/configuration/FunctionName"`
	UserParameters  Secret         `event:"CodePipeline.job/data/actionConfiguration/configuration/UserParameters"`
	InputArtifacts  []JobArtifact  `event:"CodePipeline.job/data/inputArtifacts"`
	OutputArtifacts []JobArtifact  `event:"CodePipeline.job/data/outputArtifacts"`
	Credentials     JobCredentials `event:"CodePipeline.job/data/artifactCredentials"`
	// ContinuationToken is the one that the previous job of the action was
	// answered with, "" for the first. It gives no access to anything, and the
	// JSON form shows it: answer with no secret in it.
	ContinuationToken string `event:"CodePipeline.job/data/continuationToken"`
	// EncryptionKey is nil for an artifact store with the default key.
	EncryptionKey *EncryptionKey `event:"CodePipeline.job/data/encryptionKey"`
}

// JobArtifact is an artifact of a job, and where it is or has to be put.
type JobArtifact struct {
	Name         string `event:"name"`
	Revision     string `event:"revision"`      // "" for null
	LocationType string `event:"location/type"` // S3
	Bucket       string `event:"location/s3Location/bucketName"`
	Key          string `event:"location/s3Location/objectKey"`
}

// JobCredentials give access to the artifacts of a job for about an hour. fmt,
// log/slog and the JSON form show none of them.
type JobCredentials struct {
	AccessKeyID     Secret `event:"accessKeyId"`
	SecretAccessKey Secret `event:"secretAccessKey"`
	SessionToken    Secret `event:"sessionToken"`
	// ExpirationTime is in milliseconds since 1970; "" if it did not come.
	ExpirationTime Timestamp `event:"expirationTime,number"`
}

// String does not show the credentials.
func (c JobCredentials) String() string { return "credentials left out" }

// GoString does not show the credentials.
func (c JobCredentials) GoString() string { return c.String() }

// Format does not show the credentials, whatever the verb.
func (c JobCredentials) Format(f fmt.State, _ rune) { io.WriteString(f, c.String()) }

// MarshalJSON gives a string that does not show the credentials.
func (c JobCredentials) MarshalJSON() ([]byte, error) { return json.Marshal(c.String()) }

// LogValue does not show the credentials.
func (c JobCredentials) LogValue() slog.Value { return slog.StringValue(c.String()) }

// EncryptionKey is the key that artifacts are encrypted with.
type EncryptionKey struct {
	ID   string `event:"id"`   // an ARN, a key ID or an alias
	Type string `event:"type"` // KMS
}

// Name is "CodePipeline Job".
func (j *Job) Name() string { return "CodePipeline Job" }

// IdempotencyKey is made from the ID of the job. A continuation is another
// job with another ID.
func (j *Job) IdempotencyKey() string { return joinKey("job", j.AccountID, j.ID) }

// DecodeUserParameters decodes user parameters that are JSON into v. It is an
// error if they are missing.
func (j *Job) DecodeUserParameters(v any) error {
	if j.UserParameters.IsZero() {
		return fmt.Errorf("events: job %s has no user parameters", j.ID)
	}
	if err := json.Unmarshal([]byte(j.UserParameters.Reveal()), v); err != nil {
		return fmt.Errorf("events: user parameters of job %s: %w", j.ID, err)
	}
	return nil
}

// String names the job and shows neither credentials nor parameters.
func (j Job) String() string { return "CodePipeline Job " + j.ID }

// GoString names the job and shows neither credentials nor parameters.
func (j Job) GoString() string { return j.String() }

// Format writes the same as String, whatever the verb.
func (j Job) Format(f fmt.State, _ rune) { io.WriteString(f, j.String()) }

// LogValue names the job and shows neither credentials nor parameters.
func (j Job) LogValue() slog.Value { return slog.StringValue(j.String()) }

// MarshalJSON encodes the event without credentials and parameters: decoding it
// gives "(secret left out)" for them. Texts, lists and objects that the package does
// not know are left out too where they could hold the same in another shape. See
// [Event].
func (j Job) MarshalJSON() ([]byte, error) { return marshal(&j) }

// UnmarshalJSON decodes any payload that holds exactly one event of this type.
func (j *Job) UnmarshalJSON(data []byte) error { return unmarshal(data, j) }

// ApprovalRequest is what AWS CodePipeline publishes to the SNS topic of a
// manual approval action.
//
// Its token answers the request, and the review link holds it. fmt, log/slog and
// the JSON form leave both out; only Raw has them.
type ApprovalRequest struct {
	Origin

	Region      string `event:"region,id"`
	ConsoleLink string `event:"consoleLink"` // to the pipeline
	Pipeline    string `event:"approval/pipelineName,id"`
	Stage       string `event:"approval/stageName,id"`
	Action      string `event:"approval/actionName,id"`
	// Token is the token for PutApprovalResult.
	Token   Secret    `event:"approval/token,id"`
	Expires Timestamp `event:"approval/expires"` // to the minute
	// ExternalEntityLink and CustomData are the configuration of the action:
	// what to review, and a comment for the reviewer.
	ExternalEntityLink string `event:"approval/externalEntityLink"`
	CustomData         string `event:"approval/customData"`
	ApprovalReviewLink Secret `event:"approval/approvalReviewLink"`
}

// Name is "CodePipeline Approval Request".
func (e *ApprovalRequest) Name() string { return "CodePipeline Approval Request" }

// IdempotencyKey is made from action and a hash of the token: keys go into logs,
// and the token is what answers the request.
func (e *ApprovalRequest) IdempotencyKey() string {
	return joinKey("approval", e.Region, e.Pipeline, e.Stage, e.Action, hexHash([]byte(e.Token.Reveal())))
}

// MarshalJSON encodes the event without token and review link: decoding it gives
// "(secret left out)" for them. See [Event].
func (e ApprovalRequest) MarshalJSON() ([]byte, error) { return marshal(&e) }

// UnmarshalJSON decodes any payload that holds exactly one event of this type.
func (e *ApprovalRequest) UnmarshalJSON(data []byte) error { return unmarshal(data, e) }
