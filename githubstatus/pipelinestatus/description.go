package pipelinestatus

import (
	"fmt"
	"strings"
	"time"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/pipeline"
)

// describe says in one line what a state of the subject is about. It leaves it
// to Set to cut it to GitHub's limit, so that what matters comes first.
func (v *view) describe(key subjectKey, state string) string {
	runs := v.runsOf(key)
	switch state {
	case string(events.PipelineSucceeded):
		if d := duration(runs); d > 0 {
			return "Succeeded in " + spell(d)
		}
		return "Succeeded"
	case string(events.PipelineFailed):
		return v.describeFailure(key, runs)
	case string(events.PipelineSuperseded):
		return "Superseded by a newer execution"
	case string(events.PipelineStopped):
		return with("Stopped", v.told.comments, v.summary())
	case string(events.PipelineStopping):
		return with("Stopping", v.told.comments)
	case string(events.PipelineCanceled):
		return with("Canceled", v.summary(), "the pipeline was changed or the execution was ended")
	case string(events.ActionAbandoned):
		return with("Abandoned", v.told.comments, "the execution ended without waiting for it")
	}
	for _, run := range runs {
		if run.Waiting() {
			return "Waiting for approval: " + run.Stage + "/" + run.Action
		}
	}
	if state == string(events.PipelineResumed) {
		return "Running again after a retry"
	}
	return "Running"
}

// runsOf are the newest runs of the actions that belong to the subject.
func (v *view) runsOf(key subjectKey) []pipeline.ActionExecution {
	if v.execution == nil {
		return nil
	}
	var runs []pipeline.ActionExecution
	for _, a := range v.execution.Actions {
		if (key.stage == "" || key.stage == a.Stage) && (key.action == "" || key.action == a.Action) {
			runs = append(runs, a)
		}
	}
	return runs
}

func (v *view) summary() string {
	if v.execution == nil {
		return ""
	}
	return v.execution.StatusSummary
}

// describeFailure names the stage and the action that failed first, and why.
func (v *view) describeFailure(key subjectKey, runs []pipeline.ActionExecution) string {
	var text string
	failed := 0
	for _, run := range runs {
		if run.Status != pipeline.ActionFailed {
			continue
		}
		if failed++; failed == 1 {
			text = with(run.Stage+"/"+run.Action+" failed", run.ErrorMessage, run.Summary, run.ErrorCode)
		}
	}
	switch {
	case failed > 1:
		return fmt.Sprintf("(%d failed) %s", failed, text)
	case failed == 1:
		return text
	}
	// The API has no failed action (yet), the events may.
	if key.action != "" {
		reasons := []string{}
		if e := v.told.actions[key]; e != nil {
			reasons = append(reasons, e.AdditionalInformation)
			if e.Result != nil {
				reasons = append(reasons, e.Result.Summary, e.Result.ErrorCode)
			}
		}
		return with(key.stage+"/"+key.action+" failed", reasons...)
	}
	stage, actions := key.stage, []events.FailedAction(nil)
	if key.stage != "" {
		if e := v.told.stages[key.stage]; e != nil {
			actions = e.FailedActions
		}
	} else if e := v.told.pipeline; e != nil {
		stage, actions = e.FailedStage, e.FailedActions
	}
	switch {
	case len(actions) > 0 && stage != "":
		return with(stage+"/"+actions[0].Action+" failed", actions[0].AdditionalInformation, v.summary())
	case len(actions) > 0:
		return with(actions[0].Action+" failed", actions[0].AdditionalInformation, v.summary())
	case stage != "":
		return with(stage+" failed", v.summary())
	}
	return with("Failed", v.summary())
}

// with adds the first reason that says something.
func with(what string, reasons ...string) string {
	for _, reason := range reasons {
		if reason = strings.Join(strings.Fields(reason), " "); reason != "" {
			return what + ": " + reason
		}
	}
	return what
}

// duration is the time from the first start to the last change.
func duration(runs []pipeline.ActionExecution) time.Duration {
	var first, last time.Time
	for _, run := range runs {
		if run.Started.IsZero() || run.Updated.IsZero() {
			continue
		}
		if first.IsZero() || run.Started.Before(first) {
			first = run.Started
		}
		if run.Updated.After(last) {
			last = run.Updated
		}
	}
	return last.Sub(first).Round(time.Second)
}

// spell writes a duration as 42s, 4m12s, 2h5m or 3d4h.
func spell(d time.Duration) string {
	switch {
	case d < time.Hour:
		return d.String()
	case d < 24*time.Hour:
		return fmt.Sprintf("%dh%dm", d/time.Hour, d%time.Hour/time.Minute)
	}
	return fmt.Sprintf("%dd%dh", d/(24*time.Hour), d%(24*time.Hour)/time.Hour)
}
