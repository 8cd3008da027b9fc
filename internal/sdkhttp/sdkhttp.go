// Package sdkhttp sets up the HTTP side of the SDK's clients.
package sdkhttp

import (
	"context"
	"io"

	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// APIOption is for the APIOptions of a client or of a whole configuration. It
// hides the WriteTo method of the bodies of requests from net/http.
//
// The SDK closes the body once the head of the reply is there, and WriteTo then
// returns io.EOF, which net/http takes for a failed request: when it looks for
// the end of the body only after that, as happens with a near and quick server,
// it closes the connection in the middle of the reply. Read has no such flaw.
func APIOption(stack *middleware.Stack) error {
	const id = "codesuiteWithoutWriteTo"
	if _, ok := stack.Deserialize.Get(id); ok {
		return nil // of the configuration
	}
	// Next to the wire: before, the SDK itself is quicker with WriteTo.
	return stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc(id,
		func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (
			middleware.DeserializeOutput, middleware.Metadata, error,
		) {
			in.Request = withoutWriteTo(in.Request)
			return next.HandleDeserialize(ctx, in)
		}), middleware.After)
}

func withoutWriteTo(request any) any {
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
