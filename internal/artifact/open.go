package artifact

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
)

// Open returns the content of the archive in the first size bytes of file. The
// content of a compressed archive is in another temporary file, unpacked, which
// the caller removes when nobody reads the content any more; unpacked is nil for
// other archives.
func Open(ctx context.Context, file io.ReaderAt, size int64, limits Limits, tempDir string) (fsys *FS, unpacked *os.File, err error) {
	head, err := readHead(file, size)
	if err != nil {
		return nil, nil, err
	}
	switch {
	case isZip(head), isScript(head) && hasDirectoryEnd(file, size):
		fsys, err := openZip(ctx, file, size, limits)
		return fsys, nil, err
	case isTar(head):
		fsys, err := openTar(ctx, file, size, size, limits)
		return fsys, nil, err
	case !bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		return nil, nil, notSupported(head)
	}
	if unpacked, err = gunzip(ctx, file, size, limits, tempDir); err != nil {
		return nil, nil, err
	}
	if fsys, err = openUnpacked(ctx, unpacked, size, limits); err != nil {
		Unspool(unpacked)
		return nil, nil, err
	}
	return fsys, unpacked, nil
}

// openUnpacked returns the content of an archive that was compressed to that
// size.
func openUnpacked(ctx context.Context, file *os.File, compressedSize int64, limits Limits) (*FS, error) {
	size, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, err
	}
	head, err := readHead(file, size)
	if err != nil {
		return nil, err
	}
	if !isTar(head) {
		return nil, fmt.Errorf("it is compressed with gzip, and its content is no tar archive: %w", ErrNotArchive)
	}
	return openTar(ctx, file, size, compressedSize, limits)
}

// readHead returns the first bytes of a file.
func readHead(file io.ReaderAt, size int64) ([]byte, error) {
	head := make([]byte, min(size, 512))
	n, err := file.ReadAt(head, 0)
	if err == io.EOF {
		err = nil
	}
	return head[:n], err
}

// isScript reports whether the file is a script of Unix, which may have a zip
// archive behind it, such as an executable jar.
func isScript(head []byte) bool { return bytes.HasPrefix(head, []byte("#!")) }

// notSupported says which format the file has, as far as its first bytes tell.
func notSupported(head []byte) error {
	if len(head) == 0 {
		return fmt.Errorf("it is empty (0 bytes): %w", ErrNotArchive)
	}
	for _, known := range []struct{ name, magic string }{
		{"bzip2", "BZh"}, {"xz", "\xfd7zXZ\x00"}, {"zstd", "\x28\xb5\x2f\xfd"}, {"7-Zip", "7z\xbc\xaf\x27\x1c"}, {"RAR", "Rar!"},
	} {
		if bytes.HasPrefix(head, []byte(known.magic)) {
			return fmt.Errorf("its format is %s, but zip, tar and tar.gz are supported: %w", known.name, ErrNotArchive)
		}
	}
	return ErrNotArchive
}
