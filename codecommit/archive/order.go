package archive

import (
	"container/heap"
	"slices"
)

// order decides which blob is fetched next. It has no lock: the fetcher's mutex
// guards it.
type order struct {
	wanted  []*blob  // by the planner, which waits for them
	due     blobHeap // by the first member that needs them
	writing int      // the member that is written or waited for
}

// want adds a blob that the planner waits for.
func (o *order) want(b *blob) { o.wanted = append(o.wanted, b) }

// plan adds a blob by the first member that needs it. A blob that is there already
// may have got a use that is due earlier.
func (o *order) plan(b *blob) {
	switch {
	case !b.queued:
		b.queued, b.turn = true, b.uses[0]
		heap.Push(&o.due, b)
	case b.uses[0] < b.turn:
		b.turn = b.uses[0]
		heap.Fix(&o.due, slices.Index(o.due, b))
	}
}

// next returns the next blob to fetch, or nil if there is none for now. Without
// room, only a blob that the planner or the writer waits for is fetched.
func (o *order) next(room bool) *blob {
	for len(o.wanted) > 0 {
		b := o.wanted[0]
		if o.wanted = o.wanted[1:]; !b.started && !b.read {
			return b
		}
	}
	if o.empty() || !room && o.due[0].turn > o.writing {
		return nil
	}
	b := heap.Pop(&o.due).(*blob)
	b.queued = false
	return b
}

// empty reports whether no blob is due.
func (o *order) empty() bool {
	for len(o.due) > 0 && (o.due[0].started || len(o.due[0].uses) == 0) {
		heap.Pop(&o.due).(*blob).queued = false
	}
	return len(o.due) == 0
}

// blobHeap is a queue of blobs in the order of their turns.
type blobHeap []*blob

func (h blobHeap) Len() int           { return len(h) }
func (h blobHeap) Less(i, k int) bool { return h[i].turn < h[k].turn }
func (h blobHeap) Swap(i, k int)      { h[i], h[k] = h[k], h[i] }
func (h *blobHeap) Push(b any)        { *h = append(*h, b.(*blob)) }
func (h *blobHeap) Pop() any {
	last := len(*h) - 1
	b := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	return b
}
