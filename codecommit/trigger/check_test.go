package trigger_test

import (
	"errors"
	"io/fs"
	"strings"
	"testing"

	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
	"github.com/codesuite-go/codesuite/codecommit/trigger"
)

// refuse plays a function that CodeCommit may not invoke.
func refuse(names ...string) codecommittest.Faults {
	return codecommittest.Faults{FailTriggers: func(name string) string {
		for _, n := range names {
			if n == name {
				return "CodeCommit is not allowed to invoke the function"
			}
		}
		return ""
	}}
}

func TestTest(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	s := trigger.Open(server.Config(), "staging", quick)
	alias := forBranch("release")
	alias.Destination += ":live"
	if _, err := s.Ensure(t.Context(), forBranch("main"), alias, foreign("mail")); err != nil {
		t.Fatal(err)
	}
	if err := s.Test(t.Context()); err != nil {
		t.Errorf("Test of all: %v", err)
	}
	if err := s.Test(t.Context(), "none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Test of a name that does not exist: %v", err)
	}
	main := forBranch("main").Name
	server.SetFaults(refuse(main, alias.Name, "mail"))
	err := s.Test(t.Context(), main)
	want := "aws lambda add-permission --region us-east-1 --function-name " + function +
		" --statement-id codecommit-staging --action lambda:InvokeFunction --principal codecommit.amazonaws.com" +
		" --source-arn arn:aws:codecommit:us-east-1:111122223333:staging --source-account 111122223333"
	var failed *trigger.TestError
	if !errors.As(err, &failed) || failed.Command != want || failed.Trigger.Name != main || !strings.HasSuffix(err.Error(), "run: "+want) {
		t.Errorf("error %v\nwant the command %s", err, want)
	}
	if text := s.Test(t.Context(), alias.Name).Error(); !strings.Contains(text, " --function-name "+function+" --qualifier 'live' ") {
		t.Errorf("error %s\nwant the function and its qualifier", text)
	}
	if text := s.Test(t.Context(), "mail").Error(); !strings.Contains(text, "sns:Publish on "+topic) || strings.Contains(text, "lambda") {
		t.Errorf("error %s\nwant the permission of the topic", text)
	}
	if text := s.Test(t.Context()).Error(); strings.Count(text, "trigger: test") != 3 {
		t.Errorf("error %s\nwant all three", text)
	}
	// Without GetRepository the repository is in the function's account.
	faults := refuse(main)
	faults.Deny = []string{"GetRepository"}
	server.SetFaults(faults)
	if err := s.Test(t.Context(), main); !errors.As(err, &failed) || failed.Command != want {
		t.Errorf("without GetRepository: %v\nwant the command %s", err, want)
	}
}

func TestTestFirst(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	s := trigger.Open(server.Config(), "staging", quick, func(o *trigger.Options) { o.TestFirst = true })
	server.SetFaults(refuse(forBranch("main").Name))
	var failed *trigger.TestError
	if _, err := s.Ensure(t.Context(), forBranch("main")); !errors.As(err, &failed) {
		t.Errorf("error %v, want a *TestError", err)
	}
	if got := list(t, s); len(got) != 0 {
		t.Errorf("triggers %v, want none", got)
	}
	if changed, err := s.Ensure(t.Context(), forBranch("release")); err != nil || !changed {
		t.Errorf("allowed: %v, %v", changed, err)
	}
	server.ResetCalls()
	if changed, err := s.Ensure(t.Context(), forBranch("release")); err != nil || changed {
		t.Errorf("again: %v, %v", changed, err)
	}
	if n := server.Count("TestRepositoryTriggers"); n != 0 {
		t.Errorf("%d tests of a trigger that is there, want none", n)
	}
}
