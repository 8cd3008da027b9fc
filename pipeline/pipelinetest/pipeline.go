package pipelinetest

// Pipeline describes a pipeline. Names, artifacts and the order of actions are
// checked when the server starts, by the rules of the service: two stages at
// least, the first with source actions only and no source action elsewhere,
// each input artifact the output of an earlier action.
type Pipeline struct {
	Name          string
	Type          string // "V1" or "V2"; default V2
	ExecutionMode string // "SUPERSEDED", "QUEUED" or "PARALLEL"; default SUPERSEDED
	Version       int    // of the structure; default 1
	Variables     []Variable
	Stages        []Stage

	// ArtifactBucket is the name of the S3 bucket for artifacts; the default is
	// codepipeline-us-east-1-111122223333.
	ArtifactBucket string
	// EncryptionKey is the ID or ARN of the KMS key for artifacts; "" is the
	// default key aws/s3, of which neither jobs nor GetPipeline tell.
	EncryptionKey string

	declared declaredPipeline
}

// Variable is a variable of a pipeline, which an execution is started with.
// One without a default must be given to StartPipelineExecution.
type Variable struct {
	Name, DefaultValue, Description string
}

// Stage is one stage of a pipeline.
type Stage struct {
	Name    string
	Actions []Action

	declared declaredStage
}
