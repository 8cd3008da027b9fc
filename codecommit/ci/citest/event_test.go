package citest_test

import (
	"slices"
	"sync/atomic"
	"testing"

	awscodebuild "github.com/aws/aws-sdk-go-v2/service/codebuild"

	"github.com/codesuite-go/codesuite/codecommit/ci/citest"
	"github.com/codesuite-go/codesuite/events"
)

// Events come twice and out of order if asked, and none is lost.
func TestDelivery(t *testing.T) {
	t.Parallel()
	server, client := newServer(t, citest.Project{Name: "app"})
	server.SetDelivery(citest.Delivery{DuplicateRate: 1, Reorder: 6, Seed: 3})
	var delivered []string
	server.OnEvent(func(payload []byte) { delivered = append(delivered, string(payload)) })
	for range 3 {
		start(t, client, awscodebuild.StartBuildInput{ProjectName: name})
	}
	server.Settle()
	var twice []string
	for _, payload := range server.Events() {
		twice = append(twice, string(payload), string(payload))
	}
	if slices.Equal(twice, delivered) {
		t.Error("the events came in order")
	}
	slices.Sort(twice)
	slices.Sort(delivered)
	diff(t, "events", twice, delivered)
}

// A handler that calls the server while an event is delivered does not block, and
// its build runs in the same Settle.
func TestHandlerStartsBuilds(t *testing.T) {
	t.Parallel()
	server, client := newServer(t, citest.Project{Name: "app"}, citest.Project{Name: "next"})
	server.OnEvent(func(payload []byte) {
		e, err := events.Decode(payload)
		if err != nil {
			t.Error(err)
			return
		}
		if b, ok := e.(*events.BuildStateChange); ok && b.Project == "app" && b.Status == events.BuildSucceeded {
			next := "next"
			if _, err := client.StartBuild(t.Context(), &awscodebuild.StartBuildInput{ProjectName: &next}); err != nil {
				t.Error(err)
			}
		}
	})
	start(t, client, awscodebuild.StartBuildInput{ProjectName: name})
	server.Settle()
	builds := server.Builds()
	if len(builds) != 2 || builds[1].Project != "next" || builds[1].Status != citest.StatusSucceeded {
		t.Errorf("builds %+v", builds)
	}
}

// A reply that is lost leaves the build; the SDK's retry with the token gets it.
func TestFaults(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		faults citest.Faults
	}{
		{"lost replies", citest.Faults{LateDropRate: 1}},
		{"late errors", citest.Faults{LateErrorRate: 1}},
		{"throttling", citest.Faults{ThrottleRate: 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server, client := newServer(t, citest.Project{Name: "app"})
			server.SetFaults(test.faults)
			var calls atomic.Int64
			server.OnCall(func(operation string) {
				if calls.Add(1) == 3 {
					server.SetFaults(citest.Faults{})
				}
			})
			token := "t"
			if _, err := client.StartBuild(t.Context(), &awscodebuild.StartBuildInput{ProjectName: name, IdempotencyToken: &token}); err != nil {
				t.Fatal(err)
			}
			diff(t, "builds", 1, len(server.Builds()))
			diff(t, "calls", 3, server.Count("StartBuild"))
		})
	}
	server, client := newServer(t, citest.Project{Name: "app"})
	server.SetFaults(citest.Faults{Deny: []string{"StartBuild"}, Fail: func(operation string) string {
		if operation == "StopBuild" {
			return "ResourceNotFoundException"
		}
		return ""
	}})
	_, err := client.StartBuild(t.Context(), &awscodebuild.StartBuildInput{ProjectName: name})
	diff(t, "denied", "AccessDeniedException", code(err))
	_, err = client.StopBuild(t.Context(), &awscodebuild.StopBuildInput{Id: name})
	diff(t, "failed", "ResourceNotFoundException", code(err))
	server.ResetCalls()
	diff(t, "calls", 0, server.Count())
}
