// Package githubtest is a GitHub server for tests. It has commit statuses, check
// runs, the pull requests of a commit with their reviews, the members of teams and
// the installation tokens of GitHub Apps, with GitHub's own errors, headers and
// limits.
//
//	server := githubtest.New(t)
//	server.AddRepository("octo/hello")
//	server.SetFaults(githubtest.Fail(502), githubtest.SecondaryLimit(403, "7"))
//	client := githubstatus.New(githubstatus.Token(githubtest.Token), func(o *githubstatus.Options) {
//		o.BaseURL = server.URL()
//	})
//
// It serves POST /repos/{owner}/{repo}/statuses/{sha}, GET
// /repos/{owner}/{repo}/commits/{ref}/statuses and its older route
// /repos/{owner}/{repo}/statuses/{ref}, GET
// /repos/{owner}/{repo}/commits/{ref}/status, POST
// /repos/{owner}/{repo}/check-runs, PATCH
// /repos/{owner}/{repo}/check-runs/{id}, GET
// /repos/{owner}/{repo}/commits/{ref}/check-runs, GET
// /repos/{owner}/{repo}/commits/{ref}/pulls, GET
// /repos/{owner}/{repo}/pulls/{number}/reviews, GET
// /repos/{owner}/{repo}/git/commits/{sha}, GET
// /orgs/{org}/teams/{slug}, GET
// /orgs/{org}/teams/{slug}/memberships/{login}, GET
// /repos/{owner}/{repo}/installation, GET /app/installations/{id}, POST
// /app/installations/{id}/access_tokens and GET /rate_limit, both at the root, as
// api.github.com does, and below /api/v3, as GitHub Enterprise Server does.
// /repositories/{id}/... is the same as /repos/{owner}/{repo}/.... Statuses are
// kept for as long as the server runs. References other than full commit IDs are
// not known.
package githubtest
