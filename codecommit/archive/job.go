package archive

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/codesuite-go/codesuite/codecommit"
	"github.com/codesuite-go/codesuite/internal/gitpretty"
)

// job is the making of one archive.
type job struct {
	options   Options
	w         io.Writer
	rewind    func() error // takes back what was written; may be nil
	newFormat newFormat
	isZip     bool
	limits    limits

	selected selection
	logger   *slog.Logger
	repo     *codecommit.Repository // counts its calls
	calls    atomic.Int64
	commit   *codecommit.Commit
	root     string // the folder that is archived; "" for all
	isTree   bool   // the specifier names a tree, not a commit
	base     *base  // nil if there is none that fits
	expander *gitpretty.Expander
	progress Progress
	info     Info
}

// newJob returns the making of an archive of specifier for w.
func (a *Archiver) newJob(ar *Archive, w io.Writer, rewind func() error) *job {
	j := &job{options: a.options, w: w, rewind: rewind, newFormat: ar.newFormat, isZip: ar.isZip, limits: a.limits, selected: a.selected, logger: a.options.Logger}
	j.repo = a.repo.With(func(ro *codecommit.Options) {
		onCall := ro.OnCall
		ro.OnCall = func(c codecommit.Call) {
			j.calls.Add(int64(c.Attempts))
			if onCall != nil {
				onCall(c)
			}
		}
		ro.SkipVerify = ro.SkipVerify || j.options.SkipVerify
		if j.logger != nil {
			ro.Logger = j.logger
		}
	})
	if j.logger == nil {
		j.logger = slog.New(slog.DiscardHandler)
	}
	return j
}

func (j *job) run(ctx context.Context, specifier string) (*Info, error) {
	var err error
	reference, folder, isTree := strings.Cut(specifier, ":")
	if j.isTree = isTree; isTree && reference == "" {
		return nil, fmt.Errorf("archive: %q names no commit before the colon", specifier)
	}
	if folder != "" {
		if j.root, err = cleanPath(folder); err != nil {
			return nil, fmt.Errorf("archive: %q: %w", specifier, err)
		}
	}
	if j.commit, err = j.repo.Resolve(ctx, reference); err != nil {
		return nil, err
	}
	known, calls, err := j.useBase(ctx)
	if err != nil {
		return nil, err
	}
	l, err := newListing(j, known)
	if err != nil {
		return nil, err
	}
	if known != nil {
		l.walk, l.calls, l.unpaged = walkAll, calls, true
	}
	base := j.info.Base
	err = j.make(ctx, l)
	var unproven *unprovenError
	if errors.As(err, &unproven) {
		if j.info.Bytes > 0 && j.rewind == nil {
			return nil, unproven.err
		}
		if j.info.Bytes > 0 {
			if err := j.rewind(); err != nil {
				return nil, err
			}
		}
		j.info, j.progress, j.expander = Info{Base: base}, Progress{}, nil
		if l, err = newListing(j, l.known); err != nil {
			return nil, err
		}
		l.walk = walkAll
		err = j.make(ctx, l)
	}
	if err != nil {
		return nil, err
	}
	j.info.Commit = j.commit
	j.info.Calls = int(j.calls.Load())
	return &j.info, nil
}

// format writes one kind of archive.
type format interface {
	// encode returns the content of a member as the archive holds it. It is
	// called from several goroutines, and keeps content.
	encode(m *member, content []byte) (*encoded, error)

	// add writes a member.
	add(m *member, e *encoded) error

	// addFile writes a member that is too large for memory, whose content is
	// the first size bytes of file.
	addFile(m *member, file io.ReaderAt, size int64) error

	// close writes the end of the archive.
	close() error

	// abandon ends what runs in the background; after close it does nothing.
	abandon()
}

// stamp is what all members of an archive share.
type stamp struct {
	commitID string // "" if the archive is not of a commit
	time     time.Time
	level    int // of compression, from 0 to 9
}

func (j *job) stamp() stamp {
	s := stamp{commitID: j.commit.ID, time: j.commit.Committer.Time, level: j.options.Level}
	if j.isTree {
		s.commitID = ""
	}
	if !j.options.ModTime.IsZero() {
		s.time = j.options.ModTime
	}
	switch s.level {
	case 0:
		s.level = defaultLevel
	case NoCompression:
		s.level = 0
	}
	return s
}

type newFormat func(io.Writer, stamp) (format, error)

func (j *job) report() {
	if j.options.Progress != nil {
		j.options.Progress(j.progress)
	}
}

// local returns the path of the repository as one from the folder that is
// archived, and reports whether it is in there.
func (j *job) local(p string) (string, bool) {
	if j.root == "" {
		return p, true
	}
	return strings.CutPrefix(p, j.root+"/")
}

// full returns the path of the repository of one from the folder that is
// archived.
func (j *job) full(local string) string {
	if j.root == "" {
		return local
	}
	return j.root + "/" + local
}

// reaches reports whether the folder of the repository can hold, or be in,
// something that is archived.
func (j *job) reaches(folder string) bool {
	if below(j.root, folder) {
		return true
	}
	local, inside := j.local(folder)
	return inside && j.selected.reaches(local)
}

// isBlob reports whether an entry of the mode has content to fetch.
func isBlob(mode codecommit.Mode) bool {
	switch mode.Canonical() {
	case codecommit.ModeFile, codecommit.ModeExecutable, codecommit.ModeSymlink:
		return true
	}
	return false
}

// make makes the archive from the listing, and sets j.info.Bytes to what is
// written.
func (j *job) make(ctx context.Context, l *listing) error {
	// Nothing that this call starts outlives it.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	out := &output{w: j.w}
	buffered := bufio.NewWriterSize(out, 128<<10)
	format, err := j.newFormat(buffered, j.stamp())
	if err != nil {
		return err
	}
	defer func() {
		// What a compressor has left must not make an end of the archive.
		out.stop()
		format.abandon()
		j.info.Bytes = out.written()
	}()
	f := newFetcher(ctx, cancel, j, l, format)
	defer f.stop()
	f.start()
	if err := j.write(ctx, f, out); err != nil {
		return err
	}
	if err := format.close(); err != nil {
		return out.wrap(nil, err)
	}
	if err := buffered.Flush(); err != nil {
		return out.wrap(nil, err)
	}
	return nil
}

// write writes the members in their order as f delivers them.
func (j *job) write(ctx context.Context, f *fetcher, out *output) error {
	for i := 0; ; i++ {
		m, e, err := f.member(i)
		if m == nil || err != nil {
			return err
		}
		if e.tooLarge {
			if err = j.writeLarge(ctx, f.format, m, f.otherLarge(i)); err != nil && ctx.Err() != nil {
				return cmp.Or(f.failure(), out.wrap(m, err)) // LargeBlob ends with what ended the rest
			}
		} else {
			err = f.format.add(m, e)
			j.progress.Bytes += e.size
		}
		if err != nil {
			return out.wrap(m, err)
		}
		if e.lfs != nil {
			j.info.LFS = append(j.info.LFS, LFSPointer{Path: m.path, OID: e.lfs.OID, Size: e.lfs.Size})
		}
		if e.unconverted != "" {
			j.info.Unconverted = append(j.info.Unconverted, Unconverted{Path: m.path, Encoding: e.unconverted})
		}
		if !m.isFolder() {
			j.info.Files++
		}
		f.written(i)
		j.progress.Members++
		j.report()
	}
}
