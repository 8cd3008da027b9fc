package pipelinestatus

// The words of this package: a subject is an execution, a stage, an action or a
// build; a target is a commit that gets statuses; a snapshot is an execution as the
// API and the events show it; a desired status is one that a target should have; an
// observation is the newest events of an execution.

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/githubstatus"
	"github.com/codesuite-go/codesuite/internal/keylock"
	"github.com/codesuite-go/codesuite/pipeline"
)

// Executions reads the executions of pipelines. [*pipeline.Client] implements it.
type Executions interface {
	// Execution returns the execution of the pipeline with the ID. Its error
	// is an fs.ErrNotExist if there is none.
	Execution(ctx context.Context, pipeline, id string) (*pipeline.Execution, error)
}

var _ Executions = (*pipeline.Client)(nil)

// Reporter turns the events of CodePipeline into statuses of the commits that an
// execution is about. One Reporter serves all pipelines of an account and Region,
// and with [Options].Others those of several. It is safe for concurrent use.
//
// # Commits and contexts
//
// Each revision of the execution that is on GitHub gets the status: of the GitHub
// (version 1) action, of a connection to GitHub, or of one to GitHub Enterprise
// Server, for which [Options] has Hosts. Revisions of other providers are left out
// with a line in the log. A pipeline without a revision on GitHub makes no calls to
// it.
//
// The context is that of [DefaultContext], the same in all states. With
// [Options].Stages and Actions there are further statuses with contexts of their
// own. The states are those of [DefaultStates].
//
// Before a source action has finished, the commit is the one in the event's
// trigger. Without a trigger, pending is set when a source action has succeeded, or
// with the next event.
//
// # Order
//
// Events arrive more than once and in any order. The Reporter therefore does not
// copy an event to GitHub. It asks for the execution, sets the status that is true
// by now, and asks again, until it has set the true status. So a late STARTED sets
// the final status, a commit whose pipeline has ended does not stay pending, a
// retry (RESUMED) reopens it, and of several executions of a pipeline on one commit
// the one that started last counts.
//
// Reporters share nothing, so any number of Lambda instances may run. One race is
// left: an instance sets pending after another one has set the final status, and
// the API then still says to the first one that the execution runs. To exclude it,
// reserve a concurrency of 1.
//
// Return the error of the Reporter from the function, so that Lambda and
// EventBridge deliver the event again: after a failed call the status is not up to
// date. [githubstatus.Permanent] finds errors that would come again.
//
// When the execution has ended, the Reporter also settles the statuses of its
// stages and actions, so that none of them stays pending.
//
// # Trust
//
// An event only says where to look. It is an [ErrForeign] if it names another
// account or Region. Where the execution does not exist, the Reporter ends a
// pending status and sets nothing else. Success is set only on commits that the
// API has among the execution's revisions, and only if the API itself has the
// execution, the stage or the action as succeeded. Where the API lags behind an
// event of a success, the Reporter returns a temporary error, so that the event is
// delivered again. The API has no state of a stage: the event of a stage's success
// counts once all action runs of the stage so far have succeeded. An event is also
// believed to say that an existing execution has ended without success. Let nobody but EventBridge invoke the
// function.
type Reporter struct {
	executions Executions
	statuses   githubstatus.Setter
	options    Options
	err        error // of the options
	memory     memory
	locks      keylock.Locks
}

// New returns a Reporter that reads executions, and sets statuses of commits on
// github.com (or Options.Host) through statuses. Options that cannot work are the
// error of each method.
func New(executions Executions, statuses githubstatus.Setter, optFns ...func(*Options)) *Reporter {
	r := &Reporter{executions: executions, statuses: statuses}
	for _, fn := range optFns {
		fn(&r.options)
	}
	switch {
	case executions == nil:
		r.err = errors.New("pipelinestatus: executions is nil: give New a *pipeline.Client")
	case statuses == nil && len(r.options.Hosts) == 0:
		r.err = errors.New("pipelinestatus: statuses is nil: give New a *githubstatus.Client")
	default:
		if err := r.options.prepare(executions); err != nil {
			r.err = fmt.Errorf("pipelinestatus: %w", err)
		}
	}
	return r
}

// usable returns the error of a Reporter that cannot work.
func (r *Reporter) usable() error {
	if r == nil || r.executions == nil && r.err == nil {
		return errors.New("pipelinestatus: the Reporter does not come from New")
	}
	return r.err
}

// Register registers the methods of r that its options need with the Mux: Report
// and ReportAction, ReportStage with [Options].Stages, and ReportBuild and
// ReportBuildPhase with [Options].Builds or OtherBuilds.
func (r *Reporter) Register(mux *events.Mux) error {
	if err := r.usable(); err != nil {
		return err
	}
	if err := events.On(mux, r.Report); err != nil {
		return err
	}
	if r.options.Stages {
		if err := events.On(mux, r.ReportStage); err != nil {
			return err
		}
	}
	if err := events.On(mux, r.ReportAction); err != nil {
		return err
	}
	if r.options.Builds == nil && len(r.options.OtherBuilds) == 0 {
		return nil
	}
	if err := events.On(mux, r.ReportBuild); err != nil {
		return err
	}
	return events.On(mux, r.ReportBuildPhase)
}

// Report reports the state of an execution. An unknown state is logged and left
// out.
//
// The error joins the errors of all commits and contexts. An error of one does not
// keep the others from being reported.
func (r *Reporter) Report(ctx context.Context, event *events.PipelineExecutionStateChange) error {
	if event == nil {
		return errors.New("pipelinestatus: report: event is nil")
	}
	t := newTask(event.Header, event.Pipeline, event.ExecutionID)
	t.subjects.add("", "")
	t.trigger(event.Trigger)
	return r.report(ctx, t, string(event.State), func(o *observation) { o.pipelineEvent(event) })
}

// ReportStage reports the state of a stage if [Options].Stages is set. Otherwise it
// does nothing. See [Reporter.Report].
func (r *Reporter) ReportStage(ctx context.Context, event *events.StageExecutionStateChange) error {
	if event == nil {
		return errors.New("pipelinestatus: report stage: event is nil")
	}
	if err := r.usable(); err != nil || !r.options.Stages {
		return err
	}
	t := newTask(event.Header, event.Pipeline, event.ExecutionID)
	t.subjects.add(event.Stage, "")
	t.trigger(event.Trigger)
	return r.report(ctx, t, string(event.State), func(o *observation) { o.stageEvent(event) })
}

// ReportAction reports the event of an action. The commit of a source action that
// has succeeded gets the status of the execution; a manual approval changes the
// description of that status; and with [Options].Actions the action has a status of
// its own. Other events do nothing. See [Reporter.Report].
func (r *Reporter) ReportAction(ctx context.Context, event *events.ActionExecutionStateChange) error {
	if event == nil {
		return errors.New("pipelinestatus: report action: event is nil")
	}
	if err := r.usable(); err != nil {
		return err
	}
	t := newTask(event.Header, event.Pipeline, event.ExecutionID)
	if r.options.Actions {
		t.subjects.add(event.Stage, event.Action)
	}
	switch {
	case event.Type.Category == "Source" && event.State == events.ActionSucceeded:
		if source, ok := event.SourceRevision(); ok {
			revision := revisionOf(source)
			revision.Stage, revision.Action = event.Stage, event.Action
			if revision.Provider != "" && !onGitHub(revision.Provider) {
				r.options.Logger.InfoContext(ctx, "revision is not on GitHub", append(t.attrs(), "provider", revision.Provider)...)
				break
			}
			if onGitHub(revision.Provider) {
				t.revisions = append(t.revisions, revision)
			}
		}
		t.subjects.add("", "")
		if r.options.Stages {
			t.subjects.add(event.Stage, "")
		}
	case event.Type.Category == "Approval":
		t.subjects.add("", "")
	}
	if len(t.subjects) == 0 {
		return nil
	}
	return r.report(ctx, t, string(event.State), func(o *observation) { o.actionEvent(event) })
}

func (r *Reporter) report(ctx context.Context, t *task, state string, observe func(*observation)) error {
	if err := r.usable(); err != nil {
		return err
	}
	key := t.execution
	if key.pipeline == "" || key.id == "" {
		return errors.New("pipelinestatus: report: the event names no pipeline or no execution: is it an event of CodePipeline?")
	}
	if _, err := r.executionsOf(key); err != nil {
		return fmt.Errorf("pipelinestatus: report %v: %w", key, err)
	}
	if _, known := DefaultStates()[state]; !known {
		r.options.Logger.WarnContext(ctx, "state is not known, nothing is reported", append(t.attrs(), "state", state)...)
		return nil
	}
	// Before the lock, so that its holder sees the event.
	r.memory.observe(key, observe)
	unlock, err := r.locks.Lock(ctx, key.account+"/"+key.region+"/"+key.pipeline)
	if err != nil {
		return fmt.Errorf("pipelinestatus: report %v: %w", key, err)
	}
	defer unlock()
	err = r.update(ctx,
		func(ctx context.Context) ([]desiredStatus, []error) { return r.desired(ctx, t) },
		func(to target) { r.memory.observe(key, func(o *observation) { o.report(to) }) },
		t.attrs())
	if err != nil {
		r.options.Logger.LogAttrs(ctx, slog.LevelWarn, "not everything was reported",
			slog.String("pipeline", key.pipeline), slog.String("execution", key.id), slog.Any("error", err))
		return fmt.Errorf("pipelinestatus: report %v: %w", key, err)
	}
	return nil
}
