// Package ctxio reads until a context ends.
package ctxio

import (
	"context"
	"io"
)

// NewReader returns a reader of r that fails with the cause of the context's
// end once that has ended. It looks before each call of r's Read and cannot
// interrupt one.
func NewReader(ctx context.Context, r io.Reader) io.Reader { return &reader{ctx, r} }

type reader struct {
	ctx context.Context
	r   io.Reader
}

func (r *reader) Read(p []byte) (int, error) {
	if r.ctx.Err() != nil {
		return 0, context.Cause(r.ctx)
	}
	return r.r.Read(p)
}
