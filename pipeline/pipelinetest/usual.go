package pipelinetest

import (
	"cmp"
	"slices"
	"strings"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

// usual is what a run tells if it is not told otherwise.
type usual struct {
	summary, externalID, url string
	variables                map[string]string
	revision                 *Revision // of sources
}

// usual returns what the run tells when it ends with the outcome.
func (r *run) usual(o Outcome) usual {
	p, _ := r.execution.server().provider(r.action.Type)
	if r.action.isSource() {
		if o.State == StateFailed {
			return usual{summary: "The source action failed"}
		}
		return r.usualSource(p, o)
	}
	u := usual{externalID: cmp.Or(o.ExternalID, r.externalID)}
	if u.externalID == "" {
		u.externalID = cmp.Or(fill(p.id, r.configuration, r.word("", nil)), awsjson.UUID("external", r.id))
	}
	word := r.word(u.externalID, nil)
	u.url = fill(p.url, r.configuration, word)
	if o.State == StateFailed {
		u.summary = fill(cmp.Or(p.failure, "The action failed"), r.configuration, word)
		return u
	}
	u.summary = fill(p.summary, r.configuration, word)
	u.variables = r.usualVariables(p, word)
	return u
}

func (r *run) usualVariables(p provider, word words) map[string]string {
	var variables map[string]string
	if len(p.variables)+len(r.action.OutputVariables) > 0 {
		variables = make(map[string]string)
	}
	for name, template := range p.variables {
		variables[name] = fill(template, r.configuration, word)
	}
	for _, name := range r.action.OutputVariables {
		variables[name] = r.commandVariable(name)
	}
	return variables
}

// usualSource returns what a source action has found.
func (r *run) usualSource(p provider, o Outcome) usual {
	v := r.given(o)
	if v.Created.IsZero() {
		v.Created = r.updated
	}
	pipeline, action := r.execution.definition.Name, r.action.Name
	v.ID = cmp.Or(v.ID, fill(p.id, nil, r.word("", &v)), awsjson.Hex(40, "revision", pipeline, action))
	if p.id == "{commit}" {
		v.Message = cmp.Or(v.Message, "Commit "+v.ID[:min(7, len(v.ID))])
	}
	if r.action.Type.Provider == "CodeStarSourceConnection" {
		v.Summary = cmp.Or(v.Summary, connectionSummary(r.execution.server().providerType(r.configuration["ConnectionArn"]), v.Message))
	}
	word := r.word(v.ID, &v)
	v.Summary = cmp.Or(v.Summary, v.Message, fill(p.summary, r.configuration, word))
	v.URL = cmp.Or(v.URL, fill(p.url, r.configuration, word))
	return usual{v.Summary, v.ID, v.URL, r.usualVariables(p, word), &v}
}

// given returns what a source action was told to find.
func (r *run) given(o Outcome) Revision {
	if o.Revision != nil {
		return *o.Revision
	}
	e, name := r.execution, r.action.Name
	v, ok := e.pipeline.revisions[name]
	if !ok && r.action.Revision != nil {
		v = *r.action.Revision
	}
	// An override by the ID alone of what is there anyway keeps the rest of it.
	if override, ok := e.overrides[name]; ok && !(override.onlyID() && override.ID == v.ID) {
		v = override
	}
	return v
}

func connectionSummary(providerType, message string) string {
	return string(plainJSON(struct{ ProviderType, CommitMessage string }{providerType, message}))
}

// entityURL returns the page of what the action works on, "" if it is not
// known.
func (s *Server) entityURL(a *Action) string {
	p, _ := s.provider(a.Type)
	return fill(p.entity, a.Configuration, newWords(a.Region, "", ""))
}

// told returns the URL as the service tells it.
func told(url string) string {
	if url == NoURL {
		return ""
	}
	return url
}

// commandVariable returns the value of a variable that the commands of the action
// export: the text of an export, or of the environment, or one that is made up.
func (r *run) commandVariable(name string) string {
	for _, command := range slices.Backward(r.action.Commands) {
		if value, ok := strings.CutPrefix(strings.TrimSpace(command), "export "+name+"="); ok && !strings.ContainsAny(value, "$`;&|") {
			value, _, _ := expand(strings.Trim(value, `"' `), r.execution.variable)
			return value
		}
	}
	for _, v := range r.action.Environment {
		if v.Name == name && v.Type != "SECRETS_MANAGER" {
			value, _, _ := expand(v.Value, r.execution.variable)
			return value
		}
	}
	return awsjson.Hex(8, "variable", r.id, name)
}
