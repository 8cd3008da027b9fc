package main

import (
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/codecommit/ci"
)

const flows = `[{"name": "nightly", "event": "schedule", "project": "build", "rule": "night",
	"environment_variables": [{"name": "TOKEN", "value": "hunter2-hunter2", "type": "PLAINTEXT"}]}]`

func TestReadSettings(t *testing.T) {
	t.Parallel()
	files := map[string]string{"flows.json": flows}
	readFile := func(name string) ([]byte, error) {
		if text, ok := files[name]; ok {
			return []byte(text), nil
		}
		return nil, errors.New("no such file")
	}
	for _, test := range []struct {
		name string
		env  map[string]string
		want string // of the error
	}{
		{"flows", map[string]string{"FLOWS": flows}, ""},
		{"a file", map[string]string{"FLOWS_FILE": " flows.json "}, ""},
		{"no flows", nil, "neither FLOWS nor FLOWS_FILE is set"},
		{"both", map[string]string{"FLOWS": flows, "FLOWS_FILE": "flows.json"}, "FLOWS and FLOWS_FILE are both set"},
		{"no such file", map[string]string{"FLOWS_FILE": "other.json"}, "FLOWS_FILE: no such file"},
		{"no JSON", map[string]string{"FLOWS": "nightly"}, "FLOWS: ci: parse flows"},
		{"an unknown member", map[string]string{"FLOWS": strings.Replace(flows, `"rule"`, `"rules"`, 1)}, "rules"},
		{"a level", map[string]string{"FLOWS": flows, "LOG_LEVEL": "Critical"}, ""},
		{"a bad level", map[string]string{"FLOWS": flows, "LOG_LEVEL": "loud"}, `LOG_LEVEL is "loud"`},
		{"a bad topic", map[string]string{"FLOWS": flows, "REPORT_TOPIC_ARN": "reports"}, "REPORT_TOPIC_ARN"},
		{"a bad number", map[string]string{"FLOWS": flows, "LOG_LINES": "many"}, `LOG_LINES is "many"`},
	} {
		s, err := readSettings(func(name string) string { return test.env[name] }, readFile)
		if test.want != "" {
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%s: error %v, want one about %s", test.name, err, test.want)
			} else if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%s: the error has the value of a variable: %v", test.name, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		want := []ci.Flow{{Name: "nightly", Kind: ci.KindSchedule, Project: "build", Rule: "night", Variables: []ci.Variable{{Name: "TOKEN", Value: "hunter2-hunter2", Type: "PLAINTEXT"}}}}
		if diff := cmp.Diff(want, s.flows); diff != "" {
			t.Errorf("%s: flows (-want +got):\n%s", test.name, diff)
		}
	}
}

func TestReadOptions(t *testing.T) {
	t.Parallel()
	env := map[string]string{
		"FLOWS": flows, "LOG_LEVEL": "warning", "REPORT_TOPIC_ARN": "arn:aws:sns:us-east-1:111122223333:reports", "ACCOUNT": "111122223333",
		"COMMAND_AUTHORS": "arn:aws:iam::111122223333:user/ada, arn:aws:sts::111122223333:assumed-role/Dev/*", "LOG_LINES": "50", "FAILED_TESTS": "-1",
	}
	s, err := readSettings(func(name string) string { return env[name] }, nil)
	if err != nil {
		t.Fatal(err)
	}
	var got ci.Options
	s.options(&got)
	want := ci.Options{
		Account: "111122223333", LogLines: 50, FailedTests: -1,
		CommandAuthors: []string{"arn:aws:iam::111122223333:user/ada", "arn:aws:sts::111122223333:assumed-role/Dev/*"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("options (-want +got):\n%s", diff)
	}
	if s.level != slog.LevelWarn || s.topic != env["REPORT_TOPIC_ARN"] {
		t.Errorf("level %v, topic %s", s.level, s.topic)
	}
}
