package pipelinetest

import "context"

// Jobs returns all jobs, in the order in which they were made, with everything that
// happened to each and who did it, also the calls that were refused.
func (s *Server) Jobs() []Job {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]Job, len(s.jobs.all))
	for i, j := range s.jobs.all {
		list[i] = j.view()
	}
	return list
}

// Job returns the job with the ID, or false if there is none.
func (s *Server) Job(id string) (Job, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	j := s.jobs.byID[id]
	if j == nil {
		return Job{}, false
	}
	return j.view(), true
}

// JobCounts returns the number of jobs with each status, without those of
// which there are none.
func (s *Server) JobCounts() map[JobStatus]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	counts := make(map[JobStatus]int)
	for _, j := range s.jobs.all {
		counts[j.Status]++
	}
	return counts
}

// WaitIdle returns when no job is there that has not ended, or with the error
// of the context. Time makes jobs end only as calls of the API and
// [Server.Advance] notice it, so that somebody else has to make some.
func (s *Server) WaitIdle(ctx context.Context) error {
	for {
		s.mu.Lock()
		if s.jobs.open == 0 {
			s.mu.Unlock()
			return nil
		}
		if s.jobs.idle == nil {
			s.jobs.idle = make(chan struct{})
		}
		idle := s.jobs.idle
		s.mu.Unlock()
		select {
		case <-idle:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
