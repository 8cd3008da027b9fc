package codecommittest_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	"github.com/aws/aws-sdk-go-v2/service/codecommit/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
)

const topic = "arn:aws:sns:us-east-1:111122223333:builds"

func newTrigger(name string, change ...func(*types.RepositoryTrigger)) types.RepositoryTrigger {
	t := types.RepositoryTrigger{
		Name:           &name,
		DestinationArn: aws.String(topic),
		Branches:       []string{},
		Events:         []types.RepositoryTriggerEventEnum{types.RepositoryTriggerEventEnumAll},
	}
	for _, f := range change {
		f(&t)
	}
	return t
}

func TestTriggers(t *testing.T) {
	t.Parallel()
	s := codecommittest.NewServer(t, codecommittest.FS("app", nil), codecommittest.FS("other", nil))
	client := newClient(s)
	get := func(name string) (string, []types.RepositoryTrigger) {
		t.Helper()
		out, err := client.GetRepositoryTriggers(t.Context(), &awscodecommit.GetRepositoryTriggersInput{RepositoryName: &name})
		if err != nil {
			t.Fatal(err)
		}
		return *out.ConfigurationId, out.Triggers
	}
	before, list := get("app")
	if list == nil || len(list) != 0 {
		t.Errorf("triggers at first: %v", list)
	}
	ids := map[string]bool{before: true}
	lambda := newTrigger("build", func(t *types.RepositoryTrigger) {
		t.DestinationArn = aws.String("arn:aws:lambda:us-east-1:111122223333:function:build:$LATEST")
		t.Branches = []string{"main", "feature/x"}
		t.CustomData = aws.String(strings.Repeat("ü", 1000))
		t.Events = []types.RepositoryTriggerEventEnum{types.RepositoryTriggerEventEnumCreateReference, types.RepositoryTriggerEventEnumDeleteReference}
	})
	// The last list is all there is.
	for _, triggers := range [][]types.RepositoryTrigger{{newTrigger("a"), lambda}, {lambda}, {}, {newTrigger("b"), newTrigger("c")}} {
		out, err := client.PutRepositoryTriggers(t.Context(), &awscodecommit.PutRepositoryTriggersInput{RepositoryName: aws.String("app"), Triggers: triggers})
		if err != nil {
			t.Fatal(err)
		}
		id, got := get("app")
		if diff := cmp.Diff(triggers, got, cmpopts.IgnoreUnexported(types.RepositoryTrigger{})); diff != "" {
			t.Errorf("triggers mismatch (-want +got):\n%s", diff)
		}
		if id != *out.ConfigurationId || ids[id] {
			t.Errorf("configuration ID %s after %s", id, *out.ConfigurationId)
		}
		ids[id] = true
	}
	if _, list := get("other"); len(list) != 0 {
		t.Errorf("another repository has the triggers %v", list)
	}
}

func TestTestTriggers(t *testing.T) {
	t.Parallel()
	s := codecommittest.NewServer(t, codecommittest.FS("app", nil))
	client := newClient(s)
	s.SetFaults(codecommittest.Faults{FailTriggers: func(name string) string {
		if name == "b" {
			return "no permission"
		}
		return ""
	}})
	out, err := client.TestRepositoryTriggers(t.Context(), &awscodecommit.TestRepositoryTriggersInput{
		RepositoryName: aws.String("app"), Triggers: []types.RepositoryTrigger{newTrigger("a"), newTrigger("b"), newTrigger("c")}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a", "c"}, out.SuccessfulExecutions); diff != "" {
		t.Errorf("successful mismatch (-want +got):\n%s", diff)
	}
	if len(out.FailedExecutions) != 1 || *out.FailedExecutions[0].Trigger != "b" || *out.FailedExecutions[0].FailureMessage != "no permission" {
		t.Errorf("failed %+v", out.FailedExecutions)
	}
	kept, err := client.GetRepositoryTriggers(t.Context(), &awscodecommit.GetRepositoryTriggersInput{RepositoryName: aws.String("app")})
	if err != nil || len(kept.Triggers) != 0 {
		t.Errorf("a test keeps triggers: %v, %v", kept, err)
	}
}

func TestTriggerErrors(t *testing.T) {
	t.Parallel()
	s := codecommittest.NewServer(t, codecommittest.FS("app", nil))
	client := newClient(s)
	one := func(change func(*types.RepositoryTrigger)) []types.RepositoryTrigger {
		return []types.RepositoryTrigger{newTrigger("a", change)}
	}
	destination := func(arn string) []types.RepositoryTrigger {
		return one(func(t *types.RepositoryTrigger) { t.DestinationArn = &arn })
	}
	events := func(events ...types.RepositoryTriggerEventEnum) []types.RepositoryTrigger {
		return one(func(t *types.RepositoryTrigger) { t.Events = events })
	}
	eleven := make([]types.RepositoryTrigger, 11)
	for i := range eleven {
		eleven[i] = newTrigger(strconv.Itoa(i))
	}
	for _, test := range []struct {
		what     string
		triggers []types.RepositoryTrigger
		want     string
	}{
		{"too many", eleven, "MaximumRepositoryTriggersExceededException"},
		{"same name", []types.RepositoryTrigger{newTrigger("a"), newTrigger("a")}, "InvalidRepositoryTriggerNameException"},
		{"empty name", []types.RepositoryTrigger{newTrigger("")}, "RepositoryTriggerNameRequiredException"},
		{"space in the name", []types.RepositoryTrigger{newTrigger("a b")}, "InvalidRepositoryTriggerNameException"},
		{"comma in the name", []types.RepositoryTrigger{newTrigger("a,b")}, "InvalidRepositoryTriggerNameException"},
		{"long name", []types.RepositoryTrigger{newTrigger(strings.Repeat("n", 101))}, "InvalidRepositoryTriggerNameException"},
		{"no destination", destination(""), "RepositoryTriggerDestinationArnRequiredException"},
		{"a queue", destination("arn:aws:sqs:us-east-1:111122223333:q"), "InvalidRepositoryTriggerDestinationArnException"},
		{"a FIFO topic", destination(topic + ".fifo"), "InvalidRepositoryTriggerDestinationArnException"},
		{"no ARN", destination("builds"), "InvalidRepositoryTriggerDestinationArnException"},
		{"another Region", destination("arn:aws:sns:eu-west-1:111122223333:builds"), "InvalidRepositoryTriggerRegionException"},
		{"no branches", one(func(t *types.RepositoryTrigger) { t.Branches = nil }), "RepositoryTriggerBranchNameListRequiredException"},
		{"many branches", one(func(t *types.RepositoryTrigger) { t.Branches = make([]string, 11) }), "MaximumBranchesExceededException"},
		{"a bad branch", one(func(t *types.RepositoryTrigger) { t.Branches = []string{"main", "feature/*"} }), "InvalidRepositoryTriggerBranchNameException"},
		{"long data", one(func(t *types.RepositoryTrigger) { t.CustomData = aws.String(strings.Repeat("n", 1001)) }), "InvalidRepositoryTriggerCustomDataException"},
		{"no events", events([]types.RepositoryTriggerEventEnum{}...), "RepositoryTriggerEventsListRequiredException"},
		{"an unknown event", events("push"), "InvalidRepositoryTriggerEventsException"},
		{"all and more", events("all", "createReference"), "InvalidRepositoryTriggerEventsException"},
		{"an event twice", events("createReference", "createReference"), "InvalidRepositoryTriggerEventsException"},
	} {
		for i := range test.triggers {
			if test.triggers[i].Events == nil {
				test.triggers[i].Events = []types.RepositoryTriggerEventEnum{}
			}
		}
		_, err := client.PutRepositoryTriggers(t.Context(), &awscodecommit.PutRepositoryTriggersInput{RepositoryName: aws.String("app"), Triggers: test.triggers})
		wantError(t, "Put: "+test.what, err, test.want)
		_, err = client.TestRepositoryTriggers(t.Context(), &awscodecommit.TestRepositoryTriggersInput{RepositoryName: aws.String("app"), Triggers: test.triggers})
		wantError(t, "Test: "+test.what, err, test.want)
	}
	out, err := client.GetRepositoryTriggers(t.Context(), &awscodecommit.GetRepositoryTriggersInput{RepositoryName: aws.String("app")})
	if err != nil || len(out.Triggers) != 0 {
		t.Errorf("after errors there are triggers: %v, %v", out, err)
	}
}
