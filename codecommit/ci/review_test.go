package ci_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/codecommit/ci"
	"github.com/codesuite-go/codesuite/codecommit/ci/citest"
)

func hold(name string) citest.Project {
	return citest.Project{Name: name, Repository: "app", Run: func(citest.Build) citest.Outcome { return citest.Outcome{Hold: true} }}
}

func TestReview(t *testing.T) {
	t.Parallel()
	w := newWorld(t, []ci.Flow{review}, nil, hold("app-review"))
	first := w.push("topic", "src/a.go", "1")
	id := w.open("topic")
	w.settle()
	if diff := cmp.Diff([]string{"review " + short(first) + " IN_PROGRESS"}, w.started()); diff != "" {
		t.Errorf("builds mismatch (-want +got):\n%s", diff)
	}
	b := w.builds.Builds()[0]
	got := map[string]string{}
	for _, v := range b.Variables {
		got[v.Name] = v.Value
	}
	want := map[string]string{
		"FLOW_PULL_REQUEST_ID": id, "FLOW_PULL_REQUEST_SRC_COMMIT": first, "FLOW_PULL_REQUEST_DST_COMMIT": w.head("main"),
		"FLOW_NAME": "review", "FLOW_EVENT": "review", "FLOW_REPOSITORY": "app", "FLOW_SRC_BRANCH": "topic", "FLOW_DST_BRANCH": "main",
		"FLOW_REVISION_ID": got["FLOW_REVISION_ID"], "FLOW_ID": b.Token,
	}
	if diff := cmp.Diff(want, got); diff != "" || got["FLOW_REVISION_ID"] == "" || b.Token == "" {
		t.Errorf("variables mismatch (-want +got):\n%s", diff)
	}

	second := w.push("topic", "src/a.go", "2")
	w.settle()
	if diff := cmp.Diff([]string{"review " + short(first) + " STOPPED", "review " + short(second) + " IN_PROGRESS"}, w.started()); diff != "" {
		t.Errorf("builds mismatch (-want +got):\n%s", diff)
	}

	w.closeRequest(id)
	w.settle()
	if diff := cmp.Diff([]string{"review " + short(first) + " STOPPED", "review " + short(second) + " STOPPED"}, w.started()); diff != "" {
		t.Errorf("builds mismatch (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"review IN_PROGRESS", "review SUPERSEDED", "review IN_PROGRESS", "review STOPPED"}, w.reported()); diff != "" {
		t.Errorf("reports mismatch (-want +got):\n%s", diff)
	}
}
