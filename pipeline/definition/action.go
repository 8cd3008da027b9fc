package definition

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/codesuite-go/codesuite/pipeline/actiontype"
)

var categories = []string{"Source", "Build", "Deploy", "Test", "Invoke", "Approval", "Compute"}

var environmentPattern = sized{1, 128, regexp.MustCompile(`^[A-Za-z0-9_]+$`)}

// isNil reports whether there is no provider.
func isNil(p Provider) bool {
	v := reflect.ValueOf(p)
	return !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil()
}

// action checks an action as such: its type, members and configuration.
func (c *checker) action(path string, a *Action, stage int) {
	c.role(path+".roleArn", a.RoleARN)
	if a.RunOrder < 0 || a.RunOrder > 999 {
		c.errorf(path+".runOrder", "the run order %d is not possible: use 1 to 999", a.RunOrder)
	}
	if _, set := a.Other["runOrder"]; set && a.RunOrder == 0 {
		c.errorf(path+".runOrder", "the run order 0 is not possible: use 1 to 999, or leave it out for 1")
	}
	if a.Region != "" && !c.unknown(a.Region) && !regionPattern.MatchString(a.Region) {
		c.errorf(path+".region", "%s is no Region: use a name such as eu-west-1", quote(a.Region))
	}
	if isNil(a.Provider) {
		c.errorf(path+".actionTypeId", "the action %s has no type: give it category, owner, provider and version", quote(a.Name))
		return
	}
	id := a.Provider.ActionType()
	c.category(path, a, id, stage)
	definition, ok := c.find(id)
	configuration, err := Configuration(a.Provider)
	if err != nil {
		c.errorf(path+".configuration", "the Go type is wrong: %v", err)
		return
	}
	c.commands(path, id, a)
	if !ok {
		c.unknownType(path+".actionTypeId", id)
		return
	}
	if definition.V2 {
		c.needsV2(path+".actionTypeId", "actions of the provider "+id.Provider)
	}
	if definition.Retired {
		c.warnf(path+".actionTypeId", "AWS has ended the service behind the provider %s: deploy by another one", id.Provider)
	}
	c.count(path+".inputArtifacts", "input", id, definition.Inputs, a.Inputs)
	c.count(path+".outputArtifacts", "output", id, definition.Outputs, a.Outputs)
	k := &keys{checker: c, path: path + ".configuration", definition: definition, values: configuration, inputs: a.Inputs, outputs: a.Outputs, outputsPath: path + ".outputArtifacts"}
	k.check(1000)
	k.combinations(c.p)
}

func (c *checker) category(path string, a *Action, id ActionType, stage int) {
	at := path + ".actionTypeId"
	c.oneOf(at+".category", "category of actions", id.Category, categories...)
	c.oneOf(at+".owner", "owner of an action type", id.Owner, "AWS", "ThirdParty", "Custom")
	source := id.Category == "Source"
	switch {
	case stage == 0 && !source && id.Category != "":
		c.errorf(at+".category", "the first stage has source actions only: move the action %s to a later stage", quote(a.Name))
	case stage > 0 && source:
		c.errorf(at+".category", "only the first stage has source actions: move the action %s there", quote(a.Name))
	}
	if a.TimeoutInMinutes != 0 {
		switch {
		case id.Category != "Approval":
			c.errorf(path+".timeoutInMinutes", "only a manual approval has a timeout: remove it")
		case a.TimeoutInMinutes < 5 || a.TimeoutInMinutes > 86400:
			c.errorf(path+".timeoutInMinutes", "the timeout is %d minutes: use 5 to 86400", a.TimeoutInMinutes)
		}
	}
	if home := c.o.Region; home != "" && a.Region != "" && a.Region != home && !c.unknown(a.Region) &&
		(source || id.Owner != actiontype.OwnerAWS) {
		c.errorf(path+".region", "a source action and an action of a partner or a custom type run in the Region of the pipeline, %s: remove %s", home, a.Region)
	}
}

// unknownType is an error for a type that neither the catalogue nor the options
// have.
func (c *checker) unknownType(path string, id ActionType) {
	if c.unknown(id.String()) {
		return
	}
	if id.Category != actiontype.CategoryRule && !slices.Contains(categories, id.Category) {
		return // told already
	}
	kind, all := "action type", actiontype.BuiltIn()
	if id.Category == actiontype.CategoryRule {
		kind, all = "rule type", actiontype.RuleTypes()
	}
	if id.Owner == actiontype.OwnerCustom {
		c.errorf(path, "the custom %s %s is not known to the catalogue of %s: %s", kind, quote(id.String()), actiontype.CatalogueDate, extend)
		return
	}
	var names []string
	for _, t := range all {
		names = append(names, t.String())
	}
	hint := ""
	if near := nearest(id.String(), slices.Values(names)); near != "" {
		hint = "did you mean " + near + "? "
	}
	c.errorf(path, "the catalogue of %s does not have the %s %s: %sIf AWS has added it since, %s",
		actiontype.CatalogueDate, kind, quote(id.String()), hint, extend)
}

func (c *checker) count(path, kind string, id ActionType, count actiontype.ArtifactCount, artifacts []Artifact) {
	if n := len(artifacts); n < count.Min || n > count.Max {
		want := count.String()
		if count.Min == count.Max {
			want = "exactly " + want[:strings.IndexByte(want, ' ')]
		}
		c.errorf(path, "the action has %d %s artifacts: the provider %s takes %s", n, kind, id.Provider, want)
	}
}

// commands checks the members that belong to Commands actions.
func (c *checker) commands(path string, id ActionType, a *Action) {
	isCommands := id.Provider == "Commands" && id.Category == "Compute"
	if isCommands {
		c.lines(path+".commands", a.Commands)
	} else if a.Commands != nil {
		c.errorf(path+".commands", "only an action of the provider Commands has commands: remove them")
	}
	switch n := len(a.OutputVariables); {
	case a.OutputVariables != nil && !isCommands:
		c.errorf(path+".outputVariables", "only an action of the provider Commands names its output variables: remove them")
	case a.OutputVariables != nil && (n < 1 || n > 15):
		c.errorf(path+".outputVariables", "there are %d output variables: an action has 1 to 15", n)
	}
	for i, name := range a.OutputVariables {
		if n := utf8.RuneCountInString(name); n < 1 || n > 128 {
			c.errorf(element(path+".outputVariables", i), "the name of an output variable has %d characters: use 1 to 128", n)
		} else if slices.Contains(a.OutputVariables[:i], name) {
			c.errorf(element(path+".outputVariables", i), "the output variable %s is there twice: remove one", quote(name))
		}
	}
	for i, output := range a.Outputs {
		at := element(path+".outputArtifacts", i) + ".files"
		switch n := len(output.Files); {
		case output.Files != nil && !isCommands:
			c.errorf(at, "only an output artifact of the provider Commands has files: remove them")
		case output.Files != nil && (n < 1 || n > 10):
			c.errorf(at, "there are %d files: an output artifact has 1 to 10", n)
		case output.Files == nil && isCommands:
			c.warnf(at, "the artifact %s has no files: name the paths that it is to hold", quote(output.Name))
		}
		for j, file := range output.Files {
			if n := utf8.RuneCountInString(file); n < 1 || n > 128 {
				c.errorf(element(at, j), "the path of a file has %d characters: use 1 to 128", n)
			}
		}
	}
	c.environment(path+".environmentVariables", id, a.EnvironmentVariables, isCommands)
}

// lines checks the shell commands of an action or a rule.
func (c *checker) lines(path string, commands []string) {
	if n := len(commands); n < 1 || n > 50 {
		c.errorf(path, "there are %d commands: give 1 to 50", n)
	}
	for i, command := range commands {
		at := element(path, i)
		switch n := utf8.RuneCountInString(command); {
		case n < 1 || n > 1000:
			c.errorf(at, "the command has %d characters: use 1 to 1000, or a script in the source", n)
		case strings.ContainsAny(strings.TrimRight(command, "\n"), "\n\r"):
			c.errorf(at, "the command has several lines: give each its own command, or use a script in the source")
		}
	}
}

func (c *checker) environment(path string, id ActionType, variables []EnvironmentVariable, isCommands bool) {
	if variables == nil {
		return
	}
	if !isCommands && id.Provider != "ECRBuildAndPublish" && id.Provider != "EKS" {
		c.errorf(path, "an action of the provider %s has no environmentVariables: remove them, or use a key of its configuration", id.Provider)
	}
	if n := len(variables); n < 1 || n > 10 {
		c.errorf(path, "there are %d environment variables: an action has 1 to 10", n)
	}
	seen := make(map[string]bool)
	for i, v := range variables {
		at := element(path, i)
		switch {
		case c.unknown(v.Name):
		case !environmentPattern.MatchString(v.Name):
			c.errorf(at+".name", "%s cannot be the name of an environment variable: use 1 to 128 letters, digits and '_'", quote(v.Name))
		case seen[v.Name]:
			c.errorf(at+".name", "two environment variables have the name %s: remove one", v.Name)
		}
		seen[v.Name] = true
		switch n := utf8.RuneCountInString(v.Value); {
		case n == 0:
			c.errorf(at+".value", "the environment variable %s has no value: give it 1 to 2000 characters", quote(v.Name))
		case n > 2000:
			c.errorf(at+".value", "the value has %d characters: shorten it to 2000", n)
		case n > 1000:
			c.warnf(at+".value", "the value has %d characters: the user guide allows 1000", n)
		}
		if v.Type == "" {
			continue
		}
		if c.oneOf(at+".type", "type of an environment variable", string(v.Type), "PLAINTEXT", "SECRETS_MANAGER") &&
			v.Type == EnvironmentSecretsManager && !isCommands {
			c.errorf(at+".type", "only an action of the provider Commands reads secrets: use PLAINTEXT")
		}
	}
}
