package action

import "context"

// Handler does the work of an action. It is called once for each job. Jobs that
// run at the same time call it from several goroutines.
//
// CodePipeline delivers a job at least once: a Lambda function that could not
// report its result is invoked with the same job again, and a worker that died
// leaves its job to another. A handler must allow for a second call for the same job,
// whose ID stays the same.
//
// A nil Result with a nil error is success. An error fails the job: a
// [*Failure] in its chain says how, and [Run] classifies every other error. The
// context ends when the job has to end, and its cause says why.
type Handler interface {
	HandleJob(ctx context.Context, job *Job) (*Result, error)
}

// HandlerFunc is a function as a [Handler].
type HandlerFunc func(ctx context.Context, job *Job) (*Result, error)

// HandleJob calls f.
func (f HandlerFunc) HandleJob(ctx context.Context, job *Job) (*Result, error) { return f(ctx, job) }
