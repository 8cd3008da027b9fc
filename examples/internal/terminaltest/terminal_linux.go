package terminaltest

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// patience is how long [Terminal.Wait] waits.
const patience = time.Minute

// Terminal is a terminal.
type Terminal struct {
	File *os.File // for the program

	controller *os.File
	done       chan struct{} // closed once all is read
	hold       sync.Mutex    // held while nothing is read

	mu     sync.Mutex
	output []byte
	more   chan struct{} // closed with more output
}

// New returns a terminal, or skips the test where there is none.
func New(t testing.TB) *Terminal {
	t.Helper()
	controller, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip(err)
	}
	fd := int(controller.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Skip(err)
	}
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Skip(err)
	}
	file, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip(err)
	}
	term := &Terminal{File: file, controller: controller, done: make(chan struct{}), more: make(chan struct{})}
	go term.read()
	t.Cleanup(func() {
		file.Close()
		controller.Close()
	})
	return term
}

// read keeps the output until the last writer is gone.
func (t *Terminal) read() {
	defer close(t.done)
	var buffer [4096]byte
	for {
		n, err := t.controller.Read(buffer[:])
		t.hold.Lock()
		t.mu.Lock()
		t.output = append(t.output, buffer[:n]...)
		close(t.more)
		t.more = make(chan struct{})
		t.mu.Unlock()
		t.hold.Unlock()
		if err != nil {
			return
		}
	}
}

// Resize gives the terminal a size in characters.
func (t *Terminal) Resize(tb testing.TB, width, height int) {
	tb.Helper()
	size := &unix.Winsize{Col: uint16(width), Row: uint16(height)}
	if err := unix.IoctlSetWinsize(int(t.controller.Fd()), unix.TIOCSWINSZ, size); err != nil {
		tb.Fatal(err)
	}
}

// Type types a text.
func (t *Terminal) Type(tb testing.TB, text string) {
	tb.Helper()
	if _, err := io.WriteString(t.controller, text); err != nil {
		tb.Fatal(err)
	}
}

// Wait waits until the output has the text behind what it had at an earlier offset,
// and returns the offset behind it.
func (t *Terminal) Wait(tb testing.TB, from int, text string) int {
	tb.Helper()
	timeout := time.After(patience)
	for {
		t.mu.Lock()
		output, more := string(t.output), t.more
		t.mu.Unlock()
		if i := strings.Index(output[from:], text); i >= 0 {
			return from + i + len(text)
		}
		select {
		case <-more:
		case <-timeout:
			tb.Fatalf("the terminal does not show %q: %q", text, output[from:])
		}
	}
}

// Stall fills the terminal, which nobody reads until resume is called: what the program
// writes waits.
func (t *Terminal) Stall(tb testing.TB) (resume func()) {
	tb.Helper()
	t.hold.Lock()
	resume = sync.OnceFunc(t.hold.Unlock)
	tb.Cleanup(resume)
	fd, err := unix.Open(t.File.Name(), unix.O_WRONLY|unix.O_NOCTTY|unix.O_NONBLOCK, 0)
	if err != nil {
		tb.Fatal(err)
	}
	defer unix.Close(fd)
	for {
		if _, err := unix.Write(fd, []byte{'.'}); err == nil || errors.Is(err, unix.EINTR) {
			continue
		} else if !errors.Is(err, unix.EAGAIN) {
			tb.Fatal(err)
		}
		// The system still moves some on.
		poll := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}
		if n, err := unix.Poll(poll, 200); n == 0 && err == nil {
			return resume
		}
	}
}

// Mode returns the settings of the terminal.
func (t *Terminal) Mode(tb testing.TB) unix.Termios {
	tb.Helper()
	mode, err := unix.IoctlGetTermios(int(t.File.Fd()), unix.TCGETS)
	if err != nil {
		tb.Fatal(err)
	}
	return *mode
}

// Shown returns all output. Call it once nothing writes any more.
func (t *Terminal) Shown() string {
	t.File.Close()
	<-t.done
	return string(t.output)
}
