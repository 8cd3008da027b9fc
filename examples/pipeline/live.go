package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/codesuite-go/codesuite/examples/internal/command"
	"github.com/codesuite-go/codesuite/pipeline"
	"github.com/codesuite-go/codesuite/pipeline/definition"
)

// What the view asks of a terminal.
const (
	enterScreen = "\x1b[?1049h\x1b[?25l\x1b[?7l" // another screen, no cursor, no line breaks
	leaveScreen = "\x1b[?7h\x1b[?25h\x1b[?1049l"
	home        = "\x1b[H"
	clearLine   = "\x1b[K"
)

// refresh is how often the times of the view, and its size, are looked at.
const refresh = 250 * time.Millisecond

// screen is the terminal of a view.
type screen struct {
	file *os.File
	last []string
}

// size returns the size of the terminal.
func (s *screen) size() (width, height int) {
	width, height, err := term.GetSize(int(s.file.Fd()))
	if err != nil || width < 1 || height < 1 {
		return 80, 24
	}
	return width, height
}

// draw shows lines from the top, if they are others than before.
func (s *screen) draw(lines []string, height int) {
	for len(lines) < height {
		lines = append(lines, "")
	}
	if slices.Equal(lines, s.last) {
		return
	}
	s.last = lines
	// A line is cleared before it is written: after its last column, the cursor is still
	// on that.
	s.file.WriteString(home + clearLine + strings.Join(lines, "\r\n"+clearLine))
}

// leave shows again the screen from before.
func (s *screen) leave() { s.file.WriteString(leaveScreen) }

// changed is a change of an execution, or the end of the watch.
type changed struct {
	change pipeline.Change
	err    error
	end    bool
}

// live shows an execution in the terminal until it has ended.
func (f *follower) live(ctx context.Context) (status pipeline.Status, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	v := &view{structure: f.shownStructure(ctx), colors: f.colors(f.inv, f.stdout)}
	defer func() { // what stays, on the screen from before
		if v.execution != nil {
			v.now, v.footer = time.Now(), ""
			width, _ := (&screen{file: f.stdout.(*os.File)}).size()
			fmt.Fprintln(f.stdout, strings.TrimRight(strings.Join(v.lines(width, 0), "\n"), "\n"))
		}
	}()
	var keys chan byte
	out := &screen{file: f.stdout.(*os.File)}
	restore := out.leave
	if f.asks() {
		cooked, err := f.input().raw()
		if err != nil {
			return "", err
		}
		restore = func() {
			cooked()
			out.leave()
		}
		keys = f.input().bytes
	}
	defer command.Guard(ctx, restore)()
	defer restore()
	out.file.WriteString(enterScreen)

	changes := make(chan changed)
	go func() {
		for change, err := range f.client.Watch(ctx, f.name, f.id) {
			select {
			case changes <- changed{change: change, err: err}:
			case <-ctx.Done():
				return
			}
		}
		select {
		case changes <- changed{end: true}:
		case <-ctx.Done():
		}
	}()
	ticker := time.NewTicker(refresh)
	defer ticker.Stop()
	var failure string
	answered := make(map[string]bool) // by the ID of the approval's run
	for {
		if v.execution != nil {
			waiting := f.waiting(v.execution, answered)
			v.now, v.footer = time.Now(), f.footer(waiting, failure)
			width, height := out.size()
			out.draw(v.lines(width, height), height)
			if waiting != nil && f.inv.approve {
				answered[waiting.ID] = true
				if err := f.answer(ctx, waiting, true); err != nil {
					return status, err
				}
			}
		}
		select {
		case <-ctx.Done():
			return status, ctx.Err()
		case <-ticker.C:
		case c := <-changes:
			switch {
			case c.end:
				return status, nil
			case c.err != nil:
				return status, c.err
			}
			v.execution, status = c.change.Execution, c.change.Execution.Status
		case key, ok := <-keys:
			waiting := f.waiting(v.execution, answered)
			switch {
			case !ok:
				keys = nil
			case key == keyInterrupt || key == keyEnd || key == 'q':
				return status, &statusError{command.ExitInterrupted}
			case waiting != nil && (key == 'y' || key == 'n'):
				failure = ""
				if err := f.answer(ctx, waiting, key == 'y'); err != nil {
					failure = messages(err)[0]
				} else {
					answered[waiting.ID] = true
				}
			}
		}
	}
}

// shownStructure returns the structure of the pipeline, nil if it cannot be read: the
// view then has the actions that have started.
func (f *follower) shownStructure(ctx context.Context) *definition.Pipeline {
	api, err := f.api(ctx, f.inv)
	if err != nil {
		return nil
	}
	document, err := definition.Get(ctx, api, f.name)
	if err != nil {
		return nil
	}
	return &document.Pipeline
}

// waiting returns the first approval that waits and was not answered here.
func (f *follower) waiting(e *pipeline.Execution, answered map[string]bool) *pipeline.ActionExecution {
	if e == nil {
		return nil
	}
	for i := range e.Actions {
		if a := &e.Actions[i]; a.Waiting() && !answered[a.ID] {
			return a
		}
	}
	return nil
}

// footer returns the last line: what the keys do.
func (f *follower) footer(waiting *pipeline.ActionExecution, failure string) string {
	switch {
	case failure != "":
		return failure
	case waiting != nil && f.asks():
		return "Approve " + shown(waiting.Stage+"/"+waiting.Action) + "? y: yes, n: no, q: leave it waiting"
	case waiting != nil:
		return "waits for: pipeline approve " + shown(f.name)
	case f.asks():
		return "q: leave"
	case f.local != nil:
		return "Ctrl-C: end"
	}
	return "Ctrl-C: leave, the execution goes on"
}
