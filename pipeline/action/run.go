package action

import (
	"context"
)

// Outcome is what a job is to be answered with: exactly one of Result and
// Failure is set, and it is as the API takes it.
type Outcome struct {
	Result  *Result  // for PutJobSuccessResult
	Failure *Failure // for PutJobFailureResult; Type and Message are set
}

// Run runs the handler, closes the job and returns what to answer it with.
// It returns when the handler has returned.
func Run(ctx context.Context, h Handler, job *Job) Outcome {
	panic("not implemented")
}
