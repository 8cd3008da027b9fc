//go:build unix

package main

import (
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
)

// TestReplacedFiles has a command that replaces its files by pipes and links
// while they are read: nothing waits, and no link is followed out of the folder.
func TestReplacedFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ws := &workspace{control: filepath.Join(dir, "control")}
	if err := os.Mkdir(ws.control, 0o700); err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Error(err)
		}
	}
	write(filepath.Join(dir, "private"), "private")
	const name = summaryFile
	stop := make(chan struct{})
	var command sync.WaitGroup
	defer command.Wait()
	defer close(stop)
	command.Go(func() {
		next := filepath.Join(dir, "next")
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			var err error
			switch i % 4 {
			case 0, 2:
				write(next, "public")
			case 1:
				err = syscall.Mkfifo(next, 0o600)
			case 3:
				err = os.Symlink(filepath.Join(dir, "private"), next)
			}
			if err == nil {
				err = os.Rename(next, ws.file(name))
			}
			if err != nil {
				t.Error(err)
				return
			}
		}
	})
	root, err := os.OpenRoot(ws.control)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for range 500 {
		if data, err := ws.readFile(name); err == nil && len(data) > 0 && string(data) != "public" {
			t.Fatalf("the file of a link was read: %q", data)
		}
		if file, err := openRegular(root, name); err == nil {
			if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
				t.Errorf("a file of mode %v was opened, %v", info.Mode(), err)
			}
			file.Close()
		}
	}
}

// TestOutputPipe has a file that has become a pipe since its folder was read.
func TestOutputPipe(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	content, _, err := selectFiles(t.Context(), rootFS{root.FS(), root}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if file, err := content.Open("pipe"); err == nil {
		file.Close()
		t.Error("a pipe was opened")
	}
}
