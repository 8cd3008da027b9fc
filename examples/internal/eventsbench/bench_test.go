package eventsbench

import (
	"context"
	"encoding/json"
	"os"
	"testing"

	lambdaevents "github.com/aws/aws-lambda-go/events"
	"github.com/codesuite-go/codesuite/events"
)

// The pipeline payload has whole numbers throughout, so that both packages
// decode it: aws-lambda-go fails on 6.0 and on the version "1" of an action
// type.
func payload(tb testing.TB, name string) []byte {
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

func BenchmarkAction(b *testing.B) {
	data := payload(b, "action.json")
	b.Run("aws-lambda-go", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			var e lambdaevents.CodePipelineCloudWatchEvent
			if err := json.Unmarshal(data, &e); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Decode", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			if _, err := events.Decode(data); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Invoke", func(b *testing.B) { benchInvoke[*events.ActionExecutionStateChange](b, data) })
}

func BenchmarkPullRequest(b *testing.B) {
	data := payload(b, "pull-request.json")
	b.Run("Invoke", func(b *testing.B) { benchInvoke[*events.PullRequestStateChange](b, data) })
}

// benchInvoke measures decoding and dispatch together.
func benchInvoke[E events.Event](b *testing.B, data []byte) {
	var mux events.Mux
	n := 0
	if err := events.On(&mux, func(context.Context, E) error { n++; return nil }); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := mux.Invoke(b.Context(), data); err != nil {
			b.Fatal(err)
		}
	}
	if n == 0 {
		b.Fatal("the handler was not called")
	}
}

// TestPayload makes sure that the comparison is one: aws-lambda-go decodes
// the pipeline payload without an error, and both find the same.
func TestPayload(t *testing.T) {
	t.Parallel()
	data := payload(t, "action.json")
	var theirs lambdaevents.CodePipelineCloudWatchEvent
	if err := json.Unmarshal(data, &theirs); err != nil {
		t.Fatal(err)
	}
	e, err := events.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	ours := e.(*events.ActionExecutionStateChange)
	if theirs.Detail.ExecutionID != ours.ExecutionID || string(theirs.Detail.State) != string(ours.State) || theirs.Detail.Version != ours.PipelineVersion {
		t.Errorf("aws-lambda-go: %+v, events: %+v", theirs.Detail, ours)
	}
}
