package pattern

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/codesuite-go/codesuite/events"
)

// When returns a handler for [events.On] that handles the events which p matches
// and leaves out all others. The pattern of the rule is then the filter of the
// handler as well, also for events that come another way than through the rule:
// see [Pattern.MatchEvent]. An event that is left out counts as handled: it does not
// go to the Fallback of the [events.Mux].
//
// If a [events.RepositoryTrigger] has several references, the handler gets it with
// those that p matches.
func When[E events.Event](p Pattern, handle func(ctx context.Context, event E) error) func(ctx context.Context, event E) error {
	if handle == nil {
		return nil // an error of On
	}
	return func(ctx context.Context, event E) error {
		if trigger, ok := any(event).(*events.RepositoryTrigger); ok {
			matching, err := p.matchReferences(trigger)
			if err != nil || len(matching) == 0 {
				return err
			}
			if len(matching) < len(trigger.References) {
				narrowed := *trigger
				narrowed.References = matching
				event = any(&narrowed).(E)
			}
			return handle(ctx, event)
		}
		ok, err := p.MatchEvent(event)
		if err != nil || !ok {
			return err
		}
		return handle(ctx, event)
	}
}

// MatchEvent reports whether a rule with this pattern would match the event, or
// what EventBridge would send in its place:
//
//   - for a notification, the event without what notification rules add
//   - for a repository trigger, the change of one of its references
//   - for an S3 notification, the event of the same change
//
// Events that EventBridge never sends, such as a job, match no pattern. Fields that
// were changed in Go count. An error means that p is the zero Pattern, or that the
// event cannot be encoded.
func (p Pattern) MatchEvent(e events.Event) (bool, error) {
	if p.root == nil {
		return false, &Error{Err: errEmpty}
	}
	switch e := e.(type) {
	case *events.RepositoryTrigger:
		matching, err := p.matchReferences(e)
		return len(matching) > 0, err
	case *events.S3Notification:
		return p.matchBuilt(objectChange(e))
	case *events.Job, *events.ApprovalRequest, *events.S3TestEvent, *events.DeploymentHook:
		return false, nil
	}
	text, err := e.MarshalJSON()
	if err != nil {
		return false, fmt.Errorf("pattern: match event: %w", err)
	}
	if unknown, ok := e.(*events.Unknown); ok && unknown.DetailType == "" {
		return false, nil
	}
	if text, err = withoutNotification(text); err != nil {
		return false, fmt.Errorf("pattern: match event: %w", err)
	}
	return p.Match(text)
}

// withoutNotification gives the event of a notification rule the form of
// EventBridge.
func withoutNotification(text []byte) ([]byte, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(text, &members); err != nil {
		return nil, err
	}
	detailType, ok := members["detailType"]
	if !ok || members["detail-type"] != nil {
		return text, nil
	}
	members["detail-type"] = detailType
	for _, name := range []string{"detailType", "notificationRuleArn", "additionalAttributes"} {
		delete(members, name)
	}
	return json.Marshal(members)
}

// matchReferences returns the references of a trigger that the pattern matches.
func (p Pattern) matchReferences(e *events.RepositoryTrigger) ([]events.TriggerReference, error) {
	if p.root == nil {
		return nil, &Error{Err: errEmpty}
	}
	var matching []events.TriggerReference
	i := 0
	for change := range e.RefChanges() { // one for each reference
		ok, err := p.matchBuilt(stateChange(e, change))
		if err != nil {
			return nil, err
		}
		if ok {
			matching = append(matching, e.References[i])
		}
		i++
	}
	return matching, nil
}

// matchBuilt matches an event that was built in Go.
func (p Pattern) matchBuilt(e events.Event) (bool, error) {
	text, err := e.MarshalJSON()
	if err != nil {
		return false, fmt.Errorf("pattern: match event: %w", err)
	}
	return p.Match(text)
}

// stateChange returns what EventBridge sends for a change of a reference.
func stateChange(e *events.RepositoryTrigger, c events.RefChange) *events.RepositoryStateChange {
	change := &events.RepositoryStateChange{
		Header: events.Header{
			Version: "0", Account: c.Account, Region: c.Region, Time: c.Time, Resources: []string{e.RepositoryARN},
		},
		RepositoryName: c.Repository, ReferenceType: string(c.Kind), ReferenceName: c.Name, ReferenceFullName: c.Ref,
		CommitID: c.NewCommit, OldCommitID: c.OldCommit, CallerUserARN: c.CallerARN,
	}
	switch c.Action {
	case events.RefCreated:
		change.Event = events.ReferenceCreated
	case events.RefUpdated:
		change.Event = events.ReferenceUpdated
	case events.RefDeleted:
		change.Event = events.ReferenceDeleted
	}
	return change
}

// objectChange returns what EventBridge sends for the change of an object.
func objectChange(e *events.S3Notification) *events.S3ObjectChange {
	o := e.Object()
	return &events.S3ObjectChange{
		Header: events.Header{
			Version: "0", DetailType: e.DetailType(), Region: e.Region, Time: e.Time, Resources: []string{e.BucketARN},
		},
		DetailVersion: "0", Bucket: o.Bucket, Key: o.Key, Size: o.Size, ETag: o.ETag, VersionID: o.VersionID, Sequencer: o.Sequencer,
		RequestID: e.RequestID, Requester: e.PrincipalID, SourceIP: e.SourceIP,
	}
}
