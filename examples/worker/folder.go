//go:build unix

package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"
)

const (
	folderPattern = "codesuite-worker-*"
	lockName      = "lock"
)

// folder holds the folders of the jobs of one process. It is locked as long as
// the process lives, so that the next can tell what a killed one has left.
type folder struct {
	path   string
	lock   *os.File
	logger *slog.Logger
}

// openFolder makes a folder in parent, and removes those of workers that do
// not live any more.
func openFolder(parent string, logger *slog.Logger) (*folder, error) {
	left, err := filepath.Glob(filepath.Join(parent, folderPattern))
	if err != nil {
		return nil, err
	}
	for _, path := range left {
		removeLeft(path, logger)
	}
	for {
		f, err := makeFolder(parent, logger)
		if f != nil || err != nil {
			return f, err
		}
	}
}

// makeFolder makes a folder and locks it. It returns nil if a worker that
// starts at the same time has taken it for left and removed it.
func makeFolder(parent string, logger *slog.Logger) (*folder, error) {
	path, err := os.MkdirTemp(parent, folderPattern)
	if err != nil {
		return nil, fmt.Errorf("make a folder for jobs: %w", err)
	}
	lock, err := os.Create(filepath.Join(path, lockName))
	if err == nil {
		err = syscall.Flock(int(lock.Fd()), syscall.LOCK_EX) // waits for the end of such a removal
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock the folder for jobs: %w", err), os.RemoveAll(path))
	}
	if _, err := os.Lstat(lock.Name()); err != nil {
		return nil, lock.Close()
	}
	return &folder{path, lock, logger}, nil
}

// removeLeft removes the folder of another process unless that lives.
func removeLeft(path string, logger *slog.Logger) {
	lock, err := os.Open(filepath.Join(path, lockName))
	if err != nil { // it is being made, or it is another user's
		return
	}
	defer lock.Close()
	if syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
		return
	}
	logger.Warn("removing the folder of a worker that was killed", "folder", path)
	if err := removeLocked(path); err != nil {
		logger.Error("the folder was not removed", "folder", path, "error", err)
	}
}

func (f *folder) close() {
	if err := removeLocked(f.path); err != nil {
		f.logger.Error("the folder for jobs was not removed", "folder", f.path, "error", err)
	}
	f.lock.Close()
}

// removeLocked removes the folder, its lock last: what a killed worker has left
// in the middle of that has to be found again.
func removeLocked(path string) error {
	entries, err := os.ReadDir(path)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name() != lockName {
			err = errors.Join(err, removeAll(filepath.Join(path, e.Name())))
		}
	}
	if err != nil {
		return err
	}
	return os.RemoveAll(path)
}
