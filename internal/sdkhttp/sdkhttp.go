// Package sdkhttp keeps the requests of the AWS SDK from cutting off replies.
package sdkhttp

import (
	"context"
	"io"

	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// WithoutWriteTo hides the WriteTo method of a request's body. The SDK closes
// the body once the head of the reply is there, and WriteTo then returns io.EOF,
// which net/http takes for a failed request: when it looks for the end of the
// body only after that, as happens with a near and quick server, it closes the
// connection in the middle of the reply. Read has no such flaw.
func WithoutWriteTo(request any) any {
	req, ok := request.(*smithyhttp.Request)
	if !ok {
		return request
	}
	body, ok := req.GetStream().(io.ReadSeeker)
	if !ok {
		return request
	}
	changed, err := req.SetStream(struct{ io.ReadSeeker }{body})
	if err != nil {
		return request
	}
	return changed
}

// APIOption is for the APIOptions of an [aws.Config]: its clients call
// WithoutWriteTo for each attempt.
//
// [aws.Config]: https://pkg.go.dev/github.com/aws/aws-sdk-go-v2/aws#Config
func APIOption(stack *middleware.Stack) error {
	return stack.Finalize.Insert(middleware.FinalizeMiddlewareFunc("codesuiteWithoutWriteTo",
		func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (
			middleware.FinalizeOutput, middleware.Metadata, error,
		) {
			in.Request = WithoutWriteTo(in.Request)
			return next.HandleFinalize(ctx, in)
		}), "Retry", middleware.After)
}
