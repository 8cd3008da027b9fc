package citest

import (
	"slices"
	"time"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

// Faults make calls go wrong. The zero value has no faults: the server answers
// every call at once and as the service would.
//
// Shares go from 0 to 1. The random choices follow from Seed and the order in which
// calls arrive: every run has as many failures among as many calls, but not always
// of the same calls if several are in flight. Fail is called from many goroutines
// at once.
type Faults struct {
	Latency time.Duration // before every reply, also those of errors

	// Rate is the number of calls a second, in bursts of a tenth of it, above
	// which they fail with ThrottlingException; 0 is no limit.
	Rate float64
	// ThrottleRate is the share of calls that fail with ThrottlingException,
	// whatever the rate.
	ThrottleRate float64
	// ErrorRate is the share of calls that fail with InternalFailure and the
	// HTTP status 500, which the SDK's client retries.
	ErrorRate float64
	// LateErrorRate is the share of calls that take effect and then fail with
	// InternalFailure and the HTTP status 500.
	LateErrorRate float64
	// DropRate is the share of calls whose connection is closed without a
	// reply, which the SDK's client retries.
	DropRate float64
	// LateDropRate is the share of calls that take effect and whose connection
	// is then closed without a reply.
	LateDropRate float64
	// TruncateRate is the share of calls whose connection is closed in the
	// middle of the reply, which the SDK's client does not retry: it fails with
	// an error that wraps io.ErrUnexpectedEOF.
	TruncateRate float64
	// Seed seeds the random choices.
	Seed uint64

	// Deny names operations that fail with AccessDeniedException. Without
	// RetryBuild there are no automatic retries either: CodeBuild calls it as the
	// service role of the project.
	Deny []string
	// Fail returns the error code that a call of the operation fails with,
	// such as "ThrottlingException"; "" is none.
	Fail func(operation string) string
}

// SetFaults replaces all faults. Calls that wait for their latency go on to
// wait.
func (s *Server) SetFaults(f Faults) {
	faults := awsjson.Faults{
		Latency:       f.Latency,
		Rate:          f.Rate,
		ThrottleRate:  f.ThrottleRate,
		ErrorRate:     f.ErrorRate,
		LateErrorRate: f.LateErrorRate,
		DropRate:      f.DropRate,
		LateDropRate:  f.LateDropRate,
		TruncateRate:  f.TruncateRate,
		Deny:          f.Deny,
		Fail:          f.Fail,
		Seed:          f.Seed,
	}
	s.mu.Lock()
	s.retriesDenied = slices.Contains(f.Deny, "RetryBuild")
	s.mu.Unlock()
	s.service.SetFaults(faults)
	s.logService.SetFaults(faults)
}
