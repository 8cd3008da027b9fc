package customaction

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"

	"github.com/codesuite-go/codesuite/internal/sdkhttp"
	"github.com/codesuite-go/codesuite/pipeline/action"
	"github.com/codesuite-go/codesuite/pipeline/actiontype"
)

// Worker polls for the jobs of an action type and runs them. It is safe for
// concurrent use, but runs once at a time; see [Worker.Run].
type Worker struct {
	service    service
	actionType actiontype.Type
	handler    action.Handler
	options    Options
	s3         func(*action.JobOptions) // of Open; may be nil
	err        error                    // why it cannot run

	running atomic.Bool
	wake    chan struct{} // of Notify
	repeats atomic.Int32  // how a repeated acknowledgement is answered

	mu   sync.Mutex
	held map[string]*held // by the job's ID
}

// held is a job that the worker has, from the poll to the report.
type held struct {
	offer *offer

	// Guarded by Worker.mu.
	newer     *offer                  // of the same job, that came while this one was acknowledged
	prepared  bool                    // the offer is complete, and changed no more
	doubtful  bool                    // the job runs, but may not be acknowledged
	abandoned bool                    // before the handler ran
	cancel    context.CancelCauseFunc // ends the handler's context; nil while there is none
}

// maxIdleConns is how many connections [Open] keeps between calls.
const maxIdleConns = 128

// Open returns a worker for the action type in the account and Region of cfg,
// whose jobs read and write their artifacts in S3 with the configuration of
// cfg and the job's own credentials. It calls nothing.
func Open(cfg aws.Config, actionType actiontype.Type, h action.Handler, optFns ...func(*Options)) *Worker {
	cfg = sdkhttp.KeepIdle(cfg, maxIdleConns)
	w := New(awscodepipeline.NewFromConfig(cfg), actionType, h, optFns...)
	s3 := action.S3(cfg) // once, so that jobs share connections
	w.s3 = func(o *action.JobOptions) { o.S3 = s3 }
	return w
}

// New returns a worker for the action type. It calls nothing. What is
// wrong with its arguments is the error of [Worker.Run].
//
// The action type's owner is Custom or ThirdParty; the jobs of AWS's own
// actions are not for job workers. For ThirdParty, api has to be a
// [ThirdPartyAPI] too. Without [Options].Job jobs have no S3 client: either
// set it there, or use [Open].
func New(api API, actionType actiontype.Type, h action.Handler, optFns ...func(*Options)) *Worker {
	actionType.Owner = cmp.Or(actionType.Owner, actiontype.OwnerCustom)
	w := &Worker{
		actionType: actionType,
		handler:    h,
		wake:       make(chan struct{}, 1),
		held:       make(map[string]*held),
	}
	for _, fn := range optFns {
		fn(&w.options)
	}
	w.options = w.options.withDefaults()

	errs := w.options.check(actionType.Owner)
	if err := actionType.ValidateID(); err != nil {
		errs = append(errs, err)
	}
	switch actionType.Owner {
	case actiontype.OwnerCustom:
		w.service = &customJobs{api: api, actionType: actionType, query: w.options.QueryParam}
	case actiontype.OwnerThirdParty:
		thirdParty, ok := api.(ThirdPartyAPI)
		if !ok && api != nil {
			errs = append(errs, fmt.Errorf("the API %T does not have the operations of third-party jobs", api))
		}
		w.service = &thirdPartyJobs{api: thirdParty, actionType: actionType, clientToken: w.options.ClientToken}
	default:
		errs = append(errs, fmt.Errorf("owner %q: there are jobs for workers of the owners %s and %s alone", actionType.Owner, actiontype.OwnerCustom, actiontype.OwnerThirdParty))
	}
	if api == nil {
		errs = append(errs, errors.New("there is no API"))
	}
	if h == nil {
		errs = append(errs, errors.New("there is no handler"))
	}
	if len(errs) > 0 {
		w.err = fmt.Errorf("customaction: worker for action type %s: %w", actionType, errors.Join(errs...))
	}
	return w
}

// Notify makes an idle worker poll at once, because jobs are there; but at most
// 10 times a second, and not while calls are throttled or fail. It never blocks.
func (w *Worker) Notify() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// Run polls for jobs and runs them until ctx ends, and then returns nil once
// the results of all jobs are reported:
//
//   - It stops to poll at once. Jobs that are not acknowledged are left to
//     other workers.
//   - The jobs that it has go on for [Options].GracePeriod, their contexts do
//     not end with ctx.
//   - Then their contexts end with [ErrStopped]. What their handlers return is
//     reported, and a handler that does not return within half of
//     [Options].ReportTimeout is given up: its job is reported as failed, and
//     what it returns later is not. Its goroutine goes on.
//   - After the whole of ReportTimeout it returns, with an [*UnreportedError]
//     if there are results that CodePipeline did not take.
//
// Before ctx ends Run returns with an error if it was made of wrong arguments,
// if it runs already ([ErrRunning]), if a poll is not valid, or if CodePipeline
// refuses its calls for longer than [Options].Patience; jobs that it has end as
// above. Everything else, such as throttling or a service that cannot be
// reached, is waited out.
//
// Another Worker, here or elsewhere, can run at the same time. The same Worker
// can run again after Run has returned.
func (w *Worker) Run(ctx context.Context) error {
	if w.err != nil {
		return w.err
	}
	if !w.running.CompareAndSwap(false, true) {
		return ErrRunning
	}
	defer w.running.Store(false)

	r := newRun(ctx, w)
	defer r.close()
	w.options.Logger.InfoContext(ctx, "customaction: worker started", "type", w.actionType.String(), "concurrency", w.options.Concurrency)
	r.loop()
	err := r.refusal() // nil if ctx ended
	r.drain()
	err = errors.Join(err, r.unreportedError())
	w.options.Logger.InfoContext(ctx, "customaction: worker stopped", "type", w.actionType.String())
	return err
}

// hold takes a job. If the worker has it already, the offer is kept for
// renewed: the nonce of the one before may not be valid any more.
func (w *Worker) hold(o *offer) (h *held, taken bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if h, ok := w.held[o.id]; ok {
		h.newer = o
		return h, false
	}
	h = &held{offer: o}
	w.held[o.id] = h
	return h, true
}

// renewed returns an offer of the same job that came meanwhile, once.
func (w *Worker) renewed(h *held) *offer {
	w.mu.Lock()
	defer w.mu.Unlock()
	o := h.newer
	h.newer = nil
	return o
}

// letGo lets go of a job. If that is because the worker did not get it, and it
// was offered again meanwhile, letGo returns the job as it is offered now.
func (w *Worker) letGo(h *held, served bool) (again *held) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.held, h.offer.id)
	if served || h.newer == nil {
		return nil
	}
	again = &held{offer: h.newer}
	w.held[again.offer.id] = again
	return again
}
