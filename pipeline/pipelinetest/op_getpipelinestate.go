package pipelinetest

import (
	"cmp"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

type getPipelineStateInput struct {
	Name *string `json:"name"`
}

type getPipelineStateOutput struct {
	PipelineName    string             `json:"pipelineName"`
	PipelineVersion int                `json:"pipelineVersion"`
	StageStates     []stageStateJSON   `json:"stageStates"`
	Created         *awsjson.Timestamp `json:"created"`
	Updated         *awsjson.Timestamp `json:"updated"`
}

type stageStateJSON struct {
	Name              string               `json:"stageName"`
	InboundExecution  *stageExecutionJSON  `json:"inboundExecution,omitempty"`
	InboundExecutions []stageExecutionJSON `json:"inboundExecutions"`
	Transition        *transitionJSON      `json:"inboundTransitionState,omitempty"`
	ActionStates      []actionStateJSON    `json:"actionStates"`
	LatestExecution   *stageExecutionJSON  `json:"latestExecution,omitempty"`
	Retry             *retryJSON           `json:"retryStageMetadata,omitempty"`

	BeforeEntry *conditionsStateJSON `json:"beforeEntryConditionState,omitempty"`
	OnSuccess   *conditionsStateJSON `json:"onSuccessConditionState,omitempty"`
	OnFailure   *conditionsStateJSON `json:"onFailureConditionState,omitempty"`
}

type conditionsStateJSON struct {
	LatestExecution *conditionExecutionJSON `json:"latestExecution,omitempty"`
	ConditionStates []conditionStateJSON    `json:"conditionStates"`
}

type conditionExecutionJSON struct {
	Status           string             `json:"status"`
	Summary          string             `json:"summary,omitempty"`
	LastStatusChange *awsjson.Timestamp `json:"lastStatusChange,omitempty"`
}

type conditionStateJSON struct {
	LatestExecution *conditionExecutionJSON `json:"latestExecution,omitempty"`
	RuleStates      []ruleStateJSON         `json:"ruleStates"`
}

type ruleStateJSON struct {
	Name            string             `json:"ruleName"`
	LatestExecution *ruleExecutionJSON `json:"latestExecution,omitempty"`
}

type ruleExecutionJSON struct {
	ID               string             `json:"ruleExecutionId"`
	Status           string             `json:"status"`
	Summary          string             `json:"summary,omitempty"`
	LastStatusChange *awsjson.Timestamp `json:"lastStatusChange"`
	ExternalID       string             `json:"externalExecutionId,omitempty"`
	URL              string             `json:"externalExecutionUrl,omitempty"`
	Error            *errorJSON         `json:"errorDetails,omitempty"`
}

type stageExecutionJSON struct {
	ExecutionID string `json:"pipelineExecutionId"`
	Status      string `json:"status"`
	Type        string `json:"type"`
}

type transitionJSON struct {
	Enabled        bool               `json:"enabled"`
	LastChangedBy  string             `json:"lastChangedBy,omitempty"`
	LastChangedAt  *awsjson.Timestamp `json:"lastChangedAt,omitempty"`
	DisabledReason string             `json:"disabledReason,omitempty"`
}

type retryJSON struct {
	Automatic int    `json:"autoStageRetryAttempt,omitempty"`
	Manual    int    `json:"manualStageRetryAttempt,omitempty"`
	Trigger   string `json:"latestRetryTrigger"`
}

type actionStateJSON struct {
	Name            string               `json:"actionName"`
	CurrentRevision *currentRevisionJSON `json:"currentRevision,omitempty"`
	LatestExecution *actionExecutionJSON `json:"latestExecution,omitempty"`
	EntityURL       string               `json:"entityUrl,omitempty"`
	RevisionURL     string               `json:"revisionUrl,omitempty"`
}

type currentRevisionJSON struct {
	ID       string             `json:"revisionId"`
	ChangeID string             `json:"revisionChangeId"`
	Created  *awsjson.Timestamp `json:"created"`
}

type actionExecutionJSON struct {
	ActionExecutionID string             `json:"actionExecutionId"`
	Status            string             `json:"status"`
	Summary           string             `json:"summary,omitempty"`
	LastStatusChange  *awsjson.Timestamp `json:"lastStatusChange"`
	Token             string             `json:"token,omitempty"`
	LastUpdatedBy     string             `json:"lastUpdatedBy,omitempty"`
	ExternalID        string             `json:"externalExecutionId,omitempty"`
	URL               string             `json:"externalExecutionUrl,omitempty"`
	PercentComplete   *int32             `json:"percentComplete,omitempty"`
	Error             *errorJSON         `json:"errorDetails,omitempty"`
	LogARN            string             `json:"logStreamARN,omitempty"`
}

func (s *Server) getPipelineState(in *getPipelineStateInput) (*getPipelineStateOutput, error) {
	var v validation
	v.name("name", in.Name)
	if err := v.Err(); err != nil {
		return nil, err
	}
	p, err := s.pipelineNamed(in.Name)
	if err != nil {
		return nil, err
	}
	out := &getPipelineStateOutput{
		PipelineName:    p.definition.Name,
		PipelineVersion: p.definition.Version,
		Created:         awsjson.At(p.created),
		Updated:         awsjson.At(p.updated),
	}
	for i := range p.stages {
		out.StageStates = append(out.StageStates, p.stageState(i))
	}
	return out, nil
}

func (p *pipelineRecord) stageState(i int) stageStateJSON {
	st, definition := p.stages[i], p.definition.Stages[i]
	out := stageStateJSON{Name: definition.Name, InboundExecutions: []stageExecutionJSON{}}
	inbound := st.waiting
	if st.occupant != nil && st.occupant.phase == entering {
		inbound = append([]*execution{st.occupant}, inbound...)
	}
	for _, e := range inbound {
		out.InboundExecutions = append(out.InboundExecutions, stageExecutionJSON{e.id, e.status, e.executionType})
	}
	if len(inbound) > 0 {
		out.InboundExecution = &out.InboundExecutions[len(inbound)-1]
	}
	if i > 0 {
		out.Transition = &transitionJSON{Enabled: st.disabled == nil}
		if !st.changed.IsZero() {
			out.Transition.LastChangedBy, out.Transition.LastChangedAt = user, awsjson.At(st.changed)
		}
		if st.disabled != nil {
			out.Transition.DisabledReason = st.disabled.reason
		}
	}
	var checks [conditionKinds]*check
	if e := st.latest; e != nil {
		s := e.stages[e.definition.stageIndex(definition.Name)]
		out.LatestExecution = &stageExecutionJSON{e.id, s.status, e.executionType}
		if s.lastRetry != "" {
			out.Retry = &retryJSON{s.automatic, s.retries, s.lastRetry}
		}
		checks = s.checks
	}
	for kind, state := range [conditionKinds]**conditionsStateJSON{&out.BeforeEntry, &out.OnSuccess, &out.OnFailure} {
		*state = conditionsState(definition.condition(conditionKind(kind)), checks[kind])
	}
	for j := range definition.Actions {
		out.ActionStates = append(out.ActionStates, p.server.actionState(st, &definition.Actions[j]))
	}
	return out
}

// conditionsState returns the state of a condition, and of the check if there was
// one, nil without a condition.
func conditionsState(condition *Condition, c *check) *conditionsStateJSON {
	if condition == nil {
		return nil
	}
	state := conditionStateJSON{RuleStates: []ruleStateJSON{}}
	out := &conditionsStateJSON{}
	if c != nil {
		state.LatestExecution = &conditionExecutionJSON{Status: c.status, LastStatusChange: awsjson.At(c.changed)}
		out.LatestExecution = &conditionExecutionJSON{Status: c.status}
		condition = c.condition
	}
	for i, rule := range condition.Rules {
		s := ruleStateJSON{Name: rule.Name}
		if c != nil {
			r := c.rules[i]
			s.LatestExecution = &ruleExecutionJSON{r.id, r.status, r.summary, awsjson.At(r.updated), r.externalID, told(r.url), r.errorJSON()}
		}
		state.RuleStates = append(state.RuleStates, s)
	}
	out.ConditionStates = []conditionStateJSON{state}
	return out
}

func (s *Server) actionState(st *stageRecord, a *Action) actionStateJSON {
	out := actionStateJSON{Name: a.Name, EntityURL: s.entityURL(a)}
	r := st.runs[a.Name]
	if r == nil {
		return out
	}
	latest := &actionExecutionJSON{
		ActionExecutionID: r.id,
		Status:            r.status,
		Summary:           r.summary,
		LastStatusChange:  awsjson.At(r.updated),
		LastUpdatedBy:     r.updatedBy,
		ExternalID:        r.externalID,
		URL:               told(r.url),
		Error:             r.errorJSON(),
		LogARN:            r.logARN(),
	}
	if r.percent != nil {
		percent := *r.percent
		latest.PercentComplete = &percent
	}
	if a.isApproval() {
		latest.ExternalID = ""
		if !r.ended() && !r.execution.parallel() {
			latest.Token = r.id
		}
	}
	out.LatestExecution = latest
	if v := r.revision; v != nil {
		out.CurrentRevision = &currentRevisionJSON{v.ID, cmp.Or(v.ChangeID, v.ID), awsjson.At(v.Created)}
		out.RevisionURL = told(v.URL)
	}
	return out
}
