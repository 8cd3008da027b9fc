package pipelinetest_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"

	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// hook returns the webhook that GitHub calls for pushes to the branch of app.
func hook() *types.WebhookDefinition {
	return &types.WebhookDefinition{
		Name: aws.String("hook"), TargetPipeline: aws.String("app"), TargetAction: aws.String("Source"),
		Filters:        []types.WebhookFilterRule{{JsonPath: aws.String("$.ref"), MatchEquals: aws.String("refs/heads/{Branch}")}},
		Authentication: types.WebhookAuthenticationTypeGithubHmac, AuthenticationConfiguration: &types.WebhookAuthConfiguration{SecretToken: aws.String("hush")},
	}
}

func putHook(t *testing.T, client *awscodepipeline.Client, change func(*types.WebhookDefinition)) (*types.ListWebhookItem, error) {
	t.Helper()
	d := hook()
	if change != nil {
		change(d)
	}
	out, err := client.PutWebhook(t.Context(), &awscodepipeline.PutWebhookInput{Webhook: d, Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("web")}}})
	if err != nil {
		return nil, err
	}
	return out.Webhook, nil
}

func sign(newHash func() hash.Hash, secret, body string) string {
	mac := hmac.New(newHash, []byte(secret))
	mac.Write([]byte(body))
	return hex.EncodeToString(mac.Sum(nil))
}

// post posts the body to the address, and returns the status.
func post(t *testing.T, url, body string, header ...string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	reply, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	if _, err := io.Copy(io.Discard, reply.Body); err != nil {
		t.Fatal(err)
	}
	return reply.StatusCode
}

const githubPush = `{"ref":"refs/heads/%s","after":"0ddba11","head_commit":{"id":"0ddba11","message":"Try","timestamp":"2026-01-02T03:04:05Z"},"list":[{"n":1},{"n":2}]}`

func TestWebhook(t *testing.T) {
	t.Parallel()
	server, client := newServer(t, app())
	made, err := putHook(t, client, nil)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "secret", "****", *made.Definition.AuthenticationConfiguration.SecretToken)
	if !strings.HasPrefix(*made.Url, server.URL()) || *made.Arn != "arn:aws:codepipeline:us-east-1:111122223333:webhook:hook" || len(made.Tags) != 1 {
		t.Errorf("webhook %s %s with %d tags", *made.Url, *made.Arn, len(made.Tags))
	}
	body := fmt.Sprintf(githubPush, "main")
	for _, test := range []struct {
		name, url, body string
		header          []string
		status, starts  int
	}{
		{"SHA-1", *made.Url, body, []string{"X-Hub-Signature", "sha1=" + sign(sha1.New, "hush", body)}, 200, 1},
		{"SHA-256", *made.Url, body, []string{"X-Hub-Signature-256", "sha256=" + sign(sha256.New, "hush", body)}, 200, 1},
		{"another branch", *made.Url, "{}", []string{"X-Hub-Signature", "sha1=" + sign(sha1.New, "hush", "{}")}, 200, 0},
		{"another secret", *made.Url, body, []string{"X-Hub-Signature", "sha1=" + sign(sha1.New, "hash", body)}, 403, 0},
		{"another body", *made.Url, body + " ", []string{"X-Hub-Signature", "sha1=" + sign(sha1.New, "hush", body)}, 403, 0},
		{"no signature", *made.Url, body, nil, 403, 0},
		{"odd signature", *made.Url, body, []string{"X-Hub-Signature", "sha1=xyz"}, 403, 0},
		{"no JSON", *made.Url, "x", []string{"X-Hub-Signature", "sha1=" + sign(sha1.New, "hush", "x")}, 400, 0},
		{"another address", strings.Replace(*made.Url, "t=", "t=0", 1), body, nil, 404, 0},
	} {
		before := len(server.Events())
		if got := post(t, test.url, test.body, test.header...); got != test.status {
			t.Errorf("%s: status %d, want %d", test.name, got, test.status)
		}
		if got := len(server.Events()) - before; got != test.starts {
			t.Errorf("%s: %d executions start, want %d", test.name, got, test.starts)
		}
		server.Settle()
	}
	list, err := client.ListPipelineExecutions(t.Context(), &awscodepipeline.ListPipelineExecutionsInput{PipelineName: aws.String("app")})
	if err != nil {
		t.Fatal(err)
	}
	e := list.PipelineExecutionSummaries[0]
	if e.Trigger.TriggerType != types.TriggerTypeWebhook || *e.Trigger.TriggerDetail != *made.Arn || *e.SourceRevisions[0].RevisionId != "0ddba11" || *e.SourceRevisions[0].RevisionSummary != "Try" {
		t.Errorf("trigger %s %s, revision %+v", e.Trigger.TriggerType, *e.Trigger.TriggerDetail, e.SourceRevisions[0])
	}
}

func TestWebhookFilters(t *testing.T) {
	t.Parallel()
	server, client := newServer(t, app())
	for _, test := range []struct {
		path, equals string
		passes       bool
	}{
		{"$.ref", "refs/heads/main", true},
		{"$.ref", "refs/heads/dev", false},
		{"$['ref']", "refs/heads/{Branch}", true},
		{"$.list[*].n", "2", true},
		{"$.list[0]", `{"n":1}`, true},
		{"$.head_commit", "", true},
		{"$.nothing", "", false},
	} {
		made, err := putHook(t, client, func(d *types.WebhookDefinition) {
			d.Authentication, d.AuthenticationConfiguration = types.WebhookAuthenticationTypeIp, &types.WebhookAuthConfiguration{AllowedIPRange: aws.String("127.0.0.0/8")}
			d.Filters = []types.WebhookFilterRule{{JsonPath: &test.path}}
			if test.equals != "" {
				d.Filters[0].MatchEquals = &test.equals
			}
		})
		if err != nil {
			t.Errorf("%s: %v", test.path, err)
			continue
		}
		before := len(server.Events())
		if got := post(t, *made.Url, fmt.Sprintf(githubPush, "main")); got != 200 {
			t.Errorf("status %d", got)
		}
		if got := len(server.Events()) > before; got != test.passes {
			t.Errorf("%s equals %q: %t, want %t", test.path, test.equals, got, test.passes)
		}
		server.Settle()
	}
	path := "$..ref"
	if _, err := putHook(t, client, func(d *types.WebhookDefinition) { d.Filters[0].JsonPath = &path }); code(err) != "InvalidWebhookFilterPatternException" {
		t.Errorf("the path %s: %v", path, err)
	}
}

// A registered webhook is what starts a pipeline of GitHub version 1 after a push.
func TestRegisteredWebhook(t *testing.T) {
	t.Parallel()
	server, client := newServer(t, app())
	made, err := putHook(t, client, nil)
	if err != nil {
		t.Fatal(err)
	}
	push := func(branch string) string {
		started, err := server.Push(pipelinetest.Push{Repository: "octo/app", Branch: branch, Commit: pipelinetest.Commit{ID: "c1"}})
		return names(t, started, err)
	}
	equal(t, "before", "", push("main"))
	if _, err := client.RegisterWebhookWithThirdParty(t.Context(), &awscodepipeline.RegisterWebhookWithThirdPartyInput{WebhookName: aws.String("hook")}); err != nil {
		t.Fatal(err)
	}
	equal(t, "registered", "app", push("main"))
	equal(t, "another branch", "", push("dev"))
	server.Settle()
	list, err := client.ListWebhooks(t.Context(), &awscodepipeline.ListWebhooksInput{})
	if err != nil || len(list.Webhooks) != 1 || list.Webhooks[0].LastTriggered == nil || *list.Webhooks[0].Url != *made.Url {
		t.Errorf("webhooks %+v, %v", list, err)
	}
	if _, err := client.DeregisterWebhookWithThirdParty(t.Context(), &awscodepipeline.DeregisterWebhookWithThirdPartyInput{WebhookName: aws.String("hook")}); err != nil {
		t.Fatal(err)
	}
	equal(t, "deregistered", "", push("main"))
}

func TestWebhookOperations(t *testing.T) {
	t.Parallel()
	_, client := newServer(t, app())
	for name, test := range map[string]struct {
		change func(*types.WebhookDefinition)
		want   string
	}{
		"pipeline":    {func(d *types.WebhookDefinition) { d.TargetPipeline = aws.String("none") }, "PipelineNotFoundException"},
		"action":      {func(d *types.WebhookDefinition) { d.TargetAction = aws.String("Deploy") }, "ValidationException"},
		"six filters": {func(d *types.WebhookDefinition) { d.Filters = slices.Repeat(d.Filters, 6) }, "ValidationException"},
		"no secret":   {func(d *types.WebhookDefinition) { d.AuthenticationConfiguration.SecretToken = nil }, "InvalidWebhookAuthenticationParametersException"},
		"both": {func(d *types.WebhookDefinition) {
			d.AuthenticationConfiguration.AllowedIPRange = aws.String("1.2.3.0/24")
		}, "InvalidWebhookAuthenticationParametersException"},
		"open, secret": {func(d *types.WebhookDefinition) { d.Authentication = "UNAUTHENTICATED" }, "InvalidWebhookAuthenticationParametersException"},
		"no range":     {func(d *types.WebhookDefinition) { d.Authentication = "IP" }, "InvalidWebhookAuthenticationParametersException"},
		"odd range": {func(d *types.WebhookDefinition) {
			d.Authentication = "IP"
			d.AuthenticationConfiguration = &types.WebhookAuthConfiguration{AllowedIPRange: aws.String("1.2.3")}
		}, "InvalidWebhookAuthenticationParametersException"},
		"authorisation": {func(d *types.WebhookDefinition) { d.Authentication = "NONE" }, "ValidationException"},
	} {
		if _, err := putHook(t, client, test.change); code(err) != test.want {
			t.Errorf("%s: %v, want %s", name, err, test.want)
		}
	}
	for _, name := range []string{"c", "a", "b"} {
		if _, err := putHook(t, client, func(d *types.WebhookDefinition) { d.Name = &name }); err != nil {
			t.Fatal(err)
		}
	}
	var list []string
	pages := awscodepipeline.NewListWebhooksPaginator(client, &awscodepipeline.ListWebhooksInput{MaxResults: aws.Int32(2)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range page.Webhooks {
			list = append(list, *w.Definition.Name)
		}
	}
	diff(t, "webhooks", []string{"a", "b", "c"}, list)
	for range 2 {
		if _, err := client.DeleteWebhook(t.Context(), &awscodepipeline.DeleteWebhookInput{Name: aws.String("a")}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := client.RegisterWebhookWithThirdParty(t.Context(), &awscodepipeline.RegisterWebhookWithThirdPartyInput{WebhookName: aws.String("a")}); code(err) != "WebhookNotFoundException" {
		t.Errorf("registering a deleted webhook: %v", err)
	}
	if _, err := client.DeletePipeline(t.Context(), &awscodepipeline.DeletePipelineInput{Name: aws.String("app")}); err != nil {
		t.Fatal(err)
	}
	hooks, err := client.ListWebhooks(t.Context(), &awscodepipeline.ListWebhooksInput{})
	if err != nil {
		t.Fatal(err)
	}
	body := fmt.Sprintf(githubPush, "main")
	if got := post(t, *hooks.Webhooks[0].Url, body, "X-Hub-Signature", "sha1="+sign(sha1.New, "hush", body)); got != 404 {
		t.Errorf("the webhook of a deleted pipeline answers %d", got)
	}
	if tags, err := client.ListTagsForResource(t.Context(), &awscodepipeline.ListTagsForResourceInput{ResourceArn: hooks.Webhooks[0].Arn}); err != nil || len(tags.Tags) != 1 {
		t.Errorf("tags %+v, %v", tags, err)
	}
}
