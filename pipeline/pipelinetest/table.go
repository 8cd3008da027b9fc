package pipelinetest

import (
	"container/heap"
	"context"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

// jobTable holds the jobs of actions of the owners Custom and ThirdParty and of
// Lambda invoke actions. The engine calls its methods with Server.mu held; it
// ends runs with run.finish and run.progress. Runs of actions with their own
// Run function never get here.
type jobTable struct {
	server  *Server
	options JobOptions // with defaults
	random  *rand.Rand

	all    []*jobRecord // in the order in which they were made
	byID   map[string]*jobRecord
	byRun  map[*run]*jobRecord // the last job of each run in progress
	timers timers
	types  map[ActionType]*actionTypeRecord
	// clients are the tokens of the clients of third-party jobs, by ID.
	clients map[string]string
	issued  map[string]credentials // by access key ID

	invocations []Invocation
	invoke      outbox[Invocation]

	open int           // number of jobs that have not ended
	idle chan struct{} // closed when open becomes 0; nil if nobody waits
}

func newJobTable(s *Server) *jobTable {
	return &jobTable{
		server:  s,
		options: JobOptions{}.withDefaults(),
		random:  rand.New(rand.NewPCG(0, 0)),
		byID:    make(map[string]*jobRecord),
		byRun:   make(map[*run]*jobRecord),
		types:   make(map[ActionType]*actionTypeRecord),
		clients: map[string]string{DefaultClientID: DefaultClientToken},
		issued:  make(map[string]credentials),
	}
}

// operations returns the operations of jobs and action types.
func (t *jobTable) operations() map[string]awsjson.Operation {
	return map[string]awsjson.Operation{
		"AcknowledgeJob":                jobOperation(t, t.acknowledgeJob),
		"AcknowledgeThirdPartyJob":      jobOperation(t, t.acknowledgeThirdPartyJob),
		"CreateCustomActionType":        jobOperation(t, t.createCustomActionType),
		"DeleteCustomActionType":        jobOperation(t, t.deleteCustomActionType),
		"GetActionType":                 jobOperation(t, t.getActionType),
		"GetJobDetails":                 jobOperation(t, t.getJobDetails),
		"GetThirdPartyJobDetails":       jobOperation(t, t.getThirdPartyJobDetails),
		"ListActionTypes":               jobOperation(t, t.listActionTypes),
		"PollForJobs":                   jobOperation(t, t.pollForJobs),
		"PollForThirdPartyJobs":         jobOperation(t, t.pollForThirdPartyJobs),
		"PutJobFailureResult":           jobOperation(t, t.putJobFailureResult),
		"PutJobSuccessResult":           jobOperation(t, t.putJobSuccessResult),
		"PutThirdPartyJobFailureResult": jobOperation(t, t.putThirdPartyJobFailureResult),
		"PutThirdPartyJobSuccessResult": jobOperation(t, t.putThirdPartyJobSuccessResult),
		"UpdateActionType":              jobOperation(t, t.updateActionType),
	}
}

// jobOperation returns the operation that is called with mu held, once all
// that was due by now has happened. Events and invocations that come of it are
// delivered before the reply is sent.
func jobOperation[In, Out any](t *jobTable, call func(Caller, *In) (Out, error)) awsjson.Operation {
	s := t.server
	return awsjson.Op(func(ctx context.Context, in *In) (Out, error) {
		caller := Caller(awsjson.CallerOf(ctx))
		out, err := func() (Out, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			for t.expire(s.clock()) {
			}
			return call(caller, in)
		}()
		s.deliver()
		return out, err
	})
}

// started is called when a run has started that a job must end.
func (t *jobTable) started(r *run) {
	e := r.execution
	j := &jobRecord{
		Job: Job{
			Type:              r.action.Type,
			Pipeline:          e.definition.Name,
			ExecutionID:       e.id,
			Stage:             r.stage,
			Action:            r.action.Name,
			ActionExecutionID: r.id,
			Configuration:     r.configuration,
			Inputs:            r.inputs,
			Outputs:           r.outputs,
			EncryptionKey:     e.definition.EncryptionKey,
		},
		run: r,
	}
	if j.Type.Owner == "ThirdParty" && t.integration(j.Type) == nil {
		j.ClientID = DefaultClientID
	}
	t.add(j, r.started)
}

// stopping is called when the execution of a run that started was told to stop
// and waits for it.
func (t *jobTable) stopping(r *run) {
	if j := t.byRun[r]; j != nil {
		j.note(JobEvent{Type: JobEventStopping})
	}
}

// ended is called when a run that started has ended, whoever ended it: the
// table itself with run.finish, Server.Finish, or the engine, which abandons
// it.
func (t *jobTable) ended(r *run) {
	j := t.byRun[r]
	delete(t.byRun, r)
	if j == nil || j.Status.Ended() {
		return
	}
	event := JobEventFinished
	switch r.status {
	case "Succeeded":
		j.end(JobStatusSucceeded)
	case "Failed":
		j.end(JobStatusFailed)
	default:
		j.end(JobStatusAbandoned)
		event = JobEventAbandoned
	}
	j.note(JobEvent{Type: event})
}

// add adds a job of an action that has started then: it can be polled for or
// its function is invoked, if it is a continuation after a while.
func (t *jobTable) add(j *jobRecord, started time.Time) {
	now := t.server.clock()
	j.table = t
	j.ID = awsjson.UUID("job", strconv.Itoa(len(t.all)))
	j.Status = JobStatusCreated
	j.Created = now
	j.actionStarted = started
	t.all = append(t.all, j)
	t.byID[j.ID] = j
	if j.run != nil {
		t.byRun[j.run] = j
	}
	t.open++
	j.note(JobEvent{Type: JobEventCreated})
	t.timers.add(timer{at: started.Add(t.options.Timeout), kind: timeout, job: j})
	if d := t.integration(j.Type); d != nil && d.jobTimeout() > 0 {
		t.timers.add(timer{at: now.Add(d.jobTimeout()), kind: timeout, job: j})
	}
	if j.Continues != "" && t.options.ContinuationDelay > 0 {
		t.timers.add(timer{at: now.Add(t.options.ContinuationDelay), kind: release, job: j})
		return
	}
	t.release(j)
}

// release makes a job known to pollers, or invokes its function.
func (t *jobTable) release(j *jobRecord) {
	if j.function() != "" {
		t.invokeFunction(j)
		return
	}
	j.Status = JobStatusQueued
	t.actionType(j.Type).queue.push(j)
}

// expire lets happen what is due, in order, until a run has ended by that, and
// reports whether one has. Each Advance and each operation of jobs calls it.
func (t *jobTable) expire(now time.Time) bool {
	for {
		due, ok := t.timers.next(now)
		if !ok {
			return false
		}
		j := due.job
		switch {
		case j.Status.Ended():
		case due.kind == release:
			t.release(j)
		case due.kind == reoffer:
			if j.Status == JobStatusDispatched && j.offers == due.offer {
				j.Status = JobStatusQueued
				t.actionType(j.Type).queue.push(j)
			}
		case due.kind == timeout:
			if j.timeOut() {
				return true
			}
		}
	}
}

// timerKind is what happens to a job at a time.
type timerKind int

const (
	release timerKind = iota // a continuation is offered, or its function invoked
	reoffer                  // a job that was not acknowledged is offered again
	timeout                  // the action, or the reply of its function, takes too long
)

type timer struct {
	at     time.Time
	kind   timerKind
	job    *jobRecord
	offer  int // of reoffer: the offer that nobody acknowledged
	number int // of equal times the first comes first
}

// timers are what is to happen, ordered by time. Those that have become
// pointless stay until their time has come.
type timers struct {
	heap  timerHeap
	added int
}

func (t *timers) add(new timer) {
	t.added++
	new.number = t.added
	heap.Push(&t.heap, new)
}

// next takes out the first timer, if it is due.
func (t *timers) next(now time.Time) (due timer, ok bool) {
	if len(t.heap) == 0 || t.heap[0].at.After(now) {
		return timer{}, false
	}
	return heap.Pop(&t.heap).(timer), true
}

type timerHeap []timer

func (h timerHeap) Len() int { return len(h) }
func (h timerHeap) Less(i, j int) bool {
	if c := h[i].at.Compare(h[j].at); c != 0 {
		return c < 0
	}
	return h[i].number < h[j].number
}
func (h timerHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *timerHeap) Push(x any)   { *h = append(*h, x.(timer)) }
func (h *timerHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	old[len(old)-1] = timer{}
	*h = old[:len(old)-1]
	return last
}
