package customaction_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/codesuite-go/codesuite/customaction"
	"github.com/codesuite-go/codesuite/internal/leaktest"
	"github.com/codesuite-go/codesuite/pipeline/action"
	"github.com/codesuite-go/codesuite/pipeline/actiontype"
)

func TestMain(m *testing.M) { leaktest.Main(m, "codesuite/customaction") }

// makeType is an action type with a queryable and a secret property.
func makeType() actiontype.Type {
	return actiontype.Type{
		Category: "Build", Provider: "Make", Version: "1",
		Properties: []actiontype.Property{
			{Name: "Project", Required: true, Key: true, Queryable: true},
			{Name: "Token", Required: true, Secret: true},
		},
	}
}

// bench is a worker that runs, in a bubble of synctest.
type bench struct {
	*customaction.Worker
	t      *testing.T
	cancel context.CancelFunc
	done   chan error

	mu     sync.Mutex
	events []customaction.Event
}

// start starts a worker. Its test ends with b.stop.
func start(t *testing.T, api customaction.API, handler action.HandlerFunc, optFns ...func(*customaction.Options)) *bench {
	t.Helper()
	return startType(t, api, actiontype.Type{Category: "Build", Provider: "Make", Version: "1"}, handler, optFns...)
}

func startType(t *testing.T, api customaction.API, actionType actiontype.Type, handler action.HandlerFunc, optFns ...func(*customaction.Options)) *bench {
	b := &bench{t: t, done: make(chan error, 1)}
	note := func(o *customaction.Options) {
		o.OnEvent = func(e customaction.Event) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.events = append(b.events, e)
		}
	}
	b.Worker = customaction.New(api, actionType, handler, append([]func(*customaction.Options){note}, optFns...)...)
	ctx, cancel := context.WithCancel(t.Context())
	b.cancel = cancel
	t.Cleanup(cancel)
	go func() { b.done <- b.Run(ctx) }()
	synctest.Wait()
	return b
}

// stop stops the worker and returns the error of Run.
func (b *bench) stop() error {
	b.cancel()
	err := <-b.done
	synctest.Wait()
	return err
}

// mustStop stops the worker, which must return no error.
func (b *bench) mustStop() {
	b.t.Helper()
	if err := b.stop(); err != nil {
		b.t.Errorf("Run: %v", err)
	}
}

// of returns the events of the types, in short form, without those of polls
// if none is named.
func (b *bench) of(eventTypes ...customaction.EventType) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var all []string
	for _, e := range b.events {
		if len(eventTypes) > 0 && !slices.Contains(eventTypes, e.Type) || len(eventTypes) == 0 && e.JobID == "" {
			continue
		}
		text := string(e.Type)
		if e.JobID != "" {
			text += " " + e.JobID
		}
		if e.Outcome != "" {
			text += " " + string(e.Outcome)
		}
		if e.Type == customaction.EventReported {
			text += fmt.Sprint(" ", e.Accepted)
		}
		all = append(all, text)
	}
	return all
}

func succeed(context.Context, *action.Job) (*action.Result, error) { return nil, nil }

// untilDone is a handler that runs until its context ends.
func untilDone(ctx context.Context, _ *action.Job) (*action.Result, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

// pass lets time pass, and the bubble come to rest.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}
