package ec2build

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
)

// Platform is the operating system of an instance.
type Platform string

// The platforms that builds run on.
const (
	PlatformLinux   Platform = "Linux"
	PlatformWindows Platform = "Windows"
)

// stepName is the name of the step that runs the build, in every document. A
// document with Docker has two steps, and GetCommandInvocation needs the name then.
const stepName = "build"

//go:embed script/linux.sh
var linuxScript string

//go:embed script/windows.ps1
var windowsScript string

// A document of Systems Manager, schema 2.2.
type document struct {
	SchemaVersion string                       `json:"schemaVersion"`
	Description   string                       `json:"description"`
	Parameters    map[string]documentParameter `json:"parameters"`
	MainSteps     []documentStep               `json:"mainSteps"`
}

type documentParameter struct {
	Type           string `json:"type"`
	Description    string `json:"description"`
	Default        string `json:"default"`
	AllowedPattern string `json:"allowedPattern"`
}

type documentStep struct {
	Action string         `json:"action"`
	Name   string         `json:"name"`
	Inputs map[string]any `json:"inputs"`
}

// The names of a document's parameters.
const (
	parameterCommand       = "Command"
	parameterDirectory     = "WorkingDirectory"
	parameterEnvironment   = "Environment"
	parameterInputs        = "Inputs"
	parameterOutputs       = "Outputs"
	parameterEncryptionKey = "EncryptionKey"
	parameterVariables     = "Variables"
	parameterInstance      = "Instance" // which the state machine fills in
	parameterTimeout       = "TimeoutSeconds"
)

// base64Pattern is the pattern of all values but the instance and the timeout.
// Systems Manager pastes values into the script: nothing else may be in one.
const base64Pattern = "^[A-Za-z0-9+/=]*$"

// Document returns the document of Systems Manager that runs builds on instances of
// the platform, in JSON. Its script fetches and unpacks the input artifacts, runs
// the command from a file, and packs and puts the output artifacts and variables.
//
// The first input is unpacked into the working directory, every other into the folder
// in $CODESUITE_INPUT_name. Commands run with "bash -e", or by PowerShell with a check
// of the exit code behind each statement, also in the blocks of if, loops and try, but
// not in functions. They find PipelineName, PipelineArn, PipelineExecutionId,
// CODESUITE_STAGE, CODESUITE_ACTION and CODESUITE_EXECUTION. Lines NAME=value in the
// file $CODESUITE_OUTPUT become output variables, up to 118,784 bytes; they go through
// an object of each instance's own, see [Options].VariablesPrefix.
//
// With docker, which only Windows has, the document installs Docker before
// (aws:configureDocker). Images for Linux should have it installed.
//
// The document has no precondition: on an instance of another platform the command
// fails, where a precondition would skip the build and report success.
func Document(platform Platform, docker bool) ([]byte, error) {
	d := document{
		SchemaVersion: "2.2",
		Description:   fmt.Sprintf("Runs a build of CodePipeline on an instance with %s.", platform),
		Parameters: map[string]documentParameter{
			parameterCommand:       base64Parameter("The commands of the build, in base64."),
			parameterDirectory:     base64Parameter("The working directory, in base64. The default is a temporary one."),
			parameterEnvironment:   base64Parameter("Environment variables: names and values with a zero byte behind each, in base64."),
			parameterInputs:        base64Parameter("Input artifacts: name, bucket and key of each with a zero byte behind each, in base64."),
			parameterOutputs:       base64Parameter("Output artifacts: name, bucket, key and path of each with a zero byte behind each, in base64."),
			parameterEncryptionKey: base64Parameter("KMS key of the artifact store, in base64. The default is that of S3."),
			parameterVariables:     base64Parameter("Bucket of the object for output variables, and its key without the ID of the instance, with a zero byte behind each, in base64. The default is none."),
			parameterInstance: {
				Type: "String", Description: "ID of the instance, if there is an object for output variables.", AllowedPattern: "^(i-[0-9a-f]{8,17})?$",
			},
			parameterTimeout: {
				Type: "String", Description: "After how many seconds the build fails.",
				Default: "3600", AllowedPattern: "^[1-9][0-9]{0,5}$",
			},
		},
	}
	step := documentStep{Name: stepName, Inputs: map[string]any{"timeoutSeconds": "{{ " + parameterTimeout + " }}"}}
	switch {
	case platform == PlatformLinux && docker:
		return nil, fmt.Errorf("ec2build: document: Systems Manager installs Docker on Windows alone: install it in the image for %s", platform)
	case platform == PlatformLinux:
		step.Action, step.Inputs["runCommand"] = "aws:runShellScript", lines(linuxScript)
	case platform == PlatformWindows:
		step.Action, step.Inputs["runCommand"] = "aws:runPowerShellScript", lines(windowsScript)
	default:
		return nil, fmt.Errorf("ec2build: document: there is no platform %q: it is %s or %s", platform, PlatformLinux, PlatformWindows)
	}
	if docker {
		d.MainSteps = append(d.MainSteps, documentStep{
			Action: "aws:configureDocker", Name: "docker", Inputs: map[string]any{"action": "Install"},
		})
	}
	d.MainSteps = append(d.MainSteps, step)
	text, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("ec2build: document: %w", err)
	}
	return append(text, '\n'), nil
}

func base64Parameter(description string) documentParameter {
	return documentParameter{Type: "String", Description: description, AllowedPattern: base64Pattern}
}

func lines(script string) []string {
	return strings.Split(strings.TrimSuffix(script, "\n"), "\n")
}
