package pipelinetest

import (
	"fmt"
	"regexp"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

var (
	functionPattern     = regexp.MustCompile(`^arn:aws(-[\w]+)*:lambda:.+:[0-9]{12}:function:.+$`)
	accountPattern      = regexp.MustCompile(`^[0-9]{12}$`)
	anyAccountPattern   = regexp.MustCompile(`^([0-9]{12}|\*)$`)
	partnerOwnerPattern = regexp.MustCompile(`^(AWS|ThirdParty)$`)
)

// typeDeclaration is an action type that was made with an integration model.
type typeDeclaration struct {
	Description *string                `json:"description,omitempty"`
	Executor    *executorJSON          `json:"executor"`
	ID          *actionTypeInput       `json:"id"`
	Inputs      *countsJSON            `json:"inputArtifactDetails"`
	Outputs     *countsJSON            `json:"outputArtifactDetails"`
	Permissions *permissionsJSON       `json:"permissions,omitempty"`
	Properties  []declaredPropertyJSON `json:"properties,omitempty"`
	URLs        *typeURLsJSON          `json:"urls,omitempty"`
}

type executorJSON struct {
	Configuration *executorConfigurationJSON `json:"configuration"`
	Type          *string                    `json:"type"`
	Policy        *string                    `json:"policyStatementsTemplate,omitempty"`
	JobTimeout    *int32                     `json:"jobTimeout,omitempty"`
}

type executorConfigurationJSON struct {
	Lambda *lambdaExecutorJSON `json:"lambdaExecutorConfiguration,omitempty"`
	Worker *workerExecutorJSON `json:"jobWorkerExecutorConfiguration,omitempty"`
}

type lambdaExecutorJSON struct {
	Function *string `json:"lambdaFunctionArn"`
}

type workerExecutorJSON struct {
	Accounts   []string `json:"pollingAccounts,omitempty"`
	Principals []string `json:"pollingServicePrincipals,omitempty"`
}

type permissionsJSON struct {
	Accounts []string `json:"allowedAccounts"`
}

type declaredPropertyJSON struct {
	Name        *string `json:"name"`
	Optional    *bool   `json:"optional"`
	Key         *bool   `json:"key"`
	NoEcho      *bool   `json:"noEcho"`
	Queryable   bool    `json:"queryable"`
	Description *string `json:"description,omitempty"`
}

type typeURLsJSON struct {
	Configuration *string `json:"configurationUrl,omitempty"`
	Entity        *string `json:"entityUrlTemplate,omitempty"`
	Execution     *string `json:"executionUrlTemplate,omitempty"`
	Revision      *string `json:"revisionUrlTemplate,omitempty"`
}

func (d *typeDeclaration) check() error {
	var v validation
	v.partnerType("actionType.id", d.ID)
	v.Text("actionType.description", d.Description, false, 1, 1024, nil)
	d.Executor.check(&v)
	v.artifactCounts("actionType.inputArtifactDetails", d.Inputs, 10)
	v.artifactCounts("actionType.outputArtifactDetails", d.Outputs, 10)
	if p := d.Permissions; p != nil {
		v.list("actionType.permissions.allowedAccounts", p.Accounts, 1000, 12, anyAccountPattern)
	}
	if len(d.Properties) > 10 {
		v.Fail("actionType.properties", "Member must have length less than or equal to 10")
	}
	for i, p := range d.Properties {
		member := fmt.Sprintf("actionType.properties.%d.member.", i+1)
		v.Text(member+"name", p.Name, true, 1, 50, nil)
		v.Present(member+"optional", p.Optional != nil)
		v.Present(member+"key", p.Key != nil)
		v.Present(member+"noEcho", p.NoEcho != nil)
		v.Text(member+"description", p.Description, false, 1, 250, nil)
	}
	if u := d.URLs; u != nil {
		for name, url := range map[string]*string{
			"configurationUrl": u.Configuration, "entityUrlTemplate": u.Entity, "executionUrlTemplate": u.Execution, "revisionUrlTemplate": u.Revision,
		} {
			v.Text("actionType.urls."+name, url, false, 1, 2048, nil)
		}
	}
	if err := v.Err(); err != nil {
		return err
	}
	queryable := 0
	for _, p := range d.Properties {
		if !p.Queryable {
			continue
		}
		if queryable++; queryable > 1 || *p.Optional || *p.NoEcho {
			return awsjson.Invalid("An action type has at most one queryable property, which is neither optional nor secret")
		}
	}
	return nil
}

func (e *executorJSON) check(v *validation) {
	const member = "actionType.executor"
	if e == nil || e.Configuration == nil {
		v.Present(member+".configuration", false)
		return
	}
	v.Enum(member+".type", e.Type, "JobWorker", "Lambda")
	v.Text(member+".policyStatementsTemplate", e.Policy, false, 1, 2048, nil)
	v.Integer(member+".jobTimeout", e.JobTimeout, 60, 43200)
	c := e.Configuration
	if e.Type != nil && (c.Lambda == nil || c.Worker != nil) == (*e.Type == "Lambda") {
		v.Fail(member+".configuration", "Member must be that of the type %s alone", *e.Type)
	}
	if c.Lambda != nil {
		v.Text(member+".configuration.lambdaExecutorConfiguration.lambdaFunctionArn", c.Lambda.Function, true, 1, 140, functionPattern)
	}
	if c.Worker != nil {
		const member = member + ".configuration.jobWorkerExecutorConfiguration."
		v.list(member+"pollingAccounts", c.Worker.Accounts, 1000, 12, accountPattern)
		v.list(member+"pollingServicePrincipals", c.Worker.Principals, 10, 128, nil)
	}
}

// list checks an optional list of texts.
func (v *validation) list(member string, list []string, most, longest int, pattern *regexp.Regexp) {
	if list != nil {
		v.length(member, len(list), most)
	}
	for i := range list {
		v.Text(fmt.Sprintf("%s.%d.member", member, i+1), &list[i], true, 1, longest, pattern)
	}
}

// partnerType checks the name of an action type that was made with an integration
// model.
func (v *validation) partnerType(member string, in *actionTypeInput) {
	if in == nil {
		v.Present(member, false)
		return
	}
	v.Enum(member+".category", in.Category, categories...)
	v.Text(member+".owner", in.Owner, true, 0, 10, partnerOwnerPattern)
	v.provider(member+".", in.Provider, in.Version)
}

type getActionTypeOutput struct {
	ActionType *typeDeclaration `json:"actionType"`
}

func (t *jobTable) getActionType(_ Caller, in *actionTypeInput) (*getActionTypeOutput, error) {
	var v validation
	v.partnerType("actionType", in)
	if err := v.Err(); err != nil {
		return nil, err
	}
	d := t.integration(in.id())
	if d == nil {
		return nil, notIntegrated(in)
	}
	return &getActionTypeOutput{d}, nil
}

type updateActionTypeInput struct {
	ActionType *typeDeclaration `json:"actionType"`
}

// updateActionType replaces the declaration of an action type.
func (t *jobTable) updateActionType(_ Caller, in *updateActionTypeInput) (nothing, error) {
	if in.ActionType == nil {
		var v validation
		v.Present("actionType", false)
		return nothing{}, v.Err()
	}
	if err := in.ActionType.check(); err != nil {
		return nothing{}, err
	}
	if t.integration(in.ActionType.ID.id()) == nil {
		return nothing{}, notIntegrated(in.ActionType.ID)
	}
	t.integrate(in.ActionType)
	return nothing{}, nil
}

func notIntegrated(in *actionTypeInput) error {
	return awsjson.Errorf("ActionTypeNotFoundException", "There is no action type %s that was made with an integration model", in.id())
}
