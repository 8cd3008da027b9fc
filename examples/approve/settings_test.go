package main

import (
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/examples/internal/cfntest"
	"github.com/codesuite-go/codesuite/examples/internal/githubhosts"
	"github.com/codesuite-go/codesuite/pipeline/approval"
)

const window = `[{"pipeline": "shop", "window": {"time_zone": "UTC"}}]`

// policiesOf returns the policies of the settings, as the program reads them.
func policiesOf(s settings) ([]approval.Policy, error) {
	cfg := aws.Config{Region: "us-east-1"}
	github, err := newGitHub(s, cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	return newPolicies(s, cfg, github)
}

func TestReadSettings(t *testing.T) {
	t.Parallel()
	files := map[string]string{"policies.json": window}
	readFile := func(name string) ([]byte, error) {
		if text, ok := files[name]; ok {
			return []byte(text), nil
		}
		return nil, errors.New("no such file")
	}
	for _, test := range []struct {
		name string
		env  map[string]string // besides the defaults
		want string            // of the error
	}{
		{"defaults", nil, ""},
		{"a file", map[string]string{"POLICIES": "", "POLICIES_FILE": " policies.json "}, ""},
		{"no policies", map[string]string{"POLICIES": " "}, "neither POLICIES nor POLICIES_FILE is set"},
		{"both", map[string]string{"POLICIES_FILE": "policies.json"}, "POLICIES and POLICIES_FILE are both set"},
		{"no such file", map[string]string{"POLICIES": "", "POLICIES_FILE": "other.json"}, "POLICIES_FILE: no such file"},
		{"no JSON", map[string]string{"POLICIES": "window"}, "POLICIES: approval: parse policies"},
		{"no JSON in the file", map[string]string{"POLICIES": "", "POLICIES_FILE": "policies.json", "PIPELINES": "other"}, `POLICIES_FILE policies.json: the pipeline "shop" is not in PIPELINES`},
		{"no pipelines", map[string]string{"PIPELINES": " , "}, "PIPELINES is not set"},
		{"a pipeline without a policy", map[string]string{"PIPELINES": "shop,other"}, `no policy is for the pipeline "other"`},
		{"no account", map[string]string{"ACCOUNT": ""}, `ACCOUNT is ""`},
		{"a bad account", map[string]string{"ACCOUNT": "1111-2222-3333"}, "12 digits"},
		{"a bad level", map[string]string{"LOG_LEVEL": "loud"}, `LOG_LEVEL is "loud"`},
		{"a bad topic", map[string]string{"REPORT_TOPIC_ARN": "reports"}, "REPORT_TOPIC_ARN"},
		{"statuses without GitHub", map[string]string{"POLICIES": `[{"pipeline": "shop", "statuses": {}}]`}, "set GITHUB_SECRET"},
		{"reviewers without GitHub", map[string]string{"POLICIES": `[{"pipeline": "shop", "reviews": {"reviewers": ["arn:aws:iam::111122223333:user/x", "mona"]}}]`}, `the reviewer "mona" is on GitHub`},
		{"reviews of CodeCommit", map[string]string{"POLICIES": `[{"pipeline": "shop", "reviews": {}}]`}, ""},
		{"GitHub", map[string]string{"POLICIES": `[{"pipeline": "shop", "statuses": {}}]`, "GITHUB_SECRET": "arn"}, ""},
		{"hosts without a secret", map[string]string{"GITHUB_HOSTS": "git.example.com"}, "GITHUB_HOSTS is set and GITHUB_SECRET is not"},
		{"a bad host", map[string]string{"GITHUB_SECRET": "arn", "GITHUB_HOSTS": "https://git.example.com"}, "GITHUB_HOSTS: "},
	} {
		env := map[string]string{"POLICIES": window, "PIPELINES": "shop", "ACCOUNT": "111122223333"}
		for name, value := range test.env {
			env[name] = value
		}
		s, err := readSettings(func(name string) string { return env[name] }, readFile)
		if err == nil {
			_, err = policiesOf(s)
		}
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: error %v, want %q", test.name, err, test.want)
		}
	}
	all := map[string]string{
		"POLICIES": window, "PIPELINES": " shop , docs ", "ACCOUNT": "111122223333", "REPORT_TOPIC_ARN": "arn:aws:sns:us-east-1:111122223333:reports",
		"LOG_LEVEL": "Critical", "GITHUB_SECRET": "arn", "GITHUB_APPS": "1@github.com",
	}
	got, err := readSettings(func(name string) string { return all[name] }, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := settings{
		policies: []byte(window), source: "POLICIES", pipelines: []string{"shop", "docs"}, account: "111122223333", topic: all["REPORT_TOPIC_ARN"], level: slog.LevelError,
		github: &githubhosts.Settings{Secret: "arn", Hosts: []string{"github.com"}, Apps: map[string]githubhosts.App{"github.com": {ID: 1}}},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(settings{})); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
}

// The program ends with an error in its log, which Lambda shows.
func TestCannotStart(t *testing.T) {
	t.Parallel()
	command := exec.CommandContext(t.Context(), binary.Path(t))
	command.Env = append(os.Environ(), "PIPELINES=")
	log, err := command.CombinedOutput()
	if err == nil || !strings.Contains(string(log), `"error":"PIPELINES is not set`) {
		t.Errorf("%v, log:\n%s", err, log)
	}
}

// The template sets the variables that the program reads, but for the file.
func TestEnvironment(t *testing.T) {
	t.Parallel()
	read := map[string]bool{}
	_, err := readSettings(func(name string) string {
		read[name] = true
		return map[string]string{"POLICIES": window, "PIPELINES": "shop", "ACCOUNT": "111122223333", "GITHUB_SECRET": "s"}[name]
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	delete(read, "POLICIES_FILE")
	p := parameters(window)
	p["GitHubApps"], p["GitHubCA"] = "1@github.com", "LS0="
	set := map[string]bool{}
	function := cfntest.Read(t, "template.yaml", p).Resource(t, "Approve")
	for name := range cfntest.At(function, "Properties", "Environment", "Variables").(map[string]any) {
		set[name] = true
	}
	if diff := cmp.Diff(read, set); diff != "" {
		t.Errorf("variables (-read +set):\n%s", diff)
	}
}
