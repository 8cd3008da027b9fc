package ci

import "time"

// State is the state of a build, as a [Report] has it.
type State string

// The states. All but StateInProgress and StateRetrying are final for the build;
// a further build of the same revision may follow.
const (
	StateInProgress State = "IN_PROGRESS"
	StateSucceeded  State = "SUCCEEDED"
	StateFailed     State = "FAILED"
	StateFault      State = "FAULT" // of CodeBuild itself
	StateTimedOut   State = "TIMED_OUT"
	StateStopped    State = "STOPPED"
	// StateRetrying is a build that has failed and that CodeBuild is about to run
	// again. If it does not within 20 seconds, the build has StateFailed.
	StateRetrying State = "RETRYING"
	// StateSuperseded is a build that was stopped for a newer revision.
	StateSuperseded State = "SUPERSEDED"
	// StateNotStarted is a build that could not be started. Problem says why.
	StateNotStarted State = "NOT_STARTED"
)

// Terminal reports whether nothing more comes of the build.
func (s State) Terminal() bool { return s != StateInProgress && s != StateRetrying }

// Failed reports whether the build has ended without success: neither stopped nor
// superseded.
func (s State) Failed() bool {
	switch s {
	case StateFailed, StateFault, StateTimedOut, StateNotStarted:
		return true
	}
	return false
}

// Report is what is true of the newest build that a flow has made of a revision.
type Report struct {
	Flow       string
	Kind       Kind
	Account    string
	Region     string
	Repository string

	// PullRequest is of [KindReview], nil for the other kinds.
	PullRequest *PullRequest
	// Branch, Tag and Schedule are of their kinds. Schedule is the time of the event.
	Branch, Tag, Schedule string
	// Commit is the commit that was asked for, "" for the default of the project.
	Commit string

	State State
	// SupersededBy is the source commit of the pull request if that is a newer
	// revision than this one, "" otherwise. A build that was stopped for it has
	// StateSuperseded, one that had ended before keeps its state.
	SupersededBy string
	// Problem says why no build was started and what to do, for StateNotStarted, or
	// why CodeBuild has not run a failed build again.
	Problem string
	// Build is the build, zero for StateNotStarted.
	Build Build

	// Log is the tail of the build's log, without terminal escapes, for a build that
	// has failed.
	Log string
	// LogProblem says why there is no Log although the build has one.
	LogProblem string
	// Tests sums up the test reports of the build, Coverage those of code coverage.
	// They are nil without reports.
	Tests    *Tests
	Coverage *Coverage
}

// PullRequest is the pull request of a [Report], at the revision that is built.
type PullRequest struct {
	ID                              string
	RevisionID                      string
	SourceCommit, DestinationCommit string
	SourceBranch, DestinationBranch string
	Title, AuthorARN                string
	URL                             string // of the console
	Closed, Merged                  bool
}

// Build is a build or a batch build of CodeBuild.
type Build struct {
	ID      string // PROJECT:UUID
	ARN     string
	Number  int64 // counts the builds of the project; batch builds have their own count
	Project string
	Batch   bool
	URL     string // of the console, "" in a partition without one
	// Start and End are zero as long as they are not known.
	Start, End time.Time
	// FailedPhase is the phase that has failed, such as DOWNLOAD_SOURCE, and
	// FailedMessage why.
	FailedPhase, FailedMessage string
	// LogGroup, LogStream and LogURL are where the log is, "" before there is one.
	LogGroup, LogStream, LogURL string
	// ReportARNs are the ARNs of the build's test and coverage reports.
	ReportARNs []string
	// Retry and RetryLimit count the automatic retries, zero without.
	Retry, RetryLimit int
	// Groups are the groups of a batch build.
	Groups []Group
}

// Group is a group of a batch build.
type Group struct {
	Identifier    string
	State         State
	DependsOn     []string
	IgnoreFailure bool
	BuildID       string
	URL           string
	Runs          int // builds so far
}

// Tests sums up test reports.
type Tests struct {
	Total, Succeeded, Failed, Errors, Skipped, Unknown int
	Duration                                           time.Duration
	// Truncated says that a report holds not all test cases.
	Truncated bool
	// Incomplete says that a report was not finished when it was read.
	Incomplete bool
	// Cases are some of the test cases that have failed.
	Cases []TestCase
}

// TestCase is a test case that has failed.
type TestCase struct {
	Suite, Name, Message string
}

// Coverage is the code coverage of a build.
type Coverage struct {
	LinesCovered, LinesMissed       int
	BranchesCovered, BranchesMissed int
}
