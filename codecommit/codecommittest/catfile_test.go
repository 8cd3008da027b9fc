package codecommittest

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/codesuite-go/codesuite/internal/gitobj"
	"github.com/codesuite-go/codesuite/internal/gittest"
)

// newStore returns a bare repository with a small and a large blob.
func newStore(t *testing.T) (g *git, small, large string) {
	t.Helper()
	gittest.Need(t)
	dir := t.TempDir()
	run := func(args ...string) string {
		t.Helper()
		out, err := gittest.Run(dir, nil, nil, args...)
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(string(out))
	}
	run("init", "-q", "--bare")
	write := func(name string, size int) string {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(strings.Repeat("x", size)), 0o644); err != nil {
			t.Fatal(err)
		}
		return run("hash-object", "-w", name)
	}
	small, large = write("small", 10), write("large", 4<<20)
	g, err := openGit(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.close)
	return g, small, large
}

func readBlob(t *testing.T, g *git, id string, want int) {
	t.Helper()
	b, err := g.blob(t.Context(), id)
	if err != nil {
		t.Error(err)
		return
	}
	defer b.Close()
	if data, err := io.ReadAll(io.LimitReader(b, b.size)); err != nil || len(data) != want || int(b.size) != want {
		t.Errorf("blob %s: %d of %d bytes, %v, want %d", id, len(data), b.size, err, want)
	}
}

// A process that ended while nobody used it is replaced, and so is one in the
// middle of an answer.
func TestBatchRestart(t *testing.T) {
	t.Parallel()
	g, small, large := newStore(t)
	kill := func() {
		g.blobs.mu.Lock()
		defer g.blobs.mu.Unlock()
		for b := range g.blobs.running {
			b.cmd.Process.Kill()
		}
	}
	for range 2 * blobReaders {
		readBlob(t, g, small, 10)
		kill()
		readBlob(t, g, large, 4<<20)
		kill()
	}
	b, err := g.blob(t.Context(), large)
	if err != nil {
		t.Fatal(err)
	}
	kill()
	if _, err := io.CopyN(io.Discard, b, b.size); err == nil {
		t.Error("a process that was killed delivered 4 MiB")
	}
	b.Close()
	readBlob(t, g, large, 4<<20)
}

// Unread content goes with its process or is read, and no process is lost.
func TestBatchRelease(t *testing.T) {
	t.Parallel()
	g, small, large := newStore(t)
	for _, id := range []string{small, large} {
		for range 2 * blobReaders {
			b, err := g.blob(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			b.Read(make([]byte, 5))
			b.Close()
		}
		readBlob(t, g, id, map[string]int{small: 10, large: 4 << 20}[id])
	}
	if _, err := g.blob(t.Context(), strings.Repeat("1", gitobj.IDLength)); !errors.Is(err, errMissing) {
		t.Errorf("missing blob: %v", err)
	}
	if n, idle := len(g.blobs.slots), len(g.blobs.idle); n != 0 || idle != 1 {
		t.Errorf("%d processes are in use and %d idle, want none and one", n, idle)
	}
}

// Whoever waits for a process stops when its context ends or the pool closes.
func TestBatchWait(t *testing.T) {
	t.Parallel()
	g, _, large := newStore(t)
	var open []*blob
	for range blobReaders {
		b, err := g.blob(t.Context(), large)
		if err != nil {
			t.Fatal(err)
		}
		open = append(open, b)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := g.blob(ctx, large); !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that ended: %v", err)
	}
	waited := make(chan error)
	go func() {
		_, err := g.blob(t.Context(), large)
		waited <- err
	}()
	closed := make(chan struct{})
	go func() {
		g.close()
		close(closed)
	}()
	if err := <-waited; !errors.Is(err, errClosed) {
		t.Errorf("while the pool closes: %v", err)
	}
	running := make(map[*catFile]bool)
	g.blobs.mu.Lock()
	for b := range g.blobs.running {
		running[b] = true
	}
	g.blobs.mu.Unlock()
	for _, b := range open {
		if _, err := io.CopyN(io.Discard, b, b.size); err == nil {
			t.Error("a process outlives the pool")
		}
		b.Close()
	}
	<-closed
	for b := range running {
		if b.cmd.ProcessState == nil {
			t.Errorf("process %d has not been waited for", b.cmd.Process.Pid)
		}
	}
	if _, err := g.blob(t.Context(), large); !errors.Is(err, errClosed) {
		t.Errorf("after close: %v", err)
	}
}

func TestGitEnv(t *testing.T) {
	t.Parallel()
	env := gitEnv([]string{"HOME=/home/x", "GIT_DIR=/x", "GIT_CONFIG_PARAMETERS='core.bare=true'", "GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=k", "GIT_CONFIG_VALUE_0=v", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_ALLOW_PROTOCOL=https"})
	got := strings.Join(env, " ")
	want := "HOME=/home/x GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=k GIT_CONFIG_VALUE_0=v GIT_CONFIG_GLOBAL=/dev/null LC_ALL=C " +
		"GIT_ALLOW_PROTOCOL=none GIT_NO_LAZY_FETCH=1 GIT_NO_REPLACE_OBJECTS=1 GIT_OPTIONAL_LOCKS=0 GIT_TERMINAL_PROMPT=0"
	if got != want {
		t.Errorf("environment %s, want %s", got, want)
	}
}
