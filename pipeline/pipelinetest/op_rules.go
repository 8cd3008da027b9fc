package pipelinetest

import (
	"slices"
	"strconv"

	"github.com/codesuite-go/codesuite/internal/awsjson"
	"github.com/codesuite-go/codesuite/pipeline/actiontype"
)

type listRuleTypesInput struct {
	Owner  *string `json:"ruleOwnerFilter"`
	Region *string `json:"regionFilter"`
}

type listRuleTypesOutput struct {
	RuleTypes []ruleTypeJSON `json:"ruleTypes"`
}

type ruleTypeJSON struct {
	ID             ruleTypeIDJSON     `json:"id"`
	Properties     []rulePropertyJSON `json:"ruleConfigurationProperties"`
	InputArtifacts countJSON          `json:"inputArtifactDetails"`
}

type rulePropertyJSON struct {
	Name     string `json:"name"`
	Required bool   `json:"required"`
	Key      bool   `json:"key"`
	Secret   bool   `json:"secret"`
}

type countJSON struct {
	Minimum int `json:"minimumCount"`
	Maximum int `json:"maximumCount"`
}

func (s *Server) listRuleTypes(in *listRuleTypesInput) (*listRuleTypesOutput, error) {
	var v validation
	if in.Owner != nil {
		v.Enum("ruleOwnerFilter", in.Owner, "AWS")
	}
	v.Text("regionFilter", in.Region, false, 4, 30, nil)
	if err := v.Err(); err != nil {
		return nil, err
	}
	out := &listRuleTypesOutput{RuleTypes: []ruleTypeJSON{}}
	for _, t := range actiontype.RuleTypes() {
		rule := ruleTypeJSON{ID: ruleTypeID(t.Provider), Properties: []rulePropertyJSON{}, InputArtifacts: countJSON{t.Inputs.Min, t.Inputs.Max}}
		for _, p := range t.Properties {
			rule.Properties = append(rule.Properties, rulePropertyJSON{Name: p.Name, Required: p.Required, Key: p.Key, Secret: p.Secret})
		}
		out.RuleTypes = append(out.RuleTypes, rule)
	}
	return out, nil
}

type listRuleExecutionsOutput struct {
	Details   []ruleDetailJSON `json:"ruleExecutionDetails"`
	NextToken *string          `json:"nextToken,omitempty"`
}

type ruleDetailJSON struct {
	ExecutionID     string             `json:"pipelineExecutionId"`
	RuleExecutionID string             `json:"ruleExecutionId"`
	PipelineVersion int                `json:"pipelineVersion"`
	Stage           string             `json:"stageName"`
	Rule            string             `json:"ruleName"`
	StartTime       *awsjson.Timestamp `json:"startTime"`
	LastUpdateTime  *awsjson.Timestamp `json:"lastUpdateTime"`
	Status          string             `json:"status"`
	Input           ruleInputJSON      `json:"input"`
	Output          ruleOutputJSON     `json:"output"`
}

type ruleInputJSON struct {
	Type                  ruleTypeIDJSON    `json:"ruleTypeId"`
	Configuration         map[string]string `json:"configuration"`
	ResolvedConfiguration map[string]string `json:"resolvedConfiguration"`
	RoleARN               string            `json:"roleArn,omitempty"`
	Region                string            `json:"region"`
	InputArtifacts        []artifactJSON    `json:"inputArtifacts"`
}

type ruleOutputJSON struct {
	Result *resultJSON `json:"executionResult,omitempty"`
}

func (s *Server) listRuleExecutions(in *listActionExecutionsInput) (*listRuleExecutionsOutput, error) {
	p, executionID, latest, err := s.listed(in)
	if err != nil {
		return nil, err
	}
	if executionID != "" && p.byID[executionID] == nil {
		return nil, executionNotFound(p, executionID)
	}
	var list []*ruleRun
	seen := make(map[[2]string]bool)
	for _, r := range slices.Backward(p.rules) {
		key := [2]string{r.stage, r.rule.Name}
		if executionID != "" && r.execution.id != executionID || latest && seen[key] {
			continue
		}
		seen[key] = true
		list = append(list, r)
	}
	part, next, err := awsjson.Page(list, in.NextToken, pageSize(in.MaxResults, 100), invalidToken, "rules", p.definition.Name, executionID, strconv.FormatBool(latest))
	if err != nil {
		return nil, err
	}
	out := &listRuleExecutionsOutput{Details: make([]ruleDetailJSON, 0, len(part)), NextToken: next}
	for _, r := range part {
		out.Details = append(out.Details, r.detail())
	}
	return out, nil
}

func (r *ruleRun) detail() ruleDetailJSON {
	d := ruleDetailJSON{
		ExecutionID:     r.execution.id,
		RuleExecutionID: r.id,
		PipelineVersion: r.execution.definition.Version,
		Stage:           r.stage,
		Rule:            r.rule.Name,
		StartTime:       awsjson.At(r.started),
		LastUpdateTime:  awsjson.At(r.updated),
		Status:          r.status,
		Input: ruleInputJSON{
			Type: ruleTypeID(r.rule.Provider), Configuration: present(r.rule.Configuration), ResolvedConfiguration: present(r.configuration),
			RoleARN: r.rule.RoleARN, Region: r.rule.Region, InputArtifacts: artifactsJSON(r.inputs),
		},
	}
	if result := (resultJSON{ExternalID: r.externalID, Summary: r.summary, URL: told(r.url), Error: r.errorJSON()}); result != (resultJSON{}) {
		d.Output.Result = &result
	}
	return d
}

// present returns an empty map for none.
func present(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}
