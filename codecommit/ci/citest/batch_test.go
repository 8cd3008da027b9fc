package citest_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodebuild "github.com/aws/aws-sdk-go-v2/service/codebuild"
	cbtypes "github.com/aws/aws-sdk-go-v2/service/codebuild/types"

	"github.com/codesuite-go/codesuite/codecommit/ci/citest"
)

func TestBatches(t *testing.T) {
	t.Parallel()
	groups := []citest.Group{
		{Identifier: "lint", IgnoreFailure: true},
		{Identifier: "test", Variables: []citest.Variable{{Name: "GOOS", Value: "linux"}}},
		{Identifier: "deploy", DependsOn: []string{"lint", "test"}},
	}
	for _, test := range []struct {
		name   string
		fail   string
		want   string
		groups []string
	}{
		{"all succeed", "", "SUCCEEDED", []string{"lint=SUCCEEDED", "test=SUCCEEDED", "deploy=SUCCEEDED"}},
		{"a failure that is ignored", "lint", "SUCCEEDED", []string{"lint=FAILED", "test=SUCCEEDED", "deploy=SUCCEEDED"}},
		{"a failure", "test", "FAILED", []string{"lint=SUCCEEDED", "test=FAILED", "deploy="}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server, client := newServer(t, citest.Project{Name: "app", Groups: groups, Run: func(b citest.Build) citest.Outcome {
				if b.Group == test.fail {
					return citest.Outcome{Status: citest.StatusFailed}
				}
				return citest.Outcome{Reports: []citest.Report{{Name: "unit", Cases: []citest.TestCase{{Name: "A"}}}}}
			}})
			in := &awscodebuild.StartBuildBatchInput{ProjectName: name, SourceVersion: aws.String(commit), IdempotencyToken: aws.String("t")}
			var arn string
			for range 2 {
				out, err := client.StartBuildBatch(t.Context(), in)
				if err != nil {
					t.Fatal(err)
				}
				arn = *out.BuildBatch.Arn
			}
			// The last build ends before its batch does.
			for server.Advance() {
				running := 0
				for _, b := range server.Builds() {
					if b.Status == citest.StatusInProgress {
						running++
					}
				}
				if batch := server.Batches()[0]; running > 0 && batch.Status != citest.StatusInProgress {
					t.Fatalf("the batch is %s with %d builds in progress", batch.Status, running)
				}
			}
			out, err := client.BatchGetBuildBatches(t.Context(), &awscodebuild.BatchGetBuildBatchesInput{Ids: []string{arn, "app:none"}})
			if err != nil {
				t.Fatal(err)
			}
			diff(t, "not found", []string{"app:none"}, out.BuildBatchesNotFound)
			b := out.BuildBatches[0]
			diff(t, "status", cbtypes.StatusType(test.want), b.BuildBatchStatus)
			diff(t, "phase", test.want, *b.CurrentPhase)
			var got []string
			for _, g := range b.BuildGroups {
				status := ""
				if g.CurrentBuildSummary != nil {
					status = string(g.CurrentBuildSummary.BuildStatus)
					of := get(t, client, *g.CurrentBuildSummary.Arn)
					diff(t, "batch of the build", arn, aws.ToString(of.BuildBatchArn))
				}
				got = append(got, *g.Identifier+"="+status)
			}
			diff(t, "groups", test.groups, got)
			if len(server.Batches()) != 1 || len(server.Batches()[0].Builds) == 0 {
				t.Errorf("batches %+v", server.Batches())
			}
			list, err := client.ListBuildBatchesForProject(t.Context(), &awscodebuild.ListBuildBatchesForProjectInput{ProjectName: name,
				Filter: &cbtypes.BuildBatchFilter{Status: cbtypes.StatusType(test.want)}})
			if err != nil {
				t.Fatal(err)
			}
			diff(t, "listed", []string{*b.Id}, list.Ids)
			for _, payload := range server.Events() {
				if strings.Contains(string(payload), `"resources":["`+arn) {
					t.Errorf("a batch has an event: %s", payload)
				}
			}
		})
	}
}

func TestStopBuildBatch(t *testing.T) {
	t.Parallel()
	server, client := newServer(t, citest.Project{Name: "app", Groups: []citest.Group{{Identifier: "a"}, {Identifier: "b", DependsOn: []string{"a"}}}, Run: run(citest.Outcome{Hold: true})})
	out, err := client.StartBuildBatch(t.Context(), &awscodebuild.StartBuildBatchInput{ProjectName: name})
	if err != nil {
		t.Fatal(err)
	}
	server.Settle()
	stopped, err := client.StopBuildBatch(t.Context(), &awscodebuild.StopBuildBatchInput{Id: out.BuildBatch.Id})
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "status", cbtypes.StatusTypeStopped, stopped.BuildBatch.BuildBatchStatus)
	builds := server.Builds()
	if len(builds) != 1 || builds[0].Status != citest.StatusStopped || builds[0].Group != "a" {
		t.Errorf("builds %+v", builds)
	}
	if server.Advance() {
		t.Error("something goes on after the stop")
	}
	_, err = client.StartBuildBatch(t.Context(), &awscodebuild.StartBuildBatchInput{ProjectName: aws.String("none")})
	diff(t, "no project", "ResourceNotFoundException", code(err))
	other, otherClient := newServer(t, citest.Project{Name: "app"})
	_, err = otherClient.StartBuildBatch(t.Context(), &awscodebuild.StartBuildBatchInput{ProjectName: name})
	diff(t, "no groups", "InvalidInputException", code(err))
	diff(t, "batches", 0, len(other.Batches()))
}
