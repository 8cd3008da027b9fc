package codecommittest

import (
	"slices"
	"time"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

// Faults are the faults that calls meet. The zero value has none: the server
// answers every call at once, as the service would.
//
// Shares go from 0 to 1. Random choices follow from Seed and the order in which
// calls arrive: the same number of calls fails in every run, but with several in
// flight not always the same ones. The functions are called from many goroutines
// at once.
type Faults struct {
	Latency time.Duration // before every reply, also before an error

	// Rate is the number of calls a second, in bursts of a tenth of it, above
	// which they fail with ThrottlingException; 0 is no limit.
	Rate float64
	// ErrorRate is the share of calls that fail with InternalFailure and the
	// HTTP status 500, which the SDK's client retries.
	ErrorRate float64
	// DropRate is the share of calls whose connection is closed without a
	// reply, which the SDK's client retries.
	DropRate float64
	// TruncateRate is the share of calls whose connection is closed in the
	// middle of the reply, which the SDK's client does not retry: it fails with
	// an error that wraps io.ErrUnexpectedEOF.
	TruncateRate float64
	// Seed seeds the random choices.
	Seed uint64

	// Deny names operations that fail with AccessDeniedException.
	Deny []string
	// Fail returns the error code that a call of the operation fails with,
	// such as "EncryptionKeyDisabledException"; "" is none.
	Fail func(operation string) string

	// CorruptBlobs reports whether the content of the blob is delivered with
	// a flipped bit, or with a byte too much if it is empty.
	CorruptBlobs func(id string) bool
	// SlowBlobs returns how much longer than Latency a GetBlob takes.
	SlowBlobs func(id string) time.Duration
	// SlowPages is how much longer than Latency a GetDifferences takes.
	SlowPages time.Duration

	// PageSize is the number of entries in a page. It limits what a call asks
	// for. The default is the number that the call asks for, or that of the
	// operation: 1,000 for ListBranches and ListRepositories, 100 for most
	// others.
	PageSize int
	// TruncateListing ends every list of GetDifferences after so many
	// entries, as if there were no more; 0 does not.
	TruncateListing int
	// ShuffleListing lets GetDifferences list in an order that follows from
	// Seed alone, instead of by path.
	ShuffleListing bool
	// OmitSubmodules leaves submodules out of GetDifferences.
	OmitSubmodules bool
	// CanonicalModes lets GetDifferences return 100644 where the tree has a
	// historic mode such as 100664.
	CanonicalModes bool
	// RelativePaths lets GetDifferences return paths relative to beforePath and
	// afterPath.
	RelativePaths bool

	// MissingCommit is the error code for every commit, branch or tag that
	// does not exist or is not well-formed, in all operations but GetBranch.
	// The service does not document which it uses when. [Server] names the
	// default.
	MissingCommit string

	// ForgetTokens lets the client request tokens of earlier calls count no more,
	// as if they had expired.
	ForgetTokens bool

	// FailTriggers returns why TestRepositoryTriggers fails to run the trigger
	// with the name; "" is success.
	FailTriggers func(name string) string
}

// SetFaults replaces all faults. Calls that wait for their latency go on to
// wait.
func (s *Server) SetFaults(f Faults) {
	f.Deny = slices.Clone(f.Deny)
	s.faults.Store(&f)
	s.service.SetFaults(awsjson.Faults{
		Latency:      f.Latency,
		Rate:         f.Rate,
		ErrorRate:    f.ErrorRate,
		DropRate:     f.DropRate,
		TruncateRate: f.TruncateRate,
		Deny:         f.Deny,
		Fail:         f.Fail,
		Seed:         f.Seed,
	})
}
