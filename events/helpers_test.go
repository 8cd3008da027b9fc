package events_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/codesuite-go/codesuite/events"
	"github.com/google/go-cmp/cmp"
)

func jsonType(v any) string { return fmt.Sprintf("%T", v) }

// headerOf returns the embedded Header of an event, nil if it has none.
func headerOf(e events.Event) *events.Header {
	f := reflect.ValueOf(e).Elem().FieldByName("Header")
	if !f.IsValid() {
		return nil
	}
	return f.Addr().Interface().(*events.Header)
}

func deliveryOf(e events.Event) events.Delivery {
	return reflect.ValueOf(e).Elem().FieldByName("Delivery").Interface().(events.Delivery)
}

// diffEvents compares the exported fields of two events but for Delivery.
func diffEvents(a, b events.Event) string {
	return cmp.Diff(a, b, cmp.FilterPath(func(p cmp.Path) bool {
		f, ok := p.Last().(cmp.StructField)
		return ok && (f.Name() == "src" || f.Name() == "Delivery")
	}, cmp.Ignore()))
}

// checkRoundTrip encodes and decodes an event and compares all.
func checkRoundTrip(t *testing.T, e events.Event) {
	t.Helper()
	raw := e.Raw()
	if !json.Valid(raw) {
		t.Fatalf("Raw is not valid JSON: %q", raw)
	}
	encoded, err := e.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := json.Marshal(e); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(shown(e, generic(t, raw)), shown(e, generic(t, encoded))); diff != "" {
		t.Errorf("encoding changed the JSON (-raw +encoded):\n%s", diff)
	}
	again, err := events.Decode(encoded)
	if err != nil {
		t.Fatalf("decode again: %v", err)
	}
	withSecrets(e, again)
	if diff := diffEvents(e, again); diff != "" {
		t.Errorf("decoding again changed the event (-first +second):\n%s", diff)
	}
}

// shown returns the JSON of an event without its secrets.
func shown(e events.Event, v any) any {
	drop := func(path ...string) {
		m, ok := v.(map[string]any)
		for _, step := range path[:len(path)-1] {
			if ok {
				m, ok = m[step].(map[string]any)
			}
		}
		if ok {
			delete(m, path[len(path)-1])
		}
	}
	// keep drops members that are not known beside a secret, and odd containers.
	keep := func(path string, known ...string) {
		m, ok := v.(map[string]any)
		for step := range strings.SplitSeq(path, "/") {
			if step == "" || !ok {
				continue
			}
			inner, object := m[step].(map[string]any)
			if !object {
				delete(m, step)
			}
			m, ok = inner, object
		}
		for key := range m {
			if ok && !slices.Contains(known, key) {
				delete(m, key)
			}
		}
	}
	switch e.(type) {
	case *events.Job:
		keep("", "CodePipeline.job")
		keep("CodePipeline.job", "id", "accountId", "data")
		keep("CodePipeline.job/data", "actionConfiguration", "inputArtifacts", "outputArtifacts", "continuationToken", "encryptionKey")
		keep("CodePipeline.job/data/actionConfiguration", "configuration")
		keep("CodePipeline.job/data/actionConfiguration/configuration", "FunctionName")
		drop("CodePipeline.job", "data", "actionConfiguration", "configuration", "UserParameters")
		drop("CodePipeline.job", "data", "artifactCredentials")
	case *events.ApprovalRequest:
		keep("", "region", "consoleLink", "approval")
		keep("approval", "pipelineName", "stageName", "actionName", "expires", "externalEntityLink", "customData")
		drop("approval", "token")
		drop("approval", "approvalReviewLink")
	}
	return v
}

// withSecrets gives an event that was encoded the secrets of the first one.
func withSecrets(from, to events.Event) {
	switch from := from.(type) {
	case *events.Job:
		if to, ok := to.(*events.Job); ok {
			to.UserParameters, to.Credentials = from.UserParameters, from.Credentials
		}
	case *events.ApprovalRequest:
		if to, ok := to.(*events.ApprovalRequest); ok {
			to.Token, to.ApprovalReviewLink = from.Token, from.ApprovalReviewLink
		}
	}
}

// generic decodes JSON without losing the spelling of numbers.
func generic(t *testing.T, data []byte) any {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

func newLogger(w io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(w, nil)) }
