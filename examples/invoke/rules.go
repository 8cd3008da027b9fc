package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/codesuite-go/codesuite/examples/internal/glob"
	"github.com/codesuite-go/codesuite/pipeline/action"
)

// rules are the user parameters of the action, as JSON. All are optional, and
// so are the user parameters. Patterns are those of [path.Match] for each
// element of a path, and "**" stands for any number of folders.
type rules struct {
	// Artifact is the input artifact to check. The default is the only one.
	Artifact string `json:"artifact"`
	// Required are patterns that each match a file or link at least.
	Required []string `json:"required"`
	// Forbidden are patterns that match none.
	Forbidden []string `json:"forbidden"`
	// MaxFileSize is how many bytes a file may have. The default is no limit.
	MaxFileSize int64 `json:"maxFileSize"`
	// Secrets tells whether private keys and AWS access key IDs are looked for.
	// The default is true.
	Secrets *bool `json:"secrets"`
	// CaseConflicts tells whether names are looked for that differ only in
	// case, of which Windows and macOS keep one. The default is true.
	CaseConflicts *bool `json:"caseConflicts"`
	// Ignore are patterns of files that may be too large or have secrets, such
	// as the fixtures of tests.
	Ignore []string `json:"ignore"`
}

func (r *rules) secrets() bool       { return r.Secrets == nil || *r.Secrets }
func (r *rules) caseConflicts() bool { return r.CaseConflicts == nil || *r.CaseConflicts }

// parseRules reads user parameters.
func parseRules(text string) (*rules, error) {
	r := new(rules)
	if strings.TrimSpace(text) == "" {
		return r, nil
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(r); err != nil {
		return nil, fmt.Errorf("the user parameters of the action: %w", err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, errors.New("the user parameters of the action: there is more after the closing brace")
	}
	if r.MaxFileSize < 0 {
		return nil, fmt.Errorf("the user parameters of the action: maxFileSize: %d is negative", r.MaxFileSize)
	}
	for _, list := range []struct {
		name     string
		patterns []string
	}{{"required", r.Required}, {"forbidden", r.Forbidden}, {"ignore", r.Ignore}} {
		for _, pattern := range list.patterns {
			if err := glob.Check(pattern); err != nil {
				return nil, fmt.Errorf("the user parameters of the action: %s: pattern %q: %w", list.name, pattern, err)
			}
		}
	}
	return r, nil
}

// artifact returns the name of the artifact to check.
func (r *rules) artifact(inputs []action.Artifact) (string, error) {
	switch {
	case r.Artifact != "":
		return r.Artifact, nil
	case len(inputs) == 0:
		return "", errors.New("the action has no input artifact: give it the source artifact")
	case len(inputs) > 1:
		return "", fmt.Errorf("the action has %d input artifacts: name the one to check in its user parameters, as in %s",
			len(inputs), `{"artifact": "SourceArtifact"}`)
	}
	return inputs[0].Name, nil
}
