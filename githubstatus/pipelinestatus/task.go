package pipelinestatus

import (
	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/pipeline"
)

// task is the work that one event gives to the Reporter.
type task struct {
	execution executionKey
	subjects  subjects
	// revisions are those in the event. Those of the trigger are not fetched yet.
	revisions []pipeline.Revision
	triggered []pipeline.Revision
}

// executionKey names an execution of any account and Region.
type executionKey struct{ account, region, pipeline, id string }

func (k executionKey) String() string { return "execution " + k.id + " of " + k.pipeline }

// subjectKey names a stage or action; both names are empty for the execution
// itself, and action is empty for a stage.
type subjectKey struct{ stage, action string }

func (k subjectKey) String() string {
	switch {
	case k.stage == "":
		return "the execution"
	case k.action == "":
		return "stage " + k.stage
	}
	return "action " + k.action + " of stage " + k.stage
}

// subjects is a list without duplicates.
type subjects []subjectKey

func (s *subjects) add(stage, action string) {
	key := subjectKey{stage, action}
	for _, have := range *s {
		if have == key {
			return
		}
	}
	*s = append(*s, key)
}

func newTask(h events.Header, pipelineName, id string) *task {
	return &task{execution: executionKey{h.Account, h.Region, pipelineName, id}}
}

// trigger takes the commit that started the execution from the event.
func (t *task) trigger(trigger *events.ExecutionTrigger) {
	if source, ok := trigger.Commit(); ok && onGitHub(source.Provider) {
		t.triggered = append(t.triggered, revisionOf(source))
	}
}

// revisionOf returns a revision of an event as package pipeline has it.
func revisionOf(r events.SourceRevision) pipeline.Revision {
	return pipeline.Revision{
		Provider: r.Provider, Host: r.Host, Region: r.Region, Repository: r.Repository, ID: r.ID,
		Branch: r.Branch, Tag: r.Tag, ConnectionARN: r.ConnectionARN, Message: r.Message, URL: r.URL,
	}
}

func (t *task) attrs() []any { return t.execution.attrs() }

func (k executionKey) attrs() []any {
	return []any{"pipeline", k.pipeline, "execution", k.id}
}
