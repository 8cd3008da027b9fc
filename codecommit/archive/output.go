package archive

import (
	"cmp"
	"fmt"
	"io"
	"sync"
)

// output is where an archive goes. A compressor may write to it from a
// goroutine of its own.
type output struct {
	mu      sync.Mutex
	w       io.Writer
	n       int64
	err     error // the first
	stopped bool
}

// Write passes p on. After stop it claims to have written p and drops it, which
// the contract of io.Writer does not know: the archive has failed by then, its
// caller gets the error, and an error from here would only end a
// compressor in the background in a worse way than its own abandon does.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.stopped {
		return len(p), nil
	}
	n, err := o.w.Write(p)
	o.n += int64(n)
	o.err = cmp.Or(o.err, err)
	return n, err
}

// stop makes Write drop all that follows.
func (o *output) stop() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.stopped = true
}

func (o *output) written() int64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.n
}

// wrap returns the error of writing a member, or of the end of the archive if
// that is nil. It names the member, unless the fault is with the output.
func (o *output) wrap(m *member, err error) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.err != nil:
		return fmt.Errorf("archive: write after %d bytes: %w", o.n, o.err)
	case m != nil:
		return fmt.Errorf("archive: %q: %w", m.name, err)
	}
	return fmt.Errorf("archive: %w", err)
}
