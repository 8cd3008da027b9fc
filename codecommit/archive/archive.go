package archive

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/codesuite-go/codesuite/codecommit"
)

// Archiver makes archives of one repository. It is safe for concurrent use.
//
// GetDifferences lists the whole tree in pages. Files are fetched, and written, in
// the order of the tree while pages arrive. Where pages are too slow to keep the
// calls in flight busy, or list in another order, idle calls of GetFolder list the
// folders that are next; they list all of them where the pages fail their proof.
// Each blob is fetched once, however often it occurs, as long as copies fit into 16
// MiB. A file that attributes convert is held as a whole.
type Archiver struct {
	repo     *codecommit.Repository
	options  Options // with the defaults filled in
	selected selection
	limits   limits
	err      error // why no archive can be made
}

// New returns an Archiver of the repository. It calls nothing and never panics:
// it checks the options, and an error in them is the error of making an archive.
func New(repo *codecommit.Repository, optFns ...func(*Options)) *Archiver {
	a := &Archiver{repo: repo, options: Options{Concurrency: DefaultConcurrency}, limits: limits{windowSize, keptSize}}
	for _, fn := range optFns {
		if fn != nil {
			fn(&a.options)
		}
	}
	a.options.Concurrency = cmp.Or(a.options.Concurrency, DefaultConcurrency)
	a.err = a.check()
	return a
}

// check checks the options that depend on nothing but themselves.
func (a *Archiver) check() (err error) {
	o := &a.options
	if a.repo == nil {
		return errors.New("archive: New was called without a repository: it is nil")
	}
	if o.Concurrency < 0 {
		return fmt.Errorf("archive: Concurrency is %d, it must not be negative", o.Concurrency)
	}
	if err := checkPrefix(o.Prefix); err != nil {
		return err
	}
	for _, f := range o.Extra {
		if err := f.check(o.Prefix); err != nil {
			return fmt.Errorf("archive: Extra: %w", err)
		}
	}
	if o.Level < NoCompression || o.Level > MaxLevel {
		return fmt.Errorf("archive: Level is %d, it must be from 1 to %d, 0 for the default, or NoCompression", o.Level, MaxLevel)
	}
	if !o.ModTime.IsZero() && o.ModTime.Unix() < 0 {
		return fmt.Errorf("archive: ModTime is %v, it must not be before 1970", o.ModTime)
	}
	a.selected, err = newSelection(o.Paths, o.Pathspecs)
	return err
}

// Zip describes a zip archive of the commit that specifier names, as
// [codecommit.Repository.Resolve] takes it: a branch, a tag, a full reference, a
// commit ID or "HEAD". With a colon and a folder behind it, such as "main:docs",
// the archive is of that folder, with names from there. As for git, that is a
// tree and no commit: the archive has no commit ID, and export-subst expands
// nothing. The times are those of the commit, where git takes the clock.
func (a *Archiver) Zip(specifier string) *Archive {
	return &Archive{archiver: a, specifier: specifier, newFormat: newZipFormat, isZip: true}
}

// Tar describes a tar archive of the commit that specifier names, as [Archiver.Zip]
// takes it.
func (a *Archiver) Tar(specifier string) *Archive {
	return &Archive{archiver: a, specifier: specifier, newFormat: newTarFormat}
}

// TarGz describes a tar archive, compressed with gzip, of the commit that
// specifier names, as [Archiver.Zip] takes it.
func (a *Archiver) TarGz(specifier string) *Archive {
	return &Archive{archiver: a, specifier: specifier, newFormat: newTarGzFormat}
}

// Archive describes an archive that [Archive.Bytes], [Archive.Write] or
// [Archive.Save] makes, each time anew. It is safe for concurrent use.
//
// # Zip
//
// A zip archive has the members of git archive --format=zip, with the same order,
// types, executable bits, link targets, extended timestamps and text flags, and
// with the commit ID as its comment. Two things differ from git's zip: the
// compressed bytes, because the compressor is another one, and the MS-DOS times,
// which are in UTC and stay within the years 1980 to 2107 that the format knows.
//
// # Attributes
//
// The .gitattributes files of the tree count: export-ignore, export-subst, and
// the conversions of text, eol, ident and working-tree-encoding, as with
// core.autocrlf=false, core.eol=lf and no filter. [Options.KeepUnconverted] lists
// the encodings.
//
// export-subst depends on the commit alone. Abbreviated IDs (%h, %t, %p) have
// seven digits. Decorations, reflogs and signatures are empty, and %(describe)
// knows no tags, as in a clone without any. Relative dates are given in full.
// Names by mailmap (%aN, %cE and the like) follow the .mailmap of the archived
// tree; git takes that of its work tree or of HEAD. A commit whose message is not
// UTF-8, or whose people and dates are malformed, may be expanded differently.
//
// The model is git 2.39 with the form of %aI and %cI in UTC of git 2.45 and
// later: "2025-03-01T11:30:00Z". Older versions of git write "+00:00".
type Archive struct {
	archiver  *Archiver
	specifier string
	newFormat newFormat
	isZip     bool
}

// Bytes makes the archive in memory. It returns all of it, proven, or none.
func (ar *Archive) Bytes(ctx context.Context) ([]byte, error) {
	var buf bytes.Buffer
	if _, err := ar.make(ctx, &buf, func() error { buf.Reset(); return nil }); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}

// Write makes the archive and writes it to w as it is made. It does not close
// w. After an error, what w holds is no archive, and must not be used as one: files
// are written while others are still listed, and the proof of the listing comes
// last. Nothing is written before the reference is resolved. A listing that fails
// its proof after files were written ends Write with an [*IntegrityError], where
// [Archive.Save] and [Archive.Bytes] start anew. Write returns when ctx ends, but
// cannot end a call of w.Write: give w a deadline of its own if it may block.
//
// Write holds 16 MiB of blobs that wait for their turn, 16 MiB of blobs that occur
// or may occur several times, and the blobs in flight. Writing starts when the
// listing is proven, or when 16 MiB wait and the pages list files and folders in the
// order of the tree. A file that attributes convert is held as
// a whole, up to 512 MiB; as in git, larger files are not converted.
func (ar *Archive) Write(ctx context.Context, w io.Writer) (*Info, error) {
	return ar.make(ctx, w, nil)
}

// make makes the archive. A rewind takes back what was written so far; without
// it, what is written stays.
func (ar *Archive) make(ctx context.Context, w io.Writer, rewind func() error) (*Info, error) {
	a := ar.archiver
	if a.err != nil {
		return nil, a.err
	}
	return a.newJob(ar, w, rewind).run(ctx, ar.specifier)
}
