package codecommit

import (
	"math/bits"
	"strconv"

	"github.com/codesuite-go/codesuite/internal/gitobj"
)

// proveFolder checks that the entries, which are in git's order, make the tree
// of the ID want. The API tells only whether a file is executable, while old
// repositories hold other permission bits: where the modes of today do not make
// the tree, it looks for those that do and sets them.
func proveFolder(entries []gitobj.Entry, path, want string) error {
	data, err := gitobj.EncodeTree(entries)
	if err != nil {
		return err
	}
	got := gitobj.ID("tree", data)
	if got == want || historicModes(entries, data, want) {
		return nil
	}
	return &IntegrityError{Path: path, Want: want, Got: got}
}

const (
	// maxMixedFiles bounds the search for historic modes: that many files may
	// have them in any mix, which makes 2^maxMixedFiles trees to hash.
	maxMixedFiles = 14

	// maxOddFiles bounds the search for the one file that differs from all
	// others: it hashes two trees a file, which a damaged listing of a huge
	// folder must not make us do.
	maxOddFiles = 1000
)

// historicModes sets the modes of regular files to 0100664, as early versions
// of git wrote it, such that the entries, of which data is the tree object, make
// the tree of the ID want: all of them, all but one, one alone, or any mix in a
// small folder. It reports whether it found such modes and changes no entry
// otherwise.
func historicModes(entries []gitobj.Entry, data []byte, want string) bool {
	var files, digits []int // the files, and where in data the digits are that differ
	offset := 0
	for i, e := range entries {
		if e.Mode == gitobj.ModeFile {
			files = append(files, i)
			digits = append(digits, offset+len("1006"))
		}
		offset += len(strconv.FormatUint(uint64(e.Mode), 8)) + len(" ") + len(e.Name) + len("\x00") + gitobj.IDLength/2
	}
	toggle := func(n int) { data[digits[n]] ^= '4' ^ '6' }
	toggleAll := func() {
		for n := range digits {
			toggle(n)
		}
	}
	found := func() bool { return gitobj.ID("tree", data) == want }
	odd := func() bool {
		for n := range min(len(digits), maxOddFiles) {
			if toggle(n); found() {
				return true
			}
			toggle(n)
		}
		return false
	}
	search := func() bool {
		if len(files) <= maxMixedFiles {
			for i := uint(1); i < 1<<len(files); i++ {
				// A Gray code visits every mix with one change each.
				if toggle(bits.TrailingZeros(i)); found() {
					return true
				}
			}
			return false
		}
		if toggleAll(); found() || odd() {
			return true
		}
		toggleAll()
		return odd()
	}
	if !search() {
		return false
	}
	for n, i := range files {
		if data[digits[n]] == '6' {
			entries[i].Mode = gitobj.ModeGroupWritable
		}
	}
	return true
}
