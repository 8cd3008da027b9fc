package archive

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Save makes the archive as the file of that name. The file is complete or not
// there: the archive is written to a temporary file beside it, which takes its
// place when all of it is on the disk. The folder must therefore be writable. An
// existing file is replaced and keeps its permissions; of a link, the file that
// it leads to, which need not exist.
func (ar *Archive) Save(ctx context.Context, path string) (*Info, error) {
	if err := ar.archiver.err; err != nil {
		return nil, err
	}
	target, perm, err := saveTarget(path)
	if err != nil {
		return nil, err
	}
	file, err := createTemp(target, perm)
	if err != nil {
		return nil, fmt.Errorf("archive: save %s: the temporary file beside it: %w", target, err)
	}
	saved := false
	defer func() {
		if !saved {
			file.Close()
			os.Remove(file.Name())
		}
	}()
	temp := tempFile{file, target}
	info, err := ar.make(ctx, temp, temp.rewind)
	if err != nil {
		return nil, err
	}
	if perm != newFile {
		// The umask counts for new files alone.
		if err := file.Chmod(perm); err != nil {
			return nil, fmt.Errorf("archive: save: permissions of the file to replace: %w", rename(err, file.Name(), target))
		}
	}
	if err := errors.Join(file.Sync(), file.Close()); err != nil {
		return nil, fmt.Errorf("archive: save: %w", rename(err, file.Name(), target))
	}
	if err := os.Rename(file.Name(), target); err != nil {
		return nil, fmt.Errorf("archive: save: %w", err)
	}
	saved = true
	return info, nil
}

// newFile stands for the permissions that a new file gets.
const newFile = fs.FileMode(1 << 31)

// saveTarget returns the name of the file that is to be replaced or made, and
// its permissions.
func saveTarget(path string) (target string, perm fs.FileMode, err error) {
	if path == "" || os.IsPathSeparator(path[len(path)-1]) {
		return "", 0, fmt.Errorf("archive: save: %q is not the name of a file", path)
	}
	target, err = followLinks(path)
	if err != nil {
		return "", 0, fmt.Errorf("archive: save: %w", err)
	}
	info, err := os.Stat(target)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return target, newFile, nil
	case err != nil:
		return "", 0, fmt.Errorf("archive: save: %w", err)
	case !info.Mode().IsRegular():
		return "", 0, fmt.Errorf("archive: save: %s is not a regular file: use Write", path)
	}
	return target, info.Mode().Perm(), nil
}

// maxLinks bounds a chain of links.
const maxLinks = 40

// followLinks returns what the last element of path leads to, which need not
// exist.
func followLinks(path string) (string, error) {
	name := path
	for range maxLinks {
		info, err := os.Lstat(name)
		if errors.Is(err, fs.ErrNotExist) || err == nil && info.Mode().Type() != fs.ModeSymlink {
			return name, nil
		}
		if err != nil {
			return "", err
		}
		to, err := os.Readlink(name)
		if err != nil {
			return "", err
		}
		if !filepath.IsAbs(to) {
			// The folder may be a link itself, from which the target goes on. Cleaned,
			// a path with ".." after a link would lead to another file.
			dir, _ := filepath.Split(name)
			if dir, err = filepath.EvalSymlinks(cmp.Or(dir, ".")); err != nil {
				return "", err
			}
			to = strings.TrimSuffix(dir, string(filepath.Separator)) + string(filepath.Separator) + to
		}
		name = to
	}
	return "", &fs.PathError{Op: "open", Path: path, Err: errors.New("too many links")}
}

// createTemp creates a hidden file beside target. It has the permissions of a
// new file, or, until it is complete, those that only the owner needs. The error
// of a folder that cannot take the file names the folder.
func createTemp(target string, perm fs.FileMode) (*os.File, error) {
	dir, base := filepath.Split(target)
	if len(base) > maxTempBase { // with what is added, it may be too long for a name
		base = strings.ToValidUTF8(base[:maxTempBase], "")
	}
	mode := fs.FileMode(0o666)
	if perm != newFile {
		mode = 0o600
	}
	for {
		name := dir + "." + base + "." + rand.Text() // not cleaned: ".." may come after a link
		file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
		if !errors.Is(err, fs.ErrExist) {
			return file, rename(err, name, filepath.Clean(filepath.Dir(target)))
		}
	}
}

const maxTempBase = 100

// tempFile is the temporary file of target.
type tempFile struct {
	file   *os.File
	target string
}

func (t tempFile) Write(p []byte) (int, error) {
	n, err := t.file.Write(p)
	return n, rename(err, t.file.Name(), t.target)
}

// rewind makes the file empty.
func (t tempFile) rewind() error {
	_, err := t.file.Seek(0, io.SeekStart)
	if err = cmp.Or(err, t.file.Truncate(0)); err != nil {
		return fmt.Errorf("archive: save: %w", rename(err, t.file.Name(), t.target))
	}
	return nil
}

// rename returns err with target in place of the temporary file that it names.
func rename(err error, temp, target string) error {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) && pathErr.Path == temp {
		return &fs.PathError{Op: pathErr.Op, Path: target, Err: pathErr.Err}
	}
	return err
}
