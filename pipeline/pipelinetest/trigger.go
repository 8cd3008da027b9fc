package pipelinetest

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Trigger is what starts an execution.
type Trigger struct {
	// Type is one of CreatePipeline, StartPipelineExecution,
	// PollForSourceChanges, Webhook, CloudWatchEvent, PutActionRevision and
	// WebhookV2. The default is StartPipelineExecution, or WebhookV2 if
	// CommitID is set.
	Type string
	// Detail is what started it: the ARN of a user, an EventBridge rule, a
	// webhook or a connection. The default fits the type.
	Detail string

	// The commit that started it, for WebhookV2 and Webhook. The event STARTED
	// has type and detail, later events of the execution have the commit.
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

var triggerTypes = []string{"CreatePipeline", "StartPipelineExecution", "PollForSourceChanges", "Webhook", "CloudWatchEvent", "PutActionRevision", "WebhookV2"}

func (t Trigger) withDefaults(p *Pipeline) (Trigger, error) {
	if t.Type == "" {
		t.Type = "StartPipelineExecution"
		if t.CommitID != "" {
			t.Type = "WebhookV2"
		}
	}
	if !slices.Contains(triggerTypes, t.Type) {
		return t, fmt.Errorf("there is no trigger type %q", t.Type)
	}
	if t.Detail == "" {
		switch source := p.sourceActions()[0]; t.Type {
		case "CloudWatchEvent":
			t.Detail = "arn:aws:events:" + region + ":" + accountID + ":rule/codepipeline-" + p.Name
		case "Webhook", "WebhookV2":
			t.Detail = cmp.Or(t.ConnectionARN, source.Configuration["ConnectionArn"],
				"arn:aws:codepipeline:"+region+":"+accountID+":webhook:"+p.Name+"-"+source.Name)
		case "PollForSourceChanges", "PutActionRevision":
			t.Detail = source.Name
		default:
			t.Detail = user
		}
	}
	return t, nil
}

func (t Trigger) commit() eventCommit {
	c := eventCommit{
		AuthorDisplayName:  t.AuthorDisplayName,
		FullRepositoryName: t.FullRepositoryName,
		ProviderType:       t.ProviderType,
		AuthorEmail:        t.AuthorEmail,
		BranchName:         t.Branch,
		CommitMessage:      t.CommitMessage,
		TagName:            t.Tag,
		CommitID:           t.CommitID,
		ConnectionARN:      t.ConnectionARN,
		AuthorID:           t.AuthorID,
	}
	if !t.AuthorDate.IsZero() {
		c.AuthorDate = t.AuthorDate.UTC().Format(time.RFC3339)
	}
	return c
}
