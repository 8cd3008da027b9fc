package ec2build

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Input is the input of an execution of the state machine, as JSON. Everybody who
// may read executions can read it: it must hold no secret, no credentials and no
// pre-signed URL. [Input.Check] looks for these. The same job must always give the
// same Input, because Step Functions then takes a second start of the execution
// for the first.
//
// Pre-signed URLs for artifacts would keep pipelines apart better than the role of the
// instance does, but they would be in the history for 90 days, and be valid only as
// long as the session that signs, an hour for a role of Lambda in the worst case: less
// than a build may take.
type Input struct {
	// JobID is the job whose result the execution reports.
	JobID string

	// Pipeline, PipelineARN, PipelineExecutionID, Stage and Action say in the
	// execution's history whose job it is.
	Pipeline, PipelineARN, PipelineExecutionID, Stage, Action string

	// Instance is how the instance is made.
	Instance Instance

	// Launches are the ways to get an instance, in the order in which they are
	// tried while EC2 has no capacity. [Launches] makes them.
	Launches []Launch

	// Command is the command of Systems Manager that builds.
	Command Command

	// Plugin is the name of the document's step that builds. The result of the
	// command is that of this step.
	Plugin string

	// LogGroup is the log group in CloudWatch Logs to which the output of the
	// command goes.
	LogGroup string

	// Tags are those of the instance, its volumes and its network interfaces.
	// The state machine adds [TagExecution].
	Tags Tags

	// StartTimeout is how many seconds an instance may take, from its launch
	// until it takes the command. The state machine looks at it about once a
	// minute.
	StartTimeout int

	// Timeout is how many seconds the command may run. The document of the
	// command has to stop it then.
	Timeout int

	// Relaunches is how often another instance is launched for one that does not
	// take the command: it did not start in time, or Spot took it back.
	Relaunches int

	// Variables is the object with the output variables of the build, or nil. It
	// is read after the command has succeeded. It is a JSON object of strings.
	Variables *InstanceObject `json:",omitempty"`
}

// Command is a command of Systems Manager Run Command. The state machine adds the
// instance, the log group, and the execution's name as the comment; and if the Input
// has Variables, the parameter Instance with the instance's ID.
type Command struct {
	// Document is the name or ARN of the document.
	Document string `json:"DocumentName"`

	// DocumentVersion is the version of the document. The default is the
	// document's default version.
	DocumentVersion string `json:",omitempty"`

	// Parameters are those of the document.
	Parameters map[string][]string `json:",omitempty"`
}

// InstanceObject is an object in S3 for each instance. Its key is KeyPrefix, followed
// by the ID of the instance.
type InstanceObject struct{ Bucket, KeyPrefix string }

// TagExecution is the key of the tag that has the execution's ARN.
const TagExecution = "codesuite:execution"

// Tags are tags of EC2. In JSON they are a list of objects with Key and Value, as
// the API has them, in the order of their keys.
type Tags map[string]string

type tag struct{ Key, Value string }

// MarshalJSON returns the list.
func (t Tags) MarshalJSON() ([]byte, error) {
	list := make([]tag, 0, len(t))
	for _, key := range slices.Sorted(maps.Keys(t)) {
		list = append(list, tag{key, t[key]})
	}
	return json.Marshal(list)
}

// UnmarshalJSON reads the list.
func (t *Tags) UnmarshalJSON(data []byte) error {
	var list []tag
	if err := json.Unmarshal(data, &list); err != nil {
		return err
	}
	*t = make(Tags, len(list))
	for _, tag := range list {
		(*t)[tag.Key] = tag.Value
	}
	return nil
}

// The limits of an input.
const (
	maxInputBytes   = 240 << 10 // over 248 KiB, the events of the execution lack the input
	maxLaunches     = 60
	maxTags         = 49 // the state machine adds one
	maxRelaunches   = 2
	maxStartTimeout = 60 * 60
	maxTimeout      = 24 * 60 * 60 // of a custom action
)

var (
	jobIDPattern    = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	logGroupPattern = regexp.MustCompile(`^[.\-_/#A-Za-z0-9]{1,512}$`)
	bucketPattern   = regexp.MustCompile(`^[a-z0-9][a-z0-9.\-]{1,61}[a-z0-9]$`)
	documentPattern = regexp.MustCompile(`^[a-zA-Z0-9_\-.:/]{3,128}$`)
	versionPattern  = regexp.MustCompile(`^(\$LATEST|\$DEFAULT|[1-9][0-9]*)$`)
)

// Check returns an error that names everything that is wrong with the input.
func (in *Input) Check() error {
	var errs []error
	wrong := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if !jobIDPattern.MatchString(in.JobID) {
		wrong("JobID %q is no ID of a job: it is a UUID in lower case", in.JobID)
	}
	if err := in.Instance.check(); err != nil {
		errs = append(errs, err)
	}
	if n := len(in.Launches); n < 1 || n > maxLaunches {
		wrong("Launches: there are %d, and 1 to %d are possible: use fewer instance types or subnets", n, maxLaunches)
	}
	for i, launch := range in.Launches {
		if err := launch.check(); err != nil {
			wrong("Launches[%d]: %w", i, err)
		}
	}
	in.Command.check(wrong)
	if in.Plugin == "" {
		wrong("Plugin is empty: it is the name of the document's step that builds")
	}
	if !logGroupPattern.MatchString(in.LogGroup) {
		wrong("LogGroup %q is no name of a log group", in.LogGroup)
	}
	in.Tags.check(wrong)
	if in.StartTimeout < 60 || in.StartTimeout > maxStartTimeout {
		wrong("StartTimeout: %d seconds are not between 60 and %d", in.StartTimeout, maxStartTimeout)
	}
	if in.Timeout < 1 || in.Timeout > maxTimeout {
		wrong("Timeout: %d seconds are not between 1 and %d: CodePipeline ends a custom action after 24 hours", in.Timeout, maxTimeout)
	}
	if in.Relaunches < 0 || in.Relaunches > maxRelaunches {
		wrong("Relaunches: %d is not between 0 and %d", in.Relaunches, maxRelaunches)
	}
	if v := in.Variables; v != nil && (!bucketPattern.MatchString(v.Bucket) || len(v.KeyPrefix) > 1000) {
		wrong("Variables: bucket %q and the prefix %q are no place in S3", v.Bucket, v.KeyPrefix)
	}
	data, err := json.Marshal(in)
	switch {
	case err != nil:
		errs = append(errs, err)
	case len(data) > maxInputBytes:
		wrong("the input has %d bytes in JSON, and %d are possible: shorten the command or the user data", len(data), maxInputBytes)
	default:
		var value any
		if err := json.Unmarshal(data, &value); err != nil {
			errs = append(errs, err)
		}
		findSecrets(value, "", wrong)
	}
	if len(errs) > 0 {
		return fmt.Errorf("ec2build: the input of the execution: %w", errors.Join(errs...))
	}
	return nil
}

func (c *Command) check(wrong func(string, ...any)) {
	if !documentPattern.MatchString(c.Document) {
		wrong("Command: Document %q is no name of a document of Systems Manager", c.Document)
	}
	if c.DocumentVersion != "" && !versionPattern.MatchString(c.DocumentVersion) {
		wrong("Command: DocumentVersion %q is neither a number nor $LATEST or $DEFAULT", c.DocumentVersion)
	}
	for name := range c.Parameters {
		if name == "" {
			wrong("Command: a parameter has no name")
		}
	}
}

func (t Tags) check(wrong func(string, ...any)) {
	if len(t) > maxTags {
		wrong("Tags: there are %d, and %d are possible", len(t), maxTags)
	}
	for _, key := range slices.Sorted(maps.Keys(t)) {
		switch {
		case key == "" || len([]rune(key)) > 128 || strings.HasPrefix(strings.ToLower(key), "aws:"):
			wrong("Tags: key %q has not 1 to 128 characters, or begins with aws:", key)
		case key == TagExecution:
			wrong("Tags: %s is the key of the state machine's own tag", key)
		case len([]rune(t[key])) > 256:
			wrong("Tags: the value of %s has more than 256 characters", key)
		}
	}
}

// secretPatterns match what must not be in the history of an execution.
var secretPatterns = []struct {
	what    string
	pattern *regexp.Regexp
}{
	{"a pre-signed URL", regexp.MustCompile(`(?i)[?&]X-Amz-(?:Signature|Credential|Security-Token)=|[?&]AWSAccessKeyId=`)},
	{"an access key of AWS", regexp.MustCompile(`\b(?:AKIA|ASIA)[A-Z0-9]{16}\b`)},
	{"a private key", regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE KEY-----`)},
	{"a token of GitHub", regexp.MustCompile(`\bgh[opsru]_[A-Za-z0-9]{36}|\bgithub_pat_[A-Za-z0-9_]{60}`)},
}

// findSecrets calls wrong for each text in a JSON value that looks like a secret,
// also if it is encoded in base64. It shows the text's place, not the text.
func findSecrets(value any, path string, wrong func(string, ...any)) {
	switch value := value.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(value)) {
			findSecrets(value[name], strings.TrimPrefix(path+"."+name, "."), wrong)
		}
	case []any:
		for i, element := range value {
			findSecrets(element, fmt.Sprintf("%s[%d]", path, i), wrong)
		}
	case string:
		texts := []string{value}
		if decoded, err := base64.StdEncoding.DecodeString(value); err == nil {
			texts = append(texts, string(decoded))
		}
		for _, secret := range secretPatterns {
			if slices.ContainsFunc(texts, secret.pattern.MatchString) {
				wrong("%s holds %s, which everybody could read who may read executions: let the build read it from AWS Secrets Manager", path, secret.what)
			}
		}
	}
}
