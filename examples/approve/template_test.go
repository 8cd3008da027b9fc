package main

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/examples/internal/cfntest"
)

// The role answers and reads the pipelines of the stack, and nothing else.
func TestRole(t *testing.T) {
	t.Parallel()
	const pipelines = "arn:aws-cn:codepipeline:cn-north-1:111122223333:"
	p := parameters(window)
	p["Pipelines"], p["CodeCommitRepositories"] = "shop,docs", "shop,lib"
	_, statements := cfntest.Read(t, "template.yaml", p).Role(t, "Approve")
	resources := map[string][]string{}
	for _, s := range statements {
		for _, action := range s.Actions {
			resources[action] = append(resources[action], s.Resources...)
		}
	}
	for action, want := range map[string][]string{
		"codepipeline:GetPipelineState":  {pipelines + "shop", "arn:*:codepipeline:*:*:docs"},
		"codepipeline:PutApprovalResult": {pipelines + "shop/*", "arn:*:codepipeline:*:*:docs/*"},
		"codecommit:GetPullRequest":      {"arn:aws-cn:codecommit:cn-north-1:111122223333:shop", "arn:*:codecommit:*:*:lib"},
		"sns:Publish":                    {topicARN},
	} {
		if diff := cmp.Diff(want, resources[action]); diff != "" {
			t.Errorf("resources of %s (-want +got):\n%s", action, diff)
		}
	}
	_, statements = cfntest.Read(t, "template.yaml", map[string]string{"Policies": window, "Pipelines": "shop"}).Role(t, "Approve")
	for _, s := range statements {
		for _, action := range s.Actions {
			for _, service := range []string{"codecommit:", "secretsmanager:", "sns:", "kms:", "ec2:"} {
				if strings.HasPrefix(action, service) {
					t.Errorf("the role allows %s without a parameter that needs it", action)
				}
			}
		}
	}
}

// The notifications come from the topic of the stack, or from another.
func TestTopic(t *testing.T) {
	t.Parallel()
	const other = "arn:aws-cn:sns:cn-north-1:111122223333:approvals"
	for topic, want := range map[string]string{"": "Requests", other: other} {
		p := parameters(window)
		p["RequestTopicArn"] = topic
		function := cfntest.Read(t, "template.yaml", p).Resource(t, "Approve")
		if got := cfntest.At(function, "Properties", "Events", "Requests", "Properties", "Topic"); got != want {
			t.Errorf("the topic is %v, want %s", got, want)
		}
	}
}

// The rule lets through the ends of the approvals of the pipelines, and no forgery.
func TestRule(t *testing.T) {
	t.Parallel()
	w := newWorld(t, window, shop(gitHub()))
	event := func(source, account, pipeline, state, category string) string {
		return `{"version":"0","id":"1","account":"` + account + `","region":"us-east-1","time":"2026-03-02T09:01:17Z","resources":[],"source":"` + source +
			`","detail-type":"CodePipeline Action Execution State Change","detail":{"pipeline":"` + pipeline + `","state":"` + state + `","type":{"category":"` + category + `"}}}`
	}
	for _, test := range []struct {
		name, event string
		want        bool
	}{
		{"approved", event("aws.codepipeline", "111122223333", "shop", "SUCCEEDED", "Approval"), true},
		{"rejected", event("aws.codepipeline", "111122223333", "shop", "FAILED", "Approval"), true},
		{"stopped", event("aws.codepipeline", "111122223333", "shop", "ABANDONED", "Approval"), true},
		{"begun", event("aws.codepipeline", "111122223333", "shop", "STARTED", "Approval"), false},
		{"a build", event("aws.codepipeline", "111122223333", "shop", "SUCCEEDED", "Build"), false},
		{"another pipeline", event("aws.codepipeline", "111122223333", "other", "SUCCEEDED", "Approval"), false},
		{"another account", event("aws.codepipeline", "444455556666", "shop", "SUCCEEDED", "Approval"), false},
		{"of nobody at AWS", event("my.app", "111122223333", "shop", "SUCCEEDED", "Approval"), false},
	} {
		if got, err := w.rule.Match([]byte(test.event)); err != nil || got != test.want {
			t.Errorf("%s: %t, %v, want %t", test.name, got, err, test.want)
		}
	}
}

// A commit message does not become a link or a mention in a chat.
func TestChatText(t *testing.T) {
	t.Parallel()
	const text = "<!channel> <https://example.com|Approve> [Approve](https://example.com) https://example.com/?a=1&b=2"
	const want = "&lt;!channel&gt; &lt;https://example.com|Approve&gt; [Approve] (https://example.com) https://example.com/?a=1&amp;b=2"
	if got := chatText.Replace(text); got != want {
		t.Errorf("got %s", got)
	}
}

func TestReadme(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	readme := string(text)
	template := cfntest.Read(t, "template.yaml", parameters(window))
	all := cfntest.Child(template.Root, "Parameters")
	for i := 0; i < len(all.Content); i += 2 {
		if name := all.Content[i].Value; !strings.Contains(readme, "`"+name+"`") {
			t.Errorf("README.md does not tell the parameter %s", name)
		}
	}
	// Its policies are those of a program that starts.
	_, example, ok := strings.Cut(readme, "```json\n")
	example, _, ok2 := strings.Cut(example, "```")
	env := map[string]string{"POLICIES": example, "PIPELINES": "shop,docs", "ACCOUNT": "111122223333", "GITHUB_SECRET": "arn"}
	s, err := readSettings(func(name string) string { return env[name] }, nil)
	if err == nil {
		_, err = policiesOf(s)
	}
	if err != nil || !ok || !ok2 {
		t.Errorf("the policies of README.md: %v", err)
	}
}
