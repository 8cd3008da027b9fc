// Package window tells when the rule DeploymentWindow lets an execution go on: at the
// moments that a cron expression matches in a time zone.
package window

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Window is a parsed window.
type Window struct {
	fields []func(time.Time) bool
	zone   *time.Location
}

// Open reports whether the window is open at the time.
func (w *Window) Open(at time.Time) bool {
	at = at.In(w.zone)
	return !slices.ContainsFunc(w.fields, func(matches func(time.Time) bool) bool { return !matches(at) })
}

// cronField is one of the numbers of an expression.
type cronField struct {
	name        string
	least, most int
	names       []string // of the numbers from the least
	of          func(time.Time) int
}

var (
	monthNames = []string{"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}
	dayNames   = []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}
	dayOfMonth = cronField{name: "day of the month", least: 1, most: 31, of: time.Time.Day}
	dayOfWeek  = cronField{name: "day of the week", least: 1, most: 7, names: dayNames, of: func(t time.Time) int { return int(t.Weekday()) + 1 }}
	cronFields = []cronField{
		{name: "second", least: 0, most: 59, of: time.Time.Second},
		{name: "minute", least: 0, most: 59, of: time.Time.Minute},
		{name: "hour", least: 0, most: 23, of: time.Time.Hour},
		dayOfMonth,
		{name: "month", least: 1, most: 12, names: monthNames, of: func(t time.Time) int { return int(t.Month()) }},
		dayOfWeek,
		{name: "year", least: 1970, most: 2199, of: time.Time.Year},
	}
)

// Parse returns the window of a cron expression, whose fields are seconds, minutes,
// hours, day of the month, month, day of the week and, if wanted, the year, and of a
// time zone such as Europe/Berlin, UTC+02:00 or CET. "" is UTC.
func Parse(cron, zone string) (*Window, error) {
	w := new(Window)
	var err error
	if w.zone, err = parseZone(zone); err != nil {
		return nil, err
	}
	texts := strings.Fields(strings.ToUpper(cron))
	if n := len(texts); n < 6 || n > 7 {
		return nil, fmt.Errorf("the cron expression has %d fields: it has seconds, minutes, hours, day of the month, month, day of the week and, if wanted, the year", n)
	}
	for i, text := range texts {
		field := cronFields[i]
		matches, err := field.parse(text)
		if err != nil {
			return nil, fmt.Errorf("the %s %q of the cron expression: %w", field.name, text, err)
		}
		w.fields = append(w.fields, matches)
	}
	return w, nil
}

func (f cronField) parse(text string) (func(time.Time) bool, error) {
	isDay := f.name == dayOfMonth.name || f.name == dayOfWeek.name
	if text == "*" || isDay && text == "?" {
		return func(time.Time) bool { return true }, nil
	}
	numbers := make(map[int]bool)
	var special []func(time.Time) bool
	for part := range strings.SplitSeq(text, ",") {
		if matches, ok := f.special(part); ok {
			special = append(special, matches)
			continue
		}
		if err := f.add(numbers, part); err != nil {
			return nil, err
		}
	}
	return func(t time.Time) bool {
		return numbers[f.of(t)] || slices.ContainsFunc(special, func(matches func(time.Time) bool) bool { return matches(t) })
	}, nil
}

// add adds the numbers of a part such as 5, MON-FRI, */10 or 0/15.
func (f cronField) add(numbers map[int]bool, part string) error {
	span, stepText, hasStep := strings.Cut(part, "/")
	step := 1
	if hasStep {
		var err error
		if step, err = strconv.Atoi(stepText); err != nil || step < 1 || step > f.most {
			return fmt.Errorf("the step %q is not a number from 1 to %d", stepText, f.most)
		}
	}
	from, to := f.least, f.most
	if span != "*" {
		first, last, isRange := strings.Cut(span, "-")
		var err error
		if from, err = f.number(first); err != nil {
			return err
		}
		switch {
		case isRange:
			if to, err = f.number(last); err != nil {
				return err
			}
		case !hasStep:
			to = from
		}
		if to < from {
			return errors.New("a range goes backwards")
		}
	}
	for n := from; n <= to; n += step {
		numbers[n] = true
	}
	return nil
}

func (f cronField) number(text string) (int, error) {
	if i := slices.Index(f.names, text); i >= 0 {
		return f.least + i, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < f.least || n > f.most {
		return 0, fmt.Errorf("%q is not a number from %d to %d", text, f.least, f.most)
	}
	return n, nil
}

var (
	nearestPattern = regexp.MustCompile(`^(L|[0-9]{1,2})W$`)
	lastPattern    = regexp.MustCompile(`^([1-7]|[A-Z]{3})?L$`)
	nthPattern     = regexp.MustCompile(`^([1-7]|[A-Z]{3})#([1-5])$`)
)

// special returns what only days have: L for the last, 15W for the working day
// nearest to one, 6L for the last Friday and 6#2 for the second.
func (f cronField) special(part string) (func(time.Time) bool, bool) {
	lastDay := func(t time.Time) int { return time.Date(t.Year(), t.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day() }
	switch f.name {
	case dayOfMonth.name:
		if part == "L" {
			return func(t time.Time) bool { return t.Day() == lastDay(t) }, true
		}
		if m := nearestPattern.FindStringSubmatch(part); m != nil {
			return func(t time.Time) bool {
				day, last := lastDay(t), lastDay(t)
				if m[1] != "L" {
					day, _ = strconv.Atoi(m[1])
				}
				return day >= 1 && day <= last && t.Day() == nearestWorkingDay(t.Year(), t.Month(), day, last)
			}, true
		}
	case dayOfWeek.name:
		if m := lastPattern.FindStringSubmatch(part); m != nil {
			if m[1] == "" {
				return func(t time.Time) bool { return t.Weekday() == time.Saturday }, true
			}
			if n, err := f.number(m[1]); err == nil {
				return func(t time.Time) bool { return f.of(t) == n && t.Day() > lastDay(t)-7 }, true
			}
		}
		if m := nthPattern.FindStringSubmatch(part); m != nil {
			if n, err := f.number(m[1]); err == nil {
				nth, _ := strconv.Atoi(m[2])
				return func(t time.Time) bool { return f.of(t) == n && (t.Day()+6)/7 == nth }, true
			}
		}
	}
	return nil, false
}

// nearestWorkingDay returns the working day of the month that is nearest to a day.
func nearestWorkingDay(year int, month time.Month, day, last int) int {
	switch time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Weekday() {
	case time.Saturday:
		if day == 1 {
			return 3
		}
		return day - 1
	case time.Sunday:
		if day == last {
			return day - 2
		}
		return day + 1
	}
	return day
}

var offsetPattern = regexp.MustCompile(`^(?:UTC|GMT)([+-])([0-9]{1,2}):?([0-9]{2})?$`)

// parseZone returns the time zone with the name.
func parseZone(name string) (*time.Location, error) {
	if m := offsetPattern.FindStringSubmatch(name); m != nil {
		hours, _ := strconv.Atoi(m[2])
		minutes, _ := strconv.Atoi(m[3])
		offset := hours*3600 + minutes*60
		if hours > 18 || minutes > 59 {
			return nil, fmt.Errorf("the time zone %q is too far from UTC", name)
		}
		if m[1] == "-" {
			offset = -offset
		}
		return time.FixedZone(name, offset), nil
	}
	if name == "Local" {
		return nil, fmt.Errorf("there is no time zone %q", name)
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("there is no time zone %q", name)
	}
	return zone, nil
}
