package pipeline

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"

	"github.com/codesuite-go/codesuite/internal/awstext"
)

// TransitionType says which transition of a stage is meant.
type TransitionType string

// The types of transitions.
const (
	TransitionInbound  TransitionType = "Inbound"  // into the stage
	TransitionOutbound TransitionType = "Outbound" // out of the stage, into the next
)

// Transition is the transition into a stage.
type Transition struct {
	Stage string
	// Enabled reports whether executions enter the stage. In front of a disabled
	// transition they wait.
	Enabled   bool
	Reason    string // for which it is disabled
	ChangedBy string // ARN of the user who last enabled or disabled it; may be empty
	ChangedAt time.Time
}

// Transitions returns the transitions of a pipeline in the order of the stages, by
// GetPipelineState. The first stage has none.
func (c *Client) Transitions(ctx context.Context, pipeline string) ([]Transition, error) {
	if err := c.need(opGetState, pipeline, "", "the name of the pipeline", pipeline); err != nil {
		return nil, err
	}
	state, err := c.state(ctx, pipeline)
	if err != nil {
		return nil, err
	}
	var transitions []Transition
	for _, stage := range state {
		t := stage.InboundTransitionState
		if t == nil {
			continue
		}
		transitions = append(transitions, Transition{
			Stage: aws.ToString(stage.StageName), Enabled: t.Enabled, Reason: aws.ToString(t.DisabledReason),
			ChangedBy: aws.ToString(t.LastChangedBy), ChangedAt: timeOf(t.LastChangedAt),
		})
	}
	return transitions, nil
}

// EnableTransition lets executions pass a transition again, by
// EnableStageTransition. One that is enabled already is no error. An empty type is
// [TransitionInbound]. The permission is for the ARN of the stage.
func (c *Client) EnableTransition(ctx context.Context, pipeline, stage string, transition TransitionType) error {
	kind, err := c.transition(opEnable, pipeline, stage, transition)
	if err != nil {
		return err
	}
	_, err = call(ctx, opEnable, pipeline, stage, c.api.EnableStageTransition, &awscodepipeline.EnableStageTransitionInput{
		PipelineName: &pipeline, StageName: &stage, TransitionType: kind,
	})
	return err
}

// maxTransitionReason is the API's limit in characters.
const maxTransitionReason = 300

// DisableTransition keeps executions from passing a transition, by
// DisableStageTransition: they wait until it is enabled. One that is disabled already
// is no error, and gets the reason. An empty type is [TransitionInbound]. The
// permission is for the ARN of the stage.
//
// The reason has 1 to 300 characters: the API takes letters and digits of ASCII,
// spaces and !@().*?- alone.
func (c *Client) DisableTransition(ctx context.Context, pipeline, stage string, transition TransitionType, reason string) error {
	kind, err := c.transition(opDisable, pipeline, stage, transition, "the reason", reason)
	if err != nil {
		return err
	}
	if err := checkReason(reason); err != nil {
		return &Error{Operation: opDisable, Pipeline: pipeline, Object: stage, Err: err}
	}
	_, err = call(ctx, opDisable, pipeline, stage, c.api.DisableStageTransition, &awscodepipeline.DisableStageTransitionInput{
		PipelineName: &pipeline, StageName: &stage, TransitionType: kind, Reason: &reason,
	})
	return err
}

// transition returns the SDK's type of a transition, or what is wrong with the
// request.
func (c *Client) transition(operation, pipeline, stage string, transition TransitionType, namesAndValues ...string) (types.StageTransitionType, error) {
	names := append([]string{"the name of the pipeline", pipeline, "the name of the stage", stage}, namesAndValues...)
	if err := c.need(operation, pipeline, stage, names...); err != nil {
		return "", err
	}
	switch transition {
	case "", TransitionInbound:
		return types.StageTransitionTypeInbound, nil
	case TransitionOutbound:
		return types.StageTransitionTypeOutbound, nil
	}
	return "", &Error{Operation: operation, Pipeline: pipeline, Object: stage,
		Err: fmt.Errorf("there is no transition of the type %.50q: use %s or %s", transition, TransitionInbound, TransitionOutbound)}
}

// checkReason finds what the service refuses without naming it.
func checkReason(reason string) error {
	for _, r := range reason {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		if !letter && !strings.ContainsRune("!@ ().*?-", r) {
			return fmt.Errorf("the reason has the character %q: use letters, digits, spaces and !@().*?- alone", r)
		}
	}
	if n := awstext.Len(reason); n > maxTransitionReason {
		return fmt.Errorf("the reason has %d characters: shorten it to %d", n, maxTransitionReason)
	}
	return nil
}
