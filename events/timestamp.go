package events

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// A Timestamp is a time as AWS wrote it. It is kept as text because AWS uses
// many formats, some of them ambiguous or not times at all; Time reads the
// known ones.
type Timestamp string

// NewTimestamp writes t in RFC 3339, in UTC, with the precision it has.
func NewTimestamp(t time.Time) Timestamp {
	return Timestamp(t.UTC().Format(time.RFC3339Nano))
}

// layouts are the formats without a zone abbreviation.
var layouts = [...]string{
	time.RFC3339,                   // 2020-01-24T22:03:07Z, also with fractions
	"2006-01-02T15:04:05",          // test servers: ...07.123456, in UTC
	"2006-01-02T15:04:05.999Z0700", // repository triggers: ...11.743+0000
	"2006-01-02T15:04Z07:00",       // approval requests: 2018-11-13T21:36Z
	"Jan 2, 2006 3:04:05 PM",       // CodeBuild, in UTC
}

// zones are the abbreviations that occur, with their offset in hours. Others
// are not read: most abbreviations stand for several zones.
var zones = map[string]int{
	"UTC": 0, "GMT": 0, "PST": -8, "PDT": -7, "MST": -7, "MDT": -6,
	"CST": -6, "CDT": -5, "EST": -5, "EDT": -4,
}

// errNoTime does not quote the text: it may be anything.
var errNoTime = errors.New("events: timestamp has no known format")

// Time reads the timestamp: RFC 3339, without a zone in UTC; offsets without a
// colon; CodeBuild's "Sep 1, 2017 4:12:29 PM", which is UTC; the dates in pull requests such as
// "Tue Feb 9 2019 10:18:42 PDT" and "Wed Nov 06 19:02:14 UTC 2019", for UTC,
// GMT and the four zones of the mainland United States; and whole numbers,
// which are seconds up to ten digits and milliseconds beyond. The result is
// in UTC.
func (t Timestamp) Time() (time.Time, error) {
	s := strings.TrimSpace(string(t))
	if n, err := strconv.ParseInt(s, 10, 64); err == nil && n >= 0 {
		if len(s) <= 10 {
			return time.Unix(n, 0).UTC(), nil
		}
		return time.UnixMilli(n).UTC(), nil
	}
	for _, layout := range layouts {
		if parsed, err := time.Parse(layout, s); err == nil {
			return parsed.UTC(), nil
		}
	}
	// time.Parse takes any abbreviation for UTC, so it must not see one.
	words := strings.Fields(s)
	for i, word := range words {
		hours, ok := zones[word]
		if !ok {
			continue
		}
		words = append(words[:i:i], words[i+1:]...)
		for _, layout := range [...]string{"Mon Jan 2 2006 15:04:05", "Mon Jan 2 15:04:05 2006"} {
			if parsed, err := time.Parse(layout, strings.Join(words, " ")); err == nil {
				return parsed.Add(-time.Duration(hours) * time.Hour), nil
			}
		}
		break
	}
	return time.Time{}, errNoTime
}
