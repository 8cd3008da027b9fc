package console_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/codesuite-go/codesuite/internal/console"
)

func TestExecution(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ region, name, id, want string }{
		{"eu-west-1", "web", "1f2e", "https://eu-west-1.console.aws.amazon.com/codesuite/codepipeline/pipelines/web/executions/1f2e/timeline?region=eu-west-1"},
		{"eu-west-1", "web", "", "https://eu-west-1.console.aws.amazon.com/codesuite/codepipeline/pipelines/web/view?region=eu-west-1"},
		{"cn-north-1", "web", "1f2e", "https://cn-north-1.console.amazonaws.cn/codesuite/codepipeline/pipelines/web/executions/1f2e/timeline?region=cn-north-1"},
		{"us-gov-west-1", "web", "1f2e", "https://us-gov-west-1.console.amazonaws-us-gov.com/codesuite/codepipeline/pipelines/web/executions/1f2e/timeline?region=us-gov-west-1"},
		{"eusc-de-east-1", "web", "", "https://eusc-de-east-1.console.amazonaws-eusc.eu/codesuite/codepipeline/pipelines/web/view?region=eusc-de-east-1"},
		{"us-east-1", "A.b@c-d_e", "", "https://us-east-1.console.aws.amazon.com/codesuite/codepipeline/pipelines/A.b@c-d_e/view?region=us-east-1"},
		{"us-east-1", "a/../b?c#d e", "f/g", "https://us-east-1.console.aws.amazon.com/codesuite/codepipeline/pipelines/a%2F..%2Fb%3Fc%23d%20e/executions/f%2Fg/timeline?region=us-east-1"},
		{"us-east-1", "..", "1f2e", ""},
		{"us-east-1", "", "1f2e", ""},
		{"us-east-1", "web", "..", ""},
		{"us-iso-east-1", "web", "1f2e", ""},
		{"us-isob-east-1", "web", "1f2e", ""},
		{"", "web", "1f2e", ""},
		{"evil.example/", "web", "1f2e", ""},
		{"us-east-1.evil.example", "web", "1f2e", ""},
		{"us-east-1@evil", "web", "1f2e", ""},
		{"us--1", "web", "1f2e", ""},
		{"us-east-", "web", "1f2e", ""},
	} {
		got := console.Execution(test.region, test.name, test.id)
		if got != test.want {
			t.Errorf("Execution(%q, %q, %q) =\n %s, want\n %s", test.region, test.name, test.id, got, test.want)
		}
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ got, want string }{
		{console.Build("eu-west-1", "123456789012", "app", "app:1f2e"), "https://eu-west-1.console.aws.amazon.com/codesuite/codebuild/123456789012/projects/app/build/app:1f2e?region=eu-west-1"},
		{console.Build("cn-north-1", "123456789012", "app", "app:1f2e"), "https://cn-north-1.console.amazonaws.cn/codesuite/codebuild/123456789012/projects/app/build/app:1f2e?region=cn-north-1"},
		{console.Build("eu-west-1", "", "app", "app:1f2e"), ""},
		{console.BuildBatch("eu-west-1", "123456789012", "app", "app:1f2e"), "https://eu-west-1.console.aws.amazon.com/codesuite/codebuild/123456789012/projects/app/batch/app:1f2e?region=eu-west-1"},
		{console.Build("us-iso-east-1", "123456789012", "app", "app:1f2e"), ""},
		{console.PullRequest("us-gov-west-1", "site", "7"), "https://us-gov-west-1.console.amazonaws-us-gov.com/codesuite/codecommit/repositories/site/pull-requests/7/details?region=us-gov-west-1"},
		{console.PullRequest("eusc-de-east-1", "si/te", "7"), "https://eusc-de-east-1.console.amazonaws-eusc.eu/codesuite/codecommit/repositories/si%2Fte/pull-requests/7/details?region=eusc-de-east-1"},
		{console.PullRequest("eu-west-1", "..", "7"), ""},
		{console.Commit("us-east-2", "site", "ab12"), "https://us-east-2.console.aws.amazon.com/codesuite/codecommit/repositories/site/commit/ab12?region=us-east-2"},
		{console.Commit("us-east-2", "site", ""), ""},
		{console.Document("eu-west-1", "a b"), "https://eu-west-1.console.aws.amazon.com/systems-manager/documents/a%20b/description?region=eu-west-1"},
		{console.Document("cn-north-1", "builds"), "https://cn-north-1.console.amazonaws.cn/systems-manager/documents/builds/description?region=cn-north-1"},
		{console.Document("us-iso-east-1", "builds"), ""},
		{console.Document("eu-west-1", ""), ""},
		{console.StateMachineExecution("us-gov-west-1", "{ExternalExecutionId}"), "https://us-gov-west-1.console.amazonaws-us-gov.com/states/home?region=us-gov-west-1#/v2/executions/details/{ExternalExecutionId}"},
		{console.StateMachineExecution("us-isob-east-1", "arn"), ""},
		{console.StateMachineExecution("eu-west-1", ""), ""},
	} {
		if test.got != test.want {
			t.Errorf("got %s, want %s", test.got, test.want)
		}
	}
}

func TestRegion(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		host, region string
		ok           bool
	}{
		{"console.aws.amazon.com", "", true},
		{"us-west-2.console.aws.amazon.com", "us-west-2", true},
		{"cn-north-1.console.amazonaws.cn", "cn-north-1", true},
		{"us-west-2.console.amazonaws.cn", "", false},
		{"evil.console.aws.amazon.com", "", false},
		{"evilconsole.aws.amazon.com", "", false},
		{"console.aws.amazon.com.evil.example", "", false},
		{"", "", false},
	} {
		if region, ok := console.Region(test.host); region != test.region || ok != test.ok {
			t.Errorf("Region(%q) = %q, %t, want %q, %t", test.host, region, ok, test.region, test.ok)
		}
	}
}

func FuzzExecution(f *testing.F) {
	f.Add("eu-west-1", "web", "1f2e")
	f.Add("cn-north-1", "a/b", "")
	f.Add("us-east-1@evil.example", "..", "..")
	f.Fuzz(func(t *testing.T, region, name, id string) {
		link := console.Execution(region, name, id)
		if link == "" {
			return
		}
		u, err := url.Parse(link)
		if err != nil {
			t.Fatal(err)
		}
		if u.Scheme != "https" || !strings.HasPrefix(u.Host, region+".console.") || u.User != nil || u.Port() != "" || u.Fragment != "" || u.RawQuery != "region="+region {
			t.Errorf("%s is no link to the console", link)
		}
		want := 6 // elements, with the empty one at the start
		if id != "" {
			want = 8
		}
		if path := strings.Split(u.EscapedPath(), "/"); len(path) != want || slices.Contains(path, "..") || slices.Contains(path, ".") {
			t.Errorf("%s leads elsewhere", link)
		}
	})
}
