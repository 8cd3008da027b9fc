// Package artifact reads and writes the archives that are artifacts of
// CodePipeline: [Open] checks a zip, tar or tar.gz archive and shows it as a
// file system, [Write] writes a file system as a zip archive.
//
// Both take archives of people who must not be trusted. All that is held in
// memory counts against [Limits] before it is held: about 130 bytes for each
// entry, and the names of entries and the targets of links.
package artifact

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
)

// Open returns the content of the archive in the first size bytes of file, and
// the temporary file that holds it: file, or another one in its place, and file
// is then removed. The caller removes the returned file, also after an error.
func Open(ctx context.Context, file *os.File, size int64, limits Limits, tempDir string) (*FS, *os.File, error) {
	head := make([]byte, 512)
	n, err := file.ReadAt(head[:min(size, 512)], 0)
	if err != nil && err != io.EOF {
		return nil, file, err
	}
	head = head[:n]
	artifactSize := size
	switch {
	case isZip(head), isScript(head) && hasDirectoryEnd(file, size):
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
			return nil, file, errors.New("it is compressed with gzip, and its content is no tar archive")
		}
	case !isTar(head):
		return nil, file, notSupported(head)
	}
	fsys, err := openTar(ctx, file, size, artifactSize, limits)
	return fsys, file, err
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
