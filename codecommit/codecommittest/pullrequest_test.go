package codecommittest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	"github.com/aws/aws-sdk-go-v2/service/codecommit/types"
	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/internal/gittest"
)

const (
	ada   = "arn:aws:iam::111122223333:user/ada"
	grace = "arn:aws:sts::111122223333:assumed-role/Review/grace"
)

// world is a server of the repository app, whose branch topic is a commit ahead of
// main.
type world struct {
	*testing.T
	server      *codecommittest.Server
	client      *awscodecommit.Client // of the default caller
	main, topic string                // commit IDs
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{T: t, server: codecommittest.NewServer(t, codecommittest.FS("app", fstest.MapFS{"a": {Data: []byte("1\n")}}), codecommittest.FS("other", nil))}
	w.client = awscodecommit.NewFromConfig(w.server.Config())
	w.main = w.branch("main")
	w.topic = w.commit("topic", "a", "2\n", "dir/b", "new\n")
	return w
}

func (w *world) as(arn string) *awscodecommit.Client {
	return awscodecommit.NewFromConfig(w.server.ConfigAs(arn))
}

// commit commits files, given by path and content in turn.
func (w *world) commit(branch string, files ...string) string {
	w.Helper()
	fsys := make(fstest.MapFS)
	for i := 0; i < len(files); i += 2 {
		fsys[files[i]] = &fstest.MapFile{Data: []byte(files[i+1])}
	}
	id, err := w.server.Commit("app", branch, fsys)
	if err != nil {
		w.Fatal(err)
	}
	return id
}

func (w *world) setRef(name, id string) {
	w.Helper()
	if err := w.server.SetRef("app", name, id); err != nil {
		w.Fatal(err)
	}
}

func (w *world) branch(name string) string {
	w.Helper()
	out, err := w.client.GetBranch(w.Context(), &awscodecommit.GetBranchInput{RepositoryName: aws.String("app"), BranchName: &name})
	if err != nil {
		w.Fatal(err)
	}
	return *out.Branch.CommitId
}

// open opens a pull request from a branch to main.
func (w *world) open(client *awscodecommit.Client, source string) *types.PullRequest {
	w.Helper()
	out, err := client.CreatePullRequest(w.Context(), &awscodecommit.CreatePullRequestInput{
		Title: aws.String("Change " + source), Description: aws.String("Why"),
		Targets: []types.Target{{RepositoryName: aws.String("app"), SourceReference: &source, DestinationReference: aws.String("main")}},
	})
	if err != nil {
		w.Fatal(err)
	}
	return out.PullRequest
}

func (w *world) get(id *string) *types.PullRequest {
	w.Helper()
	out, err := w.client.GetPullRequest(w.Context(), &awscodecommit.GetPullRequestInput{PullRequestId: id})
	if err != nil {
		w.Fatal(err)
	}
	return out.PullRequest
}

// events returns what happened so far, one line for each event.
func (w *world) events() []string {
	w.Helper()
	var lines []string
	for _, payload := range w.server.Events() {
		e, err := events.Decode(payload)
		if err != nil {
			w.Fatalf("%v: %s", err, payload)
		}
		lines = append(lines, w.line(e))
	}
	return lines
}

func (w *world) line(e events.Event) string {
	w.Helper()
	if problems := e.Problems(); len(problems) > 0 {
		w.Errorf("%T: %v", e, problems)
	}
	switch e := e.(type) {
	case *events.RepositoryStateChange:
		return strings.TrimSuffix(fmt.Sprintf("%s %s %.4s..%.4s %s", e.Event, e.ReferenceFullName, e.OldCommitID, e.CommitID, e.MergeOption), " ")
	case *events.PullRequestStateChange:
		extra := string(e.MergeOption) + string(e.ApprovalStatus) + string(e.OverrideStatus) + e.ApprovalRuleName
		return strings.TrimSuffix(fmt.Sprintf("%s %s %s %s merged=%t %.4s %s %s", e.Event, e.PullRequestID, e.SourceBranch(), e.Status, e.IsMerged, e.SourceCommit, name(e.CallerUserARN), extra), " ")
	case *events.PullRequestComment:
		return fmt.Sprintf("%s %s %s reply=%t", e.Event, e.PullRequestID, name(e.CallerUserARN), e.InReplyTo != "")
	case *events.CommitComment:
		return fmt.Sprintf("%s %s", e.Event, name(e.CallerUserARN))
	case *events.CommentReactionChange:
		return fmt.Sprintf("%s %s %s", e.Event, e.ReactionShortcodes, name(e.CallerUserARN))
	}
	w.Errorf("unexpected event %T", e)
	return ""
}

func name(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }

func same(t *testing.T, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// A pull request from its creation to its end, and what is told of it.
func TestPullRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.open(w.as(ada), "topic")
	target := p.PullRequestTargets[0]
	same(t, "pull request", []string{"1", "Change topic", "Why", ada, "OPEN", "refs/heads/topic", "refs/heads/main", w.topic, w.main, w.main},
		[]string{*p.PullRequestId, *p.Title, *p.Description, *p.AuthorArn, string(p.PullRequestStatus), *target.SourceReference, *target.DestinationReference,
			*target.SourceCommit, *target.DestinationCommit, *target.MergeBase})
	if p.ClientRequestToken == nil || target.MergeMetadata.IsMerged {
		t.Errorf("token %v, merge %+v", p.ClientRequestToken, target.MergeMetadata)
	}

	first := w.topic
	second := w.commit("topic", "a", "3\n")
	pushed := w.get(p.PullRequestId)
	if *pushed.RevisionId == *p.RevisionId || *pushed.PullRequestTargets[0].SourceCommit != second {
		t.Errorf("after a push: revision %s, source %s", *pushed.RevisionId, *pushed.PullRequestTargets[0].SourceCommit)
	}
	w.setRef("refs/heads/topic", first)
	if back := w.get(p.PullRequestId); *back.RevisionId == *p.RevisionId || *back.RevisionId == *pushed.RevisionId {
		t.Errorf("a commit that was there before has the revision %s again", *back.RevisionId)
	}
	third := w.commit("main", "a", "1\n", "c", "3\n")
	if moved := w.get(p.PullRequestId); *moved.PullRequestTargets[0].DestinationCommit != third || *moved.PullRequestTargets[0].MergeBase != w.main {
		t.Errorf("after a push to main: %s, merge base %s", *moved.PullRequestTargets[0].DestinationCommit, *moved.PullRequestTargets[0].MergeBase)
	}
	w.setRef("refs/heads/main", w.main)

	if _, err := w.client.UpdatePullRequestTitle(t.Context(), &awscodecommit.UpdatePullRequestTitleInput{PullRequestId: p.PullRequestId, Title: aws.String("Better")}); err != nil {
		t.Error(err)
	}
	if _, err := w.client.UpdatePullRequestDescription(t.Context(), &awscodecommit.UpdatePullRequestDescriptionInput{PullRequestId: p.PullRequestId, Description: aws.String("")}); err != nil {
		t.Error(err)
	}
	status := func(status types.PullRequestStatusEnum) error {
		_, err := w.as(grace).UpdatePullRequestStatus(t.Context(), &awscodecommit.UpdatePullRequestStatusInput{PullRequestId: p.PullRequestId, PullRequestStatus: status})
		return err
	}
	for _, s := range []types.PullRequestStatusEnum{"OPEN", "CLOSED", "CLOSED"} {
		if err := status(s); err != nil {
			t.Errorf("status %s: %v", s, err)
		}
	}
	wantError(t, "opening again", status("OPEN"), "InvalidPullRequestStatusUpdateException")
	_, err := w.client.UpdatePullRequestTitle(t.Context(), &awscodecommit.UpdatePullRequestTitleInput{PullRequestId: p.PullRequestId, Title: aws.String("x")})
	wantError(t, "title of a closed one", err, "PullRequestAlreadyClosedException")
	revision := *w.get(p.PullRequestId).RevisionId
	w.commit("topic", "a", "4\n")
	closed := w.get(p.PullRequestId)
	if *closed.RevisionId != revision || *closed.Title != "Better" || closed.Description != nil {
		t.Errorf("the closed one follows its branch: %+v", closed)
	}

	fourth := w.branch("topic")
	same(t, "events", []string{
		fmt.Sprintf("referenceCreated refs/heads/topic ..%.4s", first),
		fmt.Sprintf("pullRequestCreated 1 topic Open merged=false %.4s ada", first),
		fmt.Sprintf("referenceUpdated refs/heads/topic %.4s..%.4s", first, second),
		fmt.Sprintf("pullRequestSourceBranchUpdated 1 topic Open merged=false %.4s developer", second),
		fmt.Sprintf("referenceUpdated refs/heads/topic %.4s..%.4s", second, first),
		fmt.Sprintf("pullRequestSourceBranchUpdated 1 topic Open merged=false %.4s developer", first),
		fmt.Sprintf("referenceUpdated refs/heads/main %.4s..%.4s", w.main, third),
		fmt.Sprintf("referenceUpdated refs/heads/main %.4s..%.4s", third, w.main),
		fmt.Sprintf("pullRequestStatusChanged 1 topic Closed merged=false %.4s grace", first),
		fmt.Sprintf("referenceUpdated refs/heads/topic %.4s..%.4s", first, fourth),
	}, w.events())

	var history []string
	in := &awscodecommit.DescribePullRequestEventsInput{PullRequestId: p.PullRequestId, MaxResults: aws.Int32(3)}
	for page := awscodecommit.NewDescribePullRequestEventsPaginator(w.client, in); page.HasMorePages(); {
		out, err := page.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(out.PullRequestEvents) > 3 {
			t.Errorf("a page of %d events", len(out.PullRequestEvents))
		}
		for _, e := range out.PullRequestEvents {
			history = append(history, fmt.Sprintf("%s %s", e.PullRequestEventType, name(*e.ActorArn)))
			if m := e.PullRequestSourceReferenceUpdatedEventMetadata; m != nil {
				history = append(history, fmt.Sprintf("%.4s..%.4s", *m.BeforeCommitId, *m.AfterCommitId))
			}
		}
	}
	same(t, "history", []string{
		"PULL_REQUEST_STATUS_CHANGED grace",
		"PULL_REQUEST_SOURCE_REFERENCE_UPDATED developer", fmt.Sprintf("%.4s..%.4s", second, first),
		"PULL_REQUEST_SOURCE_REFERENCE_UPDATED developer", fmt.Sprintf("%.4s..%.4s", first, second),
		"PULL_REQUEST_CREATED ada",
	}, history)
	in = &awscodecommit.DescribePullRequestEventsInput{PullRequestId: p.PullRequestId, PullRequestEventType: "PULL_REQUEST_CREATED", ActorArn: aws.String(ada)}
	if out, err := w.client.DescribePullRequestEvents(t.Context(), in); err != nil || len(out.PullRequestEvents) != 1 {
		t.Errorf("events of a type and an actor: %v, %v", out, err)
	}
}

// A branch that is deleted closes its pull requests, and a push that brings the
// destination to the source merges them.
func TestPullRequestEnds(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		change func(w *world)
		want   string
	}{
		{"source deleted", func(w *world) { w.setRef("refs/heads/topic", "") }, "pullRequestStatusChanged 1 topic Closed merged=false %.4s developer"},
		{"destination deleted", func(w *world) { w.setRef("refs/heads/main", "") }, "pullRequestStatusChanged 1 topic Closed merged=false %.4s developer"},
		{"fast-forward pushed", func(w *world) { w.setRef("refs/heads/main", w.topic) }, "pullRequestMergeStatusUpdated 1 topic Closed merged=true %.4s developer FAST_FORWARD_MERGE"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			p := w.open(w.client, "topic")
			test.change(w)
			lines := w.events()
			if want := fmt.Sprintf(test.want, w.topic); lines[len(lines)-1] != want {
				t.Errorf("last event %q, want %q", lines[len(lines)-1], want)
			}
			if got := w.get(p.PullRequestId); got.PullRequestStatus != "CLOSED" || *got.PullRequestTargets[0].DestinationCommit != w.main {
				t.Errorf("%s, destination %s", got.PullRequestStatus, *got.PullRequestTargets[0].DestinationCommit)
			}
		})
	}
}

func TestListPullRequests(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 5 {
		branch := fmt.Sprintf("b%d", i)
		w.setRef("refs/heads/"+branch, w.topic)
		client := w.client
		if i%2 == 0 {
			client = w.as(ada)
		}
		p := w.open(client, branch)
		if i == 4 {
			if _, err := w.client.UpdatePullRequestStatus(t.Context(), &awscodecommit.UpdatePullRequestStatusInput{PullRequestId: p.PullRequestId, PullRequestStatus: "CLOSED"}); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, test := range []struct {
		in   awscodecommit.ListPullRequestsInput
		want []string
	}{
		{awscodecommit.ListPullRequestsInput{}, []string{"5", "4", "3", "2", "1"}},
		{awscodecommit.ListPullRequestsInput{MaxResults: aws.Int32(2)}, []string{"5", "4", "3", "2", "1"}},
		{awscodecommit.ListPullRequestsInput{PullRequestStatus: "OPEN", MaxResults: aws.Int32(3)}, []string{"4", "3", "2", "1"}},
		{awscodecommit.ListPullRequestsInput{PullRequestStatus: "OPEN", AuthorArn: aws.String(ada)}, []string{"3", "1"}},
		{awscodecommit.ListPullRequestsInput{PullRequestStatus: "CLOSED", AuthorArn: aws.String(grace)}, nil},
		{awscodecommit.ListPullRequestsInput{RepositoryName: aws.String("other")}, nil},
	} {
		if test.in.RepositoryName == nil {
			test.in.RepositoryName = aws.String("app")
		}
		var got []string
		for page := awscodecommit.NewListPullRequestsPaginator(w.client, &test.in); page.HasMorePages(); {
			out, err := page.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, out.PullRequestIds...)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%+v: %v, want %v", test.in, got, test.want)
		}
	}
}

func TestPullRequestErrors(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.setRef("refs/tags/v1", w.topic)
	p := w.open(w.client, "topic")
	create := func(change func(in *awscodecommit.CreatePullRequestInput)) error {
		in := &awscodecommit.CreatePullRequestInput{
			Title:   aws.String("T"),
			Targets: []types.Target{{RepositoryName: aws.String("app"), SourceReference: aws.String("refs/heads/topic"), DestinationReference: aws.String("main")}},
		}
		change(in)
		_, err := w.client.CreatePullRequest(t.Context(), in)
		return err
	}
	target := func(change func(target *types.Target)) error {
		return create(func(in *awscodecommit.CreatePullRequestInput) { change(&in.Targets[0]) })
	}
	get := func(id string) error {
		_, err := w.client.GetPullRequest(t.Context(), &awscodecommit.GetPullRequestInput{PullRequestId: &id})
		return err
	}
	title := func(title string) error {
		_, err := w.client.UpdatePullRequestTitle(t.Context(), &awscodecommit.UpdatePullRequestTitleInput{PullRequestId: p.PullRequestId, Title: &title})
		return err
	}
	description := func(text string) error {
		_, err := w.client.UpdatePullRequestDescription(t.Context(), &awscodecommit.UpdatePullRequestDescriptionInput{PullRequestId: p.PullRequestId, Description: &text})
		return err
	}
	list := func(change func(in *awscodecommit.ListPullRequestsInput)) error {
		in := &awscodecommit.ListPullRequestsInput{RepositoryName: aws.String("app")}
		change(in)
		_, err := w.client.ListPullRequests(t.Context(), in)
		return err
	}
	describe := func(change func(in *awscodecommit.DescribePullRequestEventsInput)) error {
		in := &awscodecommit.DescribePullRequestEventsInput{PullRequestId: p.PullRequestId}
		change(in)
		_, err := w.client.DescribePullRequestEvents(t.Context(), in)
		return err
	}
	status := func(status types.PullRequestStatusEnum) error {
		_, err := w.client.UpdatePullRequestStatus(t.Context(), &awscodecommit.UpdatePullRequestStatusInput{PullRequestId: p.PullRequestId, PullRequestStatus: status})
		return err
	}
	for _, test := range []struct {
		what string
		err  error
		want string
	}{
		{"no title", create(func(in *awscodecommit.CreatePullRequestInput) { in.Title = aws.String("") }), "TitleRequiredException"},
		{"a long title", create(func(in *awscodecommit.CreatePullRequestInput) { in.Title = aws.String(strings.Repeat("é", 151)) }), "InvalidTitleException"},
		{"a longest title", title(strings.Repeat("é", 150)), ""},
		{"a title of 76 emojis", title(strings.Repeat("😄", 76)), "InvalidTitleException"}, // two units each
		{"a long description", create(func(in *awscodecommit.CreatePullRequestInput) {
			in.Description = aws.String(strings.Repeat("d", 10241))
		}), "InvalidDescriptionException"},
		{"a longest description", description(strings.Repeat("d", 10240)), ""},
		{"no targets", create(func(in *awscodecommit.CreatePullRequestInput) { in.Targets = []types.Target{} }), "TargetsRequiredException"},
		{"two targets", create(func(in *awscodecommit.CreatePullRequestInput) { in.Targets = append(in.Targets, in.Targets[0]) }), "InvalidTargetsException"},
		{"two repositories", create(func(in *awscodecommit.CreatePullRequestInput) {
			in.Targets = append(in.Targets, types.Target{RepositoryName: aws.String("other"), SourceReference: aws.String("a")})
		}), "MultipleRepositoriesInPullRequestException"},
		{"an unknown repository", target(func(t *types.Target) { t.RepositoryName = aws.String("none") }), "RepositoryDoesNotExistException"},
		{"no source", target(func(t *types.Target) { t.SourceReference = aws.String("") }), "ReferenceNameRequiredException"},
		{"a bad source", target(func(t *types.Target) { t.SourceReference = aws.String("a b") }), "InvalidReferenceNameException"},
		{"a tag", target(func(t *types.Target) { t.SourceReference = aws.String("refs/tags/v1") }), "ReferenceTypeNotSupportedException"},
		{"a tag's short name", target(func(t *types.Target) { t.SourceReference = aws.String("v1") }), "ReferenceDoesNotExistException"},
		{"an unknown destination", target(func(t *types.Target) { t.DestinationReference = aws.String("none") }), "ReferenceDoesNotExistException"},
		{"no destination", target(func(t *types.Target) { t.DestinationReference = nil }), ""},
		{"source and destination", target(func(t *types.Target) { t.SourceReference = aws.String("main") }), "SourceAndDestinationAreSameException"},
		{"an empty repository", target(func(t *types.Target) { t.RepositoryName = aws.String("other") }), "ReferenceDoesNotExistException"},

		{"GetPullRequest of no ID", get(""), "PullRequestIdRequiredException"},
		{"GetPullRequest of a name", get("one"), "InvalidPullRequestIdException"},
		{"GetPullRequest of an unknown ID", get("99"), "PullRequestDoesNotExistException"},
		{"GetPullRequest of zero", get("0"), "PullRequestDoesNotExistException"},
		{"GetPullRequest of another spelling", get("01"), "PullRequestDoesNotExistException"},

		{"a list of an unknown repository", list(func(in *awscodecommit.ListPullRequestsInput) { in.RepositoryName = aws.String("none") }), "RepositoryDoesNotExistException"},
		{"a list of a bad status", list(func(in *awscodecommit.ListPullRequestsInput) { in.PullRequestStatus = "MERGED" }), "InvalidPullRequestStatusException"},
		{"a list of a bad author", list(func(in *awscodecommit.ListPullRequestsInput) { in.AuthorArn = aws.String("ada") }), "InvalidAuthorArnException"},
		{"a list of no size", list(func(in *awscodecommit.ListPullRequestsInput) { in.MaxResults = aws.Int32(0) }), "InvalidMaxResultsException"},
		{"a list with a bad token", list(func(in *awscodecommit.ListPullRequestsInput) { in.NextToken = aws.String("x") }), "InvalidContinuationTokenException"},
		{"events of a bad type", describe(func(in *awscodecommit.DescribePullRequestEventsInput) { in.PullRequestEventType = "OTHER" }), "InvalidPullRequestEventTypeException"},
		{"events of a bad actor", describe(func(in *awscodecommit.DescribePullRequestEventsInput) { in.ActorArn = aws.String("ada") }), "InvalidActorArnException"},
		{"too many events", describe(func(in *awscodecommit.DescribePullRequestEventsInput) { in.MaxResults = aws.Int32(101) }), "InvalidMaxResultsException"},
		{"a bad status", status("MERGED"), "InvalidPullRequestStatusException"},
	} {
		if test.want == "" {
			if test.err != nil {
				t.Errorf("%s: %v", test.what, test.err)
			}
			continue
		}
		wantError(t, test.what, test.err, test.want)
	}
}

// A token stands for its pull request, unless it is forgotten.
func TestPullRequestToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	create := func(title string) (string, error) {
		out, err := w.client.CreatePullRequest(t.Context(), &awscodecommit.CreatePullRequestInput{
			Title: &title, ClientRequestToken: aws.String("once"), Targets: []types.Target{{RepositoryName: aws.String("app"), SourceReference: aws.String("topic")}},
		})
		if err != nil {
			return "", err
		}
		return *out.PullRequest.PullRequestId, nil
	}
	for range 2 {
		if id, err := create("T"); id != "1" {
			t.Errorf("pull request %q, %v", id, err)
		}
	}
	_, err := create("U")
	wantError(t, "another title", err, "IdempotencyParameterMismatchException")
	w.server.SetFaults(codecommittest.Faults{ForgetTokens: true})
	if id, err := create("T"); id != "2" {
		t.Errorf("after the token was forgotten: pull request %q, %v", id, err)
	}
}

// Git pushes into a repository; the server tells.
func TestSync(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.write("a", "1\n", 0o644)
	first := r.commit("one")
	r.git("branch", "topic")
	s := codecommittest.NewServer(t, codecommittest.Git("app", r.dir))
	w := &world{T: t, server: s, client: newClient(s), main: first}
	sync := func() {
		t.Helper()
		if err := s.Sync("app"); err != nil {
			t.Error(err)
		}
	}
	sync()
	r.git("checkout", "-q", "topic")
	r.write("a", "2\n", 0o644)
	second := r.commit("two")
	p := w.open(w.client, "topic")
	if *p.PullRequestTargets[0].SourceCommit != second || *p.PullRequestTargets[0].MergeBase != first {
		t.Errorf("the target is %+v", p.PullRequestTargets[0])
	}
	r.write("a", "3\n", 0o644)
	third := r.commit("three")
	if got := *w.get(p.PullRequestId).PullRequestTargets[0].SourceCommit; got != third {
		t.Errorf("source commit %s, want %s", got, third)
	}
	r.git("tag", "light")
	r.git("tag", "-m", "annotated", "v1")
	r.git("tag", "tree", "HEAD^{tree}")
	r.git("checkout", "-q", "main")
	r.git("merge", "-q", "--ff-only", "topic")
	sync()
	r.git("branch", "-D", "topic")
	r.git("tag", "-d", "v1")
	sync()
	same(t, "events", []string{
		fmt.Sprintf("referenceUpdated refs/heads/topic %.4s..%.4s", first, second),
		fmt.Sprintf("pullRequestCreated 1 topic Open merged=false %.4s developer", second),
		fmt.Sprintf("referenceUpdated refs/heads/topic %.4s..%.4s", second, third),
		fmt.Sprintf("pullRequestSourceBranchUpdated 1 topic Open merged=false %.4s developer", third),
		fmt.Sprintf("referenceUpdated refs/heads/main %.4s..%.4s", first, third),
		fmt.Sprintf("referenceCreated refs/tags/light ..%.4s", third),
		fmt.Sprintf("referenceCreated refs/tags/v1 ..%.4s", third),
		fmt.Sprintf("pullRequestMergeStatusUpdated 1 topic Closed merged=true %.4s developer FAST_FORWARD_MERGE", third),
		fmt.Sprintf("referenceDeleted refs/heads/topic %.4s..", third),
		fmt.Sprintf("referenceDeleted refs/tags/v1 %.4s..", third),
	}, w.events())
	if err := s.Sync("none"); err == nil {
		t.Error("a repository that is not there is synchronized")
	}
}

// The merge base is git's.
func TestMergeBaseAsGit(t *testing.T) {
	t.Parallel()
	for _, clock := range []int{1, -1} { // seconds between two commits
		r := newRepository(t)
		tree := r.git("mktree") // of no input
		var ids []string
		for i, parents := range [][]int{{}, {0}, {1}, {1}, {2, 3}, {3, 2}, {5}, {4, 6}, {6}, {8}, {}, {10}, {9, 11}, {11, 8}} {
			args := []string{"commit-tree", "-m", fmt.Sprint(i), tree}
			for _, p := range parents {
				args = append(args, "-p", ids[p])
			}
			date := fmt.Sprintf("GIT_COMMITTER_DATE=%d +0000", 1600000000+clock*i)
			out, err := gittest.Run(r.dir, nil, append(slices.Clone(people), date), args...)
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, strings.TrimSpace(string(out)))
			r.git("branch", fmt.Sprintf("b%d", i), ids[i])
		}
		client := newClient(codecommittest.NewServer(t, codecommittest.Git("app", r.dir)))
		for i := 4; i < len(ids); i++ {
			for j := i % 2; j < i; j += 2 {
				out, err := client.CreatePullRequest(t.Context(), &awscodecommit.CreatePullRequestInput{Title: aws.String("T"), Targets: []types.Target{{
					RepositoryName: aws.String("app"), SourceReference: aws.String(fmt.Sprintf("b%d", i)), DestinationReference: aws.String(fmt.Sprintf("b%d", j)),
				}}})
				if err != nil {
					t.Fatal(err)
				}
				got := aws.ToString(out.PullRequest.PullRequestTargets[0].MergeBase)
				bases, _ := gittest.Run(r.dir, nil, nil, "merge-base", "--all", ids[i], ids[j]) // fails if there is none
				if want := strings.Fields(string(bases)); got == "" && len(want) > 0 || got != "" && !slices.Contains(want, got) {
					t.Errorf("clock %d, b%d and b%d: %q, want one of %q", clock, i, j, got, want)
				}
			}
		}
	}
}
