package pipeline_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/internal/fixturetest"
	"github.com/codesuite-go/codesuite/pipeline"
)

// elsewhere are the kinds of API replies that this package does not call for, or of
// which it returns none of the values that the manifest lists.
var elsewhere = map[string]bool{"api.getJobDetails": true, "api.pollForJobs": true, "api.getPipelineState": true}

// TestFixtures serves recorded replies of the service to the SDK's client and
// compares every value that the manifest lists. A key of the manifest that the
// test does not know fails it.
func TestFixtures(t *testing.T) {
	t.Parallel()
	var list []struct {
		File, Kind string
		Expect     object
	}
	dir := fixturetest.Load(t, &list)
	compared := 0
	for _, f := range list {
		if !strings.HasPrefix(f.Kind, "api.") || elsewhere[f.Kind] {
			continue
		}
		compared++
		t.Run(f.File, func(t *testing.T) {
			t.Parallel()
			var recorded object
			if err := json.Unmarshal(fixturetest.Read(t, dir, f.File), &recorded); err != nil {
				t.Fatal(err)
			}
			var got object
			switch f.Kind {
			case "api.getPipelineExecution":
				got = getExecution(t, onTheWire(t, recorded).(object))
			case "api.listActionExecutions":
				got = listActions(t, onTheWire(t, recorded).(object))
			case "api.listPipelineExecutions":
				got = listExecutions(t, onTheWire(t, recorded).(object))
			default:
				t.Fatalf("unknown kind %s", f.Kind)
			}
			compare(t, "", f.Expect, got)
		})
	}
	if compared == 0 {
		t.Error("no fixture of an API reply")
	}
}

// compare checks that got has all that want has.
func compare(t *testing.T, path string, want, got any) {
	t.Helper()
	switch want := want.(type) {
	case object:
		members, ok := got.(object)
		if !ok {
			t.Errorf("%s: got %T", path, got)
			return
		}
		for key, value := range want {
			if _, ok := members[key]; !ok {
				t.Errorf("key %s.%s: not known", path, key)
				continue
			}
			compare(t, path+"."+key, value, members[key])
		}
	case []any:
		elements, ok := got.([]object)
		if !ok || len(elements) != len(want) {
			t.Errorf("%s: got %v, want %d elements", path, got, len(want))
			return
		}
		for i := range want {
			compare(t, fmt.Sprintf("%s[%d]", path, i), want[i], elements[i])
		}
	default:
		if diff := cmp.Diff(fmt.Sprint(want), fmt.Sprint(got)); diff != "" {
			t.Errorf("%s: mismatch (-want +got):\n%s", path, diff)
		}
	}
}

// onTheWire turns times back into numbers where whoever recorded a reply had
// decoded it.
func onTheWire(t *testing.T, v any) any {
	t.Helper()
	switch v := v.(type) {
	case object:
		for key, value := range v {
			if text, ok := value.(string); ok && (key == "created" || strings.HasSuffix(key, "Time")) {
				parsed, err := time.Parse(time.RFC3339, text)
				if err != nil {
					t.Fatal(err)
				}
				value = float64(parsed.UnixMilli()) / 1000
			}
			v[key] = onTheWire(t, value)
		}
	case []any:
		for i := range v {
			v[i] = onTheWire(t, v[i])
		}
	}
	return v
}

func getExecution(t *testing.T, recorded object) object {
	t.Helper()
	if _, ok := recorded["pipelineExecution"]; !ok { // only the member, or a part of it
		recorded = object{"pipelineExecution": recorded}
	}
	w := serveExecution(t, recorded, object{})
	member := recorded["pipelineExecution"].(object)
	name, _ := member["pipelineName"].(string)
	id, _ := member["pipelineExecutionId"].(string)
	if name == "" {
		name, id = web, run1
	}
	e, err := w.open().Execution(t.Context(), name, id)
	if err != nil {
		t.Fatal(err)
	}
	var revisions []object
	for _, r := range e.Revisions {
		revisions = append(revisions, revisionOf(r))
	}
	return object{
		"pipeline": e.Pipeline, "executionId": e.ID, "status": e.Status, "version": e.PipelineVersion,
		"executionMode": e.Mode, "executionType": e.Type, "trigger": triggerOf(e.Trigger), "artifactRevisions": revisions,
	}
}

func listActions(t *testing.T, recorded object) object {
	t.Helper()
	details := recorded["actionExecutionDetails"].([]any)
	id := details[0].(object)["pipelineExecutionId"].(string)
	w := serveExecution(t, execution("Succeeded"), recorded)
	e, err := w.open().Execution(t.Context(), web, id)
	if err != nil {
		t.Fatal(err)
	}
	var list []object
	for i := len(e.Actions) - 1; i >= 0; i-- { // the service lists the newest first
		a := e.Actions[i]
		list = append(list, object{
			"pipelineExecutionId": e.ID, "stage": a.Stage, "action": a.Action, "status": a.Status, "provider": a.Type.Provider,
			"externalExecutionId": a.ExternalID, "outputVariables": variablesOf(a.OutputVariables),
		})
	}
	return object{"actions": list}
}

func listExecutions(t *testing.T, recorded object) object {
	t.Helper()
	w := newWire(t, map[string]func(object) (any, error){"ListPipelineExecutions": reply(recorded)})
	var list []object
	for e, err := range w.open().Executions(t.Context(), web) {
		if err != nil {
			t.Fatal(err)
		}
		var revisions []object
		for _, r := range e.Revisions {
			revisions = append(revisions, revisionOf(r))
		}
		list = append(list, object{"executionId": e.ID, "status": e.Status, "trigger": triggerOf(e.Trigger), "sourceRevisions": revisions})
	}
	return object{"executions": list}
}

func triggerOf(t pipeline.Trigger) object {
	return object{"triggerType": t.Type, "triggerDetail": t.Detail}
}

// revisionOf tells a revision by the manifest's keys.
func revisionOf(r pipeline.Revision) object {
	o := object{
		"name": r.Artifact, "actionName": r.Action, "revisionId": r.ID, "revisionUrl": r.URL, "commitMessage": r.Message,
		"repository": r.Repository, "providerType": r.Provider,
	}
	if r.ConnectionARN == "" {
		o["revisionSummary"] = r.Message // as it came
	}
	if r.Provider == events.ProviderGitHub {
		o["fullRepositoryId"] = r.Repository
	}
	if r.Provider == events.ProviderS3 {
		o["s3VersionId"] = r.ID
	}
	return o
}

func variablesOf(m map[string]string) object {
	o := make(object, len(m))
	for key, value := range m {
		o[key] = value
	}
	return o
}
