package codecommittest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/codesuite-go/codesuite/internal/awsjson"
	"github.com/codesuite-go/codesuite/internal/eventqueue"
)

// Server is a CodeCommit server. Its methods are safe for concurrent use, also
// while calls run.
//
// # Operations
//
//   - repositories: GetRepository, ListRepositories, BatchGetRepositories,
//     UpdateDefaultBranch; their tags: TagResource, UntagResource, ListTagsForResource
//   - branches: GetBranch, ListBranches, CreateBranch, DeleteBranch
//   - commits and files: GetCommit, BatchGetCommits, GetFolder, GetFile, GetBlob,
//     GetDifferences, CreateCommit, PutFile, DeleteFile
//   - triggers: GetRepositoryTriggers, PutRepositoryTriggers, TestRepositoryTriggers
//   - pull requests: CreatePullRequest, GetPullRequest, ListPullRequests,
//     UpdatePullRequestTitle, UpdatePullRequestDescription, UpdatePullRequestStatus,
//     DescribePullRequestEvents
//   - approvals: UpdatePullRequestApprovalState, GetPullRequestApprovalStates,
//     EvaluatePullRequestApprovalRules, CreatePullRequestApprovalRule,
//     UpdatePullRequestApprovalRuleContent, DeletePullRequestApprovalRule,
//     OverridePullRequestApprovalRules, GetPullRequestOverrideState
//   - merges: MergePullRequestByFastForward, MergePullRequestBySquash,
//     MergePullRequestByThreeWay, GetMergeConflicts, GetMergeOptions, GetMergeCommit
//   - comments: PostCommentForPullRequest, PostCommentForComparedCommit,
//     PostCommentReply, UpdateComment, DeleteCommentContent, GetComment,
//     GetCommentsForPullRequest, GetCommentsForComparedCommit, PutCommentReaction,
//     GetCommentReactions
//
// # Choices
//
// Where the service's model and documentation leave a choice, the server chooses:
//
//   - A commit specifier is a full commit ID, HEAD, a branch, a tag or a full
//     reference such as refs/heads/main, looked up in this order. Annotated
//     tags lead to their commit. A tag of another object, an abbreviated ID
//     and a name that does not exist are a CommitDoesNotExistException, text that
//     cannot be a name is an InvalidCommitException. GetCommit takes an ID alone:
//     other text is an InvalidCommitIdException, an unknown ID a
//     CommitIdDoesNotExistException. Faults.MissingCommit changes all these.
//   - GetDifferences without beforeCommitSpecifier lists every file, link and
//     submodule as added, sorted by path, with the mode of the tree, which may be
//     100664 in an old repository. With it, there are added, modified and deleted
//     paths but no renames. A file that becomes a link is modified, one that
//     becomes a folder is deleted. Paths are full, also below beforePath and
//     afterPath. If only one of the two is given, it limits both sides.
//   - A page of GetDifferences has 100 entries, or MaxResults up to 1,000. A
//     page of other lists has 1,000. A token is good for the call that it was
//     made for, but does not pin a branch: if it moves, so does the list.
//   - Folders without files, which a tree can hold although git does not make
//     them, are in GetFolder and not in GetDifferences.
//   - The additionalData of a commit are the headers after its committer, such
//     as a signature.
//   - Names, messages and paths that are not UTF-8 have U+FFFD in place of the
//     bytes that JSON cannot carry.
//   - GetFile and GetBlob of more than 6,291,456 bytes are a
//     FileTooLargeException.
//   - The destination commit of an open pull request is the tip of the destination
//     branch. A push to the source branch makes a new revision, also one back to an
//     earlier commit. A push that brings the destination to the source commit merges
//     the pull request; a branch that is deleted closes its pull requests.
//   - Pull requests and their events are listed the newest first, and so are
//     comments; replies follow the comment that they reply to. A page of comments
//     counts comments without their replies.
//   - Text is as long as its UTF-16 code units are many.
//   - A client request token stands for its pull request or comment, in the state
//     that it has now, for as long as the server runs, whoever the caller is; see
//     Faults.ForgetTokens. An empty token is none.
//   - Everybody may delete the content of a comment. GetComment of such a comment is
//     a CommentDeletedException.
//   - The event of an annotated tag has the commit, not the tag object.
//   - An approval and an override count for their revision alone. To revoke an
//     approval that was not given, and to delete a rule or a branch that is not
//     there, does nothing.
//   - Of several merge bases the newest counts. Commits without a common ancestor
//     are a TipsDivergenceExceededException. Renames are not followed in a merge:
//     a file that is renamed is deleted and added. AUTOMERGE merges lines at either
//     level of detail. An accepted side wins whole files at FILE_LEVEL, and only the
//     lines in conflict at LINE_LEVEL.
//   - GetMergeCommit finds the merges of pull requests.
//   - A file that is put without a mode is NORMAL. The first branch of an empty
//     repository becomes the default branch.
//   - An object that a tree refers to but the repository lacks, as in a partial
//     clone, is an InternalFailure that says so. Nothing is fetched.
type Server struct {
	service      *awsjson.Service
	server       *awsjson.Server
	git          *gitService
	repositories []*repository // sorted by name
	faults       atomic.Pointer[Faults]
	close        sync.Once
	events       eventqueue.Queue
	triggered    eventqueue.Queue // records of triggers

	// mu guards what follows, pull requests and comments, and the references of
	// repositories as the server knows them. Events are queued with mu held and
	// delivered by deliver, without it.
	mu                  sync.Mutex
	clock               func() time.Time
	callers             map[string]string // ARNs by access key
	pullRequests        []*pullRequest    // by ID
	comments            map[string]*comment
	pullRequestTokens   tokens[*pullRequest]
	pullRequestComments tokens[*comment]
	commitComments      tokens[*comment]
	replies             tokens[*comment]
}

// NewServer starts a server of the repositories that is closed when the test
// and its subtests have ended. A repository that cannot be served ends the
// test.
func NewServer(t testing.TB, repos ...Repo) *Server {
	t.Helper()
	s, err := Start(repos...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// Start starts a server of the repositories for a program other than a test. Call
// [Server.Close] at the end.
func Start(repos ...Repo) (*Server, error) {
	s := &Server{
		clock:               time.Now,
		callers:             make(map[string]string),
		comments:            make(map[string]*comment),
		pullRequestTokens:   make(tokens[*pullRequest]),
		pullRequestComments: make(tokens[*comment]),
		commitComments:      make(tokens[*comment]),
		replies:             make(tokens[*comment]),
	}
	s.faults.Store(new(Faults))
	s.git = newGitService(s)
	for _, repo := range repos {
		if err := s.add(repo); err != nil {
			s.Close()
			return nil, fmt.Errorf("codecommittest: repository %q: %w", repo.name, err)
		}
	}
	s.service = awsjson.NewService("codecommit", "CodeCommit_20150413", s.operations())
	s.service.LimitRequests(maxWrite)
	var err error
	if s.server, err = awsjson.Listen(s.service); err != nil {
		s.Close()
		return nil, fmt.Errorf("codecommittest: %w", err)
	}
	s.server.HandleOther(s.git)
	return s, nil
}

func (s *Server) add(repo Repo) error {
	if !validRepositoryName(repo.name) {
		return errors.New("a name has 1 to 100 letters, digits, '_', '.' and '-', and does not end in .git")
	}
	i, found := s.search(repo.name)
	if found {
		return errors.New("two repositories have this name")
	}
	store, err := repo.open()
	if err != nil {
		return err
	}
	r := newRepository(repo.name, store)
	s.repositories = slices.Insert(s.repositories, i, r)
	r.known, err = r.refs(context.Background())
	return err
}

func (s *Server) search(name string) (int, bool) {
	return slices.BinarySearchFunc(s.repositories, name, func(r *repository, name string) int {
		return strings.Compare(r.name, name)
	})
}

// Close closes the server. Running calls end without a reply, and when Close
// returns, the port is free and all git processes have ended. Do not call it from
// a function that the server calls, such as the one of [Server.OnCall]. A second
// Close does nothing.
func (s *Server) Close() {
	s.close.Do(func() {
		if s.server != nil {
			s.server.Close()
		}
		for _, r := range s.repositories {
			r.store.close()
		}
		if s.server != nil {
			s.server.Wait()
		}
		s.git.close()
	})
}

// URL returns the server's address, such as "http://127.0.0.1:40123".
func (s *Server) URL() string { return s.server.URL }

// Config returns a configuration for the SDK's clients that leads them to the
// server: its address, the Region us-east-1 and credentials of no account. The
// retryer is the SDK's standard one, but waits 1 to 20 milliseconds between
// attempts instead of seconds, so that tests with faults are quick. A middleware
// keeps the SDK from cutting off the replies of a server as near as this one,
// which it does now and then with aws-sdk-go-v2 v1.47.
func (s *Server) Config() aws.Config { return awsjson.Config(s.server.URL) }

// Calls returns the number of calls of each operation so far, such as
// {"GetBranch": 1, "GetBlob": 20}. Every attempt that arrives counts, also
// one that fails. Operations without a call are left out. A fetch by Git's protocol
// counts as "GitPull".
func (s *Server) Calls() map[string]int {
	calls := s.service.Calls()
	if n := s.git.count.Load(); n > 0 {
		calls[gitPull] = int(n)
	}
	return calls
}

// Count returns the number of calls so far of the operations together, or of
// all operations if none is named.
func (s *Server) Count(operations ...string) int {
	return awsjson.Count(s.Calls(), operations...)
}

// ResetCalls starts to count again.
func (s *Server) ResetCalls() {
	s.service.ResetCalls()
	s.git.count.Store(0)
}

// OnCall sets a function that is called with the name of the operation when a
// call has arrived and has been counted, before anything else is done about
// it; the call waits. With it a test changes the world between two calls, for
// instance moves a branch with [Server.Commit] or sets other faults. It is
// called from many goroutines at once. Nil removes it.
func (s *Server) OnCall(f func(operation string)) { s.service.OnCall(f) }

// Commit adds a commit to the branch of a repository that [FS] describes, and
// returns its ID. The commit holds the files of fsys and no others. Its parent
// is the branch's last commit. If there is no such branch, it is created and
// the parent is the last commit of the default branch, which is main.
func (s *Server) Commit(repository, branch string, fsys fs.FS) (id string, err error) {
	r, m, err := s.writable(repository)
	if err != nil {
		return "", err
	}
	if !validBranchName(branch) {
		return "", fmt.Errorf("codecommittest: commit to %s: %q is not the name of a branch", repository, branch)
	}
	if fsys == nil {
		return "", fmt.Errorf("codecommittest: commit to %s: no files", repository)
	}
	defer s.deliver()
	s.mu.Lock()
	defer s.mu.Unlock()
	if id, err = m.commit(branch, fsys); err == nil {
		err = s.observe(context.Background(), r, DefaultCaller, nil)
	}
	if err != nil {
		return "", fmt.Errorf("codecommittest: commit to %s: %w", repository, err)
	}
	return id, nil
}

// SetRef lets a reference of a repository that [FS] describes, such as
// "refs/heads/main" or "refs/tags/v1", stand for the commit with the ID. An
// empty ID deletes the reference.
func (s *Server) SetRef(repository, ref, commitID string) error {
	r, m, err := s.writable(repository)
	if err != nil {
		return err
	}
	if !strings.HasPrefix(ref, "refs/") || !validRefName(ref) {
		return fmt.Errorf("codecommittest: repository %s: %q is not a full reference name such as refs/heads/main", repository, ref)
	}
	defer s.deliver()
	s.mu.Lock()
	defer s.mu.Unlock()
	if err = m.setRef(ref, commitID); err == nil {
		err = s.observe(context.Background(), r, DefaultCaller, nil)
	}
	if err != nil {
		return fmt.Errorf("codecommittest: repository %s: %w", repository, err)
	}
	return nil
}

func (s *Server) writable(repository string) (*repository, *memory, error) {
	i, found := s.search(repository)
	if !found {
		return nil, nil, fmt.Errorf("codecommittest: there is no repository %q", repository)
	}
	r := s.repositories[i]
	m, ok := r.store.(*memory)
	if !ok {
		return nil, nil, fmt.Errorf("codecommittest: repository %s is git's: change it with git", repository)
	}
	return r, m, nil
}

func (r *repository) touch() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.modified = time.Now()
}

// SetClock sets the time of pull requests, comments, events and of commits through
// the API. The default is time.Now.
func (s *Server) SetClock(now func() time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock = now
}

// now returns the time, in milliseconds as the API has it. mu is held.
func (s *Server) now() time.Time { return s.clock().Truncate(time.Millisecond) }

// repository returns the repository that a call names.
func (s *Server) repository(name *string) (*repository, error) {
	switch {
	case name == nil || *name == "":
		return nil, awsjson.Errorf("RepositoryNameRequiredException", "a repository name is required")
	case !validRepositoryName(*name):
		return nil, awsjson.Errorf("InvalidRepositoryNameException", "%q is not the name of a repository", *name)
	}
	i, found := s.search(*name)
	if !found {
		return nil, awsjson.Errorf("RepositoryDoesNotExistException", "there is no repository %s", *name)
	}
	return s.repositories[i], nil
}

// orEmpty makes a list that JSON shows as [] instead of null.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// invalidToken is the error code for a token that no call has returned.
const invalidToken = "InvalidContinuationTokenException"

// maxPage is the number of entries that no page exceeds.
const maxPage = 1000

// pageSize returns the size of pages whose size a call cannot ask for.
func (s *Server) pageSize() int {
	if n := s.faults.Load().PageSize; n > 0 {
		return min(n, maxPage)
	}
	return maxPage
}
