package ci

import (
	"context"
	"time"
)

// SetClock sets the clock of the handler.
func (h *Handler) SetClock(now func() time.Time) { h.now = now }

// SetSleep sets what the handler does to wait.
func (h *Handler) SetSleep(sleep func(context.Context, time.Duration) error) { h.sleep = sleep }

// Tail returns the end of a log, for tables and fuzzing.
var Tail = tail

// MaxComment is the limit of a comment.
const MaxComment = maxComment

// RenderComment returns the comment for the report.
func RenderComment(r *Report) string { return render(r).String() }

// NotesRoom is how many characters are left for notes.
const NotesRoom = maxNotes

// PoolMember returns the entry of an approval rule's pool for the ARN.
var PoolMember = poolMember

// Comment makes the comments say what the report does.
func (h *Handler) Comment(ctx context.Context, f *Flow, r *Report) error { return h.comment(ctx, f, r) }
