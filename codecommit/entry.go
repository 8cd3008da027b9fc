package codecommit

import (
	"io/fs"

	"github.com/codesuite-go/codesuite/internal/gitobj"
)

// Mode is the mode of an entry as git stores it, such as 0100644. Old
// repositories hold other permission bits than the constants, such as 0100664.
type Mode uint32

// The modes that git writes.
const (
	ModeFolder     Mode = 0o040000
	ModeFile       Mode = 0o100644
	ModeExecutable Mode = 0o100755
	ModeSymlink    Mode = 0o120000
	ModeSubmodule  Mode = 0o160000
)

// Canonical returns the one of the constants that m stands for, or 0.
func (m Mode) Canonical() Mode { return Mode(gitobj.Mode(m).Canonical()) }

// FileMode returns m in the terms of io/fs: a file has 0644 or 0755, a link
// 0777, a folder 0755. A submodule is an empty folder.
func (m Mode) FileMode() fs.FileMode { return gitobj.Mode(m).FileMode() }

// String returns the six octal digits that the API uses, such as "100644".
func (m Mode) String() string { return gitobj.Mode(m).String() }

// Entry is one entry of a repository's tree.
type Entry struct {
	Path string // from the root of the repository, with slashes, without a leading one
	Mode Mode
	ID   string // of the blob, of a folder's tree or of a submodule's commit
}
