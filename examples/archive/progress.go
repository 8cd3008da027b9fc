package main

import (
	"io"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/codesuite-go/codesuite/codecommit/archive"
)

// bar is a progress bar. Its zero value shows nothing.
type bar struct {
	mu    sync.Mutex
	bar   *progressbar.ProgressBar
	total int
}

// newBar returns a bar that is shown if it is wanted and w is a terminal that
// can show it.
func newBar(w io.Writer, wanted bool) *bar {
	if !wanted || !isTerminal(w) || os.Getenv("TERM") == "dumb" {
		return new(bar)
	}
	return &bar{bar: progressbar.NewOptions(-1, // how much is not known before the files are listed
		progressbar.OptionSetWriter(w),
		progressbar.OptionSetDescription("Listing files"),
		progressbar.OptionSetSpinnerChangeInterval(0), // no goroutine of its own
		progressbar.OptionSetRenderBlankState(true),
		progressbar.OptionClearOnFinish(),
		progressbar.OptionSetWidth(30),
		progressbar.OptionShowCount(),
		progressbar.OptionShowIts(),
		progressbar.OptionSetItsString("files"),
		progressbar.OptionThrottle(100*time.Millisecond),
	)}
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
		b.bar.Reset() // the count of files listed is not one of members
		b.bar.Describe("Archiving")
		b.bar.ChangeMax(p.Total)
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
