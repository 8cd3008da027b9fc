package artifact

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/klauspost/compress/gzip"

	"github.com/codesuite-go/codesuite/internal/ctxio"
)

// Error is an archive that was refused, or a name that no archive may have.
type Error struct {
	Path string // name of the entry as the archive has it, "" if it is about none
	Err  error
}

// Error names the entry.
func (e *Error) Error() string {
	if e.Path == "" {
		return e.Err.Error()
	}
	return fmt.Sprintf("entry %q: %v", e.Path, e.Err)
}

// Unwrap returns the reason.
func (e *Error) Unwrap() error { return e.Err }

// at returns the error of an entry.
func at(path string, format string, args ...any) error {
	return &Error{Path: path, Err: fmt.Errorf(format, args...)}
}

// Spool returns a new temporary file, which is gone once it is closed.
func Spool(dir string) (*os.File, error) {
	file, err := os.CreateTemp(dir, "codesuite-artifact-*")
	if err != nil {
		return nil, fmt.Errorf("temporary file: %w", err)
	}
	os.Remove(file.Name()) // fails while it is open on Windows: see Unspool
	return file, nil
}

// Unspool closes a file of [Spool] and removes it where that is still to be done.
func Unspool(file *os.File) error {
	err := file.Close()
	if removeErr := os.Remove(file.Name()); removeErr != nil && !errors.Is(removeErr, fs.ErrNotExist) {
		err = errors.Join(err, removeErr)
	}
	return err
}

// Open returns what is in the archive of that size, and the temporary
// file that holds it: file, or another one in its place.
func Open(ctx context.Context, file *os.File, size int64, limits Limits, tempDir string) (*FS, *os.File, error) {
	head := make([]byte, 512)
	n, err := file.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return nil, file, err
	}
	head = head[:n]
	artifactSize := size
	switch {
	case isZip(head):
		fsys, err := openZip(ctx, file, size, limits)
		return fsys, file, err
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		unzipped, err := gunzip(ctx, file, size, limits, tempDir)
		if err != nil {
			return nil, file, err
		}
		Unspool(file)
		file = unzipped
		if size, err = file.Seek(0, io.SeekEnd); err != nil {
			return nil, file, err
		}
		head = head[:cap(head)]
		n, err := file.ReadAt(head, 0)
		if err != nil && err != io.EOF {
			return nil, file, err
		}
		if !isTar(head[:n]) {
			return nil, file, errors.New("what is compressed with gzip is no tar archive")
		}
	case !isTar(head):
		return nil, file, notSupported(head)
	}
	fsys, err := openTar(ctx, file, size, artifactSize, limits)
	return fsys, file, err
}

func isZip(head []byte) bool {
	return bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, []byte("PK\x05\x06"))
}

// isTar reports whether head is a valid header, or the end of an empty archive.
func isTar(head []byte) bool {
	if len(head) < 512 {
		return false
	}
	_, err := tar.NewReader(bytes.NewReader(head)).Next()
	// Some headers are about the next one, which is not here.
	return err == nil || err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, tar.ErrInsecurePath)
}

// notSupported says what the artifact is, as far as its first bytes tell.
func notSupported(head []byte) error {
	if len(head) == 0 {
		return errors.New("it is empty (0 bytes): not even an archive without entries")
	}
	for _, known := range []struct{ name, magic string }{
		{"bzip2", "BZh"}, {"xz", "\xfd7zXZ\x00"}, {"zstd", "\x28\xb5\x2f\xfd"}, {"7-Zip", "7z\xbc\xaf\x27\x1c"}, {"RAR", "Rar!"},
	} {
		if bytes.HasPrefix(head, []byte(known.magic)) {
			return fmt.Errorf("its format is %s, but zip, tar and tar.gz are supported", known.name)
		}
	}
	return errors.New("it is neither a zip nor a tar nor a tar.gz archive: an artifact that is one file as it is has to be read with the job's credentials")
}

// gunzip returns a temporary file with what is compressed in file.
func gunzip(ctx context.Context, file *os.File, size int64, limits Limits, tempDir string) (_ *os.File, err error) {
	zr, err := gzip.NewReader(ctxio.NewReader(ctx, io.NewSectionReader(file, 0, size)))
	if err != nil {
		return nil, damaged(err)
	}
	unzipped, err := Spool(tempDir)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			Unspool(unzipped)
		}
	}()
	// A tar archive is headers and padding besides, but these are small.
	most := limits.Unpacked
	if byRatio := ratioLimit(size, limits); byRatio < most {
		most = byRatio
	}
	n, err := io.Copy(unzipped, io.LimitReader(zr, most+1))
	switch {
	case n > most && most == limits.Unpacked:
		return nil, fmt.Errorf("unpacked it is over the limit of %d bytes (Limits.Unpacked)", most)
	case n > most:
		return nil, fmt.Errorf("unpacked it is over %d times its %d bytes (Limits.Ratio)", limits.Ratio, size)
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case IsLocal(err):
		return nil, err
	case err != nil:
		return nil, damaged(err)
	}
	return unzipped, nil
}

// IsLocal reports whether the error is not of the archive but of this machine,
// such as a full disk.
func IsLocal(err error) bool {
	pathErr := (*fs.PathError)(nil)
	return errors.As(err, &pathErr)
}

// ratioLimit returns how many bytes may come of an archive of that size.
func ratioLimit(size int64, limits Limits) int64 {
	if int64(limits.Ratio) > unlimited/max(size, 1) {
		return unlimited
	}
	return max(ratioFrom, size*int64(limits.Ratio))
}

func damaged(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return fmt.Errorf("it is truncated: %w", io.ErrUnexpectedEOF)
	}
	return fmt.Errorf("it is damaged: %w", err)
}
