package multibranch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"

	"github.com/codesuite-go/codesuite/internal/apierror"
	"github.com/codesuite-go/codesuite/internal/branchslug"
	"github.com/codesuite-go/codesuite/pipeline"
)

// perBranchModel is ModelPerBranch.
type perBranchModel struct{ *Handler }

// The tags of a pipeline that the handler made.
const (
	tagTemplate   = "codesuite:template"   // name of the template pipeline
	tagRepository = "codesuite:repository" // name of the repository
	tagBranch     = "codesuite:branch"     // the branch, written as in names of triggers
	tagCommit     = "codesuite:commit"     // of the newest push
	tagPushed     = "codesuite:pushed"     // its time, RFC 3339
)

// PipelineName returns the name of the pipeline that [ModelPerBranch] keeps for a
// branch: the template's name, cut to 40 characters, and the branch, written as
// in the names of triggers.
func PipelineName(template, branch string) string {
	const limit, longest = 100, 40
	template = template[:min(len(template), longest)]
	return template + "-" + branchslug.Encode(branch, limit-len(template)-1)
}

// maxTag is the length of a tag's value.
const maxTag = 256

// identity returns the tags that say whose pipeline it is.
func identity(b branch) map[string]string {
	return map[string]string{
		tagTemplate: b.pipeline, tagRepository: b.repository.Name(), tagBranch: branchslug.Encode(b.name, maxTag),
	}
}

// clone returns the structure for the pipeline of the branch.
func (m *perBranchModel) clone(template *structure, b branch) (*types.PipelineDeclaration, error) {
	data, err := json.Marshal(template.PipelineDeclaration)
	if err != nil {
		return nil, err
	}
	var c types.PipelineDeclaration
	if err := json.Unmarshal(data, &c); err != nil {
		return nil, err
	}
	c.Name, c.Version = aws.String(PipelineName(b.pipeline, b.name)), nil
	source, err := (&structure{PipelineDeclaration: &c}).source("CodeCommit", "RepositoryName", b.repository.Name())
	if err != nil {
		return nil, err
	}
	source.Configuration["BranchName"] = b.name
	source.Configuration["PollForSourceChanges"] = "false"
	for _, stage := range c.Stages {
		for _, a := range stage.Actions {
			for key, value := range a.Configuration {
				if value == "****" {
					return nil, fmt.Errorf("the template %s cannot be copied: its action %s has the secret configuration %s, which CodePipeline does not reveal",
						b.pipeline, aws.ToString(a.Name), key)
				}
			}
		}
	}
	for i := range c.Variables {
		switch v := &c.Variables[i]; aws.ToString(v.Name) {
		case m.options.BranchVariable:
			v.DefaultValue = &b.name
		case m.options.RepositoryVariable:
			v.DefaultValue = aws.String(b.repository.Name())
		}
	}
	return &c, nil
}

func (m *perBranchModel) start(ctx context.Context, p push) (execution, error) {
	template, err := m.structure(ctx, p.pipeline, m.options.CacheTime)
	if err != nil {
		return execution{}, err
	}
	wanted, err := m.clone(template, p.branch)
	if err != nil {
		return execution{}, err
	}
	existing, err := m.ensure(ctx, &p, wanted)
	if err != nil || existing == nil {
		return execution{}, err
	}
	source, err := existing.source("CodeCommit", "RepositoryName", p.repository.Name())
	if err != nil {
		return execution{}, err
	}
	e, err := m.run(ctx, existing, p, pipeline.SourceRevisionOverride{
		Action: aws.ToString(source.Name), Type: pipeline.RevisionCommitID, Value: p.commit.ID,
	})
	if err != nil {
		return execution{}, err
	}
	tags := map[string]string{tagCommit: p.commit.ID}
	if !p.pushed.IsZero() {
		tags[tagPushed] = p.pushed.Format(time.RFC3339)
	}
	_, err = m.clients.CodePipeline.TagResource(ctx, &awscodepipeline.TagResourceInput{ResourceArn: &existing.arn, Tags: wireTags(tags)})
	switch {
	case err == nil, apierror.Code(err) == "ResourceNotFoundException": // the branch was deleted
		return e, nil
	}
	return execution{}, failed("TagResource", e.pipeline, err)
}

// ensure returns the branch's pipeline with the wanted structure. It returns nil
// if a newer push was there before. A push that is recorded already gets the
// time of the record.
func (m *perBranchModel) ensure(ctx context.Context, p *push, wanted *types.PipelineDeclaration) (*structure, error) {
	name := aws.ToString(wanted.Name)
	for tries := 0; ; tries++ {
		existing, err := m.structure(ctx, name, 0)
		switch {
		case err == nil:
			return m.update(ctx, p, wanted, existing)
		case !errors.Is(err, fs.ErrNotExist):
			return nil, err
		}
		_, err = m.clients.CodePipeline.CreatePipeline(ctx, &awscodepipeline.CreatePipelineInput{Pipeline: wanted, Tags: wireTags(identity(p.branch))})
		switch {
		case err == nil:
			return m.created(ctx, name)
		case apierror.Code(err) == "PipelineNameInUseException" && tries < 3:
			// Another delivery was faster.
		default:
			return nil, failed("CreatePipeline", name, err)
		}
	}
}

// created stops the execution that CodePipeline starts with a new pipeline: it
// has neither a pinned commit nor the variables.
func (m *perBranchModel) created(ctx context.Context, name string) (*structure, error) {
	running, err := m.running(ctx, name)
	if err != nil {
		return nil, err
	}
	for _, e := range running {
		if e.Trigger.Type != string(types.TriggerTypeCreatePipeline) {
			continue
		}
		if err := m.stop(ctx, execution{name, e.ID}, "The execution of the pushed commit follows"); err != nil {
			return nil, err
		}
	}
	return m.structure(ctx, name, 0)
}

// update changes the structure of the branch's pipeline if it is not the wanted
// one.
func (m *perBranchModel) update(ctx context.Context, p *push, wanted *types.PipelineDeclaration, existing *structure) (*structure, error) {
	tags, err := m.tags(ctx, p.branch, existing)
	if err != nil {
		return nil, err
	}
	if pushed, err := time.Parse(time.RFC3339, tags[tagPushed]); err == nil {
		switch {
		case p.same(tags[tagCommit], pushed):
			p.pushed = pushed
		case !m.options.EveryPush && !p.pushed.IsZero() && pushed.After(p.pushed):
			if overtaken, err := m.overtaken(ctx, *p, tags[tagCommit]); overtaken || err != nil {
				return nil, err
			}
		}
	}
	is := *existing.PipelineDeclaration
	is.Version = nil
	same, err := equal(&is, wanted)
	if err != nil || same {
		return existing, err
	}
	name := aws.ToString(wanted.Name)
	if _, err := m.clients.CodePipeline.UpdatePipeline(ctx, &awscodepipeline.UpdatePipelineInput{Pipeline: wanted}); err != nil {
		return nil, failed("UpdatePipeline", name, err)
	}
	return m.structure(ctx, name, 0)
}

func equal(a, b *types.PipelineDeclaration) (bool, error) {
	x, err := json.Marshal(a)
	if err != nil {
		return false, err
	}
	y, err := json.Marshal(b)
	return string(x) == string(y), err
}

// tags returns the tags of the branch's pipeline. A pipeline with other or no
// tags of the handler is an error: it is not touched.
func (m *perBranchModel) tags(ctx context.Context, b branch, existing *structure) (map[string]string, error) {
	name := aws.ToString(existing.Name)
	tags := make(map[string]string)
	in := &awscodepipeline.ListTagsForResourceInput{ResourceArn: &existing.arn}
	for range 10 { // pages: a resource has up to 50 tags
		out, err := m.clients.CodePipeline.ListTagsForResource(ctx, in)
		if err == nil && out == nil {
			err = apierror.ErrNoReply
		}
		if err != nil {
			return nil, failed("ListTagsForResource", name, err)
		}
		for _, t := range out.Tags {
			tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
		}
		if in.NextToken = out.NextToken; aws.ToString(in.NextToken) == "" {
			break
		}
	}
	for key, want := range identity(b) {
		if tags[key] != want {
			return nil, fmt.Errorf("the pipeline %s has the tag %s %q instead of %q: it is not of this branch and is left alone; rename or delete it",
				name, key, tags[key], want)
		}
	}
	return tags, nil
}

func wireTags(tags map[string]string) (list []types.Tag) {
	for key, value := range tags {
		list = append(list, types.Tag{Key: aws.String(key), Value: aws.String(value)})
	}
	return list
}

// remove stops the executions of the branch's pipeline and deletes it.
func (m *perBranchModel) remove(ctx context.Context, b branch) error {
	name := PipelineName(b.pipeline, b.name)
	existing, err := m.structure(ctx, name, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := m.tags(ctx, b, existing); err != nil {
		return err
	}
	if !m.options.KeepRunning {
		running, err := m.running(ctx, name)
		if err != nil {
			return err
		}
		for _, e := range running {
			if err := m.stop(ctx, execution{name, e.ID}, "The branch was deleted"); err != nil {
				return err
			}
		}
	}
	m.structures.forget(name)
	if _, err := m.clients.CodePipeline.DeletePipeline(ctx, &awscodepipeline.DeletePipelineInput{Name: &name}); err != nil {
		return failed("DeletePipeline", name, err)
	}
	return nil
}
