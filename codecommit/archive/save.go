package archive

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Save makes the archive as the file of that name. The file is complete or not
// there: the archive is written to a temporary file beside it, which takes its
// place when all of it is on the disk. A file of that name is replaced; of a
// link, the file that it leads to.
func (ar *Archive) Save(ctx context.Context, path string) (*Info, error) {
	if err := ar.archiver.err; err != nil {
		return nil, err
	}
	target, err := saveTarget(path)
	if err != nil {
		return nil, err
	}
	file, err := createTemp(target)
	if err != nil {
		return nil, fmt.Errorf("archive: save: %w", err)
	}
	saved := false
	defer func() {
		if !saved {
			file.Close()
			os.Remove(file.Name())
		}
	}()
	info, err := ar.Write(ctx, tempFile{file, target})
	if err != nil {
		return nil, err
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

// saveTarget returns the name of the file that is to be replaced.
func saveTarget(path string) (string, error) {
	info, err := os.Stat(path)
	switch {
	case path == "" || os.IsPathSeparator(path[len(path)-1]):
		return "", fmt.Errorf("archive: save: %q is not the name of a file", path)
	case errors.Is(err, fs.ErrNotExist):
		return path, nil
	case err != nil:
		return "", fmt.Errorf("archive: save: %w", err)
	case !info.Mode().IsRegular():
		return "", fmt.Errorf("archive: save: %s is not a regular file: use Write", path)
	}
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return "", fmt.Errorf("archive: save: %w", err)
	}
	return target, nil
}

// createTemp creates a hidden file beside target, with the permissions that a
// new file has (os.CreateTemp lets only the owner read).
func createTemp(target string) (*os.File, error) {
	dir, base := filepath.Split(target)
	if len(base) > maxTempBase { // with what is added, it may be too long for a name
		base = strings.ToValidUTF8(base[:maxTempBase], "")
	}
	for {
		name := filepath.Join(dir, "."+base+"."+rand.Text())
		file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if !errors.Is(err, fs.ErrExist) {
			return file, rename(err, name, target)
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

// rename returns err with target in place of the temporary file that it names.
func rename(err error, temp, target string) error {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) && pathErr.Path == temp {
		return &fs.PathError{Op: pathErr.Op, Path: target, Err: pathErr.Err}
	}
	return err
}
