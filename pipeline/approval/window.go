package approval

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/codesuite-go/codesuite/pipeline"
)

// Window approves within a change window, and waits outside of it. It counts by the
// clock on the wall of its Location: where an hour comes twice at the end of summer
// time, both belong to the window or neither does.
//
// An [Approver] asks it last, after the rules that read statuses or reviews, and
// answers at once. Only the retries of that one call may run past the end of the
// window.
type Window struct {
	// Location is the time zone; nil is UTC.
	Location *time.Location
	// Days are the days on which the window opens; none are all of them.
	Days []time.Weekday
	// From and To are the time of day, since midnight by the clock. A window whose
	// To is earlier than From ends on the next day. 0 and 0 are the whole day.
	From, To time.Duration
	// Freezes are the times in which the window is closed.
	Freezes []Freeze
}

// Freeze is a time without changes, by the clock of the Window's Location: the year
// to the second of its times count, and not their location.
type Freeze struct {
	From, To time.Time // To is the first moment after it
	Reason   string    // may be empty
}

const day = 24 * time.Hour

var _ Rule = (*Window)(nil)

// Name is "window".
func (w *Window) Name() string { return "window" }

// check returns what is wrong with the window.
func (w *Window) check() error {
	switch {
	case w.From < 0 || w.From >= day:
		return fmt.Errorf("Window.From is %v after midnight: set it to less than 24 hours", w.From)
	case w.To < 0 || w.To > day:
		return fmt.Errorf("Window.To is %v after midnight: set it to 24 hours at most", w.To)
	case w.From == w.To && w.From != 0:
		return errors.New("Window.From and Window.To are the same time: set neither for the whole day")
	}
	for _, d := range w.Days {
		if d < time.Sunday || d > time.Saturday {
			return fmt.Errorf("%d is no day of the week", d)
		}
	}
	for _, f := range w.Freezes {
		if !f.From.Before(f.To) {
			return fmt.Errorf("the freeze from %s ends before it begins", f.From.Format(wallLayout))
		}
	}
	return nil
}

// wallLayout shows a time by the clock.
const wallLayout = "2006-01-02 15:04"

// Judge approves while the window is open.
func (w *Window) Judge(_ context.Context, _ *pipeline.Approval, now time.Time) (Decision, string, error) {
	if err := w.check(); err != nil {
		return DecisionWait, "", err
	}
	if w.open(now) {
		return DecisionApprove, "the change window is open", nil
	}
	reason := "the change window is closed"
	if f := w.freeze(w.wall(now)); f != nil {
		reason = "changes are frozen"
		if f.Reason != "" {
			reason += " (" + f.Reason + ")"
		}
	}
	if next, ok := w.next(now); ok {
		return DecisionWait, reason + " until " + next.Format("Mon 2006-01-02 15:04 MST"), nil
	}
	return DecisionWait, reason + ", and does not open within a year", nil
}

func (w *Window) location() *time.Location {
	if w.Location == nil {
		return time.UTC
	}
	return w.Location
}

// wall returns what the clock shows, as a time in UTC.
func (w *Window) wall(t time.Time) time.Time { return floating(t.In(w.location())) }

// floating returns the date and the time of day of t as a time in UTC.
func floating(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}

// freeze returns the freeze that a time by the clock is in.
func (w *Window) freeze(wall time.Time) *Freeze {
	for i, f := range w.Freezes {
		if !wall.Before(floating(f.From)) && wall.Before(floating(f.To)) {
			return &w.Freezes[i]
		}
	}
	return nil
}

func (w *Window) open(t time.Time) bool {
	wall := w.wall(t)
	if w.freeze(wall) != nil {
		return false
	}
	midnight := wall.Truncate(day)
	at, today, yesterday := wall.Sub(midnight), w.on(midnight), w.on(midnight.Add(-day))
	switch {
	case w.From == w.To:
		return today
	case w.From < w.To:
		return today && at >= w.From && at < w.To
	}
	return today && at >= w.From || yesterday && at < w.To
}

// on reports whether the window opens on the day.
func (w *Window) on(midnight time.Time) bool {
	return len(w.Days) == 0 || slices.Contains(w.Days, midnight.Weekday())
}

// horizon is how many days next looks ahead.
const horizon = 366

// next returns when the window opens, which is closed now. It opens when the clock
// shows From or midnight, when a freeze ends, or when the clock is set: one of these
// moments is the one, if the window is open then and at none before.
func (w *Window) next(now time.Time) (time.Time, bool) {
	var best time.Time
	try := func(t time.Time) {
		if t.After(now) && (best.IsZero() || t.Before(best)) && w.open(t) {
			best = t
		}
	}
	// moments tries the moments at which the clock may show the time: one, none or
	// two. Around a change of the clock, the offsets before and after it count.
	moments := func(wall time.Time) {
		at := wall.Add(-offset(wall, w.location()))
		for _, near := range []time.Time{at.Add(-day), at, at.Add(day)} {
			try(wall.Add(-offset(near, w.location())).In(w.location()))
		}
		if _, end := at.Add(-day).In(w.location()).ZoneBounds(); !end.IsZero() && end.Sub(at) < day {
			try(end.In(w.location()))
		}
	}
	for _, f := range w.Freezes {
		moments(floating(f.To))
	}
	first := w.wall(now).Truncate(day)
	for i := range horizon {
		midnight := first.Add(time.Duration(i) * day)
		moments(midnight)
		moments(midnight.Add(w.From))
		if !best.IsZero() && w.wall(best).Before(midnight) {
			break
		}
	}
	return best, !best.IsZero()
}

// offset is how far the clock of the location is ahead of UTC.
func offset(t time.Time, location *time.Location) time.Duration {
	_, seconds := t.In(location).Zone()
	return time.Duration(seconds) * time.Second
}
