package gitfetch

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"io"
	"slices"
	"sort"

	"github.com/codesuite-go/codesuite/internal/ctxio"
	"github.com/codesuite-go/codesuite/internal/gitobj"
)

// resolver makes the objects of which a pack has deltas, and hashes them. It goes
// from each object to the deltas to it, and to those to them: in memory and in its
// file are only the bases on this path.
type resolver struct {
	ctx    context.Context
	pack   *pack
	deltas []int32              // those whose base is known by its offset, by base
	byID   map[objectID][]int32 // the others, by the ID of their base
	store  store
	reader entryReader
	path   []step
	done   int // deltas that are resolved
}

// step is an object on the path, with the deltas to it.
type step struct {
	entry   int32
	content content
	deltas  []int32 // still to do
}

// resolve resolves the deltas, those whose base is named by its ID among them, and
// makes the index.
func (p *pack) resolve(ctx context.Context, dir string, byID map[objectID][]int32) error {
	r := &resolver{ctx: ctx, pack: p, byID: byID, store: store{dir: dir}}
	defer r.store.Close()
	total := 0
	for i, e := range p.entries {
		if e.delta != 0 {
			total++
		}
		if e.base != noBase {
			r.deltas = append(r.deltas, int32(i))
		}
	}
	slices.SortStableFunc(r.deltas, func(a, b int32) int { return cmp.Compare(p.entries[a].base, p.entries[b].base) })
	for i := range p.entries {
		if err := ctx.Err(); err != nil {
			return err
		}
		if p.entries[i].delta != 0 {
			continue
		}
		if err := r.from(int32(i)); err != nil {
			return err
		}
	}
	if r.done < total {
		return packErrorf("it has %d deltas whose base is not in it, or that are deltas to each other", total-r.done)
	}
	p.index = make(map[objectID]int32, len(p.entries))
	for i, e := range p.entries {
		if _, twice := p.index[e.id]; !twice {
			p.index[e.id] = int32(i)
		}
	}
	return nil
}

// deltasOf returns the deltas to an object whose ID is known, and takes them off.
func (r *resolver) deltasOf(i int32) []int32 {
	entries := r.pack.entries
	first := sort.Search(len(r.deltas), func(k int) bool { return entries[r.deltas[k]].base >= i })
	end := first
	for end < len(r.deltas) && entries[r.deltas[end]].base == i {
		end++
	}
	deltas := r.deltas[first:end:end]
	if named, ok := r.byID[entries[i].id]; ok {
		delete(r.byID, entries[i].id)
		deltas = append(deltas, named...)
	}
	return deltas
}

// from resolves all deltas that lead to the object, which is no delta itself.
func (r *resolver) from(root int32) error {
	deltas := r.deltasOf(root)
	if len(deltas) == 0 {
		return nil
	}
	c, err := r.store.add(r.pack.entries[root].size, func(w io.Writer) error {
		return r.pack.inflateTo(r.ctx, w, &r.reader, root)
	})
	if err != nil {
		return err
	}
	r.path = append(r.path[:0], step{root, c, deltas})
	for len(r.path) > 0 {
		last := &r.path[len(r.path)-1]
		if len(last.deltas) == 0 {
			r.store.drop(last.content)
			r.path = r.path[:len(r.path)-1]
			continue
		}
		i := last.deltas[0]
		last.deltas = last.deltas[1:]
		if err := r.delta(i, *last); err != nil {
			return err
		}
	}
	return nil
}

// delta makes the object of delta i to the base, and goes on from it if there are
// deltas to it.
func (r *resolver) delta(i int32, base step) error {
	if err := r.ctx.Err(); err != nil {
		return err
	}
	e := &r.pack.entries[i]
	if len(r.path) > maxDepth {
		return packErrorf("the object at byte %d is more than %d deltas away from its base", e.offset, maxDepth)
	}
	e.kind, e.base = r.pack.entries[base.entry].kind, base.entry
	h := gitobj.NewHash(kindNames[e.kind], e.size)
	write := func(w io.Writer) error { return r.pack.applyTo(r.ctx, w, &r.reader, i, base.content) }
	if !r.mayBeBase(i) {
		buffered := bufio.NewWriterSize(h, 16<<10)
		if err := write(buffered); err != nil {
			return err
		}
		if err := buffered.Flush(); err != nil {
			return err
		}
		h.Sum(e.id[:0])
		r.done++
		return nil
	}
	c, err := r.store.add(e.size, func(w io.Writer) error {
		buffered := bufio.NewWriterSize(io.MultiWriter(w, h), 16<<10)
		if err := write(buffered); err != nil {
			return err
		}
		return buffered.Flush()
	})
	if err != nil {
		return err
	}
	h.Sum(e.id[:0])
	r.done++
	r.path = append(r.path, step{i, c, r.deltasOf(i)})
	return nil
}

// mayBeBase reports whether there may be deltas to the object, whose ID is not
// known yet.
func (r *resolver) mayBeBase(i int32) bool {
	if len(r.byID) > 0 {
		return true
	}
	entries := r.pack.entries
	first := sort.Search(len(r.deltas), func(k int) bool { return entries[r.deltas[k]].base >= i })
	return first < len(r.deltas) && entries[r.deltas[first]].base == i
}

// entryReader reads the data of entries of a pack.
type entryReader struct {
	in    *bufio.Reader
	z     inflater
	delta *bufio.Reader
}

// open starts to read the data of an entry.
func (r *entryReader) open(ctx context.Context, p *pack, e *entry) error {
	section := ctxio.NewReader(ctx, io.NewSectionReader(p.file, e.data, p.size-e.data))
	if r.in == nil {
		r.in = bufio.NewReaderSize(section, 8<<10)
		r.delta = bufio.NewReaderSize(nil, 8<<10)
	} else {
		r.in.Reset(section)
	}
	return r.z.start(r.in, e.inflated)
}

// inflateTo writes the data of entry i, which is no delta, to w.
func (p *pack) inflateTo(ctx context.Context, w io.Writer, r *entryReader, i int32) error {
	if err := r.open(ctx, p, &p.entries[i]); err != nil {
		return err
	}
	_, err := io.Copy(w, &r.z)
	return err
}

// applyTo writes the object to w that delta i makes of its base.
func (p *pack) applyTo(ctx context.Context, w io.Writer, r *entryReader, i int32, base content) error {
	e := &p.entries[i]
	if err := r.open(ctx, p, e); err != nil {
		return err
	}
	r.delta.Reset(&r.z)
	err := applyDelta(ctx, w, r.delta, base, e.size)
	var lie *packError
	if errors.As(err, &lie) {
		return packErrorf("the object at byte %d: %s", e.offset, lie.text)
	}
	return err
}
