package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"

	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
	"github.com/codesuite-go/codesuite/events/pattern"
	"github.com/codesuite-go/codesuite/examples/internal/cfntest"
	"github.com/codesuite-go/codesuite/examples/internal/lambdatest"
	"github.com/codesuite-go/codesuite/examples/internal/program"
	"github.com/codesuite-go/codesuite/examples/internal/secretsserver"
	"github.com/codesuite-go/codesuite/examples/internal/tlsproxy"
	"github.com/codesuite-go/codesuite/internal/githubtest"
	"github.com/codesuite-go/codesuite/pipeline"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

const (
	commitA  = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	commitB  = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
	head     = "cccccccccccccccccccccccccccccccccccccccc"
	topicARN = "arn:aws-cn:sns:cn-north-1:111122223333:reports"
	mona     = "arn:aws:iam::111122223333:user/mona"
	lisa     = "arn:aws:iam::111122223333:user/lisa"
)

var binary *program.Program // the compiled function

// called are the calls that the functions of all tests have made.
var called cfntest.Called

func TestMain(m *testing.M) { program.Main(called.Tests(m), "bootstrap", &binary) }

// parameters turn on all that the template has.
func parameters(policies string) map[string]string {
	return map[string]string{
		"Policies": policies, "Pipelines": "shop", "ReportTopicArn": topicARN, "SecretArn": secretsserver.ARN,
		"GitHubHosts": "github.com,git.example.com", "CodeCommitRepositories": "shop", "LogLevel": "debug",
	}
}

// world is what the function of the template talks to: CodePipeline, CodeCommit,
// Secrets Manager, SNS, github.com and a GitHub Enterprise Server.
type world struct {
	*testing.T
	template   *cfntest.Template
	aws        *pipelinetest.Server
	client     *pipeline.Client // of the developer
	git        *codecommittest.Server
	mona, lisa *awscodecommit.Client
	secrets    *secretsserver.Server
	github     *githubtest.Server // as github.com
	enterprise *githubtest.Server // as git.example.com
	recorders  []*cfntest.Recorder
	rule       pattern.Pattern
	env        []string
	hidden     []string // what must not be seen in a log or a message

	mu       sync.Mutex
	queue    []string // events for the function
	messages []string // of the topic: title and text
	refuse   int      // publish calls to refuse
	logs     strings.Builder
}

func newWorld(t *testing.T, policies string, pipelines ...pipelinetest.Pipeline) *world {
	t.Helper()
	w := &world{
		T: t, template: cfntest.Read(t, "template.yaml", parameters(policies)),
		aws: pipelinetest.NewServer(t, pipelines...), git: codecommittest.NewServer(t, codecommittest.FS("shop", fstest.MapFS{"README": {Data: []byte("shop\n")}})),
		secrets: secretsserver.New(t), github: githubtest.New(t), enterprise: githubtest.New(t),
		hidden: []string{githubtest.Token, "secret-access-key", "session-token-of-the-role", "Authorization"},
	}
	w.client = pipeline.Open(w.aws.Config())
	w.mona, w.lisa = awscodecommit.NewFromConfig(w.git.ConfigAs(mona)), awscodecommit.NewFromConfig(w.git.ConfigAs(lisa))
	w.github.AddRepository("octo/app")
	w.enterprise.AddRepository("octo/app")
	w.secrets.Set(fmt.Sprintf(`{"github.com": %q, "git.example.com": %q}`, githubtest.Token, githubtest.Token))
	proxy, ca := tlsproxy.Start(t, map[string]http.Handler{"api.github.com": w.github, "git.example.com": w.enterprise})
	topic := httptest.NewServer(http.HandlerFunc(w.serveTopic))
	t.Cleanup(topic.Close)
	endpoint := func(service, url string) string {
		r := cfntest.NewRecorder(t, service, url)
		w.recorders = append(w.recorders, r)
		return r.URL
	}
	w.env = []string{
		"AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=secret-access-key", "AWS_SESSION_TOKEN=session-token-of-the-role",
		"AWS_EC2_METADATA_DISABLED=true", "HTTPS_PROXY=" + proxy,
		"AWS_ENDPOINT_URL_CODEPIPELINE=" + endpoint("codepipeline", w.aws.URL()), "AWS_ENDPOINT_URL_CODECONNECTIONS=" + endpoint("codeconnections", w.aws.URL()),
		"AWS_ENDPOINT_URL_CODECOMMIT=" + endpoint("codecommit", w.git.URL()), "AWS_ENDPOINT_URL_SECRETS_MANAGER=" + endpoint("secretsmanager", w.secrets.URL),
		"AWS_ENDPOINT_URL_SNS=" + topic.URL,
	}
	function := w.template.Resource(t, "Approve")
	variables, _ := cfntest.At(function, "Properties", "Environment", "Variables").(map[string]any)
	for name, value := range variables {
		w.env = append(w.env, fmt.Sprintf("%s=%v", name, value))
	}
	w.env = append(w.env, "GITHUB_CA="+ca)
	text, err := json.Marshal(cfntest.At(function, "Properties", "Events", "Answers", "Properties", "Pattern"))
	if err == nil {
		w.rule, err = pattern.Parse(text)
	}
	if err != nil {
		t.Fatal(err)
	}
	w.aws.OnEvent(func(payload []byte) {
		matches, err := w.rule.Match(payload)
		if err != nil {
			t.Error(err)
		}
		if matches {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.queue = append(w.queue, string(payload))
		}
	})
	t.Cleanup(w.check)
	return w
}

// serveTopic is SNS.
func (w *world) serveTopic(rw http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	form, formErr := url.ParseQuery(string(body))
	var forms map[string]string
	if err != nil || formErr != nil || form.Get("Action") != "Publish" || form.Get("TopicArn") != topicARN || form.Get("MessageStructure") != "json" ||
		json.Unmarshal([]byte(form.Get("Message")), &forms) != nil {
		w.Errorf("call of SNS: %s", body)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.refuse > 0 {
		w.refuse--
		rw.WriteHeader(http.StatusForbidden)
		fmt.Fprint(rw, `<ErrorResponse><Error><Type>Sender</Type><Code>InvalidParameter</Code><Message>no</Message></Error></ErrorResponse>`)
		return
	}
	var n notification
	title, text, _ := strings.Cut(forms["default"], "\n\n")
	if err := json.Unmarshal([]byte(forms["https"]), &n); err != nil || n.Version != "1.0" || n.Source != "custom" || n.Content.Title != title || n.Content.Description != chatText.Replace(text) {
		w.Errorf("message for chat: %v, %s", err, forms["https"])
	}
	if form.Get("Subject") != title {
		w.Errorf("subject %q, want %q", form.Get("Subject"), title)
	}
	w.messages = append(w.messages, forms["default"])
	fmt.Fprint(rw, `<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>`)
}

// function starts an instance of the function.
func (w *world) function() *lambdatest.Function {
	w.Helper()
	return lambdatest.Start(w, binary.Path(w), w.env...)
}

// stop ends an instance and keeps its log.
func (w *world) stop(f *lambdatest.Function) {
	log := f.Stop()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.logs.WriteString(log)
}

// log returns what the stopped instances have logged.
func (w *world) log() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.logs.String()
}

// check compares the calls with the role, and looks for secrets.
func (w *world) check() {
	allowed := w.template.Calls(w, "Approve")
	for _, r := range w.recorders {
		actions := r.Actions()
		for i, action := range actions { // a connection may be of the service by its old name
			actions[i] = strings.TrimPrefix(action, "codeconnections:")
		}
		called.Add(w, allowed, actions)
	}
	if len(w.messages) > 0 {
		called.Add(w, allowed, []string{"sns:Publish"})
	}
	for _, secret := range w.hidden {
		for _, text := range append(slices.Clone(w.messages), w.logs.String()) {
			if strings.Contains(text, secret) {
				w.Errorf("%q is in a log or a message:\n%s", secret, text)
			}
		}
	}
}

// start starts an execution of a commit, up to its approval.
func (w *world) start(sha string) (id string) {
	w.Helper()
	id, err := w.aws.StartExecution("shop", pipelinetest.Trigger{}, pipelinetest.SourceRevision{Action: "App", Revision: pipelinetest.Revision{ID: sha, Message: "Add a page\n\nand more"}})
	if err != nil {
		w.Fatal(err)
	}
	w.aws.Settle()
	return id
}

// waiting is the approval of the execution.
func (w *world) waiting(id string) *pipeline.Approval {
	w.Helper()
	for a, err := range w.client.Approvals(w.Context(), "shop") {
		if err != nil {
			w.Fatal(err)
		}
		if a.ExecutionID == id {
			w.hidden = append(w.hidden, a.Token.Reveal())
			return a
		}
	}
	w.Fatalf("the execution %s does not wait", id)
	return nil
}

// request is the notification of the approval of the execution, as SNS delivers it.
func (w *world) request(id string) string {
	w.Helper()
	a := w.waiting(id)
	return notice("us-east-1", a.Pipeline, a.Stage, a.Action, a.Token.Reveal())
}

// notice is a notification of CodePipeline.
func notice(region, pipeline, stage, action, token string) string {
	message, _ := json.Marshal(map[string]any{
		"region": region, "consoleLink": "https://console.aws.amazon.com/codesuite/codepipeline/pipelines/" + pipeline,
		"approval": map[string]any{
			"pipelineName": pipeline, "stageName": stage, "actionName": action, "token": token, "expires": "2036-12-07T20:22Z",
			"externalEntityLink": nil, "approvalReviewLink": "https://console.aws.amazon.com/codesuite/codepipeline/approve/" + token, "customData": nil,
		},
	})
	payload, _ := json.Marshal(map[string]any{"Records": []any{map[string]any{
		"EventSource": "aws:sns", "EventVersion": "1.0", "EventSubscriptionArn": "arn:aws:sns:us-east-1:111122223333:approvals:1",
		"Sns": map[string]any{
			"Type": "Notification", "MessageId": "95df01b4-ee98-5cb9-9903-4c221d41eb5e", "TopicArn": "arn:aws:sns:us-east-1:111122223333:approvals",
			"Subject": "APPROVAL NEEDED: AWS CodePipeline " + pipeline, "Message": string(message), "Timestamp": "2026-11-30T20:22:00.000Z",
		},
	}}})
	return string(payload)
}

// sweep is the event of the schedule.
const sweep = `{"version":"0","id":"0f2b4e0e-5c1d-4b2e-9a53-0123456789ab","detail-type":"Scheduled Event","source":"aws.scheduler","account":"111122223333",` +
	`"time":"2026-11-30T20:25:00Z","region":"us-east-1","resources":["arn:aws:scheduler:us-east-1:111122223333:schedule/default/approve"],"detail":"{}"}`

// invoke invokes the function, which must not fail, and delivers what follows.
func (w *world) invoke(f *lambdatest.Function, payload string) {
	w.Helper()
	if result := f.Invoke(w, payload); result.Failed {
		w.Errorf("the function fails: %s", result.Body)
	}
	w.settle(f)
}

// settle lets the pipelines go on and delivers the events of their answers.
func (w *world) settle(f *lambdatest.Function) {
	w.Helper()
	for {
		w.aws.Settle()
		w.mu.Lock()
		taken := w.queue
		w.queue = nil
		w.mu.Unlock()
		if len(taken) == 0 {
			return
		}
		for _, payload := range taken {
			if result := f.Invoke(w, payload); result.Failed {
				w.Errorf("the function fails: %s", result.Body)
			}
		}
	}
}

func (w *world) wantStatus(id string, want pipeline.Status) {
	w.Helper()
	w.aws.Settle()
	e, err := w.client.Execution(w.Context(), "shop", id)
	if err != nil {
		w.Fatal(err)
	}
	if e.Status != want {
		w.Errorf("the execution is %s, want %s", e.Status, want)
	}
}

// wantMessages compares the messages since the last call: each has all the texts of
// its line.
func (w *world) wantMessages(want ...[]string) {
	w.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	got := w.messages
	if len(got) != len(want) {
		w.Errorf("%d messages, want %d:\n%s", len(got), len(want), strings.Join(got, "\n\n"))
	} else {
		for i, texts := range want {
			for _, text := range texts {
				if !strings.Contains(got[i], text) {
					w.Errorf("message number %d has no %q:\n%s", i+1, text, got[i])
				}
			}
		}
	}
	w.messages = nil
}

func (w *world) addStatus(server *githubtest.Server, sha, context, state string) {
	w.Helper()
	if err := server.AddStatus("octo/app", githubtest.Status{SHA: sha, Context: context, State: state}); err != nil {
		w.Fatal(err)
	}
}

// shop is the pipeline with the source.
func shop(source pipelinetest.Action) pipelinetest.Pipeline {
	source.Name = "App"
	release := pipelinetest.ApprovalAction("Release")
	release.Configuration = map[string]string{"CustomData": "Look at the price list"}
	return pipelinetest.Pipeline{Name: "shop", Stages: []pipelinetest.Stage{
		{Name: "Source", Actions: []pipelinetest.Action{source}},
		{Name: "Production", Actions: []pipelinetest.Action{release}},
	}}
}

func gitHub() pipelinetest.Action { return pipelinetest.GitHubSource("App", "octo", "app", "main") }
