package archive

import (
	"container/heap"
	"path"
	"slices"

	"github.com/codesuite-go/codesuite/internal/gitattr"
)

// order decides which blob is fetched next. While the tree is being listed the
// blobs come in the order of the listing, attributes first; afterwards in the
// order of the archive. It has no lock: the fetcher's mutex guards it.
type order struct {
	early   []*blob      // to fetch while the tree is listed
	root    *blob        // the .gitattributes of the root, until it arrives: the others wait for it
	ignored *gitattr.Set // the attributes of the root, once they are known

	planned bool     // the members are known, and due has taken the place of early
	due     blobHeap // to fetch, by the first member that needs them
	writing int      // the member that is written or waited for
}

// list adds a blob that the listing names. Attributes go first.
func (o *order) list(b *blob, isAttributes bool) {
	if !isAttributes {
		o.early = append(o.early, b)
		return
	}
	o.early = slices.Insert(o.early, 0, b)
	if b.local == attributesFile {
		o.root = b
	}
}

// prefer puts a blob that somebody waits for before all others.
func (o *order) prefer(b *blob) {
	b.preferred = true
	o.early = slices.Insert(o.early, 0, b)
}

// arrived takes note of a blob that has arrived. What the attributes of the
// root leave out is not fetched early.
func (o *order) arrived(b *blob) {
	if b == o.root {
		o.root, o.ignored = nil, new(gitattr.Set)
		o.ignored.Add("", b.content)
	}
}

// plan changes to the order of the archive. The blobs have the members that
// need them.
func (o *order) plan(blobs []*blob) {
	o.planned, o.early = true, nil
	o.due = blobs
	heap.Init(&o.due)
}

// again adds a blob that was fetched before and is needed once more.
func (o *order) again(b *blob) { heap.Push(&o.due, b) }

// next returns the next blob to fetch, or nil if there is none for now. Without
// room, only a blob that somebody waits for is fetched.
func (o *order) next(room bool) *blob {
	if !o.planned {
		return o.nextEarly(room)
	}
	if len(o.due) > 0 && (room || o.due[0].uses[0] <= o.writing) {
		return heap.Pop(&o.due).(*blob)
	}
	return nil
}

func (o *order) nextEarly(room bool) *blob {
	for len(o.early) > 0 {
		b := o.early[0]
		urgent := b.preferred || path.Base(b.local) == attributesFile
		if !urgent && (!room || o.root != nil) {
			return nil
		}
		o.early = o.early[1:]
		if b.started || !urgent && o.ignored != nil && ignores(o.ignored, b.local) {
			continue
		}
		return b
	}
	return nil
}

// blobHeap is a queue of blobs in the order of their next use.
type blobHeap []*blob

func (h blobHeap) Len() int           { return len(h) }
func (h blobHeap) Less(i, k int) bool { return h[i].uses[0] < h[k].uses[0] }
func (h blobHeap) Swap(i, k int)      { h[i], h[k] = h[k], h[i] }
func (h *blobHeap) Push(b any)        { *h = append(*h, b.(*blob)) }
func (h *blobHeap) Pop() any {
	last := len(*h) - 1
	b := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	return b
}
