package pipelinetest

import "errors"

// JobSpec describes a job that [Server.AddJob] makes. Only Type is needed.
type JobSpec struct {
	// Type is the action type: one of the owners Custom (the default) and
	// ThirdParty, or Invoke, AWS, Lambda, whose job is an invocation. An action
	// type that nobody has created exists from then on; see
	// [Server.AddJob].
	Type ActionType

	// The pipeline context. The defaults are names that say what they are, and
	// an execution ID of its own for each job.
	Pipeline, ExecutionID, Stage, Action string

	// Configuration is that of the action, with secrets in the clear. The
	// configuration of a Lambda job has a FunctionName.
	Configuration map[string]string
	// Inputs and Outputs are the artifacts. The defaults of bucket and key are
	// those of a pipeline.
	Inputs, Outputs   []Artifact
	EncryptionKey     string // ID or ARN of a KMS key; "" is the default key
	ContinuationToken string
	// ClientID is whose third-party job it is; the default is DefaultClientID.
	ClientID string
}

// AddJob adds a job that belongs to no pipeline of the server, and returns its
// ID. Thousands of them are cheap. Its result ends nothing but the job, or
// continues it.
func (s *Server) AddJob(spec JobSpec) (id string, err error) { return "", errors.ErrUnsupported }
