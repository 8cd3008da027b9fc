package pipelinetest

import (
	"slices"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

type putApprovalResultInput struct {
	PipelineName *string `json:"pipelineName"`
	StageName    *string `json:"stageName"`
	ActionName   *string `json:"actionName"`
	Token        *string `json:"token"`
	Result       *struct {
		Summary *string `json:"summary"`
		Status  *string `json:"status"`
	} `json:"result"`
}

type putApprovalResultOutput struct {
	ApprovedAt *awsjson.Timestamp `json:"approvedAt"`
}

func (s *Server) putApprovalResult(in *putApprovalResultInput) (*putApprovalResultOutput, error) {
	var v validation
	v.name("pipelineName", in.PipelineName)
	v.name("stageName", in.StageName)
	v.name("actionName", in.ActionName)
	v.UUID("token", in.Token, true)
	if in.Result == nil {
		v.Fail("result", "Member must not be null")
	} else {
		v.Text("result.summary", in.Result.Summary, true, 0, 512, nil)
		v.Enum("result.status", in.Result.Status, "Approved", "Rejected")
	}
	if err := v.Err(); err != nil {
		return nil, err
	}
	p, a, err := s.actionNamed(in.PipelineName, in.StageName, in.ActionName)
	if err != nil {
		return nil, err
	}
	r := p.runWithID(*in.Token)
	switch {
	case r == nil || !r.action.isApproval() || r.stage != *in.StageName || r.action.Name != a.Name:
		return nil, awsjson.Errorf("InvalidApprovalTokenException", "The approval token is not one of action '%s'", a.Name)
	case r.ended():
		return nil, awsjson.Errorf("ApprovalAlreadyCompletedException", "The approval of action '%s' has already been completed", a.Name)
	}
	outcome := Outcome{Summary: *in.Result.Summary}
	if *in.Result.Status == "Rejected" {
		outcome.State = StateFailed
	}
	r.updatedBy = user
	r.finish(outcome)
	return &putApprovalResultOutput{awsjson.At(r.updated)}, nil
}

// runWithID returns the run with the action execution ID, nil if there is
// none.
func (p *pipelineRecord) runWithID(id string) *run {
	for _, r := range slices.Backward(p.runs) {
		if r.id == id {
			return r
		}
	}
	return nil
}
