package codecommittest

import (
	"slices"
	"time"
)

// maxComment is the number of characters that a comment may have.
const maxComment = 10240

// thread is a comment on two commits, or on a place in their difference, with its
// replies. Server.mu guards it.
type thread struct {
	repository            *repository
	pullRequest           *pullRequest // nil for a comment on commits alone
	before, after         string       // commit IDs
	beforeBlob, afterBlob string
	location              *location
	comments              []*comment
}

type location struct {
	FilePath     *string `json:"filePath,omitempty"`
	FilePosition *int64  `json:"filePosition,omitempty"`
	Version      *string `json:"relativeFileVersion,omitempty"`
}

// comment is a comment or a reply. Server.mu guards it.
type comment struct {
	thread    *thread
	id        string
	content   string
	inReplyTo string
	author    string
	token     string
	created   time.Time
	modified  time.Time
	deleted   bool
	reactions []commentReaction // one for each user, in the order of their first
}

type commentReaction struct {
	user string
	reaction
}

// commentJSON is a comment as the API has it.
type commentJSON struct {
	ID              string         `json:"commentId"`
	Content         string         `json:"content,omitempty"`
	InReplyTo       string         `json:"inReplyTo,omitempty"`
	Created         float64        `json:"creationDate"`
	Modified        float64        `json:"lastModifiedDate"`
	Author          string         `json:"authorArn"`
	Deleted         bool           `json:"deleted"`
	Token           string         `json:"clientRequestToken,omitempty"`
	CallerReactions []string       `json:"callerReactions"`
	ReactionCounts  map[string]int `json:"reactionCounts"`
}

// output returns the comment as the caller sees it.
func (c *comment) output(caller string) commentJSON {
	out := commentJSON{
		ID: c.id, Content: c.content, InReplyTo: c.inReplyTo, Created: timestamp(c.created), Modified: timestamp(c.modified),
		Author: c.author, Deleted: c.deleted, Token: c.token, CallerReactions: []string{}, ReactionCounts: make(map[string]int),
	}
	for _, r := range c.reactions {
		out.ReactionCounts[r.ShortCode]++
		if r.user == caller {
			out.CallerReactions = append(out.CallerReactions, r.ShortCode)
		}
	}
	return out
}

// threadJSON is a thread as the API has it.
type threadJSON struct {
	PullRequestID  string        `json:"pullRequestId,omitempty"`
	RepositoryName string        `json:"repositoryName"`
	BeforeCommitID string        `json:"beforeCommitId,omitempty"`
	AfterCommitID  string        `json:"afterCommitId"`
	BeforeBlobID   string        `json:"beforeBlobId,omitempty"`
	AfterBlobID    string        `json:"afterBlobId,omitempty"`
	Location       *location     `json:"location,omitempty"`
	Comment        *commentJSON  `json:"comment,omitempty"`  // of a call that posts it
	Comments       []commentJSON `json:"comments,omitempty"` // of one that lists them
}

// place returns where the thread is.
func (t *thread) place() threadJSON {
	out := threadJSON{
		RepositoryName: t.repository.name, BeforeCommitID: t.before, AfterCommitID: t.after,
		BeforeBlobID: t.beforeBlob, AfterBlobID: t.afterBlob, Location: t.location,
	}
	if t.pullRequest != nil {
		out.PullRequestID = t.pullRequest.id
	}
	return out
}

// output returns the thread with its comments, as the caller sees them.
func (t *thread) output(caller string) threadJSON {
	out := t.place()
	for _, c := range t.comments {
		out.Comments = append(out.Comments, c.output(caller))
	}
	return out
}

// reaction is an emoji that users react with.
type reaction struct {
	Emoji     string `json:"emoji"`
	ShortCode string `json:"shortCode"`
	Unicode   string `json:"unicode"`
}

// reactions are those that the service has.
var reactions = []reaction{
	{"👍", ":thumbsup:", "U+1F44D"}, {"👎", ":thumbsdown:", "U+1F44E"}, {"😄", ":smile:", "U+1F604"}, {"❤", ":heart:", "U+2764"},
	{"😠", ":angry:", "U+1F620"}, {"😕", ":confused:", "U+1F615"}, {"😱", ":scream:", "U+1F631"}, {"💤", ":sleep:", "U+1F4A4"},
}

// reactionOf returns the reaction with the emoji, short code or code point.
func reactionOf(value string) (reaction, bool) {
	i := slices.IndexFunc(reactions, func(r reaction) bool {
		return value == r.Emoji || value == r.ShortCode || value == r.ShortCode[1:len(r.ShortCode)-1] || value == r.Unicode
	})
	if i < 0 {
		return reaction{}, false
	}
	return reactions[i], true
}
