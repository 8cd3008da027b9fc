package archive

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Save makes the archive as the file of that name. The file is complete or not
// there: the archive is written to a temporary file beside it, which takes its
// place when all of it is on the disk. A file of that name is replaced, the
// target of a link as well.
func (ar *Archive) Save(ctx context.Context, path string) (*Info, error) {
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
	info, err := ar.Write(ctx, file)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(file.Sync(), file.Close()); err != nil {
		return nil, fmt.Errorf("archive: save: %w", err)
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
	for {
		file, err := os.OpenFile(filepath.Join(dir, "."+base+"."+rand.Text()),
			os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if !errors.Is(err, fs.ErrExist) {
			return file, err
		}
	}
}
