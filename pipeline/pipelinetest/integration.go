package pipelinetest

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/codesuite-go/codesuite/pipeline/actiontype"
)

// Executor is how the actions of a partner's action type run.
type Executor struct {
	// Function is the ARN of the function that [Server.OnInvoke] invokes for each job.
	// Without one, job workers poll for the jobs. Either way they put results as for
	// a custom action: PutJobSuccessResult and PutJobFailureResult.
	Function string
	Timeout  time.Duration // of each job: 1 minute to 12 hours in whole seconds; 0 is none
}

// AddActionType makes an action type of the owner ThirdParty as its provider makes
// it with an integration model, to be shown by GetActionType, changed by
// UpdateActionType and used by pipelines. Action types that are not made so belong to
// the older API of third-party jobs. AddActionType fails if the owner is another, or if
// the service would not accept the type or the executor.
func (s *Server) AddActionType(t actiontype.Type, executor Executor) error {
	if t.Owner != actiontype.OwnerThirdParty {
		return fmt.Errorf("pipelinetest: action type %s: the owner is not ThirdParty", t)
	}
	d := declarationOf(t, executor)
	if err := d.check(); err != nil {
		return fmt.Errorf("pipelinetest: action type %s: %w", t, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.jobs.integrate(d)
	return nil
}

func declarationOf(t actiontype.Type, executor Executor) *typeDeclaration {
	text := func(value string) *string {
		if value == "" {
			return nil
		}
		return &value
	}
	counts := func(c actiontype.ArtifactCount) *countsJSON {
		return &countsJSON{aws.Int32(int32(c.Min)), aws.Int32(int32(c.Max))}
	}
	d := &typeDeclaration{
		Executor:    &executorJSON{Type: aws.String("JobWorker"), Configuration: &executorConfigurationJSON{}},
		ID:          &actionTypeInput{&t.Category, &t.Owner, &t.Provider, &t.Version},
		Inputs:      counts(t.Inputs),
		Outputs:     counts(t.Outputs),
		Permissions: &permissionsJSON{[]string{"*"}},
		URLs:        &typeURLsJSON{text(t.ConfigurationURL), text(t.EntityURLTemplate), text(t.ExecutionURLTemplate), text(t.RevisionURLTemplate)},
	}
	if executor.Function != "" {
		d.Executor.Type = aws.String("Lambda")
		d.Executor.Configuration.Lambda = &lambdaExecutorJSON{&executor.Function}
	} else {
		d.Executor.Configuration.Worker = &workerExecutorJSON{Accounts: []string{accountID}}
	}
	if executor.Timeout > 0 {
		d.Executor.JobTimeout = aws.Int32(int32(executor.Timeout / time.Second))
	}
	for _, p := range t.Properties {
		d.Properties = append(d.Properties, declaredPropertyJSON{
			Name: &p.Name, Optional: aws.Bool(!p.Required), Key: &p.Key, NoEcho: &p.Secret, Queryable: p.Queryable, Description: text(p.Description),
		})
	}
	return d
}

// integrate takes over the declaration of an action type.
func (t *jobTable) integrate(d *typeDeclaration) {
	a := t.actionType(d.ID.id())
	a.integration, a.deleted = d, false
	definition := &actionTypeDefinition{Inputs: d.Inputs, Outputs: d.Outputs}
	if u := d.URLs; u != nil {
		definition.Settings = &settingsJSON{u.Configuration, u.Entity, u.Execution, u.Revision}
	}
	for _, p := range d.Properties {
		definition.Properties = append(definition.Properties, propertyJSON{
			Name: p.Name, Required: aws.Bool(!*p.Optional), Key: p.Key, Secret: p.NoEcho, Queryable: aws.Bool(p.Queryable), Description: p.Description,
		})
	}
	a.define(definition)
}

// integration returns the declaration of an action type that was made with an
// integration model, nil if it was not.
func (t *jobTable) integration(id ActionType) *typeDeclaration {
	if a := t.types[id]; a != nil {
		return a.integration
	}
	return nil
}

// function returns the name of the function that runs the jobs, "" if none does.
func (d *typeDeclaration) function() string {
	if d.Executor.Configuration.Lambda == nil {
		return ""
	}
	_, name, _ := strings.Cut(*d.Executor.Configuration.Lambda.Function, ":function:")
	name, _, _ = strings.Cut(name, ":")
	return name
}

// jobTimeout returns how long a job may take, 0 if there is no limit.
func (d *typeDeclaration) jobTimeout() time.Duration {
	return time.Duration(aws.ToInt32(d.Executor.JobTimeout)) * time.Second
}

// function returns the name of the function that is invoked for the job, "" if a
// worker polls for it.
func (j *jobRecord) function() string {
	if j.Type.Owner == "AWS" {
		return cmp.Or(j.Configuration["FunctionName"], "unnamed")
	}
	if d := j.table.integration(j.Type); d != nil {
		return d.function()
	}
	return ""
}
