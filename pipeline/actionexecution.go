package pipeline

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/internal/console"
)

// ActionExecution is one run of an action.
type ActionExecution struct {
	// ID of the run: a retried action has a new one.
	ID            string
	Stage, Action string // names
	Type          events.ActionType
	Status        ActionStatus
	// Runs is how often the action ran in this execution, 1 without a retry.
	Runs int
	// Started is when the run began, and Updated when it last changed, which
	// is its end for one that has ended.
	Started, Updated time.Time
	UpdatedBy        string // ARN of the user who last changed it, such as the reviewer of an approval; often empty
	Region           string // where the action runs, which may differ from the pipeline's Region
	RoleARN          string // the action's own role; often empty

	// Summary is the action's report: text, or JSON for the sources of a
	// connection. It has up to 2048 characters.
	Summary string
	// ExternalID is the ID at the action's provider: a build, a deployment, a
	// commit, the token of an approval in a PARALLEL pipeline.
	ExternalID string
	// URL is the provider's link to ExternalID. A custom action may set any text:
	// check it before you follow it.
	URL          string
	LogStreamARN string // of a Commands action; see LogStream

	// ErrorCode and ErrorMessage say why the action failed, such as JobFailed
	// and the provider's text. They are empty for a run that has not failed.
	ErrorCode, ErrorMessage string

	// Configuration is the action's configuration with its variables resolved.
	// Secret values, which the API masks, are left out.
	Configuration map[string]string
	// Namespace is where other actions find OutputVariables; may be empty.
	Namespace       string
	OutputVariables map[string]string
	Inputs, Outputs []Artifact
	// Targets are the instances of an EC2 deployment. [Client.Details] and
	// [Client.Watch] read them.
	Targets []DeployTarget
}

// Waiting reports whether the action is a manual approval that waits for its
// reviewer.
func (a *ActionExecution) Waiting() bool {
	return a.Status == ActionInProgress && a.Type.Category == "Approval"
}

// ActionStatus is the status of a run of an action in the spelling of the API.
// It is an open set.
type ActionStatus string

// The statuses of actions.
const (
	ActionInProgress ActionStatus = "InProgress"
	ActionAbandoned  ActionStatus = "Abandoned" // the execution was stopped without waiting for it
	ActionSucceeded  ActionStatus = "Succeeded"
	ActionFailed     ActionStatus = "Failed"
)

// Terminal reports whether the run has ended. It is false for a status that
// this package does not know.
func (s ActionStatus) Terminal() bool {
	switch s {
	case ActionAbandoned, ActionSucceeded, ActionFailed:
		return true
	}
	return false
}

// Artifact is an input or output artifact of an action.
type Artifact struct {
	Name        string
	Bucket, Key string // where it is in S3
}

// runs lists the runs of all actions in the order of their start.
func (c *Client) runs(ctx context.Context, pipeline, id string) ([]ActionExecution, error) {
	h := newHistory(func(a *ActionExecution) (string, time.Time, time.Time) { return a.ID, a.Started, a.Updated })
	err := pages(func(token *string) (*string, int, error) {
		out, err := call(ctx, opListActions, pipeline, id, c.api.ListActionExecutions, &awscodepipeline.ListActionExecutionsInput{
			PipelineName: &pipeline,
			Filter:       &types.ActionExecutionFilter{PipelineExecutionId: &id},
			MaxResults:   aws.Int32(pageSize),
			NextToken:    token,
		})
		if err != nil {
			return nil, 0, err
		}
		for _, d := range out.ActionExecutionDetails {
			if other := aws.ToString(d.PipelineExecutionId); other == "" || other == id {
				h.add(runOf(d))
			}
		}
		return out.NextToken, len(out.ActionExecutionDetails), nil
	}, func(err error) error {
		return &Error{Operation: opListActions, Pipeline: pipeline, Object: id, Err: err}
	})
	if err != nil {
		return nil, err
	}
	return h.inOrder(), nil
}

func runOf(d types.ActionExecutionDetail) ActionExecution {
	a := ActionExecution{
		ID:        aws.ToString(d.ActionExecutionId),
		Stage:     aws.ToString(d.StageName),
		Action:    aws.ToString(d.ActionName),
		Status:    ActionStatus(d.Status),
		Started:   timeOf(d.StartTime),
		Updated:   timeOf(d.LastUpdateTime),
		UpdatedBy: aws.ToString(d.UpdatedBy),
	}
	if in := d.Input; in != nil {
		if t := in.ActionTypeId; t != nil {
			a.Type = events.ActionType{
				Category: string(t.Category), Owner: string(t.Owner),
				Provider: aws.ToString(t.Provider), Version: aws.ToString(t.Version),
			}
		}
		a.Region = aws.ToString(in.Region)
		a.RoleARN = aws.ToString(in.RoleArn)
		a.Namespace = aws.ToString(in.Namespace)
		a.Inputs = artifactsOf(in.InputArtifacts)
		a.Configuration = withoutSecrets(in.Configuration, in.ResolvedConfiguration)
	}
	if out := d.Output; out != nil {
		a.Outputs = artifactsOf(out.OutputArtifacts)
		a.OutputVariables = maps.Clone(out.OutputVariables)
		if r := out.ExecutionResult; r != nil {
			a.ExternalID = aws.ToString(r.ExternalExecutionId)
			a.Summary = aws.ToString(r.ExternalExecutionSummary)
			a.URL = aws.ToString(r.ExternalExecutionUrl)
			a.LogStreamARN = aws.ToString(r.LogStreamARN)
			if r.ErrorDetails != nil {
				a.ErrorCode = aws.ToString(r.ErrorDetails.Code)
				a.ErrorMessage = aws.ToString(r.ErrorDetails.Message)
			}
		}
	}
	return a
}

func artifactsOf(details []types.ArtifactDetail) []Artifact {
	var artifacts []Artifact
	for _, d := range details {
		a := Artifact{Name: aws.ToString(d.Name)}
		if d.S3location != nil {
			a.Bucket, a.Key = aws.ToString(d.S3location.Bucket), aws.ToString(d.S3location.Key)
		}
		artifacts = append(artifacts, a)
	}
	return artifacts
}

// secretKeys are the secret properties of the built-in actions. The API masks
// those of custom actions.
var secretKeys = []string{"OAuthToken", "ClientSecret", "RefreshToken"}

// withoutSecrets joins the configuration with the resolved one, without the keys
// that are secret in either.
func withoutSecrets(configuration, resolved map[string]string) map[string]string {
	if len(configuration) == 0 && len(resolved) == 0 {
		return nil
	}
	all := make(map[string]string, len(configuration))
	maps.Copy(all, configuration)
	maps.Copy(all, resolved)
	maps.DeleteFunc(all, func(key, value string) bool {
		return slices.Contains(secretKeys, key) || masked(value) || masked(configuration[key])
	})
	return all
}

// masked reports whether the value is the API's mask of a secret, "****". Fewer
// asterisks may be a pattern.
func masked(value string) bool {
	return len(value) >= 4 && strings.Trim(value, "*") == ""
}

// newest returns the newest run of each action, with the number of its runs.
func newest(runs []ActionExecution) []ActionExecution {
	type key struct{ stage, action string }
	count := make(map[key]int, len(runs))
	var actions []ActionExecution
	for i := len(runs) - 1; i >= 0; i-- {
		k := key{runs[i].Stage, runs[i].Action}
		if count[k]++; count[k] == 1 {
			actions = append(actions, runs[i])
		}
	}
	slices.Reverse(actions)
	for i := range actions {
		actions[i].Runs = count[key{actions[i].Stage, actions[i].Action}]
	}
	return actions
}

// attempts counts the retries of all stages.
func attempts(runs []ActionExecution) int {
	all := 1
	for _, last := range stageAttempts(runs) {
		all += last.number - 1
	}
	return all
}

// stageAttempt is the last attempt of a stage.
type stageAttempt struct {
	number int
	began  time.Time // when its first run started
}

// stageAttempts finds the last attempt of each stage from the runs, which are in the
// order of their start. A retry runs all actions of its stage again, or those that
// failed: one that failed runs again in the very next attempt, and one that succeeded
// in any later one, which has begun if it starts after another has failed.
func stageAttempts(runs []ActionExecution) map[string]stageAttempt {
	type stage struct {
		ran    map[string]int // in which attempt an action ran last
		failed map[string]bool
		over   time.Time // when the first run of the attempt failed, zero if none has
	}
	stages := make(map[string]*stage)
	attempts := make(map[string]stageAttempt)
	for _, run := range runs {
		s := stages[run.Stage]
		if s == nil {
			s = &stage{ran: make(map[string]int), failed: make(map[string]bool)}
			stages[run.Stage], attempts[run.Stage] = s, stageAttempt{1, run.Started}
		}
		attempt := attempts[run.Stage].number
		if last, again := s.ran[run.Action]; again {
			switch {
			case s.failed[run.Action]:
				attempt = max(attempt, last+1)
			case last == attempt || !s.over.IsZero() && s.over.Before(run.Started):
				attempt++
			}
		}
		if attempt > attempts[run.Stage].number {
			attempts[run.Stage], s.over = stageAttempt{attempt, run.Started}, time.Time{}
		}
		s.ran[run.Action] = attempt
		s.failed[run.Action] = run.Status == ActionFailed || run.Status == ActionAbandoned
		if s.failed[run.Action] && (s.over.IsZero() || run.Updated.Before(s.over)) {
			s.over = run.Updated
		}
	}
	return attempts
}

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

// history collects the runs of actions or rules from the pages of a list that begins
// with the newest.
type history[T any] struct {
	runs []T
	at   map[string]int // where a run is, by its ID
	of   func(*T) (id string, started, updated time.Time)
}

func newHistory[T any](of func(*T) (id string, started, updated time.Time)) *history[T] {
	return &history[T]{at: make(map[string]int), of: of}
}

// add adds a run. One that starts between two calls moves the others on to the next
// page: of two with the same ID the newer stays.
func (h *history[T]) add(run T) {
	id, _, updated := h.of(&run)
	if i, ok := h.at[id]; ok && id != "" {
		if _, _, before := h.of(&h.runs[i]); updated.After(before) {
			h.runs[i] = run
		}
		return
	}
	h.at[id] = len(h.runs)
	h.runs = append(h.runs, run)
}

// inOrder returns the runs in the order of their start.
func (h *history[T]) inOrder() []T {
	slices.Reverse(h.runs)
	slices.SortStableFunc(h.runs, func(a, b T) int {
		_, first, _ := h.of(&a)
		_, second, _ := h.of(&b)
		return first.Compare(second)
	})
	return h.runs
}
