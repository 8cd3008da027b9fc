package definition

// Trigger is a trigger of a pipeline: the events of a source action's repository
// that start it. Once a source action has a trigger, nothing else in its repository
// starts the pipeline.
type Trigger struct {
	// ProviderType is "CodeStarSourceConnection".
	ProviderType string      `json:"providerType"`
	Git          *GitTrigger `json:"gitConfiguration"`
	Other        Members     `json:"-"`
}

// GitTrigger selects pushes and pull requests. Without filters each push to the
// branch of the source action starts the pipeline.
type GitTrigger struct {
	// SourceAction is the name of an action with a [ConnectionSource].
	SourceAction string               `json:"sourceActionName"`
	Push         []PushTrigger        `json:"push"`        // up to 3, of which one must match
	PullRequest  []PullRequestTrigger `json:"pullRequest"` // up to 3, of which one must match
	Other        Members              `json:"-"`
}

// PushTrigger selects pushes: those to branches, perhaps of certain files, or those
// of tags.
type PushTrigger struct {
	Branches  *Patterns `json:"branches"`
	FilePaths *Patterns `json:"filePaths"`
	Tags      *Patterns `json:"tags"` // not together with Branches or FilePaths
	Other     Members   `json:"-"`
}

// PullRequestTrigger selects events of pull requests.
type PullRequestTrigger struct {
	Events    []string  `json:"events"`   // OPEN, UPDATED and CLOSED
	Branches  *Patterns `json:"branches"` // the destination of the pull request
	FilePaths *Patterns `json:"filePaths"`
	Other     Members   `json:"-"`
}

// Patterns are globs, up to 8 of each kind. Excludes take precedence.
type Patterns struct {
	Includes []string `json:"includes"`
	Excludes []string `json:"excludes"`
	Other    Members  `json:"-"`
}

// OnPush returns the trigger of pushes for a source action.
func OnPush(sourceAction string, filters ...PushTrigger) Trigger {
	return Trigger{ProviderType: connectionProvider, Git: &GitTrigger{SourceAction: sourceAction, Push: filters}}
}

// OnPullRequest returns the trigger of pull requests for a source action.
func OnPullRequest(sourceAction string, filters ...PullRequestTrigger) Trigger {
	return Trigger{ProviderType: connectionProvider, Git: &GitTrigger{SourceAction: sourceAction, PullRequest: filters}}
}

const connectionProvider = "CodeStarSourceConnection"
