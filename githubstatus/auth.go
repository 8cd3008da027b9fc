package githubstatus

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
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

func newSecret(s string) secret { return func() string { return s } }

func (s secret) equal(o secret) bool { return s != nil && o != nil && s() == o() }

// Token authenticates with a token that does not change: a personal access
// token, or any other that outlives the client. White space around it is
// ignored.
func Token(token string) Auth {
	s := newSecret(token)
	return &tokenAuth{fixed: true, turn: make(chan struct{}, 1),
		source: func(context.Context) (string, error) { return s(), nil }}
}

// TokenSource authenticates with a token that source returns, for instance
// from Secrets Manager. White space around it is ignored.
//
// The client keeps the token and asks source again only when GitHub refuses it
// (401), as when the secret has been rotated: source then has to return the
// secret's present value, so it must not keep the token itself for long. A call
// that was refused is tried once more if the new token is another one. source
// is called by one goroutine at a time, with the context of a call; its error
// ends that call.
func TokenSource(source func(context.Context) (string, error)) Auth {
	return &tokenAuth{source: source, turn: make(chan struct{}, 1)}
}

type tokenAuth struct {
	source func(context.Context) (string, error)
	fixed  bool
	turn   chan struct{} // held by who asks source

	mu   sync.Mutex
	kept secret
}

func (a *tokenAuth) token(ctx context.Context) (secret, error) {
	select {
	case a.turn <- struct{}{}:
		defer func() { <-a.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if kept := a.current(); kept != nil {
		return kept, nil
	}
	if a.source == nil {
		return nil, errors.New("the token source is nil")
	}
	token, err := a.source(ctx)
	if err != nil {
		return nil, fmt.Errorf("get the token: %w", err)
	}
	if token, err = checkToken(token); err != nil {
		return nil, err
	}
	s := newSecret(token)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.kept = s
	return s, nil
}

func (a *tokenAuth) current() secret {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.kept
}

func (a *tokenAuth) refused(s secret) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.kept.equal(s) { // else another call has renewed it
		a.kept = nil
	}
	return !a.fixed
}

func (*tokenAuth) transport() http.RoundTripper { return nil }

// checkToken returns the token without white space around it. Its errors do not
// show it.
func checkToken(token string) (string, error) {
	token = strings.TrimSpace(token)
	switch {
	case token == "":
		return "", errors.New("the token is empty")
	case strings.HasPrefix(token, "{"):
		return "", errors.New("the token is a JSON object: take the token out of the secret")
	case strings.ContainsFunc(token, func(c rune) bool { return c <= ' ' || c > '~' }):
		return "", errors.New("the token has spaces or characters that no token has")
	}
	return token, nil
}

// Transport authenticates by a round tripper that adds the Authorization
// header itself and renews what it sends, such as that of
// github.com/bradleyfalzon/ghinstallation/v2 for a GitHub App. Its own base URL
// must be that of the same host. The client adds no token to its calls.
func Transport(rt http.RoundTripper) Auth {
	return transportAuth{func() http.RoundTripper { return rt }}
}

// transportAuth holds a function for the reason of secret.
type transportAuth struct{ rt func() http.RoundTripper }

func (transportAuth) token(context.Context) (secret, error) { return nil, nil }
func (transportAuth) refused(secret) bool                   { return false }
func (a transportAuth) transport() http.RoundTripper        { return a.rt() }
