package approval

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// Readers are the readers of the rules that [ParsePolicies] makes.
type Readers struct {
	Statuses     []StatusReader
	PullRequests []PullRequestReader
}

type policyJSON struct {
	Pipeline string        `json:"pipeline"`
	Stage    string        `json:"stage"`
	Action   string        `json:"action"`
	Window   *windowJSON   `json:"window"`
	Statuses *statusesJSON `json:"statuses"`
	Reviews  *reviewsJSON  `json:"reviews"`
}

type windowJSON struct {
	TimeZone string       `json:"time_zone"`
	Days     []string     `json:"days"`
	From     string       `json:"from"`
	To       string       `json:"to"`
	Freezes  []freezeJSON `json:"freezes"`
}

type freezeJSON struct {
	From   string `json:"from"`
	To     string `json:"to"`
	Reason string `json:"reason"`
}

type statusesJSON struct {
	Sources   []string       `json:"sources"`
	Required  []requiredJSON `json:"required"`
	Ignore    []string       `json:"ignore"`
	OnFailure Decision       `json:"on_failure"`
}

// requiredJSON is a context, or an object with that and the ID of an App.
type requiredJSON struct {
	Context string `json:"context"`
	AppID   int64  `json:"app_id"`
}

func (r *requiredJSON) UnmarshalJSON(data []byte) error {
	if bytes.HasPrefix(data, []byte(`"`)) {
		return json.Unmarshal(data, &r.Context)
	}
	type plain requiredJSON
	return strict(data, (*plain)(r))
}

type reviewsJSON struct {
	Sources   []string `json:"sources"`
	Approvals int      `json:"approvals"`
	Reviewers []string `json:"reviewers"`
	OnFailure Decision `json:"on_failure"`
}

// ParsePolicies reads policies from a JSON list of objects with these members:
//
//	pipeline  Pipeline
//	stage     Stage
//	action    Action
//	window    Window, an object:
//	            time_zone   Location, such as "Europe/Berlin"; required
//	            days        Days: mon, tue, wed, thu, fri, sat, sun, or mon-thu
//	            from, to    From and To, such as "09:00"
//	            freezes     Freezes: objects with from, to and reason; a time is a
//	                        date, to the end of which To is, or "2026-12-18T17:00"
//	statuses  Statuses, an object:
//	            sources     Sources
//	            required    Required: contexts, or objects with context and app_id
//	            ignore      Ignore
//	            on_failure  OnFailure: wait or reject
//	reviews   Reviews, an object:
//	            sources     Sources
//	            approvals   Approvals
//	            reviewers   Reviewers
//	            on_failure  OnFailure: wait or reject
//
// Each policy has at least one of the last three. The error names the policy and the
// member; an unknown member is one.
func ParsePolicies(data []byte, readers Readers) ([]Policy, error) {
	var raw []json.RawMessage
	if err := strict(data, &raw); err != nil {
		return nil, fmt.Errorf("approval: parse policies: a JSON list of objects is wanted: %w", err)
	}
	var policies []Policy
	for i, text := range raw {
		var from policyJSON
		err := strict(text, &from)
		policy := Policy{Pipeline: from.Pipeline, Stage: from.Stage, Action: from.Action}
		if err == nil {
			policy.Rules, err = from.rules(readers)
		}
		if err == nil {
			err = policy.check()
		}
		if err != nil {
			return nil, fmt.Errorf("approval: parse policies: policy number %d (pipeline %.100q): %w", i+1, from.Pipeline, err)
		}
		policies = append(policies, policy)
	}
	if len(policies) == 0 {
		return nil, errors.New("approval: parse policies: the list is empty")
	}
	return policies, nil
}

// strict reads one JSON value that has no unknown members, and nothing behind it.
func strict(data []byte, value any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(value); err != nil {
		var mismatch *json.UnmarshalTypeError
		if errors.As(err, &mismatch) && mismatch.Field != "" {
			return fmt.Errorf("the member %q wants another type than %s", mismatch.Field, mismatch.Value)
		}
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is text behind the value: remove it")
	}
	return nil
}

func (p *policyJSON) rules(readers Readers) ([]Rule, error) {
	var rules []Rule
	if p.Window != nil {
		window, err := p.Window.window()
		if err != nil {
			return nil, fmt.Errorf("window: %w", err)
		}
		rules = append(rules, window)
	}
	if s := p.Statuses; s != nil {
		rule := &Statuses{Readers: readers.Statuses, Sources: s.Sources, Ignore: s.Ignore, OnFailure: s.OnFailure}
		for _, r := range s.Required {
			rule.Required = append(rule.Required, RequiredStatus(r))
		}
		rules = append(rules, rule)
	}
	if r := p.Reviews; r != nil {
		rules = append(rules, &Reviews{
			Readers: readers.PullRequests, Sources: r.Sources, Approvals: r.Approvals, Reviewers: r.Reviewers, OnFailure: r.OnFailure,
		})
	}
	return rules, nil
}

func (w *windowJSON) window() (*Window, error) {
	if w.TimeZone == "" || w.TimeZone == "Local" {
		return nil, errors.New(`time_zone is not set: set it to such as "Europe/Berlin" or "UTC"`)
	}
	location, err := time.LoadLocation(w.TimeZone)
	if err != nil {
		return nil, fmt.Errorf("time_zone: %w", err)
	}
	window := &Window{Location: location}
	if window.Days, err = parseDays(w.Days); err != nil {
		return nil, err
	}
	if w.From == "" != (w.To == "") {
		return nil, errors.New("from and to belong together: set both or neither")
	}
	if w.From != "" {
		if window.From, err = parseClock("from", w.From); err != nil {
			return nil, err
		}
		if window.To, err = parseClock("to", w.To); err != nil {
			return nil, err
		}
		if window.From == window.To {
			return nil, errors.New("from and to are the same time: set neither for the whole day")
		}
	}
	for i, f := range w.Freezes {
		freeze := Freeze{Reason: f.Reason}
		if freeze.From, _, err = parseWall(f.From); err != nil {
			return nil, fmt.Errorf("freeze number %d: from: %w", i+1, err)
		}
		to, isDate, err := parseWall(f.To)
		if err != nil {
			return nil, fmt.Errorf("freeze number %d: to: %w", i+1, err)
		}
		if freeze.To = to; isDate {
			freeze.To = to.AddDate(0, 0, 1)
		}
		window.Freezes = append(window.Freezes, freeze)
	}
	return window, nil
}

// weekdays are the names of the days, from Sunday on as package time has them.
var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// parseDays reads days and ranges of days.
func parseDays(names []string) (days []time.Weekday, err error) {
	for _, name := range names {
		first, last, isRange := strings.Cut(strings.ToLower(name), "-")
		if !isRange {
			last = first
		}
		from, to := slices.Index(weekdays, first), slices.Index(weekdays, last)
		if from < 0 || to < 0 {
			return nil, fmt.Errorf("days: %.40q is no day such as mon, and no range such as mon-thu", name)
		}
		for d := from; ; d = (d + 1) % 7 {
			days = append(days, time.Weekday(d))
			if d == to {
				break
			}
		}
	}
	return days, nil
}

// parseClock reads a time of day such as "09:30"; the end of a day is "24:00".
func parseClock(member, text string) (time.Duration, error) {
	if text == "24:00" && member == "to" {
		return day, nil
	}
	t, err := time.Parse("15:04", text)
	if err != nil || len(text) != len("15:04") {
		return 0, fmt.Errorf("%s: %.40q is no time of day such as 09:30", member, text)
	}
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute, nil
}

// parseWall reads a date, or a date with a time of day.
func parseWall(text string) (t time.Time, isDate bool, err error) {
	if t, err = time.Parse(time.DateOnly, text); err == nil {
		return t, true, nil
	}
	if t, err = time.Parse("2006-01-02T15:04", text); err == nil {
		return t, false, nil
	}
	return t, false, fmt.Errorf("%.40q is neither a date such as 2026-12-18 nor a time such as 2026-12-18T17:00", text)
}
