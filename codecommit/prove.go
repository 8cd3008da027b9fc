package codecommit

import "github.com/codesuite-go/codesuite/internal/gitobj"

// proveFolder checks that the entries make the tree of the ID want. The API
// tells only whether a file is executable, while old repositories hold other
// permission bits: where the modes of today do not make the tree, it looks for
// those that do and sets them.
func proveFolder(entries []gitobj.Entry, path, want string) error {
	got, err := gitobj.TreeID(entries)
	if err != nil {
		return err
	}
	if got == want || historicModes(entries, want) {
		return nil
	}
	return &IntegrityError{Path: path, Want: want, Got: got}
}

// maxMixedFiles bounds the search for historic modes: that many files may have
// them in any mix, 2^maxMixedFiles trees to hash.
const maxMixedFiles = 10

// maxOddFiles bounds the search for the one file that differs from all others:
// it hashes two trees a file, which a damaged listing of a huge folder must not
// make us do.
const maxOddFiles = 1000

// historicModes sets the modes of regular files to 0100664, as early versions
// of git wrote it, such that the entries make the tree of the ID want: all of
// them, all but one, one alone, or any mix in a small folder. It reports whether
// it found such modes and changes nothing otherwise.
func historicModes(entries []gitobj.Entry, want string) bool {
	var files []int
	for i, e := range entries {
		if e.Mode == gitobj.ModeFile {
			files = append(files, i)
		}
	}
	set := func(group func(n int) bool) bool {
		for n, i := range files {
			entries[i].Mode = gitobj.ModeFile
			if group(n) {
				entries[i].Mode = gitobj.ModeGroupWritable
			}
		}
		id, err := gitobj.TreeID(entries)
		return err == nil && id == want
	}
	if len(files) <= maxMixedFiles {
		for mix := 1; mix < 1<<len(files); mix++ {
			if set(func(n int) bool { return mix&(1<<n) != 0 }) {
				return true
			}
		}
	} else {
		if set(func(int) bool { return true }) {
			return true
		}
		for only := range files[:min(len(files), maxOddFiles)] {
			if set(func(n int) bool { return n == only }) || set(func(n int) bool { return n != only }) {
				return true
			}
		}
	}
	set(func(int) bool { return false })
	return false
}
