package ci

import (
	"context"
	"fmt"
	"time"
)

// retryWait is how long after the end of a failed build CodeBuild may take to run it
// again. CodeBuild calls RetryBuild as the service role of the project, which may not
// be allowed to. A retry that comes later is told as a newer build.
const retryWait = 20 * time.Second

// retry is what CodeBuild owes a failed build: an automatic retry.
type retry struct {
	until   time.Time // the build counts as failed from then on, unless there is a newer one
	problem string    // why it does
}

// retryOf returns the retry of the build. The ARN of the next build is "" before there
// is one.
func retryOf(r *run, next string) retry {
	switch {
	case next != "" && r.state.Failed():
		return retry{r.build.End.Add(retryWait), "CodeBuild does not list the build of the automatic retry: it may have been deleted."}
	case r.state == StateFailed && r.build.Retry < r.build.RetryLimit:
		return retry{r.build.End.Add(retryWait), fmt.Sprintf(
			"CodeBuild has not started the automatic retry %d of %d within %s: allow the service role of the project the IAM action codebuild:RetryBuild.",
			r.build.Retry+1, r.build.RetryLimit, duration(retryWait))}
	}
	return retry{}
}

// retrying reports whether the newest build of a revision has failed and CodeBuild is
// about to run it again.
func (h *Handler) retrying(r *run) bool { return h.now().Before(r.retry.until) }

// awaitRetry waits until there is a newer build of the revision, or CodeBuild has had
// the time to start one.
func (h *Handler) awaitRetry(ctx context.Context, f *flow, id string) error {
	for range maxPolls {
		if err := h.sleep(ctx, pollEvery); err != nil {
			return err
		}
		_, newest, err := h.newest(ctx, f, id)
		if err != nil || newest == nil || newest.build.ID != id || !h.retrying(newest) {
			return err
		}
	}
	return fmt.Errorf("CodeBuild has not run the build %s again yet: the event has to come again", id)
}
