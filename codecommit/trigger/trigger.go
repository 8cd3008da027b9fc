package trigger

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/codecommit/types"
)

// The limits of the service.
const (
	MaxTriggers   = 10   // triggers of a repository
	MaxBranches   = 10   // branches of a trigger
	maxName       = 100  // characters of a name
	maxCustomData = 1000 // characters of custom data
)

// Event is a kind of change that a trigger reports.
type Event string

// The events of triggers.
const (
	EventAll    Event = "all" // excludes the others
	EventCreate Event = "createReference"
	EventUpdate Event = "updateReference"
	EventDelete Event = "deleteReference"
)

// Trigger is a trigger of a repository.
type Trigger struct {
	Name string
	// Destination is the ARN of a Lambda function, which may have a version or
	// an alias, or of a standard SNS topic.
	Destination string
	// CustomData is sent with each event.
	CustomData string
	// Branches are the short names of the branches that the trigger reports.
	// None is all branches and tags.
	Branches []string
	// Events are [EventAll] alone or some of the others.
	Events []Event
}

// ErrTooMany is the error of [Set.Ensure] for more than [MaxTriggers] triggers.
var ErrTooMany = errors.New("too many triggers")

var (
	namePattern        = regexp.MustCompile(`^[A-Za-z0-9._-]{1,100}$`)
	destinationPattern = regexp.MustCompile(`^arn:aws[a-z-]*:(?:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}|lambda:[a-z0-9-]+:[0-9]{12}:function:[A-Za-z0-9_-]+(?::[A-Za-z0-9_$-]+)?)$`)
)

// Validate returns why the service would refuse the trigger, nil if it would
// not.
func (t Trigger) Validate() error {
	if err := t.validate(); err != nil {
		return fmt.Errorf("trigger %.100q: %w", t.Name, err)
	}
	return nil
}

func (t Trigger) validate() error {
	switch {
	case !namePattern.MatchString(t.Name):
		return fmt.Errorf("a name has 1 to %d ASCII letters, digits, '.', '_' and '-'", maxName)
	case strings.HasSuffix(t.Destination, ".fifo"):
		return fmt.Errorf("the destination %.200q is a FIFO topic: CodeCommit takes standard topics only", t.Destination)
	case !destinationPattern.MatchString(t.Destination):
		return fmt.Errorf("the destination %.200q is not the ARN of a Lambda function or a standard SNS topic", t.Destination)
	case !utf8.ValidString(t.CustomData):
		return errors.New("the custom data is not UTF-8")
	case utf8.RuneCountInString(t.CustomData) > maxCustomData:
		return fmt.Errorf("the custom data has %d characters, the limit is %d", utf8.RuneCountInString(t.CustomData), maxCustomData)
	case len(t.Branches) > MaxBranches:
		return fmt.Errorf("%d branches, the limit is %d: leave Branches empty for all branches", len(t.Branches), MaxBranches)
	case len(t.Events) == 0:
		return fmt.Errorf("no events: give %q or some of %q, %q and %q", EventAll, EventCreate, EventUpdate, EventDelete)
	}
	for i, branch := range t.Branches {
		switch {
		case branch == "" || utf8.RuneCountInString(branch) > 256 || !utf8.ValidString(branch):
			return fmt.Errorf("%.300q is not the name of a branch", branch)
		case strings.HasPrefix(branch, "refs/"):
			return fmt.Errorf("the branch %.300q is a full reference: give its short name", branch)
		case slices.Contains(t.Branches[:i], branch):
			return fmt.Errorf("the branch %.300q is given twice", branch)
		}
	}
	for i, event := range t.Events {
		switch event {
		case EventAll:
			if len(t.Events) > 1 {
				return fmt.Errorf("the event %q excludes others", EventAll)
			}
		case EventCreate, EventUpdate, EventDelete:
			if slices.Contains(t.Events[:i], event) {
				return fmt.Errorf("the event %q is given twice", event)
			}
		default:
			return fmt.Errorf("unknown event %.100q", event)
		}
	}
	return nil
}

// Equal reports whether both triggers do the same under the same name. The order
// of branches and events does not count.
func (t Trigger) Equal(other Trigger) bool {
	return t.Name == other.Name && t.Destination == other.Destination && t.CustomData == other.CustomData &&
		slices.Equal(slices.Sorted(slices.Values(t.Branches)), slices.Sorted(slices.Values(other.Branches))) &&
		slices.Equal(slices.Sorted(slices.Values(t.Events)), slices.Sorted(slices.Values(other.Events)))
}

// clone returns a trigger that shares no memory with t.
func (t Trigger) clone() Trigger {
	t.Branches, t.Events = slices.Clone(t.Branches), slices.Clone(t.Events)
	return t
}

func fromWire(list []types.RepositoryTrigger) []Trigger {
	triggers := make([]Trigger, 0, len(list))
	for _, w := range list {
		t := Trigger{
			Name:        aws.ToString(w.Name),
			Destination: aws.ToString(w.DestinationArn),
			CustomData:  aws.ToString(w.CustomData),
			Branches:    slices.Clone(w.Branches),
		}
		for _, event := range w.Events {
			t.Events = append(t.Events, Event(event))
		}
		triggers = append(triggers, t)
	}
	return triggers
}

// toWire never returns a nil list, and no trigger with one: the client leaves
// those out, and the service refuses the call.
func toWire(triggers []Trigger) []types.RepositoryTrigger {
	list := make([]types.RepositoryTrigger, 0, len(triggers))
	for _, t := range triggers {
		w := types.RepositoryTrigger{
			Name:           aws.String(t.Name),
			DestinationArn: aws.String(t.Destination),
			Branches:       append([]string{}, t.Branches...),
			Events:         []types.RepositoryTriggerEventEnum{},
		}
		if t.CustomData != "" {
			w.CustomData = aws.String(t.CustomData)
		}
		for _, event := range t.Events {
			w.Events = append(w.Events, types.RepositoryTriggerEventEnum(event))
		}
		list = append(list, w)
	}
	return list
}
