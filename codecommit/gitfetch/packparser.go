package gitfetch

import (
	"bufio"
	"bytes"
	"crypto/sha1"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"sort"

	"github.com/codesuite-go/codesuite/internal/gitobj"
)

// packParser reads the entries of a pack. It hashes those that are no deltas.
type packParser struct {
	pack  *pack
	tee   *packTee
	in    *bufio.Reader
	z     inflater
	delta *bufio.Reader
	buf   [32 << 10]byte
	total int64                // bytes of all objects and deltas
	byID  map[objectID][]int32 // deltas, by the ID of their base
}

func (p *packParser) offset() int64 { return p.tee.read - int64(p.in.Buffered()) }

func (p *packParser) parse() error {
	err := p.parseAll()
	if err != nil && p.tee.err != nil {
		return p.tee.err // from which err follows
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return packErrorf("it ends after %d bytes, in the middle", p.tee.read)
	}
	return err
}

func (p *packParser) parseAll() error {
	var head [12]byte
	if _, err := io.ReadFull(p.in, head[:]); err != nil {
		return err
	}
	if string(head[:4]) != "PACK" {
		return packErrorf("it starts with %q, not with \"PACK\"", head[:4])
	}
	if version := binary.BigEndian.Uint32(head[4:]); version != 2 && version != 3 {
		return packErrorf("it has version %d; 2 and 3 are known", version)
	}
	n := binary.BigEndian.Uint32(head[8:])
	if n > maxObjects {
		return packErrorf("it says that it has %d objects, over the limit of %d", n, maxObjects)
	}
	for i := range n {
		if err := p.entry(); err != nil {
			var lie *packError
			if errors.As(err, &lie) {
				return packErrorf("object %d of %d, at byte %d: %s", i+1, n, p.start(int(i)), lie.text)
			}
			return err
		}
	}
	var want [sha1.Size]byte
	if _, err := io.ReadFull(p.in, want[:]); err != nil {
		return err
	}
	if _, err := p.in.ReadByte(); err == nil {
		return packErrorf("there is more behind its end")
	} else if err != io.EOF {
		return err
	}
	if got := p.tee.sum.Sum(nil); !bytes.Equal(got, want[:]) {
		return packErrorf("its hash is %x, its end says %x: it is damaged", got, want)
	}
	return nil
}

// start returns the offset of entry i, for errors.
func (p *packParser) start(i int) int64 {
	if i < len(p.pack.entries) {
		return p.pack.entries[i].offset
	}
	return p.offset()
}

// entry reads one entry.
func (p *packParser) entry() error {
	e := entry{offset: p.offset(), base: noBase}
	kind, size, err := readEntryHead(p.in)
	if err != nil {
		return err
	}
	switch e.inflated, e.size = size, size; kind {
	case kindCommit, kindTree, kindBlob, kindTag:
		e.kind = kind
	case kindOfsDelta, kindRefDelta:
		e.delta = kind
		if err := p.base(&e); err != nil {
			return err
		}
	default:
		return packErrorf("it has the unknown kind %d", kind)
	}
	e.data = p.offset()
	if err := p.count(e.inflated); err != nil {
		return err
	}
	if err := p.z.start(p.in, e.inflated); err != nil {
		return err
	}
	if e.delta == 0 {
		h := gitobj.NewHash(kindNames[e.kind], e.size)
		if _, err := io.CopyBuffer(onlyWriter{h}, &p.z, p.buf[:]); err != nil {
			return err
		}
		h.Sum(e.id[:0])
	} else {
		if e.size, err = p.deltaSize(); err != nil {
			return err
		}
		if err := p.count(e.size); err != nil {
			return err
		}
	}
	p.pack.entries = append(p.pack.entries, e)
	return nil
}

// count counts an object or a delta against the limits.
func (p *packParser) count(size int64) error {
	if size > maxObject {
		return packErrorf("it says that it has %d bytes, over the limit of %d", size, int64(maxObject))
	}
	if p.total += size; p.total > p.pack.maxSize {
		return tooMuch(p.pack.maxSize)
	}
	return nil
}

// base reads to what the entry is a delta.
func (p *packParser) base(e *entry) error {
	if e.delta == kindRefDelta {
		var id objectID
		if _, err := io.ReadFull(p.in, id[:]); err != nil {
			return err
		}
		p.byID[id] = append(p.byID[id], int32(len(p.pack.entries)))
		return nil
	}
	back, err := readBack(p.in)
	if err != nil {
		return err
	}
	entries := p.pack.entries
	i := sort.Search(len(entries), func(i int) bool { return entries[i].offset >= e.offset-back })
	if i == len(entries) || entries[i].offset != e.offset-back {
		return packErrorf("it is a delta to an object %d bytes before it, where none starts", back)
	}
	e.base = int32(i)
	return nil
}

// deltaSize reads a delta to its end and returns the size that its result says it
// has.
func (p *packParser) deltaSize() (int64, error) {
	p.delta.Reset(&p.z)
	if _, err := readSize(p.delta); err != nil {
		return 0, deltaEnd(err)
	}
	size, err := readSize(p.delta)
	if err != nil {
		return 0, deltaEnd(err)
	}
	_, err = io.CopyBuffer(onlyWriter{io.Discard}, &p.z, p.buf[:])
	return size, err
}

// onlyWriter hides the ReadFrom method of a writer, so that io.CopyBuffer uses the
// buffer.
type onlyWriter struct{ io.Writer }

// readEntryHead reads the kind and size with which an entry starts.
func readEntryHead(r io.ByteReader) (kind uint8, size int64, err error) {
	c, err := r.ReadByte()
	if err != nil {
		return 0, 0, err
	}
	kind, size = c>>4&7, int64(c&15)
	for shift := 4; c&0x80 != 0; shift += 7 {
		if c, err = r.ReadByte(); err != nil {
			return 0, 0, err
		}
		if shift > 62 || int64(c&0x7f) > math.MaxInt64>>shift {
			return 0, 0, packErrorf("its size is no number of 63 bits")
		}
		size |= int64(c&0x7f) << shift
	}
	return kind, size, nil
}

// readBack reads how far before a delta its base is.
func readBack(r io.ByteReader) (int64, error) {
	c, err := r.ReadByte()
	if err != nil {
		return 0, err
	}
	back := int64(c & 0x7f)
	for c&0x80 != 0 {
		if c, err = r.ReadByte(); err != nil {
			return 0, err
		}
		if back >= math.MaxInt64>>8 {
			return 0, packErrorf("the distance to its base is no number of 63 bits")
		}
		back = (back+1)<<7 | int64(c&0x7f)
	}
	return back, nil
}

// readSize reads one of the two sizes with which a delta starts.
func readSize(r io.ByteReader) (int64, error) {
	var size int64
	for shift := 0; ; shift += 7 {
		c, err := r.ReadByte()
		if err != nil {
			return 0, err
		}
		if shift > 62 || int64(c&0x7f) > math.MaxInt64>>shift {
			return 0, packErrorf("a size in its delta is no number of 63 bits")
		}
		size |= int64(c&0x7f) << shift
		if c&0x80 == 0 {
			return size, nil
		}
	}
}
