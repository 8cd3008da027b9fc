package archive

import (
	"cmp"
	"container/heap"
	"errors"
	"fmt"
	"slices"

	"github.com/codesuite-go/codesuite/codecommit"
)

// encode makes the results of the members that use a blob that has arrived.
func (f *fetcher) encode(b *blob) {
	tooLarge := errors.Is(b.err, codecommit.ErrTooLarge)
	if tooLarge && f.job.options.LargeBlob == nil {
		for _, i := range b.uses {
			f.tooLarge = append(f.tooLarge, &TooLargeError{Path: f.members[i].path, BlobID: b.id, Limit: codecommit.MaxBlobSize})
		}
	}
	switch {
	case len(b.uses) == 0: // fetched early, for nothing
		f.held -= b.cost()
		b.content = nil
	case b.err != nil && !tooLarge:
		f.failLocked(fmt.Errorf("archive: %q: %w", f.members[b.uses[0]].path, b.err))
	case f.draining():
		f.held -= b.cost()
		b.content = nil
		f.workers.Broadcast()
	case b.err != nil:
		f.held -= b.cost()
		for _, i := range b.uses {
			f.deliver(i, &result{tooLarge: true})
		}
	default:
		f.running.Go(func() {
			select {
			case f.cpu <- struct{}{}:
				defer func() { <-f.cpu }()
				f.encodeNow(b)
			case <-f.ctx.Done():
			}
		})
	}
}

func joinTooLarge(tooLarge []*TooLargeError) error {
	slices.SortFunc(tooLarge, func(a, b *TooLargeError) int { return cmp.Compare(a.Path, b.Path) })
	errs := make([]error, len(tooLarge))
	for i, err := range tooLarge {
		errs[i] = err
	}
	return errors.Join(errs...)
}

// encodeNow makes the results of the members that use the blob. What it cannot
// keep until then is fetched again when the next member that uses it is due.
func (f *fetcher) encodeNow(b *blob) {
	for later, more := false, true; more; later = true {
		first := f.members[b.uses[0]]
		r, err := &result{data: b.content, raw: true}, error(nil)
		// As for git, %(describe) means something the first time only, so that
		// these members must be encoded in order.
		if !first.isSubstituted() {
			r, err = f.encodeMember(first, b.content)
		}
		if err != nil {
			f.fail(err)
			return
		}
		more = f.encoded(b, r, later)
	}
}

// encoded delivers the result of the first member that uses the blob, and to
// the others that it serves as well, and reports whether the blob has members
// left to encode. The result of a later member than the first waits long until
// it is due.
func (f *fetcher) encoded(b *blob, r *result, later bool) (more bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var same, other []int
	for _, i := range b.uses {
		if f.members[i].sameContent(f.members[b.uses[0]]) {
			same = append(same, i)
		} else {
			other = append(other, i)
		}
	}
	full := false
	if later || len(same) > 1 {
		r.kept = f.kept+r.cost() <= keptSize
		full = !r.kept
	}
	switch {
	case r.kept:
		f.kept += r.cost()
	case later:
		same, other = nil, b.uses
	case full:
		same, other = b.uses[:1], b.uses[1:]
		fallthrough
	default:
		f.held += r.cost()
	}
	r.shared = len(same)
	for _, i := range same {
		f.deliver(i, r)
	}
	b.uses = other
	if len(other) > 0 && !full {
		return true
	}
	f.held -= b.cost()
	b.content, b.arrived = nil, false
	if len(other) > 0 {
		b.started = false
		heap.Push(&f.queue, b)
	}
	f.workers.Signal()
	return false
}

func (f *fetcher) encodeMember(m *member, content []byte) (*result, error) {
	converted, err := f.job.convert(m, content)
	if err != nil {
		return nil, fmt.Errorf("archive: %q: %w", m.path, err)
	}
	r, err := f.format.encode(m, converted)
	if err != nil {
		return nil, fmt.Errorf("archive: %q: %w", m.path, err)
	}
	if p, ok := parseLFSPointer(content); ok && m.mode != codecommit.ModeSymlink {
		r.lfs = &p
	}
	return r, nil
}
