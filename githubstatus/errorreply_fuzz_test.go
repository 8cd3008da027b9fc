package githubstatus_test

import (
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/codesuite-go/codesuite/githubstatus"
)

// Whatever a server replies, the error is one line that shows no token, and
// the time to try again is neither past nor far away.
func FuzzReply(f *testing.F) {
	const token = "ghp_0123456789" // of scripted
	f.Add(403, "7", "0", "1700000000", "", "application/json", secondary)
	f.Add(429, "Sat, 01 Jan 2000 00:01:30 GMT", "", "", "Sat, 01 Jan 2000 00:00:00 GMT", "text/plain", "slow down "+token)
	f.Add(422, "", "", "", "", "application/json", `{"message":"Validation Failed","errors":[{"field":"x","code":"custom"},"y",1,null]}`)
	f.Add(301, "", "", "", "", "application/json", `{"url":"https://u:p@example.com/?`+token+`"}`)
	f.Add(500, "1e300", "-1", "x", "x", "", `[`)
	f.Add(201, "NaN", "", "", "", "", ``)
	f.Fuzz(func(t *testing.T, status int, retryAfter, remaining, reset, date, contentType, body string) {
		if status < 200 || status > 599 {
			t.Skip()
		}
		s := &script{replies: replies(reply(status, body, "Retry-After", retryAfter, "X-Ratelimit-Remaining", remaining,
			"X-Ratelimit-Reset", reset, "Date", date, "Content-Type", contentType, "X-Github-Request-Id", body, "Location", body))}
		before := time.Now()
		err := scripted(s, func(o *githubstatus.Options) { o.MaxAttempts = 1 }).Set(t.Context(), commit, success("ci"))
		if (err == nil) != (status == 201) {
			t.Fatalf("error %v for the status %d", err, status)
		}
		if err == nil {
			return
		}
		e := asError(t, err)
		text := err.Error()
		switch {
		case strings.Contains(text, token):
			t.Errorf("the error shows the token: %s", text)
		case strings.ContainsFunc(text, unicode.IsControl):
			t.Errorf("the error is not one line: %q", text)
		case len(text) > 50_000:
			t.Errorf("the error has %d bytes", len(text))
		case !e.RetryAt.IsZero() && (e.RetryAt.Before(before) || e.RetryAt.After(time.Now().Add(24*time.Hour))):
			t.Errorf("RetryAt is %v", e.RetryAt)
		}
	})
}
