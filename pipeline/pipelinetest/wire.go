package pipelinetest

import (
	"errors"
	"maps"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

const (
	region    = awsjson.Region
	accountID = awsjson.AccountID
)

// The structures that several replies have.
type (
	actionTypeJSON struct {
		Category string `json:"category"`
		Owner    string `json:"owner"`
		Provider string `json:"provider"`
		Version  string `json:"version"`
	}
	s3Location struct {
		Bucket string `json:"bucket"`
		Key    string `json:"key"`
	}
	artifactJSON struct {
		Name       string     `json:"name"`
		S3Location s3Location `json:"s3location"`
	}
	triggerJSON struct {
		Type   string `json:"triggerType"`
		Detail string `json:"triggerDetail,omitempty"`
	}
	rollbackJSON struct {
		Target string `json:"rollbackTargetPipelineExecutionId"`
	}
	errorJSON struct {
		Code    string `json:"code"`
		Message string `json:"message,omitempty"`
	}
	executionIDOutput struct {
		ExecutionID string `json:"pipelineExecutionId"`
	}
	nothing struct{}
)

func artifactsJSON(artifacts []Artifact) []artifactJSON {
	list := make([]artifactJSON, 0, len(artifacts))
	for _, a := range artifacts {
		list = append(list, artifactJSON{a.Name, s3Location{a.Bucket, a.Key}})
	}
	return list
}

func (e *execution) triggerJSON() *triggerJSON { return &triggerJSON{e.trigger.Type, e.trigger.Detail} }

func (e *execution) rollbackJSON() *rollbackJSON {
	if e.rollbackTarget == "" {
		return nil
	}
	return &rollbackJSON{e.rollbackTarget}
}

// errorJSON returns why the run failed, nil if it did not.
func (r *run) errorJSON() *errorJSON { return newError(r.errorCode, r.errorMessage) }

func (r *ruleRun) errorJSON() *errorJSON { return newError(r.errorCode, r.errorMessage) }

// newError returns the details of an error, nil without a code.
func newError(code, message string) *errorJSON {
	if code == "" {
		return nil
	}
	return &errorJSON{code, message}
}

// masked returns the configuration as the API shows it.
func (a *Action) masked(configuration map[string]string) map[string]string {
	shown := maps.Clone(configuration)
	if shown == nil {
		shown = make(map[string]string)
	}
	for _, key := range a.Secrets {
		if _, ok := shown[key]; ok {
			shown[key] = "****"
		}
	}
	return shown
}

// pipelineNamed returns the pipeline that a call names.
func (s *Server) pipelineNamed(name *string) (*pipelineRecord, error) {
	if p := s.pipelines[*name]; p != nil {
		return p, nil
	}
	return nil, awsjson.Errorf("PipelineNotFoundException", "Account '%s' does not have a pipeline with name '%s'", accountID, *name)
}

// stageNamed returns the pipeline and the index of the stage that a call names.
func (s *Server) stageNamed(name, stage *string) (*pipelineRecord, int, error) {
	p, err := s.pipelineNamed(name)
	if err != nil {
		return nil, 0, err
	}
	if i := p.definition.stageIndex(*stage); i >= 0 {
		return p, i, nil
	}
	return nil, 0, awsjson.Errorf("StageNotFoundException", "Pipeline '%s' does not have a stage with name '%s'", p.definition.Name, *stage)
}

// actionNamed returns the pipeline and the action that a call names.
func (s *Server) actionNamed(name, stage, action *string) (*pipelineRecord, *Action, error) {
	p, i, err := s.stageNamed(name, stage)
	if err != nil {
		return nil, nil, err
	}
	if a := p.definition.Stages[i].action(*action); a != nil {
		return p, a, nil
	}
	return nil, nil, awsjson.Errorf("ActionNotFoundException", "Stage '%s' of pipeline '%s' does not have an action with name '%s'",
		*stage, p.definition.Name, *action)
}

func executionNotFound(p *pipelineRecord, id string) error {
	return awsjson.Errorf("PipelineExecutionNotFoundException", "Pipeline '%s' does not have an execution with ID '%s'", p.definition.Name, id)
}

// The structures of jobs, which differ from those of executions.
type (
	jobDataJSON struct {
		ActionTypeID        *actionTypeJSON      `json:"actionTypeId,omitempty"`
		ActionConfiguration configurationJSON    `json:"actionConfiguration"`
		PipelineContext     *pipelineContextJSON `json:"pipelineContext,omitempty"`
		InputArtifacts      []jobArtifactJSON    `json:"inputArtifacts"`
		OutputArtifacts     []jobArtifactJSON    `json:"outputArtifacts"`
		ArtifactCredentials *credentialsJSON     `json:"artifactCredentials,omitempty"`
		ContinuationToken   string               `json:"continuationToken,omitempty"`
		EncryptionKey       *encryptionKeyJSON   `json:"encryptionKey,omitempty"`
	}
	configurationJSON struct {
		Configuration map[string]string `json:"configuration"`
	}
	pipelineContextJSON struct {
		PipelineName string            `json:"pipelineName"`
		Stage        nameJSON          `json:"stage"`
		Action       actionContextJSON `json:"action"`
		PipelineARN  string            `json:"pipelineArn,omitempty"`
		ExecutionID  string            `json:"pipelineExecutionId,omitempty"`
	}
	actionContextJSON struct {
		Name        string `json:"name"`
		ExecutionID string `json:"actionExecutionId"`
	}
	jobArtifactJSON struct {
		Name     string          `json:"name"`
		Revision *string         `json:"revision"`
		Location jobLocationJSON `json:"location"`
	}
	jobLocationJSON struct {
		Type       string            `json:"type"`
		S3Location jobS3LocationJSON `json:"s3Location"`
	}
	jobS3LocationJSON struct {
		Bucket string `json:"bucketName"`
		Key    string `json:"objectKey"`
	}
	credentialsJSON struct {
		AccessKeyID     string `json:"accessKeyId"`
		SecretAccessKey string `json:"secretAccessKey"`
		SessionToken    string `json:"sessionToken"`
		Expiration      int64  `json:"expirationTime,omitempty"` // in milliseconds, of Lambda jobs alone
	}
)

func jobArtifactsJSON(artifacts []Artifact) []jobArtifactJSON {
	list := make([]jobArtifactJSON, 0, len(artifacts))
	for _, a := range artifacts {
		out := jobArtifactJSON{Name: a.Name, Location: jobLocationJSON{"S3", jobS3LocationJSON{a.Bucket, a.Key}}}
		if a.Revision != "" {
			out.Revision = &a.Revision
		}
		list = append(list, out)
	}
	return list
}

// data returns the API's data of the job, with credentials of its own. Of a
// job that has ended and of one without artifacts there are none.
func (j *jobRecord) data() jobDataJSON {
	d := j.description()
	if len(j.Inputs)+len(j.Outputs) > 0 && !j.Status.Ended() {
		d.ArtifactCredentials = j.issue()
	}
	return d
}

// description returns the API's description of the job, without credentials.
func (j *jobRecord) description() jobDataJSON {
	d := jobDataJSON{
		ActionTypeID:        (*actionTypeJSON)(&j.Type),
		ActionConfiguration: configurationJSON{j.Configuration},
		PipelineContext: &pipelineContextJSON{
			PipelineName: j.Pipeline,
			Stage:        nameJSON{Name: j.Stage},
			Action:       actionContextJSON{j.Action, j.ActionExecutionID},
		},
		InputArtifacts:    jobArtifactsJSON(j.Inputs),
		OutputArtifacts:   jobArtifactsJSON(j.Outputs),
		ContinuationToken: j.ContinuationToken,
	}
	if d.ActionConfiguration.Configuration == nil {
		d.ActionConfiguration.Configuration = map[string]string{}
	}
	if !j.isThirdParty() {
		d.PipelineContext.PipelineARN = pipelineARN(j.Pipeline)
		d.PipelineContext.ExecutionID = j.ExecutionID
	}
	if j.EncryptionKey != "" {
		d.EncryptionKey = &encryptionKeyJSON{j.EncryptionKey, "KMS"}
	}
	return d
}

func pipelineARN(name string) string {
	return "arn:aws:codepipeline:" + region + ":" + accountID + ":" + name
}

// find returns the job that a call names, of those that the call is for.
func (t *jobTable) find(id *string, thirdParty bool) (*jobRecord, error) {
	if j := t.byID[*id]; j != nil && j.isThirdParty() == thirdParty {
		return j, nil
	}
	return nil, awsjson.Errorf("JobNotFoundException", "Job with ID '%s' not found", *id)
}

// codeOf returns the code of an error reply, "" of none.
func codeOf(err error) string {
	if e := (*awsjson.Error)(nil); errors.As(err, &e) {
		return e.Code
	}
	return ""
}
