// Package githubstatus sets GitHub commit statuses and check runs: the marks beside a
// commit and in its pull requests that show whether a pipeline is pending, succeeded
// or failed. It reads them too, and the reviews of the pull request that brought a
// commit. It needs no AWS SDK.
//
//	client := githubstatus.New(githubstatus.TokenSource(tokenFromSecretsManager))
//	err := client.Set(ctx, githubstatus.Commit{Owner: "octo", Repo: "hello", SHA: sha}, githubstatus.Status{
//		State:       githubstatus.StateFailure,
//		TargetURL:   consoleURL,
//		Description: "Deploy failed: health check",
//		Context:     "codepipeline/hello",
//	})
//
// Package pipelinestatus sets the statuses of the commits that CodePipeline and
// CodeBuild build.
//
// # Hosts and tokens
//
// A [Client] is for one host: github.com, a GitHub Enterprise Server or an enterprise
// on ghe.com with data residency. [BaseURL] makes the address of its API of the
// host's name, and [Hosts] holds several clients. [ByOwner] has a token for each
// organization, and [App] authenticates as a GitHub App in all organizations that
// have installed it. The token goes to the client's host alone, and errors and logs
// show none.
//
// # Check runs
//
// [Client.Checks] sets check runs in place of statuses. Only a GitHub App can. A build
// that did not run to its end is cancelled, so that a required check does not pass.
//
// # Reading
//
// [Client.StatusChecks], [Client.Author] and [Client.PullRequests] read what belongs to
// a commit, [Client.Reviews] the reviews of a pull request, and [Client.TeamMember]
// teams. A list is complete, or there is an error.
//
// # Permissions
//
// A fine-grained token or a GitHub App needs the repository permission "Commit
// statuses: write", and for check runs "Checks: write". A classic token needs the
// scope repo:status, and its user push access to the repository. To read, it needs
// "Commit statuses: read" and "Checks: read", "Pull requests: read", for authors
// "Contents: read", and for teams "Members: read" of the organization; or the scopes
// repo and read:org.
//
// # Errors and retries
//
// Every error is an [*Error] with GitHub's status and message, and says what to do.
// errors.Is finds the cause, such as [ErrUnauthorized] or [ErrRateLimited], and
// [Permanent] finds errors that would come again. Server errors, lost connections and
// rate limits are retried within the context's deadline or [Options].MaxElapsed. If the
// next attempt would be too late, the error comes at once, with [Error].RetryAt. In a
// Lambda function, return it: the event is then delivered again.
//
// # Tests
//
// A server of net/http/httptest stands for GitHub: its URL is the BaseURL. It answers
// POST /repos/OWNER/REPO/statuses/SHA with 201 and an object, and the GET that asks
// which statuses the commit has with a list. Code that takes a [Setter] does without.
//
// # Limits
//
// GitHub takes 1,000 statuses of a commit and context, so the client does not send a
// status again that has not changed. Once they are used up, the commit stays as it is,
// even if it is pending. A status cannot be deleted, only followed by a newer one.
// GitHub allows a token 5,000 requests an hour, and about 80 statuses a minute and 500
// an hour; [Client] says how it keeps to that.
package githubstatus
