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

// ConditionResult is what happens to an execution because of a condition.
type ConditionResult string

// The results of conditions.
const (
	ResultFail     ConditionResult = "FAIL"
	ResultRollback ConditionResult = "ROLLBACK"
	ResultRetry    ConditionResult = "RETRY" // only of OnFailure itself
	ResultSkip     ConditionResult = "SKIP"
)

// Conditions are conditions of a stage. CodePipeline takes one of them. They need
// pipelines of type V2.
type Conditions struct {
	Conditions []Condition `json:"conditions"`
	Other      Members     `json:"-"`
}

// OnFailure is what happens after the failure of a stage: either Result, or that of
// the condition if its rules succeed.
type OnFailure struct {
	Result     ConditionResult `json:"result"`
	Retry      *Retry          `json:"retryConfiguration"` // for ResultRetry
	Conditions []Condition     `json:"conditions"`         // with ResultRollback
	Other      Members         `json:"-"`
}

// Retry is the automatic retry of a stage, once for each failure.
type Retry struct {
	Mode  pipeline.RetryMode `json:"retryMode"`
	Other Members            `json:"-"`
}

// Condition is up to five rules with one result.
type Condition struct {
	// Result is FAIL or SKIP before the entry, FAIL or ROLLBACK on success, and
	// ROLLBACK on failure.
	Result ConditionResult `json:"result"`
	Rules  []Rule          `json:"rules"`
	Other  Members         `json:"-"`
}

// Rule is a rule of a condition.
type Rule struct {
	// Name is spelled as that of a pipeline. No two rules of a condition have the
	// same name.
	Name string `json:"name"`
	// Provider is the rule's type with its configuration, such as
	// [DeploymentWindowRule] or [Custom].
	Provider Provider `json:"ruleTypeId"`
	// Commands are the 1 to 50 shell commands of a [CommandsRule].
	Commands         []string   `json:"commands"`
	Inputs           []Artifact `json:"inputArtifacts"`
	RoleARN          string     `json:"roleArn"`
	Region           string     `json:"region"`
	TimeoutInMinutes int        `json:"timeoutInMinutes"` // 5 to 86400
	Other            Members    `json:"-"`
}

// Trigger is a trigger of a pipeline: the events of a source action's repository
// that start it. Once a source action has a trigger, nothing else in its repository
// starts the pipeline.
type Trigger struct {
	// ProviderType is "CodeStarSourceConnection".
	ProviderType string      `json:"providerType"`
	Git          *GitTrigger `json:"gitConfiguration"`
	Other        Members     `json:"-"`
}

// GitTrigger selects pushes and pull requests. Without filters each push to the
// branch of the source action starts the pipeline.
type GitTrigger struct {
	// SourceAction is the name of an action with a [ConnectionSource].
	SourceAction string               `json:"sourceActionName"`
	Push         []PushTrigger        `json:"push"`        // up to 3, of which one must match
	PullRequest  []PullRequestTrigger `json:"pullRequest"` // up to 3, of which one must match
	Other        Members              `json:"-"`
}

// PushTrigger selects pushes: those to branches, perhaps of certain files, or those
// of tags.
type PushTrigger struct {
	Branches  *Patterns `json:"branches"`
	FilePaths *Patterns `json:"filePaths"`
	Tags      *Patterns `json:"tags"` // not together with Branches or FilePaths
	Other     Members   `json:"-"`
}

// PullRequestTrigger selects events of pull requests.
type PullRequestTrigger struct {
	Events    []string  `json:"events"`   // OPEN, UPDATED and CLOSED
	Branches  *Patterns `json:"branches"` // the destination of the pull request
	FilePaths *Patterns `json:"filePaths"`
	Other     Members   `json:"-"`
}

// Patterns are globs, up to 8 of each kind. Excludes take precedence.
type Patterns struct {
	Includes []string `json:"includes"`
	Excludes []string `json:"excludes"`
	Other    Members  `json:"-"`
}

// OnPush returns the trigger of pushes for a source action.
func OnPush(sourceAction string, filters ...PushTrigger) Trigger {
	return Trigger{ProviderType: connectionProvider, Git: &GitTrigger{SourceAction: sourceAction, Push: filters}}
}

// OnPullRequest returns the trigger of pull requests for a source action.
func OnPullRequest(sourceAction string, filters ...PullRequestTrigger) Trigger {
	return Trigger{ProviderType: connectionProvider, Git: &GitTrigger{SourceAction: sourceAction, PullRequest: filters}}
}

const connectionProvider = "CodeStarSourceConnection"
