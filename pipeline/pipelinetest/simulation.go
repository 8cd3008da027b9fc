package pipelinetest

import "time"

// Simulation is how the server runs the actions and rules that have no function
// of their own. The zero value ends them at once, but waits for approvals, job
// workers and functions.
type Simulation struct {
	// Speed is how much faster than with the service the time of actions and rules
	// goes, by the clock of [Server.SetClock]: with 1 a build takes its usual two
	// minutes, with 60 two seconds. 0 is no time at all.
	Speed float64

	// Alone makes up what others would do, so that any pipeline runs to its end or
	// to its approvals: no action waits for a job worker or a function, an action that
	// starts a pipeline that the server does not have succeeds, and a variable that
	// a build, a stack or a function would set has a value.
	Alone bool

	// Run and RunRule decide as [Action.Run] and [Rule.Run] do, for all that have
	// none. They answer false to leave the run to the server: they are not asked about
	// it again.
	Run     func(ActionRun) (Outcome, bool)
	RunRule func(RuleRun) (Outcome, bool)
}

// SetSimulation changes how the server runs actions and rules from now on. An
// action that has started to wait for a job goes on to wait.
func (s *Server) SetSimulation(simulation Simulation) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.simulation = simulation
	for _, p := range s.pipelines {
		for _, e := range p.executions {
			e.wake()
		}
	}
}

// takes returns how long what takes a while with the service takes here.
func (s *Server) takes(while time.Duration) time.Duration {
	if s.simulation.Speed <= 0 {
		return 0
	}
	return time.Duration(float64(while) / s.simulation.Speed)
}
