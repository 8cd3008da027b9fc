package pipelinetest

import (
	"errors"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

// The structures of jobs, which differ from those of executions.
type (
	jobDataJSON struct {
		ActionTypeID        *actionTypeJSON      `json:"actionTypeId,omitempty"`
		ActionConfiguration configurationJSON    `json:"actionConfiguration"`
		PipelineContext     *pipelineContextJSON `json:"pipelineContext,omitempty"`
		InputArtifacts      []jobArtifactJSON    `json:"inputArtifacts"`
		OutputArtifacts     []jobArtifactJSON    `json:"outputArtifacts"`
		ArtifactCredentials *credentialsJSON     `json:"artifactCredentials,omitempty"`
		ContinuationToken   string               `json:"continuationToken,omitempty"`
		EncryptionKey       *encryptionKeyJSON   `json:"encryptionKey,omitempty"`
	}
	configurationJSON struct {
		Configuration map[string]string `json:"configuration"`
	}
	pipelineContextJSON struct {
		PipelineName string            `json:"pipelineName"`
		Stage        nameJSON          `json:"stage"`
		Action       actionContextJSON `json:"action"`
		PipelineARN  string            `json:"pipelineArn,omitempty"`
		ExecutionID  string            `json:"pipelineExecutionId,omitempty"`
	}
	actionContextJSON struct {
		Name        string `json:"name"`
		ExecutionID string `json:"actionExecutionId"`
	}
	jobArtifactJSON struct {
		Name     string          `json:"name"`
		Revision *string         `json:"revision"`
		Location jobLocationJSON `json:"location"`
	}
	jobLocationJSON struct {
		Type       string            `json:"type"`
		S3Location jobS3LocationJSON `json:"s3Location"`
	}
	jobS3LocationJSON struct {
		Bucket string `json:"bucketName"`
		Key    string `json:"objectKey"`
	}
	credentialsJSON struct {
		AccessKeyID     string `json:"accessKeyId"`
		SecretAccessKey string `json:"secretAccessKey"`
		SessionToken    string `json:"sessionToken"`
		Expiration      int64  `json:"expirationTime,omitempty"` // in milliseconds, of Lambda jobs alone
	}
)

func jobArtifactsJSON(artifacts []Artifact) []jobArtifactJSON {
	list := make([]jobArtifactJSON, 0, len(artifacts))
	for _, a := range artifacts {
		out := jobArtifactJSON{Name: a.Name, Location: jobLocationJSON{"S3", jobS3LocationJSON{a.Bucket, a.Key}}}
		if a.Revision != "" {
			out.Revision = &a.Revision
		}
		list = append(list, out)
	}
	return list
}

// data returns what the API tells of the job, with credentials of its own. Of a
// job that has ended and of one without artifacts there are none.
func (j *job) data() jobDataJSON {
	d := j.description()
	if len(j.Inputs)+len(j.Outputs) > 0 && !j.Status.Ended() {
		d.ArtifactCredentials = j.issue()
	}
	return d
}

// description returns what the API tells of the job, without credentials.
func (j *job) description() jobDataJSON {
	d := jobDataJSON{
		ActionTypeID:        (*actionTypeJSON)(&j.Type),
		ActionConfiguration: configurationJSON{j.Configuration},
		PipelineContext: &pipelineContextJSON{
			PipelineName: j.Pipeline,
			Stage:        nameJSON{Name: j.Stage},
			Action:       actionContextJSON{j.Action, j.ActionExecutionID},
		},
		InputArtifacts:    jobArtifactsJSON(j.Inputs),
		OutputArtifacts:   jobArtifactsJSON(j.Outputs),
		ContinuationToken: j.ContinuationToken,
	}
	if !j.isThirdParty() {
		d.PipelineContext.PipelineARN = pipelineARN(j.Pipeline)
		d.PipelineContext.ExecutionID = j.ExecutionID
	}
	if j.EncryptionKey != "" {
		d.EncryptionKey = &encryptionKeyJSON{j.EncryptionKey, "KMS"}
	}
	return d
}

func pipelineARN(name string) string {
	return "arn:aws:codepipeline:" + region + ":" + accountID + ":" + name
}

// find returns the job that a call names, of those that the call is for.
func (t *jobTable) find(id *string, thirdParty bool) (*job, error) {
	if j := t.byID[*id]; j != nil && j.isThirdParty() == thirdParty {
		return j, nil
	}
	return nil, awsjson.Errorf("JobNotFoundException", "Job with ID '%s' not found", *id)
}

// codeOf returns the code of an error reply, "" of none.
func codeOf(err error) string {
	if e := (*awsjson.Error)(nil); errors.As(err, &e) {
		return e.Code
	}
	return ""
}
