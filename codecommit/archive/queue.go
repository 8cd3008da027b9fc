package archive

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
