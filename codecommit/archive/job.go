package archive

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"sync/atomic"

	"github.com/codesuite-go/codesuite/codecommit"
	"github.com/codesuite-go/codesuite/internal/gitpretty"
)

// job is the making of one archive.
type job struct {
	options   Options // with the defaults filled in
	w         io.Writer
	newFormat newFormat
	isZip     bool

	selected selection
	logger   *slog.Logger
	repo     *codecommit.Repository // counts its calls
	calls    atomic.Int64
	commit   *codecommit.Commit
	base     *base // nil if there is none that fits
	expander *gitpretty.Expander
	progress Progress
	info     Info
}

func (j *job) run(ctx context.Context, repo *codecommit.Repository, specifier string) (*Info, error) {
	if err := j.prepare(repo); err != nil {
		return nil, err
	}
	// Nothing that this call starts outlives it.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()

	var err error
	if j.commit, err = j.repo.Resolve(ctx, specifier); err != nil {
		return nil, err
	}
	f := newFetcher(ctx, cancel, j)
	defer f.stop()
	members, err := j.plan(ctx, f)
	if err != nil {
		return nil, f.cause(err)
	}
	if err := j.write(ctx, f, members); err != nil {
		return nil, err
	}
	f.stop()
	j.info.Commit = j.commit
	j.info.Calls = int(j.calls.Load())
	return &j.info, nil
}

func (j *job) prepare(repo *codecommit.Repository) error {
	o := &j.options
	if o.Concurrency < 0 {
		return fmt.Errorf("archive: Concurrency is %d, it must not be negative", o.Concurrency)
	}
	o.Concurrency = cmp.Or(o.Concurrency, DefaultConcurrency)
	j.logger = o.Logger
	if j.logger == nil {
		j.logger = slog.New(slog.DiscardHandler)
	}
	if err := checkPrefix(o.Prefix); err != nil {
		return err
	}
	var err error
	if j.selected, err = newSelection(o.Paths); err != nil {
		return err
	}
	j.repo = repo.With(func(ro *codecommit.Options) {
		onCall := ro.OnCall
		ro.OnCall = func(c codecommit.Call) {
			j.calls.Add(int64(c.Attempts))
			if onCall != nil {
				onCall(c)
			}
		}
		ro.SkipVerify = ro.SkipVerify || o.SkipVerify
		if o.Logger != nil {
			ro.Logger = o.Logger
		}
	})
	return nil
}

// plan lists the tree and returns the members of the archive, while f starts
// to fetch blobs as they are listed.
func (j *job) plan(ctx context.Context, f *fetcher) ([]*member, error) {
	t, err := j.useBase(ctx)
	if err != nil {
		return nil, err
	}
	if t == nil {
		t, err = j.list(ctx, func(e codecommit.Entry) {
			if j.progress.Listed++; j.progress.Listed%1000 == 0 {
				j.report()
			}
			if isBlob(e.Mode) && j.selected.selects(e.Path) && !j.base.has(e.ID) {
				f.prefetch(e)
			}
		})
		if err != nil {
			return nil, err
		}
	}
	attributes, err := j.attributes(f, t)
	if err != nil {
		return nil, err
	}
	members, err := j.members(t, attributes)
	if err != nil {
		return nil, err
	}
	j.expander, err = j.newExpander(f, t, members)
	return members, err
}

func (j *job) report() {
	if j.options.Progress != nil {
		j.options.Progress(j.progress)
	}
}

// isBlob reports whether an entry of the mode has content to fetch.
func isBlob(mode codecommit.Mode) bool {
	switch mode.Canonical() {
	case codecommit.ModeFile, codecommit.ModeExecutable, codecommit.ModeSymlink:
		return true
	}
	return false
}

// write writes the members in their order as f delivers them.
func (j *job) write(ctx context.Context, f *fetcher, members []*member) error {
	out := &output{w: j.w}
	buffered := bufio.NewWriterSize(out, 128<<10)
	format, err := j.newFormat(buffered, j.commit)
	if err != nil {
		return err
	}
	defer func() {
		// What a compressor has left must not make an end of the archive.
		out.stop()
		format.abandon()
	}()
	f.start(members, format)

	j.progress.Total = len(members)
	j.report()
	for i, m := range members {
		r, err := f.result(i)
		if err != nil {
			return err
		}
		if r.tooLarge {
			err = j.writeLarge(ctx, format, m)
		} else {
			err = format.add(m, r)
			j.progress.Bytes += r.size
		}
		if err != nil {
			return out.wrap(m, err)
		}
		if r.lfs != nil {
			j.info.LFS = append(j.info.LFS, LFSPointer{Path: m.path, OID: r.lfs.OID, Size: r.lfs.Size})
		}
		if !m.isFolder() {
			j.info.Files++
		}
		f.release(i)
		j.progress.Members++
		j.report()
	}
	if err := format.close(); err != nil {
		return out.wrap(nil, err)
	}
	if err := buffered.Flush(); err != nil {
		return out.wrap(nil, err)
	}
	j.info.Bytes = out.written()
	return nil
}
