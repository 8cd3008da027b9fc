//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// drainTimeout is how long output is waited for that a process keeps open which
// has left the group of the command.
const drainTimeout = 5 * time.Second

// groupInterval is how often it is looked whether a group that was told to end
// has.
const groupInterval = 20 * time.Millisecond

// command is a shell command to run.
type command struct {
	text      string
	dir       string
	env       []string
	output    io.Writer     // of both, written to by one goroutine
	killDelay time.Duration // between SIGTERM and SIGKILL
}

// processes are the commands that run.
type processes struct {
	mu     sync.Mutex
	groups map[int]bool // by the ID of the first process
	killed bool         // no more commands may start
}

// run runs a command in a process group of its own. When ctx ends, the group
// gets SIGTERM, and what is left of it after the delay gets SIGKILL, and the
// error is the context's cause. What is left of the group when the command has
// ended by itself is killed at once. The error of a command that failed by
// itself is an [*exec.ExitError].
func (p *processes) run(ctx context.Context, c command) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	defer r.Close()
	cmd := exec.Command("/bin/sh", "-e", "-c", c.text)
	cmd.Dir, cmd.Env = c.dir, c.env
	cmd.Stdout, cmd.Stderr = w, w
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	err = p.start(cmd)
	w.Close()
	if err != nil {
		return fmt.Errorf("start the command: %w", err)
	}
	read := make(chan error, 1)
	go func() {
		_, err := io.Copy(c.output, r)
		read <- err
	}()
	exited := make(chan error, 1)
	go func() { exited <- cmd.Wait() }()

	select {
	case err = <-exited:
		p.kill(cmd)
	case <-ctx.Done():
		err = context.Cause(ctx)
		p.terminate(cmd, c.killDelay)
		<-exited
	}
	late := time.AfterFunc(drainTimeout, func() { r.SetReadDeadline(time.Now()) })
	defer late.Stop()
	if readErr := <-read; readErr != nil && err == nil && !errors.Is(readErr, os.ErrDeadlineExceeded) {
		err = fmt.Errorf("read the output of the command: %w", readErr)
	}
	return err
}

func (p *processes) start(cmd *exec.Cmd) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.killed {
		return errors.New("the worker is ending")
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	if p.groups == nil {
		p.groups = make(map[int]bool)
	}
	p.groups[cmd.Process.Pid] = true
	return nil
}

// terminate asks the group to end, and kills what is left of it after the
// delay. The shell often ends first: what it runs may still be cleaning up.
func (p *processes) terminate(cmd *exec.Cmd, delay time.Duration) {
	defer p.kill(cmd)
	group := -cmd.Process.Pid
	timeout := time.NewTimer(delay)
	defer timeout.Stop()
	ticker := time.NewTicker(groupInterval)
	defer ticker.Stop()
	for err := syscall.Kill(group, syscall.SIGTERM); err != syscall.ESRCH; err = syscall.Kill(group, 0) {
		select {
		case <-timeout.C:
			return
		case <-ticker.C:
		}
	}
}

// kill kills what is left of the group.
func (p *processes) kill(cmd *exec.Cmd) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.groups, cmd.Process.Pid)
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
}

// killAll kills all commands, and lets none start any more.
func (p *processes) killAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.killed = true
	for pid := range p.groups {
		_ = syscall.Kill(-pid, syscall.SIGKILL)
	}
}
