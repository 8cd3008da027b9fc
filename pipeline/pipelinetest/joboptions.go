package pipelinetest

import (
	"cmp"
	"math/rand/v2"
	"time"
)

// JobOptions change the behaviour of jobs where AWS's documentation leaves a
// choice, and make things go wrong. The zero value has these choices:
//
//   - The next poll after a minute offers a job again that nobody acknowledged,
//     behind the jobs that wait, with a new nonce. Only the newest nonce is good.
//   - The server accepts a nonce again that it has accepted, and answers with the
//     job's status at that time. Any other nonce of an acknowledged job is an
//     InvalidNonceException, also after the job has ended.
//   - A result is an InvalidJobStateException if the job was not acknowledged, has a
//     result, or belongs to an action that timed out, was abandoned or was ended by
//     [Server.Finish]. The API shows an abandoned job as Failed.
//   - The job that continues another one can be polled at once. It belongs to the
//     same action execution.
//   - Artifact credentials last an hour. A job without artifacts has none, unless
//     it is the job of a function. The details of a job that has ended have none.
//   - A poll without maxBatchSize returns one job. A poll without queryParam returns
//     jobs with any value of the queryable property.
//   - An action fails with JobFailed after 24 hours, or after 20 minutes without a
//     reply of its function.
//   - A third-party job of a pipeline belongs to the client DefaultClientID.
//     GetThirdPartyJobDetails is an InvalidJobException for jobs of other owners;
//     all other calls do not find the jobs of the other kind.
//   - DeleteCustomActionType is a ValidationException for a type that does not
//     exist. CreateCustomActionType is an ActionTypeAlreadyExistsException for a
//     type that was deleted with another definition, whatever its tags. There are
//     no custom action types of the categories Approval and Compute.
type JobOptions struct {
	// ReofferAfter is how long a job waits for an acknowledgement before a poll
	// offers it again. The default is a minute.
	ReofferAfter time.Duration
	// SameNonce offers a job again with the same nonce. Several workers then know
	// the nonce, and the server accepts it only once, as with AcknowledgeOnce.
	SameNonce bool
	// AcknowledgeOnce refuses a nonce that was accepted before, with
	// InvalidNonceException: a worker that has lost the reply then does not know
	// whether it has the job. The nonces of third-party jobs are always accepted
	// only once, because GetThirdPartyJobDetails shows them to all workers.
	AcknowledgeOnce bool
	// DuplicateRate is the share of offers, 0 to 1, that the next poll repeats,
	// even if the job has been acknowledged by then, and the share of invocations
	// of functions that come twice.
	DuplicateRate float64
	// Seed seeds the random choices.
	Seed uint64

	// ContinuationDelay is the time from a result with a continuation token to the
	// offer of the next job or the invocation of its function. The default is
	// none.
	ContinuationDelay time.Duration
	// Timeout is how long an action may take, from its start over all its jobs.
	// The default is 24 hours.
	Timeout time.Duration
	// ReplyTimeout is how long each job of a Lambda invoke action may take. The
	// default is 20 minutes.
	ReplyTimeout time.Duration
	// CredentialsLifetime is how long artifact credentials are good. The default
	// is an hour.
	CredentialsLifetime time.Duration

	// ForgetEnded makes GetJobDetails and GetThirdPartyJobDetails fail with
	// JobNotFoundException for a job that has ended.
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
