package codecommit_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	"github.com/aws/aws-sdk-go-v2/service/codecommit/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/codecommit"
	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
)

func collect[T any](t *testing.T, seq iter.Seq2[T, error]) []T {
	t.Helper()
	var all []T
	for v, err := range seq {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, v)
	}
	return all
}

// diffTree returns what git says has changed.
func (g *gitRepo) diffTree(before, after string) []codecommit.Change {
	g.t.Helper()
	if before == "" {
		before = g.gitInput("", "hash-object", "-t", "tree", "--stdin")
	}
	var changes []codecommit.Change
	fields := strings.Split(g.git("diff-tree", "-r", "-z", "--no-renames", before, after), "\x00")
	for i := 0; i+1 < len(fields); i += 2 {
		c := codecommit.Change{Path: fields[i+1]}
		var status string
		if _, err := fmt.Sscanf(fields[i], ":%o %o %s %s %s", &c.Before.Mode, &c.After.Mode, &c.Before.ID, &c.After.ID, &status); err != nil {
			g.t.Fatalf("diff-tree: %q: %v", fields[i], err)
		}
		c.Before.Path, c.After.Path = c.Path, c.Path
		switch c.Type = codecommit.ChangeType(status); status {
		case "A":
			c.Before = codecommit.Entry{}
		case "D":
			c.After = codecommit.Entry{}
		case "T": // the API knows only M
			c.Type = codecommit.ChangeModified
		}
		changes = append(changes, c)
	}
	return changes
}

func TestChanges(t *testing.T) {
	t.Parallel()
	g := newFSRepo(t)
	before := g.git("rev-parse", "HEAD")
	g.write("README.md", "changed", 0o644)
	g.write("new/file", "new", 0o644)
	g.git("rm", "-q", "a0", "readme")
	g.git("mv", "docs/guide/one.md", "docs/guide/renamed.md")
	g.git("update-index", "--chmod=+x", "a")
	g.git("rm", "-q", "a-b")
	g.symlink("a", "a-b") // a file becomes a link
	g.git("add", "README.md", "new", "a-b")
	g.git("update-index", "--add", "--cacheinfo", "160000,"+unknownID+",vendor")
	g.git("commit", "-q", "-m", "Changes of all types")
	after := g.git("rev-parse", "HEAD")

	s := codecommittest.NewServer(t, codecommittest.Git("staging", g.dir))
	r := open(s, "staging")
	for _, pageSize := range []int{0, 2} {
		s.SetFaults(codecommittest.Faults{PageSize: pageSize})
		for _, commits := range [][2]string{{before, after}, {after, before}, {"", after}, {"", before}, {after, after}} {
			s.ResetCalls()
			want := g.diffTree(commits[0], commits[1])
			got := collect(t, r.Changes(t.Context(), commits[0], commits[1]))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("page size %d: Changes(%q, %q) (-want +got):\n%s", pageSize, commits[0], commits[1], diff)
			}
			if calls := s.Count("GetDifferences"); pageSize > 0 && calls < len(want)/pageSize {
				t.Errorf("page size %d: %d calls for %d changes", pageSize, calls, len(want))
			}
		}
	}

	// Whoever stops causes no more calls, and the sequence starts anew.
	s.SetFaults(codecommittest.Faults{PageSize: 1})
	s.ResetCalls()
	seq := r.Changes(t.Context(), "", after)
	for range 2 {
		for range seq {
			break
		}
	}
	if calls := s.Count("GetDifferences"); calls != 2 {
		t.Errorf("%d calls for the first change, twice", calls)
	}
}

func TestChangesErrors(t *testing.T) {
	t.Parallel()
	g := newFSRepo(t)
	s := codecommittest.NewServer(t, codecommittest.Git("staging", g.dir))
	r := open(s, "staging")
	id := g.git("rev-parse", "HEAD")
	tests := []struct{ before, after, want string }{
		{unknownID, id, `codecommit: get differences "` + unknownID + ".." + id + `" of staging: `},
		{"", unknownID, `codecommit: get differences "` + unknownID + `" of staging: `},
	}
	for _, test := range tests {
		n := 0
		for change, err := range r.Changes(t.Context(), test.before, test.after) {
			n++
			if change != (codecommit.Change{}) || !errors.Is(err, fs.ErrNotExist) || !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("Changes(%q, %q): %v, %v, want fs.ErrNotExist with %q", test.before, test.after, change, err, test.want)
			}
		}
		if n != 1 {
			t.Errorf("Changes(%q, %q): %d elements, want 1", test.before, test.after, n)
		}
	}
}

// invalidMaxResults refuses pages of more than 100.
type invalidMaxResults struct {
	codecommit.API
	refused int
}

func (a *invalidMaxResults) GetDifferences(ctx context.Context, in *awscodecommit.GetDifferencesInput, optFns ...func(*awscodecommit.Options)) (*awscodecommit.GetDifferencesOutput, error) {
	if in.MaxResults != nil && *in.MaxResults > 100 {
		a.refused++
		return nil, &types.InvalidMaxResultsException{Message: aws.String("too large")}
	}
	return a.API.GetDifferences(ctx, in, optFns...)
}

func TestChangesPageTooLarge(t *testing.T) {
	t.Parallel()
	g := newFSRepo(t)
	s := codecommittest.NewServer(t, codecommittest.Git("staging", g.dir))
	s.SetFaults(codecommittest.Faults{PageSize: 5})
	api := &invalidMaxResults{API: awscodecommit.NewFromConfig(s.Config())}
	got := collect(t, codecommit.New(api, "staging").Changes(t.Context(), "", "main"))
	if diff := cmp.Diff(g.diffTree("", "HEAD"), got); diff != "" {
		t.Errorf("Changes (-want +got):\n%s", diff)
	}
	if api.refused != 1 {
		t.Errorf("%d calls with a page size that is refused, want 1", api.refused)
	}
}

func TestChangesReplies(t *testing.T) {
	t.Parallel()
	blob := func(path, mode string) *types.BlobMetadata {
		return &types.BlobMetadata{Path: &path, Mode: &mode, BlobId: aws.String(unknownID)}
	}
	good := types.Difference{ChangeType: types.ChangeTypeEnumAdded, AfterBlob: blob("a", "100644")}
	page := func(token string, d ...types.Difference) *awscodecommit.GetDifferencesOutput {
		return &awscodecommit.GetDifferencesOutput{Differences: d, NextToken: &token}
	}
	tests := []struct {
		name  string
		pages []*awscodecommit.GetDifferencesOutput
		want  int // changes before the error
		err   string
	}{
		{name: "no page", pages: []*awscodecommit.GetDifferencesOutput{{}}},
		{name: "empty pages", pages: []*awscodecommit.GetDifferencesOutput{page("1"), page("2", good), page("")}, want: 1},
		{name: "the same token", pages: []*awscodecommit.GetDifferencesOutput{page("1", good), page("1", good), page("1", good)},
			want: 2, err: "the same continuation token twice"},
		{name: "no path", pages: []*awscodecommit.GetDifferencesOutput{page("", good, types.Difference{ChangeType: "M"}, good)},
			want: 1, err: "a change without a path"},
		{name: "bad mode after", pages: []*awscodecommit.GetDifferencesOutput{page("", types.Difference{AfterBlob: blob("a", "rw")})}, err: `"rw" is not the mode`},
		{name: "bad mode before", pages: []*awscodecommit.GetDifferencesOutput{page("", types.Difference{BeforeBlob: blob("a", "")})}, err: `"" is not the mode`},
		{name: "an empty blob", pages: []*awscodecommit.GetDifferencesOutput{page("", types.Difference{
			ChangeType: "A", AfterBlob: blob("a", "100644"), BeforeBlob: &types.BlobMetadata{}})}, want: 1},
	}
	for _, test := range tests {
		pages := test.pages
		api := &fakeAPI{getDifferences: func(context.Context, *awscodecommit.GetDifferencesInput) (*awscodecommit.GetDifferencesOutput, error) {
			out := pages[0]
			pages = pages[1:]
			return out, nil
		}}
		n := 0
		var last error
		for _, err := range codecommit.New(api, "staging").Changes(t.Context(), "before", "after") {
			if last != nil {
				t.Errorf("%s: the sequence goes on after the error", test.name)
			}
			if last = err; err == nil {
				n++
			}
		}
		if n != test.want || (test.err == "") != (last == nil) || last != nil && !strings.Contains(last.Error(), test.err) {
			t.Errorf("%s: %d changes, %v, want %d, %q", test.name, n, last, test.want, test.err)
		}
	}
}

func TestBranches(t *testing.T) {
	t.Parallel()
	g := newGitRepo(t)
	g.commit("First")
	want := []string{"main"}
	for i := range 25 {
		name := fmt.Sprintf("feature/%02d", i)
		g.git("branch", name)
		want = append(want, name)
	}
	slices.Sort(want)
	s := codecommittest.NewServer(t, codecommittest.Git("staging", g.dir), codecommittest.FS("empty", nil))
	for _, pageSize := range []int{0, 1, 10, 26} {
		s.SetFaults(codecommittest.Faults{PageSize: pageSize})
		if diff := cmp.Diff(want, collect(t, open(s, "staging").Branches(t.Context()))); diff != "" {
			t.Errorf("page size %d: Branches (-want +got):\n%s", pageSize, diff)
		}
	}
	s.SetFaults(codecommittest.Faults{PageSize: 1})
	s.ResetCalls()
	for range open(s, "staging").Branches(t.Context()) {
		break
	}
	if got := s.Count(); got != 1 {
		t.Errorf("%d calls for the first branch", got)
	}
	if got := collect(t, open(s, "empty").Branches(t.Context())); len(got) != 0 {
		t.Errorf("Branches of an empty repository = %q", got)
	}
	n := 0
	for _, err := range open(s, "unknown").Branches(t.Context()) {
		if n++; !errors.Is(err, fs.ErrNotExist) || n > 1 {
			t.Errorf("Branches of an unknown repository: %v, want fs.ErrNotExist once", err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, err := range open(s, "staging").Branches(ctx) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("Branches after the context's end: %v", err)
		}
	}
}

func TestBranchesSameToken(t *testing.T) {
	t.Parallel()
	api := &fakeAPI{listBranches: func(context.Context, *awscodecommit.ListBranchesInput) (*awscodecommit.ListBranchesOutput, error) {
		return &awscodecommit.ListBranchesOutput{Branches: []string{"main"}, NextToken: aws.String("again")}, nil
	}}
	n := 0
	for _, err := range codecommit.New(api, "staging").Branches(t.Context()) {
		if n++; (n == 3) != (err != nil) {
			t.Fatalf("element %d: %v", n, err)
		}
	}
	if n != 3 {
		t.Errorf("%d elements, want two branches and an error", n)
	}
}

// apiError returns an error of the service without a reply of HTTP.
func apiError(code string) error {
	return &smithy.GenericAPIError{Code: code, Message: "told by the test"}
}
