package events_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/codesuite-go/codesuite/events"
	"github.com/google/go-cmp/cmp"
)

// pipelineEvent is an EventBridge event with the given members in its detail.
func pipelineEvent(level, detail string) string {
	return `{"version":"0","id":"e-1","detail-type":"CodePipeline ` + level + ` Execution State Change","source":"aws.codepipeline",` +
		`"account":"111122223333","time":"2026-03-02T10:15:42Z","region":"eu-central-1",` +
		`"resources":["arn:aws:codepipeline:eu-central-1:111122223333:web"],"detail":{` + detail + `}}`
}

func decode[E events.Event](t *testing.T, payload string) E {
	t.Helper()
	e, err := events.Decode([]byte(payload))
	if err != nil {
		t.Fatal(err)
	}
	got, ok := e.(E)
	if !ok {
		t.Fatalf("got %T", e)
	}
	return got
}

func TestDecodeLenient(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		detail  string
		version int64
		attempt int
		typ     string
	}{
		{`"version":6,"pipeline-execution-attempt":1,"type":{"version":1}`, 6, 1, "1"},
		{`"version":6.0,"pipeline-execution-attempt":1.0,"type":{"version":"1"}`, 6, 1, "1"},
		{`"version":"6","pipeline-execution-attempt":"1","type":{"version":1.0}`, 6, 1, "1"},
		{`"version":"6.0","pipeline-execution-attempt":" 1 ","type":{"version":"1.0"}`, 6, 1, "1.0"},
		{`"version":6e0,"pipeline-execution-attempt":0.1e1,"type":{"version":"v2"}`, 6, 1, "v2"},
		{`"version":null,"pipeline-execution-attempt":"","type":{"version":null}`, 0, 0, ""},
		{`"version":"None","pipeline-execution-attempt":null,"type":null`, 0, 0, ""},
		{`"version":9007199254740993.0`, 9007199254740993, 0, ""},
		{`"version":9223372036854775807,"pipeline-execution-attempt":-1`, 9223372036854775807, -1, ""},
		{``, 0, 0, ""},
	} {
		t.Run(test.detail, func(t *testing.T) {
			t.Parallel()
			e := decode[*events.ActionExecutionStateChange](t, pipelineEvent("Action", test.detail))
			if e.PipelineVersion != test.version || e.Attempt != test.attempt || e.Type.Version != test.typ {
				t.Errorf("got %d, %d, %q, want %d, %d, %q", e.PipelineVersion, e.Attempt, e.Type.Version, test.version, test.attempt, test.typ)
			}
			checkRoundTrip(t, e)
		})
	}
}

func TestDecodeBooleans(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]bool{
		`true`: true, `"True"`: true, `"true"`: true, `"TRUE"`: true,
		`false`: false, `"False"`: false, `null`: false, `""`: false,
	} {
		e := decode[*events.PullRequestStateChange](t, `{"source":"aws.codecommit","detail-type":"CodeCommit Pull Request State Change","detail":{"isMerged":`+value+`}}`)
		if e.IsMerged != want {
			t.Errorf("%s: got %t", value, e.IsMerged)
		}
		checkRoundTrip(t, e)
	}
}

// What AWS may add or change at any time is data.
func TestDecodeOpenSets(t *testing.T) {
	t.Parallel()
	e := decode[*events.ActionExecutionStateChange](t, pipelineEvent("Action",
		`"state":"PAUSED","type":{"owner":"AWS","category":"Compute","provider":"Commands","version":"1"},"new-field":{"a":[1.50,"x"]}`))
	if e.State != "PAUSED" || e.State.Terminal() || e.Type.Category != "Compute" {
		t.Errorf("got %+v", e)
	}
	if !strings.Contains(string(e.Raw()), `"new-field":{"a":[1.50,"x"]}`) {
		t.Errorf("Raw lost a field: %s", e.Raw())
	}
	checkRoundTrip(t, e)
}

// The order of members decides nothing: the detail may come before the type.
func TestDecodeOrder(t *testing.T) {
	t.Parallel()
	e := decode[*events.StageExecutionStateChange](t,
		`{"detail":{"stage":"Build","state":"STARTED"},"source":"aws.codepipeline","detail-type":"CodePipeline Stage Execution State Change"}`)
	if e.Stage != "Build" || e.State != events.StageStarted {
		t.Errorf("got %+v", e)
	}
}

// Only AWS can send a source that begins with aws.
func TestDecodeOtherSource(t *testing.T) {
	t.Parallel()
	for _, source := range []string{`"my.app"`, `""`, `null`} {
		e := decode[*events.Unknown](t, `{"source":`+source+`,"detail-type":"CodePipeline Stage Execution State Change","id":"1","detail":{"stage":"Build"}}`)
		if string(e.Detail) != `{"stage":"Build"}` || e.ID != "1" {
			t.Errorf("got %+v", e)
		}
		checkRoundTrip(t, e)
	}
}

func TestDecodeErrors(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", events.MaxDepth+1) + strings.Repeat("]", events.MaxDepth+1)
	nested := `{"Records":[]}`
	for range 9 {
		quoted, _ := json.Marshal(nested)
		nested = `{"Records":[{"eventSource":"aws:sqs","messageId":"m","body":` + string(quoted) + `}]}`
	}
	for _, test := range []struct{ name, payload, want string }{
		{"empty", ``, "want an object, found the end of the text (byte 0)"},
		{"white space", "\n ", "want an object, found the end of the text"},
		{"number", `5`, "want an object, found a number"},
		{"null", `null`, "want an object, found null"},
		{"word", `nope`, "want an object, found an invalid character"},
		{"half a boolean", `tru`, "want an object, found an invalid character"},
		{"no JSON", `hello`, "want an object, found an invalid character"},
		{"byte order mark", "\ufeff{}", "found an invalid character"},
		{"cut", `{"source":"aws.codepipeline","detail-ty`, "string without its closing quote"},
		{"trailing", `{} {}`, "more text behind the JSON value (byte 3)"},
		{"trailing comma", `{"a":1,}`, "want a member name"},
		{"no colon", `{"a" 1}`, "want a colon, found a number"},
		{"no comma", `{"a":1 "b":2}`, "want a comma or the closing bracket, found a string"},
		{"single quotes", `{'a':1}`, "want a member name"},
		{"bad escape", `{"a":"user\Mary"}`, "unknown escape in a string (byte 10)"},
		{"bad unicode escape", `{"a":"\u12x4"}`, `\u without four hexadecimal digits`},
		{"control character", "{\"a\":\"x\ny\"}", "control character in a string"},
		{"control character behind an escape", "{\"a\":\"\\tx\ny\"}", "control character in a string"},
		{"leading zero", `{"a":01}`, "not a number"},
		{"bare minus", `{"a":-}`, "not a number"},
		{"bare point", `{"a":1.}`, "not a number"},
		{"bare exponent", `{"a":1e}`, "not a number"},
		{"word", `{"a":nul}`, "want a value"},
		{"not UTF-8", "{\"a\":\"\xff\"}", "not valid UTF-8"},
		{"too deep", `{"a":` + deep + `}`, "nested more than 128 deep"},
		{"too many envelopes", nested, "more than 8 envelopes inside each other"},
		{"field twice", pipelineEvent("Stage", `"stage":"A","stage":"B"`), "detail.stage: the member appears twice"},
		{"detail is a string", strings.Replace(pipelineEvent("Stage", ``), `{}`, `"{}"`, 1), "detail: want an object, found a string"},
		{"fraction for an attempt", pipelineEvent("Stage", `"pipeline-execution-attempt":6.5`), "detail.pipeline-execution-attempt: want a whole number of at most 64 bits"},
		{"object in a list of the identity", `{"source":"aws.codecommit","detail-type":"CodeCommit Pull Request State Change","detail":{"repositoryNames":["a",{}]}}`, "detail.repositoryNames[1]: want a string, found an object"},
		{"record of a trigger", records(`{"eventSource":"aws:codecommit","codecommit":{"references":[{"ref":[]}]}}`), "Records[0].codecommit.references[0].ref: want a string, found an array"},
		{"object for a string", pipelineEvent("Stage", `"stage":{}`), "detail.stage: want a string, found an object"},
		{"Records is an object", `{"Records":{}}`, "Records: want an array, found an object"},
		{"unknown member", `{"new-field":{"x":[1,}}`, "new-field: want a value, found an invalid character"},
		{"odd member", `{"a\nb":nul}`, "decode: ?: want a value"},
		{"job is null", `{"CodePipeline.job":null}`, "CodePipeline.job: want an object, found null"},
		{"no records", `{"Records":[]}`, "want one event, found 0; use DecodeAll"},
		{"record is a number", `{"Records":[5]}`, "Records[0]: want an object, found a number"},
		{"SNS record without message", `{"Records":[{"EventSource":"aws:sns"}]}`, "Records[0].Sns: missing"},
		{"SQS record without ID", `{"Records":[{"eventSource":"aws:sqs","body":"x"}]}`, "Records[0].messageId: missing"},
		{"broken record in a message", records(sqsRecord("q", "q", "", snsMessage("n", `[{"eventSource":"aws:s3","s3":1}]`))), "Records[0].body.Message[0].s3: want an object, found a number"},
		{"broken message", `{"Records":[{"eventSource":"aws:sqs","messageId":"m","body":"{\"a\":}"}]}`, "Records[0].body.a: want a value, found an invalid character (byte 5)"},
		{"two events", `[` + pipelineEvent("Stage", ``) + `,` + pipelineEvent("Stage", ``) + `]`, "want one event, found 2; use DecodeAll"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e, err := events.Decode([]byte(test.payload))
			if err == nil {
				t.Fatalf("no error, got %T", e)
			}
			var decodeErr *events.DecodeError
			if !errors.As(err, &decodeErr) {
				t.Errorf("got %T, want *events.DecodeError", err)
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %q, want it to contain %q", err, test.want)
			}
		})
	}
}

func TestDecodeTooLarge(t *testing.T) {
	t.Parallel()
	_, err := events.Decode(make([]byte, events.MaxSize+1))
	if err == nil || !strings.Contains(err.Error(), fmt.Sprint(events.MaxSize)) {
		t.Errorf("got %v", err)
	}
}

// An error must not quote the payload: it may hold credentials.
func TestDecodeErrorsHoldNoValues(t *testing.T) {
	t.Parallel()
	const secret = "wJalrXUtnFEMI"
	for _, payload := range []string{
		`{"CodePipeline.job":{"data":{"artifactCredentials":{"expirationTime":"` + secret + `","sessionToken":"` + secret,
		`{"CodePipeline.job":{"id":["` + secret + `"]}}`,
	} {
		if _, err := events.Decode([]byte(payload)); err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("got %v", err)
		}
	}
}

func TestDecodeStrings(t *testing.T) {
	t.Parallel()
	for literal, want := range map[string]string{
		`""`:                     "",
		`"a\"b\\c\/d\b\f\n\r\t"`: "a\"b\\c/d\b\f\n\r\t",
		`"\u00e9\u4F60"`:         "é你",
		`"\ud83d\udc4e"`:         "👎",
		`"\ud83d"`:               "\ufffd",
		`"\ud83dx"`:              "\ufffdx",
		`"\ud83d\u0041"`:         "\ufffdA",
		`"\udc4e\ud83d"`:         "\ufffd\ufffd",
		`"\\"`:                   `\`,
		`"\\\""`:                 `\"`,
		`"héllo 你好 👎"`:           "héllo 你好 👎",
		`"\u0000"`:               "\x00",
		`" spaces "`:             " spaces ",
	} {
		e := decode[*events.StageExecutionStateChange](t, pipelineEvent("Stage", `"stage":`+literal))
		if e.Stage != want {
			t.Errorf("%s: got %q, want %q", literal, e.Stage, want)
		}
		var std string
		if err := json.Unmarshal([]byte(literal), &std); err != nil || std != want {
			t.Errorf("%s: encoding/json has %q, %v", literal, std, err)
		}
		checkRoundTrip(t, e)
	}
}

// A key may be written with escapes.
func TestDecodeEscapedKey(t *testing.T) {
	t.Parallel()
	e := decode[*events.StageExecutionStateChange](t, pipelineEvent("Stage", `"st\u0061ge":"Build"`))
	if e.Stage != "Build" {
		t.Errorf("got %q", e.Stage)
	}
	checkRoundTrip(t, e)
}

func TestUnmarshalJSON(t *testing.T) {
	t.Parallel()
	var e events.StageExecutionStateChange
	if err := json.Unmarshal([]byte(pipelineEvent("Stage", `"stage":"Build"`)), &e); err != nil {
		t.Fatal(err)
	}
	if e.Stage != "Build" {
		t.Errorf("got %q", e.Stage)
	}
	err := json.Unmarshal([]byte(pipelineEvent("Pipeline", ``)), &e)
	if err == nil || !strings.Contains(err.Error(), "want *events.StageExecutionStateChange, found *events.PipelineExecutionStateChange") {
		t.Errorf("got %v", err)
	}
	var in struct {
		Event *events.StageExecutionStateChange
	}
	if err := json.Unmarshal([]byte(`{"Event":null}`), &in); err != nil || in.Event != nil {
		t.Errorf("got %v, %v", in.Event, err)
	}
}

// An event lives on when the caller reuses the payload's memory.
func TestDecodeCopies(t *testing.T) {
	t.Parallel()
	payload := []byte(pipelineEvent("Stage", `"stage":"Build"`))
	e, err := events.Decode(payload)
	if err != nil {
		t.Fatal(err)
	}
	want := string(payload)
	clear(payload)
	if got := e.(*events.StageExecutionStateChange).Stage; got != "Build" {
		t.Errorf("got %q", got)
	}
	raw := e.Raw()
	if diff := cmp.Diff(want, string(raw)); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
	clear(raw)
	if string(e.Raw()) != want {
		t.Error("Raw is not a copy")
	}
}

// A payload of nothing but tiny elements is an error before it fills the
// memory, and so is one such message, which does not take the others with it.
func TestDecodeMaxEvents(t *testing.T) {
	t.Parallel()
	list := func(element string, n int) string {
		return "[" + strings.TrimSuffix(strings.Repeat(element+",", n), ",") + "]"
	}
	got, err := events.DecodeAll([]byte(list("{}", events.MaxEvents)))
	if err != nil || len(got) != events.MaxEvents {
		t.Errorf("%d events, %v", len(got), err)
	}
	for _, payload := range []string{
		list("{}", events.MaxEvents+1),
		list("1", events.MaxEvents+1),
		`{"Records":` + list("{}", events.MaxEvents+1) + `}`,
		list(`{"Records":[{},{}]}`, events.MaxEvents/2+1),
	} {
		got, err := events.DecodeAll([]byte(payload))
		var decodeErr *events.DecodeError
		if !errors.As(err, &decodeErr) || len(got) > events.MaxEvents {
			t.Errorf("%.30s: %d events, %T", payload, len(got), err)
		} else if want := "more than 32768 events"; !strings.Contains(err.Error(), want) {
			t.Errorf("%.30s: error without %q", payload, want)
		}
	}
	batch := records(sqsRecord("bad", "q", "", list("{}", events.MaxEvents+1)), sqsRecord("good", "q", "", stageEvent("1")))
	got, err = events.DecodeAll([]byte(batch))
	if len(got) != 1 || err == nil || !strings.Contains(err.Error(), "Records[0].body: more than 32768 events") {
		t.Errorf("%d events, %.200v", len(got), err)
	}
}

// A list or map of too many elements is not read, and the event is not lost.
func TestDecodeMaxElements(t *testing.T) {
	t.Parallel()
	const most = 32768
	var members strings.Builder
	for i := range most + 1 {
		fmt.Fprintf(&members, `,"%d":""`, i)
	}
	for payload, path := range map[string]string{
		pipelineEvent("Action", `"input-artifacts":[`+strings.Repeat(`null,`, most)+`null]`):                                                                                                          "detail.input-artifacts",
		`{"source":"aws.codepipeline","detail-type":"CodePipeline Stage Execution State Change","additionalAttributes":{"sourceActions":[{"sourceActionVariables":{` + members.String()[1:] + `}}]}}`: "additionalAttributes.sourceActions[0].sourceActionVariables",
	} {
		e, err := events.Decode([]byte(payload))
		if err != nil {
			t.Fatal(err)
		}
		if p := e.Problems(); len(p) != 1 || p[0].Path != path || !strings.Contains(p[0].Reason, "more than 32768") {
			t.Errorf("%.100s: %v", payload, p)
		}
		if e, ok := e.(*events.ActionExecutionStateChange); ok && e.InputArtifacts != nil {
			t.Errorf("%d artifacts", len(e.InputArtifacts))
		}
	}
	// What the package does not read may be as long as it is.
	if e, err := events.Decode([]byte(pipelineEvent("Action", `"more":[`+strings.Repeat(`null,`, most)+`null]`))); err != nil || e.Problems() != nil {
		t.Error(err)
	}
}
