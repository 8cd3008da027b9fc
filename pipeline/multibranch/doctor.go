package multibranch

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/codesuite-go/codesuite/codecommit"
	"github.com/codesuite-go/codesuite/codecommit/trigger"
)

// Finding is something in the set-up that keeps branches from running as they
// should.
type Finding struct {
	Problem string
	Fix     string // what the user can do
}

// String returns the problem and its fix.
func (f Finding) String() string { return f.Problem + ": " + f.Fix }

// diagnosis collects findings.
type diagnosis struct {
	target
	repository *codecommit.Repository
	findings   []Finding
}

func (d *diagnosis) find(fix, problem string, args ...any) {
	d.findings = append(d.findings, Finding{fmt.Sprintf(problem, args...), fix})
}

// Doctor checks the set-up for a repository and returns what it finds: type and
// mode of the pipeline, its source action, the override of object keys, polling,
// the bucket's versioning, EventBridge rules that start the pipeline a second
// time, and the repository's triggers. It changes nothing, but with triggers of
// the handler their destination gets a test event. An error is a check that could
// not be made.
func (h *Handler) Doctor(ctx context.Context, repository string) ([]Finding, error) {
	if h.invalid != nil {
		return nil, h.invalid
	}
	d := &diagnosis{
		target:     h.options.target(),
		repository: codecommit.New(h.clients.CodeCommit, repository),
	}
	if err := d.check(&h.options, true); err != nil {
		return nil, fmt.Errorf("multibranch: %w", err)
	}
	err := errors.Join(h.model.check(ctx, d), h.checkRules(ctx, d), h.checkTriggers(ctx, d))
	if err != nil {
		err = fmt.Errorf("multibranch: check the set-up of %s: %w", repository, err)
	}
	return d.findings, err
}

// checkPipeline checks what all models need of the pipeline.
func (h *Handler) checkPipeline(ctx context.Context, d *diagnosis) (*structure, error) {
	s, err := h.structure(ctx, d.pipeline, -1)
	if err != nil {
		return nil, err
	}
	if s.PipelineType != types.PipelineTypeV2 {
		d.find("update it to the type V2", "the pipeline %s is of type %s, which has no variables and no execution modes", d.pipeline, s.PipelineType)
	}
	if name := h.options.BranchVariable; !s.declares(name) {
		d.find("declare it with a default value", "the pipeline %s does not declare %s, so its actions do not know the branch, and the executions of a deleted branch are not found",
			d.pipeline, name)
	}
	if name := h.options.CommitVariable; !s.declares(name) {
		d.find("declare it with a default value", "the pipeline %s does not declare %s, so its actions do not know the commit",
			d.pipeline, name)
	}
	return s, nil
}

// checkShared checks a pipeline that branches share.
func checkShared(d *diagnosis, s *structure) {
	if s.ExecutionMode != types.ExecutionModeQueued && s.ExecutionMode != types.ExecutionModeParallel {
		d.find("set the execution mode QUEUED or PARALLEL", "the pipeline %s runs in the mode %s, in which the push of one branch replaces a waiting one of another",
			d.pipeline, s.ExecutionMode)
	}
}

// checkRepository checks a pipeline that several repositories may use.
func (h *Handler) checkRepository(d *diagnosis, s *structure) {
	if name := h.options.RepositoryVariable; !s.declares(name) {
		d.find("declare it with a default value", "the pipeline %s, which several repositories may use, does not declare %s, so that the executions of a deleted branch are not found by their variables", d.pipeline, name)
	}
}

// checkSource returns the source action, nil for none, and checks its polling.
func checkSource(d *diagnosis, s *structure, provider, key, value string) *types.ActionDeclaration {
	source, err := s.source(provider, key, value)
	if err != nil {
		d.find("add the source action, or name another pipeline", "%v", err)
		return nil
	}
	if source.Configuration["PollForSourceChanges"] != "false" {
		d.find(`set PollForSourceChanges to "false"`, "the source action %s of %s polls, so that each push starts a second execution", aws.ToString(source.Name), d.pipeline)
	}
	return source
}

func (m *commitModel) check(ctx context.Context, d *diagnosis) error {
	s, err := m.checkPipeline(ctx, d)
	if err != nil {
		return err
	}
	checkShared(d, s)
	if len(s.repositories()) > 1 {
		m.checkRepository(d, s)
	}
	checkSource(d, s, "CodeCommit", "RepositoryName", d.repository.Name())
	return nil
}

func (m *s3Model) check(ctx context.Context, d *diagnosis) error {
	s, err := m.checkPipeline(ctx, d)
	if err != nil {
		return err
	}
	checkShared(d, s)
	m.checkRepository(d, s)
	if source := checkSource(d, s, "S3", "S3Bucket", d.bucket); source != nil && source.Configuration["AllowOverrideForS3ObjectKey"] != "true" {
		d.find(`set AllowOverrideForS3ObjectKey to "true"`, "the source action %s of %s fetches one object key only", aws.ToString(source.Name), d.pipeline)
	}
	out, err := m.clients.S3.GetBucketVersioning(ctx, &awss3.GetBucketVersioningInput{Bucket: &d.bucket})
	if err != nil {
		return s3Error("GetBucketVersioning", d.bucket, "", err)
	}
	if out.Status != s3types.BucketVersioningStatusEnabled {
		d.find("turn its versioning on", "the bucket %s keeps no versions, to which executions are pinned", d.bucket)
	}
	return nil
}

func (m *perBranchModel) check(ctx context.Context, d *diagnosis) error {
	s, err := m.checkPipeline(ctx, d)
	if err != nil {
		return err
	}
	if checkSource(d, s, "CodeCommit", "RepositoryName", d.repository.Name()) == nil {
		return nil
	}
	if _, err := m.clone(s, branch{target: d.target, repository: d.repository, name: "main"}); err != nil {
		d.find("read the secret in the action itself, for instance from Secrets Manager", "%v", err)
	}
	return nil
}

func (h *Handler) checkRules(ctx context.Context, d *diagnosis) error {
	if h.options.Rules == nil {
		return nil
	}
	s, err := h.structure(ctx, d.pipeline, time.Minute)
	if err != nil {
		return nil // found by the model's check
	}
	rules, err := h.options.Rules(ctx, s.arn)
	if err != nil {
		return err
	}
	if len(rules) > 0 {
		d.find("disable them", "the EventBridge rules %s start the pipeline %s as well, so that a push starts two executions", strings.Join(rules, ", "), d.pipeline)
	}
	return nil
}

// checkTriggers checks the triggers of the repository.
func (h *Handler) checkTriggers(ctx context.Context, d *diagnosis) error {
	set := h.triggerSet(d.repository)
	list, err := set.List(ctx)
	if err != nil {
		return err
	}
	branches := 0
	exists := make(map[string]bool)
	for name, err := range d.repository.Branches(ctx) {
		if err != nil {
			return err
		}
		exists[name] = true
		if len(h.branches) == 0 || h.branches.match(name) {
			branches++
		}
	}
	var own []string
	for _, t := range list {
		name, ours := trigger.Branch(h.options.TriggerPrefix, t)
		switch {
		case t.Name == h.allName() && h.options.Triggers == TriggersAll, ours && h.options.Triggers == TriggersPerBranch && exists[name]:
			own = append(own, t.Name)
		case ours && !exists[name]:
			d.find("remove it", "the trigger %s is of the branch %s, which does not exist", t.Name, name)
		case ours || t.Name == h.allName():
			d.find("remove it", "the trigger %s is one of this handler, but its option Triggers is %q, so that pushes may be delivered twice", t.Name, h.options.Triggers)
		case len(t.Branches) == 1 && trigger.Known(t, trigger.Trigger{Branches: t.Branches}):
			d.find("set Adopt, or remove it", "the trigger %s was left by another lifecycle function", t.Name)
		}
	}
	if h.options.Triggers == TriggersPerBranch && branches > trigger.MaxTriggers {
		d.find("use one trigger for all branches, or an EventBridge rule", "%d branches need a trigger each, and a repository has at most %d", branches, trigger.MaxTriggers)
	}
	if len(own) == 0 {
		return nil
	}
	err = set.Test(ctx, own...)
	var failed *trigger.TestError
	if errors.As(err, &failed) {
		fix := "look at the destination"
		if failed.Command != "" {
			fix = "run " + failed.Command
		}
		d.find(fix, "CodeCommit cannot run the trigger %s: %s", failed.Trigger.Name, failed.Message)
		return nil
	}
	return err
}
