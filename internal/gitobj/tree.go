package gitobj

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
)

// Mode is the mode of a tree entry as git stores it.
type Mode uint32

// The modes that git writes today. Old repositories hold other permission
// bits too, such as 0100664; see [Mode.Canonical].
const (
	ModeTree       Mode = 0o040000
	ModeFile       Mode = 0o100644
	ModeExecutable Mode = 0o100755
	ModeSymlink    Mode = 0o120000
	ModeSubmodule  Mode = 0o160000
)

// ModeGroupWritable is a regular file as early versions of git wrote it.
const ModeGroupWritable Mode = 0o100664

const modeType Mode = 0o170000

// ParseMode parses octal digits such as "100644".
func ParseMode(s string) (Mode, error) {
	n, err := strconv.ParseUint(s, 8, 32)
	if err != nil || Mode(n).Canonical() == 0 {
		return 0, fmt.Errorf("%q is not the mode of a tree entry", s)
	}
	return Mode(n), nil
}

// Canonical returns the mode that git shows for m: the one of today with the
// same type and, for a regular file, the same executable bit of the owner. It
// is 0 for a type that git does not know.
func (m Mode) Canonical() Mode {
	switch m & modeType {
	case ModeTree, ModeSymlink, ModeSubmodule:
		return m & modeType
	case ModeFile & modeType:
		if m&0o100 != 0 {
			return ModeExecutable
		}
		return ModeFile
	}
	return 0
}

// FileMode returns m in the terms of io/fs. A submodule is an empty folder.
func (m Mode) FileMode() fs.FileMode {
	switch m.Canonical() {
	case ModeTree, ModeSubmodule:
		return fs.ModeDir | 0o755
	case ModeSymlink:
		return fs.ModeSymlink | 0o777
	case ModeExecutable:
		return 0o755
	}
	return 0o644
}

// String returns the six octal digits of the mode.
func (m Mode) String() string { return fmt.Sprintf("%06o", uint32(m)) }

// Entry is an entry of a tree.
type Entry struct {
	Mode Mode
	Name string // one path element
	ID   string // of a blob, a tree or, for a submodule, a commit
}

// Compare orders entries as git does: by the bytes of their names, with a
// slash after the name of a tree.
func Compare(a, b Entry) int {
	n := min(len(a.Name), len(b.Name))
	if c := strings.Compare(a.Name[:n], b.Name[:n]); c != 0 {
		return c
	}
	return int(a.byteAt(n)) - int(b.byteAt(n))
}

func (e Entry) byteAt(i int) byte {
	switch {
	case i < len(e.Name):
		return e.Name[i]
	case e.Mode.Canonical() == ModeTree:
		return '/'
	}
	return 0
}

// SortEntries sorts entries in git's order.
func SortEntries(entries []Entry) { slices.SortStableFunc(entries, Compare) }

// EncodeTree returns the content of the tree object with the entries, which
// it takes in any order and does not change. Modes are written as they are.
func EncodeTree(entries []Entry) ([]byte, error) {
	if !slices.IsSortedFunc(entries, Compare) {
		entries = slices.Clone(entries)
		SortEntries(entries)
	}
	return EncodeForeignTree(entries, false)
}

// EncodeForeignTree returns the content of a tree object as other programs than
// git have written it: with the entries in the order given and, if padded, with
// 040000 for the mode of a folder, which git writes as 40000.
func EncodeForeignTree(entries []Entry, padded bool) ([]byte, error) {
	size := 0
	for _, e := range entries {
		size += len("100644 ") + len(e.Name) + 1 + IDLength/2
	}
	data := make([]byte, 0, size)
	for _, e := range entries {
		if padded && e.Mode == ModeTree {
			data = append(data, '0')
		}
		data = strconv.AppendUint(data, uint64(e.Mode), 8)
		data = append(data, ' ')
		data = append(data, e.Name...)
		data = append(data, 0)
		var err error
		if data, err = appendID(data, e.ID); err != nil {
			return nil, fmt.Errorf("entry %q: %w", e.Name, err)
		}
	}
	return data, nil
}

func appendID(data []byte, id string) ([]byte, error) {
	if !IsID(id) {
		return nil, fmt.Errorf("%q is not an object ID", id)
	}
	return hex.AppendDecode(data, []byte(id))
}

// TreeID returns the ID of the tree with the entries.
func TreeID(entries []Entry) (string, error) {
	data, err := EncodeTree(entries)
	if err != nil {
		return "", err
	}
	return ID("tree", data), nil
}

// DecodeTree returns the entries of a tree object's content, in its order.
func DecodeTree(data []byte) ([]Entry, error) {
	var entries []Entry
	for len(data) > 0 {
		mode, rest, ok := bytes.Cut(data, []byte{' '})
		if !ok {
			return nil, errors.New("tree object: an entry has no mode")
		}
		name, rest, ok := bytes.Cut(rest, []byte{0})
		if !ok || len(rest) < IDLength/2 {
			return nil, errors.New("tree object: the last entry is cut off")
		}
		if len(name) == 0 {
			return nil, errors.New("tree object: an entry has no name")
		}
		m, err := ParseMode(string(mode))
		if err != nil {
			return nil, fmt.Errorf("tree object: entry %q: %w", name, err)
		}
		entries = append(entries, Entry{Mode: m, Name: string(name), ID: hex.EncodeToString(rest[:IDLength/2])})
		data = rest[IDLength/2:]
	}
	return entries, nil
}
