package archive

import (
	"errors"
	"fmt"

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

	users int  // members that use it and are not written yet
	kept  bool // counted as kept, not as waiting
}

func (e *encoded) cost() int64 { return int64(len(e.data)) + blobCost }

// encode makes the encoded members that use a blob that has arrived. The caller
// holds mu.
func (f *fetcher) encode(b *blob) {
	tooLarge := errors.Is(b.err, codecommit.ErrTooLarge)
	if tooLarge && f.job.options.LargeBlob == nil {
		for _, i := range b.uses {
			f.tooLarge = append(f.tooLarge, &TooLargeError{Path: f.members[i].path, BlobID: b.id, Limit: codecommit.MaxBlobSize})
		}
	}
	switch {
	case len(b.uses) == 0: // fetched early, for nothing
		f.forget(b)
	case b.err != nil && !tooLarge:
		f.fail(fmt.Errorf("archive: %q: %w", f.members[b.uses[0]].path, b.err))
	case f.draining():
		f.forget(b)
		f.workers.Broadcast()
	case tooLarge:
		f.deliver(b.uses, &encoded{tooLarge: true})
		f.forget(b)
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
		m := f.members[b.uses[0]]
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
		more = f.distribute(b, e, isFirst)
	}
}

// distribute hands e, the blob encoded for the first member that still needs
// it, to the writer, and reports whether the blob is to be encoded for others.
func (f *fetcher) distribute(b *blob, e *encoded, isFirst bool) (more bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var same, other []int // members that have the content in this form, and in another
	for _, i := range b.uses {
		if f.members[i].sameContent(f.members[b.uses[0]]) {
			same = append(same, i)
		} else {
			other = append(other, i)
		}
	}
	// Only the first member of all is due soon. What others need as well has to
	// be kept for long.
	neededLater := !isFirst || len(same) > 1
	kept := neededLater && f.budget.keep(e.cost())
	switch {
	case kept:
		e.kept = true
		f.deliver(same, e)
		b.uses = other
	case isFirst:
		f.budget.hold(e.cost())
		f.deliver(b.uses[:1], e)
		b.uses = b.uses[1:]
	}
	full := neededLater && !kept
	if len(b.uses) > 0 && !full {
		return true
	}
	f.forget(b)
	if len(b.uses) > 0 {
		b.started = false
		f.order.again(b)
	}
	f.workers.Signal()
	return false
}

// forget lets go of the blob's content. The caller holds mu.
func (f *fetcher) forget(b *blob) {
	f.budget.drop(b.cost())
	b.content, b.arrived = nil, false
}

// deliver hands e to the writer, for these members. The caller holds mu.
func (f *fetcher) deliver(members []int, e *encoded) {
	e.users = len(members)
	for _, i := range members {
		f.encoded[i] = e
		if i == f.order.writing {
			f.writer.Signal()
		}
	}
}

// member waits for member i, encoded. Members are asked for in their order.
func (f *fetcher) member(i int) (*encoded, error) {
	switch m := f.members[i]; {
	case m.base != nil:
		return &encoded{size: int64(m.base.UncompressedSize64), base: m.base, lfs: m.base.lfs}, nil
	case !m.hasBlob():
		return f.format.encode(m, m.extra)
	}
	e, err := f.wait(i)
	if err == nil && e.asBlob {
		return f.encodeMember(f.members[i], e.data)
	}
	return e, err
}

// wait waits for the encoded content of member i.
func (f *fetcher) wait(i int) (*encoded, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.order.writing = i
	f.workers.Signal() // its blob may be fetched without room
	for f.err == nil {
		if e := f.encoded[i]; e != nil {
			return e, nil
		}
		f.writer.Wait()
	}
	return nil, f.err
}

// written says that member i is written.
func (f *fetcher) written(i int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	e := f.encoded[i]
	if e == nil || e.tooLarge {
		return
	}
	f.encoded[i] = nil
	if e.users--; e.users > 0 {
		return
	}
	if e.kept {
		f.budget.release(e.cost())
		return
	}
	f.budget.drop(e.cost())
	f.workers.Signal()
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
