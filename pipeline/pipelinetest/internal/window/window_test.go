package window_test

import (
	"strings"
	"testing"
	"time"

	"github.com/codesuite-go/codesuite/pipeline/pipelinetest/internal/window"
)

func TestOpen(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		cron, zone   string
		open, closed string // moments, in UTC
	}{
		{"* * * * * ?", "", "2026-01-01T00:00", ""},
		{"* * 9-16 ? * MON-FRI", "", "2026-11-27T09:00 2026-11-27T16:59", "2026-11-27T17:00 2026-11-28T10:00"},
		{"* * 9-16 ? * MON-FRI", "Europe/Berlin", "2026-11-27T08:00 2026-07-03T07:30", "2026-11-27T07:59 2026-07-03T15:00"},
		{"* * 9 ? * *", "UTC+02:30", "2026-01-01T06:30 2026-01-01T07:29", "2026-01-01T06:29 2026-01-01T07:30"},
		{"* * 9 ? * *", "UTC-1", "2026-01-01T10:00", "2026-01-01T09:00"},
		{"* 0/15 * * * ?", "", "2026-01-01T00:45", "2026-01-01T00:46"},
		{"* */20,59 * * * ?", "", "2026-01-01T00:40 2026-01-01T00:59", "2026-01-01T00:50"},
		{"* * * 1,15 JAN,mar ? 2026-2027", "", "2026-01-15T00:00 2027-03-01T05:00", "2028-01-15T00:00 2026-02-01T00:00"},
		{"* * * L * ?", "", "2026-02-28T12:00 2028-02-29T12:00", "2028-02-28T12:00"},
		{"* * * 15W * ?", "", "2026-08-14T12:00 2026-11-16T12:00 2026-07-15T01:00", "2026-08-15T12:00 2026-08-17T12:00"},
		{"* * * 1W * ?", "", "2026-08-03T12:00", "2026-08-01T12:00 2026-07-31T12:00"},
		{"* * * LW * ?", "", "2026-05-29T12:00", "2026-05-31T12:00"},
		{"* * * ? * 6L", "", "2026-11-27T12:00", "2026-11-20T12:00"},
		{"* * * ? * L", "", "2026-11-28T12:00", "2026-11-27T12:00"},
		{"* * * ? * FRI#3", "", "2026-11-20T12:00", "2026-11-13T12:00 2026-11-27T12:00"},
	} {
		w, err := window.Parse(test.cron, test.zone)
		if err != nil {
			t.Errorf("Parse(%q, %q): %v", test.cron, test.zone, err)
			continue
		}
		for want, list := range map[bool]string{true: test.open, false: test.closed} {
			for _, moment := range strings.Fields(list) {
				at, err := time.Parse("2006-01-02T15:04", moment)
				if err != nil {
					t.Fatal(err)
				}
				if got := w.Open(at); got != want {
					t.Errorf("%q in %q is open at %s: %t", test.cron, test.zone, moment, got)
				}
			}
		}
	}
}

func TestParseErrors(t *testing.T) {
	t.Parallel()
	for want, test := range map[string]struct{ cron, zone string }{
		"has 5 fields":             {"* * * * *", "UTC"},
		`second "60"`:              {"60 * * * * ?", "UTC"},
		`"MOO" is not a number`:    {"* * * ? * MOO", "UTC"},
		"goes backwards":           {"* 9-8 * ? * *", "UTC"},
		`the step "0"`:             {"* */0 * ? * *", "UTC"},
		`month "?"`:                {"* * * * ? *", "UTC"},
		`no time zone "Mars/Base"`: {"* * * * * ?", "Mars/Base"},
		"too far from UTC":         {"* * * * * ?", "UTC+19:00"},
	} {
		if _, err := window.Parse(test.cron, test.zone); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Parse(%q, %q) = %v, want %q", test.cron, test.zone, err, want)
		}
	}
}

// A window that can be read can be looked at.
func FuzzParse(f *testing.F) {
	for _, seed := range [][2]string{{"* * 9-16 ? * MON-FRI", "UTC"}, {"0 0/5 * LW JAN,MAR ? 2026", "UTC+02:00"}, {"* * * 15W * 6#3,2L", "CET"}, {"* * * * * *", "x"}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, cron, zone string) {
		w, err := window.Parse(cron, zone)
		if err != nil {
			return
		}
		opened := false
		for at := time.Date(2026, 1, 31, 23, 59, 0, 0, time.UTC); at.Year() < 2027; at = at.Add(31 * time.Hour) {
			opened = w.Open(at) || opened
		}
		if strings.Trim(cron, "* ?\t\n\v\f\r\u0085\u00a0") == "" && !opened {
			t.Errorf("the window %q is never open", cron)
		}
	})
}
