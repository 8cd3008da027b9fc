package main

import (
	"fmt"
	"strings"

	"github.com/codesuite-go/codesuite/examples/internal/githubhosts"
)

// settings are the settings in the environment.
type settings struct {
	githubhosts.Settings
	account string          // of the pipelines; "" if it is not compared
	checks  map[string]bool // hosts that get check runs
}

// readSettings reads the variables, whose names its errors tell.
func readSettings(getenv func(string) string) (settings, error) {
	hosts, err := githubhosts.Read(getenv)
	s := settings{hosts, strings.TrimSpace(getenv("PIPELINES_ACCOUNT")), map[string]bool{}}
	if err != nil {
		return s, err
	}
	for _, host := range githubhosts.List(getenv("GITHUB_CHECKS")) {
		if _, ok := s.Apps[host]; !ok {
			return s, fmt.Errorf("GITHUB_CHECKS: %q has no GitHub App in GITHUB_APPS, and only Apps can set check runs", host)
		}
		s.checks[host] = true
	}
	return s, nil
}
