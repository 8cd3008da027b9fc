package pipelinestatus_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	awscodebuild "github.com/aws/aws-sdk-go-v2/service/codebuild"
	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/events/pattern"
	"github.com/codesuite-go/codesuite/githubstatus"
	"github.com/codesuite-go/codesuite/githubstatus/pipelinestatus"
	"github.com/codesuite-go/codesuite/internal/awsjson"
)

// builds is a CodeBuild with the builds of the project "web", which answers the
// SDK's client over HTTP.
type builds struct {
	service *awsjson.Service
	client  *awscodebuild.Client
	mu      sync.Mutex
	list    []map[string]any // the oldest first
	refused string           // error code of all calls
}

func newBuilds(t *testing.T) *builds {
	t.Helper()
	b := &builds{}
	operation := func(serve func(in map[string]any) any) awsjson.Operation {
		return func(_ context.Context, body []byte) (any, error) {
			var in map[string]any
			if err := json.Unmarshal(body, &in); err != nil {
				return nil, err
			}
			b.mu.Lock()
			defer b.mu.Unlock()
			if b.refused != "" {
				return nil, awsjson.Errorf(b.refused, "refused by the test")
			}
			return serve(in), nil
		}
	}
	b.service = awsjson.NewService("codebuild", "CodeBuild_20161006", map[string]awsjson.Operation{
		"ListBuildsForProject": operation(func(in map[string]any) any {
			ids := []any{}
			for _, build := range b.list {
				if build["projectName"] == in["projectName"] {
					ids = append(ids, build["id"])
				}
			}
			if in["sortOrder"] == "DESCENDING" {
				slices.Reverse(ids)
			}
			return map[string]any{"ids": ids[:min(len(ids), 100)]}
		}),
		"BatchGetBuilds": operation(func(in map[string]any) any {
			found := []any{}
			wanted, _ := in["ids"].([]any)
			for _, build := range b.list {
				if slices.Contains(wanted, build["id"]) {
					found = append(found, build)
				}
			}
			return map[string]any{"builds": found}
		}),
	})
	server := httptest.NewServer(b.service)
	t.Cleanup(server.Close)
	b.client = awscodebuild.NewFromConfig(awsjson.Config(server.URL))
	return b
}

// add adds a build, changed by the fields, and returns its ID.
func (b *builds) add(fields map[string]any) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := len(b.list) + 1
	id := fmt.Sprintf("web:%08d-0000-4000-8000-000000000000", n)
	build := map[string]any{
		"id": id, "arn": "arn:aws:codebuild:eu-central-1:111122223333:build/" + id, "buildNumber": n, "projectName": "web",
		"buildStatus": "SUCCEEDED", "initiator": "GitHub-Hookshot/1", "sourceVersion": "main", "resolvedSourceVersion": commitA,
		"source":    map[string]any{"type": "GITHUB", "location": "https://github.com/octo/hello.git"},
		"startTime": 1772366400.0, "endTime": 1772366530.0, "timeoutInMinutes": 60,
	}
	for name, value := range fields {
		build[name] = value
	}
	b.list = append(b.list, build)
	return id
}

// buildEvent is the event of a build.
func buildEvent(id string, status events.BuildStatus) *events.BuildStateChange {
	return &events.BuildStateChange{
		Header: change("").Header, Status: status, Project: "web",
		BuildARN: "arn:aws:codebuild:eu-central-1:111122223333:build/" + id,
	}
}

func (b *builds) reporter(f *fake, optFns ...func(*pipelinestatus.Options)) *pipelinestatus.Reporter {
	return f.reporter(append([]func(*pipelinestatus.Options){func(o *pipelinestatus.Options) {
		o.Account, o.Region, o.Builds = "111122223333", "eu-central-1", b.client
	}}, optFns...)...)
}

func TestBuilds(t *testing.T) {
	t.Parallel()
	type fields = map[string]any
	status := func(s string, more ...fields) fields {
		f := fields{"buildStatus": s}
		for _, m := range more {
			for name, value := range m {
				f[name] = value
			}
		}
		return f
	}
	for _, test := range []struct {
		name   string
		builds []fields // the event is of the first
		event  events.BuildStatus
		want   []string
		log    string
	}{
		{name: "success", builds: []fields{{}}, event: "SUCCEEDED", want: []string{"octo/hello@aaaa codebuild/web success Succeeded in 2m10s"}},
		{
			name: "failure with its reason",
			builds: []fields{status("FAILED", fields{"phases": []any{
				map[string]any{"phaseType": "INSTALL", "phaseStatus": "SUCCEEDED", "durationInSeconds": 4},
				map[string]any{"phaseType": "BUILD", "phaseStatus": "FAILED", "contexts": []any{map[string]any{"message": "COMMAND_EXECUTION_ERROR: exit status 2"}}},
			}})},
			event: "FAILED", want: []string{"octo/hello@aaaa codebuild/web failure BUILD failed: COMMAND_EXECUTION_ERROR: exit status 2"},
		},
		{name: "stopped", builds: []fields{status("STOPPED")}, event: "STOPPED", want: []string{"octo/hello@aaaa codebuild/web error Stopped"}},
		{name: "timed out", builds: []fields{status("TIMED_OUT")}, event: "TIMED_OUT", want: []string{"octo/hello@aaaa codebuild/web error Timed out after 1h0m"}},
		{name: "fault", builds: []fields{status("FAULT")}, event: "FAULT", want: []string{"octo/hello@aaaa codebuild/web error Failed by a fault of CodeBuild"}},
		{
			name: "late start sets the end", builds: []fields{{}}, event: "IN_PROGRESS",
			want: []string{"octo/hello@aaaa codebuild/web success Succeeded in 2m10s"},
		},
		{
			name: "started with a commit", builds: []fields{status("IN_PROGRESS", fields{"sourceVersion": commitB, "resolvedSourceVersion": "", "endTime": nil})},
			event: "IN_PROGRESS", want: []string{"octo/hello@bbbb codebuild/web pending Running"},
		},
		{
			name: "queued", builds: []fields{status("IN_PROGRESS", fields{"sourceVersion": commitB, "resolvedSourceVersion": "", "currentPhase": "QUEUED"})},
			event: "IN_PROGRESS", want: []string{"octo/hello@bbbb codebuild/web pending Queued"},
		},
		{
			name: "started with a branch", builds: []fields{status("IN_PROGRESS", fields{"resolvedSourceVersion": ""})},
			event: "IN_PROGRESS", log: "commit of the build is not known yet",
		},
		{
			name: "a newer build on the commit runs", builds: []fields{{}, status("IN_PROGRESS")}, event: "SUCCEEDED",
			want: []string{"octo/hello@aaaa codebuild/web pending Running"},
		},
		{
			name: "a newer build on another commit", builds: []fields{{}, status("FAILED", fields{"resolvedSourceVersion": commitB})}, event: "SUCCEEDED",
			want: []string{"octo/hello@aaaa codebuild/web success Succeeded in 2m10s"},
		},
		{
			name: "a newer build of a pipeline", builds: []fields{{}, status("FAILED", fields{"initiator": "codepipeline/app"})}, event: "SUCCEEDED",
			want: []string{"octo/hello@aaaa codebuild/web success Succeeded in 2m10s"},
		},
		{name: "of a pipeline", builds: []fields{{"initiator": "codepipeline/app"}}, event: "SUCCEEDED", log: "not reported"},
		{name: "of a batch", builds: []fields{{"buildBatchArn": "arn:aws:codebuild:eu-central-1:111122223333:build-batch/web:1"}}, event: "SUCCEEDED", log: "not reported"},
		{name: "of CodeCommit", builds: []fields{{"source": map[string]any{"type": "CODECOMMIT", "location": "https://git-codecommit.eu-central-1.amazonaws.com/v1/repos/x"}}}, event: "SUCCEEDED", log: "not on GitHub"},
		{name: "of no repository", builds: []fields{{"source": map[string]any{"type": "GITHUB", "location": "https://github.com/octo"}}}, event: "SUCCEEDED", log: "not on GitHub"},
		{name: "of a status of the future", builds: []fields{status("HIBERNATED")}, event: "HIBERNATED"},
	} {
		b, f := newBuilds(t), newFake()
		for _, fields := range test.builds {
			b.add(fields)
		}
		if err := b.reporter(f).ReportBuild(t.Context(), buildEvent(b.list[0]["id"].(string), test.event)); err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		t.Log(test.name)
		f.check(t, test.want...)
		if !strings.Contains(f.log.String(), test.log) {
			t.Errorf("%s: log %s, want %q", test.name, &f.log, test.log)
		}
	}
}

// A build that CodeBuild does not have, or that still runs, is no success.
func TestForgedBuilds(t *testing.T) {
	t.Parallel()
	b, f := newBuilds(t), newFake()
	running := b.add(map[string]any{"buildStatus": "IN_PROGRESS"})
	r := b.reporter(f)
	if err := r.ReportBuild(t.Context(), buildEvent("web:0", "SUCCEEDED")); err != nil {
		t.Errorf("a build that does not exist: %v", err)
	}
	if err := r.ReportBuild(t.Context(), buildEvent(running, "SUCCEEDED")); err == nil || githubstatus.Permanent(err) {
		t.Errorf("a build that runs: error %v, want one that may pass", err)
	}
	for name, change := range map[string]func(*events.BuildStateChange){
		"account": func(e *events.BuildStateChange) { e.Account = "999999999999" },
		"Region":  func(e *events.BuildStateChange) { e.Region = "us-east-1" },
	} {
		event := buildEvent(running, "IN_PROGRESS")
		change(event)
		if err := r.ReportBuild(t.Context(), event); !errors.Is(err, pipelinestatus.ErrForeign) {
			t.Errorf("another %s: error %v, want ErrForeign", name, err)
		}
	}
	event := buildEvent(running, "IN_PROGRESS")
	event.Project = "api"
	if err := r.ReportBuild(t.Context(), event); err == nil {
		t.Error("a build of another project: no error")
	}
	f.check(t)
}

// The commit of a build is known when it has fetched its source.
func TestBuildPhases(t *testing.T) {
	t.Parallel()
	b, f := newBuilds(t), newFake()
	id := b.add(map[string]any{"buildStatus": "IN_PROGRESS", "currentPhase": "INSTALL"})
	r := b.reporter(f)
	for _, phase := range []string{"SUBMITTED", "DOWNLOAD_SOURCE", "INSTALL"} {
		err := r.ReportBuildPhase(t.Context(), &events.BuildPhaseChange{
			Header: change("").Header, Phase: phase, Project: "web", BuildARN: "arn:aws:codebuild:eu-central-1:111122223333:build/" + id,
		})
		if err != nil {
			t.Errorf("%s: %v", phase, err)
		}
	}
	f.check(t, "octo/hello@aaaa codebuild/web pending Running")
	// The list and the build, before and after the status was set.
	if diff := cmp.Diff(map[string]int{"ListBuildsForProject": 2, "BatchGetBuilds": 2}, b.service.Calls()); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

// Builds have check runs as pipelines have, and other accounts have clients of
// their own.
func TestBuildCheckRuns(t *testing.T) {
	t.Parallel()
	b := newBuilds(t)
	id := b.add(map[string]any{"buildStatus": "STOPPED"})
	s := newScene(t)
	s.useCheckRuns(t)
	r := pipelinestatus.New(s.pipelines, s.setter, func(o *pipelinestatus.Options) {
		o.OtherBuilds = map[pipelinestatus.Origin]pipelinestatus.BuildsAPI{{Account: "111122223333", Region: "eu-central-1"}: b.client}
	})
	var mux events.Mux
	if err := r.Register(&mux); err != nil {
		t.Fatal(err)
	}
	payload, err := json.Marshal(buildEvent(id, "STOPPED"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := mux.Invoke(t.Context(), payload); err != nil {
		t.Fatal(err)
	}
	runs := s.github.CheckRuns("octo/hello", commitA)
	if len(runs) != 1 || runs[0].Conclusion != "cancelled" || runs[0].ExternalID != id || runs[0].Name != "codebuild/web" ||
		!strings.HasPrefix(runs[0].DetailsURL, "https://eu-central-1.console.aws.amazon.com/codesuite/codebuild/111122223333/projects/web/build/") {
		t.Errorf("check runs %+v", runs)
	}
}

func TestBuildErrors(t *testing.T) {
	t.Parallel()
	b, f := newBuilds(t), newFake()
	id := b.add(nil)
	r := b.reporter(f)
	b.refused = "AccessDeniedException"
	err := r.ReportBuild(t.Context(), buildEvent(id, "SUCCEEDED"))
	if !errors.Is(err, fs.ErrPermission) || !githubstatus.Permanent(err) || !strings.Contains(err.Error(), "allow codebuild:BatchGetBuilds") {
		t.Errorf("error %v, want a permanent one that names the permission", err)
	}
	b.refused = "ResourceNotFoundException" // the project was deleted
	if err := r.ReportBuild(t.Context(), buildEvent(id, "SUCCEEDED")); err != nil {
		t.Error(err)
	}
	b.refused = ""
	for name, err := range map[string]error{
		"nil event":     r.ReportBuild(t.Context(), nil),
		"nil phase":     r.ReportBuildPhase(t.Context(), nil),
		"zero reporter": new(pipelinestatus.Reporter).ReportBuild(t.Context(), buildEvent(id, "SUCCEEDED")),
		"a state for no build": b.reporter(f, func(o *pipelinestatus.Options) {
			o.BuildStates = map[events.BuildStatus]githubstatus.State{"DONE": githubstatus.StateSuccess}
		}).ReportBuild(t.Context(), buildEvent(id, "SUCCEEDED")),
		"an end that is pending": b.reporter(f, func(o *pipelinestatus.Options) {
			o.BuildStates = map[events.BuildStatus]githubstatus.State{"STOPPED": githubstatus.StatePending}
		}).ReportBuild(t.Context(), buildEvent(id, "SUCCEEDED")),
		"no account": b.reporter(f, func(o *pipelinestatus.Options) {
			o.OtherBuilds = map[pipelinestatus.Origin]pipelinestatus.BuildsAPI{{Region: "us-east-1"}: b.client}
		}).ReportBuild(t.Context(), buildEvent(id, "SUCCEEDED")),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if err := f.reporter().ReportBuild(t.Context(), buildEvent(id, "SUCCEEDED")); err != nil {
		t.Errorf("without Builds: %v", err)
	}
	f.check(t)
}

func TestBuildPattern(t *testing.T) {
	t.Parallel()
	rule, err := newFake().reporter().BuildPattern(pattern.Equals("web"))
	if err != nil {
		t.Fatal(err)
	}
	all, err := newFake().reporter().BuildPattern(pattern.Matcher{})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][2]bool{ // of web, and of all
		`{"source":"aws.codebuild","detail-type":"CodeBuild Build State Change","detail":{"project-name":"web","build-status":"FAULT"}}`:              {true, true},
		`{"source":"aws.codebuild","detail-type":"CodeBuild Build State Change","detail":{"project-name":"api","build-status":"FAULT"}}`:              {false, true},
		`{"source":"aws.codebuild","detail-type":"CodeBuild Build Phase Change","detail":{"project-name":"web","completed-phase":"DOWNLOAD_SOURCE"}}`: {true, true},
		`{"source":"aws.codebuild","detail-type":"CodeBuild Build Phase Change","detail":{"project-name":"api","completed-phase":"DOWNLOAD_SOURCE"}}`: {false, true},
		`{"source":"aws.codebuild","detail-type":"CodeBuild Build Phase Change","detail":{"project-name":"web","completed-phase":"BUILD"}}`:           {false, false},
	}
	got := map[string][2]bool{}
	for payload := range want {
		one, err := rule.Match([]byte(payload))
		if err != nil {
			t.Error(err)
		}
		every, err := all.Match([]byte(payload))
		if err != nil {
			t.Error(err)
		}
		got[payload] = [2]bool{one, every}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("matches (-want +got):\n%s", diff)
	}
}
