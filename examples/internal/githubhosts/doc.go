// Package githubhosts makes the clients of GitHub hosts for Lambda functions, with
// the settings of their environments: GITHUB_SECRET, GITHUB_HOSTS, GITHUB_APPS and
// GITHUB_CA.
package githubhosts
