// Package codecommittest is a CodeCommit server for tests: the SDK's own client
// talks to it over HTTP, and it answers from a git repository or from a file
// system, with the service's errors, limits and paging.
//
//	func TestDeploy(t *testing.T) {
//		server := codecommittest.NewServer(t,
//			codecommittest.FS("app", fstest.MapFS{"deploy.sh": {Data: []byte("#!/bin/sh\n"), Mode: 0o755}}))
//		client := awscodecommit.NewFromConfig(server.Config())
//
//		// The code under test calls the server, for instance:
//		_, err := client.GetFile(t.Context(), &awscodecommit.GetFileInput{
//			RepositoryName: aws.String("app"), FilePath: aws.String("deploy.sh"),
//		})
//		if err != nil {
//			t.Fatal(err)
//		}
//		if n := server.Count("GetFile"); n != 1 {
//			t.Errorf("%d calls of GetFile, want 1", n)
//		}
//	}
//
// [FS] makes one commit of files, in Go alone. [Git] serves an existing repository
// through the git program. Change the former with [Server.Commit] and
// [Server.SetRef] while the server runs, the latter with git, and both through the
// API. [Start] serves programs other than tests.
//
// # Operations
//
// The server has the operations that read repositories, those of branches, commits,
// files, pull requests, approval rules, merges, comments, reactions and tags, and
// triggers: [Server] lists them. Others fail with UnknownOperationException. The server
// checks required members, names, paths and numbers by the service's model and
// documentation and fails with the service's exceptions: the service accepts each call
// that the server accepts.
//
// # Callers and events
//
// A client with [Server.ConfigAs] calls as the user or role session with an ARN, so
// that a comment of one cannot be changed by the other. [Server.OnEvent] and
// [Server.OnTrigger] set functions that get the events of EventBridge and the
// records of repository triggers for each change, twice and out of order if
// [Server.SetDelivery] says so. [Server.Sync] reports pushes by git.
//
// Signatures and permissions are not checked, so no AWS account is needed;
// Faults.Deny plays a missing permission, with "GitPull" also that of git.
//
// # Git
//
// With the git program, the server also serves Git's smart HTTP protocol, at
// [Server.URL] and "/v1/repos/NAME", for clients that fetch. It checks user and
// password as the service does. [Server.SetGitProtocol] takes away what the server
// offers, and cuts connections.
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
// The files of FS, pull requests, comments and events are kept in memory. Git runs
// up to six git processes per repository, which end with the server, and some for
// each call that writes. A merge of lines runs git for FS too. Approval rule
// templates, merges of branches without a pull request and merge commits without a
// branch are missing.
package codecommittest
