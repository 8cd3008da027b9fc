package githubstatus

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"time"

	"github.com/codesuite-go/codesuite/internal/githubhost"
)

// maxRedirects is how many redirects of one request are followed.
const maxRedirects = 5

// request is one call of the API, which may take several attempts.
type request struct {
	operation, context string // for errors
	step               string // of getting a token, for errors
	commit             Commit
	method, path       string
	body               []byte // JSON
	want               int    // the status of success
	once               bool   // without retries
	reply              bool   // a POST or PATCH whose reply is needed
	limit              int    // bytes of the reply; 0 for maxReply
	check              bool   // of a check run
	object, permission string // for errors of calls that read
}

// exchange makes one attempt when it is its turn, unless a rate limit holds.
func (c *Client) exchange(ctx context.Context, r request, cred credential) ([]byte, *Error) {
	select {
	case c.turn <- struct{}{}:
		defer func() { <-c.turn }()
	case <-ctx.Done():
		return nil, &Error{Err: ctx.Err()}
	}
	if limited := c.pauses.get(cred.limit); limited != nil {
		limited.Attempts = 0
		return nil, limited
	}
	body, failure := c.attempt(ctx, r, cred)
	if failure != nil {
		failure.Attempts, failure.holder = 1, cred.limit
	}
	return body, failure
}

// attempt sends the request once, and again where a redirect leads to on the same
// host. It returns the body of the reply if the request needs it.
func (c *Client) attempt(ctx context.Context, r request, cred credential) ([]byte, *Error) {
	attemptCtx, cancel := context.WithTimeout(ctx, c.options.Timeout)
	defer cancel()
	for target, hops := c.baseURL+r.path, 0; ; hops++ {
		resp, err := c.send(attemptCtx, r, target, cred)
		if err != nil {
			return nil, c.connectionError(ctx, attemptCtx, err, cred.token)
		}
		if next, ok := c.redirect(resp, target); ok && hops < maxRedirects {
			io.Copy(io.Discard, io.LimitReader(resp.Body, maxErrorBody))
			resp.Body.Close()
			target = next
			continue
		}
		defer resp.Body.Close()
		return c.read(ctx, attemptCtx, r, resp, cred.token)
	}
}

func (c *Client) send(ctx context.Context, r request, target string, cred credential) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, r.method, target, bytes.NewReader(r.body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/vnd.github+json")
	req.Header.Set("X-GitHub-Api-Version", c.options.APIVersion)
	req.Header.Set("User-Agent", userAgent)
	if r.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if cred.token != nil {
		req.Header.Set("Authorization", "Bearer "+cred.token())
	}
	if cred.send != nil {
		return cred.send(req)
	}
	return c.do(req)
}

// redirect returns the target of a redirect within the scheme and host of the
// client, as for a repository that was renamed. No other is followed: the token
// goes to no other host.
func (c *Client) redirect(resp *http.Response, from string) (target string, ok bool) {
	switch resp.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
	default:
		return "", false
	}
	base, err := url.Parse(from)
	if err != nil {
		return "", false
	}
	u, err := base.Parse(resp.Header.Get("Location"))
	if err != nil || resp.Header.Get("Location") == "" || u.User != nil ||
		u.Scheme != c.base.Scheme || !sameHost(u, c.base) {
		return "", false
	}
	u.Fragment, u.RawFragment = "", ""
	return u.String(), true
}

func sameHost(a, b *url.URL) bool {
	port := func(u *url.URL) string {
		if u.Port() == "" {
			return map[string]string{"http": "80", "https": "443"}[u.Scheme]
		}
		return u.Port()
	}
	return strings.EqualFold(a.Hostname(), b.Hostname()) && port(a) == port(b)
}

// webHost is the host of GitHub's pages.
func (c *Client) webHost() string { return githubhost.Normal(c.base.Host) }

// read reads the reply.
func (c *Client) read(ctx, attemptCtx context.Context, r request, resp *http.Response, token secret) ([]byte, *Error) {
	if resp.StatusCode != r.want {
		e := errorReply(resp, token, c.webHost(), time.Now())
		if resp.StatusCode < 300 {
			e.Err = fmt.Errorf("GitHub replies %d to this call: is BaseURL that of the REST API?", r.want)
		}
		return nil, e
	}
	if r.method != http.MethodGet && !r.reply { // the status is enough; read the rest to keep the connection
		io.Copy(io.Discard, io.LimitReader(resp.Body, maxErrorBody))
		return nil, nil
	}
	body, err := readReply(resp, cmp.Or(r.limit, maxReply))
	if errors.Is(err, errTooLong) {
		return nil, &Error{StatusCode: resp.StatusCode, Err: err}
	}
	if err != nil {
		return nil, c.connectionError(ctx, attemptCtx, err, token)
	}
	return body, nil
}

// connectionError returns the error of an attempt without a reply. It does not
// repeat the URL, which the Error has already.
func (c *Client) connectionError(ctx, attemptCtx context.Context, err error, token secret) *Error {
	var urlErr *url.Error
	if errors.As(err, &urlErr) && urlErr.Err != nil {
		err = urlErr.Err
	}
	if ctx.Err() != nil {
		return &Error{Err: ctx.Err()}
	}
	if attemptCtx.Err() != nil {
		return &Error{temporary: true, Err: fmt.Errorf("no reply within %v", c.options.Timeout)}
	}
	if resp := carriedReply(err); resp != nil {
		defer resp.Body.Close()
		e := errorReply(resp, token, c.webHost(), time.Now())
		e.step, e.Err = "get a token", redactError(err, token)
		return e
	}
	var certErr *tls.CertificateVerificationError
	if errors.As(err, &certErr) {
		err = fmt.Errorf("%w; for a private CA set Options.HTTPClient", err)
		return &Error{Err: redactError(err, token)}
	}
	var dnsErr *net.DNSError
	if errors.As(err, &dnsErr) && dnsErr.IsNotFound {
		return &Error{Err: redactError(err, token)}
	}
	return &Error{temporary: true, unknown: !isNetworkError(err), Err: redactError(err, token)}
}

// isNetworkError reports whether err comes from the network, and not from the
// transport of an Auth.
func isNetworkError(err error) bool {
	var netErr net.Error
	return errors.As(err, &netErr) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// carriedReply returns the refusal of GitHub that a transport's error carries in a
// field Response, as when a token cannot be had; nil if there is none. Importing
// the packages of such transports would make them dependencies of each user.
func carriedReply(err error) *http.Response {
	for ; err != nil; err = errors.Unwrap(err) {
		v := reflect.ValueOf(err)
		if v.Kind() == reflect.Pointer {
			v = v.Elem()
		}
		if v.Kind() != reflect.Struct {
			continue
		}
		field := v.FieldByName("Response")
		if !field.IsValid() || !field.CanInterface() {
			continue
		}
		if resp, ok := field.Interface().(*http.Response); ok && resp != nil && resp.StatusCode >= 300 {
			copied := *resp
			if copied.Body == nil {
				copied.Body = http.NoBody
			}
			return &copied
		}
	}
	return nil
}
