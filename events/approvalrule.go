package events

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
