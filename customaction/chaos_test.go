package customaction_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"

	"github.com/codesuite-go/codesuite/customaction"
	"github.com/codesuite-go/codesuite/pipeline/action"
	"github.com/codesuite-go/codesuite/pipeline/actiontype"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

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
	for _, owner := range []string{actiontype.OwnerCustom, actiontype.OwnerThirdParty} {
		for _, once := range []bool{false, true} { // whether a nonce is accepted once only
			if owner == actiontype.OwnerThirdParty && !once {
				continue // nonces of third-party jobs always are
			}
			t.Run(fmt.Sprintf("%s,once=%t", owner, once), func(t *testing.T) {
				t.Parallel()
				newChaos(t, jobs, owner, once).run()
			})
		}
	}
}

// lifeline is an HTTP client that can be cut off.
type lifeline struct {
	aws.HTTPClient
	ctx context.Context
	cut context.CancelFunc
}

var errKilled = errors.New("the process was killed")

func newLifeline() *lifeline {
	l := &lifeline{HTTPClient: awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		t.MaxIdleConnsPerHost = 64
	})}
	l.ctx, l.cut = context.WithCancel(context.Background())
	return l
}

func (l *lifeline) Do(r *http.Request) (*http.Response, error) {
	if l.ctx.Err() != nil {
		return nil, errKilled
	}
	ctx, cancel := context.WithCancelCause(r.Context())
	context.AfterFunc(l.ctx, func() { cancel(errKilled) })
	return l.HTTPClient.Do(r.WithContext(ctx))
}

type chaos struct {
	t      *testing.T
	jobs   int
	owner  string
	once   bool
	server *pipelinetest.Server

	runs, twice atomic.Int64
	ran         sync.Map      // the first run of each job
	ranTwice    sync.Map      // the jobs that ran more than once
	half        chan struct{} // closed when half of the jobs ran

	ackFailures, putFailures, dropped atomic.Int64
}

const slots = 16

func newChaos(t *testing.T, jobs int, owner string, once bool) *chaos {
	c := &chaos{t: t, jobs: jobs, owner: owner, once: once, server: pipelinetest.NewServer(t), half: make(chan struct{})}
	c.server.SetJobOptions(pipelinetest.JobOptions{
		ReofferAfter: 200 * time.Millisecond, AcknowledgeOnce: once, DuplicateRate: 0.05, Seed: uint64(jobs),
	})
	for range jobs {
		if _, err := c.server.AddJob(pipelinetest.JobSpec{Type: pipelinetest.ActionType{Category: "Build", Owner: owner, Provider: "Make", Version: "1"}}); err != nil {
			t.Fatal(err)
		}
	}
	c.server.SetFaults(pipelinetest.Faults{
		ThrottleRate: 0.1, LateErrorRate: 0.05, DropRate: 0.01, LateDropRate: 0.01, Seed: uint64(jobs),
	})
	return c
}

// handle reports what no other run does, in one of several ways.
func (c *chaos) handle(name string, job *action.Job) (*action.Result, error) {
	n := c.runs.Add(1)
	run := fmt.Sprintf("%s-%d", name, n)
	if n == int64(c.jobs)/2 {
		close(c.half)
	}
	if _, again := c.ran.LoadOrStore(job.ID(), run); again {
		c.twice.Add(1)
		c.ranTwice.Store(job.ID(), true)
	}
	time.Sleep(5 * time.Millisecond)
	switch {
	case n%10 == 0:
		return nil, errors.New(run)
	case n%10 == 1 && job.ContinuationToken() == "":
		return &action.Result{Summary: run, ContinuationToken: "more"}, nil
	case n%50 == 2:
		panic(run)
	}
	return &action.Result{Summary: run}, nil
}

// worker is a worker that runs, with the name in its user agent.
type worker struct {
	name string
	line *lifeline
	stop context.CancelFunc
	done chan error
}

func (c *chaos) start(name string) *worker {
	w := &worker{name: name, line: newLifeline(), done: make(chan error, 1)}
	cfg := c.server.Config()
	cfg.HTTPClient, cfg.AppID = w.line, name
	var ctx context.Context
	ctx, w.stop = context.WithCancel(c.t.Context())
	c.t.Cleanup(w.stop)
	handler := action.HandlerFunc(func(_ context.Context, job *action.Job) (*action.Result, error) { return c.handle(name, job) })
	customWorker := customaction.Open(cfg, actiontype.Type{Category: "Build", Owner: c.owner, Provider: "Make", Version: "1"}, handler,
		func(o *customaction.Options) {
			o.Concurrency = slots
			if c.owner == actiontype.OwnerThirdParty {
				o.ClientToken = func(context.Context, string) (string, error) { return pipelinetest.DefaultClientToken, nil }
			}
			o.MinWait, o.MaxWait = 10*time.Millisecond, 100*time.Millisecond
			o.GracePeriod, o.ReportTimeout = time.Minute, time.Minute
			if name == "killed" { // what is left of it, unlike of a process, has to be cleared away
				o.GracePeriod, o.ReportTimeout = -1, time.Millisecond
			}
			o.OnEvent = func(e customaction.Event) {
				switch e.Type {
				case customaction.EventPutFailed:
					c.putFailures.Add(1)
				case customaction.EventAckFailed:
					c.ackFailures.Add(1)
				case customaction.EventDropped:
					c.dropped.Add(1)
				}
			}
		})
	go func() { w.done <- customWorker.Run(ctx) }()
	return w
}

func (c *chaos) run() {
	begin := time.Now()
	killed, stopped, last := c.start("killed"), c.start("stopped"), c.start("last")
	<-c.half
	killed.line.cut()
	stopped.stop()
	if err := <-stopped.done; err != nil {
		c.t.Errorf("the worker that was stopped: %v", err)
	}
	c.settle()
	took := time.Since(begin)
	last.stop()
	if err := <-last.done; err != nil {
		c.t.Errorf("the last worker: %v", err)
	}
	killed.stop()
	<-killed.done
	c.check(took)
}

// settle waits until nothing changes any more: what then is left is not the
// last worker's. It is the longer if more is left than the killed worker's: a
// result may be about to be put again, and be followed by another job.
func (c *chaos) settle() {
	for same, before := 0, -1; same < 3 || same < 20 && c.waiting(); same++ {
		time.Sleep(500 * time.Millisecond)
		left := 0
		for status, n := range c.server.JobCounts() {
			if !status.Ended() {
				left += n
			}
		}
		if left != before {
			same = 0
		}
		before = left
	}
}

// waiting reports whether a job is left that is not the killed worker's.
func (c *chaos) waiting() bool {
	return slices.ContainsFunc(c.server.Jobs(), func(j pipelinetest.Job) bool { return !j.Status.Ended() && !ofKilled(j) })
}

// ofKilled reports whether nobody but the killed worker can have the job.
func ofKilled(j pipelinetest.Job) bool {
	return j.Status == pipelinetest.JobStatusInProgress && strings.Contains(owner(j), "app/killed")
}

// owner returns the user agent that acknowledged the job last.
func owner(j pipelinetest.Job) string {
	owner := ""
	for _, e := range j.History {
		if e.Type == pipelinetest.JobEventAcknowledged && e.Code == "" {
			owner = e.Caller.UserAgent
		}
	}
	return owner
}

// said is what a result tells of the run that it is of.
func said(r *pipelinetest.JobResult) string {
	if r == nil {
		return "nothing"
	}
	return fmt.Sprint(r.Succeeded, r.Summary, r.Message, r.FailureType, r.ContinuationToken)
}

// check looks at what became of each job.
func (c *chaos) check(took time.Duration) {
	t := c.t
	all := c.server.Jobs()
	left, puts := 0, 0
	for _, j := range all {
		var accepted []string
		for _, e := range j.History {
			if e.Type == pipelinetest.JobEventReported {
				puts++
				if e.Code == "" {
					accepted = append(accepted, said(e.Result))
				}
			}
		}
		if !j.Status.Ended() {
			if ofKilled(j) {
				left++
				continue
			}
			run, _ := c.ran.Load(j.ID)
			t.Errorf("job %s is %s, acknowledged by %q, run by %v: %+v", j.ID, j.Status, owner(j), run, j.History)
			continue
		}
		if len(accepted) != 1 || said(j.Result) != accepted[0] {
			t.Errorf("job %s ended with the results %q", j.ID, accepted)
			continue
		}
		if _, twice := c.ranTwice.Load(j.ID); twice {
			continue // see below
		}
		for _, e := range j.History {
			if e.Type == pipelinetest.JobEventReported && said(e.Result) != accepted[0] {
				t.Errorf("job %s was reported as %s and as %s", j.ID, accepted[0], said(e.Result))
			}
		}
	}
	if left > slots {
		t.Errorf("%d jobs of the killed worker are left, more than it ran at once", left)
	}
	// A worker cannot know whose a job is if, in the same moment, its reply is
	// lost and another worker gets the job.
	if n := c.twice.Load(); n > int64(c.jobs)/100+2 {
		t.Errorf("%d jobs ran twice", n)
	}
	t.Logf("%d jobs with continuations, %d runs, in %s; calls %v; %d calls to acknowledge and %d to report failed, %d polled jobs were dropped; "+
		"%d results were put for %d jobs, %d jobs ran twice, %d jobs are the killed worker's", len(all), c.runs.Load(), took.Round(time.Millisecond),
		c.server.Calls(), c.ackFailures.Load(), c.putFailures.Load(), c.dropped.Load(), puts, len(all), c.twice.Load(), left)
}
