package archive

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/codesuite-go/codesuite/codecommit"
)

// startPages lists all files, page by page, in the background. The caller holds
// mu.
func (f *fetcher) startPages() {
	l := f.listing
	l.paging, l.unpaged, l.walk, l.calls = true, false, walkNone, math.MaxInt
	ctx, cancel := context.WithCancel(f.ctx)
	f.stopPages = cancel
	f.running.Go(func() { f.listPages(ctx) })
	f.running.Go(func() { f.watchPages(ctx) })
}

// endPages says that no page is waited for any more. The caller holds mu.
func (f *fetcher) endPages() {
	f.listing.paging = false
	f.stopPages()
}

// listPages takes in the pages of the listing of all files, and proves the tree
// that they make. If the proof fails, because the service left something out, the
// folders are walked.
func (f *fetcher) listPages(ctx context.Context) {
	defer f.stopPages()
	for page, err := range f.job.repo.ChangePages(ctx, "", f.job.commit.ID) {
		if !f.addPage(page, err) {
			return
		}
	}
	l := f.listing
	leaves := slices.Clone(l.leaves) // nobody changes them any more
	t, err := newTree(leaves)
	f.mu.Lock()
	defer f.mu.Unlock()
	if !l.paging || f.err != nil {
		return
	}
	if err != nil {
		f.fail(l.wrong(err))
		return
	}
	known := t.subtrees()
	if want := f.job.commit.TreeID; t.id == want || f.job.options.SkipVerify {
		known[want] = known[t.id]
		l.leaves, l.proven, l.made, l.walk = leaves, true, t.id, walkAll
		f.endPages()
	} else {
		f.distrust("", want, t.id)
	}
	if err := l.learn(known); err != nil {
		f.fail(err)
	}
	f.planner.Broadcast()
	f.workers.Broadcast()
}

// addPage takes in a page, and reports whether another is needed.
func (f *fetcher) addPage(page []codecommit.Change, err error) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	l := f.listing
	if !l.paging {
		return false
	}
	if err == nil {
		err = l.addLeaves(page)
	}
	if err != nil {
		f.fail(err)
		return false
	}
	for _, change := range page {
		f.expect(change.After)
	}
	if l.fallsBehind(f.passed) {
		f.endPages()
		l.walk = walkAll
		f.workers.Broadcast()
	}
	f.planner.Signal()
	f.writer.Signal() // for the order of the pages, which may be clear now
	return l.paging
}

// distrust gives up the pages, which do not make the tree of the folder: all
// folders are walked. The caller holds mu.
func (f *fetcher) distrust(dir, want, got string) {
	f.job.logger.WarnContext(f.ctx, "archive: the listing of all files does not make the commit's tree, walking through the folders",
		"repository", f.job.repo.Name(), "commit", f.job.commit.ID, "folder", dir, "want", want, "got", got)
	f.endPages()
	f.listing.astray, f.listing.proven, f.listing.walk = true, false, walkAll
	f.workers.Broadcast()
}

// Pages are too slow once most workers had nothing to do, for want of files, at so
// many looks. Folders are walked from then on while that is so.
const (
	looksAtWorkers  = 10
	timeBetweenThem = 20 * time.Millisecond
)

// watchPages finds out whether the pages keep the workers busy.
func (f *fetcher) watchPages(ctx context.Context) {
	ticker := time.NewTicker(timeBetweenThem)
	defer ticker.Stop()
	for n := 0; n < looksAtWorkers; {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
		f.mu.Lock()
		if f.starved() && 2*f.busy < f.job.options.Concurrency {
			n++
		}
		f.mu.Unlock()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.listing.walk == walkNone {
		f.listing.walk = walkIdle
		f.workers.Broadcast()
	}
}

// starved reports whether files to fetch are missing because they are not
// listed yet. The caller holds mu.
func (f *fetcher) starved() bool { return f.planning && f.order.empty() }
