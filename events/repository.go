package events

import (
	"iter"
	"strconv"
	"strings"
)

// RepositoryStateChange says that a branch or tag of a repository was
// created, moved or deleted, or that a merge commit without a reference was
// made (AWS CodeCommit, "CodeCommit Repository State Change"). See RefChanges
// for what it has in common with a [RepositoryTrigger].
type RepositoryStateChange struct {
	Header

	Event          RepositoryEvent `event:"detail/event,id"`
	RepositoryName string          `event:"detail/repositoryName,id"`
	RepositoryID   string          `event:"detail/repositoryId"`
	// ReferenceType is branch or tag, ReferenceName the short name and
	// ReferenceFullName the one with refs/heads/ or refs/tags/.
	ReferenceType     string `event:"detail/referenceType,id"`
	ReferenceName     string `event:"detail/referenceName,id"`
	ReferenceFullName string `event:"detail/referenceFullName,id"`
	CommitID          string `event:"detail/commitId,id"`    // "" for a deletion
	OldCommitID       string `event:"detail/oldCommitId,id"` // "" for a creation
	// The commits and options of a merge through the API.
	BaseCommitID               string      `event:"detail/baseCommitId"`
	SourceCommitID             string      `event:"detail/sourceCommitId"`
	DestinationCommitID        string      `event:"detail/destinationCommitId"`
	MergeOption                MergeOption `event:"detail/mergeOption"`
	ConflictDetailsLevel       string      `event:"detail/conflictDetailsLevel"`
	ConflictResolutionStrategy string      `event:"detail/conflictResolutionStrategy"`
	CallerUserARN              string      `event:"detail/callerUserArn"`
}

// RepositoryEvent is what happened to a repository.
type RepositoryEvent string

// The events of repositories.
const (
	ReferenceCreated               RepositoryEvent = "referenceCreated"
	ReferenceUpdated               RepositoryEvent = "referenceUpdated"
	ReferenceDeleted               RepositoryEvent = "referenceDeleted"
	UnreferencedMergeCommitCreated RepositoryEvent = "unreferencedMergeCommitCreated"
)

// RefChanges yields the change, and none for a merge commit without a
// reference.
func (e *RepositoryStateChange) RefChanges() iter.Seq[RefChange] {
	c := RefChange{
		Repository: e.RepositoryName, Account: e.Account, Region: e.Region,
		OldCommit: e.OldCommitID, NewCommit: e.CommitID, CallerARN: e.CallerUserARN, Time: e.Time,
	}
	switch e.Event {
	case ReferenceCreated:
		c.Action = RefCreated
	case ReferenceUpdated:
		c.Action = RefUpdated
	case ReferenceDeleted:
		c.Action = RefDeleted
	}
	full := e.ReferenceFullName
	if full == "" && e.ReferenceName != "" {
		switch e.ReferenceType {
		case "branch":
			full = "refs/heads/" + e.ReferenceName
		case "tag":
			full = "refs/tags/" + e.ReferenceName
		}
	}
	c.setRef(full)
	return func(yield func(RefChange) bool) {
		if c.Action != "" && full != "" {
			yield(c)
		}
	}
}

// IdempotencyKey is made from reference, commits and time, so that it is the
// same for an event of EventBridge and of a notification rule.
func (e *RepositoryStateChange) IdempotencyKey() string {
	return joinKey("repository", e.Account, e.Region, e.RepositoryName, string(e.Event), e.ReferenceType, e.ReferenceName, e.OldCommitID, e.CommitID, string(e.Time))
}

// RepositoryTrigger is a record that a trigger of a repository sends to a
// Lambda function or SNS topic (AWS CodeCommit, repository triggers). One push
// may change several references, and may come in several records.
type RepositoryTrigger struct {
	Origin

	EventSource  string `event:"eventSource,id"` // aws:codecommit
	EventVersion string `event:"eventVersion"`
	EventID      string `event:"eventId,id"`
	// EventName is ReferenceChanges; TriggerEventTest for a test, see IsTest.
	EventName string `event:"eventName,id"`
	// PartNumber counts from 1 to TotalParts the records of one push.
	PartNumber      int                `event:"eventPartNumber,id"`
	TotalParts      int                `event:"eventTotalParts"`
	Time            Timestamp          `event:"eventTime"`
	Region          string             `event:"awsRegion"`
	RepositoryARN   string             `event:"eventSourceARN,id"`
	TriggerName     string             `event:"eventTriggerName,id"`
	TriggerConfigID string             `event:"eventTriggerConfigId"`
	UserIdentityARN string             `event:"userIdentityARN"`
	CustomData      string             `event:"customData"` // as configured in the trigger
	References      []TriggerReference `event:"codecommit/references,id"`
}

// TriggerReference is a reference that a push changed.
type TriggerReference struct {
	Ref string `event:"ref,id"` // the full name
	// Commit is what the reference is at now, or was when it was deleted.
	Commit  string `event:"commit,id"`
	Created bool   `event:"created,id"`
	Deleted bool   `event:"deleted,id"`
}

// Name is "CodeCommit Trigger".
func (e *RepositoryTrigger) Name() string { return "CodeCommit Trigger" }

// IsTest reports whether the record is a test of the trigger from the console
// or the TestRepositoryTriggers API. Its references may be made up.
func (e *RepositoryTrigger) IsTest() bool { return e.EventName == "TriggerEventTest" }

// Repository returns the name of the repository.
func (e *RepositoryTrigger) Repository() string { return arnField(e.RepositoryARN, 5) }

// Account returns the account of the repository.
func (e *RepositoryTrigger) Account() string { return arnField(e.RepositoryARN, 4) }

// RefChanges yields the changes of the push, and none for a test.
func (e *RepositoryTrigger) RefChanges() iter.Seq[RefChange] {
	return func(yield func(RefChange) bool) {
		if e.IsTest() {
			return
		}
		for _, r := range e.References {
			c := RefChange{
				Repository: e.Repository(), Account: e.Account(), Region: e.Region,
				Action: RefUpdated, NewCommit: r.Commit, CallerARN: e.UserIdentityARN, Time: e.Time,
			}
			switch {
			case r.Deleted:
				c.Action, c.OldCommit, c.NewCommit = RefDeleted, r.Commit, ""
			case r.Created:
				c.Action = RefCreated
			}
			c.setRef(r.Ref)
			if !yield(c) {
				return
			}
		}
	}
}

// IdempotencyKey is made from repository, trigger, event ID and part.
func (e *RepositoryTrigger) IdempotencyKey() string {
	return joinKey("trigger", e.RepositoryARN, e.TriggerName, e.EventID, strconv.Itoa(e.PartNumber))
}

// A RefChange is a branch or tag that was created, moved or deleted: what a
// repository trigger and an event of EventBridge both report.
type RefChange struct {
	Repository string
	Account    string
	Region     string
	// Ref is the full name of the reference, Name the short one, Kind what it
	// is. Name is the full one for RefOther.
	Ref  string
	Name string
	Kind RefKind
	// Action says what happened to the reference.
	Action RefAction
	// OldCommit is what the reference was at: "" for a creation, and for an
	// update in the event of a trigger. NewCommit is "" for a deletion.
	OldCommit string
	NewCommit string
	// CallerARN is who did it; most events of EventBridge do not have it.
	CallerARN string
	Time      Timestamp
}

// RefKind is the kind of a reference.
type RefKind string

// The kinds of references.
const (
	RefBranch RefKind = "branch"
	RefTag    RefKind = "tag"
	RefOther  RefKind = "other"
)

// RefAction is what happened to a reference.
type RefAction string

// What happens to references.
const (
	RefCreated RefAction = "created"
	RefUpdated RefAction = "updated"
	RefDeleted RefAction = "deleted"
)

func (c *RefChange) setRef(full string) {
	c.Ref, c.Name, c.Kind = full, full, RefOther
	if name, ok := strings.CutPrefix(full, "refs/heads/"); ok {
		c.Name, c.Kind = name, RefBranch
	} else if name, ok := strings.CutPrefix(full, "refs/tags/"); ok {
		c.Name, c.Kind = name, RefTag
	}
}

// A RefEvent is an event about changed references: a
// *[RepositoryStateChange] or a *[RepositoryTrigger]. Register a handler for
// it to get pushes from either.
type RefEvent interface {
	Event
	// RefChanges yields the changed references.
	RefChanges() iter.Seq[RefChange]
}

var (
	_ RefEvent = (*RepositoryStateChange)(nil)
	_ RefEvent = (*RepositoryTrigger)(nil)
)

// arnField returns a field of an ARN, counted from 0. The last one, 5, is all
// the rest.
func arnField(arn string, n int) string {
	fields := strings.SplitN(arn, ":", 6)
	if n >= len(fields) {
		return ""
	}
	return fields[n]
}

// MarshalJSON encodes the event; see [Event].
func (e RepositoryStateChange) MarshalJSON() ([]byte, error) { return marshal(&e) }

// UnmarshalJSON decodes any payload that holds exactly one event of this type.
func (e *RepositoryStateChange) UnmarshalJSON(data []byte) error { return unmarshal(data, e) }

// MarshalJSON encodes the event; see [Event].
func (e RepositoryTrigger) MarshalJSON() ([]byte, error) { return marshal(&e) }

// UnmarshalJSON decodes any payload that holds exactly one event of this type.
func (e *RepositoryTrigger) UnmarshalJSON(data []byte) error { return unmarshal(data, e) }
