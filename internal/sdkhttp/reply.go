package sdkhttp

import (
	"context"
	"fmt"
	"io"

	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// MaxReply returns an option for the APIOptions of a client whose calls fail
// when a reply has more than n bytes. The SDK itself takes any number into
// memory.
func MaxReply(n int64) func(*middleware.Stack) error {
	return func(stack *middleware.Stack) error {
		return stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("codesuiteMaxReply",
			func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (
				middleware.DeserializeOutput, middleware.Metadata, error,
			) {
				out, metadata, err := next.HandleDeserialize(ctx, in)
				if resp, ok := out.RawResponse.(*smithyhttp.Response); ok && resp.Body != nil {
					resp.Body = struct {
						io.Reader
						io.Closer
					}{LimitReply(resp.Body, n), resp.Body}
				}
				return out, metadata, err
			}), middleware.After)
	}
}

// LimitReply returns a reader of the body that fails behind n bytes.
func LimitReply(body io.Reader, n int64) io.Reader {
	return &limitedReply{body: body, limit: n, left: n}
}

type limitedReply struct {
	body        io.Reader
	limit, left int64
}

func (r *limitedReply) Read(p []byte) (int, error) {
	if int64(len(p)) > r.left+1 {
		p = p[:r.left+1] // one more, to tell a reply that ends here
	}
	n, err := r.body.Read(p)
	if r.left -= int64(n); r.left < 0 {
		return n + int(r.left), fmt.Errorf("the reply has over %d bytes", r.limit)
	}
	return n, err
}
