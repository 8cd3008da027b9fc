package logstest

import (
	"strings"
	"time"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

// Stream is a log stream.
type Stream struct {
	Group, Name string
	Delay       time.Duration // from the time of a line to its ingestion
	Gone        bool          // it was deleted
	lines       []line
}

type line struct {
	at      time.Time
	message string
}

// Write adds the lines in the course of a while that begins at a time. Each event
// ends with the line's end, as those of CodeBuild do.
func (s *Stream) Write(lines []string, at time.Time, during time.Duration) {
	for i, text := range lines {
		s.lines = append(s.lines, line{at.Add(during * time.Duration(i) / time.Duration(len(lines))), text + "\n"})
	}
}

// Cut takes away the lines after the time, which were not written any more.
func (s *Stream) Cut(at time.Time) {
	for i, line := range s.lines {
		if line.at.After(at) {
			s.lines = s.lines[:i]
			return
		}
	}
}

// shown returns the lines that are there at the time.
func (s *Stream) shown(now time.Time) []line {
	for i, line := range s.lines {
		if line.at.Add(s.Delay).After(now) {
			return s.lines[:i]
		}
	}
	return s.lines
}

// ARN returns the ARN of the stream.
func (s *Stream) ARN() string {
	return groupARN + s.Group + ":log-stream:" + s.Name
}

const groupARN = "arn:aws:logs:" + awsjson.Region + ":" + awsjson.AccountID + ":log-group:"

// DeepLink returns the address of the stream in the console, in which a name is
// escaped twice and "%" is "$".
func (s *Stream) DeepLink() string {
	escape := strings.NewReplacer("/", "$252F", "#", "$2523").Replace
	return "https://console.aws.amazon.com/cloudwatch/home?region=" + awsjson.Region +
		"#logsV2:log-groups/log-group/" + escape(s.Group) + "/log-events/" + escape(s.Name)
}
