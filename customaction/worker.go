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
//
// # Polls
//
// If a poll finds as many jobs as slots are free, the next poll follows as soon as
// a slot is free. Otherwise polls get rarer, by default from every second to every
// 30 seconds. [Worker.Notify] and [Worker.HandleAction] end the wait. The worker
// drops a job unless the answer to its acknowledgement is InProgress.
//
// # Handlers
//
// [context.Cause] returns why a handler's context has ended. A handler that
// ignores its context keeps its slot. The worker refreshes the credentials for
// artifacts with GetJobDetails, or GetThirdPartyJobDetails. All attempts to put a
// result put the same one. A result that CodePipeline refuses as invalid is
// reported as a failure with the reason, without the job's secrets.
//
// # Lost replies
//
// The worker sends acknowledgements and results without the SDK's retries, which
// would hide what became of the first attempt, and repeats them itself for up to
// [Options].RetryTimeout. If the reply to a result was lost and CodePipeline then
// answers that the job has ended, the result has arrived. If the reply to an
// acknowledgement was lost and CodePipeline then answers that the nonce is not
// valid, the worker takes the job for its own: dropping it might leave it to
// nobody for 24 hours. Another worker runs the same job only if it got the job in
// the moment in which the acknowledgement was lost; CodePipeline takes the result
// of the first. A handler whose effects must not happen twice can use the job's
// ID.
type Worker struct {
	service    service
	actionType actiontype.Type
	handler    action.Handler
	options    Options
	s3         func(*action.JobOptions) // of Open; may be nil
	err        error                    // why the worker cannot run

	running atomic.Bool
	wake    chan struct{} // of Notify

	mu   sync.Mutex
	jobs map[string]*job // that the worker has, by ID
}

// maxIdleConns is how many connections [Open] keeps between calls.
const maxIdleConns = 128

// Open returns a worker for the action type in the account and Region of cfg.
// Its jobs read and write their artifacts in S3 with the configuration of cfg
// and the credentials of the job. Open makes no call. Invalid arguments are the
// error of [Worker.Run].
func Open(cfg aws.Config, actionType actiontype.Type, h action.Handler, optFns ...func(*Options)) *Worker {
	cfg = sdkhttp.KeepIdle(cfg, maxIdleConns)
	w := New(awscodepipeline.NewFromConfig(cfg), actionType, h, optFns...)
	s3 := action.S3(cfg) // once, so that jobs share connections
	w.s3 = func(o *action.JobOptions) { o.S3 = s3 }
	return w
}

// New returns a worker for the action type. It makes no call. Invalid arguments
// are the error of [Worker.Run].
//
// The action type's owner is Custom or ThirdParty: job workers cannot run the
// actions of AWS. The jobs of New have no S3 client: set one in [Options].Job, or
// use [Open].
//
// For ThirdParty, api has to be a [ThirdPartyAPI] too. Polls for partners' action
// types return only the IDs of jobs and of their clients. All other calls need the
// client's token; see [Options].ClientToken. Such jobs have no output variables.
func New(api API, actionType actiontype.Type, h action.Handler, optFns ...func(*Options)) *Worker {
	actionType.Owner = cmp.Or(actionType.Owner, actiontype.OwnerCustom)
	w := &Worker{
		actionType: actionType,
		handler:    h,
		wake:       make(chan struct{}, 1),
		jobs:       make(map[string]*job),
	}
	for _, fn := range optFns {
		if fn != nil {
			fn(&w.options)
		}
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

// Notify makes an idle worker poll at once. Call it when a job is known to wait.
// The worker still polls at most 10 times a second, and does not poll earlier
// while calls are throttled or fail. Notify never blocks.
func (w *Worker) Notify() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// Run polls for jobs and runs them until ctx ends. It returns nil once the
// results of all jobs are reported:
//
//   - Polling stops at once. Jobs that are not acknowledged are left to other
//     workers.
//   - Jobs that run go on for [Options].GracePeriod. Their contexts do not end
//     with ctx.
//   - Then their contexts end with [ErrStopped], and the results of their
//     handlers are reported. A handler that does not return within half of
//     [Options].ReportTimeout is abandoned: Run reports its job as failed and
//     ignores its result. The handler's goroutine goes on.
//   - After the whole of ReportTimeout, Run returns. If CodePipeline has not
//     taken all results by then, the error is an [*UnreportedError].
//
// Run returns an error before ctx ends if the worker has invalid arguments, if
// it runs already ([ErrRunning]), if a poll is not valid, or if CodePipeline
// refuses calls for longer than [Options].MaxRefusal; jobs that run then end as
// above. Run waits for everything else, such as throttling or a service that
// cannot be reached, to pass.
//
// Other Workers, here or elsewhere, can run at the same time. A Worker can run
// again after Run has returned.
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
