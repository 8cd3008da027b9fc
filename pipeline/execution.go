package pipeline

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"

	"github.com/codesuite-go/codesuite/internal/apierror"
	"github.com/codesuite-go/codesuite/internal/awstext"
	"github.com/codesuite-go/codesuite/internal/console"
)

// Execution is one execution of a pipeline, as the API returned it at one moment.
// A caller may change it.
type Execution struct {
	Pipeline        string // the pipeline's name
	ID              string
	PipelineVersion int // of the pipeline's structure
	Status          Status
	StatusSummary   string // the service's text about the status; often empty
	Trigger         Trigger
	Mode            Mode
	Type            ExecutionType
	// RollbackTarget is the ID of the execution that a rollback goes back to;
	// empty for other executions.
	RollbackTarget string
	// Variables are the pipeline's variables with the values of this execution.
	Variables []Variable
	// Started is when the first action started; zero before. Only
	// [ExecutionSummary] has the time at which the execution was started.
	Started time.Time
	// Attempts is 1 for the first run and one more for each retry of a stage. The API
	// does not have it: it is counted from the runs of the actions, so a retry counts
	// once an action has started again.
	Attempts int
	// Actions are the newest runs of the actions, in the order of their start.
	// Actions that have not started are not in it.
	Actions []ActionExecution
	// Revisions are the revisions that the source actions fetched, one each, in
	// the order of the actions' names. It is empty while no source action has
	// finished.
	Revisions []Revision
	// Stages are the stages of the structure with their conditions and retries.
	// [Client.Details] and [Client.Watch] read them.
	Stages []StageExecution
}

// Failed returns the actions whose newest run failed, in the order of their
// start. An action that was retried and runs or succeeded is not among them.
func (e *Execution) Failed() []ActionExecution {
	var failed []ActionExecution
	for _, a := range e.Actions {
		if a.Status == ActionFailed {
			failed = append(failed, a)
		}
	}
	return failed
}

// Status is the status of an execution in the spelling of the API. It is an
// open set: a status that this package does not know is kept as it came.
type Status string

// The statuses of executions.
const (
	StatusInProgress Status = "InProgress"
	StatusStopping   Status = "Stopping"
	StatusStopped    Status = "Stopped"
	StatusSucceeded  Status = "Succeeded"
	StatusSuperseded Status = "Superseded" // a newer execution overtook it
	StatusFailed     Status = "Failed"
	StatusCancelled  Status = "Cancelled" // the structure of the pipeline was changed meanwhile
)

// Terminal reports whether the execution has ended. A retry of a stage begins
// anew: the same execution is then InProgress again. It is false for a status
// that this package does not know.
func (s Status) Terminal() bool {
	switch s {
	case StatusStopped, StatusSucceeded, StatusSuperseded, StatusFailed, StatusCancelled:
		return true
	}
	return false
}

// Trigger is the start of an execution.
type Trigger struct {
	// Type is the kind of trigger in the spelling of the API, such as
	// CreatePipeline, StartPipelineExecution, PollForSourceChanges, Webhook,
	// WebhookV2, CloudWatchEvent, PutActionRevision, ManualRollback or
	// AutomatedRollback.
	Type string
	// Detail is mostly the ARN of a user, a role, a rule or a connection.
	Detail string
}

// Mode is how a pipeline handles several executions. It is an open set.
type Mode string

// The execution modes.
const (
	ModeSuperseded Mode = "SUPERSEDED" // newer executions overtake older ones between stages
	ModeQueued     Mode = "QUEUED"
	ModeParallel   Mode = "PARALLEL"
)

// ExecutionType tells a rollback from other executions. It is an open set.
type ExecutionType string

// The types of executions.
const (
	ExecutionStandard ExecutionType = "STANDARD"
	ExecutionRollback ExecutionType = "ROLLBACK" // runs an earlier execution's revisions again
)

// Variable is a variable of the pipeline and its value.
type Variable struct {
	Name, Value string
}

// Execution returns an execution with its actions and the revisions of its
// sources. It calls GetPipelineExecution once, and ListActionExecutions once for
// each hundred action runs: only that list has the sources of the revisions, the
// failed actions and the retries. If either call is denied, the error is
// [io/fs.ErrPermission] and names it.
//
// The API returns the revisions of several sources in any order, under the names of
// artifacts. Execution joins them with the runs of the source actions: CodeCommit, S3,
// ECR, the older GitHub action and connections to GitHub, GitHub Enterprise Server,
// Bitbucket, GitLab, self-managed GitLab and Azure DevOps. An event has only the URL and
// the summary of a revision, which [events.ParseRevision] reads.
//
// The client looks up the host of a connection once, and again only after a
// failure; see [Options].Connections.
func (c *Client) Execution(ctx context.Context, pipeline, id string) (*Execution, error) {
	l, err := c.load(ctx, pipeline, id)
	if err != nil {
		return nil, err
	}
	return l.execution, nil
}

// Wait returns the execution when it has ended, however it ended: see its Status.
// It polls GetPipelineExecution and calls ListActionExecutions at the end;
// [Options].PollInterval sets the pace.
//
// Wait retries throttling, server errors and lost connections for as long as
// [Options].MaxElapsed says. It returns ctx's error when ctx ends. A service that
// the first poll cannot reach at all, as with a wrong Region, is an error at
// once. An execution that is not known yet has half a minute to appear, as just
// after its start.
//
// A terminal status is the end even if the stage is retried later.
func (c *Client) Wait(ctx context.Context, pipeline, id string) (*Execution, error) {
	p := c.poller("WaitForExecution", pipeline, id)
	var last Status
	for {
		reply, err := c.get(ctx, pipeline, id)
		var l *loaded
		if err == nil && Status(reply.Status).Terminal() {
			if l, err = c.complete(ctx, pipeline, id, reply); err == nil {
				return l.execution, nil
			}
		}
		if err != nil {
			err = p.failed(ctx, err)
		} else {
			status := Status(reply.Status)
			err = p.next(ctx, status != last)
			last = status
		}
		if err != nil {
			return nil, err
		}
	}
}

// StopOptions configure the stop of an execution. The zero value waits for the
// running actions.
type StopOptions struct {
	// Abandon stops the execution at once. Its running actions become Abandoned,
	// and the builds or deployments that they started go on. Without it the
	// execution is Stopping until they have ended.
	Abandon bool
	// Reason is kept with the execution. It is cut to the API's limit of 200
	// characters.
	Reason string
}

// maxReason is the API's limit in characters.
const maxReason = 200

// Stop stops an execution, by StopPipelineExecution. It does not wait until the
// execution is stopped; [Client.Wait] does. An execution that is stopping in this
// way, or is stopped already, is no error; GetPipelineExecution tells the latter. The
// error is [ErrNotStoppable] if it ended otherwise.
func (c *Client) Stop(ctx context.Context, pipeline, id string, optFns ...func(*StopOptions)) error {
	var o StopOptions
	for _, fn := range optFns {
		fn(&o)
	}
	if err := c.need(opStopExecution, pipeline, id, "the name of the pipeline", pipeline, "the ID of the execution", id); err != nil {
		return err
	}
	in := &awscodepipeline.StopPipelineExecutionInput{PipelineName: &pipeline, PipelineExecutionId: &id, Abandon: o.Abandon}
	if o.Reason != "" {
		in.Reason = aws.String(awstext.Cut(o.Reason, maxReason))
	}
	_, err := call(ctx, opStopExecution, pipeline, id, c.api.StopPipelineExecution, in)
	switch {
	case err == nil || apierror.Code(err) == codeDuplicatedStop:
		return nil
	case errors.Is(err, ErrNotStoppable):
		// A call whose first try succeeded without a reply gets this error, too.
		if e, getErr := c.get(ctx, pipeline, id); getErr == nil && Status(e.Status) == StatusStopped {
			return nil
		}
	}
	return err
}

// ConsoleURL returns the address of an execution in the AWS console, or of the
// pipeline itself if the execution's ID is "". The Region decides on the
// partition: China, GovCloud and the European Sovereign Cloud have consoles of
// their own. ConsoleURL returns "" for Regions of other partitions, whose
// consoles are not public, for a name that is no Region, and for names that
// cannot stand in an address: a pipeline "", and "." and "..".
func ConsoleURL(region, pipeline, executionID string) string {
	return console.Execution(region, pipeline, executionID)
}

// loaded is an execution with all the runs of its actions and rules, in the order
// of their start.
type loaded struct {
	execution *Execution
	runs      []ActionExecution
	rules     []RuleExecution // nil without details
}

// load gets the execution before its actions: when it has ended, so have they.
func (c *Client) load(ctx context.Context, pipeline, id string) (*loaded, error) {
	reply, err := c.get(ctx, pipeline, id)
	if err != nil {
		return nil, err
	}
	return c.complete(ctx, pipeline, id, reply)
}

func (c *Client) get(ctx context.Context, pipeline, id string) (*types.PipelineExecution, error) {
	if err := c.need(opGetExecution, pipeline, id, "the name of the pipeline", pipeline, "the ID of the execution", id); err != nil {
		return nil, err
	}
	out, err := call(ctx, opGetExecution, pipeline, id, c.api.GetPipelineExecution,
		&awscodepipeline.GetPipelineExecutionInput{PipelineName: &pipeline, PipelineExecutionId: &id})
	if err != nil {
		return nil, err
	}
	if out.PipelineExecution == nil {
		return nil, &Error{Operation: opGetExecution, Pipeline: pipeline, Object: id, Err: errors.New("the reply holds no execution")}
	}
	return out.PipelineExecution, nil
}

// complete adds the actions to the reply of GetPipelineExecution.
func (c *Client) complete(ctx context.Context, pipeline, id string, reply *types.PipelineExecution) (*loaded, error) {
	runs, err := c.runs(ctx, pipeline, id)
	if err != nil {
		return nil, err
	}
	return c.join(ctx, pipeline, id, reply, runs)
}

// join joins the reply of GetPipelineExecution with the runs of the actions.
func (c *Client) join(ctx context.Context, pipeline, id string, reply *types.PipelineExecution, runs []ActionExecution) (*loaded, error) {
	e := &Execution{
		Pipeline:        pipeline,
		ID:              id,
		PipelineVersion: int(aws.ToInt32(reply.PipelineVersion)),
		Status:          Status(reply.Status),
		StatusSummary:   aws.ToString(reply.StatusSummary),
		Trigger:         triggerOf(reply.Trigger),
		Mode:            Mode(reply.ExecutionMode),
		Type:            ExecutionType(reply.ExecutionType),
		RollbackTarget:  rollbackTarget(reply.RollbackMetadata),
		Attempts:        attempts(runs),
		Actions:         newest(runs),
	}
	for _, v := range reply.Variables {
		e.Variables = append(e.Variables, Variable{Name: aws.ToString(v.Name), Value: aws.ToString(v.ResolvedValue)})
	}
	if len(runs) > 0 {
		e.Started = runs[0].Started
	}
	e.Revisions = joinRevisions(reply.ArtifactRevisions, e.Actions, runs)
	if err := c.connect(ctx, e.Revisions); err != nil {
		return nil, err
	}
	return &loaded{execution: e, runs: runs}, nil
}

func triggerOf(t *types.ExecutionTrigger) Trigger {
	if t == nil {
		return Trigger{}
	}
	return Trigger{Type: string(t.TriggerType), Detail: aws.ToString(t.TriggerDetail)}
}

func rollbackTarget(m *types.PipelineRollbackMetadata) string {
	if m == nil {
		return ""
	}
	return aws.ToString(m.RollbackTargetPipelineExecutionId)
}

func timeOf(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}
