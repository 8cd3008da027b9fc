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

	// Account and Region are those of the Executions given to [New]. An event of
	// another account or Region is an [ErrForeign]. The default Region is that of
	// the [pipeline.Client]. Without Account, accounts are not compared: a status
	// still needs an execution that the API has.
	Account, Region string

	// Others are the Executions of further accounts and Regions, for the event
	// bus that collects the events of several. Contexts have to tell the pipelines
	// apart if they have the same names; see Context.
	Others map[Origin]Executions

	// Builds reads the builds of CodeBuild in the Reporter's account and Region, and
	// OtherBuilds those of further ones. With them the Reporter reports builds as
	// well; see [Reporter.ReportBuild]. The default reports none.
	Builds      BuildsAPI
	OtherBuilds map[Origin]BuildsAPI

	// TrustEvents believes all events: an execution that the API does not have has
	// the state of its event, and the commit in an event is one of the execution.
	// Set it only if nobody but AWS can send events, as whoever sends one can then
	// set any status on any commit that the token reaches.
	TrustEvents bool

	// Include reports whether to report on a revision, for instance by its
	// Repository, Branch or Action. A revision that is left out needs no client
	// and causes no error. Action and Stage are empty for the commit of a trigger,
	// before its source action has succeeded. The default includes all.
	Include func(pipeline.Revision) bool

	// Context returns the context of a status. It must be the same in all
	// states of a subject, and differ between subjects that report on one
	// commit; upper and lower case are the same to GitHub. "" sets no status of
	// the subject. The default is [DefaultContext].
	//
	// Pipelines of one name in several accounts or Regions that build the same
	// repository need contexts with the account or Region.
	Context func(Subject) string

	// States are the states to be reported otherwise than in [DefaultStates], in
	// the spelling of events. [Skip] sets no status. A map that would leave commits
	// pending is an error: a state that ends an execution, a stage or an action
	// cannot be pending, and cannot be skipped unless nothing is pending before
	// it. A state that does not end it cannot be a success.
	States map[string]githubstatus.State

	// BuildStates are the statuses of builds to be reported otherwise than in
	// [DefaultBuildStates]. The rules are those of States.
	BuildStates map[events.BuildStatus]githubstatus.State

	// TargetURL returns the page that a status links to, an absolute http or
	// https URL or "" for none. The execution is nil if it does not exist any
	// more, and for builds. The default is [pipeline.ConsoleURL] of the execution,
	// and the console's page of the build.
	TargetURL func(Subject, *pipeline.Execution) string

	// Description returns the description of a status in place of the text. The
	// text of a failure names the stage, the action and the action's reason, which
	// everybody can read on a public repository. The default returns the text.
	Description func(s Subject, text string) string

	// Rollbacks reports executions that roll a stage back, too. Rollbacks get a
	// context of their own, so they do not overwrite the statuses of the execution
	// that they repeat. The default leaves them out, as a rollback is about a
	// deployment rather than about the commit.
	Rollbacks bool

	// WaitForSource sets nothing to pending before a source action has succeeded,
	// even if the event's trigger has the commit. The commit becomes pending later
	// then; with QUEUED executions, much later. A final status is set in any case.
	//
	// Leave it off unless you see a commit stay pending. That needs an end event
	// without the commit, handled by another process; AWS is not known to send
	// one.
	WaitForSource bool

	// Host is the GitHub host that the statuses given to [New] are
	// for. The default is "github.com".
	Host string

	// Hosts are the clients of further hosts, such as a GitHub Enterprise Server.
	Hosts githubstatus.Hosts

	// Connections are the GitHub hosts of connections by the connection's ARN,
	// whatever provider the connection has. Set it where the host cannot be looked
	// up, because the connection belongs to another account or a permission is
	// missing, and for an enterprise below ghe.com.
	Connections map[string]string

	// Logger logs the statuses that were set and left out (Info), and those that
	// cannot be set unless somebody does something (Warn). The default is silent.
	Logger *slog.Logger
}

// Skip, in [Options].States, sets no status. It is no state of GitHub's.
const Skip githubstatus.State = "skip"

// DefaultStates returns the GitHub state of each state of executions, stages and
// actions: pending while they run, success, failure for those that failed, and
// error for those that did not run to their end.
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

// DefaultBuildStates returns the GitHub state of each status of builds: pending
// while they run, success, failure for those that failed, and error for those that
// did not run to their end.
func DefaultBuildStates() map[events.BuildStatus]githubstatus.State {
	return map[events.BuildStatus]githubstatus.State{
		events.BuildInProgress: githubstatus.StatePending,
		events.BuildSucceeded:  githubstatus.StateSuccess,
		events.BuildFailed:     githubstatus.StateFailure,
		events.BuildFault:      githubstatus.StateError,
		events.BuildTimedOut:   githubstatus.StateError,
		events.BuildStopped:    githubstatus.StateError,
	}
}

// terminal reports whether the state ends an execution, stage or action.
func terminal(state string) bool {
	return events.PipelineState(state).Terminal() || events.StageState(state).Terminal() || events.ActionState(state).Terminal()
}

// prepare checks the options and fills in the defaults.
func (o *Options) prepare(executions Executions) error {
	if home, ok := executions.(interface{ Region() string }); ok && o.Region == "" {
		o.Region = home.Region()
	}
	if o.Account != "" && !accountPattern.MatchString(o.Account) {
		return fmt.Errorf("option Account: %q is no account of 12 digits", o.Account)
	}
	for origin, executions := range o.Others {
		if err := origin.check(); err != nil {
			return fmt.Errorf("option Others: %w", err)
		}
		if executions == nil {
			return fmt.Errorf("option Others: the Executions of %v are nil", origin)
		}
	}
	states := DefaultStates()
	for _, state := range slices.Sorted(maps.Keys(o.States)) {
		if _, ok := states[state]; !ok {
			return fmt.Errorf("option States: %q is no state of events: use one of %s", state, strings.Join(slices.Sorted(maps.Keys(states)), ", "))
		}
		states[state] = o.States[state]
	}
	if err := checkStates("States", states, terminal); err != nil {
		return err
	}
	o.States = states
	builds := map[string]githubstatus.State{}
	for status, state := range DefaultBuildStates() {
		builds[string(status)] = state
	}
	for status, state := range o.BuildStates {
		if _, ok := builds[string(status)]; !ok {
			return fmt.Errorf("option BuildStates: %q is no status of builds: use one of %s", status, strings.Join(slices.Sorted(maps.Keys(builds)), ", "))
		}
		builds[string(status)] = state
	}
	if err := checkStates("BuildStates", builds, func(s string) bool { return events.BuildStatus(s).Terminal() }); err != nil {
		return err
	}
	o.BuildStates = map[events.BuildStatus]githubstatus.State{}
	for status, state := range builds {
		o.BuildStates[events.BuildStatus(status)] = state
	}
	for origin, api := range o.OtherBuilds {
		if err := origin.check(); err != nil {
			return fmt.Errorf("option OtherBuilds: %w", err)
		}
		if api == nil {
			return fmt.Errorf("option OtherBuilds: the API of %v is nil", origin)
		}
	}
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
			if s.Project != "" {
				return buildURL(s)
			}
			return pipeline.ConsoleURL(s.Region, s.Pipeline, s.ExecutionID)
		}
	}
	return nil
}

func checkStates(option string, states map[string]githubstatus.State, terminal func(string) bool) error {
	pending := ""
	for _, state := range slices.Sorted(maps.Keys(states)) {
		is := states[state]
		switch is {
		case githubstatus.StatePending, githubstatus.StateSuccess, githubstatus.StateFailure, githubstatus.StateError, Skip:
		default:
			return fmt.Errorf("option %s[%q]: %q is no state: use pending, success, failure, error, or Skip", option, state, is)
		}
		switch {
		case terminal(state) && is == githubstatus.StatePending:
			return fmt.Errorf("option %s[%q]: what has ended cannot be pending: no event would end that; use error or success", option, state)
		case !terminal(state) && is == githubstatus.StateSuccess:
			return fmt.Errorf("option %s[%q]: what has not ended cannot be a success", option, state)
		case is == githubstatus.StatePending:
			pending = state
		}
	}
	for _, state := range slices.Sorted(maps.Keys(states)) {
		if terminal(state) && states[state] == Skip && pending != "" {
			return fmt.Errorf("option %s[%q]: with Skip commits would stay pending, which %s makes them: use success or error, or skip all that is pending", option, state, pending)
		}
	}
	return nil
}
