package definition

import (
	"encoding/json"

	"github.com/codesuite-go/codesuite/pipeline"
)

// Members are the members of a JSON object for which a type of this package has no
// field, by name, as JSON. A member with a field is here as well if its value is
// that of an absent one: null, an empty text or 0.
type Members map[string]json.RawMessage

// Pipeline is the structure of a pipeline. A list or map that is nil is absent;
// one that is empty is written as such.
//
// A Pipeline is a value. Several goroutines may use one as long as none changes it.
type Pipeline struct {
	// Name has 1 to 100 letters, digits, '.', '@', '-' and '_'.
	Name string `json:"name"`
	// RoleARN is the ARN of the service role.
	RoleARN string `json:"roleArn"`
	// ArtifactStore is where artifacts are, see [Bucket]. A pipeline with actions in
	// several Regions has ArtifactStores in its place, one for each Region.
	ArtifactStore  *ArtifactStore           `json:"artifactStore"`
	ArtifactStores map[string]ArtifactStore `json:"artifactStores"`
	// Stages are the 2 to 50 stages. The first one has the source actions.
	Stages []Stage `json:"stages"`
	// Version is counted by CodePipeline with each change.
	Version int `json:"version"`
	// ExecutionMode is [pipeline.ModeSuperseded] by default. The other modes are for
	// pipelines of type V2.
	ExecutionMode pipeline.Mode `json:"executionMode"`
	// Type is [PipelineTypeV1] by default.
	Type PipelineType `json:"pipelineType"`
	// Variables are up to 50 variables that a start may set: #{variables.Name}. They
	// need type V2.
	Variables []Variable `json:"variables"`
	// Triggers are the pushes and pull requests that start the pipeline. They need
	// type V2 and a [ConnectionSource].
	Triggers []Trigger `json:"triggers"`

	Other Members `json:"-"`
}

// PipelineType is the type of a pipeline, which decides its features and its price.
type PipelineType string

// The types of pipelines.
const (
	PipelineTypeV1 PipelineType = "V1"
	PipelineTypeV2 PipelineType = "V2"
)

// ArtifactStore is where the artifacts of a Region are.
type ArtifactStore struct {
	Type          string         `json:"type"`          // "S3"
	Bucket        string         `json:"location"`      // the bucket's name
	EncryptionKey *EncryptionKey `json:"encryptionKey"` // nil is the AWS managed key for S3
	Other         Members        `json:"-"`
}

// EncryptionKey is the key that encrypts artifacts.
type EncryptionKey struct {
	ID    string  `json:"id"`   // the key's ID or ARN, or the ARN of an alias
	Type  string  `json:"type"` // "KMS"
	Other Members `json:"-"`
}

// Bucket returns the artifact store in a bucket. Without a key, "", the AWS
// managed key for S3 encrypts the artifacts.
func Bucket(name, key string) *ArtifactStore {
	s := &ArtifactStore{Type: storeS3, Bucket: name}
	if key != "" {
		s.EncryptionKey = &EncryptionKey{ID: key, Type: keyKMS}
	}
	return s
}

const (
	storeS3 = "S3"
	keyKMS  = "KMS"
)

// Variable is a variable of a pipeline.
type Variable struct {
	Name         string  `json:"name"`         // 1 to 128 letters, digits, '@', '-' and '_'
	DefaultValue string  `json:"defaultValue"` // up to 1,000 characters; "" asks each start for a value
	Description  string  `json:"description"`  // up to 200 characters
	Other        Members `json:"-"`
}

// Stage is a stage of a pipeline.
type Stage struct {
	// Name is spelled as that of a pipeline. No two stages have the same name.
	Name string `json:"name"`
	// Actions are the 1 to 50 actions, which run in the order of RunOrder.
	Actions []Action `json:"actions"`
	// BeforeEntry are conditions for an execution to enter the stage: if a rule
	// fails, the stage fails or is skipped.
	BeforeEntry *Conditions `json:"beforeEntry"`
	// OnSuccess are conditions for the stage to have succeeded: if a rule fails,
	// the stage fails or is rolled back.
	OnSuccess *Conditions `json:"onSuccess"`
	// OnFailure is what happens after a failure.
	OnFailure *OnFailure `json:"onFailure"`

	Other Members `json:"-"` // also the blockers, which CodePipeline reserves
}

// Artifact is an input or output artifact of an action.
type Artifact struct {
	Name string `json:"name"` // 1 to 100 letters, digits, '-' and '_'
	// Files are the 1 to 10 paths that the output artifact of a [Commands] action
	// holds.
	Files []string `json:"files"`
	Other Members  `json:"-"`
}

// Artifacts returns artifacts with these names.
func Artifacts(names ...string) []Artifact {
	list := make([]Artifact, len(names))
	for i, name := range names {
		list[i].Name = name
	}
	return list
}

// Action is an action of a stage.
type Action struct {
	// Name is spelled as that of a pipeline. No two actions of a stage have the same
	// name.
	Name string `json:"name"`
	// Provider is the action's type with its configuration: one of the types of this
	// package, such as [CodeBuild], a type of one's own, or [Custom].
	Provider Provider `json:"actionTypeId"`
	// RunOrder is 1 to 999, and 1 by default. Actions of the same number run in
	// parallel.
	RunOrder int `json:"runOrder"`
	// Commands are the 1 to 50 shell commands of a [Commands] action.
	Commands []string `json:"commands"`
	// EnvironmentVariables are up to 10 variables of the commands, of a build by
	// [ECRBuildAndPublish], or of the files of an [EKSDeploy].
	EnvironmentVariables []EnvironmentVariable `json:"environmentVariables"`
	Outputs              []Artifact            `json:"outputArtifacts"`
	Inputs               []Artifact            `json:"inputArtifacts"`
	// OutputVariables are the names of up to 15 variables of the environment that a
	// [Commands] action exports.
	OutputVariables []string `json:"outputVariables"`
	RoleARN         string   `json:"roleArn"` // of the role that runs the action; "" is that of the pipeline
	Region          string   `json:"region"`  // "" is that of the pipeline
	// Namespace is the name under which later actions use the output variables of
	// this one: #{Namespace.Variable}.
	Namespace string `json:"namespace"`
	// TimeoutInMinutes is for manual approvals: 5 to 86400, and 7 days by default.
	TimeoutInMinutes int `json:"timeoutInMinutes"`

	Other Members `json:"-"`
}

// EnvironmentVariable is a variable that an action gets.
type EnvironmentVariable struct {
	Name  string `json:"name"`  // 1 to 128 letters, digits and '_'
	Value string `json:"value"` // up to 2,000 characters; the name of a secret for SECRETS_MANAGER
	// Type is [EnvironmentPlaintext] by default.
	Type  EnvironmentVariableType `json:"type"`
	Other Members                 `json:"-"`
}

// EnvironmentVariableType says where the value of an environment variable is.
type EnvironmentVariableType string

// The types of environment variables.
const (
	EnvironmentPlaintext      EnvironmentVariableType = "PLAINTEXT"
	EnvironmentSecretsManager EnvironmentVariableType = "SECRETS_MANAGER" // for Commands actions
)
