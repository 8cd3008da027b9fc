package citest

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

type getLogEventsInput struct {
	Group         *string `json:"logGroupName"`
	Identifier    *string `json:"logGroupIdentifier"`
	Stream        *string `json:"logStreamName"`
	StartTime     *int64  `json:"startTime"`
	EndTime       *int64  `json:"endTime"`
	NextToken     *string `json:"nextToken"`
	Limit         *int32  `json:"limit"`
	StartFromHead *bool   `json:"startFromHead"`
	Unmask        *bool   `json:"unmask"`
}

type getLogEventsOutput struct {
	Events   []logEventJSON `json:"events"`
	Forward  string         `json:"nextForwardToken"`
	Backward string         `json:"nextBackwardToken"`
}

type logEventJSON struct {
	Timestamp     int64  `json:"timestamp"`
	Message       string `json:"message"`
	IngestionTime int64  `json:"ingestionTime"`
}

// The most that a page has, and the bytes that an event counts besides its text.
const (
	maxLogEvents  = 10000
	maxLogBytes   = 1 << 20
	logEventBytes = 26
)

var (
	identifierPattern = regexp.MustCompile(`^[\w#+=/:,.@-]*$`)
	streamPattern     = regexp.MustCompile(`^[^:*]*$`)
)

func (in *getLogEventsInput) validate() error {
	var v awsjson.Validation
	v.Text("logGroupName", in.Group, false, 1, 512, logGroupPattern)
	v.Text("logGroupIdentifier", in.Identifier, false, 1, 2048, identifierPattern)
	v.Text("logStreamName", in.Stream, true, 1, 512, streamPattern)
	v.Text("nextToken", in.NextToken, false, 1, 1<<20, nil)
	v.Integer("limit", in.Limit, 1, maxLogEvents)
	if in.StartTime != nil && *in.StartTime < 0 {
		v.Fail("startTime", "Member must have value greater than or equal to 0")
	}
	if in.EndTime != nil && *in.EndTime < 0 {
		v.Fail("endTime", "Member must have value greater than or equal to 0")
	}
	if (in.Group == nil) == (in.Identifier == nil) {
		v.Fail("logGroupName", "Exactly one of logGroupName and logGroupIdentifier must be given")
	}
	return as("InvalidParameterException", v.Err())
}

func (s *Server) getLogEvents(in *getLogEventsInput) (*getLogEventsOutput, error) {
	if err := in.validate(); err != nil {
		return nil, err
	}
	log, err := s.streamOf(in)
	if err != nil {
		return nil, err
	}
	lines := in.within(log.shown(s.now()))
	size := maxLogEvents
	if in.Limit != nil {
		size = int(*in.Limit)
	}
	if s.pageSize > 0 {
		size = min(size, s.pageSize)
	}
	fromHead := in.StartFromHead != nil && *in.StartFromHead
	start, end := 0, 0
	switch position, forward, ok := in.position(len(lines)); {
	case !ok:
		return nil, awsjson.Errorf("InvalidParameterException", "The specified nextToken is invalid.")
	case in.NextToken == nil && fromHead:
		start, end = window(lines, 0, size)
	case in.NextToken == nil:
		start, end = windowBefore(lines, len(lines), size)
	case forward && !fromHead:
		return nil, awsjson.Errorf("InvalidParameterException", "The nextForwardToken requires startFromHead")
	case forward:
		start, end = window(lines, position, size)
	default:
		start, end = windowBefore(lines, position, size)
	}
	out := &getLogEventsOutput{
		Events:   make([]logEventJSON, 0, end-start),
		Forward:  fmt.Sprintf("f/%056d", end),
		Backward: fmt.Sprintf("b/%056d", start),
	}
	for _, line := range lines[start:end] {
		out.Events = append(out.Events, logEventJSON{line.at.UnixMilli(), line.message, line.at.Add(log.delay).UnixMilli()})
	}
	return out, nil
}

// streamOf returns the log that the call names.
func (s *Server) streamOf(in *getLogEventsInput) (*stream, error) {
	group := ""
	if in.Group != nil {
		group = *in.Group
	} else {
		group = strings.TrimSuffix(*in.Identifier, ":*")
		group = strings.TrimPrefix(group, "arn:aws:logs:"+region+":"+accountID+":log-group:")
	}
	groupExists := false
	for _, b := range s.builds {
		if b.stream == nil || b.stream.group != group || b.stream.gone {
			continue
		}
		groupExists = true
		if b.stream.name == *in.Stream {
			return b.stream, nil
		}
	}
	what := "group"
	if groupExists {
		what = "stream"
	}
	return nil, awsjson.Errorf("ResourceNotFoundException", "The specified log %s does not exist.", what)
}

// within returns the lines of the call's time.
func (in *getLogEventsInput) within(lines []logLine) []logLine {
	var list []logLine
	for _, line := range lines {
		if in.StartTime != nil && line.at.Before(time.UnixMilli(*in.StartTime)) ||
			in.EndTime != nil && !line.at.Before(time.UnixMilli(*in.EndTime)) {
			continue
		}
		list = append(list, line)
	}
	return list
}

// position reads the token: the place of a line, and the direction.
func (in *getLogEventsInput) position(lines int) (position int, forward, ok bool) {
	if in.NextToken == nil {
		return 0, false, true
	}
	direction, _, _ := strings.Cut(*in.NextToken, "/")
	if _, err := fmt.Sscanf(*in.NextToken, direction+"/%056d", &position); err != nil || position < 0 || position > lines ||
		*in.NextToken != fmt.Sprintf("%s/%056d", direction, position) {
		return 0, false, false
	}
	return position, direction == "f", direction == "f" || direction == "b"
}

// window returns the bounds of a page that begins at the start.
func window(lines []logLine, start, size int) (int, int) {
	end, bytes := start, 0
	for end < len(lines) && end-start < size {
		if bytes += len(lines[end].message) + logEventBytes; bytes > maxLogBytes {
			break
		}
		end++
	}
	return start, end
}

// windowBefore returns the bounds of a page that ends at the end.
func windowBefore(lines []logLine, end, size int) (int, int) {
	start, bytes := end, 0
	for start > 0 && end-start < size {
		if bytes += len(lines[start-1].message) + logEventBytes; bytes > maxLogBytes {
			break
		}
		start--
	}
	return start, end
}
