// Package codecommittest is a CodeCommit server for tests: the SDK's own client
// talks to it over HTTP, and it answers from a git repository or from a file
// system, with the service's errors, limits and paging.
//
//	func TestDeploy(t *testing.T) {
//		server := codecommittest.NewServer(t,
//			codecommittest.FS("app", fstest.MapFS{"deploy.sh": {Data: []byte("#!/bin/sh\n"), Mode: 0o755}}),
//			codecommittest.Git("docs", "testdata/docs.git"))
//		client := awscodecommit.NewFromConfig(server.Config())
//
//		// Call the code under test with the client, and then for instance:
//		if n := server.Count("GetFile"); n != 1 {
//			t.Errorf("%d calls of GetFile, want 1", n)
//		}
//	}
//
// [FS] makes one commit of files, in Go alone. [Git] serves an existing repository
// through the git program. Change the former with [Server.Commit] and
// [Server.SetRef] while the server runs, the latter with git. [Start] serves
// programs other than tests.
//
// # Operations
//
// The server has GetRepository, ListRepositories, BatchGetRepositories,
// GetBranch, ListBranches, GetCommit, BatchGetCommits, GetFolder, GetFile,
// GetBlob, GetDifferences, GetRepositoryTriggers, PutRepositoryTriggers and
// TestRepositoryTriggers. Others fail with UnknownOperationException. The server
// checks required members, names, paths and numbers by the service's model and
// documentation and fails with the service's exceptions: the service accepts each
// call that the server accepts. Where both leave a choice, the server does this:
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
//   - An object that a tree refers to but the repository lacks, as in a partial
//     clone, is an InternalFailure that says so. Nothing is fetched.
//
// Signatures and permissions are not checked, so no AWS account is needed;
// Faults.Deny plays a missing permission.
//
// # Faults
//
// [Server.SetFaults] switches latency, throttling, errors, dropped connections
// and wrong content on and off while the server runs, and [Server.OnCall]
// changes the world between two calls. Every call is counted
// ([Server.Calls], [Server.Count]).
//
// # Limits
//
// The files of FS are kept in memory. Git runs up to six git processes per
// repository, which end with the server. One server answers thousands of calls a
// second: it streams content and caches decoded objects, which do not change.
package codecommittest
