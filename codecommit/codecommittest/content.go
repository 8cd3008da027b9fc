package codecommittest

import (
	"encoding/base64"
	"io"
	"sync"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

// maxFile is the size in bytes of the largest file that the API delivers.
const maxFile = 6 << 20

// chunk holds a part of a file, raw and encoded. The raw part is a multiple of
// three, so that only the last one is padded. The encoded part has room for
// the JSON around a short reply, which then is written at once.
type chunk struct {
	raw [bufferedBlob]byte
	enc [bufferedBlob/3*4 + around]byte
}

const around = 32

var chunks = sync.Pool{New: func() any { return new(chunk) }}

// content is a reply that holds the content of a file. It encodes one chunk at
// a time.
type content struct {
	*blob
	before  string // JSON up to the content's opening quote
	after   string // JSON from the content's closing quote on, at most a few bytes
	corrupt bool   // flip a bit
}

var _ awsjson.Body = (*content)(nil)

func (c *content) Len() int64 {
	return int64(len(c.before)) + (c.size+2)/3*4 + int64(len(c.after))
}

func (c *content) WriteTo(w io.Writer) (int64, error) {
	var written int64
	write := func(p []byte) error {
		n, err := w.Write(p)
		written += int64(n)
		return err
	}
	buf := chunks.Get().(*chunk)
	defer chunks.Put(buf)
	enc := buf.enc[:0]
	if len(c.before)+len(c.after) <= around {
		enc = append(enc, c.before...)
	} else if err := write([]byte(c.before)); err != nil {
		return written, err
	}
	for left := c.size; left > 0; {
		raw := buf.raw[:min(left, int64(len(buf.raw)))]
		if _, err := io.ReadFull(c.blob, raw); err != nil {
			return written, err
		}
		if c.corrupt && left == c.size {
			raw[0] ^= 1
		}
		enc = base64.StdEncoding.AppendEncode(enc, raw)
		if left -= int64(len(raw)); left > 0 {
			if err := write(enc); err != nil {
				return written, err
			}
			enc = enc[:0]
		}
	}
	return written, write(append(enc, c.after...))
}
