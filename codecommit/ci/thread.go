package ci

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"

	"github.com/codesuite-go/codesuite/internal/apierror"
	"github.com/codesuite-go/codesuite/internal/markdown"
	"github.com/codesuite-go/codesuite/internal/paging"
)

// thread is the comments of a flow on a pull request, and what they are to say.
type thread struct {
	handler *Handler
	flow    *Flow
	report  *Report
	text    text
	posted  []posted
	authors authors
}

// posted is a comment with a mark of the flow.
type posted struct {
	id, author, content string
	mark                mark
	created             time.Time
}

// list reads the comments, up to those of maxListings calls. The service promises no
// order, so they are not known to be the newest. A comment that is not among them is
// returned by its client request token, if the service still knows that, or posted
// again.
func (t *thread) list(ctx context.Context) error {
	t.posted = nil
	in := &awscodecommit.GetCommentsForPullRequestInput{PullRequestId: &t.report.PullRequest.ID, MaxResults: aws.Int32(500)}
	var tokens paging.Tokens
	for range maxListings {
		out, err := t.handler.clients.CodeCommit.GetCommentsForPullRequest(ctx, in)
		if err == nil && out == nil {
			err = apierror.ErrNoReply
		}
		if err != nil {
			return &Error{Service: "codecommit", Operation: "GetCommentsForPullRequest", Object: t.report.PullRequest.ID, Err: err}
		}
		for _, data := range out.CommentsForPullRequestData {
			for _, c := range data.Comments {
				m, ok := parseMark(aws.ToString(c.Content))
				if !ok || c.Deleted || aws.ToString(c.InReplyTo) != "" || m.flow != t.flow.Name || !t.mayBeOwn(aws.ToString(c.AuthorArn)) {
					continue
				}
				if len(t.posted) == maxComments {
					t.authors.crowd = true
					continue
				}
				t.posted = append(t.posted, posted{aws.ToString(c.CommentId), aws.ToString(c.AuthorArn), aws.ToString(c.Content), m, aws.ToTime(c.CreationDate)})
			}
		}
		if in.NextToken, err = tokens.Next(out.NextToken, len(out.CommentsForPullRequestData)); err != nil {
			return &Error{Service: "codecommit", Operation: "GetCommentsForPullRequest", Object: t.report.PullRequest.ID, Err: err}
		}
		if in.NextToken == nil {
			return nil
		}
	}
	t.handler.options.Logger.WarnContext(ctx, "ci: a pull request has more comments than are read",
		"flow", t.flow.Name, "pullRequest", t.report.PullRequest.ID, "calls", maxListings)
	return nil
}

// candidates returns the comments that may be the one for the report, the oldest
// first, but for those to skip.
func (t *thread) candidates(skip map[string]bool) []posted {
	var list []posted
	for _, c := range t.posted {
		if !skip[c.id] && t.mayBeOwn(c.author) && t.matches(c.mark) {
			list = append(list, c)
		}
	}
	slices.SortFunc(list, func(a, b posted) int {
		if c := a.created.Compare(b.created); c != 0 {
			return c
		}
		return strings.Compare(a.id, b.id)
	})
	return list
}

func (t *thread) matches(m mark) bool {
	want := t.text.mark
	switch t.flow.Comments {
	case CommentPerPullRequest:
		return true
	case CommentPerState:
		return m.revision == want.revision && m.build == want.build && m.start.Equal(want.start) && m.state == want.state
	}
	return m.revision == want.revision
}

// posts reports whether the report gets a comment if it has none yet.
func (t *thread) posts() bool {
	r := t.report
	switch {
	case t.flow.Comments == CommentPerState:
		return true
	case r.SupersededBy != "", t.flow.DeleteOnSuccess && r.State == StateSucceeded:
		return false
	case t.flow.Comments == CommentFailuresOnly:
		return r.State.Failed() || r.State == StateStopped && !r.PullRequest.Closed
	}
	return true
}

// write makes the comment for the report say so, and returns it. It is nil if the
// report gets none, or if it says something newer already.
func (t *thread) write(ctx context.Context) (*posted, error) {
	token := t.token()
	skip := make(map[string]bool)
	mismatched := false
	for attempts := 0; attempts < maxAttempts; attempts++ {
		if t.crowded() {
			if err := t.learn(ctx, token); err != nil {
				return nil, err
			}
		}
		var c *posted
		list := t.candidates(skip)
		if len(list) > 0 {
			c = &list[0]
		} else if !t.posts() {
			return nil, nil
		} else {
			var err error
			if c, err = t.post(ctx, token); apierror.Code(err) == "IdempotencyParameterMismatchException" {
				// Another revision may have posted the one of the pull request, which the
				// list now has. If not, the token is somebody else's.
				if mismatched {
					token = nextToken(token, "mismatch")
				}
				mismatched = !mismatched
				if err := t.list(ctx); err != nil {
					return nil, err
				}
				continue
			} else if err != nil || c == nil {
				return nil, err
			}
		}
		done, err := t.put(ctx, c)
		switch {
		case cannotWrite(err):
			skip[c.id] = true
			if t.isOther(c, err) && len(list) > 0 {
				attempts-- // anybody may write some
			} else {
				token = nextToken(token, c.id)
			}
		case err != nil || !done:
			return nil, err
		default:
			return c, t.deleteOthers(ctx, c, list)
		}
	}
	return nil, fmt.Errorf("the comment of flow %s on pull request %s was not written: each of %d comments was deleted or is somebody else's",
		t.flow.Name, t.report.PullRequest.ID, maxAttempts)
}

// put gives the comment its content, unless it has one that is newer. done is false
// then.
func (t *thread) put(ctx context.Context, c *posted) (done bool, err error) {
	if t.text.shownBy(c.content) {
		return true, nil
	}
	switch other := c.mark.revision != t.text.mark.revision; {
	case other && c.mark.revision != anyRevision && t.report.SupersededBy != "":
		return false, nil
	case other && c.mark.start.After(t.text.mark.start) && !t.text.mark.start.IsZero(), !other && c.mark.after(t.text.mark):
		return false, t.owned(ctx, c)
	}
	_, err = t.update(ctx, *c, t.text.String())
	return err == nil, err
}

// token returns the client request token of the comment.
func (t *thread) token() string {
	words := []string{t.flow.Name, t.report.Repository, t.report.PullRequest.ID, t.placeholder()}
	if t.flow.Comments != CommentPerPullRequest {
		words = append(words, t.report.PullRequest.RevisionID)
	}
	return nextToken(words...)
}

// nextToken returns a token that follows from the words.
func nextToken(words ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(words, "\x00")))
	return hex.EncodeToString(sum[:])
}

// placeholder returns the text with which the comment is posted.
func (t *thread) placeholder() string {
	m := mark{flow: t.text.mark.flow, revision: t.text.mark.revision}
	switch t.flow.Comments {
	case CommentPerPullRequest:
		m.revision = anyRevision
	case CommentPerState:
		m = t.text.mark
	}
	return markdown.Code(t.flow.Name, maxName) + ": the result of the build comes here.\n\n" + m.String()
}

// anyRevision is the revision of a comment for all revisions that has no content yet.
const anyRevision = "any"

// post posts the comment, or returns the one that an earlier call with the token has
// posted. It is nil if the pull request cannot have one.
func (t *thread) post(ctx context.Context, token string) (*posted, error) {
	pr := t.report.PullRequest
	content := t.placeholder()
	out, err := t.handler.clients.CodeCommit.PostCommentForPullRequest(ctx, &awscodecommit.PostCommentForPullRequestInput{
		PullRequestId: &pr.ID, RepositoryName: &t.report.Repository, BeforeCommitId: &pr.DestinationCommit, AfterCommitId: &pr.SourceCommit,
		Content: &content, ClientRequestToken: &token,
	})
	if err == nil && (out == nil || out.Comment == nil) {
		err = apierror.ErrNoReply
	}
	if apierror.Code(err) == "BeforeCommitIdAndAfterCommitIdAreSameException" {
		t.handler.options.Logger.WarnContext(ctx, "ci: a pull request without a change takes no comment", "flow", t.flow.Name, "pullRequest", pr.ID)
		return nil, nil
	}
	if err != nil {
		return nil, &Error{Service: "codecommit", Operation: "PostCommentForPullRequest", Object: pr.ID, Err: err}
	}
	c := &posted{id: aws.ToString(out.Comment.CommentId), author: aws.ToString(out.Comment.AuthorArn), content: aws.ToString(out.Comment.Content), created: aws.ToTime(out.Comment.CreationDate)}
	c.mark, _ = parseMark(c.content)
	return c, nil
}

// update gives the comment the content and returns its author.
func (t *thread) update(ctx context.Context, c posted, content string) (author string, err error) {
	out, err := t.handler.clients.CodeCommit.UpdateComment(ctx, &awscodecommit.UpdateCommentInput{CommentId: &c.id, Content: &content})
	if err != nil {
		return "", &Error{Service: "codecommit", Operation: "UpdateComment", Object: c.id, Err: err}
	}
	if out != nil && out.Comment != nil && out.Comment.AuthorArn != nil {
		author = *out.Comment.AuthorArn
		t.handler.self.Store(&author)
	}
	return author, nil
}

func (t *thread) delete(ctx context.Context, c *posted) error {
	_, err := t.handler.clients.CodeCommit.DeleteCommentContent(ctx, &awscodecommit.DeleteCommentContentInput{CommentId: &c.id})
	if err == nil || cannotWrite(err) {
		return nil
	}
	return &Error{Service: "codecommit", Operation: "DeleteCommentContent", Object: c.id, Err: err}
}

// cannotWrite reports whether a comment is gone or is somebody else's.
func cannotWrite(err error) bool {
	if errors.Is(err, errForeignComment) {
		return true
	}
	switch apierror.Code(err) {
	case "CommentDeletedException", "CommentDoesNotExistException", "CommentNotCreatedByCallerException":
		return true
	}
	return false
}

// deleteOthers deletes further comments of the same author for the same report:
// CodeCommit does not say how long it knows a token.
func (t *thread) deleteOthers(ctx context.Context, own *posted, list []posted) error {
	var failures []error
	for _, c := range list {
		if c.id != own.id && c.author == own.author {
			failures = append(failures, t.delete(ctx, &c))
		}
	}
	return errors.Join(failures...)
}

// shrink makes the comments of older revisions one line. Older are those whose build,
// or that themselves, came before the build or the comment of the report.
func (t *thread) shrink(ctx context.Context, own *posted) error {
	at := t.text.mark.start
	if at.IsZero() && own != nil {
		at = own.created
	}
	var failures []error
	for _, c := range t.posted {
		m := c.mark
		since := m.start
		if since.IsZero() {
			since = c.created
		}
		if m.revision == t.text.mark.revision || m.superseded != "" || !since.Before(at) || !t.mayBeOwn(c.author) {
			continue
		}
		m.superseded = shortCommit(t.report.PullRequest.SourceCommit)
		if _, err := t.update(ctx, c, m.String()); !cannotWrite(err) {
			failures = append(failures, err)
		} else {
			t.isOther(&c, err)
		}
	}
	return errors.Join(failures...)
}

// ignoreGone returns the error, but for a pull request that is gone.
func (t *thread) ignoreGone(ctx context.Context, err error) error {
	if apierror.Code(err) == "PullRequestDoesNotExistException" {
		t.handler.notMine(ctx, "the pull request is gone", "flow", t.flow.Name, "pullRequest", t.report.PullRequest.ID)
		return nil
	}
	return err
}
