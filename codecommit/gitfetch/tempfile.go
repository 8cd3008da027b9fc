package gitfetch

import (
	"fmt"
	"os"
)

// tempFile is a file that is gone once it is closed. Where the system lets go of
// the name of an open file, the name is gone at once, and not even the sudden end
// of the program leaves the file behind.
type tempFile struct {
	*os.File
	named bool // the name is still there
}

func newTempFile(dir string) (*tempFile, error) {
	f, err := os.CreateTemp(dir, "codesuite-pack-")
	if err != nil {
		return nil, fmt.Errorf("temporary file: %w", err)
	}
	return &tempFile{File: f, named: os.Remove(f.Name()) != nil}, nil
}

// Write is that of the file. Its error says what to do about a full disk.
func (f *tempFile) Write(p []byte) (int, error) {
	n, err := f.File.Write(p)
	return n, f.explain(err)
}

// WriteAt is that of the file, with an error as that of Write.
func (f *tempFile) WriteAt(p []byte, off int64) (int, error) {
	n, err := f.File.WriteAt(p, off)
	return n, f.explain(err)
}

func (f *tempFile) explain(err error) error {
	if err == nil {
		return nil
	}
	return &diskError{err}
}

// Close closes and removes the file.
func (f *tempFile) Close() error {
	err := f.File.Close()
	if f.named {
		f.named = false
		if removeErr := os.Remove(f.Name()); err == nil {
			err = removeErr
		}
	}
	return err
}

// diskError is a temporary file that cannot be written. To fetch again would not
// help.
type diskError struct{ err error }

func (e *diskError) Error() string {
	return fmt.Sprintf("temporary file: %v: Options.TempDir names a folder with more room", e.err)
}

func (e *diskError) Unwrap() error { return e.err }
