package conformance_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/smithy-go"

	"github.com/codesuite-go/codesuite/internal/apierror"
)

// check is one assumption about a service that its documentation does not back.
type check struct {
	name    string   // of the service and the assumption
	assumes string   // one sentence
	rests   []string // the identifiers of the code that rests on it, as "pipeline/action.Job.Input"
	// choices are the choices of test servers that it is about: the place of the
	// list, and the beginning of the entry.
	choices []string
	want    string // what run observes if the assumption holds
	// otherwise is what follows for users if it does not hold.
	otherwise string
	needs     []need
	run       func(ctx context.Context, w *world) (observed string, err error)
	// by is, for an assumption without run, why a run does not check it, and how
	// to do that by hand.
	by string
}

// need is something that a run may lack.
type need string

const (
	needContent    need = "content of the repository"
	needOdd        need = "odd commit" // see addOdd
	needRole       need = "role"
	needMessages   need = "queue"
	needConnection need = "connection"
)

// checks is the table, in the order in which they run: later ones go on with what
// earlier ones have made.
func checks() []check {
	return slices.Concat(
		buildChecks, repositoryChecks, commitChecks, referenceChecks, pullRequestChecks, commentChecks,
		actionTypeChecks, pipelineChecks, jobChecks, moreJobChecks, flowChecks, stageChecks, structureChecks, actionChecks, functionChecks,
		machineChecks, catalogueChecks, patternChecks, endedBuildChecks, messageChecks, deliveryChecks, lastChecks, uncheckedChecks,
	)
}

// verdict is how a check ended.
type verdict string

const (
	holds     verdict = "holds"
	differs   verdict = "DIFFERS"
	failed    verdict = "failed"
	skipped   verdict = "skipped"
	unchecked verdict = "not checked"
)

// outcome is a check that has ended.
type outcome struct {
	check
	verdict  verdict
	observed string // or why there is no observation
	took     time.Duration
}

// patience is how long one check may take. A job that is not acknowledged is offered
// again after minutes.
const patience = 8 * time.Minute

// errMissing is the error of a check that goes on with what an earlier one did not
// get.
var errMissing = errors.New("an earlier check did not get as far as this one needs")

func (c check) perform(ctx context.Context, w *world) outcome {
	o := outcome{check: c}
	if c.run == nil {
		o.verdict, o.observed = unchecked, c.by
		return o
	}
	for _, n := range c.needs {
		if _, lacks := w.lacking[n]; lacks { // the report says why
			o.verdict, o.observed = skipped, "there is no "+string(n)
			return o
		}
	}
	start := time.Now()
	var err error
	if ctx.Err() == nil {
		patient, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		o.observed, err = c.run(patient, w)
	}
	o.took = time.Since(start)
	switch {
	case ctx.Err() != nil:
		o.verdict, o.observed = skipped, context.Cause(ctx).Error()
	case errors.Is(err, errMissing):
		o.verdict, o.observed = skipped, err.Error()
	case errors.Is(err, errNoEvent):
		o.verdict, o.observed = differs, errNoEvent.Error()
	case err != nil:
		o.verdict, o.observed = failed, err.Error()
	case o.observed == c.want:
		o.verdict = holds
	default:
		o.verdict = differs
	}
	return o
}

// answer returns how a call ended: the service's error code, or "success". An error
// that is none of the service is returned as it is, and so is one that says nothing of
// the service: a permission is missing, or there were too many calls.
func answer(err error) (string, error) {
	var fault smithy.APIError
	switch {
	case err == nil:
		return "success", nil
	case apierror.Denied(err), apierror.Throttled(err):
		return "", err
	case errors.As(err, &fault):
		return fault.ErrorCode(), nil
	}
	return "", err
}

// answers joins the answers of several calls.
func answers(errs ...error) (string, error) {
	text := ""
	for i, err := range errs {
		a, err := answer(err)
		if err != nil {
			return "", err
		}
		if i > 0 {
			text += ", "
		}
		text += a
	}
	return text, nil
}

// yes says whether a statement is true.
func yes(is bool, statement, other string, args ...any) (string, error) {
	if is {
		return statement, nil
	}
	return fmt.Sprintf(other, args...), nil
}

// timed calls a function and returns how long it took.
func timed(f func() error) (time.Duration, error) {
	start := time.Now()
	err := f()
	return time.Since(start), err
}
