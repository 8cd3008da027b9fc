package githubstatus

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/codesuite-go/codesuite/internal/keylock"
)

const (
	defaultAPIVersion  = "2022-11-28"
	defaultTimeout     = 15 * time.Second
	defaultMaxAttempts = 10
	defaultMaxElapsed  = 5 * time.Minute

	userAgent = "codesuite-githubstatus (+https://github.com/codesuite-go/codesuite)"
)

// fresh is how long a status that this client has sent counts as GitHub's newest
// one without asking, for events that are delivered twice.
const fresh = 5 * time.Second

// Options configure a [Client]. The zero value holds the defaults.
type Options struct {
	// BaseURL is the address of the REST API; the function [BaseURL] makes it
	// of a host's name. It is https://api.github.com by default,
	// https://HOST/api/v3 for GitHub Enterprise Server, and
	// https://api.SUBDOMAIN.ghe.com for Enterprise Cloud with data residency.
	// Plain http is refused unless the host is "localhost" or a loopback
	// address.
	BaseURL string

	// HTTPClient makes the calls, for example through a proxy or with the CA
	// of a GitHub Enterprise Server. Its Transport must not be set together
	// with the Auth of [Transport]: give the CA or proxy to that transport.
	// Its redirect policy is not used: the client follows redirects to the host
	// of BaseURL alone. The default uses http.DefaultTransport.
	HTTPClient *http.Client

	// APIVersion is the X-GitHub-Api-Version to ask for. The default is
	// "2022-11-28".
	APIVersion string

	// Timeout is how long one attempt may take, from the connection to the
	// end of the reply. GitHub itself gives up after 10 seconds. The default
	// is 15 seconds.
	Timeout time.Duration

	// MaxAttempts is how many requests a call takes at most; 1 is without
	// retries. A call whose token was refused takes one more. The default is
	// 10, which takes about two minutes at most if the server replies nothing
	// but errors.
	MaxAttempts int

	// MaxElapsed is how late the last attempt of a call may begin if the
	// context has no deadline. The default is 5 minutes. A negative value sets no
	// such limit.
	MaxElapsed time.Duration

	// SoleWriter says that nobody else sets the contexts that this client sets.
	// The client then need not ask GitHub whether the status that it has sent is
	// still the newest; see [Client.Set]. Do not set it in a Lambda function, of
	// which several instances may run.
	SoleWriter bool

	// Logger logs calls that are tried again (Warn), and statuses that were sent
	// or left out (Debug). The default is silent.
	Logger *slog.Logger
}

// Client sets statuses on one GitHub host. It is safe for concurrent use. It sends
// one request at a time, as GitHub asks for, and none while a rate limit holds. It does
// not pause between statuses unless GitHub refuses one. Redirects to another host are
// not followed, and plain http is refused for any host but this machine.
type Client struct {
	auth    authorizer
	options Options
	err     error // of the options
	baseURL string
	base    *url.URL
	// do is a function, as a transport may hold a token.
	do           func(*http.Request) (*http.Response, error)
	ownTransport bool          // Options.HTTPClient has one
	timeout      time.Duration // of Options.HTTPClient
	jar          http.CookieJar
	turn         chan struct{} // held by the sender of a request
	pauses       pauses        // by the holder of the rate limit
	locks        keylock.Locks // by commit and context
	sent         lastSent
}

// New returns a client of the GitHub host in Options.BaseURL. It calls nothing.
// Options that cannot work are the error of each call.
func New(auth Auth, optFns ...func(*Options)) *Client {
	c := &Client{turn: make(chan struct{}, 1)}
	for _, fn := range optFns {
		fn(&c.options)
	}
	o := &c.options
	o.APIVersion = cmp.Or(o.APIVersion, defaultAPIVersion)
	o.Timeout = cmp.Or(o.Timeout, defaultTimeout)
	o.MaxAttempts = cmp.Or(o.MaxAttempts, defaultMaxAttempts)
	o.MaxElapsed = cmp.Or(o.MaxElapsed, defaultMaxElapsed)
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	c.err = c.configure(auth)
	return c
}

// configure prepares the base URL and the HTTP client.
func (c *Client) configure(auth Auth) (err error) {
	o := &c.options
	c.do = c.sender(nil)
	if own := o.HTTPClient; own != nil {
		c.timeout, c.jar, c.ownTransport = own.Timeout, own.Jar, own.Transport != nil
		c.do = c.sender(own.Transport)
		o.HTTPClient = nil
	}
	if c.baseURL, err = checkBaseURL(o.BaseURL); err != nil {
		return err
	}
	switch {
	case o.Timeout < 0:
		return errors.New("Options.Timeout is negative")
	case o.MaxAttempts < 0:
		return errors.New("Options.MaxAttempts is negative")
	case strings.ContainsFunc(o.APIVersion, func(c rune) bool { return c <= ' ' || c > '~' }):
		return errors.New("Options.APIVersion is no version such as " + defaultAPIVersion)
	case auth == nil:
		return errors.New("auth is nil: use Token, TokenSource, App, ByOwner or Transport")
	}
	if c.base, err = url.Parse(c.baseURL); err != nil {
		return errors.New("BaseURL cannot be parsed")
	}
	c.auth, err = auth.authorizer(c)
	return err
}

// sender returns a function that sends a request by the transport and returns the
// reply, also a redirect.
func (c *Client) sender(rt http.RoundTripper) func(*http.Request) (*http.Response, error) {
	client := &http.Client{
		Transport: rt, Timeout: c.timeout, Jar: c.jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return client.Do
}

// Set gives the commit a status and returns once GitHub has it. The error is
// an [*Error].
//
// A commit or status that GitHub would not take is an [ErrInvalid] without a
// call. Set shortens the description to fit; see [Status].
//
// Calls for one commit and context are made in the order in which they come, so
// that the later one is the newer status. GitHub takes 1,000 statuses of a commit
// and context, so Set does not send again a status that it has sent already.
// Within seconds it makes no call at all. Later it asks GitHub first (one GET,
// which needs no further permission) whether the status is still the newest.
// After an error Set sends the status in any case.
//
// Set retries server errors (5xx), lost connections, attempts that take too long
// and rate limits, with the pauses that GitHub asks for, until
// Options.MaxAttempts. It retries [ErrNoCommit] for five seconds, as GitHub may
// not know a commit right after its push. If the next attempt would be after the
// context's deadline, Set returns at once, and errors.Is finds
// [context.DeadlineExceeded]. A status that failed for a lost connection, a time
// limit or a 5xx may be set nevertheless.
func (c *Client) Set(ctx context.Context, commit Commit, status Status) error {
	commit, status, err := c.check(commit, status)
	if err != nil {
		return fail("set", commit, status.Context, &Error{Err: err})
	}
	key := sentKey(commit, status.Context)
	unlock, err := c.locks.Lock(ctx, key)
	if err != nil {
		return fail("set", commit, status.Context, &Error{Err: err})
	}
	defer unlock()
	if last := c.sent.get(key); sameStatus(last.status, status) {
		unchanged := c.options.SoleWriter || last.isFresh(fresh)
		if !unchanged && c.confirms(ctx, commit, status) {
			unchanged = true
			c.sent.remember(key, status) // GitHub has just said so
		}
		if unchanged {
			c.debug(ctx, "githubstatus: unchanged, not sent", commit, status)
			return nil
		}
	}
	c.sent.forget(key) // until GitHub has answered
	if err := c.post(ctx, commit, status); err != nil {
		return fail("set", commit, status.Context, err)
	}
	c.sent.remember(key, status)
	c.debug(ctx, "githubstatus: sent", commit, status)
	return nil
}

func (c *Client) debug(ctx context.Context, message string, commit Commit, status Status) {
	if c.options.Logger.Enabled(ctx, slog.LevelDebug) {
		c.options.Logger.LogAttrs(ctx, slog.LevelDebug, message, slog.String("commit", commit.String()),
			slog.String("context", status.Context), slog.String("state", string(status.State)))
	}
}

// check returns the commit and the status as GitHub takes them.
func (c *Client) check(commit Commit, status Status) (Commit, Status, error) {
	if err := c.usable(); err != nil {
		return commit, status, err
	}
	commit, err := checkCommit(commit)
	if err != nil {
		return commit, status, err
	}
	status, err = checkStatus(status)
	status.Description = describe(status.Description)
	status.Details, status.ExternalID, status.Started = "", "", time.Time{} // only of check runs
	return commit, status, err
}

// usable returns the error of a client that cannot work.
func (c *Client) usable() error {
	if c == nil || c.auth == nil && c.err == nil {
		return errors.New("the Client does not come from New")
	}
	return c.err
}

// confirms reports whether GitHub says that the status is the newest. It tries
// once, as the status is sent if GitHub does not answer.
func (c *Client) confirms(ctx context.Context, commit Commit, status Status) bool {
	newest, ok, err := c.newest(ctx, commit, status.Context, true)
	return err == nil && ok && sameStatus(newest, status)
}

func (c *Client) post(ctx context.Context, commit Commit, status Status) *Error {
	body, err := json.Marshal(struct {
		State       State  `json:"state"`
		TargetURL   string `json:"target_url,omitempty"`
		Description string `json:"description,omitempty"`
		Context     string `json:"context"`
	}{status.State, status.TargetURL, status.Description, status.Context})
	if err != nil {
		return &Error{Err: err}
	}
	_, failure := c.call(ctx, request{
		operation: "set", commit: commit, context: status.Context,
		method: http.MethodPost,
		path:   fmt.Sprintf("%s/statuses/%s", repoPath(commit), url.PathEscape(commit.SHA)),
		body:   body,
		want:   http.StatusCreated,
	})
	return failure
}

func repoPath(c Commit) string {
	return "/repos/" + url.PathEscape(c.Owner) + "/" + url.PathEscape(c.Repo)
}

// fail completes the error of an operation.
func fail(operation string, commit Commit, statusContext string, e *Error) error {
	e.Operation, e.Commit, e.Context = operation, commit, statusContext
	return e
}
