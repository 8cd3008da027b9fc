package pipeline

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/arn"

	"github.com/codesuite-go/codesuite/internal/console"
)

// LogStream is a stream of CloudWatch Logs.
type LogStream struct {
	Region, Group, Name string
}

// LogStream returns the stream that a Commands action writes its output to. GetLogEvents
// of CloudWatch Logs reads it. ok is false for other actions, for one that has no
// stream yet, and for an ARN of another kind.
func (a *ActionExecution) LogStream() (stream LogStream, ok bool) {
	parsed, err := arn.Parse(a.LogStreamARN)
	if err != nil || parsed.Service != "logs" || !console.ValidRegion(parsed.Region) {
		return LogStream{}, false
	}
	rest, ok := strings.CutPrefix(parsed.Resource, "log-group:")
	if !ok {
		return LogStream{}, false
	}
	group, name, ok := strings.Cut(rest, ":log-stream:")
	if !ok || group == "" || name == "" {
		return LogStream{}, false
	}
	return LogStream{Region: parsed.Region, Group: group, Name: name}, true
}

// ConsoleURL returns the address of the stream in the AWS console, as [ConsoleURL]
// does for an execution.
func (s LogStream) ConsoleURL() string { return console.Log(s.Region, s.Group, s.Name) }
