package definition

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"

	"github.com/codesuite-go/codesuite/internal/apierror"
	"github.com/codesuite-go/codesuite/pipeline"
	"github.com/codesuite-go/codesuite/pipeline/actiontype"
)

// API is the part of the AWS SDK's CodePipeline client that the package calls.
// [*awscodepipeline.Client] implements it. A fake should embed the interface, so
// that it still compiles when the interface grows.
type API interface {
	CreatePipeline(context.Context, *awscodepipeline.CreatePipelineInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.CreatePipelineOutput, error)
	GetPipeline(context.Context, *awscodepipeline.GetPipelineInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.GetPipelineOutput, error)
	UpdatePipeline(context.Context, *awscodepipeline.UpdatePipelineInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.UpdatePipelineOutput, error)
}

var _ API = (*awscodepipeline.Client)(nil)

// Options configure [Pipeline.Create], [Pipeline.Update] and [Pipeline.Ensure]. The
// zero value holds the defaults.
type Options struct {
	// Types and EventRules are those of [CheckOptions].
	Types      []actiontype.Type
	EventRules []EventRule
	// SkipCheck leaves the structure to the service, whose first error ends the call.
	SkipCheck bool
	// Tags are put on a pipeline that is created. An update does not change them.
	Tags map[string]string
	// DryRun makes Update and Ensure return the differences without changing
	// anything.
	DryRun bool
}

// Outcome is what became of a pipeline.
type Outcome struct {
	Created bool
	// Version is the version of the structure now. It is 0 for a dry run of a
	// creation.
	Version int
	// Differences are those between the structure before and the new one. There
	// are none if nothing was changed, or the pipeline was created.
	Differences []Difference
	// Warnings are the findings of Check.
	Warnings []Finding
}

// Get returns the structure of a pipeline and its metadata. It calls GetPipeline.
//
// The error is an [fs.ErrNotExist] if there is no such pipeline. Secret values of
// the structure are ****.
func Get(ctx context.Context, api API, name string) (*Document, error) {
	if api == nil {
		return nil, errNoAPI
	}
	out, err := api.GetPipeline(ctx, &awscodepipeline.GetPipelineInput{Name: &name})
	if err == nil && (out == nil || out.Pipeline == nil) {
		err = apierror.ErrNoReply
	}
	if err != nil {
		return nil, failed("GetPipeline", name, err)
	}
	p, err := FromDeclaration(out.Pipeline)
	if err != nil {
		return nil, err
	}
	d := &Document{Pipeline: *p}
	if m := out.Metadata; m != nil {
		d.Metadata = &Metadata{ARN: aws.ToString(m.PipelineArn)}
		for _, at := range []struct {
			name string
			time *time.Time
		}{{"created", m.Created}, {"updated", m.Updated}, {"pollingDisabledAt", m.PollingDisabledAt}} {
			if at.time == nil {
				continue
			}
			if d.Metadata.Other == nil {
				d.Metadata.Other = make(Members)
			}
			d.Metadata.Other[at.name] = rawJSON(at.time.UTC().Format(time.RFC3339Nano))
		}
	}
	return d, nil
}

// Create creates the pipeline, which starts a first execution. It calls
// CreatePipeline.
//
// The error is a [*CheckError] if the structure has errors, and an [fs.ErrExist] if
// the pipeline exists.
func (p *Pipeline) Create(ctx context.Context, api API, optFns ...func(*Options)) (*Outcome, error) {
	o, declaration, warnings, err := p.prepare(api, optFns)
	if err != nil {
		return nil, err
	}
	return p.create(ctx, api, o, declaration, warnings)
}

func (p *Pipeline) create(ctx context.Context, api API, o Options, declaration *types.PipelineDeclaration, warnings []Finding) (*Outcome, error) {
	outcome := &Outcome{Created: true, Warnings: warnings}
	if o.DryRun {
		return outcome, nil
	}
	in := &awscodepipeline.CreatePipelineInput{Pipeline: declaration}
	for _, key := range slices.Sorted(maps.Keys(o.Tags)) {
		in.Tags = append(in.Tags, types.Tag{Key: aws.String(key), Value: aws.String(o.Tags[key])})
	}
	out, err := api.CreatePipeline(ctx, in)
	if err == nil && (out == nil || out.Pipeline == nil) {
		err = apierror.ErrNoReply
	}
	if err != nil {
		return nil, failed("CreatePipeline", p.Name, err)
	}
	outcome.Version = int(aws.ToInt32(out.Pipeline.Version))
	return outcome, nil
}

// Update gives the pipeline the structure. It calls GetPipeline, and UpdatePipeline
// if the structures differ. Running executions go on with the structure that they
// were started with.
//
// The error is a [*CheckError] if the structure has errors, and an
// [fs.ErrNotExist] if the pipeline does not exist.
func (p *Pipeline) Update(ctx context.Context, api API, optFns ...func(*Options)) (*Outcome, error) {
	o, declaration, warnings, err := p.prepare(api, optFns)
	if err != nil {
		return nil, err
	}
	return p.update(ctx, api, o, declaration, warnings)
}

func (p *Pipeline) update(ctx context.Context, api API, o Options, declaration *types.PipelineDeclaration, warnings []Finding) (*Outcome, error) {
	existing, err := Get(ctx, api, p.Name)
	if err != nil {
		return nil, err
	}
	planned := *p
	planned.Stages = withRegions(p.Stages, existing.Pipeline.Stages, regionOf(api))
	diffs, err := Diff(&existing.Pipeline, &planned)
	if err != nil {
		return nil, err
	}
	outcome := &Outcome{Version: existing.Pipeline.Version, Differences: diffs, Warnings: warnings}
	if len(diffs) == 0 || o.DryRun {
		return outcome, nil
	}
	out, err := api.UpdatePipeline(ctx, &awscodepipeline.UpdatePipelineInput{Pipeline: declaration})
	if err == nil && (out == nil || out.Pipeline == nil) {
		err = apierror.ErrNoReply
	}
	if err != nil {
		return nil, failed("UpdatePipeline", p.Name, err)
	}
	outcome.Version = int(aws.ToInt32(out.Pipeline.Version))
	return outcome, nil
}

// withRegions returns planned stages whose actions without a Region have that of
// the existing action if it is the Region of the pipeline, "" if that is not known:
// CodePipeline may have filled it in.
func withRegions(planned, existing []Stage, home string) []Stage {
	regions := make(map[[2]string]string)
	for _, s := range existing {
		for _, a := range s.Actions {
			if home == "" || a.Region == home {
				regions[[2]string{s.Name, a.Name}] = a.Region
			}
		}
	}
	stages := slices.Clone(planned)
	for i := range stages {
		stages[i].Actions = slices.Clone(stages[i].Actions)
		for j := range stages[i].Actions {
			if a := &stages[i].Actions[j]; a.Region == "" {
				a.Region = regions[[2]string{stages[i].Name, a.Name}]
			}
		}
	}
	return stages
}

// Ensure creates the pipeline if it does not exist, and updates it if its structure
// differs. It changes nothing if the structures are the same, so that it can be
// repeated. It calls GetPipeline, and CreatePipeline or UpdatePipeline.
//
// Secret values cannot be compared, because GetPipeline does not return them: call
// Update with a changed structure, or UpdatePipeline, to give an action a new token.
func (p *Pipeline) Ensure(ctx context.Context, api API, optFns ...func(*Options)) (*Outcome, error) {
	o, declaration, warnings, err := p.prepare(api, optFns)
	if err != nil {
		return nil, err
	}
	outcome, err := p.update(ctx, api, o, declaration, warnings)
	if !errors.Is(err, fs.ErrNotExist) {
		return outcome, err
	}
	outcome, err = p.create(ctx, api, o, declaration, warnings)
	if errors.Is(err, fs.ErrExist) { // somebody else has created it in between
		return p.update(ctx, api, o, declaration, warnings)
	}
	return outcome, err
}

// prepare checks the structure and returns it as the SDK declares it.
func (p *Pipeline) prepare(api API, optFns []func(*Options)) (o Options, d *types.PipelineDeclaration, warnings []Finding, err error) {
	for _, fn := range optFns {
		fn(&o)
	}
	if api == nil {
		return o, nil, nil, errNoAPI
	}
	findings := p.Check(func(c *CheckOptions) {
		c.Types, c.EventRules = o.Types, o.EventRules
		c.Region = regionOf(api)
	})
	if !o.SkipCheck && HasErrors(findings) {
		return o, nil, nil, &CheckError{Pipeline: p.Name, Findings: findings}
	}
	d, err = p.Declaration()
	return o, d, findings, err
}

// regionOf returns the Region of the SDK's client, "" of any other API.
func regionOf(api API) string {
	sdk, ok := api.(interface {
		Options() awscodepipeline.Options
	})
	if !ok {
		return ""
	}
	return sdk.Options().Region
}

var errNoAPI = errors.New("definition: there is no API: pass a CodePipeline client")

// failed returns the error of a call of CodePipeline.
func failed(operation, name string, err error) error {
	return &pipeline.Error{Operation: operation, Pipeline: name, Err: err}
}
