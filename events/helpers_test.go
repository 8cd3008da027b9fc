package events_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
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
	if diff := cmp.Diff(generic(t, raw), generic(t, encoded)); diff != "" {
		t.Errorf("encoding changed the JSON (-raw +encoded):\n%s", diff)
	}
	again, err := events.Decode(encoded)
	if err != nil {
		t.Fatalf("decode again: %v", err)
	}
	if diff := diffEvents(e, again); diff != "" {
		t.Errorf("decoding again changed the event (-first +second):\n%s", diff)
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
