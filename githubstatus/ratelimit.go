package githubstatus

import (
	"math"
	"net/http"
	"slices"
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
	maxToldWait      = 24 * time.Hour // a longer wait is a mistake
)

// pauses are the rate limits that hold, by their holder. All calls of a holder
// wait, as GitHub may block a client that goes on calling.
type pauses struct {
	mu      sync.Mutex
	holders map[string]pause
}

type pause struct {
	until time.Time
	cause Error
}

func (p *pauses) set(holder string, until time.Time, cause Error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := wallTime()
	for other, pause := range p.holders { // the map holds no more than limits that hold
		if !now.Before(pause.until) {
			delete(p.holders, other)
		}
	}
	if p.holders == nil {
		p.holders = map[string]pause{}
	}
	if until = until.Round(0); until.After(p.holders[holder].until) {
		p.holders[holder] = pause{until, cause}
	}
}

// get returns the error of the rate limit that holds at this moment, nil if
// there is none.
func (p *pauses) get(holder string) *Error {
	p.mu.Lock()
	defer p.mu.Unlock()
	pause, ok := p.holders[holder]
	if !ok || !wallTime().Before(pause.until) {
		return nil
	}
	e := pause.cause
	e.RetryAt = pause.until
	return &e
}

// rateLimit reports whether the reply is a rate limit, and how long to wait; 0 if
// GitHub does not say. text is GitHub's message, or the body of a reply that is
// cut off.
func rateLimit(statusCode int, header http.Header, text string, fields []FieldError, now time.Time) (limited bool, wait time.Duration) {
	switch statusCode {
	case http.StatusForbidden, http.StatusTooManyRequests:
	case http.StatusUnprocessableEntity:
		// Many statuses in a short time may be refused in this way.
		return strings.Contains(strings.ToLower(text), "submitted too quickly") ||
			slices.ContainsFunc(fields, func(f FieldError) bool {
				return f.Code == "abuse" || strings.Contains(strings.ToLower(f.Message), "submitted too quickly")
			}), 0
	default:
		return false, 0
	}
	if wait, ok := retryAfter(header, now); ok {
		return true, wait
	}
	if header.Get("X-Ratelimit-Remaining") == "0" {
		return true, untilReset(header, now)
	}
	text = strings.ToLower(text)
	return statusCode == http.StatusTooManyRequests ||
		strings.Contains(text, "rate limit") || strings.Contains(text, "abuse detection"), 0
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
