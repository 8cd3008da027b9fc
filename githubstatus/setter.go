package githubstatus

import "context"

// Setter sets statuses. [*Client] and [*Checks] implement it, and so may a type that
// wraps one, for instance to choose a client by the repository's owner.
type Setter interface {
	// Set gives the commit a status. Setting a status again that is set already
	// does no harm.
	Set(ctx context.Context, commit Commit, status Status) error
}

// NewestStatus is a [Setter] that can read statuses as well. [*Client] and [*Checks]
// implement it. A wrapper of one should have the method, too: with it a
// Reporter of package pipelinestatus checks a status before it overwrites one
// that may be true already.
type NewestStatus interface {
	Setter
	// Newest returns the newest status of the commit in the context, and
	// whether there is one.
	Newest(ctx context.Context, commit Commit, statusContext string) (status Status, ok bool, err error)
}

var _ NewestStatus = (*Client)(nil)
