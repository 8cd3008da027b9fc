package codecommittest

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/codesuite-go/codesuite/internal/awsjson"
	"github.com/codesuite-go/codesuite/internal/gitobj"
)

type postCommentInput struct {
	PullRequestID  *string   `json:"pullRequestId"`
	RepositoryName *string   `json:"repositoryName"`
	BeforeCommitID *string   `json:"beforeCommitId"`
	AfterCommitID  *string   `json:"afterCommitId"`
	Location       *location `json:"location"`
	Content        *string   `json:"content"`
	Token          *string   `json:"clientRequestToken"`
}

func (s *Server) postCommentForPullRequest(ctx context.Context, in *postCommentInput) (*threadJSON, error) {
	p, err := s.pullRequest(in.PullRequestID)
	if err != nil {
		return nil, err
	}
	r, err := s.repository(in.RepositoryName)
	switch {
	case err != nil:
		return nil, err
	case r != p.repository:
		return nil, awsjson.Errorf("RepositoryNotAssociatedWithPullRequestException", "the pull request %s is not of the repository %s", p.id, r.name)
	case valueOf(in.BeforeCommitID) == "":
		return nil, awsjson.Errorf("CommitIdRequiredException", "the before commit is required")
	}
	return s.postComment(ctx, r, p, in, s.pullRequestComments)
}

func (s *Server) postCommentForComparedCommit(ctx context.Context, in *postCommentInput) (*threadJSON, error) {
	r, err := s.repository(in.RepositoryName)
	if err != nil {
		return nil, err
	}
	in.PullRequestID = nil // no member of this operation
	return s.postComment(ctx, r, nil, in, s.commitComments)
}

func (s *Server) postComment(ctx context.Context, r *repository, p *pullRequest, in *postCommentInput, earlier tokens[*comment]) (*threadJSON, error) {
	if err := validateContent(in.Content); err != nil {
		return nil, err
	}
	before, after := valueOf(in.BeforeCommitID), valueOf(in.AfterCommitID)
	if after == "" {
		return nil, awsjson.Errorf("CommitIdRequiredException", "the after commit is required")
	}
	parameters := *in
	parameters.Token = nil
	caller := s.caller(ctx)
	posted := func(c *comment) *threadJSON {
		out, comment := c.thread.place(), c.output(caller)
		out.Comment = &comment
		return &out
	}
	if c, ok, err := earlier.result(s, in.Token, parameters); err != nil {
		return nil, err
	} else if ok {
		return posted(c), nil
	}
	if before == after {
		return nil, awsjson.Errorf("BeforeCommitIdAndAfterCommitIdAreSameException", "both commits are %s", after)
	}
	t := &thread{repository: r, pullRequest: p, before: before, after: after, location: in.Location}
	if err := s.place(ctx, t); err != nil {
		return nil, err
	}
	if p != nil {
		p.threads = append(p.threads, t)
	} else {
		r.threads = append(r.threads, t)
	}
	c := s.addComment(t, *in.Content, "", caller, in.Token)
	earlier.set(in.Token, parameters, c)
	return posted(c), nil
}

// place checks the commits and the location of a thread, and finds its blobs.
func (s *Server) place(ctx context.Context, t *thread) error {
	path := ""
	if l := t.location; l != nil {
		switch version := valueOf(l.Version); {
		case valueOf(l.FilePath) == "":
			return awsjson.Errorf("PathRequiredException", "a location needs a path")
		case version != "BEFORE" && version != "AFTER":
			return awsjson.Errorf("InvalidRelativeFileVersionEnumException", "%q is neither BEFORE nor AFTER", version)
		case l.FilePosition != nil && *l.FilePosition < 1:
			return awsjson.Errorf("InvalidFilePositionException", "%d is not the number of a line", *l.FilePosition)
		}
		var ok bool
		if path, ok = cleanPath(*l.FilePath); !ok || path == "" {
			return awsjson.Errorf("InvalidPathException", "%q is not the path of a file", *l.FilePath)
		}
	}
	found := false
	for _, side := range []struct {
		commit string
		blob   *string
	}{{t.before, &t.beforeBlob}, {t.after, &t.afterBlob}} {
		if side.commit == "" {
			continue // the first commit of all has none before it
		}
		c, err := s.existingCommit(ctx, t.repository, side.commit)
		if err != nil {
			return err
		}
		if path == "" {
			continue
		}
		e, ok, err := t.repository.entry(ctx, c.TreeID, path)
		if err != nil {
			return err
		}
		if ok && e.Mode.Canonical() != gitobj.ModeTree {
			*side.blob, found = e.ID, true
		}
	}
	if path != "" && !found {
		return awsjson.Errorf("PathDoesNotExistException", "neither commit has a file %s", path)
	}
	return nil
}

// existingCommit returns the commit with an ID that a call names.
func (s *Server) existingCommit(ctx context.Context, r *repository, id string) (*gitobj.Commit, error) {
	if !gitobj.IsID(id) {
		return nil, s.missingCommit(awsjson.Errorf("InvalidCommitIdException", "%q is not a full commit ID", id))
	}
	c, err := r.commit(ctx, id)
	if errors.Is(err, errMissing) {
		return nil, s.missingCommit(awsjson.Errorf("CommitDoesNotExistException", "there is no commit %s", id))
	}
	return c, err
}

// addComment adds a comment to a thread. mu is held.
func (s *Server) addComment(t *thread, content, inReplyTo, caller string, token *string) *comment {
	now := s.now()
	c := &comment{
		thread: t, content: content, inReplyTo: inReplyTo, author: caller, token: valueOf(token), created: now, modified: now,
		id: awsjson.UUID("comment", strconv.Itoa(len(s.comments))) + ":" + awsjson.UUID("thread", t.repository.name, strconv.Itoa(len(s.comments))),
	}
	t.comments = append(t.comments, c)
	s.comments[c.id] = c
	if t.pullRequest != nil {
		t.pullRequest.active = now
	}
	s.emitComment(c, caller, "Created")
	return c
}

func validateContent(content *string) error {
	switch {
	case content == nil || *content == "":
		return awsjson.Errorf("CommentContentRequiredException", "a comment needs content")
	case characters(*content) > maxComment:
		return awsjson.Errorf("CommentContentSizeLimitExceededException", "the comment has %d characters, more than %d", characters(*content), maxComment)
	}
	return nil
}

// comment returns the comment that a call names.
func (s *Server) comment(id *string) (*comment, error) {
	switch {
	case id == nil || *id == "":
		return nil, awsjson.Errorf("CommentIdRequiredException", "a comment ID is required")
	case len(*id) != 73 || (*id)[36] != ':' || !awsjson.IsUUID((*id)[:36]) || !awsjson.IsUUID((*id)[37:]):
		return nil, awsjson.Errorf("InvalidCommentIdException", "%q is not the ID of a comment", *id)
	}
	c, ok := s.comments[*id]
	if !ok {
		return nil, awsjson.Errorf("CommentDoesNotExistException", "there is no comment %s", *id)
	}
	return c, nil
}

// presentComment is comment for calls that a deleted comment does not accept.
func (s *Server) presentComment(id *string) (*comment, error) {
	c, err := s.comment(id)
	if err == nil && c.deleted {
		return nil, awsjson.Errorf("CommentDeletedException", "the comment %s has been deleted", c.id)
	}
	return c, err
}

type postCommentReplyInput struct {
	InReplyTo *string `json:"inReplyTo"`
	Token     *string `json:"clientRequestToken"`
	Content   *string `json:"content"`
}

type commentOutput struct {
	Comment commentJSON `json:"comment"`
}

func (s *Server) postCommentReply(ctx context.Context, in *postCommentReplyInput) (*commentOutput, error) {
	to, err := s.comment(in.InReplyTo)
	if err != nil {
		return nil, err
	}
	if err := validateContent(in.Content); err != nil {
		return nil, err
	}
	parameters := *in
	parameters.Token = nil
	caller := s.caller(ctx)
	c, ok, err := s.replies.result(s, in.Token, parameters)
	if err != nil {
		return nil, err
	}
	if !ok {
		c = s.addComment(to.thread, *in.Content, to.id, caller, in.Token)
		s.replies.set(in.Token, parameters, c)
	}
	return &commentOutput{c.output(caller)}, nil
}

type updateCommentInput struct {
	CommentID *string `json:"commentId"`
	Content   *string `json:"content"`
}

func (s *Server) updateComment(ctx context.Context, in *updateCommentInput) (*commentOutput, error) {
	c, err := s.presentComment(in.CommentID)
	if err != nil {
		return nil, err
	}
	if err := validateContent(in.Content); err != nil {
		return nil, err
	}
	caller := s.caller(ctx)
	if caller != c.author {
		return nil, awsjson.Errorf("CommentNotCreatedByCallerException", "the comment is of %s, not of %s", c.author, caller)
	}
	c.content, c.modified = *in.Content, s.now()
	s.emitComment(c, caller, "Updated")
	return &commentOutput{c.output(caller)}, nil
}

type commentInput struct {
	CommentID *string `json:"commentId"`
}

func (s *Server) deleteCommentContent(ctx context.Context, in *commentInput) (*commentOutput, error) {
	c, err := s.presentComment(in.CommentID)
	if err != nil {
		return nil, err
	}
	c.content, c.deleted, c.modified, c.reactions = "", true, s.now(), nil
	return &commentOutput{c.output(s.caller(ctx))}, nil
}

func (s *Server) getComment(ctx context.Context, in *commentInput) (*commentOutput, error) {
	c, err := s.presentComment(in.CommentID)
	if err != nil {
		return nil, err
	}
	return &commentOutput{c.output(s.caller(ctx))}, nil
}

type getCommentsInput struct {
	PullRequestID  *string `json:"pullRequestId"`
	RepositoryName *string `json:"repositoryName"`
	BeforeCommitID *string `json:"beforeCommitId"`
	AfterCommitID  *string `json:"afterCommitId"`
	NextToken      *string `json:"nextToken"`
	MaxResults     *int32  `json:"maxResults"`
}

type getCommentsForPullRequestOutput struct {
	Threads   []threadJSON `json:"commentsForPullRequestData"`
	NextToken *string      `json:"nextToken,omitempty"`
}

func (s *Server) getCommentsForPullRequest(ctx context.Context, in *getCommentsInput) (*getCommentsForPullRequestOutput, error) {
	p, err := s.pullRequest(in.PullRequestID)
	if err != nil {
		return nil, err
	}
	threads := p.threads
	if in.RepositoryName != nil || in.BeforeCommitID != nil || in.AfterCommitID != nil {
		r, err := s.repository(in.RepositoryName)
		switch {
		case err != nil:
			return nil, err
		case r != p.repository:
			return nil, awsjson.Errorf("RepositoryNotAssociatedWithPullRequestException", "the pull request %s is not of the repository %s", p.id, r.name)
		case valueOf(in.BeforeCommitID) == "":
			return nil, awsjson.Errorf("CommitIdRequiredException", "the before commit is required")
		}
		if threads, err = s.threadsOf(ctx, r, threads, in); err != nil {
			return nil, err
		}
	}
	out := new(getCommentsForPullRequestOutput)
	out.Threads, out.NextToken, err = s.threadPage(ctx, threads, in, "GetCommentsForPullRequest", p.id)
	return out, err
}

type getCommentsForComparedCommitOutput struct {
	Threads   []threadJSON `json:"commentsForComparedCommitData"`
	NextToken *string      `json:"nextToken,omitempty"`
}

func (s *Server) getCommentsForComparedCommit(ctx context.Context, in *getCommentsInput) (*getCommentsForComparedCommitOutput, error) {
	r, err := s.repository(in.RepositoryName)
	if err != nil {
		return nil, err
	}
	threads, err := s.threadsOf(ctx, r, r.threads, in)
	if err != nil {
		return nil, err
	}
	out := new(getCommentsForComparedCommitOutput)
	out.Threads, out.NextToken, err = s.threadPage(ctx, threads, in, "GetCommentsForComparedCommit", r.name)
	return out, err
}

// threadsOf returns the threads on the commits that a call names.
func (s *Server) threadsOf(ctx context.Context, r *repository, threads []*thread, in *getCommentsInput) ([]*thread, error) {
	before, after := valueOf(in.BeforeCommitID), valueOf(in.AfterCommitID)
	if after == "" {
		return nil, awsjson.Errorf("CommitIdRequiredException", "the after commit is required")
	}
	for _, id := range []string{before, after} {
		if id == "" {
			continue
		}
		if _, err := s.existingCommit(ctx, r, id); err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(slices.Clone(threads), func(t *thread) bool { return t.before != before || t.after != after }), nil
}

// threadPage returns a page of threads, the newest first.
func (s *Server) threadPage(ctx context.Context, threads []*thread, in *getCommentsInput, operation, of string) ([]threadJSON, *string, error) {
	size, err := s.resultSize(in.MaxResults, 100, 500)
	if err != nil {
		return nil, nil, err
	}
	threads = slices.Clone(threads)
	slices.Reverse(threads)
	part, next, err := awsjson.Page(threads, in.NextToken, size, invalidToken, operation, of, valueOf(in.BeforeCommitID), valueOf(in.AfterCommitID))
	if err != nil {
		return nil, nil, err
	}
	list, caller := []threadJSON{}, s.caller(ctx)
	for _, t := range part {
		list = append(list, t.output(caller))
	}
	return list, next, nil
}
