package pipelinetest

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

// JobSpec describes a job that [Server.AddJob] makes. Only Type is needed.
type JobSpec struct {
	// Type is the action type: one of the owners Custom (the default) and
	// ThirdParty, or Invoke, AWS, Lambda, whose job is an invocation. The
	// default of the version is 1.
	Type ActionType

	// The pipeline context. The default is a pipeline named test, with the
	// names of the category and the provider for stage and action, and an
	// execution of its own for each job.
	Pipeline, ExecutionID, Stage, Action string

	// Configuration is that of the action, with secrets in the clear. If the
	// action type was created with CreateCustomActionType, it must fit. The
	// configuration of a Lambda job has a FunctionName.
	Configuration map[string]string
	// Inputs and Outputs are the artifacts. The defaults of bucket and key are
	// those of a pipeline. The contents of inputs are made up unless they were put
	// with [Server.PutObject].
	Inputs, Outputs   []Artifact
	EncryptionKey     string // ID or ARN of a KMS key; "" is the default key
	ContinuationToken string // of a job that continues another; up to 2,048 characters
	// ClientID is whose third-party job it is; the default is DefaultClientID.
	// Others need a token; see [Server.SetClientToken].
	ClientID string
}

// AddJob adds a job that belongs to no pipeline of the server, and returns its
// ID. Thousands of them are cheap. Its result ends nothing but the job, or
// continues it. AddJob fails if the action type has no jobs or was deleted, if the
// configuration does not fit it, if a name, an execution ID or a continuation token is
// not one of the service, or if the client has no token.
func (s *Server) AddJob(spec JobSpec) (id string, err error) {
	spec.Type.Owner = cmp.Or(spec.Type.Owner, "Custom")
	spec.Type.Version = cmp.Or(spec.Type.Version, "1")
	if spec.Type.Owner == "ThirdParty" {
		spec.ClientID = cmp.Or(spec.ClientID, DefaultClientID)
	}
	if err := spec.check(); err != nil {
		return "", fmt.Errorf("pipelinetest: job: %w", err)
	}
	defer s.deliver()
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.jobs
	if spec.ClientID != "" && t.clients[spec.ClientID] == "" {
		return "", fmt.Errorf("pipelinetest: job: the client %s has no token: call SetClientToken", spec.ClientID)
	}
	if spec.Type.Owner != "AWS" {
		a := t.actionType(spec.Type)
		if a.deleted {
			return "", fmt.Errorf("pipelinetest: job: the action type %s was deleted", spec.Type)
		}
		if err := a.checkConfiguration(spec.Configuration); err != nil {
			return "", fmt.Errorf("pipelinetest: job: %w", err)
		}
	}
	number := strconv.Itoa(len(t.all))
	j := &jobRecord{Job: Job{
		Type:              spec.Type,
		Pipeline:          cmp.Or(spec.Pipeline, "test"),
		ExecutionID:       cmp.Or(spec.ExecutionID, awsjson.UUID("execution of job", number)),
		Stage:             cmp.Or(spec.Stage, spec.Type.Category),
		Action:            cmp.Or(spec.Action, spec.Type.Provider),
		ActionExecutionID: awsjson.UUID("action of job", number),
		Configuration:     maps.Clone(spec.Configuration),
		EncryptionKey:     spec.EncryptionKey,
		ClientID:          spec.ClientID,
		ContinuationToken: spec.ContinuationToken,
	}}
	if j.Configuration == nil {
		j.Configuration = make(map[string]string)
	}
	j.Inputs, j.Outputs = j.located(spec.Inputs), j.located(spec.Outputs)
	t.add(j, s.clock())
	return j.ID, nil
}

// located returns the artifacts, with locations for those that have none.
func (j *jobRecord) located(artifacts []Artifact) []Artifact {
	artifacts = slices.Clone(artifacts)
	for i, a := range artifacts {
		artifacts[i].Bucket = cmp.Or(a.Bucket, defaultBucket)
		artifacts[i].Key = cmp.Or(a.Key, artifactKey(j.Pipeline, a.Name, j.ActionExecutionID))
	}
	return artifacts
}

// check returns what is wrong with the description.
func (spec *JobSpec) check() error {
	t := spec.Type
	switch {
	case !slices.Contains(categories, t.Category):
		return fmt.Errorf("there is no category %q", t.Category)
	case !slices.Contains(owners, t.Owner):
		return fmt.Errorf("the owner %q is not AWS, ThirdParty or Custom", t.Owner)
	case len(t.Provider) > 35 || !typePattern.MatchString(t.Provider):
		return fmt.Errorf("%q is not a provider", t.Provider)
	case len(t.Version) > 9 || !typePattern.MatchString(t.Version):
		return fmt.Errorf("%q is not the version of an action type", t.Version)
	case t.Owner == "AWS" && (t.Category != "Invoke" || t.Provider != "Lambda"):
		return fmt.Errorf("actions of the type %s have no jobs", t)
	case t.Owner == "AWS" && spec.Configuration["FunctionName"] == "":
		return errors.New("the configuration has no FunctionName")
	case t.Owner != "ThirdParty" && spec.ClientID != "":
		return errors.New("only jobs of the owner ThirdParty have a client")
	case utf8.RuneCountInString(spec.ContinuationToken) > 2048:
		return errors.New("the continuation token has more than 2,048 characters")
	}
	for _, name := range []string{spec.Pipeline, spec.Stage, spec.Action} {
		if name != "" && !validName(name) {
			return fmt.Errorf("%q is not the name of a pipeline, a stage or an action", name)
		}
	}
	if spec.ExecutionID != "" && !awsjson.IsUUID(spec.ExecutionID) {
		return fmt.Errorf("%q is not the ID of an execution", spec.ExecutionID)
	}
	for _, a := range slices.Concat(spec.Inputs, spec.Outputs) {
		if len(a.Name) > 100 || !artifactPattern.MatchString(a.Name) {
			return fmt.Errorf("%q is not the name of an artifact", a.Name)
		}
	}
	return checkConfiguration(spec.Configuration)
}
