package events_test

import (
	"testing"
	"time"

	"github.com/codesuite-go/codesuite/events"
)

func TestTimestamp(t *testing.T) {
	t.Parallel()
	for text, want := range map[events.Timestamp]string{
		"2020-01-24T22:03:07Z":          "2020-01-24T22:03:07Z",
		"2023-10-26T13:51:09.981Z":      "2023-10-26T13:51:09.981Z",
		"2020-01-24T22:03:07+01:00":     "2020-01-24T21:03:07Z",
		"2022-01-10T18:55:09.100+0000":  "2022-01-10T18:55:09.1Z",
		"2022-01-10T18:55:09.100-0730":  "2022-01-11T02:25:09.1Z",
		"2022-01-10T18:55:09+0000":      "2022-01-10T18:55:09Z",
		"2018-11-13T21:36Z":             "2018-11-13T21:36:00Z",
		"2026-05-06T07:08:09":           "2026-05-06T07:08:09Z",
		"2026-05-06T07:08:09.120450":    "2026-05-06T07:08:09.12045Z",
		"2026-05-06T07:08":              "",
		"2018-11-13T21:36+01:00":        "2018-11-13T20:36:00Z",
		"Sep 1, 2017 4:12:29 PM":        "2017-09-01T16:12:29Z",
		"Oct 1, 2020 12:04:31 AM":       "2020-10-01T00:04:31Z",
		"Sep 13, 2019 4:12:29 AM":       "2019-09-13T04:12:29Z",
		"Wed Nov 06 19:02:14 UTC 2019":  "2019-11-06T19:02:14Z",
		"Tue Jun 18 10:18:42 PDT 2019":  "2019-06-18T17:18:42Z",
		"Tue Feb 9 2019 10:18:42 PDT ":  "2019-02-09T17:18:42Z",
		"Mon Mar 11 14:42:31 EST 2019":  "2019-03-11T19:42:31Z",
		"1575493418000":                 "2019-12-04T21:03:38Z",
		"1575493418":                    "2019-12-04T21:03:38Z",
		"0":                             "1970-01-01T00:00:00Z",
		"":                              "",
		"TimeStamp":                     "",
		"2017-04-22T03:333:47Z":         "",
		"2024-05-16T17: 47: 47Z":        "",
		"Tue Feb 9 2019 10:18:42 IST":   "", // Ireland, Israel or India
		"Tue Feb 9 2019 10:18:42":       "",
		"Tue Feb 99 2019 10:18:42 UTC":  "",
		"-5":                            "",
		"99999999999999999999999999999": "",
	} {
		got, err := text.Time()
		if want == "" {
			if err == nil {
				t.Errorf("%q: no error, got %v", text, got)
			}
			continue
		}
		if err != nil || got.Format(time.RFC3339Nano) != want || got.Location() != time.UTC {
			t.Errorf("%q: got %v, %v, want %s", text, got, err, want)
		}
	}
	now := time.Now()
	if got, err := events.NewTimestamp(now).Time(); err != nil || !got.Equal(now) {
		t.Errorf("NewTimestamp: got %v, %v, want %v", got, err, now)
	}
}
