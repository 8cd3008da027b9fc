package githubstatus

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"time"
)

// Limits of what is taken from a reply.
const (
	maxErrorBody = 64 << 10
	maxReply     = 1 << 20
	maxMessage   = 500 // characters
	maxFields    = 10
)

// errorReply returns the error that a reply tells. The secret may be in it, as
// a proxy or a server may tell what it was sent.
func errorReply(resp *http.Response, s secret, now time.Time) *Error {
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody)) // the status says enough if it breaks off
	e := &Error{
		StatusCode:          resp.StatusCode,
		RequestID:           clean(resp.Header.Get("X-Github-Request-Id"), s, 100),
		AcceptedPermissions: clean(resp.Header.Get("X-Accepted-Github-Permissions"), s, 200),
	}
	location := resp.Header.Get("Location")
	var reply struct {
		Message          string          `json:"message"`
		Errors           json.RawMessage `json:"errors"`
		DocumentationURL string          `json:"documentation_url"`
		URL              string          `json:"url"`
	}
	if err := json.Unmarshal(body, &reply); err == nil {
		e.Message = clean(reply.Message, s, maxMessage)
		e.Errors = fieldErrors(reply.Errors, s)
		e.DocumentationURL = clean(reply.DocumentationURL, s, maxMessage)
		if location == "" {
			location = reply.URL
		}
	} else if len(body) > 0 {
		mediaType, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
		e.Message = fmt.Sprintf("the reply is not JSON but %q: is BaseURL that of the REST API?", clean(mediaType, s, 50))
		if mediaType == "text/plain" {
			e.Message = clean(string(body), s, maxMessage)
		}
	}
	if e.StatusCode >= 300 && e.StatusCode < 400 {
		e.Location = cleanLocation(location, s)
	}
	limited, wait := rateLimit(resp.StatusCode, resp.Header, e.Message, now)
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
	}
	return e
}

// fieldErrors reads the list of errors, which has objects or, seldom, strings.
func fieldErrors(data json.RawMessage, s secret) []FieldError {
	var list []json.RawMessage
	if json.Unmarshal(data, &list) != nil {
		return nil
	}
	var out []FieldError
	for _, raw := range list[:min(len(list), maxFields)] {
		var f FieldError // its names are those of the reply, but for their case
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

// cleanLocation returns where a redirect leads to, without what may be secret.
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
func readReply(resp *http.Response) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxReply+1))
	if err != nil {
		return nil, err
	}
	if len(body) > maxReply {
		return nil, errTooLong
	}
	return body, nil
}
