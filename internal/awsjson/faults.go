package awsjson

import (
	"context"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Faults are the faults that a call may meet, before its operation runs or after.
type Faults struct {
	Latency       time.Duration                 // before every reply
	Rate          float64                       // calls a second; above it ThrottlingException; 0 is no limit
	ThrottleRate  float64                       // share of calls that fail with ThrottlingException, 0 to 1
	ErrorRate     float64                       // share of calls that fail with InternalFailure
	LateErrorRate float64                       // share of calls that take effect and then fail with InternalFailure
	DropRate      float64                       // share of calls whose connection is closed without a reply
	LateDropRate  float64                       // share of calls that take effect and whose connection is then closed
	TruncateRate  float64                       // share of calls whose connection is closed in the middle of the reply
	Deny          []string                      // operations that fail with AccessDeniedException
	Fail          func(operation string) string // the error code to fail with; "" is none
	Seed          uint64                        // of the random choices
}

// SetFaults replaces the faults; the zero value has none.
func (s *Service) SetFaults(f Faults) {
	f.Deny = slices.Clone(f.Deny)
	s.injector.Store(&injector{
		Faults: f,
		random: rand.New(rand.NewPCG(f.Seed, 0)),
		burst:  max(1, f.Rate/10),
		tokens: max(1, f.Rate/10),
	})
}

type fault int

const (
	faultNone fault = iota
	faultDrop
	faultTruncate
	faultLateError
	faultLateDrop
)

// injector decides the fate of each call.
type injector struct {
	Faults

	mu     sync.Mutex
	random *rand.Rand
	burst  float64
	tokens float64 // left of the rate
	filled time.Time
}

// next waits for the latency and returns the fault of the next call, or the
// error it fails with.
func (i *injector) next(ctx context.Context, service, operation string) (fault, error) {
	fault, err := i.decide(service, operation)
	if i.Latency > 0 {
		timer := time.NewTimer(i.Latency)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return faultDrop, nil // the client has gone, or the server closes
		}
	}
	return fault, err
}

func (i *injector) decide(service, operation string) (fault, error) {
	if i.Fail != nil {
		if code := i.Fail(operation); code != "" {
			return faultNone, Errorf(code, "the test server was told to fail %s", operation)
		}
	}
	if slices.Contains(i.Deny, operation) {
		return faultNone, Errorf("AccessDeniedException", "User: arn:aws:iam::%s:user/test is not authorized to perform: %s:%s "+
			"because no identity-based policy allows the %[2]s:%[3]s action", AccountID, service, operation)
	}
	if i.Rate <= 0 && i.ThrottleRate <= 0 && i.ErrorRate <= 0 && i.DropRate <= 0 && i.TruncateRate <= 0 &&
		i.LateErrorRate <= 0 && i.LateDropRate <= 0 {
		return faultNone, nil
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.Rate > 0 && !i.admit(time.Now()) {
		return faultNone, Errorf("ThrottlingException", "Rate exceeded")
	}
	u := i.random.Float64()
	hit := func(rate float64) bool {
		u -= rate
		return u < 0
	}
	switch {
	case hit(i.ErrorRate):
		return faultNone, errTold()
	case hit(i.DropRate):
		return faultDrop, nil
	case hit(i.TruncateRate):
		return faultTruncate, nil
	case hit(i.LateErrorRate):
		return faultLateError, nil
	case hit(i.LateDropRate):
		return faultLateDrop, nil
	case hit(i.ThrottleRate):
		return faultNone, Errorf("ThrottlingException", "Rate exceeded")
	}
	return faultNone, nil
}

func errTold() error {
	return Errorf("InternalFailure", "the test server was told to fail some calls")
}

// admit takes a token from the bucket, which holds a tenth of a second's.
func (i *injector) admit(now time.Time) bool {
	if !i.filled.IsZero() {
		i.tokens = min(i.burst, i.tokens+now.Sub(i.filled).Seconds()*i.Rate)
	}
	i.filled = now
	if i.tokens < 1 {
		return false
	}
	i.tokens--
	return true
}

// truncatedWriter sends half of a reply's body and closes the connection.
type truncatedWriter struct {
	http.ResponseWriter
	left int64
}

func (w *truncatedWriter) WriteHeader(status int) {
	size, _ := strconv.ParseInt(w.Header().Get("Content-Length"), 10, 64)
	w.left = size / 2
	w.ResponseWriter.WriteHeader(status)
}

func (w *truncatedWriter) Write(p []byte) (int, error) {
	if int64(len(p)) < w.left {
		w.left -= int64(len(p))
		return w.ResponseWriter.Write(p)
	}
	w.ResponseWriter.Write(p[:w.left])
	http.NewResponseController(w.ResponseWriter).Flush()
	panic(http.ErrAbortHandler)
}
