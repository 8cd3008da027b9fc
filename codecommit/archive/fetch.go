package archive

import (
	"cmp"
	"container/heap"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
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
	case len(b.uses) == 0 && errors.Is(err, fs.ErrNotExist):
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
