package main_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	"github.com/aws/aws-sdk-go-v2/service/codecommit/types"
	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/codecommit/ci/citest"
	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
	"github.com/codesuite-go/codesuite/events/pattern"
	"github.com/codesuite-go/codesuite/examples/internal/cfntest"
	"github.com/codesuite-go/codesuite/examples/internal/lambdatest"
	"github.com/codesuite-go/codesuite/examples/internal/program"
)

var binary *program.Program // the compiled function

func TestMain(m *testing.M) { program.Main(m, "bootstrap", &binary) }

const (
	repository = "shop"
	robot      = "arn:aws:sts::111122223333:assumed-role/stack-Role/stack-ci"
	topicARN   = "arn:aws-cn:sns:cn-north-1:111122223333:reports"
)

// parameters turn on all that the template has.
var parameters = map[string]string{
	"RepositoryName": repository, "ReportTopicArn": topicARN, "Approve": "true",
	"CommandAuthors": "arn:aws:iam::111122223333:user/*", "SourceVersion": "refs/heads/main",
}

// world is what the function of the template talks to: servers of CodeCommit,
// CodeBuild, CloudWatch Logs and SNS. Events go to the function if a rule of the
// template lets them through.
type world struct {
	*testing.T
	template *cfntest.Template
	git      *codecommittest.Server
	builds   *citest.Server
	client   *awscodecommit.Client // of the developer
	rules    map[string]pattern.Pattern
	env      []string
	random   *rand.Rand

	mu       sync.Mutex
	queue    []string
	messages []string // of the topic
	publish  int      // calls
	files    map[string]fstest.MapFS
	run      func(citest.Build) citest.Outcome
}

// newWorld starts the world of the template with the parameters. run says how builds
// go.
func newWorld(t *testing.T, parameters map[string]string, run func(citest.Build) citest.Outcome) *world {
	t.Helper()
	w := &world{
		T: t, template: cfntest.Read(t, "template.yaml", parameters), rules: make(map[string]pattern.Pattern), random: rand.New(rand.NewPCG(15, 7)),
		files: map[string]fstest.MapFS{"main": {"README": {Data: []byte("shop\n")}}}, run: run,
	}
	w.git = codecommittest.NewServer(t, codecommittest.FS(repository, w.files["main"]))
	w.builds = citest.NewServer(t, w.project("Project"), w.project("BranchProject"))
	w.client = awscodecommit.NewFromConfig(w.git.Config())
	w.git.OnEvent(w.add)
	w.builds.OnEvent(w.add)
	for name, rule := range w.template.Resources(t, "AWS::Events::Rule") {
		if w.has(name) {
			w.rules[name] = patternOf(t, cfntest.At(rule, "Properties", "EventPattern"))
		}
	}
	sns := httptest.NewServer(http.HandlerFunc(w.serveTopic))
	t.Cleanup(sns.Close)
	key, err := w.git.ConfigAs(robot).Credentials.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w.env = []string{
		"AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=" + key.AccessKeyID, "AWS_SECRET_ACCESS_KEY=test", "AWS_EC2_METADATA_DISABLED=true",
		"AWS_ENDPOINT_URL_CODECOMMIT=" + w.git.URL(), "AWS_ENDPOINT_URL_CODEBUILD=" + w.builds.URL(),
		"AWS_ENDPOINT_URL_CLOUDWATCH_LOGS=" + w.builds.URL(), "AWS_ENDPOINT_URL_SNS=" + sns.URL,
	}
	variables, _ := cfntest.At(w.template.Resource(t, "Ci"), "Properties", "Environment", "Variables").(map[string]any)
	for name, value := range variables {
		w.env = append(w.env, fmt.Sprintf("%s=%v", name, w.resolve(fmt.Sprint(value))))
	}
	return w
}

// has reports whether the template has the resource with the parameters.
func (w *world) has(resource string) bool {
	condition := cfntest.Child(cfntest.Child(cfntest.Child(w.template.Root, "Resources"), resource), "Condition")
	if condition == nil {
		return true
	}
	value, _ := w.template.Eval(cfntest.Child(cfntest.Child(w.template.Root, "Conditions"), condition.Value))
	return value == true
}

// project returns the project of the template, with the name that it has in it.
func (w *world) project(resource string) citest.Project {
	w.Helper()
	p := cfntest.At(w.template.Resource(w, resource), "Properties")
	version, _ := cfntest.At(p, "SourceVersion").(string)
	return citest.Project{
		Name: cfntest.At(p, "Name").(string), Repository: repository, SourceVersion: version, LogGroup: "builds",
		Run: func(b citest.Build) citest.Outcome { return w.run(b) },
	}
}

// resolve puts the names of projects in the place of references to them.
func (w *world) resolve(text string) string {
	for _, resource := range []string{"BranchProject", "Project"} {
		text = strings.ReplaceAll(text, `"`+resource+`"`, `"`+w.project(resource).Name+`"`)
	}
	return text
}

// patternOf returns the pattern of a rule. A reference to a project is its name.
func patternOf(t *testing.T, value any) pattern.Pattern {
	t.Helper()
	data, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	data = []byte(strings.NewReplacer(`"BranchProject"`, `"stack-branch"`, `"Project"`, `"stack-build"`).Replace(string(data)))
	p, err := pattern.Parse(data)
	if err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	return p
}

// serveTopic is SNS.
func (w *world) serveTopic(rw http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	form, formErr := url.ParseQuery(string(body))
	if err != nil || formErr != nil || form.Get("Action") != "Publish" || form.Get("TopicArn") != topicARN {
		w.Errorf("call of SNS: %s", body)
	}
	var m struct{ Flow, State, Commit string }
	if err := json.Unmarshal([]byte(form.Get("Message")), &m); err != nil {
		w.Error(err)
	}
	if want := m.Flow + ": " + m.State; form.Get("Subject") != want {
		w.Errorf("subject %q, want %q", form.Get("Subject"), want)
	}
	w.mu.Lock()
	w.publish++
	w.messages = append(w.messages, strings.TrimSpace(m.Flow+" "+m.State))
	w.mu.Unlock()
	fmt.Fprint(rw, `<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>`)
}

// start starts an instance of the function.
func (w *world) start(env ...string) *lambdatest.Function {
	w.Helper()
	return lambdatest.Start(w, binary.Path(w), append(slices.Clone(w.env), env...)...)
}

func (w *world) add(payload []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.queue = append(w.queue, string(payload))
}

// deliver delivers the events that wait, and those that this leads to: each as often
// as repeat says, in any order, to the instances in turn.
func (w *world) deliver(repeat int, functions ...*lambdatest.Function) {
	w.Helper()
	for {
		w.mu.Lock()
		taken := w.queue
		w.queue = nil
		w.mu.Unlock()
		if len(taken) == 0 {
			return
		}
		taken = slices.Repeat(taken, repeat)
		w.random.Shuffle(len(taken), func(i, j int) { taken[i], taken[j] = taken[j], taken[i] })
		for i, payload := range taken {
			if w.matches(payload) {
				w.invoke(functions[i%len(functions)], payload)
			}
		}
	}
}

func (w *world) matches(payload string) bool {
	w.Helper()
	for name, rule := range w.rules {
		ok, err := rule.Match([]byte(payload))
		if err != nil {
			w.Fatalf("%s: %v", name, err)
		}
		if ok {
			return true
		}
	}
	return false
}

func (w *world) invoke(f *lambdatest.Function, payload string) string {
	w.Helper()
	result := f.Invoke(w, payload)
	if result.Failed {
		w.Errorf("the function fails: %s\n%s", result.Body, payload)
	}
	return result.Body
}

// push commits a file to a branch, which begins at main.
func (w *world) push(branch, content string) string {
	w.Helper()
	files := make(fstest.MapFS)
	from, ok := w.files[branch]
	if !ok {
		from = w.files["main"]
	}
	for name, f := range from {
		files[name] = f
	}
	files["version"] = &fstest.MapFile{Data: []byte(content)}
	w.files[branch] = files
	id, err := w.git.Commit(repository, branch, files)
	if err != nil {
		w.Fatal(err)
	}
	return id
}

// open opens a pull request of the branch and returns its ID.
func (w *world) open(branch string) string {
	w.Helper()
	out, err := w.client.CreatePullRequest(w.Context(), &awscodecommit.CreatePullRequestInput{
		Title: aws.String("Add " + branch), Targets: []types.Target{{RepositoryName: aws.String(repository), SourceReference: &branch}},
	})
	if err != nil {
		w.Fatal(err)
	}
	return *out.PullRequest.PullRequestId
}

// comments returns the robot's comments on the pull request, the oldest first.
func (w *world) comments(id string) (texts []string) {
	w.Helper()
	in := &awscodecommit.GetCommentsForPullRequestInput{PullRequestId: &id}
	for page := awscodecommit.NewGetCommentsForPullRequestPaginator(w.client, in); page.HasMorePages(); {
		out, err := page.NextPage(w.Context())
		if err != nil {
			w.Fatal(err)
		}
		for _, thread := range out.CommentsForPullRequestData {
			for _, c := range thread.Comments {
				if aws.ToString(c.AuthorArn) == robot {
					texts = append(texts, aws.ToString(c.Content))
				}
			}
		}
	}
	slices.Reverse(texts)
	return texts
}

// built returns the builds so far: flow, commit or source version, and status.
func (w *world) built() (lines []string) {
	for _, b := range w.builds.Builds() {
		lines = append(lines, fmt.Sprintf("%s %.12s %s", variable(b, "FLOW_NAME"), b.SourceVersion, b.Status))
	}
	slices.Sort(lines)
	return lines
}

func variable(b citest.Build, name string) string {
	for _, v := range b.Variables {
		if v.Name == name {
			return v.Value
		}
	}
	return ""
}

// scheduled is the event that the schedule of the template sends.
func (w *world) scheduled(at time.Time) string {
	w.Helper()
	name := cfntest.At(w.template.Resource(w, "Schedule"), "Properties", "Name")
	return fmt.Sprintf(`{"version":"0","id":"0f2b4e0e-5c1d-4b2e-9a53-%012d","detail-type":"Scheduled Event","source":"aws.scheduler","account":"111122223333",`+
		`"time":%q,"region":"us-east-1","resources":["arn:aws:scheduler:us-east-1:111122223333:schedule/default/%s"],"detail":"{}"}`,
		at.Unix(), at.UTC().Format(time.RFC3339), name)
}

// command runs the program outside of Lambda.
func (w *world) command(args ...string) (output string, err error) {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary.Path(w), args...)
	cmd.Env = w.env
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func same(t *testing.T, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}
