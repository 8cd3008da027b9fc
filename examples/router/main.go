// Command router is a Lambda function that gets the events of a repository
// and a pipeline from three sources and logs what it would do about them.
package main

import (
	"context"
	"errors"
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/codesuite-go/codesuite/events"
)

func main() {
	logger := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	mux, err := newMux(logger)
	if err != nil {
		logger.Error("router", "error", err)
		os.Exit(1)
	}
	lambda.Start(mux)
}

// newMux registers the handlers. A handler that fails is run again for a
// redelivery; one that has succeeded is not, as far as this instance of the
// function remembers. For a memory that instances share, pass Dedup a store
// on DynamoDB.
func newMux(logger *slog.Logger) (*events.Mux, error) {
	h := handlers{logger}
	mux := &events.Mux{Logger: logger}
	return mux, errors.Join(
		mux.Use(events.Dedup(&events.MemoryStore{})),
		events.On(mux, h.refs),
		events.On(mux, h.pullRequest),
		events.On(mux, h.pipeline),
		mux.Fallback(h.other),
	)
}

type handlers struct{ logger *slog.Logger }

func (h handlers) refs(ctx context.Context, e events.RefEvent) error {
	for c := range e.RefChanges() {
		h.logger.InfoContext(ctx, "push", "repository", c.Repository, "ref", c.Ref, "action", c.Action, "commit", c.NewCommit)
	}
	return nil
}

func (h handlers) pullRequest(ctx context.Context, e *events.PullRequestStateChange) error {
	h.logger.InfoContext(ctx, "pull request", "repository", e.Repository(), "id", e.PullRequestID, "event", e.Event, "merged", e.IsMerged)
	return nil
}

func (h handlers) pipeline(ctx context.Context, e *events.PipelineExecutionStateChange) error {
	if e.State.Terminal() {
		h.logger.InfoContext(ctx, "pipeline", "pipeline", e.Pipeline, "execution", e.ExecutionID, "state", e.State)
	}
	return nil
}

func (h handlers) other(ctx context.Context, e events.Event) error {
	h.logger.WarnContext(ctx, "no handler", "event", e.Name(), "key", e.IdempotencyKey())
	return nil
}
