package events_test

import (
	"context"
	"strconv"
	"testing"

	"github.com/codesuite-go/codesuite/events"
)

// The comparison with aws-lambda-go is in examples/internal/eventsbench.

const benchDetail = `"pipeline":"web-shop","execution-id":"8f0c2c55-1b7e-4e0e-8a53-0d2f6f6b7c11","start-time":"2026-03-02T10:14:03.120Z","stage":"Build",` +
	`"execution-result":{"external-execution-url":"https://eu-central-1.console.aws.amazon.com/codebuild/home?region=eu-central-1#/builds/web-shop:1f9f2c7a/view/new",` +
	`"external-execution-summary":"Build terminated with state: FAILED","external-execution-id":"web-shop:1f9f2c7a","error-code":"JobFailed"},` +
	`"output-artifacts":[],"action-execution-id":"b1f5f0c2-6f0e-4a5a-9a3f-3a0f7e9d2c44","action":"Compile",` +
	`"input-artifacts":[{"name":"SourceArtifact","s3location":{"bucket":"codepipeline-eu-central-1-artifacts","key":"web-shop/SourceArti/Qw3rTy1"}}],` +
	`"state":"FAILED","region":"eu-central-1","type":{"owner":"AWS","provider":"CodeBuild","category":"Build","version":"1"},"version":6.0,"pipeline-execution-attempt":1.0`

func BenchmarkDecode(b *testing.B) {
	data := []byte(pipelineEvent("Action", benchDetail))
	b.ReportAllocs()
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := events.Decode(data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMarshal(b *testing.B) {
	e, err := events.Decode([]byte(pipelineEvent("Action", benchDetail)))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := e.MarshalJSON(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkInvokeBatch handles ten messages of a queue, each an SNS message
// with an event.
func BenchmarkInvokeBatch(b *testing.B) {
	var messages []string
	for i := range 10 {
		messages = append(messages, sqsRecord(strconv.Itoa(i), "q", "", snsMessage("n", pipelineEvent("Action", benchDetail))))
	}
	data := []byte(records(messages...))
	var mux events.Mux
	if err := events.On(&mux, func(context.Context, *events.ActionExecutionStateChange) error { return nil }); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := mux.Invoke(b.Context(), data); err != nil {
			b.Fatal(err)
		}
	}
}
