package codecommittest

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

// The limits of triggers.
const (
	maxTriggers        = 10
	maxTriggerBranches = 10
	maxCustomData      = 1000
)

// trigger is a trigger as the API has it.
type trigger struct {
	Name           *string  `json:"name"`
	DestinationARN *string  `json:"destinationArn"`
	CustomData     *string  `json:"customData,omitempty"`
	Branches       []string `json:"branches"`
	Events         []string `json:"events"`
}

// triggers are the triggers of a repository.
type triggers struct {
	id      string // changes with every change
	changes int
	list    []trigger
}

type getRepositoryTriggersInput struct {
	RepositoryName *string `json:"repositoryName"`
}

type getRepositoryTriggersOutput struct {
	ConfigurationID string    `json:"configurationId"`
	Triggers        []trigger `json:"triggers"`
}

func (s *Server) getRepositoryTriggers(_ context.Context, in *getRepositoryTriggersInput) (*getRepositoryTriggersOutput, error) {
	r, err := s.repository(in.RepositoryName)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return &getRepositoryTriggersOutput{r.triggers.id, orEmpty(r.triggers.list)}, nil
}

type triggersInput struct {
	RepositoryName *string   `json:"repositoryName"`
	Triggers       []trigger `json:"triggers"`
}

type putRepositoryTriggersOutput struct {
	ConfigurationID string `json:"configurationId"`
}

func (s *Server) putRepositoryTriggers(_ context.Context, in *triggersInput) (*putRepositoryTriggersOutput, error) {
	r, err := s.repository(in.RepositoryName)
	if err != nil {
		return nil, err
	}
	if err := validateTriggers(in.Triggers); err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.triggers.changes++
	r.triggers.id = awsjson.UUID("triggers", r.name, strconv.Itoa(r.triggers.changes))
	r.triggers.list = in.Triggers
	return &putRepositoryTriggersOutput{r.triggers.id}, nil
}

type testRepositoryTriggersOutput struct {
	SuccessfulExecutions []string         `json:"successfulExecutions"`
	FailedExecutions     []triggerFailure `json:"failedExecutions"`
}

type triggerFailure struct {
	Trigger        string `json:"trigger"`
	FailureMessage string `json:"failureMessage"`
}

func (s *Server) testRepositoryTriggers(ctx context.Context, in *triggersInput) (*testRepositoryTriggersOutput, error) {
	r, err := s.repository(in.RepositoryName)
	if err != nil {
		return nil, err
	}
	if err := validateTriggers(in.Triggers); err != nil {
		return nil, err
	}
	out := &testRepositoryTriggersOutput{SuccessfulExecutions: []string{}, FailedExecutions: []triggerFailure{}}
	fail := s.faults.Load().FailTriggers
	sample := triggerReference{Commit: strings.Repeat("0", 40), Ref: branchPrefix + "main"}
	if head, err := r.head(ctx); err != nil {
		return nil, err
	} else if head != "" {
		sample = triggerReference{Commit: r.known[branchPrefix+head], Ref: branchPrefix + head}
	}
	for _, t := range in.Triggers {
		if fail != nil {
			if message := fail(*t.Name); message != "" {
				out.FailedExecutions = append(out.FailedExecutions, triggerFailure{*t.Name, message})
				continue
			}
		}
		out.SuccessfulExecutions = append(out.SuccessfulExecutions, *t.Name)
		s.emitTrigger(r, t, awsjson.UUID("triggers", r.name, "test"), "TriggerEventTest", s.caller(ctx), []triggerReference{sample})
	}
	return out, nil
}

func validateTriggers(list []trigger) error {
	if list == nil {
		return awsjson.Errorf("RepositoryTriggersListRequiredException", "a list of triggers is required; an empty one deletes them")
	}
	if n := len(list); n > maxTriggers {
		return awsjson.Errorf("MaximumRepositoryTriggersExceededException", "%d triggers are more than %d", n, maxTriggers)
	}
	names := make(map[string]bool)
	for _, t := range list {
		if err := t.validate(); err != nil {
			return err
		}
		if names[*t.Name] {
			return awsjson.Errorf("InvalidRepositoryTriggerNameException", "two triggers have the name %s", *t.Name)
		}
		names[*t.Name] = true
	}
	return nil
}

var (
	triggerName = pattern(`^[A-Za-z0-9._-]{1,100}$`)
	triggerARN  = pattern(`^arn:aws[a-z-]*:(?:sns:([a-z0-9-]+):[0-9]{12}:[A-Za-z0-9_-]{1,256}|lambda:([a-z0-9-]+):[0-9]{12}:function:[A-Za-z0-9_-]+(?::[A-Za-z0-9_$-]+)?)$`)
)

var triggerEvents = []string{"all", "updateReference", "createReference", "deleteReference"}

func (t trigger) validate() error {
	switch {
	case t.Name == nil || *t.Name == "":
		return awsjson.Errorf("RepositoryTriggerNameRequiredException", "a trigger needs a name")
	case !triggerName().MatchString(*t.Name):
		return awsjson.Errorf("InvalidRepositoryTriggerNameException", "%q is not the name of a trigger: 1 to 100 letters, digits, '.', '_' and '-'", *t.Name)
	case t.DestinationARN == nil || *t.DestinationARN == "":
		return awsjson.Errorf("RepositoryTriggerDestinationArnRequiredException", "trigger %s needs a destination", *t.Name)
	}
	arn := triggerARN().FindStringSubmatch(*t.DestinationARN)
	switch {
	case arn == nil:
		return awsjson.Errorf("InvalidRepositoryTriggerDestinationArnException", "trigger %s: %q is not the ARN of a standard SNS topic or a Lambda function", *t.Name, *t.DestinationARN)
	case arn[1]+arn[2] != awsjson.Region:
		return awsjson.Errorf("InvalidRepositoryTriggerRegionException", "trigger %s: %q is not in the Region %s", *t.Name, *t.DestinationARN, awsjson.Region)
	case t.CustomData != nil && utf8.RuneCountInString(*t.CustomData) > maxCustomData:
		return awsjson.Errorf("InvalidRepositoryTriggerCustomDataException", "trigger %s: the custom data has more than %d characters", *t.Name, maxCustomData)
	case t.Branches == nil:
		return awsjson.Errorf("RepositoryTriggerBranchNameListRequiredException", "trigger %s needs a list of branches; an empty one is all branches", *t.Name)
	case len(t.Branches) > maxTriggerBranches:
		return awsjson.Errorf("MaximumBranchesExceededException", "trigger %s: %d branches are more than %d", *t.Name, len(t.Branches), maxTriggerBranches)
	case len(t.Events) == 0:
		return awsjson.Errorf("RepositoryTriggerEventsListRequiredException", "trigger %s needs a list of events", *t.Name)
	}
	for _, name := range t.Branches {
		if !validBranchName(name) {
			return awsjson.Errorf("InvalidRepositoryTriggerBranchNameException", "trigger %s: %q is not the name of a branch", *t.Name, name)
		}
	}
	for i, event := range t.Events {
		if !slices.Contains(triggerEvents, event) || event == "all" && len(t.Events) > 1 || slices.Contains(t.Events[:i], event) {
			return awsjson.Errorf("InvalidRepositoryTriggerEventsException", "trigger %s: %q are not \"all\" or some of %s",
				*t.Name, t.Events, strings.Join(triggerEvents[1:], ", "))
		}
	}
	return nil
}
