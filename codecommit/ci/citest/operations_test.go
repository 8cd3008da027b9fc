package citest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awslogs "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	awscodebuild "github.com/aws/aws-sdk-go-v2/service/codebuild"
	cbtypes "github.com/aws/aws-sdk-go-v2/service/codebuild/types"

	"github.com/codesuite-go/codesuite/codecommit/ci/citest"
)

func TestListBuildsForProject(t *testing.T) {
	t.Parallel()
	server, client := newServer(t, citest.Project{Name: "app"}, citest.Project{Name: "other"})
	start(t, client, awscodebuild.StartBuildInput{ProjectName: aws.String("other")})
	for range 130 {
		start(t, client, awscodebuild.StartBuildInput{ProjectName: name})
	}
	var want []string
	for _, b := range server.Builds() {
		if b.Project == "app" {
			want = append(want, b.ID)
		}
	}
	list := func(order cbtypes.SortOrderType) (ids []string, pages int) {
		pager := awscodebuild.NewListBuildsForProjectPaginator(client, &awscodebuild.ListBuildsForProjectInput{ProjectName: name, SortOrder: order})
		for ; pager.HasMorePages(); pages++ {
			out, err := pager.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, out.Ids...)
		}
		return ids, pages
	}
	ids, _ := list("ASCENDING")
	diff(t, "ascending", want, ids)
	slices.Reverse(want)
	ids, pages := list("")
	diff(t, "newest first", want, ids)
	diff(t, "pages", 2, pages)

	out, err := client.BatchGetBuilds(t.Context(), &awscodebuild.BatchGetBuildsInput{Ids: []string{want[0], "app:none"}})
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "not found", []string{"app:none"}, out.BuildsNotFound)
	diff(t, "found", want[0], *out.Builds[0].Id)
	diff(t, "number", int64(130), *out.Builds[0].BuildNumber)
}

func TestReports(t *testing.T) {
	t.Parallel()
	var cases []citest.TestCase
	for i := range 150 {
		cases = append(cases, citest.TestCase{Suite: "s", Prefix: "p", Name: fmt.Sprint("Test", i), Status: []string{"FAILED", "SKIPPED", ""}[i%3], Message: "m", Duration: time.Millisecond})
	}
	server, client := newServer(t, citest.Project{Name: "app", Run: run(citest.Outcome{Reports: []citest.Report{
		{Name: "unit", Cases: cases, Truncated: true, Generating: time.Minute},
		{Name: "cover", Coverage: &citest.Coverage{LinesCovered: 3, LinesMissed: 1}},
		{Name: "old", Gone: true},
	}})})
	id := *start(t, client, awscodebuild.StartBuildInput{ProjectName: name}).Id
	if arns := get(t, client, id).ReportArns; len(arns) != 0 {
		t.Errorf("reports %v before the build has made them", arns)
	}
	server.Settle()
	arns := get(t, client, id).ReportArns
	read := func() []cbtypes.Report {
		out, err := client.BatchGetReports(t.Context(), &awscodebuild.BatchGetReportsInput{ReportArns: arns})
		if err != nil {
			t.Fatal(err)
		}
		diff(t, "not found", arns[2:], out.ReportsNotFound)
		return out.Reports
	}
	reports := read()
	if reports[0].Status != "GENERATING" || reports[0].TestSummary != nil || reports[1].Status != "SUCCEEDED" {
		t.Errorf("reports %+v", reports)
	}
	server.Pass(time.Minute)
	reports = read()
	summary := reports[0].TestSummary
	diff(t, "report", []any{cbtypes.ReportStatusType("FAILED"), true, int32(150), map[string]int32{"SUCCEEDED": 50, "FAILED": 50, "ERROR": 0, "SKIPPED": 50, "UNKNOWN": 0}, int64(150e6)},
		[]any{reports[0].Status, *reports[0].Truncated, *summary.Total, summary.StatusCounts, *summary.DurationInNanoSeconds})
	diff(t, "coverage", []any{75.0, cbtypes.ReportTypeCodeCoverage}, []any{*reports[1].CodeCoverageSummary.LineCoveragePercentage, reports[1].Type})

	for _, test := range []struct {
		filter *cbtypes.TestCaseFilter
		size   *int32
		want   int
		pages  int
	}{
		{nil, nil, 150, 2},
		{nil, aws.Int32(40), 150, 4},
		{&cbtypes.TestCaseFilter{Status: aws.String("FAILED")}, nil, 50, 1},
		{&cbtypes.TestCaseFilter{Status: aws.String("ERROR")}, nil, 0, 1},
		{&cbtypes.TestCaseFilter{Keyword: aws.String("Test14")}, nil, 11, 1},
	} {
		n, pages := 0, 0
		pager := awscodebuild.NewDescribeTestCasesPaginator(client, &awscodebuild.DescribeTestCasesInput{ReportArn: &arns[0], Filter: test.filter, MaxResults: test.size})
		for ; pager.HasMorePages(); pages++ {
			out, err := pager.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			n += len(out.TestCases)
		}
		diff(t, "cases and pages", []int{test.want, test.pages}, []int{n, pages})
	}
}

func TestLog(t *testing.T) {
	t.Parallel()
	var lines []string
	for i := range 25 {
		lines = append(lines, fmt.Sprint("line ", i))
	}
	server, client := newServer(t, citest.Project{Name: "app", Run: run(citest.Outcome{Log: lines, LogDelay: 5 * time.Second})})
	logs := awslogs.NewFromConfig(server.Config())
	id := *start(t, client, awscodebuild.StartBuildInput{ProjectName: name}).Id
	_, uuid, _ := strings.Cut(id, ":")
	in := func() *awslogs.GetLogEventsInput {
		return &awslogs.GetLogEventsInput{LogGroupName: aws.String("/aws/codebuild/app"), LogStreamName: &uuid}
	}
	_, err := logs.GetLogEvents(t.Context(), in())
	diff(t, "before there is a container", "ResourceNotFoundException", code(err))
	if l := get(t, client, id).Logs; l.GroupName != nil || l.StreamName != nil || l.DeepLink != nil {
		t.Errorf("before there is a container the log is %+v", l)
	}
	server.Pass(12*time.Second + 15*time.Second + 5*time.Second) // half of the phase BUILD, and the delay
	read := func(in *awslogs.GetLogEventsInput) (texts []string) {
		out, err := logs.GetLogEvents(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range out.Events {
			texts = append(texts, strings.TrimSuffix(*e.Message, "\n"))
		}
		return texts
	}
	diff(t, "in the middle", lines[:13], read(in()))
	server.Settle()
	server.Pass(5 * time.Second)

	tail := in()
	tail.Limit = aws.Int32(10)
	diff(t, "tail", lines[15:], read(tail))
	byIdentifier := &awslogs.GetLogEventsInput{LogGroupIdentifier: aws.String("arn:aws:logs:us-east-1:111122223333:log-group:/aws/codebuild/app"), LogStreamName: &uuid}
	diff(t, "by identifier", lines, read(byIdentifier))

	server.SetLogPage(7)
	for _, test := range []struct {
		name     string
		fromHead bool
		want     []string
	}{{"forwards", true, lines}, {"backwards", false, lines}} {
		var got []string
		in := in()
		in.StartFromHead = &test.fromHead
		for pages := 0; ; pages++ {
			out, err := logs.GetLogEvents(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			var page []string
			for _, e := range out.Events {
				page = append(page, strings.TrimSuffix(*e.Message, "\n"))
			}
			token := out.NextForwardToken
			if got = append(got, page...); !test.fromHead {
				got = append(page, got[:len(got)-len(page)]...)
				token = out.NextBackwardToken
			}
			if in.NextToken != nil && *in.NextToken == *token {
				diff(t, "pages "+test.name, 4, pages)
				break
			}
			in.NextToken = token
		}
		diff(t, test.name, test.want, got)
	}

	for _, test := range []struct {
		name   string
		change func(*awslogs.GetLogEventsInput)
		want   string
	}{
		{"no such stream", func(in *awslogs.GetLogEventsInput) { in.LogStreamName = aws.String("none") }, "ResourceNotFoundException"},
		{"no such group", func(in *awslogs.GetLogEventsInput) { in.LogGroupName = aws.String("none") }, "ResourceNotFoundException"},
		{"two names of the group", func(in *awslogs.GetLogEventsInput) { in.LogGroupIdentifier = in.LogGroupName }, "InvalidParameterException"},
		{"no name of the group", func(in *awslogs.GetLogEventsInput) { in.LogGroupName = nil }, "InvalidParameterException"},
		{"no limit", func(in *awslogs.GetLogEventsInput) { in.Limit = aws.Int32(0) }, "InvalidParameterException"},
		{"no token", func(in *awslogs.GetLogEventsInput) { in.NextToken = aws.String("f/1") }, "InvalidParameterException"},
		{"forwards from the end", func(in *awslogs.GetLogEventsInput) { in.NextToken = aws.String("f/" + fmt.Sprintf("%056d", 3)) }, "InvalidParameterException"},
	} {
		bad := in()
		test.change(bad)
		_, err := logs.GetLogEvents(t.Context(), bad)
		diff(t, test.name, test.want, code(err))
	}
	server.DeleteLog(id)
	_, err = logs.GetLogEvents(t.Context(), in())
	diff(t, "a log that was deleted", "ResourceNotFoundException", code(err))

	off, offClient := newServer(t, citest.Project{Name: "app", LogsOff: true, Run: run(citest.Outcome{Log: lines})})
	id = *start(t, offClient, awscodebuild.StartBuildInput{ProjectName: name}).Id
	off.Settle()
	if l := get(t, offClient, id).Logs; l.GroupName != nil || l.CloudWatchLogs.Status != "DISABLED" {
		t.Errorf("with logs off the log is %+v", l)
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	server, client := newServer(t, citest.Project{Name: "app", Repository: "app", Run: run(citest.Outcome{Hold: true})})
	id := start(t, client, awscodebuild.StartBuildInput{ProjectName: name}).Id
	long := make([]string, 101)
	for i := range long {
		long[i] = "app:1"
	}
	start := func(change func(*awscodebuild.StartBuildInput)) func(context.Context) error {
		return func(ctx context.Context) error {
			in := &awscodebuild.StartBuildInput{ProjectName: name}
			change(in)
			_, err := client.StartBuild(ctx, in)
			return err
		}
	}
	for _, test := range []struct {
		name string
		call func(context.Context) error
		want string
	}{
		{"no such project", start(func(in *awscodebuild.StartBuildInput) { in.ProjectName = aws.String("none") }), "ResourceNotFoundException"},
		{"an empty name", start(func(in *awscodebuild.StartBuildInput) { in.ProjectName = aws.String("") }), "InvalidInputException"},
		{"a long token", start(func(in *awscodebuild.StartBuildInput) { in.IdempotencyToken = aws.String(strings.Repeat("x", 65)) }), "InvalidInputException"},
		{"the build status of CodeCommit", start(func(in *awscodebuild.StartBuildInput) { in.ReportBuildStatusOverride = aws.Bool(true) }), "InvalidInputException"},
		{"a short timeout", start(func(in *awscodebuild.StartBuildInput) { in.TimeoutInMinutesOverride = aws.Int32(4) }), "InvalidInputException"},
		{"a type of a variable", start(func(in *awscodebuild.StartBuildInput) {
			in.EnvironmentVariablesOverride = []cbtypes.EnvironmentVariable{{Name: name, Value: name, Type: "SECRET"}}
		}), "InvalidInputException"},
		{"a variable twice", start(func(in *awscodebuild.StartBuildInput) {
			in.EnvironmentVariablesOverride = []cbtypes.EnvironmentVariable{{Name: name, Value: name}, {Name: name, Value: id}}
		}), "InvalidInputException"},
		{"what the server does not keep", start(func(in *awscodebuild.StartBuildInput) { in.CacheOverride = &cbtypes.ProjectCache{Type: "S3"} }), "InvalidInputException"},
		{"retry of a running build", func(ctx context.Context) error {
			_, err := client.RetryBuild(ctx, &awscodebuild.RetryBuildInput{Id: id})
			return err
		}, "InvalidInputException"},
		{"retry of no build", func(ctx context.Context) error {
			_, err := client.RetryBuild(ctx, &awscodebuild.RetryBuildInput{Id: aws.String("app:none")})
			return err
		}, "ResourceNotFoundException"},
		{"stop of no build", func(ctx context.Context) error {
			_, err := client.StopBuild(ctx, &awscodebuild.StopBuildInput{Id: aws.String("app:none")})
			return err
		}, "ResourceNotFoundException"},
		{"stop of no batch", func(ctx context.Context) error {
			_, err := client.StopBuildBatch(ctx, &awscodebuild.StopBuildBatchInput{Id: aws.String("app:none")})
			return err
		}, "ResourceNotFoundException"},
		{"101 builds", func(ctx context.Context) error {
			_, err := client.BatchGetBuilds(ctx, &awscodebuild.BatchGetBuildsInput{Ids: long})
			return err
		}, "InvalidInputException"},
		{"no builds", func(ctx context.Context) error {
			_, err := client.BatchGetBuilds(ctx, &awscodebuild.BatchGetBuildsInput{Ids: []string{}})
			return err
		}, "InvalidInputException"},
		{"101 reports", func(ctx context.Context) error {
			_, err := client.BatchGetReports(ctx, &awscodebuild.BatchGetReportsInput{ReportArns: long})
			return err
		}, "InvalidInputException"},
		{"no such report", func(ctx context.Context) error {
			_, err := client.DescribeTestCases(ctx, &awscodebuild.DescribeTestCasesInput{ReportArn: name})
			return err
		}, "ResourceNotFoundException"},
		{"a token of another list", func(ctx context.Context) error {
			_, err := client.ListBuildsForProject(ctx, &awscodebuild.ListBuildsForProjectInput{ProjectName: name, NextToken: name})
			return err
		}, "InvalidInputException"},
		{"builds of no project", func(ctx context.Context) error {
			_, err := client.ListBuildsForProject(ctx, &awscodebuild.ListBuildsForProjectInput{ProjectName: aws.String("none")})
			return err
		}, "ResourceNotFoundException"},
		{"an operation that the server lacks", func(ctx context.Context) error {
			_, err := client.ListProjects(ctx, &awscodebuild.ListProjectsInput{})
			return err
		}, "UnknownOperationException"},
	} {
		diff(t, test.name, test.want, code(test.call(t.Context())))
	}
	out, err := client.BatchGetProjects(t.Context(), &awscodebuild.BatchGetProjectsInput{Names: []string{"app", "none"}})
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "projects", []any{"app", cbtypes.SourceType("CODECOMMIT"), []string{"none"}}, []any{*out.Projects[0].Name, out.Projects[0].Source.Type, out.ProjectsNotFound})
	diff(t, "builds", 1, len(server.Builds()))
}

func TestProjectsAreChecked(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		projects []citest.Project
		want     string
	}{
		{[]citest.Project{{Name: "a"}}, "a name has 2 to 150 letters"},
		{[]citest.Project{{Name: "app"}, {Name: "app"}}, "two projects have this name"},
		{[]citest.Project{{Name: "app", Repository: "a/b"}}, "repository"},
		{[]citest.Project{{Name: "app", Variables: []citest.Variable{{Name: "A", Type: "SECRET"}}}}, "variable A"},
		{[]citest.Project{{Name: "app", AutoRetryLimit: 11}}, "AutoRetryLimit 11"},
		{[]citest.Project{{Name: "app", LogGroup: "a b"}}, "LogGroup"},
		{[]citest.Project{{Name: "app", Groups: []citest.Group{{Identifier: "a", DependsOn: []string{"b"}}, {Identifier: "b"}}}}, `group "a" depends on "b"`},
	} {
		_, err := citest.Start(test.projects...)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%+v: %v, want %q", test.projects, err, test.want)
		}
	}
}

// No body of a call makes the server fail.
func FuzzOperations(f *testing.F) {
	operations := []string{"CodeBuild_20161006.BatchGetBuildBatches", "CodeBuild_20161006.BatchGetBuilds", "CodeBuild_20161006.BatchGetProjects",
		"CodeBuild_20161006.BatchGetReports", "CodeBuild_20161006.DescribeTestCases", "CodeBuild_20161006.ListBuildBatchesForProject",
		"CodeBuild_20161006.ListBuildsForProject", "CodeBuild_20161006.RetryBuild", "CodeBuild_20161006.StartBuild", "CodeBuild_20161006.StartBuildBatch",
		"CodeBuild_20161006.StopBuild", "CodeBuild_20161006.StopBuildBatch", "Logs_20140328.GetLogEvents"}
	for i, body := range []string{`{"ids":["app:1"]}`, `{"ids":["",null]}`, `{"names":["app"]}`, `{"reportArns":[]}`, `{"reportArn":"r","filter":{"status":"OK"}}`,
		`{"projectName":"app","filter":{}}`, `{"projectName":"app","nextToken":"AAAA"}`, `{"id":"app:1"}`,
		`{"projectName":"app","logsConfigOverride":{"cloudWatchLogs":{}},"environmentVariablesOverride":[{}]}`, `{"projectName":"app","idempotencyToken":"t"}`,
		`{"id":null}`, `{"id":""}`, `{"logGroupName":"/aws/codebuild/app","logStreamName":"s","nextToken":"f/-1","limit":1}`} {
		f.Add(uint8(i), body)
	}
	server, err := citest.Start(citest.Project{Name: "app", Groups: []citest.Group{{Identifier: "a"}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(server.Close)
	f.Fuzz(func(t *testing.T, operation uint8, body string) {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL(), strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("X-Amz-Target", operations[int(operation)%len(operations)])
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		if response.StatusCode >= 500 {
			t.Errorf("%s %s: %s", request.Header.Get("X-Amz-Target"), body, response.Status)
		}
	})
}

// boto3 reads the replies by the service's model.
func TestBoto3(t *testing.T) {
	t.Parallel()
	if os.Getenv("CODESUITE_BOTO3") == "" {
		t.Skip("set CODESUITE_BOTO3=1 to run python3 with boto3")
	}
	outcome := citest.Outcome{
		Status: citest.StatusFailed, Message: "exit status 1", Log: []string{"one", "two"}, Duration: time.Nanosecond,
		Exported: []citest.Variable{{Name: "V", Value: "1"}},
		Reports:  []citest.Report{{Name: "unit", Cases: []citest.TestCase{{Suite: "s", Name: "A", Status: "FAILED", Message: "m"}}}, {Name: "cover", Coverage: &citest.Coverage{LinesCovered: 1}}},
	}
	server := citest.NewServer(t, citest.Project{Name: "app", Repository: "app", AutoRetryLimit: 1, Run: run(outcome), Groups: []citest.Group{{Identifier: "a"}}},
		citest.Project{Name: "held", Run: run(citest.Outcome{Hold: true})})
	server.OnCall(func(operation string) {
		if operation == "BatchGetProjects" { // the script's sign to let everything end
			server.Settle()
		}
	})
	cmd := exec.CommandContext(t.Context(), "python3", "-c", boto3Script, server.URL())
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("python3: %v\n%s", err, stderr.Bytes())
	}
	var got map[string]any
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	diff(t, "replies", map[string]any{
		"statuses": []any{"IN_PROGRESS", "FAILED", "FAILED"}, "log": []any{"one\n", "two\n"}, "cases": []any{"A"}, "batch": "FAILED",
		"stopped": []any{"STOPPED", "STOPPED"}, "missing": "ResourceNotFoundException", "problems": []any{},
	}, got)
}

const boto3Script = `
import boto3, botocore.exceptions, json, sys
from botocore.validate import ParamValidator
problems = []
def client(service):
    return boto3.client(service, endpoint_url=sys.argv[1], region_name="us-east-1", aws_access_key_id="AKIA", aws_secret_access_key="x")
def call(client, operation, **given):
    reply = getattr(client, operation)(**given)
    del reply["ResponseMetadata"]
    shape = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[operation]).output_shape
    report = ParamValidator().validate(reply, shape)  # the checks of inputs, on an output
    if report.has_errors():
        problems.append(operation + ": " + report.generate_report())
    return reply
builds, logs = client("codebuild"), client("logs")
start = lambda project, **more: call(builds, "start_build", projectName=project, environmentVariablesOverride=[dict(name="A", value="1")], **more)["build"]
b = start("app", idempotencyToken="t", sourceVersion="main")
result = dict(statuses=[b["buildStatus"]])
batch = call(builds, "start_build_batch", projectName="app")["buildBatch"]
held = [start("held")["id"], call(builds, "batch_get_builds", ids=[start("held")["id"]])["builds"][0]["id"]]
call(builds, "batch_get_projects", names=["app", "none"])
call(builds, "batch_get_projects", names=["app"])
ids = call(builds, "list_builds_for_project", projectName="app")["ids"]
call(builds, "list_build_batches_for_project", projectName="app")
own = [x for x in call(builds, "batch_get_builds", ids=ids + ["app:none"])["builds"] if "buildBatchArn" not in x]
result["statuses"] += [x["buildStatus"] for x in own]
last = own[-1]
result["log"] = [e["message"] for e in call(logs, "get_log_events", logGroupName=last["logs"]["groupName"], logStreamName=last["logs"]["streamName"])["events"]]
reports = call(builds, "batch_get_reports", reportArns=last["reportArns"] + ["none"])["reports"]
call(builds, "batch_get_reports", reportArns=["none"])
result["cases"] = [c["name"] for c in call(builds, "describe_test_cases", reportArn=reports[0]["arn"], filter=dict(status="FAILED"))["testCases"]]
result["batch"] = call(builds, "batch_get_build_batches", ids=[batch["id"], "app:none"])["buildBatches"][0]["buildBatchStatus"]
call(builds, "retry_build", id=last["id"])
result["stopped"] = [call(builds, "stop_build", id=id)["build"]["buildStatus"] for id in held]
call(builds, "stop_build_batch", id=batch["id"])
try:
    call(logs, "get_log_events", logGroupName="none", logStreamName="none")
except botocore.exceptions.ClientError as e:
    result["missing"] = e.response["Error"]["Code"]
result["problems"] = problems
print(json.dumps(result))
`
