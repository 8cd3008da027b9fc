package codecommittest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	"github.com/aws/aws-sdk-go-v2/service/codecommit/types"

	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
)

// post posts a comment on the pull request 1.
func (w *world) post(client *awscodecommit.Client, content, token string) (*awscodecommit.PostCommentForPullRequestOutput, error) {
	in := &awscodecommit.PostCommentForPullRequestInput{
		PullRequestId: aws.String("1"), RepositoryName: aws.String("app"), BeforeCommitId: &w.main, AfterCommitId: &w.topic, Content: &content,
	}
	if token != "" {
		in.ClientRequestToken = &token
	}
	return client.PostCommentForPullRequest(w.Context(), in)
}

// comments returns the comments of the pull request 1, one line for each; replies
// are indented.
func (w *world) comments(pageSize int32) []string {
	w.Helper()
	var lines []string
	in := &awscodecommit.GetCommentsForPullRequestInput{PullRequestId: aws.String("1"), MaxResults: &pageSize}
	for page := awscodecommit.NewGetCommentsForPullRequestPaginator(w.client, in); page.HasMorePages(); {
		out, err := page.NextPage(w.Context())
		if err != nil {
			w.Fatal(err)
		}
		if len(out.CommentsForPullRequestData) > int(pageSize) {
			w.Errorf("a page of %d", len(out.CommentsForPullRequestData))
		}
		for _, thread := range out.CommentsForPullRequestData {
			for i, c := range thread.Comments {
				line := fmt.Sprintf("%s%s: %s", strings.Repeat("  ", min(i, 1)), name(*c.AuthorArn), aws.ToString(c.Content))
				if c.Deleted {
					line += "(deleted)"
				}
				lines = append(lines, line)
			}
		}
	}
	return lines
}

func TestComments(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.open(w.client, "topic")
	robot := w.as(ada)
	queued, err := w.post(robot, "queued", "build-1")
	if err != nil {
		t.Fatal(err)
	}
	if *queued.Comment.AuthorArn != ada || *queued.Comment.ClientRequestToken != "build-1" || *queued.PullRequestId != "1" || *queued.AfterCommitId != w.topic ||
		len(queued.Comment.ReactionCounts) != 0 || queued.Comment.ReactionCounts == nil || queued.Location != nil {
		t.Errorf("posted %+v, %+v", queued, queued.Comment)
	}
	id := queued.Comment.CommentId
	update := func(client *awscodecommit.Client, content string) error {
		_, err := client.UpdateComment(t.Context(), &awscodecommit.UpdateCommentInput{CommentId: id, Content: &content})
		return err
	}
	wantError(t, "update by another", update(w.client, "x"), "CommentNotCreatedByCallerException")
	if err := update(robot, "passed"); err != nil {
		t.Error(err)
	}
	again, err := w.post(robot, "queued", "build-1")
	if err != nil || *again.Comment.CommentId != *id || *again.Comment.Content != "passed" {
		t.Errorf("posted again: %+v, %v", again, err)
	}
	_, err = w.post(robot, "other", "build-1")
	wantError(t, "another text with the token", err, "IdempotencyParameterMismatchException")
	if _, err := w.post(w.client, "please", ""); err != nil {
		t.Error(err)
	}
	reply := func(content, token string) (*awscodecommit.PostCommentReplyOutput, error) {
		return w.client.PostCommentReply(t.Context(), &awscodecommit.PostCommentReplyInput{InReplyTo: id, Content: &content, ClientRequestToken: &token})
	}
	var last *awscodecommit.PostCommentReplyOutput
	for range 2 {
		if last, err = reply("thanks", "reply"); err != nil || *last.Comment.InReplyTo != *id {
			t.Errorf("reply: %+v, %v", last, err)
		}
	}
	_, err = reply("thanks!", "reply")
	wantError(t, "another reply with the token", err, "IdempotencyParameterMismatchException")
	same(t, "comments", []string{"developer: please", "ada: passed", "  developer: thanks"}, w.comments(1))

	deleted, err := w.client.DeleteCommentContent(t.Context(), &awscodecommit.DeleteCommentContentInput{CommentId: id})
	if err != nil || !deleted.Comment.Deleted || deleted.Comment.Content != nil || *deleted.Comment.AuthorArn != ada {
		t.Errorf("deleted: %+v, %v", deleted, err)
	}
	same(t, "comments after one was deleted", []string{"developer: please", "ada: (deleted)", "  developer: thanks"}, w.comments(500))
	wantError(t, "update of a deleted one", update(robot, "x"), "CommentDeletedException")
	_, err = w.client.DeleteCommentContent(t.Context(), &awscodecommit.DeleteCommentContentInput{CommentId: id})
	wantError(t, "a second delete", err, "CommentDeletedException")
	_, err = w.client.GetComment(t.Context(), &awscodecommit.GetCommentInput{CommentId: id})
	wantError(t, "GetComment of a deleted one", err, "CommentDeletedException")
	if out, err := w.client.GetComment(t.Context(), &awscodecommit.GetCommentInput{CommentId: last.Comment.CommentId}); err != nil || *out.Comment.Content != "thanks" {
		t.Errorf("GetComment: %+v, %v", out, err)
	}
	if again, err := w.post(robot, "queued", "build-1"); err != nil || !again.Comment.Deleted {
		t.Errorf("the token of a deleted comment: %+v, %v", again, err)
	}
	w.server.SetFaults(codecommittest.Faults{ForgetTokens: true})
	if fresh, err := w.post(robot, "queued", "build-1"); err != nil || *fresh.Comment.CommentId == *id {
		t.Errorf("a token that was forgotten: %+v, %v", fresh, err)
	}
	same(t, "events", []string{
		"commentOnPullRequestCreated 1 ada reply=false", "commentOnPullRequestUpdated 1 ada reply=false", "commentOnPullRequestCreated 1 developer reply=false",
		"commentOnPullRequestCreated 1 developer reply=true", "commentOnPullRequestCreated 1 ada reply=false",
	}, w.events()[2:])
}

// Comments of other commits are another list, and so are those on commits alone.
func TestCommentsByCommit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.open(w.client, "topic")
	if _, err := w.post(w.client, "first", ""); err != nil {
		t.Fatal(err)
	}
	first := w.topic
	w.topic = w.commit("topic", "a", "3\n")
	if _, err := w.post(w.client, "second", ""); err != nil {
		t.Fatal(err)
	}
	compared := &awscodecommit.PostCommentForComparedCommitInput{
		RepositoryName: aws.String("app"), BeforeCommitId: &w.main, AfterCommitId: &first, Content: aws.String("on commits"), ClientRequestToken: aws.String("once"),
	}
	for range 2 {
		if out, err := w.client.PostCommentForComparedCommit(t.Context(), compared); err != nil || *out.Comment.Content != "on commits" {
			t.Errorf("on commits: %+v, %v", out, err)
		}
	}
	initial := &awscodecommit.PostCommentForComparedCommitInput{RepositoryName: aws.String("app"), AfterCommitId: &w.main, Content: aws.String("on the first")}
	if _, err := w.client.PostCommentForComparedCommit(t.Context(), initial); err != nil {
		t.Error(err)
	}
	list := func(after string) (texts []string) {
		out, err := w.client.GetCommentsForPullRequest(t.Context(), &awscodecommit.GetCommentsForPullRequestInput{
			PullRequestId: aws.String("1"), RepositoryName: aws.String("app"), BeforeCommitId: &w.main, AfterCommitId: &after,
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, thread := range out.CommentsForPullRequestData {
			texts = append(texts, *thread.Comments[0].Content)
		}
		return texts
	}
	same(t, "comments of the first commit", []string{"first"}, list(first))
	same(t, "comments of the second commit", []string{"second"}, list(w.topic))
	for _, test := range []struct {
		before *string
		after  string
		want   []string
	}{{&w.main, first, []string{"on commits"}}, {nil, w.main, []string{"on the first"}}, {&w.main, w.topic, nil}} {
		out, err := w.client.GetCommentsForComparedCommit(t.Context(), &awscodecommit.GetCommentsForComparedCommitInput{
			RepositoryName: aws.String("app"), BeforeCommitId: test.before, AfterCommitId: &test.after,
		})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, thread := range out.CommentsForComparedCommitData {
			got = append(got, *thread.Comments[0].Content)
		}
		same(t, "comments on commits alone", test.want, got)
	}
	lines := w.events()
	same(t, "events on commits", []string{"commentOnCommitCreated developer", "commentOnCommitCreated developer"}, lines[len(lines)-2:])
}

func TestCommentLocation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.open(w.client, "topic")
	post := func(l types.Location) (*awscodecommit.PostCommentForPullRequestOutput, error) {
		return w.client.PostCommentForPullRequest(t.Context(), &awscodecommit.PostCommentForPullRequestInput{
			PullRequestId: aws.String("1"), RepositoryName: aws.String("app"), BeforeCommitId: &w.main, AfterCommitId: &w.topic, Content: aws.String("here"), Location: &l,
		})
	}
	out, err := post(types.Location{FilePath: aws.String("/a"), FilePosition: aws.Int64(1), RelativeFileVersion: "AFTER"})
	if err != nil {
		t.Fatal(err)
	}
	if out.BeforeBlobId == nil || out.AfterBlobId == nil || *out.BeforeBlobId == *out.AfterBlobId || *out.Location.FilePosition != 1 {
		t.Errorf("a modified file: %+v", out)
	}
	out, err = post(types.Location{FilePath: aws.String("dir/b"), RelativeFileVersion: "AFTER"})
	if err != nil || out.BeforeBlobId != nil || out.AfterBlobId == nil {
		t.Errorf("a new file: %+v, %v", out, err)
	}
	for _, test := range []struct {
		location types.Location
		want     string
	}{
		{types.Location{RelativeFileVersion: "AFTER"}, "PathRequiredException"},
		{types.Location{FilePath: aws.String("a")}, "InvalidRelativeFileVersionEnumException"},
		{types.Location{FilePath: aws.String("a"), RelativeFileVersion: "after"}, "InvalidRelativeFileVersionEnumException"},
		{types.Location{FilePath: aws.String("a"), FilePosition: aws.Int64(0), RelativeFileVersion: "AFTER"}, "InvalidFilePositionException"},
		{types.Location{FilePath: aws.String("../a"), RelativeFileVersion: "AFTER"}, "InvalidPathException"},
		{types.Location{FilePath: aws.String("none"), RelativeFileVersion: "AFTER"}, "PathDoesNotExistException"},
		{types.Location{FilePath: aws.String("dir"), RelativeFileVersion: "AFTER"}, "PathDoesNotExistException"},
	} {
		_, err := post(test.location)
		wantError(t, fmt.Sprintf("%+v", test.location), err, test.want)
	}
}

func TestCommentErrors(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.open(w.client, "topic")
	posted, err := w.post(w.client, "text", "")
	if err != nil {
		t.Fatal(err)
	}
	post := func(change func(in *awscodecommit.PostCommentForPullRequestInput)) error {
		in := &awscodecommit.PostCommentForPullRequestInput{
			PullRequestId: aws.String("1"), RepositoryName: aws.String("app"), BeforeCommitId: &w.main, AfterCommitId: &w.topic, Content: aws.String("text"),
		}
		change(in)
		_, err := w.client.PostCommentForPullRequest(t.Context(), in)
		return err
	}
	list := func(change func(in *awscodecommit.GetCommentsForPullRequestInput)) error {
		in := &awscodecommit.GetCommentsForPullRequestInput{PullRequestId: aws.String("1")}
		change(in)
		_, err := w.client.GetCommentsForPullRequest(t.Context(), in)
		return err
	}
	get := func(id string) error {
		_, err := w.client.GetComment(t.Context(), &awscodecommit.GetCommentInput{CommentId: &id})
		return err
	}
	compared := func(before, after string) error {
		_, err := w.client.PostCommentForComparedCommit(t.Context(), &awscodecommit.PostCommentForComparedCommitInput{
			RepositoryName: aws.String("app"), BeforeCommitId: &before, AfterCommitId: &after, Content: aws.String("text"),
		})
		return err
	}
	type postInput = awscodecommit.PostCommentForPullRequestInput
	type listInput = awscodecommit.GetCommentsForPullRequestInput
	for _, test := range []struct {
		what string
		err  error
		want string
	}{
		{"no content", post(func(in *postInput) { in.Content = aws.String("") }), "CommentContentRequiredException"},
		{"the longest content", post(func(in *postInput) { in.Content = aws.String(strings.Repeat("ü", 10240)) }), ""},
		{"more content", post(func(in *postInput) { in.Content = aws.String(strings.Repeat("ü", 10241)) }), "CommentContentSizeLimitExceededException"},
		{"more content by UTF-16", post(func(in *postInput) { in.Content = aws.String(strings.Repeat("🚀", 5121)) }), "CommentContentSizeLimitExceededException"},
		{"another repository", post(func(in *postInput) { in.RepositoryName = aws.String("other") }), "RepositoryNotAssociatedWithPullRequestException"},
		{"an unknown pull request", post(func(in *postInput) { in.PullRequestId = aws.String("2") }), "PullRequestDoesNotExistException"},
		{"no before commit", post(func(in *postInput) { in.BeforeCommitId = aws.String("") }), "CommitIdRequiredException"},
		{"no after commit", post(func(in *postInput) { in.AfterCommitId = aws.String("") }), "CommitIdRequiredException"},
		{"a branch", post(func(in *postInput) { in.AfterCommitId = aws.String("topic") }), "InvalidCommitIdException"},
		{"an unknown commit", post(func(in *postInput) { in.AfterCommitId = aws.String(noID) }), "CommitDoesNotExistException"},
		{"one commit twice", post(func(in *postInput) { in.AfterCommitId = in.BeforeCommitId }), "BeforeCommitIdAndAfterCommitIdAreSameException"},
		{"compared with itself", compared(w.main, w.main), "BeforeCommitIdAndAfterCommitIdAreSameException"},
		{"compared with nothing", compared(w.main, ""), "CommitIdRequiredException"},
		{"compared with an unknown one", compared(noID, w.main), "CommitDoesNotExistException"},
		{"some of the filter", list(func(in *listInput) { in.AfterCommitId = &w.topic }), "RepositoryNameRequiredException"},
		{"more of the filter", list(func(in *listInput) { in.AfterCommitId, in.RepositoryName = &w.topic, aws.String("app") }), "CommitIdRequiredException"},
		{"a filter of another repository", list(func(in *listInput) {
			in.BeforeCommitId, in.AfterCommitId, in.RepositoryName = &w.main, &w.topic, aws.String("other")
		}), "RepositoryNotAssociatedWithPullRequestException"},
		{"too many comments", list(func(in *listInput) { in.MaxResults = aws.Int32(501) }), "InvalidMaxResultsException"},
		{"a bad token", list(func(in *listInput) { in.NextToken = aws.String("x") }), "InvalidContinuationTokenException"},
		{"no comment ID", get(""), "CommentIdRequiredException"},
		{"a bad comment ID", get("x"), "InvalidCommentIdException"},
		{"an unknown comment", get(strings.Repeat(strings.Repeat("0", 8)+"-0000-0000-0000-"+strings.Repeat("0", 12)+":", 2)[:73]), "CommentDoesNotExistException"},
		{"a known comment", get(*posted.Comment.CommentId), ""},
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

func TestReactions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.open(w.client, "topic")
	posted, err := w.post(w.client, "/rerun", "")
	if err != nil {
		t.Fatal(err)
	}
	id := posted.Comment.CommentId
	react := func(arn, value string) error {
		_, err := w.as(arn).PutCommentReaction(t.Context(), &awscodecommit.PutCommentReactionInput{CommentId: id, ReactionValue: &value})
		return err
	}
	reactions := func(in awscodecommit.GetCommentReactionsInput) (lines []string) {
		t.Helper()
		in.CommentId = id
		for page := awscodecommit.NewGetCommentReactionsPaginator(w.client, &in); page.HasMorePages(); {
			out, err := page.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range out.ReactionsForComment {
				lines = append(lines, fmt.Sprintf("%s %s %s %d", *r.Reaction.Emoji, *r.Reaction.ShortCode, *r.Reaction.Unicode, len(r.ReactionUsers)))
			}
		}
		return lines
	}
	for _, r := range [][2]string{{ada, "👍"}, {grace, "thumbsdown"}, {grace, ":thumbsup:"}, {codecommittest.DefaultCaller, "U+1F631"}} {
		if err := react(r[0], r[1]); err != nil {
			t.Errorf("%v: %v", r, err)
		}
	}
	same(t, "reactions", []string{"👍 :thumbsup: U+1F44D 2", "😱 :scream: U+1F631 1"}, reactions(awscodecommit.GetCommentReactionsInput{MaxResults: aws.Int32(1)}))
	same(t, "reactions of one user", []string{"👍 :thumbsup: U+1F44D 1"}, reactions(awscodecommit.GetCommentReactionsInput{ReactionUserArn: aws.String(ada)}))
	got, err := w.as(ada).GetComment(t.Context(), &awscodecommit.GetCommentInput{CommentId: id})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "counts", map[string]int32{":thumbsup:": 2, ":scream:": 1}, got.Comment.ReactionCounts)
	same(t, "own reactions", []string{":thumbsup:"}, got.Comment.CallerReactions)
	for _, none := range []string{"none", ""} {
		if err := react(ada, none); err != nil {
			t.Error(err)
		}
	}
	same(t, "reactions left", []string{"👍 :thumbsup: U+1F44D 1", "😱 :scream: U+1F631 1"}, reactions(awscodecommit.GetCommentReactionsInput{}))
	wantError(t, "no emoji", react(ada, "rocket"), "InvalidReactionValueException")
	same(t, "events", []string{
		"commentReactionCreated [:thumbsup:] ada", "commentReactionCreated [:thumbsdown:] grace", "commentReactionUpdated [:thumbsup:] grace", "commentReactionCreated [:scream:] developer",
	}, w.events()[3:])
	if _, err := w.client.DeleteCommentContent(t.Context(), &awscodecommit.DeleteCommentContentInput{CommentId: id}); err != nil {
		t.Fatal(err)
	}
	wantError(t, "a deleted comment", react(ada, "👍"), "CommentDeletedException")
}
