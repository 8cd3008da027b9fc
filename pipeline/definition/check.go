package definition

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/codesuite-go/codesuite/internal/awstext"
	"github.com/codesuite-go/codesuite/pipeline"
	"github.com/codesuite-go/codesuite/pipeline/actiontype"
)

// The limits of a structure.
const (
	maxStages          = 50
	maxStageActions    = 50
	maxPipelineActions = 500
	maxVariables       = 50
	maxTriggers        = 50
)

var (
	namePattern     = sized{1, 100, regexp.MustCompile(`^[A-Za-z0-9.@\-_]+$`)}
	artifactPattern = sized{1, 100, regexp.MustCompile(`^[a-zA-Z0-9_\-]+$`)}
	variablePattern = sized{1, 128, regexp.MustCompile(`^[A-Za-z0-9@\-_]+$`)}
	spacePattern    = sized{1, 100, variablePattern.pattern}
	rolePattern     = sized{1, 1024, regexp.MustCompile(`^arn:aws(-[\w]+)*:iam::[0-9]{12}:role/.+$`)}
	bucketPattern   = sized{3, 63, regexp.MustCompile(`^[a-zA-Z0-9\-.]+$`)}
	regionPattern   = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]{1,2}$`)
)

// sized is a pattern of texts of least to most bytes. A pattern that counts them itself
// takes a millisecond at the start of each program.
type sized struct {
	least, most int
	pattern     *regexp.Regexp
}

// MatchString reports whether the text has the size and the pattern.
func (s sized) MatchString(text string) bool {
	return len(text) >= s.least && len(text) <= s.most && s.pattern.MatchString(text)
}

// Check returns what is wrong with the structure, in the order of its members, and
// nothing if all is well. It calls nothing: whether a role, a bucket or a project
// exists it does not know.
func (p *Pipeline) Check(optFns ...func(*CheckOptions)) []Finding {
	c := checker{p: p}
	for _, fn := range optFns {
		fn(&c.o)
	}
	c.pipeline()
	c.stores()
	c.variables()
	c.triggers()
	c.stages()
	c.flow()
	c.references()
	c.starts()
	c.members()
	return c.sorted()
}

// checker collects the findings of one structure.
type checker struct {
	p        *Pipeline
	o        CheckOptions
	findings []Finding
	actions  []*placed               // in the order in which they run
	types    map[[4]string]foundType // by category, owner, provider and version
	guesses  int                     // of names that are not there
}

// foundType is what find has found for an action type.
type foundType struct {
	actiontype.Type
	ok bool
}

func (c *checker) errorf(path, format string, args ...any) {
	c.findings = append(c.findings, Finding{path, SeverityError, fmt.Sprintf(format, args...)})
}

func (c *checker) warnf(path, format string, args ...any) {
	c.findings = append(c.findings, Finding{path, SeverityWarning, fmt.Sprintf(format, args...)})
}

// sorted returns the findings in the order of the structure's members, each once.
func (c *checker) sorted() []Finding {
	place := make(map[string]int)
	for i, path := range c.paths() {
		place[path] = i
	}
	// at is the place of the path, or of the next thing around it that has one.
	at := func(path string) int {
		for {
			if i, ok := place[path]; ok || path == "" {
				return i
			}
			path = path[:max(strings.LastIndexAny(path, ".["), 0)]
		}
	}
	slices.SortStableFunc(c.findings, func(a, b Finding) int { return at(a.Path) - at(b.Path) })
	seen := make(map[Finding]bool)
	return slices.DeleteFunc(c.findings, func(f Finding) bool {
		twice := seen[f]
		seen[f] = true
		return twice
	})
}

// paths returns the paths of the things that findings are sorted by.
func (c *checker) paths() []string {
	list := []string{"", "name", "roleArn", "pipelineType", "executionMode", "version", "artifactStore", "artifactStores", "variables"}
	for i := range c.p.Variables {
		list = append(list, element("variables", i))
	}
	list = append(list, "triggers")
	for i := range c.p.Triggers {
		list = append(list, element("triggers", i))
	}
	list = append(list, "stages")
	for i, stage := range c.p.Stages {
		path := element("stages", i)
		list = append(list, path, path+".name", path+".beforeEntry", path+".actions")
		for j := range stage.Actions {
			action := element(path+".actions", j)
			for _, name := range []string{"", ".name", ".actionTypeId", ".configuration", ".commands", ".environmentVariables", ".inputArtifacts", ".outputArtifacts"} {
				list = append(list, action+name)
			}
		}
		list = append(list, path+".onSuccess", path+".onFailure")
	}
	return list
}

// unknown reports whether a text holds a placeholder, so that it is not known.
func (c *checker) unknown(text string) bool {
	return c.o.Placeholders && strings.Contains(text, placeholderMark)
}

// name checks the name of a pipeline, stage, action or rule.
func (c *checker) name(path, thing, name string) {
	switch {
	case c.unknown(name) || namePattern.MatchString(name):
	case name == "":
		c.errorf(path, "%s has no name: give it 1 to 100 letters, digits, '.', '@', '-' and '_'", thing)
	default:
		c.errorf(path, "%s cannot be the name of %s: use 1 to 100 letters, digits, '.', '@', '-' and '_'", quote(name), thing)
	}
}

func (c *checker) role(path, arn string) {
	if arn != "" && !c.unknown(arn) && !rolePattern.MatchString(arn) {
		c.errorf(path, "%s is no ARN of a role: write arn:aws:iam::ACCOUNT:role/NAME", quote(arn))
	}
}

// oneOf checks a value of a closed set.
func (c *checker) oneOf(path, thing, value string, values ...string) bool {
	if slices.Contains(values, value) || c.unknown(value) {
		return true
	}
	c.errorf(path, "%s is no %s: use %s", quote(value), thing, either(values))
	return false
}

// needsV2 is an error for a pipeline of type V1.
func (c *checker) needsV2(path, thing string) {
	if c.p.Type == "" || c.p.Type == PipelineTypeV1 {
		c.errorf(path, "%s need a pipeline of type V2: set pipelineType to V2", thing)
	}
}

func (c *checker) pipeline() {
	c.name("name", "a pipeline", c.p.Name)
	if c.p.RoleARN == "" {
		c.errorf("roleArn", "the pipeline has no service role: set roleArn to the ARN of a role that codepipeline.amazonaws.com may assume")
	}
	c.role("roleArn", c.p.RoleARN)
	if c.p.Type != "" {
		c.oneOf("pipelineType", "type of a pipeline", string(c.p.Type), "V1", "V2")
	}
	if mode := string(c.p.ExecutionMode); mode != "" && c.oneOf("executionMode", "execution mode", mode, "SUPERSEDED", "QUEUED", "PARALLEL") {
		if c.p.ExecutionMode != pipeline.ModeSuperseded && !c.unknown(mode) {
			c.needsV2("executionMode", "executions in the mode "+mode)
		}
	}
	if c.p.Version < 0 {
		c.errorf("version", "the version %d is negative: leave it out, CodePipeline counts it", c.p.Version)
	}
}

func (c *checker) stores() {
	switch {
	case c.p.ArtifactStore == nil && c.p.ArtifactStores == nil:
		c.errorf("artifactStore", "the pipeline has no artifact store: set artifactStore, or artifactStores for actions in several Regions")
	case c.p.ArtifactStore != nil && c.p.ArtifactStores != nil:
		c.errorf("artifactStores", "the pipeline has artifactStore and artifactStores: leave out one of them")
	case c.p.ArtifactStores != nil && len(c.p.ArtifactStores) == 0:
		c.errorf("artifactStores", "artifactStores is empty: name a store for each Region of the pipeline's actions")
	}
	if c.p.ArtifactStore != nil {
		c.store("artifactStore", *c.p.ArtifactStore)
	}
	used := make(map[string]bool)
	for _, stage := range c.p.Stages {
		for _, action := range stage.Actions {
			used[action.Region] = true
		}
	}
	for _, region := range slices.Sorted(maps.Keys(c.p.ArtifactStores)) {
		path := member("artifactStores", region)
		if !c.unknown(region) && !regionPattern.MatchString(region) {
			c.errorf(path, "%s is no Region: name the store after a Region such as eu-west-1", quote(region))
		}
		c.store(path, c.p.ArtifactStores[region])
		if home := c.o.Region; home != "" && region != home && !used[region] && !c.unknown(region) {
			c.warnf(path, "no action is in %s: remove the store", region)
		}
	}
	if home := c.o.Region; home != "" && c.p.ArtifactStores != nil {
		if _, ok := c.p.ArtifactStores[home]; !ok && !c.o.Placeholders {
			c.errorf("artifactStores", "the Region of the pipeline, %s, has no artifact store: add one", home)
		}
	}
}

func (c *checker) store(path string, s ArtifactStore) {
	c.oneOf(path+".type", "type of an artifact store", s.Type, storeS3)
	if !c.unknown(s.Bucket) && !bucketPattern.MatchString(s.Bucket) {
		c.errorf(path+".location", "%s is no name of a bucket: use the 3 to 63 characters of its name, not its ARN", quote(s.Bucket))
	}
	if key := s.EncryptionKey; key != nil {
		c.oneOf(path+".encryptionKey.type", "type of an encryption key", key.Type, keyKMS)
		if n := utf8.RuneCountInString(key.ID); n < 1 || n > 400 {
			c.errorf(path+".encryptionKey.id", "the ID of the key has %d characters: give the ID or ARN of a key of KMS", n)
		}
	}
}

func (c *checker) variables() {
	if len(c.p.Variables) > 0 {
		c.needsV2("variables", "variables")
	}
	if n := len(c.p.Variables); n > maxVariables {
		c.errorf("variables", "there are %d variables: a pipeline has up to %d", n, maxVariables)
	}
	seen := make(map[string]bool)
	for i, v := range c.p.Variables {
		path := element("variables", i)
		switch {
		case c.unknown(v.Name):
		case !variablePattern.MatchString(v.Name):
			c.errorf(path+".name", "%s cannot be the name of a variable: use 1 to 128 letters, digits, '@', '-' and '_'", quote(v.Name))
		case seen[v.Name]:
			c.errorf(path+".name", "two variables have the name %s: rename one", v.Name)
		}
		seen[v.Name] = true
		if n := utf8.RuneCountInString(v.DefaultValue); n > 1000 {
			c.errorf(path+".defaultValue", "the default value has %d characters: shorten it to 1000", n)
		}
		if n := utf8.RuneCountInString(v.Description); n > 200 {
			c.errorf(path+".description", "the description has %d characters: shorten it to 200", n)
		}
	}
}

func (c *checker) stages() {
	if n := len(c.p.Stages); n < 2 || n > maxStages {
		c.errorf("stages", "there are %d stages: a pipeline has 2 to %d", n, maxStages)
	}
	total := 0
	names := make(map[string]bool)
	for i := range c.p.Stages {
		stage := &c.p.Stages[i]
		path := element("stages", i)
		c.name(path+".name", "a stage", stage.Name)
		if names[stage.Name] && stage.Name != "" {
			c.errorf(path+".name", "two stages have the name %s: rename one", quote(stage.Name))
		}
		names[stage.Name] = true
		if n := len(stage.Actions); n < 1 || n > maxStageActions {
			c.errorf(path+".actions", "the stage %s has %d actions: a stage has 1 to %d", quote(stage.Name), n, maxStageActions)
		}
		total += len(stage.Actions)
		actions := make(map[string]bool)
		for j := range stage.Actions {
			action := &stage.Actions[j]
			at := element(path+".actions", j)
			c.name(at+".name", "an action", action.Name)
			if actions[action.Name] && action.Name != "" {
				c.errorf(at+".name", "two actions of the stage %s have the name %s: rename one", quote(stage.Name), quote(action.Name))
			}
			actions[action.Name] = true
			c.action(at, action, i)
		}
		c.conditions(path, stage, i)
	}
	if total > maxPipelineActions {
		c.errorf("stages", "there are %d actions: a pipeline has up to %d", total, maxPipelineActions)
	}
}

// find returns the definition of an action type or rule type, which it looks up once:
// the catalogue is made anew each time.
func (c *checker) find(t ActionType) (actiontype.Type, bool) {
	key := [4]string{t.Category, t.Owner, t.Provider, t.Version}
	found, ok := c.types[key]
	if !ok {
		if found.Type, found.ok = findType(c.o.Types, t); found.ok {
			found.Type = c.completed(found.Type)
		} else {
			found.Type, found.ok = findType(nil, t)
		}
		if c.types == nil {
			c.types = make(map[[4]string]foundType)
		}
		c.types[key] = found
	}
	return found.Type, found.ok
}

// findType returns a type of the list or, if the list is empty, of the catalogue.
func findType(types []actiontype.Type, t ActionType) (actiontype.Type, bool) {
	owner, version := t.Owner, t.Version
	if t.Category == actiontype.CategoryRule { // a rule may leave them out
		owner, version = cmp.Or(owner, actiontype.OwnerAWS), cmp.Or(version, "1")
	}
	if len(types) == 0 {
		return actiontype.Find(t.Category, owner, t.Provider, version)
	}
	i := slices.IndexFunc(types, func(known actiontype.Type) bool {
		return known.Category == t.Category && cmp.Or(known.Owner, actiontype.OwnerCustom) == owner && known.Provider == t.Provider && known.Version == version
	})
	if i < 0 {
		return actiontype.Type{}, false
	}
	return types[i], true
}

// completed adds what a listing does not have and the catalogue does: values, forms
// and output variables.
func (c *checker) completed(t actiontype.Type) actiontype.Type {
	known, ok := actiontype.Find(t.Category, t.Owner, t.Provider, t.Version)
	if !ok || t.Owner == actiontype.OwnerCustom {
		return t
	}
	t.V2, t.Retired, t.OutputVariables = known.V2, known.Retired, known.OutputVariables
	t.Properties = slices.Clone(t.Properties)
	for _, p := range known.Properties {
		i := slices.IndexFunc(t.Properties, func(o actiontype.Property) bool { return o.Name == p.Name })
		if i < 0 {
			t.Properties = append(t.Properties, p)
			continue
		}
		t.Properties[i].Values, t.Properties[i].Form = p.Values, p.Form
		t.Properties[i].Required = p.Required // the conditions are known here
	}
	return t
}

// extend says how Check learns of something that the catalogue does not have.
const extend = "give Check the types of the account, from actiontype.List or the output of aws codepipeline list-action-types"

// quote returns a text in quotes, shortened.
func quote(text string) string { return fmt.Sprintf("%q", awstext.Cut(text, 80)) }

// either returns a list such as "a, b or c".
func either(words []string) string {
	switch n := len(words); n {
	case 0:
		return "none"
	case 1:
		return words[0]
	default:
		return strings.Join(words[:n-1], ", ") + " or " + words[n-1]
	}
}
