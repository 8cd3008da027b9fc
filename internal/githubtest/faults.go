package githubtest

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// A Fault is a fault of one request for a repository or for an
// installation token.
type Fault struct {
	stores bool // whether a status is stored nevertheless
	slow   time.Duration
	reply  func(http.ResponseWriter, *http.Request) // nil: as if there were no fault
}

// SetFaults sets the faults of the next requests, one each, in place of those
// that are left. The requests after them have none.
func (s *Server) SetFaults(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = faults
}

// SetDown lets all requests fail so that SetFaults gives no fault. Up ends it.
func (s *Server) SetDown(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = &f
}

// Up ends what SetDown and SetFaults began.
func (s *Server) Up() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down, s.faults = nil, nil
}

// nextFault returns the fault of a request, nil if it has none.
func (s *Server) nextFault() *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.faults) == 0 {
		return s.down
	}
	f := s.faults[0]
	s.faults = s.faults[1:]
	return &f
}

// None is a request without a fault, between others.
func None() Fault { return Fault{} }

// Fail replies with a status such as 502 and GitHub's message for it.
func Fail(status int) Fault {
	message := "Server Error"
	if status < 500 {
		message = http.StatusText(status)
	}
	return Reply(status, "application/json; charset=utf-8", fmt.Sprintf(`{"message":%q}`, message))
}

// Reply replies with any status and body.
func Reply(status int, contentType, body string) Fault {
	return Fault{reply: func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		io.WriteString(w, body)
	}}
}

// PrimaryLimit refuses a request as the primary rate limit does, with 403, until
// reset.
func PrimaryLimit(reset time.Time) Fault {
	return Fault{reply: func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Ratelimit-Remaining", "0")
		w.Header().Set("X-Ratelimit-Used", strconv.Itoa(primaryLimit))
		w.Header().Set("X-Ratelimit-Reset", strconv.FormatInt(reset.Unix(), 10))
		writeError(w, http.StatusForbidden, "API rate limit exceeded for installation ID 1234567.")
	}}
}

// SecondaryLimit refuses a request as a secondary rate limit does, with 403 or
// 429, and with the header retry-after unless it is empty.
func SecondaryLimit(status int, retryAfter string) Fault {
	return Fault{reply: func(w http.ResponseWriter, r *http.Request) {
		if retryAfter != "" {
			w.Header().Set("Retry-After", retryAfter)
		}
		writeError(w, status, "You have exceeded a secondary rate limit. Please wait a few minutes before you try again. "+
			"If you reach out to GitHub Support for help, please include the request ID "+w.Header().Get("X-Github-Request-Id")+".")
	}}
}

// Drop closes the connection without a reply, before anything is stored.
func Drop() Fault {
	return Fault{reply: func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }}
}

// DropAfterStore stores the status and closes the connection without a reply.
func DropAfterStore() Fault {
	f := Drop()
	f.stores = true
	return f
}

// FailAfterStore stores the status and replies with an error such as 502.
func FailAfterStore(status int) Fault {
	f := Fail(status)
	f.stores = true
	return f
}

// Slow waits before the request is served as usual, unless the client or the
// server ends it before.
func Slow(d time.Duration) Fault { return Fault{slow: d} }

// Redirect replies with a redirect such as 301 or 307 to a location.
func Redirect(status int, location string) Fault {
	return Fault{reply: func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", location)
		writeJSON(w, status, map[string]string{"message": "Moved Permanently", "url": location,
			"documentation_url": "https://docs.github.com/rest/guides/best-practices-for-using-the-rest-api#follow-redirects"})
	}}
}

// EchoAuthorization replies with an error whose every part holds the
// Authorization header that was sent, as a careless proxy does.
func EchoAuthorization(status int) Fault {
	return Fault{reply: func(w http.ResponseWriter, r *http.Request) {
		sent := r.Header.Get("Authorization")
		_, token, _ := strings.Cut(sent, " ")
		w.Header().Set("Location", "https://"+token+"@example.com/"+token+"?token="+token)
		w.Header().Set("X-Github-Request-Id", token)
		w.Header().Set("X-Accepted-Github-Permissions", token)
		writeJSON(w, status, map[string]any{
			"message": "refused " + sent + ", which is " + token, "documentation_url": "https://example.com/" + token,
			"errors": []any{map[string]string{"resource": token, "field": token, "code": token, "message": sent}, token},
		})
	}}
}

// Huge replies with an error whose body has so many bytes.
func Huge(status, size int) Fault {
	return Fault{reply: func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(status)
		io.WriteString(w, `{"message":"`)
		chunk := strings.Repeat("x", 32<<10)
		for size > 0 {
			n, err := io.WriteString(w, chunk[:min(size, len(chunk))])
			if err != nil {
				return // the client has read enough
			}
			size -= n
		}
		io.WriteString(w, `"}`)
	}}
}
