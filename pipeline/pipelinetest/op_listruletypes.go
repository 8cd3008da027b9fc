package pipelinetest

import "github.com/codesuite-go/codesuite/pipeline/actiontype"

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
