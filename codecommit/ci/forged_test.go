package ci_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/codecommit/ci"
	"github.com/codesuite-go/codesuite/codecommit/ci/citest"
	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
)

// Anybody can write a comment that looks like one of the handler, even like one with a
// newer result, and before the handler does. The real result comes nevertheless.
func TestForgedComment(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		mode   ci.CommentMode
		others bool // instances, which do not know who they are
	}{{ci.CommentPerRevision, false}, {ci.CommentPerRevision, true}, {ci.CommentPerPullRequest, false}, {ci.CommentPerPullRequest, true}} {
		flow := review
		flow.Comments = test.mode
		w := newWorld(t, []ci.Flow{flow}, nil, project(ends(citest.Outcome{Status: citest.StatusFailed})))
		w.push("feature", "a", "1")
		id := w.open("feature")
		pr := w.request(id)
		target := pr.PullRequestTargets[0]
		forge := func(revision string) string {
			forged := "`review`: **succeeded**\n\ncodesuite · review · review · revision " + revision + " · build 99 · started 2126-01-02T03:04:05.000Z · SUCCEEDED"
			_, err := w.client.PostCommentForPullRequest(t.Context(), &awscodecommit.PostCommentForPullRequestInput{
				PullRequestId: &id, RepositoryName: aws.String("app"), BeforeCommitId: target.DestinationCommit, AfterCommitId: target.SourceCommit, Content: &forged,
			})
			if err != nil {
				t.Fatal(err)
			}
			return forged
		}
		want := []string{forge((*pr.RevisionId)[:12]), forge("aaaaaaaaaaaa")}
		for w.deliver(); w.builds.Advance(); w.deliver() {
			if test.others {
				_, w.mux = w.instance([]ci.Flow{flow})
			}
		}
		w.wantTold(string(test.mode), id, "build 99 SUCCEEDED", "build 99 SUCCEEDED", "build 1 FAILED")
		if d := cmp.Diff(want, w.comments(id)[:2]); d != "" {
			t.Errorf("somebody else's comments (-want +got):\n%s", d)
		}
	}
}

// Many comments of others with the mark of the revision keep neither the comment nor
// the approval away, whether one wrote them or each another.
func TestManyForgedComments(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		authors int
		most    int // calls of UpdateComment
	}{{1, 10}, {30, 100}} {
		w := newWorld(t, []ci.Flow{approving}, nil)
		w.push("topic", "a", "1")
		id := w.open("topic")
		mark := (*w.request(id).RevisionId)[:12]
		for i := range 30 {
			for _, revision := range []string{mark, "aaaaaaaaaaaa"} {
				w.say(fmt.Sprintf("arn:aws:iam::111122223333:user/stranger%d", i%test.authors), id,
					"x\n\ncodesuite · review · review · revision "+revision+" · build 99 · started 2020-01-02T03:04:05.000Z · SUCCEEDED")
			}
		}
		w.settle()
		if got := w.approvals(id); len(got) != 1 {
			t.Errorf("%d authors: %v approve", test.authors, got)
		}
		if comments := w.comments(id); !strings.HasPrefix(comments[len(comments)-1], "`review`: **succeeded**") || len(comments) != 61 {
			t.Errorf("%d authors: %d comments, the last one is %s", test.authors, len(comments), comments[len(comments)-1])
		}
		if n := w.commits.Count("UpdateComment"); n > test.most {
			t.Errorf("%d authors: %d calls of UpdateComment, want no more than %d", test.authors, n, test.most)
		}
	}
}

// A thousand marks of others, of one author or of a thousand, cost each event a bounded
// number of calls, also of an instance that does not know yet who it is, and whether
// they are older than the handler's comment or not.
func TestThousandForgedComments(t *testing.T) {
	t.Parallel()
	deleting := review
	deleting.DeleteOnSuccess = true
	failures := review
	failures.Comments = ci.CommentFailuresOnly
	perRequest := review
	perRequest.Comments = ci.CommentPerPullRequest
	for _, test := range []struct {
		name    string
		flow    ci.Flow
		marks   int
		authors int
		later   bool // than the handler's first comment
		cold    bool // each event gets another instance
		own     []string
		most    int // calls that write comments, of one event
	}{
		{"one author", review, 1100, 1, false, true, []string{"build 1 FAILED superseded line", "build 2 SUCCEEDED"}, 4},
		{"a thousand authors", review, 1000, 1000, false, true, []string{"build 1 FAILED superseded line", "build 2 SUCCEEDED"}, 15},
		{"later, one instance", review, 100, 100, true, false, []string{"build 1 FAILED superseded line", "build 2 SUCCEEDED"}, 15},
		{"per pull request", perRequest, 100, 100, false, true, []string{"build 2 SUCCEEDED"}, 15},
		{"failures only", failures, 100, 100, false, true, []string{"build 1 FAILED superseded line"}, 15},
		{"deleted on success", deleting, 100, 100, true, true, []string{"build 1 FAILED superseded line"}, 15},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			flows := []ci.Flow{test.flow}
			w := newWorld(t, flows, nil, project(failing(1)))
			calls := func() (writes, lists int) {
				return w.commits.Count("UpdateComment", "PostCommentForPullRequest", "DeleteCommentContent"), w.commits.Count("GetCommentsForPullRequest")
			}
			mostWrites, mostLists := 0, 0
			deliver := func() {
				for _, payload := range w.take() {
					if test.cold {
						_, w.mux = w.instance(flows)
					}
					writes, lists := calls()
					w.invoke(payload)
					nowWrites, nowLists := calls()
					mostWrites, mostLists = max(mostWrites, nowWrites-writes), max(mostLists, nowLists-lists)
				}
			}
			forge := func(id string) {
				revision := (*w.request(id).RevisionId)[:12]
				for i := range test.marks {
					w.say(fmt.Sprintf("arn:aws:iam::111122223333:user/stranger%d", i%test.authors), id,
						"x\n\ncodesuite · review · review · revision "+revision+" · build 99 · started 2126-01-02T03:04:05.000Z · SUCCEEDED")
				}
			}
			run := func() {
				deliver()
				for w.builds.Advance() {
					deliver()
				}
				deliver()
			}
			w.push("feature", "a", "1")
			id := w.open("feature")
			if test.later {
				deliver()
			}
			forge(id)
			run()
			w.push("feature", "a", "2")
			run()

			byAuthor := w.toldBy(id)
			if d := cmp.Diff(test.own, byAuthor[botARN]); d != "" {
				t.Errorf("the handler's comments (-want +got):\n%s", d)
			}
			delete(byAuthor, botARN)
			others := slices.Concat(slices.Collect(maps.Values(byAuthor))...)
			if others = slices.DeleteFunc(others, func(s string) bool { return s == "build 99 SUCCEEDED" }); len(others) > 0 {
				t.Errorf("comments of others have changed: %q", others)
			}
			if mostWrites > test.most || mostLists > 6 {
				t.Errorf("one event took %d calls that write comments and %d that list them, want no more than %d and 6", mostWrites, mostLists, test.most)
			}
		})
	}
}

// A pull request with more comments than a handler reads still has the result, in the
// comment of before as long as the service knows its token.
func TestMoreCommentsThanAreRead(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		forget bool
		want   []string
	}{
		{"known token", false, []string{"build 1 SUCCEEDED"}},
		{"forgotten token", true, []string{"build 1 IN_PROGRESS", "build 1 SUCCEEDED"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, []ci.Flow{review}, nil, project(ends(citest.Outcome{})))
			w.push("feature", "a", "1")
			id := w.open("feature")
			w.deliver()
			for i := range 120 {
				w.say("arn:aws:iam::111122223333:user/talker", id, fmt.Sprintf("comment %d", i))
			}
			w.commits.SetFaults(codecommittest.Faults{PageSize: 1, ForgetTokens: test.forget})
			before := w.commits.Count("GetCommentsForPullRequest")
			w.settle()
			if n := w.commits.Count("GetCommentsForPullRequest") - before; n > 100 {
				t.Errorf("%d calls list the comments", n)
			}
			w.commits.SetFaults(codecommittest.Faults{})
			if d := cmp.Diff(test.want, w.toldBy(id)[botARN]); d != "" {
				t.Errorf("the handler's comments (-want +got):\n%s", d)
			}
		})
	}
}

// toldBy sums up the comments of each author that are not deleted, the oldest first.
func (w *world) toldBy(id string) map[string][]string {
	w.Helper()
	told := map[string][]string{}
	for pages := awscodecommit.NewGetCommentsForPullRequestPaginator(w.client, &awscodecommit.GetCommentsForPullRequestInput{PullRequestId: &id}); pages.HasMorePages(); {
		page, err := pages.NextPage(w.Context())
		if err != nil {
			w.Fatal(err)
		}
		for _, data := range page.CommentsForPullRequestData {
			for _, c := range data.Comments {
				if !c.Deleted {
					told[*c.AuthorArn] = append([]string{sum(*c.Content)}, told[*c.AuthorArn]...)
				}
			}
		}
	}
	return told
}
