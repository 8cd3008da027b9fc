package deflate

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// ErrCorrupt is the error of data that is not what a compressor makes of content of
// the size.
var ErrCorrupt = errors.New("deflate: the compressed data is corrupt")

// Inflate decompresses src into dst, which has the size of the content. Less content,
// more content, and bytes of src behind the compressed data are an error.
func Inflate(dst, src []byte) error {
	compressed := bytes.NewReader(src) // of which the decompressor takes no byte too many
	r := NewReader(compressed)
	defer r.Close()
	if _, err := io.ReadFull(r, dst); err != nil {
		return fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	var more [1]byte
	if n, err := io.ReadFull(r, more[:]); n > 0 || err != io.EOF || compressed.Len() > 0 {
		return ErrCorrupt
	}
	return nil
}
