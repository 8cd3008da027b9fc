package ci_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/codecommit/ci"
)

// TestCalls counts the calls for each event of a pull request with ten pushes, each of
// which supersedes a running build but the last, which succeeds.
func TestCalls(t *testing.T) {
	t.Parallel()
	w := newWorld(t, []ci.Flow{review}, func(o *ci.Options) { o.Report = nil })
	counted := func() map[string]int {
		all := w.commits.Calls()
		maps.Copy(all, w.builds.Calls())
		w.commits.ResetCalls()
		w.builds.ResetCalls()
		return all
	}
	total := map[string]int{}
	handle := func() map[string]map[string]int { // by event
		byEvent := map[string]map[string]int{}
		for {
			waiting := w.take()
			if len(waiting) == 0 {
				return byEvent
			}
			for _, payload := range waiting {
				counted()
				w.invoke(payload)
				calls := counted()
				for operation, n := range calls {
					total[operation] += n
				}
				if len(calls) > 0 {
					byEvent[eventName(w, payload)] = calls
				}
			}
		}
	}
	w.push("topic", "src/a", "0")
	w.open("topic")
	read := map[string]int{"ListBuildsForProject": 2, "BatchGetBuilds": 2, "GetPullRequest": 2, "GetCommentsForPullRequest": 1, "UpdateComment": 1}
	begun := maps.Clone(read)
	begun["PostCommentForPullRequest"] = 1
	expect := func(want, got map[string]map[string]int) {
		t.Helper()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("calls mismatch (-want +got):\n%s", diff)
		}
	}
	expect(map[string]map[string]int{"pullRequestCreated": {"GetPullRequest": 1, "StartBuild": 1}, "IN_PROGRESS": begun}, handle())
	for i := range 10 {
		w.builds.Advance()
		expect(map[string]map[string]int{}, handle()) // a phase of the build has ended
		w.push("topic", "src/a", strconv.Itoa(i+1))
		expect(map[string]map[string]int{
			"pullRequestSourceBranchUpdated": {"GetPullRequest": 2, "ListBuildsForProject": 1, "BatchGetBuilds": 1, "StopBuild": 1, "StartBuild": 1},
			"STOPPED":                        read,
			"IN_PROGRESS":                    begun,
		}, handle())
	}
	var end map[string]map[string]int
	for w.builds.Advance() {
		end = handle()
	}
	expect(map[string]map[string]int{"SUCCEEDED": read}, end)
	sum := 0
	for _, operation := range slices.Sorted(maps.Keys(total)) {
		t.Logf("%-28s %d", operation, total[operation])
		sum += total[operation]
	}
	if sum > 250 {
		t.Errorf("%d calls for a pull request with ten pushes, want no more than 250", sum)
	}
	t.Logf("%d calls for a pull request with ten pushes", sum)
}

// eventName says what the event of a pull request or a build tells.
func eventName(w *world, payload []byte) string {
	var e struct {
		Detail struct {
			Event  string `json:"event"`
			Status string `json:"build-status"`
		} `json:"detail"`
	}
	if err := json.Unmarshal(payload, &e); err != nil {
		w.Fatal(err)
	}
	return e.Detail.Event + e.Detail.Status
}
