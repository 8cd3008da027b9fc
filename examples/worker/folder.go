//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path"
	"strings"
	"syscall"
	"time"
)

const (
	folderPrefix = "codesuite-worker-"
	lockName     = "lock"
	jobPrefix    = "job-"
)

// cleanupTimeout is how long the end of the worker waits for the removal of the
// folders that killed workers have left. The next worker goes on with it.
const cleanupTimeout = 5 * time.Second

// folder holds the folders of the jobs of one process. It is locked as long as
// the process lives, so that the next worker can tell the folders of killed ones.
//
// The folder is made in a directory that other users may write to, such as /tmp.
// A worker therefore opens and removes only folders that are its user's, that
// nobody else may enter and that are no links, and it never waits for a file that
// somebody else has put there.
type folder struct {
	path   string
	root   *os.Root
	lock   *os.File
	parent *os.Root
	logger *slog.Logger
}

// openFolder makes a folder in the directory and locks it.
func openFolder(ctx context.Context, dir string, logger *slog.Logger) (*folder, error) {
	info, err := os.Stat(dir)
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s is no folder", dir)
	}
	if err != nil {
		return nil, fmt.Errorf("make a folder for jobs: %w", err)
	}
	if info.Mode()&0o002 != 0 && info.Mode()&fs.ModeSticky == 0 {
		return nil, fmt.Errorf("make a folder for jobs: every user may rename files in %s: set its sticky bit (chmod +t), or TMPDIR to a folder of the worker's own", dir)
	}
	parent, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("make a folder for jobs: %w", err)
	}
	for {
		f, err := makeFolder(dir, parent, logger)
		if err == nil && f == nil {
			err = ctx.Err()
		}
		if err != nil {
			parent.Close()
			return nil, err
		}
		if f != nil {
			return f, nil
		}
	}
}

// makeFolder makes a folder and locks it. It returns nil if another worker of
// this user takes the folder for left in between.
func makeFolder(dir string, parent *os.Root, logger *slog.Logger) (f *folder, err error) {
	path, err := os.MkdirTemp(dir, folderPrefix+"*")
	if err != nil {
		return nil, fmt.Errorf("make a folder for jobs: %w", err)
	}
	root, err := openOwn(parent, path[strings.LastIndexByte(path, '/')+1:])
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("open the folder for jobs: %w", err)
	}
	lock, err := root.OpenFile(lockName, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		if err = syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err == nil {
			_, err = root.Lstat(lockName)
		}
		if err == nil {
			return &folder{path, root, lock, parent, logger}, nil
		}
		lock.Close()
	}
	root.Close()
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, nil
	}
	return nil, errors.Join(fmt.Errorf("lock the folder for jobs: %w", err), os.RemoveAll(path))
}

// removeLeft removes the folders of workers of this user that do not live any
// more. It looks at nothing else, and starts no removal after ctx has ended.
func (f *folder) removeLeft(ctx context.Context) {
	entries, err := fs.ReadDir(f.parent.FS(), ".")
	if err != nil {
		f.logger.Warn("cannot look for the folders of killed workers", "error", err)
	}
	for _, e := range entries {
		if ctx.Err() != nil {
			return
		}
		if strings.HasPrefix(e.Name(), folderPrefix) && e.Name() != path.Base(f.path) {
			f.removeOther(ctx, e.Name())
		}
	}
}

// removeOther removes the folder of another worker unless that lives.
func (f *folder) removeOther(ctx context.Context, name string) {
	root, err := openOwn(f.parent, name)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			f.logger.Debug("not the folder of a worker of this user", "folder", name, "error", err)
		}
		return
	}
	defer root.Close()
	lock, err := openLock(root)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) { // that is being made
			f.logger.Warn("the folder of a worker was left as it is", "folder", name, "error", err)
		}
		return
	}
	defer lock.Close()
	if syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
		return
	}
	f.logger.Warn("removing the folder of a worker that was killed", "folder", name)
	if err := removeLocked(ctx, f.parent, root, name); err != nil {
		f.logger.Error("the folder was not removed", "folder", name, "error", err)
	}
}

// close removes the folder.
func (f *folder) close() {
	if err := removeLocked(context.Background(), f.parent, f.root, path.Base(f.path)); err != nil {
		f.logger.Error("the folder for jobs was not removed", "folder", f.path, "error", err)
	}
	f.lock.Close()
	f.root.Close()
	f.parent.Close()
}

// openOwn opens a folder that is this user's, that nobody else may enter, and that
// is no link.
func openOwn(parent *os.Root, name string) (*os.Root, error) {
	before, err := parent.Lstat(name)
	if err != nil {
		return nil, err
	}
	if err := checkOwn(before); err != nil {
		return nil, err
	}
	root, err := parent.OpenRoot(name)
	if err != nil {
		return nil, err
	}
	opened, err := root.Stat(".")
	if err == nil && !os.SameFile(before, opened) {
		err = errors.New("it was replaced while it was opened")
	}
	if err == nil {
		err = checkOwn(opened)
	}
	if err != nil {
		root.Close()
		return nil, err
	}
	return root, nil
}

func checkOwn(info fs.FileInfo) error {
	switch stat, ok := info.Sys().(*syscall.Stat_t); {
	case !info.IsDir():
		return errors.New("it is no folder")
	case info.Mode().Perm()&0o077 != 0:
		return fmt.Errorf("others may use it: its mode is %s", info.Mode())
	case ok && int(stat.Uid) != os.Geteuid():
		return errors.New("it is another user's")
	}
	return nil
}

// openLock opens the lock of a folder. It does not wait, and opens nothing but a
// regular file: opening a pipe would wait for a writer.
func openLock(root *os.Root) (*os.File, error) {
	before, err := root.Lstat(lockName)
	if err != nil {
		return nil, err
	}
	if !before.Mode().IsRegular() {
		return nil, errors.New("its lock is no regular file")
	}
	lock, err := root.OpenFile(lockName, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	if opened, err := lock.Stat(); err != nil || !os.SameFile(before, opened) {
		lock.Close()
		return nil, errors.Join(errors.New("its lock was replaced while it was opened"), err)
	}
	return lock, nil
}

// removeLocked removes a folder, its lock last: what a killed worker has left in
// the middle of that has to be found again.
func removeLocked(ctx context.Context, parent, root *os.Root, name string) error {
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return err
	}
	for _, e := range entries {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if e.Name() != lockName {
			err = errors.Join(err, removeAll(root, e.Name()))
		}
	}
	if err != nil {
		return err
	}
	return errors.Join(root.Remove(lockName), parent.Remove(name))
}

// removeAll removes a folder, also one that commands have made read-only, as Go
// does with the folders of its module cache.
func removeAll(root *os.Root, name string) error {
	if root.RemoveAll(name) == nil {
		return nil
	}
	_ = fs.WalkDir(root.FS(), name, func(path string, d fs.DirEntry, err error) error {
		if d != nil && d.IsDir() && err == nil {
			_ = root.Chmod(path, 0o700) // before it is read
		}
		return nil
	})
	return root.RemoveAll(name)
}
