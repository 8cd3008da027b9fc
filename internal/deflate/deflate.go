// Package deflate keeps compressors and decompressors of the deflate format
// for reuse: each is large.
package deflate

import (
	"fmt"
	"io"
	"io/fs"
	"sync"

	"github.com/klauspost/compress/flate"
)

// Levels of compression. The bytes of what is compressed depend on the level.
const (
	MinLevel = flate.NoCompression
	MaxLevel = flate.BestCompression
)

var (
	writers [MaxLevel + 1]sync.Pool // by level
	readers = sync.Pool{New: func() any { return flate.NewReader(nil) }}
)

// NewWriter returns a writer that compresses to w. Close ends the compressed
// data, leaves w open, and gives the compressor back. A writer that is not
// closed is left to the garbage collector.
func NewWriter(w io.Writer, level int) (io.WriteCloser, error) {
	if level < MinLevel || level > MaxLevel {
		return nil, fmt.Errorf("deflate: the level %d is not in the range of %d to %d", level, MinLevel, MaxLevel)
	}
	if fw, ok := writers[level].Get().(*flate.Writer); ok {
		fw.Reset(w)
		return &writer{fw, level}, nil
	}
	fw, err := flate.NewWriter(w, level)
	if err != nil {
		return nil, err
	}
	return &writer{fw, level}, nil
}

// writer gives its compressor back once.
type writer struct {
	w     *flate.Writer
	level int
}

func (w *writer) Write(p []byte) (int, error) {
	if w.w == nil {
		return 0, fs.ErrClosed
	}
	return w.w.Write(p)
}

func (w *writer) Close() error {
	if w.w == nil {
		return nil
	}
	err := w.w.Close()
	writers[w.level].Put(w.w)
	w.w = nil
	return err
}

// NewReader returns a reader of what is compressed in r. Close gives the
// decompressor back. Read and Close may be called at the same time.
func NewReader(r io.Reader) io.ReadCloser {
	fr := readers.Get().(io.ReadCloser)
	if err := fr.(flate.Resetter).Reset(r, nil); err != nil { // it never is
		fr = flate.NewReader(r)
	}
	return &reader{r: fr}
}

// reader gives its decompressor back once.
type reader struct {
	mu sync.Mutex
	r  io.ReadCloser
}

func (r *reader) Read(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.r == nil {
		return 0, fs.ErrClosed
	}
	return r.r.Read(p)
}

func (r *reader) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.r == nil {
		return nil
	}
	readers.Put(r.r)
	r.r = nil
	return nil
}
