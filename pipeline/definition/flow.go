package definition

import (
	"cmp"
	"slices"
)

// placed is an action at its place in the structure.
type placed struct {
	*Action
	path  string
	stage int
	order int // RunOrder or 1
	id    ActionType
}

// before reports whether p has ended when q starts.
func (p *placed) before(q *placed) bool {
	return p.stage < q.stage || p.stage == q.stage && p.order < q.order
}

// place lists the actions in the order in which they run.
func (c *checker) place() {
	for i := range c.p.Stages {
		path := element("stages", i) + ".actions"
		for j := range c.p.Stages[i].Actions {
			a := &c.p.Stages[i].Actions[j]
			p := &placed{Action: a, path: element(path, j), stage: i, order: cmp.Or(a.RunOrder, 1)}
			if !isNil(a.Provider) {
				p.id = a.Provider.ActionType()
			}
			c.actions = append(c.actions, p)
		}
	}
	slices.SortStableFunc(c.actions, func(a, b *placed) int {
		return cmp.Or(cmp.Compare(a.stage, b.stage), cmp.Compare(a.order, b.order))
	})
}

// flow checks which action makes which artifact, and which one uses it.
func (c *checker) flow() {
	c.place()
	makers := make(map[string]*placed)
	used := make(map[string]bool)
	for _, p := range c.actions {
		for i, artifact := range p.Outputs {
			path := element(p.path+".outputArtifacts", i) + ".name"
			c.artifactName(path, artifact.Name)
			if other := makers[artifact.Name]; other != nil && artifact.Name != "" {
				c.errorf(path, "the artifact %s is made by the action %s already: rename it here", quote(artifact.Name), quote(other.Name))
				continue
			}
			makers[artifact.Name] = p
		}
	}
	for _, p := range c.actions {
		c.inputs(p, makers, used)
	}
	for i := range c.p.Stages {
		stage := &c.p.Stages[i]
		path := element("stages", i)
		if stage.BeforeEntry != nil {
			c.ruleInputs(path+".beforeEntry.conditions", stage.BeforeEntry.Conditions, i, makers, used)
		}
		if stage.OnSuccess != nil {
			c.ruleInputs(path+".onSuccess.conditions", stage.OnSuccess.Conditions, i+1, makers, used)
		}
		if stage.OnFailure != nil {
			c.ruleInputs(path+".onFailure.conditions", stage.OnFailure.Conditions, i+1, makers, used)
		}
	}
	for _, p := range c.actions {
		for i, artifact := range p.Outputs {
			if !used[artifact.Name] && makers[artifact.Name] == p {
				c.warnf(element(p.path+".outputArtifacts", i)+".name", "no action uses the artifact %s: remove it, or give it to the action that needs it", quote(artifact.Name))
			}
		}
	}
	c.regions()
}

func (c *checker) artifactName(path, name string) {
	if !c.unknown(name) && !artifactPattern.MatchString(name) {
		c.errorf(path, "%s cannot be the name of an artifact: use 1 to 100 letters, digits, '-' and '_'", quote(name))
	}
}

func (c *checker) inputs(p *placed, makers map[string]*placed, used map[string]bool) {
	before := make(map[string]bool, len(p.Inputs)) // names of the inputs so far
	for i, artifact := range p.Inputs {
		twice := before[artifact.Name]
		before[artifact.Name] = true
		path := element(p.path+".inputArtifacts", i) + ".name"
		maker := makers[artifact.Name]
		used[artifact.Name] = true
		if artifact.Files != nil {
			c.errorf(element(p.path+".inputArtifacts", i)+".files", "an input artifact has no files: remove them, the action that makes it has them")
		}
		switch {
		case c.unknown(artifact.Name):
		case twice:
			c.errorf(path, "the input artifact %s is there twice: remove one", quote(artifact.Name))
		case maker == nil:
			c.unknownArtifact(path, artifact.Name, makers)
		case maker == p:
			c.errorf(path, "the action %s makes the artifact %s itself: use one of an earlier action", quote(p.Name), quote(artifact.Name))
		case !maker.before(p):
			c.errorf(path, "the artifact %s is used too early: the action %s of the stage %s makes it; run this action later, by its stage or its runOrder",
				quote(artifact.Name), quote(maker.Name), quote(c.p.Stages[maker.stage].Name))
		}
	}
}

func (c *checker) unknownArtifact(path, name string, makers map[string]*placed) {
	if near := c.near(name, makers); near != "" {
		c.errorf(path, "no action makes the artifact %s: did you mean %s?", quote(name), near)
		return
	}
	c.errorf(path, "no action makes the artifact %s: name an output artifact of an earlier action", quote(name))
}

// ruleInputs checks the input artifacts of rules that run before the stage with the
// index.
func (c *checker) ruleInputs(path string, conditions []Condition, stage int, makers map[string]*placed, used map[string]bool) {
	for i, condition := range conditions {
		for j, rule := range condition.Rules {
			for n, artifact := range rule.Inputs {
				at := element(element(element(path, i)+".rules", j)+".inputArtifacts", n) + ".name"
				maker := makers[artifact.Name]
				used[artifact.Name] = true
				switch {
				case c.unknown(artifact.Name):
				case maker == nil:
					c.unknownArtifact(at, artifact.Name, makers)
				case maker.stage >= stage:
					c.errorf(at, "the artifact %s is used too early: the action %s makes it afterwards", quote(artifact.Name), quote(maker.Name))
				}
			}
		}
	}
}

// regions checks that each Region with an action has an artifact store.
func (c *checker) regions() {
	home := c.o.Region
	for _, p := range c.actions {
		region, path := p.Region, p.path+".region"
		if region == "" || c.unknown(region) || !regionPattern.MatchString(region) {
			continue
		}
		if c.p.ArtifactStores == nil && c.p.ArtifactStore == nil {
			return // told already
		}
		if c.p.ArtifactStores != nil {
			if _, ok := c.p.ArtifactStores[region]; !ok && !c.o.Placeholders {
				c.errorf(path, "the Region %s has no artifact store: add one to artifactStores", region)
			}
			continue
		}
		if home == "" {
			home = region // the only one that the single store can be in
		}
		if region != home {
			c.errorf(path, "the action %s is in %s, and the artifact store in %s: use artifactStores with a store for each Region", quote(p.Name), region, home)
		}
	}
}
