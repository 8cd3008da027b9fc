package codecommittest_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	"github.com/aws/aws-sdk-go-v2/service/codecommit/types"

	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
	"github.com/codesuite-go/codesuite/events"
)

// The function of OnEvent may use the server, and is never called twice at a time.
func TestOnEvent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var got []string
	running := false
	w.server.OnEvent(func(payload []byte) {
		if running {
			t.Error("the function is called while it runs")
		}
		running = true
		defer func() { running = false }()
		e, err := events.Decode(payload)
		if err != nil {
			t.Error(err)
			return
		}
		got = append(got, w.line(e))
		if p, ok := e.(*events.PullRequestStateChange); ok && p.Event == events.PullRequestCreated {
			if _, err := w.post(w.as(ada), "queued", "token"); err != nil {
				t.Error(err)
			}
			w.commit("topic", "a", "3\n") // while the function runs
		}
	})
	w.open(w.client, "topic")
	third := w.branch("topic")
	same(t, "events", []string{
		fmt.Sprintf("pullRequestCreated 1 topic Open merged=false %.4s developer", w.topic),
		"commentOnPullRequestCreated 1 ada reply=false",
		fmt.Sprintf("referenceUpdated refs/heads/topic %.4s..%.4s", w.topic, third),
		fmt.Sprintf("pullRequestSourceBranchUpdated 1 topic Open merged=false %.4s developer", third),
	}, got)
	w.server.OnEvent(nil)
	w.commit("topic", "a", "4\n")
	if len(got) != 4 {
		t.Errorf("%d events after the function was removed", len(got))
	}
}

func TestDelivery(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var got []string
	w.server.OnEvent(func(payload []byte) {
		e, err := events.Decode(payload)
		if err != nil {
			t.Error(err)
		}
		got = append(got, w.line(e))
	})
	w.server.SetDelivery(codecommittest.Delivery{DuplicateRate: 1, Reorder: 4, Seed: 1})
	w.open(w.client, "topic")
	for i := range 10 {
		w.commit("topic", "a", fmt.Sprint(i))
	}
	w.server.FlushEvents()
	want := w.events()[1:] // without the branch of newWorld
	if len(got) != 2*len(want) {
		t.Errorf("%d deliveries of %d events", len(got), len(want))
	}
	if slices.IsSortedFunc(got, func(a, b string) int { return slices.Index(want, a) - slices.Index(want, b) }) {
		t.Error("the events are in order")
	}
	slices.Sort(got)
	slices.Sort(want)
	same(t, "distinct events", want, slices.Compact(got))
}

// Triggers fire by their events and branches.
func TestOnTrigger(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var got []string
	w.server.OnTrigger(func(payload []byte) {
		list, err := events.DecodeAll(payload)
		if err != nil || len(list) != 1 {
			t.Errorf("%d events, %v: %s", len(list), err, payload)
			return
		}
		e := list[0].(*events.RepositoryTrigger)
		if problems := e.Problems(); len(problems) > 0 || e.Repository() != "app" || e.UserIdentityARN == "" || e.TriggerConfigID == "" {
			t.Errorf("%+v: %v", e, problems)
		}
		for _, r := range e.References {
			got = append(got, fmt.Sprintf("%s %q %s %.4s created=%t deleted=%t test=%t", e.TriggerName, e.CustomData, r.Ref, r.Commit, r.Created, r.Deleted, e.IsTest()))
		}
	})
	triggers := []types.RepositoryTrigger{
		newTrigger("all", func(t *types.RepositoryTrigger) { t.CustomData = aws.String("x") }),
		newTrigger("main", func(t *types.RepositoryTrigger) { t.Branches = []string{"main"} }),
		newTrigger("gone", func(t *types.RepositoryTrigger) {
			t.Events = []types.RepositoryTriggerEventEnum{"deleteReference"}
		}),
	}
	if _, err := w.client.PutRepositoryTriggers(t.Context(), &awscodecommit.PutRepositoryTriggersInput{RepositoryName: aws.String("app"), Triggers: triggers}); err != nil {
		t.Fatal(err)
	}
	moved := w.commit("main", "a", "2\n")
	w.setRef("refs/tags/v1", moved)
	w.setRef("refs/heads/topic", "")
	if _, err := w.client.TestRepositoryTriggers(t.Context(), &awscodecommit.TestRepositoryTriggersInput{RepositoryName: aws.String("app"), Triggers: triggers[1:2]}); err != nil {
		t.Fatal(err)
	}
	same(t, "records", []string{
		fmt.Sprintf(`all "x" refs/heads/main %.4s created=false deleted=false test=false`, moved),
		fmt.Sprintf(`main "" refs/heads/main %.4s created=false deleted=false test=false`, moved),
		fmt.Sprintf(`all "x" refs/tags/v1 %.4s created=true deleted=false test=false`, moved),
		fmt.Sprintf(`all "x" refs/heads/topic %.4s created=false deleted=true test=false`, w.topic),
		fmt.Sprintf(`gone "" refs/heads/topic %.4s created=false deleted=true test=false`, w.topic),
		fmt.Sprintf(`main "" refs/heads/main %.4s created=false deleted=false test=true`, moved),
	}, got)
}

func TestSetClock(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	w.server.SetClock(func() time.Time { return at })
	p := w.open(w.client, "topic")
	list := w.server.Events()
	e, err := events.Decode(list[len(list)-1])
	if err != nil || e.(*events.PullRequestStateChange).Time != "2026-03-01T12:00:00Z" || !p.CreationDate.Equal(at) {
		t.Errorf("created at %v, event %s, %v", p.CreationDate, list[len(list)-1], err)
	}
}
