package pipelinetest

import (
	"bytes"
	"encoding/json"
	"slices"
)

// Invocation is an invocation of a function by a Lambda invoke action.
type Invocation struct {
	Function string // its name
	JobID    string
	Payload  []byte // the CodePipeline.job event
}

// OnInvoke sets a function that is called with the name of the function and the
// CodePipeline.job event when a Lambda invoke action starts, and again for each
// continuation. It is called by whoever started the action or put the
// continuation token, before the method or the API call returns, unless the
// function is already running: then the invocation comes next. So it is never
// called twice at a time, and it may use the server and its API. Nil removes the
// function. Invocations that it has missed are not repeated for another one.
func (s *Server) OnInvoke(f func(function string, payload []byte)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f == nil {
		s.jobs.invoke.handle(nil)
		return
	}
	s.jobs.invoke.handle(func(i Invocation) { f(i.Function, bytes.Clone(i.Payload)) })
}

// Invocations returns all invocations so far, in order.
func (s *Server) Invocations() []Invocation {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := slices.Clone(s.jobs.invocations)
	for i := range list {
		list[i].Payload = bytes.Clone(list[i].Payload)
	}
	return list
}

// invokeFunction invokes the job's function.
func (t *jobTable) invokeFunction(j *jobRecord) {
	j.Status = JobStatusInProgress
	t.timers.add(timer{at: t.server.clock().Add(t.options.ReplyTimeout), kind: timeout, job: j})
	times := 1
	if t.options.DuplicateRate > 0 && t.random.Float64() < t.options.DuplicateRate {
		times = 2
	}
	invocation := Invocation{j.function(), j.ID, j.payload()}
	for range times {
		j.note(JobEvent{Type: JobEventInvoked})
		t.invocations = append(t.invocations, invocation)
		t.invoke.put(invocation)
	}
}

// payload returns the event that the function is invoked with. It has neither
// the action type nor the pipeline context, but tells when the credentials
// expire.
func (j *jobRecord) payload() []byte {
	data := j.description()
	data.ActionTypeID, data.PipelineContext = nil, nil
	data.ArtifactCredentials = j.issue()
	data.ArtifactCredentials.Expiration = j.table.issued[data.ArtifactCredentials.AccessKeyID].expires.UnixMilli()
	type jobEvent struct {
		ID        string      `json:"id"`
		AccountID string      `json:"accountId"`
		Data      jobDataJSON `json:"data"`
	}
	payload, err := json.Marshal(map[string]jobEvent{"CodePipeline.job": {j.ID, accountID, data}})
	if err != nil {
		panic(err) // strings always have an encoding
	}
	return payload
}
