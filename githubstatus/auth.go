package githubstatus

import (
	"context"
	"net/http"
)

// Auth is how a [Client] proves who it is: [Token], [TokenSource] or
// [Transport]. It is safe for concurrent use, and printing it shows no secret.
type Auth interface {
	// token returns the token for the next call, nil if the transport
	// authenticates.
	token(ctx context.Context) (secret, error)
	// refused tells that GitHub did not take the token, and reports whether
	// token may now return another.
	refused(secret) bool
	// transport returns what makes the calls, nil for the client's own.
	transport() http.RoundTripper
}

// secret is a function, so that no way of printing what holds it shows it.
type secret func() string
