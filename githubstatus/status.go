package githubstatus

import "time"

// State is the state of a status. GitHub has no others for commit statuses;
// [Checks] turns them into the status and the conclusion of a check run.
type State string

// The states of a status. GitHub has none for a build that was cancelled,
// superseded or skipped: use StateError.
const (
	StatePending State = "pending" // not finished
	StateSuccess State = "success"
	StateFailure State = "failure" // it ran, and failed
	StateError   State = "error"   // it did not run to its end
)

// Commit is a commit of a repository on GitHub.
type Commit struct {
	Owner string // user or organization
	Repo  string // name of the repository, without its owner
	SHA   string // full commit ID: 40 hexadecimal digits, or 64 in a repository with SHA-256
}

// String returns "owner/repo@sha".
func (c Commit) String() string { return c.Owner + "/" + c.Repo + "@" + c.SHA }

// Status is the status of a commit in one context.
type Status struct {
	State State

	// TargetURL is the page with the details, an absolute http or https URL,
	// or empty.
	TargetURL string

	// Description is one line of text, or empty. GitHub takes 140 characters
	// and none above U+FFFF, such as emoji: a longer text is cut, with "…" at
	// its end, such characters become U+FFFD, and line breaks become spaces.
	Description string

	// Context tells statuses of one commit apart, such as
	// "codepipeline/deploy"; the newest of each context counts. It has at most
	// 255 characters, none above U+FFFF, and upper and lower case are the
	// same to GitHub. The default is "default".
	Context string

	// Details is Markdown for the page of a check run. ExternalID is the ID of the
	// execution or build behind a check run, and Started its start. Commit
	// statuses have no place for them; only [Checks] uses them.
	Details    string
	ExternalID string
	Started    time.Time
}
