package gitfetch

import (
	"errors"
	"io"

	"github.com/klauspost/compress/zlib"
)

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
