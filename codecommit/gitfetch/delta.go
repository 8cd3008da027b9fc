package gitfetch

import (
	"bufio"
	"context"
	"errors"
	"io"

	"github.com/klauspost/compress/flate"
)

func isCorrupt(err error) bool {
	var corrupt flate.CorruptInputError
	return errors.As(err, &corrupt)
}

// deltaEnd names a delta that ends in the middle of an instruction.
func deltaEnd(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return packErrorf("its delta ends in the middle")
	}
	return err
}

// applyDelta writes to w the object that the delta makes of its base.
func applyDelta(ctx context.Context, w io.Writer, delta *bufio.Reader, base content, size int64) error {
	said, err := readSize(delta)
	if err != nil {
		return deltaEnd(err)
	}
	if said != base.size {
		return packErrorf("its delta is to an object of %d bytes, and its base has %d", said, base.size)
	}
	if said, err = readSize(delta); err != nil {
		return deltaEnd(err)
	}
	if said != size {
		return packErrorf("its delta says %d bytes, and said %d before", said, size)
	}
	left := size
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		op, err := delta.ReadByte()
		if err == io.EOF && left == 0 {
			return nil
		} else if err == io.EOF {
			return packErrorf("its delta makes %d bytes fewer than it says", left)
		} else if err != nil {
			return err
		}
		if op == 0 {
			return packErrorf("its delta has the instruction 0, which has no meaning")
		}
		if op&0x80 == 0 {
			if left -= int64(op); left < 0 {
				return packErrorf("its delta makes more bytes than it says")
			}
			if _, err := io.CopyN(w, delta, int64(op)); err != nil {
				return deltaEnd(err)
			}
			continue
		}
		from, n, err := readCopy(delta, op)
		if err != nil {
			return deltaEnd(err)
		}
		if from+n > base.size {
			return packErrorf("its delta copies bytes %d to %d of a base of %d", from, from+n, base.size)
		}
		if left -= n; left < 0 {
			return packErrorf("its delta makes more bytes than it says")
		}
		if err := base.copyTo(w, from, n); err != nil {
			return err
		}
	}
}

// readCopy reads which part of the base an instruction copies.
func readCopy(r io.ByteReader, op byte) (from, n int64, err error) {
	for i := range 7 {
		if op>>i&1 == 0 {
			continue
		}
		c, err := r.ReadByte()
		if err != nil {
			return 0, 0, err
		}
		if i < 4 {
			from |= int64(c) << (8 * i)
		} else {
			n |= int64(c) << (8 * (i - 4))
		}
	}
	if n == 0 {
		n = 0x10000
	}
	return from, n, nil
}
