package archive

import (
	"fmt"
	"path"
	"slices"

	"github.com/codesuite-go/codesuite/codecommit"
)

// prefetch says that the archive will probably need the blob of an entry. What
// the attributes of the root leave out is not fetched, as far as they are
// known: the order of entries decides nothing but the number of calls.
func (f *fetcher) prefetch(e codecommit.Entry) {
	f.mu.Lock()
	defer f.mu.Unlock()
	b := f.blob(e.ID, e.Path)
	if b.queued {
		return
	}
	b.queued = true
	if isAttributes(e) {
		f.early = slices.Insert(f.early, 0, b)
		if e.Path == attributesFile {
			f.root = b
		}
	} else {
		f.early = append(f.early, b)
	}
	f.workers.Signal()
}

// content waits for the content of an entry that prefetch was told of.
func (f *fetcher) content(e codecommit.Entry) ([]byte, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	b := f.blobs[e.ID]
	b.wanted = true
	f.early = slices.Insert(f.early, 0, b)
	f.workers.Signal()
	for f.err == nil {
		if b.arrived {
			if b.err != nil {
				return nil, fmt.Errorf("archive: %q: %w", e.Path, b.err)
			}
			return b.content, nil
		}
		f.writer.Wait()
	}
	return nil, f.err
}

// takeEarly returns the next blob to fetch before start.
func (f *fetcher) takeEarly(room bool) *blob {
	for len(f.early) > 0 {
		b := f.early[0]
		urgent := b.wanted || path.Base(b.path) == attributesFile
		if !urgent && (!room || f.root != nil) {
			return nil
		}
		f.early = f.early[1:]
		if b.started || !urgent && f.ignored != nil && ignores(f.ignored, b.path) {
			continue
		}
		return b
	}
	return nil
}
