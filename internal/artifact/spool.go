package artifact

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// Spool returns a new temporary file, which [Unspool] removes. Where the system
// allows it, the file has no name any more.
func Spool(dir string) (*os.File, error) {
	file, err := os.CreateTemp(dir, "codesuite-artifact-*")
	if err != nil {
		return nil, fmt.Errorf("temporary file: %w", err)
	}
	os.Remove(file.Name()) // fails while it is open on Windows: see Unspool
	return file, nil
}

// Unspool closes and removes a temporary file.
func Unspool(file *os.File) error {
	err := file.Close()
	if removeErr := os.Remove(file.Name()); removeErr != nil && !errors.Is(removeErr, fs.ErrNotExist) {
		err = errors.Join(err, removeErr)
	}
	return err
}
