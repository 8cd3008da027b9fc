// Package ci builds the pull requests, branches and tags of CodeCommit repositories
// with CodeBuild, on their events, at set times and on demand, and tells the result
// on the pull request.
package ci
