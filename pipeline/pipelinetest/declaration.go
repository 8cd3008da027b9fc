package pipelinetest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/codesuite-go/codesuite/internal/awsjson"
	"github.com/codesuite-go/codesuite/pipeline/actiontype"
)

var (
	rolePattern        = regexp.MustCompile(`^arn:aws(-[\w]+)*:iam::[0-9]{12}:role/.*$`)
	environmentPattern = regexp.MustCompile(`^[A-Za-z0-9_]+$`)
	bucketPattern      = regexp.MustCompile(`^[a-zA-Z0-9\-\.]+$`)
)

// The structure of a pipeline as CreatePipeline and UpdatePipeline get it.
type (
	pipelineInput struct {
		Name           *string                        `json:"name"`
		RoleARN        *string                        `json:"roleArn"`
		ArtifactStore  *artifactStoreInput            `json:"artifactStore"`
		ArtifactStores map[string]*artifactStoreInput `json:"artifactStores"`
		Stages         []stageInput                   `json:"stages"`
		Version        *int32                         `json:"version"`
		ExecutionMode  *string                        `json:"executionMode"`
		PipelineType   *string                        `json:"pipelineType"`
		Variables      []declarationInput             `json:"variables"`
		Triggers       []gitTriggerJSON               `json:"triggers"`
	}
	artifactStoreInput struct {
		Type          *string             `json:"type"`
		Location      *string             `json:"location"`
		EncryptionKey *encryptionKeyInput `json:"encryptionKey"`
	}
	encryptionKeyInput struct {
		ID   *string `json:"id"`
		Type *string `json:"type"`
	}
	declarationInput struct {
		Name         *string `json:"name"`
		DefaultValue *string `json:"defaultValue"`
		Description  *string `json:"description"`
	}
	stageInput struct {
		Name        *string         `json:"name"`
		Actions     []actionInput   `json:"actions"`
		Blockers    json.RawMessage `json:"blockers"`
		OnFailure   json.RawMessage `json:"onFailure"`
		OnSuccess   json.RawMessage `json:"onSuccess"`
		BeforeEntry json.RawMessage `json:"beforeEntry"`
	}
	actionInput struct {
		Name                 *string            `json:"name"`
		ActionTypeID         *actionTypeInput   `json:"actionTypeId"`
		RunOrder             *int32             `json:"runOrder"`
		Configuration        map[string]*string `json:"configuration"`
		OutputArtifacts      []artifactInput    `json:"outputArtifacts"`
		InputArtifacts       []artifactInput    `json:"inputArtifacts"`
		RoleARN              *string            `json:"roleArn"`
		Region               *string            `json:"region"`
		Namespace            *string            `json:"namespace"`
		Timeout              *int32             `json:"timeoutInMinutes"`
		Commands             []*string          `json:"commands"`
		OutputVariables      []*string          `json:"outputVariables"`
		EnvironmentVariables []environmentInput `json:"environmentVariables"`
	}
	environmentInput struct {
		Name  *string `json:"name"`
		Value *string `json:"value"`
		Type  *string `json:"type"`
	}
	artifactInput struct {
		Name  *string   `json:"name"`
		Files []*string `json:"files"`
	}
)

// What the API was given, and the server shows but does not act on.
type (
	declaredPipeline struct {
		roleARN string
		stores  map[string]artifactStoreJSON
	}
	declaredStage struct {
		blockers, onFailure, onSuccess, beforeEntry json.RawMessage
	}
)

// store checks an artifact store and returns it.
func (v *validation) store(member string, in *artifactStoreInput) artifactStoreJSON {
	if in == nil {
		v.Present(member, false)
		return artifactStoreJSON{}
	}
	v.Enum(member+".type", in.Type, "S3")
	v.Text(member+".location", in.Location, true, 3, 63, bucketPattern)
	out := artifactStoreJSON{Type: aws.ToString(in.Type), Location: aws.ToString(in.Location)}
	if key := in.EncryptionKey; key != nil {
		v.Text(member+".encryptionKey.id", key.ID, true, 1, 400, nil)
		v.Enum(member+".encryptionKey.type", key.Type, "KMS")
		out.EncryptionKey = &encryptionKeyJSON{aws.ToString(key.ID), aws.ToString(key.Type)}
	}
	return out
}

// raw checks that an optional member begins as a JSON array '[' or object '{',
// and returns it, nil if it is absent.
func (v *validation) raw(member string, value json.RawMessage, begin byte) json.RawMessage {
	if len(value) == 0 || string(value) == "null" {
		return nil
	}
	if value[0] != begin {
		v.Fail(member, "Member must begin with %c", begin)
	}
	return value
}

// texts checks an optional list of texts, and returns it.
func (v *validation) texts(member string, list []*string, most, longest int) []string {
	if list == nil {
		return nil
	}
	v.length(member, len(list), most)
	texts := make([]string, 0, len(list))
	for i, text := range list {
		v.Text(fmt.Sprintf("%s.%d.member", member, i+1), text, true, 1, longest, nil)
		texts = append(texts, aws.ToString(text))
	}
	return texts
}

// length checks the length of a list, which has one element at least.
func (v *validation) length(member string, n, most int) {
	if n < 1 || n > most {
		v.Fail(member, "Member must have length between 1 and %d", most)
	}
}

// pipeline returns the structure that a call declares, or what is wrong with it.
func (in *pipelineInput) pipeline(s *Server) (*Pipeline, error) {
	var v validation
	if in == nil {
		v.Present("pipeline", false)
		return nil, v.Err()
	}
	v.name("pipeline.name", in.Name)
	v.Text("pipeline.roleArn", in.RoleARN, true, 0, 1024, rolePattern)
	v.Present("pipeline.stages", in.Stages != nil)
	if in.ExecutionMode != nil {
		v.Enum("pipeline.executionMode", in.ExecutionMode, modes...)
	}
	if in.PipelineType != nil {
		v.Enum("pipeline.pipelineType", in.PipelineType, "V1", "V2")
	}
	v.Integer("pipeline.version", in.Version, 1, 1<<30)
	p := &Pipeline{
		Name:          aws.ToString(in.Name),
		Type:          cmp.Or(aws.ToString(in.PipelineType), "V1"),
		ExecutionMode: aws.ToString(in.ExecutionMode),
		declared: declaredPipeline{
			roleARN: aws.ToString(in.RoleARN),
		},
		Triggers: v.triggers(in.Triggers),
	}
	in.stores(&v, p)
	for i, d := range in.Variables {
		member := fmt.Sprintf("pipeline.variables.%d.member.", i+1)
		v.Text(member+"name", d.Name, true, 1, 128, variablePattern)
		v.Text(member+"defaultValue", d.DefaultValue, false, 1, 1000, nil)
		v.Text(member+"description", d.Description, false, 0, 200, nil)
		p.Variables = append(p.Variables, Variable{aws.ToString(d.Name), aws.ToString(d.DefaultValue), aws.ToString(d.Description)})
	}
	for i := range in.Stages {
		p.Stages = append(p.Stages, in.Stages[i].stage(s, &v, fmt.Sprintf("pipeline.stages.%d.member.", i+1)))
	}
	if err := v.Err(); err != nil {
		return nil, err
	}
	if (in.ArtifactStore == nil) == (in.ArtifactStores == nil) {
		return nil, awsjson.Errorf("InvalidStructureException", "A pipeline has either artifactStore or artifactStores")
	}
	definition, err := p.withDefaults()
	if err != nil {
		return nil, awsjson.Errorf("InvalidStructureException", "Pipeline '%s': %v", p.Name, err)
	}
	return &definition, nil
}

// stores takes over the artifact stores.
func (in *pipelineInput) stores(v *validation, p *Pipeline) {
	use := func(store artifactStoreJSON) {
		p.ArtifactBucket = store.Location
		if store.EncryptionKey != nil {
			p.EncryptionKey = store.EncryptionKey.ID
		}
	}
	if in.ArtifactStore != nil {
		use(v.store("pipeline.artifactStore", in.ArtifactStore))
	}
	for name, store := range in.ArtifactStores {
		if p.declared.stores == nil {
			p.declared.stores = make(map[string]artifactStoreJSON)
		}
		declared := v.store("pipeline.artifactStores."+name, store)
		p.declared.stores[name] = declared
		if name == region {
			use(declared)
		}
	}
}

func (in *stageInput) stage(s *Server, v *validation, member string) Stage {
	v.name(member+"name", in.Name)
	v.Present(member+"actions", in.Actions != nil)
	stage := Stage{Name: aws.ToString(in.Name), declared: declaredStage{
		blockers:    v.raw(member+"blockers", in.Blockers, '['),
		onFailure:   v.raw(member+"onFailure", in.OnFailure, '{'),
		onSuccess:   v.raw(member+"onSuccess", in.OnSuccess, '{'),
		beforeEntry: v.raw(member+"beforeEntry", in.BeforeEntry, '{'),
	}}
	if raw := stage.declared.beforeEntry; raw != nil {
		_, stage.BeforeEntry = v.conditions(member+"beforeEntry", raw)
	}
	if raw := stage.declared.onSuccess; raw != nil {
		_, stage.OnSuccess = v.conditions(member+"onSuccess", raw)
	}
	if raw := stage.declared.onFailure; raw != nil {
		given, condition := v.conditions(member+"onFailure", raw)
		stage.OnFailure = &OnFailure{Result: given.Result, Condition: condition}
		if given.Retry != nil {
			stage.OnFailure.RetryMode = given.Retry.Mode
		}
	}
	for i := range in.Actions {
		stage.Actions = append(stage.Actions, in.Actions[i].action(s, v, fmt.Sprintf("%sactions.%d.member.", member, i+1)))
	}
	return stage
}

func (in *actionInput) action(s *Server, v *validation, member string) Action {
	v.name(member+"name", in.Name)
	v.actionType(member+"actionTypeId", in.ActionTypeID)
	v.Integer(member+"runOrder", in.RunOrder, 1, 999)
	v.Text(member+"roleArn", in.RoleARN, false, 0, 1024, rolePattern)
	v.Text(member+"region", in.Region, false, 4, 30, nil)
	v.Text(member+"namespace", in.Namespace, false, 1, 100, variablePattern)
	v.Integer(member+"timeoutInMinutes", in.Timeout, 5, 86400)
	a := Action{
		Name:      aws.ToString(in.Name),
		RunOrder:  int(aws.ToInt32(in.RunOrder)),
		Region:    aws.ToString(in.Region),
		RoleARN:   aws.ToString(in.RoleARN),
		Namespace: aws.ToString(in.Namespace),
		Timeout:   time.Duration(aws.ToInt32(in.Timeout)) * time.Minute,

		Commands:        v.texts(member+"commands", in.Commands, 50, 1000),
		OutputVariables: v.texts(member+"outputVariables", in.OutputVariables, 15, 128),
	}
	if in.EnvironmentVariables != nil {
		v.length(member+"environmentVariables", len(in.EnvironmentVariables), 10)
	}
	for i, variable := range in.EnvironmentVariables {
		member := fmt.Sprintf("%senvironmentVariables.%d.member.", member, i+1)
		v.Text(member+"name", variable.Name, true, 1, 128, environmentPattern)
		v.Text(member+"value", variable.Value, true, 1, 2000, nil)
		if variable.Type != nil {
			v.Enum(member+"type", variable.Type, "PLAINTEXT", "SECRETS_MANAGER")
		}
		a.Environment = append(a.Environment, EnvironmentVariable{aws.ToString(variable.Name), aws.ToString(variable.Value), aws.ToString(variable.Type)})
	}
	for key, value := range in.Configuration {
		if a.Configuration == nil {
			a.Configuration = make(map[string]string, len(in.Configuration))
		}
		if value == nil {
			v.Fail(member+"configuration."+key, "Member must not be null")
			continue
		}
		a.Configuration[key] = *value
	}
	for i, artifact := range in.InputArtifacts {
		v.Text(fmt.Sprintf("%sinputArtifacts.%d.member.name", member, i+1), artifact.Name, true, 1, 100, artifactPattern)
		a.Inputs = append(a.Inputs, aws.ToString(artifact.Name))
	}
	for i, artifact := range in.OutputArtifacts {
		name := fmt.Sprintf("%soutputArtifacts.%d.member.", member, i+1)
		v.Text(name+"name", artifact.Name, true, 1, 100, artifactPattern)
		a.Outputs = append(a.Outputs, aws.ToString(artifact.Name))
		if files := v.texts(name+"files", artifact.Files, 10, 128); files != nil {
			if a.Files == nil {
				a.Files = make(map[string][]string)
			}
			a.Files[aws.ToString(artifact.Name)] = files
		}
	}
	if v.Err() == nil {
		a.Type = in.ActionTypeID.id()
		a.Secrets = s.secretsOf(a.Type)
		if connection, ok := s.connections[a.Configuration["ConnectionArn"]]; ok {
			a.connection = &connection
		}
	}
	return a
}

// secretsOf returns the secret properties of an action type.
func (s *Server) secretsOf(id ActionType) []string {
	var secrets []string
	if b, ok := actiontype.Find(id.Category, id.Owner, id.Provider, id.Version); ok {
		for _, p := range b.Properties {
			if p.Secret {
				secrets = append(secrets, p.Name)
			}
		}
	}
	if a := s.jobs.types[id]; a != nil && a.definition != nil {
		for _, p := range a.definition.Properties {
			if aws.ToBool(p.Secret) {
				secrets = append(secrets, *p.Name)
			}
		}
	}
	return secrets
}
