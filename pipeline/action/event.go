package action

import "github.com/codesuite-go/codesuite/events"

// EventDetails returns what the event of a Lambda invoke action tells of its
// job. That leaves out where in a pipeline the job belongs; see
// [Job.PipelineContext].
func EventDetails(event *events.Job) Details {
	d := Details{
		ID:        event.ID,
		AccountID: event.AccountID,
		Configuration: map[string]string{
			keyFunctionName:   event.FunctionName,
			keyUserParameters: event.UserParameters.Reveal(),
		},
		Inputs:  eventArtifacts(event.InputArtifacts),
		Outputs: eventArtifacts(event.OutputArtifacts),
		Credentials: Credentials{
			AccessKeyID:     event.Credentials.AccessKeyID.Reveal(),
			SecretAccessKey: event.Credentials.SecretAccessKey.Reveal(),
			SessionToken:    event.Credentials.SessionToken.Reveal(),
		},
		ContinuationToken: event.ContinuationToken,
	}
	if expires, err := event.Credentials.ExpirationTime.Time(); err == nil {
		d.Credentials.Expires = expires
	}
	if event.EncryptionKey != nil {
		d.EncryptionKey = event.EncryptionKey.ID
	}
	return d
}

// The configuration of a Lambda invoke action.
const (
	keyFunctionName   = "FunctionName"
	keyUserParameters = "UserParameters"
)

func eventArtifacts(from []events.JobArtifact) []Artifact {
	var artifacts []Artifact
	for _, a := range from {
		artifacts = append(artifacts, Artifact{Name: a.Name, Revision: a.Revision, Bucket: a.Bucket, Key: a.Key})
	}
	return artifacts
}
