package pipelineapproval_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/githubstatus"
	"github.com/codesuite-go/codesuite/githubstatus/pipelineapproval"
	"github.com/codesuite-go/codesuite/internal/githubtest"
	"github.com/codesuite-go/codesuite/pipeline"
	"github.com/codesuite-go/codesuite/pipeline/approval"
)

var (
	merge = strings.Repeat("a", 40)
	head  = strings.Repeat("b", 40)
	older = strings.Repeat("c", 40)
)

func newReader(t testing.TB) (*pipelineapproval.Reader, *githubtest.Server) {
	t.Helper()
	server := githubtest.New(t)
	server.AddRepository("octo/app")
	client := githubstatus.New(githubstatus.Token(githubtest.Token), func(o *githubstatus.Options) { o.BaseURL, o.MaxAttempts = server.URL(), 1 })
	return pipelineapproval.New(map[string]*githubstatus.Client{"api.github.com": client, "Git.Example.com": client}), server
}

func source() approval.Subject {
	return approval.Subject{Revision: pipeline.Revision{
		Action: "App", Provider: events.ProviderGitHub, Host: "github.com", Repository: "Octo/app", ID: strings.ToUpper(merge), Branch: "main",
	}}
}

func TestStatusChecks(t *testing.T) {
	t.Parallel()
	reader, server := newReader(t)
	for _, state := range []string{"success", "pending", "failure", "error"} {
		if err := server.AddStatus("octo/app", githubtest.Status{SHA: merge, Context: state, State: state}); err != nil {
			t.Fatal(err)
		}
	}
	if err := server.AddCheckRun("octo/app", githubtest.CheckRun{SHA: merge, Name: "test", Status: "completed", Conclusion: "success", AppID: 7}); err != nil {
		t.Fatal(err)
	}
	got, err := reader.StatusChecks(t.Context(), source())
	if err != nil {
		t.Fatal(err)
	}
	want := []approval.StatusCheck{
		{Context: "error", State: approval.CheckFailed}, {Context: "failure", State: approval.CheckFailed}, {Context: "pending", State: approval.CheckPending},
		{Context: "success", State: approval.CheckPassed}, {Context: "test", State: approval.CheckPassed, AppID: 7},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("status checks (-want +got):\n%s", diff)
	}
}

func TestPullRequest(t *testing.T) {
	t.Parallel()
	day := func(d int) time.Time { return time.Date(2026, 3, d, 0, 0, 0, 0, time.UTC) }
	review := func(author, state, sha string) githubtest.Review {
		return githubtest.Review{Author: author, State: state, SHA: sha, Submitted: day(1)}
	}
	merged := func(reviews ...githubtest.Review) githubtest.PullRequest {
		return githubtest.PullRequest{Number: 12, Author: "mona", Base: "main", HeadSHA: head, MergeSHA: merge, Merged: day(2), Reviews: reviews}
	}
	want := func(change func(*approval.PullRequest)) *approval.PullRequest {
		p := &approval.PullRequest{Name: "pull request 12", URL: "https://github.com/octo/app/pull/12", Author: "mona"}
		if change != nil {
			change(p)
		}
		return p
	}
	otherBase, unmerged, partOf, ghost := merged(), merged(), merged(), merged(review("", "APPROVED", head))
	otherBase.Base = "release"
	unmerged.Merged, unmerged.Commits = time.Time{}, []string{merge}
	partOf.MergeSHA, partOf.Commits = older, []string{merge}
	ghost.Author = ""
	later := merged(review("lisa", "APPROVED", head))
	later.Number, later.Merged, later.Author = 13, day(3), "bart"
	laterUnapproved, laterByMona := later, later
	laterUnapproved.Reviews, laterByMona.Reviews = nil, []githubtest.Review{review("mona", "APPROVED", head)}
	two := func(approvers, objectors []string) *approval.PullRequest {
		return &approval.PullRequest{
			Name: "pull request 13 and 12", URL: "https://github.com/octo/app/pull/13", Author: "bart", Approvers: approvers, Objectors: objectors,
		}
	}
	for _, tt := range []struct {
		name  string
		pulls []githubtest.PullRequest
		want  *approval.PullRequest
	}{
		{"none", nil, nil},
		{"merged to another branch", []githubtest.PullRequest{otherBase}, nil},
		{"not merged", []githubtest.PullRequest{unmerged}, nil},
		{"a part of one that was merged", []githubtest.PullRequest{partOf}, nil},
		{"no reviews", []githubtest.PullRequest{merged()}, want(nil)},
		{"approved", []githubtest.PullRequest{merged(review("lisa", "APPROVED", head), review("Bart", "APPROVED", head))}, want(func(p *approval.PullRequest) { p.Approvers = []string{"lisa", "Bart"} })},
		{"an older commit was approved", []githubtest.PullRequest{merged(review("lisa", "APPROVED", older))}, want(nil)},
		{"approved again", []githubtest.PullRequest{merged(review("lisa", "APPROVED", older), review("Lisa", "APPROVED", head))}, want(func(p *approval.PullRequest) { p.Approvers = []string{"Lisa"} })},
		{"a comment after it", []githubtest.PullRequest{merged(review("lisa", "APPROVED", head), review("lisa", "COMMENTED", head), review("lisa", "PENDING", head))}, want(func(p *approval.PullRequest) { p.Approvers = []string{"lisa"} })},
		{"changes requested after it", []githubtest.PullRequest{merged(review("lisa", "APPROVED", head), review("lisa", "CHANGES_REQUESTED", older))}, want(func(p *approval.PullRequest) { p.Objectors = []string{"lisa"} })},
		{"approved after changes", []githubtest.PullRequest{merged(review("lisa", "CHANGES_REQUESTED", older), review("lisa", "APPROVED", head))}, want(func(p *approval.PullRequest) { p.Approvers = []string{"lisa"} })},
		{"dismissed", []githubtest.PullRequest{merged(review("lisa", "APPROVED", head), review("lisa", "DISMISSED", head))}, want(nil)},
		{"an unknown state", []githubtest.PullRequest{merged(review("lisa", "APPROVED", head), review("lisa", "WITHDRAWN", head))}, want(nil)},
		{"accounts that are gone", []githubtest.PullRequest{ghost}, want(func(p *approval.PullRequest) { p.Author = "" })},
		// The merge of a pull request brings the commits of smaller ones as well: the
		// approvals of such a part do not make up for those of the whole.
		{"two, of which one is approved", []githubtest.PullRequest{later, merged()}, two(nil, nil)},
		{"two, of which the other one is approved", []githubtest.PullRequest{laterUnapproved, merged(review("lisa", "APPROVED", head))}, two(nil, nil)},
		{"two, approved", []githubtest.PullRequest{later, merged(review("Lisa", "APPROVED", head))}, two([]string{"lisa"}, nil)},
		{"two, approved by an author", []githubtest.PullRequest{laterByMona, merged(review("mona", "APPROVED", head))}, two(nil, nil)},
		{"two, with an objection", []githubtest.PullRequest{later, merged(review("homer", "CHANGES_REQUESTED", head), review("lisa", "APPROVED", head))}, two([]string{"lisa"}, []string{"homer"})},
	} {
		reader, server := newReader(t)
		for _, p := range tt.pulls {
			if _, err := server.SetPullRequest("octo/app", p); err != nil {
				t.Fatal(err)
			}
		}
		got, err := reader.PullRequest(t.Context(), source())
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		if diff := cmp.Diff(tt.want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s: (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestAuthor(t *testing.T) {
	t.Parallel()
	reader, server := newReader(t)
	if err := server.SetAuthor("octo/app", merge, "Lisa"); err != nil {
		t.Fatal(err)
	}
	elsewhere := source().Revision
	elsewhere.Provider = events.ProviderCodeCommit
	unknown := source().Revision
	unknown.Host = "git.example.org"
	if got, err := reader.Author(t.Context(), source().Revision); got != "Lisa" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	if got, err := reader.Author(t.Context(), elsewhere); got != "" || err != nil {
		t.Errorf("on CodeCommit: %q, %v", got, err)
	}
	if got, err := reader.Author(t.Context(), unknown); got != "" || err == nil {
		t.Errorf("on an unknown host: %q, %v", got, err)
	}
}

func TestMember(t *testing.T) {
	t.Parallel()
	reader, server := newReader(t)
	server.SetMember("octo/owners", "lisa", "active")
	for _, tt := range []struct {
		team, login string
		want, fails bool
	}{
		{"octo/owners", "lisa", true, false},
		{"octo/owners", "bart", false, false},
		{"octo/owners", "hubot[bot]", false, false},
		{"owners", "lisa", false, true},
	} {
		if got, err := reader.Member(t.Context(), source(), tt.team, tt.login); got != tt.want || (err != nil) != tt.fails {
			t.Errorf("%s in %s: %t, %v", tt.login, tt.team, got, err)
		}
	}
}

// A source whose commit cannot be looked up for certain is an error.
func TestSources(t *testing.T) {
	t.Parallel()
	reader, server := newReader(t)
	server.SetMember("octo/owners", "lisa", "active")
	denied := errors.New("codeconnections:GetHost is denied")
	for _, tt := range []struct {
		name   string
		change func(*approval.Subject)
		want   string // "" is no error
	}{
		{"github.com", func(*approval.Subject) {}, ""},
		{"github.com by its provider", func(s *approval.Subject) { s.Host = "" }, ""},
		{"enterprise", func(s *approval.Subject) {
			s.Host, s.Provider = "git.example.com", events.ProviderGitHubEnterpriseServer
		}, ""},
		{"another host", func(s *approval.Subject) { s.Host = "git.example.org" }, `no client for the GitHub host "git.example.org"`},
		{"an enterprise of unknown host", func(s *approval.Subject) { s.Host, s.Provider = "", events.ProviderGitHubEnterpriseServer }, "codeconnections:GetHost"},
		{"a host that is denied", func(s *approval.Subject) { s.Host, s.HostErr = "", denied }, denied.Error()},
		{"no owner", func(s *approval.Subject) { s.Repository = "app" }, "no owner/repository"},
		{"a group", func(s *approval.Subject) { s.Repository = "octo/sub/app" }, "no owner/repository"},
		{"no full ID", func(s *approval.Subject) { s.ID = "main" }, "not a full commit ID"},
	} {
		s := source()
		tt.change(&s)
		for method, call := range map[string]func() error{
			"StatusChecks": func() error { _, err := reader.StatusChecks(t.Context(), s); return err },
			"PullRequest":  func() error { _, err := reader.PullRequest(t.Context(), s); return err },
			"Member":       func() error { _, err := reader.Member(t.Context(), s, "octo/owners", "lisa"); return err },
		} {
			if err := call(); tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("%s of %s: %v, want %q", method, tt.name, err, tt.want)
			}
		}
	}
	for provider, want := range map[events.Provider]bool{
		events.ProviderGitHub: true, events.ProviderGitHubEnterpriseServer: true, events.ProviderCodeCommit: false, events.ProviderS3: false, "": false,
	} {
		if got := reader.Reads(approval.Subject{Revision: pipeline.Revision{Provider: provider}}); got != want {
			t.Errorf("reads %q: %t", provider, got)
		}
	}
	for _, fails := range []int{0, 1} { // the first call, or the second
		if _, err := server.SetPullRequest("octo/app", githubtest.PullRequest{Number: 12, Author: "mona", Base: "main", HeadSHA: head, MergeSHA: merge, Merged: time.Now()}); err != nil {
			t.Fatal(err)
		}
		server.SetFaults(append(make([]githubtest.Fault, fails), githubtest.Fail(502))...)
		if got, err := reader.PullRequest(t.Context(), source()); got != nil || err == nil {
			t.Errorf("call number %d fails: %v, %v", fails+1, got, err)
		}
	}
}
