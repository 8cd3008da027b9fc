package citest

import (
	"strings"
	"time"
)

// stream is the log of one build.
type stream struct {
	group, name string
	delay       time.Duration
	lines       []logLine
	gone        bool
}

type logLine struct {
	at      time.Time
	message string
}

// openLog makes the log of the build, which is empty.
func (b *build) openLog() {
	_, uuid, _ := strings.Cut(b.id, ":")
	name := uuid
	if b.config.logStream != "" {
		name = b.config.logStream + "/" + uuid
	}
	b.stream = &stream{group: b.config.logGroup, name: name, delay: b.outcome.LogDelay}
}

// write adds the lines in the course of a while that begins at a time.
func (l *stream) write(lines []string, at time.Time, during time.Duration) {
	for i, line := range lines {
		// CodeBuild ends each event with the line's end.
		l.lines = append(l.lines, logLine{at.Add(during * time.Duration(i) / time.Duration(len(lines))), line + "\n"})
	}
}

// cut takes away the lines after the time, which the build did not write any more.
func (l *stream) cut(at time.Time) {
	for i, line := range l.lines {
		if line.at.After(at) {
			l.lines = l.lines[:i]
			return
		}
	}
}

// shown returns the lines that are there at the time.
func (l *stream) shown(now time.Time) []logLine {
	for i, line := range l.lines {
		if line.at.Add(l.delay).After(now) {
			return l.lines[:i]
		}
	}
	return l.lines
}

// DeleteLog deletes the log of the build, as a retention policy does: GetLogEvents
// fails with ResourceNotFoundException.
func (s *Server) DeleteLog(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b := s.find(id); b != nil && b.stream != nil {
		b.stream.gone = true
	}
}

// SetLogPage sets the greatest number of events on a page of GetLogEvents, which may
// then be shorter than the limit of the call, as the service's pages may. 0 is 10,000.
func (s *Server) SetLogPage(events int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pageSize = events
}
