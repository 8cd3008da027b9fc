package customaction_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"
	"github.com/aws/smithy-go"

	"github.com/codesuite-go/codesuite/customaction"
	"github.com/codesuite-go/codesuite/internal/awsjson"
	"github.com/codesuite-go/codesuite/pipeline/action"
)

func errorCode(err error) string {
	var apiErr smithy.APIError
	if errors.As(err, &apiErr) {
		return apiErr.ErrorCode()
	}
	return ""
}

// lifeline is an HTTP client that can be cut off. It takes note of the jobs
// that it was used to acknowledge.
type lifeline struct {
	aws.HTTPClient
	ctx  context.Context
	cut  context.CancelFunc
	acks sync.Map // IDs
}

// acknowledged reports whether a call to acknowledge the job was sent.
func (l *lifeline) acknowledged(id string) bool {
	_, ok := l.acks.Load(id)
	return ok
}

func newLifeline() *lifeline {
	l := &lifeline{HTTPClient: awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		t.MaxIdleConnsPerHost = 64
	})}
	l.ctx, l.cut = context.WithCancel(context.Background())
	return l
}

func (l *lifeline) Do(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(r.Context())
	if l.ctx.Err() != nil {
		cancel(nil)
		return nil, errors.New("the process was killed")
	}
	context.AfterFunc(l.ctx, func() { cancel(errors.New("the process was killed")) })
	if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".AcknowledgeJob") {
		var in struct{ JobID string }
		body, err := io.ReadAll(r.Body)
		if err == nil {
			err = json.Unmarshal(body, &in)
		}
		if err != nil {
			return nil, err
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		l.acks.Store(in.JobID, true)
	}
	return l.HTTPClient.Do(r.WithContext(ctx))
}

// TestChaos lets three workers run jobs against a service that throttles,
// fails after calls took effect, drops connections and delivers jobs twice;
// one worker is killed on the way and one is stopped. CODESUITE_CHAOS_JOBS is
// the number of jobs, instead of 400.
func TestChaos(t *testing.T) {
	t.Parallel()
	jobs := 400
	if s := os.Getenv("CODESUITE_CHAOS_JOBS"); s != "" {
		var err error
		if jobs, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	for _, repeats := range []bool{true, false} {
		t.Run(fmt.Sprintf("repeats=%t", repeats), func(t *testing.T) {
			t.Parallel()
			chaos(t, jobs, repeats)
		})
	}
}

func chaos(t *testing.T, jobs int, repeats bool) {
	random := rand.New(rand.NewPCG(uint64(jobs), 1)) // guarded by s.mu
	s := &service{repeats: repeats, reoffer: 100 * time.Millisecond, again: func() bool { return random.Float64() < 0.02 }}
	s.add(jobs)
	wire, cfg := s.serve(t)
	wire.SetFaults(awsjson.Faults{ThrottleRate: 0.1, LateErrorRate: 0.05, DropRate: 0.01, LateDropRate: 0.01, Seed: uint64(jobs)})

	var ran sync.Map // how often, by job
	var ended, runs, twice atomic.Int64
	var puts, acks, doubts atomic.Int64
	enough := make(chan struct{})
	worker := func(name string, line *lifeline) *customaction.Worker {
		cfg := cfg.Copy()
		cfg.HTTPClient = line
		return customaction.Open(cfg, customaction.ActionType{Category: "Build", Provider: "Make", Version: "1"},
			action.HandlerFunc(func(_ context.Context, j *action.Job) (*action.Result, error) {
				run := fmt.Sprintf("%s-%d", name, runs.Add(1)) // no two runs report the same
				if _, again := ran.LoadOrStore(j.ID(), run); again {
					twice.Add(1)
				}
				if ended.Add(1) == int64(jobs)/2 {
					close(enough)
				}
				time.Sleep(time.Duration(len(run)) * time.Millisecond)
				switch n := len(j.ID()) + int(j.ID()[len(j.ID())-1]); {
				case n%10 == 0:
					return nil, errors.New(run)
				case n%10 == 1 && j.ContinuationToken() == "":
					return &action.Result{Summary: run, ContinuationToken: "more"}, nil
				case n%10 == 2 && j.ContinuationToken() == "":
					panic(run)
				default:
					return &action.Result{Summary: run}, nil
				}
			}),
			func(o *customaction.Options) {
				o.Concurrency = 16
				o.MinWait, o.MaxWait = 10*time.Millisecond, 100*time.Millisecond
				o.GracePeriod, o.ReportTimeout = time.Minute, time.Minute
				if name == "killed" { // its rest, unlike that of a process, has to be cleared away
					o.GracePeriod, o.ReportTimeout = -1, time.Millisecond
				}
				o.OnEvent = func(e customaction.Event) {
					switch e.Type {
					case customaction.PutFailed:
						puts.Add(1)
					case customaction.AckFailed:
						acks.Add(1)
					case customaction.Dropped:
						doubts.Add(1)
					}
				}
			})
	}

	begin := time.Now()
	lines := []*lifeline{newLifeline(), newLifeline(), newLifeline()}
	done := make([]chan error, 3)
	stop := make([]context.CancelFunc, 3)
	for i, line := range lines {
		var ctx context.Context
		ctx, stop[i] = context.WithCancel(t.Context())
		defer stop[i]()
		done[i] = make(chan error, 1)
		w := worker([]string{"killed", "stopped", "last"}[i], line)
		go func() { done[i] <- w.Run(ctx) }()
	}

	<-enough
	lines[0].cut() // as if its process were gone: it calls no more
	stop[1]()
	if err := <-done[1]; err != nil {
		t.Errorf("the worker that was stopped: %v", err)
	}

	// What is left is the last worker's, but for the jobs of the killed one,
	// which nobody else can have.
	for last := -1; ; {
		time.Sleep(time.Second)
		left := 0
		for _, j := range s.all() {
			if j.status != types.JobStatusSucceeded && j.status != types.JobStatusFailed {
				left++
			}
		}
		if left <= 16 && left == last {
			break
		}
		last = left
		if time.Since(begin) > 10*time.Minute {
			t.Fatalf("%d jobs are left", left)
		}
	}
	took := time.Since(begin)
	stop[2]()
	if err := <-done[2]; err != nil {
		t.Errorf("the last worker: %v", err)
	}

	forgotten, moot := 0, 0
	for _, j := range s.all() {
		run, _ := ran.Load(j.id)
		name, _, _ := strings.Cut(fmt.Sprint(run), "-")
		switch {
		case j.status == types.JobStatusInProgress && (name == "killed" || run == nil && lines[0].acknowledged(j.id)):
			forgotten++
			continue
		case j.status != types.JobStatusSucceeded && j.status != types.JobStatusFailed:
			t.Errorf("%s is %s, last run by %v", j.id, j.status, run)
			continue
		}
		moot += len(j.results) - 1
		for _, r := range j.results {
			if r != j.result && repeats {
				t.Errorf("%s was reported as %q and as %q", j.id, j.result, r)
			}
		}
	}
	if forgotten > 16 {
		t.Errorf("%d jobs of the killed worker are left, more than it ran at once", forgotten)
	}
	// Without repetitions a worker cannot always know whose a job is: where in
	// the same moment a reply was lost and the job was delivered twice.
	if n := twice.Load(); n > 0 && (repeats || n > int64(jobs)/100+2) {
		t.Errorf("%d jobs ran twice", n)
	}
	calls := wire.Calls()
	t.Logf("%d jobs with continuations, %d runs, in %s; calls %v; %d acknowledgements and %d results failed at first, %d offers were dropped; "+
		"%d results were put more than once, %d jobs ran twice, %d jobs are the killed worker's",
		len(s.all()), runs.Load(), took.Round(time.Millisecond), calls, acks.Load(), puts.Load(), doubts.Load(), moot, twice.Load(), forgotten)

	stop[0]()
	<-done[0]
}
