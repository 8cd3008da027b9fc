package pipeline

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/codesuite-go/codesuite/internal/awstext"
	"github.com/codesuite-go/codesuite/internal/markdown"
)

// maxApprovalMessage is the length of a rendered message at most, in characters.
const maxApprovalMessage = 8000

// MessageOptions configure [Client.ApprovalMessage].
type MessageOptions struct {
	// Author returns the author of a revision, such as "Jane Doe". CodePipeline does
	// not have it: ask the repository. Without Author the message has none.
	Author func(context.Context, Revision) (string, error)
}

// ApprovalMessage is what a reviewer wants to know of an approval: what would be
// deployed, and what has changed since the last time.
type ApprovalMessage struct {
	Approval *Approval
	// Deployed is the execution that last succeeded in the approval's stage; nil if
	// none has succeeded there with the structure as it is.
	Deployed *ExecutionSummary
	// Sources are the revisions of the execution, in the order of the actions' names.
	Sources []SourceChange
	// ConsoleURL is the address of the execution in the AWS console, where a reviewer
	// approves or rejects. It is empty if the Region is not known.
	ConsoleURL string
}

// SourceChange is the revision of a source, and the one that the stage had last.
type SourceChange struct {
	Revision
	Author    string // see [MessageOptions]
	AuthorErr error  // of MessageOptions.Author
	// Previous is the ID of the revision that the stage last succeeded with; empty if
	// there is none.
	Previous string
}

// ApprovalMessage returns the message for an approval: the commits, links to their
// changes since the stage last succeeded, who started the execution, and where to
// approve it. It lists the executions that succeeded in the stage, for the newest of
// them, by one call of ListPipelineExecutions. An approval without an Execution, as from
// [ApprovalOf], is looked up by [Client.FindApproval] before.
func (c *Client) ApprovalMessage(ctx context.Context, a *Approval, optFns ...func(*MessageOptions)) (*ApprovalMessage, error) {
	var o MessageOptions
	for _, fn := range optFns {
		fn(&o)
	}
	if a == nil || a.Execution == nil {
		found, err := c.FindApproval(ctx, a)
		if err != nil {
			return nil, err
		}
		a = found
	}
	m := &ApprovalMessage{Approval: a, ConsoleURL: ConsoleURL(c.Region(), a.Pipeline, a.Execution.ID)}
	for e, err := range c.Executions(ctx, a.Pipeline, func(o *ListOptions) { o.SucceededInStage = a.Stage }) {
		if err != nil {
			return nil, err
		}
		if e.ID != a.Execution.ID {
			m.Deployed = e
			break
		}
	}
	for _, r := range a.Execution.Revisions {
		s := SourceChange{Revision: r}
		if m.Deployed != nil {
			for _, before := range m.Deployed.Revisions {
				if before.Action == r.Action {
					s.Previous = before.ID
				}
			}
		}
		if o.Author != nil {
			s.Author, s.AuthorErr = o.Author(ctx, r)
		}
		m.Sources = append(m.Sources, s)
	}
	return m, nil
}

// Text returns the message as plain text of a few lines, at most
// 8,000 characters. Texts of strangers, such as commit messages, are
// on one line each, without control characters and cut.
func (m *ApprovalMessage) Text() string { return m.render(plainForm{}) }

// Markdown returns the message as Text does, as Markdown in which texts of strangers
// are escaped.
func (m *ApprovalMessage) Markdown() string { return m.render(markdownForm{}) }

// The lengths of the parts of a message, in characters.
const (
	maxMessageName = 100
	maxMessageLine = 200
	maxMessageText = 1000
	maxMessageURL  = 600
)

// form is plain text or Markdown.
type form interface {
	title(text string) string
	item(text string) string // of a list
	more(text string) string // of the same item
	code(text string) string
	text(text string, limit int) string
	link(text, address string) string // of an address that is checked
}

// render leaves out the last sources if the message would be too long.
func (m *ApprovalMessage) render(f form) string {
	for shown := min(len(m.Sources), 20); ; shown-- {
		text := m.renderSources(f, shown)
		if shown <= 0 || awstext.Len(text) <= maxApprovalMessage {
			return text
		}
	}
}

func (m *ApprovalMessage) renderSources(f form, shown int) string {
	a := cmp.Or(m.Approval, new(Approval))
	e := a.Execution
	var b strings.Builder
	line := func(text string) { b.WriteString(text + "\n") }
	line(f.title("Approval of " + f.text(a.Pipeline, maxMessageName) + ": stage " + f.text(a.Stage, maxMessageName) + ", action " + f.text(a.Action, maxMessageName)))
	line("")
	if e != nil && e.Type == ExecutionRollback {
		line(f.item("Rollback to execution " + f.code(e.RollbackTarget)))
	}
	for _, s := range m.Sources[:shown] {
		s.render(f, line, m.Deployed != nil)
	}
	if more := len(m.Sources) - shown; more > 0 {
		line(f.item(fmt.Sprintf("and %d more sources", more)))
	}
	if a.CustomData != "" {
		line(f.item("Comment: " + f.text(a.CustomData, maxMessageText)))
	}
	if a.ExternalEntityLink != "" {
		line(f.item("To review: " + external(f, a.ExternalEntityLink)))
	}
	if e != nil && e.Trigger.Type != "" {
		by := e.Trigger.Type
		if e.Trigger.Detail != "" {
			by = e.Trigger.Detail + " (" + e.Trigger.Type + ")"
		}
		line(f.item("Started by " + f.text(by, maxMessageLine)))
	}
	if !a.Since.IsZero() {
		line(f.item("Waiting since " + minute(a.Since)))
	}
	if !a.Expires.IsZero() {
		line(f.item("Expires " + minute(a.Expires)))
	}
	if m.ConsoleURL != "" && len(m.ConsoleURL) <= maxMessageURL {
		line(f.item(f.link("Approve or reject in the console", m.ConsoleURL)))
	}
	return strings.TrimRight(b.String(), "\n")
}

func minute(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// external returns a link to what to review, or the text if it is no address.
func external(f form, address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || len(u.String()) > maxMessageURL {
		return f.text(address, maxMessageURL)
	}
	return f.link("", u.String())
}

// render writes the lines of a source.
func (s *SourceChange) render(f form, line func(string), deployed bool) {
	where := f.text(s.Repository, maxMessageLine)
	switch {
	case s.Branch != "":
		where += ", branch " + f.text(s.Branch, maxMessageName)
	case s.Tag != "":
		where += ", tag " + f.text(s.Tag, maxMessageName)
	}
	if s.Action != "" {
		where = strings.TrimSuffix(f.text(s.Action, maxMessageName)+": "+where, ": ")
	}
	line(f.item(where))
	revision := f.code(shortRevision(s.ID))
	if address := s.WebURL(); address != "" && len(address) <= maxMessageURL {
		revision = f.link(revision, address)
	}
	if message, _, _ := strings.Cut(strings.TrimSpace(s.Message), "\n"); message != "" && !strings.Contains(message, s.ID) {
		revision += " " + f.text(message, maxMessageLine)
	}
	if s.Author != "" {
		revision += " (" + f.text(s.Author, maxMessageName) + ")"
	}
	line(f.more(revision))
	switch address := s.CompareURL(s.Previous); {
	case !deployed:
	case s.Previous == "":
		line(f.more("new in this stage"))
	case s.Previous == s.ID:
		line(f.more("unchanged"))
	case address != "" && len(address) <= maxMessageURL:
		line(f.more(f.link("changes since "+f.code(shortRevision(s.Previous)), address)))
	default:
		line(f.more("before: " + f.code(shortRevision(s.Previous))))
	}
}

// shortRevision returns the start of a commit ID or digest, and a version as it is.
func shortRevision(id string) string {
	algorithm, digest, ok := strings.Cut(id, ":")
	switch {
	case isCommitID(id):
		return id[:8]
	case ok && algorithm == "sha256" && isCommitID(digest):
		return "sha256:" + digest[:12]
	}
	return id
}

// plainForm is plain text.
type plainForm struct{}

func (plainForm) title(text string) string           { return text }
func (plainForm) item(text string) string            { return text }
func (plainForm) more(text string) string            { return "  " + text }
func (plainForm) code(text string) string            { return markdown.Line(text, maxMessageName) }
func (plainForm) text(text string, limit int) string { return markdown.Line(text, limit) }
func (plainForm) link(text, address string) string {
	return strings.TrimPrefix(text+": "+address, ": ")
}

// markdownForm is Markdown.
type markdownForm struct{}

func (markdownForm) title(text string) string           { return "**" + text + "**" }
func (markdownForm) item(text string) string            { return "- " + text }
func (markdownForm) more(text string) string            { return "  - " + text }
func (markdownForm) code(text string) string            { return markdown.Code(text, maxMessageName) }
func (markdownForm) text(text string, limit int) string { return markdown.Literal(text, limit) }
func (markdownForm) link(text, address string) string {
	address = linkAddress.Replace(address)
	if text == "" {
		return "<" + address + ">"
	}
	return markdown.Link(text, address)
}

// linkAddress escapes what would end an address in Markdown.
var linkAddress = strings.NewReplacer("(", "%28", ")", "%29", "<", "%3C", ">", "%3E", " ", "%20", `\`, "%5C", "*", "%2A", "`", "%60")
