package events_test

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/codesuite-go/codesuite/events"
	"github.com/google/go-cmp/cmp"
)

// Every type decodes by itself, too, and all events have a name and a key of
// their own.
func TestEveryType(t *testing.T) {
	t.Parallel()
	types := map[string]bool{}
	keys := map[string]string{}
	for _, payload := range payloads() {
		all, err := events.DecodeAll([]byte(payload))
		if err != nil && !strings.Contains(err.Error(), "Records[2].body") { // one is broken on purpose
			t.Fatalf("%s: %v", payload, err)
		}
		for _, e := range all {
			types[typeName(e)] = true
			checkEvent(t, e)
			encoded, err := json.Marshal(e)
			if err != nil {
				t.Fatal(err)
			}
			again := reflect.New(reflect.TypeOf(e).Elem()).Interface().(events.Event)
			if err := json.Unmarshal(encoded, again); err != nil {
				t.Fatalf("%T: %v", e, err)
			}
			second, err := json.Marshal(again)
			if err != nil || string(second) != string(encoded) {
				t.Errorf("%T: encodes to %s and then to %s, %v", e, encoded, second, err)
			}
			key := e.IdempotencyKey()
			if before, ok := keys[key]; ok && before != string(encoded) {
				t.Errorf("%s and %s have the key %q", before, encoded, key)
			}
			keys[key] = string(encoded)
			var other events.S3TestEvent
			if _, ok := e.(*events.S3TestEvent); !ok && json.Unmarshal(encoded, &other) == nil {
				t.Errorf("%T decodes into another type", e)
			}
		}
	}
	want := []string{
		"ActionExecutionStateChange", "ApprovalRequest", "ApprovalRuleTemplateChange", "BuildPhaseChange", "BuildStateChange",
		"CommentReactionChange", "CommitComment", "DeploymentHook", "DeploymentInstanceStateChange", "DeploymentStateChange", "ImageAction",
		"ImageScan", "ImageScanResourceChange", "Job", "PipelineExecutionStateChange", "PullRequestComment",
		"PullRequestStateChange", "RepositoryStateChange", "RepositoryTrigger", "S3Notification", "S3ObjectChange",
		"S3TestEvent", "ScheduledEvent", "SpotInterruptionWarning", "StageExecutionStateChange", "StateMachineExecutionStatusChange", "Unknown",
	}
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(types))); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
}

// All events of CodeCommit, by their name in detail.event.
func TestCodeCommitEvents(t *testing.T) {
	t.Parallel()
	type constant struct{ got, want string }
	n := 0
	for detailType, constants := range map[string][]constant{
		"CodeCommit Repository State Change": {
			{string(events.ReferenceCreated), "referenceCreated"},
			{string(events.ReferenceUpdated), "referenceUpdated"},
			{string(events.ReferenceDeleted), "referenceDeleted"},
			{string(events.UnreferencedMergeCommitCreated), "unreferencedMergeCommitCreated"},
		},
		"CodeCommit Pull Request State Change": {
			{string(events.PullRequestCreated), "pullRequestCreated"},
			{string(events.PullRequestSourceBranchUpdated), "pullRequestSourceBranchUpdated"},
			{string(events.PullRequestStatusChanged), "pullRequestStatusChanged"},
			{string(events.PullRequestMergeStatusUpdated), "pullRequestMergeStatusUpdated"},
			{string(events.PullRequestApprovalRuleCreated), "pullRequestApprovalRuleCreated"},
			{string(events.PullRequestApprovalRuleUpdated), "pullRequestApprovalRuleUpdated"},
			{string(events.PullRequestApprovalRuleDeleted), "pullRequestApprovalRuleDeleted"},
			{string(events.PullRequestApprovalRuleOverridden), "pullRequestApprovalRuleOverridden"},
			{string(events.PullRequestApprovalStateChanged), "pullRequestApprovalStateChanged"},
		},
		"CodeCommit Comment on Pull Request": {
			{string(events.CommentOnPullRequestCreated), "commentOnPullRequestCreated"},
			{string(events.CommentOnPullRequestUpdated), "commentOnPullRequestUpdated"},
		},
		"CodeCommit Comment on Commit": {
			{string(events.CommentOnCommitCreated), "commentOnCommitCreated"},
			{string(events.CommentOnCommitUpdated), "commentOnCommitUpdated"},
		},
		"CodeCommit Comment Reaction Change": {
			{string(events.CommentReactionCreated), "commentReactionCreated"},
			{string(events.CommentReactionUpdated), "commentReactionUpdated"},
		},
		"CodeCommit Approval Rule Template Change": {
			{string(events.ApprovalRuleTemplateCreated), "approvalRuleTemplateCreated"},
			{string(events.ApprovalRuleTemplateUpdated), "approvalRuleTemplateUpdated"},
			{string(events.ApprovalRuleTemplateDeleted), "approvalRuleTemplateDeleted"},
			{string(events.ApprovalRuleTemplateAssociated), "approvalRuleTemplateAssociatedWithRepository"},
			{string(events.ApprovalRuleTemplateDisassociated), "approvalRuleTemplateDisassociatedFromRepository"},
			{string(events.ApprovalRuleTemplateBatchAssociated), "batchAssociateApprovalRuleTemplateWithRepositories"},
			{string(events.ApprovalRuleTemplateBatchDisassociated), "batchDisassociateApprovalRuleTemplateFromRepositories"},
		},
	} {
		for _, c := range constants {
			n++
			e, err := events.Decode([]byte(`{"source":"aws.codecommit","detail-type":"` + detailType + `","detail":{"event":"` + c.want + `"}}`))
			if err != nil {
				t.Fatal(err)
			}
			if got := reflect.ValueOf(e).Elem().FieldByName("Event"); !got.IsValid() || got.String() != c.got {
				t.Errorf("%s: %T has the event %q, want %q", c.want, e, got, c.got)
			}
		}
	}
	if n != 26 {
		t.Errorf("%d events, want 26", n)
	}
}

// The two events that S3 sends of one change have one key.
func TestS3Keys(t *testing.T) {
	t.Parallel()
	object := events.S3Object{Bucket: "b", Key: "a b/c", VersionID: "v", ETag: "e", Size: 5, Sequencer: "0A", Created: true}
	change := decode[*events.S3ObjectChange](t, `{"source":"aws.s3","detail-type":"Object Created","detail":{"bucket":{"name":"b"},"object":{"key":"a b/c","version-id":"v","etag":"e","size":5,"sequencer":"0A"}}}`)
	notification := decode[*events.S3Notification](t, records(`{"eventSource":"aws:s3","eventName":"s3:ObjectCreated:CompleteMultipartUpload","s3":{"bucket":{"name":"b"},"object":{"key":"a+b%2Fc","versionId":"v","eTag":"e","size":5,"sequencer":"0A"}}}`))
	for _, e := range []events.S3Event{change, notification} {
		if diff := cmp.Diff(object, e.Object()); diff != "" {
			t.Errorf("%T: mismatch (-want +got):\n%s", e, diff)
		}
	}
	if change.IdempotencyKey() != notification.IdempotencyKey() {
		t.Errorf("keys %q and %q", change.IdempotencyKey(), notification.IdempotencyKey())
	}
	for name, detailType := range map[string]string{
		"ObjectRemoved:DeleteMarkerCreated":          "Object Deleted",
		"LifecycleExpiration:Delete":                 "Object Deleted",
		"s3:LifecycleExpiration:DeleteMarkerCreated": "Object Deleted",
		"ObjectRestore:Post":                         "Object Restore Initiated",
		"ObjectRestore:Completed":                    "Object Restore Completed",
		"ObjectRestore:Delete":                       "Object Restore Expired",
		"LifecycleTransition":                        "Object Storage Class Changed",
		"IntelligentTiering":                         "Object Access Tier Changed",
		"ObjectAcl:Put":                              "Object ACL Updated",
		"ObjectTagging:Put":                          "Object Tags Added",
		"ObjectTagging:Delete":                       "Object Tags Deleted",
	} {
		n, c := *notification, *change
		n.EventName, c.DetailType = name, detailType
		if diff := cmp.Diff(c.Object(), n.Object()); diff != "" {
			t.Errorf("%s: mismatch (-%s +%s):\n%s", name, detailType, name, diff)
		}
		if n.IdempotencyKey() != c.IdempotencyKey() {
			t.Errorf("%s: keys %q and %q", name, n.IdempotencyKey(), c.IdempotencyKey())
		}
	}
	restored, tagged := *notification, *notification
	restored.EventName, tagged.EventName = "ObjectRestore:Post", "ObjectTagging:Put"
	restored.Sequencer, tagged.Sequencer, restored.RequestID, tagged.RequestID = "", "", "q", "r"
	removed := *notification
	removed.EventName = "ObjectRemoved:DeleteMarkerCreated"
	keys := map[string]bool{}
	for _, e := range []events.Event{notification, &restored, &tagged, &removed} {
		keys[e.IdempotencyKey()] = true
	}
	if len(keys) != 4 {
		t.Errorf("keys %v", keys)
	}
	if o := removed.Object(); !o.Deleted || o.Created {
		t.Errorf("removed: %+v", o)
	}
	removed.EncodedKey = "100%"
	if removed.Key() != "100%" {
		t.Errorf("key is %q", removed.Key())
	}
	removed.DecodedKey = "x"
	if removed.Key() != "x" {
		t.Errorf("key is %q", removed.Key())
	}
}

func TestIDs(t *testing.T) {
	t.Parallel()
	for arn, want := range map[string]string{
		"arn:aws:codebuild:us-west-2:123456789012:build/my-project:8745a7a9": "my-project:8745a7a9",
		"arn:aws:codebuild:us-west-2:123456789012:project/x":                 "arn:aws:codebuild:us-west-2:123456789012:project/x",
		"my-project:8745a7a9": "my-project:8745a7a9",
		"":                    "",
	} {
		if got := (&events.BuildStateChange{BuildARN: arn}).BuildID(); got != want {
			t.Errorf("%q: got %q", arn, got)
		}
		if got := (&events.BuildPhaseChange{BuildARN: arn}).BuildID(); got != want {
			t.Errorf("%q: got %q", arn, got)
		}
	}
	for arn, want := range map[string]string{
		"arn:aws:events:us-east-1:123456789012:rule/nightly":        "nightly",
		"arn:aws:events:us-east-1:123456789012:rule/my-bus/nightly": "nightly",
		"arn:aws:scheduler:us-east-1:123456789012:schedule/d/x":     "",
		"rule/x": "",
	} {
		e := &events.ScheduledEvent{Header: events.Header{Resources: []string{arn}}}
		if got := e.Rule(); got != want {
			t.Errorf("%q: got %q", arn, got)
		}
	}
	if (&events.ScheduledEvent{}).Rule() != "" || (&events.RepositoryTrigger{RepositoryARN: "x"}).Repository() != "" {
		t.Error("an ID out of nothing")
	}
	if (&events.PullRequestStateChange{}).Repository() != "" {
		t.Error("a repository out of nothing")
	}
}
