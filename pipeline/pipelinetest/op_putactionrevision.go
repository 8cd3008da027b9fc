package pipelinetest

import (
	"time"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

type putActionRevisionInput struct {
	PipelineName *string `json:"pipelineName"`
	StageName    *string `json:"stageName"`
	ActionName   *string `json:"actionName"`
	Revision     *struct {
		ID       *string  `json:"revisionId"`
		ChangeID *string  `json:"revisionChangeId"`
		Created  *float64 `json:"created"`
	} `json:"actionRevision"`
}

type putActionRevisionOutput struct {
	NewRevision bool   `json:"newRevision"`
	ExecutionID string `json:"pipelineExecutionId,omitempty"`
}

func (s *Server) putActionRevision(in *putActionRevisionInput) (*putActionRevisionOutput, error) {
	var v validation
	v.name("pipelineName", in.PipelineName)
	v.name("stageName", in.StageName)
	v.name("actionName", in.ActionName)
	if r := in.Revision; r == nil {
		v.Fail("actionRevision", "Member must not be null")
	} else {
		v.Text("actionRevision.revisionId", r.ID, true, 1, 1500, nil)
		v.Text("actionRevision.revisionChangeId", r.ChangeID, true, 1, 100, nil)
		if r.Created == nil {
			v.Fail("actionRevision.created", "Member must not be null")
		}
	}
	if err := v.Err(); err != nil {
		return nil, err
	}
	p, a, err := s.actionNamed(in.PipelineName, in.StageName, in.ActionName)
	if err != nil {
		return nil, err
	}
	if !a.isSource() {
		return nil, awsjson.Errorf("ActionNotFoundException", "Action '%s' of pipeline '%s' is not a source action", a.Name, p.definition.Name)
	}
	if was, ok := p.revisions[a.Name]; ok && was.ID == *in.Revision.ID {
		out := new(putActionRevisionOutput)
		if n := len(p.executions); n > 0 {
			out.ExecutionID = p.executions[n-1].id
		}
		return out, nil
	}
	if p.full() {
		return nil, tooManyExecutions(p)
	}
	e := &execution{executionType: "STANDARD", trigger: Trigger{Type: "PutActionRevision", Detail: user}}
	if e.variables, err = p.definition.values(nil); err != nil {
		return nil, awsjson.Invalid("%v", err)
	}
	p.revisions[a.Name] = Revision{
		ID:       *in.Revision.ID,
		ChangeID: *in.Revision.ChangeID,
		Created:  time.UnixMilli(int64(*in.Revision.Created * 1000)),
	}
	p.add(e, 0, len(p.stages)-1)
	return &putActionRevisionOutput{true, e.id}, nil
}
