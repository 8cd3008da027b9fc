package events

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/codesuite-go/codesuite/internal/jsontext"
)

// Invoke decodes a payload as [DecodeAll] does and handles its events in
// order. It has the signature of a Lambda handler.
//
// For a batch of SQS messages it returns a partial batch response: the
// messages that could not be decoded or handled are in batchItemFailures, so
// that SQS delivers them again and at last moves them to the dead-letter
// queue, and all others are done with. The event source mapping must have
// ReportBatchItemFailures switched on: without it Lambda takes any response
// for the success of all messages. In a FIFO queue the messages that follow a
// failed one of the same group are not handled but reported as failed too,
// which keeps them in order; so are all messages left over when ctx ends.
//
// A panic in a handler is the failure of its message. The response does not tell
// Lambda why a message failed; Logger gets the error, and the stack of a panic.
//
// For any other payload the response is null, and the errors of its events
// are joined and returned. Panics are not recovered.
func (m *Mux) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	w, err := walkPayload(payload)
	if err != nil {
		return nil, err
	}
	if w.sqs {
		return m.batch(ctx, w.items)
	}
	var errs []error
	for _, it := range w.items {
		err := it.err
		if err == nil {
			err = m.Handle(ctx, it.event)
		}
		if err != nil {
			errs = append(errs, err)
		}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return []byte("null"), nil
}

// A PanicError is a panic of a handler in a batch of SQS messages, as
// [Mux.Logger] gets it.
type PanicError struct {
	Value any
	Stack []byte
}

var _ error = (*PanicError)(nil)

// Error gives the value that the handler panicked with.
func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }

// batch handles the events of SQS messages and reports the failed messages.
func (m *Mux) batch(ctx context.Context, items []item) ([]byte, error) {
	response := []byte(`{"batchItemFailures":[`)
	failed := map[string]bool{}  // by message ID
	blocked := map[string]bool{} // by message group
	for _, it := range items {
		if it.sqs == nil { // it cannot be reported, and nothing has been handled yet
			return nil, fmt.Errorf("events: invoke: batch of SQS messages holds a record that is none: %w", cause(it.err))
		}
	}
	for _, it := range items {
		group := it.sqs.MessageGroupID // fair queues have groups too, but no order
		fifo := strings.HasSuffix(it.sqs.QueueARN, ".fifo")
		var err error
		switch {
		case fifo && blocked[group]:
			err = errBlocked
		case ctx.Err() != nil:
			err = context.Cause(ctx)
		case it.err != nil:
			err = it.err
		default:
			err = m.recovered(ctx, it.event)
		}
		if err == nil {
			continue
		}
		m.logFailure(ctx, it, err)
		blocked[group] = true
		if !failed[it.sqs.MessageID] {
			if len(failed) > 0 {
				response = append(response, ',')
			}
			failed[it.sqs.MessageID] = true
			response = append(response, `{"itemIdentifier":`...)
			response = append(jsontext.AppendQuoted(response, it.sqs.MessageID), '}')
		}
	}
	return append(response, "]}"...), nil
}

var errBlocked = errors.New("an earlier message of the group failed")

func cause(err error) error {
	if err == nil {
		return errors.New("not an SQS record")
	}
	return err
}

func (m *Mux) recovered(ctx context.Context, e Event) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	return m.Handle(ctx, e)
}

func (m *Mux) logFailure(ctx context.Context, it item, err error) {
	if m.Logger == nil {
		return
	}
	args := []any{"messageID", it.sqs.MessageID, "receiveCount", it.sqs.ReceiveCount, "error", err}
	if it.event != nil {
		args = append(args, "event", it.event.Name(), "key", it.event.IdempotencyKey())
	}
	if p := (*PanicError)(nil); errors.As(err, &p) {
		args = append(args, "stack", string(p.Stack))
	}
	m.Logger.ErrorContext(ctx, "message failed", args...)
}
