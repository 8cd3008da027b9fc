package main_test

import (
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/pipeline/definition"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

var update = flag.Bool("update", false, "rewrite the files of testdata")

// golden compares a text with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := "testdata/" + name
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

func TestShow(t *testing.T) {
	t.Parallel()
	got := execute(t, command(t, "show", "sample.json"))
	if got.status != 0 {
		t.Fatalf("exit status %d: %s", got.status, got.stderr)
	}
	golden(t, "show.txt", got.stdout)
	template := execute(t, command(t, "show", write(t, "web.yaml", template)))
	golden(t, "showtemplate.txt", template.stdout)

	// What -json prints is the structure itself.
	got = execute(t, command(t, "show", "-json", "sample.json"))
	document, err := definition.Parse([]byte(got.stdout))
	if err != nil {
		t.Fatal(err)
	}
	original, err := definition.Parse([]byte(sample(t)))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(original, document); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

const secret = "ghp_abcdefghijklmnopqrstuvwxyz0123456789"

// withSecrets is a structure with secrets at many places.
func withSecrets(t *testing.T) string {
	return sample(t,
		`"owner": "AWS", "provider": "CodeCommit"`, `"owner": "ThirdParty", "provider": "GitHub"`,
		`{"RepositoryName": "site", "BranchName": "main", "PollForSourceChanges": "false"}`,
		`{"Owner": "o", "Repo": "r", "Branch": "main", "OAuthToken": "tok-5d1c-secret", "OauthToken": "tok-77aa-secret"}`,
		`"owner": "AWS", "provider": "S3"`, `"owner": "Custom", "provider": "Pages"`,
		`{"BucketName": "site-pages", "Extract": "true"}`, `{"Key": "tok-91e2-secret"}`,
		`"npm ci"`, `"git clone https://`+secret+`@github.com/o/r"`,
		`"name": "Lint"`, `"name": "Li\u001b[2Jnt"`)
}

// No text shows a secret, and none reaches the terminal as it is.
func TestSecrets(t *testing.T) {
	t.Parallel()
	hidden := write(t, "secret.json", withSecrets(t))
	changed := write(t, "changed.json", strings.ReplaceAll(withSecrets(t), "-secret", "-second"))
	server := pipelinetest.NewServer(t)
	for _, args := range [][]string{
		{"show", hidden}, {"show", "-json", hidden}, {"check", hidden}, {"check", "-json", hidden},
		{"diff", hidden, changed}, {"diff", "sample.json", hidden}, {"diff", hidden, "sample.json"},
		{"draw", hidden}, {"draw", "-format", "mermaid", hidden}, {"-local", hidden, "show"}, {"diff", hidden},
	} {
		got := execute(t, atServer(command(t, args...), server))
		text := got.stdout + got.stderr
		for _, s := range []string{"-secret", "-second"} {
			if strings.Contains(text, s) {
				t.Errorf("%q shows a secret: %s", args, text)
			}
		}
		if strings.Contains(text, secret) && !strings.Contains(strings.Join(args, " "), "-json") {
			t.Errorf("%q shows a token: %s", args, text)
		}
		if strings.Contains(text, "\x1b") {
			t.Errorf("%q lets a control character through: %q", args, text)
		}
	}
}

func TestShowAccount(t *testing.T) {
	t.Parallel()
	source := pipelinetest.GitHubSource("Fetch", "o", "r", "main")
	server := pipelinetest.NewServer(t, pipelinetest.Pipeline{Name: "web", Stages: []pipelinetest.Stage{
		{Name: "Source", Actions: []pipelinetest.Action{source}},
		{Name: "Build", Actions: []pipelinetest.Action{pipelinetest.CodeBuildAction("Compile", "web", "FetchArtifact")}},
	}})
	got := execute(t, atServer(command(t, "show", "web"), server))
	if got.status != 0 || !strings.Contains(got.stdout, "OAuthToken            ****") || !strings.Contains(got.stdout, "ProjectName  web") {
		t.Errorf("exit status %d: %s%s", got.status, got.stdout, got.stderr)
	}
	// The structure of the account and itself, written by show, are the same.
	text := execute(t, atServer(command(t, "show", "-json", "web"), server)).stdout
	file := write(t, "web.json", text)
	if got := execute(t, atServer(command(t, "diff", file), server)); got.status != 0 || got.stdout != "" {
		t.Errorf("exit status %d: %s%s", got.status, got.stdout, got.stderr)
	}
	file = write(t, "web.json", strings.ReplaceAll(text, `"ProjectName": "web"`, `"ProjectName": "web-2"`))
	got = execute(t, atServer(command(t, "diff", file), server))
	want := "~ stages.Build.actions.Compile.configuration.ProjectName: \"web\" -> \"web-2\"\n"
	if got.status != 1 || got.stdout != want {
		t.Errorf("exit status %d: %q%s, want %q", got.status, got.stdout, got.stderr, want)
	}
	if !json.Valid([]byte(text)) {
		t.Error("show -json prints no JSON")
	}
}
