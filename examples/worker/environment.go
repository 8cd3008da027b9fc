//go:build unix

package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/codesuite-go/codesuite/pipeline/action"
)

// variablePrefix starts the names of the variables that describe a job.
const variablePrefix = "CODESUITE_"

// defaultPath is for daemons that were started without a path.
const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// passed are the variables that the command has from the worker.
var passed = []string{"PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ"}

// artifactName matches the names of artifacts.
var artifactName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,100}$`)

// notInNames matches what the names of variables do not have.
var notInNames = regexp.MustCompile(`[^A-Za-z0-9_]`)

// variableName returns the variable of that kind for an artifact or a property.
func variableName(kind, name string) string {
	return variablePrefix + kind + "_" + notInNames.ReplaceAllString(name, "_")
}

// environment returns the environment of the command, and the secrets in it.
func (r *runner) environment(ctx context.Context, d action.Details, ws *workspace) (env, secrets []string, err error) {
	e := &environment{values: make(map[string]string)}
	for _, name := range append(slices.Clone(passed), r.definition.PassEnvironment...) {
		if value, ok := os.LookupEnv(name); ok {
			e.values[name] = value
		}
	}
	e.values["PATH"] = cmp.Or(e.values["PATH"], defaultPath)
	e.values["HOME"] = ws.home
	e.values["TMPDIR"] = ws.tmp
	e.values["PWD"] = ws.source
	e.values["CI"] = "true"
	e.values["AWS_REGION"] = r.aws.Region
	e.values["AWS_DEFAULT_REGION"] = r.aws.Region
	if r.definition.AWSCredentials {
		credentials, err := r.aws.Credentials.Retrieve(ctx)
		if err != nil {
			return nil, nil, action.Failf(action.FailureTypeSystemUnavailable, "the worker's AWS credentials for the command: %w", err)
		}
		e.values["AWS_ACCESS_KEY_ID"] = credentials.AccessKeyID
		e.values["AWS_SECRET_ACCESS_KEY"] = credentials.SecretAccessKey
		if credentials.SessionToken != "" {
			e.values["AWS_SESSION_TOKEN"] = credentials.SessionToken
		}
		secrets = append(secrets, credentials.SecretAccessKey, credentials.SessionToken)
	} else {
		// Keeps the SDKs and the CLI from taking the role of the instance.
		e.values["AWS_EC2_METADATA_DISABLED"] = "true"
	}
	maps.Copy(e.values, r.definition.Environment)

	for name, value := range map[string]string{
		"PIPELINE":            d.Pipeline,
		"PIPELINE_ARN":        d.PipelineARN,
		"EXECUTION_ID":        d.ExecutionID,
		"STAGE":               d.Stage,
		"ACTION":              d.Action,
		"ACTION_EXECUTION_ID": d.ActionExecutionID,
		"JOB_ID":              d.ID,
		"ACCOUNT_ID":          d.AccountID,
		"CONTINUATION_TOKEN":  d.ContinuationToken,
		"VARIABLES":           ws.file(variablesFile),
		"SUMMARY":             ws.file(summaryFile),
		"CONTINUATION":        ws.file(continuationFile),
	} {
		e.set(variablePrefix+name, value)
	}
	for _, a := range d.Inputs {
		e.set(variableName("INPUT", a.Name), ws.inputs[a.Name])
		e.set(variableName("REVISION", a.Name), a.Revision)
		if file, ok := ws.files[a.Name]; ok {
			e.set(variableName("FILE", a.Name), file)
		}
		if a.Name == ws.primary {
			e.set(variablePrefix+"REVISION", a.Revision)
		}
	}
	for _, a := range d.Outputs {
		e.set(variableName("OUTPUT", a.Name), ws.outputs[a.Name])
	}
	for _, p := range r.definition.ActionType.Properties {
		value, ok := d.Configuration[p.Name]
		if !ok || p.Secret && !p.Expose {
			continue
		}
		e.set(variableName("CONFIG", p.Name), value)
		if p.Secret {
			secrets = append(secrets, value)
		}
	}
	return e.list(), secrets, e.err
}

// environment collects variables.
type environment struct {
	values map[string]string
	err    error
}

// set sets a variable of the job. That two of them have the same name, and that
// a value cannot be in an environment, is an error.
func (e *environment) set(name, value string) {
	if _, ok := e.values[name]; ok && e.err == nil {
		e.err = action.Failf(action.FailureTypeConfigurationError, "two artifacts would both be the variable %s of the command: rename one", name)
	}
	if strings.ContainsRune(value, 0) && e.err == nil {
		e.err = action.Failf(action.FailureTypeConfigurationError, "the value of %s has a zero byte", name)
	}
	e.values[name] = value
}

func (e *environment) list() []string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(e.values)) {
		list = append(list, fmt.Sprintf("%s=%s", name, e.values[name]))
	}
	return list
}
