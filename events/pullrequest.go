package events

import (
	"slices"
	"strings"
)

// PullRequestStateChange says that a pull request was created, updated,
// approved, merged or closed (AWS CodeCommit, "CodeCommit Pull Request State
// Change"). Event says which of these.
type PullRequestStateChange struct {
	Header

	Event         PullRequestEvent `event:"detail/event,id"`
	PullRequestID string           `event:"detail/pullRequestId,id"`
	// RepositoryNames has one element; CodeCommit has no forks.
	RepositoryNames []string `event:"detail/repositoryNames,id"`
	// SourceReference and DestinationReference are full names, such as
	// refs/heads/x. See SourceBranch and DestinationBranch.
	SourceReference      string `event:"detail/sourceReference"`
	SourceCommit         string `event:"detail/sourceCommit,id"`
	DestinationReference string `event:"detail/destinationReference"`
	DestinationCommit    string `event:"detail/destinationCommit"`
	// RevisionID changes with every push to the source branch.
	RevisionID string `event:"detail/revisionId,id"`
	// Status of a merged pull request is PullRequestStatusClosed.
	Status      PullRequestStatus `event:"detail/pullRequestStatus,id"`
	IsMerged    bool              `event:"detail/isMerged,string"`
	MergeOption MergeOption       `event:"detail/mergeOption"`
	Title       string            `event:"detail/title"`
	Description string            `event:"detail/description"`
	// Author is an ARN, or an access key or user ID.
	Author        string `event:"detail/author"`
	CallerUserARN string `event:"detail/callerUserArn,id"`
	// CreationDate and LastModifiedDate are in varying formats.
	CreationDate     Timestamp `event:"detail/creationDate"`
	LastModifiedDate Timestamp `event:"detail/lastModifiedDate"`
	// ApprovalStatus is set in PullRequestApprovalStateChanged.
	ApprovalStatus ApprovalStatus `event:"detail/approvalStatus,id"`
	// OverrideStatus is set in PullRequestApprovalRuleOverridden.
	OverrideStatus            OverrideStatus `event:"detail/overrideStatus,id"`
	ApprovalRuleID            string         `event:"detail/approvalRuleId,id"`
	ApprovalRuleName          string         `event:"detail/approvalRuleName"`
	ApprovalRuleContentSHA256 string         `event:"detail/approvalRuleContentSha256"`
	// NotificationBody is a sentence for people.
	NotificationBody string `event:"detail/notificationBody"`

	// What notification rules add for a new or updated pull request.
	ChangedFiles  []ChangedFile `event:"additionalAttributes/changedFiles"`
	FilesAdded    int           `event:"additionalAttributes/numberOfFilesAdded,string"`
	FilesModified int           `event:"additionalAttributes/numberOfFilesModified,string"`
	FilesDeleted  int           `event:"additionalAttributes/numberOfFilesDeleted,string"`
	// Comments are the texts of a comment or review, with their authors.
	Comments []CommentText `event:"additionalAttributes/comments"`
}

// PullRequestEvent is what happened to a pull request.
type PullRequestEvent string

// The events of pull requests.
const (
	PullRequestCreated                PullRequestEvent = "pullRequestCreated"
	PullRequestSourceBranchUpdated    PullRequestEvent = "pullRequestSourceBranchUpdated"
	PullRequestStatusChanged          PullRequestEvent = "pullRequestStatusChanged" // closed
	PullRequestMergeStatusUpdated     PullRequestEvent = "pullRequestMergeStatusUpdated"
	PullRequestApprovalRuleCreated    PullRequestEvent = "pullRequestApprovalRuleCreated"
	PullRequestApprovalRuleUpdated    PullRequestEvent = "pullRequestApprovalRuleUpdated"
	PullRequestApprovalRuleDeleted    PullRequestEvent = "pullRequestApprovalRuleDeleted"
	PullRequestApprovalRuleOverridden PullRequestEvent = "pullRequestApprovalRuleOverridden"
	PullRequestApprovalStateChanged   PullRequestEvent = "pullRequestApprovalStateChanged"
)

// PullRequestStatus is the status of a pull request.
type PullRequestStatus string

// The statuses of pull requests.
const (
	PullRequestStatusOpen   PullRequestStatus = "Open"
	PullRequestStatusClosed PullRequestStatus = "Closed"
)

// MergeOption is the way in which a pull request or branch is merged.
type MergeOption string

// The ways to merge.
const (
	MergeOptionFastForward MergeOption = "FAST_FORWARD_MERGE"
	MergeOptionSquash      MergeOption = "SQUASH_MERGE"
	MergeOptionThreeWay    MergeOption = "THREE_WAY_MERGE"
)

// ApprovalStatus is the vote of an approver.
type ApprovalStatus string

// The votes of approvers.
const (
	ApprovalStatusApprove ApprovalStatus = "APPROVE"
	ApprovalStatusRevoke  ApprovalStatus = "REVOKE"
)

// OverrideStatus says whether the approval rules are set aside.
type OverrideStatus string

// The statuses of overrides.
const (
	OverrideStatusOverride OverrideStatus = "OVERRIDE"
	OverrideStatusRevoke   OverrideStatus = "REVOKE"
)

// ChangedFile is a file that a pull request changes, in notifications.
type ChangedFile struct {
	ChangeType string `event:"changeType"` // A, M or D
	FilePath   string `event:"filePath"`
}

// Repository returns the name of the repository.
func (e *PullRequestStateChange) Repository() string {
	if len(e.RepositoryNames) == 0 {
		return ""
	}
	return e.RepositoryNames[0]
}

// SourceBranch returns the name of the source branch without refs/heads/.
func (e *PullRequestStateChange) SourceBranch() string { return branchName(e.SourceReference) }

// DestinationBranch returns the name of the destination branch without
// refs/heads/.
func (e *PullRequestStateChange) DestinationBranch() string {
	return branchName(e.DestinationReference)
}

func branchName(reference string) string { return strings.TrimPrefix(reference, "refs/heads/") }

// IdempotencyKey is made from pull request, revision, event, caller and time,
// so that it is the same for an event of EventBridge and of a notification
// rule.
func (e *PullRequestStateChange) IdempotencyKey() string {
	parts := []string{"pull-request", e.Account, e.Region, e.Repository(), e.PullRequestID, string(e.Event), e.RevisionID, e.SourceCommit, string(e.Status)}
	return joinKey(slices.Concat(parts, []string{string(e.ApprovalStatus), string(e.OverrideStatus), e.ApprovalRuleID, e.CallerUserARN, string(e.Time)})...)
}

// MarshalJSON encodes the event; see [Event].
func (e PullRequestStateChange) MarshalJSON() ([]byte, error) { return marshal(&e) }

// UnmarshalJSON decodes any payload that holds exactly one event of this type.
func (e *PullRequestStateChange) UnmarshalJSON(data []byte) error { return unmarshal(data, e) }

// ApprovalRuleTemplateChange says that an approval rule template was changed
// or put on repositories (AWS CodeCommit, "CodeCommit Approval Rule Template
// Change").
type ApprovalRuleTemplateChange struct {
	Header

	Event                 ApprovalRuleTemplateEvent `event:"detail/event,id"`
	TemplateID            string                    `event:"detail/approvalRuleTemplateId,id"`
	TemplateName          string                    `event:"detail/approvalRuleTemplateName"`
	TemplateContentSHA256 string                    `event:"detail/approvalRuleTemplateContentSha256"`
	// Repositories has the names of the repositories as keys. The values are
	// repository IDs, but not in batch events.
	Repositories     map[string]string `event:"detail/repositories"`
	CallerUserARN    string            `event:"detail/callerUserArn,id"`
	CreationDate     Timestamp         `event:"detail/creationDate"`
	LastModifiedDate Timestamp         `event:"detail/lastModifiedDate"`
	NotificationBody string            `event:"detail/notificationBody"`
}

// ApprovalRuleTemplateEvent is what happened to a template.
type ApprovalRuleTemplateEvent string

// The events of approval rule templates.
const (
	ApprovalRuleTemplateCreated            ApprovalRuleTemplateEvent = "approvalRuleTemplateCreated"
	ApprovalRuleTemplateUpdated            ApprovalRuleTemplateEvent = "approvalRuleTemplateUpdated"
	ApprovalRuleTemplateDeleted            ApprovalRuleTemplateEvent = "approvalRuleTemplateDeleted"
	ApprovalRuleTemplateAssociated         ApprovalRuleTemplateEvent = "approvalRuleTemplateAssociatedWithRepository"
	ApprovalRuleTemplateDisassociated      ApprovalRuleTemplateEvent = "approvalRuleTemplateDisassociatedFromRepository"
	ApprovalRuleTemplateBatchAssociated    ApprovalRuleTemplateEvent = "batchAssociateApprovalRuleTemplateWithRepositories"
	ApprovalRuleTemplateBatchDisassociated ApprovalRuleTemplateEvent = "batchDisassociateApprovalRuleTemplateFromRepositories"
)

// IdempotencyKey is the ID that EventBridge gave the event, else it is made
// from template, event and time.
func (e *ApprovalRuleTemplateChange) IdempotencyKey() string {
	return e.eventKey("approval-rule-template", e.TemplateID, string(e.Event), e.CallerUserARN)
}

// MarshalJSON encodes the event; see [Event].
func (e ApprovalRuleTemplateChange) MarshalJSON() ([]byte, error) { return marshal(&e) }

// UnmarshalJSON decodes any payload that holds exactly one event of this type.
func (e *ApprovalRuleTemplateChange) UnmarshalJSON(data []byte) error { return unmarshal(data, e) }
