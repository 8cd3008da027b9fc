package ci_test

import (
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"

	"github.com/codesuite-go/codesuite/codecommit/ci"
)

// A build ends, and another instance tells so, while this one is about to write that it
// runs: the comment says in the end that it has succeeded.
func TestEndWhileTold(t *testing.T) {
	t.Parallel()
	flows := []ci.Flow{review}
	w := newWorld(t, flows, nil)
	_, other := w.instance(flows)
	w.push("topic", "a", "1")
	id := w.open("topic")
	var ended atomic.Bool
	end := func() {
		w.builds.Settle()
		for _, payload := range w.builds.Events() {
			if !strings.Contains(string(payload), `"build-status":"SUCCEEDED"`) {
				continue
			}
			if _, err := other.Invoke(t.Context(), payload); err != nil {
				t.Error(err)
			}
		}
	}
	w.commits.OnCall(func(operation string) {
		if operation == "UpdateComment" && !ended.Swap(true) { // the other one updates as well
			end()
		}
	})
	for _, payload := range w.take() {
		w.invoke(payload)
	}
	for _, payload := range w.take() {
		if strings.Contains(string(payload), `"build-status":"IN_PROGRESS"`) {
			w.invoke(payload)
		}
	}
	out, err := w.client.GetCommentsForPullRequest(t.Context(), &awscodecommit.GetCommentsForPullRequestInput{PullRequestId: &id})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(out.CommentsForPullRequestData); n != 1 {
		t.Fatalf("%d comments, want 1", n)
	}
	content := aws.ToString(out.CommentsForPullRequestData[0].Comments[0].Content)
	if !strings.HasSuffix(strings.TrimSpace(content), " · SUCCEEDED") {
		t.Errorf("the comment is\n%s\nwant that it has succeeded", content)
	}
}
