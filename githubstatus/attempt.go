package githubstatus

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

// request is one call of the API, which may take several attempts.
type request struct {
	operation, context string // for errors
	commit             Commit
	method, path       string
	body               []byte // JSON
	want               int    // the status of success
	once               bool   // without retries
}

// attempt sends the request once and returns the body of the reply, which is
// nil for a POST.
func (c *Client) attempt(ctx context.Context, r request, token secret) ([]byte, *Error) {
	attemptCtx, cancel := context.WithTimeout(ctx, c.options.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(attemptCtx, r.method, c.baseURL+r.path, bytes.NewReader(r.body))
	if err != nil {
		return nil, &Error{Err: redactError(err, token)}
	}
	req.Header.Set("Accept", "application/vnd.github+json")
	req.Header.Set("X-GitHub-Api-Version", c.options.APIVersion)
	req.Header.Set("User-Agent", userAgent)
	if r.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if token != nil {
		req.Header.Set("Authorization", "Bearer "+token())
	}
	resp, err := c.do(req)
	if err != nil {
		return nil, c.connectionError(ctx, attemptCtx, err, token)
	}
	defer resp.Body.Close()
	if resp.StatusCode != r.want {
		e := errorReply(resp, token, time.Now())
		if resp.StatusCode < 300 {
			e.Err = fmt.Errorf("GitHub replies %d to this call: is BaseURL that of the REST API?", r.want)
		}
		return nil, e
	}
	if r.method == http.MethodPost { // its status says all; read it to keep the connection
		io.Copy(io.Discard, io.LimitReader(resp.Body, maxErrorBody))
		return nil, nil
	}
	body, err := readReply(resp)
	if errors.Is(err, errTooLong) {
		return nil, &Error{StatusCode: resp.StatusCode, Err: err}
	}
	if err != nil {
		return nil, c.connectionError(ctx, attemptCtx, err, token)
	}
	return body, nil
}

// connectionError returns the error of an attempt without a reply. It does not
// name the URL again, which the Error does.
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

// isNetworkError reports whether err is of a connection, and not, for instance,
// one that the transport of an Auth makes up.
func isNetworkError(err error) bool {
	var netErr net.Error
	return errors.As(err, &netErr) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}
