package ci

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"

	"github.com/codesuite-go/codesuite/internal/apierror"
)

// maxStrangers is how many authors are found out to be somebody else by trying to
// update a comment of theirs. Anybody can write marks, under any number of session
// names.
const maxStrangers = 10

// authors is what is known of the authors of a thread as long as the handler does not
// know its own ARN, which the first comment that it updates tells.
type authors struct {
	strangers map[string]bool // those who are not the handler
	crowd     bool            // there are more marks than are remembered
	learned   bool
}

// mayBeOwn reports whether the handler may be the author.
func (t *thread) mayBeOwn(author string) bool {
	if self := t.handler.self.Load(); self != nil && author != "" {
		return author == *self
	}
	return !t.authors.strangers[author] && len(t.authors.strangers) < maxStrangers
}

// crowded reports whether there are too many marks of others to find the handler's own
// comment by trying.
func (t *thread) crowded() bool {
	a := &t.authors
	return t.handler.self.Load() == nil && !a.learned && (a.crowd || len(a.strangers) >= maxStrangers)
}

// learn makes the ARN of the handler known by a comment that the handler posts, and
// lists the comments again, which then are its own alone. The comment of an earlier call
// with the token will do. If that is gone or another's, the handler posts a new one,
// and deletes it unless it is needed for the report.
func (t *thread) learn(ctx context.Context, token string) error {
	t.authors.learned = true
	for _, token := range []string{token, rand.Text()} {
		c, err := t.post(ctx, token)
		if apierror.Code(err) == "IdempotencyParameterMismatchException" {
			continue
		}
		if err != nil || c == nil {
			return err
		}
		if _, err = t.update(ctx, *c, c.content); cannotWrite(err) {
			continue
		}
		if err == nil {
			err = t.list(ctx)
		}
		if err != nil || c.content != t.placeholder() || t.posts() && len(t.candidates(nil)) < 2 {
			return err
		}
		t.posted = slices.DeleteFunc(t.posted, func(p posted) bool { return p.id == c.id })
		return t.delete(ctx, c)
	}
	return nil
}

// isOther reports whether the error is that of a comment of somebody else, none of
// whose comments are tried again then.
func (t *thread) isOther(c *posted, err error) bool {
	if !errors.Is(err, errForeignComment) && apierror.Code(err) != "CommentNotCreatedByCallerException" || c.author == "" {
		return false
	}
	if t.authors.strangers == nil {
		t.authors.strangers = make(map[string]bool)
	}
	t.authors.strangers[c.author] = true
	return true
}

// errForeignComment is a comment of somebody else with a mark of the flow.
var errForeignComment = errors.New("the comment is of another author")

// owned returns an error if the comment is of somebody else: anybody can write a
// comment with a mark that says the newest.
func (t *thread) owned(ctx context.Context, c *posted) error {
	if self := t.handler.self.Load(); self != nil {
		if *self != c.author {
			return errForeignComment
		}
		return nil
	}
	_, err := t.update(ctx, *c, c.content) // which only the author may do
	return err
}
