package citest

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"
)

// Project is a project of CodeBuild.
type Project struct {
	Name string // 2 to 150 letters, digits, '-' and '_'

	// Repository is the CodeCommit repository of the project's source. Without it
	// the project has no source.
	Repository    string
	SourceVersion string // what is built where a call names nothing
	Buildspec     string // path or inline text; "" is buildspec.yml of the source
	Variables     []Variable

	// AutoRetryLimit is how often a failed build is started again.
	AutoRetryLimit int
	// ConcurrentLimit is how many builds of the project may be in progress; 0 is no
	// limit.
	ConcurrentLimit int
	// LogGroup is the group of the logs, /aws/codebuild/NAME by default.
	LogGroup string
	// LogsOff is a project whose builds write no log.
	LogsOff bool
	// Groups are what StartBuildBatch builds: what the batch section of a buildspec
	// says. A project without groups has no batches.
	Groups []Group

	// Run decides how a build goes, when it has started. Without Run a build
	// succeeds. Run may use the server.
	Run func(Build) Outcome
}

// Variable is a variable of a build's environment.
type Variable struct {
	Name  string
	Value string
	Type  string // PLAINTEXT (the default), PARAMETER_STORE or SECRETS_MANAGER
}

// Group is a group of a batch: one build of its own.
type Group struct {
	Identifier    string
	DependsOn     []string // identifiers of groups that have to succeed first
	IgnoreFailure bool     // the batch goes on when the group has failed
	Variables     []Variable
}

// project is a project of the server.
type project struct {
	Project
	created time.Time
	started int // builds so far
	batches int
}

var (
	projectPattern    = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9\-_]{1,149}$`)
	repositoryPattern = regexp.MustCompile(`^[\w.-]{1,100}$`)
	groupPattern      = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	logGroupPattern   = regexp.MustCompile(`^[.\-_/#A-Za-z0-9]{1,512}$`)
)

// check returns why the service would not have the project.
func (p *Project) check() error {
	switch {
	case !projectPattern.MatchString(p.Name):
		return errors.New("a name has 2 to 150 letters, digits, '-' and '_', and begins with a letter or a digit")
	case p.Repository != "" && !repositoryPattern.MatchString(p.Repository):
		return fmt.Errorf("repository %q: a name has 1 to 100 letters, digits, '_', '.' and '-'", p.Repository)
	case p.LogGroup != "" && !logGroupPattern.MatchString(p.LogGroup):
		return fmt.Errorf("LogGroup %q: a name has 1 to 512 letters, digits and any of .-_/#", p.LogGroup)
	case p.AutoRetryLimit < 0 || p.AutoRetryLimit > 10:
		return fmt.Errorf("AutoRetryLimit %d: a limit is 0 to 10", p.AutoRetryLimit)
	case p.ConcurrentLimit < 0:
		return fmt.Errorf("ConcurrentLimit %d is negative", p.ConcurrentLimit)
	}
	for _, v := range p.Variables {
		if err := v.check(); err != nil {
			return err
		}
	}
	known := make(map[string]bool)
	for _, g := range p.Groups {
		if !groupPattern.MatchString(g.Identifier) || known[g.Identifier] {
			return fmt.Errorf("group %q: an identifier has letters, digits and '_', and is one group's", g.Identifier)
		}
		// A group depends on earlier groups alone, so that there is no cycle.
		if i := slices.IndexFunc(g.DependsOn, func(d string) bool { return !known[d] }); i >= 0 {
			return fmt.Errorf("group %q depends on %q, which is no group before it", g.Identifier, g.DependsOn[i])
		}
		known[g.Identifier] = true
		for _, v := range g.Variables {
			if err := v.check(); err != nil {
				return err
			}
		}
	}
	return nil
}

var variableTypes = []string{"PLAINTEXT", "PARAMETER_STORE", "SECRETS_MANAGER"}

func (v *Variable) check() error {
	if v.Name == "" {
		return errors.New("a variable has no name")
	}
	if v.Type != "" && !slices.Contains(variableTypes, v.Type) {
		return fmt.Errorf("variable %s: %q is no type of a variable", v.Name, v.Type)
	}
	return nil
}

// merged returns the variables with those of the second list, which replace those
// with their name.
func merged(variables, over []Variable) []Variable {
	list := slices.Clone(variables)
	for _, v := range over {
		if i := slices.IndexFunc(list, func(w Variable) bool { return w.Name == v.Name }); i >= 0 {
			list[i] = v
		} else {
			list = append(list, v)
		}
	}
	return list
}

func (p *project) arn() string {
	return "arn:aws:codebuild:" + region + ":" + accountID + ":project/" + p.Name
}

func (p *project) logGroup() string {
	if p.LogGroup != "" {
		return p.LogGroup
	}
	return "/aws/codebuild/" + p.Name
}
