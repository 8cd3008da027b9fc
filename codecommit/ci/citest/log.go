package citest

import (
	"iter"
	"strings"

	"github.com/codesuite-go/codesuite/internal/logstest"
)

// openLog makes the log of the build, which is empty.
func (b *build) openLog() {
	_, uuid, _ := strings.Cut(b.id, ":")
	name := uuid
	if b.config.logStream != "" {
		name = b.config.logStream + "/" + uuid
	}
	b.stream = &logstest.Stream{Group: b.config.logGroup, Name: name, Delay: b.outcome.LogDelay}
}

func (s *Server) getLogEvents(in *logstest.GetLogEventsInput) (*logstest.GetLogEventsOutput, error) {
	return logstest.GetLogEvents(in, s.streams(), s.now(), s.pageSize)
}

// streams returns the logs of all builds.
func (s *Server) streams() iter.Seq[*logstest.Stream] {
	return func(yield func(*logstest.Stream) bool) {
		for _, b := range s.builds {
			if b.stream != nil && !yield(b.stream) {
				return
			}
		}
	}
}

// DeleteLog deletes the log of the build, as a retention policy does: GetLogEvents
// fails with ResourceNotFoundException.
func (s *Server) DeleteLog(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b := s.find(id); b != nil && b.stream != nil {
		b.stream.Gone = true
	}
}

// SetLogPage sets the greatest number of events on a page of GetLogEvents, which may
// then be shorter than the limit of the call, as the service's pages may. 0 is 10,000.
func (s *Server) SetLogPage(events int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pageSize = events
}
