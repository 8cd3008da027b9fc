package pipelinetest

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/codesuite-go/codesuite/pipeline/actiontype"
)

// The limits of a pipeline's structure.
const (
	maxStages          = 50
	maxStageActions    = 50
	maxPipelineActions = 500
)

// defaultBucket is where artifacts are.
const defaultBucket = "codepipeline-" + region + "-" + accountID

var (
	categories = []string{"Source", "Build", "Deploy", "Test", "Invoke", "Approval", "Compute"}
	owners     = []string{"AWS", "ThirdParty", "Custom"}
	modes      = []string{"SUPERSEDED", "QUEUED", "PARALLEL"}
)

// withDefaults returns a copy of the pipeline that shares nothing with it but
// functions, with all defaults filled in, or what is wrong with it.
func (p Pipeline) withDefaults() (Pipeline, error) {
	p.Type = cmp.Or(p.Type, "V2")
	p.ExecutionMode = cmp.Or(p.ExecutionMode, "SUPERSEDED")
	p.Version = cmp.Or(p.Version, 1)
	p.ArtifactBucket = cmp.Or(p.ArtifactBucket, defaultBucket)
	p.Variables = slices.Clone(p.Variables)
	p.Triggers = slices.Clone(p.Triggers)
	for i := range p.Triggers {
		p.Triggers[i] = p.Triggers[i].clone()
	}
	p.Stages = slices.Clone(p.Stages)
	for i := range p.Stages {
		actions := slices.Clone(p.Stages[i].Actions)
		for j := range actions {
			actions[j] = actions[j].withDefaults()
		}
		stage := &p.Stages[i]
		stage.Actions = actions
		stage.BeforeEntry, stage.OnSuccess = stage.BeforeEntry.withDefaults(), stage.OnSuccess.withDefaults()
		stage.OnFailure = stage.OnFailure.withDefaults()
	}
	return p, p.check()
}

func (a Action) withDefaults() Action {
	a.Type.Owner = cmp.Or(a.Type.Owner, "AWS")
	a.Type.Version = cmp.Or(a.Type.Version, "1")
	a.RunOrder = cmp.Or(a.RunOrder, 1)
	a.Region = cmp.Or(a.Region, region)
	a.Configuration = maps.Clone(a.Configuration)
	a.Secrets = slices.Clone(a.Secrets)
	a.Inputs = slices.Clone(a.Inputs)
	a.Outputs = slices.Clone(a.Outputs)
	a.Commands = slices.Clone(a.Commands)
	a.OutputVariables = slices.Clone(a.OutputVariables)
	a.Environment = slices.Clone(a.Environment)
	a.Files = maps.Clone(a.Files)
	if a.Revision != nil {
		revision := *a.Revision
		a.Revision = &revision
	}
	return a
}

// check returns what is wrong with the pipeline.
func (p Pipeline) check() error {
	switch {
	case !validName(p.Name):
		return errors.New("a name has 1 to 100 letters, digits, '.', '@', '-' and '_'")
	case p.Type != "V1" && p.Type != "V2":
		return fmt.Errorf("type %q is neither V1 nor V2", p.Type)
	case !slices.Contains(modes, p.ExecutionMode):
		return fmt.Errorf("execution mode %q is not SUPERSEDED, QUEUED or PARALLEL", p.ExecutionMode)
	case p.Type == "V1" && p.ExecutionMode != "SUPERSEDED":
		return fmt.Errorf("execution mode %s needs type V2", p.ExecutionMode)
	case p.Type == "V1" && len(p.Variables) > 0:
		return errors.New("variables need type V2")
	case p.Version < 1:
		return fmt.Errorf("version %d is less than 1", p.Version)
	case len(p.Stages) < 2 || len(p.Stages) > maxStages:
		return fmt.Errorf("there are %d stages: a pipeline has 2 to %d", len(p.Stages), maxStages)
	}
	if err := checkVariables(p.Variables); err != nil {
		return err
	}
	c := checker{artifacts: make(map[string]bool), namespaces: make(map[string]bool)}
	stages := make(map[string]bool)
	for i, stage := range p.Stages {
		switch {
		case !validName(stage.Name):
			return fmt.Errorf("%q is not the name of a stage", stage.Name)
		case stages[stage.Name]:
			return fmt.Errorf("two stages have the name %s", stage.Name)
		}
		stages[stage.Name] = true
		if err := c.stage(stage, i == 0); err != nil {
			return fmt.Errorf("stage %s: %w", stage.Name, err)
		}
		for _, a := range stage.Actions {
			if p.Type == "V2" {
				break
			}
			if kind, ok := actiontype.Find(a.Type.Category, a.Type.Owner, a.Type.Provider, a.Type.Version); ok && kind.V2 {
				return fmt.Errorf("stage %s: action %s: the action type %s needs type V2", stage.Name, a.Name, a.Type)
			}
		}
		if err := p.checkConditions(&stage, i == 0); err != nil {
			return fmt.Errorf("stage %s: %w", stage.Name, err)
		}
	}
	if err := p.checkTriggers(); err != nil {
		return err
	}
	if c.actions > maxPipelineActions {
		return fmt.Errorf("there are %d actions: a pipeline has up to %d", c.actions, maxPipelineActions)
	}
	for namespace := range c.namespaces {
		if c.artifacts[namespace] {
			return fmt.Errorf("%s is the name of a namespace and of an artifact", namespace)
		}
	}
	return nil
}

func checkVariables(variables []Variable) error {
	if len(variables) > 50 {
		return fmt.Errorf("there are %d variables: a pipeline has up to 50", len(variables))
	}
	seen := make(map[string]bool)
	for _, v := range variables {
		switch {
		case len(v.Name) > 128 || !variablePattern.MatchString(v.Name):
			return fmt.Errorf("%q is not the name of a variable", v.Name)
		case seen[v.Name]:
			return fmt.Errorf("two variables have the name %s", v.Name)
		case utf8.RuneCountInString(v.DefaultValue) > 1000:
			return fmt.Errorf("the default value of variable %s has more than 1,000 characters", v.Name)
		case utf8.RuneCountInString(v.Description) > 200:
			return fmt.Errorf("the description of variable %s has more than 200 characters", v.Name)
		}
		seen[v.Name] = true
	}
	return nil
}

// checker checks the stages of a pipeline in order.
type checker struct {
	actions    int
	artifacts  map[string]bool // outputs so far
	namespaces map[string]bool
}

func (c *checker) stage(s Stage, first bool) error {
	if len(s.Actions) < 1 || len(s.Actions) > maxStageActions {
		return fmt.Errorf("there are %d actions: a stage has 1 to %d", len(s.Actions), maxStageActions)
	}
	c.actions += len(s.Actions)
	names := make(map[string]bool)
	for _, a := range s.Actions {
		if names[a.Name] {
			return fmt.Errorf("two actions have the name %s", a.Name)
		}
		names[a.Name] = true
		if err := checkAction(a, first); err != nil {
			return fmt.Errorf("action %s: %w", a.Name, err)
		}
	}
	for _, group := range runOrders(s.Actions) { // outputs are there for later run orders
		for _, a := range group {
			if err := c.inputs(a); err != nil {
				return fmt.Errorf("action %s: %w", a.Name, err)
			}
		}
		for _, a := range group {
			if err := c.outputs(a); err != nil {
				return fmt.Errorf("action %s: %w", a.Name, err)
			}
		}
	}
	return nil
}

func (c *checker) inputs(a *Action) error {
	for i, name := range a.Inputs {
		switch {
		case !c.artifacts[name]:
			return fmt.Errorf("input artifact %q is not the output of an earlier action", name)
		case slices.Contains(a.Inputs[:i], name):
			return fmt.Errorf("input artifact %s is there twice", name)
		}
	}
	return nil
}

func (c *checker) outputs(a *Action) error {
	for _, name := range a.Outputs {
		switch {
		case len(name) > 100 || !artifactPattern.MatchString(name):
			return fmt.Errorf("%q is not the name of an artifact", name)
		case c.artifacts[name]:
			return fmt.Errorf("another action has the output artifact %s", name)
		}
		c.artifacts[name] = true
	}
	if a.Namespace != "" {
		switch {
		case len(a.Namespace) > 100 || !variablePattern.MatchString(a.Namespace):
			return fmt.Errorf("%q is not the name of a namespace", a.Namespace)
		case a.Namespace == "codepipeline" || a.Namespace == "variables":
			return fmt.Errorf("the namespace %s is reserved", a.Namespace)
		case c.namespaces[a.Namespace]:
			return fmt.Errorf("another action has the namespace %s", a.Namespace)
		}
		c.namespaces[a.Namespace] = true
	}
	return nil
}

// checkAction returns what is wrong with an action as such.
func checkAction(a Action, first bool) error {
	t := a.Type
	switch {
	case !validName(a.Name):
		return errors.New("a name has 1 to 100 letters, digits, '.', '@', '-' and '_'")
	case !slices.Contains(categories, t.Category):
		return fmt.Errorf("there is no category %q", t.Category)
	case !slices.Contains(owners, t.Owner):
		return fmt.Errorf("the owner %q is not AWS, ThirdParty or Custom", t.Owner)
	case len(t.Provider) > 35 || !typePattern.MatchString(t.Provider):
		return fmt.Errorf("%q is not a provider", t.Provider)
	case len(t.Version) > 9 || !typePattern.MatchString(t.Version):
		return fmt.Errorf("%q is not the version of an action type", t.Version)
	case first && t.Category != "Source":
		return errors.New("the first stage has source actions only")
	case !first && t.Category == "Source":
		return errors.New("only the first stage has source actions")
	case a.RunOrder < 1 || a.RunOrder > 999:
		return fmt.Errorf("run order %d is not 1 to 999", a.RunOrder)
	case t.Category == "Source" && len(a.Inputs) > 0:
		return errors.New("a source action has no input artifacts")
	case t.Category == "Source" && len(a.Outputs) != 1:
		return fmt.Errorf("a source action has one output artifact, not %d", len(a.Outputs))
	case t.Category == "Approval" && len(a.Inputs)+len(a.Outputs) > 0:
		return errors.New("an approval has no artifacts")
	case t.Category != "Approval" && a.Timeout != 0:
		return errors.New("only an approval has a timeout")
	case a.Timeout != 0 && (a.Timeout < 5*time.Minute || a.Timeout > 86400*time.Minute || a.Timeout%time.Minute != 0):
		return fmt.Errorf("the timeout %s is not 5 to 86,400 whole minutes", a.Timeout)
	case (t.Category == "Compute") != (len(a.Commands) > 0):
		return errors.New("commands belong to the category Compute, which needs them")
	case t.Category != "Compute" && len(a.OutputVariables)+len(a.Files) > 0:
		return errors.New("only an action with commands has output variables and files of output artifacts")
	case len(a.Commands) > 50 || len(a.OutputVariables) > 15 || len(a.Environment) > 10:
		return errors.New("an action has up to 50 commands, 15 output variables and 10 environment variables")
	}
	for _, v := range a.Environment {
		if v.Type == "SECRETS_MANAGER" && t.Category != "Compute" {
			return fmt.Errorf("the environment variable %s is a secret, which only an action with commands has", v.Name)
		}
	}
	return checkConfiguration(a.Configuration)
}

func checkConfiguration(configuration map[string]string) error {
	for key, value := range configuration {
		switch n := utf8.RuneCountInString(value); {
		case key == "" || utf8.RuneCountInString(key) > 50:
			return fmt.Errorf("%q is not a configuration key", key)
		case n < 1 || n > 1000:
			return fmt.Errorf("configuration %s has %d characters: a value has 1 to 1,000", key, n)
		}
	}
	return nil
}

func validName(name string) bool { return len(name) <= 100 && namePattern.MatchString(name) }

// runOrders returns the actions of a stage in groups that run in parallel, in
// the order in which they run.
func runOrders(actions []Action) [][]*Action {
	groups := make(map[int][]*Action)
	for i := range actions {
		groups[actions[i].RunOrder] = append(groups[actions[i].RunOrder], &actions[i])
	}
	ordered := make([][]*Action, 0, len(groups))
	for _, order := range slices.Sorted(maps.Keys(groups)) {
		ordered = append(ordered, groups[order])
	}
	return ordered
}
