package definition

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"

	"github.com/codesuite-go/codesuite/events/pattern"
)

// change is what one source action waits for.
type change struct {
	*placed
	what   string // such as "the branch main of web"
	fields pattern.Fields
	event  string // one that a change makes, as JSON
	polls  bool
}

// changes returns what the source actions of S3, CodeCommit and ECR wait for.
// Those whose configuration is not known before the pipeline runs are left out.
func changes(actions []*placed, unknown func(string) bool) (list []change) {
	for _, p := range actions {
		if p.id.Category != "Source" || p.id.Owner != "AWS" {
			continue
		}
		configuration, err := Configuration(p.Provider)
		if err != nil {
			continue
		}
		value := func(key string) string { return configuration[key] }
		ch := change{placed: p, polls: value("PollForSourceChanges") != "false"}
		var needed []string
		switch p.id.Provider {
		case "CodeCommit":
			repository, branch := value("RepositoryName"), value("BranchName")
			needed = []string{repository, branch}
			ch.what = fmt.Sprintf("the branch %s of %s", branch, repository)
			ch.fields = pattern.ReferenceFilter{
				Repository: pattern.Equals(repository), Type: pattern.Equals("branch"), Name: pattern.Equals(branch),
				Event: pattern.Equals("referenceCreated", "referenceUpdated"),
			}.Fields()
			ch.event = event("aws.codecommit", "CodeCommit Repository State Change", map[string]any{
				"event": "referenceUpdated", "repositoryName": repository, "referenceType": "branch", "referenceName": branch,
				"referenceFullName": "refs/heads/" + branch,
			}, ":codecommit:", repository)
		case "S3":
			bucket, key := value("S3Bucket"), value("S3ObjectKey")
			needed = []string{bucket, key}
			ch.what = fmt.Sprintf("the object %s of %s", key, bucket)
			ch.fields = pattern.Fields{
				"source": pattern.Equals("aws.s3"), "detail-type": pattern.Equals("Object Created"),
				"detail": pattern.Fields{
					"bucket": pattern.Fields{"name": pattern.Equals(bucket)},
					"object": pattern.Fields{"key": pattern.Equals(key)},
				},
			}
			ch.event = event("aws.s3", "Object Created", map[string]any{
				"bucket": map[string]any{"name": bucket}, "object": map[string]any{"key": key},
			}, ":s3:", bucket)
		case "ECR":
			repository, tag := value("RepositoryName"), value("ImageTag")
			if tag == "" {
				tag = "latest"
			}
			needed, ch.polls = []string{repository, tag}, false
			ch.what = fmt.Sprintf("the image %s:%s", repository, tag)
			ch.fields = pattern.Fields{
				"source": pattern.Equals("aws.ecr"), "detail-type": pattern.Equals("ECR Image Action"),
				"detail": pattern.Fields{
					"action-type": pattern.Equals("PUSH"), "result": pattern.Equals("SUCCESS"),
					"repository-name": pattern.Equals(repository), "image-tag": pattern.Equals(tag),
				},
			}
			ch.event = event("aws.ecr", "ECR Image Action", map[string]any{
				"action-type": "PUSH", "result": "SUCCESS", "repository-name": repository, "image-tag": tag,
			}, ":ecr:", repository)
		default:
			continue
		}
		if !slices.ContainsFunc(needed, func(text string) bool { return text == "" || strings.Contains(text, "#{") || unknown(text) }) {
			list = append(list, ch)
		}
	}
	return list
}

// event returns an event of EventBridge.
func event(source, detailType string, detail map[string]any, service, resource string) string {
	data, _ := json.Marshal(map[string]any{
		"version": "0", "id": "00000000-0000-4000-8000-000000000000", "time": "2026-01-01T00:00:00Z",
		"source": source, "detail-type": detailType, "region": "us-east-1", "account": "111122223333",
		"resources": []string{"arn:aws" + service + "us-east-1:111122223333:" + resource}, "detail": detail,
	})
	return string(data)
}

// starts checks what starts the pipeline: nothing, or two things at once.
func (c *checker) starts() {
	all := changes(c.actions, c.unknown)
	for i, ch := range all {
		path := ch.path + ".configuration"
		for _, other := range all[:i] {
			if ch.what == other.what && ch.id.Provider == other.id.Provider {
				c.warnf(path, "the actions %s and %s both fetch %s: one of them is enough", quote(other.Name), quote(ch.Name), quoteless(ch.what))
			}
		}
		var rules []string
		for _, rule := range c.o.EventRules {
			if ok, err := rule.Pattern.Match([]byte(ch.event)); ok && err == nil {
				rules = append(rules, rule.Name)
			}
		}
		switch {
		case ch.polls && len(rules) > 0:
			c.errorf(member(path, "PollForSourceChanges"), "each change of %s starts the pipeline twice: CodePipeline polls, and the event rule %s starts it as well; set PollForSourceChanges to false",
				quoteless(ch.what), quote(rules[0]))
		case len(rules) > 1:
			c.errorf(path, "each change of %s starts the pipeline %d times, by the event rules %s: remove all but one", quoteless(ch.what), len(rules), strings.Join(rules, ", "))
		case ch.polls && c.o.EventRules == nil:
			c.warnf(member(path, "PollForSourceChanges"), "CodePipeline polls for changes of %s, and an event rule beside it would start each run twice: set PollForSourceChanges to false, and make the rule of EventRules", quoteless(ch.what))
		case ch.polls:
			c.warnf(member(path, "PollForSourceChanges"), "CodePipeline polls for changes of %s: set PollForSourceChanges to false, and make the rule of EventRules, which is faster", quoteless(ch.what))
		case c.o.EventRules != nil && len(rules) == 0:
			c.warnf(path, "no event rule starts the pipeline for a change of %s: make the rule of EventRules", quoteless(ch.what))
		}
	}
	c.detection()
}

// detection checks the source actions of connections.
func (c *checker) detection() {
	for _, p := range c.actions {
		if p.id.Category != "Source" || p.id.Provider != connectionProvider {
			continue
		}
		configuration, err := Configuration(p.Provider)
		triggered := slices.ContainsFunc(c.p.Triggers, func(t Trigger) bool { return t.Git != nil && t.Git.SourceAction == p.Name })
		if err == nil && configuration["DetectChanges"] == "false" && !triggered {
			c.warnf(p.path+".configuration.DetectChanges", "no push starts the pipeline: add a trigger for the action %s, unless you start the pipeline yourself", quote(p.Name))
		}
	}
}

// EventRules returns the EventBridge rules that start the pipeline when a source of
// S3, CodeCommit or ECR changes, one for each repository, object or image. The rule's
// target is the ARN of the pipeline, with a role that may call
// codepipeline:StartPipelineExecution on it: see [TargetPolicy]. The bucket of an S3
// source needs its notifications to EventBridge on. The source action has
// PollForSourceChanges "false" then, or each change starts the pipeline twice.
//
// A source whose configuration holds variables has no rule. Connections need none.
func (p *Pipeline) EventRules() ([]EventRule, error) {
	c := checker{p: p}
	c.place()
	var rules []EventRule
	for _, ch := range changes(c.actions, c.unknown) {
		built, err := pattern.New(ch.fields)
		if err != nil {
			return nil, &Error{Path: ch.path, Err: err}
		}
		if i := slices.IndexFunc(rules, func(r EventRule) bool { return r.Pattern.Equal(built) }); i >= 0 {
			rules[i].Actions = append(rules[i].Actions, ch.Name)
			continue
		}
		rules = append(rules, EventRule{Name: ruleName(p.Name, ch.Name), Pattern: built, Actions: []string{ch.Name}})
	}
	return rules, nil
}

// ruleName returns the name of a rule: up to 64 letters, digits, '.', '-' and '_'.
func ruleName(pipeline, action string) string {
	const limit = 64
	name := []byte(pipeline + "-" + action)
	for i, b := range name {
		if b == '@' || b >= 0x80 {
			name[i] = '_'
		}
	}
	if len(name) <= limit {
		return string(name)
	}
	hash := fnv.New32a()
	hash.Write(name)
	return fmt.Sprintf("%s-%08x", name[:limit-9], hash.Sum32())
}

// TargetPolicy returns the policy, as JSON, of the role with which EventBridge starts
// the pipeline with the ARN. The role trusts events.amazonaws.com.
func TargetPolicy(pipelineARN string) string {
	return string(rawJSON(map[string]any{
		"Version": "2012-10-17",
		"Statement": []any{map[string]any{
			"Effect": "Allow", "Action": "codepipeline:StartPipelineExecution", "Resource": pipelineARN,
		}},
	}))
}
