package gitfetch

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"math"
	"sort"

	"github.com/klauspost/compress/zlib"

	"github.com/codesuite-go/codesuite/internal/ctxio"
	"github.com/codesuite-go/codesuite/internal/gitobj"
)

// The kinds of entries of a pack.
const (
	kindCommit   = 1
	kindTree     = 2
	kindBlob     = 3
	kindTag      = 4
	kindOfsDelta = 6
	kindRefDelta = 7
)

var kindNames = [...]string{kindCommit: "commit", kindTree: "tree", kindBlob: "blob", kindTag: "tag"}

// What no pack that a server makes of one commit exceeds.
const (
	maxObjects = 1 << 21
	maxObject  = 2 << 30 // bytes; the service takes no larger file
	maxDepth   = 4095    // of deltas to deltas; git makes no deeper ones
)

// noBase marks an entry that is no delta, or one whose base is not known yet.
const noBase = -1

type objectID [sha1.Size]byte

func (id objectID) String() string { return hex.EncodeToString(id[:]) }

// parseID returns the ID of the hexadecimal digits.
func parseID(s string) (id objectID, err error) {
	if !gitobj.IsID(s) {
		return id, fmt.Errorf("%q is not an object ID", s)
	}
	_, err = hex.Decode(id[:], []byte(s))
	return id, err
}

// pack is a pack in a temporary file, with an index of its objects. Each object
// is hashed, so that the index is right.
type pack struct {
	file    *tempFile
	size    int64
	entries []entry // by offset
	index   map[objectID]int32
	maxSize int64 // of all objects, inflated
}

// entry is an object in a pack.
type entry struct {
	offset   int64 // of its header
	data     int64 // of its compressed data
	inflated int64 // size of the data
	size     int64 // of the object
	base     int32 // the entry that the data is a delta to, or noBase
	kind     uint8 // of the object, once it is known
	delta    uint8 // the kind of delta, or 0
	id       objectID
}

// packError is a pack that is not well-formed, or says what is not so.
type packError struct{ text string }

func (e *packError) Error() string { return "the server's pack: " + e.text }

func packErrorf(format string, args ...any) error {
	return &packError{fmt.Sprintf(format, args...)}
}

// readPack reads a pack to its end and copies it to a temporary file in dir.
// All objects together may have maxSize bytes. Close the pack.
func readPack(ctx context.Context, r io.Reader, dir string, maxSize int64) (_ *pack, err error) {
	file, err := newTempFile(dir)
	if err != nil {
		return nil, err
	}
	p := &pack{file: file, maxSize: maxSize}
	defer func() {
		if err != nil {
			p.Close()
		}
	}()
	tee := &packTee{r: ctxio.NewReader(ctx, r), file: file, sum: sha1.New(), limit: maxSize}
	parser := &packParser{
		pack: p, tee: tee, in: bufio.NewReaderSize(tee, 64<<10), delta: bufio.NewReaderSize(nil, 64),
		byID: make(map[objectID][]int32),
	}
	if err := parser.parse(); err != nil {
		return nil, err
	}
	p.size = tee.read
	if err := p.resolve(ctx, dir, parser.byID); err != nil {
		return nil, err
	}
	return p, nil
}

// Close removes the pack.
func (p *pack) Close() error { return p.file.Close() }

// packTee copies to the file what is read, and hashes all but the last bytes, which
// hold the hash that the pack should have.
type packTee struct {
	r     io.Reader
	file  io.Writer
	sum   hash.Hash
	tail  []byte
	read  int64
	limit int64
	err   error // of r, other than its end: it explains all that follows
}

func (t *packTee) Read(b []byte) (int, error) {
	n, err := t.r.Read(b)
	if err != nil && err != io.EOF {
		t.err = err
	}
	if n == 0 {
		return 0, err
	}
	if t.read += int64(n); t.read > t.limit {
		t.err = tooMuch(t.limit)
		return 0, t.err
	}
	if _, writeErr := t.file.Write(b[:n]); writeErr != nil {
		t.err = writeErr
		return 0, writeErr
	}
	t.tail = append(t.tail, b[:n]...)
	if over := len(t.tail) - sha1.Size; over > 0 {
		t.sum.Write(t.tail[:over])
		t.tail = append(t.tail[:0], t.tail[over:]...)
	}
	return n, err
}

func tooMuch(limit int64) error {
	return fmt.Errorf("the pack, or what it holds, has over %d bytes, the limit of Options.MaxSize", limit)
}

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

// inflater reads the compressed data of one entry after the other. It reads no byte
// behind the data, and the data must have the size that the entry says.
type inflater struct {
	z    io.ReadCloser
	left int64
}

// byteReader is what the inflater reads from without reading too much.
type byteReader interface {
	io.Reader
	io.ByteReader
}

func (f *inflater) start(r byteReader, size int64) (err error) {
	f.left = size
	if f.z == nil {
		f.z, err = zlib.NewReader(r)
	} else {
		err = f.z.(zlib.Resetter).Reset(r, nil)
	}
	return notInflated(err)
}

func (f *inflater) Read(b []byte) (int, error) {
	if f.left == 0 {
		var more [1]byte
		n, err := io.ReadFull(f.z, more[:]) // checks the sum, too
		if n > 0 {
			return 0, packErrorf("its data has more bytes than it says")
		}
		return 0, notInflated(err)
	}
	if int64(len(b)) > f.left {
		b = b[:f.left]
	}
	n, err := f.z.Read(b)
	f.left -= int64(n)
	if err == io.EOF && f.left > 0 {
		return n, packErrorf("its data has %d bytes fewer than it says", f.left)
	}
	if err == io.EOF {
		err = nil // told by the next call
	}
	return n, notInflated(err)
}

// notInflated names data that is not compressed with zlib.
func notInflated(err error) error {
	if errors.Is(err, zlib.ErrHeader) || errors.Is(err, zlib.ErrChecksum) || errors.Is(err, zlib.ErrDictionary) || isCorrupt(err) {
		return packErrorf("its data is damaged: %v", err)
	}
	return err
}
