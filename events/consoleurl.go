package events

import "github.com/codesuite-go/codesuite/internal/console"

// ConsoleURL returns the address of the execution in the AWS console. It is ""
// for a Region without a public console, as for all methods of this name.
func (e *PipelineExecutionStateChange) ConsoleURL() string {
	return console.Execution(e.Region, e.Pipeline, e.ExecutionID)
}

// ConsoleURL returns the address of the execution in the AWS console.
func (e *StageExecutionStateChange) ConsoleURL() string {
	return console.Execution(e.Region, e.Pipeline, e.ExecutionID)
}

// ConsoleURL returns the address of the execution in the AWS console. That of
// the action itself, such as its build, is Result.URL.
func (e *ActionExecutionStateChange) ConsoleURL() string {
	return console.Execution(e.Region, e.Pipeline, e.ExecutionID)
}

// ConsoleURL returns the address of the build in the AWS console.
func (e *BuildStateChange) ConsoleURL() string {
	return console.Build(e.Region, e.Account, e.Project, e.BuildID())
}

// ConsoleURL returns the address of the build in the AWS console.
func (e *BuildPhaseChange) ConsoleURL() string {
	return console.Build(e.Region, e.Account, e.Project, e.BuildID())
}

// ConsoleURL returns the address of the pull request in the AWS console.
func (e *PullRequestStateChange) ConsoleURL() string {
	return console.PullRequest(e.Region, e.Repository(), e.PullRequestID)
}

// ConsoleURL returns the address of the pull request in the AWS console.
func (e *PullRequestComment) ConsoleURL() string {
	return console.PullRequest(e.Region, e.RepositoryName, e.PullRequestID)
}

// ConsoleURL returns the address of the commit in the AWS console.
func (e *CommitComment) ConsoleURL() string {
	return console.Commit(e.Region, e.RepositoryName, e.AfterCommitID)
}
