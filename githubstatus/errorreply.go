package githubstatus

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/codesuite-go/codesuite/internal/githubhost"
)

// Limits of a reply.
const (
	maxErrorBody = 64 << 10
	maxReply     = 1 << 20
	maxMessage   = 500 // characters
	maxFields    = 10
)

// errorReply returns the error in a reply. A proxy or a server may have repeated
// the secret.
func errorReply(resp *http.Response, s secret, webHost string, now time.Time) *Error {
	body, readErr := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody)) // the status is enough if it breaks off
	e := &Error{
		StatusCode:          resp.StatusCode,
		RequestID:           clean(resp.Header.Get("X-Github-Request-Id"), s, 100),
		AcceptedPermissions: clean(resp.Header.Get("X-Accepted-Github-Permissions"), s, 200),
		SSOURL:              ssoURL(resp.Header.Get("X-Github-Sso"), webHost, s),
	}
	location := resp.Header.Get("Location")
	var reply struct {
		Message          string          `json:"message"`
		Errors           json.RawMessage `json:"errors"`
		DocumentationURL string          `json:"documentation_url"`
		URL              string          `json:"url"`
	}
	cutOff := false
	text := string(body) // for the rate limit
	if err := json.Unmarshal(body, &reply); err == nil {
		e.Message = clean(reply.Message, s, maxMessage)
		e.Errors = fieldErrors(reply.Errors, s)
		e.DocumentationURL = clean(reply.DocumentationURL, s, maxMessage)
		text = reply.Message
		if location == "" {
			location = reply.URL
		}
	} else if len(body) > 0 || readErr != nil {
		mediaType, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
		switch {
		case mediaType == "text/plain":
			e.Message = clean(text, s, maxMessage)
		case mediaType == "application/json" && (readErr != nil || strings.HasPrefix(strings.TrimSpace(text), "{") || text == ""):
			cutOff = true
			e.Message = "the reply is cut off"
		case resp.StatusCode >= 500: // the page of a proxy, or of GitHub in an outage
			e.Message = fmt.Sprintf("the reply is not JSON but %q", clean(mediaType, s, 50))
		default:
			e.Message = fmt.Sprintf("the reply is not JSON but %q: is BaseURL that of the REST API?", clean(mediaType, s, 50))
		}
	}
	if e.StatusCode >= 300 && e.StatusCode < 400 {
		e.Location = cleanLocation(location, s)
	}
	limited, wait := rateLimit(resp.StatusCode, resp.Header, text, e.Errors, now)
	switch {
	case limited:
		e.limited, e.temporary = true, true
		if wait > 0 {
			e.RetryAt = now.Add(wait)
		}
	case resp.StatusCode >= 500 && resp.StatusCode != http.StatusNotImplemented:
		e.temporary = true
		if wait, ok := retryAfter(resp.Header, now); ok {
			e.RetryAt = now.Add(wait)
		}
	case cutOff && resp.StatusCode == http.StatusForbidden: // which may have been a rate limit
		e.temporary = true
	}
	return e
}

// ssoURL returns the page on which a token is authorized for SAML single sign-on,
// from the header "required; url=...", if the page is on GitHub's host.
func ssoURL(header, webHost string, s secret) string {
	for part := range strings.SplitSeq(header, ";") {
		link, ok := strings.CutPrefix(strings.TrimSpace(part), "url=")
		if !ok {
			continue
		}
		u, err := url.Parse(link)
		if err != nil || u.Scheme != "https" || u.User != nil || githubhost.Normal(u.Host) != webHost {
			return ""
		}
		if text := clean(u.String(), s, maxMessage); text == u.String() {
			return text
		}
	}
	return ""
}

// fieldErrors reads the list of errors, which has objects or, seldom, strings.
func fieldErrors(data json.RawMessage, s secret) []FieldError {
	var list []json.RawMessage
	if json.Unmarshal(data, &list) != nil {
		return nil
	}
	var out []FieldError
	for _, raw := range list[:min(len(list), maxFields)] {
		var f FieldError // with the names of the reply, but for their case
		if json.Unmarshal(raw, &f) != nil {
			var text string
			if json.Unmarshal(raw, &text) != nil {
				continue
			}
			f = FieldError{Message: text}
		}
		out = append(out, FieldError{
			Resource: clean(f.Resource, s, 100), Field: clean(f.Field, s, 100),
			Code: clean(f.Code, s, 100), Message: clean(f.Message, s, maxMessage),
		})
	}
	return out
}

// cleanLocation returns the target of a redirect, without the parts that may be
// secret.
func cleanLocation(location string, s secret) string {
	u, err := url.Parse(location)
	if err != nil {
		return ""
	}
	u.User, u.RawQuery, u.Fragment, u.RawFragment = nil, "", "", ""
	return clean(u.String(), s, maxMessage)
}

// errTooLong is a reply over maxReply.
var errTooLong = errors.New("the reply is too long")

// readReply reads a reply that is no error.
func readReply(resp *http.Response, limit int) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(resp.Body, int64(limit)+1))
	if err != nil {
		return nil, err
	}
	if len(body) > limit {
		return nil, errTooLong
	}
	return body, nil
}
