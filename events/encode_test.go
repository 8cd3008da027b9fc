package events_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/codesuite-go/codesuite/events"
	"github.com/google/go-cmp/cmp"
)

func TestMarshalChanged(t *testing.T) {
	t.Parallel()
	const payload = `{"version":"0", "id":"1", "x":1.0, "detail-type":"CodePipeline Action Execution State Change","source":"aws.codepipeline",
		"detail":{"pipeline":"p","version":6.0,"y":[1,2],"state":"STARTED","type":{"owner":"AWS","z":null,"version":"1"},
		"execution-result":{"external-execution-id":"i","w":true},
		"input-artifacts":[{"name":"a","v":1,"s3location":{"bucket":"b","key":"k"}},{"name":"c"}]}}`
	for _, test := range []struct {
		name   string
		change func(*events.ActionExecutionStateChange)
		want   string
	}{
		{"nothing", func(*events.ActionExecutionStateChange) {}, payload},
		{"fields", func(e *events.ActionExecutionStateChange) {
			e.Pipeline, e.PipelineVersion, e.State, e.Type.Version = "q<&>", 7, "", "2"
			e.Region = "eu-west-1"
			e.Attempt = 2
			e.Result.ExternalExecutionID, e.Result.ErrorCode = "j", "JobFailed"
			e.InputArtifacts[0].Key = "l"
			e.AdditionalInformation = "why"
		}, `{"version":"0","id":"1","x":1.0,"detail-type":"CodePipeline Action Execution State Change","source":"aws.codepipeline",
		"detail":{"pipeline":"q<&>","version":7,"y":[1,2],"state":"","type":{"owner":"AWS","z":null,"version":"2"},
		"execution-result":{"external-execution-id":"j","w":true,"error-code":"JobFailed"},
		"input-artifacts":[{"name":"a","v":1,"s3location":{"bucket":"b","key":"l"}},{"name":"c"}],"pipeline-execution-attempt":2},
		"region":"eu-west-1","additionalAttributes":{"additionalInformation":"why"}}`},
		{"removed", func(e *events.ActionExecutionStateChange) {
			e.Result = nil
			e.InputArtifacts = e.InputArtifacts[:1]
			e.Type = events.ActionType{}
		}, `{"version":"0","id":"1","x":1.0,"detail-type":"CodePipeline Action Execution State Change","source":"aws.codepipeline",
		"detail":{"pipeline":"p","version":6.0,"y":[1,2],"state":"STARTED","type":{"owner":"","z":null,"version":""},
		"execution-result":null,"input-artifacts":[{"name":"a","v":1,"s3location":{"bucket":"b","key":"k"}}]}}`},
		{"inserted", func(e *events.ActionExecutionStateChange) {
			e.InputArtifacts = slices.Insert(e.InputArtifacts, 1, events.Artifact{Name: "x"})
		}, strings.Replace(payload, `{"name":"c"}`, `{"name":"x"},{"name":"c"}`, 1)},
		{"put in front", func(e *events.ActionExecutionStateChange) {
			e.InputArtifacts = slices.Insert(e.InputArtifacts, 0, events.Artifact{Name: "x"})
		}, strings.Replace(payload, `[{"name":"a"`, `[{"name":"x"},{"name":"a"`, 1)},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e := decode[*events.ActionExecutionStateChange](t, payload)
			test.change(e)
			got, err := e.MarshalJSON()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(generic(t, []byte(test.want)), generic(t, got)); diff != "" {
				t.Errorf("mismatch (-want +got):\n%s", diff)
			}
			again := decode[*events.ActionExecutionStateChange](t, string(got))
			if diff := diffEvents(e, again); diff != "" {
				t.Errorf("decoding again changed the event (-first +second):\n%s", diff)
			}
		})
	}
}

// A changed value keeps the spelling of the old one.
func TestMarshalKeepsSpelling(t *testing.T) {
	t.Parallel()
	e := decode[*events.PullRequestStateChange](t, `{"detailType":"CodeCommit Pull Request State Change","source":"aws.codecommit",`+
		`"detail":{"isMerged":"False","pullRequestId":"1"},"additionalAttributes":{"numberOfFilesAdded":"1","numberOfFilesDeleted":1}}`)
	e.IsMerged, e.FilesAdded, e.FilesDeleted, e.DetailType = true, 2, 3, "CodeCommit PullRequest State Change"
	got, err := e.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	want := `{"detailType":"CodeCommit PullRequest State Change","source":"aws.codecommit",` +
		`"detail":{"isMerged":"True","pullRequestId":"1"},"additionalAttributes":{"numberOfFilesAdded":"2","numberOfFilesDeleted":"3"}}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
}

// Events that were built in Go decode to themselves.
func TestMarshalBuilt(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		event events.Event
		want  string
	}{
		{
			&events.PipelineExecutionStateChange{
				Header:   events.Header{Account: "111122223333", Time: "2026-03-02T10:15:42Z", Resources: []string{"arn"}},
				Pipeline: "p", ExecutionID: "x", State: events.PipelineStopping, PipelineVersion: 3, Attempt: 1,
				Trigger:       &events.ExecutionTrigger{CommitID: "c"},
				SourceActions: []events.SourceAction{{Name: "s", Variables: map[string]string{"b": "2", "a": "1"}}},
			},
			`{"detail-type":"CodePipeline Pipeline Execution State Change","source":"aws.codepipeline","account":"111122223333","time":"2026-03-02T10:15:42Z","resources":["arn"],` +
				`"detail":{"pipeline":"p","execution-id":"x","state":"STOPPING","version":3,"pipeline-execution-attempt":1,"execution-trigger":{"commit-id":"c"}},` +
				`"additionalAttributes":{"sourceActions":[{"sourceActionName":"s","sourceActionVariables":{"a":"1","b":"2"}}]}}`,
		},
		{
			&events.PullRequestStateChange{PullRequestID: "7", IsMerged: true, RepositoryNames: []string{"web"}, FilesAdded: 1, Title: "a\"\\\n\t\x01é"},
			`{"detail-type":"CodeCommit Pull Request State Change","source":"aws.codecommit","detail":{"pullRequestId":"7","repositoryNames":["web"],"isMerged":"True","title":"a\"\\\n\t\u0001é"},"additionalAttributes":{"numberOfFilesAdded":"1"}}`,
		},
		{
			&events.StateMachineExecutionStatusChange{ExecutionARN: "e", StartDate: "1772446542000", Status: events.ExecutionRunning},
			`{"detail-type":"Step Functions Execution Status Change","source":"aws.states","detail":{"executionArn":"e","status":"RUNNING","startDate":1772446542000}}`,
		},
		{
			&events.RepositoryTrigger{EventID: "e", PartNumber: 1, References: []events.TriggerReference{{Ref: "refs/heads/x", Commit: "c", Created: true}}},
			`{"eventSource":"aws:codecommit","eventId":"e","eventPartNumber":1,"codecommit":{"references":[{"ref":"refs/heads/x","commit":"c","created":true}]}}`,
		},
		{
			&events.Job{ID: "j", FunctionName: "f", Credentials: events.JobCredentials{ExpirationTime: "1575493418000"}},
			`{"CodePipeline.job":{"id":"j","data":{"actionConfiguration":{"configuration":{"FunctionName":"f"}},"artifactCredentials":{"expirationTime":1575493418000}}}}`,
		},
		{&events.ApprovalRequest{Region: "r", Pipeline: "p"}, `{"region":"r","approval":{"pipelineName":"p"}}`},
		{&events.S3Notification{Bucket: "b", EncodedKey: "a%20b", RequestID: "q"}, `{"eventSource":"aws:s3","responseElements":{"x-amz-request-id":"q"},"s3":{"bucket":{"name":"b"},"object":{"key":"a%20b"}}}`},
		{&events.S3TestEvent{Bucket: "b"}, `{"Event":"s3:TestEvent","Bucket":"b"}`},
		{&events.S3ObjectChange{Header: events.Header{DetailType: "Object Deleted"}, Bucket: "b"}, `{"detail-type":"Object Deleted","source":"aws.s3","detail":{"bucket":{"name":"b"}}}`},
		{&events.Unknown{Text: "hello \"you\""}, `"hello \"you\""`},
		{&events.Unknown{Header: events.Header{DetailType: "My Event", Source: "my.app"}, Detail: []byte(`{"a":1}`)}, `{"detail-type":"My Event","source":"my.app","detail":{"a":1}}`},
	} {
		t.Run(typeName(test.event), func(t *testing.T) {
			t.Parallel()
			got, err := test.event.MarshalJSON()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, string(got)); diff != "" {
				t.Fatalf("mismatch (-want +got):\n%s", diff)
			}
			again, err := events.Decode(got)
			if err != nil {
				t.Fatal(err)
			}
			if typeName(again) != typeName(test.event) {
				t.Fatalf("decodes to %T", again)
			}
			second, err := again.MarshalJSON()
			if err != nil || string(second) != string(got) {
				t.Errorf("encodes again to %s, %v", second, err)
			}
			if test.event.Raw() != nil {
				t.Error("Raw of a built event is not nil")
			}
		})
	}
}

// Detail is the one field that holds JSON. It must be what Decode reads.
func TestMarshalDetail(t *testing.T) {
	t.Parallel()
	for _, detail := range []string{`{`, `{} {}`, `{"a":01}`, "\"\xff\"", strings.Repeat("[", events.MaxDepth) + strings.Repeat("]", events.MaxDepth)} {
		for _, e := range []events.Event{
			&events.ScheduledEvent{Detail: json.RawMessage(detail)},
			&events.Unknown{Header: events.Header{DetailType: "d", Source: "s"}, Detail: json.RawMessage(detail)},
		} {
			if got, err := e.MarshalJSON(); err == nil {
				t.Errorf("%T with the detail %.20q: no error but %.80q", e, detail, got)
			}
		}
	}
}

// An object of which nothing was read keeps all, also when fields are set.
func TestMarshalUnknown(t *testing.T) {
	t.Parallel()
	e := decode[*events.Unknown](t, `{"source":"x","account":{"a":1},"b":2.0}`)
	e.DetailType, e.Source = "d", "y"
	got, err := e.MarshalJSON()
	if want := `{"source":"y","account":{"a":1},"b":2.0,"detail-type":"d"}`; err != nil || string(got) != want {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
}
