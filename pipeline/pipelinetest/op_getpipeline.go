package pipelinetest

import (
	"cmp"
	"encoding/json"
	"time"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

const roleARN = "arn:aws:iam::" + accountID + ":role/codepipeline-service-role"

type getPipelineInput struct {
	Name    *string `json:"name"`
	Version *int32  `json:"version"`
}

type getPipelineOutput struct {
	Pipeline pipelineJSON `json:"pipeline"`
	Metadata metadataJSON `json:"metadata"`
}

type pipelineJSON struct {
	Name          string             `json:"name"`
	RoleARN       string             `json:"roleArn"`
	ArtifactStore *artifactStoreJSON `json:"artifactStore,omitempty"`
	Stages        []stageJSON        `json:"stages"`
	Version       int                `json:"version"`
	ExecutionMode string             `json:"executionMode"`
	PipelineType  string             `json:"pipelineType"`
	Variables     []declarationJSON  `json:"variables,omitempty"`

	ArtifactStores map[string]artifactStoreJSON `json:"artifactStores,omitempty"`
	Triggers       []gitTriggerJSON             `json:"triggers,omitempty"`
}

type artifactStoreJSON struct {
	Type          string             `json:"type"`
	Location      string             `json:"location"`
	EncryptionKey *encryptionKeyJSON `json:"encryptionKey,omitempty"`
}

type encryptionKeyJSON struct {
	ID   string `json:"id"`
	Type string `json:"type"`
}

type declarationJSON struct {
	Name         string `json:"name"`
	DefaultValue string `json:"defaultValue,omitempty"`
	Description  string `json:"description,omitempty"`
}

type stageJSON struct {
	Name    string       `json:"name"`
	Actions []actionJSON `json:"actions"`

	Blockers    json.RawMessage `json:"blockers,omitempty"`
	OnFailure   json.RawMessage `json:"onFailure,omitempty"`
	OnSuccess   json.RawMessage `json:"onSuccess,omitempty"`
	BeforeEntry json.RawMessage `json:"beforeEntry,omitempty"`
}

type actionJSON struct {
	Name            string            `json:"name"`
	ActionTypeID    actionTypeJSON    `json:"actionTypeId"`
	RunOrder        int               `json:"runOrder"`
	Configuration   map[string]string `json:"configuration"`
	OutputArtifacts []nameJSON        `json:"outputArtifacts"`
	InputArtifacts  []nameJSON        `json:"inputArtifacts"`
	RoleARN         string            `json:"roleArn,omitempty"`
	Region          string            `json:"region"`
	Namespace       string            `json:"namespace,omitempty"`
	Timeout         int               `json:"timeoutInMinutes,omitempty"`

	Commands             []string          `json:"commands,omitempty"`
	OutputVariables      []string          `json:"outputVariables,omitempty"`
	EnvironmentVariables []environmentJSON `json:"environmentVariables,omitempty"`
}

type environmentJSON struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	Type  string `json:"type,omitempty"`
}

type nameJSON struct {
	Name  string   `json:"name"`
	Files []string `json:"files,omitempty"`
}

type metadataJSON struct {
	ARN     string             `json:"pipelineArn"`
	Created *awsjson.Timestamp `json:"created"`
	Updated *awsjson.Timestamp `json:"updated"`
}

func (s *Server) getPipeline(in *getPipelineInput) (*getPipelineOutput, error) {
	var v validation
	v.name("name", in.Name)
	if in.Version != nil && *in.Version < 1 {
		v.Fail("version", "Member must have value greater than or equal to 1")
	}
	if err := v.Err(); err != nil {
		return nil, err
	}
	p, err := s.pipelineNamed(in.Name)
	if err != nil {
		return nil, err
	}
	definition := p.definition
	if in.Version != nil {
		if definition = p.versions[int(*in.Version)]; definition == nil {
			return nil, awsjson.Errorf("PipelineVersionNotFoundException", "Pipeline '%s' has no version %d", p.definition.Name, *in.Version)
		}
	}
	return &getPipelineOutput{definition.json(), metadataJSON{p.arn, awsjson.At(p.created), awsjson.At(p.updated)}}, nil
}

func (p *Pipeline) json() pipelineJSON {
	out := pipelineJSON{
		Name:          p.Name,
		RoleARN:       cmp.Or(p.declared.roleARN, roleARN),
		Version:       p.Version,
		ExecutionMode: p.ExecutionMode,
		PipelineType:  p.Type,

		ArtifactStores: p.declared.stores,
	}
	for i := range p.Triggers {
		out.Triggers = append(out.Triggers, p.Triggers[i].json())
	}
	if p.declared.stores == nil {
		out.ArtifactStore = &artifactStoreJSON{Type: "S3", Location: p.ArtifactBucket}
		if p.EncryptionKey != "" {
			out.ArtifactStore.EncryptionKey = &encryptionKeyJSON{p.EncryptionKey, "KMS"}
		}
	}
	for _, v := range p.Variables {
		out.Variables = append(out.Variables, declarationJSON(v))
	}
	names := func(artifacts []string, files map[string][]string) []nameJSON {
		list := make([]nameJSON, 0, len(artifacts))
		for _, name := range artifacts {
			list = append(list, nameJSON{name, files[name]})
		}
		return list
	}
	for _, stage := range p.Stages {
		actions := make([]actionJSON, 0, len(stage.Actions))
		for _, a := range stage.Actions {
			actions = append(actions, actionJSON{
				Name:            a.Name,
				ActionTypeID:    actionTypeJSON(a.Type),
				RunOrder:        a.RunOrder,
				Configuration:   a.masked(a.Configuration),
				OutputArtifacts: names(a.Outputs, a.Files),
				InputArtifacts:  names(a.Inputs, nil),
				RoleARN:         a.RoleARN,
				Region:          a.Region,
				Namespace:       a.Namespace,
				Timeout:         int(a.Timeout / time.Minute),

				Commands:             a.Commands,
				OutputVariables:      a.OutputVariables,
				EnvironmentVariables: a.environmentJSON(),
			})
		}
		out.Stages = append(out.Stages, stageJSON{
			Name: stage.Name, Actions: actions, Blockers: stage.declared.blockers, OnFailure: stage.conditionsJSON(onFailure),
			OnSuccess: stage.conditionsJSON(onSuccess), BeforeEntry: stage.conditionsJSON(beforeEntry),
		})
	}
	return out
}

func (a *Action) environmentJSON() []environmentJSON {
	var list []environmentJSON
	for _, v := range a.Environment {
		list = append(list, environmentJSON(v))
	}
	return list
}
