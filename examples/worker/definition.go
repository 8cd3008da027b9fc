//go:build unix

package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/codesuite-go/codesuite/pipeline/actiontype"
)

// definition is the configuration file: the action type, and the command for its
// jobs. The manual describes it.
type definition struct {
	ActionType struct {
		Category    string            `json:"category"`
		Provider    string            `json:"provider"`
		Version     string            `json:"version"`
		Properties  []property        `json:"properties"`
		Inputs      count             `json:"inputs"`
		Outputs     count             `json:"outputs"`
		EntityURL   string            `json:"entityURL"`
		RunURL      string            `json:"executionURL"`
		RevisionURL string            `json:"revisionURL"`
		Tags        map[string]string `json:"tags"`
	} `json:"actionType"`
	Query map[string]string `json:"query"`

	InputFiles []string `json:"inputFiles"` // input artifacts that are not unpacked
	Limits     limits   `json:"limits"`

	Command         string            `json:"command"`
	Outputs         []output          `json:"outputs"`
	Environment     map[string]string `json:"environment"`
	PassEnvironment []string          `json:"passEnvironment"`
	AWSCredentials  bool              `json:"awsCredentials"`

	Concurrency   int      `json:"concurrency"`
	Timeout       duration `json:"timeout"`
	GracePeriod   duration `json:"gracePeriod"`
	KillDelay     duration `json:"killDelay"`
	WatchInterval duration `json:"watchInterval"`
}

// property is a property of the action's configuration.
type property struct {
	Name        string                  `json:"name"`
	Description string                  `json:"description"`
	Type        actiontype.PropertyType `json:"type"`
	Required    bool                    `json:"required"`
	Key         bool                    `json:"key"`
	Secret      bool                    `json:"secret"`
	Queryable   bool                    `json:"queryable"`
	// Expose passes a secret property to the command, as others are.
	Expose bool `json:"expose"`
}

type count struct {
	Min int `json:"min"`
	Max int `json:"max"`
}

// output tells what of the working directory belongs into an output artifact.
type output struct {
	Artifact      string   `json:"artifact"` // "" is every artifact that no other output names
	BaseDirectory string   `json:"baseDirectory"`
	Files         []string `json:"files"`
	Exclude       []string `json:"exclude"`
	File          string   `json:"file"` // instead of files: the artifact is this file
}

// duration is one that is written as "1h30m".
type duration struct{ time.Duration }

func (d *duration) UnmarshalText(text []byte) (err error) {
	d.Duration, err = time.ParseDuration(string(text))
	return err
}

// The values of what the configuration file leaves out.
const (
	defaultTimeout       = time.Hour
	defaultGracePeriod   = time.Minute
	defaultKillDelay     = 10 * time.Second
	defaultWatchInterval = 30 * time.Second
)

// maxDuration is how long CodePipeline waits for an action.
const maxDuration = 24 * time.Hour

// queryValue matches what jobs can be asked for with.
var queryValue = regexp.MustCompile(`^[A-Za-z0-9_-]{1,50}$`)

func readDefinition(file string) (*definition, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	d, err := parseDefinition(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return d, nil
}

func parseDefinition(data []byte) (*definition, error) {
	d := new(definition)
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(d); err != nil {
		return nil, position(data, err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, errors.New("there is more after the configuration's closing brace")
	}
	d.Concurrency = cmp.Or(d.Concurrency, 1)
	d.Timeout.Duration = cmp.Or(d.Timeout.Duration, defaultTimeout)
	d.GracePeriod.Duration = cmp.Or(d.GracePeriod.Duration, defaultGracePeriod)
	d.KillDelay.Duration = cmp.Or(d.KillDelay.Duration, defaultKillDelay)
	d.WatchInterval.Duration = cmp.Or(d.WatchInterval.Duration, defaultWatchInterval)
	if err := errors.Join(append(d.check(), d.actionType().Validate())...); err != nil {
		return nil, err
	}
	return d, nil
}

// position adds the line to an error about JSON that tells its offset.
func position(data []byte, err error) error {
	var offset int64
	var syntaxErr *json.SyntaxError
	var typeErr *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntaxErr):
		offset = syntaxErr.Offset
	case errors.As(err, &typeErr):
		offset = typeErr.Offset
	default:
		return err
	}
	return fmt.Errorf("line %d: %w", 1+bytes.Count(data[:min(offset, int64(len(data)))], []byte("\n")), err)
}

// environmentName matches the names that shells can refer to.
var environmentName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// check returns everything that is wrong with the definition, except for the action
// type, which has its own method Validate.
func (d *definition) check() []error {
	var errs []error
	wrong := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if strings.TrimSpace(d.Command) == "" {
		wrong("command: there is none")
	}
	if strings.ContainsRune(d.Command, 0) {
		wrong("command: it has a zero byte")
	}
	if d.Concurrency < 1 {
		wrong("concurrency: %d: at least one job must run at once", d.Concurrency)
	}
	for _, field := range []struct {
		name  string
		value duration
	}{{"timeout", d.Timeout}, {"gracePeriod", d.GracePeriod}, {"killDelay", d.KillDelay}, {"watchInterval", d.WatchInterval}} {
		if field.value.Duration < 0 || field.value.Duration > maxDuration {
			wrong("%s: %s is not between 0 and %s", field.name, field.value.Duration, maxDuration)
		}
	}
	for name, value := range d.Query {
		if !slices.ContainsFunc(d.ActionType.Properties, func(p property) bool { return p.Name == name && p.Queryable }) {
			wrong("query: %q is no queryable property of the action type", name)
		}
		if !queryValue.MatchString(value) {
			wrong("query: the value of %q is not 1 to 50 letters, digits, '_' and '-'", name)
		}
	}
	errs = append(errs, d.Limits.check()...)
	for _, name := range d.InputFiles {
		if !artifactName.MatchString(name) {
			wrong("inputFiles: %q: the name of an artifact has letters, digits, '_' and '-'", name)
		}
	}
	names := make(map[string]bool)
	for i, o := range d.Outputs {
		if names[o.Artifact] {
			wrong("outputs: two are for the artifact %q", o.Artifact)
		}
		names[o.Artifact] = true
		if err := o.check(); err != nil {
			wrong("outputs: number %d: %w", i+1, err)
		}
	}
	for _, name := range append(slices.Sorted(maps.Keys(d.Environment)), d.PassEnvironment...) {
		if !environmentName.MatchString(name) {
			wrong("environment: %q is no name of a variable", name)
		}
		if strings.HasPrefix(name, variablePrefix) {
			wrong("environment: %s: names that start with %s are the worker's own", name, variablePrefix)
		}
	}
	for name, value := range d.Environment {
		if strings.ContainsRune(value, 0) {
			wrong("environment: the value of %s has a zero byte", name)
		}
	}
	seen := make(map[string]string)
	for _, p := range d.ActionType.Properties {
		if p.Expose && !p.Secret {
			wrong("property %q: expose is for secret properties, others are always passed to the command", p.Name)
		}
		variable := variableName("CONFIG", p.Name)
		if other, ok := seen[variable]; ok && other != p.Name {
			wrong("properties %q and %q: both would be the variable %s", other, p.Name, variable)
		}
		seen[variable] = p.Name
	}
	return errs
}

// actionType returns the action type that jobs are polled for.
func (d *definition) actionType() actiontype.Type {
	a := &d.ActionType
	t := actiontype.Type{
		Category: a.Category, Provider: a.Provider, Version: a.Version,
		EntityURLTemplate: a.EntityURL, ExecutionURLTemplate: a.RunURL, RevisionURLTemplate: a.RevisionURL,
		Inputs: actiontype.ArtifactCount(a.Inputs), Outputs: actiontype.ArtifactCount(a.Outputs),
		Tags: a.Tags,
	}
	for _, p := range a.Properties {
		t.Properties = append(t.Properties, actiontype.Property{
			Name: p.Name, Description: p.Description, Type: p.Type,
			Required: p.Required, Key: p.Key, Secret: p.Secret, Queryable: p.Queryable,
		})
	}
	return t
}
