package main_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// The README's first command: a pipeline runs to its end without an account.
func TestLocal(t *testing.T) {
	t.Parallel()
	got := execute(t, command(t, "-local", "sample.json", "-speed", "1000", "start", "-watch", "-approve"))
	if got.status != 0 || got.stderr != "" {
		t.Fatalf("exit status %d: %s%s", got.status, got.stdout, got.stderr)
	}
	all := lines(timeless(got.stdout))
	if first, want := all[0], "execution ID of sample: InProgress"; first != want {
		t.Errorf("the first line is %q, want %q", first, want)
	}
	if last, want := all[len(all)-1], "execution ID of sample: Succeeded"; last != want {
		t.Errorf("the last line is %q, want %q", last, want)
	}
	for _, want := range []string{
		"Source/Site started (CodeCommit)",
		"Build/Unit succeeded after TIME",
		"Staging/Approve waits for an approval: Look at https://staging.example.com, then release ",
		"Staging/Approve succeeded after TIME: Approved by arn:aws:iam::111122223333:user/test",
		"Production: rule Wanted succeeded",
		"Production: condition before entry succeeded",
		"Production/Announce succeeded after TIME",
	} {
		if !slices.ContainsFunc(all, func(line string) bool { return strings.HasPrefix(line, want) }) {
			t.Errorf("no line %q in\n%s", want, got.stdout)
		}
	}
}

// With the commands in standard input one process does all of it.
func TestLines(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, args, stdin string
		status            int
		want              []string // in standard output
		stderr            string
	}{
		{"approve", "", "start -watch\napprovals\napprove -summary 'looks good' -watch\n", 0, []string{
			"comment    Look at https://staging.example.com", "Staging/Approve succeeded after TIME: looks good", "execution ID of sample: Succeeded"}, "approved"},
		{"reject", "", "start -watch\nreject -watch\n", 1, []string{"Staging/Approve failed after TIME", "execution ID of sample: Failed"}, "rejected"},
		{"a skipped stage", "", "start -watch -approve -var Release=no # and a comment\n", 0, []string{
			"Production: condition before entry failed", "execution ID of sample: Succeeded"}, ""},
		{"an automatic retry", "-fail Build/Unit", "start -watch -approve", 0, []string{
			"Build/Unit failed after TIME: -fail asked for it", "Build is retried (AutomatedStageRetry, attempt 2)", "execution ID of sample: Succeeded"}, ""},
		{"a retry", "-fail Staging/Deploy", "start\nwatch -plain\n", 1, []string{"Staging/Deploy failed after TIME", "execution ID of sample: Failed"}, ""},
		{"stop", "", "start -watch\nstop -abandon -reason enough -watch\n", 1, []string{"Staging/Approve abandoned after TIME", "execution ID of sample: Stopped"}, ""},
		{"rollback", "", "start -watch -approve\nstart -watch -approve\nrollback -stage Production -watch\n", 0, []string{
			"execution ID of sample: Succeeded"}, "Production of sample goes back to execution ID"},
		{"a transition", "", "disable -stage Staging -reason 'a freeze'\nstart\nenable -stage Staging\nwatch -plain\n", 0, []string{"Staging/Approve waits"}, ""},
		{"the first that fails ends it", "", "show\nnope\nstart\n", 2, []string{"sample (V2, QUEUED, version 1)"}, `"nope" is none of its commands`},
		{"an option of all", "", "start -local x\n", 2, nil, "not defined: -local"},
		{"a quote", "", "start 'x", 2, nil, "a quote is not closed"},
		{"a picture", "", "start -watch\ndraw -last -format mermaid", 0, []string{"flowchart"}, ""},
		{"the catalogue", "", "catalogue -strict", 0, nil, "differ in 0 things"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cmd := command(t, append([]string{"-local", "sample.json", "-speed", "1000"}, strings.Fields(tt.args)...)...)
			cmd.Stdin = strings.NewReader(tt.stdin)
			got := execute(t, cmd)
			if got.status != tt.status || !strings.Contains(timeless(got.stderr), tt.stderr) {
				t.Errorf("exit status %d, want %d, standard error %q, want %q", got.status, tt.status, got.stderr, tt.stderr)
			}
			for _, want := range tt.want {
				if !strings.Contains(timeless(got.stdout), want) {
					t.Errorf("no %q in\n%s", want, got.stdout)
				}
			}
		})
	}
}

// A retry of a failed stage ends well; a process with -local that ends at a failure
// has no second command, so it is one of an account.
func TestAccount(t *testing.T) {
	t.Parallel()
	compile := pipelinetest.CodeBuildAction("Compile", "web", "FetchArtifact")
	compile.Run = func(run pipelinetest.ActionRun) pipelinetest.Outcome {
		if run.Attempt == 1 {
			return pipelinetest.Outcome{State: pipelinetest.StateFailed, Summary: "tests \x1b[31mfail\x1b[0m\x07"}
		}
		return pipelinetest.Outcome{}
	}
	server := pipelinetest.NewServer(t, pipelinetest.Pipeline{Name: "web", Variables: []pipelinetest.Variable{{Name: "Zone", DefaultValue: "eu"}}, Stages: []pipelinetest.Stage{
		{Name: "Source", Actions: []pipelinetest.Action{pipelinetest.CodeCommitSource("Fetch", "web", "main")}},
		{Name: "Build", Actions: []pipelinetest.Action{compile}},
		{Name: "Review", Actions: []pipelinetest.Action{pipelinetest.ApprovalAction("Approve")}},
	}})
	run := func(status int, args ...string) outcome {
		t.Helper()
		got := execute(t, atServer(command(t, args...), server))
		if got.status != status {
			t.Fatalf("%q: exit status %d, want %d: %s%s", args, got.status, status, got.stdout, got.stderr)
		}
		return got
	}
	commit := strings.Repeat("0123456789", 4)
	got := run(0, "start", "web", "-var", "Zone=us", "-revision", "Fetch="+commit)
	id := strings.TrimSpace(got.stdout)
	if !idPattern.MatchString(id) || !strings.HasPrefix(got.stderr, "pipeline: https://us-east-1.console.aws.amazon.com/") {
		t.Fatalf("%q, %q", got.stdout, got.stderr)
	}
	server.Settle()
	got = run(1, "watch", "web")
	want := []string{
		"execution ID of web: Failed",
		"Source/Fetch started (CodeCommit)",
		"Source/Fetch succeeded after TIME: Commit 0123456",
		"Source/Fetch is at 01234567 of web (main): Commit 0123456",
		"Build/Compile started (CodeBuild)",
		"Build/Compile failed after TIME: tests fail",
	}
	all := lines(timeless(got.stdout))
	slices.Sort(all)
	slices.Sort(want)
	if diff := cmp.Diff(want, all); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	run(0, "retry", "web")
	server.Settle()
	if got := run(0, "approvals", "web"); !strings.Contains(got.stdout, "Review/Approve of web") || !strings.Contains(got.stdout, "01234567 of web (main)") {
		t.Errorf("%s", got.stdout)
	}
	run(1, "approve", "web", "-stage", "Nope")
	run(0, "approve", "web", "-summary", "fine")
	server.Settle()
	run(0, "watch", "web", "-id", id)
	run(1, "stop", "web", "-id", id)
	run(1, "approve", "web")

	out, err := awscodepipeline.NewFromConfig(server.Config()).GetPipelineExecution(t.Context(), &awscodepipeline.GetPipelineExecutionInput{
		PipelineName: aws.String("web"), PipelineExecutionId: &id,
	})
	if err != nil {
		t.Fatal(err)
	}
	if v := out.PipelineExecution.Variables; len(v) != 1 || aws.ToString(v[0].ResolvedValue) != "us" {
		t.Errorf("variables %v", v)
	}
}

func TestFailures(t *testing.T) {
	t.Parallel()
	server := pipelinetest.NewServer(t, pipelinetest.Pipeline{Name: "web", Stages: []pipelinetest.Stage{
		{Name: "Source", Actions: []pipelinetest.Action{pipelinetest.CodeCommitSource("Fetch", "web", "main")}},
		{Name: "Build", Actions: []pipelinetest.Action{pipelinetest.CodeBuildAction("Compile", "web", "FetchArtifact")}},
	}})
	denied := pipelinetest.NewServer(t)
	denied.SetFaults(pipelinetest.Faults{Deny: []string{"StartPipelineExecution", "GetPipeline"}})
	broken := write(t, "broken.json", sample(t, `"inputArtifacts": [{"name": "Package"}]`, `"inputArtifacts": [{"name": "Pakage"}]`))
	for _, tt := range []struct {
		name   string
		server *pipelinetest.Server
		args   []string
		status int
		stderr string
	}{
		{"no verb", nil, nil, 2, "say what to do: show, check, diff"},
		{"unknown verb", nil, []string{"chek"}, 2, `"chek" is none of its commands`},
		{"unknown option", nil, []string{"check", "-nope", "x"}, 2, "not defined: -nope"},
		{"no name", server, []string{"start"}, 2, "name the pipeline"},
		{"two names", server, []string{"start", "a", "b"}, 2, `unexpected "b"`},
		{"an empty name", server, []string{"start", ""}, 2, "an operand is empty"},
		{"an empty option", server, []string{"-region", "", "start", "web"}, 2, "-region is empty"},
		{"a variable without a value", server, []string{"start", "-var", "x", "web"}, 2, "write NAME=VALUE"},
		{"a revision of no type", server, []string{"start", "-revision", "Fetch=main", "web"}, 2, "neither a full commit ID"},
		{"approve in an account", server, []string{"watch", "-approve", "web"}, 2, "-approve needs -local"},
		{"-local with a Region", nil, []string{"-local", "sample.json", "-region", "eu-west-1", "show"}, 2, "neither -region nor -profile"},
		{"-speed without -local", server, []string{"-speed", "2", "start", "web"}, 2, "need -local"},
		{"-speed 0", nil, []string{"-local", "sample.json", "-speed", "0", "start"}, 2, "-speed 0"},
		{"-fail without an action", nil, []string{"-local", "sample.json", "-fail", "Build", "start"}, 2, "write STAGE/ACTION"},
		{"-local without its file", nil, []string{"-local", "-fail", "Build/Unit", "start"}, 2, "needs a file"},
		{"rollback without a stage", server, []string{"rollback", "web"}, 2, "name the stage"},
		{"override without a stage", server, []string{"override", "web"}, 2, "name the stage"},
		{"no such condition", server, []string{"override", "-stage", "Build", "-condition", "x", "web"}, 2, "before-entry or on-success"},
		{"nothing to override", server, []string{"override", "-stage", "Build", "-id", "00000000-0000-4000-8000-000000000000", "web"}, 1, "OverrideStageCondition"},
		{"disable without a reason", server, []string{"disable", "-stage", "Build", "web"}, 2, "-reason"},
		{"no such stage", server, []string{"enable", "-stage", "Nope", "web"}, 1, "EnableStageTransition"},
		{"a format", nil, []string{"draw", "-format", "png", "sample.json"}, 2, "svg and mermaid"},
		{"a theme", nil, []string{"draw", "-theme", "pink", "sample.json"}, 1, "pink"},
		{"an execution of a file", nil, []string{"draw", "-last", "./sample.json"}, 2, "a file has no executions"},
		{"no such pipeline", server, []string{"start", "nope"}, 1, "check the name, the Region and the account"},
		{"no execution", server, []string{"watch", "web"}, 1, "has no execution"},
		{"nothing to retry", server, []string{"retry", "web", "-id", "00000000-0000-4000-8000-000000000000"}, 1, "GetPipelineExecution"},
		{"denied", denied, []string{"start", "web"}, 1, "allow the IAM action codepipeline:StartPipelineExecution"},
		{"denied to read", denied, []string{"show", "web"}, 1, "allow the IAM action codepipeline:GetPipeline"},
		{"no Region", nil, []string{"start", "web"}, 1, "no AWS Region"},
		{"no credentials", nil, []string{"start", "web", "-region", "eu-west-1"}, 1, "no AWS credentials"},
		{"a file with errors", nil, []string{"-local", broken, "start"}, 1, "did you mean Package?"},
		{"no file", nil, []string{"-local", "nope.json", "start"}, 1, "nope.json: no such file"},
		{"types that are none", nil, []string{"-types", "sample.json", "check", "sample.json"}, 1, "-types sample.json"},
		{"a template without a pipeline", nil, []string{"-local", write(t, "a.yaml", "Resources: {}"), "start"}, 1, "no pipeline"},
		{"which of two", nil, []string{"-local", write(t, "b.yaml", template), "start"}, 2, "name one of the pipelines: Other, Web"},
		{"diff of a template of two", nil, []string{"diff", "sample.json", write(t, "c.yaml", template)}, 1, "has 2 pipelines"},
		{"diff of standard input with itself", nil, []string{"diff", "-", "-"}, 2, "at most"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cmd := command(t, tt.args...)
			if tt.server != nil {
				cmd = atServer(cmd, tt.server)
			}
			got := execute(t, cmd)
			if got.status != tt.status || !strings.Contains(got.stderr, tt.stderr) || got.stdout != "" {
				t.Errorf("exit status %d, want %d, standard output %q, standard error %q, want %q", got.status, tt.status, got.stdout, got.stderr, tt.stderr)
			}
			for _, line := range lines(got.stderr) {
				if !strings.HasPrefix(line, "pipeline: ") {
					t.Errorf("the line %q does not name the program", line)
				}
			}
		})
	}
}

// A transition is disabled with its reason, a condition that holds an execution is
// overridden, and a picture shows both.
func TestOverride(t *testing.T) {
	t.Parallel()
	server := pipelinetest.NewServer(t, pipelinetest.Pipeline{Name: "web", Stages: []pipelinetest.Stage{
		{Name: "Source", Actions: []pipelinetest.Action{pipelinetest.CodeCommitSource("Fetch", "web", "main")}},
		{Name: "Build", Actions: []pipelinetest.Action{pipelinetest.CodeBuildAction("Compile", "web", "FetchArtifact")},
			BeforeEntry: &pipelinetest.Condition{Result: "FAIL", Rules: []pipelinetest.Rule{{Name: "Hold", Provider: "VariableCheck",
				Configuration: map[string]string{"Variable": "a", "Value": "b", "Operator": "EQ"}}}}},
	}})
	run := func(status int, args ...string) outcome {
		t.Helper()
		got := execute(t, atServer(command(t, args...), server))
		if got.status != status {
			t.Fatalf("%q: exit status %d, want %d: %s%s", args, got.status, status, got.stdout, got.stderr)
		}
		return got
	}
	run(0, "disable", "web", "-stage", "Build", "-reason", "a freeze")
	run(0, "start", "web")
	server.Settle()
	if got := run(0, "draw", "web", "-last"); !strings.Contains(got.stdout, "a freeze") {
		t.Errorf("the picture lacks the reason of the disabled transition")
	}
	run(0, "enable", "web", "-stage", "Build")
	server.Settle()
	if got := run(1, "watch", "web"); !strings.Contains(got.stdout, "condition before entry failed") {
		t.Errorf("%s", got.stdout)
	}
	run(0, "override", "web", "-stage", "Build")
	server.Settle()
	if got := run(0, "watch", "web"); !strings.Contains(got.stdout, "condition before entry overridden") {
		t.Errorf("%s", got.stdout)
	}
}

// A template runs as it stands: what only a deployment knows is made up.
func TestLocalTemplate(t *testing.T) {
	t.Parallel()
	file := write(t, "web.yaml", template)
	got := execute(t, command(t, "-local", file, "-speed", "10000", "start", "-watch", "Web"))
	if got.status != 0 || !strings.Contains(timeless(got.stdout), "execution ID of Web: Succeeded") {
		t.Errorf("exit status %d: %s%s", got.status, got.stdout, got.stderr)
	}
}

// Ctrl-C ends a watch at once; the execution goes on.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	server := pipelinetest.NewServer(t, pipelinetest.Pipeline{Name: "web", Stages: []pipelinetest.Stage{
		{Name: "Source", Actions: []pipelinetest.Action{pipelinetest.CodeCommitSource("Fetch", "web", "main")}},
		{Name: "Review", Actions: []pipelinetest.Action{pipelinetest.ApprovalAction("Approve")}},
	}})
	polled := make(chan struct{}, 1000)
	server.OnCall(func(operation string) {
		if operation == "ListActionExecutions" {
			select {
			case polled <- struct{}{}:
			default:
			}
		}
	})
	cmd := atServer(command(t, "start", "-watch", "-interval", "50ms", "web"), server)
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	select {
	case <-polled:
	case <-ctx.Done():
		t.Fatal("the command polls nothing")
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	if status := cmd.ProcessState.ExitCode(); status != 130 || !strings.Contains(out.String(), "pipeline: interrupted") {
		t.Errorf("exit status %d: %s", status, out.String())
	}
	if server.Count("StopPipelineExecution") > 0 {
		t.Error("the execution was stopped")
	}
}

// The manual names each verb and each option, and the README each verb.
func TestManual(t *testing.T) {
	t.Parallel()
	got := execute(t, command(t, "-h"))
	if got.status != 0 || got.stderr != "" {
		t.Fatalf("exit status %d: %s", got.status, got.stderr)
	}
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range sources {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range flagPattern.FindAllStringSubmatch(string(text), -1) {
			if !strings.Contains(got.stdout, "-"+m[1]) {
				t.Errorf("the manual lacks -%s", m[1])
			}
		}
	}
	usage := execute(t, command(t)).stderr
	names, _, _ := strings.Cut(strings.TrimPrefix(usage, "pipeline: say what to do: "), " (")
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for name := range strings.SplitSeq(strings.ReplaceAll(names, " or ", ", "), ", ") {
		if !strings.Contains(got.stdout, fmt.Sprintf("\n    %-9s  ", name)) {
			t.Errorf("the manual does not describe %s", name)
		}
		if !strings.Contains(string(readme), "`"+name+"`") {
			t.Errorf("README.md lacks %s", name)
		}
	}
	for i, line := range lines(got.stdout) {
		if len(line) > 80 {
			t.Errorf("line %d of the manual has %d characters", i+1, len(line))
		}
	}
}
