//go:build unix

package main_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"

	"github.com/codesuite-go/codesuite/pipeline/actiontype"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

func TestEnsure(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	file := definition(t, "true", nil)
	for _, want := range []string{"is created", "exists already"} {
		status, stdout, stderr := w.run(t, "-config", file, "-ensure")
		if status != 0 || !strings.Contains(stdout, "the action type Custom/Build/Make/1 "+want+" in us-east-1") {
			t.Errorf("status %d, %q, %q; want %s", status, stdout, stderr, want)
		}
	}
	for a, err := range actiontype.List(t.Context(), awscodepipeline.NewFromConfig(w.Config()), actiontype.OwnerCustom) {
		if err != nil {
			t.Fatal(err)
		}
		if p := a.Properties; a.String() != "Custom/Build/Make/1" || len(p) != 4 || a.Inputs.Max != 5 {
			t.Errorf("the action type is %+v", a)
		}
	}
	changed := definition(t, "true", object{"actionType": object{"category": "Build", "provider": "Make", "version": "1"}})
	status, _, stderr := w.run(t, "-config", changed, "-ensure")
	if status != 1 || !strings.Contains(stderr, "declare it with another version, the next is 2") {
		t.Errorf("status %d, %q", status, stderr)
	}
	w.SetFaults(pipelinetest.Faults{Deny: []string{"ListActionTypes"}})
	if status, _, stderr := w.run(t, "-config", file, "-ensure"); status != 1 || !strings.Contains(stderr, "codepipeline:ListActionTypes") {
		t.Errorf("status %d, %q", status, stderr)
	}
}

// TestExample checks the configuration file that the README is about.
func TestExample(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	status, stdout, stderr := w.run(t, "-config", "worker.json", "-check")
	if status != 0 || stdout != "worker: worker.json is valid, for the action type Custom/Build/Make/1\n" || stderr != "" {
		t.Errorf("status %d, %q, %q", status, stdout, stderr)
	}
}

// TestNoRegion runs where there is neither a Region nor a metadata service. That
// may be there later.
func TestNoRegion(t *testing.T) {
	t.Parallel()
	cmd := exec.Command(binary.Path(t), "-config", "worker.json")
	cmd.Env = []string{"HOME=/nonexistent", "AWS_EC2_METADATA_DISABLED=true"}
	out, err := cmd.CombinedOutput()
	if err == nil || cmd.ProcessState.ExitCode() != 1 || !strings.HasPrefix(string(out), "worker: there is no Region: set -region or AWS_REGION") {
		t.Errorf("%v: %s", err, out)
	}
}

// usage is the exit status of what does not get better by itself.
const usage = 64

// TestUnit checks that the service is not restarted after that, but is after
// anything else, such as the 2 of a Go program that crashed.
func TestUnit(t *testing.T) {
	t.Parallel()
	unit, err := os.ReadFile("codesuite-worker.service")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"Restart=on-failure", fmt.Sprintf("RestartPreventExitStatus=%d", usage)} {
		if !strings.Contains(string(unit), "\n"+line+"\n") {
			t.Errorf("the unit lacks the line %q", line)
		}
	}
}

func TestUsage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	good := definition(t, "true", nil)
	for _, test := range []struct {
		name string
		args []string
		want string // part of the message
	}{
		{"no file", nil, "-config FILE is missing"},
		{"unknown flag", []string{"-concurrency", "3"}, "flag provided but not defined: -concurrency"},
		{"operand", []string{"-config", good, "make"}, `unexpected argument "make"`},
		{"both", []string{"-config", good, "-check", "-ensure"}, "exclude each other"},
		{"file that is not there", []string{"-config", "/nonexistent"}, "no such file"},
	} {
		if status, stdout, stderr := w.run(t, test.args...); status != usage || stdout != "" || !strings.Contains(stderr, test.want) || !strings.HasPrefix(stderr, "worker: ") {
			t.Errorf("%s: status %d, %q, %q", test.name, status, stdout, stderr)
		}
	}
	if status, stdout, stderr := w.run(t, "-h"); status != 0 || !strings.Contains(stdout, "Usage:") || stderr != "" {
		t.Errorf("-h: status %d, %q", status, stderr)
	}
}

func TestConfiguration(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const head = `{"actionType": {"category": "Build", "provider": "Make", "version": "1"`
	for _, test := range []struct{ name, text, want string }{
		{"empty", "", "EOF"},
		{"no JSON", head + "},\n\n  command", "line 3: invalid character 'c'"},
		{"wrong type", head + "},\n\"concurrency\": \"two\"}", "line 2: json: cannot unmarshal string"},
		{"unknown member", head + `}, "comand": "x"}`, `unknown field "comand"`},
		{"more", head + `}, "command": "x"} {}`, "there is more"},
		{"no command", head + `}}`, "command: there is none"},
		{"no duration", head + `}, "command": "x", "timeout": "1 hour"}`, "unknown unit"},
		{"negative", head + `}, "command": "x", "killDelay": "-1s"}`, "killDelay: -1s is not between 0 and 24h0m0s"},
		{"too long", head + `}, "command": "x", "killDelay": "2000000h"}`, "killDelay: 2000000h0m0s is not between"},
		{"query", head + `, "properties": [{"name": "P"}]}, "command": "x", "query": {"P": "x"}}`, `query: "P" is no queryable property`},
		{"value of the query", head + `, "properties": [{"name": "P", "queryable": true, "required": true}]}, "command": "x", "query": {"P": "a b"}}`, `query: the value of "P"`},
		{"concurrency", head + `}, "command": "x", "concurrency": -1}`, "concurrency: -1"},
		{"no action type", `{"command": "x"}`, `category ""`},
		{"two outputs", head + `}, "command": "x", "outputs": [{"files": ["*"]}, {"files": ["*"]}]}`, `two are for the artifact ""`},
		{"no files", head + `}, "command": "x", "outputs": [{}]}`, "files: there are none"},
		{"pattern", head + `}, "command": "x", "outputs": [{"files": ["../*"]}]}`, `pattern "../*"`},
		{"base directory", head + `}, "command": "x", "outputs": [{"files": ["*"], "baseDirectory": "../x"}]}`, `baseDirectory "../x"`},
		{"own variable", head + `}, "command": "x", "environment": {"CODESUITE_X": ""}}`, "the worker's own"},
		{"name of a variable", head + `}, "command": "x", "passEnvironment": ["A-B"]}`, `"A-B" is no name`},
		{"exposed", head + `, "properties": [{"name": "a", "expose": true}]}, "command": "x"}`, "expose is for secret"},
		{"same variable", head + `, "properties": [{"name": "a-b"}, {"name": "a.b"}]}, "command": "x"}`, "CODESUITE_CONFIG_a_b"},
	} {
		file := filepath.Join(t.TempDir(), "worker.json")
		if err := os.WriteFile(file, []byte(test.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if status, _, stderr := w.run(t, "-config", file, "-check"); status != usage || !strings.Contains(stderr, test.want) || !strings.Contains(stderr, file) {
			t.Errorf("%s: status %d, %q, want %q", test.name, status, stderr, test.want)
		}
	}
}
