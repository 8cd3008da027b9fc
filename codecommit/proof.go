package codecommit

import (
	"context"
	"math/bits"
	"slices"
	"strconv"
	"strings"

	"github.com/codesuite-go/codesuite/internal/gitobj"
)

const (
	// maxProof bounds the search for the form of a tree: that many bytes are
	// hashed, about half a second's worth.
	maxProof = 256 << 20

	// maxMixedFiles is the number of files up to which any mix of historic and
	// present modes is tried, which makes 2^maxMixedFiles trees to hash.
	maxMixedFiles = 14

	// maxOddFiles bounds the search for the one file that differs from all
	// others.
	maxOddFiles = 1000
)

// proof looks for the form of the tree that a listing makes. Git writes one form
// today, but old versions and other programs wrote others.
type proof struct {
	ctx  context.Context
	want string // the ID of the tree
	left int    // bytes that may still be hashed
	err  error  // of ctx
}

// proveFolder checks that the entries, in the order of the reply, make the tree of
// the ID want. It returns them in the tree's order and with the tree's modes, or
// an [*IntegrityError], or the context's error.
func proveFolder(ctx context.Context, listed []gitobj.Entry, path, want string) ([]gitobj.Entry, error) {
	p := &proof{ctx: ctx, want: want, left: maxProof}
	sorted := slices.Clone(listed)
	gitobj.SortEntries(sorted)
	data, err := gitobj.EncodeTree(sorted)
	if err != nil {
		return nil, err
	}
	got := gitobj.ID("tree", data)
	if got == want {
		return sorted, nil
	}
	entries, err := p.foreign(sorted, listed)
	if err != nil {
		return nil, err
	}
	if entries == nil && p.historicModes(sorted, data) {
		entries = sorted
	}
	switch {
	case p.err != nil:
		return nil, p.err
	case entries == nil:
		return nil, &IntegrityError{Folder: true, Path: path, Want: want, Got: got}
	}
	return entries, nil
}

// makes reports whether data is the tree. It is false once the search has to
// stop.
func (p *proof) makes(data []byte) bool {
	if p.stopped() {
		return false
	}
	p.left -= len(data)
	return gitobj.ID("tree", data) == p.want
}

// stopped reports whether the search has to stop.
func (p *proof) stopped() bool {
	if p.err == nil {
		p.err = p.ctx.Err()
	}
	return p.err != nil || p.left < 0
}

// foreign returns the entries in the order in which another program than git
// wrote them, nil if none of the known ones makes the tree: sorted by name alone,
// where git puts a slash behind the names of folders, or in the order of the
// reply; each with and without a zero in front of the modes of folders.
func (p *proof) foreign(sorted, listed []gitobj.Entry) ([]gitobj.Entry, error) {
	byName := slices.Clone(sorted)
	slices.SortStableFunc(byName, func(a, b gitobj.Entry) int { return strings.Compare(a.Name, b.Name) })
	for i, entries := range [][]gitobj.Entry{sorted, byName, listed} {
		if i > 0 && slices.Equal(entries, sorted) {
			continue
		}
		for _, padded := range []bool{false, true} {
			data, err := gitobj.EncodeForeignTree(entries, padded)
			if err != nil {
				return nil, err
			}
			if p.makes(data) {
				return entries, nil
			}
		}
	}
	return nil, nil
}

// historicModes sets the modes of regular files to 0100664, as early versions of
// git wrote it, such that the entries, of which data is the tree object, make the
// tree: all of them, all but one, one alone, or any mix in a small folder. The API
// only says whether a file is executable. It reports whether it found such modes
// and changes no entry otherwise.
func (p *proof) historicModes(entries []gitobj.Entry, data []byte) bool {
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
	odd := func() bool {
		for n := range min(len(digits), maxOddFiles) {
			if toggle(n); p.makes(data) {
				return true
			}
			if toggle(n); p.stopped() {
				return false
			}
		}
		return false
	}
	search := func() bool {
		if len(files) <= maxMixedFiles {
			for i := uint(1); i < 1<<len(files) && !p.stopped(); i++ {
				// A Gray code visits every mix with one change each.
				if toggle(bits.TrailingZeros(i)); p.makes(data) {
					return true
				}
			}
			return false
		}
		if toggleAll(); p.makes(data) || odd() {
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
