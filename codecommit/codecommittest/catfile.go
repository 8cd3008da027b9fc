package codecommittest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"
)

// drainable is how much of an object is read to no purpose before the process
// is ended instead.
const drainable = 1 << 20

var errClosed = errors.New("the server is closed")

// catFile is a running "git cat-file --batch", which answers the name of an
// object with its header and content.
type catFile struct {
	cmd       *exec.Cmd
	in        io.WriteCloser
	out       *bufio.Reader
	complaint tail
	content   io.LimitedReader // of the object being read, and the newline after it
	used      bool             // has answered before
	broken    bool             // is not where a new request may start
}

type header struct {
	id, kind string
	size     int64
}

func startCatFile(cmd *exec.Cmd) (*catFile, error) {
	b := &catFile{cmd: cmd}
	var err error
	if b.in, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	cmd.Stderr = &b.complaint
	cmd.WaitDelay = time.Second // should a child of its own keep the pipe open
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("git: %w", err)
	}
	b.out = bufio.NewReaderSize(out, 32<<10)
	return b, nil
}

// request asks for an object. Its content is then in b.content.
func (b *catFile) request(name string) (header, error) {
	b.broken = true // until the answer is read
	b.content = io.LimitedReader{}
	if _, err := io.WriteString(b.in, name+"\n"); err != nil {
		return header{}, b.failure(err)
	}
	line, err := b.out.ReadString('\n')
	if err != nil {
		return header{}, b.failure(err)
	}
	b.used = true
	line = strings.TrimSuffix(line, "\n")
	if strings.HasSuffix(line, " missing") || strings.HasSuffix(line, " ambiguous") {
		b.broken = false
		return header{}, errMissing
	}
	fields := strings.Fields(line)
	if len(fields) != 3 {
		return header{}, fmt.Errorf("git: cat-file answers %q to %q", line, name)
	}
	size, err := strconv.ParseInt(fields[2], 10, 64)
	if err != nil {
		return header{}, fmt.Errorf("git: cat-file answers %q to %q", line, name)
	}
	b.content = io.LimitedReader{R: b.out, N: size}
	return header{fields[0], fields[1], size}, nil
}

// finish reads the rest of the object.
func (b *catFile) finish() {
	if !b.broken || b.content.R == nil || b.content.N > drainable {
		return
	}
	if _, err := io.Copy(io.Discard, &b.content); err != nil || b.content.N > 0 {
		return
	}
	if c, err := b.out.ReadByte(); err == nil && c == '\n' {
		b.broken = false
	}
}

// failure explains why the process does not answer.
func (b *catFile) failure(err error) error {
	b.stop()
	return gitError(err, b.complaint.String())
}

// stop ends the process and waits for its end.
func (b *catFile) stop() {
	b.broken = true
	b.cmd.Process.Kill()
	b.in.Close()
	b.cmd.Wait()
}

// pool lets so many processes run at once, which are started when needed and
// kept for the next.
type pool struct {
	start func() (*catFile, error)
	slots chan struct{} // one for each process in use
	done  chan struct{}

	mu      sync.Mutex
	closed  bool
	idle    []*catFile
	running map[*catFile]struct{} // in use or idle
}

func newPool(n int, start func() (*catFile, error)) *pool {
	return &pool{start: start, slots: make(chan struct{}, n), done: make(chan struct{}), running: make(map[*catFile]struct{})}
}

// open asks a process for the object. Without an error, the caller reads the
// content and releases the process.
func (p *pool) open(ctx context.Context, name string) (*catFile, header, error) {
	for {
		b, err := p.take(ctx)
		if err != nil {
			return nil, header{}, err
		}
		idle := b.used
		o, err := b.request(name)
		if err == nil {
			return b, o, nil
		}
		broken := b.broken
		p.release(b)
		if !broken || !idle {
			return nil, header{}, err
		}
		// The process may have ended long ago. Ask another.
	}
}

// use is open, a function that reads the content, and release.
func (p *pool) use(ctx context.Context, name string, read func(header, io.Reader) error) error {
	b, o, err := p.open(ctx, name)
	if err != nil {
		return err
	}
	defer p.release(b)
	if err := read(o, &b.content); errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return b.failure(err)
	} else {
		return err
	}
}

func (p *pool) take(ctx context.Context) (b *catFile, err error) {
	select {
	case p.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-p.done:
		return nil, errClosed
	}
	defer func() {
		if err != nil {
			<-p.slots
		}
	}()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, errClosed
	}
	if last := len(p.idle) - 1; last >= 0 {
		b, p.idle = p.idle[last], p.idle[:last]
		return b, nil
	}
	if b, err = p.start(); err != nil {
		return nil, err
	}
	p.running[b] = struct{}{}
	return b, nil
}

func (p *pool) release(b *catFile) {
	b.finish()
	if b.broken {
		b.stop()
	}
	p.mu.Lock()
	if b.broken {
		delete(p.running, b)
	} else {
		p.idle = append(p.idle, b)
	}
	p.mu.Unlock()
	<-p.slots
}

// close ends all processes, so that reading from those in use fails, and
// returns when they have been released.
func (p *pool) close() {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return
	}
	p.closed = true
	close(p.done)
	for b := range p.running {
		b.cmd.Process.Kill()
	}
	p.mu.Unlock()
	for range cap(p.slots) {
		p.slots <- struct{}{}
	}
	for _, b := range p.idle {
		b.stop()
	}
}

// tail keeps the end of the messages of a process.
type tail struct {
	mu   sync.Mutex
	data []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.data = append(t.data, p...)
	if n := len(t.data) - 2048; n > 0 {
		t.data = append(t.data[:0], t.data[n:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.data)
}
