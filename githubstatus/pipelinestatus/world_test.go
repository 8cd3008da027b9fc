package pipelinestatus_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/pipeline"
)

// Where to begin: TestSimulation, in simulation_test.go, runs one world for each
// seed. World.simulate picks a random move until there is none left, and
// world.check compares what GitHub shows with the truth. This file is the world's
// CodePipeline, whose executions live after worldExecution.script; its GitHub is in
// worldgithub_test.go. The other tests of the Reporter have no part in it: they use
// fake (reporter_test.go), one execution that does not change, or scene
// (pipeline_test.go), the servers of pipelinetest and githubtest.

// world is a CodePipeline and a GitHub whose every move, and every reply to
// every call, is chosen by a random generator: which execution takes its next
// step, which event is delivered to which instance, and which of the waiting calls
// is answered next. It lives in a synctest bubble.
type world struct {
	random     *rand.Rand
	executions []*worldExecution // oldest first
	events     []events.Event    // that were emitted, each once
	waiting    []chan struct{}   // calls
	held       []chan struct{}   // calls that take until nothing else can happen
	github     worldGitHub
	failures   float64 // share of the calls that fail
	lag        bool    // the API knows a state only some time after its event
	checkRuns  bool    // in place of statuses

	mu sync.Mutex
}

// call lets a call wait for its turn.
func (w *world) call(ctx context.Context) error {
	turn := make(chan struct{})
	w.mu.Lock()
	if w.random.IntN(10) == 0 {
		w.held = append(w.held, turn)
	} else {
		w.waiting = append(w.waiting, turn)
	}
	w.mu.Unlock()
	select {
	case <-turn:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (w *world) Execution(ctx context.Context, name, id string) (*pipeline.Execution, error) {
	if err := w.call(ctx); err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.random.Float64() < w.failures {
		return nil, errors.New("throttled")
	}
	for _, e := range w.executions {
		if e.id == id {
			return e.api(), nil
		}
	}
	return nil, fs.ErrNotExist
}

func (w *world) Executions(ctx context.Context, name string, _ ...func(*pipeline.ListOptions)) iter.Seq2[*pipeline.ExecutionSummary, error] {
	return func(yield func(*pipeline.ExecutionSummary, error) bool) {
		if err := w.call(ctx); err != nil {
			yield(nil, err)
			return
		}
		w.mu.Lock()
		var list []*pipeline.ExecutionSummary
		for _, e := range slices.Backward(w.executions) {
			api := e.api()
			list = append(list, &pipeline.ExecutionSummary{ID: e.id, Status: api.Status, Started: e.started, Revisions: api.Revisions})
		}
		w.mu.Unlock()
		for _, s := range list {
			if !yield(s, nil) {
				return
			}
		}
	}
}

// worldExecution is an execution of the one pipeline.
type worldExecution struct {
	w       *world
	id      string
	commits map[string]string // of the source actions
	trigger bool              // the events after STARTED name the commit
	started time.Time
	next    func() (struct{}, bool)
	stop    func()

	status  pipeline.Status
	attempt int
	actions []pipeline.ActionExecution
	seen    *pipeline.Execution // what the API tells, when it lags

	state  events.PipelineState // the newest
	stages map[string]events.StageState
	runs   int
}

func (e *worldExecution) api() *pipeline.Execution {
	if e.w.lag && e.seen != nil {
		return e.seen
	}
	return e.truth()
}

func (e *worldExecution) truth() *pipeline.Execution {
	x := &pipeline.Execution{Pipeline: "app", ID: e.id, Status: e.status, Attempts: e.attempt, Actions: slices.Clone(e.actions)}
	for _, a := range e.actions {
		if a.Type.Category == "Source" && a.Status == pipeline.ActionSucceeded {
			x.Revisions = append(x.Revisions, e.revision(a.Action))
		}
	}
	return x
}

func (e *worldExecution) revision(action string) pipeline.Revision {
	return pipeline.Revision{
		Stage: "Source", Action: action, Provider: events.ProviderGitHub, Host: "github.com",
		Repository: "octo/" + strings.ToLower(action), ID: e.commits[action],
	}
}

func (e *worldExecution) header() events.Header {
	// EventBridge tells seconds.
	return events.Header{Account: "111122223333", Region: "eu-central-1", Time: events.NewTimestamp(time.Now().Truncate(time.Second))}
}

func (e *worldExecution) tellPipeline(status pipeline.Status, state events.PipelineState) {
	e.status, e.state = status, state
	event := &events.PipelineExecutionStateChange{Header: e.header(), Pipeline: "app", ExecutionID: e.id, State: state, Attempt: e.attempt}
	if e.trigger && (state != events.PipelineStarted || e.w.random.IntN(2) == 0) {
		event.Trigger = &events.ExecutionTrigger{ProviderType: "GitHub", FullRepositoryName: "octo/one", CommitID: e.commits["One"]}
	}
	e.w.events = append(e.w.events, event)
}

func (e *worldExecution) tellStage(stage string, state events.StageState) {
	e.stages[stage] = state
	e.w.events = append(e.w.events, &events.StageExecutionStateChange{
		Header: e.header(), Pipeline: "app", ExecutionID: e.id, Stage: stage, State: state, Attempt: e.attempt,
	})
}

func (e *worldExecution) tellAction(run pipeline.ActionExecution, state events.ActionState) {
	event := &events.ActionExecutionStateChange{
		Header: e.header(), Pipeline: "app", ExecutionID: e.id, Stage: run.Stage, Action: run.Action, ActionExecutionID: run.ID,
		State: state, Attempt: e.attempt, Type: events.ActionType{Category: run.Type.Category, Owner: "ThirdParty", Provider: "GitHub"},
	}
	if run.Type.Category == "Source" && state == events.ActionSucceeded {
		r := e.revision(run.Action)
		event.Result = &events.ExecutionResult{ExternalExecutionID: r.ID, URL: "https://github.com/" + r.Repository + "/commit/" + r.ID}
	}
	e.w.events = append(e.w.events, event)
}

func (e *worldExecution) start(stage, action string) {
	e.runs++
	run := pipeline.ActionExecution{
		ID: fmt.Sprintf("%s-%d", e.id, e.runs), Stage: stage, Action: action, Status: pipeline.ActionInProgress,
		Type: events.ActionType{Category: "Build"}, Started: time.Now(), Updated: time.Now(),
	}
	if stage == "Source" {
		run.Type.Category = "Source"
	}
	e.actions = slices.DeleteFunc(e.actions, func(a pipeline.ActionExecution) bool { return a.Stage == stage && a.Action == action })
	e.actions = append(e.actions, run)
	e.tellAction(run, events.ActionStarted)
}

func (e *worldExecution) end(stage, action string, status pipeline.ActionStatus, state events.ActionState) {
	for i := range e.actions {
		if a := &e.actions[i]; a.Stage == stage && a.Action == action {
			a.Status, a.Updated = status, time.Now()
			e.tellAction(*a, state)
		}
	}
}

// script is the life of an execution. It yields after each change.
func (e *worldExecution) script(yield func(struct{}) bool) {
	step := func() { yield(struct{}{}) }
	chance := func(percent int) bool { return e.w.random.IntN(100) < percent }
	e.attempt = 1
	e.tellPipeline(pipeline.StatusInProgress, events.PipelineStarted)
	step()
	for i, stage := range []string{"Source", "Build", "Deploy"} {
		if i > 0 && chance(10) {
			e.tellPipeline(pipeline.StatusSuperseded, events.PipelineSuperseded)
			return
		}
		e.tellStage(stage, events.StageStarted)
		step()
		actions := []string{"One", "Two"}
		for {
			for _, a := range actions {
				e.start(stage, a)
				step()
			}
			stopping := chance(8)
			if stopping {
				e.tellPipeline(pipeline.StatusStopping, events.PipelineStopping)
				step()
			}
			var failed []string
			for _, a := range actions {
				switch {
				case stopping && chance(50):
					e.end(stage, a, pipeline.ActionAbandoned, events.ActionAbandoned)
				case chance(15):
					e.end(stage, a, pipeline.ActionFailed, events.ActionFailed)
					failed = append(failed, a)
				default:
					e.end(stage, a, pipeline.ActionSucceeded, events.ActionSucceeded)
				}
				step()
			}
			if stopping {
				e.tellStage(stage, events.StageStopped)
				step()
				e.tellPipeline(pipeline.StatusStopped, events.PipelineStopped)
				return
			}
			if len(failed) == 0 {
				break
			}
			e.tellStage(stage, events.StageFailed)
			step()
			e.tellPipeline(pipeline.StatusFailed, events.PipelineFailed)
			step()
			if chance(40) || e.attempt == 4 {
				return
			}
			time.Sleep(2 * time.Second)
			e.attempt++
			e.tellPipeline(pipeline.StatusInProgress, events.PipelineResumed)
			step()
			e.tellStage(stage, events.StageResumed)
			step()
			if chance(10) { // before any action has started again
				e.tellStage(stage, events.StageStopped)
				e.tellPipeline(pipeline.StatusStopped, events.PipelineStopped)
				return
			}
			actions = failed
		}
		e.tellStage(stage, events.StageSucceeded)
		step()
	}
	e.tellPipeline(pipeline.StatusSucceeded, events.PipelineSucceeded)
}
