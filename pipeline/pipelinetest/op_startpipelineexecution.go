package pipelinetest

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

type startPipelineExecutionInput struct {
	Name      *string `json:"name"`
	Token     *string `json:"clientRequestToken"`
	Variables []struct {
		Name  *string `json:"name"`
		Value *string `json:"value"`
	} `json:"variables"`
	SourceRevisions []overrideInput `json:"sourceRevisions"`
}

type overrideInput struct {
	Action *string `json:"actionName"`
	Type   *string `json:"revisionType"`
	Value  *string `json:"revisionValue"`
}

func (in *startPipelineExecutionInput) validate() error {
	var v validation
	v.name("name", in.Name)
	v.Text("clientRequestToken", in.Token, false, 1, 128, tokenPattern)
	if in.Variables != nil && (len(in.Variables) < 1 || len(in.Variables) > 50) {
		v.Fail("variables", "Member must have length between 1 and 50")
	}
	for i, variable := range in.Variables {
		member := fmt.Sprintf("variables.%d.member.", i+1)
		v.Text(member+"name", variable.Name, true, 1, 128, variablePattern)
		v.Text(member+"value", variable.Value, true, 1, 1000, nil)
	}
	if len(in.SourceRevisions) > 50 {
		v.Fail("sourceRevisions", "Member must have length less than or equal to 50")
	}
	for i, override := range in.SourceRevisions {
		member := fmt.Sprintf("sourceRevisions.%d.member.", i+1)
		v.name(member+"actionName", override.Action)
		v.Enum(member+"revisionType", override.Type, "COMMIT_ID", "IMAGE_DIGEST", "S3_OBJECT_VERSION_ID", "S3_OBJECT_KEY")
		v.Text(member+"revisionValue", override.Value, true, 1, 1500, nil)
	}
	return v.Err()
}

func (s *Server) startPipelineExecution(in *startPipelineExecutionInput) (*executionIDOutput, error) {
	if err := in.validate(); err != nil {
		return nil, err
	}
	p, err := s.pipelineNamed(in.Name)
	if err != nil {
		return nil, err
	}
	e := &execution{
		executionType: "STANDARD",
		trigger:       Trigger{Type: "StartPipelineExecution", Detail: user},
		request:       in.fingerprint(),
	}
	if in.Token != nil {
		e.token = *in.Token
		if was := p.byToken[e.token]; was != nil {
			if was.request != e.request {
				return nil, awsjson.Invalid("The clientRequestToken was used for a request with other parameters")
			}
			return &executionIDOutput{was.id}, nil
		}
	}
	given := make(map[string]string, len(in.Variables))
	for _, variable := range in.Variables {
		if _, twice := given[*variable.Name]; twice {
			return nil, awsjson.Invalid("The variable %s is given twice", *variable.Name)
		}
		given[*variable.Name] = *variable.Value
	}
	if e.variables, err = p.definition.values(given); err != nil {
		return nil, awsjson.Invalid("%v", err)
	}
	if e.overrides, err = p.overrides(in.SourceRevisions); err != nil {
		return nil, err
	}
	if p.full() {
		return nil, tooManyExecutions(p)
	}
	p.add(e, 0, len(p.stages)-1)
	return &executionIDOutput{e.id}, nil
}

// fingerprint returns what the request asks for, without its token.
func (in *startPipelineExecutionInput) fingerprint() string {
	request := *in
	request.Token = nil
	b, _ := json.Marshal(request) // cannot fail
	return string(b)
}

func tooManyExecutions(p *pipelineRecord) error {
	return awsjson.Errorf("ConcurrentPipelineExecutionsLimitExceededException", "Pipeline '%s' has %d executions in progress", p.definition.Name, maxConcurrent)
}

// values returns the values of the variables in an execution that was given
// some of them.
func (p *Pipeline) values(given map[string]string) ([]resolvedVariable, error) {
	var list []resolvedVariable
	for _, v := range p.Variables {
		value, ok := given[v.Name]
		if !ok {
			if value = v.DefaultValue; value == "" {
				return nil, fmt.Errorf("the variable %s has no default value and must be given", v.Name)
			}
		}
		list = append(list, resolvedVariable{v.Name, value})
	}
	for name := range given {
		if !slices.ContainsFunc(p.Variables, func(v Variable) bool { return v.Name == name }) {
			return nil, fmt.Errorf("the pipeline %s has no variable %s", p.Name, name)
		}
	}
	return list, nil
}

// overrides returns what the source actions are to find.
func (p *pipelineRecord) overrides(list []overrideInput) (map[string]Revision, error) {
	overrides := make(map[string]Revision)
	seen := make(map[[2]string]bool)
	for _, o := range list {
		a := p.definition.Stages[0].action(*o.Action)
		if a == nil {
			return nil, awsjson.Invalid("Pipeline '%s' does not have a source action with name '%s'", p.definition.Name, *o.Action)
		}
		kind := ""
		switch a.Type.Provider {
		case "CodeCommit", "GitHub", "CodeStarSourceConnection":
			kind = "COMMIT_ID"
		case "ECR":
			kind = "IMAGE_DIGEST"
		case "S3":
			kind = "S3_OBJECT_VERSION_ID"
			if *o.Type == "S3_OBJECT_KEY" {
				kind = *o.Type
				if a.Configuration["AllowOverrideForS3ObjectKey"] != "true" {
					return nil, awsjson.Invalid("The source action '%s' does not allow to override the object key", a.Name)
				}
			}
		}
		if *o.Type != kind {
			return nil, awsjson.Invalid("The source action '%s' does not take revisions of the type %s", a.Name, *o.Type)
		}
		key := [2]string{a.Name, kind}
		if seen[key] {
			return nil, awsjson.Invalid("The source action '%s' has two revisions of the type %s", a.Name, kind)
		}
		seen[key] = true
		revision := overrides[a.Name]
		if kind == "S3_OBJECT_KEY" {
			revision.objectKey = *o.Value
		} else {
			revision.ID = *o.Value
		}
		overrides[a.Name] = revision
	}
	return overrides, nil
}
