package pipelinetest

import (
	"cmp"
	"math/rand/v2"
	"time"
)

// JobOptions say how jobs behave where the service's documentation leaves it
// open, and what goes wrong with them. The zero value is the documented
// default.
type JobOptions struct {
	// ReofferAfter is the time after which a job that was not acknowledged is
	// offered again; the default is a minute. With each offer a job has a new
	// nonce, and only the newest is good.
	ReofferAfter time.Duration
	// SameNonce lets a job keep its nonce when it is offered again. As several
	// workers then know it, it is accepted once only, as with AcknowledgeOnce.
	SameNonce bool
	// AcknowledgeOnce refuses the nonce that was accepted when it comes again,
	// with InvalidNonceException, so that a worker that has lost the reply does
	// not know whether it has the job. By default the same nonce gets the same
	// answer, except for third-party jobs: as GetThirdPartyJobDetails tells
	// their nonce to all workers, it is accepted once only.
	AcknowledgeOnce bool
	// DuplicateRate is the share of offers, 0 to 1, that are repeated by the
	// next poll, even if the job has been acknowledged by then, and the share
	// of invocations of functions that come twice.
	DuplicateRate float64
	// Seed is that of what is random.
	Seed uint64

	// ContinuationDelay is the time from a result with a continuation token
	// until the next job is offered or its function invoked; the default is
	// none.
	ContinuationDelay time.Duration
	// Timeout is that of an action, from its start over all its jobs; the
	// default is 24 hours.
	Timeout time.Duration
	// ReplyTimeout is that of each job of a Lambda invoke action; the default
	// is 20 minutes.
	ReplyTimeout time.Duration
	// CredentialsLifetime is how long artifact credentials are good; the default
	// is an hour.
	CredentialsLifetime time.Duration

	// ForgetEnded lets GetJobDetails and GetThirdPartyJobDetails fail with
	// JobNotFoundException for a job that has ended. By default they tell of
	// it, but without credentials.
	ForgetEnded bool
}

// SetJobOptions changes how jobs behave from now on. Times that are running are
// not changed.
func (s *Server) SetJobOptions(o JobOptions) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.jobs.options = o.withDefaults()
	s.jobs.random = rand.New(rand.NewPCG(o.Seed, 0))
}

func (o JobOptions) withDefaults() JobOptions {
	o.ReofferAfter = cmp.Or(o.ReofferAfter, time.Minute)
	o.AcknowledgeOnce = o.AcknowledgeOnce || o.SameNonce
	o.Timeout = cmp.Or(o.Timeout, 24*time.Hour)
	o.ReplyTimeout = cmp.Or(o.ReplyTimeout, 20*time.Minute)
	o.CredentialsLifetime = cmp.Or(o.CredentialsLifetime, time.Hour)
	return o
}
