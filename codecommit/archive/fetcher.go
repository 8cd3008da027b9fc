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

// fetcher fetches blobs and folders, encodes the blobs for the archive, and hands
// them to the writer in the order of the members. The planner adds the members
// while the tree is being listed.
//
// Its workers take what order and listing name while budget has room. The fields
// below mu are guarded by mu, with everything that listing, order, budget, blobs
// and encoded members hold; the fields above never change.
type fetcher struct {
	job     *job
	format  format
	ctx     context.Context
	cancel  context.CancelFunc
	cpu     chan struct{} // bounds the encoding
	running sync.WaitGroup

	mu        sync.Mutex
	workers   sync.Cond // wait for something to fetch or to list
	planner   sync.Cond // waits for the listing, or for the attributes
	writer    sync.Cond // waits for an encoded member
	listing   *listing
	stopPages context.CancelFunc
	passed    string           // the paths before it are planned
	planning  bool             // the planner waits for the listing
	listed    int              // files that the planner has passed
	reported  int              // of them, those that the writer has reported
	finished  bool             // the writer has reported that all are listed
	order     order            // of the blobs to fetch
	budget    budget           // for what is in memory
	blobs     map[string]*blob // by ID
	busy      int              // calls in flight
	fetching  int              // those of blobs
	members   []*member        // of the archive so far
	encoded   []*encoded       // for each member; nil before it is there and after it is written
	planned   bool             // the members are all, and proven
	open      bool             // members may be written
	tooLarge  []*TooLargeError
	err       error
}

// blob is one that the archive needs.
type blob struct {
	id      string
	path    string // one of the paths where it is
	queued  bool   // order has it among those that are due
	turn    int    // the member that it is due for
	started bool   // a worker has taken it, and it is not forgotten since
	arrived bool
	content []byte
	err     error
	uses    []int    // the members that still need it, in order, without those that have form
	form    *encoded // the last encoded form, while it is held

	wanted bool // the planner needs the content
	read   bool // text and err are there
	text   []byte
}

// cost is the cost of the blob's content while it waits to be encoded.
func (b *blob) cost() int64 {
	if !b.arrived {
		return 0
	}
	return int64(len(b.content)) + blobCost
}

var emptyBlobID = gitobj.BlobID(nil)

// newFetcher returns a fetcher that works from start until ctx ends. It ends ctx
// with cancel where it fails.
func newFetcher(ctx context.Context, cancel context.CancelFunc, j *job, l *listing, format format) *fetcher {
	f := &fetcher{
		job:     j,
		format:  format,
		ctx:     ctx,
		cancel:  cancel,
		cpu:     make(chan struct{}, runtime.GOMAXPROCS(0)),
		listing: l,
		budget:  budget{limits: j.limits},
		blobs:   make(map[string]*blob),
	}
	f.workers.L, f.planner.L, f.writer.L = &f.mu, &f.mu, &f.mu
	return f
}

// start lists the tree, and plans and fetches the members.
func (f *fetcher) start() {
	f.running.Go(func() {
		<-f.ctx.Done()
		f.mu.Lock()
		defer f.mu.Unlock()
		f.fail(fmt.Errorf("archive: %w", f.ctx.Err()))
	})
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.listing.walk == walkNone {
		f.startPages()
	}
	for range f.job.options.Concurrency {
		f.running.Go(f.work)
	}
	f.running.Go(f.plan)
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
	f.planner.Broadcast()
	f.writer.Broadcast()
	f.cancel()
}

// failure returns why the archive has ended, if it has failed.
func (f *fetcher) failure() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err
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

// want fetches the blob of an entry for the planner, and keeps its content. The
// caller holds mu.
func (f *fetcher) want(e codecommit.Entry) *blob {
	b := f.blob(e.ID, e.Path)
	if b.wanted {
		return b
	}
	b.wanted = true
	switch {
	case b.arrived:
		b.text, b.read = b.content, true
	case !b.started:
		f.order.want(b)
		f.workers.Signal()
	}
	return b
}

// content waits for the content of an entry that the planner needs.
func (f *fetcher) content(e codecommit.Entry) ([]byte, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	b := f.want(e)
	for f.err == nil {
		switch {
		case b.err != nil:
			err := fmt.Errorf("archive: %q: %w", e.Path, b.err)
			if l := f.listing; errors.Is(err, fs.ErrNotExist) && l.folders[parent(e.Path)] == nil && !l.proven {
				err = &unprovenError{err}
			}
			return nil, err
		case b.read:
			return b.text, nil
		}
		f.planner.Wait()
	}
	return nil, f.err
}

// see counts a file that the planner has passed.
func (f *fetcher) see() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.listed++; f.listed%listedStep == 0 {
		f.writer.Signal()
	}
}

// add adds a member behind the others. The caller is the planner.
func (f *fetcher) add(m *member) {
	f.mu.Lock()
	defer f.mu.Unlock()
	i := len(f.members)
	f.members = append(f.members, m)
	f.encoded = append(f.encoded, nil)
	if !m.hasBlob() {
		return
	}
	b := f.blob(m.id, m.path)
	if e := b.form; e != nil && e.member.sameContent(m) {
		e.uses = append(e.uses, i)
		f.encoded[i] = e
		return
	}
	b.uses = append(b.uses, i)
	switch {
	case b.err != nil:
		f.encode(b)
	case b.started:
	case b.read:
		b.started, b.arrived, b.content = true, true, b.text
		f.budget.hold(b.cost())
		f.encode(b)
	default:
		f.order.plan(b)
		f.workers.Signal()
	}
}

// end says that the members are all. The caller is the planner.
func (f *fetcher) end() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.planned = true
	for len(f.budget.spare) > 0 {
		f.budget.dropSpare()
	}
	f.listing.pending, f.listing.hurried = nil, nil
	if f.listing.paging {
		f.endPages()
	}
	for _, b := range f.blobs {
		if b.err != nil && len(b.uses) > 0 {
			f.encode(b)
		}
	}
	f.endDraining()
	f.workers.Broadcast()
	f.writer.Broadcast()
}

// work is a worker: it makes one call after the other.
func (f *fetcher) work() {
	for {
		b, folder, ok := f.take()
		switch {
		case !ok:
			return
		case b == nil:
			f.list(folder)
			continue
		}
		content, err := []byte(nil), error(nil)
		if b.id != emptyBlobID {
			content, err = f.job.repo.Blob(f.ctx, b.id)
		}
		f.arrive(b, content, err)
	}
}

// take waits for the next blob to fetch, or folder to list. It returns false at
// the end.
func (f *fetcher) take() (b *blob, folder folderRef, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for f.err == nil {
		if b = f.order.next(f.budget.room() || f.draining()); b != nil {
			b.started = true
			f.fetching++
		} else if folder, ok = f.listing.next(f.starved(), f.usePages()); !ok {
			f.startListing()
			f.workers.Wait()
			continue
		}
		f.busy++
		f.workers.Signal() // another worker may start as well
		return b, folder, true
	}
	return nil, folder, false
}

// startListing lists page by page where walking takes too many calls. The caller
// holds mu.
func (f *fetcher) startListing() {
	if l := f.listing; l.calls == 0 && len(l.pending) > 0 && !l.paging {
		f.startPages()
	}
}

// arrive takes in the result of fetching a blob.
func (f *fetcher) arrive(b *blob, content []byte, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.busy--
	f.fetching--
	var integrity *IntegrityError
	switch {
	case errors.As(err, &integrity):
		f.fail(&IntegrityError{Path: b.path, Want: integrity.Want, Got: integrity.Got})
		return
	case err == nil || errors.Is(err, codecommit.ErrTooLarge):
	case !f.planned && errors.Is(err, fs.ErrNotExist):
		// Either the listing is wrong or the repository. The error counts if
		// the blob is needed in the end.
	default:
		f.fail(fmt.Errorf("archive: %q: %w", b.path, err))
		return
	}
	b.content, b.err, b.arrived = content, err, err == nil
	f.budget.hold(b.cost())
	if b.wanted {
		b.text, b.read = content, err == nil
		f.planner.Signal()
	}
	f.encode(b)
	f.endDraining()
	f.writer.Signal() // for the window that is full, or for the end of fetching ahead
	f.workers.Signal()
}

// draining reports whether the archive has failed for files that are too
// large, and goes on only to find all of them.
func (f *fetcher) draining() bool { return len(f.tooLarge) > 0 }

// endDraining fails the archive when all files that are too large are found.
func (f *fetcher) endDraining() {
	if !f.draining() || !f.planned || !f.order.empty() || f.fetching > 0 {
		return
	}
	slices.SortFunc(f.tooLarge, func(a, b *TooLargeError) int { return cmp.Compare(a.Path, b.Path) })
	errs := make([]error, len(f.tooLarge))
	for i, err := range f.tooLarge {
		errs[i] = err
	}
	f.fail(errors.Join(errs...))
}
