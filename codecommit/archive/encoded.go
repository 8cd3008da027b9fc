package archive

import (
	"errors"
	"fmt"
	"slices"

	"github.com/codesuite-go/codesuite/codecommit"
)

// encoded is the content of a member in the form that the archive has it.
type encoded struct {
	data     []byte
	size     int64     // before compression
	method   uint16    // of compression, in a zip archive
	crc32    uint32    // in a zip archive
	binary   bool      // by the content, in a zip archive
	base     *baseFile // the member to copy, in a zip archive
	lfs      *LFSPointer
	tooLarge bool // the API does not return the content
	asBlob   bool // data is the content of the blob, and is encoded when the member is due

	unconverted string // the encoding that the content should have and has not

	blob   *blob   // that it is a form of; nil for others
	member *member // that it was encoded for
	uses   []int   // the members that use it and are not written yet, in order
	kept   bool    // counted as kept, not as waiting
}

func (e *encoded) cost() int64 { return int64(len(e.data)) + blobCost }

// lost says that e is not held any more.
func (e *encoded) lost() {
	if e.blob.form == e {
		e.blob.form = nil
	}
}

// encode makes the encoded members that use a blob that has arrived. The caller
// holds mu.
func (f *fetcher) encode(b *blob) {
	uses := b.uses
	tooLarge := errors.Is(b.err, codecommit.ErrTooLarge)
	switch {
	case tooLarge && f.job.options.LargeBlob == nil:
		b.uses = nil
		for _, i := range uses {
			f.tooLarge = append(f.tooLarge, &TooLargeError{Path: f.members[i].path, BlobID: b.id, Limit: codecommit.MaxBlobSize})
		}
		f.workers.Broadcast()
	case tooLarge:
		b.uses = nil
		for _, i := range uses {
			f.deliver(&encoded{tooLarge: true, uses: []int{i}})
		}
	case b.err != nil && len(uses) > 0 && f.planned:
		f.fail(fmt.Errorf("archive: %q: %w", f.members[uses[0]].path, b.err))
	case b.err != nil:
	case len(uses) == 0 || f.draining():
		f.forget(b)
		f.workers.Broadcast()
	default:
		f.running.Go(func() {
			select {
			case f.cpu <- struct{}{}:
				defer func() { <-f.cpu }()
				f.encodeAll(b)
			case <-f.ctx.Done():
			}
		})
	}
}

// encodeAll encodes the blob for the member that needs it first, and then in
// each other form that its members need. Members whose form cannot be kept
// until they are due have the blob fetched again.
func (f *fetcher) encodeAll(b *blob) {
	for isFirst, more := true, true; more; isFirst = false {
		f.mu.Lock()
		m := f.members[b.uses[0]]
		f.mu.Unlock()
		e, err := &encoded{data: b.content, asBlob: true}, error(nil)
		// As for git, %(describe) has a meaning only the first time: members
		// with export-subst must be expanded in their order.
		if !m.isSubstituted() {
			e, err = f.encodeMember(m, b.content)
		}
		if err != nil {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.fail(err)
			return
		}
		e.blob, e.member = b, m
		more = f.distribute(e, isFirst)
	}
}

// distribute hands e, a blob encoded for the first member that still needs it,
// to the writer, and reports whether the blob is to be encoded for others.
func (f *fetcher) distribute(e *encoded, isFirst bool) (more bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	b := e.blob
	// Only the first member of all is due soon. What others need in another form
	// has to be kept for long.
	if !isFirst && !f.budget.keep(e.cost()) {
		f.forget(b)
		f.order.plan(b)
		f.workers.Signal()
		return false
	}
	if isFirst {
		f.budget.hold(e.cost())
	}
	e.kept = !isFirst
	var others []int
	for _, i := range b.uses {
		if f.members[i].sameContent(e.member) {
			e.uses = append(e.uses, i)
		} else {
			others = append(others, i)
		}
	}
	b.uses, b.form = others, e
	f.deliver(e)
	if len(others) > 0 {
		return true
	}
	f.forget(b)
	f.workers.Signal()
	return false
}

// forget lets go of the blob's content: who needs it again has it fetched again.
// The caller holds mu.
func (f *fetcher) forget(b *blob) {
	f.budget.drop(b.cost())
	b.content, b.arrived, b.started = nil, false, false
}

// deliver hands e to the writer, for the members that use it. The caller holds
// mu.
func (f *fetcher) deliver(e *encoded) {
	for _, i := range e.uses {
		f.encoded[i] = e
	}
	if !f.open || f.encoded[f.order.writing] != nil {
		f.writer.Signal()
	}
}

// member waits for member i, encoded. Members are asked for in their order. After
// the last one it returns nil.
func (f *fetcher) member(i int) (*member, *encoded, error) {
	m, e, err := f.wait(i)
	switch {
	case m == nil || err != nil:
		return nil, nil, err
	case m.base != nil:
		return m, &encoded{size: int64(m.base.UncompressedSize64), base: m.base, lfs: m.base.lfs}, nil
	case !m.hasBlob():
		e, err = f.format.encode(m, m.extra)
	case e.asBlob:
		e, err = f.encodeMember(m, e.data)
	}
	return m, e, err
}

// wait waits for member i, and for its encoded content if it has a blob. Meanwhile
// it reports the progress of the listing.
func (f *fetcher) wait(i int) (*member, *encoded, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.order.writing = i
	f.workers.Signal() // its blob may be fetched without room
	for f.err == nil {
		if err := f.ctx.Err(); err != nil { // which start's goroutine may tell too late
			f.fail(fmt.Errorf("archive: %w", err))
			continue
		}
		// Until the listing is proven, nothing is written while the window has
		// room, or while the order of the pages is not clear.
		f.open = f.open || f.planned || !f.budget.room() && f.listing.trusted()
		switch {
		case f.reported/listedStep < f.listed/listedStep || f.planned && !f.finished:
			f.reported, f.finished = f.listed, f.planned
			f.job.progress.Listed = f.listed
			if f.planned {
				f.job.progress.Total = len(f.members)
			}
			f.unlocked(f.job.report)
			continue
		case !f.open || i == len(f.members) && !f.planned:
		case i == len(f.members):
			return nil, nil, nil
		case !f.members[i].hasBlob() || f.encoded[i] != nil:
			return f.members[i], f.encoded[i], nil
		}
		f.writer.Wait()
	}
	return nil, nil, f.err
}

// unlocked calls do without mu, which the caller holds.
func (f *fetcher) unlocked(do func()) {
	f.mu.Unlock()
	defer f.mu.Lock()
	do()
}

// listedStep is how many files are listed between two reports of that.
const listedStep = 1000

// written says that member i is written.
func (f *fetcher) written(i int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	e := f.encoded[i]
	f.encoded[i] = nil
	if e == nil || e.tooLarge {
		return
	}
	e.uses = e.uses[1:]
	if !e.kept {
		f.budget.drop(e.cost())
		f.workers.Signal()
	}
	switch b := e.blob; {
	case len(e.uses) > 0 && !e.kept && !f.budget.keep(e.cost()):
		f.again(e)
	case len(e.uses) > 0:
		e.kept = true
	case e.kept && !f.planned, !e.kept && !f.planned && e.cost() <= spareSize && f.budget.keep(e.cost()):
		e.kept = true
		f.budget.spare = append(f.budget.spare, e)
	default:
		if e.kept {
			f.budget.release(e.cost())
		}
		if b.form == e {
			b.form = nil
		}
	}
}

// again has the blob of e fetched again for the members that still need it. The
// caller holds mu.
func (f *fetcher) again(e *encoded) {
	b := e.blob
	for _, i := range e.uses {
		f.encoded[i] = nil
	}
	b.uses = append(b.uses, e.uses...)
	slices.Sort(b.uses)
	e.uses = nil
	e.lost()
	if !b.started {
		f.order.plan(b)
		f.workers.Signal()
	}
}

// encodeMember converts and encodes the content of a blob for a member.
func (f *fetcher) encodeMember(m *member, content []byte) (*encoded, error) {
	converted, unconverted, err := f.job.convert(m, content)
	if err != nil {
		return nil, fmt.Errorf("archive: %q: %w", m.path, err)
	}
	e, err := f.format.encode(m, converted)
	if err != nil {
		return nil, fmt.Errorf("archive: %q: %w", m.path, err)
	}
	e.unconverted = unconverted
	if p, ok := parseLFSPointer(content); ok && !m.isLink() {
		e.lfs = &p
	}
	return e, nil
}
