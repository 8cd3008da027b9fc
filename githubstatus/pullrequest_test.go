package githubstatus_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/githubstatus"
	"github.com/codesuite-go/codesuite/internal/githubtest"
)

func setPull(t testing.TB, server *githubtest.Server, pull githubtest.PullRequest) int {
	t.Helper()
	number, err := server.SetPullRequest("octo/hello", pull)
	if err != nil {
		t.Fatal(err)
	}
	return number
}

func TestPullRequests(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	merged := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	head, trial := strings.Repeat("1", 40), strings.Repeat("2", 40)
	setPull(t, server, githubtest.PullRequest{Number: 12, Title: "Add a page", Author: "mona", Base: "main", HeadSHA: head, MergeSHA: sha, Merged: merged})
	setPull(t, server, githubtest.PullRequest{Number: 13, Author: "", Base: "main", HeadSHA: sha, MergeSHA: trial})
	setPull(t, server, githubtest.PullRequest{Number: 14, Author: "mona", Base: "main", HeadSHA: head, MergeSHA: sha}) // a trial is no merge
	got, err := newClient(server).PullRequests(t.Context(), commit)
	if err != nil {
		t.Fatal(err)
	}
	want := []githubstatus.PullRequest{
		{Number: 12, Title: "Add a page", URL: "https://github.com/octo/hello/pull/12", Author: "mona", BaseRepository: "octo/hello", Base: "main", HeadSHA: head, MergeSHA: sha, Merged: merged},
		{Number: 13, URL: "https://github.com/octo/hello/pull/13", BaseRepository: "octo/hello", Base: "main", HeadSHA: sha},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("pull requests (-want +got):\n%s", diff)
	}
	for i := range 60 {
		setPull(t, server, githubtest.PullRequest{Number: 100 + i, Commits: []string{sha}})
	}
	if got, err := newClient(server).PullRequests(t.Context(), commit); err != nil || len(got) != 62 {
		t.Errorf("%d pull requests, %v, want 62", len(got), err)
	}
}

func TestReviews(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	at := func(minute int) time.Time { return time.Date(2026, 3, 2, 9, minute, 0, 0, time.UTC) }
	reviews := []githubtest.Review{
		{Author: "mona", State: "COMMENTED", SHA: sha, Submitted: at(1)},
		{Author: "hubot[bot]", Bot: true, State: "APPROVED", SHA: sha, Submitted: at(2)},
		{Author: "", State: "DISMISSED", SHA: sha, Submitted: at(3)},
		{Author: "lisa", State: "PENDING", SHA: sha},
	}
	number := setPull(t, server, githubtest.PullRequest{Reviews: reviews})
	client := newClient(server)
	got, err := client.Reviews(t.Context(), commit, number)
	if err != nil {
		t.Fatal(err)
	}
	want := []githubstatus.Review{
		{Author: "mona", State: githubstatus.ReviewCommented, SHA: sha, Submitted: at(1)},
		{Author: "hubot[bot]", Bot: true, State: githubstatus.ReviewApproved, SHA: sha, Submitted: at(2)},
		{State: githubstatus.ReviewDismissed, SHA: sha, Submitted: at(3)},
		{Author: "lisa", State: githubstatus.ReviewPending, SHA: sha},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("reviews (-want +got):\n%s", diff)
	}
	setPull(t, server, githubtest.PullRequest{Number: number, Reviews: slices.Repeat(reviews, 51)})
	if got, err := client.Reviews(t.Context(), commit, number); err != nil || len(got) != 204 {
		t.Errorf("%d reviews, %v, want 204", len(got), err)
	}
	if _, err := client.Reviews(t.Context(), commit, number+1); !errors.Is(err, githubstatus.ErrNotFound) || !strings.Contains(err.Error(), fmt.Sprintf("get reviews of pull request %d of octo/hello@", number+1)) {
		t.Errorf("reviews of another: %v", err)
	}
	if _, err := client.Reviews(t.Context(), commit, 0); !errors.Is(err, githubstatus.ErrInvalid) {
		t.Errorf("reviews of number 0: %v", err)
	}
}

func TestAuthor(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	if err := server.SetAuthor("octo/hello", sha, "Lisa"); err != nil {
		t.Fatal(err)
	}
	server.AddReadOnlyToken("ghp_statusesOnly0123456789")
	if got, err := newClient(server).Author(t.Context(), commit); got != "Lisa" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	other := commit
	other.SHA = strings.Repeat("0", 40)
	if got, err := newClient(server).Author(t.Context(), other); got != "" || !errors.Is(err, githubstatus.ErrNotFound) {
		t.Errorf("of no commit: %q, %v", got, err)
	}
	readOnly := githubstatus.New(githubstatus.Token("ghp_statusesOnly0123456789"), func(o *githubstatus.Options) { o.BaseURL = server.URL() })
	if _, err := readOnly.Author(t.Context(), commit); err == nil || !strings.Contains(err.Error(), `githubstatus: get the author of octo/hello@`) || !strings.Contains(err.Error(), `the permission "Contents: read"`) {
		t.Errorf("without permission: %v", err)
	}
}

func TestTeamMember(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	server.SetMember("octo/Owners", "Mona", "active")
	server.SetMember("octo/owners", "lisa", "pending")
	server.AddReadOnlyToken("ghp_statusesOnly0123456789")
	client := newClient(server)
	readOnly := githubstatus.New(githubstatus.Token("ghp_statusesOnly0123456789"), func(o *githubstatus.Options) { o.BaseURL = server.URL() })
	for _, tt := range []struct {
		name, organization, team, login string
		client                          *githubstatus.Client
		want                            bool
		is                              error
		says                            string
	}{
		{"member", "octo", "owners", "mona", client, true, nil, ""},
		{"invited", "octo", "owners", "lisa", client, false, nil, ""},
		{"nobody", "octo", "owners", "bart", client, false, nil, ""},
		{"no such team", "octo", "others", "mona", client, false, githubstatus.ErrNotFound, "the organization or the team is missing"},
		{"another organization", "acme", "owners", "mona", client, false, githubstatus.ErrNotFound, "the organization or the team is missing"},
		{"a path", "octo", "owners/x", "mona", client, false, githubstatus.ErrInvalid, `"owners/x"`},
		{"no login", "octo", "owners", "", client, false, githubstatus.ErrInvalid, `""`},
		{"without permission", "octo", "owners", "mona", readOnly, false, githubstatus.ErrForbidden, `grant the token the permission "Members: read" of the organization (GitHub: members=read)`},
	} {
		got, err := tt.client.TeamMember(t.Context(), commit, tt.organization, tt.team, tt.login)
		if got != tt.want || !errors.Is(err, tt.is) || err != nil && !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: got %t, %v, want %t, %v", tt.name, got, err, tt.want, tt.is)
		}
	}
	if _, err := readOnly.PullRequests(t.Context(), commit); !errors.Is(err, githubstatus.ErrForbidden) ||
		!strings.Contains(err.Error(), `grant the token the permission "Pull requests: read" (GitHub: pull_requests=read)`) {
		t.Errorf("pull requests without permission: %v", err)
	}
}
