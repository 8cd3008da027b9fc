package pipelinetest

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

// execution is an execution of a pipeline. Server.mu guards it.
type execution struct {
	pipeline       *pipelineRecord
	definition     *Pipeline // the pipeline's when the execution started
	id             string
	number         int // the n-th execution of the pipeline
	attempt        int // 1, and one more for each retry
	status         string
	started        time.Time
	updated        time.Time
	trigger        Trigger
	executionType  string // STANDARD or ROLLBACK
	rollbackTarget string
	variables      []resolvedVariable
	overrides      map[string]Revision // what source actions find
	token, request string              // clientRequestToken and what came with it

	phase    phase
	position int    // index of the stage that it is in or waits for
	last     int    // index of the last stage that it runs
	final    string // status after closing
	stages   []stageRun
	runs     []*run // in order of start
	check    *check // the condition that is looked at, nil if none is

	artifacts map[string]Artifact          // by name, what actions put out so far
	outputs   map[string]map[string]string // by namespace, their variables
	sources   []foundRevision              // what source actions found

	stopRequested bool
	stopReason    string
	abandoned     bool
	queued        bool // in Server.ready
}

// phase is where an execution is between the stages.
type phase int

const (
	waiting  phase = iota // for the stage at position
	entering              // the stage at position is kept for it
	inside                // the stage at position
	closing               // all stages are behind it
	ended
)

// stageRun is what an execution made of a stage.
type stageRun struct {
	status    string // "" if it has not entered
	started   time.Time
	retries   int // by hand
	automatic int // retries by OnFailure
	retried   time.Time
	lastRetry string          // what the last retry was, as the API calls it
	runs      map[string]*run // of each action the run that counts
	checks    [conditionKinds]*check
}

func (e *execution) server() *Server { return e.pipeline.server }

func (e *execution) parallel() bool { return e.definition.ExecutionMode == "PARALLEL" }

func (e *execution) stopping() bool { return e.status == "Stopping" }

func (e *execution) stage() *stageRun { return &e.stages[e.position] }

// wake puts the execution into the queue of those that may move.
func (e *execution) wake() {
	if s := e.server(); !e.queued && e.phase != ended {
		e.queued = true
		s.ready = append(s.ready, e)
	}
}

// move makes the next state change that needs no function of the user, and
// reports whether there was one.
func (e *execution) move() bool {
	switch e.phase {
	case waiting, entering:
		if e.stopping() {
			e.pipeline.stages[e.position].forget(e)
			e.end("Stopped")
			return true
		}
		if e.phase == waiting {
			return false
		}
		e.enter()
		return true
	case inside:
		return e.moveInside()
	case closing:
		if e.stopping() {
			e.final = "Stopped"
		}
		e.end(e.final)
		return true
	}
	return false
}

func (e *execution) enter() {
	e.phase = inside
	e.pipeline.stages[e.position].latest = e
	s := e.stage()
	s.status, s.started = "InProgress", e.touch()
	s.runs = make(map[string]*run)
	e.emitStage(e.position, "STARTED")
	e.look(beforeEntry)
}

// moveInside starts the actions of a run order, one at a time, then ends those
// that need nobody, and the stage after the last.
func (e *execution) moveInside() bool {
	if e.check != nil {
		return e.moveCheck(e.check)
	}
	current := e.stage()
	for _, group := range runOrders(e.definition.Stages[e.position].Actions) {
		running, failed := false, false
		for _, a := range group {
			switch r := current.runs[a.Name]; {
			case r == nil && !e.stopping():
				e.start(a)
				return true
			case r == nil:
			case !r.ended():
				running = true
			case r.status != "Succeeded":
				failed = true
			}
		}
		for _, a := range group {
			if r := current.runs[a.Name]; r != nil && !r.ended() {
				if o, ok := r.unattended(); ok {
					r.finish(o)
					return true
				}
			}
		}
		switch {
		case running:
			return false
		case e.stopping():
			e.endStage("Stopped")
			return true
		case failed:
			e.endStage("Failed")
			return true
		}
	}
	e.endStage("Succeeded")
	return true
}

// endStage ends the stage that the execution is in, unless a condition decides
// about that.
func (e *execution) endStage(status string) {
	switch f := e.definition.Stages[e.position].OnFailure; {
	case status == "Succeeded" && e.look(onSuccess):
	case status == "Failed" && e.look(onFailure):
	case status == "Failed" && f != nil:
		e.apply(f.Result)
	default:
		e.leave(status)
	}
}

// leave leaves the stage that the execution is in, and goes on to the next.
func (e *execution) leave(status string) {
	e.touch()
	e.stage().status = status
	e.emitStage(e.position, eventState(status))
	e.pipeline.stages[e.position].release(e)
	if status == "Skipped" {
		status = "Succeeded"
	}
	if status == "Succeeded" && e.position < e.last {
		e.pipeline.arrive(e, e.position+1)
		return
	}
	e.phase, e.final = closing, status
	e.wake()
}

// end ends the execution.
func (e *execution) end(status string) {
	e.touch()
	e.status, e.phase = status, ended
	e.pipeline.running--
	e.emit(eventState(status))
}

// cancel ends the execution at once, as its pipeline has changed.
func (e *execution) cancel() {
	if e.phase == inside {
		for _, r := range e.inProgress() {
			r.abandon("CANCELED")
		}
		if e.check != nil {
			e.check.end(e, "Cancelled")
		}
		e.stage().status = "Cancelled"
		e.emitStage(e.position, "CANCELED")
	}
	e.end("Cancelled")
}

// start starts a run of the action.
func (e *execution) start(a *Action) {
	r := &run{
		execution: e,
		stage:     e.definition.Stages[e.position].Name,
		action:    a,
		id:        awsjson.UUID("action", e.id, a.Name, e.definition.Stages[e.position].Name, strconv.Itoa(len(e.runs))),
		attempt:   e.attempt,
		status:    "InProgress",
		started:   e.touch(),
	}
	r.updated = r.started
	r.configuration, r.problem = e.resolve(a.Configuration)
	if last := e.pipeline.stages[e.position].runs[a.Name]; last != nil {
		r.number = last.number
	}
	r.number++
	if override := e.overrides[a.Name]; a.isSource() && override.objectKey != "" {
		r.configuration["S3ObjectKey"] = override.objectKey
	}
	for _, name := range a.Inputs {
		r.inputs = append(r.inputs, e.artifacts[name])
	}
	for _, name := range a.Outputs {
		r.outputs = append(r.outputs, Artifact{Name: name, Bucket: e.definition.ArtifactBucket, Key: artifactKey(e.definition.Name, name, r.id)})
	}
	p, _ := e.server().provider(a.Type)
	while := e.server().takes(p.takes)
	r.due = r.started.Add(while)
	if a.isApproval() {
		r.externalID = r.id
	}
	if a.Type.Category == "Compute" {
		r.openLog()
		if r.function() == nil && r.problem == "" {
			r.usualLog(while, false)
		}
	}
	e.runs = append(e.runs, r)
	e.pipeline.runs = append(e.pipeline.runs, r)
	e.pipeline.stages[e.position].ran(r)
	e.stage().runs[a.Name] = r
	r.emit("STARTED")
	if a.isApproval() {
		r.request()
	}
	if r.job = r.needsJob(); r.job {
		e.server().jobs.started(r)
	}
}

// artifactKey returns the key of a new artifact.
func artifactKey(pipeline, artifact, runID string) string {
	return cut(pipeline, 20) + "/" + cut(artifact, 10) + "/" + awsjson.Hex(7, "artifact", runID, artifact)
}

// inProgress returns the runs that have not ended, in order of start.
func (e *execution) inProgress() []*run {
	if e.phase != inside {
		return nil
	}
	runs := slices.Collect(maps.Values(e.stage().runs))
	runs = slices.DeleteFunc(runs, (*run).ended)
	slices.SortFunc(runs, func(a, b *run) int { return slices.Index(e.runs, a) - slices.Index(e.runs, b) })
	return runs
}

// touch notes that something has changed, and returns when.
func (e *execution) touch() time.Time {
	e.updated = e.server().clock()
	return e.updated
}
