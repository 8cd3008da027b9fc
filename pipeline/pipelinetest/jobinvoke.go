package pipelinetest

import "time"

// Invocation is an invocation of a function by a Lambda invoke action.
type Invocation struct {
	Time     time.Time
	Function string // its name
	JobID    string
	Payload  []byte // the CodePipeline.job event
}

// OnInvoke sets a function that is called with the name of the function and the
// CodePipeline.job event when a Lambda invoke action starts, and again for each
// continuation. It is called by whoever started the action or put the
// continuation token, before the method or the API call returns, unless the
// function is already running: then the invocation comes next. So it is never
// called twice at a time, and it may use the server and its API. Nil removes
// it; invocations that nobody heard of are not repeated.
func (s *Server) OnInvoke(f func(function string, payload []byte)) {}

// Invocations returns all invocations so far, in order.
func (s *Server) Invocations() []Invocation { return nil }
