package archive

import (
	"archive/zip"
	"context"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"time"

	"github.com/codesuite-go/codesuite/codecommit"
)

// DefaultConcurrency is the default of [Options.Concurrency].
const DefaultConcurrency = 32

// Levels of compression, for [Options.Level].
const (
	NoCompression = -1
	MaxLevel      = 9

	defaultLevel = 6
)

// Options configure an [Archiver]. The zero value holds the defaults.
type Options struct {
	// Prefix is put before every path, as with git archive --prefix. A prefix
	// that ends in a slash is a folder, and a member of the archive. The
	// default is none.
	Prefix string

	// Paths restricts the archive to these files and folders, with all that is
	// below them. They are paths from the root of the repository, not
	// patterns; each must exist. The default is the whole tree.
	Paths []string

	// Pathspecs restricts the archive as the paths of git's command line do:
	// with wildcards, as in "*.go" or ":(glob)src/**/*.go", and with
	// ":(exclude)vendor" or ":!vendor". Each must match something. They add to
	// Paths. The magic words are top, exclude, icase, literal and glob.
	Pathspecs []string

	// Extra are members to add behind those of the repository, under Prefix.
	Extra []File

	// ModTime is the time of all members, as with git archive --mtime. The
	// default is the committer's time of the commit.
	ModTime time.Time

	// Level is the level of compression of zip and tar.gz archives, from 1 for
	// the fastest to [MaxLevel] for the smallest, or [NoCompression]. The
	// default is 6.
	Level int

	// KeepUnconverted archives a file as it is in the repository if this
	// package cannot produce the encoding of its attribute
	// working-tree-encoding, and lists it in [Info.Unconverted]. By default
	// such a file is an error.
	//
	// The package produces the encodings of Unicode, ISO-8859, Windows and DOS,
	// KOI8, Shift_JIS, EUC, GBK, GB18030 and Big5, by the names and with the
	// bytes of glibc's iconv. It cannot produce another encoding, or a
	// character whose bytes are not certain. Names that iconv does not know
	// convert nothing, as in git, and are no error in either case.
	KeepUnconverted bool

	// Concurrency is the number of calls of the API that may be in flight.
	// Throttling lowers it for a while. The default is [DefaultConcurrency].
	Concurrency int

	// Progress is called from one goroutine: after each thousand files that
	// are listed, when all are listed, and after each member. The archive
	// waits while it runs.
	Progress func(Progress)

	// SkipVerify turns off the check of blobs, and of the listing of files,
	// against their object IDs.
	SkipVerify bool

	// Base is an earlier zip archive of the same repository, made by this
	// package at the same Level. Only what it lacks is fetched, and the files
	// need not even be listed anew if it was made with the same options. The
	// result has the same bytes as without Base. A base that does not fit is
	// ignored, and [Info.Base] says why, as for a tar archive, which has none. It
	// must not change meanwhile.
	Base *zip.Reader

	// LargeBlob supplies the content of files over 6 MB, which the API does
	// not return. The function LargeBlob of package gitfetch fetches them by
	// Git's protocol; they can also come from a clone, a bucket or wherever they
	// are. It is called from one goroutine, in the order of the archive, with one
	// context for the whole archive that ends with it. The reader is closed. Its
	// content goes through a temporary file and is checked against the blob ID.
	// Without LargeBlob such files are a [*TooLargeError].
	LargeBlob func(context.Context, BlobRef) (io.ReadCloser, error)

	// Logger logs when the listing has to be made another way, and takes the
	// place of the [codecommit.Repository]'s logger. The default is silent.
	Logger *slog.Logger
}

// File is a member added to an archive.
type File struct {
	Name    string      // a path with slashes
	Mode    fs.FileMode // regular, executable if any execute bit is set, or [fs.ModeSymlink]
	Content []byte      // of a link: its target
	AtRoot  bool        // Name is that in the archive: Options.Prefix does not count
}

// fullName returns the name in the archive.
func (f *File) fullName(prefix string) string {
	if f.AtRoot {
		return f.Name
	}
	return prefix + f.Name
}

// check checks what depends on the file alone.
func (f *File) check(prefix string) error {
	if err := checkTreePath(f.Name); err != nil {
		return err
	}
	if !f.Mode.IsRegular() && f.Mode.Type() != fs.ModeSymlink {
		return fmt.Errorf("%q has mode %v, it must be a regular file or a link", f.Name, f.Mode)
	}
	return checkName(f.fullName(prefix))
}

// BlobRef names a file over the API's limit.
type BlobRef = codecommit.BlobRef
