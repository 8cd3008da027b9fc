package pattern_test

import (
	"context"
	"strings"
	"testing"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/events/pattern"
	"github.com/google/go-cmp/cmp"
)

const (
	pushEvent    = `{"version":"0","id":"p-1","detail-type":"CodeCommit Repository State Change","source":"aws.codecommit","account":"444455556666","region":"eu-west-2","time":"2026-04-05T06:07:08Z","resources":["arn:aws:codecommit:eu-west-2:444455556666:shop"],"detail":{"event":"referenceUpdated","repositoryName":"shop","referenceType":"branch","referenceName":"main","referenceFullName":"refs/heads/main","commitId":"c2","oldCommitId":"c1"}}`
	pushTrigger  = `{"Records":[{"eventSource":"aws:codecommit","eventId":"t-1","eventName":"ReferenceChanges","eventPartNumber":1,"awsRegion":"eu-west-2","eventSourceARN":"arn:aws:codecommit:eu-west-2:444455556666:shop","codecommit":{"references":[{"ref":"refs/heads/main","commit":"c2"},{"ref":"refs/heads/topic","commit":"c3","created":true},{"ref":"refs/tags/v1","commit":"c4","deleted":true}]}}]}`
	failedEvent  = `{"version":"0","id":"f-1","detail-type":"CodePipeline Pipeline Execution State Change","source":"aws.codepipeline","account":"444455556666","region":"eu-west-2","detail":{"pipeline":"shop","execution-id":"x","state":"FAILED","version":2.0}}`
	failedNotice = `{"account":"444455556666","detailType":"CodePipeline Pipeline Execution State Change","source":"aws.codepipeline","region":"eu-west-2","notificationRuleArn":"n","detail":{"pipeline":"shop","execution-id":"x","state":"FAILED","version":2.0},"additionalAttributes":{"failedStage":"Build"}}`
	objectEvent  = `{"version":"0","id":"o-1","detail-type":"Object Created","source":"aws.s3","region":"eu-west-2","detail":{"bucket":{"name":"in"},"object":{"key":"a b.zip","size":9}}}`
	objectNotice = `{"Records":[{"eventSource":"aws:s3","awsRegion":"eu-west-2","eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"in"},"object":{"key":"a+b.zip","size":9}}}]}`
)

func TestMatchEvent(t *testing.T) {
	t.Parallel()
	object := pattern.Fields{"source": pattern.Equals("aws.s3"), "detail-type": pattern.Equals("Object Created"), "detail": pattern.Fields{
		"bucket": pattern.Fields{"name": pattern.Equals("in")}, "object": pattern.Fields{"key": pattern.Equals("a b.zip"), "size": pattern.Numeric(">", 5)},
	}}
	for _, test := range []struct {
		name   string
		source pattern.Source
		event  string
		want   bool
	}{
		{"push", pattern.ReferenceFilter{Repository: pattern.Equals("shop"), Name: pattern.Equals("main")}, pushEvent, true},
		{"push of another branch", pattern.ReferenceFilter{Name: pattern.Prefix("release/")}, pushEvent, false},
		{"trigger", pattern.ReferenceFilter{Repository: pattern.Equals("shop"), Name: pattern.Equals("main"), Type: pattern.Equals("branch"), Event: pattern.Equals("referenceUpdated")}, pushTrigger, true},
		{"trigger, later reference", pattern.ReferenceFilter{Type: pattern.Equals("tag"), Event: pattern.Equals("referenceDeleted")}, pushTrigger, true},
		{"trigger, no reference", pattern.ReferenceFilter{Name: pattern.Equals("main"), Event: pattern.Equals("referenceDeleted")}, pushTrigger, false},
		{"trigger, account and Region", pattern.Fields{"source": pattern.Equals("aws.codecommit"), "account": pattern.Equals("444455556666"), "region": pattern.Equals("eu-west-2")}, pushTrigger, true},
		{"trigger, old commit that it does not have", pattern.Fields{"detail": pattern.Fields{"oldCommitId": pattern.Exists(true)}}, `{"Records":[{"eventSource":"aws:codecommit","eventName":"ReferenceChanges","codecommit":{"references":[{"ref":"refs/heads/main","commit":"c2"}]}}]}`, false},
		{"test of a trigger", pattern.ReferenceFilter{}, strings.Replace(pushTrigger, "ReferenceChanges", "TriggerEventTest", 1), false},
		{"failure", pattern.PipelineFilter{State: pattern.Equals("FAILED", "STOPPED")}, failedEvent, true},
		{"failure in a notification", pattern.PipelineFilter{State: pattern.Equals("FAILED", "STOPPED"), Pipeline: pattern.Wildcard("s*")}, failedNotice, true},
		{"success in a notification", pattern.PipelineFilter{State: pattern.Equals("SUCCEEDED")}, failedNotice, false},
		{"attributes of a notification", pattern.Fields{"additionalAttributes": pattern.Fields{"failedStage": pattern.Exists(true)}}, failedNotice, false},
		{"object", object, objectEvent, true},
		{"object in a notification", object, objectNotice, true},
		{"other event", pattern.Fields{"source": pattern.Equals("my.app")}, `{"source":"my.app","detail-type":"Mine","detail":{}}`, true},
		{"no event", pattern.Fields{"a": pattern.Exists(false)}, `{"b":1}`, false},
		{"text", pattern.Fields{"a": pattern.Exists(false)}, `"text"`, false},
		{"job", pattern.Fields{"a": pattern.Exists(false)}, `{"CodePipeline.job":{"id":"j"}}`, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e, err := events.Decode([]byte(test.event))
			if err != nil {
				t.Fatal(err)
			}
			if got, err := pattern.Must(test.source).MatchEvent(e); got != test.want || err != nil {
				t.Errorf("got %t, %v, want %t", got, err, test.want)
			}
		})
	}
	if _, err := (pattern.Pattern{}).MatchEvent(&events.Job{}); err == nil {
		t.Error("the zero Pattern matches without an error")
	}
	// A changed field counts.
	e, _ := events.Decode([]byte(failedEvent))
	e.(*events.PipelineExecutionStateChange).State = events.PipelineSucceeded
	if ok, err := pattern.Must(pattern.PipelineFilter{State: pattern.Equals("SUCCEEDED")}).MatchEvent(e); !ok || err != nil {
		t.Errorf("got %t, %v", ok, err)
	}
}

func TestWhen(t *testing.T) {
	t.Parallel()
	branches := pattern.Must(pattern.ReferenceFilter{Type: pattern.Equals("branch")})
	var mux events.Mux
	var got []string
	if err := events.On(&mux, pattern.When(branches, func(_ context.Context, e events.RefEvent) error {
		for c := range e.RefChanges() {
			got = append(got, c.Name)
		}
		return nil
	})); err != nil {
		t.Fatal(err)
	}
	for _, payload := range []string{pushEvent, pushTrigger, strings.ReplaceAll(pushTrigger, "refs/heads/", "refs/tags/")} {
		if _, err := mux.Invoke(t.Context(), []byte(payload)); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"main", "main", "topic"}, got); diff != "" {
		t.Errorf("handled (-want +got):\n%s", diff)
	}
	if err := events.On(&mux, pattern.When[*events.Job](branches, nil)); err == nil {
		t.Error("a nil handler is registered")
	}
	zero := pattern.When(pattern.Pattern{}, func(context.Context, *events.BuildStateChange) error { return nil })
	if err := zero(t.Context(), &events.BuildStateChange{}); err == nil {
		t.Error("the zero Pattern handles without an error")
	}
	trigger, _ := events.Decode([]byte(pushTrigger))
	all := trigger.(*events.RepositoryTrigger).References
	if len(all) != 3 {
		t.Errorf("the event that came was changed: %v", all)
	}
}
