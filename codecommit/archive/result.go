package archive

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
