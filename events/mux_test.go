package events_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/codesuite-go/codesuite/events"
	"github.com/google/go-cmp/cmp"
)

// trace collects what was called.
type trace []string

func (tr *trace) handler(name string, err error) events.Handler {
	return func(context.Context, events.Event) error {
		*tr = append(*tr, name)
		return err
	}
}

func on[E events.Event](t *testing.T, m *events.Mux, h events.Handler) {
	t.Helper()
	if err := events.On(m, func(ctx context.Context, e E) error { return h(ctx, e) }); err != nil {
		t.Fatal(err)
	}
}

func TestMuxDispatch(t *testing.T) {
	t.Parallel()
	var tr trace
	var mux events.Mux
	on[events.RefEvent](t, &mux, tr.handler("ref", nil))
	on[*events.PullRequestStateChange](t, &mux, tr.handler("pr 1", nil))
	on[*events.PullRequestStateChange](t, &mux, tr.handler("pr 2", nil))
	on[*events.RepositoryTrigger](t, &mux, tr.handler("trigger", nil))
	if err := mux.Fallback(tr.handler("fallback", nil)); err != nil {
		t.Fatal(err)
	}
	for _, e := range []events.Event{
		&events.PullRequestStateChange{}, &events.RepositoryStateChange{}, &events.RepositoryTrigger{},
		&events.BuildStateChange{}, &events.Unknown{},
	} {
		if err := mux.Handle(t.Context(), e); err != nil {
			t.Error(err)
		}
		tr = append(tr, "|")
	}
	want := trace{"pr 1", "pr 2", "|", "ref", "|", "trigger", "ref", "|", "fallback", "|", "fallback", "|"}
	if diff := cmp.Diff(want, tr); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
}

func TestMuxErrors(t *testing.T) {
	t.Parallel()
	first, second := errors.New("no build"), errors.New("no comment")
	var tr trace
	var mux events.Mux
	on[*events.PullRequestStateChange](t, &mux, tr.handler("1", first))
	on[*events.PullRequestStateChange](t, &mux, tr.handler("2", nil))
	on[*events.PullRequestStateChange](t, &mux, tr.handler("3", second))
	err := mux.Handle(t.Context(), &events.PullRequestStateChange{
		Header: events.Header{DetailType: "CodeCommit Pull Request State Change"}, PullRequestID: "42",
	})
	if !errors.Is(err, first) || !errors.Is(err, second) {
		t.Errorf("got %v", err)
	}
	if want := "events: handle CodeCommit Pull Request State Change (pull-request||||42|"; !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %q, want it to begin with %q", err, want)
	}
	if diff := cmp.Diff(trace{"1", "2", "3"}, tr); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
}

func TestMuxUnhandled(t *testing.T) {
	t.Parallel()
	var mux events.Mux
	if err := mux.Handle(t.Context(), &events.BuildStateChange{}); err != nil {
		t.Errorf("known event without handler: %v", err)
	}
	if err := mux.Handle(t.Context(), &events.Unknown{Text: "x"}); !errors.Is(err, events.ErrUnhandled) {
		t.Errorf("unknown event without handler: %v", err)
	}
	if err := mux.Handle(t.Context(), nil); err == nil {
		t.Error("nil event: no error")
	}
	on[*events.Unknown](t, &mux, func(context.Context, events.Event) error { return nil })
	if err := mux.Handle(t.Context(), &events.Unknown{Text: "x"}); err != nil {
		t.Errorf("unknown event with handler: %v", err)
	}
}

func TestMuxRegistrationErrors(t *testing.T) {
	t.Parallel()
	type foreign struct{ *events.Unknown } // has all methods, but Decode never returns one
	type noEvent interface {
		events.Event
		Close() error
	}
	ok := func(context.Context, events.Event) error { return nil }
	var mux events.Mux
	if err := mux.Fallback(ok); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		err  error
		want string
	}{
		{events.On[*events.Unknown](&mux, nil), "events: on *events.Unknown: handler is nil"},
		{events.On(&mux, ok), "events: on events.Event: register a handler for a type"},
		{events.On(&mux, func(context.Context, foreign) error { return nil }), "events: on events_test.foreign: no event is of this type"},
		{events.On(&mux, func(context.Context, noEvent) error { return nil }), "events: on events_test.noEvent: no event is of this type"},
		{mux.Fallback(nil), "events: fallback: handler is nil"},
		{mux.Fallback(ok), "events: fallback: there is one already"},
		{mux.Use(nil), "events: use: middleware is nil"},
	} {
		if test.err == nil || !strings.HasPrefix(test.err.Error(), test.want) {
			t.Errorf("got %v, want %s", test.err, test.want)
		}
	}
	for _, err := range []error{
		events.On(&mux, func(context.Context, events.S3Event) error { return nil }),
		events.On(&mux, func(context.Context, *events.Job) error { return nil }),
	} {
		if err != nil {
			t.Error(err)
		}
	}
}

func TestMuxMiddleware(t *testing.T) {
	t.Parallel()
	var tr trace
	wrap := func(name string) events.Middleware {
		return func(next events.Handler) events.Handler {
			return func(ctx context.Context, e events.Event) error {
				tr = append(tr, name+" in")
				err := next(ctx, e)
				tr = append(tr, name+" out")
				return err
			}
		}
	}
	var mux events.Mux
	if err := mux.Use(wrap("a"), wrap("b")); err != nil {
		t.Fatal(err)
	}
	if err := mux.Use(wrap("c")); err != nil {
		t.Fatal(err)
	}
	on[*events.Job](t, &mux, tr.handler("1", nil))
	on[*events.Job](t, &mux, tr.handler("2", nil))
	if err := mux.Handle(t.Context(), &events.Job{}); err != nil {
		t.Fatal(err)
	}
	want := trace{"a in", "b in", "c in", "1", "2", "c out", "b out", "a out"}
	if diff := cmp.Diff(want, tr); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
}
