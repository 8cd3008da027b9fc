package artifact

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
)

// directoryEnd says where the directory of a zip archive is.
type directoryEnd struct {
	entries   uint64
	directory int64 // offset of the directory in the file
	size      int64 // bytes of it
	base      int64 // what offsets in the directory count from: bytes before the archive
}

// Sizes of the records at the end of a zip archive.
const (
	endSize       = 22
	locatorSize   = 20
	end64Size     = 56
	maxComment    = math.MaxUint16
	noSize        = math.MaxUint32 // the size is in a record of zip64
	noCount       = math.MaxUint16
	endSearchSize = endSize + maxComment
)

var errNoEnd = fmt.Errorf("it is truncated: the end of its directory is missing: %w", io.ErrUnexpectedEOF)

// hasDirectoryEnd reports whether the file ends as a zip archive does.
func hasDirectoryEnd(file io.ReaderAt, size int64) bool {
	_, _, err := findEnd(file, size)
	return err == nil
}

// findEnd returns the record at the end, and its offset.
func findEnd(file io.ReaderAt, size int64) ([]byte, int64, error) {
	tail := make([]byte, min(size, endSearchSize))
	start := size - int64(len(tail))
	if _, err := file.ReadAt(tail, start); err != nil && err != io.EOF {
		return nil, 0, err
	}
	at, more := -1, false
	for i := bytes.LastIndex(tail, []byte(sigEnd)); i >= 0; i = bytes.LastIndex(tail[:i], []byte(sigEnd)) {
		if len(tail)-i < endSize {
			continue
		}
		switch end := i + endSize + int(le.Uint16(tail[i+20:])); {
		case end < len(tail):
			more = true
		case end == len(tail) && at >= 0:
			return nil, 0, errors.New("it has two ends, of which programs may take the one or the other")
		case end == len(tail):
			at = i
		}
	}
	switch {
	case at >= 0:
		return tail[at:], start + int64(at), nil
	case more:
		return nil, 0, errors.New("more follows the end of the zip archive")
	}
	return nil, 0, errNoEnd
}

func readDirectoryEnd(file io.ReaderAt, size int64) (directoryEnd, error) {
	record, offset, err := findEnd(file, size)
	if err != nil {
		return directoryEnd{}, err
	}
	disk, startDisk := le.Uint16(record[4:]), le.Uint16(record[6:])
	onDisk, entries := uint64(le.Uint16(record[8:])), uint64(le.Uint16(record[10:]))
	length, start := uint64(le.Uint32(record[12:])), uint64(le.Uint32(record[16:]))
	end64, offset64, err := findEnd64(file, offset)
	if err != nil {
		return directoryEnd{}, err
	}
	if end64 != nil {
		offset = offset64
		for _, v := range []struct {
			value *uint64
			none  uint64
			at    int
		}{{&onDisk, noCount, 24}, {&entries, noCount, 32}, {&length, noSize, 40}, {&start, noSize, 48}} {
			value := le.Uint64(end64[v.at:])
			if *v.value != v.none && *v.value != value {
				return directoryEnd{}, errors.New("it is damaged: its two ends, the one of zip64 and the other, differ")
			}
			*v.value = value
		}
	}
	if disk != startDisk || disk != 0 && disk != noCount || onDisk != entries {
		return directoryEnd{}, errors.New("it is one part of an archive of several parts, which are not supported")
	}
	if length > uint64(offset) || start > uint64(offset)-length {
		return directoryEnd{}, errors.New("it is truncated or damaged: its directory is not where its end says")
	}
	d := directoryEnd{entries: entries, directory: offset - int64(length), size: int64(length)}
	d.base = d.directory - int64(start)
	return d, nil
}

// findEnd64 returns the record at the end of a zip64 archive, and its offset;
// nil if the archive is none. The other record is at the given offset.
func findEnd64(file io.ReaderAt, offset int64) ([]byte, int64, error) {
	if offset < locatorSize+end64Size {
		return nil, 0, nil
	}
	tail := make([]byte, locatorSize+end64Size)
	if _, err := file.ReadAt(tail, offset-int64(len(tail))); err != nil {
		return nil, 0, err
	}
	if !bytes.HasPrefix(tail[end64Size:], []byte(sigLocator64)) {
		return nil, 0, nil
	}
	record := tail[:end64Size]
	if !bytes.HasPrefix(record, []byte(sigEnd64)) || le.Uint64(record[4:]) != end64Size-12 {
		return nil, 0, errors.New("it is damaged: the end of its zip64 directory is missing, or has extensions, which are not supported")
	}
	return record, offset - int64(len(tail)), nil
}
