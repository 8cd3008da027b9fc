package definition

import (
	"maps"
	"slices"
	"strings"

	"github.com/codesuite-go/codesuite/pipeline/actiontype"
)

// Namespaces that CodePipeline has itself.
const (
	pipelineNamespace = "codepipeline"
	variableNamespace = "variables"
)

// references checks the namespaces and the variables in the texts of a structure.
func (c *checker) references() {
	namespaces := make(map[string]*placed)
	for _, p := range c.actions {
		path := p.path + ".namespace"
		other := namespaces[p.Namespace]
		switch {
		case p.Namespace == "":
			continue
		case c.unknown(p.Namespace):
			continue
		case !spacePattern.MatchString(p.Namespace):
			c.errorf(path, "%s cannot be a namespace: use 1 to 100 letters, digits, '@', '-' and '_'", quote(p.Namespace))
		case p.Namespace == pipelineNamespace || p.Namespace == variableNamespace:
			c.errorf(path, "the namespace %s is reserved: use another one", p.Namespace)
		case other != nil:
			c.errorf(path, "the action %s has the namespace %s too: use another one", quote(other.Name), quote(p.Namespace))
		}
		if other == nil {
			namespaces[p.Namespace] = p
		}
		for _, q := range c.actions {
			if slices.ContainsFunc(q.Outputs, func(a Artifact) bool { return a.Name == p.Namespace }) {
				c.errorf(path, "%s is the name of an artifact too: use another namespace", quote(p.Namespace))
				break
			}
		}
	}
	r := &resolver{checker: c, namespaces: namespaces, used: make(map[string]bool)}
	for _, p := range c.actions {
		r.texts(p.path, p.Provider, func(maker *placed) bool { return maker.before(p) })
		for i, command := range p.Commands {
			r.text(element(p.path+".commands", i), command, func(maker *placed) bool { return maker.before(p) })
		}
		for i, v := range p.EnvironmentVariables {
			r.text(element(p.path+".environmentVariables", i)+".value", v.Value, func(maker *placed) bool { return maker.before(p) })
		}
	}
	for i := range c.p.Stages {
		stage := &c.p.Stages[i]
		path := element("stages", i)
		if stage.BeforeEntry != nil {
			r.rules(path+".beforeEntry.conditions", stage.BeforeEntry.Conditions, i)
		}
		if stage.OnSuccess != nil {
			r.rules(path+".onSuccess.conditions", stage.OnSuccess.Conditions, i+1)
		}
		if stage.OnFailure != nil {
			r.rules(path+".onFailure.conditions", stage.OnFailure.Conditions, i+1)
		}
	}
	for i, v := range c.p.Variables {
		if !r.used[v.Name] && v.Name != "" && !c.unknown(v.Name) {
			c.warnf(element("variables", i), "nothing uses the variable %s: write #{variables.%s} where it belongs, or remove it", v.Name, v.Name)
		}
	}
}

// resolver looks up variables.
type resolver struct {
	*checker
	namespaces map[string]*placed
	used       map[string]bool // variables of the pipeline
}

func (r *resolver) rules(path string, conditions []Condition, stage int) {
	for i, condition := range conditions {
		for j, rule := range condition.Rules {
			at := element(element(path, i)+".rules", j)
			earlier := func(maker *placed) bool { return maker.stage < stage }
			r.texts(at, rule.Provider, earlier)
			for n, command := range rule.Commands {
				r.text(element(at+".commands", n), command, earlier)
			}
		}
	}
}

// texts looks up the variables of a configuration.
func (r *resolver) texts(path string, p Provider, earlier func(*placed) bool) {
	if isNil(p) {
		return
	}
	configuration, err := Configuration(p)
	if err != nil {
		return // told already
	}
	for _, key := range slices.Sorted(maps.Keys(configuration)) {
		r.text(member(path+".configuration", key), configuration[key], earlier)
	}
}

// text looks up the variables of a text.
func (r *resolver) text(path, text string, earlier func(*placed) bool) {
	for {
		_, after, ok := strings.Cut(text, "#{")
		if !ok {
			return
		}
		reference, rest, closed := strings.Cut(after, "}")
		if !closed {
			r.warnf(path, "the variable #{%s is not closed: add a }", quoteless(reference))
			return
		}
		text = rest
		if !r.unknown(reference) {
			r.reference(path, reference, earlier)
		}
	}
}

func (r *resolver) reference(path, reference string, earlier func(*placed) bool) {
	namespace, key, ok := strings.Cut(reference, ".")
	name := "#{" + quoteless(reference) + "}"
	switch {
	case !ok || namespace == "" || key == "":
		r.errorf(path, "%s is no variable: write #{Namespace.Variable}", name)
		return
	case namespace == pipelineNamespace:
		if key != "PipelineExecutionId" {
			r.errorf(path, "%s leads nowhere: CodePipeline itself has #{codepipeline.PipelineExecutionId} only", name)
		}
		return
	case namespace == variableNamespace:
		r.used[key] = true
		if !slices.ContainsFunc(r.p.Variables, func(v Variable) bool { return v.Name == key || r.unknown(v.Name) }) {
			r.errorf(path, "%s leads nowhere: add the variable %s to the pipeline's variables", name, quoteless(key))
		}
		return
	}
	maker := r.namespaces[namespace]
	switch {
	case maker == nil:
		hint := "give the action that has it this namespace"
		if near := r.near(namespace, r.namespaces); near != "" {
			hint = "did you mean " + near + "?"
		}
		r.errorf(path, "%s leads nowhere: no action has the namespace %s: %s", name, quoteless(namespace), hint)
	case !earlier(maker):
		r.errorf(path, "%s is used too early: the action %s of the stage %s has not run then", name, quote(maker.Name), quote(r.p.Stages[maker.stage].Name))
	default:
		r.outputVariable(path, name, key, maker)
	}
}

// outputVariable checks the name of a variable of an action.
func (r *resolver) outputVariable(path, name, key string, maker *placed) {
	t, ok := r.find(maker.id)
	if !ok || t.Owner != actiontype.OwnerAWS {
		return // a custom type may have any
	}
	names := t.OutputVariables
	switch t.Category + "/" + t.Provider {
	case "Build/CodeBuild", "Test/CodeBuild", "Deploy/CloudFormation", "Invoke/Lambda":
		return // those of the project, the stack or the function
	case "Compute/Commands":
		names = maker.OutputVariables
	}
	if slices.Contains(names, key) {
		return
	}
	if len(names) == 0 {
		r.errorf(path, "%s leads nowhere: the action %s has no output variables", name, quote(maker.Name))
		return
	}
	r.errorf(path, "%s leads nowhere: the action %s has %s", name, quote(maker.Name), either(names))
}

// quoteless returns a short form of a text for a message, without quotes.
func quoteless(text string) string { return strings.Trim(quote(text), `"`) }
