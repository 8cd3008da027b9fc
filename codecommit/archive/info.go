package archive

import "github.com/codesuite-go/codesuite/codecommit"

// Progress is the state of an archive that is being made.
type Progress struct {
	Listed  int   // files listed so far, with those that follow from a base
	Members int   // members written, which begins while files are being listed
	Total   int   // members in all; 0 while files are being listed
	Bytes   int64 // content written, before compression
}

// Info describes a finished archive.
type Info struct {
	Commit     *codecommit.Commit
	Files      int   // regular files and links
	Bytes      int64 // size of the archive
	Calls      int   // HTTP requests to the API, with retries
	Submodules []Submodule
	LFS        []LFSPointer
	Base       BaseInfo

	// Unconverted are the files whose encoding this package cannot produce,
	// with [Options.KeepUnconverted].
	Unconverted []Unconverted
}

// Unconverted is a file that is in UTF-8 in the archive, although its attribute
// working-tree-encoding names another encoding.
type Unconverted struct {
	Path     string
	Encoding string // the value of the attribute
}

// Submodule is a submodule, which is an empty folder in the archive.
type Submodule struct {
	Path   string
	Commit string // the commit ID that the repository records
}

// LFSPointer is a file that stands for one in Git LFS. The archive holds the
// pointer, as the repository does.
type LFSPointer struct {
	Path string
	OID  string // SHA-256 of the content in LFS, in hexadecimal
	Size int64  // of the content in LFS, in bytes
}

// BaseInfo describes the use of [Options.Base].
type BaseInfo struct {
	Commit  string // the commit that the base is an archive of
	Reused  int    // members copied from the base
	Ignored string // the reason why the base does not fit; empty if it fits or if there is none
}
