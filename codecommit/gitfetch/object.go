package gitfetch

import (
	"bufio"
	"context"
	"io"
)

// has reports whether the pack has the blob.
func (p *pack) has(id objectID) bool {
	i, ok := p.index[id]
	return ok && p.entries[i].kind == kindBlob
}

// open opens the blob with the ID, which the pack has. Close the reader.
func (p *pack) open(ctx context.Context, dir string, id objectID) (_ io.ReadCloser, err error) {
	i, r := p.index[id], new(entryReader)
	if p.entries[i].delta == 0 {
		if err := r.open(ctx, p, &p.entries[i]); err != nil {
			return nil, err
		}
		return io.NopCloser(&r.z), nil
	}
	// From the base on, each delta has the one before as its base. Two stores take
	// turns.
	var path []int32
	for ; p.entries[i].delta != 0; i = p.entries[i].base {
		path = append(path, i)
	}
	base, next := &store{dir: dir}, &store{dir: dir}
	defer func() {
		next.Close()
		if err != nil {
			base.Close()
		}
	}()
	c, err := base.add(p.entries[i].size, func(w io.Writer) error { return p.inflateTo(ctx, w, r, i) })
	if err != nil {
		return nil, err
	}
	for k := len(path) - 1; k >= 0; k-- {
		made, err := next.add(p.entries[path[k]].size, func(w io.Writer) error {
			buffered := bufio.NewWriterSize(w, 64<<10)
			if err := p.applyTo(ctx, buffered, r, path[k], c); err != nil {
				return err
			}
			return buffered.Flush()
		})
		if err != nil {
			return nil, err
		}
		base.drop(c)
		c = made
		base, next = next, base
	}
	return &storedObject{c.reader(), base}, nil
}

// storedObject reads an object of a store and closes the store.
type storedObject struct {
	io.Reader
	io.Closer
}
