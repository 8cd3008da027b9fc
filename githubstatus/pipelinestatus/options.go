package pipelinestatus

import (
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/githubstatus"
	"github.com/codesuite-go/codesuite/internal/githubhost"
	"github.com/codesuite-go/codesuite/pipeline"
)

// Options configure a [Reporter]. The zero value holds the defaults.
type Options struct {
	// Stages and Actions set a status for each stage and for each action as
	// well, in contexts of their own.
	Stages, Actions bool

	// Context returns the context of a status. It must be the same in all
	// states of a subject, and differ between subjects that report on one
	// commit; upper and lower case are the same to GitHub. "" sets no status of
	// the subject. The default is [DefaultContext].
	//
	// Pipelines of one name in several accounts or Regions that build the same
	// repository need contexts that name them.
	Context func(Subject) string

	// States are the states that are to be reported otherwise than in
	// [DefaultStates], in the spelling of events. [Skip] sets no status. It is
	// an error to leave a commit pending for ever: a state that ends an
	// execution, a stage or an action cannot be pending, and cannot be skipped
	// unless nothing is pending before it; and one that does not end it cannot
	// be a success.
	States map[string]githubstatus.State

	// TargetURL returns the page that a status links to, an absolute http or
	// https URL or "" for none. The execution is nil if CodePipeline does not
	// know it any more. The default is [pipeline.ConsoleURL] of the execution.
	TargetURL func(Subject, *pipeline.Execution) string

	// Description returns the description of a status in place of text, the one
	// that it would have. A failure's names the stage and the action, and the
	// reason that the action gave, which everybody can read on a
	// public repository. The default returns text.
	Description func(s Subject, text string) string

	// Rollbacks reports the executions that roll a stage back to an earlier
	// one, too. They run the revisions of the earlier execution again: what was
	// reported of it, under the same context, would be overwritten, so that
	// they have a context of their own. The default is to leave them out, since
	// what they tell is about a deployment rather than about the commit.
	Rollbacks bool

	// WaitForSource sets nothing to pending before a source action has told
	// what it fetched, even if the event's trigger names the commit. Then the
	// commit becomes pending later, which with QUEUED executions may be much
	// later. A final status is set in any case.
	//
	// Without it a commit stays pending if its execution ends without a source
	// action that succeeded, AWS does not repeat the commit in the event of the
	// end, and another process is told of the end. No such event is known.
	WaitForSource bool

	// Host is the GitHub host that the statuses given to [New] are
	// for. The default is "github.com".
	Host string

	// Hosts are the clients of further hosts, such as that of a GitHub
	// Enterprise Server.
	Hosts githubstatus.Hosts

	// Connections are the hosts of connections to GitHub and GitHub Enterprise
	// Server, by the connection's ARN, where they cannot be looked up: because
	// the connection belongs to another account, or for want of permissions.
	Connections map[string]string

	// Logger is told what was set and left out (Info), and why, and what will
	// not be set unless somebody does something (Warn). The default is silent.
	Logger *slog.Logger
}

// Skip, in [Options].States, is to set no status. It is no state of
// GitHub's.
const Skip githubstatus.State = "skip"

// DefaultStates returns what the states of executions, stages and actions are
// reported as: pending while they run, success, failure for what failed, and
// error for what did not run to its end, as GitHub has no state for it.
func DefaultStates() map[string]githubstatus.State {
	return map[string]githubstatus.State{
		string(events.PipelineStarted):    githubstatus.StatePending,
		string(events.PipelineResumed):    githubstatus.StatePending,
		string(events.PipelineStopping):   githubstatus.StatePending,
		string(events.PipelineSucceeded):  githubstatus.StateSuccess,
		string(events.PipelineFailed):     githubstatus.StateFailure,
		string(events.PipelineStopped):    githubstatus.StateError,
		string(events.PipelineCanceled):   githubstatus.StateError,
		string(events.PipelineSuperseded): githubstatus.StateError,
		string(events.ActionAbandoned):    githubstatus.StateError,
	}
}

// terminal reports whether the state ends an execution, stage or action.
func terminal(state string) bool {
	return events.PipelineState(state).Terminal() || events.StageState(state).Terminal() || events.ActionState(state).Terminal()
}

// prepare checks the options and fills in the defaults.
func (o *Options) prepare() error {
	states := DefaultStates()
	for _, state := range slices.Sorted(maps.Keys(o.States)) {
		if _, ok := states[state]; !ok {
			return fmt.Errorf("option States: %q is no state of events: use one of %s", state, strings.Join(slices.Sorted(maps.Keys(states)), ", "))
		}
		states[state] = o.States[state]
	}
	if err := checkStates(states); err != nil {
		return err
	}
	o.States = states
	for host := range o.Hosts {
		if _, err := githubstatus.BaseURL(host); err != nil {
			return fmt.Errorf("option Hosts: %w", err)
		}
	}
	for arn, host := range o.Connections {
		if _, err := githubstatus.BaseURL(host); err != nil {
			return fmt.Errorf("option Connections[%q]: %w", arn, err)
		}
	}
	if o.Host == "" {
		o.Host = githubhost.Public
	} else if _, err := githubstatus.BaseURL(o.Host); err != nil {
		return fmt.Errorf("option Host: %w", err)
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Context == nil {
		o.Context = DefaultContext
	}
	if o.Description == nil {
		o.Description = func(_ Subject, text string) string { return text }
	}
	if o.TargetURL == nil {
		o.TargetURL = func(s Subject, _ *pipeline.Execution) string {
			return pipeline.ConsoleURL(s.Region, s.Pipeline, s.ExecutionID)
		}
	}
	return nil
}

func checkStates(states map[string]githubstatus.State) error {
	pending := ""
	for _, state := range slices.Sorted(maps.Keys(states)) {
		is := states[state]
		switch is {
		case githubstatus.StatePending, githubstatus.StateSuccess, githubstatus.StateFailure, githubstatus.StateError, Skip:
		default:
			return fmt.Errorf("option States[%q]: %q is no state: use pending, success, failure, error, or Skip", state, is)
		}
		switch {
		case terminal(state) && is == githubstatus.StatePending:
			return fmt.Errorf("option States[%q]: what has ended cannot be pending: no event would end that; use error or success", state)
		case !terminal(state) && is == githubstatus.StateSuccess:
			return fmt.Errorf("option States[%q]: what has not ended cannot be a success", state)
		case is == githubstatus.StatePending:
			pending = state
		}
	}
	for _, state := range slices.Sorted(maps.Keys(states)) {
		if terminal(state) && states[state] == Skip && pending != "" {
			return fmt.Errorf("option States[%q]: with Skip commits would stay pending, which %s makes them: use success or error, or skip all that is pending", state, pending)
		}
	}
	return nil
}
