package ci

import (
	"context"

	"github.com/codesuite-go/codesuite/internal/console"
	"github.com/codesuite-go/codesuite/internal/plaintext"
	"github.com/codesuite-go/codesuite/internal/redact"
)

// details fills in Log, Tests and Coverage of the report, and the link to the log, and
// takes out of the text of the failure whatever looks like a secret. A
// log or a report that cannot be read is no error: the report says so, as the result
// of the build is what counts.
func (h *Handler) details(ctx context.Context, f *Flow, r *Report) error {
	r.Build.FailedMessage = redact.Likely(plaintext.Text(r.Build.FailedMessage))
	r.Build.LogURL = console.Log(r.Region, r.Build.LogGroup, r.Build.LogStream)
	if r.State.Failed() || r.State == StateRetrying {
		h.readLog(ctx, r)
	}
	if r.State.Terminal() || r.State == StateRetrying {
		h.readReports(ctx, r)
	}
	return ctx.Err()
}
