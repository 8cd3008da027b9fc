package logstest

import (
	"errors"
	"fmt"
	"iter"
	"regexp"
	"strings"
	"time"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

// GetLogEventsInput is the input of GetLogEvents.
type GetLogEventsInput struct {
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

// GetLogEventsOutput is its output.
type GetLogEventsOutput struct {
	Events   []eventJSON `json:"events"`
	Forward  string      `json:"nextForwardToken"`
	Backward string      `json:"nextBackwardToken"`
}

type eventJSON struct {
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
	groupPattern      = regexp.MustCompile(`^[.\-_/#A-Za-z0-9]+$`)
	identifierPattern = regexp.MustCompile(`^[\w#+=/:,.@-]*$`)
	streamPattern     = regexp.MustCompile(`^[^:*]*$`)
)

func (in *GetLogEventsInput) validate() error {
	var v awsjson.Validation
	v.Text("logGroupName", in.Group, false, 1, 512, groupPattern)
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
	err := v.Err()
	if e := (*awsjson.Error)(nil); errors.As(err, &e) {
		return awsjson.Errorf("InvalidParameterException", "%s", e.Message)
	}
	return err
}

// GetLogEvents answers the operation. Streams are those that are there, page is the
// greatest number of events on a page, which may then be shorter than the limit of
// the call, as the service's may; 0 is 10,000.
func GetLogEvents(in *GetLogEventsInput, streams iter.Seq[*Stream], now time.Time, page int) (*GetLogEventsOutput, error) {
	if err := in.validate(); err != nil {
		return nil, err
	}
	log, err := in.stream(streams)
	if err != nil {
		return nil, err
	}
	lines := in.within(log.shown(now))
	size := maxLogEvents
	if in.Limit != nil {
		size = int(*in.Limit)
	}
	if page > 0 {
		size = min(size, page)
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
	out := &GetLogEventsOutput{
		Events:   make([]eventJSON, 0, end-start),
		Forward:  fmt.Sprintf("f/%056d", end),
		Backward: fmt.Sprintf("b/%056d", start),
	}
	for _, line := range lines[start:end] {
		out.Events = append(out.Events, eventJSON{line.at.UnixMilli(), line.message, line.at.Add(log.Delay).UnixMilli()})
	}
	return out, nil
}

// stream returns the stream that the call names.
func (in *GetLogEventsInput) stream(streams iter.Seq[*Stream]) (*Stream, error) {
	group := ""
	if in.Group != nil {
		group = *in.Group
	} else {
		group = strings.TrimPrefix(strings.TrimSuffix(*in.Identifier, ":*"), groupARN)
	}
	what := "group"
	for s := range streams {
		if s.Group != group || s.Gone {
			continue
		}
		if s.Name == *in.Stream {
			return s, nil
		}
		what = "stream"
	}
	return nil, awsjson.Errorf("ResourceNotFoundException", "The specified log %s does not exist.", what)
}

// within returns the lines of the call's time.
func (in *GetLogEventsInput) within(lines []line) []line {
	var list []line
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
func (in *GetLogEventsInput) position(lines int) (position int, forward, ok bool) {
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
func window(lines []line, start, size int) (int, int) {
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
func windowBefore(lines []line, end, size int) (int, int) {
	start, bytes := end, 0
	for start > 0 && end-start < size {
		if bytes += len(lines[start-1].message) + logEventBytes; bytes > maxLogBytes {
			break
		}
		start--
	}
	return start, end
}
