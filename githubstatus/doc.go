// Package githubstatus sets GitHub commit statuses: the marks beside a commit
// and in its pull requests that say whether a pipeline is pending, succeeded or
// failed. It needs no AWS SDK.
//
//	client := githubstatus.New(githubstatus.TokenSource(tokenFromSecretsManager))
//	err := client.Set(ctx, githubstatus.Commit{Owner: "octo", Repo: "hello", SHA: sha}, githubstatus.Status{
//		State:       githubstatus.StateFailure,
//		TargetURL:   consoleURL,
//		Description: "Deploy failed: health check",
//		Context:     "codepipeline/hello",
//	})
//
// # Hosts
//
// A [Client] is of one host: github.com, a GitHub Enterprise Server or an
// enterprise on ghe.com with data residency. [BaseURL] makes the address of its
// API of the host's name, and [Hosts] holds several clients. The token goes to
// that host alone: redirects are not followed, and plain http is refused for any
// host but this machine.
//
// # Permissions
//
// A fine-grained token or a GitHub App needs the repository permission "Commit
// statuses: write", a classic token the scope repo:status, and its user push
// access to the repository. An error names what is missing. Errors and logs show
// no token.
//
// # Errors and retries
//
// Every error is an [*Error] with GitHub's status and message, and says what to
// do. errors.Is tells the cause, such as [ErrUnauthorized], [ErrNotFound] or
// [ErrRateLimited]. Errors of the server, lost connections and rate limits are
// tried again within the context's deadline, rate limits not before GitHub
// allows it; without a deadline for at most 5 minutes. An error comes at once,
// with [Error.RetryAt], if the next attempt would be too late. In a Lambda
// function, return it: the event is then delivered again.
//
// # Pipelines
//
// Package pipelinestatus sets the statuses of the commits that CodePipeline
// builds.
//
// # Limits
//
// GitHub takes 1,000 statuses of a commit and context, which is why a status
// that has not changed is not sent again; see [Client.Set]. Once they are used
// up, the commit stays as it is, even if that is pending; an execution takes two
// or three of them. A description has 140 characters and no emoji, a context
// 255. A status cannot be deleted, only followed by a newer one. GitHub allows a
// token 5,000 requests an hour (more for some GitHub Apps), limits what creates
// content to about 80 a minute and 500 an hour, and asks for one request at a
// time, to which the client keeps. It does not pause between statuses unless
// GitHub refuses one.
package githubstatus
