package pipelinetest

import "time"

// pipeline is a pipeline of the server. Server.mu guards it.
type pipeline struct {
	server     *Server
	definition Pipeline // with defaults; not changed in place
	arn        string
	executions []*execution // oldest first
}

// execution is an execution of a pipeline. Server.mu guards it.
type execution struct {
	pipeline   *pipeline
	definition Pipeline // the pipeline's when the execution started
	id         string
	attempt    int
	status     string // InProgress, Stopping, ...
	started    time.Time
	updated    time.Time
}
