package events_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/codesuite-go/codesuite/events"
	"github.com/google/go-cmp/cmp"
)

// The events that tell of the same thing through EventBridge and through a
// notification rule have one key, those that tell of different things do not.
func TestPipelineKeys(t *testing.T) {
	t.Parallel()
	key := func(level, detail string) string {
		e, err := events.Decode([]byte(pipelineEvent(level, detail)))
		if err != nil {
			t.Fatal(err)
		}
		notification := strings.NewReplacer(`"id":"e-1",`, ``, `"detail-type"`, `"notificationRuleArn":"arn","detailType"`).Replace(pipelineEvent(level, detail))
		n, err := events.Decode([]byte(notification))
		if err != nil {
			t.Fatal(err)
		}
		if e.IdempotencyKey() != n.IdempotencyKey() {
			t.Errorf("EventBridge: %q, notification: %q", e.IdempotencyKey(), n.IdempotencyKey())
		}
		return e.IdempotencyKey()
	}
	seen := map[string]string{}
	for _, level := range []string{"Pipeline", "Stage", "Action"} {
		for _, detail := range []string{
			`"pipeline":"p","execution-id":"x","state":"STARTED","pipeline-execution-attempt":1`,
			`"pipeline":"p","execution-id":"x","state":"STARTED","pipeline-execution-attempt":2`,
			`"pipeline":"p","execution-id":"x","state":"FAILED","pipeline-execution-attempt":1`,
			`"pipeline":"p","execution-id":"y","state":"STARTED","pipeline-execution-attempt":1`,
			`"pipeline":"p|x","execution-id":"","state":"STARTED","pipeline-execution-attempt":1`,
			`"pipeline":"p","execution-id":"x","state":"STARTED"`,
		} {
			k := key(level, detail)
			if before, ok := seen[k]; ok {
				t.Errorf("%s %s and %s have the key %q", level, detail, before, k)
			}
			seen[k] = level + detail
		}
	}
}

func TestSourceRevision(t *testing.T) {
	t.Parallel()
	const redirect = "https://us-west-2.console.aws.amazon.com/codesuite/settings/connections/redirect?connectionArn=arn:aws:codestar-connections:us-west-2:123456789012:connection/221894bb&referenceType=COMMIT&FullRepositoryId=owner/documentdb-example&Commit=ddbe7ef"
	for _, test := range []struct {
		name, owner, provider, url, summary string
		want                                events.SourceRevision
	}{
		{"connection", "AWS", "CodeStarSourceConnection", redirect, `{"ProviderType":"GitHub","CommitMessage":"initial commit\n"}`,
			events.SourceRevision{Provider: "GitHub", Host: "github.com", Region: "us-west-2", Repository: "owner/documentdb-example", Message: "initial commit\n", ConnectionARN: "arn:aws:codestar-connections:us-west-2:123456789012:connection/221894bb"}},
		{"cut summary", "AWS", "CodeStarSourceConnection", redirect, `{"ProviderType":"GitHub","CommitMessage":"Merge pull request #1 from Test`,
			events.SourceRevision{Region: "us-west-2", Repository: "owner/documentdb-example", Message: `{"ProviderType":"GitHub","CommitMessage":"Merge pull request #1 from Test`, ConnectionARN: "arn:aws:codestar-connections:us-west-2:123456789012:connection/221894bb"}},
		{"message like JSON", "AWS", "CodeCommit", "", `{not json`, events.SourceRevision{Provider: "CodeCommit", Message: "{not json"}},
		{"branch link", "AWS", "CodeStarSourceConnection", "https://eu-west-1.console.aws.amazon.com/codesuite/settings/connections/redirect?connectionArn=arn:aws:codeconnections:eu-west-1:1:connection/c&referenceType=BRANCH&FullRepositoryId=owner/repo&Branch=a/b", "",
			events.SourceRevision{Repository: "owner/repo", Branch: "a/b", Region: "eu-west-1", ConnectionARN: "arn:aws:codeconnections:eu-west-1:1:connection/c"}},
		{"GitHub version 1", "ThirdParty", "GitHub", "https://github.com/hmrc/telemetry-terraform/commit/bc05", "TEL-3481 create", events.SourceRevision{Provider: "GitHub", Host: "github.com", Repository: "hmrc/telemetry-terraform", Message: "TEL-3481 create"}},
		{"GitHub API", "ThirdParty", "GitHub", "https://api.github.com/repos/anycompany/MyApp/git/commits/7636", "m", events.SourceRevision{Provider: "GitHub", Host: "github.com", Repository: "anycompany/MyApp", Message: "m"}},
		{"CodeCommit 2019", "AWS", "CodeCommit", "https://us-east-1.console.aws.amazon.com/codecommit/home#/repository/TestProject/commit/64d7", "m", events.SourceRevision{Provider: "CodeCommit", Region: "us-east-1", Repository: "TestProject", Message: "m"}},
		{"CodeCommit 2022", "AWS", "CodeCommit", "https://console.aws.amazon.com/codecommit/home?region=ap-northeast-2#/repository/tftest-repo/commit/937e", "m", events.SourceRevision{Provider: "CodeCommit", Region: "ap-northeast-2", Repository: "tftest-repo", Message: "m"}},
		{"CodeCommit console", "AWS", "CodeCommit", "https://eu-west-3.console.aws.amazon.com/codesuite/codecommit/repositories/REPO/commit/SHA?region=eu-west-3", "m", events.SourceRevision{Provider: "CodeCommit", Region: "eu-west-3", Repository: "REPO", Message: "m"}},
		{"S3", "AWS", "S3", "https://console.aws.amazon.com/s3/home?#", "Amazon S3 version id: v", events.SourceRevision{Provider: "S3", Message: "Amazon S3 version id: v"}},
		{"S3 with a link to GitHub", "AWS", "S3", "https://github.com/o/r/commit/c1", `{"ProviderType":"GitHub","CommitMessage":"m"}`, events.SourceRevision{Provider: "S3", Message: `{"ProviderType":"GitHub","CommitMessage":"m"}`}},
		{"CodeCommit with a redirect", "AWS", "CodeCommit", redirect, "m", events.SourceRevision{Provider: "CodeCommit", Message: "m"}},
		{"connection with a link to CodeCommit", "AWS", "CodeStarSourceConnection", "https://us-east-1.console.aws.amazon.com/codecommit/home#/repository/r/commit/c1", `{"ProviderType":"GitLab","CommitMessage":"m"}`,
			events.SourceRevision{Provider: "GitLab", Host: "gitlab.com", Message: "m"}},
		{"custom", "Custom", "GitHub", "https://github.com/o/r/commit/c1", "m", events.SourceRevision{Provider: "GitHub", Host: "github.com", Repository: "o/r", Message: "m"}},
		{"no link", "AWS", "S3", "not a url", "", events.SourceRevision{Provider: "S3"}},
		{"bad link", "AWS", "S3", "http://[::1", "", events.SourceRevision{Provider: "S3"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e := &events.ActionExecutionStateChange{
				Type:   events.ActionType{Owner: test.owner, Category: "Source", Provider: test.provider, Version: "1"},
				Result: &events.ExecutionResult{ExternalExecutionID: "id", URL: test.url, Summary: test.summary},
			}
			test.want.ID, test.want.URL = "id", test.url
			got, ok := e.SourceRevision()
			if diff := cmp.Diff(test.want, got); diff != "" || !ok {
				t.Errorf("ok %t, mismatch (-want +got):\n%s", ok, diff)
			}
		})
	}
	for _, e := range []*events.ActionExecutionStateChange{
		{}, {Type: events.ActionType{Category: "Source"}},
		{Type: events.ActionType{Category: "Build"}, Result: &events.ExecutionResult{ExternalExecutionID: "id"}},
	} {
		if r, ok := e.SourceRevision(); ok {
			t.Errorf("got %+v", r)
		}
	}
}

func TestTriggerCommit(t *testing.T) {
	t.Parallel()
	e := decode[*events.PipelineExecutionStateChange](t, pipelineEvent("Pipeline", `"execution-trigger":{"author-display-name":"Ana","full-repository-name":"o/r","provider-type":"GitLab","tag-name":"v1","commit-message":"m","commit-id":"c","connection-arn":"a","trigger-scope":"new"}`))
	got, ok := e.Trigger.Commit()
	want := events.SourceRevision{ID: "c", Message: "m", Provider: "GitLab", Host: "gitlab.com", Repository: "o/r", Tag: "v1", ConnectionARN: "a"}
	if diff := cmp.Diff(want, got); diff != "" || !ok {
		t.Errorf("ok %t, mismatch (-want +got):\n%s", ok, diff)
	}
	checkRoundTrip(t, e)
	for _, trigger := range []*events.ExecutionTrigger{nil, {Type: "Webhook", Detail: "arn"}} {
		if r, ok := trigger.Commit(); ok {
			t.Errorf("got %+v", r)
		}
	}
}

func TestJobUserParameters(t *testing.T) {
	t.Parallel()
	var got struct{ Environment string }
	j := &events.Job{ID: "j-1", UserParameters: events.NewSecret(`{"environment":"staging"}`)}
	if err := j.DecodeUserParameters(&got); err != nil || got.Environment != "staging" {
		t.Errorf("got %+v, %v", got, err)
	}
	for _, parameters := range []string{"", "staging"} {
		j.UserParameters = events.NewSecret(parameters)
		err := j.DecodeUserParameters(&got)
		if err == nil || !strings.Contains(err.Error(), "j-1") {
			t.Errorf("%q: got %v", parameters, err)
		}
		if syntax := (*json.SyntaxError)(nil); parameters != "" && !errors.As(err, &syntax) {
			t.Errorf("%q: got %T", parameters, err)
		}
	}
}
