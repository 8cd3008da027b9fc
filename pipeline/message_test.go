package pipeline_test

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/internal/awstext"
	"github.com/codesuite-go/codesuite/pipeline"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

func TestApprovalMessage(t *testing.T) {
	t.Parallel()
	p := reviewed("")
	settings, image := pipelinetest.CodeCommitSource("Settings", "web-settings", "main"), pipelinetest.ECRSource("Image", "base/web", "stable")
	settings.Revision = &pipelinetest.Revision{ID: "64d7fa205c844ab07a516a10a515f1422023bbc3", Message: "Use two instances"}
	image.Revision = &pipelinetest.Revision{ID: "sha256:" + strings.Repeat("a1", 32)}
	checkout := pipelinetest.ConnectionSource("Checkout", pipelinetest.Connection{ProviderType: "GitHub"}, "octo/web", "main")
	checkout.Revision = &pipelinetest.Revision{ID: "ddbe7ef257512f9455e9b74a5ebe8ef831e615b7", Message: "Greet politely"}
	p.Stages[0].Actions = []pipelinetest.Action{settings, checkout, image}
	p.Stages[1].Actions = p.Stages[1].Actions[:1]
	server, client := newServer(t, p)
	now := began
	server.SetClock(func() time.Time { return now })

	message := func(optFns ...func(*pipeline.MessageOptions)) *pipeline.ApprovalMessage {
		t.Helper()
		server.Settle()
		a := pipeline.ApprovalOf(request(pending(t, client)[0]))
		server.ResetCalls()
		m, err := client.ApprovalMessage(t.Context(), a, optFns...)
		if err != nil {
			t.Fatal(err)
		}
		calls := map[string]int{"GetPipeline": 1, "GetPipelineState": 1, "GetPipelineExecution": 1, "ListActionExecutions": 1, "ListPipelineExecutions": 1}
		if diff := cmp.Diff(calls, server.Calls()); diff != "" {
			t.Errorf("calls mismatch (-want +got):\n%s", diff)
		}
		return m
	}
	id := start(t, client, web)
	const first = `Approval of web: stage Review, action Ask

Checkout: octo/web, branch main
  ddbe7ef2: https://github.com/octo/web/commit/ddbe7ef257512f9455e9b74a5ebe8ef831e615b7 Greet politely
Image: base/web, tag stable
  sha256:a1a1a1a1a1a1
Settings: web-settings, branch main
  64d7fa20: https://us-east-1.console.aws.amazon.com/codesuite/codecommit/repositories/web-settings/commit/64d7fa205c844ab07a516a10a515f1422023bbc3?region=us-east-1 Use two instances
Comment: Look at staging
To review: https://staging.example.com
Started by arn:aws:iam::111122223333:user/test (StartPipelineExecution)
Waiting since 2026-03-02 09:00 UTC
Expires 2026-03-02 10:30 UTC
Approve or reject in the console: https://us-east-1.console.aws.amazon.com/codesuite/codepipeline/pipelines/web/executions/ID/timeline?region=us-east-1`
	m := message()
	if diff := cmp.Diff(first, strings.ReplaceAll(m.Text(), id, "ID")); diff != "" || m.Deployed != nil {
		t.Errorf("text mismatch (-want +got):\n%s", diff)
	}
	if err := client.Approve(t.Context(), m.Approval, ""); err != nil {
		t.Fatal(err)
	}
	server.Settle()

	if err := server.SetRevision(web, "Checkout", pipelinetest.Revision{ID: "937e494cb4945e6779b92fd38188921384a0fa2c", Message: "Say *hello* to [everyone](https://evil.example)\n\nAt length"}); err != nil {
		t.Fatal(err)
	}
	if err := server.SetRevision(web, "Image", pipelinetest.Revision{ID: "sha256:" + strings.Repeat("b2", 32)}); err != nil {
		t.Fatal(err)
	}
	second := start(t, client, web)
	lost := errors.New("lost")
	m = message(func(o *pipeline.MessageOptions) {
		o.Author = func(_ context.Context, r pipeline.Revision) (string, error) {
			if r.Action != "Checkout" {
				return "", lost
			}
			return "Jane _Doe_", nil
		}
	})
	const again = `**Approval of web: stage Review, action Ask**

- Checkout: octo/web, branch main
  - [` + "`937e494c`" + `](https://github.com/octo/web/commit/937e494cb4945e6779b92fd38188921384a0fa2c) Say \*hello\* to \[everyone\](https://evil.example) (Jane \_Doe\_)
  - [changes since ` + "`ddbe7ef2`" + `](https://github.com/octo/web/compare/ddbe7ef257512f9455e9b74a5ebe8ef831e615b7...937e494cb4945e6779b92fd38188921384a0fa2c)
- Image: base/web, tag stable
  - ` + "`sha256:b2b2b2b2b2b2`" + `
  - before: ` + "`sha256:a1a1a1a1a1a1`" + `
- Settings: web-settings, branch main
  - [` + "`64d7fa20`" + `](https://us-east-1.console.aws.amazon.com/codesuite/codecommit/repositories/web-settings/commit/64d7fa205c844ab07a516a10a515f1422023bbc3?region=us-east-1) Use two instances
  - unchanged
- Comment: Look at staging
- To review: <https://staging.example.com>
- Started by arn:aws:iam::111122223333:user/test (StartPipelineExecution)
- Waiting since 2026-03-02 09:00 UTC
- Expires 2026-03-02 10:30 UTC
- [Approve or reject in the console](https://us-east-1.console.aws.amazon.com/codesuite/codepipeline/pipelines/web/executions/ID/timeline?region=us-east-1)`
	if diff := cmp.Diff(again, strings.ReplaceAll(m.Markdown(), second, "ID")); diff != "" {
		t.Errorf("Markdown mismatch (-want +got):\n%s", diff)
	}
	if m.Deployed == nil || m.Deployed.ID != id || !errors.Is(m.Sources[1].AuthorErr, lost) || m.Sources[0].AuthorErr != nil {
		t.Errorf("message %+v", m)
	}
	if token := m.Approval.Token.Reveal(); strings.Contains(m.Text()+m.Markdown(), token) {
		t.Error("the message tells the token")
	}

	server.SetFaults(pipelinetest.Faults{Deny: []string{"ListPipelineExecutions"}})
	if _, err := client.ApprovalMessage(t.Context(), m.Approval); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("error %v", err)
	}
	if _, err := client.ApprovalMessage(t.Context(), nil); err == nil {
		t.Error("a message of nothing")
	}
}

// A rollback and sources that are many or have no revision before.
func TestApprovalMessageOdd(t *testing.T) {
	t.Parallel()
	m := &pipeline.ApprovalMessage{
		Approval: &pipeline.Approval{Pipeline: web, Stage: "Review", Action: "Ask", ExternalEntityLink: "look here",
			Execution: &pipeline.Execution{Type: pipeline.ExecutionRollback, RollbackTarget: run1, Trigger: pipeline.Trigger{Type: "ManualRollback"}}},
		Deployed: &pipeline.ExecutionSummary{},
		Sources:  []pipeline.SourceChange{{Revision: pipeline.Revision{Action: "Upload", ID: "v1", Message: "Amazon S3 version id: v1"}}},
	}
	const want = `Approval of web: stage Review, action Ask

Rollback to execution ` + run1 + `
Upload
  v1
  new in this stage
To review: look here
Started by ManualRollback`
	if diff := cmp.Diff(want, m.Text()); diff != "" {
		t.Errorf("text mismatch (-want +got):\n%s", diff)
	}
	for range 60 {
		s := m.Sources[0]
		s.Message = strings.Repeat("long & ", 100)
		m.Sources = append(m.Sources, s)
	}
	for _, text := range []string{m.Text(), m.Markdown()} {
		if n := awstext.Len(text); n > 8000 || !strings.Contains(text, " more sources\n") || !strings.HasSuffix(text, "ManualRollback") {
			t.Errorf("%d characters: %s", n, text)
		}
	}
	m = &pipeline.ApprovalMessage{Approval: &pipeline.Approval{Pipeline: web, Stage: "Review", Action: "Ask"}}
	if got := m.Text(); got != "Approval of web: stage Review, action Ask" {
		t.Errorf("text %q", got)
	}
	if got := new(pipeline.ApprovalMessage).Markdown(); got != "**Approval of : stage , action **" {
		t.Errorf("Markdown of nothing %q", got)
	}
}

func FuzzApprovalMessage(f *testing.F) {
	f.Add("octo/web", "main", "Greet\npolitely", "Look at it", "https://example.com/(x)", "Jane", "arn:aws:iam::1:user/x")
	f.Add("a/b\x1b[2J", "x`y", "<script>", "**bold**\u202e", "javascript:alert(1)", "](https://evil.example)", "\xff")
	f.Fuzz(func(t *testing.T, repository, branch, text, custom, link, author, detail string) {
		revision := pipeline.Revision{Action: "Checkout", Provider: events.ProviderGitHub, Host: "github.com", Repository: repository, Branch: branch, ID: sha, Message: text, URL: link}
		m := &pipeline.ApprovalMessage{
			Approval: &pipeline.Approval{Pipeline: web, Stage: "Review", Action: "Ask", CustomData: custom, ExternalEntityLink: link,
				Execution: &pipeline.Execution{Trigger: pipeline.Trigger{Type: "Webhook", Detail: detail}}},
			Deployed: &pipeline.ExecutionSummary{},
		}
		for range 9 {
			m.Sources = append(m.Sources, pipeline.SourceChange{Revision: revision, Author: author, Previous: strings.Repeat("0", 40)})
		}
		for form, message := range map[string]string{"text": m.Text(), "Markdown": m.Markdown()} {
			if n := awstext.Len(message); n > 8000 || !utf8.ValidString(message) {
				t.Errorf("%s: %d characters: %q", form, n, message)
			}
			if lines := strings.Count(message, "\n") + 1; lines > 2+9*3+3+1 {
				t.Errorf("%s: %d lines: %q", form, lines, message)
			}
			if i := strings.IndexFunc(message, func(c rune) bool { return c != '\n' && unicode.IsControl(c) || unicode.Is(unicode.Bidi_Control, c) }); i >= 0 {
				t.Errorf("%s: a control character in %q", form, message)
			}
			if form == "text" {
				continue
			}
			for i := range len(message) {
				escaped := i > 0 && message[i-1] == '\\'
				if message[i] == '<' && !escaped && !strings.HasPrefix(message[i:], "<http") {
					t.Errorf("%s: HTML in %q", form, message)
				}
			}
		}
	})
}
