package conformance_test

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/codesuite-go/codesuite/events"
)

// deliveryChecks are those of all messages of the run.
var deliveryChecks = []check{
	{
		name:      "keys of events",
		assumes:   "Events with different IDs have different idempotency keys, and an event that comes twice has the same.",
		rests:     []string{"events.Dedup", "events.Header"},
		want:      "one key for each ID",
		otherwise: "Dedup drops an event that is not the same, or handles one twice.",
		needs:     []need{needMessages},
		run: func(ctx context.Context, w *world) (string, error) {
			messages, err := w.received(ctx)
			if err != nil {
				return "", err
			}
			if len(messages) == 0 {
				return "", errMissing
			}
			ids, keys := make(map[string]string), make(map[string]string)
			odd := make(map[string]bool)
			for _, m := range messages {
				var h struct{ ID, Source string }
				if err := json.Unmarshal(m, &h); err != nil || h.ID == "" {
					continue // a message of SNS
				}
				e, err := events.Decode(m)
				if err != nil {
					continue // that of another check
				}
				id, key := h.Source+" "+h.ID, e.IdempotencyKey()
				if other, ok := ids[key]; ok && other != id {
					odd["two IDs of one key: "+e.Name()] = true
				}
				if other, ok := keys[id]; ok && other != key {
					odd["two keys of one ID: "+e.Name()] = true
				}
				ids[key], keys[id] = id, key
			}
			return yes(len(odd) == 0, "one key for each ID", "%s", strings.Join(slices.Sorted(maps.Keys(odd)), "; "))
		},
	},
	{
		name:      "all messages",
		assumes:   "All messages of the run decode: each is of a known type, and has no field of an unexpected form.",
		rests:     []string{"events.Decode"},
		want:      "known, without problems",
		otherwise: "Handlers lack a field, or do not see an event.",
		needs:     []need{needMessages},
		run: func(ctx context.Context, w *world) (string, error) {
			messages, err := w.received(ctx)
			if err != nil {
				return "", err
			}
			if len(messages) == 0 {
				return "", errMissing
			}
			odd := make(map[string]bool)
			for _, m := range messages {
				list, err := events.DecodeAll(m)
				if err != nil {
					odd[err.Error()] = true
				}
				for _, e := range list {
					if unknown, ok := e.(*events.Unknown); ok {
						odd["unknown: "+unknown.Name()] = true
					}
					for _, problem := range e.Problems() {
						odd[e.Name()+": "+problem.Error()] = true
					}
				}
			}
			return yes(len(odd) == 0, "known, without problems", "%s", strings.Join(slices.Sorted(maps.Keys(odd)), "; "))
		},
	},
}

// errNoEvent is the error of await for an event that does not come.
var errNoEvent = errors.New("no such event has come")

// eventPatience is how long an event may take that is already due.
const eventPatience = time.Minute

// await returns the first event of the type among all messages of the run that the
// function accepts.
func await[E events.Event](ctx context.Context, w *world, accept func(E) bool) (found E, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, eventPatience, errNoEvent)
	defer cancel()
	var waited time.Duration
	for {
		messages, err := w.received(ctx)
		if err != nil {
			return found, errors.Join(err, context.Cause(ctx))
		}
		for _, m := range messages {
			list, _ := events.DecodeAll(m)
			for _, e := range list {
				if e, ok := e.(E); ok && accept(e) {
					return e, nil
				}
			}
		}
		if waited >= eventPatience {
			return found, errNoEvent
		}
		if err := w.pass(ctx, 3*time.Second); err != nil {
			return found, errors.Join(err, context.Cause(ctx))
		}
		waited += 3 * time.Second
	}
}
