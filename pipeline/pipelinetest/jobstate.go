package pipelinetest

import (
	"context"
	"errors"
)

// Jobs returns all jobs, in the order in which they were made.
func (s *Server) Jobs() []Job { return nil }

// Job returns the job with the ID, or false if there is none.
func (s *Server) Job(id string) (Job, bool) { return Job{}, false }

// JobCounts returns the number of jobs with each status, without those of
// which there are none.
func (s *Server) JobCounts() map[JobStatus]int { return nil }

// WaitIdle returns when all jobs have ended, or with the error of the context.
// Time makes jobs time out only as calls of the API or [Server.Advance] notice
// it.
func (s *Server) WaitIdle(ctx context.Context) error { return errors.ErrUnsupported }
