package approval_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/codesuite-go/codesuite/pipeline/approval"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	location, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return location
}

func at(t testing.TB, text string) time.Time {
	t.Helper()
	moment, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return moment
}

// wall is a time by the clock.
func wall(text string) time.Time {
	t, err := time.Parse("2006-01-02T15:04", text)
	if err != nil {
		panic(err)
	}
	return t
}

func TestWindow(t *testing.T) {
	t.Parallel()
	berlin, newYork, lordHowe := zone(t, "Europe/Berlin"), zone(t, "America/New_York"), zone(t, "Australia/Lord_Howe")
	workdays := []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}
	office := approval.Window{Location: berlin, Days: workdays, From: 9 * time.Hour, To: 16*time.Hour + 30*time.Minute}
	night := approval.Window{Location: berlin, Days: []time.Weekday{time.Friday}, From: 22 * time.Hour, To: 4 * time.Hour}
	early := approval.Window{Location: berlin, From: 2*time.Hour + 30*time.Minute, To: 3*time.Hour + 30*time.Minute}
	frozen := office
	frozen.Freezes = []approval.Freeze{{From: wall("2026-12-18T12:00"), To: wall("2027-01-04T00:00"), Reason: "end of the year"}}
	for _, tt := range []struct {
		name   string
		window approval.Window
		now    string
		want   string // "" is open
	}{
		{"always", approval.Window{}, "2026-03-01T03:00:00Z", ""},
		{"winter, open", office, "2026-03-02T08:00:00Z", ""},
		{"winter, a second before", office, "2026-03-02T07:59:59Z", "the change window is closed until Mon 2026-03-02 09:00 CET"},
		{"winter, just over", office, "2026-03-02T15:30:00Z", "the change window is closed until Tue 2026-03-03 09:00 CET"},
		{"winter, a second before its end", office, "2026-03-02T15:29:59Z", ""},
		{"summer, open an hour earlier", office, "2026-06-01T07:00:00Z", ""},
		{"Friday evening", office, "2026-03-27T20:00:00Z", "the change window is closed until Mon 2026-03-30 09:00 CEST"},
		{"Saturday in Berlin, Friday in UTC", approval.Window{Location: berlin, Days: []time.Weekday{time.Friday}}, "2026-03-06T23:30:00Z", "the change window is closed until Fri 2026-03-13 00:00 CET"},
		{"over midnight, the evening", night, "2026-03-06T21:00:00Z", ""},
		{"over midnight, the morning after", night, "2026-03-07T02:59:59Z", ""},
		{"over midnight, its end", night, "2026-03-07T03:00:00Z", "the change window is closed until Fri 2026-03-13 22:00 CET"},
		{"over midnight, another evening", night, "2026-03-07T21:30:00Z", "the change window is closed until Fri 2026-03-13 22:00 CET"},
		{"spring, its begin is skipped", early, "2026-03-29T00:59:00Z", "the change window is closed until Sun 2026-03-29 03:00 CEST"},
		{"spring, after the gap", early, "2026-03-29T01:00:00Z", ""},
		{"spring, over", early, "2026-03-29T01:30:00Z", "the change window is closed until Mon 2026-03-30 02:30 CEST"},
		{"autumn, the first time", early, "2026-10-25T00:30:00Z", ""},
		{"autumn, the clock is back", early, "2026-10-25T01:00:00Z", "the change window is closed until Sun 2026-10-25 02:30 CET"},
		{"autumn, the second time", early, "2026-10-25T01:30:00Z", ""},
		{"autumn, before both", early, "2026-10-24T23:00:00Z", "the change window is closed until Sun 2026-10-25 02:30 CEST"},
		{"New York", approval.Window{Location: newYork, From: 9 * time.Hour, To: 17 * time.Hour}, "2026-03-09T13:00:00Z", ""},
		{"half an hour of summer time", approval.Window{Location: lordHowe, From: 2*time.Hour + 15*time.Minute, To: 3 * time.Hour}, "2026-10-03T15:29:00Z", "the change window is closed until Sun 2026-10-04 02:30 +11"},
		{"frozen", frozen, "2026-12-18T11:00:00Z", "changes are frozen (end of the year) until Mon 2027-01-04 09:00 CET"},
		{"just before the freeze", frozen, "2026-12-18T10:59:59Z", ""},
		{"the freeze ends at night", frozen, "2027-01-03T23:00:00Z", "the change window is closed until Mon 2027-01-04 09:00 CET"},
		{"frozen for years", approval.Window{Freezes: []approval.Freeze{{From: wall("2020-01-01T00:00"), To: wall("2040-01-01T00:00")}}}, "2026-03-01T03:00:00Z", "changes are frozen until Sun 2040-01-01 00:00 UTC"},
		{"the whole day", approval.Window{Days: []time.Weekday{time.Sunday}, To: 24 * time.Hour}, "2026-03-01T23:59:59Z", ""},
	} {
		decision, reason, err := tt.window.Judge(t.Context(), nil, at(t, tt.now))
		want := approval.DecisionWait
		if tt.want == "" {
			want, tt.want = approval.DecisionApprove, "the change window is open"
		}
		if err != nil || decision != want || reason != tt.want {
			t.Errorf("%s: got %s, %q, %v, want %s, %q", tt.name, decision, reason, err, want, tt.want)
		}
	}
}

// When a window says that it opens, it opens, and not a minute before.
func TestWindowOpens(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(18, 8))
	zones := []*time.Location{time.UTC, zone(t, "Europe/Berlin"), zone(t, "America/St_Johns"), zone(t, "Australia/Lord_Howe"), zone(t, "Pacific/Apia"), zone(t, "Africa/Casablanca")}
	changes := []time.Time{
		at(t, "2026-03-29T01:00:00Z"), at(t, "2026-10-25T01:00:00Z"), at(t, "2026-03-08T05:31:00Z"), at(t, "2026-11-01T04:31:00Z"),
		at(t, "2026-04-04T15:00:00Z"), at(t, "2026-10-03T15:30:00Z"), at(t, "2011-12-30T10:00:00Z"), at(t, "2026-02-15T02:00:00Z"),
	}
	for range 120 {
		w := approval.Window{Location: zones[random.IntN(len(zones))]}
		w.From = time.Duration(random.IntN(24*4)) * 15 * time.Minute
		w.To = time.Duration(random.IntN(24*4)) * 15 * time.Minute
		if w.From == w.To {
			w.From, w.To = 0, 0
		}
		for d := range 7 {
			if random.IntN(3) > 0 {
				w.Days = append(w.Days, time.Weekday(d))
			}
		}
		now := changes[random.IntN(len(changes))].Add(time.Duration(random.IntN(72*60)-48*60) * time.Minute)
		if random.IntN(2) == 0 {
			from := now.Add(time.Duration(random.IntN(48*60)-24*60) * time.Minute)
			w.Freezes = []approval.Freeze{{From: from, To: from.Add(time.Duration(1+random.IntN(48*60)) * time.Minute)}}
		}
		decision, reason, err := w.Judge(t.Context(), nil, now)
		if err != nil {
			t.Fatal(err)
		}
		if decision == approval.DecisionApprove {
			continue
		}
		opens := now.Truncate(time.Minute)
		for range 9 * 24 * 60 {
			opens = opens.Add(time.Minute)
			if decision, _, _ := w.Judge(t.Context(), nil, opens); decision == approval.DecisionApprove {
				break
			}
		}
		if want := "until " + opens.In(w.Location).Format("Mon 2006-01-02 15:04 MST"); !strings.HasSuffix(reason, want) {
			t.Errorf("%v at %v: %q, want %q", w, now, reason, want)
		}
	}
}

func TestWindowInvalid(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		window approval.Window
		want   string
	}{
		{approval.Window{From: -1}, "From"},
		{approval.Window{From: 24 * time.Hour}, "From"},
		{approval.Window{To: 25 * time.Hour}, "To"},
		{approval.Window{From: time.Hour, To: time.Hour}, "same time"},
		{approval.Window{Days: []time.Weekday{7}}, "no day"},
		{approval.Window{Freezes: []approval.Freeze{{From: wall("2026-01-02T00:00"), To: wall("2026-01-01T00:00")}}}, "2026-01-02"},
	} {
		decision, _, err := tt.window.Judge(t.Context(), nil, time.Now())
		if decision != approval.DecisionWait || err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v: got %s, %v, want an error with %q", tt.window, decision, err, tt.want)
		}
	}
}
