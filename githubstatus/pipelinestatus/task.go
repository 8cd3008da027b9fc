package pipelinestatus

import (
	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/pipeline"
)

// report is what one event makes the Reporter look at.
type report struct {
	execution executionKey
	subjects  subjects
	// revisions are those that the event tells, of which those of the trigger
	// are not fetched yet.
	revisions []pipeline.Revision
	triggered []pipeline.Revision
}

// executionKey names an execution of any account and Region.
type executionKey struct{ account, region, pipeline, id string }

func (k executionKey) String() string { return "execution " + k.id + " of " + k.pipeline }

// subjectKey names a stage or action; both names are empty for the execution
// itself, and action is for a stage.
type subjectKey struct{ stage, action string }

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

func newReport(h events.Header, pipelineName, id string) *report {
	return &report{execution: executionKey{h.Account, h.Region, pipelineName, id}}
}

// trigger takes the commit that started the execution from the event.
func (rep *report) trigger(t *events.ExecutionTrigger) {
	if source, ok := t.Commit(); ok && onGitHub(source.Provider) {
		rep.triggered = append(rep.triggered, revisionOf(source))
	}
}

// revisionOf returns a revision of an event as package pipeline has it.
func revisionOf(r events.SourceRevision) pipeline.Revision {
	return pipeline.Revision{
		Provider: r.Provider, Host: r.Host, Region: r.Region, Repository: r.Repository, ID: r.ID,
		Branch: r.Branch, Tag: r.Tag, ConnectionARN: r.ConnectionARN, Message: r.Message, URL: r.URL,
	}
}

func (rep *report) attrs() []any {
	return []any{"pipeline", rep.execution.pipeline, "execution", rep.execution.id}
}
