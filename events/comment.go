package events

// PullRequestComment says that someone commented on a pull request or changed
// a comment (AWS CodeCommit, "CodeCommit Comment on Pull Request").
type PullRequestComment struct {
	Header

	PullRequestID string `event:"detail/pullRequestId,id"`

	Comment
}

// CommitComment says that someone commented on a commit or changed a comment
// (AWS CodeCommit, "CodeCommit Comment on Commit").
type CommitComment struct {
	Header

	Comment
}

// Comment is a comment on a pull request or a commit.
type Comment struct {
	Event            CommentEvent `event:"detail/event,id"`
	RepositoryName   string       `event:"detail/repositoryName,id"`
	RepositoryID     string       `event:"detail/repositoryId"`
	CommentID        string       `event:"detail/commentId,id"`
	InReplyTo        string       `event:"detail/inReplyTo"` // a comment ID
	BeforeCommitID   string       `event:"detail/beforeCommitId"`
	AfterCommitID    string       `event:"detail/afterCommitId"`
	CallerUserARN    string       `event:"detail/callerUserArn,id"`
	DisplayName      string       `event:"detail/displayName"`
	EmailAddress     string       `event:"detail/emailAddress"`
	NotificationBody string       `event:"detail/notificationBody"`

	CommentLocation
}

// CommentEvent is what happened to a comment.
type CommentEvent string

// The events of comments.
const (
	CommentOnPullRequestCreated CommentEvent = "commentOnPullRequestCreated"
	CommentOnPullRequestUpdated CommentEvent = "commentOnPullRequestUpdated"
	CommentOnCommitCreated      CommentEvent = "commentOnCommitCreated"
	CommentOnCommitUpdated      CommentEvent = "commentOnCommitUpdated"
)

// CommentLocation is what a notification rule adds to a comment: its text and
// the line it is on. All is empty in an event of EventBridge, and all but
// Comments and ResourceARN for a comment that is on no line.
type CommentLocation struct {
	Comments    []CommentText `event:"additionalAttributes/comments"`
	ResourceARN string        `event:"additionalAttributes/resourceArn"`
	FilePath    string        `event:"additionalAttributes/filePath"`
	Line        string        `event:"additionalAttributes/commentedLine"` // its text
	LineNumber  int           `event:"additionalAttributes/commentedLineNumber,string"`
}

// CommentText is the text of a comment, in notifications.
type CommentText struct {
	AuthorARN string `event:"authorArn"`
	Text      string `event:"commentText"`
}

// normalize removes the "None" that some notifications hold in the place of
// null.
func (l *CommentLocation) normalize() {
	if l.LineNumber != 0 {
		return
	}
	if l.FilePath == "None" {
		l.FilePath = ""
	}
	if l.Line == "None" {
		l.Line = ""
	}
}

// CommentReactionChange says that someone reacted to a comment with an emoji
// (AWS CodeCommit, "CodeCommit Comment Reaction Change").
type CommentReactionChange struct {
	Header

	Event              CommentReactionEvent `event:"detail/event,id"`
	RepositoryName     string               `event:"detail/repositoryName,id"`
	RepositoryID       string               `event:"detail/repositoryId"`
	CommentID          string               `event:"detail/commentId,id"`
	ReactionEmojis     []string             `event:"detail/reactionEmojis"`
	ReactionShortcodes []string             `event:"detail/reactionShortcodes"` // :smile:
	ReactionUnicodes   []string             `event:"detail/reactionUnicodes"`   // U+1F604
	CallerUserARN      string               `event:"detail/callerUserArn,id"`
	NotificationBody   string               `event:"detail/notificationBody"`
}

// CommentReactionEvent is what happened to a reaction.
type CommentReactionEvent string

// The events of reactions.
const (
	CommentReactionCreated CommentReactionEvent = "commentReactionCreated"
	CommentReactionUpdated CommentReactionEvent = "commentReactionUpdated"
)

// IdempotencyKey is made from comment, event and time, so that it is the same
// for an event of EventBridge and of a notification rule.
func (e *PullRequestComment) IdempotencyKey() string {
	return joinKey("comment", e.Account, e.Region, e.RepositoryName, e.CommentID, string(e.Event), string(e.Time))
}

// IdempotencyKey is made from comment, event and time, so that it is the same
// for an event of EventBridge and of a notification rule.
func (e *CommitComment) IdempotencyKey() string {
	return joinKey("comment", e.Account, e.Region, e.RepositoryName, e.CommentID, string(e.Event), string(e.Time))
}

// IdempotencyKey is the ID that EventBridge gave the event, else it is made
// from comment, event, caller and time.
func (e *CommentReactionChange) IdempotencyKey() string {
	return e.eventKey("reaction", e.RepositoryName, e.CommentID, string(e.Event), e.CallerUserARN)
}

// MarshalJSON encodes the event; see [Event].
func (e PullRequestComment) MarshalJSON() ([]byte, error) { return marshal(&e) }

// UnmarshalJSON decodes any payload that holds exactly one event of this type.
func (e *PullRequestComment) UnmarshalJSON(data []byte) error { return unmarshal(data, e) }

// MarshalJSON encodes the event; see [Event].
func (e CommitComment) MarshalJSON() ([]byte, error) { return marshal(&e) }

// UnmarshalJSON decodes any payload that holds exactly one event of this type.
func (e *CommitComment) UnmarshalJSON(data []byte) error { return unmarshal(data, e) }

// MarshalJSON encodes the event; see [Event].
func (e CommentReactionChange) MarshalJSON() ([]byte, error) { return marshal(&e) }

// UnmarshalJSON decodes any payload that holds exactly one event of this type.
func (e *CommentReactionChange) UnmarshalJSON(data []byte) error { return unmarshal(data, e) }
