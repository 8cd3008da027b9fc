package pipelinetest

import (
	"iter"
	"slices"
	"time"

	"github.com/codesuite-go/codesuite/internal/logstest"
)

// maxLogs is the number of logs that the server keeps, the newest.
const maxLogs = 10000

// openLog makes the log of a Commands action, which is empty.
func (r *run) openLog() {
	s := r.execution.server()
	r.log = &logstest.Stream{Group: "/aws/codepipeline/" + r.execution.definition.Name, Name: r.id}
	s.logs = append(s.logs, r.log)
	if len(s.logs) > maxLogs {
		s.logs = slices.Delete(s.logs, 0, len(s.logs)-maxLogs)
	}
}

// logARN returns the ARN of the run's log stream, "" if it has none.
func (r *run) logARN() string {
	if r.log == nil {
		return ""
	}
	return r.log.ARN()
}

// writeLog adds the lines to the log of the run, at the time of its last change.
func (r *run) writeLog(lines []string, during time.Duration) {
	if r.log != nil && len(lines) > 0 {
		r.log.Write(lines, r.updated, during)
		r.logged = true
	}
}

// usualLog writes what the commands of the action would, in the course of the time
// that the action takes.
func (r *run) usualLog(during time.Duration, failed bool) {
	lines := []string{"[Container] Entering phase BUILD"}
	for _, command := range r.action.Commands {
		if text, unknown, ok := expand(command, r.execution.variable); ok {
			command = text
		} else {
			command += " (no value: " + unknown + ")"
		}
		lines = append(lines, "[Container] Running command "+command)
	}
	if failed {
		lines = append(lines, "[Container] Command did not exit successfully, exit status 1", "[Container] Phase complete: BUILD State: FAILED")
	} else {
		lines = append(lines, "[Container] Phase complete: BUILD State: SUCCEEDED")
	}
	r.writeLog(lines, during)
}

func (s *Server) getLogEvents(in *logstest.GetLogEventsInput) (*logstest.GetLogEventsOutput, error) {
	return logstest.GetLogEvents(in, s.streams(), s.clock(), 0)
}

// streams returns all logs.
func (s *Server) streams() iter.Seq[*logstest.Stream] { return slices.Values(s.logs) }
