package pipelinetest

import "time"

// Trigger is what starts an execution.
type Trigger struct {
	// Type is one of CreatePipeline, StartPipelineExecution,
	// PollForSourceChanges, Webhook, CloudWatchEvent, PutActionRevision and
	// WebhookV2. The default is StartPipelineExecution, or WebhookV2 if
	// CommitID is set.
	Type string
	// Detail is the ARN of what started it: a user, an EventBridge rule, a
	// webhook, a connection. The default fits the type.
	Detail string

	// The commit that started it, for WebhookV2. The event STARTED tells type
	// and detail, later events of the execution the commit.
	ProviderType       string // GitHub, GitLab, Bitbucket, ...
	FullRepositoryName string
	Branch, Tag        string // one of them
	CommitID           string
	CommitMessage      string
	ConnectionARN      string
	AuthorID           string
	AuthorDisplayName  string
	AuthorEmail        string
	AuthorDate         time.Time
}
