package codecommittest_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	"github.com/aws/aws-sdk-go-v2/service/codecommit/types"
	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
)

func TestGetRepository(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.commit("first")
	r.git("checkout", "-q", "-b", "trunk")
	s := codecommittest.NewServer(t, codecommittest.Git("my.app_1-x", r.dir))
	client := newClient(s)
	get := func() *types.RepositoryMetadata {
		t.Helper()
		out, err := client.GetRepository(t.Context(), &awscodecommit.GetRepositoryInput{RepositoryName: aws.String("my.app_1-x")})
		if err != nil {
			t.Fatal(err)
		}
		return out.RepositoryMetadata
	}
	m := get()
	want := map[string]string{
		"name":   "my.app_1-x",
		"branch": "trunk",
		"ARN":    "arn:aws:codecommit:us-east-1:111122223333:my.app_1-x",
		"HTTP":   "https://git-codecommit.us-east-1.amazonaws.com/v1/repos/my.app_1-x",
		"SSH":    "ssh://git-codecommit.us-east-1.amazonaws.com/v1/repos/my.app_1-x",
	}
	got := map[string]string{"name": *m.RepositoryName, "branch": *m.DefaultBranch, "ARN": *m.Arn, "HTTP": *m.CloneUrlHttp, "SSH": *m.CloneUrlSsh}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("metadata mismatch (-want +got):\n%s", diff)
	}
	if m.CreationDate.IsZero() || m.LastModifiedDate.Before(*m.CreationDate) {
		t.Errorf("created %s, modified %s", m.CreationDate, m.LastModifiedDate)
	}
	if !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(*m.RepositoryId) {
		t.Errorf("ID %s", *m.RepositoryId)
	}
	r.git("checkout", "-q", "main")
	if got := *get().DefaultBranch; got != "main" {
		t.Errorf("after checkout the default branch is %s", got)
	}
}

func TestListRepositories(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{"a": {}}
	var repos []codecommittest.Repo
	for i := range 5 {
		repos = append(repos, codecommittest.FS(fmt.Sprintf("r%d", (i+3)%5), files))
	}
	s := codecommittest.NewServer(t, repos...)
	client := newClient(s)
	list := func(in awscodecommit.ListRepositoriesInput) (names []string) {
		t.Helper()
		pages := awscodecommit.NewListRepositoriesPaginator(client, &in)
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range page.Repositories {
				names = append(names, *r.RepositoryName)
			}
		}
		return names
	}
	ascending := []string{"r0", "r1", "r2", "r3", "r4"}
	descending := []string{"r4", "r3", "r2", "r1", "r0"}
	for _, size := range []int{0, 1, 2, 5} {
		s.SetFaults(codecommittest.Faults{PageSize: size})
		if diff := cmp.Diff(ascending, list(awscodecommit.ListRepositoriesInput{})); diff != "" {
			t.Errorf("pages of %d mismatch (-want +got):\n%s", size, diff)
		}
		if diff := cmp.Diff(descending, list(awscodecommit.ListRepositoriesInput{SortBy: types.SortByEnumRepositoryName, Order: types.OrderEnumDescending})); diff != "" {
			t.Errorf("pages of %d, descending, mismatch (-want +got):\n%s", size, diff)
		}
	}
	if _, err := s.Commit("r2", "main", files); err != nil {
		t.Fatal(err)
	}
	if got := list(awscodecommit.ListRepositoriesInput{SortBy: types.SortByEnumModifiedDate, Order: types.OrderEnumDescending}); got[0] != "r2" || len(got) != 5 {
		t.Errorf("by last change %q, want r2 first", got)
	}
	for want, in := range map[string]awscodecommit.ListRepositoriesInput{
		"InvalidSortByException":            {SortBy: "size"},
		"InvalidOrderException":             {Order: "random"},
		"InvalidContinuationTokenException": {NextToken: aws.String("AAAAAQAAAAI=")},
	} {
		_, err := client.ListRepositories(t.Context(), &in)
		wantError(t, want, err, want)
	}
}

func TestBatchGetRepositories(t *testing.T) {
	t.Parallel()
	s := codecommittest.NewServer(t, codecommittest.FS("a", nil), codecommittest.FS("b", nil))
	out, err := newClient(s).BatchGetRepositories(t.Context(), &awscodecommit.BatchGetRepositoriesInput{RepositoryNames: []string{"b", "none", "a"}})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, r := range out.Repositories {
		names = append(names, *r.RepositoryName)
	}
	if diff := cmp.Diff([]string{"b", "a"}, names); diff != "" {
		t.Errorf("repositories mismatch (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"none"}, out.RepositoriesNotFound); diff != "" {
		t.Errorf("not found mismatch (-want +got):\n%s", diff)
	}
	if len(out.Errors) != 1 || out.Errors[0].ErrorCode != types.BatchGetRepositoriesErrorCodeEnumRepositoryDoesNotExistException || *out.Errors[0].RepositoryName != "none" {
		t.Errorf("errors %+v", out.Errors)
	}
}

func TestListBranches(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	id := r.commit("first")
	var refs strings.Builder
	want := []string{"main"}
	for i := range 1200 {
		name := fmt.Sprintf("b/%04d", i)
		want = append(want, name)
		fmt.Fprintf(&refs, "create refs/heads/%s %s\n", name, id)
	}
	r.run(refs.String(), "update-ref", "--stdin")
	r.git("tag", "not-a-branch")
	slices.Sort(want)
	s := codecommittest.NewServer(t, codecommittest.Git("app", r.dir))
	client := newClient(s)
	in := &awscodecommit.ListBranchesInput{RepositoryName: aws.String("app")}
	var got []string
	pages := awscodecommit.NewListBranchesPaginator(client, in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, page.Branches...)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("branches mismatch (-want +got):\n%s", diff)
	}
	if n := s.Count("ListBranches"); n != 2 {
		t.Errorf("%d calls, want 2", n)
	}
	in.NextToken = aws.String("main")
	_, err := client.ListBranches(t.Context(), in)
	wantError(t, "garbage", err, "InvalidContinuationTokenException")
}

func TestCommits(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	first := r.commit("first\n\nbody <html> & ünïcode")
	latin1 := strings.TrimSpace(r.run("Gr\xfc\xdfe", "-c", "i18n.commitEncoding=ISO-8859-1", "commit-tree", "-p", first, first+"^{tree}"))
	s := codecommittest.NewServer(t, codecommittest.Git("app", r.dir))
	client := newClient(s)
	out, err := client.BatchGetCommits(t.Context(), &awscodecommit.BatchGetCommitsInput{
		RepositoryName: aws.String("app"), CommitIds: []string{latin1, noID, first, "main"}})
	if err != nil {
		t.Fatal(err)
	}
	type commit struct {
		ID, Tree, Message, Author, Committer, Data string
		Parents                                    []string
	}
	var got []commit
	for _, c := range out.Commits {
		got = append(got, commit{*c.CommitId, *c.TreeId, *c.Message,
			*c.Author.Name + " " + *c.Author.Email + " " + *c.Author.Date,
			*c.Committer.Name + " " + *c.Committer.Email + " " + *c.Committer.Date, *c.AdditionalData, c.Parents})
	}
	const ada, grace = "Ada Lovelace ada@example.com 1484167798 -0800", "Grace Hopper grace@example.com 1484167800 +0530"
	want := []commit{
		{latin1, emptyID, "Gr\ufffd\ufffde", ada, grace, "encoding ISO-8859-1\n", []string{first}},
		{first, emptyID, "first\n\nbody <html> & ünïcode\n", ada, grace, "", []string{}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("commits mismatch (-want +got):\n%s", diff)
	}
	var errs []string
	for _, e := range out.Errors {
		errs = append(errs, *e.CommitId+" "+*e.ErrorCode)
	}
	if diff := cmp.Diff([]string{noID + " CommitIdDoesNotExistException", "main InvalidCommitIdException"}, errs); diff != "" {
		t.Errorf("errors mismatch (-want +got):\n%s", diff)
	}
	single, err := client.GetCommit(t.Context(), &awscodecommit.GetCommitInput{RepositoryName: aws.String("app"), CommitId: &first})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(*out.Commits[1].Message, *single.Commit.Message); diff != "" {
		t.Errorf("GetCommit mismatch (-batch +single):\n%s", diff)
	}
}
