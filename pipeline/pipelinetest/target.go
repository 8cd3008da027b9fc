package pipelinetest

import (
	"slices"
	"strconv"
	"time"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

// Target is an instance that an action deploys to.
type Target struct {
	ID             string        // such as i-0123456789abcdef0
	Status         string        // such as Pending, InProgress, Succeeded, Failed or Skipped; default InProgress
	Started, Ended time.Time     // zero for not yet
	Events         []TargetEvent // the oldest first
}

// TargetEvent is a step of the deployment to a target.
type TargetEvent struct {
	Name           string    // such as BeforeDeploy
	Status         string    // such as InProgress, Succeeded or Failed
	Started, Ended time.Time // zero for not yet
	CommandID      string    // of Systems Manager
	Message        string
}

// deploys reports whether the action deploys to targets.
func (a *Action) deploys() bool {
	return a.Type.Category == "Deploy" && a.Type.Owner == "AWS" && a.Type.Provider == "EC2"
}

// setTargets takes over the targets of an outcome.
func (r *run) setTargets(targets []Target) {
	if targets == nil {
		return
	}
	r.targets = slices.Clone(targets)
	for i := range r.targets {
		t := &r.targets[i]
		t.Events = slices.Clone(t.Events)
		if t.Status == "" {
			t.Status = "InProgress"
		}
	}
}

// deploySteps are the events of a target that is made up.
var deploySteps = []string{"BeforeDeploy", "Deploy", "AfterDeploy"}

// targetsAt returns the targets of the run as they are at a time. Those that are
// made up are deployed to one after the other; after a failure the rest is skipped.
func (r *run) targetsAt(now time.Time) []Target {
	if r.targets != nil || !r.action.deploys() {
		return r.targets
	}
	const n = 2
	steps, end := n*len(deploySteps), r.due
	done, failed := 0, r.ended() && r.status != "Succeeded"
	switch {
	case failed:
		done, steps, end = 2, 3, r.updated
	case r.ended():
		done, end = steps, r.updated
	case end.After(r.started):
		done = min(int(int64(steps)*int64(now.Sub(r.started))/int64(end.Sub(r.started))), steps-1)
	}
	step := max(end.Sub(r.started), 0) / time.Duration(steps)
	list := make([]Target, n)
	for i := range list {
		t := &list[i]
		t.ID = "i-0" + awsjson.Hex(16, "instance", r.execution.definition.Name, r.action.Name, strconv.Itoa(i))
		t.Status = "Pending"
		if failed {
			t.Status = "Skipped"
		}
		for j, name := range deploySteps {
			k := i*len(deploySteps) + j
			if k > done || k == steps {
				break
			}
			event := TargetEvent{
				Name: name, Status: "Succeeded", Started: r.started.Add(step * time.Duration(k)), Ended: r.started.Add(step * time.Duration(k+1)),
				CommandID: awsjson.UUID("command", r.id, t.ID, name),
			}
			switch {
			case k == done && failed:
				event.Status, event.Message = "Failed", r.summary
			case k == done:
				event.Status, event.Ended = "InProgress", time.Time{}
			}
			t.Events = append(t.Events, event)
			t.Started, t.Ended, t.Status = t.Events[0].Started, event.Ended, event.Status
			if event.Status == "Succeeded" && j < len(deploySteps)-1 {
				t.Ended, t.Status = time.Time{}, "InProgress"
			}
		}
	}
	return list
}
