package action

import (
	"time"
)

// Limits of what a job may be answered with. Lengths are in characters,
// MaxOutputVariables is in bytes.
const (
	MaxSummary             = 2048
	MaxExternalExecutionID = 1500
	MaxContinuationToken   = 2048
	MaxOutputVariables     = 122_880 // names and values of all variables together
	MaxFailureMessage      = 5000
)

// Result is how a job succeeded, or how far it has come. The zero value is
// success without more to say.
type Result struct {
	// Summary is shown with the action in the console. It is cut to
	// [MaxSummary] characters.
	Summary string

	// ExternalExecutionID identifies the work in the system that does it, such
	// as the ID of a build. It has at most [MaxExternalExecutionID] characters.
	ExternalExecutionID string

	// PercentComplete is how far the work has come, 1 to 100; 0 tells nothing.
	PercentComplete int

	// OutputVariables are what later actions of the pipeline can refer to.
	// Names have letters, digits, "@", "-" and "_" alone. They go with the
	// final result, not with a continuation token, and third-party actions
	// have none.
	OutputVariables map[string]string

	// CurrentRevision is what a source action found.
	CurrentRevision *CurrentRevision

	// ContinuationToken says that the work goes on: CodePipeline makes another
	// job of the action, with another ID, that has the token; see [Continue].
	// It has at most [MaxContinuationToken] characters. A Lambda function has
	// 20 minutes for each job, and an action 24 hours in all.
	ContinuationToken string
}

// CurrentRevision is the revision that a source action found.
type CurrentRevision struct {
	Revision string    // at most 1500 characters
	ChangeID string    // at most 100 characters
	Created  time.Time // zero if it is not known
	Summary  string    // cut to [MaxSummary] characters
}
