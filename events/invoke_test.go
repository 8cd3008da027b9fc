package events_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/codesuite-go/codesuite/events"
	"github.com/google/go-cmp/cmp"
)

func stageEvent(stage string) string {
	return pipelineEvent("Stage", `"pipeline":"web","execution-id":"x","stage":`+quote(stage)+`,"state":"STARTED"`)
}

// stageMux handles stage events: the stage says what comes of it.
func stageMux(t *testing.T, tr *trace) *events.Mux {
	t.Helper()
	mux := &events.Mux{}
	err := events.On(mux, func(_ context.Context, e *events.StageExecutionStateChange) error {
		*tr = append(*tr, e.Stage)
		switch {
		case strings.HasPrefix(e.Stage, "fail"):
			return errors.New("stage " + e.Stage)
		case strings.HasPrefix(e.Stage, "panic"):
			panic("stage " + e.Stage)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return mux
}

func TestInvoke(t *testing.T) {
	t.Parallel()
	var tr trace
	mux := stageMux(t, &tr)
	got, err := mux.Invoke(t.Context(), []byte(stageEvent("ok")))
	if err != nil || string(got) != "null" {
		t.Errorf("got %q, %v", got, err)
	}
	got, err = mux.Invoke(t.Context(), []byte(records(snsRecord("n-1", stageEvent("fail 1")), snsRecord("n-2", stageEvent("ok 2")), snsRecord("n-3", "{"))))
	if err == nil || got != nil {
		t.Fatalf("got %q, %v", got, err)
	}
	for _, want := range []string{"stage fail 1", "CodePipeline Stage Execution State Change", "Records[2].Sns.Message: want a member name"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %q lacks %q", err, want)
		}
	}
	if _, err = mux.Invoke(t.Context(), []byte(`{`)); err == nil {
		t.Error("broken payload: no error")
	}
	if diff := cmp.Diff(trace{"ok", "fail 1", "ok 2"}, tr); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
}

func TestInvokeBatch(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		records []string
		want    string
		handled trace
	}{
		{"all well", []string{sqsRecord("a", "q", "", stageEvent("1")), sqsRecord("b", "q", "", stageEvent("2"))}, `[]`, trace{"1", "2"}},
		{"empty message list", []string{sqsRecord("a", "q", "", `{"Records":[]}`), sqsRecord("b", "q", "", stageEvent("2"))}, `[]`, trace{"2"}},
		{"one failed", []string{sqsRecord("a", "q", "", stageEvent("1")), sqsRecord("b", "q", "", stageEvent("fail")), sqsRecord("c", "q", "", stageEvent("3"))},
			`[{"itemIdentifier":"b"}]`, trace{"1", "fail", "3"}},
		{"not decodable", []string{sqsRecord("a", "q", "", `{"detail-type":`), sqsRecord("b", "q", "", stageEvent("2")), sqsRecord("c\"", "q", "", `{"Records":5}`)},
			`[{"itemIdentifier":"a"},{"itemIdentifier":"c\""}]`, trace{"2"}},
		{"text without fallback", []string{sqsRecord("a", "q", "", "hello"), sqsRecord("b", "q", "", stageEvent("2"))}, `[{"itemIdentifier":"a"}]`, trace{"2"}},
		{"several events in a message", []string{sqsRecord("a", "q", "", `[`+stageEvent("fail 1")+`,`+stageEvent("2")+`,`+stageEvent("fail 3")+`]`)},
			`[{"itemIdentifier":"a"}]`, trace{"fail 1", "2", "fail 3"}},
		{"batch inside a message", []string{sqsRecord("a", "q", "", records(sqsRecord("x", "q", "", stageEvent("fail")))), sqsRecord("b", "q", "", stageEvent("2"))},
			`[{"itemIdentifier":"a"}]`, trace{"fail", "2"}},
		{"groups of a fair queue keep no order", []string{sqsRecord("a", "q", "g", stageEvent("fail")), sqsRecord("b", "q", "g", stageEvent("2"))},
			`[{"itemIdentifier":"a"}]`, trace{"fail", "2"}},
		{"FIFO", []string{
			sqsRecord("a", "q.fifo", "g", stageEvent("1")), sqsRecord("b", "q.fifo", "g", stageEvent("fail")), sqsRecord("c", "q.fifo", "h", stageEvent("3")),
			sqsRecord("d", "q.fifo", "g", stageEvent("4")), sqsRecord("e", "q.fifo", "h", stageEvent("5"))},
			`[{"itemIdentifier":"b"},{"itemIdentifier":"d"}]`, trace{"1", "fail", "3", "5"}},
		{"FIFO, not decodable", []string{sqsRecord("a", "q.fifo", "g", `{`), sqsRecord("b", "q.fifo", "g", stageEvent("2"))},
			`[{"itemIdentifier":"a"},{"itemIdentifier":"b"}]`, nil},
		{"FIFO, rest of the message", []string{sqsRecord("a", "q.fifo", "g", `[`+stageEvent("fail 1")+`,`+stageEvent("2")+`]`)},
			`[{"itemIdentifier":"a"}]`, trace{"fail 1"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var tr trace
			got, err := stageMux(t, &tr).Invoke(t.Context(), []byte(records(test.records...)))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(`{"batchItemFailures":`+test.want+`}`, string(got)); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.handled, tr); diff != "" {
				t.Errorf("handled: mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

// EventBridge Pipes sends the messages as an array.
func TestInvokeArrayOfMessages(t *testing.T) {
	t.Parallel()
	var tr trace
	got, err := stageMux(t, &tr).Invoke(t.Context(), []byte(`[`+sqsRecord("a", "q", "", stageEvent("fail"))+`,`+sqsRecord("b", "q", "", stageEvent("2"))+`]`))
	if want := `{"batchItemFailures":[{"itemIdentifier":"a"}]}`; err != nil || string(got) != want || len(tr) != 2 {
		t.Errorf("got %s, %v, handled %v", got, err, tr)
	}
}

// A batch of SQS messages inside an SNS message is none for Lambda.
func TestInvokeBatchInsideSNS(t *testing.T) {
	t.Parallel()
	var tr trace
	got, err := stageMux(t, &tr).Invoke(t.Context(), []byte(records(snsRecord("n", records(sqsRecord("a", "q", "", stageEvent("fail")))))))
	if err == nil || got != nil || len(tr) != 1 {
		t.Errorf("got %s, %v, handled %v", got, err, tr)
	}
}

// A record without ID cannot be reported, so that nothing may be handled.
func TestInvokeBatchWithoutID(t *testing.T) {
	t.Parallel()
	var tr trace
	payload := records(sqsRecord("a", "q", "", stageEvent("1")), `{"eventSource":"aws:sqs","body":"x"}`)
	got, err := stageMux(t, &tr).Invoke(t.Context(), []byte(payload))
	if err == nil || !strings.Contains(err.Error(), "Records[1].messageId: missing") || len(tr) > 0 {
		t.Errorf("got %s, %v, handled %v", got, err, tr)
	}
}

func TestInvokeBatchCanceled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	var mux events.Mux
	on[*events.StageExecutionStateChange](t, &mux, func(context.Context, events.Event) error { cancel(); return nil })
	payload := records(sqsRecord("a", "q", "", stageEvent("1")), sqsRecord("b", "q", "", stageEvent("2")), sqsRecord("c", "q", "", stageEvent("3")))
	got, err := mux.Invoke(ctx, []byte(payload))
	if want := `{"batchItemFailures":[{"itemIdentifier":"b"},{"itemIdentifier":"c"}]}`; err != nil || string(got) != want {
		t.Errorf("got %s, %v", got, err)
	}
}

func TestInvokePanic(t *testing.T) {
	t.Parallel()
	payload := []byte(records(sqsRecord("a", "q", "", stageEvent("panic")), sqsRecord("b", "q", "", stageEvent("2")), sqsRecord("c", "q", "", "{")))

	t.Run("with a logger", func(t *testing.T) {
		t.Parallel()
		var tr trace
		var log bytes.Buffer
		mux := stageMux(t, &tr)
		mux.Logger = slog.New(slog.NewTextHandler(&log, nil))
		got, err := mux.Invoke(t.Context(), payload)
		if want := `{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":"c"}]}`; err != nil || string(got) != want {
			t.Errorf("got %s, %v", got, err)
		}
		for _, want := range []string{
			`messageID=a`, `error="panic: stage panic"`, `stack=`, `invoke_test.go`, `key=stage|111122223333|`,
			`messageID=c`, `Records[2].body: want a member name`,
		} {
			if !strings.Contains(log.String(), want) {
				t.Errorf("log lacks %q:\n%s", want, log.String())
			}
		}
	})

	t.Run("without", func(t *testing.T) {
		t.Parallel()
		var tr trace
		got, err := stageMux(t, &tr).Invoke(t.Context(), payload)
		if want := `{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":"c"}]}`; err != nil || string(got) != want {
			t.Errorf("got %s, %v", got, err)
		}
	})
}

func TestInvokeConcurrent(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	n := 0
	var mux events.Mux
	on[*events.StageExecutionStateChange](t, &mux, func(context.Context, events.Event) error {
		mu.Lock()
		defer mu.Unlock()
		n++
		return nil
	})
	if err := mux.Use(events.Dedup(&events.MemoryStore{}, func(o *events.DedupOptions) {
		o.Key = func(events.Event) string { return "" }
	})); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				if _, err := mux.Invoke(t.Context(), []byte(stageEvent("1"))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if n != 400 {
		t.Errorf("handled %d", n)
	}
}
