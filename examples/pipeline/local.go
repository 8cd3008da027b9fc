package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/codesuite-go/codesuite/pipeline/definition"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// The speed of pipelines that run in this process: seconds of theirs in one of ours.
const (
	defaultSpeed = 60
	maxSpeed     = 100000
)

// pause returns the time between two changes of pipelines that run at a speed, and
// between the polls of them.
func pause(speed float64) time.Duration {
	const usual = 100 * time.Millisecond
	return min(max(time.Duration(float64(usual)*defaultSpeed/speed), usual/20), usual)
}

// local is the server in this process.
type local struct {
	server *pipelinetest.Server
	names  []string // of its pipelines
}

// serve runs the pipelines of a file in a server in this process.
func (s *session) serve(o settings) (*local, error) {
	structures, err := readStructures(o.local, s.stdin, func(t *definition.TemplateOptions) { t.Defaults = true })
	if err != nil {
		return nil, err
	}
	if len(structures) == 0 {
		return nil, &fileError{o.local, errors.New("the template has no pipeline")}
	}
	broken := false
	for _, r := range s.check(structures, "") {
		if r.Severity == definition.SeverityError {
			broken = true
			fmt.Fprintf(s.stderr, "pipeline: %s\n", r)
		}
	}
	if broken {
		return nil, fmt.Errorf("%s: correct the errors first", o.local)
	}
	l := new(local)
	if l.server, err = pipelinetest.Start(); err != nil {
		return nil, err
	}
	for _, structure := range structures {
		if err := l.add(structure.pipeline); err != nil {
			l.server.Close()
			return nil, &fileError{o.local, err}
		}
	}
	l.server.SetSimulation(pipelinetest.Simulation{Speed: o.speed, Alone: true, Run: failing(o.fail)})
	l.server.AutoAdvance(pause(o.speed))
	return l, nil
}

// add adds a pipeline to the server.
func (l *local) add(p *definition.Pipeline) error {
	p, err := filledIn(p)
	if err != nil {
		return err
	}
	text, err := json.Marshal(p)
	if err != nil {
		return err
	}
	l.names = append(l.names, p.Name)
	return l.server.AddPipeline(text)
}

// failing returns what lets the first run in an execution of each named action fail,
// STAGE/ACTION.
func failing(names []string) func(pipelinetest.ActionRun) (pipelinetest.Outcome, bool) {
	var mu sync.Mutex
	first := make(map[string]string) // the run by execution, stage and action
	return func(run pipelinetest.ActionRun) (pipelinetest.Outcome, bool) {
		name := run.Stage + "/" + run.Action
		if !slices.Contains(names, name) {
			return pipelinetest.Outcome{}, false
		}
		mu.Lock()
		defer mu.Unlock()
		key := run.ExecutionID + "/" + name
		switch known, ok := first[key]; {
		case !ok:
			first[key] = run.ActionExecutionID
		case known != run.ActionExecutionID:
			return pipelinetest.Outcome{}, false
		}
		if run.Calls < callsBeforeFailure {
			return pipelinetest.Outcome{State: pipelinetest.StateInProgress}, true
		}
		return pipelinetest.Outcome{State: pipelinetest.StateFailed, Summary: "-fail asked for it"}, true
	}
}

// callsBeforeFailure is how often a run that is to fail is looked at before.
const callsBeforeFailure = 5

var placeholderPattern = regexp.MustCompile(`\$\{[^}]*\}`)

// filledIn returns the structure with something in place of what only a deployment
// knows. It is a copy.
func filledIn(p *definition.Pipeline) (*definition.Pipeline, error) {
	text, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	var tree any
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.UseNumber()
	if err := decoder.Decode(&tree); err != nil {
		return nil, err
	}
	if text, err = json.Marshal(fillIn("", tree)); err != nil {
		return nil, err
	}
	filled := new(definition.Pipeline)
	if err := json.Unmarshal(text, filled); err != nil {
		return nil, err
	}
	return filled, nil
}

// fillIn returns a value of the member with the name without placeholders.
func fillIn(name string, tree any) any {
	switch tree := tree.(type) {
	case map[string]any:
		for name, value := range tree {
			tree[name] = fillIn(name, value)
		}
	case []any:
		for i := range tree {
			tree[i] = fillIn(name, tree[i])
		}
	case string:
		if !placeholderPattern.MatchString(tree) {
			return tree
		}
		text := placeholderPattern.ReplaceAllStringFunc(tree, func(p string) string {
			return strings.Trim(strings.Map(func(r rune) rune {
				switch {
				case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
					return r
				}
				return '-'
			}, p), "-")
		})
		switch {
		case strings.EqualFold(name, "roleArn") && !strings.HasPrefix(text, "arn:"):
			return "arn:aws:iam::111122223333:role/" + text
		case name == "location":
			return strings.ToLower(text)
		}
		return text
	}
	return tree
}
