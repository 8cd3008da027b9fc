package archive

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"slices"
	"sync"

	"github.com/codesuite-go/codesuite/codecommit"
	"github.com/codesuite-go/codesuite/internal/gitobj"
)

// fetcher fetches blobs, encodes them for the archive, and hands them to the
// writer in the order of the members.
//
// Its workers take the blobs that order names while budget has room. The fields
// below mu are guarded by mu, with everything that order, budget, blobs and
// encoded members hold; the fields above never change.
type fetcher struct {
	job     *job
	ctx     context.Context
	cancel  context.CancelFunc
	cpu     chan struct{} // bounds the encoding
	running sync.WaitGroup

	mu       sync.Mutex
	workers  sync.Cond        // wait for something to fetch
	writer   sync.Cond        // waits for a blob or for an encoded member
	order    order            // of the blobs to fetch
	budget   budget           // for what is in memory
	blobs    map[string]*blob // by ID
	fetching int              // blobs in flight
	members  []*member        // of the archive, from start on
	encoded  []*encoded       // for each member; nil before it is there and after it is written
	format   format           // of the archive, from start on
	tooLarge []*TooLargeError
	err      error
}

// blob is one that the archive needs.
type blob struct {
	id        string
	path      string // one of the paths where it is
	local     string // this path, from the folder that is archived
	listed    bool   // order knows it
	preferred bool   // somebody waits for it before start
	started   bool   // a worker has taken it
	arrived   bool
	content   []byte
	err       error
	uses      []int // the members that still need it, in order
}

// cost is the cost of the blob's content while it waits to be encoded.
func (b *blob) cost() int64 {
	if !b.arrived {
		return 0
	}
	return int64(len(b.content)) + blobCost
}

var emptyBlobID = gitobj.BlobID(nil)

// newFetcher returns a fetcher that works until ctx ends. It ends ctx with
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
		f.mu.Lock()
		defer f.mu.Unlock()
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

// fail ends the archive with err, unless it has ended. The caller holds mu.
func (f *fetcher) fail(err error) {
	f.err = cmp.Or(f.err, err)
	f.workers.Broadcast()
	f.writer.Broadcast()
	f.cancel()
}

// cause returns the failure of the fetcher, if err is only the end of the
// context that follows from it, or else err.
func (f *fetcher) cause(err error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if errors.Is(err, context.Canceled) && f.err != nil && !errors.Is(f.err, context.Canceled) {
		return f.err
	}
	return err
}

// blob returns the blob of the ID. The caller holds mu.
func (f *fetcher) blob(id, path string) *blob {
	b, ok := f.blobs[id]
	if !ok {
		b = &blob{id: id, path: path}
		f.blobs[id] = b
	}
	return b
}

// prefetch says that the archive probably needs the blob of an entry. A guess
// that is wrong costs a call and nothing else.
func (f *fetcher) prefetch(e codecommit.Entry) {
	f.mu.Lock()
	defer f.mu.Unlock()
	b := f.blob(e.ID, f.job.full(e.Path))
	if b.listed {
		return
	}
	b.listed, b.local = true, e.Path
	f.order.list(b, isAttributes(e))
	f.workers.Signal()
}

// content waits for the content of an entry, before start. It was prefetched.
func (f *fetcher) content(e codecommit.Entry) ([]byte, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	b := f.blobs[e.ID]
	f.order.prefer(b)
	f.workers.Signal()
	for f.err == nil {
		if b.arrived {
			if b.err != nil {
				return nil, fmt.Errorf("archive: %q: %w", b.path, b.err)
			}
			return b.content, nil
		}
		f.writer.Wait()
	}
	return nil, f.err
}

// start names the members of the archive. From then on blobs are encoded by
// format, and encoded members handed to the writer.
func (f *fetcher) start(members []*member, format format) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.members, f.format = members, format
	f.encoded = make([]*encoded, len(members))
	for i, m := range members {
		if m.hasBlob() {
			b := f.blob(m.id, m.path)
			b.uses = append(b.uses, i)
		}
	}
	var due, arrived []*blob
	for _, b := range f.blobs {
		if len(b.uses) > 0 && !b.started {
			due = append(due, b)
		}
		if b.arrived {
			arrived = append(arrived, b)
		}
	}
	f.order.plan(due)
	for _, b := range arrived {
		f.encode(b)
	}
	f.endDraining()
	f.workers.Broadcast()
}

// work is a worker: it fetches one blob after the other.
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
		f.arrive(b, content, err)
	}
}

// take waits for the next blob to fetch. It returns nil at the end.
func (f *fetcher) take() *blob {
	f.mu.Lock()
	defer f.mu.Unlock()
	for f.err == nil {
		if b := f.order.next(f.budget.room() || f.draining()); b != nil {
			b.started = true
			f.fetching++
			f.workers.Signal() // another worker may start as well
			return b
		}
		f.workers.Wait()
	}
	return nil
}

// arrive takes in the result of fetching a blob.
func (f *fetcher) arrive(b *blob, content []byte, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fetching--
	var integrity *IntegrityError
	switch {
	case errors.As(err, &integrity):
		f.fail(&IntegrityError{Path: b.path, Want: integrity.Want, Got: integrity.Got})
		return
	case err == nil || errors.Is(err, codecommit.ErrTooLarge):
	case len(b.uses) == 0 && errors.Is(err, fs.ErrNotExist):
		// Either the listing is wrong or the repository. The error counts if
		// the blob is needed in the end.
	default:
		f.fail(fmt.Errorf("archive: %q: %w", b.path, err))
		return
	}
	b.content, b.err, b.arrived = content, err, true
	f.budget.hold(b.cost())
	f.order.arrived(b)
	if f.format != nil {
		f.encode(b)
		f.endDraining()
	}
	f.writer.Signal() // for the content, or for the end of fetching ahead
	f.workers.Signal()
}

// draining reports whether the archive has failed for files that are too
// large, and goes on only to find all of them.
func (f *fetcher) draining() bool { return len(f.tooLarge) > 0 }

// endDraining fails the archive when all files that are too large are found.
func (f *fetcher) endDraining() {
	if !f.draining() || len(f.order.due) > 0 || f.fetching > 0 {
		return
	}
	slices.SortFunc(f.tooLarge, func(a, b *TooLargeError) int { return cmp.Compare(a.Path, b.Path) })
	errs := make([]error, len(f.tooLarge))
	for i, err := range f.tooLarge {
		errs[i] = err
	}
	f.fail(errors.Join(errs...))
}
