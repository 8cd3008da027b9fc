package events_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/codesuite-go/codesuite/events"
	"github.com/google/go-cmp/cmp"
)

func quote(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func snsMessage(id, message string) string {
	return `{"Type":"Notification","MessageId":` + quote(id) + `,"TopicArn":"arn:aws:sns:eu-central-1:111122223333:t","Subject":"s","Message":` + quote(message) + `,"Timestamp":"2026-03-02T10:15:43.001Z"}`
}

func snsRecord(id, message string) string {
	return `{"EventSource":"aws:sns","EventVersion":"1.0","EventSubscriptionArn":"arn:aws:sns:eu-central-1:111122223333:t:1","Sns":` + snsMessage(id, message) + `}`
}

func sqsRecord(id, queue, group, body string) string {
	attributes := `"ApproximateReceiveCount":"2","SentTimestamp":"1772446543001"`
	if group != "" {
		attributes += `,"MessageGroupId":` + quote(group)
	}
	return `{"messageId":` + quote(id) + `,"receiptHandle":"r","body":` + quote(body) + `,"attributes":{` + attributes + `},` +
		`"messageAttributes":{},"eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:eu-central-1:111122223333:` + queue + `","awsRegion":"eu-central-1"}`
}

func records(list ...string) string { return `{"Records":[` + strings.Join(list, ",") + `]}` }

const triggerRecord = `{"awsRegion":"eu-central-1","codecommit":{"references":[` +
	`{"commit":"c3d7","created":true,"ref":"refs/heads/feature/X"},{"commit":"f5ba","ref":"refs/heads/main"},` +
	`{"commit":"f766","deleted":true,"ref":"refs/tags/1.0.0"},{"commit":"aa11","ref":"refs/notes/n"}]},` +
	`"customData":null,"eventId":"ev","eventName":"ReferenceChanges","eventPartNumber":1,"eventSource":"aws:codecommit",` +
	`"eventSourceARN":"arn:aws:codecommit:eu-central-1:111122223333:web","eventTime":"2022-01-10T18:55:09.100+0000",` +
	`"eventTotalParts":1,"eventTriggerConfigId":"c","eventTriggerName":"ci","eventVersion":"1.0","userIdentityARN":"arn:aws:iam::111122223333:user/ana"}`

// Every envelope leads to the same event, the same Raw and the same key.
func TestDecodeEnvelopes(t *testing.T) {
	t.Parallel()
	event := pipelineEvent("Stage", `"stage":"Build","execution-id":"x","state":"STARTED","pipeline-execution-attempt":1.0`)
	for _, test := range []struct {
		name, payload string
		sns, sqs      string // message IDs
	}{
		{"bare", event, "", ""},
		{"array", "[" + event + "]", "", ""},
		{"JSON string", quote(event), "", ""},
		{"SNS to Lambda", records(snsRecord("n-1", event)), "n-1", ""},
		{"SNS to HTTP", snsMessage("n-1", event), "n-1", ""},
		{"EventBridge to SQS, SNS raw to SQS", records(sqsRecord("q-1", "q", "", event)), "", "q-1"},
		{"SNS to SQS", records(sqsRecord("q-1", "q", "", snsMessage("n-1", event))), "n-1", "q-1"},
		{"SQS record alone", sqsRecord("q-1", "q", "", event), "", "q-1"},
		{"indented body", records(sqsRecord("q-1", "q", "", "\n "+event+"\n")), "", "q-1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e := decode[*events.StageExecutionStateChange](t, test.payload)
			if e.Stage != "Build" {
				t.Errorf("Stage is %q", e.Stage)
			}
			if string(e.Raw()) != event {
				t.Errorf("Raw is %s", e.Raw())
			}
			if want := "stage|111122223333|eu-central-1||x|Build|1|STARTED"; e.IdempotencyKey() != want {
				t.Errorf("key is %q, want %q", e.IdempotencyKey(), want)
			}
			var sns, sqs string
			if e.Delivery.SNS != nil {
				sns = e.Delivery.SNS.MessageID
				if e.Delivery.SNS.TopicARN != "arn:aws:sns:eu-central-1:111122223333:t" {
					t.Errorf("topic is %q", e.Delivery.SNS.TopicARN)
				}
			}
			if e.Delivery.SQS != nil {
				sqs = e.Delivery.SQS.MessageID
				if e.Delivery.SQS.ReceiveCount != 2 {
					t.Errorf("receive count is %d", e.Delivery.SQS.ReceiveCount)
				}
			}
			if sns != test.sns || sqs != test.sqs {
				t.Errorf("message IDs %q, %q, want %q, %q", sns, sqs, test.sns, test.sqs)
			}
			checkRoundTrip(t, e)
		})
	}
}

func TestDecodeAllSeveral(t *testing.T) {
	t.Parallel()
	s3 := `{"eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"b"},"object":{"key":"a+b%2Fc"}}}`
	payload := records(
		sqsRecord("q-1", "q", "", records(triggerRecord, triggerRecord)),
		sqsRecord("q-2", "q", "", snsMessage("n-1", records(s3))),
		sqsRecord("q-3", "q", "", "plain text"),
		sqsRecord("q-4", "q", "", "{broken"),
		sqsRecord("q-5", "q", "", "[INFO] a line"),
		sqsRecord("q-6", "q", "", pipelineEvent("Stage", ``)),
	)
	all, err := events.DecodeAll([]byte(payload))
	if err == nil || !strings.Contains(err.Error(), "Records[3].body: want a member name") {
		t.Errorf("error is %v", err)
	}
	var got []string
	for _, e := range all {
		d := deliveryOf(e)
		name := typeName(e) + " " + d.SQS.MessageID
		if d.SNS != nil {
			name += " " + d.SNS.MessageID
		}
		got = append(got, name)
		checkRoundTrip(t, e)
	}
	want := []string{
		"RepositoryTrigger q-1", "RepositoryTrigger q-1", "S3Notification q-2 n-1",
		"Unknown q-3", "Unknown q-5", "StageExecutionStateChange q-6",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
	if key := all[2].(*events.S3Notification).Key(); key != "a b/c" {
		t.Errorf("key is %q", key)
	}
	if text := all[3].(*events.Unknown).Text; text != "plain text" {
		t.Errorf("text is %q", text)
	}
}

// A payload that is broken outside of its messages yields nothing.
func TestDecodeAllBroken(t *testing.T) {
	t.Parallel()
	all, err := events.DecodeAll([]byte(`{"Records":[` + triggerRecord + `,{"eventSource":]}`))
	if err == nil || len(all) != 0 {
		t.Errorf("got %d events, %v", len(all), err)
	}
}

func TestDecodeConfirmation(t *testing.T) {
	t.Parallel()
	e := decode[*events.Unknown](t, `{"Type":"SubscriptionConfirmation","MessageId":"m","TopicArn":"t","Message":"You have chosen","SubscribeURL":"https://sns.example","Token":"k"}`)
	if e.Delivery.SNS == nil || e.Delivery.SNS.Type != "SubscriptionConfirmation" || !strings.Contains(string(e.Raw()), "SubscribeURL") {
		t.Errorf("got %+v", e)
	}
}

func TestUnknownKeys(t *testing.T) {
	t.Parallel()
	all, err := events.DecodeAll([]byte(records(
		sqsRecord("q-1", "q", "", `[{"a":1},{"a":2}]`),
		sqsRecord("q-2", "q", "", `{"a":1}`),
	)))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, e := range all {
		seen[e.IdempotencyKey()] = true
	}
	if len(all) != 3 || len(seen) != 3 {
		t.Errorf("%d events have the keys %v", len(all), seen)
	}
}
