// Package githubstatus sets GitHub commit statuses.
package githubstatus
