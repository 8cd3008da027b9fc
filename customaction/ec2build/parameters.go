package ec2build

import (
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"github.com/codesuite-go/codesuite/pipeline/action"
)

// build is what a document's script is told about one build.
type build struct {
	command       string
	directory     string // "" for a temporary one
	environment   []variable
	inputs        []action.Artifact
	outputs       []output
	encryptionKey string
	variables     *InstanceObject // nil for none
	timeout       time.Duration
}

// variable is an environment variable.
type variable struct{ name, value string }

// output is an output artifact, and the file or folder that it holds.
type output struct {
	action.Artifact
	path string
}

// parameters returns the values of the document's parameters.
func (b build) parameters() map[string][]string {
	var environment, inputs, outputs, variables []string
	for _, v := range b.environment {
		environment = append(environment, v.name, v.value)
	}
	for _, a := range b.inputs {
		inputs = append(inputs, a.Name, a.Bucket, a.Key)
	}
	for _, o := range b.outputs {
		outputs = append(outputs, o.Name, o.Bucket, o.Key, o.path)
	}
	if b.variables != nil {
		variables = []string{b.variables.Bucket, b.variables.KeyPrefix}
	}
	return map[string][]string{
		parameterCommand:       {encode(b.command)},
		parameterDirectory:     {encode(b.directory)},
		parameterEnvironment:   {encodeList(environment)},
		parameterInputs:        {encodeList(inputs)},
		parameterOutputs:       {encodeList(outputs)},
		parameterEncryptionKey: {encode(b.encryptionKey)},
		parameterVariables:     {encodeList(variables)},
		parameterTimeout:       {strconv.Itoa(int(b.timeout.Seconds()))},
	}
}

func encode(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

// encodeList encodes elements with a zero byte behind each. No element may have
// one: CodePipeline's names and keys, file names and environment variables cannot.
func encodeList(elements []string) string {
	var b strings.Builder
	for _, e := range elements {
		b.WriteString(e)
		b.WriteByte(0)
	}
	return encode(b.String())
}
