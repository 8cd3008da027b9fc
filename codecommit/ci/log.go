package ci

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awslogs "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"github.com/codesuite-go/codesuite/internal/apierror"
	"github.com/codesuite-go/codesuite/internal/plaintext"
	"github.com/codesuite-go/codesuite/internal/redact"
)

// The most that a report has of a log: bytes, and pages to read for them. A page may
// be empty before the log's begin.
const (
	maxLog      = 32 << 10
	maxLogPages = 10
)

// readLog fills in Log and LogProblem.
func (h *Handler) readLog(ctx context.Context, r *Report) {
	b := &r.Build
	if h.options.LogLines < 0 || h.clients.Logs == nil || b.LogGroup == "" || b.LogStream == "" {
		return
	}
	text, err := h.logTail(ctx, b.LogGroup, b.LogStream)
	if err == nil {
		r.Log = tail(redact.Likely(plaintext.Text(text)), h.options.LogLines, maxLog)
		return
	}
	h.options.Logger.WarnContext(ctx, "ci: the log cannot be read", "flow", r.Flow, "build", b.ID, "error", err)
	switch {
	case apierror.Code(err) == "ResourceNotFoundException":
		r.LogProblem = "The log is gone, or not there yet."
	case apierror.Denied(err):
		r.LogProblem = "The log cannot be read: allow the IAM action logs:GetLogEvents on the log group " + b.LogGroup + "."
	default:
		r.LogProblem = "The log cannot be read."
	}
}

// logTail returns the last lines of the log, and perhaps more.
func (h *Handler) logTail(ctx context.Context, group, stream string) (string, error) {
	in := &awslogs.GetLogEventsInput{
		LogGroupName: &group, LogStreamName: &stream, Limit: aws.Int32(int32(min(h.options.LogLines, 10_000))), StartFromHead: aws.Bool(false),
	}
	var pages [][]string // the last one first
	lines, size := 0, 0
	for range maxLogPages {
		out, err := h.clients.Logs.GetLogEvents(ctx, in)
		if err == nil && out == nil {
			err = apierror.ErrNoReply
		}
		if err != nil {
			return "", &Error{Service: "logs", Operation: "GetLogEvents", Object: stream, Err: err}
		}
		var page []string
		for _, event := range out.Events {
			message := strings.TrimSuffix(aws.ToString(event.Message), "\n") + "\n"
			page = append(page, message)
			lines, size = lines+strings.Count(message, "\n"), size+len(message)
		}
		pages = append(pages, page)
		token := aws.ToString(out.NextBackwardToken)
		if lines >= h.options.LogLines || size >= maxLog || token == "" || token == aws.ToString(in.NextToken) {
			break
		}
		in.NextToken = &token
	}
	slices.Reverse(pages)
	return strings.Join(slices.Concat(pages...), ""), nil
}
