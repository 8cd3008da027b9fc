package archive

// The most that a fetcher holds in memory, besides the blobs in flight.
const (
	// windowSize is how many bytes may wait for their turn in the archive. A
	// fetch starts only while fewer wait, so that the blobs in flight may come
	// on top.
	windowSize = 16 << 20

	// keptSize is how many bytes of blobs that occur several times are kept
	// until their last use. A blob that does not fit is fetched again. While
	// the listing goes on, what is left of it holds small blobs that are
	// written and may occur once more.
	keptSize = 16 << 20

	// spareSize is the size of the largest such blob.
	spareSize = 64 << 10

	// blobCost is the cost of a blob besides its content.
	blobCost = 2 << 10
)

// budget counts the bytes that a fetcher holds. It has no lock: the fetcher's
// mutex guards it.
type budget struct {
	limits  limits
	waiting int64      // bytes that wait for their turn, at most the window and the blobs in flight
	kept    int64      // bytes kept for a later use
	spare   []*encoded // of them, those that no member needs so far, the oldest first
}

// limits are windowSize and keptSize, or less in tests.
type limits struct{ window, kept int64 }

// room reports whether another fetch may start.
func (b *budget) room() bool { return b.waiting < b.limits.window }

// hold adds bytes that wait for their turn.
func (b *budget) hold(n int64) { b.waiting += n }

// drop takes back what hold added.
func (b *budget) drop(n int64) { b.waiting -= n }

// keep adds bytes that are kept for a later use, and reports whether they fit.
func (b *budget) keep(n int64) bool {
	for b.kept+n > b.limits.kept && len(b.spare) > 0 {
		b.dropSpare()
	}
	if b.kept+n > b.limits.kept {
		return false
	}
	b.kept += n
	return true
}

// release takes back what keep added.
func (b *budget) release(n int64) { b.kept -= n }

// dropSpare lets go of the oldest that no member needs.
func (b *budget) dropSpare() {
	e := b.spare[0]
	b.spare[0] = nil
	b.spare = b.spare[1:]
	if e.kept && len(e.uses) == 0 { // otherwise a member needs it now
		b.release(e.cost())
		e.kept = false
		e.lost()
	}
}
