package events_test

import (
	"slices"
	"testing"

	"github.com/codesuite-go/codesuite/events"
	"github.com/google/go-cmp/cmp"
)

func TestRefChangesOfTrigger(t *testing.T) {
	t.Parallel()
	e := decode[*events.RepositoryTrigger](t, records(triggerRecord))
	base := events.RefChange{
		Repository: "web", Account: "111122223333", Region: "eu-central-1",
		CallerARN: "arn:aws:iam::111122223333:user/ana", Time: "2022-01-10T18:55:09.100+0000",
	}
	want := slices.Repeat([]events.RefChange{base}, 4)
	set := func(c *events.RefChange, kind events.RefKind, name, ref string, action events.RefAction, old, new string) {
		c.Kind, c.Name, c.Ref, c.Action, c.OldCommit, c.NewCommit = kind, name, ref, action, old, new
	}
	set(&want[0], events.RefBranch, "feature/X", "refs/heads/feature/X", events.RefCreated, "", "c3d7")
	set(&want[1], events.RefBranch, "main", "refs/heads/main", events.RefUpdated, "", "f5ba")
	set(&want[2], events.RefTag, "1.0.0", "refs/tags/1.0.0", events.RefDeleted, "f766", "")
	set(&want[3], events.RefOther, "refs/notes/n", "refs/notes/n", events.RefUpdated, "", "aa11")
	if diff := cmp.Diff(want, slices.Collect(e.RefChanges())); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
	for range e.RefChanges() {
		break // must stop
	}
	e.EventName = "TriggerEventTest"
	if got := slices.Collect(e.RefChanges()); len(got) > 0 || !e.IsTest() {
		t.Errorf("a test has the changes %v", got)
	}
}

// The same push from both sources is the same but for what one of them does
// not tell.
func TestRefChangesOfEvent(t *testing.T) {
	t.Parallel()
	payload := func(event, detail string) string {
		return `{"id":"1","detail-type":"CodeCommit Repository State Change","source":"aws.codecommit","account":"111122223333","time":"2026-03-02T10:15:42Z","region":"eu-central-1",` +
			`"detail":{"event":"` + event + `","repositoryName":"web",` + detail + `}}`
	}
	base := events.RefChange{Repository: "web", Account: "111122223333", Region: "eu-central-1", Time: "2026-03-02T10:15:42Z"}
	for _, test := range []struct {
		payload string
		want    []events.RefChange
	}{
		{payload("referenceCreated", `"referenceType":"branch","referenceName":"feature/X","referenceFullName":"refs/heads/feature/X","commitId":"c3d7"`),
			[]events.RefChange{{Kind: events.RefBranch, Name: "feature/X", Ref: "refs/heads/feature/X", Action: events.RefCreated, NewCommit: "c3d7"}}},
		{payload("referenceUpdated", `"referenceType":"branch","referenceName":"main","commitId":"f5ba","oldCommitId":"c3d7"`),
			[]events.RefChange{{Kind: events.RefBranch, Name: "main", Ref: "refs/heads/main", Action: events.RefUpdated, NewCommit: "f5ba", OldCommit: "c3d7"}}},
		{payload("referenceDeleted", `"referenceType":"tag","referenceName":"1.0.0","oldCommitId":"f766"`),
			[]events.RefChange{{Kind: events.RefTag, Name: "1.0.0", Ref: "refs/tags/1.0.0", Action: events.RefDeleted, OldCommit: "f766"}}},
		{payload("unreferencedMergeCommitCreated", `"commitId":"7f01"`), nil},
		{payload("referenceRenamed", `"referenceFullName":"refs/heads/x"`), nil},
	} {
		for i := range test.want {
			c := &test.want[i]
			c.Repository, c.Account, c.Region, c.Time = base.Repository, base.Account, base.Region, base.Time
		}
		e := decode[*events.RepositoryStateChange](t, test.payload)
		if diff := cmp.Diff(test.want, slices.Collect(e.RefChanges())); diff != "" {
			t.Errorf("%s: mismatch (-want +got):\n%s", e.Event, diff)
		}
	}
}
