package events

// PipelineExecutionStateChange says that an execution of a pipeline has a new
// state (AWS CodePipeline, "CodePipeline Pipeline Execution State Change"). It
// comes from EventBridge or from a notification rule, which adds the failed
// and the source actions.
type PipelineExecutionStateChange struct {
	Header

	Pipeline    string        `event:"detail/pipeline,id"`
	ExecutionID string        `event:"detail/execution-id,id"`
	State       PipelineState `event:"detail/state,id"`
	// PipelineVersion is the version of the pipeline's structure.
	PipelineVersion int64 `event:"detail/version"`
	// Attempt counts the retries of an execution, from 0 or 1 for the first
	// run. Older events do not have it.
	Attempt   int       `event:"detail/pipeline-execution-attempt,id"`
	StartTime Timestamp `event:"detail/start-time"`
	// Trigger says what started the execution. Two events of one execution
	// may tell it differently, or one of them not at all.
	Trigger *ExecutionTrigger `event:"detail/execution-trigger"`
	// StopComments is the reason given to StopPipelineExecution.
	StopComments string `event:"detail/stop-execution-comments"`

	FailedActions     []FailedAction `event:"additionalAttributes/failedActions"`
	FailedActionCount int            `event:"additionalAttributes/failedActionCount"` // may be more than are listed
	FailedStage       string         `event:"additionalAttributes/failedStage"`
	SourceActions     []SourceAction `event:"additionalAttributes/sourceActions"`
}

// StageExecutionStateChange says that a stage of an execution has a new state
// (AWS CodePipeline, "CodePipeline Stage Execution State Change").
type StageExecutionStateChange struct {
	Header

	Pipeline        string     `event:"detail/pipeline,id"`
	ExecutionID     string     `event:"detail/execution-id,id"`
	Stage           string     `event:"detail/stage,id"`
	State           StageState `event:"detail/state,id"`
	PipelineVersion int64      `event:"detail/version"`
	Attempt         int        `event:"detail/pipeline-execution-attempt,id"`
	StartTime       Timestamp  `event:"detail/start-time"`
	// LastRetryTime is when the stage was last retried, in RESUMED events.
	LastRetryTime Timestamp         `event:"detail/stage-last-retry-attempt-time"`
	Trigger       *ExecutionTrigger `event:"detail/execution-trigger"`
	StopComments  string            `event:"detail/stop-execution-comments"`

	FailedActions     []FailedAction `event:"additionalAttributes/failedActions"`
	FailedActionCount int            `event:"additionalAttributes/failedActionCount"` // may be more than are listed
	SourceActions     []SourceAction `event:"additionalAttributes/sourceActions"`
}

// ActionExecutionStateChange says that an action of an execution has a new
// state (AWS CodePipeline, "CodePipeline Action Execution State Change").
type ActionExecutionStateChange struct {
	Header

	Pipeline    string `event:"detail/pipeline,id"`
	ExecutionID string `event:"detail/execution-id,id"`
	// StartTime is when the action started.
	StartTime         Timestamp        `event:"detail/start-time"`
	Stage             string           `event:"detail/stage,id"`
	Result            *ExecutionResult `event:"detail/execution-result"`
	OutputArtifacts   []Artifact       `event:"detail/output-artifacts"`
	ActionExecutionID string           `event:"detail/action-execution-id"`
	Action            string           `event:"detail/action,id"`
	InputArtifacts    []Artifact       `event:"detail/input-artifacts"`
	State             ActionState      `event:"detail/state,id"`
	// ActionRegion is where the action runs, which may differ from Region,
	// where the pipeline is. Older events do not have it.
	ActionRegion    string     `event:"detail/region"`
	Type            ActionType `event:"detail/type"`
	PipelineVersion int64      `event:"detail/version"`
	Attempt         int        `event:"detail/pipeline-execution-attempt,id"`

	// AdditionalInformation is the reason of a failure, in notifications.
	AdditionalInformation string `event:"additionalAttributes/additionalInformation"`
	// ExternalEntityLink and CustomData come with a waiting manual approval,
	// in notifications: what to review, and the comment for the reviewer.
	ExternalEntityLink string `event:"additionalAttributes/externalEntityLink"`
	CustomData         string `event:"additionalAttributes/customData"`
}

// ExecutionTrigger says what started an execution: a type and a detail, or
// for a trigger on a connection the commit. Fields that did not come are "". AWS
// documents no fields of the pull request that started a pipeline; Raw has them.
type ExecutionTrigger struct {
	// Type is the kind of trigger, such as StartPipelineExecution, Webhook or
	// CloudWatchEvent, and Detail what it was: an ARN of a user or connection.
	Type   string `event:"trigger-type"`
	Detail string `event:"trigger-detail"`

	ProviderType       string `event:"provider-type"` // GitHub, GitLab, Bitbucket, ...
	FullRepositoryName string `event:"full-repository-name"`
	// Either Branch or Tag is set.
	Branch            string    `event:"branch-name"`
	Tag               string    `event:"tag-name"`
	CommitID          string    `event:"commit-id"`
	CommitMessage     string    `event:"commit-message"`
	ConnectionARN     string    `event:"connection-arn"`
	AuthorID          string    `event:"author-id"`
	AuthorDisplayName string    `event:"author-display-name"`
	AuthorEmail       string    `event:"author-email"`
	AuthorDate        Timestamp `event:"author-date"`
}

// ExecutionResult is what a finished action reported.
type ExecutionResult struct {
	// ExternalExecutionID is the ID at the provider: a build, a deployment, a
	// commit, the ARN of a log stream.
	ExternalExecutionID string `event:"external-execution-id"`
	URL                 string `event:"external-execution-url"`
	// Summary is free text, or JSON for the sources of a connection.
	Summary string `event:"external-execution-summary"`
	// ErrorCode is set for a failed action, such as JobFailed.
	ErrorCode string `event:"error-code"`
}

// ActionType is the type of an action. All four are open sets.
type ActionType struct {
	Owner    string `event:"owner"`    // AWS, ThirdParty or Custom
	Provider string `event:"provider"` // CodeBuild, CodeCommit, Manual, ...
	Category string `event:"category"` // Source, Build, Deploy, Test, Invoke, Approval, Compute
	Version  string `event:"version"`
}

// Artifact is an input or output artifact of an action.
type Artifact struct {
	Name   string `event:"name"`
	Bucket string `event:"s3location/bucket"`
	Key    string `event:"s3location/key"`
}

// FailedAction names a failed action and the reason, in notifications.
type FailedAction struct {
	Action                string `event:"action"`
	AdditionalInformation string `event:"additionalInformation"`
}

// SourceAction is a source of the execution, in notifications.
type SourceAction struct {
	Name      string            `event:"sourceActionName"`
	Provider  string            `event:"sourceActionProvider"`
	Variables map[string]string `event:"sourceActionVariables"` // such as BranchName and CommitId
}

// IdempotencyKey is made from execution, attempt and state, so that it is the
// same for an event of EventBridge and of a notification rule.
func (e *PipelineExecutionStateChange) IdempotencyKey() string {
	return joinKey("pipeline", e.Account, e.Region, e.Pipeline, e.ExecutionID, attemptKey(e.Attempt, &e.Header), string(e.State))
}

// IdempotencyKey is made from execution, stage, attempt and state, so that it
// is the same for an event of EventBridge and of a notification rule.
func (e *StageExecutionStateChange) IdempotencyKey() string {
	return joinKey("stage", e.Account, e.Region, e.Pipeline, e.ExecutionID, e.Stage, attemptKey(e.Attempt, &e.Header), string(e.State))
}

// IdempotencyKey is made from execution, action, attempt and state, so that
// it is the same for an event of EventBridge and of a notification rule.
func (e *ActionExecutionStateChange) IdempotencyKey() string {
	return joinKey("action", e.Account, e.Region, e.Pipeline, e.ExecutionID, e.Stage, e.Action, attemptKey(e.Attempt, &e.Header), string(e.State))
}

// Supersedes reports whether e has a newer state than other, so that
// other may be forgotten. A later attempt is newer; in one attempt started,
// resumed, stopping and the terminal states are newer in this order, and of
// two equals the one with the later Time. An event without an attempt is older
// than one with; of two without, which cannot tell a retry, the one with the
// later Time is newer, and their states count if the times are equal. It is
// false for an event of another execution and for the same event, and true for
// nil.
//
// An event may be built in Go from what was stored of it: account, region,
// pipeline, execution, attempt, state and time.
func (e *PipelineExecutionStateChange) Supersedes(other *PipelineExecutionStateChange) bool {
	if other == nil {
		return true
	}
	return e.Account == other.Account && e.Region == other.Region && e.Pipeline == other.Pipeline && e.ExecutionID == other.ExecutionID &&
		supersedes(e.Attempt, other.Attempt, stateRank(string(e.State), pipelineLevel), stateRank(string(other.State), pipelineLevel), e.Time, other.Time)
}

// Supersedes reports whether e has a newer state of the same stage than
// other; see [PipelineExecutionStateChange.Supersedes].
func (e *StageExecutionStateChange) Supersedes(other *StageExecutionStateChange) bool {
	if other == nil {
		return true
	}
	return e.Account == other.Account && e.Region == other.Region && e.Pipeline == other.Pipeline && e.ExecutionID == other.ExecutionID && e.Stage == other.Stage &&
		supersedes(e.Attempt, other.Attempt, stateRank(string(e.State), stageLevel), stateRank(string(other.State), stageLevel), e.Time, other.Time)
}

// Supersedes reports whether e has a newer state of the same action than
// other; see [PipelineExecutionStateChange.Supersedes].
func (e *ActionExecutionStateChange) Supersedes(other *ActionExecutionStateChange) bool {
	if other == nil {
		return true
	}
	return e.Account == other.Account && e.Region == other.Region && e.Pipeline == other.Pipeline && e.ExecutionID == other.ExecutionID && e.Stage == other.Stage && e.Action == other.Action &&
		supersedes(e.Attempt, other.Attempt, stateRank(string(e.State), actionLevel), stateRank(string(other.State), actionLevel), e.Time, other.Time)
}

// MarshalJSON encodes the event; see [Event].
func (e PipelineExecutionStateChange) MarshalJSON() ([]byte, error) { return marshal(&e) }

// UnmarshalJSON decodes any payload that holds exactly one event of this type.
func (e *PipelineExecutionStateChange) UnmarshalJSON(data []byte) error { return unmarshal(data, e) }

// MarshalJSON encodes the event; see [Event].
func (e StageExecutionStateChange) MarshalJSON() ([]byte, error) { return marshal(&e) }

// UnmarshalJSON decodes any payload that holds exactly one event of this type.
func (e *StageExecutionStateChange) UnmarshalJSON(data []byte) error { return unmarshal(data, e) }

// MarshalJSON encodes the event; see [Event].
func (e ActionExecutionStateChange) MarshalJSON() ([]byte, error) { return marshal(&e) }

// UnmarshalJSON decodes any payload that holds exactly one event of this type.
func (e *ActionExecutionStateChange) UnmarshalJSON(data []byte) error { return unmarshal(data, e) }
