package ec2build

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	awsec2 "github.com/aws/aws-sdk-go-v2/service/ec2"
	awssfn "github.com/aws/aws-sdk-go-v2/service/sfn"
	awsssm "github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/events/pattern"
	"github.com/codesuite-go/codesuite/pipeline/actiontype"
)

// The keys of the tags of instances, besides [TagExecution].
const (
	TagBuilder    = "codesuite:ec2build"   // Options.Name
	TagTerminated = "codesuite:terminated" // why the sweep has terminated the instance
)

// tagLifetime is the key of the tag with the seconds after which the instance shuts
// itself down.
const tagLifetime = "codesuite:lifetime"

// ErrForeign is the error of an event of another account or Region than those of
// [Options].
var ErrForeign = errors.New("event of another account or Region")

// Handler starts builds for the jobs of an action type, and looks after their
// executions and instances. It is safe for concurrent use.
type Handler struct {
	clients    Clients
	actionType actiontype.Type
	machine    string // ARN of the state machine
	options    Options
	invalid    error   // of the arguments
	settled    settled // of the last sweeps
}

var machinePattern = regexp.MustCompile(`^arn:[a-z-]+:states:[a-z0-9-]+:[0-9]{12}:stateMachine:[^:]{1,80}$`)

// Open returns a handler for the account and Region of cfg, the action type and the
// ARN of the state machine. It calls nothing. The default of [Options].Region is
// the Region of cfg.
func Open(cfg aws.Config, actionType actiontype.Type, stateMachineARN string, optFns ...func(*Options)) *Handler {
	region := func(o *Options) { o.Region = cfg.Region }
	return New(Clients{
		CodePipeline:   awscodepipeline.NewFromConfig(cfg),
		StepFunctions:  awssfn.NewFromConfig(cfg),
		EC2:            awsec2.NewFromConfig(cfg),
		SystemsManager: awsssm.NewFromConfig(cfg),
	}, actionType, stateMachineARN, append([]func(*Options){region}, optFns...)...)
}

// New returns a handler that calls the clients. Arguments that make no sense are the
// error of the first call.
func New(clients Clients, actionType actiontype.Type, stateMachineARN string, optFns ...func(*Options)) *Handler {
	h := &Handler{clients: clients, actionType: actionType, machine: stateMachineARN}
	if h.actionType.Owner == "" {
		h.actionType.Owner = actiontype.OwnerCustom
	}
	for _, fn := range optFns {
		fn(&h.options)
	}
	errs := []error{h.options.settle()}
	if clients.CodePipeline == nil || clients.StepFunctions == nil || clients.EC2 == nil || clients.SystemsManager == nil {
		errs = append(errs, errors.New("a client is missing"))
	}
	if h.actionType.Owner != actiontype.OwnerCustom {
		errs = append(errs, fmt.Errorf("the owner of the action type is %q: builds are of the owner %s", h.actionType.Owner, actiontype.OwnerCustom))
	}
	errs = append(errs, h.actionType.ValidateID())
	if !machinePattern.MatchString(stateMachineARN) {
		errs = append(errs, fmt.Errorf("%q is not the ARN of a state machine", stateMachineARN))
	}
	if err := errors.Join(errs...); err != nil {
		h.invalid = fmt.Errorf("ec2build: %w", err)
	}
	return h
}

// Register registers the handler for the events of [Handler.Patterns], and to poll
// and sweep at every event of a schedule.
//
// A function with other schedules registers [Handler.HandleAction],
// [Handler.HandleExecution] and [Handler.HandleInterruption] itself, and calls
// [Handler.Poll] and [Handler.Sweep] at the schedule that is for them; pattern.When
// tells schedules apart.
func (h *Handler) Register(mux *events.Mux) error {
	if h.invalid != nil {
		return h.invalid
	}
	return errors.Join(
		events.On(mux, h.HandleAction),
		events.On(mux, h.HandleExecution),
		events.On(mux, h.HandleInterruption),
		events.On(mux, h.handleSchedule),
	)
}

// Patterns returns the patterns of the EventBridge rules for the handler: starts and
// aborts of actions of its type, ends and redrives of executions of its state
// machine, and interruptions of Spot Instances. Add the account to each rule, as
// anybody whom an event bus lets in may send events of others. A schedule besides,
// such as "rate(5 minutes)", has the handler sweep.
func (h *Handler) Patterns() ([]pattern.Pattern, error) {
	if h.invalid != nil {
		return nil, h.invalid
	}
	t := h.actionType
	var patterns []pattern.Pattern
	for _, source := range []pattern.Source{
		pattern.Fields{
			"source":      pattern.Equals("aws.codepipeline"),
			"detail-type": pattern.Equals("CodePipeline Action Execution State Change"),
			"detail": pattern.Fields{
				"state": pattern.Equals(string(events.ActionStarted), string(events.ActionAbandoned), string(events.ActionCanceled)),
				"type": pattern.Fields{
					"owner": pattern.Equals(t.Owner), "category": pattern.Equals(t.Category), "provider": pattern.Equals(t.Provider),
				},
			},
		},
		pattern.Fields{
			"source":      pattern.Equals("aws.states"),
			"detail-type": pattern.Equals("Step Functions Execution Status Change"),
			"detail":      pattern.Fields{"stateMachineArn": pattern.Equals(h.machine)},
		},
		pattern.Fields{
			"source":      pattern.Equals("aws.ec2"),
			"detail-type": pattern.Equals("EC2 Spot Instance Interruption Warning"),
		},
	} {
		p, err := pattern.New(source)
		if err != nil {
			return nil, fmt.Errorf("ec2build: %w", err)
		}
		patterns = append(patterns, p)
	}
	return patterns, nil
}

// HandleAction handles an event of an action of the handler's type, and ignores
// others. After a start it polls; see [Handler.Poll]. When an action has ended
// without the result of its job, as the pipeline was stopped, it stops the action's
// execution and terminates its instance.
func (h *Handler) HandleAction(ctx context.Context, e *events.ActionExecutionStateChange) error {
	if h.invalid != nil {
		return h.invalid
	}
	t := h.actionType
	if e.Type.Owner != t.Owner || e.Type.Category != t.Category || e.Type.Provider != t.Provider || e.Type.Version != t.Version {
		return nil
	}
	if err := h.foreign(e.Account, e.Region); err != nil {
		return err
	}
	switch e.State {
	case events.ActionStarted:
		return h.Poll(ctx)
	case events.ActionAbandoned, events.ActionCanceled:
		if e.ActionExecutionID == "" {
			h.options.Logger.WarnContext(ctx, "ec2build: the event does not say which execution was abandoned, the sweep will find it", "pipeline", e.Pipeline, "execution", e.ExecutionID)
			return nil
		}
		return h.abandon(ctx, e.ActionExecutionID, fmt.Sprintf("the action %q of pipeline %q was %s", e.Action, e.Pipeline, strings.ToLower(string(e.State))))
	}
	return nil
}

func (h *Handler) handleSchedule(ctx context.Context, _ *events.ScheduledEvent) error {
	if h.invalid != nil {
		return h.invalid
	}
	return errors.Join(h.Poll(ctx), h.Sweep(ctx))
}

func (h *Handler) foreign(account, region string) error {
	if o := h.options; o.Account != "" && account != o.Account || o.Region != "" && region != o.Region {
		return fmt.Errorf("ec2build: %w: it is of account %.20q in Region %.40q, the handler is for account %q in Region %q: narrow the rule",
			ErrForeign, account, region, o.Account, o.Region)
	}
	return nil
}
