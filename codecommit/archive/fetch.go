package archive

import (
	"cmp"
	"container/heap"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"runtime"
	"slices"
	"sync"

	"github.com/codesuite-go/codesuite/codecommit"
	"github.com/codesuite-go/codesuite/internal/gitattr"
	"github.com/codesuite-go/codesuite/internal/gitobj"
)

// What a fetcher holds in memory, besides the blobs in flight.
const (
	// windowSize is how many bytes may wait for their turn to be written. A
	// fetch starts only while there are fewer, so that as much again may
	// arrive as is in flight.
	windowSize = 16 << 20
	// keptSize is how many bytes of blobs that occur several times are kept
	// until their last use. What is over it is fetched again.
	keptSize = 16 << 20
	// blobCost is what a blob costs besides its content.
	blobCost = 2 << 10
)

// fetcher fetches blobs, encodes them for the archive, and delivers them in
// the order of the members.
//
// It is a pool of workers that take blobs from a queue: while the listing
// arrives in the order of the listing, and then in the order of the archive.
type fetcher struct {
	job     *job
	ctx     context.Context
	cancel  context.CancelFunc
	cpu     chan struct{} // bounds the encoding
	running sync.WaitGroup

	mu       sync.Mutex
	workers  sync.Cond // wait for something to fetch
	writer   sync.Cond // waits for a result
	blobs    map[string]*blob
	early    []*blob // to fetch, until start
	root     *blob   // the attributes of the root, while the rest waits for them
	ignored  *gitattr.Set
	queue    blobHeap
	fetching int
	held     int64 // bytes that wait for their turn
	kept     int64 // bytes kept for a later use
	members  []*member
	results  []*result
	format   format // nil until start
	next     int    // the member that the writer wants or writes
	tooLarge []*TooLargeError
	err      error
}

// blob is one that the archive needs.
type blob struct {
	id      string
	path    string // one of those where it is
	queued  bool
	wanted  bool // before start
	started bool
	arrived bool
	content []byte
	err     error
	uses    []int // the members that still need it, in order
}

// result is the content of a member, encoded for the archive.
type result struct {
	data     []byte
	size     int64     // before compression
	method   uint16    // of compression, in a zip archive
	crc32    uint32    // in a zip archive
	tooLarge bool      // the API does not return it
	base     *baseFile // to copy, in a zip archive
	raw      bool      // data is the blob's content, to encode when it is due
	lfs      *LFSPointer

	shared int // members that use it and are not written yet; counted as kept if it was ever more than one
	kept   bool
}

func (r *result) cost() int64 { return int64(len(r.data)) + blobCost }

// newFetcher returns a fetcher that works until ctx ends, and ends ctx with
// cancel where it fails.
func newFetcher(ctx context.Context, cancel context.CancelFunc, j *job) *fetcher {
	f := &fetcher{
		job:    j,
		ctx:    ctx,
		cancel: cancel,
		cpu:    make(chan struct{}, runtime.GOMAXPROCS(0)),
		blobs:  make(map[string]*blob),
	}
	f.workers.L, f.writer.L = &f.mu, &f.mu
	f.running.Go(func() {
		<-ctx.Done()
		f.fail(fmt.Errorf("archive: %w", ctx.Err()))
	})
	for range j.options.Concurrency {
		f.running.Go(f.work)
	}
	return f
}

// stop ends all that the fetcher does and waits for its end.
func (f *fetcher) stop() {
	f.cancel()
	f.running.Wait()
}

// fail ends the archive with err, unless it has ended.
func (f *fetcher) fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.failLocked(err)
}

func (f *fetcher) failLocked(err error) {
	f.err = cmp.Or(f.err, err)
	f.workers.Broadcast()
	f.writer.Broadcast()
	f.cancel()
}

// cause returns the failure of the fetcher that made the caller see err, a
// canceled context, or else err.
func (f *fetcher) cause(err error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if errors.Is(err, context.Canceled) && f.err != nil && !errors.Is(f.err, context.Canceled) {
		return f.err
	}
	return err
}

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

func (f *fetcher) blob(id, path string) *blob {
	b, ok := f.blobs[id]
	if !ok {
		b = &blob{id: id, path: path}
		f.blobs[id] = b
	}
	return b
}

// start says what the members of the archive are. From then on blobs are
// encoded by format and results delivered.
func (f *fetcher) start(members []*member, format format) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.members, f.format, f.early = members, format, nil
	f.results = make([]*result, len(members))
	for i, m := range members {
		if m.hasBlob() {
			b := f.blob(m.id, m.path)
			b.uses = append(b.uses, i)
		}
	}
	for _, b := range f.blobs {
		if len(b.uses) > 0 && !b.started {
			f.queue = append(f.queue, b)
		}
	}
	heap.Init(&f.queue)
	for _, b := range f.blobs {
		if b.arrived {
			f.encode(b)
		}
	}
	f.endDraining()
	f.workers.Broadcast()
}

// work is a worker.
func (f *fetcher) work() {
	for {
		b := f.take()
		if b == nil {
			return
		}
		content, err := []byte(nil), error(nil)
		if b.id != emptyBlobID {
			content, err = f.job.repo.Blob(f.ctx, b.id)
		}
		f.arrived(b, content, err)
	}
}

var emptyBlobID = gitobj.BlobID(nil)

// take returns the next blob to fetch, or nil at the end.
func (f *fetcher) take() *blob {
	f.mu.Lock()
	defer f.mu.Unlock()
	for f.err == nil {
		if b := f.takeLocked(); b != nil {
			b.started = true
			f.fetching++
			f.workers.Signal() // another may start as well
			return b
		}
		f.workers.Wait()
	}
	return nil
}

func (f *fetcher) takeLocked() *blob {
	room := f.held < windowSize
	switch {
	case f.format == nil:
		return f.takeEarly(room)
	case len(f.queue) > 0 && (room || f.draining() || f.queue[0].uses[0] <= f.next):
		return heap.Pop(&f.queue).(*blob)
	}
	return nil
}

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

// draining reports whether the archive has failed for files that are too
// large, and goes on only to find all of them.
func (f *fetcher) draining() bool { return len(f.tooLarge) > 0 }

// endDraining fails the archive when all files that are too large are found.
func (f *fetcher) endDraining() {
	if f.draining() && len(f.queue) == 0 && f.fetching == 0 {
		f.failLocked(joinTooLarge(f.tooLarge))
	}
}

// arrived takes in what the fetch of a blob returned.
func (f *fetcher) arrived(b *blob, content []byte, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fetching--
	var integrity *IntegrityError
	switch {
	case errors.As(err, &integrity):
		f.failLocked(&IntegrityError{Path: b.path, Want: integrity.Want, Got: integrity.Got})
		return
	case err == nil || errors.Is(err, codecommit.ErrTooLarge):
	case f.format == nil && errors.Is(err, fs.ErrNotExist):
		// The listing is wrong, or the repository: that depends on whether
		// the blob is needed in the end.
	default:
		f.failLocked(fmt.Errorf("archive: %q: %w", b.path, err))
		return
	}
	b.content, b.err, b.arrived = content, err, true
	f.held += b.cost()
	if b == f.root {
		f.root, f.ignored = nil, new(gitattr.Set)
		f.ignored.Add("", content)
	}
	if f.format != nil {
		f.encode(b)
		f.endDraining()
	} else {
		f.writer.Signal()
	}
	f.workers.Signal()
}

// cost is what the blob's content costs while it waits to be encoded.
func (b *blob) cost() int64 {
	if !b.arrived {
		return 0
	}
	return int64(len(b.content)) + blobCost
}

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

// deliver hands the result of a member to the writer.
func (f *fetcher) deliver(i int, r *result) {
	f.results[i] = r
	if i == f.next {
		f.writer.Signal()
	}
}

// result waits for the result of member i. Members are asked for in order.
func (f *fetcher) result(i int) (*result, error) {
	switch m := f.members[i]; {
	case m.base != nil:
		return &result{size: int64(m.base.UncompressedSize64), base: m.base, lfs: m.base.lfs}, nil
	case !m.hasBlob():
		return f.format.encode(m, m.extra)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.next = i
	f.workers.Signal() // the one in front may start without room
	for f.err == nil {
		if r := f.results[i]; r != nil {
			if r.raw {
				return f.encodeMember(f.members[i], r.data)
			}
			return r, nil
		}
		f.writer.Wait()
	}
	return nil, f.err
}

// release says that member i is written.
func (f *fetcher) release(i int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	r := f.results[i]
	if r == nil || r.tooLarge {
		return
	}
	f.results[i] = nil
	if r.shared--; r.shared > 0 {
		return
	}
	if r.kept {
		f.kept -= r.cost()
		return
	}
	f.held -= r.cost()
	f.workers.Signal()
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
