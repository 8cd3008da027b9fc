package gitfetch

import (
	"bufio"
	"context"
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"hash"
	"io"

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
