package events_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/codesuite-go/codesuite/events"
	"github.com/google/go-cmp/cmp"
)

// payloads has every event type and envelope.
func payloads() []string {
	header := func(source, detailType, detail string) string {
		return `{"version":"0","id":"` + detailType + `","detail-type":"` + detailType + `","source":"` + source + `","account":"1","time":"2026-03-02T10:15:42Z","region":"r","resources":["a"],"detail":` + detail + `}`
	}
	return []string{
		pipelineEvent("Pipeline", `"pipeline":"p","execution-id":"x","state":"STARTED","version":6.0,"execution-trigger":{"trigger-type":"Webhook","commit-id":"c"},"stop-execution-comments":"s"`),
		pipelineEvent("Stage", `"stage":"s","state":"RESUMED","pipeline-execution-attempt":2.0`),
		pipelineEvent("Action", `"type":{"owner":"AWS","version":"1"},"input-artifacts":[{"name":"a","s3location":{"bucket":"b","key":"k"}}],"execution-result":{"error-code":"JobFailed"}`),
		`{"detailType":"CodePipeline Pipeline Execution State Change","source":"aws.codepipeline","notificationRuleArn":"n","detail":{"state":"FAILED"},"additionalAttributes":{"failedActionCount":1,"failedActions":[{"action":"a"}],"sourceActions":[{"sourceActionVariables":{"CommitId":"c"}}]}}`,
		header("aws.codecommit", "CodeCommit Pull Request State Change", `{"event":"pullRequestCreated","isMerged":"False","repositoryNames":["web"],"creationDate":"Tue Feb 9 2019 10:18:42 PDT "}`),
		header("aws.codecommit", "CodeCommit Repository State Change", `{"event":"referenceCreated","referenceName":"x","referenceType":"branch"}`),
		`{"detailType":"CodeCommit Comment on Commit","source":"aws.codecommit","detail":{"commentId":"c"},"additionalAttributes":{"filePath":"None","commentedLine":"None","commentedLineNumber":"None","comments":[{"commentText":"\u307b"}]}}`,
		header("aws.codecommit", "CodeCommit Comment on Pull Request", `{"commentId":"c"}`),
		header("aws.codecommit", "CodeCommit Comment Reaction Change", `{"reactionEmojis":["\ud83d\udc4e"]}`),
		header("aws.codecommit", "CodeCommit Approval Rule Template Change", `{"repositories":{"web":"id"}}`),
		header("aws.codebuild", "CodeBuild Build State Change", `{"build-id":"arn:aws:codebuild:r:1:build/p:u","additional-information":{"build-number":5.0,"build-complete":true,"phases":[{"phase-context":[": "],"duration-in-seconds":0.0}],"cache":{"type":"NO_CACHE"}}}`),
		header("aws.codebuild", "CodeBuild Build Phase Change", `{"completed-phase-duration-seconds":4}`),
		header("aws.codedeploy", "CodeDeploy Deployment State-change Notification", `{"state":"SUCCESS"}`),
		header("aws.codedeploy", "CodeDeploy Instance State-change Notification", `{"instanceId":"i"}`),
		header("aws.events", "Scheduled Event", `{}`),
		strings.Replace(header("aws.scheduler", "Scheduled Event", `"{}"`), `"id":"Scheduled`, `"id":"Scheduler`, 1),
		`{"DeploymentId":"d-1A2B3C","LifecycleEventHookExecutionId":"eyJlbmNyeXB0ZWREYXRhIjoi"}`,
		invocation("RetriesExhausted", stageEvent("1")), invocation("EventAgeExceeded", records(snsRecord("n", "text"))),
		records(sqsRecord("q-1", "q", "", invocation("RetriesExhausted", quote(stageEvent("1")))), sqsRecord("q-2", "q", "", quote(quote(stageEvent("2"))))),
		header("aws.states", "Step Functions Execution Status Change", `{"startDate":1547148840101,"stopDate":null,"outputDetails":null,"inputDetails":{"included":true}}`),
		header("aws.ec2", "EC2 Spot Instance Interruption Warning", `{"instance-id":"i-1234567890abcdef0","instance-action":"terminate"}`),
		header("aws.ecr", "ECR Image Action", `{"image-tag":"latest"}`),
		header("aws.ecr", "ECR Image Scan", `{"finding-severity-counts":{"LOW":1}}`),
		header("aws.ecr", "ECR Scan Resource Change", `{"repositories":[{"repository-name":"a"}]}`),
		header("aws.s3", "Object Created", `{"bucket":{"name":"b"},"object":{"key":"k","size":5}}`),
		header("my.app", "My Event", `[1,2.50,{"a":null}]`),
		records(triggerRecord, triggerRecord),
		records(`{"eventSource":"aws:s3","eventName":"ObjectRemoved:Delete","responseElements":{"xAmzRequestId":"q"},"s3":{"object":{"key":"a+b"}}}`),
		records(snsRecord("n-1", stageEvent("1"))),
		records(sqsRecord("q-1", "q", "", snsMessage("n-1", records(triggerRecord))), sqsRecord("q-2", "q.fifo", "g", "text"), sqsRecord("q-3", "q.fifo", "g", "{")),
		`{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"b"}`,
		`{"CodePipeline.job":{"id":"j","data":{"actionConfiguration":{"configuration":{"UserParameters":"u"}},"inputArtifacts":[{"revision":null}],"artifactCredentials":{"expirationTime":1575493418000},"encryptionKey":{"id":"k","type":"KMS"}}}}`,
		`{"region":"r","consoleLink":"l","approval":{"pipelineName":"p","expires":"2018-11-13T21:36Z"}}`,
		`[` + stageEvent("1") + `,{"a":{"b":[true,false,null,-0.5e+1]}}]`,
		quote(stageEvent("1")), `"text"`, `{}`, `[]`, `{"Records":[]}`, `"\"\\\"\\\\\\u00e9\""`,
		records(`{"eventSource":"aws:kinesis","eventID":"k"}`),
	}
}

func seeds(f *testing.F) {
	for _, s := range payloads() {
		f.Add([]byte(s))
	}
}

// checkEvent has what is true of every event that was decoded.
func checkEvent(t *testing.T, e events.Event) {
	t.Helper()
	raw := e.Raw()
	if !json.Valid(raw) {
		t.Fatalf("%T: Raw is not valid JSON: %q", e, raw)
	}
	encoded, err := e.MarshalJSON()
	if err != nil {
		t.Fatalf("%T: %v", e, err)
	}
	if diff := cmp.Diff(shown(e, generic(t, raw)), shown(e, generic(t, encoded))); diff != "" {
		t.Fatalf("%T: encoding changed the JSON (-raw +encoded):\n%s", e, diff)
	}
	again, err := events.Decode(encoded)
	if err != nil {
		t.Fatalf("%T: decode %s again: %v", e, encoded, err)
	}
	withSecrets(e, again)
	if diff := diffEvents(e, again); diff != "" {
		t.Fatalf("%T: decoding again changed the event (-first +second):\n%s", e, diff)
	}
	if e.Name() == "" || e.IdempotencyKey() == "" || !utf8.ValidString(e.IdempotencyKey()) {
		t.Fatalf("%T: name %q, key %q", e, e.Name(), e.IdempotencyKey())
	}
	if r, ok := e.(events.RefEvent); ok {
		for c := range r.RefChanges() {
			_ = c
		}
	}
	if s, ok := e.(events.S3Event); ok {
		_ = s.Object()
	}
	if a, ok := e.(*events.ActionExecutionStateChange); ok {
		_, _ = a.SourceRevision()
	}
	h := headerOf(e)
	if h == nil {
		return
	}
	_, _ = h.Time.Time()
	if h.DetailType == "" {
		return
	}
	h.Region += "\"x" // a changed field must arrive, and nothing else change
	changed, err := e.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	again, err = events.Decode(changed)
	if err != nil {
		t.Fatalf("%T: decode %s: %v", e, changed, err)
	}
	if diff := diffEvents(e, again); diff != "" {
		t.Fatalf("%T: a change did not arrive (-changed +decoded):\n%s", e, diff)
	}
}

func FuzzDecode(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := events.Decode(data)
		if err != nil {
			return
		}
		if !json.Valid(data) || !utf8.Valid(data) {
			t.Fatalf("decoded %q, which is not valid JSON", data)
		}
		checkEvent(t, e)
	})
}

func FuzzDecodeAll(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		all, err := events.DecodeAll(data)
		if len(all) > 0 && !json.Valid(data) {
			t.Fatalf("decoded %q, which is not valid JSON", data)
		}
		if err == nil && len(all) == 1 {
			if _, err := events.Decode(data); err != nil {
				t.Fatalf("DecodeAll finds one event, Decode says %v", err)
			}
		}
		for _, e := range all {
			checkEvent(t, e)
		}
		var mux events.Mux
		handled := 0
		if err := mux.Fallback(func(context.Context, events.Event) error { handled++; return nil }); err != nil {
			t.Fatal(err)
		}
		response, invokeErr := mux.Invoke(t.Context(), data)
		if invokeErr == nil && !json.Valid(response) {
			t.Fatalf("response is %q", response)
		}
		if err == nil && invokeErr == nil && handled != len(all) {
			t.Fatalf("Invoke handled %d of %d events", handled, len(all))
		}
		if err != nil && invokeErr == nil && string(response) == "null" {
			t.Fatalf("Invoke lost the error %v", err)
		}
	})
}
