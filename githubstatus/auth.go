package githubstatus

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
)

// Auth authenticates the calls of a [Client]: [Token], [TokenSource], [App],
// [Transport], or [ByOwner] for several of them. It is safe for concurrent use,
// and printing it shows no secret.
type Auth interface {
	// authorizer returns the part that works for one client.
	authorizer(*Client) (authorizer, error)
}

// authorizer makes the credentials of a client's calls.
type authorizer interface {
	// credential returns the credential for calls about the repository of the
	// commit.
	credential(ctx context.Context, commit Commit) (credential, error)
	// refused says that GitHub did not take the credential. It reports whether
	// credential may now return another.
	refused(commit Commit, cred credential) bool
}

// credential authenticates a call.
type credential struct {
	token secret                                      // nil if send authenticates
	send  func(*http.Request) (*http.Response, error) // nil for the client's own
	// limit names the holder of the rate limit, which other credentials do not
	// share.
	limit string
	// app is the ID of the GitHub App, 0 if it is none or not known.
	app int64
}

// secret is a function, so that printing a value that holds it does not show it.
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
	turn   chan struct{} // held by the caller of source

	mu   sync.Mutex
	kept secret
}

func (a *tokenAuth) authorizer(*Client) (authorizer, error) { return a, nil }

func (a *tokenAuth) credential(ctx context.Context, _ Commit) (credential, error) {
	select {
	case a.turn <- struct{}{}:
		defer func() { <-a.turn }()
	case <-ctx.Done():
		return credential{}, ctx.Err()
	}
	if kept := a.current(); kept != nil {
		return credential{token: kept}, nil
	}
	if a.source == nil {
		return credential{}, errors.New("the token source is nil")
	}
	token, err := a.source(ctx)
	if err != nil {
		return credential{}, fmt.Errorf("get the token: %w", err)
	}
	if token, err = checkToken(token); err != nil {
		return credential{}, err
	}
	s := newSecret(token)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.kept = s
	return credential{token: s}, nil
}

func (a *tokenAuth) current() secret {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.kept
}

func (a *tokenAuth) refused(_ Commit, cred credential) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.kept.equal(cred.token) { // else another call has renewed it
		a.kept = nil
	}
	return !a.fixed
}

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

// Transport authenticates by a round tripper that adds the Authorization header
// itself and renews the token, such as that of
// github.com/bradleyfalzon/ghinstallation/v2 for a GitHub App. Its own base URL
// must be that of the same host. The client adds no token to its calls.
//
// An error of the round tripper that has a field Response with GitHub's reply, as
// those of ghinstallation and go-github have, is treated as that reply: its cause
// is found by errors.Is, and a rate limit is obeyed. [App] needs no other module.
func Transport(rt http.RoundTripper) Auth {
	return transportAuth{func() http.RoundTripper { return rt }}
}

// transportAuth holds a function, as a transport may hold a token.
type transportAuth struct{ rt func() http.RoundTripper }

func (a transportAuth) authorizer(c *Client) (authorizer, error) {
	rt := a.rt()
	switch {
	case rt == nil:
		return nil, errors.New("the round tripper of Transport is nil")
	case c.ownTransport:
		return nil, errors.New("both Options.HTTPClient.Transport and the Auth of Transport are set: let the latter use the former")
	}
	return transportAuthorizer{c.sender(rt)}, nil
}

type transportAuthorizer struct {
	send func(*http.Request) (*http.Response, error)
}

func (a transportAuthorizer) credential(context.Context, Commit) (credential, error) {
	return credential{send: a.send}, nil
}

func (transportAuthorizer) refused(Commit, credential) bool { return false }
