package ci

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/internal/apierror"
)

// The reactions that answer commands.
const (
	reactionDone    = ":thumbsup:"
	reactionRefused = ":thumbsdown:"
)

// command is a command in a comment.
type command struct {
	verb commandVerb
	flow string // "" for all
}

// commandVerb is what a command asks for.
type commandVerb string

const (
	commandRerun commandVerb = "/rerun"
	commandStop  commandVerb = "/stop"
)

// parseCommand parses a comment that is a command and nothing else. A comment that
// does not begin with one is none; err says what is wrong with one that does.
func parseCommand(text string) (c command, ok bool, err error) {
	text = strings.TrimSpace(text)
	words := strings.Fields(text)
	if len(words) == 0 || ownComment(text) {
		return command{}, false, nil
	}
	c.verb = commandVerb(words[0])
	most := 0
	switch c.verb {
	case commandRerun:
		most = 1
	case commandStop:
	default:
		return command{}, false, nil
	}
	if len(words)-1 > most || strings.ContainsAny(text, "\r\n") {
		return command{}, true, fmt.Errorf("more than the command: write %s alone in a comment", usage(c.verb))
	}
	if len(words) > 1 {
		c.flow = words[1]
		if !namePattern.MatchString(c.flow) {
			return command{}, true, fmt.Errorf("%.80q is not the name of a flow", c.flow)
		}
	}
	return c, true, nil
}

func usage(verb commandVerb) string {
	if verb == commandRerun {
		return "/rerun or /rerun FLOW"
	}
	return string(verb)
}

// handleComment handles the event of a comment on a pull request. Comments of those
// who may give no commands are not read.
func (h *Handler) handleComment(ctx context.Context, e *events.PullRequestComment) error {
	if e.Event != events.CommentOnPullRequestCreated {
		return nil
	}
	attrs := []any{"repository", e.RepositoryName, "pullRequest", e.PullRequestID, "comment", e.CommentID}
	if e.CommentID == "" || e.PullRequestID == "" || e.RepositoryName == "" {
		return errors.New("ci: the event of a comment lacks its ID, its repository or its pull request: is it an event of CodeCommit?")
	}
	flows := h.reviews(e.RepositoryName)
	if len(flows) == 0 {
		h.notMine(ctx, "no flow reviews the repository", attrs...)
		return nil
	}
	if err := h.foreign(e.Account, e.Region); err != nil {
		return fmt.Errorf("ci: comment %.80s: %w", e.CommentID, err)
	}
	if e.CallerUserARN != "" && !h.commanders.match(e.CallerUserARN) {
		return nil
	}
	if err := h.command(ctx, e, flows); err != nil {
		return fmt.Errorf("ci: comment %.80s on pull request %.40s of %s: %w", e.CommentID, e.PullRequestID, e.RepositoryName, err)
	}
	return nil
}

func (h *Handler) command(ctx context.Context, e *events.PullRequestComment, flows []*flow) error {
	out, err := h.clients.CodeCommit.GetComment(ctx, &awscodecommit.GetCommentInput{CommentId: &e.CommentID})
	if err == nil && (out == nil || out.Comment == nil) {
		err = apierror.ErrNoReply
	}
	attrs := []any{"repository", e.RepositoryName, "pullRequest", e.PullRequestID, "comment", e.CommentID}
	switch apierror.Code(err) {
	case "CommentDeletedException", "CommentDoesNotExistException":
		h.options.Logger.InfoContext(ctx, "ci: the comment is gone", attrs...)
		return nil
	}
	if err != nil {
		return &Error{Service: "codecommit", Operation: "GetComment", Object: e.CommentID, Err: err}
	}
	author := aws.ToString(out.Comment.AuthorArn)
	if out.Comment.Deleted || !h.commanders.match(author) {
		return nil
	}
	c, ok, err := parseCommand(aws.ToString(out.Comment.Content))
	if !ok {
		return nil
	}
	attrs = append(attrs, "command", string(c.verb), "author", author)
	if err != nil {
		return h.refuse(ctx, e, err.Error(), attrs)
	}
	if c.flow != "" {
		if flows = slices.DeleteFunc(flows, func(f *flow) bool { return f.Name != c.flow }); len(flows) == 0 {
			return h.refuse(ctx, e, "no flow of that name reviews the repository", attrs)
		}
	}
	pr, err := h.readPullRequest(ctx, e.Region, e.RepositoryName, e.PullRequestID)
	switch {
	case errors.Is(err, errGone):
		h.notMine(ctx, "the repository has no such pull request", attrs...)
		return nil
	case err != nil:
		return err
	case pr.Closed && c.verb == commandRerun:
		return h.refuse(ctx, e, "the pull request is closed", attrs)
	}
	h.options.Logger.InfoContext(ctx, "ci: command", attrs...)
	if c.verb == commandRerun {
		// Whatever the filters of the flow but those of branches and authors.
		if flows = slices.DeleteFunc(flows, func(f *flow) bool { return !f.takes(pr) }); len(flows) == 0 {
			return h.refuse(ctx, e, "no such flow is for the branches and the author of the pull request", attrs)
		}
	}
	var failures []error
	for _, f := range flows {
		if c.verb == commandStop {
			failures = append(failures, h.stopGiven(ctx, f, e, pr))
		} else {
			failures = append(failures, h.rerun(ctx, f, e, pr))
		}
	}
	err = errors.Join(failures...)
	var refused *StartError
	switch {
	case errors.As(err, &refused):
		return errors.Join(err, h.refuse(ctx, e, "CodeBuild starts no build", attrs))
	case err != nil:
		return err
	}
	return h.react(ctx, e, reactionDone)
}

// takes reports whether the flow is for the branches and the author of the pull
// request.
func (f *flow) takes(pr *pullRequest) bool {
	return f.destinations.match(pr.DestinationBranch) && f.sources.match(pr.SourceBranch) && f.authors.match(pr.AuthorARN)
}

// rerun builds the current revision again.
func (h *Handler) rerun(ctx context.Context, f *flow, e *events.PullRequestComment, pr *pullRequest) error {
	s := pr.subject(f)
	s.identify(e.CommentID)
	started, err := h.buildReview(ctx, f, e.Account, e.Region, pr, s, timeOf(e.Time))
	if err != nil || f.Superseded != SupersededStop {
		return err
	}
	return h.stopRunning(ctx, f, h.sinceCreated(pr), "it was asked to run again", func(r *run) bool {
		// Those of other revisions are for the events of the pushes.
		return r.running() && r.sameRevision(&s) && r.build.Number < started.build.Number
	})
}

// stopGiven stops the builds of the pull request that ran when the command was given.
func (h *Handler) stopGiven(ctx context.Context, f *flow, e *events.PullRequestComment, pr *pullRequest) error {
	s, given := pr.subject(f), timeOf(e.Time)
	return h.stopRunning(ctx, f, h.sinceCreated(pr), "it was asked to stop", func(r *run) bool {
		return r.running() && r.sameTarget(&s) && (given.IsZero() || !r.build.Start.Truncate(time.Second).After(given))
	})
}

func (h *Handler) refuse(ctx context.Context, e *events.PullRequestComment, reason string, attrs []any) error {
	h.options.Logger.InfoContext(ctx, "ci: command refused: "+reason, attrs...)
	return h.react(ctx, e, reactionRefused)
}

func (h *Handler) react(ctx context.Context, e *events.PullRequestComment, reaction string) error {
	_, err := h.clients.CodeCommit.PutCommentReaction(ctx, &awscodecommit.PutCommentReactionInput{CommentId: &e.CommentID, ReactionValue: &reaction})
	switch apierror.Code(err) {
	case "CommentDeletedException", "CommentDoesNotExistException":
		return nil
	}
	if err != nil {
		return &Error{Service: "codecommit", Operation: "PutCommentReaction", Object: e.CommentID, Err: err}
	}
	return nil
}

// ownComment reports whether the text is that of a comment of a Handler.
func ownComment(text string) bool {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.HasPrefix(strings.TrimSpace(lines[len(lines)-1]), footer)
}
