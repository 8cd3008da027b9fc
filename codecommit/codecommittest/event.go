package codecommittest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/codesuite-go/codesuite/internal/awsjson"
	"github.com/codesuite-go/codesuite/internal/eventqueue"
)

// Delivery says how events and records of triggers reach the functions of
// [Server.OnEvent] and [Server.OnTrigger]. The zero value delivers each once and in
// order.
type Delivery struct {
	// DuplicateRate is the share of events that are delivered twice, 0 to 1.
	DuplicateRate float64
	// Reorder is the greatest number of later events that overtake an event or its
	// duplicate. The server holds the event back until they have come; FlushEvents
	// delivers it earlier.
	Reorder int
	// Seed seeds the random choices.
	Seed uint64
}

// OnEvent sets a function that is called with each event from now on, in the JSON
// that EventBridge delivers: for each branch or tag that is created, moved or
// deleted, and for changes of pull requests, comments and reactions. It is called
// by whoever made the change, before the method or the API call that made it
// returns, unless the function is already running: then the event comes next. So it
// is never called twice at a time, and it may use the server and its API. Another
// function also gets the events that are held back; nil removes the function, and
// them.
func (s *Server) OnEvent(f func(payload []byte)) { s.events.Handle(f) }

// OnTrigger sets a function that is called, as that of [Server.OnEvent] is, with
// the JSON that a repository trigger sends to its Lambda function or SNS topic:
// once for each trigger of PutRepositoryTriggers that a change fires, and for each
// of TestRepositoryTriggers. The record names its trigger. A trigger for some
// branches fires for no tag.
func (s *Server) OnTrigger(f func(payload []byte)) { s.triggered.Handle(f) }

// SetDelivery changes how events and records are delivered that come from now on.
func (s *Server) SetDelivery(d Delivery) {
	s.events.SetDelivery(eventqueue.Delivery(d))
	s.triggered.SetDelivery(eventqueue.Delivery(d))
}

// FlushEvents delivers the events and records that are held back.
func (s *Server) FlushEvents() {
	s.events.Flush()
	s.triggered.Flush()
}

// Events returns all events of EventBridge so far, each once and in order, whatever
// [Delivery] says.
func (s *Server) Events() [][]byte { return s.events.All() }

// deliver delivers what is due. mu must not be held.
func (s *Server) deliver() {
	s.events.Deliver()
	s.triggered.Deliver()
}

// event is an event of EventBridge. Its members, and those of details, have the
// order of the service's samples.
type event struct {
	Version    string   `json:"version"`
	ID         string   `json:"id"`
	DetailType string   `json:"detail-type"`
	Source     string   `json:"source"`
	Account    string   `json:"account"`
	Time       string   `json:"time"`
	Region     string   `json:"region"`
	Resources  []string `json:"resources"`
	Detail     any      `json:"detail"`
}

func (s *Server) emit(r *repository, kind string, detail any) {
	s.events.Add(encode(event{
		Version:    "0",
		ID:         awsjson.UUID("event", strconv.Itoa(s.events.Len())),
		DetailType: "CodeCommit " + kind,
		Source:     "aws.codecommit",
		Account:    awsjson.AccountID,
		Time:       s.now().UTC().Format(time.RFC3339),
		Region:     awsjson.Region,
		Resources:  []string{r.arn()},
		Detail:     detail,
	}))
}

func encode(v any) []byte {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.Encode(v) // cannot fail
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// referenceDetail is the detail of an event about a reference.
type referenceDetail struct {
	Event             string `json:"event"`
	RepositoryName    string `json:"repositoryName"`
	RepositoryID      string `json:"repositoryId"`
	ReferenceType     string `json:"referenceType"`
	ReferenceName     string `json:"referenceName"`
	ReferenceFullName string `json:"referenceFullName"`
	CommitID          string `json:"commitId,omitempty"`
	OldCommitID       string `json:"oldCommitId,omitempty"`
	*mergeDetail
}

// mergeDetail is what the event of a reference has besides if a merge moved it.
type mergeDetail struct {
	BaseCommitID               string `json:"baseCommitId,omitempty"`
	SourceCommitID             string `json:"sourceCommitId"`
	DestinationCommitID        string `json:"destinationCommitId"`
	MergeOption                string `json:"mergeOption"`
	ConflictDetailsLevel       string `json:"conflictDetailsLevel,omitempty"`
	ConflictResolutionStrategy string `json:"conflictResolutionStrategy,omitempty"`
}

func (s *Server) emitReference(r *repository, c refChange, by *mergeDetail) {
	d := referenceDetail{
		Event: "referenceUpdated", RepositoryName: r.name, RepositoryID: r.id, ReferenceFullName: c.name,
		CommitID: c.after, OldCommitID: c.before, mergeDetail: by,
	}
	switch {
	case c.before == "":
		d.Event = "referenceCreated"
	case c.after == "":
		d.Event = "referenceDeleted"
	}
	var ok bool
	if d.ReferenceName, ok = strings.CutPrefix(c.name, branchPrefix); ok {
		d.ReferenceType = "branch"
	} else {
		d.ReferenceType, d.ReferenceName = "tag", strings.TrimPrefix(c.name, tagPrefix)
	}
	s.emit(r, "Repository State Change", d)
}

// triggerRecord is the record that a trigger sends.
type triggerRecord struct {
	Region      string            `json:"awsRegion"`
	CodeCommit  triggerReferences `json:"codecommit"`
	CustomData  *string           `json:"customData,omitempty"`
	EventID     string            `json:"eventId"`
	EventName   string            `json:"eventName"`
	Part        int               `json:"eventPartNumber"`
	Source      string            `json:"eventSource"`
	SourceARN   string            `json:"eventSourceARN"`
	Time        string            `json:"eventTime"`
	TotalParts  int               `json:"eventTotalParts"`
	ConfigID    string            `json:"eventTriggerConfigId"`
	TriggerName string            `json:"eventTriggerName"`
	Version     string            `json:"eventVersion"`
	UserARN     string            `json:"userIdentityARN"`
}

type triggerReferences struct {
	References []triggerReference `json:"references"`
}

type triggerReference struct {
	Commit  string `json:"commit"`
	Created bool   `json:"created,omitempty"`
	Deleted bool   `json:"deleted,omitempty"`
	Ref     string `json:"ref"`
}

// emitTriggers sends the records of the triggers that the changes fire.
func (s *Server) emitTriggers(r *repository, changes []refChange, caller string) {
	r.mu.Lock()
	list, id := r.triggers.list, r.triggers.id
	r.mu.Unlock()
	for _, t := range list {
		var references []triggerReference
		for _, c := range changes {
			if t.fires(c) {
				ref := triggerReference{Commit: c.after, Created: c.before == "", Ref: c.name}
				if c.after == "" {
					ref.Commit, ref.Deleted = c.before, true
				}
				references = append(references, ref)
			}
		}
		if references != nil {
			s.emitTrigger(r, t, id, "ReferenceChanges", caller, references)
		}
	}
}

// fires reports whether the change is one that the trigger is for.
func (t trigger) fires(c refChange) bool {
	kind := "updateReference"
	switch {
	case c.before == "":
		kind = "createReference"
	case c.after == "":
		kind = "deleteReference"
	}
	if !slices.Contains(t.Events, kind) && !slices.Contains(t.Events, "all") {
		return false
	}
	branch, ok := strings.CutPrefix(c.name, branchPrefix)
	return len(t.Branches) == 0 || ok && slices.Contains(t.Branches, branch)
}

func (s *Server) emitTrigger(r *repository, t trigger, configID, name, caller string, references []triggerReference) {
	s.triggered.Add(encode(map[string][]triggerRecord{"Records": {{
		Region: awsjson.Region, CodeCommit: triggerReferences{references}, CustomData: t.CustomData,
		EventID: awsjson.UUID("trigger", strconv.Itoa(s.triggered.Len())), EventName: name, Part: 1, TotalParts: 1,
		Source: "aws:codecommit", SourceARN: r.arn(), Time: s.now().UTC().Format("2006-01-02T15:04:05.000-0700"),
		ConfigID: configID, TriggerName: *t.Name, Version: "1.0", UserARN: caller,
	}}}))
}

// pullRequestDetail is the detail of an event about a pull request.
type pullRequestDetail struct {
	ApprovalRuleContentSHA256 string   `json:"approvalRuleContentSha256,omitempty"`
	ApprovalRuleID            string   `json:"approvalRuleId,omitempty"`
	ApprovalRuleName          string   `json:"approvalRuleName,omitempty"`
	ApprovalStatus            string   `json:"approvalStatus,omitempty"`
	Author                    string   `json:"author"`
	CallerUserARN             string   `json:"callerUserArn"`
	CreationDate              string   `json:"creationDate"`
	Description               string   `json:"description,omitempty"`
	DestinationCommit         string   `json:"destinationCommit"`
	DestinationReference      string   `json:"destinationReference"`
	Event                     string   `json:"event"`
	IsMerged                  string   `json:"isMerged"`
	LastModifiedDate          string   `json:"lastModifiedDate"`
	MergeOption               string   `json:"mergeOption,omitempty"`
	NotificationBody          string   `json:"notificationBody"`
	OverrideStatus            string   `json:"overrideStatus,omitempty"`
	PullRequestID             string   `json:"pullRequestId"`
	PullRequestStatus         string   `json:"pullRequestStatus"`
	RepositoryNames           []string `json:"repositoryNames"`
	RevisionID                string   `json:"revisionId"`
	SourceCommit              string   `json:"sourceCommit"`
	SourceReference           string   `json:"sourceReference"`
	Title                     string   `json:"title"`
}

// emitPullRequest sends an event about a pull request. d has what only some events
// have.
func (s *Server) emitPullRequest(p *pullRequest, caller string, d pullRequestDetail) {
	d.Author, d.CallerUserARN = p.author, caller
	d.CreationDate, d.LastModifiedDate = p.created.UTC().Format(time.UnixDate), p.active.UTC().Format(time.UnixDate)
	d.Title, d.Description = p.title, p.description
	d.SourceReference, d.SourceCommit, d.DestinationReference, d.DestinationCommit = p.source, p.sourceCommit, p.destination, p.destinationCommit
	d.IsMerged, d.PullRequestStatus = "False", "Open"
	if p.merge.IsMerged {
		d.IsMerged = "True"
	}
	if !p.open() {
		d.PullRequestStatus = "Closed"
	}
	d.PullRequestID, d.RepositoryNames, d.RevisionID = p.id, []string{p.repository.name}, p.revision
	d.NotificationBody = fmt.Sprintf("A pull request event occurred in the following AWS CodeCommit repository: %s. User: %s. Event: %s. Pull request: %s. For more information, go to the AWS CodeCommit console %s",
		p.repository.name, caller, d.Event, p.id, p.page())
	s.emit(p.repository, "Pull Request State Change", d)
}

// page returns the address of the pull request in the console.
func (p *pullRequest) page() string {
	return fmt.Sprintf("https://%[1]s.console.aws.amazon.com/codesuite/codecommit/repositories/%[2]s/pull-requests/%[3]s?region=%[1]s", awsjson.Region, p.repository.name, p.id)
}

// commentDetail is the detail of an event about a comment.
type commentDetail struct {
	AfterCommitID    string `json:"afterCommitId"`
	BeforeCommitID   string `json:"beforeCommitId,omitempty"`
	CallerUserARN    string `json:"callerUserArn"`
	CommentID        string `json:"commentId"`
	Event            string `json:"event"`
	InReplyTo        string `json:"inReplyTo,omitempty"`
	NotificationBody string `json:"notificationBody"`
	PullRequestID    string `json:"pullRequestId,omitempty"`
	RepositoryID     string `json:"repositoryId"`
	RepositoryName   string `json:"repositoryName"`
}

// emitComment sends an event about a comment that was Created or Updated.
func (s *Server) emitComment(c *comment, caller, what string) {
	t := c.thread
	kind, d := "Commit", commentDetail{
		BeforeCommitID: t.before, AfterCommitID: t.after, CallerUserARN: caller, CommentID: c.id, InReplyTo: c.inReplyTo,
		RepositoryID: t.repository.id, RepositoryName: t.repository.name,
	}
	if t.pullRequest != nil {
		kind, d.PullRequestID = "Pull Request", t.pullRequest.id
	}
	d.Event = "commentOn" + strings.ReplaceAll(kind, " ", "") + what
	d.NotificationBody = fmt.Sprintf("A comment event occurred in the following AWS CodeCommit repository: %s. User: %s. Event: %s. Comment: %s.", t.repository.name, caller, d.Event, c.id)
	s.emit(t.repository, "Comment on "+kind, d)
}

// reactionDetail is the detail of an event about a reaction.
type reactionDetail struct {
	CallerUserARN    string   `json:"callerUserArn"`
	CommentID        string   `json:"commentId"`
	Event            string   `json:"event"`
	NotificationBody string   `json:"notificationBody"`
	Emojis           []string `json:"reactionEmojis"`
	ShortCodes       []string `json:"reactionShortcodes"`
	Unicodes         []string `json:"reactionUnicodes"`
	RepositoryID     string   `json:"repositoryId"`
	RepositoryName   string   `json:"repositoryName"`
}

func (s *Server) emitReaction(c *comment, r reaction, caller, event string) {
	repository := c.thread.repository
	s.emit(repository, "Comment Reaction Change", reactionDetail{
		CallerUserARN: caller, CommentID: c.id, Event: event,
		NotificationBody: fmt.Sprintf("A comment reaction event occurred in the following AWS CodeCommit repository: %s. User: %s. Reaction: %s. Comment: %s.", repository.name, caller, r.ShortCode, c.id),
		Emojis:           []string{r.Emoji}, ShortCodes: []string{r.ShortCode}, Unicodes: []string{r.Unicode},
		RepositoryID: repository.id, RepositoryName: repository.name,
	})
}
