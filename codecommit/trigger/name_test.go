package trigger_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/codecommit/trigger"
)

func TestNames(t *testing.T) {
	t.Parallel()
	long := "feature/" + strings.Repeat("very-", 40) + "long"
	seen := make(map[string]bool)
	for _, branch := range []string{"main", "feature/login", "login", "feature-login", "feature_-login", "größe", long, long + "er"} {
		for _, prefix := range []string{"", "ci", "ci/ü x", strings.Repeat("p", 60)} {
			tr := forBranch(branch)
			tr.Name = trigger.NameFor(prefix, branch)
			if err := tr.Validate(); err != nil {
				t.Errorf("NameFor(%q, %q) is no name: %v", prefix, branch, err)
			}
			if seen[tr.Name] {
				t.Errorf("NameFor(%q, %q) = %q, which another branch has", prefix, branch, tr.Name)
			}
			seen[tr.Name] = true
			if got, ok := trigger.Branch(prefix, tr); got != branch || !ok {
				t.Errorf("Branch(%q, %q) = %q, %v, want %q", prefix, tr.Name, got, ok, branch)
			}
			if got, ok := trigger.Branch("other", tr); ok && prefix != "" {
				t.Errorf("Branch with another prefix of %q is %q", tr.Name, got)
			}
			tr.Branches = nil
			if _, ok := trigger.Branch(prefix, tr); ok == (len(branch) > 200) {
				t.Errorf("Branch(%q, %q) without its branches reports %v", prefix, tr.Name, ok)
			}
		}
	}
	for _, name := range []string{"", "ci-", "ci-main", "trigger-main-updates", "mail"} {
		if got, ok := trigger.Branch("ci", trigger.Trigger{Name: name, Branches: []string{"main"}}); ok {
			t.Errorf("Branch of %q is %q, want none", name, got)
		}
	}
}

func TestAdopt(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	left := func(name string, branches ...string) trigger.Trigger {
		return trigger.Trigger{Name: name, Destination: function, Branches: branches, Events: []trigger.Event{trigger.EventUpdate}}
	}
	mail := left("trigger-chat-updates", "chat")
	mail.Destination = topic
	existing := []trigger.Trigger{
		left("trigger-main-updates", "main"),
		left("trigger-login-updates", "login"), // of the branch login, or of feature/login by mistake
		left("trigger-both-updates", "both", "main"),
		mail,
	}
	if _, err := trigger.Open(server.Config(), "staging", quick).Ensure(t.Context(), existing...); err != nil {
		t.Fatal(err)
	}
	s := trigger.Open(server.Config(), "staging", quick, func(o *trigger.Options) { o.Adopt = trigger.Known })
	server.ResetCalls()
	if _, err := s.Ensure(t.Context(), forBranch("main"), forBranch("feature/login"), forBranch("both"), forBranch("chat")); err != nil {
		t.Fatal(err)
	}
	want := append([]trigger.Trigger{}, existing[1:]...)
	want = append(want, forBranch("main"), forBranch("feature/login"), forBranch("both"), forBranch("chat"))
	if diff := cmp.Diff(want, list(t, s), same); diff != "" {
		t.Errorf("triggers (-want +got):\n%s", diff)
	}
	if n := server.Count("PutRepositoryTriggers"); n != 1 {
		t.Errorf("%d writes, want 1: no event may be lost between an old trigger and its successor", n)
	}
}

func FuzzName(f *testing.F) {
	for _, branch := range []string{"main", "feature/login", "a_b", "größe", strings.Repeat("ab/", 60)} {
		f.Add("ci", branch)
		f.Add("", branch)
	}
	f.Fuzz(func(t *testing.T, prefix, branch string) {
		tr := forBranch("main")
		tr.Name = trigger.NameFor(prefix, branch)
		if err := tr.Validate(); err != nil {
			t.Fatalf("NameFor(%q, %q): %v", prefix, branch, err)
		}
		tr.Branches = []string{branch}
		if got, ok := trigger.Branch(prefix, tr); got != branch || !ok {
			t.Fatalf("Branch(%q, %q) = %q, %v, want %q", prefix, tr.Name, got, ok, branch)
		}
		// Names of others are refused or lead back to themselves.
		if got, ok := trigger.Branch(prefix, trigger.Trigger{Name: branch}); ok && trigger.NameFor(prefix, got) != branch {
			t.Fatalf("Branch(%q, %q) = %q, whose name is %q", prefix, branch, got, trigger.NameFor(prefix, got))
		}
	})
}
