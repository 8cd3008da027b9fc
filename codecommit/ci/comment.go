package ci

import (
	"context"
	"errors"

	"github.com/codesuite-go/codesuite/internal/markdown"
)

const (
	// maxAttempts is how often a comment is looked for, or posted, until one is
	// written: others may delete it, or may have written one with its mark.
	maxAttempts = 10
	// maxComments is how many comments of a flow are remembered of a pull request.
	maxComments = 1000
	// maxListings is how many calls list the comments of a pull request: anybody may
	// write any number.
	maxListings = 100
)

// comment makes the comments of the pull request say what the report does.
//
// A comment is found again by its mark. It is posted with a text and a client request
// token that are the same in each delivery, so that of several instances one posts,
// and gets its content by an update.
func (h *Handler) comment(ctx context.Context, f *Flow, r *Report) error {
	if f.Comments == CommentNone {
		return nil
	}
	t := &thread{handler: h, flow: f, report: r, text: render(r)}
	if f.Comments == CommentPerState {
		t.text = renderState(r)
	}
	if err := t.list(ctx); err != nil {
		return t.ignoreGone(ctx, err)
	}
	own, err := t.write(ctx)
	if err == nil && own != nil && f.DeleteOnSuccess && r.State == StateSucceeded && r.SupersededBy == "" {
		err = t.delete(ctx, own)
	}
	if r.SupersededBy == "" && (f.Comments == CommentPerRevision || f.Comments == CommentFailuresOnly) {
		err = errors.Join(err, t.shrink(ctx, own))
	}
	return t.ignoreGone(ctx, err)
}

// note adds notes to the comment of the report, if there is one.
func (h *Handler) note(ctx context.Context, f *Flow, r *Report, notes func(author string) string) error {
	if f.Comments == CommentNone {
		return nil
	}
	t := &thread{handler: h, flow: f, report: r, text: render(r)}
	if f.Comments == CommentPerState {
		t.text = renderState(r)
	}
	if err := t.list(ctx); err != nil {
		return t.ignoreGone(ctx, err)
	}
	for _, c := range t.candidates(nil) {
		if c.mark.String() != t.text.mark.String() {
			continue // of another build, or another state
		}
		t.text.notes = notes(c.author)
		if !t.mayBeOwn(c.author) {
			continue
		}
		if _, err := t.update(ctx, c, t.text.String()); !cannotWrite(err) {
			return err
		} else {
			t.isOther(&c, err)
		}
	}
	return nil
}

// renderState is render for a comment that stays as it is.
func renderState(r *Report) text {
	kept := *r
	kept.SupersededBy = ""
	t := render(&kept)
	if r.State == StateSuperseded {
		t.body += "\n\nA newer revision was pushed: " + markdown.Code(shortCommit(r.SupersededBy), maxName)
	}
	return t
}
