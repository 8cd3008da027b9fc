//go:build unix

package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// TestFolders has many workers start and end at once, next to what killed ones
// have left.
func TestFolders(t *testing.T) {
	t.Parallel()
	parent := t.TempDir()
	logger := slog.New(slog.DiscardHandler)
	for range 3 {
		f, err := openFolder(parent, logger)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Join(f.path, "job-1", "closed"), 0o700); err != nil {
			t.Fatal(err)
		}
		f.lock.Close() // as when a process is killed
	}
	var workers sync.WaitGroup
	for range 8 {
		workers.Go(func() {
			for range 100 {
				f, err := openFolder(parent, logger)
				if err != nil {
					t.Error(err)
					return
				}
				if err := os.Mkdir(filepath.Join(f.path, "job-1"), 0o700); err != nil {
					t.Error(err)
				}
				f.close()
			}
		})
	}
	workers.Wait()
	left, err := os.ReadDir(parent)
	if err != nil || len(left) != 0 {
		t.Errorf("%d folders are left, %v", len(left), err)
	}
}
