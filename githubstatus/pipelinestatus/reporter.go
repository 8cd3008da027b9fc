package pipelinestatus

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

// Executions is what a [Reporter] needs to know of CodePipeline.
// [*pipeline.Client] implements it.
type Executions interface {
	// Execution returns the execution of the pipeline with the ID. Its error
	// is an fs.ErrNotExist if there is none.
	Execution(ctx context.Context, pipeline, id string) (*pipeline.Execution, error)
}

var _ Executions = (*pipeline.Client)(nil)

// Reporter turns the events of CodePipeline into statuses of the commits that
// an execution is about. One Reporter serves all pipelines of an account and
// Region. It is safe for concurrent use.
//
// # What it reports, and where
//
// Each revision of the execution that is on GitHub gets the status, whichever
// source action fetched it: the GitHub (version 1) action, a connection to
// GitHub, or one to GitHub Enterprise Server, for which [Options] has
// Hosts. Revisions of other providers are left out with a line in the log; a
// pipeline without any on GitHub makes no calls to it.
//
// The context is codepipeline/PIPELINE in all states. With
// [Options].Stages and Actions there are further statuses with contexts
// of their own. The states are those of [DefaultStates].
//
// While no source action has finished, the commit is the one that the event's
// trigger names, if it names one; otherwise pending is set when a source action
// has succeeded, or with the next event.
//
// # What it guarantees
//
// Events arrive more than once and in any order. Therefore an event is not
// copied to GitHub: it makes the Reporter ask for the execution, set the status
// that is true by now, and ask again, until what it has set is what is true. So
// a late STARTED sets the final status, a commit whose pipeline has ended does
// not stay pending, a retry (RESUMED) reopens it, and of several executions of a
// pipeline on one commit the one that started last counts.
//
// That needs no memory, and holds for several instances of a Lambda function at
// once, as long as the API does not lag behind its own events. An event that
// says that the execution has ended is believed although the API does not say
// so yet, and so are the events that this Reporter has seen before. What
// remains is one case: an instance sets pending after another one has set the
// final status, and even after that the API still tells it that the execution
// runs. Where that matters, let the function run in one instance, with a
// reserved concurrency of 1.
//
// An error is to be answered by delivering the event again, as Lambda and
// EventBridge do: a failed call leaves the status behind. [Permanent] tells
// those that will come again.
//
// When the execution has ended, the statuses of its stages and actions are
// settled too, so that none of them stays pending.
type Reporter struct {
	executions Executions
	statuses   githubstatus.Setter
	options    Options
	err        error // of the options
	memory     memory
	locks      keylock.Locks
}

// New returns a Reporter that asks executions about executions, and
// sets statuses of commits on github.com (or Options.Host) through
// statuses. Options that cannot work are the error of its methods, of
// [Reporter.Register] first of all.
func New(executions Executions, statuses githubstatus.Setter, optFns ...func(*Options)) *Reporter {
	r := &Reporter{executions: executions, statuses: statuses}
	for _, fn := range optFns {
		fn(&r.options)
	}
	switch {
	case executions == nil:
		r.err = errors.New("pipelinestatus: executions is nil: give it a *pipeline.Client")
	case statuses == nil && len(r.options.Hosts) == 0:
		r.err = errors.New("pipelinestatus: statuses is nil: give it a *githubstatus.Client")
	default:
		if err := r.options.prepare(); err != nil {
			r.err = fmt.Errorf("pipelinestatus: %w", err)
		}
	}
	return r
}

// usable returns what is wrong with the Reporter.
func (r *Reporter) usable() error {
	if r == nil || r.executions == nil && r.err == nil {
		return errors.New("pipelinestatus: the Reporter does not come from New")
	}
	return r.err
}

// Register registers the methods of r that its options need with the Mux:
// Report and ReportAction, and ReportStage with [Options].Stages. It is
// an error if the options cannot work.
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
	return events.On(mux, r.ReportAction)
}

// Report reports the state of an execution. A state that this package does not
// know is logged and left out.
//
// The error joins those of all commits and contexts; one does not keep the
// others from being reported.
func (r *Reporter) Report(ctx context.Context, event *events.PipelineExecutionStateChange) error {
	if event == nil {
		return errors.New("pipelinestatus: report: event is nil")
	}
	rep := newReport(event.Header, event.Pipeline, event.ExecutionID)
	rep.subjects.add("", "")
	rep.trigger(event.Trigger)
	return r.report(ctx, rep, string(event.State), func(t *told) { t.pipelineEvent(event) })
}

// ReportStage reports the state of a stage, if [Options].Stages is set;
// otherwise it does nothing. See [Reporter.Report].
func (r *Reporter) ReportStage(ctx context.Context, event *events.StageExecutionStateChange) error {
	if event == nil {
		return errors.New("pipelinestatus: report stage: event is nil")
	}
	if err := r.usable(); err != nil || !r.options.Stages {
		return err
	}
	rep := newReport(event.Header, event.Pipeline, event.ExecutionID)
	rep.subjects.add(event.Stage, "")
	rep.trigger(event.Trigger)
	return r.report(ctx, rep, string(event.State), func(t *told) { t.stageEvent(event) })
}

// ReportAction reports what the event of an action changes: a source action
// that has succeeded tells a commit, which gets the status of the execution; a
// manual approval changes its description; and with [Options].Actions
// the action has a status of its own. Other events do nothing. See
// [Reporter.Report].
func (r *Reporter) ReportAction(ctx context.Context, event *events.ActionExecutionStateChange) error {
	if event == nil {
		return errors.New("pipelinestatus: report action: event is nil")
	}
	if err := r.usable(); err != nil {
		return err
	}
	rep := newReport(event.Header, event.Pipeline, event.ExecutionID)
	if r.options.Actions {
		rep.subjects.add(event.Stage, event.Action)
	}
	switch {
	case event.Type.Category == "Source" && event.State == events.ActionSucceeded:
		source, ok := event.SourceRevision()
		if ok {
			revision := revisionOf(source)
			revision.Stage, revision.Action = event.Stage, event.Action
			if revision.Provider != "" && !onGitHub(revision.Provider) {
				r.options.Logger.InfoContext(ctx, "revision is not on GitHub", append(rep.attrs(), "provider", revision.Provider)...)
				break
			}
			if onGitHub(revision.Provider) {
				rep.revisions = append(rep.revisions, revision)
			}
		}
		rep.subjects.add("", "")
		if r.options.Stages {
			rep.subjects.add(event.Stage, "")
		}
	case event.Type.Category == "Approval":
		rep.subjects.add("", "")
	}
	if len(rep.subjects) == 0 {
		return nil
	}
	return r.report(ctx, rep, string(event.State), func(t *told) { t.actionEvent(event) })
}

func (r *Reporter) report(ctx context.Context, rep *report, state string, tell func(*told)) error {
	if err := r.usable(); err != nil {
		return err
	}
	key := rep.execution
	if key.pipeline == "" || key.id == "" {
		return errors.New("pipelinestatus: report: the event names no pipeline or no execution: is it an event of CodePipeline?")
	}
	if _, known := DefaultStates()[state]; !known {
		r.options.Logger.WarnContext(ctx, "state is not known, nothing is reported", append(rep.attrs(), "state", state)...)
		return nil
	}
	// Before the lock, so that whoever holds it hears of it.
	r.memory.tell(key, tell)
	unlock, err := r.locks.Lock(ctx, key.account+"/"+key.region+"/"+key.pipeline)
	if err != nil {
		return fmt.Errorf("pipelinestatus: report %v: %w", key, err)
	}
	defer unlock()
	if err := r.reconcile(ctx, rep); err != nil {
		r.options.Logger.LogAttrs(ctx, slog.LevelWarn, "not everything was reported",
			slog.String("pipeline", key.pipeline), slog.String("execution", key.id), slog.Any("error", err))
		return fmt.Errorf("pipelinestatus: report %v: %w", key, err)
	}
	return nil
}
