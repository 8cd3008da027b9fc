package pipelinetest

import (
	"slices"
	"strings"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

type listTargetsInput struct {
	PipelineName      *string `json:"pipelineName"`
	ActionExecutionID *string `json:"actionExecutionId"`
	Filters           []struct {
		Name   *string  `json:"name"`
		Values []string `json:"values"`
	} `json:"filters"`
	MaxResults *int32  `json:"maxResults"`
	NextToken  *string `json:"nextToken"`
}

type listTargetsOutput struct {
	Targets   []targetJSON `json:"targets"`
	NextToken *string      `json:"nextToken,omitempty"`
}

type targetJSON struct {
	ID        string             `json:"targetId"`
	Type      string             `json:"targetType"`
	Status    string             `json:"status"`
	StartTime *awsjson.Timestamp `json:"startTime,omitempty"`
	EndTime   *awsjson.Timestamp `json:"endTime,omitempty"`
	Events    []targetEventJSON  `json:"events"`
}

type targetEventJSON struct {
	Name      string             `json:"name"`
	Status    string             `json:"status"`
	StartTime *awsjson.Timestamp `json:"startTime,omitempty"`
	EndTime   *awsjson.Timestamp `json:"endTime,omitempty"`
	Context   *targetContextJSON `json:"context,omitempty"`
}

type targetContextJSON struct {
	CommandID string `json:"ssmCommandId,omitempty"`
	Message   string `json:"message,omitempty"`
}

// listDeployActionExecutionTargets lists the targets of an action of EC2, and none of
// others.
func (s *Server) listDeployActionExecutionTargets(in *listTargetsInput) (*listTargetsOutput, error) {
	var v validation
	if in.PipelineName != nil {
		v.name("pipelineName", in.PipelineName)
	}
	v.Present("actionExecutionId", in.ActionExecutionID != nil)
	v.Page(in.MaxResults, 100, in.NextToken)
	var statuses []string
	for _, f := range in.Filters {
		v.Enum("filters.name", f.Name, "TARGET_STATUS")
		for _, value := range f.Values {
			v.Text("filters.values", &value, true, 1, 1<<20, nil)
		}
		statuses = append(statuses, f.Values...)
	}
	if err := v.Err(); err != nil {
		return nil, err
	}
	r, err := s.runNamed(in.PipelineName, *in.ActionExecutionID)
	if err != nil {
		return nil, err
	}
	targets := r.targetsAt(s.clock())
	if len(statuses) > 0 {
		targets = slices.DeleteFunc(slices.Clone(targets), func(t Target) bool { return !slices.Contains(statuses, t.Status) })
	}
	part, next, err := awsjson.Page(targets, in.NextToken, pageSize(in.MaxResults, 100), invalidToken, "targets", r.id, strings.Join(statuses, ","))
	if err != nil {
		return nil, err
	}
	out := &listTargetsOutput{Targets: []targetJSON{}, NextToken: next}
	for _, t := range part {
		out.Targets = append(out.Targets, t.json(r.configuration["InstanceType"]))
	}
	return out, nil
}

// runNamed returns the run with the action execution ID, of any pipeline if none is
// named.
func (s *Server) runNamed(pipeline *string, id string) (*run, error) {
	for name, p := range s.pipelines {
		if pipeline != nil && name != *pipeline {
			continue
		}
		if r := p.runWithID(id); r != nil {
			return r, nil
		}
	}
	if pipeline != nil {
		if _, err := s.pipelineNamed(pipeline); err != nil {
			return nil, err
		}
	}
	return nil, awsjson.Errorf("ActionExecutionNotFoundException", "There is no action execution with ID '%s'", id)
}

func (t Target) json(instanceType string) targetJSON {
	out := targetJSON{ID: t.ID, Type: instanceType, Status: t.Status, StartTime: awsjson.At(t.Started), EndTime: awsjson.At(t.Ended), Events: []targetEventJSON{}}
	for _, e := range t.Events {
		event := targetEventJSON{Name: e.Name, Status: e.Status, StartTime: awsjson.At(e.Started), EndTime: awsjson.At(e.Ended)}
		if c := (targetContextJSON{e.CommandID, e.Message}); c != (targetContextJSON{}) {
			event.Context = &c
		}
		out.Events = append(out.Events, event)
	}
	return out
}
