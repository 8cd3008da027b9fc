package main

import (
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"strings"

	"github.com/codesuite-go/codesuite/examples/internal/githubhosts"
	"github.com/codesuite-go/codesuite/examples/internal/loglevel"
	"github.com/codesuite-go/codesuite/pipeline/approval"
)

// settings are what the environment says.
type settings struct {
	policies  []byte // JSON
	source    string // of the policies, for errors
	pipelines []string
	account   string
	topic     string                // ARN; "" is none
	github    *githubhosts.Settings // nil is none
	level     slog.Level
}

var accountPattern = regexp.MustCompile(`^\d{12}$`)

// readSettings reads the variables, whose names its errors tell.
func readSettings(getenv func(string) string, readFile func(string) ([]byte, error)) (settings, error) {
	get := func(name string) string { return strings.TrimSpace(getenv(name)) }
	s := settings{policies: []byte(get("POLICIES")), source: "POLICIES", account: get("ACCOUNT"), topic: get("REPORT_TOPIC_ARN")}
	for name := range strings.SplitSeq(get("PIPELINES"), ",") {
		if name = strings.TrimSpace(name); name != "" {
			s.pipelines = append(s.pipelines, name)
		}
	}
	var err error
	if s.level, err = loglevel.Parse(get("LOG_LEVEL")); err != nil {
		return s, err
	}
	file := get("POLICIES_FILE")
	switch {
	case len(s.pipelines) == 0:
		return s, errors.New("PIPELINES is not set: set it to the names of the pipelines whose approvals are answered, with commas between them")
	case !accountPattern.MatchString(s.account):
		return s, fmt.Errorf("ACCOUNT is %q: set it to the 12 digits of the account of the pipelines", s.account)
	case s.topic != "" && !strings.HasPrefix(s.topic, "arn:"):
		return s, fmt.Errorf("REPORT_TOPIC_ARN is %q: set it to the ARN of an SNS topic", s.topic)
	case len(s.policies) > 0 && file != "":
		return s, errors.New("POLICIES and POLICIES_FILE are both set: set one of them")
	case len(s.policies) == 0 && file == "":
		return s, errors.New("neither POLICIES nor POLICIES_FILE is set: set POLICIES to a JSON list of policies, or POLICIES_FILE to a file with it")
	case file != "":
		if s.policies, err = readFile(file); err != nil {
			return s, fmt.Errorf("POLICIES_FILE: %w", err)
		}
		s.source = "POLICIES_FILE " + file
	}
	if get("GITHUB_SECRET") == "" {
		for _, name := range []string{"GITHUB_HOSTS", "GITHUB_APPS", "GITHUB_CA"} {
			if value := get(name); value != "" && value != "github.com" {
				return s, fmt.Errorf("%s is set and GITHUB_SECRET is not: set it to the ARN of the secret with the token", name)
			}
		}
		return s, nil
	}
	hosts, err := githubhosts.Read(getenv)
	s.github = &hosts
	return s, err
}

// check returns what is wrong with the policies in this environment.
func (s settings) check(policies []approval.Policy) error {
	for _, p := range policies {
		if !slices.Contains(s.pipelines, p.Pipeline) {
			return fmt.Errorf("the pipeline %.100q is not in PIPELINES, for which the function has permissions", p.Pipeline)
		}
		if s.github != nil {
			continue
		}
		for _, rule := range p.Rules {
			switch r := rule.(type) {
			case *approval.Statuses:
				return fmt.Errorf("pipeline %.100q: statuses are those of GitHub: set GITHUB_SECRET to the ARN of the secret with a token", p.Pipeline)
			case *approval.Reviews:
				for _, reviewer := range r.Reviewers {
					if !strings.HasPrefix(reviewer, "arn:") {
						return fmt.Errorf("pipeline %.100q: the reviewer %.100q is on GitHub: set GITHUB_SECRET to the ARN of the secret with a token", p.Pipeline, reviewer)
					}
				}
			}
		}
	}
	for _, name := range s.pipelines {
		if !slices.ContainsFunc(policies, func(p approval.Policy) bool { return p.Pipeline == name }) {
			return fmt.Errorf("no policy is for the pipeline %.100q of PIPELINES", name)
		}
	}
	return nil
}
