package events_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/codesuite-go/codesuite/events"
	"github.com/google/go-cmp/cmp"
)

// A value that does not fit its field is told, and does not lose the event.
func TestDecodeProblems(t *testing.T) {
	t.Parallel()
	build := func(detail string) string {
		return `{"source":"aws.codebuild","detail-type":"CodeBuild Build State Change","detail":{"build-id":"b","build-status":"FAILED",` + detail + `}}`
	}
	for _, test := range []struct {
		name, payload string
		want          []string
	}{
		{"fraction", pipelineEvent("Stage", `"stage":"A","version":6.5`), []string{"detail.version: want a whole number of at most 64 bits, found another number"}},
		{"beyond 64 bits", pipelineEvent("Stage", `"stage":"A","version":9223372036854775808`), []string{"detail.version: want a whole number of at most 64 bits, found another number"}},
		{"huge", pipelineEvent("Stage", `"stage":"A","version":1e400`), []string{"detail.version: want a whole number of at most 64 bits, found another number"}},
		{"words for a number", pipelineEvent("Stage", `"stage":"A","version":"six"`), []string{"detail.version: want a whole number, found another string"}},
		{"array for a number", pipelineEvent("Stage", `"stage":"A","version":[6]`), []string{"detail.version: want a whole number, found an array"}},
		{"boolean for a number", pipelineEvent("Stage", `"stage":"A","version":true`), []string{"detail.version: want a whole number, found a boolean"}},
		{"words for a boolean", `{"source":"aws.codecommit","detail-type":"CodeCommit Pull Request State Change","detail":{"isMerged":"Maybe"}}`, []string{"detail.isMerged: want a boolean, found another string"}},
		{"string for a list", `{"detail-type":"Scheduled Event","source":"aws.events","detail":{},"resources":"x"}`, []string{"resources: want an array, found a string"}},
		{"element", pipelineEvent("Action", `"input-artifacts":[{"name":"a"},{"name":"b","s3location":{"key":[],"bucket":"c"}}]`), []string{"detail.input-artifacts[1].s3location.key: want a string, found an array"}},
		{"string for an object", build(`"additional-information":"gone"`), []string{"detail.additional-information: want an object, found a string"}},
		{"string for an object of other fields", `{"source":"aws.codepipeline","detail-type":"CodePipeline Stage Execution State Change","detail":{},"additionalAttributes":"none"}`, []string{"additionalAttributes: want an object, found a string"}},
		{"two", build(`"additional-information":{"build-number":1.5,"phases":[{"duration-in-seconds":"long"}]}`), []string{
			"detail.additional-information.build-number: want a whole number of at most 64 bits, found another number",
			"detail.additional-information.phases[0].duration-in-seconds: want a whole number, found another string",
		}},
		{"object in a map of strings", `{"source":"aws.codepipeline","detail-type":"CodePipeline Stage Execution State Change","additionalAttributes":{"sourceActions":[{"sourceActionVariables":{"a":{},"b":"x"}}]}}`, []string{"additionalAttributes.sourceActions[0].sourceActionVariables.a: want a string, found an object"}},
		{"map key twice", `{"detail-type":"ECR Image Scan","source":"aws.ecr","detail":{"finding-severity-counts":{"LOW":1,"LOW":2}}}`, []string{"detail.finding-severity-counts: a member appears twice"}},
		{"field twice in an object of the detail", build(`"additional-information":{"source":{"type":"S3","type":"GITHUB"},"initiator":"me"}`), []string{"detail.additional-information.source.type: the member appears twice"}},
		{"credentials of a job", `{"CodePipeline.job":{"id":"j","data":{"artifactCredentials":[]}}}`, []string{"CodePipeline.job.data.artifactCredentials: want an object, found an array"}},
		{"header of an unknown event", `{"source":"my.app","detail-type":"Mine","id":{},"account":[1],"detail":{}}`, []string{"id: want a string, found an object", "account: want a string, found an array"}},
		{"inside and around a message", records(`{"eventSource":"aws:sqs","messageId":"m","attributes":{"SentTimestamp":[]},"body":` + quote(snsMessage("n", pipelineEvent("Stage", `"version":6.5`))) + `}`), []string{
			"Records[0].body.Message.detail.version: want a whole number of at most 64 bits, found another number",
			"Records[0].attributes.SentTimestamp: want a string, found an array",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e, err := events.Decode([]byte(test.payload))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, p := range e.Problems() {
				got = append(got, p.Path+": "+p.Reason)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			checkRoundTrip(t, e)
		})
	}
}

// The other fields around a problem are read.
func TestDecodeAroundProblems(t *testing.T) {
	t.Parallel()
	e := decode[*events.PipelineExecutionStateChange](t, `{"source":"aws.codepipeline","detail-type":"CodePipeline Pipeline Execution State Change",
		"detail":{"pipeline":"p","version":[],"state":"FAILED"},
		"additionalAttributes":{"failedActionCount":"many","failedActions":[5,{"action":"Compile"}],"sourceActions":[{"sourceActionVariables":{"a":{},"b":"x"}}]}}`)
	want := &events.PipelineExecutionStateChange{
		Header:   events.Header{Source: "aws.codepipeline", DetailType: "CodePipeline Pipeline Execution State Change"},
		Pipeline: "p", State: events.PipelineFailed,
		FailedActions: []events.FailedAction{{}, {Action: "Compile"}},
		SourceActions: []events.SourceAction{{Variables: map[string]string{"b": "x"}}},
	}
	if diff := diffEvents(want, e); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
	e.FailedActions[1].Action = "Test"
	text, err := e.MarshalJSON()
	if err != nil || !strings.Contains(string(text), `"failedActions":[5,{"action":"Test"}]`) || !strings.Contains(string(text), `"version":[]`) {
		t.Errorf("encoded as %s, %v", text, err)
	}
}

func TestDecodeManyProblems(t *testing.T) {
	t.Parallel()
	e := decode[*events.ActionExecutionStateChange](t, pipelineEvent("Action", `"input-artifacts":[`+strings.Repeat(`1,`, 500)+`{"name":"last"}]`))
	if n := len(e.Problems()); n != 100 || len(e.InputArtifacts) != 501 || e.InputArtifacts[500].Name != "last" {
		t.Errorf("%d problems, %d artifacts", n, len(e.InputArtifacts))
	}
}

// identity has the members that an event of each type cannot do without, by
// the type's name. A # stands for the elements of a list.
var identity = map[string][]string{
	"header":                            {"id", "detail-type", "detailType", "source", "account", "time", "region"},
	"PipelineExecutionStateChange":      {"detail.pipeline", "detail.execution-id", "detail.state", "detail.pipeline-execution-attempt"},
	"StageExecutionStateChange":         {"detail.pipeline", "detail.execution-id", "detail.state", "detail.pipeline-execution-attempt", "detail.stage"},
	"ActionExecutionStateChange":        {"detail.pipeline", "detail.execution-id", "detail.state", "detail.pipeline-execution-attempt", "detail.stage", "detail.action"},
	"PullRequestStateChange":            {"detail.event", "detail.pullRequestId", "detail.repositoryNames.#", "detail.sourceCommit", "detail.revisionId", "detail.pullRequestStatus", "detail.callerUserArn", "detail.approvalStatus", "detail.overrideStatus", "detail.approvalRuleId"},
	"RepositoryStateChange":             {"detail.event", "detail.repositoryName", "detail.referenceType", "detail.referenceName", "detail.referenceFullName", "detail.commitId", "detail.oldCommitId"},
	"PullRequestComment":                {"detail.event", "detail.pullRequestId", "detail.repositoryName", "detail.commentId", "detail.callerUserArn"},
	"CommitComment":                     {"detail.event", "detail.repositoryName", "detail.commentId", "detail.callerUserArn"},
	"CommentReactionChange":             {"detail.event", "detail.repositoryName", "detail.commentId", "detail.callerUserArn"},
	"ApprovalRuleTemplateChange":        {"detail.event", "detail.approvalRuleTemplateId", "detail.callerUserArn"},
	"BuildStateChange":                  {"detail.build-status", "detail.project-name", "detail.build-id"},
	"BuildPhaseChange":                  {"detail.project-name", "detail.build-id", "detail.completed-phase", "detail.completed-phase-status", "detail.completed-phase-start"},
	"DeploymentStateChange":             {"detail.deploymentId", "detail.state"},
	"DeploymentInstanceStateChange":     {"detail.deploymentId", "detail.instanceId", "detail.state"},
	"StateMachineExecutionStatusChange": {"detail.executionArn", "detail.status", "detail.redriveCount"},
	"SpotInterruptionWarning":           {"detail.instance-id", "detail.instance-action"},
	"ImageAction":                       {"detail.repository-name", "detail.image-digest", "detail.image-tag", "detail.action-type", "detail.result"},
	"ImageScan":                         {"detail.repository-name", "detail.image-digest", "detail.scan-status"},
	"ImageScanResourceChange":           {"detail.action-type"},
	"S3ObjectChange":                    {"detail.bucket.name", "detail.object.key", "detail.object.version-id", "detail.object.sequencer", "detail.object.etag", "detail.object.size", "detail.request-id"},
	"S3Notification":                    {"eventSource", "eventTime", "eventName", "responseElements.x-amz-request-id", "responseElements.xAmzRequestId", "s3.bucket.name", "s3.object.key", "s3.object.urlDecodedKey", "s3.object.versionId", "s3.object.sequencer", "s3.object.size", "s3.object.eTag"},
	"RepositoryTrigger":                 {"eventSource", "eventId", "eventName", "eventPartNumber", "eventSourceARN", "eventTriggerName", "codecommit.references.#.ref", "codecommit.references.#.commit", "codecommit.references.#.created", "codecommit.references.#.deleted"},
	"Job":                               {"CodePipeline.job.id", "CodePipeline.job.accountId"},
	"ApprovalRequest":                   {"region", "approval.pipelineName", "approval.stageName", "approval.actionName", "approval.token"},
	"DeploymentHook":                    {"DeploymentId", "LifecycleEventHookExecutionId"},
	"S3TestEvent":                       {"Event", "Time", "Bucket", "RequestId"},
}

func nameOfType(e events.Event) string { return reflect.TypeOf(e).Elem().Name() }

// isIdentity reports whether the member is of the identity, or around it.
func isIdentity(e events.Event, path []string) bool {
	names := identity[nameOfType(e)]
	if headerOf(e) != nil {
		names = slices.Concat(names, identity["header"])
	}
	generic := slices.Clone(path)
	for i, step := range generic {
		if _, err := strconv.Atoi(step); err == nil {
			generic[i] = "#"
		}
	}
	member := strings.Join(generic, ".")
	return slices.ContainsFunc(names, func(name string) bool {
		return name == member || strings.HasPrefix(name, member+".")
	})
}

// bare are events of every type without a message around them, with every field
// that a test knows.
func bare(t testing.TB) []events.Event {
	t.Helper()
	var list []events.Event
	for _, payload := range payloads() {
		all, _ := events.DecodeAll([]byte(payload))
		for _, e := range all {
			if _, unknown := e.(*events.Unknown); !unknown {
				list = append(list, e)
			}
		}
	}
	seen := map[string]bool{}
	for _, e := range slices.Clone(list) {
		if name := nameOfType(e); !seen[name] {
			seen[name] = true
			list = append(list, full(t, e))
		}
	}
	return list
}

// full returns an event of the same type with a value in every field.
func full(t testing.TB, e events.Event) events.Event {
	t.Helper()
	built := reflect.New(reflect.TypeOf(e).Elem())
	fill(built.Elem())
	if h := headerOf(e); h != nil {
		to := built.Interface().(events.Event)
		headerOf(to).Source, headerOf(to).DetailType = h.Source, h.DetailType
	}
	for _, name := range []string{"EventSource", "Event"} {
		if from, to := reflect.ValueOf(e).Elem().FieldByName(name), built.Elem().FieldByName(name); to.IsValid() && to.Kind() == reflect.String {
			to.Set(from)
		}
	}
	text, err := built.Interface().(events.Event).MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	again, err := events.Decode(text)
	if err != nil || again.Problems() != nil {
		t.Fatalf("%s: %v, %v", text, err, again)
	}
	return again
}

func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString("2026-03-02T10:15:42Z")
	case reflect.Int, reflect.Int64:
		v.SetInt(7)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Slice:
		if v.Type() == reflect.TypeFor[json.RawMessage]() {
			v.SetBytes([]byte(`{"a":1}`))
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0))
		fill(v.Index(1))
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		value := reflect.New(v.Type().Elem()).Elem()
		fill(value)
		v.SetMapIndex(reflect.ValueOf("A"), value)
	case reflect.Struct:
		switch v.Type() {
		case reflect.TypeFor[events.Origin]():
			return
		case reflect.TypeFor[events.Secret]():
			v.Set(reflect.ValueOf(events.NewSecret("s-1")))
			return
		}
		for i := range v.NumField() {
			fill(v.Field(i))
		}
	}
}

// values yields the paths of all members and elements of a value.
func values(v any, path []string, yield func([]string)) {
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			at := append(slices.Clone(path), name)
			yield(at)
			values(v[name], at, yield)
		}
	case []any:
		for i, element := range v {
			at := append(slices.Clone(path), strconv.Itoa(i))
			yield(at)
			values(element, at, yield)
		}
	}
}

// replaced returns v with another value at the path.
func replaced(v any, path []string, value json.RawMessage) any {
	if len(path) == 0 {
		return value
	}
	switch v := v.(type) {
	case map[string]any:
		v = maps.Clone(v)
		v[path[0]] = replaced(v[path[0]], path[1:], value)
		return v
	case []any:
		i, _ := strconv.Atoi(path[0])
		v = slices.Clone(v)
		v[i] = replaced(v[i], path[1:], value)
		return v
	}
	return v
}

// checkOdd decodes an event with an odd value in one place.
func checkOdd(t *testing.T, e events.Event, path []string, odd string) {
	t.Helper()
	text, err := json.Marshal(replaced(generic(t, e.Raw()), path, json.RawMessage(odd)))
	if err != nil {
		t.Fatal(err)
	}
	if isIdentity(e, path) {
		return
	}
	got, err := events.Decode(text)
	if err != nil {
		t.Fatalf("lost: %v\n%s", err, text)
	}
	if nameOfType(got) != nameOfType(e) || got.IdempotencyKey() != e.IdempotencyKey() {
		t.Fatalf("%T %s became %T %s", e, e.IdempotencyKey(), got, got.IdempotencyKey())
	}
	var at strings.Builder
	for _, step := range path {
		if _, err := strconv.Atoi(step); err == nil {
			fmt.Fprintf(&at, "[%s]", step)
		} else {
			at.WriteString("." + step)
		}
	}
	for _, p := range got.Problems() {
		if !strings.HasPrefix("."+p.Path, at.String()) {
			t.Errorf("a problem at %s, for a value at %s", p.Path, at.String())
		}
	}
	encoded, err := got.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(shown(got, generic(t, got.Raw())), shown(got, generic(t, encoded))); diff != "" {
		t.Errorf("encoding changed the JSON (-raw +encoded):\n%s", diff)
	}
}

// odd are values that hardly any field holds.
var odd = []string{
	`6.5`, `-1e400`, `9223372036854775808`, `-9223372036854775809`, `"six"`, `""`, `true`, `null`, `{}`, `[]`, `[[]]`, `[{}]`, `[1,"a",null,{"a":[]}]`,
	`{"":{}}`, `{"a":{"b":[{}]},"b":1}`, `"\ud83d"`, `"\u0000"`,
}

func TestOddFields(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, e := range bare(t) {
		seen[nameOfType(e)] = true
		t.Run(nameOfType(e), func(t *testing.T) {
			t.Parallel()
			i := 0
			values(generic(t, e.Raw()), nil, func(path []string) {
				for range 4 { // of all, over the places of an event
					checkOdd(t, e, path, odd[i%len(odd)])
					i++
				}
			})
		})
	}
	for name := range identity {
		if name != "header" && !seen[name] {
			t.Errorf("no payload with a %s", name)
		}
	}
}

func FuzzOddField(f *testing.F) {
	list := bare(f)
	for i := range list {
		f.Add(uint(i), uint(i), odd[i%len(odd)])
	}
	f.Fuzz(func(t *testing.T, which, place uint, value string) {
		if !json.Valid([]byte(value)) || !utf8.ValidString(value) || strings.Count(value, "[")+strings.Count(value, "{") > 100 {
			return // no JSON, or too deep
		}
		e := list[which%uint(len(list))]
		var paths [][]string
		values(generic(t, e.Raw()), nil, func(path []string) { paths = append(paths, path) })
		if len(paths) == 0 {
			return
		}
		checkOdd(t, e, paths[place%uint(len(paths))], value)
	})
}
