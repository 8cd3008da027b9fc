package pipelinetest

import (
	"maps"
	"slices"
	"strconv"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

type listActionExecutionsInput struct {
	PipelineName *string `json:"pipelineName"`
	MaxResults   *int32  `json:"maxResults"`
	NextToken    *string `json:"nextToken"`
	Filter       *struct {
		ExecutionID *string `json:"pipelineExecutionId"`
		Latest      *struct {
			ExecutionID    *string `json:"pipelineExecutionId"`
			StartTimeRange *string `json:"startTimeRange"`
		} `json:"latestInPipelineExecution"`
	} `json:"filter"`
}

type listActionExecutionsOutput struct {
	Details   []actionDetailJSON `json:"actionExecutionDetails"`
	NextToken *string            `json:"nextToken,omitempty"`
}

type actionDetailJSON struct {
	ExecutionID       string             `json:"pipelineExecutionId"`
	ActionExecutionID string             `json:"actionExecutionId"`
	PipelineVersion   int                `json:"pipelineVersion"`
	Stage             string             `json:"stageName"`
	Action            string             `json:"actionName"`
	StartTime         *awsjson.Timestamp `json:"startTime"`
	LastUpdateTime    *awsjson.Timestamp `json:"lastUpdateTime"`
	UpdatedBy         string             `json:"updatedBy,omitempty"`
	Status            string             `json:"status"`
	Input             inputJSON          `json:"input"`
	Output            outputJSON         `json:"output"`
}

type inputJSON struct {
	ActionTypeID          actionTypeJSON    `json:"actionTypeId"`
	Configuration         map[string]string `json:"configuration"`
	ResolvedConfiguration map[string]string `json:"resolvedConfiguration"`
	RoleARN               string            `json:"roleArn,omitempty"`
	Region                string            `json:"region"`
	InputArtifacts        []artifactJSON    `json:"inputArtifacts"`
	Namespace             string            `json:"namespace,omitempty"`
}

type outputJSON struct {
	OutputArtifacts []artifactJSON    `json:"outputArtifacts"`
	Result          *resultJSON       `json:"executionResult,omitempty"`
	OutputVariables map[string]string `json:"outputVariables"`
}

type resultJSON struct {
	ExternalID string     `json:"externalExecutionId,omitempty"`
	Summary    string     `json:"externalExecutionSummary,omitempty"`
	URL        string     `json:"externalExecutionUrl,omitempty"`
	Error      *errorJSON `json:"errorDetails,omitempty"`
	LogARN     string     `json:"logStreamARN,omitempty"`
}

// listed checks the input of a list of action or rule executions. It returns the
// pipeline, the execution that is asked for, "" for all, and whether only the
// newest run of each action or rule is.
func (s *Server) listed(in *listActionExecutionsInput) (p *pipelineRecord, executionID string, latest bool, err error) {
	var v validation
	v.name("pipelineName", in.PipelineName)
	v.Page(in.MaxResults, 100, in.NextToken)
	if f := in.Filter; f != nil {
		v.UUID("filter.pipelineExecutionId", f.ExecutionID, false)
		if f.ExecutionID != nil {
			executionID = *f.ExecutionID
		}
		if f.Latest != nil {
			v.UUID("filter.latestInPipelineExecution.pipelineExecutionId", f.Latest.ExecutionID, true)
			v.Enum("filter.latestInPipelineExecution.startTimeRange", f.Latest.StartTimeRange, "Latest", "All")
			if f.ExecutionID != nil {
				v.Fail("filter", "Member must have one of pipelineExecutionId and latestInPipelineExecution")
			}
		}
	}
	if err := v.Err(); err != nil {
		return nil, "", false, err
	}
	if in.Filter != nil && in.Filter.Latest != nil {
		executionID, latest = *in.Filter.Latest.ExecutionID, *in.Filter.Latest.StartTimeRange == "Latest"
	}
	p, err = s.pipelineNamed(in.PipelineName)
	return p, executionID, latest, err
}

func (s *Server) listActionExecutions(in *listActionExecutionsInput) (*listActionExecutionsOutput, error) {
	p, executionID, latest, err := s.listed(in)
	if err != nil {
		return nil, err
	}
	runs, err := p.runsOf(executionID, latest)
	if err != nil {
		return nil, err
	}
	part, next, err := awsjson.Page(runs, in.NextToken, pageSize(in.MaxResults, 100), invalidToken, "actions", p.definition.Name, executionID, strconv.FormatBool(latest))
	if err != nil {
		return nil, err
	}
	out := &listActionExecutionsOutput{Details: make([]actionDetailJSON, 0, len(part)), NextToken: next}
	for _, r := range part {
		out.Details = append(out.Details, r.detail())
	}
	return out, nil
}

// runsOf returns the runs of the execution with the ID, or of all if it is "",
// the newest first; if latest is set, only the newest of each action.
func (p *pipelineRecord) runsOf(executionID string, latest bool) ([]*run, error) {
	runs := p.runs
	if executionID != "" {
		e := p.byID[executionID]
		if e == nil {
			return nil, executionNotFound(p, executionID)
		}
		runs = e.runs
	}
	list := make([]*run, 0, len(runs))
	seen := make(map[[2]string]bool)
	for _, r := range slices.Backward(runs) {
		if key := [2]string{r.stage, r.action.Name}; !latest || !seen[key] {
			seen[key] = true
			list = append(list, r)
		}
	}
	return list, nil
}

func (r *run) detail() actionDetailJSON {
	e, a := r.execution, r.action
	d := actionDetailJSON{
		ExecutionID:       e.id,
		ActionExecutionID: r.id,
		PipelineVersion:   e.definition.Version,
		Stage:             r.stage,
		Action:            a.Name,
		StartTime:         awsjson.At(r.started),
		LastUpdateTime:    awsjson.At(r.updated),
		UpdatedBy:         r.updatedBy,
		Status:            r.status,
		Input: inputJSON{
			ActionTypeID:          actionTypeJSON(a.Type),
			Configuration:         a.masked(a.Configuration),
			ResolvedConfiguration: a.masked(r.configuration),
			RoleARN:               a.RoleARN,
			Region:                a.Region,
			InputArtifacts:        artifactsJSON(r.inputs),
			Namespace:             a.Namespace,
		},
		Output: outputJSON{
			OutputArtifacts: []artifactJSON{},
			OutputVariables: make(map[string]string),
		},
	}
	if r.status == "Succeeded" {
		d.Output.OutputArtifacts = artifactsJSON(r.outputs)
		maps.Copy(d.Output.OutputVariables, r.variables)
	}
	if result := (resultJSON{r.externalID, r.summary, told(r.url), r.errorJSON(), r.logARN()}); result != (resultJSON{}) {
		d.Output.Result = &result
	}
	return d
}
