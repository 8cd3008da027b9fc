package artifact

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/klauspost/compress/gzip"

	"github.com/codesuite-go/codesuite/internal/ctxio"
)

// gunzip returns a temporary file with the uncompressed content of file.
func gunzip(ctx context.Context, file io.ReaderAt, size int64, limits Limits, tempDir string) (_ *os.File, err error) {
	unzipped, err := Spool(tempDir)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			Unspool(unzipped)
		}
	}()
	// A tar archive is headers and padding besides, but these are small.
	most := min(limits.Unpacked, ratioLimit(size, limits))
	n, err := gunzipTo(unzipped, bufio.NewReaderSize(ctxio.NewReader(ctx, io.NewSectionReader(file, 0, size)), 64<<10), most)
	switch {
	case n > most && most == limits.Unpacked:
		return nil, fmt.Errorf("unpacked it is over the limit of %d bytes (Limits.Unpacked)", most)
	case n > most:
		return nil, fmt.Errorf("unpacked it is over %d times its %d bytes (Limits.Ratio)", limits.Ratio, size)
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case IsLocal(err), errors.Is(err, errBehindGzip):
		return nil, err
	case err != nil:
		return nil, damaged(err)
	}
	return unzipped, nil
}

var errBehindGzip = errors.New("more follows the end of the gzip data, and it is neither gzip nor zeros")

// gunzipTo writes at most one byte more than most. Behind the gzip members there
// may be zeros, which tapes and block devices pad with.
func gunzipTo(w io.Writer, r *bufio.Reader, most int64) (int64, error) {
	zr, err := gzip.NewReader(r)
	if err != nil {
		return 0, err
	}
	written := int64(0)
	for {
		zr.Multistream(false)
		n, err := io.Copy(w, io.LimitReader(zr, most+1-written))
		written += n
		if err != nil || written > most {
			return written, err
		}
		next, err := skipZeros(r)
		switch {
		case err == io.EOF:
			return written, nil
		case err != nil:
			return written, err
		case next != 0x1f:
			return written, errBehindGzip
		}
		if err := zr.Reset(r); err != nil {
			if errors.Is(err, gzip.ErrHeader) {
				err = errBehindGzip
			}
			return written, err
		}
	}
}

// skipZeros returns the first byte that is not zero, without reading it.
func skipZeros(r *bufio.Reader) (byte, error) {
	for {
		b, err := r.ReadByte()
		if err != nil {
			return 0, err
		}
		if b != 0 {
			return b, r.UnreadByte()
		}
	}
}
