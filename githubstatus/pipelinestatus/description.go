package pipelinestatus

import (
	"fmt"
	"strings"
	"time"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/pipeline"
)

// describe describes a state of the subject in one line. Set may cut the line, so
// the important words come first.
func (s *snapshot) describe(key subjectKey, state string) string {
	runs := s.runsOf(key)
	switch state {
	case string(events.PipelineSucceeded):
		if d := duration(runs); d > 0 {
			return "Succeeded in " + spell(d)
		}
		return "Succeeded"
	case string(events.PipelineFailed):
		return s.describeFailure(key, runs)
	case string(events.PipelineSuperseded):
		return "Superseded by a newer execution"
	case string(events.PipelineStopped):
		return with("Stopped", s.events.comments, s.summary())
	case string(events.PipelineStopping):
		return with("Stopping", s.events.comments)
	case string(events.PipelineCanceled):
		return with("Canceled", s.summary(), "the pipeline was changed or the execution was ended")
	case string(events.ActionAbandoned):
		return with("Abandoned", s.events.comments, "the execution ended without waiting for it")
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

// runsOf are the newest runs of the subject's actions.
func (s *snapshot) runsOf(key subjectKey) []pipeline.ActionExecution {
	if s.execution == nil {
		return nil
	}
	var runs []pipeline.ActionExecution
	for _, a := range s.execution.Actions {
		if (key.stage == "" || key.stage == a.Stage) && (key.action == "" || key.action == a.Action) {
			runs = append(runs, a)
		}
	}
	return runs
}

func (s *snapshot) summary() string {
	if s.execution == nil {
		return ""
	}
	return s.execution.StatusSummary
}

// describeFailure names the stage and the action that failed first, and why.
func (s *snapshot) describeFailure(key subjectKey, runs []pipeline.ActionExecution) string {
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
	// The API has no failed action yet, but the events may have one.
	if key.action != "" {
		reasons := []string{}
		if e := s.events.actions[key]; e != nil {
			reasons = append(reasons, e.AdditionalInformation)
			if e.Result != nil {
				reasons = append(reasons, e.Result.Summary, e.Result.ErrorCode)
			}
		}
		return with(key.stage+"/"+key.action+" failed", reasons...)
	}
	stage, actions := key.stage, []events.FailedAction(nil)
	if key.stage != "" {
		if e := s.events.stages[key.stage]; e != nil {
			actions = e.FailedActions
		}
	} else if e := s.events.pipeline; e != nil {
		stage, actions = e.FailedStage, e.FailedActions
	}
	switch {
	case len(actions) > 0 && stage != "":
		return with(stage+"/"+actions[0].Action+" failed", actions[0].AdditionalInformation, s.summary())
	case len(actions) > 0:
		return with(actions[0].Action+" failed", actions[0].AdditionalInformation, s.summary())
	case stage != "":
		return with(stage+" failed", s.summary())
	}
	return with("Failed", s.summary())
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
