package approval_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/pipeline/approval"
)

func readers() approval.Readers {
	r := reader{provider: events.ProviderGitHub}
	return approval.Readers{Statuses: []approval.StatusReader{r}, PullRequests: []approval.PullRequestReader{r}}
}

const policies = `[
  {"pipeline": "shop", "stage": "Production", "action": "Release",
   "window": {"time_zone": "Europe/Berlin", "days": ["mon-thu", "Sat"], "from": "09:00", "to": "24:00",
     "freezes": [{"from": "2026-12-18T17:00", "to": "2027-01-03", "reason": "end of the year"}]},
   "statuses": {"sources": ["App"], "required": ["build", {"context": "test", "app_id": 15368}], "ignore": ["preview/*"], "on_failure": "reject"},
   "reviews": {"approvals": 2, "reviewers": ["mona", "octo/owners", "arn:aws:sts::111122223333:assumed-role/Lead/*"], "on_failure": "wait"}},
  {"pipeline": "docs", "window": {"time_zone": "UTC", "days": ["fri-mon"]}}
]`

func TestParsePolicies(t *testing.T) {
	t.Parallel()
	got, err := approval.ParsePolicies([]byte(policies), readers())
	if err != nil {
		t.Fatal(err)
	}
	all := readers()
	want := []approval.Policy{
		{Pipeline: "shop", Stage: "Production", Action: "Release", Rules: []approval.Rule{
			&approval.Window{
				Location: zone(t, "Europe/Berlin"), Days: []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Saturday}, From: 9 * time.Hour, To: 24 * time.Hour,
				Freezes: []approval.Freeze{{From: wall("2026-12-18T17:00"), To: wall("2027-01-04T00:00"), Reason: "end of the year"}},
			},
			&approval.Statuses{
				Readers: all.Statuses, Sources: []string{"App"}, Required: []approval.RequiredStatus{{Context: "build"}, {Context: "test", AppID: 15368}},
				Ignore: []string{"preview/*"}, OnFailure: approval.DecisionReject,
			},
			&approval.Reviews{
				Readers: all.PullRequests, Approvals: 2, Reviewers: []string{"mona", "octo/owners", "arn:aws:sts::111122223333:assumed-role/Lead/*"}, OnFailure: approval.DecisionWait,
			},
		}},
		{Pipeline: "docs", Rules: []approval.Rule{
			&approval.Window{Location: time.UTC, Days: []time.Weekday{time.Friday, time.Saturday, time.Sunday, time.Monday}},
		}},
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmp.AllowUnexported(reader{}), cmp.Comparer(func(a, b *time.Location) bool { return a.String() == b.String() })); diff != "" {
		t.Errorf("policies (-want +got):\n%s", diff)
	}
}

func TestParsePoliciesErrors(t *testing.T) {
	t.Parallel()
	window := func(members string) string {
		return `[{"pipeline": "shop", "window": {"time_zone": "UTC"` + members + `}}]`
	}
	for _, tt := range []struct{ name, text, want string }{
		{"nothing", ``, "EOF"},
		{"no list", `{}`, "a JSON list of objects is wanted"},
		{"an empty list", `[]`, "the list is empty"},
		{"text behind it", `[] []`, "text behind"},
		{"no pipeline", `[{"window": {"time_zone": "UTC"}}]`, "Pipeline is empty"},
		{"no rules", `[{"pipeline": "shop"}]`, `policy number 1 (pipeline "shop"): there are no rules`},
		{"null as a rule", `[{"pipeline": "shop", "window": null}]`, "there are no rules"},
		{"an unknown member", `[{"pipeline": "shop", "windows": {}}]`, `unknown field "windows"`},
		{"an unknown member inside", window(`, "form": "09:00"`), `unknown field "form"`},
		{"another type", `[{"pipeline": 1}]`, `the member "pipeline" wants another type`},
		{"no time zone", `[{"pipeline": "shop", "window": {}}]`, "window: time_zone is not set"},
		{"the zone of the machine", `[{"pipeline": "shop", "window": {"time_zone": "Local"}}]`, "time_zone is not set"},
		{"an unknown time zone", `[{"pipeline": "shop", "window": {"time_zone": "Europe/Bonn"}}]`, "Europe/Bonn"},
		{"an unknown day", window(`, "days": ["mon", "monday"]`), `days: "monday" is no day`},
		{"half a range", window(`, "days": ["mon-"]`), `"mon-"`},
		{"from alone", window(`, "from": "09:00"`), "set both or neither"},
		{"a time of one digit", window(`, "from": "9:00", "to": "16:00"`), `from: "9:00" is no time of day`},
		{"a time after midnight", window(`, "from": "09:00", "to": "24:30"`), `to: "24:30" is no time of day`},
		{"24:00 as the beginning", window(`, "from": "24:00", "to": "04:00"`), `from: "24:00"`},
		{"the same time", window(`, "from": "09:00", "to": "09:00"`), "the same time"},
		{"a freeze without an end", window(`, "freezes": [{"from": "2026-12-18"}]`), `freeze number 1: to: ""`},
		{"a freeze with another date", window(`, "freezes": [{"from": "18.12.2026", "to": "2026-12-19"}]`), `from: "18.12.2026"`},
		{"a freeze that is over before it begins", window(`, "freezes": [{"from": "2026-12-18", "to": "2026-12-17"}]`), "ends before it begins"},
		{"approve on failure", `[{"pipeline": "shop", "statuses": {"on_failure": "approve"}}]`, "statuses: OnFailure"},
		{"no context", `[{"pipeline": "shop", "statuses": {"required": [{"app_id": 3}]}}]`, "empty context"},
		{"an App as text", `[{"pipeline": "shop", "statuses": {"required": [{"context": "ci", "app_id": "3"}]}}]`, "app_id"},
		{"an unknown member of a required status", `[{"pipeline": "shop", "statuses": {"required": [{"context": "ci", "app": 3}]}}]`, `unknown field "app"`},
		{"too few reviewers", `[{"pipeline": "shop", "reviews": {"approvals": 3, "reviewers": ["a", "b"]}}]`, "only 2 Reviewers"},
		{"the second policy", `[{"pipeline": "a", "window": {"time_zone": "UTC"}}, {"pipeline": "b"}]`, `policy number 2 (pipeline "b")`},
	} {
		got, err := approval.ParsePolicies([]byte(tt.text), readers())
		if err == nil || got != nil || !strings.HasPrefix(err.Error(), "approval: parse policies: ") || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, %v, want an error with %q", tt.name, got, err, tt.want)
		}
	}
	if _, err := approval.ParsePolicies([]byte(policies), approval.Readers{}); err == nil || !strings.Contains(err.Error(), "Statuses.Readers is empty") {
		t.Errorf("without readers: %v", err)
	}
}

// Whatever the policies, there is an error or rules that judge.
func FuzzParsePolicies(f *testing.F) {
	f.Add(policies)
	f.Add(`[{"pipeline":"a","window":{"time_zone":"America/St_Johns","days":["sat-sun"],"from":"23:00","to":"01:30","freezes":[{"from":"0001-01-01","to":"9999-12-31"}]}}]`)
	f.Add(`[{"pipeline":"a","statuses":{"required":["x",{"context":"y"}]},"reviews":{}}]`)
	now := time.Date(2026, 10, 25, 0, 59, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text string) {
		policies, err := approval.ParsePolicies([]byte(text), readers())
		if err != nil {
			return
		}
		for _, p := range policies {
			for _, rule := range p.Rules {
				decision, reason, err := rule.Judge(t.Context(), waiting(app), now)
				if err != nil || reason == "" {
					t.Fatalf("%s: %s, %q, %v", rule.Name(), decision, reason, err)
				}
			}
		}
	})
}
