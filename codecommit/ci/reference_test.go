package ci_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/codecommit/ci"
	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
)

var (
	mainFlow = ci.Flow{Name: "main", Kind: ci.KindBranch, Repositories: []string{"app"}, Branches: []string{"main", "feature/**"}, Project: "app-main"}
	tagFlow  = ci.Flow{Name: "release", Kind: ci.KindTag, Repositories: []string{"app"}, Tags: []string{"v*"}, Project: "app-release"}
)

// New branches and moved tags are built, which the known module leaves out.
func TestReferences(t *testing.T) {
	t.Parallel()
	w := newWorld(t, []ci.Flow{mainFlow, tagFlow}, nil)
	first := w.head("main")
	w.setRef("refs/heads/feature/a", first) // a new branch
	w.setRef("refs/heads/other", first)     // of no flow
	second := w.push("main", "a", "1")
	w.setRef("refs/tags/v1", first)
	w.setRef("refs/tags/v1", second) // moved
	w.setRef("refs/tags/draft", second)
	w.settle()
	want := []string{
		"main " + short(first) + " SUCCEEDED",
		"main " + short(second) + " SUCCEEDED",
		"release " + short(first) + " SUCCEEDED",
		"release " + short(second) + " SUCCEEDED",
	}
	if diff := cmp.Diff(want, w.started()); diff != "" {
		t.Errorf("builds mismatch (-want +got):\n%s", diff)
	}
	builds := w.builds.Builds()
	for i, want := range []map[string]string{
		{"FLOW_BRANCH": "feature/a", "FLOW_TAG": "", "FLOW_BEFORE_COMMIT": ""},
		{"FLOW_BRANCH": "main", "FLOW_TAG": "", "FLOW_BEFORE_COMMIT": first},
		{"FLOW_BRANCH": "", "FLOW_TAG": "v1"},
		{"FLOW_BRANCH": "", "FLOW_TAG": "v1"},
	} {
		for name, value := range want {
			if got := builds[i].Variable(name); got != value {
				t.Errorf("build %d has %s=%q, want %q", i, name, got, value)
			}
		}
	}
	w.logged("not mine: no flow builds the reference")
	if n := len(w.reports); n != 8 {
		t.Errorf("reports are %v, want two of each build", w.reported())
	}

	w.setRef("refs/tags/v1", "")
	w.setRef("refs/heads/feature/a", "")
	w.settle()
	if n := len(w.builds.Builds()); n != 4 {
		t.Errorf("%d builds after a deletion, want 4", n)
	}
}

// Several repositories with one project: the builds have the repository of the event.
func TestRepositories(t *testing.T) {
	t.Parallel()
	f := mainFlow
	f.Repositories, f.Branches = []string{"*", "!other"}, nil
	w := newWorld(t, []ci.Flow{f}, nil)
	w.push("main", "a", "1")
	w.settle()
	if n := w.commits.Count("GetRepository"); n != 1 {
		t.Errorf("%d calls of GetRepository, want 1 for the clone URL", n)
	}
	var in struct {
		Detail struct {
			More struct {
				Source struct{ Type, Location string }
			} `json:"additional-information"`
		}
	}
	if err := json.Unmarshal(w.builds.Events()[0], &in); err != nil {
		t.Fatal(err)
	}
	source := in.Detail.More.Source
	if source.Type != "CODECOMMIT" || !strings.HasSuffix(source.Location, "/v1/repos/app") {
		t.Errorf("the source is %v, want the repository app", source)
	}
}

// Each push starts one build, whatever number of events tell of it and however late.
func TestRedelivery(t *testing.T) {
	t.Parallel()
	w := newWorld(t, []ci.Flow{review, mainFlow, tagFlow}, nil)
	w.trigger(w.add)
	w.push("topic", "a", "1")
	w.open("topic")
	w.setRef("refs/tags/v1", w.push("main", "b", "1"))
	all := w.deliver()
	w.settle()
	if n := len(w.builds.Builds()); n != 3 {
		t.Fatalf("%d builds, want 3: %v", n, w.started())
	}
	for _, age := range []time.Duration{time.Minute, 3 * time.Minute, 10 * time.Minute, 24 * time.Hour} {
		w.pass(age)
		for _, payload := range all {
			w.invoke(payload)
			w.invoke(payload)
		}
		w.settle()
		if n := len(w.builds.Builds()); n != 3 {
			t.Fatalf("%d builds after %v, want 3: %v", n, age, w.started())
		}
	}
	w.logged("the build was started before")
}

// The event of a trigger lacks the commit that a branch was at: the build that the
// event of EventBridge has started has other parameters and counts nevertheless.
func TestTriggerAndRule(t *testing.T) {
	t.Parallel()
	w := newWorld(t, []ci.Flow{mainFlow}, nil)
	var triggers [][]byte
	w.trigger(func(payload []byte) { triggers = append(triggers, payload) })
	w.push("main", "a", "1")
	w.deliver()
	if len(triggers) != 1 {
		t.Fatalf("%d records of triggers, want 1", len(triggers))
	}
	for _, payload := range triggers {
		w.invoke(payload)
	}
	w.settle()
	if n := len(w.builds.Builds()); n != 1 {
		t.Errorf("%d builds, want 1: %v", n, w.started())
	}
}

func TestPaths(t *testing.T) {
	t.Parallel()
	branch, pull := mainFlow, review
	branch.Paths = []string{"src/**", "!src/doc/**"}
	pull.Paths = branch.Paths
	w := newWorld(t, []ci.Flow{pull, branch}, nil)
	// Changes of main since the merge base are not the pull request's.
	w.push("docs", "docs/a", "1", "src/doc/b", "1")
	w.push("main", "src/on-main", "1")
	w.push("code", "src/b", "1", "docs/b", "1")
	w.settle() // builds main
	first := len(w.builds.Builds())
	if first != 1 {
		t.Fatalf("builds are %v, want one of main", w.started())
	}
	w.open("docs")
	w.open("code")
	w.push("main", "docs/c", "1")
	w.settle()
	if got := w.started(); len(got) != 2 || !strings.HasPrefix(got[1], "review "+short(w.head("code"))) {
		t.Errorf("builds are %v, want one more of the pull request of code", got)
	}
	w.logged("no file of the flow's paths has changed")

	// The paging ends at the first match.
	files := []string{"src/0", "1"}
	for i := range 250 {
		files = append(files, fmt.Sprintf("src/%03d", i), "1")
	}
	w.commits.SetFaults(codecommittest.Faults{PageSize: 100})
	w.push("main", files...)
	w.commits.ResetCalls()
	w.settle()
	if n := w.commits.Count("GetDifferences"); n != 1 {
		t.Errorf("%d calls of GetDifferences, want 1", n)
	}
	if n := len(w.builds.Builds()); n != 3 {
		t.Errorf("%d builds, want 3", n)
	}

	// A forced push compares with the old head.
	w.commits.SetFaults(codecommittest.Faults{})
	old := w.head("main")
	w.content["main"]["docs/d"] = w.content["main"]["README"]
	w.push("main", "docs/e", "1")
	w.setRef("refs/heads/main", old)
	w.settle()
	if n := len(w.builds.Builds()); n != 3 {
		t.Errorf("%d builds after a push of documents and back, want 3", n)
	}
}

// A branch whose overtaken builds are stopped builds its head alone, also when that
// was the head before.
func TestOvertakenBranch(t *testing.T) {
	t.Parallel()
	f := mainFlow
	f.Superseded = ci.SupersededStop
	w := newWorld(t, []ci.Flow{f}, nil, hold("app-main"))
	a := w.push("main", "a", "1")
	w.settle()
	w.pass(time.Minute)
	b := w.push("main", "a", "2")
	c := w.push("main", "a", "3")
	w.settle()
	w.pass(time.Minute)
	w.setRef("refs/heads/main", a)
	again := w.deliver()
	w.settle()
	for _, payload := range again {
		w.invoke(payload)
	}
	w.settle()
	want := []string{"main " + short(a) + " STOPPED", "main " + short(c) + " STOPPED", "main " + short(a) + " IN_PROGRESS"}
	if diff := cmp.Diff(want, w.started()); diff != "" {
		t.Errorf("builds mismatch, b is %s (-want +got):\n%s", short(b), diff)
	}
	for _, r := range w.reports {
		if r.State == ci.StateStopped || r.State.Failed() {
			t.Errorf("a build was reported as %s, want SUPERSEDED", r.State)
		}
	}
}

func TestSchedule(t *testing.T) {
	t.Parallel()
	w := newWorld(t, []ci.Flow{
		{Name: "nightly", Kind: ci.KindSchedule, Repositories: []string{"app"}, Project: "app-nightly", SourceVersion: "main"},
		{Name: "weekly", Kind: ci.KindSchedule, Rule: "ci/sunday", Project: "app-weekly"},
	}, nil)
	scheduled := func(source, resource string, at time.Time) []byte {
		return fmt.Appendf(nil, `{"version":"0","id":"1","detail-type":"Scheduled Event","source":%q,"account":"111122223333","time":%q,"region":"us-east-1","resources":[%q],"detail":{}}`,
			source, at.UTC().Format(time.RFC3339), "arn:aws:"+resource)
	}
	first := w.now()
	night := scheduled("aws.events", "events:us-east-1:111122223333:rule/nightly", first)
	w.invoke(night)
	w.invoke(scheduled("aws.scheduler", "scheduler:us-east-1:111122223333:schedule/ci/sunday", first))
	w.invoke(scheduled("aws.scheduler", "scheduler:us-east-1:111122223333:schedule/other/sunday", first))
	w.settle()
	w.pass(time.Hour)
	w.invoke(night)
	w.pass(23 * time.Hour)
	w.invoke(scheduled("aws.events", "events:us-east-1:111122223333:rule/nightly", w.now()))
	w.settle()
	var got []string
	for _, b := range w.builds.Builds() {
		got = append(got, b.Variable("FLOW_NAME")+" "+b.SourceVersion+" "+b.Variable("FLOW_SCHEDULE"))
	}
	want := []string{
		"nightly main " + first.UTC().Format(time.RFC3339),
		"weekly  " + first.UTC().Format(time.RFC3339),
		"nightly main " + w.now().UTC().Format(time.RFC3339),
	}
	want[2] = want[2][:len(want[2])-4]
	got[2] = got[2][:min(len(got[2]), len(want[2]))]
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("builds mismatch (-want +got):\n%s", diff)
	}
	w.logged("no flow has the schedule")
}

func TestOnDemand(t *testing.T) {
	t.Parallel()
	w := newWorld(t, []ci.Flow{review, {
		Name: "deploy", Kind: ci.KindOnDemand, Repositories: []string{"app"}, Project: "app-deploy",
		Variables: []ci.Variable{{Name: "STAGE", Value: "test"}, {Name: "SIZE", Value: "1"}},
	}}, nil)
	for range 2 {
		if _, err := w.handler.Start(t.Context(), "deploy"); err != nil {
			t.Fatal(err)
		}
	}
	prod := func(o *ci.DemandOptions) {
		o.SourceVersion, o.RequestID = "v1", "release-1"
		o.Variables = []ci.Variable{{Name: "STAGE", Value: "prod"}}
	}
	first, err := w.handler.Start(t.Context(), "deploy", prod)
	if err != nil {
		t.Fatal(err)
	}
	second, err := w.handler.Start(t.Context(), "deploy", prod)
	if err != nil || first.ID != second.ID || first.ID == "" {
		t.Errorf("builds %q and %q (%v), want the same", first.ID, second.ID, err)
	}
	w.settle()
	builds := w.builds.Builds()
	if len(builds) != 3 || len(w.reports) != 6 {
		t.Fatalf("%d builds and %d reports, want 3 and 6", len(builds), len(w.reports))
	}
	if b := builds[2]; b.SourceVersion != "v1" || b.Variable("STAGE") != "prod" || b.Variable("SIZE") != "1" || b.Variable("FLOW_EVENT") != "on-demand" {
		t.Errorf("build is %+v, want v1 with STAGE=prod", b)
	}
	for name, want := range map[string]string{"review": "only one of the kind", "none": "there is no flow"} {
		if _, err := w.handler.Start(t.Context(), name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("start of %s: error %v, want %q in it", name, err, want)
		}
	}
	reserved := func(o *ci.DemandOptions) { o.Variables = []ci.Variable{{Name: "FLOW_NAME", Value: "x"}} }
	if _, err := w.handler.Start(t.Context(), "deploy", reserved); err == nil || !strings.Contains(err.Error(), "reserved") {
		t.Errorf("error %v for a reserved variable", err)
	}
}
