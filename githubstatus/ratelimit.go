package githubstatus

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// GitHub asks for at least a minute's pause after a secondary rate limit that
// says nothing else, and for longer ones if it comes again.
const (
	secondaryWait    = time.Minute
	maxSecondaryWait = 16 * time.Minute
	maxToldWait      = 24 * time.Hour // what is more is not meant
)

// pause is when the next call may be made after a rate limit. It is of all
// calls of a client: GitHub may block who goes on calling.
type pause struct {
	mu    sync.Mutex
	until time.Time
	cause Error
}

func (p *pause) set(until time.Time, cause Error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if until = until.Round(0); until.After(p.until) {
		p.until, p.cause = until, cause
	}
}

// get returns the error of the rate limit that holds at this moment, nil if
// there is none.
func (p *pause) get() *Error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !wallTime().Before(p.until) {
		return nil
	}
	e := p.cause
	e.RetryAt = p.until
	return &e
}

// rateLimit reports whether the reply with status 403 or 429 is a rate limit,
// and how long to wait; 0 if GitHub does not tell.
func rateLimit(statusCode int, header http.Header, message string, now time.Time) (limited bool, wait time.Duration) {
	if statusCode != http.StatusForbidden && statusCode != http.StatusTooManyRequests {
		return false, 0
	}
	if wait, ok := retryAfter(header, now); ok {
		return true, wait
	}
	if header.Get("X-Ratelimit-Remaining") == "0" {
		return true, untilReset(header, now)
	}
	message = strings.ToLower(message)
	return statusCode == http.StatusTooManyRequests ||
		strings.Contains(message, "rate limit") || strings.Contains(message, "abuse detection"), 0
}

// retryAfter reads the Retry-After header: seconds, or a date.
func retryAfter(header http.Header, now time.Time) (time.Duration, bool) {
	value := strings.TrimSpace(header.Get("Retry-After"))
	if value == "" {
		return 0, false
	}
	if seconds, err := strconv.ParseFloat(value, 64); err == nil && !math.IsNaN(seconds) {
		return clampWait(seconds), true
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0, false
	}
	return clampWait(at.Sub(serverTime(header, now)).Seconds()), true
}

// untilReset reads the x-ratelimit-reset header, in seconds since 1970.
func untilReset(header http.Header, now time.Time) time.Duration {
	reset, err := strconv.ParseInt(strings.TrimSpace(header.Get("X-Ratelimit-Reset")), 10, 64)
	if err != nil {
		return 0
	}
	return clampWait(float64(reset) - float64(serverTime(header, now).Unix()))
}

// serverTime is the time by the server's clock, so that a wrong one here does
// no harm.
func serverTime(header http.Header, now time.Time) time.Time {
	if date, err := http.ParseTime(header.Get("Date")); err == nil {
		return date
	}
	return now
}

func clampWait(seconds float64) time.Duration {
	// At least a second: the headers have no fractions.
	return time.Duration(min(max(seconds, 1), maxToldWait.Seconds()) * float64(time.Second))
}
