package pipelinetest

import (
	"time"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

// jobTable holds the jobs of actions of the owners Custom and ThirdParty and of
// Lambda invoke actions. The engine calls its methods with Server.mu held; it
// ends runs with run.finish and run.progress. Runs of actions with their own
// Run function never get here.
type jobTable struct {
	server *Server
}

func newJobTable(s *Server) *jobTable { return &jobTable{server: s} }

// operations returns the operations of jobs and action types, made with
// locked.
func (t *jobTable) operations() map[string]awsjson.Operation { return nil }

// started is called when a run has started that a job must end.
func (t *jobTable) started(r *run) {}

// stopping is called when the execution of a run that started was told to stop
// and waits for it.
func (t *jobTable) stopping(r *run) {}

// ended is called when a run that started has ended, whoever ended it: the
// table itself with run.finish, Server.Finish, or the engine, which abandons
// it.
func (t *jobTable) ended(r *run) {}

// expire ends the runs whose time is up, and reports whether there were any.
// Each Advance calls it.
func (t *jobTable) expire(now time.Time) bool { return false }
