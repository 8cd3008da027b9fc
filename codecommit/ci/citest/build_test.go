package citest_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodebuild "github.com/aws/aws-sdk-go-v2/service/codebuild"
	cbtypes "github.com/aws/aws-sdk-go-v2/service/codebuild/types"

	"github.com/codesuite-go/codesuite/codecommit/ci/citest"
	"github.com/codesuite-go/codesuite/events"
)

const commit = "8f1c0a1e2d3b4c5d6e7f8091a2b3c4d5e6f70819"

// Every way in which a build ends: what the API and the events say of it.
func TestBuildEnds(t *testing.T) {
	t.Parallel()
	ok := func(phases ...string) []string {
		for i := range phases {
			phases[i] += "=SUCCEEDED"
		}
		return phases
	}
	container := ok("SUBMITTED", "QUEUED", "PROVISIONING")
	toBuild := append(slices.Clone(container), ok("DOWNLOAD_SOURCE", "INSTALL", "PRE_BUILD")...)
	list := func(first []string, more ...string) []string { return append(slices.Clone(first), more...) }
	for _, test := range []struct {
		name    string
		outcome citest.Outcome
		want    []string
		status  string
		context string // of the phase that has not succeeded
		log     bool
	}{
		{"success", citest.Outcome{}, list(toBuild, append(ok("BUILD", "POST_BUILD", "UPLOAD_ARTIFACTS", "FINALIZING"), "COMPLETED=")...), "SUCCEEDED", "", true},
		{"a command fails", citest.Outcome{Status: citest.StatusFailed, Message: "exit status 2"},
			list(toBuild, append(append([]string{"BUILD=FAILED"}, ok("POST_BUILD", "UPLOAD_ARTIFACTS", "FINALIZING")...), "COMPLETED=")...), "FAILED", "COMMAND_EXECUTION_ERROR: exit status 2", true},
		{"an install command fails", citest.Outcome{Status: citest.StatusFailed, Phase: "INSTALL", Message: "no npm"},
			list(container, "DOWNLOAD_SOURCE=SUCCEEDED", "INSTALL=FAILED", "FINALIZING=SUCCEEDED", "COMPLETED="), "FAILED", "COMMAND_EXECUTION_ERROR: no npm", true},
		{"no container", citest.Outcome{Status: citest.StatusFailed, Phase: "PROVISIONING", StatusCode: "VPC_CLIENT_ERROR", Message: "no subnet"},
			list(ok("SUBMITTED", "QUEUED"), "PROVISIONING=FAILED", "COMPLETED="), "FAILED", "VPC_CLIENT_ERROR: no subnet", false},
		{"a fault of the service", citest.Outcome{Status: citest.StatusFault, Phase: "DOWNLOAD_SOURCE", StatusCode: "INTERNAL_ERROR", Message: "try again"},
			list(container, "DOWNLOAD_SOURCE=FAULT", "FINALIZING=SUCCEEDED", "COMPLETED="), "FAULT", "INTERNAL_ERROR: try again", true},
		{"too long", citest.Outcome{Status: citest.StatusTimedOut, StatusCode: "BUILD_TIMED_OUT", Message: "Build has timed out."},
			list(toBuild, "BUILD=TIMED_OUT", "FINALIZING=SUCCEEDED", "COMPLETED="), "TIMED_OUT", "BUILD_TIMED_OUT: Build has timed out.", true},
		{"too long in the queue", citest.Outcome{Status: citest.StatusTimedOut, Phase: "QUEUED"},
			list(ok("SUBMITTED"), "QUEUED=TIMED_OUT", "COMPLETED="), "TIMED_OUT", "", false},
		{"stopped by somebody", citest.Outcome{Status: citest.StatusStopped}, list(toBuild, "BUILD=STOPPED", "FINALIZING=SUCCEEDED", "COMPLETED="), "STOPPED", "", true},
		{"an outcome that no build has", citest.Outcome{Status: "OK"}, list(nil, "SUBMITTED=FAULT", "COMPLETED="), "FAULT",
			`TEST_SERVER_ERROR: Outcome.Status "OK" is not the status of an ended build`, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server, client := newServer(t, citest.Project{Name: "app", Repository: "app", Run: run(test.outcome)})
			var r recorder
			r.record(t, server)
			id := *start(t, client, awscodebuild.StartBuildInput{ProjectName: name, SourceVersion: aws.String(commit)}).Id
			server.Settle()
			b := get(t, client, id)
			diff(t, "phases", test.want, phases(b))
			diff(t, "status", test.status, string(b.BuildStatus))
			if !b.BuildComplete || b.EndTime == nil || aws.ToString(b.CurrentPhase) != "COMPLETED" {
				t.Errorf("complete %v, end %v, phase %s", b.BuildComplete, b.EndTime, aws.ToString(b.CurrentPhase))
			}
			if hasLog := b.Logs.GroupName != nil && b.Logs.StreamName != nil && b.Logs.DeepLink != nil; hasLog != test.log {
				t.Errorf("the log is %+v, want one: %v", b.Logs, test.log)
			}

			all := r.list()
			first, last := all[0].(*events.BuildStateChange), all[len(all)-1].(*events.BuildStateChange)
			diff(t, "first event", []any{events.BuildInProgress, "SUBMITTED", false, "[]"}, []any{first.Status, first.CurrentPhase, first.Build.Complete, first.CurrentPhaseContext})
			diff(t, "last event", []any{events.BuildStatus(test.status), "COMPLETED", true, id}, []any{last.Status, last.CurrentPhase, last.Build.Complete, last.BuildID()})
			if hasLog := last.Build.Logs.Stream != ""; hasLog != test.log {
				t.Errorf("the log of the event is %+v, want one: %v", last.Build.Logs, test.log)
			}
			var told []string // by events of phases
			context := ""
			for _, e := range all[1 : len(all)-1] {
				p := e.(*events.BuildPhaseChange)
				if told = append(told, p.Phase+"="+string(p.PhaseStatus)); p.Phase == "COMPLETED" {
					told[len(told)-1] = p.Phase + "="
				} else if p.PhaseStatus != events.BuildSucceeded {
					context = strings.Trim(p.PhaseContext, "[]")
				}
			}
			diff(t, "events of phases", test.want, told)
			if test.context != "" {
				diff(t, "context", test.context, context)
			}
			for _, e := range all {
				if problems := e.Problems(); len(problems) > 0 {
					t.Errorf("%s: %v", e.Name(), problems)
				}
			}
		})
	}
}

// A call's overrides are those of the build, in the API, in events and for Run.
func TestOverrides(t *testing.T) {
	t.Parallel()
	var seen citest.Build
	server, client := newServer(t, citest.Project{
		Name: "app", Repository: "app", SourceVersion: "main", Buildspec: "a.yml",
		Variables: []citest.Variable{{Name: "A", Value: "1"}, {Name: "B", Value: "/b", Type: "PARAMETER_STORE"}},
		Run:       func(b citest.Build) citest.Outcome { seen = b; return citest.Outcome{} },
	})
	b := start(t, client, awscodebuild.StartBuildInput{
		ProjectName: name, SourceVersion: aws.String(commit), BuildspecOverride: aws.String("ci/review.yml"), IdempotencyToken: aws.String("t"),
		EnvironmentVariablesOverride: []cbtypes.EnvironmentVariable{{Name: aws.String("A"), Value: aws.String("2")}, {Name: aws.String("FLOW_BRANCH"), Value: aws.String("main")}},
		SourceLocationOverride:       aws.String("https://git-codecommit.us-east-1.amazonaws.com/v1/repos/other"),
		TimeoutInMinutesOverride:     aws.Int32(7), ImageOverride: aws.String("golang:1"), ComputeTypeOverride: "BUILD_GENERAL1_LARGE",
		LogsConfigOverride: &cbtypes.LogsConfig{CloudWatchLogs: &cbtypes.CloudWatchLogsConfig{Status: "ENABLED", GroupName: aws.String("ci"), StreamName: aws.String("review")}},
	})
	server.Settle()
	b = get(t, client, *b.Arn)
	want := []citest.Variable{{Name: "A", Value: "2", Type: "PLAINTEXT"}, {Name: "B", Value: "/b", Type: "PARAMETER_STORE"}, {Name: "FLOW_BRANCH", Value: "main", Type: "PLAINTEXT"}}
	var variables []citest.Variable
	for _, v := range b.Environment.EnvironmentVariables {
		variables = append(variables, citest.Variable{Name: *v.Name, Value: *v.Value, Type: string(v.Type)})
	}
	diff(t, "variables", want, variables)
	diff(t, "variables of Run", want, seen.Variables)
	diff(t, "the rest", []any{commit, "ci/review.yml", "https://git-codecommit.us-east-1.amazonaws.com/v1/repos/other", int32(7), "golang:1", cbtypes.ComputeType("BUILD_GENERAL1_LARGE"), "ci", true},
		[]any{*b.SourceVersion, *b.Source.Buildspec, *b.Source.Location, *b.TimeoutInMinutes, *b.Environment.Image, b.Environment.ComputeType, *b.Logs.GroupName, strings.HasPrefix(*b.Logs.StreamName, "review/")})
	diff(t, "token", "t", seen.Token)
	e, err := events.Decode(server.Events()[0])
	if err != nil {
		t.Fatal(err)
	}
	told := e.(*events.BuildStateChange).Build
	diff(t, "event", []any{commit, "ci/review.yml", "CODECOMMIT", 3, int64(1)}, []any{told.SourceVersion, told.Source.Buildspec, told.Source.Type, len(told.Environment.Variables), told.Number})
}

// The token stands for its build for five minutes, with the same parameters.
func TestIdempotencyToken(t *testing.T) {
	t.Parallel()
	server, client := newServer(t, citest.Project{Name: "app"})
	in := awscodebuild.StartBuildInput{ProjectName: name, IdempotencyToken: aws.String("one"), SourceVersion: aws.String(commit)}
	first := *start(t, client, in).Id
	server.Pass(5*time.Minute - time.Second)
	diff(t, "within five minutes", first, *start(t, client, in).Id)
	other := in
	other.SourceVersion = aws.String("main")
	if _, err := client.StartBuild(t.Context(), &other); code(err) != "InvalidInputException" {
		t.Errorf("with other parameters: %v", err)
	}
	server.Pass(time.Second)
	second := *start(t, client, in).Id
	if second == first {
		t.Error("after five minutes the token stands for its build")
	}
	retry := awscodebuild.RetryBuildInput{Id: &first, IdempotencyToken: aws.String("one")}
	var retried []string
	for range 2 {
		out, err := client.RetryBuild(t.Context(), &retry)
		if err != nil {
			t.Fatal(err)
		}
		retried = append(retried, *out.Build.Id)
		server.Settle()
	}
	if retried[0] != retried[1] || retried[0] == first {
		t.Errorf("retries %v of %s", retried, first)
	}
	retry.Id = &second
	if _, err := client.RetryBuild(t.Context(), &retry); code(err) != "InvalidInputException" {
		t.Errorf("retry of another build with the token: %v", err)
	}
	diff(t, "builds", 3, len(server.Builds()))
}

func TestAutoRetry(t *testing.T) {
	t.Parallel()
	server, client := newServer(t, citest.Project{Name: "app", AutoRetryLimit: 2, Run: run(citest.Outcome{Status: citest.StatusFailed})})
	id := *start(t, client, awscodebuild.StartBuildInput{ProjectName: name}).Id
	server.Settle()
	builds := server.Builds()
	if len(builds) != 3 {
		t.Fatalf("%d builds, want 3", len(builds))
	}
	type retry struct {
		Number         int32
		Next, Previous string
	}
	var got []retry
	for _, b := range builds {
		c := get(t, client, b.ID).AutoRetryConfig
		got = append(got, retry{*c.AutoRetryNumber, aws.ToString(c.NextAutoRetry), aws.ToString(c.PreviousAutoRetry)})
	}
	diff(t, "retries", []retry{{0, builds[1].ARN, ""}, {1, builds[2].ARN, builds[0].ARN}, {2, "", builds[1].ARN}}, got)
	diff(t, "first", id, builds[0].ID)
	diff(t, "of", builds[1].ARN, builds[2].Retries)

	out, err := client.StartBuild(t.Context(), &awscodebuild.StartBuildInput{ProjectName: name, AutoRetryLimitOverride: aws.Int32(0)})
	if err != nil {
		t.Fatal(err)
	}
	server.Settle()
	if len(server.Builds()) != 4 || get(t, client, *out.Build.Id).AutoRetryConfig != nil {
		t.Error("the override of the limit does not count")
	}

	// The service role of the project may not retry.
	server.SetFaults(citest.Faults{Deny: []string{"RetryBuild"}})
	id = *start(t, client, awscodebuild.StartBuildInput{ProjectName: name}).Id
	server.Settle()
	if len(server.Builds()) != 5 || aws.ToString(get(t, client, id).AutoRetryConfig.NextAutoRetry) != "" {
		t.Errorf("%d builds although RetryBuild is denied, want 5", len(server.Builds()))
	}
}

// A build that is held runs until somebody ends it.
func TestHold(t *testing.T) {
	t.Parallel()
	server, client := newServer(t, citest.Project{Name: "app", Run: run(citest.Outcome{Hold: true})})
	finished := *start(t, client, awscodebuild.StartBuildInput{ProjectName: name}).Id
	stopped := *start(t, client, awscodebuild.StartBuildInput{ProjectName: name}).Id
	server.Settle()
	server.Pass(time.Hour)
	for _, id := range []string{finished, stopped} {
		if b := get(t, client, id); b.BuildStatus != "IN_PROGRESS" || *b.CurrentPhase != "BUILD" {
			t.Errorf("%s is %s in %s", id, b.BuildStatus, *b.CurrentPhase)
		}
	}
	if err := server.Finish(finished, citest.Outcome{Status: citest.StatusFailed, Phase: "INSTALL"}); err == nil {
		t.Error("a build fails in a phase that is over")
	}
	if err := server.Finish(finished, citest.Outcome{Status: citest.StatusFailed, Phase: "POST_BUILD", Message: "late"}); err != nil {
		t.Error(err)
	}
	server.Settle()
	if b, ok := server.Build(finished); !ok || b.Status != citest.StatusFailed {
		t.Errorf("%+v", b)
	}
	if err := server.Finish(finished, citest.Outcome{}); err == nil || !strings.Contains(err.Error(), "has ended as FAILED") {
		t.Errorf("finish twice: %v", err)
	}
	if err := server.Finish("app:none", citest.Outcome{}); err == nil {
		t.Error("a build that does not exist is finished")
	}

	n := len(server.Events())
	for range 2 { // the second time the build has ended
		out, err := client.StopBuild(t.Context(), &awscodebuild.StopBuildInput{Id: &stopped})
		if err != nil {
			t.Fatal(err)
		}
		diff(t, "status", cbtypes.StatusTypeStopped, out.Build.BuildStatus)
	}
	e, err := events.Decode(server.Events()[len(server.Events())-1])
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "event", events.BuildStopped, e.(*events.BuildStateChange).Status)
	if more := len(server.Events()) - n; more != 3 { // BUILD, COMPLETED, STOPPED
		t.Errorf("%d events of the stop", more)
	}
}

// Work happens while the phase BUILD runs, and may use the server.
func TestWork(t *testing.T) {
	t.Parallel()
	var server *citest.Server
	var during []citest.Build
	work := func() { during = server.Builds() }
	server, client := newServer(t, citest.Project{Name: "app", Run: func(citest.Build) citest.Outcome { return citest.Outcome{Work: work} }})
	start(t, client, awscodebuild.StartBuildInput{ProjectName: name})
	server.Pass(time.Minute)
	if len(during) != 1 || during[0].Phase != "BUILD" || during[0].Status != citest.StatusInProgress {
		t.Errorf("during the work the builds are %+v", during)
	}
	if b := server.Builds()[0]; b.Status != citest.StatusSucceeded || b.End.Sub(b.Start) != 43*time.Second {
		t.Errorf("%+v", b)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	server, client := newServer(t, citest.Project{Name: "app", ConcurrentLimit: 2, Run: run(citest.Outcome{Hold: true})}, citest.Project{Name: "other"})
	try := func(project string) string {
		_, err := client.StartBuild(t.Context(), &awscodebuild.StartBuildInput{ProjectName: &project})
		return code(err)
	}
	diff(t, "of the project", []string{"", "", "AccountLimitExceededException", ""}, []string{try("app"), try("app"), try("app"), try("other")})
	server.SetLimit(3)
	diff(t, "of the account", "AccountLimitExceededException", try("other"))
	server.Settle()
	diff(t, "when one has ended", "", try("other"))
}
