package main

import (
	"io"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/codesuite-go/codesuite/codecommit/archive"
	"github.com/codesuite-go/codesuite/examples/internal/command"
)

// bar shows the progress: first how many files are listed, then how many of the
// members are written. Its zero value shows nothing.
type bar struct {
	w io.Writer

	mu    sync.Mutex
	bar   *progressbar.ProgressBar
	total int // the members of the archive, once they are known
}

// newBar returns a bar that is shown if it is wanted and w is a terminal that
// can show it.
func newBar(w io.Writer, wanted bool) *bar {
	if !wanted || !command.IsTerminal(w) || os.Getenv("TERM") == "dumb" {
		return new(bar)
	}
	return &bar{w: w, bar: newPhase(w, "Listing files", "files", -1)}
}

// newPhase returns a bar for n things, or for a number that is not known if n is
// negative. A bar cannot change from the one to the other: it counts in another
// way.
func newPhase(w io.Writer, description, things string, n int) *progressbar.ProgressBar {
	return progressbar.NewOptions(n,
		progressbar.OptionSetWriter(w),
		progressbar.OptionSetDescription(description),
		progressbar.OptionSetSpinnerChangeInterval(0), // no goroutine of its own
		progressbar.OptionSetRenderBlankState(true),
		progressbar.OptionClearOnFinish(),
		progressbar.OptionSetWidth(30),
		progressbar.OptionShowCount(),
		progressbar.OptionShowIts(),
		progressbar.OptionSetItsString(things),
		progressbar.OptionThrottle(100*time.Millisecond),
	)
}

// update shows p. An error to show it is none of the archive.
func (b *bar) update(p archive.Progress) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.bar == nil {
		return
	}
	if p.Total == 0 {
		b.bar.Set(p.Listed)
		return
	}
	if b.total != p.Total {
		b.total = p.Total
		b.bar.Clear()
		b.bar = newPhase(b.w, "Archiving", "members", p.Total)
	}
	b.bar.Set(p.Members)
}

// clear leaves an empty line. Nothing is shown any more.
func (b *bar) clear() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.bar != nil {
		b.bar.Clear()
		b.bar = nil
	}
}
