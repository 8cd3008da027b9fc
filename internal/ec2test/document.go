package ec2test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

// Script returns the script of a document of Systems Manager for Linux, with the
// values of its parameters pasted in, as Run Command does it: a value that the
// document does not declare, or whose pattern it does not match, is an error.
func Script(document []byte, parameters map[string][]string) (string, error) {
	var d struct {
		Parameters map[string]struct {
			Default        *string `json:"default"`
			AllowedPattern string  `json:"allowedPattern"`
		} `json:"parameters"`
		MainSteps []struct {
			Action string `json:"action"`
			Inputs struct {
				RunCommand []string `json:"runCommand"`
			} `json:"inputs"`
		} `json:"mainSteps"`
	}
	if err := json.Unmarshal(document, &d); err != nil {
		return "", fmt.Errorf("document: %w", err)
	}
	if len(d.MainSteps) != 1 || d.MainSteps[0].Action != "aws:runShellScript" {
		return "", fmt.Errorf("the document has not the one step aws:runShellScript: %+v", d.MainSteps)
	}
	values := make(map[string]string)
	for name, p := range d.Parameters {
		if p.Default != nil {
			values[name] = *p.Default
		}
	}
	for name, given := range parameters {
		p, declared := d.Parameters[name]
		if !declared || len(given) != 1 || !regexp.MustCompile(p.AllowedPattern).MatchString(given[0]) {
			return "", fmt.Errorf("the parameter %s with the values %q is not allowed", name, given)
		}
		values[name] = given[0]
	}
	for name := range d.Parameters {
		if _, ok := values[name]; !ok {
			return "", fmt.Errorf("the parameter %s has no value", name)
		}
	}
	script := strings.Join(d.MainSteps[0].Inputs.RunCommand, "\n") + "\n"
	var unknown string
	script = placeholder.ReplaceAllStringFunc(script, func(s string) string {
		value, ok := values[placeholder.FindStringSubmatch(s)[1]]
		if !ok {
			unknown = s
		}
		return value
	})
	if unknown != "" {
		return "", fmt.Errorf("the script has %s, which is no parameter", unknown)
	}
	return script, nil
}

var placeholder = regexp.MustCompile(`\{\{\s*(\w+)\s*\}\}`)
